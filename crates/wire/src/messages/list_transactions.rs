//! ListTransactions, API key 66: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of ListTransactions (API key 66).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "0+", key = 66, response = ListTransactionsResponse)]
pub struct ListTransactionsRequest {
    #[field(versions = "0+")]
    pub state_filters: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub producer_id_filters: Vec<i64>,
    #[field(versions = "1+", default = "-1")]
    pub duration_filter: i64,
    #[field(versions = "2+", nullable = "2+", default = "null")]
    pub transactional_id_pattern: Option<StrBytes>,
}

/// Response of ListTransactions (API key 66).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "0+")]
pub struct ListTransactionsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub unknown_state_filters: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub transaction_states: Vec<TransactionState>,
}

/// Part of [`ListTransactionsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TransactionState {
    #[field(versions = "0+")]
    pub transactional_id: StrBytes,
    #[field(versions = "0+")]
    pub producer_id: i64,
    #[field(versions = "0+")]
    pub transaction_state: StrBytes,
}
