//! PushTelemetry (key 72): a client's metrics (KIP-714). They are counted in the log, at debug level; nobody keeps them.
//!
//! * A push for other subscriptions than the present ones is UNKNOWN_SUBSCRIPTION_ID, a larger one than was allowed
//!   TELEMETRY_TOO_LARGE, one without a client id INVALID_REQUEST.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::push_telemetry::{PushTelemetryRequest, PushTelemetryResponse};
use rdkafka_wire::types::Uuid;

use super::Reply;
use super::get_telemetry_subscriptions::{TELEMETRY_BYTES_MAX, subscription};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: PushTelemetryRequest,
    _: Now,
) -> Reply<PushTelemetryResponse> {
    let id = request.client_instance_id;
    let code = if id == Uuid::ZERO {
        ErrorCode::INVALID_REQUEST
    } else if !(0..=4).contains(&request.compression_type) {
        ErrorCode::UNSUPPORTED_COMPRESSION_TYPE
    } else if subscription(shard, context, id).id != request.subscription_id {
        ErrorCode::UNKNOWN_SUBSCRIPTION_ID
    } else if request.metrics.len() > usize::try_from(TELEMETRY_BYTES_MAX).unwrap_or(0) {
        ErrorCode::TELEMETRY_TOO_LARGE
    } else {
        tracing::debug!(client = %id, bytes = request.metrics.len(), "metrics of a client");
        ErrorCode::NONE
    };
    Reply::Ready(PushTelemetryResponse {
        error_code: code.code(),
        ..PushTelemetryResponse::default()
    })
}
