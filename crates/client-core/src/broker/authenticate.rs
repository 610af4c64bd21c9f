//! Authenticating a connection by SASL: SaslHandshake names the mechanism, SaslAuthenticate carries its messages.
//!
//! Brokers before 1.0 know no SaslAuthenticate: the messages are frames of their own then. A broker that limits
//! sessions (KIP-368) hears of the credentials again before the session ends, on the same connection: what was asked
//! before is still answered, what comes meanwhile waits. Driver thread.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use rdkafka_wire::messages::sasl_authenticate::{
    SaslAuthenticateRequest, SaslAuthenticateResponse,
};
use rdkafka_wire::messages::sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse};
use rdkafka_wire::{ApiKey, ErrorCode, Frame};

use super::{Broker, State};
use crate::conf::{DebugContexts, Secret};
use crate::connection::{Connection, Outgoing};
use crate::effects::Effects;
use crate::io::{Job, Moment, Output};
use crate::request::Request;
use crate::sasl::{self, JobDone, Next};

impl Broker {
    /// Begin: name the mechanism.
    pub(super) fn authenticate(
        &mut self,
        now: Moment,
        since: Moment,
        mut connection: Connection,
        is_again: bool,
        fx: &mut Effects,
    ) {
        let mechanism = fx.conf.security.sasl.mechanism.as_str().into();
        let request = Request::SaslHandshake(SaslHandshakeRequest { mechanism });
        let is_raw = !connection.knows(ApiKey::SaslAuthenticate);
        let version = connection.version_of(&request);
        // Version 1 promises SaslAuthenticate.
        let version = version.map(|version| if is_raw { 0 } else { version });
        let Some(version) = version else {
            let words = "The broker knows no SaslHandshake: is security.protocol right?";
            self.close(now, ErrorCode::_AUTHENTICATION, words, fx);
            return;
        };
        self.attempt += 1;
        let timeout = request_timeout(fx);
        let outgoing = connection.ask(&request, version, &fx.conf.client_id, now, timeout);
        let state = State::Authenticating {
            since,
            connection,
            exchange: None,
            is_raw,
            is_again,
        };
        self.enter(state, now, fx);
        self.transmit(now, outgoing, fx);
    }

    /// The session is nearly over.
    pub(super) fn authenticate_again(&mut self, now: Moment, fx: &mut Effects) {
        if let State::Up { connection, .. } = &mut self.state {
            let connection = std::mem::take(connection);
            self.debug(DebugContexts::SECURITY, "REAUTH", fx, || {
                "Authenticating again: the session nears its end".to_owned()
            });
            self.authenticate(now, now, connection, true, fx);
        }
    }

    /// The broker's word on the mechanism.
    pub(super) fn mechanism_answered(
        &mut self,
        now: Moment,
        response: &SaslHandshakeResponse,
        fx: &mut Effects,
    ) {
        if !matches!(self.state, State::Authenticating { .. }) {
            return;
        }
        let mechanisms: Vec<&str> = response.mechanisms.iter().map(|name| &**name).collect();
        let mechanisms = mechanisms.join(",");
        self.debug(DebugContexts::SECURITY, "SASLMECHS", fx, || {
            format!("Broker supported SASL mechanisms: {mechanisms}")
        });
        let error = ErrorCode(response.error_code);
        if error.is_error() {
            let mechanism = &fx.conf.security.sasl.mechanism;
            let words = format!(
                "SASL {mechanism} mechanism handshake failed: {}: broker's supported mechanisms: {mechanisms}",
                error.text()
            );
            self.close(now, ErrorCode::_AUTHENTICATION, &words, fx);
            return;
        }
        let conf = std::sync::Arc::clone(&fx.conf);
        let Some((begun, first)) = fx.credentials.begin(&conf) else {
            let words = "No credentials to authenticate with";
            self.close(now, ErrorCode::_AUTHENTICATION, words, fx);
            return;
        };
        if let State::Authenticating { exchange, .. } = &mut self.state {
            *exchange = Some(begun);
        }
        self.tell_state(self.state.name(), now, fx);
        self.send_sasl(now, first.into(), fx);
    }

    /// The broker's answer to a message of the mechanism.
    pub(super) fn authenticate_answered(
        &mut self,
        now: Moment,
        response: &SaslAuthenticateResponse,
        fx: &mut Effects,
    ) {
        let error = ErrorCode(response.error_code);
        if error.is_error() {
            let code = if error == ErrorCode::SASL_AUTHENTICATION_FAILED {
                ErrorCode::_AUTHENTICATION
            } else {
                error
            };
            let words = response.error_message.as_deref();
            let words = words.filter(|words| !words.is_empty());
            let text = error.text();
            self.refused(now, code, words.unwrap_or(&text), fx);
            return;
        }
        self.session_ms = response.session_lifetime_ms;
        self.sasl_answered(now, &response.auth_bytes, fx);
    }

    /// Whether the next frame is a message of the mechanism.
    pub(super) fn takes_raw_frame(&self) -> bool {
        matches!(
            self.state,
            State::Authenticating {
                is_raw: true,
                exchange: Some(_),
                ..
            }
        )
    }

    pub(super) fn sasl_answered(&mut self, now: Moment, message: &Bytes, fx: &mut Effects) {
        if let State::Authenticating {
            exchange: Some(exchange),
            ..
        } = &mut self.state
        {
            let next = exchange.answer(message);
            self.go_on(now, next, message, fx);
        }
    }

    /// A worker has computed an answer.
    pub(crate) fn on_sasl_job(&mut self, now: Moment, done: JobDone, fx: &mut Effects) {
        if done.attempt != self.attempt {
            return;
        }
        if let State::Authenticating {
            exchange: Some(exchange),
            ..
        } = &mut self.state
        {
            let next = exchange.computed(done);
            self.go_on(now, next, &Bytes::new(), fx);
        }
    }

    fn go_on(&mut self, now: Moment, next: Next, message: &Bytes, fx: &mut Effects) {
        match next {
            Next::Send(message) => self.send_sasl(now, message, fx),
            Next::Compute(client) => {
                let password = fx.conf.security.sasl.password.clone();
                let job = sasl::Job {
                    broker: self.id,
                    attempt: self.attempt,
                    client: *client,
                    message: message.clone(),
                    password: password.unwrap_or_else(|| Secret::new("")),
                };
                fx.outbox.push_back(Output::Run(Job::Sasl(Box::new(job))));
            }
            Next::Done => self.authenticated(now, fx),
            Next::Failed(words) => self.refused(now, ErrorCode::_AUTHENTICATION, &words, fx),
        }
    }

    fn send_sasl(&mut self, now: Moment, message: Bytes, fx: &mut Effects) {
        let timeout = request_timeout(fx);
        let State::Authenticating {
            connection, is_raw, ..
        } = &mut self.state
        else {
            return;
        };
        let outgoing = if *is_raw {
            Outgoing {
                frame: raw_frame(message),
                notify: None,
                key: ApiKey::SaslAuthenticate,
                version: 0,
                correlation_id: 0,
            }
        } else {
            let request = Request::SaslAuthenticate(SaslAuthenticateRequest {
                auth_bytes: message,
            });
            let version = connection.version_of(&request).unwrap_or(0);
            connection.ask(&request, version, &fx.conf.client_id, now, timeout)
        };
        self.transmit(now, outgoing, fx);
    }

    fn authenticated(&mut self, now: Moment, fx: &mut Effects) {
        let State::Authenticating { connection, .. } = &mut self.state else {
            return;
        };
        let connection = std::mem::take(connection);
        // In time, and not all connections at once: after 85 to 95 % of the session.
        let authenticate_at = u64::try_from(self.session_ms)
            .ok()
            .filter(|&ms| ms > 0)
            .map(|ms| now + Duration::from_millis(ms).mul_f64(0.85 + 0.1 * fx.rng.f64()));
        let session_ms = std::mem::take(&mut self.session_ms);
        self.debug(DebugContexts::SECURITY, "SASL", fx, || {
            format!("Authenticated (session of {session_ms} ms)")
        });
        self.come_up(now, connection, authenticate_at, fx);
    }

    fn refused(&mut self, now: Moment, code: ErrorCode, words: &str, fx: &mut Effects) {
        let words = format!("SASL authentication error: {words}");
        self.close(now, code, &words, fx);
    }
}

fn request_timeout(fx: &Effects) -> Duration {
    Duration::from_millis(u64::from(fx.conf.socket.timeout_ms))
}

fn raw_frame(message: Bytes) -> Frame {
    let mut length = BytesMut::with_capacity(4);
    // A message of ours: some kilobytes at most.
    length.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    Frame {
        chunks: vec![length.freeze(), message],
    }
}
