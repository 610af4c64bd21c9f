//! RenewDelegationToken, API key 39: request and response.

use bytes::Bytes;

use crate::Message;

/// Request of RenewDelegationToken (API key 39).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+", key = 39, response = RenewDelegationTokenResponse)]
pub struct RenewDelegationTokenRequest {
    #[field(versions = "0+")]
    pub hmac: Bytes,
    #[field(versions = "0+")]
    pub renew_period_ms: i64,
}

/// Response of RenewDelegationToken (API key 39).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct RenewDelegationTokenResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub expiry_timestamp_ms: i64,
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
}
