//! FindCoordinator, API key 10: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of FindCoordinator (API key 10).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-6", flexible = "3+", key = 10, response = FindCoordinatorResponse)]
pub struct FindCoordinatorRequest {
    #[field(versions = "0-3")]
    pub key: StrBytes,
    #[field(versions = "1+")]
    pub key_type: i8,
    #[field(versions = "4+")]
    pub coordinator_keys: Vec<StrBytes>,
}

/// Response of FindCoordinator (API key 10).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-6", flexible = "3+")]
pub struct FindCoordinatorResponse {
    #[field(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0-3")]
    pub error_code: i16,
    #[field(versions = "1-3", nullable = "1-3", ignorable)]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0-3")]
    pub node_id: i32,
    #[field(versions = "0-3")]
    pub host: StrBytes,
    #[field(versions = "0-3")]
    pub port: i32,
    #[field(versions = "4+")]
    pub coordinators: Vec<Coordinator>,
}

/// Part of [`FindCoordinatorResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Coordinator {
    #[field(versions = "4+")]
    pub key: StrBytes,
    #[field(versions = "4+")]
    pub node_id: i32,
    #[field(versions = "4+")]
    pub host: StrBytes,
    #[field(versions = "4+")]
    pub port: i32,
    #[field(versions = "4+")]
    pub error_code: i16,
    #[field(versions = "4+", nullable = "4+", ignorable)]
    pub error_message: Option<StrBytes>,
}
