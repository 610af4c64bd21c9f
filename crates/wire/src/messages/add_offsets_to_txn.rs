//! AddOffsetsToTxn, API key 25: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of AddOffsetsToTxn (API key 25).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "3+", key = 25, response = AddOffsetsToTxnResponse)]
pub struct AddOffsetsToTxnRequest {
    #[field(versions = "0+")]
    pub transactional_id: StrBytes,
    #[field(versions = "0+")]
    pub producer_id: i64,
    #[field(versions = "0+")]
    pub producer_epoch: i16,
    #[field(versions = "0+")]
    pub group_id: StrBytes,
}

/// Response of AddOffsetsToTxn (API key 25).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "3+")]
pub struct AddOffsetsToTxnResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
}
