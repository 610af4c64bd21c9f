//! OffsetForLeaderEpoch, API key 23: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of OffsetForLeaderEpoch (API key 23).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "4+", key = 23, response = OffsetForLeaderEpochResponse)]
pub struct OffsetForLeaderEpochRequest {
    #[field(versions = "3+", default = "-2", ignorable)]
    pub replica_id: i32,
    #[field(versions = "0+")]
    pub topics: Vec<OffsetForLeaderTopic>,
}

/// Part of [`OffsetForLeaderEpochRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetForLeaderTopic {
    #[field(versions = "0+")]
    pub topic: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<OffsetForLeaderPartition>,
}

/// Part of [`OffsetForLeaderTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetForLeaderPartition {
    #[field(versions = "0+")]
    pub partition: i32,
    #[field(versions = "2+", default = "-1", ignorable)]
    pub current_leader_epoch: i32,
    #[field(versions = "0+")]
    pub leader_epoch: i32,
}

/// Response of OffsetForLeaderEpoch (API key 23).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "4+")]
pub struct OffsetForLeaderEpochResponse {
    #[field(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub topics: Vec<OffsetForLeaderTopicResult>,
}

/// Part of [`OffsetForLeaderEpochResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetForLeaderTopicResult {
    #[field(versions = "0+")]
    pub topic: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<EpochEndOffset>,
}

/// Part of [`OffsetForLeaderTopicResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EpochEndOffset {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub partition: i32,
    #[field(versions = "1+", default = "-1", ignorable)]
    pub leader_epoch: i32,
    #[field(versions = "0+", default = "-1")]
    pub end_offset: i64,
}
