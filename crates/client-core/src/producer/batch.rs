//! One batch between the slot it was filled in and its fate.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rdkafka_records::{BatchBuilder, Seal, SealError, patch_producer};
use rdkafka_wire::types::StrBytes;

use super::delivery::{Body, DeliveredBatch, Fate};
use super::idempotence::ProducerIdentity;
use crate::conf::TopicConfig;
use crate::io::Moment;
use crate::shared::OpenBatch;
use crate::spares::Spares;

/// Tells batches apart, for as long as the client lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BatchId(pub(crate) u64);

/// What an idempotent producer promised the broker about a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sequenced {
    pub(crate) identity: ProducerIdentity,
    pub(crate) base: i32,
}

/// A batch on its way.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) id: BatchId,
    body: BatchBody,
    pub(crate) count: u32,
    pub(crate) queue_bytes: u64,
    /// When its first record was produced: `message.timeout.ms` counts from here.
    pub(crate) opened: Moment,
    opaques: Vec<u64>,
    /// How often it was sent in vain.
    pub(crate) attempts: u32,
    pub(crate) is_in_flight: bool,
    pub(crate) sequenced: Option<Sequenced>,
    /// It was acknowledged before one that stands ahead of it: the report waits, so that reports come in order.
    pub(crate) settled: Option<Fate>,
    /// It belongs to a transaction.
    pub(crate) is_transactional: bool,
    /// What the bytes say, when they were sealed for an idempotent producer.
    written: Option<Sequenced>,
}

#[derive(Debug)]
enum BatchBody {
    Open(BatchBuilder),
    /// A worker has it.
    Sealing,
    Sealed(Bytes),
}

/// A batch for a worker to seal.
#[derive(Debug)]
pub struct SealJob {
    pub(super) key: super::PartitionKey,
    pub(super) id: BatchId,
    builder: BatchBuilder,
    seal: Seal,
    spares: Arc<Spares>,
}

/// What the worker made of it.
#[derive(Debug)]
pub struct SealDone {
    pub(super) key: super::PartitionKey,
    pub(super) id: BatchId,
    pub(super) sealed: Result<Bytes, SealError>,
}

impl SealJob {
    /// Seal and compress; on a worker.
    #[must_use]
    pub fn run(mut self) -> SealDone {
        let sealed = self.builder.seal(&self.seal);
        // What was compressed leaves its memory behind.
        self.spares.keep_memory(self.builder.into_memory());
        SealDone {
            key: self.key,
            id: self.id,
            sealed,
        }
    }
}

impl Batch {
    pub(crate) fn new(id: BatchId, open: OpenBatch) -> Self {
        Self {
            id,
            count: open.builder.record_count(),
            queue_bytes: open.queue_bytes,
            opened: open.opened,
            opaques: open.opaques,
            body: BatchBody::Open(open.builder),
            attempts: 0,
            is_in_flight: false,
            sequenced: None,
            settled: None,
            is_transactional: false,
            written: None,
        }
    }

    /// For a compressing topic: the work to be done before it can be sent.
    pub(crate) fn start_sealing(
        &mut self,
        key: super::PartitionKey,
        seal: Seal,
        spares: &Arc<Spares>,
    ) -> Option<SealJob> {
        match std::mem::replace(&mut self.body, BatchBody::Sealing) {
            BatchBody::Open(builder) => Some(SealJob {
                key,
                id: self.id,
                builder,
                seal,
                spares: Arc::clone(spares),
            }),
            other => {
                self.body = other;
                None
            }
        }
    }

    pub(crate) fn sealed(&mut self, bytes: Bytes) {
        self.body = BatchBody::Sealed(bytes);
    }

    pub(crate) fn is_with_worker(&self) -> bool {
        matches!(self.body, BatchBody::Sealing)
    }

    /// The bytes to send, sealed now if need be and saying what [`Self::sequenced`] says. `None` when a worker has them,
    /// or they cannot be sealed.
    pub(crate) fn bytes_to_send(&mut self) -> Option<Bytes> {
        if let BatchBody::Open(builder) = &mut self.body {
            let seal = Seal {
                transactional: self.is_transactional,
                ..self.sequenced.map_or_else(Seal::default, Sequenced::seal)
            };
            self.body = BatchBody::Sealed(builder.seal(&seal).ok()?);
            self.written = self.sequenced;
        }
        let BatchBody::Sealed(bytes) = &mut self.body else {
            return None;
        };
        if self.written != self.sequenced {
            // Sealed by a worker, or before the producer id changed. In place, unless an old request still holds it.
            let mut patched = std::mem::take(bytes)
                .try_into_mut()
                .unwrap_or_else(|shared| BytesMut::from(&shared[..]));
            let (id, epoch, base) = self.sequenced.map_or((-1, -1, -1), Sequenced::numbers);
            patch_producer(&mut patched, id, epoch, base).ok()?;
            *bytes = patched.freeze();
            self.written = self.sequenced;
        }
        Some(bytes.clone())
    }

    /// The report of its fate.
    pub(crate) fn into_report(
        self,
        topic: StrBytes,
        partition: i32,
        fate: Fate,
        spares: Arc<Spares>,
    ) -> DeliveredBatch {
        let body = match self.body {
            BatchBody::Open(builder) => Body::Open(builder),
            BatchBody::Sealing => Body::Lost,
            BatchBody::Sealed(bytes) => Body::Sealed(bytes),
        };
        DeliveredBatch::new(
            topic,
            partition,
            self.count,
            self.opaques,
            body,
            fate,
            spares,
        )
    }

    /// It met its fate and nobody asks.
    pub(crate) fn give_memory_to(self, spares: &Spares) {
        match self.body {
            BatchBody::Open(builder) => spares.keep_memory(builder.into_memory()),
            BatchBody::Sealing => {}
            BatchBody::Sealed(bytes) => spares.keep(bytes),
        }
    }
}

impl Sequenced {
    fn numbers(self) -> (i64, i16, i32) {
        (self.identity.id, self.identity.epoch, self.base)
    }

    fn seal(self) -> Seal {
        Seal {
            producer_id: self.identity.id,
            producer_epoch: self.identity.epoch,
            base_sequence: self.base,
            ..Seal::default()
        }
    }
}

/// How a topic's batches are sealed by workers.
pub(crate) fn worker_seal(conf: &TopicConfig) -> Seal {
    Seal {
        compression: conf.compression,
        level: conf.compression_level,
        ..Seal::default()
    }
}
