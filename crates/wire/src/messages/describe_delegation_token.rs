//! DescribeDelegationToken, API key 41: request and response.

use bytes::Bytes;

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeDelegationToken (API key 41).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+", key = 41, response = DescribeDelegationTokenResponse)]
pub struct DescribeDelegationTokenRequest {
    #[field(versions = "0+", nullable = "0+")]
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
}

/// Part of [`DescribeDelegationTokenRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeDelegationTokenOwner {
    #[field(versions = "0+")]
    pub principal_type: StrBytes,
    #[field(versions = "0+")]
    pub principal_name: StrBytes,
}

/// Response of DescribeDelegationToken (API key 41).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+")]
pub struct DescribeDelegationTokenResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub tokens: Vec<DescribedDelegationToken>,
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
}

/// Part of [`DescribeDelegationTokenResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedDelegationToken {
    #[field(versions = "0+")]
    pub principal_type: StrBytes,
    #[field(versions = "0+")]
    pub principal_name: StrBytes,
    #[field(versions = "3+")]
    pub token_requester_principal_type: StrBytes,
    #[field(versions = "3+")]
    pub token_requester_principal_name: StrBytes,
    #[field(versions = "0+")]
    pub issue_timestamp: i64,
    #[field(versions = "0+")]
    pub expiry_timestamp: i64,
    #[field(versions = "0+")]
    pub max_timestamp: i64,
    #[field(versions = "0+")]
    pub token_id: StrBytes,
    #[field(versions = "0+")]
    pub hmac: Bytes,
    #[field(versions = "0+")]
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
}

/// Part of [`DescribeDelegationTokenResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedDelegationTokenRenewer {
    #[field(versions = "0+")]
    pub principal_type: StrBytes,
    #[field(versions = "0+")]
    pub principal_name: StrBytes,
}
