//! EndTxn (key 26): a transaction is committed or aborted.
//!
//! * The same end a second time is the same answer; the other end is INVALID_TXN_STATE, as is an end without a transaction.
//! * An old epoch is PRODUCER_FENCED (before version 2 INVALID_PRODUCER_EPOCH).
//! * Version 5 and later (KIP-890): the answer is the producer's next epoch, and an abort may come without a transaction.

use rdkafka_records::TransactionResult;
use rdkafka_wire::messages::end_txn::{EndTxnRequest, EndTxnResponse};

use super::{Reply, fenced};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::transaction::Producer;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: EndTxnRequest,
    now: Now,
) -> Reply<EndTxnResponse> {
    let version = context.ticket.version;
    let producer = Producer {
        id: request.producer_id,
        epoch: request.producer_epoch,
    };
    let result = match request.committed {
        true => TransactionResult::Commit,
        false => TransactionResult::Abort,
    };
    let outcome = shard.with_transactions(now, |transactions, journal| {
        let id = &request.transactional_id;
        transactions.end(id, producer, result, version >= BUMPS_FROM, now, journal)
    });
    Reply::Ready(match outcome {
        Ok(producer) => EndTxnResponse {
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            ..EndTxnResponse::default()
        },
        Err(code) => EndTxnResponse {
            error_code: fenced(code, version >= 2).code(),
            ..EndTxnResponse::default()
        },
    })
}

const BUMPS_FROM: i16 = 5;
