//! The aborted transactions of a log: what a reader of committed records must pass over.
//!
//! Owns [`AbortedTxn`] and the list of them, in the order of their markers. The list is part of the producers' state:
//! markers are taken in by the same code when they are appended and when the log is replayed, and it is stored in the
//! producers' snapshots (so there are no `.txnindex` files).
//!
//! Guarantees: a read finds every aborted transaction that has records in its range, and may find more.

use std::collections::VecDeque;

/// An aborted transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbortedTxn {
    /// Its producer.
    pub producer_id: i64,
    /// Offset of its first record.
    pub first_offset: i64,
    /// Offset of the marker that ended it.
    pub last_offset: i64,
    /// The last stable offset after that marker; every transaction that ends later begins there or behind it.
    pub stable_offset: i64,
}

/// Aborted transactions, in the order of their markers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct AbortedTxns(VecDeque<AbortedTxn>);

impl AbortedTxns {
    pub(crate) fn push(&mut self, aborted: AbortedTxn) {
        self.0.push_back(aborted);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &AbortedTxn> {
        self.0.iter()
    }

    /// Those with records between `from` and `to` (exclusive).
    pub(crate) fn between(&self, from: i64, to: i64) -> Vec<AbortedTxn> {
        let first = self.0.partition_point(|it| it.last_offset < from);
        let mut found = Vec::new();
        for aborted in self.0.range(first..) {
            if aborted.first_offset < to {
                found.push(*aborted);
            }
            if aborted.stable_offset >= to {
                break;
            }
        }
        found
    }

    /// Forgets those whose markers stood at these offsets (ascending).
    pub(crate) fn forget_markers(&mut self, offsets: &[i64]) {
        self.0
            .retain(|it| offsets.binary_search(&it.last_offset).is_err());
    }

    /// Forgets those that ended before `offset`, where the log now starts.
    pub(crate) fn forget_before(&mut self, offset: i64) {
        while self.0.front().is_some_and(|it| it.last_offset < offset) {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(transactions: &[(i64, i64, i64)]) -> AbortedTxns {
        let mut list = AbortedTxns::default();
        for (first_offset, last_offset, stable_offset) in transactions {
            list.push(AbortedTxn {
                producer_id: *first_offset,
                first_offset: *first_offset,
                last_offset: *last_offset,
                stable_offset: *stable_offset,
            });
        }
        list
    }

    fn found(list: &AbortedTxns, from: i64, to: i64) -> Vec<i64> {
        list.between(from, to)
            .iter()
            .map(|it| it.producer_id)
            .collect()
    }

    #[test]
    fn a_read_finds_what_overlaps_it() {
        let list = list(&[(5, 10, 2), (2, 20, 21), (30, 40, 41)]);
        assert_eq!(found(&list, 0, 2), [] as [i64; 0]);
        assert_eq!(found(&list, 0, 6), [5, 2]);
        assert_eq!(found(&list, 11, 30), [2]);
        assert_eq!(found(&list, 21, 31), [30]);
        assert_eq!(found(&list, 41, 99), [] as [i64; 0]);
    }

    #[test]
    fn what_ended_before_the_start_is_forgotten() {
        let mut list = list(&[(5, 10, 11), (12, 20, 21)]);
        list.forget_before(11);
        assert_eq!((list.len(), found(&list, 0, 99)), (1, vec![12]));
    }
}
