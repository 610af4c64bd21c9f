//! From a message set to a record batch: what a broker does to the produce requests of old clients.

use bytes::Bytes;

use super::ConvertError;
use crate::{
    BatchBuilder, BatchError, Compression, CompressionError, RecordBatches, Seal, TimestampType,
};

/// How to convert a produced message set.
#[derive(Clone, Debug)]
pub struct UpConvert {
    /// Codec of the batch; `None` keeps the one that the messages came with.
    pub compression: Option<Compression>,
    /// Its level; `None` is the codec's default.
    pub level: Option<i32>,
    /// What all messages together may decompress to.
    pub bytes_max: usize,
}

/// Converts a message set of magic 0 or 1, compressed or not, into one record batch.
///
/// Offsets are renumbered from 0, as the broker assigns them anyway. Messages of magic 0 have no timestamp
/// and get -1, as in Kafka. The CRC of every message is checked.
///
/// # Errors
/// When there is no message, one is corrupt or cut off, or already of magic 2.
pub fn up_convert(messages: &Bytes, how: &UpConvert) -> Result<Bytes, ConvertError> {
    let mut builder = BatchBuilder::with_capacity(messages.len());
    let mut compression = Compression::None;
    let mut bytes_left = how.bytes_max;
    let mut timestamp_type = TimestampType::CreateTime;
    let mut batches = RecordBatches::new(messages.clone());
    for message in &mut batches {
        let message = message?;
        if message.magic() == 2 {
            return Err(BatchError::UnsupportedMagic(2).into());
        }
        message.verify_crc()?;
        match message.compression()? {
            Compression::None => {}
            codec => compression = codec,
        }
        if message.timestamp_type() == TimestampType::LogAppendTime {
            timestamp_type = TimestampType::LogAppendTime;
        }
        let plain = message.decompress(bytes_left)?;
        bytes_left = bytes_left.saturating_sub(plain.body().len());
        for record in plain.records() {
            let record = record?;
            builder
                .append(record.timestamp_ms, record.key, record.value, [])
                .or(Err(CompressionError::TooLarge {
                    bytes_max: i32::MAX as usize,
                }))?;
        }
    }
    let available = batches.remaining();
    if available > 0 {
        return Err(BatchError::Truncated {
            needed: available + 1,
            available,
        }
        .into());
    }
    Ok(builder.seal(&Seal {
        compression: how.compression.unwrap_or(compression),
        level: how.level,
        timestamp_type,
        ..Seal::default()
    })?)
}
