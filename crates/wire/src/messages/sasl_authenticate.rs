//! SaslAuthenticate, API key 36: request and response.

use bytes::Bytes;

use crate::Message;
use crate::types::StrBytes;

/// Request of SaslAuthenticate (API key 36).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+", key = 36, response = SaslAuthenticateResponse)]
pub struct SaslAuthenticateRequest {
    #[field(versions = "0+")]
    pub auth_bytes: Bytes,
}

/// Response of SaslAuthenticate (API key 36).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct SaslAuthenticateResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub auth_bytes: Bytes,
    #[field(versions = "1+", ignorable)]
    pub session_lifetime_ms: i64,
}
