//! How a connection ends: what is said of it, who is told, when it is tried again.
//!
//! Each request is completed exactly once, and the same words are said at most every 30 seconds. Driver thread.

use std::collections::VecDeque;

use rdkafka_wire::{ApiKey, ErrorCode};

use super::{Broker, PROVEN_AFTER, REPEAT_AFTER, State};
use crate::connection::Asker;
use crate::effects::{Effects, Notice};
use crate::io::{Lane, Moment, Output};
use crate::request::RequestError;

impl Broker {
    /// End the connection for a reason of ours.
    pub(super) fn close(&mut self, now: Moment, code: ErrorCode, words: &str, fx: &mut Effects) {
        fx.outbox.push_back(Output::Close(self.id));
        self.failed(now, code, words, false, fx);
    }

    /// Close without a word and forget; who waits is told.
    pub(crate) fn shut(&mut self, fx: &mut Effects) {
        if self.is_up() || self.is_connecting() {
            fx.outbox.push_back(Output::Close(self.id));
        }
        self.fail_everything(fx);
        self.is_wanted = false;
        self.told_state = ("DOWN", self.last_used);
    }

    /// End the connection, where there is one: it is of no use.
    pub(crate) fn abandon(&mut self, now: Moment, fx: &mut Effects) {
        if self.is_up() {
            let words = "Closed: it gave no metadata";
            self.close(now, ErrorCode::_TRANSPORT, words, fx);
        }
    }

    pub(super) fn setup_timed_out(&mut self, now: Moment, fx: &mut Effects) {
        let words = format!("Connection setup timed out in state {}", self.state.name());
        self.close(now, ErrorCode::_TRANSPORT, &words, fx);
    }

    pub(super) fn requests_timed_out(
        &mut self,
        now: Moment,
        expired: Vec<(ApiKey, Asker)>,
        fx: &mut Effects,
    ) {
        let count = expired.len();
        self.counters.request_timeouts += count as u64;
        let name = self.name();
        for (key, _) in &expired {
            let text = || format!("{name}: Timed out {}Request in flight", key.name());
            fx.log_of(5, "REQTMOUT", || name.clone(), text);
        }
        self.complete_expired(expired, fx);
        if fx.conf.socket.max_fails.is_some() {
            let words = format!("{count} request(s) timed out: disconnect");
            self.close(now, ErrorCode::_TIMED_OUT, &words, fx);
        }
    }

    pub(super) fn failed(
        &mut self,
        now: Moment,
        code: ErrorCode,
        words: &str,
        is_quiet: bool,
        fx: &mut Effects,
    ) {
        let since = match &self.state {
            State::Connecting { since, .. }
            | State::Negotiating { since, .. }
            | State::Authenticating { since, .. }
            | State::Up { since, .. } => *since,
            State::Idle | State::BackingOff { .. } => now,
        };
        let state = self.state.name();
        if !matches!(self.state, State::Connecting { .. }) {
            self.counters.disconnects += 1;
        }
        if self.is_up() && now.since(since) >= PROVEN_AFTER {
            self.proven();
        }
        let name = self.name();
        let elapsed = now.since(since).as_millis();
        let full = format!("{name}: {words} (after {elapsed}ms in state {state})");
        if is_quiet || self.lane == Lane::Probe || self.is_repeated(now, words) {
            fx.log_of(7, "FAIL", || name, || full);
        } else {
            self.last_words = Some((words.to_owned(), now));
            fx.log_of(3, "FAIL", || name, || full.clone());
            fx.error(code, full);
        }
        self.fail_everything(fx);
        self.is_wanted = false;
        let is_definite = matches!(code, ErrorCode::_AUTHENTICATION | ErrorCode::_SSL);
        self.definite_failure = is_definite.then_some(code);
        // Credentials are not tried again and again; whether a broker is back is worth a look each second.
        let max_ms = if is_definite {
            fx.conf.socket.reconnect_backoff_max_ms
        } else {
            fx.conf.socket.reconnect_backoff_unreachable_max_ms
        };
        let until = now + self.backoff.next_at_most(max_ms, &mut fx.rng);
        self.enter(State::BackingOff { until }, now, fx);
        fx.notices.push_back(Notice::Down(self.id));
    }

    pub(super) fn is_repeated(&self, now: Moment, words: &str) -> bool {
        self.last_words
            .as_ref()
            .is_some_and(|(last, at)| last == words && now.since(*at) < REPEAT_AFTER)
    }

    pub(super) fn complete_expired(&self, expired: Vec<(ApiKey, Asker)>, fx: &mut Effects) {
        for (_, asker) in expired {
            if let Asker::Route(route) = asker {
                fx.complete(
                    route,
                    Err(RequestError::TimedOut { sent: true }),
                    Some(self.id),
                );
            }
        }
    }

    /// Tell everyone who waits for this connection that it is gone.
    pub(super) fn fail_everything(&mut self, fx: &mut Effects) {
        let state = std::mem::replace(&mut self.state, State::Idle);
        if let State::Up { connection, .. }
        | State::Authenticating { connection, .. }
        | State::Negotiating { connection, .. } = state
        {
            for asker in connection.into_askers() {
                if let Asker::Route(route) = asker {
                    fx.complete(
                        route,
                        Err(RequestError::Disconnected { sent: true }),
                        Some(self.id),
                    );
                }
            }
        }
        for pending in self.pending.drain(..) {
            fx.complete(
                pending.route,
                Err(RequestError::Disconnected { sent: false }),
                Some(self.id),
            );
        }
    }

    pub(super) fn expire_pending(&mut self, now: Moment, fx: &mut Effects) {
        if !self.pending.iter().any(|pending| pending.deadline <= now) {
            return;
        }
        let (expired, kept): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|pending| pending.deadline <= now);
        self.pending = kept;
        for pending in expired {
            fx.complete(
                pending.route,
                Err(RequestError::TimedOut { sent: false }),
                Some(self.id),
            );
        }
    }
}
