//! From record batches to a message set: what a broker does to the fetch responses of old clients.

use bytes::Bytes;

use super::message::{MessageHeader, write_message};
use super::{ConvertError, MessageFormat};
use crate::compression::{compress, compress_v0};
use crate::{Compression, NO_TIMESTAMP, Record, RecordBatch, RecordBatches, TimestampType};

/// How to convert fetched batches.
#[derive(Clone, Debug)]
pub struct DownConvert {
    /// The newest format that the client knows.
    pub format: MessageFormat,
    /// Offset that the client asked for; records before it are left out.
    pub first_offset: i64,
    /// What one batch may decompress to.
    pub bytes_max: usize,
}

/// Converts batches into a message set of at most `how.format`; what is old enough already passes as it is.
///
/// Control batches are left out, and so are headers. A compressed batch becomes one compressed message;
/// the old formats do not know Zstandard, so that such a batch goes out as gzip, which every client reads.
/// A partial batch at the end is dropped.
///
/// # Errors
/// When a batch is corrupt or decompresses to more than `how.bytes_max`.
pub fn down_convert(batches: &Bytes, how: &DownConvert) -> Result<Bytes, ConvertError> {
    let mut output = Vec::with_capacity(batches.len());
    for batch in RecordBatches::new(batches.clone()) {
        let batch = batch?;
        if batch.magic() <= how.format.magic() {
            output.extend_from_slice(batch.raw());
        } else if !batch.is_control() {
            convert_batch(&batch, how, &mut output)?;
        }
    }
    Ok(output.into())
}

fn convert_batch(
    batch: &RecordBatch,
    how: &DownConvert,
    output: &mut Vec<u8>,
) -> Result<(), ConvertError> {
    let magic = how.format.magic();
    let timestamp_type = match how.format {
        MessageFormat::V0 => TimestampType::NotAvailable,
        MessageFormat::V1 => batch.timestamp_type(),
    };
    let codec = match batch.compression()? {
        Compression::Zstd => Compression::Gzip,
        codec => codec,
    };
    let is_wrapped = codec != Compression::None;
    let plain = batch.decompress(how.bytes_max)?;
    let mut wrapped = Vec::new();
    let mut wrapper: Option<MessageHeader> = None;
    let mut first = 0;
    for record in plain.records() {
        let record = record?;
        if record.offset < how.first_offset {
            continue;
        }
        let header = |offset| MessageHeader {
            offset,
            magic,
            codec: 0,
            timestamp_type,
            timestamp_ms: timestamp(how.format, &record),
        };
        if !is_wrapped {
            write_message(output, &header(record.offset), record.key, record.value)?;
            continue;
        }
        if wrapper.is_none() {
            first = record.offset;
        }
        let inner_offset = match how.format {
            MessageFormat::V0 => record.offset,
            MessageFormat::V1 => record.offset.wrapping_sub(first),
        };
        write_message(
            &mut wrapped,
            &header(inner_offset),
            record.key,
            record.value,
        )?;
        // The wrapper carries its last message's offset and the largest timestamp.
        let mut outer = header(record.offset);
        if let Some(before) = wrapper {
            outer.timestamp_ms = outer.timestamp_ms.max(before.timestamp_ms);
        }
        wrapper = Some(outer);
    }
    let Some(mut header) = wrapper else {
        return Ok(());
    };
    header.codec = codec.id();
    let mut packed = Vec::new();
    match how.format {
        MessageFormat::V0 => compress_v0(codec, &wrapped, &mut packed)?,
        MessageFormat::V1 => compress(codec, None, &wrapped, &mut packed)?,
    }
    Ok(write_message(output, &header, None, Some(&packed))?)
}

const fn timestamp(format: MessageFormat, record: &Record<'_>) -> i64 {
    match format {
        MessageFormat::V0 => NO_TIMESTAMP,
        MessageFormat::V1 => record.timestamp_ms,
    }
}
