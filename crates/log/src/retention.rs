//! Retention, deletion of records, truncation: the ways a log gets shorter.
//!
//! Segments leave in the order that keeps the log in one piece at every moment: from its start when
//! records are too old, from its end when it is truncated. Their files are renamed at once, which is
//! quick, and removed by a [`Cleanup`], which may take its time on another thread.

use std::{io, path::PathBuf, sync::Arc};

use crate::{Log, LogError, fs::Fs, recovery::snapshots, segment::Segment};

/// What [`Log::retain`] or [`Log::delete_records`] did.
#[derive(Debug)]
pub struct Retained {
    /// First offset of the log now.
    pub start_offset: i64,
    /// Segments that were taken out.
    pub segments: usize,
    /// Bytes they held.
    pub bytes: u64,
    /// Removes their files; run it on a thread that may block.
    pub cleanup: Cleanup,
}

/// Files that were renamed out of the way and wait to be removed. If it is dropped without being run,
/// the next open of the log or folder removes them.
#[derive(Debug)]
pub struct Cleanup {
    fs: Arc<dyn Fs>,
    files: Vec<PathBuf>,
    dir: Option<PathBuf>,
}

impl Cleanup {
    /// Nothing to remove yet.
    pub(crate) fn new(fs: &Arc<dyn Fs>) -> Self {
        Self {
            fs: Arc::clone(fs),
            files: Vec::new(),
            dir: None,
        }
    }

    /// Files to remove.
    pub(crate) fn of_files(fs: &Arc<dyn Fs>, files: Vec<PathBuf>) -> Self {
        Self {
            files,
            ..Self::new(fs)
        }
    }

    /// A folder to remove with everything in it.
    pub(crate) fn of_dir(fs: &Arc<dyn Fs>, dir: PathBuf) -> Self {
        Self {
            dir: Some(dir),
            ..Self::new(fs)
        }
    }

    /// More files to remove.
    pub(crate) fn add_files(&mut self, files: Vec<PathBuf>) {
        self.files.extend(files);
    }

    /// Whether there is nothing to remove.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.dir.is_none()
    }

    /// Removes the files; blocks on the disk.
    ///
    /// # Errors
    /// The first removal that failed.
    pub fn run(self) -> Result<(), LogError> {
        for path in self.files {
            match self.fs.remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(LogError::io("remove", path, error));
                }
                _ => {}
            }
        }
        match self.dir.map(|dir| (self.fs.remove_dir_all(&dir), dir)) {
            Some((Err(error), dir)) if error.kind() != io::ErrorKind::NotFound => {
                Err(LogError::io("remove", dir, error))
            }
            _ => Ok(()),
        }
    }
}

impl Log {
    /// Enforces `retention.ms` and `retention.bytes`, forgets expired producers, and lets go of cached
    /// bytes of a log that nobody appended to since the last call. A segment whose records are all
    /// too old goes even if it is the active one; the log continues in a new one.
    ///
    /// # Errors
    /// When a segment's files cannot be renamed, or read.
    pub fn retain(&mut self, now_ms: i64) -> Result<Retained, LogError> {
        self.cache.clear_if_idle();
        self.producers
            .expire(now_ms, self.config.producer_id_expiration_ms);
        let expired = self.count_expired(now_ms)?;
        let count = expired.max(self.count_over_size());
        self.remove_first(count)
    }

    /// Moves the start of the log up to `offset`; whole segments below are deleted. The new start is
    /// durable after the next [`crate::LogDir::checkpoint`].
    ///
    /// # Errors
    /// [`LogError::OffsetOutOfRange`] if `offset` is negative or above the high watermark.
    pub fn delete_records(&mut self, offset: i64) -> Result<Retained, LogError> {
        let (start, end) = (self.start_offset, self.offsets().high_watermark);
        if offset < 0 || offset > end {
            return Err(LogError::OffsetOutOfRange { offset, start, end });
        }
        self.move_start(offset);
        let after_first = self.segments.iter().skip(1).map(Segment::base_offset);
        let below = after_first
            .take_while(|base| *base <= self.start_offset)
            .count();
        let all = self.start_offset == self.end_offset;
        self.remove_first(if all { self.segments.len() } else { below })
    }

    /// Cuts the log so that it ends at `offset` or, if a batch reaches over it, before that batch.
    /// [`crate::LogDir::checkpoint`] must follow before the next append: a stored recovery point above
    /// the new end would vouch for what is appended there later.
    ///
    /// # Errors
    /// [`LogError::OffsetOutOfRange`] below the start of the log, or when a file cannot be cut.
    pub fn truncate(&mut self, offset: i64) -> Result<(), LogError> {
        let (start, end) = (self.start_offset, self.end_offset);
        if offset >= end {
            return Ok(());
        }
        if offset < start {
            return Err(LogError::OffsetOutOfRange { offset, start, end });
        }
        self.cache.clear();
        self.cursors.clear();
        let keep = self.segment_of(offset) + 1;
        while self.segments.len() > keep {
            // From the end, so that a failure leaves a shorter log and not one with a hole.
            let removed = self.active().take_out()?;
            if let Some(segment) = self.segments.pop() {
                self.end_offset = segment.base_offset();
            }
            self.unflushed.truncate(self.end_offset);
            Cleanup::of_files(&self.fs, removed).run()?;
        }
        if let Some(batch) = self.active().find(offset)? {
            self.active().truncate(batch.position)?;
            self.end_offset = batch.header.base_offset;
        } else {
            let size = self.active().size();
            self.active().truncate(size)?;
        }
        self.start_offset = self.start_offset.min(self.end_offset);
        self.recovery_point = self.recovery_point.min(self.end_offset);
        self.cleaned_up_to = self.cleaned_up_to.min(self.end_offset);
        self.durably_cleaned_up_to = self.durably_cleaned_up_to.min(self.end_offset);
        self.settle_high_watermark();
        self.epochs.truncate_from_end(self.end_offset);
        self.unflushed.truncate(self.end_offset);
        self.unflushed.change_dir();
        let entries = self.fs.list(&self.dir);
        let entries = entries.map_err(|error| LogError::io("list", &*self.dir, error))?;
        self.replay_producers(snapshots(&entries))?;
        Ok(())
    }

    fn move_start(&mut self, offset: i64) {
        if offset > self.start_offset {
            self.start_offset = offset;
            self.settle_high_watermark();
            self.producers.forget_aborted_before(offset);
            self.epochs.truncate_from_start(offset);
            self.cache.drop_below(offset);
        }
    }

    /// Number of leading segments whose records are all older than `retention.ms`.
    fn count_expired(&mut self, now_ms: i64) -> Result<usize, LogError> {
        let Some(retention_ms) = self.config.retention_ms else {
            return Ok(0);
        };
        let mut count = 0;
        for segment in &mut self.segments {
            let newest = segment.max_timestamp()?.timestamp_ms;
            // Records without timestamps never expire; an empty segment has nothing to expire.
            if newest < 0 || segment.size() == 0 || now_ms.saturating_sub(newest) <= retention_ms {
                break;
            }
            count += 1;
        }
        Ok(count)
    }

    /// Number of leading segments without which the log is still at least `retention.bytes` large.
    fn count_over_size(&self) -> usize {
        let Some(retention_bytes) = self.config.retention_bytes else {
            return 0;
        };
        let mut excess = self.size().saturating_sub(retention_bytes);
        let mut count = 0;
        for segment in &self.segments[..self.segments.len() - 1] {
            if segment.size() > excess {
                break;
            }
            excess -= segment.size();
            count += 1;
        }
        count
    }

    /// Takes out the first `count` segments; if that is all of them, a new one is started.
    fn remove_first(&mut self, count: usize) -> Result<Retained, LogError> {
        if count == self.segments.len() && self.active().size() > 0 {
            self.roll()?;
        }
        let count = count.min(self.segments.len() - 1);
        let mut cleanup = Cleanup::new(&self.fs);
        let mut bytes = 0;
        let mut removed = 0;
        let mut failure = None;
        for segment in &self.segments[..count] {
            match segment.take_out() {
                Ok(files) => cleanup.files.extend(files),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
            self.unflushed.forget_segment(segment.base_offset());
            bytes += segment.size();
            removed += 1;
        }
        if removed > 0 {
            self.segments.drain(..removed);
            self.move_start(self.segments[0].base_offset());
            self.cursors.clear();
            self.unflushed.change_dir();
        }
        if let Some(error) = failure {
            return Err(error);
        }
        Ok(Retained {
            start_offset: self.start_offset,
            segments: removed,
            bytes,
            cleanup,
        })
    }
}
