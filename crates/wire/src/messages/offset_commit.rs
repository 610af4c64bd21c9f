//! OffsetCommit, API key 8: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of OffsetCommit (API key 8).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-10", flexible = "8+", key = 8, response = OffsetCommitResponse)]
pub struct OffsetCommitRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "1+", default = "-1", ignorable)]
    pub generation_id_or_member_epoch: i32,
    #[field(versions = "1+", ignorable)]
    pub member_id: StrBytes,
    #[field(versions = "7+", nullable = "7+", default = "null")]
    pub group_instance_id: Option<StrBytes>,
    #[field(versions = "2-4", default = "-1", ignorable)]
    pub retention_time_ms: i64,
    #[field(versions = "0+")]
    pub topics: Vec<OffsetCommitRequestTopic>,
}

/// Part of [`OffsetCommitRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetCommitRequestTopic {
    #[field(versions = "0-9", ignorable)]
    pub name: StrBytes,
    #[field(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

/// Part of [`OffsetCommitRequestTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetCommitRequestPartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub committed_offset: i64,
    #[field(versions = "6+", default = "-1", ignorable)]
    pub committed_leader_epoch: i32,
    #[field(versions = "1", default = "-1")]
    pub commit_timestamp: i64,
    #[field(versions = "0+", nullable = "0+")]
    pub committed_metadata: Option<StrBytes>,
}

/// Response of OffsetCommit (API key 8).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-10", flexible = "8+")]
pub struct OffsetCommitResponse {
    #[field(versions = "3+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub topics: Vec<OffsetCommitResponseTopic>,
}

/// Part of [`OffsetCommitResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetCommitResponseTopic {
    #[field(versions = "0-9", ignorable)]
    pub name: StrBytes,
    #[field(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

/// Part of [`OffsetCommitResponseTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetCommitResponsePartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
}
