//! CreatePartitions, API key 37: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of CreatePartitions (API key 37).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+", key = 37, response = CreatePartitionsResponse)]
pub struct CreatePartitionsRequest {
    #[field(versions = "0+")]
    pub topics: Vec<CreatePartitionsTopic>,
    #[field(versions = "0+")]
    pub timeout_ms: i32,
    #[field(versions = "0+")]
    pub validate_only: bool,
}

/// Part of [`CreatePartitionsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatePartitionsTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub count: i32,
    #[field(versions = "0+", nullable = "0+")]
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

/// Part of [`CreatePartitionsTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatePartitionsAssignment {
    #[field(versions = "0+")]
    pub broker_ids: Vec<i32>,
}

/// Response of CreatePartitions (API key 37).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+")]
pub struct CreatePartitionsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub results: Vec<CreatePartitionsTopicResult>,
}

/// Part of [`CreatePartitionsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatePartitionsTopicResult {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
}
