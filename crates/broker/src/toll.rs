//! What quotas want of a connection: for how long nothing is read from it, and how long its requests keep threads busy.
//!
//! Owns [`Toll`], shared by a connection's task, which keeps to it and adds to it, and by whoever drives the shard, which
//! says how long it lasts. Guarantees: what is said while a request is handled is heeded before the next one is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// One connection's. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Toll(Arc<State>);

#[derive(Debug)]
struct State {
    begin: Instant,
    /// Until when nothing is read, in ms after `begin`; 0 is no time at all.
    muted_until_ms: AtomicU64,
    spent_nanos: AtomicU64,
}

impl Toll {
    pub(crate) fn new() -> Self {
        Self(Arc::new(State {
            begin: Instant::now(),
            muted_until_ms: AtomicU64::new(0),
            spent_nanos: AtomicU64::new(0),
        }))
    }

    /// Nothing is read for so long from now on.
    pub(crate) fn mute(&self, time: Duration) {
        let until = (self.0.begin.elapsed() + time).as_millis();
        let until = u64::try_from(until).unwrap_or(u64::MAX);
        self.0.muted_until_ms.fetch_max(until, Ordering::Release);
    }

    /// Until when nothing is read.
    pub(crate) fn muted_until(&self) -> Option<Instant> {
        match self.0.muted_until_ms.load(Ordering::Acquire) {
            0 => None,
            until => self.0.begin.checked_add(Duration::from_millis(until)),
        }
    }

    /// A thread worked for this connection.
    pub(crate) fn spend(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.spent_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// What was spent since the last call.
    pub(crate) fn take_spent(&self) -> Duration {
        Duration::from_nanos(self.0.spent_nanos.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_time_that_was_said_counts() {
        let toll = Toll::new();
        assert_eq!(toll.muted_until(), None);
        toll.mute(Duration::from_secs(3));
        toll.mute(Duration::from_secs(2));
        assert_eq!(
            toll.muted_until(),
            Some(Instant::now() + Duration::from_secs(3))
        );
    }

    #[test]
    fn what_was_spent_is_taken_once() {
        let toll = Toll::new();
        toll.spend(Duration::from_micros(2));
        toll.spend(Duration::from_micros(3));
        assert_eq!(toll.take_spent(), Duration::from_micros(5));
        assert_eq!(toll.take_spent(), Duration::ZERO);
    }
}
