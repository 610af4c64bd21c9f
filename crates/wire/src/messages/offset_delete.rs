//! OffsetDelete, API key 47: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of OffsetDelete (API key 47).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "none", key = 47, response = OffsetDeleteResponse)]
pub struct OffsetDeleteRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

/// Part of [`OffsetDeleteRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetDeleteRequestTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

/// Part of [`OffsetDeleteRequestTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetDeleteRequestPartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
}

/// Response of OffsetDelete (API key 47).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "none")]
pub struct OffsetDeleteResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

/// Part of [`OffsetDeleteResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetDeleteResponseTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

/// Part of [`OffsetDeleteResponseTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetDeleteResponsePartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
}
