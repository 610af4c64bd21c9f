//! Quotas of clients (KIP-13, KIP-55, KIP-124, KIP-219, KIP-599): who used more than allowed waits.
//!
//! An answer is never held back. It says how long its client is throttled, and nothing more is read from the connection
//! for that time ([`Output::Mute`]).
//!
//! Owns: [`Quotas`], the limits in force, what was used lately, and who asked what is not answered yet. Guarantees: without
//! a quota nothing is counted and nothing costs time; what is held of clients that are gone is let go.
//! Leaves to others: which quotas are legal and how they are kept (`api/alter_client_quotas`), quotas of addresses
//! (`addresses`), the measuring of time (the shell). Runs on the shard thread.

pub(crate) mod addresses;
pub(crate) mod entity;
mod limits;
mod rate;

use std::collections::HashMap;
use std::time::Duration;

use rdkafka_wire::ApiKey;

use crate::conf::BrokerConfig;
use crate::request::{ConnectionId, Now, RequestContext, Ticket};
use crate::settings::Settings;
use crate::shard::{Output, Shard};
use limits::{Limits, Owner, QuotaKind};
use rate::{Rate, TokenBucket, Windows};

/// The quotas in force and what was used of them.
#[derive(Debug)]
pub(crate) struct Quotas {
    limits: Limits,
    windows: Windows,
    controller_windows: Windows,
    rates: HashMap<(QuotaKind, Owner), Rate>,
    buckets: HashMap<Owner, TokenBucket>,
    /// Requests that are not answered yet.
    asked: HashMap<(ConnectionId, u64), Asked>,
    /// What requests cost after they were answered; their connection's next one is charged with it.
    unpaid: HashMap<ConnectionId, Duration>,
    /// At how many rates and buckets those are let go of that nobody uses any more.
    sweep_at: usize,
}

#[derive(Debug)]
struct Asked {
    who: Owner,
    bytes: usize,
    spent: Duration,
    /// How long changes of the cluster must wait.
    controller: Duration,
}

impl Quotas {
    pub(crate) fn new(config: &BrokerConfig, settings: &Settings) -> Self {
        Self {
            limits: Limits::new(settings),
            windows: Windows::new(config.quota_window_num, config.quota_window_size_seconds),
            controller_windows: Windows::new(
                config.controller_quota_window_num,
                config.controller_quota_window_size_seconds,
            ),
            rates: HashMap::new(),
            buckets: HashMap::new(),
            asked: HashMap::new(),
            unpaid: HashMap::new(),
            sweep_at: SWEEP_AT_LEAST,
        }
    }

    /// Quotas have changed. What was used stays counted.
    pub(crate) fn set(&mut self, settings: &Settings) {
        self.limits = Limits::new(settings);
        if !self.is_active() {
            self.rates.clear();
            self.buckets.clear();
            self.asked.clear();
            self.unpaid.clear();
        }
    }

    fn is_active(&self) -> bool {
        !self.limits.is_empty()
    }

    /// Whether somebody's requests are limited by the time they take.
    pub(crate) const fn wants_time(&self) -> bool {
        self.limits.are_about_time
    }

    /// A request begins.
    pub(crate) fn asks(&mut self, context: &RequestContext) {
        let ticket = context.ticket;
        if !self.is_active() || EXEMPT.contains(&ticket.key) {
            return;
        }
        let principal = &context.peer.principal;
        let user = principal.strip_prefix("User:").unwrap_or(principal);
        let unpaid = self.unpaid.remove(&ticket.connection).unwrap_or_default();
        let asked = Asked {
            // What is counted is kept long after the frame.
            who: Owner {
                user: user.into(),
                client_id: context.client_id.as_deref().unwrap_or_default().into(),
            },
            bytes: context.bytes,
            spent: context.spent + unpaid,
            controller: Duration::ZERO,
        };
        self.asked.insert((ticket.connection, ticket.slot), asked);
    }

    /// A connection is gone.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.unpaid.remove(&connection);
        self.asked.retain(|(of, _), _| *of != connection);
    }

    /// A request of a connection took this long.
    pub(crate) fn spent(&mut self, connection: ConnectionId, time: Duration) {
        if self.wants_time() {
            *self.unpaid.entry(connection).or_default() += time;
        }
    }

    /// How much a fetch may bring: more would always be too much.
    pub(crate) fn fetch_bytes_max(&self, ticket: Ticket) -> usize {
        let asked = self.asked.get(&(ticket.connection, ticket.slot));
        let limit = asked.and_then(|it| self.limits.find(QuotaKind::Fetch, &it.who));
        limit.map_or(usize::MAX, |(_, limit)| {
            // A float becomes the nearest number there is.
            (limit * self.windows.full().as_secs_f64()) as usize
        })
    }

    /// A fetch found this much. If it must wait it gets nothing, and that is not counted.
    pub(crate) fn fetched(&mut self, ticket: Ticket, bytes: usize, now: Now) -> Duration {
        let Some(asked) = self.asked.remove(&(ticket.connection, ticket.slot)) else {
            return Duration::ZERO;
        };
        let of_time = self.charge_time(&asked, now);
        let of_bytes = self.charge(QuotaKind::Fetch, &asked.who, bytes as f64, now);
        let throttle = of_time.max(of_bytes);
        if !throttle.is_zero() {
            self.charge(QuotaKind::Fetch, &asked.who, -(bytes as f64), now);
        }
        throttle
    }

    /// Partitions are to be created or deleted. `is_strict` refuses while a wait is due (false); else the client waits
    /// afterwards.
    pub(crate) fn mutates(
        &mut self,
        ticket: Ticket,
        partitions: i32,
        is_strict: bool,
        now: Now,
    ) -> bool {
        let Some(asked) = self.asked.get_mut(&(ticket.connection, ticket.slot)) else {
            return true;
        };
        let Some((owner, limit)) = self.limits.find(QuotaKind::ControllerMutation, &asked.who)
        else {
            return true;
        };
        let windows = self.controller_windows;
        let bucket = self
            .buckets
            .entry(owner)
            .or_insert_with(|| TokenBucket::new(limit, windows, now.mono));
        let owed = bucket.debt(limit, windows, now.mono);
        if is_strict && !owed.is_zero() {
            asked.controller = owed;
            return false;
        }
        bucket.take(f64::from(partitions));
        if !is_strict {
            asked.controller = bucket.debt(limit, windows, now.mono);
        }
        true
    }

    /// A request is answered, or passed over in silence; how long its client must wait.
    fn answered(&mut self, ticket: &Ticket, is_silent: bool, now: Now) -> Duration {
        let Some(asked) = self.asked.remove(&(ticket.connection, ticket.slot)) else {
            return Duration::ZERO;
        };
        let mut throttle = asked.controller;
        if ticket.key == ApiKey::Produce {
            let bytes = asked.bytes as f64;
            throttle = throttle.max(self.charge(QuotaKind::Produce, &asked.who, bytes, now));
        }
        if !is_silent {
            throttle = throttle.max(self.charge_time(&asked, now));
        }
        throttle
    }

    /// As in Kafka, time that was used up never costs more than a window.
    fn charge_time(&mut self, asked: &Asked, now: Now) -> Duration {
        let percent = asked.spent.as_secs_f64() * 100.0;
        let throttle = self.charge(QuotaKind::Request, &asked.who, percent, now);
        throttle.min(self.windows.len())
    }

    fn charge(&mut self, kind: QuotaKind, who: &Owner, value: f64, now: Now) -> Duration {
        let Some((owner, limit)) = self.limits.find(kind, who) else {
            return Duration::ZERO;
        };
        self.sweep(now);
        let rate = self.rates.entry((kind, owner)).or_default();
        rate.record(value, self.windows, now.mono);
        rate.excess(limit, self.windows, now.mono)
    }

    /// Client ids come and go, without end for those who make one up each time.
    fn sweep(&mut self, now: Now) {
        if self.rates.len() + self.buckets.len() < self.sweep_at {
            return;
        }
        let windows = self.windows;
        self.rates
            .retain(|_, rate| !rate.is_forgotten(windows, now.mono));
        let (limits, windows) = (&self.limits, self.controller_windows);
        self.buckets.retain(|owner, bucket| {
            let limit = limits.find(QuotaKind::ControllerMutation, owner);
            limit.is_some_and(|(_, limit)| !bucket.is_full(limit, windows, now.mono))
        });
        self.sweep_at = (2 * (self.rates.len() + self.buckets.len())).max(SWEEP_AT_LEAST);
    }
}

impl Shard {
    /// Whether the time that requests take is asked for ([`Self::spent`], [`RequestContext::spent`]).
    pub fn wants_time(&self) -> bool {
        self.quotas.wants_time()
    }

    /// Handling a request of a connection took this long.
    pub fn spent(&mut self, connection: ConnectionId, time: Duration) {
        self.quotas.spent(connection, time);
    }

    /// Charges those who are answered now, and has those wait who used too much.
    pub(crate) fn charge_answers(&mut self, now: Now) {
        if !self.quotas.is_active() {
            return;
        }
        let mut mutes = Vec::new();
        for output in &mut self.outputs {
            let Output::Reply(ticket, response) = output else {
                continue;
            };
            let throttle = self.quotas.answered(ticket, response.is_none(), now);
            if throttle.is_zero() {
                continue;
            }
            if let Some(response) = response {
                response.set_throttle_time_ms(throttle_time_ms(throttle));
            }
            mutes.push(Output::Mute(ticket.connection, throttle));
        }
        // First: whoever has its answer must not get in another request before.
        for mute in mutes {
            self.outputs.push_front(mute);
        }
    }
}

/// As the protocol says it.
pub(crate) fn throttle_time_ms(throttle: Duration) -> i32 {
    i32::try_from(throttle.as_millis()).unwrap_or(i32::MAX)
}

/// What is no business of clients, or comes before it is known who they are.
const EXEMPT: [ApiKey; 3] = [
    ApiKey::SaslHandshake,
    ApiKey::SaslAuthenticate,
    ApiKey::WriteTxnMarkers,
];
const SWEEP_AT_LEAST: usize = 64;
