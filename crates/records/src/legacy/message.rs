//! One message of magic 0 or 1: header, CRC, and the messages a compressed one wraps.

use bytes::Bytes;

use crate::compression::{self, Lz4Checksum};
use crate::header::LENGTH_PREFIX;
use crate::{
    BatchError, Compression, CompressionError, Headers, NO_TIMESTAMP, Record, RecordCursor,
    RecordError, RecordFault, TimestampType,
};

const CRC: usize = 12;
const MAGIC: usize = 16;
const ATTRIBUTES: usize = 17;
const AFTER_ATTRIBUTES: usize = 18;
const CODEC: u8 = 0b111;
const LOG_APPEND_TIME: u8 = 1 << 3;

/// The header of a message, plain or a wrapper of compressed ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageHeader {
    /// Of the message; of the last message inside, when it wraps others.
    pub(crate) offset: i64,
    pub(crate) magic: i8,
    /// Compression id, not checked yet.
    pub(crate) codec: u8,
    pub(crate) timestamp_type: TimestampType,
    pub(crate) timestamp_ms: i64,
}

impl MessageHeader {
    /// Bytes of a message with neither key nor value.
    pub(crate) const fn len_min(magic: i8) -> usize {
        AFTER_ATTRIBUTES + if magic == 0 { 0 } else { 8 } + 4 + 4
    }

    /// Parses the header at the front of `raw`.
    pub(crate) fn parse(raw: &[u8]) -> Result<Self, BatchError> {
        let truncated = |needed| BatchError::Truncated {
            needed,
            available: raw.len(),
        };
        let magic = *raw.get(MAGIC).ok_or_else(|| truncated(MAGIC + 1))? as i8;
        if !matches!(magic, 0 | 1) {
            return Err(BatchError::UnsupportedMagic(magic));
        }
        let needed = Self::len_min(magic);
        let header = raw.get(..needed).ok_or_else(|| truncated(needed))?;
        let attributes = header[ATTRIBUTES];
        let (timestamp_type, timestamp_ms) = match magic {
            0 => (TimestampType::NotAvailable, NO_TIMESTAMP),
            _ if attributes & LOG_APPEND_TIME == 0 => {
                (TimestampType::CreateTime, i64_at(header, AFTER_ATTRIBUTES))
            }
            _ => (
                TimestampType::LogAppendTime,
                i64_at(header, AFTER_ATTRIBUTES),
            ),
        };
        Ok(Self {
            offset: i64_at(header, 0),
            magic,
            codec: attributes & CODEC,
            timestamp_type,
            timestamp_ms,
        })
    }

    /// How the messages inside are compressed. Zstandard came with record batches.
    pub(crate) fn compression(&self) -> Result<Compression, BatchError> {
        match Compression::from_id(self.codec) {
            Some(codec) if codec != Compression::Zstd => Ok(codec),
            _ => Err(BatchError::UnknownCompression(self.codec)),
        }
    }

    /// Checks the CRC-32 of the whole message.
    #[allow(
        clippy::unused_self,
        reason = "a header proves that the bytes are a message"
    )]
    pub(crate) fn verify_crc(&self, raw: &[u8]) -> Result<(), BatchError> {
        let stored = raw[CRC..]
            .first_chunk()
            .map_or(0, |crc| u32::from_be_bytes(*crc));
        let computed = crc32fast::hash(&raw[MAGIC..]);
        if stored == computed {
            Ok(())
        } else {
            Err(BatchError::CrcMismatch { stored, computed })
        }
    }

    /// Where key and value lie.
    fn fields_at(&self) -> usize {
        Self::len_min(self.magic) - 8
    }
}

/// Key and value.
type Fields<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

/// Key and value of a message whose header is parsed and whose length is checked.
fn parse_fields<'a>(header: &MessageHeader, raw: &'a [u8]) -> Result<Fields<'a>, RecordFault> {
    let mut rest = &raw[header.fields_at()..];
    let key = take_nullable(&mut rest).ok_or(RecordFault::BadKey)?;
    let value = take_nullable(&mut rest).ok_or(RecordFault::BadValue)?;
    if rest.is_empty() {
        Ok((key, value))
    } else {
        Err(RecordFault::TrailingBytes)
    }
}

/// `None` when it is cut off, `Some(None)` for null.
fn take_nullable<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let (len, tail) = rest.split_first_chunk::<4>()?;
    let len = i32::from_be_bytes(*len);
    if len < 0 {
        *rest = tail;
        return (len == -1).then_some(None);
    }
    let (bytes, tail) = tail.split_at_checked(len as usize)?;
    *rest = tail;
    Some(Some(bytes))
}

/// A message opened for reading: itself, or the messages it wraps.
#[derive(Clone, Debug)]
pub(crate) struct LegacyBody {
    pub(crate) messages: Bytes,
    pub(crate) count: u32,
    pub(crate) last_offset: i64,
    pub(crate) timestamp_type: TimestampType,
    /// Added to the offsets inside: a wrapper of magic 1 holds relative ones.
    offset_base: i64,
    /// With log-append time the wrapper's timestamp holds for all.
    append_timestamp_ms: Option<i64>,
}

impl LegacyBody {
    pub(crate) fn open(
        header: &MessageHeader,
        raw: &Bytes,
        bytes_max: usize,
    ) -> Result<Self, CompressionError> {
        let codec = header
            .compression()
            .map_err(|_| CompressionError::UnknownCodec(header.codec))?;
        let mut body = Self {
            messages: raw.clone(),
            count: 1,
            last_offset: header.offset,
            timestamp_type: header.timestamp_type,
            offset_base: 0,
            append_timestamp_ms: None,
        };
        if codec == Compression::None {
            return Ok(body);
        }
        let (_, value) = parse_fields(header, raw).or(Err(CompressionError::BadInnerMessages))?;
        let packed = value.ok_or(CompressionError::BadInnerMessages)?;
        // Clients of magic 0 never agreed on LZ4's header checksum.
        let checksum = if header.magic == 0 {
            Lz4Checksum::WithMagic
        } else {
            Lz4Checksum::Standard
        };
        body.messages = compression::decompress(codec, packed, bytes_max, checksum)?.into();
        let (count, last) = walk_inner(&body.messages, header.magic)?;
        body.count = count;
        if header.magic == 0 {
            body.last_offset = last;
        } else {
            body.offset_base = header.offset.wrapping_sub(last);
        }
        if header.timestamp_type == TimestampType::LogAppendTime {
            body.append_timestamp_ms = Some(header.timestamp_ms);
        }
        Ok(body)
    }

    pub(crate) fn record_at<'a>(
        &'a self,
        cursor: &mut RecordCursor,
    ) -> Option<Result<Record<'a>, RecordError>> {
        let rest = self.messages.get(cursor.position..).unwrap_or_default();
        if rest.is_empty() {
            return None;
        }
        let result = self.parse_inner(rest);
        match &result {
            Ok((_, len)) => {
                cursor.position += len;
                cursor.index = cursor.index.saturating_add(1);
            }
            Err(_) => cursor.position = self.messages.len(),
        }
        Some(result.map(|(record, _)| record))
    }

    fn parse_inner<'a>(&self, rest: &'a [u8]) -> Result<(Record<'a>, usize), RecordError> {
        // Framing and magic were checked when the body was opened; a foreign cursor can still be wrong.
        let fault = |cause| RecordError {
            offset: self.last_offset,
            cause,
        };
        let len = message_len(rest).ok_or_else(|| fault(RecordFault::Truncated))?;
        let raw = rest
            .get(..len)
            .ok_or_else(|| fault(RecordFault::Truncated))?;
        let header = MessageHeader::parse(raw).map_err(|_| fault(RecordFault::BadInnerMessage))?;
        let offset = header.offset.wrapping_add(self.offset_base);
        let (key, value) =
            parse_fields(&header, raw).map_err(|cause| RecordError { offset, cause })?;
        let timestamp_ms = self.append_timestamp_ms.unwrap_or(header.timestamp_ms);
        Ok((
            Record {
                offset,
                timestamp_ms,
                key,
                value,
                headers: Headers::default(),
            },
            len,
        ))
    }
}

/// Bytes of the message at the front of `rest`, by its length field.
fn message_len(rest: &[u8]) -> Option<usize> {
    let length = i32::from_be_bytes(*rest.get(8..)?.first_chunk()?);
    Some(LENGTH_PREFIX + usize::try_from(length).ok()?)
}

/// Checks that messages lie end to end, all of one magic and none compressed again; returns how many
/// there are, and the last one's offset.
fn walk_inner(messages: &[u8], magic: i8) -> Result<(u32, i64), CompressionError> {
    let mut rest = messages;
    let mut count = 0;
    let mut last = None;
    while !rest.is_empty() {
        let len = message_len(rest).ok_or(CompressionError::BadInnerMessages)?;
        let (raw, tail) = rest
            .split_at_checked(len)
            .ok_or(CompressionError::BadInnerMessages)?;
        match MessageHeader::parse(raw) {
            Ok(header) if header.magic == magic && header.codec == 0 => last = Some(header.offset),
            _ => return Err(CompressionError::BadInnerMessages),
        }
        count += 1;
        rest = tail;
    }
    last.map(|last| (count, last))
        .ok_or(CompressionError::BadInnerMessages)
}

/// Appends a message. `offset`, codec, clock and timestamp are as `header` says.
pub(crate) fn write_message(
    output: &mut Vec<u8>,
    header: &MessageHeader,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) -> Result<(), CompressionError> {
    let too_large = CompressionError::TooLarge {
        bytes_max: i32::MAX as usize,
    };
    let field_len = |field: Option<&[u8]>| field.map_or(0, <[u8]>::len);
    let len = MessageHeader::len_min(header.magic)
        .saturating_add(field_len(key))
        .saturating_add(field_len(value));
    let length = i32::try_from(len - LENGTH_PREFIX).or(Err(too_large))?;

    let start = output.len();
    output.reserve(len);
    output.extend_from_slice(&header.offset.to_be_bytes());
    output.extend_from_slice(&length.to_be_bytes());
    output.extend_from_slice(&[0; 4]);
    let clock = if header.timestamp_type == TimestampType::LogAppendTime {
        LOG_APPEND_TIME
    } else {
        0
    };
    output.extend_from_slice(&[header.magic as u8, header.codec | clock]);
    if header.magic != 0 {
        output.extend_from_slice(&header.timestamp_ms.to_be_bytes());
    }
    for field in [key, value] {
        // Fits: the sum of both does.
        let len = field.map_or(-1, |field| field.len() as i32);
        output.extend_from_slice(&len.to_be_bytes());
        output.extend_from_slice(field.unwrap_or_default());
    }
    let crc = crc32fast::hash(&output[start + MAGIC..]);
    output[start + CRC..start + MAGIC].copy_from_slice(&crc.to_be_bytes());
    Ok(())
}

fn i64_at(bytes: &[u8], at: usize) -> i64 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |value| i64::from_be_bytes(*value))
}
