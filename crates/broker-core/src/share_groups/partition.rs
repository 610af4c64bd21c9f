//! A partition as one share group sees it: which records are under way, with whom, and which are done with.
//!
//! Owns: [`SharePartition`], runs of neighbouring records in the same state from the first that is not done with on. A record
//! that is in no run was never delivered. Guarantees: runs do not overlap; the start moves over what is done with; what is
//! kept is bounded by the number of records that may be under way. Pure: writing what it comes to is the caller's, who
//! changes a copy and takes it over when it is written. `acquire` and `acknowledge` are files of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::types::StrBytes;

use super::state::{PartitionState, StateBatch, delivery_state};

/// The state of a run of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RunState {
    /// It can be delivered again.
    Available,
    /// A member has it, up to a time.
    Acquired { member: StrBytes, until: Duration },
    /// It was processed.
    Acknowledged,
    /// It is not to be delivered any more.
    Archived,
}

impl RunState {
    pub(super) const fn is_terminal(&self) -> bool {
        matches!(self, Self::Acknowledged | Self::Archived)
    }
}

/// Neighbouring records in the same state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) last: i64,
    /// How often it was delivered, the present time among them.
    pub(super) count: i16,
    pub(super) state: RunState,
}

/// What bounds a group's use of a partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) delivery_count: i16,
    pub(crate) in_flight: i64,
    pub(crate) lock: Duration,
    pub(crate) can_renew: bool,
}

/// See the module's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharePartition {
    pub(super) start: i64,
    /// By their first offset.
    pub(super) runs: BTreeMap<i64, Run>,
}

impl SharePartition {
    /// From what is stored; `start` is where it begins if nothing is.
    pub(super) fn load(state: &PartitionState, start: i64) -> Self {
        let runs = state.batches.iter().map(|batch| {
            let run = Run {
                last: batch.last_offset,
                count: batch.delivery_count,
                state: match batch.delivery_state {
                    delivery_state::ACKNOWLEDGED => RunState::Acknowledged,
                    delivery_state::ARCHIVED => RunState::Archived,
                    _ => RunState::Available,
                },
            };
            (batch.first_offset, run)
        });
        let mut partition = Self {
            start: if state.start_offset < 0 {
                start
            } else {
                state.start_offset
            },
            runs: runs.collect(),
        };
        partition.advance();
        partition
    }

    /// What is to be stored: the batches, and how many records of them are done with. What a member has counts as before it had it:
    /// after a start nobody has anything.
    pub(super) fn stored(&self) -> (Vec<StateBatch>, i32) {
        let mut batches: Vec<StateBatch> = Vec::new();
        let mut complete = 0;
        for (first, run) in &self.runs {
            let (delivery_state, delivery_count) = match run.state {
                RunState::Available => (delivery_state::AVAILABLE, run.count),
                RunState::Acquired { .. } => (delivery_state::AVAILABLE, run.count - 1),
                RunState::Acknowledged => (delivery_state::ACKNOWLEDGED, run.count),
                RunState::Archived => (delivery_state::ARCHIVED, run.count),
            };
            if run.state.is_terminal() {
                complete += run.last - first + 1;
            } else if delivery_count == 0 {
                continue;
            }
            match batches.last_mut() {
                Some(last)
                    if last.last_offset + 1 == *first
                        && last.delivery_state == delivery_state
                        && last.delivery_count == delivery_count =>
                {
                    last.last_offset = run.last;
                }
                _ => batches.push(StateBatch {
                    first_offset: *first,
                    last_offset: run.last,
                    delivery_state,
                    delivery_count,
                }),
            }
        }
        (batches, i32::try_from(complete).unwrap_or(i32::MAX))
    }

    /// The first record that can be delivered.
    pub(crate) fn next_offset(&self) -> i64 {
        let mut next = self.start;
        for (first, run) in &self.runs {
            if *first > next {
                return next;
            }
            if run.state == RunState::Available {
                return (*first).max(self.start);
            }
            next = run.last + 1;
        }
        next
    }

    /// Behind the last record that was ever delivered.
    pub(super) fn end(&self) -> i64 {
        let last = self.runs.last_key_value();
        last.map_or(self.start, |(_, run)| run.last + 1)
    }

    /// How many records more may be under way; none is left when this is not above 0.
    pub(super) fn room(&self, limits: &Limits) -> i64 {
        limits.in_flight - (self.end() - self.start)
    }

    /// Whether there may be something to deliver.
    pub(crate) fn can_acquire(&self, limits: &Limits) -> bool {
        self.next_offset() < self.end() || self.room(limits) > 0
    }

    /// When the next lock ends.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        let locks = self.runs.values().filter_map(|run| match run.state {
            RunState::Acquired { until, .. } => Some(until),
            _ => None,
        });
        locks.min()
    }

    /// Sees to it that a run begins at an offset, if one is there.
    pub(super) fn split_at(&mut self, offset: i64) {
        let Some((_, run)) = self.runs.range_mut(..offset).next_back() else {
            return;
        };
        if run.last < offset {
            return;
        }
        let behind = run.clone();
        run.last = offset - 1;
        self.runs.insert(offset, behind);
    }

    /// The runs that lie in a range of offsets, which begins and ends where runs do.
    pub(super) fn runs_in(
        &mut self,
        first: i64,
        last: i64,
    ) -> impl Iterator<Item = (&i64, &mut Run)> {
        self.split_at(first);
        self.split_at(last + 1);
        self.runs.range_mut(first..=last)
    }

    /// Records that are not to be delivered any more, whether they ever were or not. What somebody has or is done with stays.
    pub(super) fn archive(&mut self, first: i64, last: i64) {
        self.split_at(first);
        self.split_at(last + 1);
        let mut next = first;
        let mut free = Vec::new();
        for (first, run) in self.runs.range_mut(first..=last) {
            if *first > next {
                free.push((next, first - 1));
            }
            if run.state == RunState::Available {
                run.state = RunState::Archived;
            }
            next = run.last + 1;
        }
        if next <= last {
            free.push((next, last));
        }
        for (first, last) in free {
            let run = Run {
                last,
                count: 0,
                state: RunState::Archived,
            };
            self.runs.insert(first, run);
        }
    }

    /// Gives back what `takes` says of what members have: it is available again, or archived if it was delivered too often.
    /// Whether anything was given back.
    pub(super) fn release(
        &mut self,
        limits: &Limits,
        takes: impl Fn(&StrBytes, Duration) -> bool,
    ) -> bool {
        let mut has_any = false;
        for run in self.runs.values_mut() {
            if let RunState::Acquired { member, until } = &run.state
                && takes(member, *until)
            {
                run.state = released(run.count, limits);
                has_any = true;
            }
        }
        if has_any {
            self.advance();
        }
        has_any
    }

    /// The log begins later now: what was before is gone.
    pub(super) fn log_starts_at(&mut self, offset: i64) {
        if offset <= self.start {
            return;
        }
        self.split_at(offset);
        self.runs = self.runs.split_off(&offset);
        self.start = offset;
        self.advance();
    }

    /// Moves the start over what is done with, and makes one run of neighbours that are.
    pub(super) fn advance(&mut self) {
        while let Some(first) = self.runs.first_entry()
            && *first.key() <= self.start
            && first.get().state.is_terminal()
        {
            self.start = first.remove().last + 1;
        }
        let mut joined: BTreeMap<i64, Run> = BTreeMap::new();
        for (first, run) in std::mem::take(&mut self.runs) {
            match joined.last_entry() {
                Some(mut before)
                    if before.get().last + 1 == first
                        && run.state.is_terminal()
                        && before.get().state == run.state
                        && before.get().count == run.count =>
                {
                    before.get_mut().last = run.last;
                }
                _ => {
                    joined.insert(first, run);
                }
            }
        }
        self.runs = joined;
    }
}

/// The state of records that a member gives back.
pub(super) const fn released(count: i16, limits: &Limits) -> RunState {
    if count >= limits.delivery_count {
        RunState::Archived
    } else {
        RunState::Available
    }
}
