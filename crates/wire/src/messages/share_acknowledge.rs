//! ShareAcknowledge, API key 79: request and response.

use super::share_fetch::{AcknowledgementBatch, LeaderIdAndEpoch, NodeEndpoint};
use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of ShareAcknowledge (API key 79).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "1-2", flexible = "0+", key = 79, response = ShareAcknowledgeResponse)]
pub struct ShareAcknowledgeRequest {
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub group_id: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+")]
    pub member_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub share_session_epoch: i32,
    #[field(versions = "2+")]
    pub is_renew_ack: bool,
    #[field(versions = "0+")]
    pub topics: Vec<AcknowledgeTopic>,
}

/// Part of [`ShareAcknowledgeRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcknowledgeTopic {
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<AcknowledgePartition>,
}

/// Part of [`AcknowledgeTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcknowledgePartition {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

/// Response of ShareAcknowledge (API key 79).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "1-2", flexible = "0+")]
pub struct ShareAcknowledgeResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "2+", ignorable)]
    pub acquisition_lock_timeout_ms: i32,
    #[field(versions = "0+")]
    pub responses: Vec<ShareAcknowledgeTopicResponse>,
    #[field(versions = "0+")]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Part of [`ShareAcknowledgeResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ShareAcknowledgeTopicResponse {
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<PartitionData>,
}

/// Part of [`ShareAcknowledgeTopicResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub current_leader: LeaderIdAndEpoch,
}
