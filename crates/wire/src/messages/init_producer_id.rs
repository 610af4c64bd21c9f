//! InitProducerId, API key 22: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of InitProducerId (API key 22).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "2+", key = 22, response = InitProducerIdResponse)]
pub struct InitProducerIdRequest {
    #[field(versions = "0+", nullable = "0+")]
    pub transactional_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub transaction_timeout_ms: i32,
    #[field(versions = "3+", default = "-1")]
    pub producer_id: i64,
    #[field(versions = "3+", default = "-1")]
    pub producer_epoch: i16,
}

/// Response of InitProducerId (API key 22).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "2+")]
pub struct InitProducerIdResponse {
    #[field(versions = "0+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", default = "-1")]
    pub producer_id: i64,
    #[field(versions = "0+")]
    pub producer_epoch: i16,
}
