//! Writing single header fields of a batch that lies in memory: what a broker and a sender do to bytes
//! that are otherwise finished.
//!
//! Base offset and leader epoch lie outside the CRC and cost nothing; the other fields recompute it, so
//! the whole batch must be handed over. Every function refuses bytes that are not a batch of magic 2.

use crate::header::{BATCH_HEADER_LEN, field, put};
use crate::{Attributes, BatchError, BatchHeader, TimestampType};

/// Sets the offset of the first record. Not covered by the CRC; the header alone will do.
///
/// # Errors
/// When `batch` does not start with the header of a batch of magic 2.
pub fn patch_base_offset(batch: &mut [u8], base_offset: i64) -> Result<(), BatchError> {
    check_header(batch)?;
    put(batch, field::BASE_OFFSET, base_offset.to_be_bytes());
    Ok(())
}

/// Sets the epoch of the leader that appends the batch. Not covered by the CRC; the header alone will do.
///
/// # Errors
/// When `batch` does not start with the header of a batch of magic 2.
pub fn patch_partition_leader_epoch(
    batch: &mut [u8],
    partition_leader_epoch: i32,
) -> Result<(), BatchError> {
    check_header(batch)?;
    put(
        batch,
        field::PARTITION_LEADER_EPOCH,
        partition_leader_epoch.to_be_bytes(),
    );
    Ok(())
}

/// Stamps the batch with the broker's clock: the timestamp type becomes
/// [`TimestampType::LogAppendTime`], the max timestamp holds for every record.
///
/// # Errors
/// When `batch` is not exactly one batch of magic 2.
pub fn patch_log_append_time(batch: &mut [u8], timestamp_ms: i64) -> Result<(), BatchError> {
    let header = check_whole(batch)?;
    let attributes = header
        .attributes
        .with_timestamp_type(TimestampType::LogAppendTime);
    write_attributes(batch, attributes);
    put(batch, field::MAX_TIMESTAMP, timestamp_ms.to_be_bytes());
    write_crc(batch);
    Ok(())
}

/// Corrects the max timestamp of a batch of create times (a producer may leave it wrong).
///
/// # Errors
/// When `batch` is not exactly one batch of magic 2.
pub fn patch_max_timestamp(batch: &mut [u8], timestamp_ms: i64) -> Result<(), BatchError> {
    check_whole(batch)?;
    put(batch, field::MAX_TIMESTAMP, timestamp_ms.to_be_bytes());
    write_crc(batch);
    Ok(())
}

/// Sets what an idempotent producer knows only when the batch is sent; -1 three times takes it back.
///
/// # Errors
/// When `batch` is not exactly one batch of magic 2.
pub fn patch_producer(
    batch: &mut [u8],
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
) -> Result<(), BatchError> {
    check_whole(batch)?;
    put(batch, field::PRODUCER_ID, producer_id.to_be_bytes());
    put(batch, field::PRODUCER_EPOCH, producer_epoch.to_be_bytes());
    put(batch, field::BASE_SEQUENCE, base_sequence.to_be_bytes());
    write_crc(batch);
    Ok(())
}

pub(crate) fn write_attributes(batch: &mut [u8], attributes: Attributes) {
    put(batch, field::ATTRIBUTES, attributes.bits().to_be_bytes());
}

/// Computes and writes the CRC of a whole batch.
pub(crate) fn write_crc(batch: &mut [u8]) {
    let crc = crc_fast::crc32_iscsi(&batch[field::ATTRIBUTES..]);
    put(batch, field::CRC, crc.to_be_bytes());
}

fn check_header(batch: &[u8]) -> Result<(), BatchError> {
    if batch.len() < BATCH_HEADER_LEN {
        return Err(BatchError::Truncated {
            needed: BATCH_HEADER_LEN,
            available: batch.len(),
        });
    }
    match batch[field::MAGIC] as i8 {
        2 => Ok(()),
        magic => Err(BatchError::UnsupportedMagic(magic)),
    }
}

fn check_whole(batch: &[u8]) -> Result<BatchHeader, BatchError> {
    let header = BatchHeader::parse(batch)?;
    if header.encoded_len() == batch.len() {
        return Ok(header);
    }
    Err(BatchError::LengthMismatch {
        declared: header.encoded_len(),
        actual: batch.len(),
    })
}
