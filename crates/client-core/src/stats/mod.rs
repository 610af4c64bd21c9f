//! Statistics: librdkafka's JSON (its STATISTICS.md names and explains the fields).
//!
//! Owns the schedule (`statistics.interval.ms`), the top level and the brokers; producer and consumer write their topics
//! themselves (`producer/stats.rs`, `consumer/stats.rs`). Counters are kept per request and per batch, never per record;
//! windows only where statistics are on. A node's connections (one per lane) are told as one broker. Driver thread.

mod json;
mod window;

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::ApiKey;

pub(crate) use self::window::Window;

use crate::io::Moment;

/// What was counted of one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct BrokerCounters {
    /// Whether windows are kept.
    measures: bool,
    pub(crate) connects: u64,
    pub(crate) disconnects: u64,
    pub(crate) request_timeouts: u64,
    pub(crate) rx_errors: u64,
    pub(crate) rx_correlation_errors: u64,
    tx: u64,
    tx_bytes: u64,
    rx: u64,
    rx_bytes: u64,
    sent_at: Option<Moment>,
    received_at: Option<Moment>,
    requests: BTreeMap<&'static str, u64>,
    /// Microseconds from request to answer.
    rtt: Window,
}

impl BrokerCounters {
    pub(crate) fn new(measures: bool) -> Self {
        Self {
            measures,
            ..Self::default()
        }
    }

    /// A request was handed to the socket.
    pub(crate) fn sent(&mut self, now: Moment, key: ApiKey, bytes: usize) {
        self.tx += 1;
        self.tx_bytes += bytes as u64;
        self.sent_at = Some(now);
        if self.measures {
            *self.requests.entry(key.name()).or_default() += 1;
        }
    }

    /// An answer came.
    pub(crate) fn received(&mut self, now: Moment, bytes: usize, rtt: Duration) {
        self.rx += 1;
        self.rx_bytes += bytes as u64;
        self.received_at = Some(now);
        if self.measures {
            self.rtt.add(micros(rtt));
        }
    }

    fn merge(&mut self, other: &Self) {
        self.connects += other.connects;
        self.disconnects += other.disconnects;
        self.request_timeouts += other.request_timeouts;
        self.rx_errors += other.rx_errors;
        self.rx_correlation_errors += other.rx_correlation_errors;
        self.tx += other.tx;
        self.tx_bytes += other.tx_bytes;
        self.rx += other.rx;
        self.rx_bytes += other.rx_bytes;
        self.sent_at = self.sent_at.max(other.sent_at);
        self.received_at = self.received_at.max(other.received_at);
        for (name, count) in &other.requests {
            *self.requests.entry(name).or_default() += count;
        }
        self.rtt.merge(&other.rtt);
    }
}

/// Whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
