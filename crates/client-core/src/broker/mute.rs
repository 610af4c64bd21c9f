//! Connections on which nothing comes back although something is asked: when that becomes strange, and giving one up.
//!
//! Knows one connection; who asks the node on a new connection, and judges, is [`crate::probe`]. Driver thread.

use std::time::Duration;

use rdkafka_wire::ErrorCode;

use super::{Broker, State};
use crate::effects::Effects;
use crate::io::{Lane, Moment};

/// Silence that is longer than what was asked for explains, by so much, is strange.
const STRANGE_AFTER: Duration = Duration::from_secs(1);
/// How long a new connection may take to be answered when nothing is known of earlier ones.
const SETUP_LEAST: Duration = Duration::from_millis(500);
/// A connection that took longer was made in bad times: it tells nothing of others.
const SETUP_MOST: Duration = Duration::from_secs(3);

impl Broker {
    /// From when on the connection's silence is strange; `None` when nothing is waited for, or nothing could come.
    pub(crate) fn strange_at(&self) -> Option<Moment> {
        if self.lane == Lane::Probe {
            return None;
        }
        self.silence()
            .map(|(_, owed_since)| owed_since + STRANGE_AFTER)
    }

    /// When something came last, and from when on more could have come.
    fn silence(&self) -> Option<(Moment, Moment)> {
        match &self.state {
            State::Idle | State::BackingOff { .. } => None,
            State::Connecting { securing_since, .. } => securing_since.map(|since| (since, since)),
            State::Negotiating { connection, .. }
            | State::Authenticating { connection, .. }
            | State::Up { connection, .. } => connection.silence(),
        }
    }

    /// Whether nothing came since `since`, and something could have come before `until`.
    pub(crate) fn is_silent_through(&self, since: Moment, until: Moment) -> bool {
        self.lane != Lane::Probe
            && self
                .silence()
                .is_some_and(|(heard, owed_since)| heard <= since && owed_since <= until)
    }

    /// Whether the connection is strangely silent.
    pub(crate) fn is_mute(&self, now: Moment) -> bool {
        self.strange_at().is_some_and(|at| at <= now)
    }

    /// A part of a frame arrived.
    pub(crate) fn on_receiving(&mut self, now: Moment) {
        if let State::Negotiating { connection, .. }
        | State::Authenticating { connection, .. }
        | State::Up { connection, .. } = &mut self.state
        {
            connection.heard(now);
        }
    }

    /// The node answers others again: no reason to wait before the next attempt.
    pub(crate) fn on_node_back(&mut self, now: Moment) {
        self.backoff.reset();
        if let State::BackingOff { until } = &mut self.state {
            *until = now;
        }
    }

    /// The silence is not the node's: end the connection, so that what waits on it is asked again on another.
    pub(crate) fn give_up(&mut self, now: Moment, fx: &mut Effects) {
        let owed_since = self.silence().map_or(now, |(_, owed_since)| owed_since);
        let ms = now.since(owed_since).as_millis();
        let words = format!("Connection is dead: no answer for {ms}ms");
        self.close(now, ErrorCode::_TRANSPORT, &words, fx);
    }

    /// How long a connection that was just begun may need until it is answered, when all is well.
    pub(crate) fn setup_bound(&self) -> Duration {
        let twice = self.setup_took.map_or(SETUP_LEAST, |took| took * 2);
        twice.clamp(SETUP_LEAST, SETUP_MOST)
    }

    /// A connection that TCP gave at `since` is ready.
    pub(super) fn note_setup(&mut self, now: Moment) {
        if let Some(since) = self.connected_at.take() {
            let took = now.since(since);
            self.setup_took = Some(self.setup_took.map_or(took, |least| least.min(took)));
        }
    }
}
