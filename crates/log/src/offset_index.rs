//! The sparse offset index of a segment: which offset lies at which position.
//!
//! Apache Kafka's format: entries of 8 bytes, big-endian, the last offset of a batch relative to the
//! segment's base offset, and the position at which the batch starts. What it says is checked by
//! [`crate::segment`] against the log.

use std::path::PathBuf;

use crate::{LogError, fs::Fs, index_file::IndexFile};

/// Bytes of an entry.
const ENTRY: usize = 8;

/// One entry: the batch at `position` ends with `last_offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexedBatch {
    pub(crate) last_offset: i64,
    pub(crate) position: u64,
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct OffsetIndex {
    base_offset: i64,
    pub(crate) entries: IndexFile<ENTRY>,
}

impl OffsetIndex {
    /// Opens or creates the index of the segment at `base_offset`.
    pub(crate) fn open(fs: &dyn Fs, path: PathBuf, base_offset: i64) -> Result<Self, LogError> {
        Ok(Self {
            base_offset,
            entries: IndexFile::open(fs, path)?,
        })
    }

    /// Adds a batch; the caller keeps to ascending offsets within the range of an entry.
    pub(crate) fn push(&mut self, batch: IndexedBatch) {
        let relative = (batch.last_offset - self.base_offset) as u32;
        let mut entry = [0; ENTRY];
        entry[..4].copy_from_slice(&relative.to_be_bytes());
        entry[4..].copy_from_slice(&(batch.position as u32).to_be_bytes());
        self.entries.push(entry);
    }

    /// The last indexed batch that ends at or before `offset`.
    pub(crate) fn floor(&self, offset: i64) -> Result<Option<IndexedBatch>, LogError> {
        self.entry_before(self.count_through(offset)?)
    }

    /// Number of indexed batches that end at or before `offset`.
    pub(crate) fn count_through(&self, offset: i64) -> Result<usize, LogError> {
        self.entries
            .partition_point(|entry| self.parse(entry).last_offset <= offset)
    }

    /// The last indexed batch that starts at or before `position`.
    pub(crate) fn floor_position(&self, position: u64) -> Result<Option<IndexedBatch>, LogError> {
        let after = self
            .entries
            .partition_point(|entry| self.parse(entry).position <= position)?;
        self.entry_before(after)
    }

    /// Number of indexed batches that start before `position`.
    pub(crate) fn count_before(&self, position: u64) -> Result<usize, LogError> {
        self.entries
            .partition_point(|entry| self.parse(entry).position < position)
    }

    /// The last of the first `at` entries.
    pub(crate) fn entry_before(&self, at: usize) -> Result<Option<IndexedBatch>, LogError> {
        let Some(at) = at.checked_sub(1) else {
            return Ok(None);
        };
        Ok(Some(self.parse(&self.entries.get(at)?)))
    }

    fn parse(&self, entry: &[u8; ENTRY]) -> IndexedBatch {
        let [a, b, c, d, e, f, g, h] = *entry;
        IndexedBatch {
            last_offset: self.base_offset + i64::from(u32::from_be_bytes([a, b, c, d])),
            position: u64::from(u32::from_be_bytes([e, f, g, h])),
        }
    }
}
