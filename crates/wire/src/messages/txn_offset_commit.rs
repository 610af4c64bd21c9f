//! TxnOffsetCommit, API key 28: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of TxnOffsetCommit (API key 28).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "3+", key = 28, response = TxnOffsetCommitResponse)]
pub struct TxnOffsetCommitRequest {
    #[field(versions = "0+")]
    pub transactional_id: StrBytes,
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub producer_id: i64,
    #[field(versions = "0+")]
    pub producer_epoch: i16,
    #[field(versions = "3+", default = "-1")]
    pub generation_id: i32,
    #[field(versions = "3+")]
    pub member_id: StrBytes,
    #[field(versions = "3+", nullable = "3+", default = "null")]
    pub group_instance_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
}

/// Part of [`TxnOffsetCommitRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TxnOffsetCommitRequestTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
}

/// Part of [`TxnOffsetCommitRequestTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TxnOffsetCommitRequestPartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub committed_offset: i64,
    #[field(versions = "2+", default = "-1", ignorable)]
    pub committed_leader_epoch: i32,
    #[field(versions = "0+", nullable = "0+")]
    pub committed_metadata: Option<StrBytes>,
}

/// Response of TxnOffsetCommit (API key 28).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "3+")]
pub struct TxnOffsetCommitResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub topics: Vec<TxnOffsetCommitResponseTopic>,
}

/// Part of [`TxnOffsetCommitResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TxnOffsetCommitResponseTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<TxnOffsetCommitResponsePartition>,
}

/// Part of [`TxnOffsetCommitResponseTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TxnOffsetCommitResponsePartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
}
