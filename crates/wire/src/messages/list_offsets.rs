//! ListOffsets, API key 2: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of ListOffsets (API key 2).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-11", flexible = "6+", key = 2, response = ListOffsetsResponse)]
pub struct ListOffsetsRequest {
    #[field(versions = "0+")]
    pub replica_id: i32,
    #[field(versions = "2+")]
    pub isolation_level: i8,
    #[field(versions = "0+")]
    pub topics: Vec<ListOffsetsTopic>,
    #[field(versions = "10+", ignorable)]
    pub timeout_ms: i32,
}

/// Part of [`ListOffsetsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListOffsetsTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<ListOffsetsPartition>,
}

/// Part of [`ListOffsetsTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListOffsetsPartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "4+", default = "-1", ignorable)]
    pub current_leader_epoch: i32,
    #[field(versions = "0+")]
    pub timestamp: i64,
    #[field(versions = "0", default = "1")]
    pub max_num_offsets: i32,
}

/// Response of ListOffsets (API key 2).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-11", flexible = "6+")]
pub struct ListOffsetsResponse {
    #[field(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub topics: Vec<ListOffsetsTopicResponse>,
}

/// Part of [`ListOffsetsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListOffsetsTopicResponse {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<ListOffsetsPartitionResponse>,
}

/// Part of [`ListOffsetsTopicResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListOffsetsPartitionResponse {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0")]
    pub old_style_offsets: Vec<i64>,
    #[field(versions = "1+", default = "-1")]
    pub timestamp: i64,
    #[field(versions = "1+", default = "-1")]
    pub offset: i64,
    #[field(versions = "4+", default = "-1")]
    pub leader_epoch: i32,
}
