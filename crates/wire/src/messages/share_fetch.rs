//! ShareFetch, API key 78: request and response.

use crate::Message;
use crate::types::{Records, StrBytes, Uuid};

/// Request of ShareFetch (API key 78).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "1-2", flexible = "0+", key = 78, response = ShareFetchResponse)]
pub struct ShareFetchRequest {
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub group_id: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+")]
    pub member_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub share_session_epoch: i32,
    #[field(versions = "0+")]
    pub max_wait_ms: i32,
    #[field(versions = "0+")]
    pub min_bytes: i32,
    #[field(versions = "0+", default = "2147483647")]
    pub max_bytes: i32,
    #[field(versions = "1+")]
    pub max_records: i32,
    #[field(versions = "1+")]
    pub batch_size: i32,
    #[field(versions = "2+", ignorable)]
    pub share_acquire_mode: i8,
    #[field(versions = "2+")]
    pub is_renew_ack: bool,
    #[field(versions = "0+")]
    pub topics: Vec<FetchTopic>,
    #[field(versions = "0+")]
    pub forgotten_topics_data: Vec<ForgottenTopic>,
}

/// Part of [`ShareFetchRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FetchTopic {
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<FetchPartition>,
}

/// Part of [`FetchTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FetchPartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

/// Part of [`FetchPartition`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcknowledgementBatch {
    #[field(versions = "0+")]
    pub first_offset: i64,
    #[field(versions = "0+")]
    pub last_offset: i64,
    #[field(versions = "0+")]
    pub acknowledge_types: Vec<i8>,
}

/// Part of [`ShareFetchRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ForgottenTopic {
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}

/// Response of ShareFetch (API key 78).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "1-2", flexible = "0+")]
pub struct ShareFetchResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "1+")]
    pub acquisition_lock_timeout_ms: i32,
    #[field(versions = "0+")]
    pub responses: Vec<ShareFetchableTopicResponse>,
    #[field(versions = "0+")]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Part of [`ShareFetchResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ShareFetchableTopicResponse {
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<PartitionData>,
}

/// Part of [`ShareFetchableTopicResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub acknowledge_error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub acknowledge_error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub current_leader: LeaderIdAndEpoch,
    #[field(versions = "0+")]
    pub records: Records,
    #[field(versions = "0+")]
    pub acquired_records: Vec<AcquiredRecords>,
}

/// Part of [`PartitionData`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct LeaderIdAndEpoch {
    #[field(versions = "0+")]
    pub leader_id: i32,
    #[field(versions = "0+")]
    pub leader_epoch: i32,
}

/// Part of [`PartitionData`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcquiredRecords {
    #[field(versions = "0+")]
    pub first_offset: i64,
    #[field(versions = "0+")]
    pub last_offset: i64,
    #[field(versions = "0+")]
    pub delivery_count: i16,
}

/// Part of [`ShareFetchResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct NodeEndpoint {
    #[field(versions = "0+")]
    pub node_id: i32,
    #[field(versions = "0+")]
    pub host: StrBytes,
    #[field(versions = "0+")]
    pub port: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub rack: Option<StrBytes>,
}
