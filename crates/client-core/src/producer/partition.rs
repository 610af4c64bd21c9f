//! The batches of one partition, in the order their records were produced.
//!
//! **Invariant**: batches are sent front to back; those in flight are a prefix of the queue except where one of them
//! came back to be retried, and then nothing behind it is sent before it. So order is kept under retries: with one batch
//! in flight by itself, with several by the sequence numbers of an idempotent producer. A batch that is acknowledged
//! while one before it has to be sent again stays in the queue, settled, so that reports come in order, too. Driver
//! thread.

use std::collections::VecDeque;
use std::sync::Arc;

use super::batch::{Batch, BatchId, Sequenced};
use super::delivery::Fate;
use super::idempotence::{ProducerIdentity, sequence_after};
use crate::io::{Moment, NodeId};
use crate::shared::BatchSlot;
use crate::stats::PartitionCounters;

/// One partition that is produced to.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) slot: Arc<BatchSlot>,
    pub(crate) leader: Option<NodeId>,
    pub(crate) batches: VecDeque<Batch>,
    /// Requests under way that carry a batch of this partition (also one given up meanwhile).
    pub(crate) in_flight: u32,
    /// The open batch has lingered: take it as soon as it can be sent.
    pub(crate) is_due: bool,
    pub(crate) is_paused: bool,
    /// The topic lost this partition.
    pub(crate) is_gone: bool,
    /// Nothing is sent before: the back-off after a failure.
    pub(crate) blocked_until: Option<Moment>,
    pub(crate) counters: PartitionCounters,
    sequence: Sequence,
}

/// The numbers an idempotent producer gives to the batches of this partition.
#[derive(Debug, Default)]
struct Sequence {
    identity: Option<ProducerIdentity>,
    next: i32,
    /// The broker refused this identity's sequence: go on only with another, from 0.
    is_broken: bool,
}

impl Partition {
    pub(crate) fn new(slot: Arc<BatchSlot>) -> Self {
        Self {
            slot,
            leader: None,
            batches: VecDeque::new(),
            in_flight: 0,
            is_due: false,
            is_paused: false,
            is_gone: false,
            blocked_until: None,
            counters: PartitionCounters::default(),
            sequence: Sequence::default(),
        }
    }

    /// The next batch to send.
    pub(crate) fn first_waiting(&mut self) -> Option<&mut Batch> {
        self.batches.iter_mut().find(|batch| !batch.is_in_flight)
    }

    pub(crate) fn has_waiting(&self) -> bool {
        self.batches.iter().any(|batch| !batch.is_in_flight)
    }

    pub(crate) fn batch_mut(&mut self, id: BatchId) -> Option<&mut Batch> {
        self.batches.iter_mut().find(|batch| batch.id == id)
    }

    /// Whether it is the oldest: nothing before it can still be under way.
    pub(crate) fn is_front(&self, id: BatchId) -> bool {
        self.batches.front().is_some_and(|batch| batch.id == id)
    }

    /// Whether a batch behind this one was acknowledged under the same identity. A leader takes sequence numbers without
    /// gaps, so that proves this one written, whatever became of its own answer.
    pub(crate) fn is_proven_written(&self, id: BatchId) -> bool {
        let mut behind = self.batches.iter().skip_while(|batch| batch.id != id);
        let Some(sequenced) = behind.next().and_then(|batch| batch.sequenced) else {
            return false;
        };
        behind.any(|later| {
            later.settled.is_some()
                && later
                    .sequenced
                    .is_some_and(|other| other.identity == sequenced.identity)
        })
    }

    /// The first batch, when it was acknowledged before those that stood ahead of it.
    pub(crate) fn take_settled(&mut self) -> Option<(Batch, Fate)> {
        let fate = self.batches.front()?.settled?;
        self.batches.pop_front().map(|batch| (batch, fate))
    }

    pub(crate) fn remove(&mut self, id: BatchId) -> Option<Batch> {
        let position = self.batches.iter().position(|batch| batch.id == id)?;
        self.batches.remove(position)
    }

    /// Give the next batch its sequence numbers. `false`: it has to wait, for another producer id or for what is in
    /// flight under the old one.
    pub(crate) fn sequence_next(&mut self, current: ProducerIdentity) -> bool {
        if self.sequence.is_broken {
            if self.in_flight > 0 || self.sequence.identity == Some(current) {
                return false;
            }
            for batch in &mut self.batches {
                batch.sequenced = None;
            }
            self.sequence = Sequence::default();
        }
        let has_promised =
            self.in_flight > 0 || self.batches.iter().any(|batch| batch.sequenced.is_some());
        if self.sequence.identity != Some(current) && !has_promised {
            self.sequence = Sequence {
                identity: Some(current),
                ..Sequence::default()
            };
        }
        let Some(identity) = self.sequence.identity else {
            return false;
        };
        let base = self.sequence.next;
        let Some(batch) = self.first_waiting() else {
            return false;
        };
        if batch.sequenced.is_none() {
            let count = batch.count;
            batch.sequenced = Some(Sequenced { identity, base });
            self.sequence.next = sequence_after(base, count);
        }
        true
    }

    /// The sequence number of the oldest record that is not acknowledged; 0 without an identity.
    pub(crate) fn next_ack_sequence(&self) -> i32 {
        let numbered = self
            .batches
            .iter()
            .find_map(|batch| batch.sequenced.as_ref());
        numbered.map_or(self.sequence.next, |sequenced| sequenced.base)
    }

    /// The broker will not take this sequence any more: start over with another identity.
    pub(crate) fn break_sequence(&mut self) {
        self.sequence.is_broken = true;
    }

    /// The identity the broker refused.
    pub(crate) fn broken_identity(&self) -> Option<ProducerIdentity> {
        self.sequence.identity.filter(|_| self.sequence.is_broken)
    }
}
