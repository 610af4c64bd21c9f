//! How much somebody used lately: a rate over a few windows of time, and a bucket of tokens.
//!
//! Both are Kafka's, to the rounding: its clients' tests and its users' figures rest on them. Plain data; time enters as
//! an argument.

use std::collections::VecDeque;
use std::time::Duration;

/// Over how many windows of what length usage is counted (`quota.window.num`, `quota.window.size.seconds`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Windows {
    count: u32,
    len: Duration,
}

impl Windows {
    pub(super) fn new(count: i32, len_seconds: i32) -> Self {
        Self {
            count: u32::try_from(count).unwrap_or(1).max(1),
            len: Duration::from_secs(u64::try_from(len_seconds).unwrap_or(1).max(1)),
        }
    }

    /// The length of one.
    pub(super) const fn len(self) -> Duration {
        self.len
    }

    /// The length of those that are over when the last one begins: what is used in them alone can be as much as their
    /// time allows.
    pub(super) fn full(self) -> Duration {
        self.len * (self.count - 1).max(1)
    }

    fn all(self) -> Duration {
        self.len * self.count
    }
}

/// Usage a second, over the windows before now. A window begins with the first use after the end of the one before.
#[derive(Debug, Default)]
pub(super) struct Rate {
    windows: VecDeque<(Duration, f64)>,
}

impl Rate {
    /// Counts a use; a negative one takes one back.
    pub(super) fn record(&mut self, value: f64, windows: Windows, now: Duration) {
        match self.windows.back_mut() {
            Some((begin, sum)) if now.saturating_sub(*begin) < windows.len => *sum += value,
            _ => self.windows.push_back((now, value)),
        }
        self.forget(windows, now);
    }

    /// How long to wait until the rate is down at a limit, if nothing is used meanwhile; nothing when it is not above.
    pub(super) fn excess(&mut self, limit: f64, windows: Windows, now: Duration) -> Duration {
        self.forget(windows, now);
        let Some((oldest, _)) = self.windows.front() else {
            return Duration::ZERO;
        };
        let over = self.sum_time(*oldest, windows, now).as_secs_f64();
        let rate = self.windows.iter().map(|(_, sum)| sum).sum::<f64>() / over;
        if rate <= limit {
            return Duration::ZERO;
        }
        in_millis((rate - limit) / limit * over)
    }

    /// Whether nothing of it counts any more.
    pub(super) fn is_forgotten(&self, windows: Windows, now: Duration) -> bool {
        self.windows
            .back()
            .is_none_or(|(begin, _)| now.saturating_sub(*begin) >= windows.all())
    }

    /// The time that the sum belongs to. Windows that were not needed count as if they had been there, so that the first
    /// uses after a rest are not taken for a rate.
    fn sum_time(&self, oldest: Duration, windows: Windows, now: Duration) -> Duration {
        let elapsed = now.saturating_sub(oldest);
        let full = u32::try_from(elapsed.as_nanos() / windows.len.as_nanos()).unwrap_or(u32::MAX);
        let missing = (windows.count - 1).saturating_sub(full);
        (elapsed + windows.len * missing).max(windows.len)
    }

    fn forget(&mut self, windows: Windows, now: Duration) {
        while let Some((begin, _)) = self.windows.front()
            && now.saturating_sub(*begin) >= windows.all()
        {
            self.windows.pop_front();
        }
    }
}

/// Tokens that come at a rate and are kept up to what all windows bring (KIP-599): a rest is made up for, at once.
#[derive(Debug)]
pub(super) struct TokenBucket {
    tokens: f64,
    filled: Duration,
}

impl TokenBucket {
    /// A full one.
    pub(super) fn new(limit: f64, windows: Windows, now: Duration) -> Self {
        Self {
            tokens: burst(limit, windows),
            filled: now,
        }
    }

    /// How long to wait until no token is owed.
    pub(super) fn debt(&mut self, limit: f64, windows: Windows, now: Duration) -> Duration {
        let came = limit * now.saturating_sub(self.filled).as_secs_f64();
        self.tokens = (self.tokens + came).min(burst(limit, windows));
        self.filled = now;
        if self.tokens >= 0.0 {
            return Duration::ZERO;
        }
        in_millis(-self.tokens / limit)
    }

    /// Whether a new one would be the same.
    pub(super) fn is_full(&mut self, limit: f64, windows: Windows, now: Duration) -> bool {
        self.debt(limit, windows, now).is_zero() && self.tokens >= burst(limit, windows)
    }

    pub(super) fn take(&mut self, tokens: f64) {
        self.tokens -= tokens;
    }
}

fn burst(limit: f64, windows: Windows) -> f64 {
    limit * windows.all().as_secs_f64()
}

/// Whole milliseconds, as the protocol says them; never more than it can say.
fn in_millis(seconds: f64) -> Duration {
    let millis = (seconds * 1000.0).round().min(f64::from(i32::MAX));
    Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: fn() -> Windows = || Windows::new(11, 1);

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn what_all_windows_allow_may_be_used_at_once() {
        let mut rate = Rate::default();
        rate.record(1000.0, TEN(), at(5.0));
        assert_eq!(rate.excess(100.0, TEN(), at(5.0)), Duration::ZERO);
        rate.record(500.0, TEN(), at(5.0));
        assert_eq!(
            rate.excess(100.0, TEN(), at(5.0)),
            at(5.0),
            "1500 in the ten seconds that count are 150 a second; over fifteen they would be 100"
        );
    }

    #[test]
    fn windows_without_use_count_as_time_until_they_are_over() {
        let mut rate = Rate::default();
        rate.record(1500.0, TEN(), at(0.0));
        assert_eq!(rate.excess(100.0, TEN(), at(5.0)), at(5.0), "as in Kafka");
        rate.record(10.0, TEN(), at(10.5));
        assert_eq!(
            rate.excess(100.0, TEN(), at(10.5)),
            at(4.6),
            "1510 in ten and a half seconds"
        );
        assert_eq!(
            rate.excess(100.0, TEN(), at(11.0)),
            Duration::ZERO,
            "the first window is no longer counted"
        );
    }

    #[test]
    fn a_use_that_is_taken_back_does_not_count() {
        let mut rate = Rate::default();
        rate.record(5000.0, TEN(), at(1.0));
        rate.record(-5000.0, TEN(), at(1.5));
        assert_eq!(rate.excess(1.0, TEN(), at(1.5)), Duration::ZERO);
        assert!(!rate.is_forgotten(TEN(), at(11.9)));
        assert!(rate.is_forgotten(TEN(), at(12.0)));
    }

    #[test]
    fn tokens_come_back_with_time_up_to_a_burst() {
        let windows = Windows::new(11, 1);
        let mut bucket = TokenBucket::new(2.0, windows, at(100.0));
        assert_eq!(bucket.debt(2.0, windows, at(100.0)), Duration::ZERO);
        bucket.take(26.0);
        assert_eq!(bucket.debt(2.0, windows, at(100.0)), at(2.0));
        assert_eq!(bucket.debt(2.0, windows, at(101.0)), at(1.0));
        assert_eq!(bucket.debt(2.0, windows, at(102.0)), Duration::ZERO);
        assert_eq!(bucket.debt(2.0, windows, at(1000.0)), Duration::ZERO);
        bucket.take(23.0);
        assert_eq!(bucket.debt(2.0, windows, at(1000.0)), at(0.5));
    }
}
