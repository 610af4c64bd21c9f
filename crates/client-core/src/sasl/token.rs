//! Keeping the token of OAUTHBEARER fresh.
//!
//! | where from | how |
//! |---|---|
//! | `enable.sasl.oauthbearer.unsecure.jwt` | made here, from `sasl.oauthbearer.config` |
//! | `sasl.oauthbearer.method=oidc` | the driver asks the token endpoint |
//! | otherwise | the application is asked (`oauthbearer_token_refresh_cb`), or hands one over by itself |
//!
//! A new one is asked for when 80 % of a token's life are over. After a failure: again after ten seconds, or after a
//! second where the token endpoint could not be reached. Driver thread.

use std::time::Duration;

use rdkafka_sasl::oauthbearer::Token;
use rdkafka_sasl::oauthbearer::oidc::{self, TokenRequest};
use rdkafka_sasl::oauthbearer::unsecured::UnsecuredConfig;
use rdkafka_wire::ErrorCode;

use crate::conf::{ClientConfig, DebugContexts, OauthbearerMethod, Secret};
use crate::effects::Effects;
use crate::io::{Event, Moment, Now, Output};

/// How long after a failure another token is asked for.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// The same, where the token endpoint was not reached.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// The schedule.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// When to ask for the next token; `None` while one is awaited, or none is needed.
    due: Option<Moment>,
    last_failure: Option<String>,
    /// The last word about a token was no, from who should know.
    is_refused: bool,
}

impl Tokens {
    /// Ask for the first token, where tokens are used.
    pub(crate) fn start(&mut self, now: Now, fx: &mut Effects) {
        if fx.credentials.uses_tokens() {
            self.ask(now, fx);
        }
    }

    /// Whether there is none, and waiting for one does not help: who was asked said no.
    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        self.due
    }

    pub(crate) fn on_timeout(&mut self, now: Now, fx: &mut Effects) {
        if self.due.is_some_and(|due| due <= now.mono) {
            self.due = None;
            self.ask(now, fx);
        }
    }

    fn ask(&mut self, now: Now, fx: &mut Effects) {
        let conf = &fx.conf;
        if conf.security.sasl.unsecure_jwt {
            let config = conf.security.sasl.oauthbearer.config.as_ref();
            let config = config.map(Secret::reveal).unwrap_or_default();
            match UnsecuredConfig::parse(config).map(|config| config.token(now.unix_ms)) {
                Ok(token) => self.set(now, token, fx),
                Err(error) => self.fail(now, &error.to_string(), RETRY_AFTER, fx),
            }
        } else if conf.security.sasl.oauthbearer.method == OauthbearerMethod::Oidc {
            let request = token_request(conf);
            fx.outbox.push_back(Output::FetchToken(request));
        } else if conf.callbacks.oauthbearer_token_refresh {
            let config = conf.security.sasl.oauthbearer.config.clone();
            fx.outbox
                .push_back(Output::Event(Event::TokenRefresh(config)));
        }
    }

    /// A token came: use it, and plan for the next.
    pub(crate) fn set(&mut self, now: Now, token: Token, fx: &mut Effects) {
        let life_ms = u64::try_from(token.expires_ms.saturating_sub(now.unix_ms)).unwrap_or(0);
        let refresh = Duration::from_millis(life_ms).mul_f64(0.8);
        self.due = Some(now.mono + refresh);
        self.last_failure = None;
        self.is_refused = false;
        fx.debug(DebugContexts::SECURITY, "OAUTHBEARER", || {
            let (principal, s) = (&token.principal, refresh.as_secs());
            format!("Token of {principal} set, the next is asked for in {s} seconds")
        });
        fx.credentials.set_token(token);
    }

    /// The application has none: what is left of the last one's life is still used.
    pub(crate) fn set_failure(&mut self, now: Now, why: &str, fx: &mut Effects) {
        self.fail(now, why, RETRY_AFTER, fx);
    }

    fn fail(&mut self, now: Now, why: &str, retry_after: Duration, fx: &mut Effects) {
        self.due = Some(now.mono + retry_after);
        self.is_refused = retry_after == RETRY_AFTER;
        if self.last_failure.as_deref() != Some(why) {
            self.last_failure = Some(why.to_owned());
            let text = format!("Failed to acquire SASL OAUTHBEARER token: {why}");
            fx.log(3, "OAUTHBEARER", || text.clone());
            fx.error(ErrorCode::_AUTHENTICATION, text);
        }
    }

    /// The token endpoint answered, or could not be asked; whether there is a new token.
    pub(crate) fn on_fetched(
        &mut self,
        now: Now,
        answer: Result<(u16, Vec<u8>), String>,
        fx: &mut Effects,
    ) -> bool {
        let conf = &fx.conf.security.sasl.oauthbearer;
        let extensions = conf.extensions.as_deref().unwrap_or_default();
        let retry_after = match &answer {
            Ok((status, _)) if *status < 500 => RETRY_AFTER,
            _ => RECONNECT_AFTER,
        };
        let token = answer.and_then(|(status, body)| {
            oidc::parse_extensions(extensions)
                .and_then(|extensions| {
                    oidc::parse_answer(status, &body, &conf.sub_claim_name, &extensions)
                })
                .and_then(|token| token.check(now.unix_ms).map(|()| token))
                .map_err(|error| error.to_string())
        });
        match token {
            Ok(token) => {
                self.set(now, token, fx);
                true
            }
            Err(why) => {
                let url = conf.token_endpoint_url.as_deref().unwrap_or_default();
                let why = format!("Failed to retrieve OIDC token from \"{url}\": {why}");
                self.fail(now, &why, retry_after, fx);
                false
            }
        }
    }
}

fn token_request(conf: &ClientConfig) -> TokenRequest {
    let conf = &conf.security.sasl.oauthbearer;
    let secret = conf.client_secret.as_ref().map(Secret::reveal);
    oidc::client_credentials(
        conf.client_id.as_deref().unwrap_or_default(),
        secret.unwrap_or_default(),
        conf.scope.as_deref(),
    )
}
