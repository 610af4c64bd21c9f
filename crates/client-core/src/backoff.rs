//! Waiting longer after each failure, and never all at the same time.

use std::time::Duration;

/// A delay that doubles from `base` to `max` and is spread by 20 % either way.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    base: Duration,
    max: Duration,
    failures: u32,
}

impl Backoff {
    /// No failure yet.
    pub(crate) fn new(base_ms: u32, max_ms: u32) -> Self {
        let base = Duration::from_millis(u64::from(base_ms));
        let max = Duration::from_millis(u64::from(max_ms)).max(base);
        Self {
            base,
            max,
            failures: 0,
        }
    }

    /// It worked: start from the beginning.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: how long to wait before the next attempt.
    pub(crate) fn next(&mut self, rng: &mut fastrand::Rng) -> Duration {
        self.next_at_most(u32::MAX, rng)
    }

    /// The same, at most `max_ms` this time.
    pub(crate) fn next_at_most(&mut self, max_ms: u32, rng: &mut fastrand::Rng) -> Duration {
        let max = self.max.min(Duration::from_millis(u64::from(max_ms)));
        let delay = delay(self.base, max.max(self.base), self.failures, rng);
        self.failures = self.failures.saturating_add(1);
        delay
    }
}

/// The delay after `failures` earlier failures.
pub(crate) fn delay(
    base: Duration,
    max: Duration,
    failures: u32,
    rng: &mut fastrand::Rng,
) -> Duration {
    const DOUBLINGS_MAX: u32 = 20;
    let doubled = base
        .saturating_mul(1 << failures.min(DOUBLINGS_MAX))
        .min(max);
    doubled.mul_f64(0.8 + 0.4 * rng.f64()).min(max.max(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_within_its_spread_and_stops_at_the_maximum() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut backoff = Backoff::new(100, 1000);
        for expected in [100, 200, 400, 800, 1000, 1000] {
            let delay = backoff.next(&mut rng).as_millis();
            assert!(
                delay >= expected * 8 / 10 && delay <= expected * 12 / 10 && delay <= 1000,
                "{delay}"
            );
        }
        backoff.reset();
        assert!(backoff.next(&mut rng).as_millis() <= 120);
    }
}
