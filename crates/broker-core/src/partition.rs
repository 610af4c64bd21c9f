//! One partition: its log, who waits for it, and how it gets to the disk for good.
//!
//! Owns: the partition's [`Log`] and the lists of those that wait for new data or for an fsync.
//! Guarantees: a partition without a log is an empty log; the files appear with the first append, so creating a topic
//! costs nothing per partition. Leaves to others: what an append means to a client (`api/produce`), parked requests
//! (`purgatory`). Runs on the shard thread.

use std::collections::VecDeque;

use bytes::Bytes;
use rdkafka_log::{
    AbortedTxn, AppendInfo, AppendOptions, CleanLimits, CleanTask, Cleaned, Compacted, CopyTask,
    Dirtiness, FlushTask, Flushed, Log, LogConfig, LogCopy, LogDir, LogError, LogOffsets, LogRead,
    PartitionCheckpoint, ProducerEntry, ReadOptions, Retained, TimestampOffset, TopicId,
};

use rdkafka_wire::ErrorCode;

use crate::data_dirs::DirIndex;
use crate::purgatory::{FetchId, ProduceId};
use crate::relocation::Relocation;

/// The epoch of the leader: this broker has been the leader from the start.
pub(crate) const LEADER_EPOCH: i32 = 0;

/// Whether a client that names the leader's epoch knows the right one; -1 is "does not know".
pub(crate) fn check_leader_epoch(epoch: i32) -> Result<(), ErrorCode> {
    match epoch {
        -1 | LEADER_EPOCH => Ok(()),
        ..LEADER_EPOCH => Err(ErrorCode::FENCED_LEADER_EPOCH),
        _ => Err(ErrorCode::UNKNOWN_LEADER_EPOCH),
    }
}

/// One partition.
#[derive(Debug, Default)]
pub(crate) struct Partition {
    log: Option<Log>,
    /// The data folder of the log; before there is one, the folder that somebody asked for.
    dir: Option<DirIndex>,
    /// Fetches that wait for data here.
    pub(crate) fetches: Vec<FetchId>,
    /// Produce requests that wait until everything below an offset is on the disk.
    pub(crate) syncs: Vec<(i64, ProduceId)>,
    /// Appends that readers may not see yet: where each ends, and what it is worth to fetches that wait.
    hidden: VecDeque<Hidden>,
    /// One fsync at a time; what is appended meanwhile shares the next.
    is_flushing: bool,
    /// The first fsync that failed: the log takes no more.
    is_broken: bool,
    /// It is to be in another data folder.
    pub(crate) moving: Option<Relocation>,
}

/// An append above the high watermark.
#[derive(Debug, Clone, Copy)]
struct Hidden {
    end: i64,
    bytes: usize,
    stable: usize,
}

/// Where a partition's log is to be created.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'a> {
    pub(crate) dir: &'a LogDir,
    pub(crate) dir_index: DirIndex,
    pub(crate) topic: &'a str,
    pub(crate) topic_id: TopicId,
    pub(crate) partition: i32,
    pub(crate) config: &'a LogConfig,
}

impl Partition {
    pub(crate) fn with_log(log: Log, dir: DirIndex) -> Self {
        Self {
            log: Some(log),
            dir: Some(dir),
            ..Self::default()
        }
    }

    /// The data folder its log is in, or is to be in; `None` while that is open.
    pub(crate) const fn dir(&self) -> Option<DirIndex> {
        self.dir
    }

    /// Says where the log is to be; false if there is one already, which stays.
    pub(crate) fn prefer_dir(&mut self, dir: DirIndex) -> bool {
        if self.log.is_none() {
            self.dir = Some(dir);
        }
        self.dir == Some(dir)
    }

    /// Goes on with a copy of the log that has the same records, all of them on the disk. No fsync may be under way.
    pub(crate) fn replace_log(&mut self, log: Log, dir: DirIndex) {
        (self.log, self.dir) = (Some(log), Some(dir));
    }

    /// Whether an fsync is under way.
    pub(crate) const fn is_flushing(&self) -> bool {
        self.is_flushing
    }

    /// What a copy lacks; `None` without a log.
    pub(crate) fn copy_task(&mut self, copy: LogCopy) -> Result<Option<CopyTask>, LogError> {
        self.log.as_mut().map(|log| log.copy_task(copy)).transpose()
    }

    /// How many bytes a copy lacks.
    pub(crate) fn missing_in(&self, copy: &LogCopy) -> u64 {
        self.log.as_ref().map_or(0, |log| log.missing_in(copy))
    }

    pub(crate) fn log_mut(&mut self) -> Option<&mut Log> {
        self.log.as_mut()
    }

    /// Where the log begins and ends.
    pub(crate) fn offsets(&self) -> LogOffsets {
        const EMPTY: LogOffsets = LogOffsets {
            start: 0,
            stable: 0,
            high_watermark: 0,
            end: 0,
        };
        self.log.as_ref().map_or(EMPTY, Log::offsets)
    }

    /// Takes in what the last append is worth to fetches that wait (bytes; to readers of committed records).
    pub(crate) fn hide(&mut self, bytes: usize, stable: usize) {
        let end = self.offsets().end;
        self.hidden.push_back(Hidden { end, bytes, stable });
    }

    /// What became visible since the last call: bytes, and of them to readers of committed records.
    pub(crate) fn take_visible(&mut self) -> (usize, usize) {
        let high_watermark = self.offsets().high_watermark;
        let (mut bytes, mut stable) = (0usize, 0usize);
        while let Some(first) = self.hidden.front().filter(|it| it.end <= high_watermark) {
            bytes = bytes.saturating_add(first.bytes);
            stable = stable.saturating_add(first.stable);
            self.hidden.pop_front();
        }
        (bytes, stable)
    }

    /// Whether readers see all that was appended, and nobody waits to be told so.
    pub(crate) fn shows_everything(&self) -> bool {
        let offsets = self.offsets();
        self.hidden.is_empty() && offsets.high_watermark == offsets.end
    }

    /// Whether something was appended that readers may not see yet.
    pub(crate) fn has_hidden(&self) -> bool {
        !self.hidden.is_empty()
    }

    /// Bytes on the disk.
    pub(crate) fn size(&self) -> u64 {
        self.log.as_ref().map_or(0, Log::size)
    }

    /// Appends checked batches.
    pub(crate) fn append(
        &mut self,
        batches: Bytes,
        options: &AppendOptions,
        home: &Home<'_>,
    ) -> Result<AppendInfo, LogError> {
        self.append_all(&[batches], options, home)
    }

    /// Appends checked batches of several requests, all of them or none.
    pub(crate) fn append_all(
        &mut self,
        batches: &[Bytes],
        options: &AppendOptions,
        home: &Home<'_>,
    ) -> Result<AppendInfo, LogError> {
        let log = match &mut self.log {
            Some(log) => log,
            empty => {
                let log = home.dir.create_log(
                    home.topic,
                    home.partition,
                    home.topic_id,
                    home.config.clone(),
                )?;
                self.dir = Some(home.dir_index);
                empty.insert(log)
            }
        };
        log.append_all(batches, options)
    }

    /// Locates batches from an offset on.
    pub(crate) fn read(&mut self, offset: i64, options: &ReadOptions) -> Result<LogRead, LogError> {
        match &mut self.log {
            Some(log) => log.read(offset, options),
            None if offset == 0 => Ok(LogRead::default()),
            None => Err(LogError::OffsetOutOfRange {
                offset,
                start: 0,
                end: 0,
            }),
        }
    }

    /// What a reader of committed records must pass over between two offsets.
    pub(crate) fn aborted_between(&self, from: i64, to: i64) -> Vec<AbortedTxn> {
        self.log
            .as_ref()
            .map_or_else(Vec::new, |log| log.aborted_between(from, to))
    }

    /// Whether readers of committed records wait for the end of a transaction.
    pub(crate) fn has_open_transaction(&self) -> bool {
        self.log.as_ref().is_some_and(Log::has_open_transaction)
    }

    /// The producers that the log remembers.
    pub(crate) fn producers(&self) -> Vec<ProducerEntry> {
        self.log
            .as_ref()
            .map_or_else(Vec::new, |log| log.producers().collect())
    }

    pub(crate) fn offset_for_timestamp(
        &mut self,
        timestamp_ms: i64,
    ) -> Result<Option<TimestampOffset>, LogError> {
        self.log
            .as_mut()
            .map_or(Ok(None), |log| log.offset_for_timestamp(timestamp_ms))
    }

    pub(crate) fn offset_of_max_timestamp(&mut self) -> Result<Option<TimestampOffset>, LogError> {
        self.log
            .as_mut()
            .map_or(Ok(None), Log::offset_of_max_timestamp)
    }

    /// The end of a leader epoch, for clients that check whether their log was cut.
    pub(crate) fn end_offset_for_epoch(&self, epoch: i32) -> Option<(i32, i64)> {
        match &self.log {
            Some(log) => log.end_offset_for_epoch(epoch),
            None => (epoch >= LEADER_EPOCH).then_some((LEADER_EPOCH, 0)),
        }
    }

    pub(crate) fn retain(&mut self, now_ms: i64) -> Result<Option<Retained>, LogError> {
        self.log.as_mut().map(|log| log.retain(now_ms)).transpose()
    }

    /// Whether what was appended must go to the disk now (`flush.messages`, `flush.ms`).
    pub(crate) fn needs_flush(&self, now_ms: i64) -> bool {
        !self.is_broken && self.log.as_ref().is_some_and(|log| log.needs_flush(now_ms))
    }

    /// How much a start after a crash would have to check.
    pub(crate) fn unflushed_bytes(&self) -> u64 {
        self.log.as_ref().map_or(0, Log::unflushed_bytes)
    }

    /// The fsync to run, unless one is under way (it is followed by another then) or nothing is to do.
    pub(crate) fn flush_task(&mut self) -> Result<Option<FlushTask>, LogError> {
        if self.is_flushing || self.is_broken {
            return Ok(None);
        }
        let Some(log) = &mut self.log else {
            return Ok(None);
        };
        let task = log.flush_task()?;
        self.is_flushing = task.is_some();
        Ok(task)
    }

    /// Takes in a finished fsync; returns up to where the log is on the disk.
    pub(crate) fn flushed(&mut self, flushed: Flushed) -> Result<i64, LogError> {
        self.is_flushing = false;
        let Some(log) = &mut self.log else {
            return Ok(i64::MAX);
        };
        let outcome = log.flushed(flushed);
        // A state file that found no room is written by the next one.
        self.is_broken = log.is_offline();
        outcome
    }

    /// Whether what was appended must be on the disk before anybody is told of it (`flush.messages`).
    pub(crate) fn must_flush(&self) -> bool {
        !self.is_broken && self.log.as_ref().is_some_and(Log::must_flush)
    }

    /// Everything below is on the disk.
    pub(crate) fn durable_offset(&self) -> i64 {
        self.log.as_ref().map_or(0, Log::recovery_point)
    }

    /// Brings everything to the disk before it returns.
    pub(crate) fn flush_now(&mut self) -> Result<(), LogError> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        let outcome = log.flush().map(|_| ());
        self.is_broken = log.is_offline();
        outcome
    }

    /// Closes the files, which are opened again when they are needed.
    pub(crate) fn close_files(&mut self) -> Result<(), LogError> {
        self.log.as_mut().map_or(Ok(()), Log::release)
    }

    /// Closes the files of a log that nobody used lately.
    pub(crate) fn release_if_idle(&mut self) -> Result<(), LogError> {
        self.log.as_mut().map_or(Ok(()), Log::release_if_idle)
    }

    /// Whether and how urgently it is due for compaction; not while it is being copied.
    pub(crate) fn dirtiness(&mut self, now_ms: i64) -> Result<Option<Dirtiness>, LogError> {
        if self.moving.is_some() {
            return Ok(None);
        }
        let log = self.log.as_mut().filter(|log| !log.is_offline());
        log.map_or(Ok(None), |log| log.dirtiness(now_ms))
    }

    pub(crate) fn clean_task(
        &mut self,
        now_ms: i64,
        limits: CleanLimits,
    ) -> Result<Option<CleanTask>, LogError> {
        let log = self.log.as_mut();
        log.map_or(Ok(None), |log| log.clean_task(now_ms, limits))
    }

    /// Takes in a finished compaction.
    pub(crate) fn cleaned(&mut self, cleaned: Cleaned) -> Result<Option<Compacted>, LogError> {
        self.log
            .as_mut()
            .map(|log| log.cleaned(cleaned))
            .transpose()
    }

    /// Gives up the log, for deletion or for closing.
    pub(crate) fn take_log(&mut self) -> Option<Log> {
        self.log.take()
    }

    /// What the checkpoint file keeps about this partition.
    pub(crate) fn checkpoint(
        &self,
        topic: &str,
        topic_id: TopicId,
        partition: i32,
    ) -> Option<PartitionCheckpoint> {
        let log = self.log.as_ref()?;
        Some(PartitionCheckpoint {
            topic: topic.to_owned(),
            partition,
            topic_id,
            recovery_point: log.recovery_point(),
            start_offset: log.offsets().start,
            cleaned_up_to: log.cleaned_up_to(),
        })
    }
}
