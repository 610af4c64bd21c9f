//! Telling a dead connection from a slow broker: while one is strangely silent, its node is asked on a new one.
//!
//! A cut cable tells nobody. TCP repeats what was lost ever more seldom, and a connection whose state was lost on the way
//! stays silent for ever; requests would wait for `socket.timeout.ms`. But a broker may sit on a request for good
//! reasons. So silence alone ends nothing:
//!
//! | state | what goes on | next |
//! |---|---|---|
//! | `Resting` | nothing, or the node answered at once: it is only slow | somebody is strangely silent → `Asking` |
//! | `Asking` | connections are tried until one is answered | answered at once → `Resting`; later → `Answered`; not at all → judged, `Resting` |
//! | `Answered` | there was an outage, it is over: the silent get a moment to speak | over → judged, `Resting` |
//!
//! Judged are those who were silent all the time: if TCP is not busy sending for them, they end, and what waits on them
//! is asked again. One probe per address, whoever connects there. Driver thread.

use std::time::Duration;

use crate::broker::Broker;
use crate::effects::earlier;
use crate::io::{BrokerId, Endpoint, Lane, Moment, Now, Output};
use crate::network::Network;

/// A node that needs longer than this for a new connection was away.
const OUTAGE_AFTER: Duration = Duration::from_secs(1);
/// How long those who were silent may still speak up when their node is back.
const GRACE: Duration = Duration::from_millis(250);
/// A node that was found to be well is not asked again so soon.
const REST: Duration = Duration::from_secs(3);
/// In an outage that lasts, connections are tried no faster than this.
const LONG_OUTAGE_PACE: Duration = Duration::from_millis(750);
/// A node that answers nobody for so long has lost our connections: who can ask another one shall.
const DEAD_AFTER: Duration = Duration::from_secs(10);

/// Of all addresses that ever had a silent connection.
#[derive(Debug, Default)]
pub(crate) struct Probes(Vec<Probe>);

#[derive(Debug)]
struct Probe {
    endpoint: Endpoint,
    /// The connection it is asked on.
    place: BrokerId,
    state: State,
    /// When the outage that is known of began.
    away_since: Option<Moment>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Resting {
        until: Moment,
    },
    Asking {
        since: Moment,
        /// When the connection under way is given up for another.
        again_at: Moment,
        /// How long one may take.
        bound: Duration,
    },
    Answered {
        /// When the first question was asked.
        since: Moment,
        at: Moment,
    },
}

impl State {
    fn asking(since: Moment, now: Moment, bound: Duration) -> Self {
        let again_at = now + bound;
        Self::Asking {
            since,
            again_at,
            bound,
        }
    }

    /// When to look again, beside the question whether somebody is silent.
    fn deadline(self) -> Option<Moment> {
        match self {
            Self::Resting { .. } => None,
            Self::Asking {
                since,
                again_at,
                bound,
            } => Some(again_at.min(dead_at(since, bound))),
            Self::Answered { at, .. } => Some(at + GRACE),
        }
    }
}

fn dead_at(since: Moment, bound: Duration) -> Moment {
    since + DEAD_AFTER.max(bound * 3)
}

impl Probes {
    fn of(&self, endpoint: &Endpoint) -> Option<&Probe> {
        self.0.iter().find(|probe| probe.endpoint == *endpoint)
    }
}

impl Network {
    pub(crate) fn probe_deadline(&self) -> Option<Moment> {
        let silent = self.brokers().iter().filter_map(|broker| {
            let at = broker.strange_at()?;
            match self.probes.of(&broker.endpoint).map(|probe| probe.state) {
                None => Some(at),
                Some(State::Resting { until }) => Some(at.max(until)),
                Some(_) => None,
            }
        });
        let own = self
            .probes
            .0
            .iter()
            .filter_map(|probe| probe.state.deadline());
        earlier(silent.min(), own.min())
    }

    pub(crate) fn probe_on_timeout(&mut self, now: Moment) {
        while let Some(endpoint) = self.unasked(now) {
            let place = self.add_broker(endpoint.clone(), None, Lane::Probe);
            let state = State::Resting { until: now };
            self.probes.0.push(Probe {
                endpoint,
                place,
                state,
                away_since: None,
            });
        }
        for index in 0..self.probes.0.len() {
            self.step(index, now);
        }
    }

    /// An address with a silent connection that never had one before.
    fn unasked(&self, now: Moment) -> Option<Endpoint> {
        let mut silent = self.brokers().iter().filter(|broker| broker.is_mute(now));
        let unasked = silent.find(|broker| self.probes.of(&broker.endpoint).is_none());
        unasked.map(|broker| broker.endpoint.clone())
    }

    fn step(&mut self, index: usize, now: Moment) {
        let Some(probe) = self.probes.0.get(index) else {
            return;
        };
        let (place, state, away_since) = (probe.place, probe.state, probe.away_since);
        let mute = || {
            self.at(&probe.endpoint)
                .filter(|broker| broker.is_mute(now))
        };
        let bound = mute().map(Broker::setup_bound).max();
        let is_long = away_since.is_some_and(|away| now.since(away) >= DEAD_AFTER);
        let bound = bound.map(|bound| {
            if is_long {
                bound.max(LONG_OUTAGE_PACE)
            } else {
                bound
            }
        });
        let (next, away_since) = match (state, bound) {
            (State::Resting { until }, Some(bound)) if until <= now => {
                // Who was heard since then has seen the end of that outage.
                let is_still_away =
                    |away: &Moment| mute().all(|broker| broker.is_silent_through(*away, now));
                let away_since = away_since.filter(is_still_away);
                self.ask_on_new_connection(place, now);
                (State::asking(now, now, bound), away_since)
            }
            (State::Asking { .. }, None) => {
                self.shut_probe(place);
                (State::Resting { until: now }, away_since)
            }
            (State::Asking { since, bound, .. }, _) if dead_at(since, bound) <= now => {
                self.shut_probe(place);
                self.judge(index, since, now);
                let until = now + OUTAGE_AFTER;
                (State::Resting { until }, away_since.or(Some(since)))
            }
            (
                State::Asking {
                    since,
                    again_at,
                    bound,
                },
                _,
            ) if again_at <= now => {
                self.ask_on_new_connection(place, now);
                let away = (now.since(since) >= OUTAGE_AFTER.max(bound)).then_some(since);
                (State::asking(since, now, bound), away_since.or(away))
            }
            (State::Answered { since, at }, _) if at + GRACE <= now => {
                self.judge(index, since, at);
                (State::Resting { until: now + REST }, None)
            }
            _ => return,
        };
        if let Some(probe) = self.probes.0.get_mut(index) {
            (probe.state, probe.away_since) = (next, away_since);
        }
    }

    fn at(&self, endpoint: &Endpoint) -> impl Iterator<Item = &Broker> {
        self.brokers()
            .iter()
            .filter(move |broker| broker.endpoint == *endpoint)
    }

    /// The new connection was answered.
    pub(crate) fn on_probe_up(&mut self, now: Moment, id: BrokerId) {
        self.shut_probe(id);
        let Some(probe) = self.probes.0.iter_mut().find(|probe| probe.place == id) else {
            return;
        };
        let State::Asking { since, bound, .. } = probe.state else {
            return;
        };
        let is_late = now.since(since) >= OUTAGE_AFTER.max(bound);
        let Some(since) = probe.away_since.take().or_else(|| is_late.then_some(since)) else {
            probe.state = State::Resting { until: now + REST };
            return;
        };
        probe.state = State::Answered { since, at: now };
        let endpoint = &probe.endpoint;
        for broker in &mut self.brokers {
            if broker.endpoint == *endpoint {
                broker.on_node_back(now);
            }
        }
    }

    /// Who has said nothing since `since`, and owed an answer by `until`, is looked at.
    fn judge(&mut self, index: usize, since: Moment, until: Moment) {
        let Some(probe) = self.probes.0.get(index) else {
            return;
        };
        let silent: Vec<_> = self
            .at(&probe.endpoint)
            .filter(|broker| broker.is_silent_through(since, until))
            .map(|broker| broker.id)
            .collect();
        for id in silent {
            self.fx.outbox.push_back(Output::Examine(id));
        }
    }

    /// What TCP says of a connection that was silent.
    pub(crate) fn on_examined(&mut self, now: Now, id: BrokerId, is_moving: bool) {
        if let Some(broker) = self.brokers.get_mut(id.0 as usize)
            && !is_moving
            && broker.is_silent_through(now.mono - GRACE, now.mono - GRACE)
        {
            broker.give_up(now.mono, &mut self.fx);
        }
    }

    fn ask_on_new_connection(&mut self, place: BrokerId, now: Moment) {
        if let Some(broker) = self.brokers.get_mut(place.0 as usize) {
            broker.shut(&mut self.fx);
            broker.want(now, &mut self.fx);
        }
    }

    fn shut_probe(&mut self, place: BrokerId) {
        if let Some(broker) = self.brokers.get_mut(place.0 as usize) {
            broker.shut(&mut self.fx);
        }
    }
}
