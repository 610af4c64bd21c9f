//! ShareGroupDescribe, API key 77: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of ShareGroupDescribe (API key 77).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "1", flexible = "0+", key = 77, response = ShareGroupDescribeResponse)]
pub struct ShareGroupDescribeRequest {
    #[field(versions = "0+")]
    pub group_ids: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub include_authorized_operations: bool,
}

/// Response of ShareGroupDescribe (API key 77).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "1", flexible = "0+")]
pub struct ShareGroupDescribeResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub groups: Vec<DescribedGroup>,
}

/// Part of [`ShareGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedGroup {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub group_state: StrBytes,
    #[field(versions = "0+")]
    pub group_epoch: i32,
    #[field(versions = "0+")]
    pub assignment_epoch: i32,
    #[field(versions = "0+")]
    pub assignor_name: StrBytes,
    #[field(versions = "0+")]
    pub members: Vec<Member>,
    #[field(versions = "0+", default = "-2147483648")]
    pub authorized_operations: i32,
}

/// Part of [`DescribedGroup`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Member {
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub rack_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub member_epoch: i32,
    #[field(versions = "0+")]
    pub client_id: StrBytes,
    #[field(versions = "0+")]
    pub client_host: StrBytes,
    #[field(versions = "0+")]
    pub subscribed_topic_names: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub assignment: Assignment,
}

/// Shared part of [`ShareGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}

/// Shared part of [`ShareGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Assignment {
    #[field(versions = "0+")]
    pub topic_partitions: Vec<TopicPartitions>,
}
