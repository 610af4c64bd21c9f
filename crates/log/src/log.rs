//! `Log`: one partition's records.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;

use crate::{
    LogConfig, LogError, LogRead, OpenOptions, ProducerEntry, ReadOptions, Recovered,
    TimestampOffset, fs::Fs,
};

/// Where a log begins and ends. `start <= stable <= high_watermark <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogOffsets {
    /// First offset that can be read.
    pub start: i64,
    /// First offset of the oldest open transaction, else the high watermark.
    pub stable: i64,
    /// Offset after the last record a consumer may see. On a single node: the end.
    pub high_watermark: i64,
    /// Offset the next record gets.
    pub end: i64,
}

/// Who appends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AppendOrigin {
    /// A producer: epochs and sequences are checked.
    #[default]
    Client,
    /// A coordinator of this broker: its batches are taken as they are.
    Coordinator,
}

/// How to append.
#[derive(Debug, Clone, Copy, Default)]
pub struct AppendOptions {
    /// Who appends.
    pub origin: AppendOrigin,
    /// Epoch of the leader, written into each batch.
    pub leader_epoch: i32,
    /// The present, in milliseconds since the epoch.
    pub now_ms: i64,
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppendInfo {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Offset of the last record.
    pub last_offset: i64,
    /// Largest timestamp.
    pub max_timestamp_ms: i64,
    /// Last offset of the batch with the largest timestamp.
    pub offset_of_max_timestamp: i64,
    /// Records appended.
    pub records: u64,
    /// Bytes written.
    pub bytes: usize,
    /// First offset of the log, for the answer to the producer.
    pub log_start_offset: i64,
    /// Nothing was written: the batch is one that was appended before, at these offsets.
    pub duplicate: bool,
}

/// One partition's records on a disk.
#[derive(Debug)]
pub struct Log {}

impl Log {
    /// Opens the log in `dir`, about which nothing else is known: everything in it is checked.
    /// Creates it if the folder is missing or empty.
    ///
    /// # Errors
    /// As [`Log::open_with`].
    pub fn open(
        fs: Arc<dyn Fs>,
        dir: impl Into<PathBuf>,
        config: LogConfig,
    ) -> Result<(Self, Recovered), LogError> {
        Self::open_with(fs, dir, config, &OpenOptions::default())
    }

    /// Opens the log in `dir`; a torn tail above the recovery point is cut.
    ///
    /// # Errors
    /// The disk's, or [`LogError::Corrupt`] where a file cannot be rebuilt.
    pub fn open_with(
        fs: Arc<dyn Fs>,
        dir: impl Into<PathBuf>,
        config: LogConfig,
        options: &OpenOptions,
    ) -> Result<(Self, Recovered), LogError> {
        todo!()
    }

    /// Appends whole version 2 batches whose CRCs were checked: gives them offsets and writes them with
    /// one system call. When it returns, the records survive the death of the process.
    ///
    /// # Errors
    /// Nothing was appended. See [`LogError`].
    pub fn append(
        &mut self,
        batches: Bytes,
        options: &AppendOptions,
    ) -> Result<AppendInfo, LogError> {
        todo!()
    }

    /// Where the batches from `offset` on are. Empty at the end of the log or at `upper_offset`.
    ///
    /// # Errors
    /// [`LogError::OffsetOutOfRange`], or the disk's.
    pub fn read(&mut self, offset: i64, options: &ReadOptions) -> Result<LogRead, LogError> {
        todo!()
    }

    /// The first record whose timestamp is `timestamp_ms` or later.
    ///
    /// # Errors
    /// The disk's, or [`LogError::Corrupt`].
    pub fn offset_for_timestamp(
        &mut self,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampOffset>, LogError> {
        todo!()
    }

    /// The record with the largest timestamp (the first such).
    ///
    /// # Errors
    /// The disk's, or [`LogError::Corrupt`].
    pub fn offset_of_max_timestamp(&mut self) -> Result<Option<TimestampOffset>, LogError> {
        todo!()
    }

    /// Where the log begins and ends.
    #[must_use]
    pub fn offsets(&self) -> LogOffsets {
        todo!()
    }

    /// Bytes of all segments.
    #[must_use]
    pub fn size(&self) -> u64 {
        todo!()
    }

    /// Newest leader epoch, or -1.
    #[must_use]
    pub fn leader_epoch(&self) -> i32 {
        todo!()
    }

    /// The epoch asked for or the next lower one that the log knows, and where it ends
    /// (`OffsetForLeaderEpoch`); `None` if there is none.
    #[must_use]
    pub fn end_offset_for_epoch(&self, leader_epoch: i32) -> Option<(i32, i64)> {
        todo!()
    }

    /// The producers that the log remembers.
    pub fn producers(&self) -> impl Iterator<Item = ProducerEntry> + '_ {
        todo!();
        #[allow(unreachable_code, reason = "x")]
        std::iter::empty()
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &LogConfig {
        todo!()
    }

    /// New settings; they hold from the next operation on.
    pub fn set_config(&mut self, config: LogConfig) {
        todo!()
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        todo!()
    }

    /// Makes everything durable and ends the log; returns the recovery point for the checkpoint. A log
    /// that is dropped instead loses nothing, but its unflushed tail is checked at the next open.
    ///
    /// # Errors
    /// As [`Log::flush`].
    pub fn close(self, now_ms: i64) -> Result<i64, LogError> {
        todo!()
    }
}
