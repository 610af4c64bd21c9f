//! AddOffsetsToTxn (key 25): a group's partition of `__consumer_offsets` takes part in a transaction.
//!
//! * Errors are those of AddPartitionsToTxn; fencing is PRODUCER_FENCED from version 2 on.

use rdkafka_wire::messages::add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};

use super::{Reply, fenced};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::OFFSETS_TOPIC;
use crate::transaction::Producer;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: AddOffsetsToTxnRequest,
    now: Now,
) -> Reply<AddOffsetsToTxnResponse> {
    let producer = Producer {
        id: request.producer_id,
        epoch: request.producer_epoch,
    };
    let home = shard.with_groups(now, |_, offsets| offsets.partition_for(&request.group_id));
    let outcome = home.and_then(|partition| {
        let place = [(OFFSETS_TOPIC.into(), partition)];
        shard.with_transactions(now, |transactions, journal| {
            let id = &request.transactional_id;
            transactions.add_partitions(id, producer, &place, 1, now, journal)
        })
    });
    let code = outcome
        .err()
        .map_or(0, |code| fenced(code, context.ticket.version >= 2).code());
    Reply::Ready(AddOffsetsToTxnResponse {
        error_code: code,
        ..AddOffsetsToTxnResponse::default()
    })
}
