//! UnregisterBroker, API key 64: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of UnregisterBroker (API key 64).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 64, response = UnregisterBrokerResponse)]
pub struct UnregisterBrokerRequest {
    #[field(versions = "0+")]
    pub broker_id: i32,
}

/// Response of UnregisterBroker (API key 64).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct UnregisterBrokerResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
}
