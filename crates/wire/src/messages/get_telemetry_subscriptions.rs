//! GetTelemetrySubscriptions, API key 71: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of GetTelemetrySubscriptions (API key 71).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 71, response = GetTelemetrySubscriptionsResponse)]
pub struct GetTelemetrySubscriptionsRequest {
    #[field(versions = "0+")]
    pub client_instance_id: Uuid,
}

/// Response of GetTelemetrySubscriptions (API key 71).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct GetTelemetrySubscriptionsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub client_instance_id: Uuid,
    #[field(versions = "0+")]
    pub subscription_id: i32,
    #[field(versions = "0+")]
    pub accepted_compression_types: Vec<i8>,
    #[field(versions = "0+")]
    pub push_interval_ms: i32,
    #[field(versions = "0+")]
    pub telemetry_max_bytes: i32,
    #[field(versions = "0+")]
    pub delta_temporality: bool,
    #[field(versions = "0+")]
    pub requested_metrics: Vec<StrBytes>,
}
