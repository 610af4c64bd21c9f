//! OffsetFetch, API key 9: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of OffsetFetch (API key 9).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-10", flexible = "6+", key = 9, response = OffsetFetchResponse)]
pub struct OffsetFetchRequest {
    #[field(versions = "0-7")]
    pub group_id: StrBytes,
    #[field(versions = "0-7", nullable = "2-7")]
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    #[field(versions = "8+")]
    pub groups: Vec<OffsetFetchRequestGroup>,
    #[field(versions = "7+")]
    pub require_stable: bool,
}

/// Part of [`OffsetFetchRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchRequestTopic {
    #[field(versions = "0-7")]
    pub name: StrBytes,
    #[field(versions = "0-7")]
    pub partition_indexes: Vec<i32>,
}

/// Part of [`OffsetFetchRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchRequestGroup {
    #[field(versions = "8+")]
    pub group_id: StrBytes,
    #[field(versions = "9+", nullable = "9+", default = "null", ignorable)]
    pub member_id: Option<StrBytes>,
    #[field(versions = "9+", default = "-1", ignorable)]
    pub member_epoch: i32,
    #[field(versions = "8+", nullable = "8+")]
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

/// Part of [`OffsetFetchRequestGroup`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchRequestTopics {
    #[field(versions = "8-9", ignorable)]
    pub name: StrBytes,
    #[field(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    #[field(versions = "8+")]
    pub partition_indexes: Vec<i32>,
}

/// Response of OffsetFetch (API key 9).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-10", flexible = "6+")]
pub struct OffsetFetchResponse {
    #[field(versions = "3+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0-7")]
    pub topics: Vec<OffsetFetchResponseTopic>,
    #[field(versions = "2-7", ignorable)]
    pub error_code: i16,
    #[field(versions = "8+")]
    pub groups: Vec<OffsetFetchResponseGroup>,
}

/// Part of [`OffsetFetchResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponseTopic {
    #[field(versions = "0-7")]
    pub name: StrBytes,
    #[field(versions = "0-7")]
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

/// Part of [`OffsetFetchResponseTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponsePartition {
    #[field(versions = "0-7")]
    pub partition_index: i32,
    #[field(versions = "0-7")]
    pub committed_offset: i64,
    #[field(versions = "5-7", default = "-1", ignorable)]
    pub committed_leader_epoch: i32,
    #[field(versions = "0-7", nullable = "0-7")]
    pub metadata: Option<StrBytes>,
    #[field(versions = "0-7")]
    pub error_code: i16,
}

/// Part of [`OffsetFetchResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponseGroup {
    #[field(versions = "8+")]
    pub group_id: StrBytes,
    #[field(versions = "8+")]
    pub topics: Vec<OffsetFetchResponseTopics>,
    #[field(versions = "8+")]
    pub error_code: i16,
}

/// Part of [`OffsetFetchResponseGroup`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponseTopics {
    #[field(versions = "8-9", ignorable)]
    pub name: StrBytes,
    #[field(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    #[field(versions = "8+")]
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

/// Part of [`OffsetFetchResponseTopics`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponsePartitions {
    #[field(versions = "8+")]
    pub partition_index: i32,
    #[field(versions = "8+")]
    pub committed_offset: i64,
    #[field(versions = "8+", default = "-1", ignorable)]
    pub committed_leader_epoch: i32,
    #[field(versions = "8+", nullable = "8+")]
    pub metadata: Option<StrBytes>,
    #[field(versions = "8+")]
    pub error_code: i16,
}
