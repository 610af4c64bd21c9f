//! Flushing: making what was appended durable, on the log's thread or on a flusher's.
//!
//! The log's thread takes a [`FlushTask`] (which holds its own file handles), any thread runs it, and the
//! result goes back to the log's thread, which alone moves the recovery point. A task covers
//! everything between the recovery point and the end, so tasks may overlap and finish in any order.
//!
//! Order on the disk: records and indexes of the segments, then the folder, then leader epochs and the
//! producers' snapshot, which thus never run ahead of the records they were made from.

use std::{mem, path::Path, sync::Arc};

use crate::{
    Log, LogError, file_names,
    fs::{self, Fs},
    log::Condition,
    recovery::snapshots,
    segment::OpenFile,
};

/// Appended bytes after which a flush also writes a snapshot of the producers.
const SNAPSHOT_EVERY_BYTES: u64 = 64 << 20;

/// What a log knows about its undurable part.
#[derive(Debug, Default)]
pub(crate) struct Unflushed {
    records: u64,
    bytes: u64,
    /// When the oldest unflushed append was made.
    since_ms: Option<i64>,
    /// Base offsets of sealed segments above the recovery point, with the offset after each.
    sealed: Vec<(i64, i64)>,
    /// Segments were added or taken out since the last flush.
    dir_changed: bool,
    /// State of the producers at the last roll, not yet in a file.
    snapshot: Option<(i64, Vec<u8>)>,
    /// Size of the log when the newest snapshot was made.
    snapshot_at_size: u64,
    force_snapshot: bool,
    /// How often the log was truncated: a task from before says nothing about what came after.
    truncations: u64,
}

impl Unflushed {
    /// Records were appended.
    pub(crate) fn add(&mut self, records: u64, bytes: u64, now_ms: i64) {
        self.records += records;
        self.bytes += bytes;
        self.since_ms.get_or_insert(now_ms);
    }

    /// The segment at `base_offset` was sealed at `end_offset`.
    pub(crate) fn seal(&mut self, base_offset: i64, end_offset: i64, snapshot: Vec<u8>) {
        self.sealed.push((base_offset, end_offset));
        self.snapshot = Some((end_offset, snapshot));
        self.dir_changed = true;
    }

    /// The sealed segment at `base_offset` was found above the recovery point.
    pub(crate) fn reopen(&mut self, base_offset: i64, end_offset: i64) {
        self.sealed.push((base_offset, end_offset));
        self.dir_changed = true;
    }

    /// Files of the log came or went.
    pub(crate) const fn change_dir(&mut self) {
        self.dir_changed = true;
    }

    /// The next flush writes a snapshot.
    pub(crate) const fn wants_snapshot(&mut self) {
        self.force_snapshot = true;
    }

    /// A segment that was taken out needs no flush.
    pub(crate) fn forget_segment(&mut self, base_offset: i64) {
        self.sealed.retain(|(base, _)| *base != base_offset);
    }

    /// The log was cut to `end_offset`.
    pub(crate) fn truncate(&mut self, end_offset: i64) {
        self.truncations += 1;
        self.sealed.retain(|(base, _)| *base < end_offset);
        if self
            .snapshot
            .as_ref()
            .is_some_and(|(offset, _)| *offset > end_offset)
        {
            self.snapshot = None;
        }
    }
}

/// Everything needed to make the log durable up to some offset.
#[derive(Debug)]
pub struct FlushTask {
    fs: Arc<dyn Fs>,
    dir: Arc<Path>,
    offset: i64,
    files: Vec<OpenFile>,
    dir_changed: bool,
    epochs: Option<String>,
    snapshot: Option<(i64, Vec<u8>)>,
    truncations: u64,
    cleaned_up_to: i64,
}

impl FlushTask {
    /// The offset that will be durable: everything below it.
    #[must_use]
    pub const fn offset(&self) -> i64 {
        self.offset
    }

    /// Does it; blocks on the disk.
    pub fn run(self) -> Flushed {
        let mut flushed = Flushed {
            offset: self.offset,
            truncations: self.truncations,
            cleaned_up_to: self.cleaned_up_to,
            result: Ok(()),
            is_fatal: false,
        };
        for OpenFile { path, file } in &self.files {
            if let Err(error) = file.sync() {
                flushed.result = Err(LogError::io("sync", path, error));
                flushed.is_fatal = true;
                return flushed;
            }
        }
        flushed.result = self.write_state();
        flushed
    }

    fn write_state(&self) -> Result<(), LogError> {
        if self.dir_changed {
            let synced = self.fs.sync_dir(&self.dir);
            synced.map_err(|error| LogError::io("sync", &*self.dir, error))?;
        }
        if let Some(epochs) = &self.epochs {
            let path = self.dir.join(file_names::LEADER_EPOCHS);
            fs::replace_file(&*self.fs, &path, epochs.as_bytes())
                .map_err(|error| LogError::io("write", path, error))?;
        }
        let Some((offset, content)) = &self.snapshot else {
            return Ok(());
        };
        let path = file_names::of_offset(&self.dir, *offset, file_names::PRODUCER_SNAPSHOT);
        fs::replace_file(&*self.fs, &path, content)
            .map_err(|error| LogError::io("write", path, error))?;
        self.remove_old_snapshots(*offset);
        Ok(())
    }

    /// Keeps the newest snapshot and one before it. What cannot be removed now is found next time.
    fn remove_old_snapshots(&self, newest: i64) {
        let Ok(entries) = self.fs.list(&self.dir) else {
            return;
        };
        let mut older = snapshots(&entries);
        older.retain(|offset| *offset < newest);
        older.pop();
        for offset in older {
            let path = file_names::of_offset(&self.dir, offset, file_names::PRODUCER_SNAPSHOT);
            let _ = self.fs.remove_file(&path);
        }
    }
}

/// What became of a [`FlushTask`]; to be handed to [`Log::flushed`].
#[derive(Debug)]
#[must_use]
pub struct Flushed {
    offset: i64,
    truncations: u64,
    cleaned_up_to: i64,
    result: Result<(), LogError>,
    /// An fsync failed: what it was for may be lost, though it can still be read.
    is_fatal: bool,
}

impl Log {
    /// Whether `flush.messages` wants what was appended on the disk before anybody is told of it.
    #[must_use]
    pub fn must_flush(&self) -> bool {
        match self.config.flush_messages {
            // Everything that is not there yet, be a flush under way or not.
            Some(1) => self.recovery_point < self.end_offset,
            Some(limit) => self.unflushed.records >= limit,
            None => false,
        }
    }

    /// Whether a flush is due: `flush.messages` or `flush.ms` ask for it, or a segment was sealed.
    #[must_use]
    pub fn needs_flush(&self, now_ms: i64) -> bool {
        if self.recovery_point >= self.end_offset {
            return false;
        }
        let unflushed = &self.unflushed;
        let waited = unflushed
            .since_ms
            .map(|since_ms| now_ms.saturating_sub(since_ms));
        !unflushed.sealed.is_empty()
            || self.must_flush()
            || self
                .config
                .flush_ms
                .zip(waited)
                .is_some_and(|(limit, waited)| waited >= limit)
    }

    /// Bytes appended since the last flush began: what a start after a crash has to check.
    #[must_use]
    pub const fn unflushed_bytes(&self) -> u64 {
        self.unflushed.bytes
    }

    /// The work to make everything appended so far durable; `None` if it is already.
    /// Several tasks may be under way; they may finish in any order.
    ///
    /// # Errors
    /// When buffered index entries of a sealed segment cannot be written.
    pub fn flush_task(&mut self) -> Result<Option<FlushTask>, LogError> {
        let is_closing = self.unflushed.force_snapshot;
        if self.recovery_point >= self.end_offset && !is_closing && !self.unflushed.dir_changed {
            return Ok(None);
        }
        let mut files = Vec::new();
        for (base_offset, _) in self.unflushed.sealed.clone() {
            let at = self
                .segments
                .partition_point(|segment| segment.base_offset() < base_offset);
            if let Some(segment) = self.segments.get_mut(at) {
                segment.write_indexes()?;
                files.extend(segment.files_to_sync(true)?);
            }
        }
        files.extend(self.active().files_to_sync(is_closing)?);
        let task = FlushTask {
            fs: Arc::clone(&self.fs),
            dir: Arc::clone(&self.dir),
            offset: self.end_offset,
            files,
            dir_changed: mem::take(&mut self.unflushed.dir_changed),
            epochs: self.epochs.take_unwritten(),
            snapshot: self.due_snapshot(),
            truncations: self.unflushed.truncations,
            cleaned_up_to: self.cleaned_up_to,
        };
        self.unflushed.records = 0;
        self.unflushed.bytes = 0;
        self.unflushed.since_ms = None;
        Ok(Some(task))
    }

    /// The snapshot that goes with a flush, if it is time for one.
    fn due_snapshot(&mut self) -> Option<(i64, Vec<u8>)> {
        let size = self.size();
        let is_due = mem::take(&mut self.unflushed.force_snapshot)
            || self.recovery_point == 0
            || size.saturating_sub(self.unflushed.snapshot_at_size) >= SNAPSHOT_EVERY_BYTES;
        if is_due {
            self.unflushed.snapshot_at_size = size;
            self.unflushed.snapshot = None;
            return Some((self.end_offset, self.producers.encode()));
        }
        self.unflushed.snapshot.take()
    }

    /// Takes in a finished task; returns the new recovery point.
    ///
    /// # Errors
    /// The task's failure. After a failed fsync the log is offline until it is opened again, because
    /// what is on the disk cannot be known any more.
    pub fn flushed(&mut self, flushed: Flushed) -> Result<i64, LogError> {
        if let Err(error) = flushed.result {
            if flushed.is_fatal {
                self.condition = Condition::Offline(error.to_string().into());
            }
            self.unflushed.dir_changed = true;
            self.unflushed.force_snapshot = true;
            self.epochs.set_unwritten();
            return Err(error);
        }
        if flushed.truncations != self.unflushed.truncations {
            return Ok(self.recovery_point);
        }
        self.durably_cleaned_up_to = self.durably_cleaned_up_to.max(flushed.cleaned_up_to);
        self.recovery_point = self.recovery_point.max(flushed.offset);
        self.settle_high_watermark();
        let recovery_point = self.recovery_point;
        self.unflushed
            .sealed
            .retain(|(_, end)| *end > recovery_point);
        Ok(recovery_point)
    }

    /// Makes everything appended so far durable before it returns; returns the recovery point.
    ///
    /// # Errors
    /// As [`Log::flushed`].
    pub fn flush(&mut self) -> Result<i64, LogError> {
        match self.flush_task()? {
            Some(task) => self.flushed(task.run()),
            None => Ok(self.recovery_point),
        }
    }

    /// Everything below this offset is durable.
    #[must_use]
    pub const fn recovery_point(&self) -> i64 {
        self.recovery_point
    }
}
