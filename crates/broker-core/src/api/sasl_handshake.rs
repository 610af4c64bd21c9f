//! SaslHandshake (key 17), where there is nothing to authenticate.
//!
//! * Listeners with SASL answer it at the connection, before anything reaches a shard. What arrives here came in by a
//!   listener without SASL, or too soon after the last authentication: ILLEGAL_SASL_STATE.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
    _: &RequestContext,
    _: SaslHandshakeRequest,
    _: Now,
) -> Reply<SaslHandshakeResponse> {
    Reply::Ready(SaslHandshakeResponse {
        error_code: ErrorCode::ILLEGAL_SASL_STATE.code(),
        ..SaslHandshakeResponse::default()
    })
}
