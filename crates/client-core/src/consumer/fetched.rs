//! One partition's share of a Fetch response: which of its batches reach the application.
//!
//! Looks at batch headers only. Guarantees: nothing before the position, no control batch, and with
//! `read_committed` no record of an aborted transaction gets through; the next offset moves over all of them.
//! Leaves to others: decompression and the records themselves (the application's thread). Pure code; driver task.

use std::collections::BTreeSet;

use rdkafka_records::{BatchError, EndTxnMarker, RecordBatch, RecordBatches, TransactionResult};
use rdkafka_wire::messages::fetch::AbortedTransaction;
use rdkafka_wire::types::Records;

/// What is in a partition's share.
#[derive(Debug, Default)]
pub(crate) struct Share {
    /// Batches with at least one record at or after the position.
    pub(crate) batches: Vec<RecordBatch>,
    /// Records in them, by their headers.
    pub(crate) messages: u64,
    /// Bytes in them.
    pub(crate) bytes: u64,
    /// The offset to fetch next.
    pub(crate) next_offset: i64,
    /// The offset and epoch behind a marker, with no batch to hand out after it.
    pub(crate) passed: Option<(i64, i32)>,
    /// The leader epoch of the last batch before it, when there was one.
    pub(crate) epoch: Option<i32>,
    /// Why the walk ended early.
    pub(crate) error: Option<BatchError>,
    /// Bytes of a batch that was cut off; with nothing before it, it did not fit.
    pub(crate) cut_off_bytes: usize,
}

/// Goes over `records`, which were fetched from `position`. `aborted` is `Some` when records of the transactions in
/// it have to be left out.
pub(crate) fn sift(
    records: Records,
    position: i64,
    aborted: Option<Vec<AbortedTransaction>>,
) -> Share {
    let mut share = Share {
        next_offset: position,
        ..Share::default()
    };
    let mut aborted = aborted.map(Aborted::new);
    let mut batches = RecordBatches::new(records.into_bytes());
    for batch in &mut batches {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => {
                share.error = Some(error);
                break;
            }
        };
        let is_aborted = aborted
            .as_mut()
            .is_some_and(|aborted| aborted.covers(&batch));
        let is_old = batch.last_offset() < position;
        share.next_offset = share.next_offset.max(batch.next_offset());
        let header = batch.header();
        let epoch = header.map_or(-1, |header| header.partition_leader_epoch);
        share.epoch = Some(epoch);
        if batch.is_control() && !is_old {
            share.passed = Some((batch.next_offset(), epoch));
        }
        if is_old || is_aborted || batch.is_control() || batch.record_count() == Some(0) {
            continue;
        }
        share.messages += u64::from(batch.record_count().unwrap_or(1));
        share.bytes += batch.raw().len() as u64;
        share.batches.push(batch);
        share.passed = None;
    }
    if share.error.is_none() {
        share.cut_off_bytes = batches.remaining();
    }
    share
}

/// Aborted transactions of a response, while going over its batches.
struct Aborted {
    /// By first offset, the last one first.
    upcoming: Vec<AbortedTransaction>,
    /// Producers whose records at this place belong to an aborted transaction.
    producers: BTreeSet<i64>,
}

impl Aborted {
    fn new(mut upcoming: Vec<AbortedTransaction>) -> Self {
        upcoming.sort_by_key(|transaction| std::cmp::Reverse(transaction.first_offset));
        Self {
            upcoming,
            producers: BTreeSet::new(),
        }
    }

    /// Whether a batch belongs to an aborted transaction.
    fn covers(&mut self, batch: &RecordBatch) -> bool {
        let last_offset = batch.last_offset();
        while let Some(begun) = self
            .upcoming
            .pop_if(|next| next.first_offset <= last_offset)
        {
            self.producers.insert(begun.producer_id);
        }
        if batch.is_control() {
            let marker = EndTxnMarker::from_batch(batch);
            if marker.is_some_and(|marker| marker.result == TransactionResult::Abort) {
                self.producers.remove(&batch.producer_id());
            }
            return false;
        }
        batch.is_transactional() && self.producers.contains(&batch.producer_id())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rdkafka_records::{BatchBuilder, Seal, patch_base_offset};

    use super::*;

    /// A batch of `count` records from `base_offset`; transactional when a producer is given.
    fn batch(base_offset: i64, count: i64, producer_id: Option<i64>) -> Bytes {
        let mut builder = BatchBuilder::with_capacity(64);
        for _ in 0..count {
            builder.append(0, None, Some(b"v"), []).unwrap();
        }
        let seal = match producer_id {
            None => Seal::default(),
            Some(producer_id) => Seal {
                producer_id,
                producer_epoch: 0,
                base_sequence: 0,
                transactional: true,
                ..Seal::default()
            },
        };
        at(&builder.seal(&seal).unwrap(), base_offset)
    }

    fn marker(offset: i64, producer_id: i64, result: TransactionResult) -> Bytes {
        let marker = EndTxnMarker {
            producer_id,
            producer_epoch: 0,
            coordinator_epoch: 0,
            result,
        };
        at(&marker.to_batch(0).unwrap(), offset)
    }

    fn at(batch: &[u8], base_offset: i64) -> Bytes {
        let mut batch = batch.to_vec();
        patch_base_offset(&mut batch, base_offset).unwrap();
        batch.into()
    }

    fn records(parts: &[Bytes]) -> Records {
        Records::from(parts.to_vec())
    }

    fn base_offsets(share: &Share) -> Vec<i64> {
        share.batches.iter().map(RecordBatch::base_offset).collect()
    }

    #[test]
    fn batches_before_the_position_are_left_out() {
        let share = sift(records(&[batch(0, 5, None), batch(5, 5, None)]), 7, None);
        assert_eq!(base_offsets(&share), [5]);
        assert_eq!((share.next_offset, share.messages), (10, 5));
    }

    #[test]
    fn a_cut_off_batch_is_fetched_again_next_time() {
        let second = batch(5, 5, None);
        let share = sift(
            records(&[batch(0, 5, None), second.slice(..second.len() - 1)]),
            0,
            None,
        );
        assert_eq!((base_offsets(&share).len(), share.next_offset), (1, 5));
        assert_eq!(share.cut_off_bytes, second.len() - 1);
    }

    #[test]
    fn control_batches_are_moved_over() {
        let parts = [
            batch(0, 1, Some(7)),
            marker(1, 7, TransactionResult::Commit),
        ];
        let share = sift(records(&parts), 0, Some(vec![]));
        assert_eq!((base_offsets(&share), share.next_offset), (vec![0], 2));
        assert_eq!(share.passed.map(|(offset, _)| offset), Some(2));
    }

    #[test]
    fn a_marker_between_batches_is_passed_with_the_next_of_them() {
        let parts = [
            marker(0, 7, TransactionResult::Commit),
            batch(1, 1, Some(7)),
        ];
        assert_eq!(sift(records(&parts), 0, None).passed, None);
    }

    #[test]
    fn aborted_records_are_left_out_up_to_their_marker() {
        let parts = [
            batch(0, 1, Some(7)),
            batch(1, 1, Some(8)),
            batch(2, 1, None),
            marker(3, 7, TransactionResult::Abort),
            batch(4, 1, Some(7)),
        ];
        let aborted = vec![AbortedTransaction {
            producer_id: 7,
            first_offset: 0,
        }];
        let share = sift(records(&parts), 0, Some(aborted));
        assert_eq!(
            (base_offsets(&share), share.next_offset),
            (vec![1, 2, 4], 5)
        );
    }

    #[test]
    fn read_uncommitted_gets_aborted_records_too() {
        let parts = [batch(0, 1, Some(7)), marker(1, 7, TransactionResult::Abort)];
        assert_eq!(base_offsets(&sift(records(&parts), 0, None)), [0]);
    }

    #[test]
    fn garbage_ends_the_walk_with_what_was_good() {
        let share = sift(
            records(&[batch(0, 1, None), Bytes::from_static(&[0xff; 80])]),
            0,
            None,
        );
        assert_eq!((base_offsets(&share), share.next_offset), (vec![0], 1));
        assert!(share.error.is_some());
    }
}
