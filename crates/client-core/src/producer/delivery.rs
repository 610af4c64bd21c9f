//! The fate of a batch, and the delivery reports that are read out of it.
//!
//! One [`DeliveredBatch`] per batch reaches the application's thread; its messages are materialised one by one there,
//! by [`DeliveredBatch::next`], straight out of the bytes that were sent. Guarantees: each record of the batch is
//! handed out exactly once, in order. Made on the driver's thread, read on the application's.

use std::sync::Arc;

use bytes::Bytes;
use rdkafka_records::{
    BatchBuilder, Headers, PlainBatch, RecordBatch, RecordCursor, Seal, TimestampType,
};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::io::TopicPartitionOffset;
use crate::spares::Spares;

/// Our own batches are as large as they are; no batch is larger than its length field can say.
pub(super) const UNPACKED_BYTES_MAX: usize = i32::MAX as usize;

/// The offset of records that the leader refused.
const REFUSED_OFFSET: i64 = -1;

/// A batch of produced records that met its fate.
#[derive(Debug)]
pub struct DeliveredBatch {
    topic: StrBytes,
    partition: i32,
    error: ErrorCode,
    base_offset: Option<i64>,
    log_append_time_ms: Option<i64>,
    count: u32,
    opaques: Vec<u64>,
    body: Body,
    cursor: RecordCursor,
    /// Holds on to the bytes that [`Body::Plain`] shows, so that all of them can be used again.
    sealed: Bytes,
    spares: Arc<Spares>,
}

/// Where the records are.
#[derive(Debug)]
pub(crate) enum Body {
    /// Never sealed.
    Open(BatchBuilder),
    /// As sent, maybe compressed.
    Sealed(Bytes),
    /// Ready to be walked.
    Plain(PlainBatch),
    /// Could not be read back; nothing can be told.
    Lost,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fate {
    pub(crate) error: ErrorCode,
    /// `None` where the broker does not tell (acks=0, duplicates, errors).
    pub(crate) base_offset: Option<i64>,
    pub(crate) log_append_time_ms: Option<i64>,
}

impl Fate {
    pub(crate) const fn failed(error: ErrorCode) -> Self {
        Self {
            error,
            base_offset: None,
            log_append_time_ms: None,
        }
    }
}

impl Fate {
    /// The batch is in the log; where, nobody told us.
    pub(crate) const fn written_somewhere() -> Self {
        Self::failed(ErrorCode::NONE)
    }

    /// The leader refused the batch: its answer names -1 as the offset.
    pub(crate) const fn refused(error: ErrorCode) -> Self {
        Self {
            error,
            base_offset: Some(REFUSED_OFFSET),
            log_append_time_ms: None,
        }
    }
}

/// One produced record and what became of it, borrowed from its batch.
#[derive(Debug, Clone)]
pub struct DeliveredMessage<'a> {
    /// The topic.
    pub topic: &'a StrBytes,
    /// The partition it was meant for; -1 when none was chosen yet.
    pub partition: i32,
    /// Its offset, or librdkafka's -1001 where there is none.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp_ms: i64,
    /// Which clock the timestamp comes from.
    pub timestamp_type: TimestampType,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The payload.
    pub payload: Option<&'a [u8]>,
    /// The headers.
    pub headers: Headers<'a>,
    /// What `produce()` was given to recognise the record by; 0 for nothing.
    pub opaque: u64,
    /// `NONE`, or why it was not delivered.
    pub error: ErrorCode,
}

impl DeliveredBatch {
    pub(crate) fn new(
        topic: StrBytes,
        partition: i32,
        count: u32,
        opaques: Vec<u64>,
        body: Body,
        fate: Fate,
        spares: Arc<Spares>,
    ) -> Self {
        Self {
            topic,
            partition,
            error: fate.error,
            base_offset: fate.base_offset,
            log_append_time_ms: fate.log_append_time_ms,
            count,
            opaques,
            body,
            cursor: RecordCursor::default(),
            sealed: Bytes::new(),
            spares,
        }
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &StrBytes {
        &self.topic
    }

    /// `NONE`, or why none of the records was delivered.
    #[must_use]
    pub fn error(&self) -> ErrorCode {
        self.error
    }

    /// Records not handed out yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count.saturating_sub(self.cursor.index()) as usize
    }

    /// Whether every record was handed out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next record's report; `None` when all were handed out.
    #[allow(
        clippy::should_implement_trait,
        reason = "lends from self, which Iterator cannot say"
    )]
    pub fn next(&mut self) -> Option<DeliveredMessage<'_>> {
        self.open_body();
        let Body::Plain(batch) = &self.body else {
            return None;
        };
        let index = self.cursor.index();
        let record = self.cursor.next(batch)?.ok()?;
        let (timestamp_ms, timestamp_type) = match self.log_append_time_ms {
            Some(time) => (time, TimestampType::LogAppendTime),
            None => (record.timestamp_ms, TimestampType::CreateTime),
        };
        Some(DeliveredMessage {
            topic: &self.topic,
            partition: self.partition,
            offset: self
                .base_offset
                .map_or(TopicPartitionOffset::INVALID, |base| match base {
                    REFUSED_OFFSET => REFUSED_OFFSET,
                    base => base + i64::from(index),
                }),
            timestamp_ms,
            timestamp_type,
            key: record.key,
            payload: record.value,
            headers: record.headers,
            opaque: self.opaques.get(index as usize).copied().unwrap_or(0),
            error: self.error,
        })
    }

    /// The opaques of the records not handed out yet, for who lets go of them without looking at the records.
    pub fn remaining_opaques(&self) -> impl Iterator<Item = u64> + '_ {
        self.opaques
            .iter()
            .copied()
            .skip(self.cursor.index() as usize)
    }

    fn open_body(&mut self) {
        let sealed = match &mut self.body {
            Body::Plain(_) | Body::Lost => return,
            Body::Open(builder) => builder.seal(&Seal::default()).ok(),
            Body::Sealed(bytes) => Some(std::mem::take(bytes)),
        };
        self.sealed = sealed.clone().unwrap_or_default();
        self.body = sealed
            .and_then(|bytes| RecordBatch::parse(bytes).ok())
            .and_then(|batch| batch.decompress(UNPACKED_BYTES_MAX).ok())
            .map_or(Body::Lost, Body::Plain);
    }
}

impl Drop for DeliveredBatch {
    fn drop(&mut self) {
        self.body = Body::Lost;
        self.spares.keep(std::mem::take(&mut self.sealed));
    }
}
