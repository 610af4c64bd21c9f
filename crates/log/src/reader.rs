//! Reading: where the batches from an offset lie, and which offset a timestamp belongs to.
//!
//! A read locates, it does not copy: the answer is a list of [`Slice`]s, either memory of the tail
//! cache or ranges of a file. [`Slice::read`] is called where the bytes are needed, on whatever thread
//! that is.

use std::{io, sync::Arc};

use bytes::Bytes;

use crate::fs::File;

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
            Self::File(slice) => {
                let mut buffer = vec![0; slice.len];
                slice.file.read_exact_at(&mut buffer, slice.position)?;
                Ok(buffer.into())
            }
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
