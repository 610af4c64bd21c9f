//! AlterPartitionReassignments, API key 45: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of AlterPartitionReassignments (API key 45).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "0+", key = 45, response = AlterPartitionReassignmentsResponse)]
pub struct AlterPartitionReassignmentsRequest {
    #[field(versions = "0+", default = "60000")]
    pub timeout_ms: i32,
    #[field(versions = "1+", default = "true")]
    pub allow_replication_factor_change: bool,
    #[field(versions = "0+")]
    pub topics: Vec<ReassignableTopic>,
}

/// Part of [`AlterPartitionReassignmentsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReassignableTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<ReassignablePartition>,
}

/// Part of [`ReassignableTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReassignablePartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub replicas: Option<Vec<i32>>,
}

/// Response of AlterPartitionReassignments (API key 45).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "0+")]
pub struct AlterPartitionReassignmentsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "1+", default = "true", ignorable)]
    pub allow_replication_factor_change: bool,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub responses: Vec<ReassignableTopicResponse>,
}

/// Part of [`AlterPartitionReassignmentsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReassignableTopicResponse {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<ReassignablePartitionResponse>,
}

/// Part of [`ReassignableTopicResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReassignablePartitionResponse {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
}
