//! Fetched bytes, split into batches, and a batch opened for reading.
//!
//! Guarantees: zero-copy (every batch is a slice of the bytes handed in); the partial batch that a
//! broker may leave at the end is passed over silently; decompression stops at the caller's limit.
//! Leaves to others: which batches to skip (aborted, control), and whether CRCs are worth checking.

use bytes::Bytes;

use crate::builder::finish;
use crate::compression::{self, CompressionError, Lz4Checksum};
use crate::header::{BATCH_HEADER_LEN, LENGTH_PREFIX, field};
use crate::legacy::message::{LegacyBody, MessageHeader};
use crate::record::{RecordBase, parse_record};
use crate::{
    BatchError, BatchHeader, Compression, Record, RecordCursor, RecordError, RecordFault, Records,
    SealError, TimestampType, verify_crc,
};

/// Splits fetched bytes into batches; old message sets come out as one batch a message.
///
/// Ends at the last whole batch. After an error it ends too, as nothing tells where the next batch is.
#[derive(Clone, Debug)]
pub struct RecordBatches {
    bytes: Bytes,
    position: usize,
}

impl RecordBatches {
    /// Walks `bytes`, as they come in a fetch response or out of a log.
    #[must_use]
    pub const fn new(bytes: Bytes) -> Self {
        Self { bytes, position: 0 }
    }

    /// Bytes that lie in batches handed out so far.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Bytes not handed out yet; at the end of the walk, those of the partial batch.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }
}

impl Iterator for RecordBatches {
    type Item = Result<RecordBatch, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.bytes[self.position..];
        // Length and magic are needed before anything can be said.
        let magic = *rest.get(field::MAGIC)? as i8;
        let len = match whole_len(rest, magic) {
            Ok(len) => len,
            Err(error) => {
                self.position = self.bytes.len();
                return Some(Err(error));
            }
        };
        if len > rest.len() {
            return None;
        }
        let raw = self.bytes.slice(self.position..self.position + len);
        let batch = RecordBatch::parse_magic(raw, magic);
        self.position = if batch.is_ok() {
            self.position + len
        } else {
            self.bytes.len()
        };
        Some(batch)
    }
}

/// Bytes of the batch or message at the front of `rest`, by its length field.
fn whole_len(rest: &[u8], magic: i8) -> Result<usize, BatchError> {
    let len_min = match magic {
        2 => BATCH_HEADER_LEN,
        0 | 1 => MessageHeader::len_min(magic),
        _ => return Err(BatchError::UnsupportedMagic(magic)),
    };
    let length = rest[field::BATCH_LENGTH..]
        .first_chunk()
        .map_or(0, |b| i32::from_be_bytes(*b));
    match usize::try_from(length) {
        Ok(len) if len >= len_min - LENGTH_PREFIX => Ok(LENGTH_PREFIX + len),
        _ => Err(BatchError::InvalidLength(length)),
    }
}

/// One batch as it lies on the wire or the disk: whole, its header parsed, its records untouched.
#[derive(Clone, Debug)]
pub struct RecordBatch {
    raw: Bytes,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    V2(BatchHeader),
    Legacy(MessageHeader),
}

impl RecordBatch {
    /// Parses bytes that are exactly one batch (or one message of magic 0 or 1).
    ///
    /// # Errors
    /// When they are not.
    pub fn parse(raw: Bytes) -> Result<Self, BatchError> {
        let Some(&magic) = raw.get(field::MAGIC) else {
            return Err(BatchError::Truncated {
                needed: field::MAGIC + 1,
                available: raw.len(),
            });
        };
        let declared = whole_len(&raw, magic as i8)?;
        if declared != raw.len() {
            return Err(BatchError::LengthMismatch {
                declared,
                actual: raw.len(),
            });
        }
        Self::parse_magic(raw, magic as i8)
    }

    /// `raw` is of the length it announces.
    fn parse_magic(raw: Bytes, magic: i8) -> Result<Self, BatchError> {
        let kind = if magic == 2 {
            Kind::V2(BatchHeader::parse(&raw)?)
        } else {
            Kind::Legacy(MessageHeader::parse(&raw)?)
        };
        Ok(Self { raw, kind })
    }

    /// The header, if this is a batch of magic 2.
    #[must_use]
    pub const fn header(&self) -> Option<&BatchHeader> {
        match &self.kind {
            Kind::V2(header) => Some(header),
            Kind::Legacy(_) => None,
        }
    }

    /// 2 for a record batch, 0 or 1 for a message of an old message set.
    #[must_use]
    pub const fn magic(&self) -> i8 {
        match &self.kind {
            Kind::V2(_) => 2,
            Kind::Legacy(message) => message.magic,
        }
    }

    /// The bytes of the whole batch, header included.
    #[must_use]
    pub const fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The bytes of the whole batch, header included.
    #[must_use]
    pub fn into_raw(self) -> Bytes {
        self.raw
    }

    /// Offset of the first record. A compressed message of old formats carries the offset of its *last*
    /// record only; then this is that one, too, until the message is decompressed.
    #[must_use]
    pub const fn base_offset(&self) -> i64 {
        match &self.kind {
            Kind::V2(header) => header.base_offset,
            Kind::Legacy(message) => message.offset,
        }
    }

    /// Offset of the last record.
    #[must_use]
    pub const fn last_offset(&self) -> i64 {
        match &self.kind {
            Kind::V2(header) => header.last_offset(),
            Kind::Legacy(message) => message.offset,
        }
    }

    /// Offset after the batch: where the next one starts.
    #[must_use]
    pub const fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Number of records; unknown for a compressed message of the old formats.
    #[must_use]
    pub fn record_count(&self) -> Option<u32> {
        match &self.kind {
            Kind::V2(header) => Some(header.record_count),
            Kind::Legacy(message) => (message.codec == 0).then_some(1),
        }
    }

    /// Largest timestamp, -1 for none.
    #[must_use]
    pub const fn max_timestamp_ms(&self) -> i64 {
        match &self.kind {
            Kind::V2(header) => header.max_timestamp_ms,
            Kind::Legacy(message) => message.timestamp_ms,
        }
    }

    /// Which clock the timestamps come from.
    #[must_use]
    pub const fn timestamp_type(&self) -> TimestampType {
        match &self.kind {
            Kind::V2(header) => header.attributes.timestamp_type(),
            Kind::Legacy(message) => message.timestamp_type,
        }
    }

    /// How the records are compressed.
    ///
    /// # Errors
    /// [`BatchError::UnknownCompression`] for the ids that have no codec in this format.
    pub fn compression(&self) -> Result<Compression, BatchError> {
        match &self.kind {
            Kind::V2(header) => header.attributes.compression(),
            Kind::Legacy(message) => message.compression(),
        }
    }

    /// Whether the records are for the client itself; see [`crate::EndTxnMarker`].
    #[must_use]
    pub const fn is_control(&self) -> bool {
        matches!(&self.kind, Kind::V2(header) if header.attributes.is_control())
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub const fn is_transactional(&self) -> bool {
        matches!(&self.kind, Kind::V2(header) if header.attributes.is_transactional())
    }

    /// Idempotent producer of the batch, or -1.
    #[must_use]
    pub const fn producer_id(&self) -> i64 {
        match &self.kind {
            Kind::V2(header) => header.producer_id,
            Kind::Legacy(_) => crate::NO_PRODUCER_ID,
        }
    }

    /// Checks the CRC over the whole batch (CRC-32C, or the old formats' CRC-32).
    ///
    /// # Errors
    /// [`BatchError::CrcMismatch`].
    pub fn verify_crc(&self) -> Result<(), BatchError> {
        match &self.kind {
            Kind::V2(_) => verify_crc(&self.raw),
            Kind::Legacy(message) => message.verify_crc(&self.raw),
        }
    }

    /// Opens the batch for reading; free of cost when it is not compressed.
    ///
    /// `bytes_max` bounds what a compressed batch may grow to, whatever it claims; memory is taken as the
    /// bytes appear.
    ///
    /// # Errors
    /// When the codec is unknown, the bytes are corrupt, or the limit is passed.
    pub fn decompress(&self, bytes_max: usize) -> Result<PlainBatch, CompressionError> {
        let header = match &self.kind {
            Kind::V2(header) => header,
            Kind::Legacy(message) => {
                return Ok(PlainBatch::legacy(LegacyBody::open(
                    message, &self.raw, bytes_max,
                )?));
            }
        };
        let codec = header
            .attributes
            .compression()
            .map_err(|_| CompressionError::UnknownCodec(header.attributes.bits() as u8 & 0b111))?;
        let packed = self.raw.slice(BATCH_HEADER_LEN..);
        let body = match codec {
            Compression::None => packed,
            codec => {
                compression::decompress(codec, &packed, bytes_max, Lz4Checksum::Standard)?.into()
            }
        };
        Ok(PlainBatch {
            body,
            layout: Layout::V2(*header),
        })
    }

    /// The same batch of magic 2 with another codec: offsets, timestamps, epochs and attributes stay.
    /// As with [`crate::Seal::compression`], records that do not shrink stay uncompressed.
    ///
    /// # Errors
    /// When the batch is of an old format, cannot be decompressed within `bytes_max`, or the codec fails.
    pub fn recompress(
        &self,
        compression: Compression,
        level: Option<i32>,
        bytes_max: usize,
    ) -> Result<Bytes, SealError> {
        let plain = self.decompress(bytes_max)?;
        let Layout::V2(mut header) = plain.layout else {
            return Err(CompressionError::OldFormat.into());
        };
        let packed = match compression {
            Compression::None if header.attributes.compression() == Ok(Compression::None) => {
                return Ok(self.raw.clone());
            }
            Compression::None => None,
            codec => recompress_body(codec, level, &plain.body)?,
        };
        let used = if packed.is_some() {
            compression
        } else {
            Compression::None
        };
        header.attributes = header.attributes.with_compression(used);
        let mut batch = match packed {
            Some(packed) => packed,
            None => [&[0; BATCH_HEADER_LEN][..], &plain.body].concat(),
        };
        if batch.len() > i32::MAX as usize {
            return Err(CompressionError::TooLarge {
                bytes_max: i32::MAX as usize,
            }
            .into());
        }
        finish(&mut batch, &mut header);
        Ok(batch.into())
    }
}

/// Compresses records, with header space in front; `None` when that makes nothing smaller.
pub(crate) fn recompress_body(
    codec: Compression,
    level: Option<i32>,
    body: &[u8],
) -> Result<Option<Vec<u8>>, CompressionError> {
    let mut packed = vec![0; BATCH_HEADER_LEN];
    compression::compress(codec, level, body, &mut packed)?;
    Ok((packed.len() - BATCH_HEADER_LEN < body.len()).then_some(packed))
}

/// A batch whose records can be read: uncompressed, still the fetched bytes when it always was.
#[derive(Clone, Debug)]
pub struct PlainBatch {
    body: Bytes,
    layout: Layout,
}

#[derive(Clone, Debug)]
enum Layout {
    V2(BatchHeader),
    Legacy(LegacyBody),
}

impl PlainBatch {
    fn legacy(body: LegacyBody) -> Self {
        Self {
            body: body.messages.clone(),
            layout: Layout::Legacy(body),
        }
    }

    /// The header, if this is a batch of magic 2 (its length, CRC and codec are those of the raw batch).
    #[must_use]
    pub const fn header(&self) -> Option<&BatchHeader> {
        match &self.layout {
            Layout::V2(header) => Some(header),
            Layout::Legacy(_) => None,
        }
    }

    /// The uncompressed bytes of the records.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Number of records; for the old formats, found by walking.
    #[must_use]
    pub fn record_count(&self) -> u32 {
        match &self.layout {
            Layout::V2(header) => header.record_count,
            Layout::Legacy(body) => body.count,
        }
    }

    /// Offset after the batch: where the next one starts.
    #[must_use]
    pub const fn next_offset(&self) -> i64 {
        match &self.layout {
            Layout::V2(header) => header.next_offset(),
            Layout::Legacy(body) => body.last_offset.saturating_add(1),
        }
    }

    /// Which clock the timestamps of the records come from.
    #[must_use]
    pub const fn timestamp_type(&self) -> TimestampType {
        match &self.layout {
            Layout::V2(header) => header.attributes.timestamp_type(),
            Layout::Legacy(body) => body.timestamp_type,
        }
    }

    /// Walks the records.
    #[must_use]
    pub fn records(&self) -> Records<'_> {
        Records {
            batch: self,
            cursor: RecordCursor::default(),
        }
    }

    /// Checks every record as a broker may before it appends them: all readable, as many as announced, and
    /// offsets counting up by one.
    ///
    /// # Errors
    /// The first record that fails.
    pub fn validate(&self) -> Result<(), RecordError> {
        let mut expected = self.header().map(|header| header.base_offset);
        for record in self.records() {
            let offset = record?.offset;
            // Old producers number messages as they like.
            if expected.is_some_and(|expected| expected != offset) {
                return Err(RecordError {
                    offset,
                    cause: RecordFault::OffsetOutOfOrder,
                });
            }
            expected = expected.map(|offset| offset.wrapping_add(1));
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn record_at<'a>(
        &'a self,
        cursor: &mut RecordCursor,
    ) -> Option<Result<Record<'a>, RecordError>> {
        let header = match &self.layout {
            Layout::V2(header) => header,
            Layout::Legacy(body) => return body.record_at(cursor),
        };
        // A cursor of another batch may lie past the end.
        let rest = self.body.get(cursor.position..).unwrap_or_default();
        if cursor.index >= header.record_count {
            return (!rest.is_empty())
                .then(|| Err(fail(header, cursor, RecordFault::TrailingBytes)));
        }
        let base = RecordBase {
            offset: header.base_offset,
            timestamp_ms: header.base_timestamp_ms,
            append_timestamp_ms: match header.attributes.timestamp_type() {
                TimestampType::LogAppendTime => Some(header.max_timestamp_ms),
                _ => None,
            },
        };
        match parse_record(rest, base) {
            Ok((record, len)) => {
                cursor.position += len;
                cursor.index += 1;
                Some(Ok(record))
            }
            Err(cause) => {
                let cause = if rest.is_empty() {
                    RecordFault::MissingRecords
                } else {
                    cause
                };
                Some(Err(fail(header, cursor, cause)))
            }
        }
    }
}

/// A fault is reported once: the cursor goes where nothing comes any more.
#[inline]
fn fail(header: &BatchHeader, cursor: &mut RecordCursor, cause: RecordFault) -> RecordError {
    let offset = header.base_offset.saturating_add(i64::from(cursor.index));
    *cursor = RecordCursor {
        position: usize::MAX,
        index: u32::MAX,
    };
    RecordError { offset, cause }
}
