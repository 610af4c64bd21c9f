//! EndTxn, API key 26: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of EndTxn (API key 26).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "3+", key = 26, response = EndTxnResponse)]
pub struct EndTxnRequest {
    #[field(versions = "0+")]
    pub transactional_id: StrBytes,
    #[field(versions = "0+")]
    pub producer_id: i64,
    #[field(versions = "0+")]
    pub producer_epoch: i16,
    #[field(versions = "0+")]
    pub committed: bool,
}

/// Response of EndTxn (API key 26).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "3+")]
pub struct EndTxnResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "5+", default = "-1", ignorable)]
    pub producer_id: i64,
    #[field(versions = "5+", default = "-1", ignorable)]
    pub producer_epoch: i16,
}
