//! What can be asked about transactions: DescribeTransactions and ListTransactions.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_transactions as described;
use rdkafka_wire::messages::list_transactions as listed;
use rdkafka_wire::types::StrBytes;

use super::{Status, TransactionCoordinator};
use crate::request::Now;

/// What ListTransactions asks for; empty lists are everything.
#[derive(Debug, Default)]
pub(crate) struct TransactionFilter {
    pub(crate) states: Vec<StrBytes>,
    pub(crate) producer_ids: Vec<i64>,
    /// Only transactions that have been open for longer, in ms; negative is all.
    pub(crate) duration_ms: i64,
}

impl TransactionCoordinator {
    pub(crate) fn describe(&self, id: &StrBytes) -> described::TransactionState {
        let answer = described::TransactionState {
            transactional_id: id.clone(),
            ..described::TransactionState::default()
        };
        let Some(transaction) = self.transactions.get(id) else {
            return described::TransactionState {
                error_code: ErrorCode::TRANSACTIONAL_ID_NOT_FOUND.code(),
                ..answer
            };
        };
        let state = &transaction.state;
        let topics = state
            .partitions
            .iter()
            .map(|(topic, partitions)| described::TopicData {
                topic: topic.clone(),
                partitions: partitions.iter().copied().collect(),
            });
        described::TransactionState {
            transaction_state: state.status.name().into(),
            transaction_timeout_ms: state.timeout_ms,
            transaction_start_time_ms: state.start_ms,
            producer_id: state.producer_id,
            producer_epoch: state.producer_epoch,
            topics: topics.collect(),
            ..answer
        }
    }

    pub(crate) fn list(
        &self,
        filter: &TransactionFilter,
        now: Now,
    ) -> Vec<listed::TransactionState> {
        let wanted = self.transactions.iter().filter(|(_, transaction)| {
            let state = &transaction.state;
            let is_open = state.status == Status::Ongoing || state.status.is_prepared();
            let open_ms = now.unix_ms.saturating_sub(state.start_ms);
            (filter.states.is_empty()
                || filter.states.iter().any(|it| **it == *state.status.name()))
                && (filter.producer_ids.is_empty()
                    || filter.producer_ids.contains(&state.producer_id))
                && (filter.duration_ms < 0 || (is_open && open_ms > filter.duration_ms))
        });
        let mut list: Vec<_> = wanted
            .map(|(id, transaction)| listed::TransactionState {
                transactional_id: id.clone(),
                producer_id: transaction.state.producer_id,
                transaction_state: transaction.state.status.name().into(),
            })
            .collect();
        list.sort_by(|a, b| a.transactional_id.cmp(&b.transactional_id));
        list
    }
}
