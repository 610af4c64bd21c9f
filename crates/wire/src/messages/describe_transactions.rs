//! DescribeTransactions, API key 65: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeTransactions (API key 65).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 65, response = DescribeTransactionsResponse)]
pub struct DescribeTransactionsRequest {
    #[field(versions = "0+")]
    pub transactional_ids: Vec<StrBytes>,
}

/// Response of DescribeTransactions (API key 65).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct DescribeTransactionsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub transaction_states: Vec<TransactionState>,
}

/// Part of [`DescribeTransactionsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TransactionState {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub transactional_id: StrBytes,
    #[field(versions = "0+")]
    pub transaction_state: StrBytes,
    #[field(versions = "0+")]
    pub transaction_timeout_ms: i32,
    #[field(versions = "0+")]
    pub transaction_start_time_ms: i64,
    #[field(versions = "0+")]
    pub producer_id: i64,
    #[field(versions = "0+")]
    pub producer_epoch: i16,
    #[field(versions = "0+")]
    pub topics: Vec<TopicData>,
}

/// Part of [`TransactionState`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    #[field(versions = "0+")]
    pub topic: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}
