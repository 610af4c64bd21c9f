//! How many connections there may be, and how fast they may come.
//!
//! Owns [`ConnectionLimits`]: `max.connections`, `max.connections.per.ip` with its overrides, and
//! `max.connection.creation.rate`, for the broker and for each listener, and the rates of addresses (KIP-612). A connection beyond
//! a limit is closed at once, one that came too fast for its address after it was kept waiting. The process keeps
//! file descriptors back for its logs, whatever the limits say.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit};
use rdkafka_broker_core::conf::BrokerConfig;

/// The limits, and what counts against them.
#[derive(Debug)]
pub(crate) struct ConnectionLimits {
    max: usize,
    max_per_ip: usize,
    overrides: HashMap<IpAddr, usize>,
    rate: usize,
    /// How much of its connections an address may make ahead of time, as by `quota.window.num`.
    tolerance: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Up to when connections of an address that has a rate are made, at this rate.
    due_by_ip: HashMap<IpAddr, Instant>,
    open: usize,
    by_ip: HashMap<IpAddr, usize>,
    /// When the next connection would come at the highest rate.
    due: Option<Instant>,
    /// When something was said last, and how much was not said since.
    said: Option<Instant>,
    unsaid: u64,
}

impl ConnectionLimits {
    /// Those of the broker.
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        let count = |value: i32| usize::try_from(value).unwrap_or(0);
        let overrides = config.per_ip_overrides().filter_map(|(host, max)| {
            let ip = host.parse::<IpAddr>();
            if ip.is_err() {
                tracing::warn!(
                    "max.connections.per.ip.overrides: {host} is no address and is ignored"
                );
            }
            Some((ip.ok()?.to_canonical(), max))
        });
        Self {
            max: count(config.max_connections).min(descriptors_for_connections()),
            max_per_ip: count(config.max_connections_per_ip),
            overrides: overrides.collect(),
            rate: count(config.max_connection_creation_rate),
            tolerance: Duration::from_secs(
                u64::from(config.quota_window_num.unsigned_abs())
                    * u64::from(config.quota_window_size_seconds.unsigned_abs()),
            )
            .min(TOLERANCE_MAX),
            state: Mutex::default(),
        }
    }

    /// Those of one listener.
    pub(crate) fn of_listener(max: usize, rate: usize) -> Self {
        Self {
            max,
            max_per_ip: usize::MAX,
            overrides: HashMap::new(),
            rate,
            tolerance: Duration::ZERO,
            state: Mutex::default(),
        }
    }

    /// Counts a connection, if there is room for it; else says which limit is reached.
    pub(crate) fn admit(self: &Arc<Self>, ip: IpAddr) -> Result<Admission, &'static str> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open >= self.max {
            return Err("max.connections (or the number of open files)");
        }
        let of_ip = state.by_ip.get(&ip).copied().unwrap_or(0);
        if of_ip >= self.overrides.get(&ip).copied().unwrap_or(self.max_per_ip) {
            return Err("max.connections.per.ip");
        }
        state.open += 1;
        state.by_ip.insert(ip, of_ip + 1);
        Ok(Admission {
            limits: Arc::clone(self),
            ip,
        })
    }

    /// How long to wait before the next connection is accepted. A second without connections is made up for.
    pub(crate) fn pace(&self) -> Duration {
        if self.rate >= i32::MAX as usize {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let gap = Duration::from_secs(1) / u32::try_from(self.rate.max(1)).unwrap_or(u32::MAX);
        let earliest = now.checked_sub(Duration::from_secs(1)).unwrap_or(now);
        let due = state.due.map_or(earliest, |due| due.max(earliest)) + gap;
        state.due = Some(due);
        due.saturating_duration_since(now)
    }

    /// How long a connection of an address is kept waiting for nothing, if it came faster than `rate` connections a second; else
    /// it counts.
    pub(crate) fn throttle(&self, ip: IpAddr, rate: f64) -> Option<Duration> {
        let now = Instant::now();
        let latest = now + self.tolerance;
        // More than the tolerance is never: how much more does not matter.
        let gap = Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::MAX);
        let gap = gap.min(self.tolerance + Duration::from_secs(1));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.due_by_ip.len() >= ADDRESSES_KEPT {
            state.due_by_ip.retain(|_, due| *due > now);
        }
        let due = state.due_by_ip.entry(ip).or_insert(now);
        let next = (*due).max(now) + gap;
        if next > latest {
            return Some((next - latest).min(self.tolerance));
        }
        *due = next;
        None
    }

    /// Logs a refusal; of many at once only the first, and how many there were.
    pub(crate) fn complain(&self, what: &str) {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.said.is_some_and(|said| now - said < SILENCE) {
            state.unsaid += 1;
            return;
        }
        let others = std::mem::take(&mut state.unsaid);
        state.said = Some(now);
        drop(state);
        tracing::warn!(others, "{what}");
    }
}

/// A counted connection; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Arc<ConnectionLimits>,
    ip: IpAddr,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut state = self
            .limits
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.open -= 1;
        if let Some(count) = state.by_ip.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                state.by_ip.remove(&self.ip);
            }
        }
    }
}

/// Nine tenths of what the process may open: the rest is for logs.
fn descriptors_for_connections() -> usize {
    let Ok((soft, _)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return usize::MAX;
    };
    usize::try_from(soft / 10 * 9).unwrap_or(usize::MAX)
}

/// Nobody is kept waiting, or let off, for longer.
const TOLERANCE_MAX: Duration = Duration::from_secs(3600);
/// At how many addresses those are forgotten that were not here lately.
const ADDRESSES_KEPT: usize = 10_000;
/// How long a refusal keeps others from being logged.
const SILENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(properties: &[(&str, &str)]) -> Arc<ConnectionLimits> {
        let mut config = BrokerConfig::default();
        for (name, value) in properties {
            config.set(name, value).unwrap();
        }
        Arc::new(ConnectionLimits::new(&config))
    }

    #[test]
    fn connections_are_counted_by_address_and_in_all() {
        let limits = limits(&[
            ("max.connections", "3"),
            ("max.connections.per.ip", "1"),
            ("max.connections.per.ip.overrides", "127.0.0.2:2"),
        ]);
        let [a, b, c] = [1, 2, 3].map(|last| IpAddr::from([127, 0, 0, last]));
        let first = limits.admit(a).unwrap();
        assert!(limits.admit(a).is_err());
        let _second = limits.admit(b).unwrap();
        let _third = limits.admit(b).unwrap();
        assert!(limits.admit(c).is_err());
        drop(first);
        assert!(limits.admit(c).is_ok());
    }

    #[test]
    fn connections_beyond_the_rate_wait_after_a_second_of_them_came_at_once() {
        let slow = limits(&[("max.connection.creation.rate", "10")]);
        let waits: Vec<bool> = (0..13).map(|_| slow.pace().is_zero()).collect();
        assert!(waits[..9].iter().all(|none| *none), "{waits:?}");
        assert!(!waits[12], "{waits:?}");
        let unlimited = limits(&[]);
        assert!((0..100).all(|_| unlimited.pace().is_zero()));
    }

    #[test]
    fn an_address_that_comes_too_fast_waits_and_others_do_not() {
        let limits = limits(&[("quota.window.num", "2")]);
        let [a, b] = [1, 2].map(|last| IpAddr::from([10, 0, 0, last]));
        // An hour a connection: how fast the test runs does not matter.
        let rate = 1.0 / 3600.0;
        assert_eq!(limits.throttle(a, rate), Some(Duration::from_secs(1)));
        // Two seconds' worth of connections may come at once.
        let rate = 2.0;
        let taken = (0..4).filter(|_| limits.throttle(a, rate).is_none());
        assert_eq!(taken.count(), 4);
        let wait = limits.throttle(a, rate).unwrap();
        assert!(wait <= Duration::from_millis(500), "{wait:?}");
        assert_eq!(limits.throttle(b, rate), None);
    }

    #[test]
    fn windows_and_rates_of_any_size_hold() {
        let largest = i32::MAX.to_string();
        let limits = limits(&[
            ("quota.window.num", &largest),
            ("quota.window.size.seconds", &largest),
        ]);
        let ip = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(limits.throttle(ip, 1.0), None);
        assert!(limits.throttle(ip, f64::MIN_POSITIVE).is_some());
        assert!(limits.throttle(ip, 1e-18).is_some());
        assert_eq!(limits.throttle(ip, f64::MAX), None);
    }
}
