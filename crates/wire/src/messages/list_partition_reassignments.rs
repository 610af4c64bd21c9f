//! ListPartitionReassignments, API key 46: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of ListPartitionReassignments (API key 46).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 46, response = ListPartitionReassignmentsResponse)]
pub struct ListPartitionReassignmentsRequest {
    #[field(versions = "0+", default = "60000")]
    pub timeout_ms: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
}

/// Part of [`ListPartitionReassignmentsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListPartitionReassignmentsTopics {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partition_indexes: Vec<i32>,
}

/// Response of ListPartitionReassignments (API key 46).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct ListPartitionReassignmentsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub topics: Vec<OngoingTopicReassignment>,
}

/// Part of [`ListPartitionReassignmentsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OngoingTopicReassignment {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<OngoingPartitionReassignment>,
}

/// Part of [`OngoingTopicReassignment`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OngoingPartitionReassignment {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub replicas: Vec<i32>,
    #[field(versions = "0+")]
    pub adding_replicas: Vec<i32>,
    #[field(versions = "0+")]
    pub removing_replicas: Vec<i32>,
}
