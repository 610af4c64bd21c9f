//! Opening a log: find its segments, cut a torn tail, rebuild what is missing, replay what is left.
//!
//! Below the recovery point everything is durable and is not looked at. From there on every batch's CRC
//! is verified; the log ends before the first batch that is not valid, or before the first segment
//! that does not start where the one before it ends. The producers' state comes from the newest
//! snapshot and the headers of the batches after it.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rdkafka_records::{BatchHeader, EndTxnMarker, RecordBatch};

use crate::{
    Log, LogConfig, LogError,
    batch_scanner::{BatchScanner, ScanError, ScannedBatch},
    compaction, file_names,
    flush::Unflushed,
    fs::{self, DirEntry, Fs},
    leader_epoch::LeaderEpochs,
    log::Condition,
    producer_state::ProducerStates,
    reader::Cursors,
    retention::Cleanup,
    segment::Segment,
    tail_cache::TailCache,
};

/// Larger state files are not read.
const STATE_FILE_MAX: u64 = 4 << 30;

/// What is known from outside when a log is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenOptions {
    /// Everything below this offset is known to be durable; only what is above is checked.
    pub recovery_point: i64,
    /// The log starts here even if its segments start lower.
    pub start_offset: i64,
    /// Everything below was compacted ([`Log::cleaned_up_to`]).
    pub cleaned_up_to: i64,
    /// The present, in milliseconds since the epoch.
    pub now_ms: i64,
}

/// What opening a log found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Segments of the log.
    pub segments: usize,
    /// Bytes whose CRCs were checked.
    pub scanned_bytes: u64,
    /// Bytes that were cut off.
    pub truncated_bytes: u64,
    /// Why they were cut off.
    pub truncated_reason: Option<String>,
    /// Segments whose indexes were rebuilt.
    pub rebuilt_indexes: usize,
    /// Batches replayed into the producers' state.
    pub replayed_batches: u64,
}

/// The files of a log's folder.
#[derive(Debug, Default)]
struct Inventory {
    /// Base offsets and lengths.
    logs: BTreeMap<i64, u64>,
    /// Segments that have both indexes.
    indexed: HashSet<i64>,
    /// What an interrupted deletion or replacement left, and indexes without a log.
    leftovers: Vec<PathBuf>,
}

impl Log {
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
        let dir: Arc<Path> = dir.into().into();
        let mut entries = match fs.list(&dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs.create_dir_all(&dir)
                    .map_err(|error| LogError::io("create", &*dir, error))?;
                Vec::new()
            }
            listed => listed.map_err(|error| LogError::io("list", &*dir, error))?,
        };
        if compaction::complete_swaps(&fs, &dir, &entries)? {
            let listed = fs.list(&dir);
            entries = listed.map_err(|error| LogError::io("list", &*dir, error))?;
        }
        let inventory = Inventory::take(&*fs, &dir, &entries)?;
        for path in &inventory.leftovers {
            fs.remove_file(path)
                .map_err(|error| LogError::io("remove", path, error))?;
        }
        let interval = config.index_interval_bytes;
        let segment =
            |(base, size): (&i64, &u64)| Segment::existing(&fs, &dir, *base, *size, interval);
        let segments = inventory.logs.iter().map(segment).collect();
        let mut log = Self {
            cache: TailCache::new(config.tail_cache_bytes, config.cache_budget.clone()),
            fs,
            dir,
            config,
            segments,
            start_offset: options.start_offset,
            end_offset: 0,
            high_watermark: 0,
            recovery_point: options.recovery_point.max(0),
            cleaned_up_to: options.cleaned_up_to.max(0),
            durably_cleaned_up_to: options.cleaned_up_to.max(0),
            producers: ProducerStates::default(),
            epochs: LeaderEpochs::default(),
            cursors: Cursors::default(),
            unflushed: Unflushed::default(),
            condition: Condition::Online,
            is_used: false,
        };
        let mut recovered = Recovered::default();
        log.read_epochs()?;
        log.recover_segments(&inventory.indexed, &mut recovered)?;
        log.settle_bounds(options.start_offset)?;
        log.settle_high_watermark();
        recovered.replayed_batches = log.replay_producers(snapshots(&entries))?;
        if log.recovery_point < log.end_offset {
            let records = (log.end_offset - log.recovery_point) as u64;
            log.unflushed
                .add(records, recovered.scanned_bytes, options.now_ms);
        }
        log.release_if_idle()?;
        recovered.segments = log.segments.len();
        recovered.rebuilt_indexes = log.segments.iter().filter(|s| s.was_rebuilt()).count();
        Ok((log, recovered))
    }

    fn read_epochs(&mut self) -> Result<(), LogError> {
        let path = self.dir.join(file_names::LEADER_EPOCHS);
        let Some(content) = read_state(&*self.fs, &path)? else {
            return Ok(());
        };
        // A damaged file is found again in the batches, at least above the recovery point.
        let text = String::from_utf8_lossy(&content);
        self.epochs = LeaderEpochs::parse(&text).unwrap_or_default();
        Ok(())
    }

    /// Rebuilds lost indexes below the recovery point, verifies everything above it, and drops what does
    /// not continue the log.
    fn recover_segments(
        &mut self,
        indexed: &HashSet<i64>,
        recovered: &mut Recovered,
    ) -> Result<(), LogError> {
        let recovery_point = self.recovery_point;
        let first = self.segment_of(recovery_point);
        for segment in self.segments.iter_mut().take(first) {
            if !indexed.contains(&segment.base_offset()) {
                segment.rebuild_indexes()?;
            }
        }
        let mut end_offset = self.segments.get(first).map_or(0, Segment::base_offset);
        let mut at = first;
        while at < self.segments.len() {
            let base_offset = self.segments[at].base_offset();
            if base_offset != end_offset {
                let reason = format!("segment {base_offset} does not start at {end_offset}");
                self.drop_segments_from(at, reason, recovered)?;
                break;
            }
            let epochs = &mut self.epochs;
            let scan = self.segments[at].recover(recovery_point, &mut |header: &BatchHeader| {
                epochs.assign(header.partition_leader_epoch, header.base_offset);
            })?;
            recovered.scanned_bytes += scan.scanned;
            end_offset = scan.end_offset.unwrap_or(base_offset);
            at += 1;
            if let Some((bytes, reason)) = scan.cut {
                recovered.truncated_bytes += bytes;
                recovered
                    .truncated_reason
                    .get_or_insert_with(|| reason.clone());
                self.drop_segments_from(at, reason, recovered)?;
            }
        }
        self.end_offset = end_offset;
        let sealed = self.segments.len().saturating_sub(1);
        for at in first..sealed {
            let base_offset = self.segments[at].base_offset();
            let end_offset = self.segments[at + 1].base_offset();
            self.segments[at].seal()?;
            self.unflushed.reopen(base_offset, end_offset);
        }
        Ok(())
    }

    /// Removes the segments from number `at` on: they do not continue the log.
    fn drop_segments_from(
        &mut self,
        at: usize,
        reason: String,
        recovered: &mut Recovered,
    ) -> Result<(), LogError> {
        while self.segments.len() > at {
            let removed = self.active().take_out()?;
            Cleanup::of_files(&self.fs, removed).run()?;
            recovered.truncated_bytes += self.active().size();
            recovered
                .truncated_reason
                .get_or_insert_with(|| reason.clone());
            self.segments.pop();
        }
        Ok(())
    }

    /// Makes a first segment if there is none, and brings the bounds into their order.
    fn settle_bounds(&mut self, start_offset: i64) -> Result<(), LogError> {
        if start_offset > self.end_offset {
            // Deleted records were never durable and are lost now: the log goes on where it had begun.
            while let Some(segment) = self.segments.pop() {
                Cleanup::of_files(&self.fs, segment.take_out()?).run()?;
            }
            self.end_offset = start_offset;
        }
        if self.segments.is_empty() {
            let interval = self.config.index_interval_bytes;
            self.segments.push(Segment::create(
                &self.fs,
                &self.dir,
                start_offset.max(0),
                interval,
            )?);
            self.end_offset = start_offset.max(0);
            self.unflushed.change_dir();
        }
        self.start_offset = start_offset.max(self.segments[0].base_offset());
        self.recovery_point = self.recovery_point.min(self.end_offset);
        self.epochs.truncate_from_end(self.end_offset);
        self.epochs.truncate_from_start(self.start_offset);
        Ok(())
    }

    /// Loads the newest usable one of the `snapshots` and replays the batches after it; returns how many.
    pub(crate) fn replay_producers(&mut self, snapshots: Vec<i64>) -> Result<u64, LogError> {
        self.producers = ProducerStates::default();
        let mut from = self.segments[0].base_offset();
        for offset in snapshots.into_iter().rev() {
            let path = file_names::of_offset(&self.dir, offset, file_names::PRODUCER_SNAPSHOT);
            if offset > self.end_offset {
                // Made from records that are lost.
                self.fs
                    .remove_file(&path)
                    .map_err(|error| LogError::io("remove", path, error))?;
                continue;
            }
            let content = read_state(&*self.fs, &path)?.unwrap_or_default();
            if let Ok(producers) = ProducerStates::decode(&content) {
                self.producers = producers;
                from = from.max(offset);
                break;
            }
        }
        self.forget_lost_markers()?;
        let mut replayed = 0;
        if from >= self.end_offset {
            return Ok(replayed);
        }
        for at in self.segment_of(from)..self.segments.len() {
            let Some(first) = self.segments[at].find(from)? else {
                continue;
            };
            let file = self.segments[at].file()?;
            let path = self.segments[at].path();
            let mut scanner =
                BatchScanner::headers(&*file, first.position, self.segments[at].size());
            while let Some(batch) = scanner
                .next_batch()
                .map_err(|error| unreadable(&path, error))?
            {
                replayed += 1;
                let marker = read_marker(&*file, &path, &batch)?;
                self.producers.replay(&batch.header, marker.as_ref());
            }
        }
        Ok(replayed)
    }

    /// A snapshot may be older than the last compaction: an aborted transaction whose marker is gone would hide later
    /// records of its producer from readers, who wait for the marker.
    fn forget_lost_markers(&mut self) -> Result<(), LogError> {
        if self.config.compaction.is_none() {
            return Ok(());
        }
        let mut lost = Vec::new();
        for aborted in self.producers.aborted_between(0, i64::MAX) {
            let offset = aborted.last_offset;
            let at = self.segment_of(offset);
            let batch = self.segments[at].find(offset)?;
            let is_there = batch.is_some_and(|batch| {
                let header = batch.header;
                let is_marker = header.attributes.is_control() && header.record_count > 0;
                is_marker && (header.base_offset..=header.last_offset()).contains(&offset)
            });
            if !is_there {
                lost.push(offset);
            }
        }
        self.producers.forget_markers(&lost);
        Ok(())
    }
}

/// Offsets of the snapshots in a log's folder, ascending.
pub(crate) fn snapshots(entries: &[DirEntry]) -> Vec<i64> {
    let mut offsets: Vec<i64> = entries
        .iter()
        .filter_map(|entry| file_names::parse(&entry.name))
        .filter(|(_, extension)| *extension == file_names::PRODUCER_SNAPSHOT)
        .map(|(offset, _)| offset)
        .collect();
    offsets.sort_unstable();
    offsets
}

impl Inventory {
    fn take(fs: &dyn Fs, dir: &Path, entries: &[DirEntry]) -> Result<Self, LogError> {
        let mut inventory = Self::default();
        let mut offset_indexes = HashSet::new();
        let mut time_indexes = HashSet::new();
        let mut of_segments = Vec::new();
        for entry in entries {
            let path = dir.join(&entry.name);
            if entry.is_dir {
                continue;
            }
            if entry.name.ends_with(file_names::DELETED_SUFFIX)
                || entry.name.ends_with(file_names::TEMPORARY_SUFFIX)
                || entry.name.ends_with(file_names::CLEANED_SUFFIX)
            {
                inventory.leftovers.push(path);
                continue;
            }
            match file_names::parse(&entry.name) {
                Some((offset, file_names::LOG)) => {
                    let len = fs.len_of(&path);
                    let len = len.map_err(|error| LogError::io("look at", path, error))?;
                    inventory.logs.insert(offset, len);
                }
                Some((offset, file_names::OFFSET_INDEX)) => {
                    offset_indexes.insert(offset);
                    of_segments.push((offset, path));
                }
                Some((offset, file_names::TIME_INDEX)) => {
                    time_indexes.insert(offset);
                    of_segments.push((offset, path));
                }
                Some((offset, file_names::TXN_INDEX)) => of_segments.push((offset, path)),
                _ => {}
            }
        }
        let strays = of_segments
            .into_iter()
            .filter(|(base, _)| !inventory.logs.contains_key(base));
        inventory.leftovers.extend(strays.map(|(_, path)| path));
        inventory.indexed = offset_indexes
            .intersection(&time_indexes)
            .copied()
            .collect();
        Ok(inventory)
    }
}

/// A state file's content; `None` if it is missing.
fn read_state(fs: &dyn Fs, path: &Path) -> Result<Option<Vec<u8>>, LogError> {
    match fs::read_file(fs, path, STATE_FILE_MAX) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LogError::io("read", path, error)),
    }
}

fn unreadable(path: &Path, error: ScanError) -> LogError {
    match error {
        ScanError::Io(error) => LogError::io("read", path, error),
        ScanError::Invalid(reason) => LogError::corrupt(path, reason),
    }
}

/// The marker in a control batch.
fn read_marker(
    file: &dyn fs::File,
    path: &Path,
    batch: &ScannedBatch,
) -> Result<Option<EndTxnMarker>, LogError> {
    if !batch.header.attributes.is_control() {
        return Ok(None);
    }
    let mut raw = vec![0; batch.header.encoded_len()];
    file.read_exact_at(&mut raw, batch.position)
        .map_err(|error| LogError::io("read", path, error))?;
    let batch = RecordBatch::parse(raw.into())
        .map_err(|error| LogError::corrupt(path, error.to_string()))?;
    Ok(EndTxnMarker::from_batch(&batch))
}
