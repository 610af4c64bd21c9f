//! CreateDelegationToken, API key 38: request and response.

use bytes::Bytes;

use crate::Message;
use crate::types::StrBytes;

/// Request of CreateDelegationToken (API key 38).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+", key = 38, response = CreateDelegationTokenResponse)]
pub struct CreateDelegationTokenRequest {
    #[field(versions = "3+", nullable = "3+")]
    pub owner_principal_type: Option<StrBytes>,
    #[field(versions = "3+", nullable = "3+")]
    pub owner_principal_name: Option<StrBytes>,
    #[field(versions = "0+")]
    pub renewers: Vec<CreatableRenewers>,
    #[field(versions = "0+")]
    pub max_lifetime_ms: i64,
}

/// Part of [`CreateDelegationTokenRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableRenewers {
    #[field(versions = "0+")]
    pub principal_type: StrBytes,
    #[field(versions = "0+")]
    pub principal_name: StrBytes,
}

/// Response of CreateDelegationToken (API key 38).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+")]
pub struct CreateDelegationTokenResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub principal_type: StrBytes,
    #[field(versions = "0+")]
    pub principal_name: StrBytes,
    #[field(versions = "3+")]
    pub token_requester_principal_type: StrBytes,
    #[field(versions = "3+")]
    pub token_requester_principal_name: StrBytes,
    #[field(versions = "0+")]
    pub issue_timestamp_ms: i64,
    #[field(versions = "0+")]
    pub expiry_timestamp_ms: i64,
    #[field(versions = "0+")]
    pub max_timestamp_ms: i64,
    #[field(versions = "0+")]
    pub token_id: StrBytes,
    #[field(versions = "0+")]
    pub hmac: Bytes,
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
}
