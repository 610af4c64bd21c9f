//! The sparse time index of a segment: the largest timestamp up to which offset.
//!
//! Apache Kafka's format: entries of 12 bytes, big-endian, a timestamp in milliseconds and an offset
//! relative to the segment's base offset. An entry says that no record before the batch that ends at
//! the offset is as late as the timestamp, and that this batch has it.
//!
//! Here, unlike in Kafka, the n-th entry is made with the n-th entry of the offset index, even if the
//! largest timestamp is still the same; so after a crash the two files can be brought to the same
//! state by counting. Only a sealed segment has one entry more, for the batches after the last pair.

use std::path::PathBuf;

use crate::{LogError, fs::Fs, index_file::IndexFile};

/// Bytes of an entry.
const ENTRY: usize = 12;

/// The largest timestamp so far, and the last offset of the first batch that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MaxTimestamp {
    pub(crate) timestamp_ms: i64,
    pub(crate) offset: i64,
}

impl MaxTimestamp {
    /// Of a segment without timestamps.
    pub(crate) const fn none(base_offset: i64) -> Self {
        Self {
            timestamp_ms: -1,
            offset: base_offset,
        }
    }

    /// Takes in a later batch.
    pub(crate) const fn update(&mut self, timestamp_ms: i64, last_offset: i64) {
        if timestamp_ms > self.timestamp_ms {
            *self = Self {
                timestamp_ms,
                offset: last_offset,
            };
        }
    }
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct TimeIndex {
    base_offset: i64,
    pub(crate) entries: IndexFile<ENTRY>,
}

impl TimeIndex {
    /// Opens or creates the index of the segment at `base_offset`.
    pub(crate) fn open(fs: &dyn Fs, path: PathBuf, base_offset: i64) -> Result<Self, LogError> {
        Ok(Self {
            base_offset,
            entries: IndexFile::open(fs, path)?,
        })
    }

    /// Adds an entry; the caller keeps to ascending timestamps.
    pub(crate) fn push(&mut self, max: MaxTimestamp) {
        let mut entry = [0; ENTRY];
        entry[..8].copy_from_slice(&max.timestamp_ms.to_be_bytes());
        entry[8..].copy_from_slice(&((max.offset - self.base_offset) as u32).to_be_bytes());
        self.entries.push(entry);
    }

    /// The last entry.
    pub(crate) fn last(&self) -> Result<MaxTimestamp, LogError> {
        self.entry_before(self.entries.len())
    }

    /// The last entry whose timestamp is not after `timestamp_ms`: no earlier record than the batch
    /// that it names is later than `timestamp_ms`.
    pub(crate) fn floor(&self, timestamp_ms: i64) -> Result<MaxTimestamp, LogError> {
        let after = self
            .entries
            .partition_point(|entry| self.parse(entry).timestamp_ms <= timestamp_ms)?;
        self.entry_before(after)
    }

    /// The last of the first `at` entries.
    pub(crate) fn entry_before(&self, at: usize) -> Result<MaxTimestamp, LogError> {
        match at.checked_sub(1) {
            Some(at) => Ok(self.parse(&self.entries.get(at)?)),
            None => Ok(MaxTimestamp::none(self.base_offset)),
        }
    }

    fn parse(&self, entry: &[u8; ENTRY]) -> MaxTimestamp {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *entry;
        MaxTimestamp {
            timestamp_ms: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
            offset: self.base_offset + i64::from(u32::from_be_bytes([i, j, k, l])),
        }
    }
}
