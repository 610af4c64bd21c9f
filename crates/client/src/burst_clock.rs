//! The time of produced records, without a look at the exact clock for each record of a burst.
//!
//! Reading the time to the millisecond costs as much as encoding a record; the kernel's coarse clock, which moves with
//! its timer ticks, costs a seventh of it. Guarantees: the time is exact unless records come faster than 32 a
//! millisecond; then it may lag by what 1/32 ms held at the pace of the millisecond before, and when a burst ends all of a sudden,
//! for the rest of that tick (4 ms at 250 Hz). It never goes back unless the system's clock does. The application's
//! thread.

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};

use crate::driver::unix_ms;

/// Looks at the exact clock in each millisecond of a burst, at least.
const LOOKS_PER_MS: u32 = 32;
/// Records between two looks at the exact clock, at most.
const SKIPS_MAX: u32 = 64;

/// The time, asked for record by record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BurstClock {
    /// What the exact clock said last.
    now_ms: i64,
    /// What the coarse clock said just before; `None` when it was not asked.
    tick: Option<TimeSpec>,
    /// How often the time was asked for since `now_ms` changed.
    asked: u32,
    /// How often the exact clock need not be asked for now.
    skips: u32,
    /// The same after each look at it, by the pace of the last millisecond.
    skips_at_this_pace: u32,
}

impl BurstClock {
    /// Milliseconds since 1970.
    #[inline]
    pub(crate) fn unix_ms(&mut self) -> i64 {
        let tick = || clock_gettime(ClockId::CLOCK_REALTIME_COARSE).ok();
        self.ask(tick, unix_ms)
    }

    #[inline]
    fn ask(&mut self, tick: impl FnOnce() -> Option<TimeSpec>, exact: impl FnOnce() -> i64) -> i64 {
        self.asked = self.asked.saturating_add(1);
        let tick = match self.skips_at_this_pace {
            0 => None,
            _ => tick(),
        };
        if self.skips > 0 && tick.is_some() && tick == self.tick {
            self.skips -= 1;
            return self.now_ms;
        }
        let now_ms = exact();
        if now_ms != self.now_ms {
            let is_next = now_ms == self.now_ms.wrapping_add(1);
            self.skips_at_this_pace = match is_next {
                true => (self.asked / LOOKS_PER_MS).min(SKIPS_MAX),
                false => 0,
            };
            self.asked = 0;
            self.now_ms = now_ms;
        }
        self.tick = tick;
        self.skips = self.skips_at_this_pace;
        now_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clocks of a test: the coarse one moves every four milliseconds.
    struct Clocks {
        micros: i64,
        burst: BurstClock,
        looks: u32,
    }

    impl Clocks {
        fn start() -> Self {
            Self {
                micros: 1_000_000,
                burst: BurstClock::default(),
                looks: 0,
            }
        }

        /// Lets time pass, asks for it, and tells by how much the answer lags.
        fn lag_ms_after(&mut self, micros: i64) -> i64 {
            self.micros += micros;
            let now_ms = self.micros / 1000;
            let tick = TimeSpec::new(0, now_ms / 4);
            let looks = &mut self.looks;
            let exact = || {
                *looks += 1;
                now_ms
            };
            now_ms - self.burst.ask(|| Some(tick), exact)
        }
    }

    #[test]
    fn the_time_is_exact_when_records_come_slowly() {
        let mut clocks = Clocks::start();
        assert!((0..1000).all(|_| clocks.lag_ms_after(40) == 0));
        assert!((0..1000).all(|_| clocks.lag_ms_after(2500) == 0));
        assert_eq!(clocks.looks, 2000);
    }

    #[test]
    fn a_burst_looks_at_the_exact_clock_seldom_and_lags_by_little() {
        let mut clocks = Clocks::start();
        let lags: Vec<_> = (0..100_000).map(|_| clocks.lag_ms_after(1)).collect();
        assert!(lags.iter().all(|lag| (0..=1).contains(lag)));
        let late = lags.iter().filter(|lag| **lag == 1).count();
        assert!(late <= 100 * 32, "1/32 of each of 100 ms: {late}");
        assert!(clocks.looks < 5000, "{}", clocks.looks);
    }

    #[test]
    fn what_comes_after_a_burst_lags_by_a_tick_at_most() {
        for pause in 0..20 {
            let mut clocks = Clocks::start();
            for _ in 0..50_000 {
                _ = clocks.lag_ms_after(1);
            }
            let lag = clocks.lag_ms_after(pause * 1000);
            assert!((0..=4).contains(&lag), "{lag} ms after {pause} ms");
            assert_eq!(clocks.lag_ms_after(10_000), 0);
        }
    }
}
