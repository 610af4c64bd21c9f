//! ListTransactions (key 66): transactional ids, by name.
//!
//! * Filters: states (names that no state has are answered in `unknown_state_filters`), producer ids, from version 1 on how
//!   long a transaction has been open. A pattern of ids (version 2) is INVALID_REQUEST: it would be one of another
//!   regular-expression dialect.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::list_transactions::{
    ListTransactionsRequest, ListTransactionsResponse,
};

use super::Reply;
use crate::acl::{Operation, ResourceType};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::transaction::{Status, TransactionFilter};

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ListTransactionsRequest,
    now: Now,
) -> Reply<ListTransactionsResponse> {
    if request
        .transactional_id_pattern
        .is_some_and(|it| !it.is_empty())
    {
        return Reply::Ready(ListTransactionsResponse {
            error_code: ErrorCode::INVALID_REQUEST.code(),
            ..ListTransactionsResponse::default()
        });
    }
    let unknown = request
        .state_filters
        .iter()
        .filter(|it| !Status::is_name(it));
    let unknown_state_filters = unknown.cloned().collect();
    let filter = TransactionFilter {
        states: request.state_filters,
        producer_ids: request.producer_id_filters,
        duration_ms: request.duration_filter,
    };
    let grants = shard.grants(context);
    let sees = |id: &str| grants.allows(Operation::Describe, ResourceType::TransactionalId, id);
    let mut transaction_states = shard.transactions.list(&filter, now);
    transaction_states.retain(|it| sees(&it.transactional_id));
    Reply::Ready(ListTransactionsResponse {
        unknown_state_filters,
        transaction_states,
        ..ListTransactionsResponse::default()
    })
}
