//! Chores: what the broker does by itself now and then.

use std::time::Duration;

use crate::conf::BrokerConfig;
use crate::request::Now;

/// One kind of periodic work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chore {
    /// Delete segments past retention.
    Retention,
    /// Forget committed offsets of groups long gone.
    OffsetsExpiry,
    /// Forget delegation tokens that have expired.
    TokensExpiry,
    /// Look for records that `flush.ms` wants on the disk.
    Flush,
    /// Compact the log that is due most.
    Compaction,
    /// Bring everything to the disk in the background.
    FlushAll,
    /// Store recovery points, so that a start after a kill has little to check.
    Checkpoint,
}

/// When each chore is next due.
#[derive(Debug)]
pub(crate) struct Schedule {
    chores: Vec<(Chore, Duration, Duration)>,
}

impl Schedule {
    pub(crate) fn new(config: &BrokerConfig, now: Now) -> Self {
        let millis =
            |value: i64| Duration::from_millis(u64::try_from(value).unwrap_or(0)).max(SHORTEST);
        let mut periods = vec![
            (
                Chore::Retention,
                millis(config.log_retention_check_interval_ms),
            ),
            (
                Chore::OffsetsExpiry,
                millis(config.offsets_retention_check_interval_ms),
            ),
            (
                Chore::TokensExpiry,
                millis(config.delegation_token_expiry_check_interval_ms),
            ),
            (Chore::Compaction, millis(config.log_cleaner_backoff_ms)),
            (Chore::FlushAll, FLUSH_ALL_EVERY),
            (Chore::Checkpoint, CHECKPOINT_EVERY),
            (
                Chore::Flush,
                millis(config.log_flush_scheduler_interval_ms).min(FLUSH_EVERY),
            ),
        ];
        let chores = periods
            .drain(..)
            .map(|(chore, every)| (chore, every, now.mono.saturating_add(every)));
        Self {
            chores: chores.collect(),
        }
    }

    /// A chore whose time has come; it is due again one period from now.
    pub(crate) fn take_due(&mut self, now: Now) -> Option<Chore> {
        let (chore, every, due) = self
            .chores
            .iter_mut()
            .find(|(_, _, due)| *due <= now.mono)?;
        *due = now.mono.saturating_add(*every);
        Some(*chore)
    }

    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.chores.iter().map(|(_, _, due)| *due).min()
    }
}

const SHORTEST: Duration = Duration::from_millis(10);
const FLUSH_EVERY: Duration = Duration::from_millis(1000);
const FLUSH_ALL_EVERY: Duration = Duration::from_secs(60);
const CHECKPOINT_EVERY: Duration = Duration::from_secs(5);
