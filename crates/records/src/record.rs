//! One record, borrowed from the batch it lies in, and the walk over all of them.
//!
//! Guarantees: nothing is copied and nothing allocated; corrupt bytes end the walk with a
//! [`RecordError`] that names the offset and the cause; a [`Record`] that was handed out has sound
//! headers, so that [`Headers`] cannot fail. Runs on the consumer's thread.

use std::fmt;

use crate::PlainBatch;
use crate::varint::{take_varint, take_varlong};

/// A record header: key and value. Keys may come twice, values may be null, neither need be UTF-8.
pub type Header<'a> = (&'a [u8], Option<&'a [u8]>);

/// One record, borrowed from its batch.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// Absolute offset.
    pub offset: i64,
    /// Milliseconds since 1970, by the clock that [`PlainBatch::timestamp_type`] names; -1 for none.
    pub timestamp_ms: i64,
    /// The key, if there is one.
    pub key: Option<&'a [u8]>,
    /// The value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// The headers, decoded as they are asked for.
    pub headers: Headers<'a>,
}

/// The headers of a record, in the order they were sent. Cheap to clone.
#[derive(Clone, Default)]
pub struct Headers<'a> {
    /// Whole headers and nothing else: [`Self::parse`] went over them.
    rest: &'a [u8],
}

impl<'a> Headers<'a> {
    /// Whether there are none (left).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The last header with this key, which is the one that counts when a key comes twice.
    #[must_use]
    pub fn last_with_key(&self, key: &[u8]) -> Option<Header<'a>> {
        self.clone().filter(|header| header.0 == key).last()
    }

    /// Reads the header section of a record; it must end where `rest` ends.
    #[inline]
    fn parse(rest: &'a [u8]) -> Result<Self, RecordFault> {
        if let [0] = rest {
            Ok(Self::default())
        } else {
            Self::parse_some(rest)
        }
    }

    fn parse_some(mut rest: &'a [u8]) -> Result<Self, RecordFault> {
        let count = take_varint(&mut rest).ok_or(RecordFault::BadHeaders)?;
        let headers = Self { rest };
        for _ in 0..u32::try_from(count).or(Err(RecordFault::BadHeaders))? {
            take_header(&mut rest).ok_or(RecordFault::BadHeaders)?;
        }
        if rest.is_empty() {
            Ok(headers)
        } else {
            Err(RecordFault::TrailingBytes)
        }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    #[inline]
    fn next(&mut self) -> Option<Header<'a>> {
        take_header(&mut self.rest)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A header takes two bytes at least.
        (usize::from(!self.is_empty()), Some(self.rest.len() / 2))
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

#[inline(always)]
fn take_header<'a>(rest: &mut &'a [u8]) -> Option<Header<'a>> {
    Some((take_nullable(rest)??, take_nullable(rest)?))
}

/// Takes a byte string with its length in front: `None` when it is cut off, `Some(None)` for null.
#[inline(always)]
fn take_nullable<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let len = take_varint(rest)?;
    if len < 0 {
        return (len == -1).then_some(None);
    }
    let (bytes, tail) = rest.split_at_checked(len as usize)?;
    *rest = tail;
    Some(Some(bytes))
}

/// A place in a [`PlainBatch`]: what a consumer keeps that hands out one record at a time.
///
/// Use a cursor with the batch it came from; with another one it yields garbage or errors, never a panic.
#[derive(Clone, Debug, Default)]
pub struct RecordCursor {
    pub(crate) position: usize,
    pub(crate) index: u32,
}

impl RecordCursor {
    /// The next record of `batch`; `None` at its end, and after an error.
    #[inline]
    pub fn next<'a>(&mut self, batch: &'a PlainBatch) -> Option<Result<Record<'a>, RecordError>> {
        batch.record_at(self)
    }

    /// Records handed out so far.
    #[must_use]
    pub const fn index(&self) -> u32 {
        self.index
    }
}

/// The walk over a batch's records; see [`PlainBatch::records`].
#[derive(Clone, Debug)]
pub struct Records<'a> {
    pub(crate) batch: &'a PlainBatch,
    pub(crate) cursor: RecordCursor,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, RecordError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.next(self.batch)
    }
}

/// What a record of magic 2 needs to know of its batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordBase {
    pub(crate) offset: i64,
    pub(crate) timestamp_ms: i64,
    /// With log-append time: the timestamp of every record.
    pub(crate) append_timestamp_ms: Option<i64>,
}

/// Parses the record at the front of `body` and returns it with the bytes it takes.
#[inline]
pub(crate) fn parse_record(
    body: &[u8],
    base: RecordBase,
) -> Result<(Record<'_>, usize), RecordFault> {
    let mut after_len = body;
    let len = take_varint(&mut after_len).ok_or(RecordFault::Truncated)?;
    let len = usize::try_from(len).or(Err(RecordFault::InvalidLength(len)))?;
    let mut rest = after_len.get(..len).ok_or(RecordFault::Truncated)?;

    // The attributes of a record are unused so far; readers must ignore them.
    rest = rest.get(1..).ok_or(RecordFault::Truncated)?;
    let timestamp_delta = take_varlong(&mut rest).ok_or(RecordFault::Truncated)?;
    let offset_delta = take_varint(&mut rest).ok_or(RecordFault::Truncated)?;
    let key = take_nullable(&mut rest).ok_or(RecordFault::BadKey)?;
    let value = take_nullable(&mut rest).ok_or(RecordFault::BadValue)?;
    let headers = Headers::parse(rest)?;
    let record = Record {
        offset: base.offset.wrapping_add(i64::from(offset_delta)),
        timestamp_ms: match base.append_timestamp_ms {
            None => base.timestamp_ms.wrapping_add(timestamp_delta),
            Some(timestamp_ms) => timestamp_ms,
        },
        key,
        value,
        headers,
    };
    Ok((record, body.len() - after_len.len() + len))
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Offset the record would have, counting from the records before it.
    pub offset: i64,
    /// What is wrong with it.
    pub cause: RecordFault,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "corrupt record at offset {}: {}",
            self.offset, self.cause
        )
    }
}

impl std::error::Error for RecordError {}

/// What can be wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFault {
    /// The batch ends inside the record.
    Truncated,
    /// A record length that no record can have.
    InvalidLength(i32),
    /// The key is longer than the record.
    BadKey,
    /// The value is longer than the record.
    BadValue,
    /// The headers are longer than the record, or a header has no key.
    BadHeaders,
    /// The record, or the batch, goes on after its end.
    TrailingBytes,
    /// The batch ends before the number of records its header announces.
    MissingRecords,
    /// The offsets do not count up by one, as a producer's must.
    OffsetOutOfOrder,
    /// A message inside a compressed one that is compressed itself, or of another magic.
    BadInnerMessage,
}

impl fmt::Display for RecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the batch ends inside the record",
            Self::InvalidLength(length) => return write!(f, "invalid record length {length}"),
            Self::BadKey => "the key is longer than the record",
            Self::BadValue => "the value is longer than the record",
            Self::BadHeaders => "the headers do not fit the record",
            Self::TrailingBytes => "bytes after the end",
            Self::MissingRecords => "the batch holds fewer records than it announces",
            Self::OffsetOutOfOrder => "the offset is not the next one",
            Self::BadInnerMessage => "a compressed message holds one of another kind",
        })
    }
}
