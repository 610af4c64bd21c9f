//! InitProducerId (key 22): a number under which an idempotent or transactional producer's batches are known.
//!
//! * Ids are handed out from blocks that are written before use, so none is given twice, over restarts too.
//! * Without a transactional id every request gets a new id with epoch 0, whatever id it brings along.
//! * With one, the id is the same again with a new epoch, which fences earlier producers and aborts what they left open. An
//!   empty one is INVALID_REQUEST, a timeout beyond `transaction.max.timeout.ms` INVALID_TRANSACTION_TIMEOUT; who brings
//!   along an epoch (version 3 and later) that is not its own any more is PRODUCER_FENCED (before version 4
//!   INVALID_PRODUCER_EPOCH).

use rdkafka_wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};

use super::{Reply, log_failure};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::transaction::Producer;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: InitProducerIdRequest,
    now: Now,
) -> Reply<InitProducerIdResponse> {
    let outcome = match &request.transactional_id {
        Some(id) => {
            let expected = Producer {
                id: request.producer_id,
                epoch: request.producer_epoch,
            };
            let expected = (expected.id >= 0).then_some(expected);
            let timeout_ms = request.transaction_timeout_ms;
            shard.with_transactions(now, |transactions, journal| {
                transactions.init(id, timeout_ms, expected, now, journal)
            })
        }
        None => {
            let id = shard.topics.new_producer_id(now);
            id.map(|id| Producer { id, epoch: 0 })
                .map_err(|error| log_failure("producer id", &error))
        }
    };
    Reply::Ready(match outcome {
        Ok(producer) => InitProducerIdResponse {
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            ..InitProducerIdResponse::default()
        },
        Err(code) => InitProducerIdResponse {
            error_code: super::fenced(code, context.ticket.version >= 4).code(),
            producer_epoch: -1,
            ..InitProducerIdResponse::default()
        },
    })
}
