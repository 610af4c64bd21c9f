//! The part of a connection that is SASL: SaslHandshake, SaslAuthenticate, and when they are due again.
//!
//! Owns [`Session`], the state of one connection of a listener with SASL; it lives in the connection's task. Guarantees:
//! before a client is known, nothing of it but ApiVersions and SASL itself goes any further; after its session has ended,
//! nothing but a new authentication; who it is never changes on a connection. Leaves to others: the mechanisms (`sasl`),
//! frames and answers (`connection`).
//!
//! `Start` -ApiVersions-> `Versions` -SaslHandshake-> `Exchanging` -SaslAuthenticate (or bare tokens, after a handshake of
//! version 0)-> `Known` -SaslHandshake-> `Exchanging` ... (KIP-368). Anything else closes the connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_wire::messages::sasl_authenticate::SaslAuthenticateResponse;
use rdkafka_wire::messages::sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::router::Router;
use crate::sasl::{Exchange, Identity, SaslConf, Step, unix_ms};

/// The authentication of one connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) conf: Arc<SaslConf>,
    state: State,
    known: Option<Known>,
}

#[derive(Debug)]
enum State {
    Start,
    Versions,
    Exchanging {
        mechanism: usize,
        exchange: Exchange,
        /// Tokens come without a request around them.
        is_bare: bool,
    },
    Known,
}

/// Who a client is.
#[derive(Debug, Clone)]
struct Known {
    identity: Identity,
    mechanism: usize,
    since: Instant,
    until: Option<Instant>,
}

/// What is to be done with a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes its way.
    Pass,
    /// It is a SaslHandshake to be answered here.
    Handshake,
    /// It is a SaslAuthenticate to be answered here.
    Authenticate,
    /// The connection ends, for this reason.
    Refuse(String),
}

/// What a client's token leads to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Tell this; more is to come.
    Continue(SaslAuthenticateResponse),
    /// Tell this; the client is known from now on.
    Known(SaslAuthenticateResponse, Identity),
    /// Tell this after a while, and end the connection.
    Failed(SaslAuthenticateResponse, String),
}

impl Session {
    pub(crate) fn new(conf: Arc<SaslConf>) -> Self {
        Self {
            conf,
            state: State::Start,
            known: None,
        }
    }

    /// Whether the client is known; it stays so while it authenticates again.
    pub(crate) fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Whether the next frame is a token without a request around it.
    pub(crate) fn wants_bare_token(&self) -> bool {
        matches!(self.state, State::Exchanging { is_bare: true, .. })
    }

    /// What is to be done with a request.
    pub(crate) fn judge(&mut self, key: ApiKey, version: i16) -> Verdict {
        match (&self.state, key) {
            (State::Start, ApiKey::ApiVersions) => {
                // A client that guessed the version wrong may ask again.
                if key.versions().contains(&version) {
                    self.state = State::Versions;
                }
                Verdict::Pass
            }
            (State::Start | State::Versions, ApiKey::SaslHandshake) => Verdict::Handshake,
            (State::Exchanging { is_bare: false, .. }, ApiKey::SaslAuthenticate) => {
                Verdict::Authenticate
            }
            (State::Known, ApiKey::SaslHandshake) => match &self.known {
                Some(known) if known.since.elapsed() < REAUTH_MIN => Verdict::Pass,
                _ => Verdict::Handshake,
            },
            (State::Known, _) => match &self.known {
                Some(Known {
                    until: Some(until), ..
                }) if *until <= Instant::now() => Verdict::Refuse(
                    "the session has expired, and the client did not authenticate again".into(),
                ),
                _ => Verdict::Pass,
            },
            _ => Verdict::Refuse(format!(
                "{} before the client has authenticated",
                key.name()
            )),
        }
    }

    /// Answers a handshake. An error in it is the connection's end.
    pub(crate) fn handshake(
        &mut self,
        request: &SaslHandshakeRequest,
        version: i16,
    ) -> SaslHandshakeResponse {
        let names = self.conf.mechanisms.iter();
        let mut response = SaslHandshakeResponse {
            error_code: 0,
            mechanisms: names.map(|it| it.name.as_str().into()).collect(),
        };
        match self.conf.find(&request.mechanism) {
            Some(mechanism) => {
                self.state = State::Exchanging {
                    mechanism,
                    exchange: Exchange::begin(),
                    is_bare: version == 0,
                };
            }
            None => response.error_code = ErrorCode::UNSUPPORTED_SASL_MECHANISM.code(),
        }
        response
    }

    /// Takes a token.
    pub(crate) async fn token(&mut self, token: &[u8], router: &Router) -> Outcome {
        let State::Exchanging {
            mechanism: index,
            exchange,
            ..
        } = &mut self.state
        else {
            return failed("Authentication failed: there was no handshake".into());
        };
        let (conf, index) = (Arc::clone(&self.conf), *index);
        let mechanism = &conf.mechanisms[index];
        if self
            .known
            .as_ref()
            .is_some_and(|known| known.mechanism != index)
        {
            return failed(
                "Authentication failed: the SASL mechanism cannot change during re-authentication"
                    .into(),
            );
        }
        match exchange.step(&conf, mechanism, token, router).await {
            Step::Challenge(message) => Outcome::Continue(response(message, 0)),
            Step::Refused(reason) => failed(reason),
            Step::Done { message, identity } => {
                if let Some(known) = &self.known
                    && known.identity.name != identity.name
                {
                    return failed(format!(
                        "Authentication failed: Cannot change principals during re-authentication from {} to {}",
                        known.identity.name, identity.name
                    ));
                }
                let lifetime = lifetime(mechanism.reauth, identity.expires_at_ms, unix_ms());
                let now = Instant::now();
                self.known = Some(Known {
                    identity: identity.clone(),
                    mechanism: index,
                    since: now,
                    until: lifetime.and_then(|it| now.checked_add(it)),
                });
                self.state = State::Known;
                let lifetime = lifetime.map_or(0, |it| it.as_millis());
                let lifetime_ms = i64::try_from(lifetime).unwrap_or(i64::MAX);
                Outcome::Known(response(message, lifetime_ms), identity)
            }
        }
    }
}

/// How long a session lasts: until the broker wants to hear again, or until what proved it ends.
fn lifetime(reauth: Option<Duration>, expires_at_ms: Option<i64>, now_ms: i64) -> Option<Duration> {
    let left = expires_at_ms.map(|at| {
        let left = u64::try_from(at.saturating_sub(now_ms)).unwrap_or(0);
        Duration::from_millis(left.max(1))
    });
    [reauth, left].into_iter().flatten().min()
}

fn response(message: Vec<u8>, session_lifetime_ms: i64) -> SaslAuthenticateResponse {
    SaslAuthenticateResponse {
        error_message: None,
        auth_bytes: message.into(),
        session_lifetime_ms,
        ..SaslAuthenticateResponse::default()
    }
}

fn failed(reason: String) -> Outcome {
    let response = SaslAuthenticateResponse {
        error_code: ErrorCode::SASL_AUTHENTICATION_FAILED.code(),
        error_message: Some(reason.as_str().into()),
        ..SaslAuthenticateResponse::default()
    };
    Outcome::Failed(response, reason)
}

/// How soon a client may authenticate again.
const REAUTH_MIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use rdkafka_broker_core::conf::BrokerConfig;

    use super::*;

    fn session() -> Session {
        let mut config = BrokerConfig::default();
        for (name, value) in [
            ("sasl.enabled.mechanisms", "PLAIN"),
            (
                "sasl.jaas.config",
                "a.PlainLoginModule required user_alice=\"x\";",
            ),
        ] {
            config.set(name, value).unwrap();
        }
        let conf = SaslConf::new(&config, "L", &config.listener("L")).unwrap();
        Session::new(Arc::new(conf))
    }

    fn handshake(session: &mut Session, mechanism: &str) -> i16 {
        let request = SaslHandshakeRequest {
            mechanism: mechanism.into(),
        };
        session.handshake(&request, 1).error_code
    }

    fn router() -> Router {
        Router::new(std::sync::mpsc::channel().0)
    }

    #[test]
    fn nothing_but_versions_and_sasl_passes_before_the_client_is_known() {
        let mut session = session();
        for key in [ApiKey::Metadata, ApiKey::Produce, ApiKey::SaslAuthenticate] {
            assert!(
                matches!(session.judge(key, 0), Verdict::Refuse(_)),
                "{key:?}"
            );
        }
        assert_eq!(session.judge(ApiKey::ApiVersions, 99), Verdict::Pass);
        assert_eq!(session.judge(ApiKey::ApiVersions, 3), Verdict::Pass);
        assert!(matches!(
            session.judge(ApiKey::ApiVersions, 3),
            Verdict::Refuse(_)
        ));
        assert_eq!(session.judge(ApiKey::SaslHandshake, 1), Verdict::Handshake);
        assert_eq!(
            handshake(&mut session, "GSSAPI"),
            ErrorCode::UNSUPPORTED_SASL_MECHANISM.code()
        );
    }

    #[tokio::test]
    async fn a_known_client_passes_and_cannot_become_another() {
        let mut session = session();
        assert_eq!(handshake(&mut session, "PLAIN"), 0);
        assert_eq!(
            session.judge(ApiKey::SaslAuthenticate, 1),
            Verdict::Authenticate
        );
        let outcome = session.token(b"\0alice\0x", &router()).await;
        assert!(matches!(outcome, Outcome::Known(_, who) if who.name == "alice"));
        assert_eq!(session.judge(ApiKey::Metadata, 1), Verdict::Pass);
        // Too soon: the shard says ILLEGAL_SASL_STATE.
        assert_eq!(session.judge(ApiKey::SaslHandshake, 1), Verdict::Pass);
        assert_eq!(handshake(&mut session, "PLAIN"), 0);
        let outcome = session.token(b"\0alice\0wrong", &router()).await;
        assert!(matches!(outcome, Outcome::Failed(..)));
    }

    #[tokio::test]
    async fn a_wrong_name_and_a_wrong_password_are_told_the_same() {
        let mut said = Vec::new();
        for token in [&b"\0alice\0y"[..], b"\0bob\0x", b"\0bob\0 "] {
            let mut session = session();
            handshake(&mut session, "PLAIN");
            let Outcome::Failed(response, _) = session.token(token, &router()).await else {
                panic!("let in");
            };
            assert_eq!(response.error_code, 58);
            said.push(response.error_message.unwrap());
        }
        said.dedup();
        assert_eq!(said.len(), 1);
    }

    #[test]
    fn a_session_lasts_as_long_as_the_shorter_of_both_limits() {
        let seconds = Duration::from_secs;
        assert_eq!(lifetime(None, None, 0), None);
        assert_eq!(lifetime(Some(seconds(5)), None, 0), Some(seconds(5)));
        assert_eq!(lifetime(None, Some(7000), 0), Some(seconds(7)));
        assert_eq!(lifetime(Some(seconds(5)), Some(7000), 0), Some(seconds(5)));
        assert!(lifetime(None, Some(7000), 9000).unwrap() < seconds(1));
    }
}
