//! ExpireDelegationToken, API key 40: request and response.

use bytes::Bytes;

use crate::Message;

/// Request of ExpireDelegationToken (API key 40).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+", key = 40, response = ExpireDelegationTokenResponse)]
pub struct ExpireDelegationTokenRequest {
    #[field(versions = "0+")]
    pub hmac: Bytes,
    #[field(versions = "0+")]
    pub expiry_time_period_ms: i64,
}

/// Response of ExpireDelegationToken (API key 40).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct ExpireDelegationTokenResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub expiry_timestamp_ms: i64,
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
}
