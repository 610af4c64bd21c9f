//! DescribeDelegationToken (key 41): the tokens of some owners, or all.
//!
//! * A token belongs to its owner, to who asked for it and to its renewers. No list asks for all, an empty one for none.
//! * Who may ask at all: as for CreateDelegationToken. Where there is access control, tokens of others need DESCRIBE on the
//!   token or DESCRIBE_TOKENS on its owner, and are left out otherwise.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_delegation_token::{
    DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, DescribedDelegationToken,
    DescribedDelegationTokenRenewer,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::acl::{Operation, ResourceType};
use crate::cluster_log::TokenRecord;
use crate::delegation_token::{DelegationTokens, may_ask, principal};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeDelegationTokenRequest,
    _: Now,
) -> Reply<DescribeDelegationTokenResponse> {
    let tokens = &shard.topics.tokens;
    let refusal = if !may_ask(context) {
        Some(ErrorCode::DELEGATION_TOKEN_REQUEST_NOT_ALLOWED)
    } else if !tokens.is_enabled() {
        Some(ErrorCode::DELEGATION_TOKEN_AUTH_DISABLED)
    } else {
        None
    };
    if let Some(code) = refusal {
        return Reply::Ready(DescribeDelegationTokenResponse {
            error_code: code.code(),
            ..DescribeDelegationTokenResponse::default()
        });
    }
    let owners = request.owners.map(|owners| {
        let owners = owners.iter();
        let owners = owners.map(|it| format!("{}:{}", it.principal_type, it.principal_name));
        owners.collect::<Vec<_>>()
    });
    let is_wanted = |token: &TokenRecord| match &owners {
        Some(owners) => owners.iter().any(|owner| token.concerns(owner)),
        None => true,
    };
    let grants = shard.grants(context);
    let is_seen = |id: &str, token: &TokenRecord| {
        token.concerns(&context.peer.principal)
            || grants.allows(Operation::Describe, ResourceType::DelegationToken, id)
            || grants.allows(Operation::DescribeTokens, ResourceType::User, &token.owner)
    };
    let wanted = tokens
        .iter()
        .filter(|(id, token)| is_wanted(token) && is_seen(id, token));
    Reply::Ready(DescribeDelegationTokenResponse {
        tokens: wanted
            .map(|(id, token)| described(tokens, id, token))
            .collect(),
        ..DescribeDelegationTokenResponse::default()
    })
}

fn described(
    tokens: &DelegationTokens,
    id: &StrBytes,
    token: &TokenRecord,
) -> DescribedDelegationToken {
    let (principal_type, principal_name) = principal(&token.owner);
    let (requester_type, requester_name) = principal(&token.requester);
    let renewers = token.renewers.iter().map(|renewer| {
        let (principal_type, principal_name) = principal(renewer);
        DescribedDelegationTokenRenewer {
            principal_type: principal_type.into(),
            principal_name: principal_name.into(),
        }
    });
    DescribedDelegationToken {
        principal_type: principal_type.into(),
        principal_name: principal_name.into(),
        token_requester_principal_type: requester_type.into(),
        token_requester_principal_name: requester_name.into(),
        issue_timestamp: token.issued_at_ms,
        expiry_timestamp: token.expires_at_ms,
        max_timestamp: token.ends_at_ms,
        token_id: id.clone(),
        hmac: tokens.hmac(id).unwrap_or_default(),
        renewers: renewers.collect(),
    }
}
