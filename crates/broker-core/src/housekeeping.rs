//! What the broker does for its logs by itself: retention, compaction, background flushes, checkpoints, removal of files.
//!
//! Owns: which log is being compacted, and the files that wait for their removal (`file.delete.delay.ms`).
//! Guarantees: one compaction at a time, so that memory is bounded by one table of keys; nothing here waits for the
//! disk but for headers and names. Leaves to others: when each chore is due (`schedule`).

use std::collections::VecDeque;
use std::time::Duration;

use rdkafka_log::{CleanLimits, Cleaned, Cleanup};

use crate::partition::Partition;
use crate::request::Now;
use crate::schedule::Chore;
use crate::shard::{FlushTarget, Output, Shard};
use crate::topics::PartitionKey;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Housekeeping {
    cleaning: Option<PartitionKey>,
    /// In no order: delays differ by topic. What a stop leaves the next start removes.
    removals: VecDeque<(Duration, Cleanup)>,
    next_removal: Option<Duration>,
}

impl Housekeeping {
    /// Whether a log is being compacted.
    pub(crate) fn is_cleaning(&self, key: PartitionKey) -> bool {
        self.cleaning == Some(key)
    }

    pub(crate) const fn next_deadline(&self) -> Option<Duration> {
        self.next_removal
    }
}

impl Shard {
    /// How fast a compaction may read and write (`log.cleaner.io.max.bytes.per.second`).
    pub fn compaction_bytes_per_second(&self) -> f64 {
        self.config.log_cleaner_io_max_bytes_per_second
    }

    pub(crate) fn do_chore(&mut self, chore: Chore, now: Now) {
        match chore {
            Chore::Retention => self.enforce_retention(now),
            Chore::Compaction => self.start_compaction(now),
            Chore::OffsetsExpiry => self.expire_offsets(now),
            Chore::TokensExpiry => self.remove_expired_tokens(now),
            Chore::Flush => self.flush_due(now),
            Chore::Checkpoint => self.checkpoint(),
            Chore::FlushAll => {
                self.flush_cluster_log();
                for key in self.topics.keys() {
                    self.flush(key);
                    let released = self
                        .topics
                        .partition_mut(key)
                        .map(Partition::release_if_idle);
                    if let Some(Err(error)) = released {
                        tracing::warn!(?key, %error, "files stay open");
                    }
                }
            }
        }
    }

    /// Flushes the logs whose settings ask for it, and the larger ones when so much was appended to all that a start after
    /// a crash would take long to check it. The kernel writes it all to the disk in its own time otherwise, and what is
    /// deleted before that never.
    fn flush_due(&mut self, now: Now) {
        let mut unflushed = Vec::new();
        for key in self.topics.keys() {
            let Some(partition) = self.topics.partition_mut(key) else {
                continue;
            };
            if partition.needs_flush(now.unix_ms) {
                self.flush(key);
            } else {
                unflushed.push((key, partition.unflushed_bytes()));
            }
        }
        let total: u64 = unflushed.iter().map(|(_, bytes)| bytes).sum();
        if total < UNFLUSHED_BYTES_MAX {
            return;
        }
        for (key, bytes) in unflushed {
            if bytes >= WORTH_A_FLUSH {
                self.flush(key);
            }
        }
    }

    /// Removes files after the delay that their topic asks for.
    pub(crate) fn remove_later(&mut self, cleanup: Cleanup, delay_ms: i64, now: Now) {
        if cleanup.is_empty() {
            return;
        }
        let delay = Duration::from_millis(u64::try_from(delay_ms).unwrap_or(0));
        if delay.is_zero() {
            self.push_output(Output::Remove(cleanup));
            return;
        }
        let due = now.mono.saturating_add(delay);
        let house = &mut self.housekeeping;
        house.removals.push_back((due, cleanup));
        house.next_removal = Some(house.next_removal.map_or(due, |next| next.min(due)));
    }

    /// Hands out the removals whose time has come.
    pub(crate) fn remove_due(&mut self, now: Now) {
        let house = &mut self.housekeeping;
        if house.next_removal.is_none_or(|due| due > now.mono) {
            return;
        }
        let (due, waiting): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut house.removals)
            .into_iter()
            .partition(|(due, _)| *due <= now.mono);
        house.next_removal = waiting.iter().map(|(due, _)| *due).min();
        house.removals = waiting;
        for (_, cleanup) in due {
            self.push_output(Output::Remove(cleanup));
        }
    }

    /// Takes in a finished compaction; another log may be waiting.
    pub(crate) fn cleaned(&mut self, target: FlushTarget, cleaned: Cleaned, now: Now) {
        self.housekeeping.cleaning = None;
        self.take_cleaned(target, cleaned, now);
        self.relocate_next();
    }

    fn take_cleaned(&mut self, target: FlushTarget, cleaned: Cleaned, now: Now) {
        let Some(key) = target.key() else { return };
        let Some(topic) = self.topics.get(key.topic) else {
            return;
        };
        let (name, delay_ms) = (topic.name.clone(), topic.config.file_delete_delay_ms);
        let Some(partition) = self.topics.partition_mut(key) else {
            return;
        };
        match partition.cleaned(cleaned) {
            Ok(Some(compacted)) => {
                let (before, after) = (compacted.bytes_before, compacted.bytes_after);
                tracing::debug!(topic = %name, partition = key.partition, before, after, "compacted");
                self.remove_later(compacted.cleanup, delay_ms, now);
                self.flush(key);
                self.start_compaction(now);
            }
            Ok(None) => {}
            // The next try is the next chore's: what fails now is likely to fail again at once.
            Err(error) => {
                tracing::error!(topic = %name, partition = key.partition, %error, "compaction");
            }
        }
    }

    /// Begins to compact the log that is due most, unless one is under way.
    fn start_compaction(&mut self, now: Now) {
        if self.housekeeping.cleaning.is_some() || !self.config.log_cleaner_enable {
            return;
        }
        let mut dirtiest = None;
        for key in self.topics.keys() {
            let Some(partition) = self.topics.partition_mut(key) else {
                continue;
            };
            match partition.dirtiness(now.unix_ms) {
                Ok(Some(dirtiness)) if dirtiest.is_none_or(|(most, _)| dirtiness > most) => {
                    dirtiest = Some((dirtiness, key));
                }
                Ok(_) => {}
                Err(error) => tracing::error!(?key, %error, "compaction"),
            }
        }
        let Some((_, key)) = dirtiest else { return };
        let limits = CleanLimits {
            map_bytes: usize::try_from(self.config.log_cleaner_dedupe_buffer_size)
                .unwrap_or(usize::MAX),
            batch_bytes: self.decompressed_bytes_max(),
        };
        let Some(partition) = self.topics.partition_mut(key) else {
            return;
        };
        match partition.clean_task(now.unix_ms, limits) {
            Ok(Some(task)) => {
                self.housekeeping.cleaning = Some(key);
                self.push_output(Output::Clean(FlushTarget::partition(key), task));
            }
            Ok(None) => {}
            Err(error) => tracing::error!(?key, %error, "compaction"),
        }
    }

    fn enforce_retention(&mut self, now: Now) {
        for key in self.topics.keys() {
            let Some(topic) = self.topics.get_mut(key.topic) else {
                continue;
            };
            let delay_ms = topic.config.file_delete_delay_ms;
            let Some(partition) = topic.partition_mut(key.partition) else {
                continue;
            };
            match partition.retain(now.unix_ms) {
                Ok(Some(retained)) => self.remove_later(retained.cleanup, delay_ms, now),
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "retention"),
            }
        }
    }

    fn expire_offsets(&mut self, now: Now) {
        let expired = self.with_groups(now, |groups, journal| groups.expire_offsets(now, journal));
        if expired > 0 {
            tracing::info!(expired, "committed offsets expired");
        }
        self.with_transactions(now, |transactions, journal| {
            transactions.expire_ids(now, journal)
        });
    }

    /// Stores what the last flushes brought to the disk.
    fn checkpoint(&mut self) {
        for task in self.topics.checkpoint_tasks() {
            self.push_output(Output::Checkpoint(task));
        }
    }
}

/// How much of all logs together a start after a crash may have to check: a fraction of a second.
const UNFLUSHED_BYTES_MAX: u64 = 1 << 30;
/// An fsync costs more than to check less than this.
const WORTH_A_FLUSH: u64 = 16 << 20;
