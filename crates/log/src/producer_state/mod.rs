//! What the log knows about idempotent and transactional producers.
//!
//! Owns, for each producer id, the newest epoch, the sequence numbers of its last five batches with the
//! offsets they got, and its open transaction. A batch is judged before it is written
//! ([`ProducerStates::judge`]) and takes effect after ([`ProducerStates::commit`]). Recovery replays the
//! batches of the log through the same code, without judging.

mod snapshot;

pub use snapshot::{ProducerSnapshot, SnapshotError};
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use rdkafka_records::{BatchHeader, EndTxnMarker, TransactionResult};

use crate::{
    LogError,
    txn_index::{AbortedTxn, AbortedTxns},
};

/// Batches of a producer that are remembered: a client may have that many in flight.
pub(crate) const REMEMBERED_BATCHES: usize = 5;

/// Sequence numbers of one appended batch and the offsets they got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SequenceRange {
    /// First sequence number.
    pub first_sequence: i32,
    /// Last sequence number.
    pub last_sequence: i32,
    /// Offset of the first record.
    pub first_offset: i64,
    /// Offset of the last record.
    pub last_offset: i64,
    /// Largest timestamp of the batch.
    pub timestamp_ms: i64,
}

/// One producer, as `DescribeProducers` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducerEntry {
    /// The producer.
    pub producer_id: i64,
    /// Its newest epoch.
    pub epoch: i16,
    /// Its last batches of that epoch, oldest first; at most five.
    pub batches: Vec<SequenceRange>,
    /// When it last wrote, in milliseconds since the epoch.
    pub last_timestamp_ms: i64,
    /// Epoch of the coordinator that wrote its last marker, or -1.
    pub coordinator_epoch: i32,
    /// First offset of its open transaction.
    pub txn_first_offset: Option<i64>,
}

/// One producer's state; small enough to be copied before it is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Producer {
    epoch: i16,
    batches: [SequenceRange; REMEMBERED_BATCHES],
    batch_count: usize,
    last_timestamp_ms: i64,
    coordinator_epoch: i32,
    txn_first_offset: Option<i64>,
}

impl Producer {
    const fn new(epoch: i16) -> Self {
        let none = SequenceRange {
            first_sequence: 0,
            last_sequence: 0,
            first_offset: 0,
            last_offset: 0,
            timestamp_ms: 0,
        };
        Self {
            epoch,
            batches: [none; REMEMBERED_BATCHES],
            batch_count: 0,
            last_timestamp_ms: -1,
            coordinator_epoch: -1,
            txn_first_offset: None,
        }
    }

    fn batches(&self) -> &[SequenceRange] {
        &self.batches[..self.batch_count]
    }

    fn push(&mut self, batch: SequenceRange) {
        if self.batch_count == REMEMBERED_BATCHES {
            self.batches.rotate_left(1);
            self.batch_count -= 1;
        }
        self.batches[self.batch_count] = batch;
        self.batch_count += 1;
    }

    fn start_epoch(&mut self, epoch: i16) {
        if epoch != self.epoch {
            self.epoch = epoch;
            self.batch_count = 0;
        }
    }

    /// Takes in a batch of records.
    fn extend(&mut self, header: &BatchHeader) {
        self.start_epoch(header.producer_epoch);
        // Offsets that are committed in a transaction have no sequence.
        if header.base_sequence >= 0 {
            self.push(SequenceRange {
                first_sequence: header.base_sequence,
                last_sequence: header.last_sequence(),
                first_offset: header.base_offset,
                last_offset: header.last_offset(),
                timestamp_ms: header.max_timestamp_ms,
            });
        }
        if header.attributes.is_transactional() && self.txn_first_offset.is_none() {
            self.txn_first_offset = Some(header.base_offset);
        }
    }

    /// Takes in the marker that ends a transaction.
    fn end_transaction(&mut self, marker: &EndTxnMarker) {
        self.start_epoch(marker.producer_epoch);
        self.coordinator_epoch = self.coordinator_epoch.max(marker.coordinator_epoch);
        self.txn_first_offset = None;
    }

    fn to_entry(&self, producer_id: i64) -> ProducerEntry {
        ProducerEntry {
            producer_id,
            epoch: self.epoch,
            batches: self.batches().to_vec(),
            last_timestamp_ms: self.last_timestamp_ms,
            coordinator_epoch: self.coordinator_epoch,
            txn_first_offset: self.txn_first_offset,
        }
    }
}

/// What [`ProducerStates::judge`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Append it.
    Accept,
    /// It was appended before, there.
    Duplicate(SequenceRange),
}

/// Changes that take effect when the append they belong to has been written.
#[derive(Debug, Default)]
pub(crate) struct StagedProducers(Vec<(i64, Producer)>, Vec<AbortedTxn>);

/// See the module's documentation.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ProducerStates {
    producers: HashMap<i64, Producer>,
    /// Open transactions by their first offset.
    open_txns: BTreeMap<i64, i64>,
    aborted: AbortedTxns,
}

impl ProducerStates {
    /// Whether a producer may append this batch now. Control batches are judged by
    /// [`Self::judge_marker`].
    pub(crate) fn judge(
        &self,
        staged: &StagedProducers,
        header: &BatchHeader,
    ) -> Result<Verdict, LogError> {
        let producer_id = header.producer_id;
        let Some(producer) = self.find(staged, producer_id) else {
            // Nothing is known (it is new, or expired): any sequence may be a start.
            return Ok(Verdict::Accept);
        };
        if header.producer_epoch < producer.epoch {
            return Err(invalid_epoch(header, producer));
        }
        if header.producer_epoch == producer.epoch {
            let known = producer.batches().iter().find(|batch| {
                batch.first_sequence == header.base_sequence
                    && batch.last_sequence == header.last_sequence()
            });
            if let Some(batch) = known {
                return Ok(Verdict::Duplicate(*batch));
            }
        }
        let last = match producer.batches().last() {
            Some(last) if header.producer_epoch == producer.epoch => last.last_sequence,
            _ => -1,
        };
        let expected = if last == i32::MAX { 0 } else { last + 1 };
        if header.base_sequence == expected {
            return Ok(Verdict::Accept);
        }
        let base_sequence = header.base_sequence;
        Err(LogError::OutOfOrderSequence {
            producer_id,
            base_sequence,
            expected,
        })
    }

    /// Whether a coordinator may append this marker now.
    pub(crate) fn judge_marker(
        &self,
        staged: &StagedProducers,
        header: &BatchHeader,
        marker: &EndTxnMarker,
    ) -> Result<(), LogError> {
        let Some(producer) = self.find(staged, marker.producer_id) else {
            return Ok(());
        };
        if marker.producer_epoch < producer.epoch {
            return Err(invalid_epoch(header, producer));
        }
        if marker.coordinator_epoch < producer.coordinator_epoch {
            return Err(LogError::CoordinatorFenced {
                producer_id: marker.producer_id,
                epoch: marker.coordinator_epoch,
                current: producer.coordinator_epoch,
            });
        }
        Ok(())
    }

    /// Prepares the effect of a batch that has its offsets.
    pub(crate) fn stage(
        &self,
        staged: &mut StagedProducers,
        header: &BatchHeader,
        marker: Option<&EndTxnMarker>,
        now_ms: i64,
    ) {
        if !header.has_producer_id() {
            return;
        }
        let at = staged
            .0
            .iter()
            .position(|(id, _)| *id == header.producer_id);
        let at = at.unwrap_or_else(|| {
            let known = self.producers.get(&header.producer_id).cloned();
            let producer = known.unwrap_or_else(|| Producer::new(header.producer_epoch));
            staged.0.push((header.producer_id, producer));
            staged.0.len() - 1
        });
        let producer = &mut staged.0[at].1;
        // A producer that replays history must not expire by its records' timestamps.
        producer.last_timestamp_ms = producer
            .last_timestamp_ms
            .max(now_ms)
            .max(header.max_timestamp_ms);
        match marker {
            Some(marker) => {
                if let Some(first_offset) = producer.txn_first_offset
                    && marker.result == TransactionResult::Abort
                {
                    staged.1.push(AbortedTxn {
                        producer_id: header.producer_id,
                        first_offset,
                        last_offset: header.last_offset(),
                        stable_offset: 0,
                    });
                }
                producer.end_transaction(marker);
            }
            // A control record of another kind says nothing about the producer.
            None if header.attributes.is_control() => {}
            None => producer.extend(header),
        }
    }

    /// Lets staged changes take effect.
    pub(crate) fn commit(&mut self, staged: StagedProducers) {
        for (producer_id, producer) in staged.0 {
            let before = self
                .producers
                .get(&producer_id)
                .and_then(|known| known.txn_first_offset);
            if before != producer.txn_first_offset {
                if let Some(offset) = before {
                    self.open_txns.remove(&offset);
                }
                if let Some(offset) = producer.txn_first_offset {
                    self.open_txns.insert(offset, producer_id);
                }
            }
            self.producers.insert(producer_id, producer);
        }
        for aborted in staged.1 {
            let stable_offset = self
                .first_unstable_offset()
                .unwrap_or(aborted.last_offset + 1);
            self.aborted.push(AbortedTxn {
                stable_offset,
                ..aborted
            });
        }
    }

    /// Takes in a batch of the log as it is.
    pub(crate) fn replay(&mut self, header: &BatchHeader, marker: Option<&EndTxnMarker>) {
        let mut staged = StagedProducers::default();
        self.stage(&mut staged, header, marker, -1);
        self.commit(staged);
    }

    /// First offset of the oldest open transaction.
    pub(crate) fn first_unstable_offset(&self) -> Option<i64> {
        self.open_txns.first_key_value().map(|(offset, _)| *offset)
    }

    /// Forgets producers without an open transaction that were silent for `expiration_ms`.
    pub(crate) fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        self.producers.retain(|_, producer| {
            producer.txn_first_offset.is_some()
                || producer.last_timestamp_ms.saturating_add(expiration_ms) > now_ms
        });
    }

    /// The aborted transactions that have records between two offsets, and perhaps more.
    pub(crate) fn aborted_between(&self, from: i64, to: i64) -> Vec<AbortedTxn> {
        self.aborted.between(from, to)
    }

    /// Forgets aborted transactions that ended before the log's start.
    pub(crate) fn forget_aborted_before(&mut self, offset: i64) {
        self.aborted.forget_before(offset);
    }

    /// Forgets the aborted transactions that these markers ended: markers and records are gone.
    pub(crate) fn forget_markers(&mut self, offsets: &[i64]) {
        if !offsets.is_empty() {
            self.aborted.forget_markers(offsets);
        }
    }

    /// All producers.
    pub(crate) fn entries(&self) -> impl Iterator<Item = ProducerEntry> + '_ {
        self.producers
            .iter()
            .map(|(id, producer)| producer.to_entry(*id))
    }

    fn find<'a>(&'a self, staged: &'a StagedProducers, producer_id: i64) -> Option<&'a Producer> {
        let staged = staged.0.iter().find(|(id, _)| *id == producer_id);
        staged
            .map(|(_, producer)| producer)
            .or_else(|| self.producers.get(&producer_id))
    }
}

fn invalid_epoch(header: &BatchHeader, producer: &Producer) -> LogError {
    LogError::InvalidProducerEpoch {
        producer_id: header.producer_id,
        epoch: header.producer_epoch,
        current: producer.epoch,
    }
}
