//! What a member gets of a partition (KIP-932, and KIP-1206 for the two ways of counting).
//!
//! * `batch_optimized`: whole batches, so that the limit of records may be exceeded; what was never delivered is cut into
//!   pieces of about `batch_size` records where batches begin, what was given back comes as it was.
//! * `record_limit`: no more records than asked for.
//! * What was delivered often comes in ever smaller pieces, and alone the last time, so that one bad record does not take its
//!   neighbours along.
//! * With read_committed records of aborted transactions are passed over.

use std::time::Duration;

use rdkafka_wire::messages::share_fetch::AcquiredRecords;
use rdkafka_wire::types::StrBytes;

use super::partition::{Limits, Run, RunState, SharePartition};

/// Who wants what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) member: &'a StrBytes,
    pub(crate) max_records: i64,
    pub(crate) batch_size: i64,
    /// Whether `max_records` is exact.
    pub(crate) is_limit: bool,
    pub(crate) now: Duration,
}

/// A batch of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogBatch {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// It belongs to a transaction that was aborted, and is to be passed over.
    pub(crate) is_aborted: bool,
}

/// An acquisition in the making.
struct Acquiring<'a> {
    ask: Ask<'a>,
    limits: Limits,
    batches: &'a [LogBatch],
    left: i64,
    got: Vec<AcquiredRecords>,
}

impl SharePartition {
    /// Gives a member what it may have of batches that begin at or around [`Self::next_offset`].
    pub(crate) fn acquire(
        &mut self,
        ask: Ask<'_>,
        limits: &Limits,
        batches: &[LogBatch],
    ) -> Vec<AcquiredRecords> {
        let (Some(first), Some(last)) = (batches.first(), batches.last()) else {
            return Vec::new();
        };
        let from = self.next_offset();
        if first.first > from {
            // Compaction took what was before.
            self.archive(from, first.first - 1);
        }
        for pair in batches.windows(2) {
            if pair[0].last + 1 < pair[1].first {
                self.archive((pair[0].last + 1).max(from), pair[1].first - 1);
            }
        }
        for batch in batches.iter().filter(|it| it.is_aborted && it.last >= from) {
            self.archive(batch.first.max(from), batch.last);
        }
        let room = self.room(limits);
        let (left, last) = if room > 0 {
            (ask.max_records.min(room), last.last)
        } else {
            // Nothing new, but what was given back.
            (ask.max_records, last.last.min(self.end() - 1))
        };
        let mut acquiring = Acquiring {
            ask,
            limits: *limits,
            batches,
            left,
            got: Vec::new(),
        };
        acquiring.walk(self, from.max(first.first), last);
        let got = acquiring.got;
        self.advance();
        got
    }
}

impl Acquiring<'_> {
    fn walk(&mut self, partition: &mut SharePartition, from: i64, last: i64) {
        let mut at = from;
        while at <= last && self.left > 0 {
            let before = partition.runs.range(..=at).next_back();
            match before.filter(|(_, run)| run.last >= at) {
                Some((_, run)) if run.state != RunState::Available => at = run.last + 1,
                Some((_, run)) => {
                    let (run_last, count) = (run.last.min(last), run.count);
                    match self.redelivered(at, run_last, count) {
                        Some(end) => {
                            self.take(partition, at, end, count + 1);
                            at = end + 1;
                        }
                        None => return,
                    }
                }
                None => {
                    let next = partition
                        .runs
                        .range(at..)
                        .next()
                        .map(|(first, _)| first - 1);
                    let free_last = next.map_or(last, |next| next.min(last));
                    let end = self.fresh(partition, at, free_last);
                    at = end + 1;
                }
            }
        }
    }

    /// Up to where records that were delivered before are delivered again; `None` if not in this answer.
    fn redelivered(&mut self, first: i64, last: i64, count: i16) -> Option<i64> {
        let limit = self.limits.delivery_count;
        let throttled_from = ((limit + 1) / 2).max(THROTTLED_FROM_MIN);
        let mut len = last - first + 1;
        let is_throttled = count >= throttled_from;
        if is_throttled {
            if !self.got.is_empty() {
                return None;
            }
            len = if limit > 2 && count >= limit - 1 {
                1
            } else {
                (len >> (count - throttled_from + 1)).max(1)
            };
        }
        if self.ask.is_limit {
            len = len.min(self.left);
        }
        self.left = if is_throttled { 0 } else { self.left - len };
        Some(first + len - 1)
    }

    /// Takes records that were never delivered; returns the last.
    fn fresh(&mut self, partition: &mut SharePartition, first: i64, last: i64) -> i64 {
        let mut end = last.min(first.saturating_add(self.left - 1));
        if !self.ask.is_limit && end < last {
            let holds = |batch: &&LogBatch| batch.first <= end && end <= batch.last;
            let whole = self.batches.iter().find(holds).map_or(end, |it| it.last);
            end = whole.min(last);
        }
        self.left -= end - first + 1;
        let mut piece = first;
        if !self.ask.is_limit {
            for batch in self.batches {
                if batch.first <= end && batch.first - piece >= self.ask.batch_size.max(1) {
                    self.take(partition, piece, batch.first - 1, 1);
                    piece = batch.first;
                }
            }
        }
        self.take(partition, piece, end, 1);
        end
    }

    fn take(&mut self, partition: &mut SharePartition, first: i64, last: i64, count: i16) {
        partition.split_at(first);
        partition.split_at(last + 1);
        let run = Run {
            last,
            count,
            state: RunState::Acquired {
                member: self.ask.member.clone(),
                until: self.ask.now + self.limits.lock,
            },
        };
        partition.runs.insert(first, run);
        match self.got.last_mut() {
            Some(before)
                if count > 1
                    && before.last_offset + 1 == first
                    && before.delivery_count == count =>
            {
                before.last_offset = last;
            }
            _ => self.got.push(AcquiredRecords {
                first_offset: first,
                last_offset: last,
                delivery_count: count,
            }),
        }
    }
}

/// Records are never held back before they were delivered this often.
const THROTTLED_FROM_MIN: i16 = 2;
