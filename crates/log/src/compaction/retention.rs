//! What stays of a batch: the rules of compaction, one batch at a time.
//!
//! Owns the knowledge about transactions that a run gathers as it walks the log. Pure but for that; files are
//! [`super::task`]'s.

use std::collections::HashMap;

use rdkafka_records::{BatchHeader, Record};

use super::offset_map::OffsetMap;
use crate::AbortedTxn;

/// What is known about transactions while the log is walked from its start.
#[derive(Debug)]
pub(super) struct Transactions {
    /// First and last offsets of aborted transactions, by producer.
    aborted: HashMap<i64, Vec<(i64, i64)>>,
    /// Offset of each producer's last batch that has records, by which its sequence numbers are known.
    last_of_producers: HashMap<i64, i64>,
    /// Producers with records since their last marker.
    with_records: HashMap<i64, bool>,
}

impl Transactions {
    pub(super) fn new(aborted: Vec<AbortedTxn>, last_of_producers: HashMap<i64, i64>) -> Self {
        let mut by_producer: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
        for txn in aborted {
            let ranges = by_producer.entry(txn.producer_id).or_default();
            ranges.push((txn.first_offset, txn.last_offset));
        }
        Self {
            aborted: by_producer,
            last_of_producers,
            with_records: HashMap::new(),
        }
    }

    /// Whether the records of a batch were never committed.
    pub(super) fn is_aborted(&self, header: &BatchHeader) -> bool {
        if !header.attributes.is_transactional() || header.attributes.is_control() {
            return false;
        }
        let ranges = self.aborted.get(&header.producer_id);
        ranges.is_some_and(|ranges| {
            let mut ranges = ranges.iter();
            ranges.any(|(first, last)| (*first..=*last).contains(&header.base_offset))
        })
    }

    /// Takes in the next batch of the log; says whether it is a marker of which no records are left.
    fn is_marker_without_records(&mut self, header: &BatchHeader) -> bool {
        if header.attributes.is_control() {
            return !self
                .with_records
                .remove(&header.producer_id)
                .unwrap_or(false);
        }
        if header.attributes.is_transactional() && header.record_count > 0 {
            self.with_records.insert(header.producer_id, true);
        }
        false
    }

    fn is_last_of_its_producer(&self, header: &BatchHeader) -> bool {
        header.has_producer_id()
            && self.last_of_producers.get(&header.producer_id) == Some(&header.last_offset())
    }
}

/// What happens to a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its records go, and the batch with them unless it is needed without.
    Discard,
    /// Each record is looked at; `horizon` is from when on tombstones may go.
    Filter { horizon: Option<i64> },
}

/// The rules, with the clock of the run.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub(super) map: &'a OffsetMap,
    pub(super) transactions: Transactions,
    pub(super) now_ms: i64,
    pub(super) delete_retention_ms: i64,
}

impl Rules<'_> {
    /// Judges the next batch. Only for batches in the log's order, each once.
    pub(super) fn judge(&mut self, header: &BatchHeader) -> Fate {
        let is_spent_marker = self.transactions.is_marker_without_records(header);
        let known = horizon_of(header);
        if header.attributes.is_control() {
            if !is_spent_marker {
                return Fate::Filter { horizon: known };
            }
            let horizon = known.unwrap_or_else(|| self.new_horizon());
            if known.is_some() && self.is_past(horizon) {
                return Fate::Discard;
            }
            return Fate::Filter {
                horizon: Some(horizon),
            };
        }
        if self.transactions.is_aborted(header) {
            return Fate::Discard;
        }
        Fate::Filter { horizon: known }
    }

    /// Whether a record stays.
    pub(super) fn keeps(&self, header: &BatchHeader, record: &Record<'_>) -> bool {
        if header.attributes.is_control() || record.offset > self.map.latest_offset() {
            return true;
        }
        // Nothing without a key can be looked up; such records are from before the topic was compacted.
        let Some(key) = record.key else { return false };
        if self
            .map
            .get(key)
            .is_some_and(|latest| record.offset < latest)
        {
            return false;
        }
        record.value.is_some() || !horizon_of(header).is_some_and(|horizon| self.is_past(horizon))
    }

    /// From when on the tombstones of a batch may go that has none said yet.
    pub(super) const fn new_horizon(&self) -> i64 {
        self.now_ms.saturating_add(self.delete_retention_ms)
    }

    /// Whether a batch without records must stay for what its header says.
    pub(super) fn keeps_empty(&self, header: &BatchHeader, is_last_of_segment: bool) -> bool {
        is_last_of_segment || self.transactions.is_last_of_its_producer(header)
    }

    const fn is_past(&self, horizon: i64) -> bool {
        horizon <= self.now_ms
    }
}

/// The delete horizon of a batch that has one.
pub(super) fn horizon_of(header: &BatchHeader) -> Option<i64> {
    header
        .attributes
        .has_delete_horizon()
        .then_some(header.base_timestamp_ms)
}
