//! Compaction: of each key the last record stays, older ones go (`cleanup.policy=compact`).
//!
//! Three steps, as with a flush: the log's thread takes a [`CleanTask`] ([`Log::clean_task`]), any thread runs it
//! (`task`), which writes new segments beside the old ones, and the log's thread puts them in place
//! ([`Log::cleaned`], in [`swap`]). Sources are sealed segments that are durable and hold no open transaction.
//!
//! Guarantees: offsets stay; what is above the part that was looked at stays; a transaction's outcome is never
//! changed: aborted records go first, their marker after `delete.retention.ms`. A segment keeps its last batch, if need
//! be without records, so that segments still follow each other. Whatever a crash interrupts is either undone or
//! completed by the next open ([`complete_swaps`]).

mod offset_map;
mod retention;
mod swap;
mod task;

use std::{collections::HashMap, sync::Arc};

use crate::{Log, LogError, segment::Segment};

use self::retention::Transactions;
pub use self::swap::Compacted;
pub(crate) use self::swap::complete_swaps;
use self::task::Source;
pub use self::task::{CleanTask, Cleaned};

/// When and how a log is compacted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompactionConfig {
    /// Younger records are not touched (`min.compaction.lag.ms`).
    pub min_lag_ms: i64,
    /// Older records make the log due whatever its dirty part (`max.compaction.lag.ms`).
    pub max_lag_ms: i64,
    /// The log is due when this part of its bytes is dirty (`min.cleanable.dirty.ratio`).
    pub min_dirty_ratio: f64,
    /// How long tombstones and markers stay after they were found to be the last of their kind (`delete.retention.ms`).
    pub delete_retention_ms: i64,
}

/// How urgently a log wants to be compacted.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Dirtiness {
    /// Records are older than `max.compaction.lag.ms` allows.
    pub is_overdue: bool,
    /// Dirty bytes of all that could be compacted.
    pub ratio: f64,
}

/// Bounds of one run.
#[derive(Debug, Clone, Copy)]
pub struct CleanLimits {
    /// Memory of the table of keys (`log.cleaner.dedupe.buffer.size`).
    pub map_bytes: usize,
    /// What a batch may decompress to.
    pub batch_bytes: usize,
}

impl Log {
    /// Everything below was compacted, and that is on the disk.
    #[must_use]
    pub fn cleaned_up_to(&self) -> i64 {
        self.durably_cleaned_up_to.max(self.start_offset)
    }

    /// Whether and how urgently the log is due for compaction; `None` if it is not.
    ///
    /// # Errors
    /// When a segment's times cannot be read.
    pub fn dirtiness(&mut self, now_ms: i64) -> Result<Option<Dirtiness>, LogError> {
        let Some(config) = self.config.compaction else {
            return Ok(None);
        };
        let (first_dirty, count) = (self.first_dirty(), self.count_cleanable(now_ms)?);
        let ends = self.segment_ends();
        let (mut clean, mut dirty) = (0, 0);
        let mut oldest_ms = None;
        for (segment, end) in self.segments[..count].iter_mut().zip(ends) {
            if end <= first_dirty {
                clean += segment.size();
                continue;
            }
            dirty += segment.size();
            if oldest_ms.is_none() {
                oldest_ms = segment.first_timestamp_ms()?.filter(|ms| *ms >= 0);
            }
        }
        if dirty == 0 {
            return Ok(None);
        }
        let is_overdue =
            oldest_ms.is_some_and(|oldest| now_ms.saturating_sub(oldest) > config.max_lag_ms);
        let ratio = dirty as f64 / (clean + dirty) as f64;
        let is_due = is_overdue || ratio >= config.min_dirty_ratio;
        Ok(is_due.then_some(Dirtiness { is_overdue, ratio }))
    }

    /// The work to compact everything that can be; `None` if there is nothing. To be run once at a time for a log.
    ///
    /// # Errors
    /// When a segment's file cannot be opened.
    pub fn clean_task(
        &mut self,
        now_ms: i64,
        limits: CleanLimits,
    ) -> Result<Option<CleanTask>, LogError> {
        let Some(config) = self.config.compaction else {
            return Ok(None);
        };
        let (first_dirty, count) = (self.first_dirty(), self.count_cleanable(now_ms)?);
        let ends = self.segment_ends();
        if count == 0 || ends[count - 1] <= first_dirty {
            return Ok(None);
        }
        let mut sources = Vec::with_capacity(count);
        for (segment, end) in self.segments[..count].iter_mut().zip(ends) {
            sources.push(Source {
                base_offset: segment.base_offset(),
                end_offset: end,
                size: segment.size(),
                file: segment.file()?,
                path: segment.path(),
            });
        }
        let last_of_producers: HashMap<i64, i64> = self
            .producers
            .entries()
            .filter_map(|it| Some((it.producer_id, it.batches.last()?.last_offset)))
            .collect();
        let end = sources.last().map_or(0, |source| source.end_offset);
        let aborted = self.producers.aborted_between(self.start_offset, end);
        Ok(Some(CleanTask {
            fs: Arc::clone(&self.fs),
            dir: Arc::clone(&self.dir),
            sources,
            first_dirty,
            transactions: Transactions::new(aborted, last_of_producers),
            config,
            limits,
            now_ms,
            segment_bytes: self.config.segment_bytes,
            index_interval_bytes: self.config.index_interval_bytes,
        }))
    }

    /// Where the part that was not compacted begins. A log that lost its end may have a later mark.
    fn first_dirty(&self) -> i64 {
        if self.cleaned_up_to > self.end_offset {
            return self.start_offset;
        }
        self.cleaned_up_to.max(self.start_offset)
    }

    /// Number of leading segments that may be rewritten: sealed, durable, without an open transaction, old enough.
    fn count_cleanable(&mut self, now_ms: i64) -> Result<usize, LogError> {
        let min_lag_ms = self.config.compaction.map_or(0, |it| it.min_lag_ms);
        let bound = self.offsets().stable.min(self.recovery_point);
        let ends = self.segment_ends();
        let sealed = self.segments.len() - 1;
        let durable = ends[..sealed].partition_point(|end| *end <= bound);
        if min_lag_ms <= 0 {
            return Ok(durable);
        }
        for (at, segment) in self.segments[..durable].iter_mut().enumerate() {
            let newest = segment.max_timestamp()?.timestamp_ms;
            if now_ms.saturating_sub(newest) < min_lag_ms {
                return Ok(at);
            }
        }
        Ok(durable)
    }

    /// The offset after each segment.
    fn segment_ends(&self) -> Vec<i64> {
        let starts = self.segments.iter().skip(1).map(Segment::base_offset);
        starts.chain([self.end_offset]).collect()
    }
}
