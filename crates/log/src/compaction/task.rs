//! One run of compaction: reads sealed segments, writes what stays beside them. Blocks on the disk.
//!
//! Two passes. The first goes over the dirty part and puts the last offset of each key into a table, as far as
//! memory allows. The second goes over everything from the log's start and copies what the rules keep. Small
//! neighbours become one segment. A batch that stays whole is copied as it is; one that loses records is written again
//! with the same offsets and codec.

use std::{
    io::{self, IoSlice},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use rdkafka_records::{BatchBuilder, BatchHeader, Compression, RecordBatch};

use super::{
    CleanLimits, CompactionConfig,
    offset_map::OffsetMap,
    retention::{Fate, Rules, Transactions, horizon_of},
};
use crate::{
    LogError,
    batch_scanner::{BatchScanner, ScanError, ScannedBatch},
    file_names,
    fs::{File, Fs},
    segment::Segment,
    time_index::MaxTimestamp,
};

/// Told of bytes that were read or written; may wait, and may end the run.
pub(super) type Pace<'a> = &'a mut dyn FnMut(usize) -> ControlFlow<()>;

/// A sealed segment as it is now.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) base_offset: i64,
    pub(super) end_offset: i64,
    pub(super) size: u64,
    pub(super) file: Arc<dyn File>,
    pub(super) path: PathBuf,
}

/// Everything needed to compact a log up to some offset.
#[derive(Debug)]
pub struct CleanTask {
    pub(super) fs: Arc<dyn Fs>,
    pub(super) dir: Arc<Path>,
    pub(super) sources: Vec<Source>,
    pub(super) first_dirty: i64,
    pub(super) transactions: Transactions,
    pub(super) config: CompactionConfig,
    pub(super) limits: CleanLimits,
    pub(super) now_ms: i64,
    pub(super) segment_bytes: u64,
    pub(super) index_interval_bytes: u32,
}

/// Old segments and the one that is to take their place.
#[derive(Debug)]
pub(super) struct Replacement {
    /// Base offset and size of each.
    pub(super) sources: Vec<(i64, u64)>,
    pub(super) base_offset: i64,
    pub(super) size: u64,
    pub(super) max_timestamp: MaxTimestamp,
}

/// What became of a [`CleanTask`]; to be handed to [`crate::Log::cleaned`].
#[derive(Debug)]
#[must_use]
pub struct Cleaned {
    pub(super) result: Result<Vec<Replacement>, LogError>,
    /// Everything below is clean then.
    pub(super) up_to: i64,
    /// Offsets of the markers that went.
    pub(super) markers: Vec<i64>,
    /// Base offsets of the segments that were begun.
    pub(super) begun: Vec<i64>,
}

/// What happens while it runs.
struct Run<'a> {
    task: &'a CleanTask,
    rules: Rules<'a>,
    markers: Vec<i64>,
    pace: Pace<'a>,
}

impl CleanTask {
    /// Does it; blocks on the disk, for long. `pace` is told of bytes that were read or written, may wait, and may end it.
    pub fn run(mut self, pace: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Cleaned {
        let mut cleaned = Cleaned {
            result: Ok(Vec::new()),
            up_to: self.first_dirty,
            markers: Vec::new(),
            begun: Vec::new(),
        };
        let map = match self.build_map(pace) {
            Ok(map) => map,
            Err(error) => {
                cleaned.result = Err(error);
                return cleaned;
            }
        };
        cleaned.up_to = map.latest_offset() + 1;
        let transactions = std::mem::replace(
            &mut self.transactions,
            Transactions::new(Vec::new(), Default::default()),
        );
        let mut run = Run {
            rules: Rules {
                map: &map,
                transactions,
                now_ms: self.now_ms,
                delete_retention_ms: self.config.delete_retention_ms,
            },
            task: &self,
            markers: Vec::new(),
            pace,
        };
        let mut replacements = Vec::new();
        for group in self.groups(cleaned.up_to) {
            cleaned.begun.push(group[0].base_offset);
            match run.rewrite(group) {
                Ok(replacement) => replacements.push(replacement),
                Err(error) => {
                    cleaned.result = Err(error);
                    return cleaned;
                }
            }
        }
        cleaned.markers = run.markers;
        cleaned.result = Ok(replacements);
        cleaned
    }

    /// The last offset of each key of the dirty part, as far as memory allows.
    fn build_map(&self, pace: Pace<'_>) -> Result<OffsetMap, LogError> {
        let mut map = OffsetMap::new(self.first_dirty, self.limits.map_bytes);
        let dirty = self
            .sources
            .iter()
            .filter(|source| source.end_offset > self.first_dirty);
        for source in dirty {
            let mut scanner = BatchScanner::headers(&*source.file, 0, source.size);
            while let Some(batch) = next_batch(&mut scanner, source)? {
                let header = &batch.header;
                if header.last_offset() < self.first_dirty {
                    continue;
                }
                let keys = header.record_count as usize;
                if !map.has_room_for(keys) && !map.is_empty() {
                    return Ok(map);
                }
                if keys > 0
                    && !header.attributes.is_control()
                    && !self.transactions.is_aborted(header)
                {
                    let raw = read_batch(source, &batch)?;
                    go_on(pace, raw.len(), source)?;
                    put_keys(&mut map, raw, source, self.limits.batch_bytes)?;
                }
                map.advance(header.last_offset());
            }
            map.advance(source.end_offset - 1);
        }
        Ok(map)
    }

    /// Neighbours that fit into one segment together, of those that begin below `up_to`.
    fn groups(&self, up_to: i64) -> Vec<&[Source]> {
        let count = self
            .sources
            .partition_point(|source| source.base_offset < up_to);
        let mut groups = Vec::new();
        let mut rest = &self.sources[..count];
        while let Some(first) = rest.first() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|source| {
                bytes += source.size;
                let span = source.end_offset - first.base_offset;
                bytes <= self.segment_bytes && span <= i64::from(i32::MAX)
            });
            let (group, after) = rest.split_at(fits.count().max(1));
            groups.push(group);
            rest = after;
        }
        groups
    }
}

impl Run<'_> {
    /// Writes what stays of a group of segments, and makes it durable.
    fn rewrite(&mut self, group: &[Source]) -> Result<Replacement, LogError> {
        let task = self.task;
        let (fs, dir) = (&task.fs, &task.dir);
        let (base_offset, interval) = (group[0].base_offset, task.index_interval_bytes);
        let mut target = Segment::create_cleaned(fs, dir, base_offset, interval)?;
        let end_offset = group.last().map_or(base_offset, |last| last.end_offset);
        for source in group {
            let mut scanner = BatchScanner::headers(&*source.file, 0, source.size);
            while let Some(batch) = next_batch(&mut scanner, source)? {
                go_on(self.pace, batch.header.encoded_len(), source)?;
                let is_last = batch.header.next_offset() >= end_offset;
                let Some(raw) = self.retain(source, &batch, is_last)? else {
                    continue;
                };
                let header = BatchHeader::parse(&raw)
                    .map_err(|error| damaged(source, &batch, error.to_string()))?;
                target.write(&mut [IoSlice::new(&raw)])?;
                target.extend(&header);
                go_on(self.pace, raw.len(), source)?;
            }
        }
        target.seal()?;
        for file in target.files_to_sync(true)? {
            let synced = file.file.sync();
            synced.map_err(|error| LogError::io("sync", &file.path, error))?;
        }
        Ok(Replacement {
            sources: group.iter().map(|it| (it.base_offset, it.size)).collect(),
            base_offset,
            size: target.size(),
            max_timestamp: target.max_timestamp()?,
        })
    }

    /// What stays of a batch; `None` if nothing does.
    fn retain(
        &mut self,
        source: &Source,
        batch: &ScannedBatch,
        is_last: bool,
    ) -> Result<Option<Bytes>, LogError> {
        let header = &batch.header;
        let fate = self.rules.judge(header);
        if fate == Fate::Discard && header.attributes.is_control() && header.record_count > 0 {
            self.markers.push(header.last_offset());
        }
        let horizon = match fate {
            Fate::Filter { horizon } => horizon,
            Fate::Discard => return self.emptied(source, batch, is_last),
        };
        if header.base_offset > self.rules.map.latest_offset() {
            return read_batch(source, batch).map(Some);
        }
        let raw = read_batch(source, batch)?;
        let fail = |reason: String| damaged(source, batch, reason);
        let parsed = RecordBatch::parse(raw.clone()).map_err(|error| fail(error.to_string()))?;
        let codec = parsed
            .compression()
            .map_err(|error| fail(error.to_string()))?;
        let plain = parsed
            .decompress(self.task.limits.batch_bytes)
            .map_err(|error| fail(error.to_string()))?;
        let mut kept = Vec::with_capacity(header.record_count as usize);
        let mut has_tombstone = false;
        for record in plain.records() {
            let record = record.map_err(|error| fail(error.to_string()))?;
            if self.rules.keeps(header, &record) {
                has_tombstone |= record.value.is_none();
                kept.push(record);
            }
        }
        if kept.is_empty() {
            return self.emptied(source, batch, is_last);
        }
        let horizon = match horizon {
            None if has_tombstone => Some(self.rules.new_horizon()),
            horizon => horizon,
        };
        if kept.len() == header.record_count as usize && horizon == horizon_of(header) {
            return Ok(Some(raw));
        }
        let mut builder = BatchBuilder::new();
        builder.start_at(horizon.unwrap_or(header.base_timestamp_ms));
        for record in kept {
            // Offsets of a batch's records lie within 31 bits of its base.
            let delta = (record.offset - header.base_offset) as i32;
            let appended = builder.append_at(
                delta,
                record.timestamp_ms,
                record.key,
                record.value,
                record.headers,
            );
            appended.map_err(|error| fail(error.to_string()))?;
        }
        seal(&mut builder, header, horizon, codec, source, batch).map(Some)
    }

    /// The batch without its records, if that must stay.
    fn emptied(
        &self,
        source: &Source,
        batch: &ScannedBatch,
        is_last: bool,
    ) -> Result<Option<Bytes>, LogError> {
        let header = &batch.header;
        if !self.rules.keeps_empty(header, is_last) {
            return Ok(None);
        }
        let (mut builder, horizon) = (BatchBuilder::new(), horizon_of(header));
        seal(
            &mut builder,
            header,
            horizon,
            Compression::None,
            source,
            batch,
        )
        .map(Some)
    }
}

fn go_on(pace: Pace<'_>, bytes: usize, source: &Source) -> Result<(), LogError> {
    match pace(bytes) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => {
            let reason = io::ErrorKind::Interrupted.into();
            Err(LogError::io("compact", &source.path, reason))
        }
    }
}

fn seal(
    builder: &mut BatchBuilder,
    header: &BatchHeader,
    horizon: Option<i64>,
    codec: Compression,
    source: &Source,
    batch: &ScannedBatch,
) -> Result<Bytes, LogError> {
    builder
        .seal_rewritten(header, horizon, codec)
        .map_err(|error| damaged(source, batch, error.to_string()))
}

fn put_keys(
    map: &mut OffsetMap,
    raw: Bytes,
    source: &Source,
    bytes_max: usize,
) -> Result<(), LogError> {
    let fail = |reason: String| LogError::corrupt(&source.path, reason);
    let plain = RecordBatch::parse(raw)
        .map_err(|error| fail(error.to_string()))?
        .decompress(bytes_max)
        .map_err(|error| fail(error.to_string()))?;
    for record in plain.records() {
        let record = record.map_err(|error| fail(error.to_string()))?;
        if let Some(key) = record.key {
            map.put(key, record.offset);
        }
    }
    Ok(())
}

fn next_batch(
    scanner: &mut BatchScanner<'_>,
    source: &Source,
) -> Result<Option<ScannedBatch>, LogError> {
    scanner.next_batch().map_err(|error| match error {
        ScanError::Io(error) => LogError::io("read", &source.path, error),
        ScanError::Invalid(reason) => LogError::corrupt(&source.path, reason),
    })
}

/// A whole batch whose CRC is good: damage must not be copied as if it were sound.
fn read_batch(source: &Source, batch: &ScannedBatch) -> Result<Bytes, LogError> {
    let mut raw = vec![0; batch.header.encoded_len()];
    let read: io::Result<()> = source.file.read_exact_at(&mut raw, batch.position);
    read.map_err(|error| LogError::io("read", &source.path, error))?;
    rdkafka_records::verify_crc(&raw).map_err(|error| damaged(source, batch, error.to_string()))?;
    Ok(raw.into())
}

fn damaged(source: &Source, batch: &ScannedBatch, reason: String) -> LogError {
    let at = batch.position;
    LogError::corrupt(&source.path, format!("at position {at}: {reason}"))
}

/// Names of a segment's new files, with their final ones.
pub(super) fn cleaned_files(dir: &Path, base_offset: i64) -> [(PathBuf, PathBuf); 3] {
    [
        file_names::TIME_INDEX,
        file_names::OFFSET_INDEX,
        file_names::LOG,
    ]
    .map(|extension| {
        let path = file_names::of_offset(dir, base_offset, extension);
        let cleaned = file_names::with_suffix(&path, file_names::CLEANED_SUFFIX);
        (cleaned, path)
    })
}
