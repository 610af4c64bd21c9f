//! AlterShareGroupOffsets, API key 91: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of AlterShareGroupOffsets (API key 91).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 91, response = AlterShareGroupOffsetsResponse)]
pub struct AlterShareGroupOffsetsRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub topics: Vec<AlterShareGroupOffsetsRequestTopic>,
}

/// Part of [`AlterShareGroupOffsetsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterShareGroupOffsetsRequestTopic {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<AlterShareGroupOffsetsRequestPartition>,
}

/// Part of [`AlterShareGroupOffsetsRequestTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterShareGroupOffsetsRequestPartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub start_offset: i64,
}

/// Response of AlterShareGroupOffsets (API key 91).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct AlterShareGroupOffsetsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub responses: Vec<AlterShareGroupOffsetsResponseTopic>,
}

/// Part of [`AlterShareGroupOffsetsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterShareGroupOffsetsResponseTopic {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<AlterShareGroupOffsetsResponsePartition>,
}

/// Part of [`AlterShareGroupOffsetsResponseTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterShareGroupOffsetsResponsePartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
}
