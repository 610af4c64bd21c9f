//! CreateDelegationToken (key 38): a token in the name of whoever asks, or (KIP-373) of somebody else.
//!
//! * DELEGATION_TOKEN_REQUEST_NOT_ALLOWED on a connection without TLS certificate and SASL, and on one that came with a
//!   token; INVALID_PRINCIPAL_TYPE: a renewer that is no `User`; DELEGATION_TOKEN_AUTH_DISABLED: there is no
//!   `delegation.token.secret.key`.
//! * DELEGATION_TOKEN_AUTHORIZATION_FAILED: where there is access control, who asks for somebody else needs CREATE_TOKENS.
//! * A lifetime that is not positive, or longer than `delegation.token.max.lifetime.ms`, is that long.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_delegation_token::{
    CreateDelegationTokenRequest, CreateDelegationTokenResponse,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::acl::{Operation, ResourceType};
use crate::cluster_log::TokenRecord;
use crate::delegation_token::{may_ask, principal};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::random_uuid;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: CreateDelegationTokenRequest,
    now: Now,
) -> Reply<CreateDelegationTokenResponse> {
    let requester = context.peer.principal.clone();
    let name = request.owner_principal_name.as_deref().unwrap_or_default();
    let owner = match name {
        "" => requester.clone(),
        name => of_type(
            request.owner_principal_type.as_deref().unwrap_or(USER),
            name,
        ),
    };
    let mut response = CreateDelegationTokenResponse {
        issue_timestamp_ms: -1,
        expiry_timestamp_ms: -1,
        max_timestamp_ms: -1,
        ..CreateDelegationTokenResponse::default()
    };
    let parts = |principal_: &str| {
        let (kind, name) = principal(principal_);
        (kind.into(), name.into())
    };
    (response.principal_type, response.principal_name) = parts(&owner);
    (
        response.token_requester_principal_type,
        response.token_requester_principal_name,
    ) = parts(&requester);
    if !may_ask(context) {
        response.error_code = ErrorCode::DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.code();
        return Reply::Ready(response);
    }
    let allowed = match owner == requester {
        true => Ok(()),
        false => shard
            .grants(context)
            .check(Operation::CreateTokens, ResourceType::User, &owner),
    };
    if let Err(code) = allowed {
        response.error_code = code.code();
        return Reply::Ready(response);
    }
    if request
        .renewers
        .iter()
        .any(|it| &*it.principal_type != USER)
    {
        response.error_code = ErrorCode::INVALID_PRINCIPAL_TYPE.code();
        return Reply::Ready(response);
    }
    let renewers = request.renewers.iter();
    let record = TokenRecord {
        owner,
        requester,
        renewers: renewers
            .map(|it| of_type(&it.principal_type, &it.principal_name))
            .collect(),
        ..lifetime(shard, request.max_lifetime_ms, now)
    };
    if let Err(code) = create(shard, record, &mut response, now) {
        response.error_code = code.code();
    }
    Reply::Ready(response)
}

/// The times of a token that is given out now.
fn lifetime(shard: &Shard, wanted_ms: i64, now: Now) -> TokenRecord {
    let longest_ms = shard.config.delegation_token_max_lifetime_ms;
    let lifetime_ms = match wanted_ms {
        1.. => wanted_ms.min(longest_ms),
        _ => longest_ms,
    };
    let ends_at_ms = now.unix_ms.saturating_add(lifetime_ms);
    let renewal_ms = shard.config.delegation_token_expiry_time_ms;
    TokenRecord {
        issued_at_ms: now.unix_ms,
        ends_at_ms,
        expires_at_ms: ends_at_ms.min(now.unix_ms.saturating_add(renewal_ms)),
        ..TokenRecord::default()
    }
}

fn create(
    shard: &mut Shard,
    record: TokenRecord,
    response: &mut CreateDelegationTokenResponse,
    now: Now,
) -> Result<(), ErrorCode> {
    response.issue_timestamp_ms = 0;
    response.expiry_timestamp_ms = 0;
    response.max_timestamp_ms = 0;
    let id = StrBytes::from(random_uuid(&mut shard.rng).to_string());
    let hmac = shard
        .topics
        .tokens
        .hmac(&id)
        .ok_or(ErrorCode::DELEGATION_TOKEN_AUTH_DISABLED)?;
    let (issued_at_ms, expires_at_ms) = (record.issued_at_ms, record.expires_at_ms);
    let ends_at_ms = record.ends_at_ms;
    shard.store_token(id.clone(), Some(record), now)?;
    response.issue_timestamp_ms = issued_at_ms;
    response.expiry_timestamp_ms = expires_at_ms;
    response.max_timestamp_ms = ends_at_ms;
    response.token_id = id;
    response.hmac = hmac;
    Ok(())
}

fn of_type(kind: &str, name: &str) -> StrBytes {
    format!("{kind}:{name}").into()
}

const USER: &str = "User";
