//! Heartbeat, API key 12: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of Heartbeat (API key 12).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "4+", key = 12, response = HeartbeatResponse)]
pub struct HeartbeatRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub generation_id: i32,
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "3+", nullable = "3+", default = "null")]
    pub group_instance_id: Option<StrBytes>,
}

/// Response of Heartbeat (API key 12).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "4+")]
pub struct HeartbeatResponse {
    #[field(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
}
