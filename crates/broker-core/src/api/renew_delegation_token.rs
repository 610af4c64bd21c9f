//! RenewDelegationToken (key 39): a token is good for another while, up to its end.
//!
//! * DELEGATION_TOKEN_EXPIRED: it is too late; DELEGATION_TOKEN_OWNER_MISMATCH: asked by neither owner nor renewer. Who
//!   may ask at all: as for CreateDelegationToken.
//! * A time that is not positive, or longer than `delegation.token.expiry.time.ms`, is that long.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::renew_delegation_token::{
    RenewDelegationTokenRequest, RenewDelegationTokenResponse,
};

use super::Reply;
use crate::delegation_token::expiry_answer;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: RenewDelegationTokenRequest,
    now: Now,
) -> Reply<RenewDelegationTokenResponse> {
    let (error_code, expiry_timestamp_ms) = expiry_answer(renew(shard, context, &request, now));
    Reply::Ready(RenewDelegationTokenResponse {
        error_code,
        expiry_timestamp_ms,
        ..RenewDelegationTokenResponse::default()
    })
}

fn renew(
    shard: &mut Shard,
    context: &RequestContext,
    request: &RenewDelegationTokenRequest,
    now: Now,
) -> Result<i64, ErrorCode> {
    let (id, mut token) = shard.token_of(context, &request.hmac)?;
    if token.is_expired(now) {
        return Err(ErrorCode::DELEGATION_TOKEN_EXPIRED);
    }
    if !token.is_renewed_by(&context.peer.principal) {
        return Err(ErrorCode::DELEGATION_TOKEN_OWNER_MISMATCH);
    }
    let longest_ms = shard.config.delegation_token_expiry_time_ms;
    let period_ms = match request.renew_period_ms {
        wanted_ms @ 1.. => wanted_ms.min(longest_ms),
        _ => longest_ms,
    };
    token.expires_at_ms = token.ends_at_ms.min(now.unix_ms.saturating_add(period_ms));
    let expires_at_ms = token.expires_at_ms;
    shard.store_token(id, Some(token), now)?;
    Ok(expires_at_ms)
}
