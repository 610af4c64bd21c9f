//! Request and response headers.

use crate::Message;
use crate::types::StrBytes;

/// The request header.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct RequestHeader {
    #[field(versions = "0+")]
    pub request_api_key: i16,
    #[field(versions = "0+")]
    pub request_api_version: i16,
    #[field(versions = "0+")]
    pub correlation_id: i32,
    #[field(versions = "1+", nullable = "1+", flexible = "none")]
    pub client_id: Option<StrBytes>,
}

/// The response header.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "1+")]
pub struct ResponseHeader {
    #[field(versions = "0+")]
    pub correlation_id: i32,
}
