//! InitProducerId (key 22): a number under which an idempotent producer's batches are known.
//!
//! * Ids are handed out from blocks that are written before use, so none is given twice, over restarts too.
//! * Without a transactional id every request gets a new id with epoch 0, whatever id it brings along.
//! * Transactional ids are not served: INVALID_REQUEST, which is final for a client.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};

use super::{Reply, log_failure};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: InitProducerIdRequest,
    now: Now,
) -> Reply<InitProducerIdResponse> {
    let outcome = if request.transactional_id.is_some() {
        Err(ErrorCode::INVALID_REQUEST)
    } else {
        shard
            .topics
            .new_producer_id(now)
            .map_err(|error| log_failure("producer id", &error))
    };
    Reply::Ready(match outcome {
        Ok(producer_id) => InitProducerIdResponse {
            producer_id,
            ..InitProducerIdResponse::default()
        },
        Err(code) => InitProducerIdResponse {
            error_code: code.code(),
            producer_epoch: -1,
            ..InitProducerIdResponse::default()
        },
    })
}
