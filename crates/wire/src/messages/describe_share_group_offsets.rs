//! DescribeShareGroupOffsets, API key 90: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of DescribeShareGroupOffsets (API key 90).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "0+", key = 90, response = DescribeShareGroupOffsetsResponse)]
pub struct DescribeShareGroupOffsetsRequest {
    #[field(versions = "0+")]
    pub groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
}

/// Part of [`DescribeShareGroupOffsetsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsRequestGroup {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+", nullable = "0+")]
    pub topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
}

/// Part of [`DescribeShareGroupOffsetsRequestGroup`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsRequestTopic {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}

/// Response of DescribeShareGroupOffsets (API key 90).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "0+")]
pub struct DescribeShareGroupOffsetsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
}

/// Part of [`DescribeShareGroupOffsetsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsResponseGroup {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub topics: Vec<DescribeShareGroupOffsetsResponseTopic>,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
}

/// Part of [`DescribeShareGroupOffsetsResponseGroup`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsResponseTopic {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<DescribeShareGroupOffsetsResponsePartition>,
}

/// Part of [`DescribeShareGroupOffsetsResponseTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsResponsePartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub start_offset: i64,
    #[field(versions = "0+")]
    pub leader_epoch: i32,
    #[field(versions = "1+", default = "-1", ignorable)]
    pub lag: i64,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
}
