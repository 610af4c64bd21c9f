//! DescribeTransactions (key 65): where transactional ids stand; one that nobody has is TRANSACTIONAL_ID_NOT_FOUND.

use rdkafka_wire::messages::describe_transactions::{
    DescribeTransactionsRequest, DescribeTransactionsResponse,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: DescribeTransactionsRequest,
    _: Now,
) -> Reply<DescribeTransactionsResponse> {
    let ids = request.transactional_ids.iter();
    Reply::Ready(DescribeTransactionsResponse {
        transaction_states: ids.map(|id| shard.transactions.describe(id)).collect(),
        ..DescribeTransactionsResponse::default()
    })
}
