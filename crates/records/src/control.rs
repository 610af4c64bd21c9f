//! Control records: the markers that end a transaction in a partition.
//!
//! Owns the key and value of a marker. Leaves to others when a transaction ends and what its records
//! mean to a reader.

use bytes::Bytes;

use crate::builder::BatchBuilder;
use crate::{
    Attributes, BatchHeader, Compression, NO_PARTITION_LEADER_EPOCH, NO_SEQUENCE, RecordBatch,
    SealError,
};

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionResult {
    /// Its records are void.
    Abort,
    /// Its records stand.
    Commit,
}

/// The marker that ends a transaction of one producer in one partition: a control batch of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTxnMarker {
    /// The producer whose transaction ends.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// Epoch of the transaction coordinator that decided.
    pub coordinator_epoch: i32,
    /// What was decided.
    pub result: TransactionResult,
}

impl EndTxnMarker {
    /// Bytes of every marker's batch.
    pub const BATCH_LEN: usize = 78;

    /// The marker as a batch, ready for [`crate::patch_base_offset`].
    ///
    /// # Errors
    /// Never in practice: a batch of one small record can be sealed.
    pub fn to_batch(&self, timestamp_ms: i64) -> Result<Bytes, SealError> {
        let mut builder = BatchBuilder::with_capacity(Self::BATCH_LEN);
        let mut key = [0; 4]; // version 0, type
        key[3] = match self.result {
            TransactionResult::Abort => 0,
            TransactionResult::Commit => 1,
        };
        let mut value = [0; 6]; // version 0, coordinator epoch
        value[2..].copy_from_slice(&self.coordinator_epoch.to_be_bytes());
        // An empty builder takes any record of this size.
        builder
            .append(timestamp_ms, Some(&key), Some(&value), [])
            .or(Err(SealError::Empty))?;
        let header = BatchHeader {
            base_offset: 0,
            batch_length: 0,
            partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
            crc: 0,
            attributes: Attributes::default()
                .with_transactional(true)
                .with_control(true),
            last_offset_delta: 0,
            base_timestamp_ms: timestamp_ms,
            max_timestamp_ms: timestamp_ms,
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            base_sequence: NO_SEQUENCE,
            record_count: 1,
        };
        builder.seal_as(header, Compression::None, None)
    }

    /// Reads the marker out of a batch; `None` when it is not a control batch, or one of another kind
    /// (a reader must pass over control records that it does not know).
    #[must_use]
    pub fn from_batch(batch: &RecordBatch) -> Option<Self> {
        if !batch.is_control() {
            return None;
        }
        let header = batch.header()?;
        // Control batches are small and never compressed; whatever is larger is none of ours.
        let plain = batch.decompress(4096).ok()?;
        let record = plain.records().next()?.ok()?;
        let key = record.key?.first_chunk::<4>()?;
        let result = match i16::from_be_bytes([key[2], key[3]]) {
            0 => TransactionResult::Abort,
            1 => TransactionResult::Commit,
            _ => return None,
        };
        let value = record.value?.first_chunk::<6>()?;
        Some(Self {
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            coordinator_epoch: i32::from_be_bytes([value[2], value[3], value[4], value[5]]),
            result,
        })
    }
}
