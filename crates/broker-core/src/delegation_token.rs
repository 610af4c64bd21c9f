//! Delegation tokens (KIP-48): a name and a password for a while, for work that somebody else does in one's name.
//!
//! Owns [`DelegationTokens`]: what replay makes of the cluster log's records, and the HMACs that are the tokens'
//! passwords. Guarantees: neither the key (`delegation.token.secret.key`) nor an HMAC is stored or logged: an HMAC follows
//! from the key and the token's id, so another key makes all tokens worthless. Leaves to others: who may ask
//! (`api/create_delegation_token`), the login with a token (`rdkafka-broker`).

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use rdkafka_log::LogError;
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::api::log_failure;
use crate::cluster_log::{ClusterRecord, TokenRecord};
use crate::conf::Secret;
use crate::request::{KnownBy, Now, RequestContext};
use crate::shard::Shard;
use crate::topics::Topics;

/// What is remembered of tokens, by id.
pub(crate) type TokenRecords = BTreeMap<StrBytes, TokenRecord>;

/// All tokens.
#[derive(Debug, Default)]
pub(crate) struct DelegationTokens {
    /// Without it there are no tokens for anybody; what was stored stays stored.
    key: Option<Secret>,
    records: TokenRecords,
    ids: HashMap<Bytes, StrBytes>,
}

/// A token as the login with it needs it.
#[derive(Clone)]
pub struct TokenLogin {
    /// The name of the token's owner, without its type.
    pub owner: String,
    /// What the client proves to know, in base64.
    pub hmac: Bytes,
    /// When the token expires, in ms since 1970.
    pub expires_at_ms: i64,
}

/// Never the HMAC.
impl std::fmt::Debug for TokenLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenLogin")
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

impl DelegationTokens {
    pub(crate) fn new(key: Option<&Secret>, records: &TokenRecords) -> Self {
        let mut tokens = Self {
            key: key.filter(|key| !key.reveal().is_empty()).cloned(),
            ..Self::default()
        };
        for (id, record) in records {
            tokens.replay(id.clone(), Some(record.clone()));
        }
        tokens
    }

    /// Whether there can be tokens.
    pub(crate) const fn is_enabled(&self) -> bool {
        self.key.is_some()
    }

    fn replay(&mut self, id: StrBytes, value: Option<TokenRecord>) {
        let hmac = self.hmac(&id);
        match value {
            Some(record) => {
                self.ids.extend(hmac.map(|hmac| (hmac, id.clone())));
                self.records.insert(id, record);
            }
            None => {
                self.records.remove(&id);
                hmac.map(|hmac| self.ids.remove(&hmac));
            }
        }
    }

    /// What proves that a token is known; none without a key.
    pub(crate) fn hmac(&self, id: &str) -> Option<Bytes> {
        let key = self.key.as_ref()?.reveal().as_bytes();
        Some(ScramMechanism::Sha512.hmac(key, id.as_bytes()).into())
    }

    /// The token of an HMAC.
    pub(crate) fn find(&self, hmac: &[u8]) -> Option<(&StrBytes, &TokenRecord)> {
        self.records.get_key_value(self.ids.get(hmac)?)
    }

    /// All tokens, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&StrBytes, &TokenRecord)> {
        self.records.iter()
    }

    fn login(&self, id: &str, now: Now) -> Option<TokenLogin> {
        let record = self.records.get(id)?;
        let (_, owner) = principal(&record.owner);
        (!record.is_expired(now)).then_some(TokenLogin {
            owner: owner.into(),
            hmac: self.hmac(id)?,
            expires_at_ms: record.expires_at_ms,
        })
    }
}

impl TokenRecord {
    /// Whether nobody can log in with it any more.
    pub(crate) const fn is_expired(&self, now: Now) -> bool {
        self.ends_at_ms < now.unix_ms || self.expires_at_ms < now.unix_ms
    }

    /// Whether somebody may renew it, and end it.
    pub(crate) fn is_renewed_by(&self, principal: &str) -> bool {
        &*self.owner == principal || self.renewers.iter().any(|it| &**it == principal)
    }

    /// Whether it has to do with somebody.
    pub(crate) fn concerns(&self, principal: &str) -> bool {
        &*self.requester == principal || self.is_renewed_by(principal)
    }
}

impl Topics {
    /// Gives out or changes a token, or (without a value) ends it.
    pub(crate) fn set_token(
        &mut self,
        id: StrBytes,
        value: Option<TokenRecord>,
        now: Now,
    ) -> Result<(), LogError> {
        let record = ClusterRecord::Token {
            id: id.clone(),
            value: value.clone(),
        };
        self.cluster.append(&record, now.unix_ms)?;
        self.tokens.replay(id, value);
        Ok(())
    }
}

impl Shard {
    /// What a login with a token must prove; none where there is no such token, or no longer.
    pub fn token_login(&self, id: &str, now: Now) -> Option<TokenLogin> {
        self.topics.tokens.login(id, now)
    }

    /// The token that somebody wants to renew or to end, if they may ask at all.
    pub(crate) fn token_of(
        &self,
        context: &RequestContext,
        hmac: &[u8],
    ) -> Result<(StrBytes, TokenRecord), ErrorCode> {
        if !may_ask(context) {
            return Err(ErrorCode::DELEGATION_TOKEN_REQUEST_NOT_ALLOWED);
        }
        let tokens = &self.topics.tokens;
        if !tokens.is_enabled() {
            return Err(ErrorCode::DELEGATION_TOKEN_AUTH_DISABLED);
        }
        let (id, record) = tokens
            .find(hmac)
            .ok_or(ErrorCode::DELEGATION_TOKEN_NOT_FOUND)?;
        Ok((id.clone(), record.clone()))
    }

    /// Gives out, changes or ends a token, durably.
    pub(crate) fn store_token(
        &mut self,
        id: StrBytes,
        value: Option<TokenRecord>,
        now: Now,
    ) -> Result<(), ErrorCode> {
        let stored = self.topics.set_token(id, value, now);
        stored.map_err(|error| log_failure("store delegation token", &error))?;
        self.flush_cluster_log();
        Ok(())
    }

    /// Forgets tokens that have expired (`delegation.token.expiry.check.interval.ms`).
    pub(crate) fn remove_expired_tokens(&mut self, now: Now) {
        let tokens = &self.topics.tokens;
        if !tokens.is_enabled() {
            return;
        }
        let expired = tokens.iter().filter(|(_, token)| token.is_expired(now));
        let ids: Vec<StrBytes> = expired.map(|(id, _)| id.clone()).collect();
        for id in ids {
            match self.topics.set_token(id.clone(), None, now) {
                Ok(()) => tracing::info!(token = %id, "a delegation token has expired"),
                Err(error) => {
                    tracing::error!(token = %id, %error, "an expired delegation token stays");
                }
            }
        }
        self.flush_cluster_log();
    }
}

/// Whether a connection may ask for tokens: whoever is known by a proof of its own, and not by a token.
pub(crate) fn may_ask(context: &RequestContext) -> bool {
    matches!(context.peer.known_by, KnownBy::Certificate | KnownBy::Sasl)
}

/// Error code and time of expiry as RenewDelegationToken and ExpireDelegationToken answer.
pub(crate) fn expiry_answer(result: Result<i64, ErrorCode>) -> (i16, i64) {
    match result {
        Ok(expires_at_ms) => (0, expires_at_ms),
        Err(code @ ErrorCode::DELEGATION_TOKEN_REQUEST_NOT_ALLOWED) => (code.code(), -1),
        Err(code) => (code.code(), 0),
    }
}

/// Type and name of a principal.
pub(crate) fn principal(text: &str) -> (&str, &str) {
    text.split_once(':').unwrap_or(("User", text))
}
