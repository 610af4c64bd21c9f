//! SaslHandshake, API key 17: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of SaslHandshake (API key 17).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "none", key = 17, response = SaslHandshakeResponse)]
pub struct SaslHandshakeRequest {
    #[field(versions = "0+")]
    pub mechanism: StrBytes,
}

/// Response of SaslHandshake (API key 17).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "none")]
pub struct SaslHandshakeResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub mechanisms: Vec<StrBytes>,
}
