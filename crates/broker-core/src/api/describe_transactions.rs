//! DescribeTransactions (key 65): where transactional ids stand; one that nobody has is TRANSACTIONAL_ID_NOT_FOUND.

use rdkafka_wire::messages::describe_transactions::{
    DescribeTransactionsRequest, DescribeTransactionsResponse, TransactionState,
};

use super::Reply;
use crate::acl::Operation;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeTransactionsRequest,
    _: Now,
) -> Reply<DescribeTransactionsResponse> {
    let grants = shard.grants(context);
    let states = request.transactional_ids.iter().map(|id| {
        if let Err(code) = grants.transactional_id(Operation::Describe, id) {
            return TransactionState {
                transactional_id: id.clone(),
                error_code: code.code(),
                ..TransactionState::default()
            };
        }
        let mut state = shard.transactions.describe(id);
        state.topics.retain(|it| grants.sees_topic(&it.topic));
        state
    });
    Reply::Ready(DescribeTransactionsResponse {
        transaction_states: states.collect(),
        ..DescribeTransactionsResponse::default()
    })
}
