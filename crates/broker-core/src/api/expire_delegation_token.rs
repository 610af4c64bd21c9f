//! ExpireDelegationToken (key 40): a token ends sooner, or at once.
//!
//! * A negative time ends it now, even if it has expired; whoever logged in with it stays until the session ends.
//! * Errors are those of RenewDelegationToken; that somebody is neither owner nor renewer counts first.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::expire_delegation_token::{
    ExpireDelegationTokenRequest, ExpireDelegationTokenResponse,
};

use super::Reply;
use crate::delegation_token::expiry_answer;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ExpireDelegationTokenRequest,
    now: Now,
) -> Reply<ExpireDelegationTokenResponse> {
    let (error_code, expiry_timestamp_ms) = expiry_answer(expire(shard, context, &request, now));
    Reply::Ready(ExpireDelegationTokenResponse {
        error_code,
        expiry_timestamp_ms,
        ..ExpireDelegationTokenResponse::default()
    })
}

fn expire(
    shard: &mut Shard,
    context: &RequestContext,
    request: &ExpireDelegationTokenRequest,
    now: Now,
) -> Result<i64, ErrorCode> {
    let (id, mut token) = shard.token_of(context, &request.hmac)?;
    if !token.is_renewed_by(&context.peer.principal) {
        return Err(ErrorCode::DELEGATION_TOKEN_OWNER_MISMATCH);
    }
    if request.expiry_time_period_ms < 0 {
        shard.store_token(id, None, now)?;
        return Ok(now.unix_ms);
    }
    if token.is_expired(now) {
        return Err(ErrorCode::DELEGATION_TOKEN_EXPIRED);
    }
    let wanted_at_ms = now.unix_ms.saturating_add(request.expiry_time_period_ms);
    token.expires_at_ms = token.ends_at_ms.min(wanted_at_ms);
    let expires_at_ms = token.expires_at_ms;
    shard.store_token(id, Some(token), now)?;
    Ok(expires_at_ms)
}
