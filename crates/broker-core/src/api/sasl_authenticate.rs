//! SaslAuthenticate (key 36), where there is nothing to authenticate.
//!
//! * As with SaslHandshake, what arrives here came without a handshake: ILLEGAL_SASL_STATE.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::sasl_authenticate::{
    SaslAuthenticateRequest, SaslAuthenticateResponse,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
    _: &RequestContext,
    _: SaslAuthenticateRequest,
    _: Now,
) -> Reply<SaslAuthenticateResponse> {
    Reply::Ready(SaslAuthenticateResponse {
        error_code: ErrorCode::ILLEGAL_SASL_STATE.code(),
        error_message: Some(
            "SaslAuthenticate request received after successful authentication".into(),
        ),
        ..SaslAuthenticateResponse::default()
    })
}
