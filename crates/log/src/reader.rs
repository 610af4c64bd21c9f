//! Reading: where the batches from an offset lie, and which offset a timestamp belongs to.
//!
//! A read locates, it does not copy: the answer is a list of [`Slice`]s, either memory of the tail
//! cache or ranges of a file. [`Slice::read`] is called where the bytes are needed, on whatever thread
//! that is.

use std::{io, sync::Arc};

use bytes::Bytes;
use rdkafka_records::{NO_TIMESTAMP, RecordBatch, TimestampType};

use crate::{Log, LogError, batch_scanner::ScannedBatch, fs::File, segment::Segment};

/// A batch searched for a timestamp is decompressed up to this size; beyond that its first offset must do.
const DECOMPRESSED_MAX: usize = 64 << 20;

/// What to read, besides from where.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// At most this many bytes are returned.
    pub max_bytes: usize,
    /// Return the first batch even if it alone is larger than `max_bytes`.
    pub min_one_batch: bool,
    /// Batches at or above this offset are not returned (high watermark, or last stable offset).
    pub upper_offset: i64,
}

/// Whole batches, in order; the first contains or follows the offset that was asked for.
#[derive(Debug, Clone, Default)]
pub struct LogRead {
    /// Where the bytes are.
    pub slices: Vec<Slice>,
    /// Their total length.
    pub bytes: usize,
    /// Offset after the last batch; the offset that was asked for if there is none.
    pub next_offset: i64,
}

impl LogRead {
    pub(crate) fn push_cached(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.slices.push(Slice::Cached(bytes));
        }
    }
}

/// A run of bytes of the log: in memory, or in a file.
#[derive(Debug, Clone)]
pub enum Slice {
    /// Recently appended bytes.
    Cached(Bytes),
    /// A range of a segment.
    File(FileSlice),
}

/// A range of a segment's file. The handle keeps the file alive when the log deletes it.
#[derive(Debug, Clone)]
pub struct FileSlice {
    /// The segment's file.
    pub file: Arc<dyn File>,
    /// Position of the first byte.
    pub position: u64,
    /// Number of bytes.
    pub len: usize,
}

impl FileSlice {
    /// Cuts up to `len` bytes off the front and returns them.
    #[must_use]
    pub fn split_to(&mut self, len: usize) -> Self {
        let len = len.min(self.len);
        let front = Self {
            len,
            ..self.clone()
        };
        self.position += len as u64;
        self.len -= len;
        front
    }

    /// Whether both ends can be read without waiting for a disk: as far as a system reads ahead, what is between them can too.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        let last = self.position + self.len.saturating_sub(1) as u64;
        self.file.is_in_memory(self.position) && self.file.is_in_memory(last)
    }

    /// The bytes, from the disk.
    ///
    /// # Errors
    /// What the system says; `UnexpectedEof` if the log was cut in the meantime.
    pub fn read(&self) -> io::Result<Bytes> {
        let mut buffer = vec![0; self.len];
        self.file.read_exact_at(&mut buffer, self.position)?;
        Ok(buffer.into())
    }
}

impl Slice {
    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Cached(bytes) => bytes.len(),
            Self::File(slice) => slice.len,
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes; reads the disk for a file range.
    ///
    /// # Errors
    /// What the system says; `UnexpectedEof` if the log was cut in the meantime.
    pub fn read(&self) -> io::Result<Bytes> {
        match self {
            Self::Cached(bytes) => Ok(bytes.clone()),
            Self::File(slice) => slice.read(),
        }
    }
}

/// The answer to "which is the first record at or after this time".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampOffset {
    /// Timestamp of the record.
    pub timestamp_ms: i64,
    /// Offset of the record.
    pub offset: i64,
    /// Leader epoch of its batch.
    pub leader_epoch: i32,
}

/// Where recent reads ended, so that the next read of the same consumer needs no index.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    recent: [Option<Cursor>; 8],
    next: usize,
}

/// The batch that holds or follows `offset` starts at `position` of the segment at `segment`.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    offset: i64,
    segment: i64,
    position: u64,
}

impl Cursors {
    fn find(&self, offset: i64, segment: i64) -> Option<u64> {
        let mut known = self.recent.iter().flatten();
        known
            .find(|cursor| cursor.offset == offset && cursor.segment == segment)
            .map(|cursor| cursor.position)
    }

    fn remember(&mut self, cursor: Cursor) {
        self.recent[self.next] = Some(cursor);
        self.next = (self.next + 1) % self.recent.len();
    }

    /// Positions changed.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Log {
    /// Where the batches from `offset` on are. Empty at the end of the log or at `upper_offset`.
    /// Batches of one segment only are returned, so there may be more behind.
    ///
    /// # Errors
    /// [`LogError::OffsetOutOfRange`], or the disk's.
    pub fn read(&mut self, offset: i64, options: &ReadOptions) -> Result<LogRead, LogError> {
        let (start, end) = (self.start_offset, self.end_offset);
        if offset < start || offset > end {
            return Err(LogError::OffsetOutOfRange { offset, start, end });
        }
        self.cache.expect_reader();
        let nothing = LogRead {
            next_offset: offset,
            ..LogRead::default()
        };
        if offset >= options.upper_offset.min(end) {
            return Ok(nothing);
        }
        if let Some(read) = self.cache.read(offset, options) {
            return Ok(read);
        }
        self.is_used = true;
        let first = self.segment_of(offset);
        for at in first..self.segments.len() {
            if let Some(position) = self.locate(at, offset)? {
                return self.read_segment(at, position, offset, options);
            }
        }
        Ok(nothing)
    }

    /// Number of the segment in which `offset` lies, if it is anywhere.
    pub(crate) fn segment_of(&self, offset: i64) -> usize {
        let after = self
            .segments
            .partition_point(|segment| segment.base_offset() <= offset);
        after.saturating_sub(1)
    }

    /// Position of the batch that holds or follows `offset` in segment number `at`.
    fn locate(&mut self, at: usize, offset: i64) -> Result<Option<u64>, LogError> {
        let segment = &mut self.segments[at];
        if let Some(position) = self.cursors.find(offset, segment.base_offset()) {
            return Ok(Some(position).filter(|position| *position < segment.size()));
        }
        Ok(segment.find(offset)?.map(|batch| batch.position))
    }

    /// The batches of segment number `at` from `position` on.
    fn read_segment(
        &mut self,
        at: usize,
        position: u64,
        offset: i64,
        options: &ReadOptions,
    ) -> Result<LogRead, LogError> {
        let is_last = at + 1 == self.segments.len();
        let segment_end = match self.segments.get(at + 1) {
            Some(next) => next.base_offset(),
            None => self.end_offset,
        };
        let segment = &mut self.segments[at];
        let mut limit = segment.size();
        if options.upper_offset < segment_end {
            limit = segment
                .find(options.upper_offset)?
                .map_or(limit, |batch| batch.position);
        }
        let mut read = LogRead {
            next_offset: offset,
            ..LogRead::default()
        };
        if limit <= position {
            return Ok(read);
        }
        let wanted = position.saturating_add(options.max_bytes as u64);
        let (mut end, mut next_offset) = if wanted >= limit {
            (limit, segment_end.min(options.upper_offset))
        } else {
            segment.boundary(position, wanted)?
        };
        if end <= position {
            let first = segment
                .batch_at(position)?
                .filter(|_| options.min_one_batch);
            let Some(first) = first else { return Ok(read) };
            (end, next_offset) = (first.end(), first.header.next_offset());
        }
        if next_offset <= offset {
            // Only in a file that was changed from outside. Handed out, it would be read for ever.
            return Err(LogError::corrupt(
                segment.path(),
                format!(
                    "at position {position}: offset {next_offset} follows where {offset} was read"
                ),
            ));
        }
        // The length was limited by what fits into memory: `max_bytes`, or one batch.
        let len = (end - position) as usize;
        read.slices.push(Slice::File(FileSlice {
            file: segment.file()?,
            position,
            len,
        }));
        read.bytes = len;
        read.next_offset = next_offset;
        if end < segment.size() || is_last {
            let segment = segment.base_offset();
            self.cursors.remember(Cursor {
                offset: next_offset,
                segment,
                position: end,
            });
        }
        Ok(read)
    }

    /// The first record whose timestamp is `timestamp_ms` or later.
    ///
    /// # Errors
    /// The disk's, or [`LogError::Corrupt`].
    pub fn offset_for_timestamp(
        &mut self,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampOffset>, LogError> {
        for at in self.segment_of(self.start_offset)..self.segments.len() {
            if self.segments[at].max_timestamp()?.timestamp_ms < timestamp_ms {
                continue;
            }
            let start_offset = self.start_offset;
            let segment = &mut self.segments[at];
            let mut next = segment.find_by_time(timestamp_ms)?;
            while let Some(batch) = next {
                let header = &batch.header;
                if header.max_timestamp_ms >= timestamp_ms && header.last_offset() >= start_offset {
                    let found = record_in(segment, &batch, timestamp_ms, start_offset)?;
                    if found.is_some() {
                        return Ok(found);
                    }
                }
                next = segment.batch_at(batch.end())?;
            }
        }
        Ok(None)
    }

    /// The record with the largest timestamp (the first such).
    ///
    /// # Errors
    /// The disk's, or [`LogError::Corrupt`].
    pub fn offset_of_max_timestamp(&mut self) -> Result<Option<TimestampOffset>, LogError> {
        let mut max_timestamp_ms = NO_TIMESTAMP;
        for at in self.segment_of(self.start_offset)..self.segments.len() {
            let segment_max = self.segments[at].max_timestamp()?;
            max_timestamp_ms = max_timestamp_ms.max(segment_max.timestamp_ms);
        }
        if max_timestamp_ms < 0 {
            return Ok(None);
        }
        self.offset_for_timestamp(max_timestamp_ms)
    }
}

/// The first record of the batch that is late enough and not below the log's start.
fn record_in(
    segment: &mut Segment,
    batch: &ScannedBatch,
    timestamp_ms: i64,
    start_offset: i64,
) -> Result<Option<TimestampOffset>, LogError> {
    let header = &batch.header;
    let leader_epoch = header.partition_leader_epoch;
    if header.attributes.timestamp_type() == TimestampType::LogAppendTime {
        let offset = header.base_offset.max(start_offset);
        let timestamp_ms = header.max_timestamp_ms;
        return Ok(Some(TimestampOffset {
            timestamp_ms,
            offset,
            leader_epoch,
        }));
    }
    let damaged = |segment: &Segment, reason: String| {
        LogError::corrupt(
            segment.path(),
            format!("at position {}: {reason}", batch.position),
        )
    };
    let file = segment.file()?;
    let mut raw = vec![0; header.encoded_len()];
    file.read_exact_at(&mut raw, batch.position)
        .map_err(|error| LogError::io("read", segment.path(), error))?;
    let records = RecordBatch::parse(raw.into())
        .map_err(|error| damaged(segment, error.to_string()))?
        .decompress(DECOMPRESSED_MAX)
        .map_err(|error| damaged(segment, error.to_string()))?;
    for record in records.records() {
        let record = record.map_err(|error| damaged(segment, error.to_string()))?;
        if record.timestamp_ms >= timestamp_ms && record.offset >= start_offset {
            let (timestamp_ms, offset) = (record.timestamp_ms, record.offset);
            return Ok(Some(TimestampOffset {
                timestamp_ms,
                offset,
                leader_epoch,
            }));
        }
    }
    Ok(None)
}
