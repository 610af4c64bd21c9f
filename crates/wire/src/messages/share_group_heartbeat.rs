//! ShareGroupHeartbeat, API key 76: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of ShareGroupHeartbeat (API key 76).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "1", flexible = "0+", key = 76, response = ShareGroupHeartbeatResponse)]
pub struct ShareGroupHeartbeatRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "0+")]
    pub member_epoch: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub rack_id: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub subscribed_topic_names: Option<Vec<StrBytes>>,
}

/// Response of ShareGroupHeartbeat (API key 76).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "1", flexible = "0+")]
pub struct ShareGroupHeartbeatResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub member_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub member_epoch: i32,
    #[field(versions = "0+")]
    pub heartbeat_interval_ms: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub assignment: Option<Assignment>,
}

/// Part of [`ShareGroupHeartbeatResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Assignment {
    #[field(versions = "0+")]
    pub topic_partitions: Vec<TopicPartitions>,
}

/// Shared part of [`ShareGroupHeartbeatResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}
