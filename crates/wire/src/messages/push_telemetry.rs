//! PushTelemetry, API key 72: request and response.

use bytes::Bytes;

use crate::Message;
use crate::types::Uuid;

/// Request of PushTelemetry (API key 72).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 72, response = PushTelemetryResponse)]
pub struct PushTelemetryRequest {
    #[field(versions = "0+")]
    pub client_instance_id: Uuid,
    #[field(versions = "0+")]
    pub subscription_id: i32,
    #[field(versions = "0+")]
    pub terminating: bool,
    #[field(versions = "0+")]
    pub compression_type: i8,
    #[field(versions = "0+")]
    pub metrics: Bytes,
}

/// Response of PushTelemetry (API key 72).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct PushTelemetryResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
}
