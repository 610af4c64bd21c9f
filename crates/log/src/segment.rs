//! A segment: a file of batches and the two sparse indexes over it.
//!
//! Owns positions. Knows nothing of producers, epochs or the log's bounds. Sealed segments open their
//! files when somebody asks for them, so a log of a thousand segments opens as fast as one of two.
//!
//! Indexes are hints: what they say is compared with the batch at the position they name, and if it
//! is not there, or an index is missing, both are built again from the log.

use std::{
    io::{self, IoSlice},
    path::{Path, PathBuf},
    sync::Arc,
};

use rdkafka_records::BatchHeader;

use crate::{
    LogError,
    batch_scanner::{BatchScanner, ScanError, ScannedBatch},
    file_names,
    fs::{File, Fs, OpenMode},
    offset_index::{IndexedBatch, OffsetIndex},
    time_index::{MaxTimestamp, TimeIndex},
};

/// Positions in an index have 32 bits; Kafka's have 31.
pub(crate) const MAX_SEGMENT_BYTES: u64 = i32::MAX as u64;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Segment {
    fs: Arc<dyn Fs>,
    dir: Arc<Path>,
    base_offset: i64,
    /// Ends the names of its files: nothing, or [`file_names::CLEANED_SUFFIX`].
    suffix: &'static str,
    /// Bytes of valid batches. The file of a torn append may be longer until it is cut.
    size: u64,
    index_interval_bytes: u32,
    file: Option<Arc<dyn File>>,
    /// The open file may be appended to.
    is_writable: bool,
    indexes: Option<Indexes>,
    max_timestamp: Option<MaxTimestamp>,
    first_timestamp_ms: Option<i64>,
    bytes_since_entry: u64,
    rebuilt: bool,
}

#[derive(Debug)]
struct Indexes {
    offset: OffsetIndex,
    time: TimeIndex,
}

/// An indexed batch from which on the log is checked.
#[derive(Debug)]
struct Floor {
    /// Number of its entry in both indexes.
    number: usize,
    batch: IndexedBatch,
    /// Largest timestamp up to it.
    max: MaxTimestamp,
}

impl Floor {
    /// Whether what was found at its position is this batch.
    fn names(&self, found: &Result<Option<ScannedBatch>, ScanError>) -> bool {
        matches!(found, Ok(Some(found)) if found.header.last_offset() == self.batch.last_offset
            && self.max.timestamp_ms >= found.header.max_timestamp_ms)
    }
}

/// A file and what it is called, for the message if it fails.
#[derive(Debug)]
pub(crate) struct OpenFile {
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn File>,
}

/// What [`Segment::recover`] found.
#[derive(Debug, Default)]
pub(crate) struct SegmentScan {
    /// Offset after the last valid batch; `None` if none was looked at.
    pub(crate) end_offset: Option<i64>,
    /// Bytes that were checked.
    pub(crate) scanned: u64,
    /// Bytes that were cut off, and why.
    pub(crate) cut: Option<(u64, String)>,
}

impl Segment {
    /// A new, empty segment. Files of that name (left by an attempt that failed) are emptied.
    pub(crate) fn create(
        fs: &Arc<dyn Fs>,
        dir: &Arc<Path>,
        base_offset: i64,
        index_interval_bytes: u32,
    ) -> Result<Self, LogError> {
        let segment = Self::existing(fs, dir, base_offset, 0, index_interval_bytes);
        segment.emptied()
    }

    /// As [`Self::create`], under names that do not count until they are replaced.
    pub(crate) fn create_cleaned(
        fs: &Arc<dyn Fs>,
        dir: &Arc<Path>,
        base_offset: i64,
        index_interval_bytes: u32,
    ) -> Result<Self, LogError> {
        let mut segment = Self::existing(fs, dir, base_offset, 0, index_interval_bytes);
        segment.suffix = file_names::CLEANED_SUFFIX;
        segment.emptied()
    }

    fn emptied(mut self) -> Result<Self, LogError> {
        let file = self.writable()?;
        self.at_path("cut", file.truncate(0))?;
        self.open_indexes_as_found()?.clear()?;
        self.max_timestamp = Some(MaxTimestamp::none(self.base_offset));
        Ok(self)
    }

    /// A segment whose file is there, `size` bytes long. Touches no file.
    pub(crate) fn existing(
        fs: &Arc<dyn Fs>,
        dir: &Arc<Path>,
        base_offset: i64,
        size: u64,
        index_interval_bytes: u32,
    ) -> Self {
        Self {
            fs: Arc::clone(fs),
            dir: Arc::clone(dir),
            base_offset,
            suffix: "",
            size,
            index_interval_bytes,
            file: None,
            is_writable: false,
            indexes: None,
            max_timestamp: None,
            first_timestamp_ms: None,
            bytes_since_entry: 0,
            rebuilt: false,
        }
    }

    /// Offset that the segment's name says: none of its records is below.
    pub(crate) const fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// Bytes of valid batches.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Whether the indexes had to be built again since the segment was opened.
    pub(crate) const fn was_rebuilt(&self) -> bool {
        self.rebuilt
    }

    /// The records' path.
    pub(crate) fn path(&self) -> PathBuf {
        self.path_of(file_names::LOG)
    }

    pub(crate) fn path_of(&self, extension: &str) -> PathBuf {
        let path = file_names::of_offset(&self.dir, self.base_offset, extension);
        file_names::with_suffix(&path, self.suffix)
    }

    /// The records' file.
    pub(crate) fn file(&mut self) -> Result<Arc<dyn File>, LogError> {
        self.open_file(OpenMode::Read)
    }

    /// Opens the records' file for appending and cutting.
    fn writable(&mut self) -> Result<Arc<dyn File>, LogError> {
        if !self.is_writable {
            self.file = None;
        }
        let file = self.open_file(OpenMode::Append)?;
        self.is_writable = true;
        Ok(file)
    }

    /// The folder has another name; nothing of it is open.
    pub(crate) fn renamed(&mut self, dir: &Arc<Path>) {
        self.dir = Arc::clone(dir);
    }

    /// Closes the files; whoever needs one opens it again.
    pub(crate) fn release(&mut self) -> Result<(), LogError> {
        self.write_indexes()?;
        self.indexes = None;
        self.file = None;
        self.is_writable = false;
        Ok(())
    }

    fn open_file(&mut self, mode: OpenMode) -> Result<Arc<dyn File>, LogError> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let file = self.at_path("open", self.fs.open(&self.path(), mode))?;
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Opens what an append needs; so that an append that is written is indexed, too.
    pub(crate) fn prepare(&mut self) -> Result<(), LogError> {
        if self.indexes.is_none() {
            self.open_indexes()?;
        }
        self.writable().map(|_| ())
    }

    /// Writes `chunks` at the end. The batches become part of the segment only by [`Self::extend`].
    pub(crate) fn write(&mut self, chunks: &mut [IoSlice<'_>]) -> Result<(), LogError> {
        let file = self.writable()?;
        self.at_path("write", file.append(chunks))
    }

    /// Takes in a batch that was written at the end of the segment.
    pub(crate) fn extend(&mut self, header: &BatchHeader) {
        let last_offset = header.last_offset();
        let max = self
            .max_timestamp
            .get_or_insert_with(|| MaxTimestamp::none(self.base_offset));
        max.update(header.max_timestamp_ms, last_offset);
        if self.size == 0 {
            self.first_timestamp_ms = Some(header.max_timestamp_ms);
        }
        let size = header.encoded_len() as u64;
        if self.bytes_since_entry > u64::from(self.index_interval_bytes)
            && let Some(indexes) = &mut self.indexes
        {
            indexes.offset.push(IndexedBatch {
                last_offset,
                position: self.size,
            });
            indexes.time.push(*max);
            self.bytes_since_entry = 0;
            if indexes.offset.entries.has_block() {
                // If the disk is full the entries wait in memory for the next try.
                let _ = indexes.write();
            }
        }
        self.bytes_since_entry += size;
        self.size += size;
    }

    /// Cuts off what a failed write left behind the last batch.
    pub(crate) fn cut_torn_write(&mut self) -> Result<(), LogError> {
        let file = self.writable()?;
        self.at_path("cut", file.truncate(self.size))
    }

    /// Whether an index entry can hold `last_offset`.
    pub(crate) const fn can_hold(&self, last_offset: i64) -> bool {
        last_offset - self.base_offset <= i32::MAX as i64
    }

    /// Whether an index has no room for another entry within `bytes`; the time index keeps some for the one of the end.
    pub(crate) fn has_full_index(&mut self, bytes: u64) -> Result<bool, LogError> {
        let indexes = self.open_indexes()?;
        let is_full = indexes.offset.entries.bytes_with(1) > bytes;
        Ok(is_full || indexes.time.entries.bytes_with(2) > bytes)
    }

    /// Ends the segment: after this its time index says the largest timestamp by itself.
    pub(crate) fn seal(&mut self) -> Result<(), LogError> {
        let max = self.max_timestamp()?;
        let indexes = self.open_indexes()?;
        if max.timestamp_ms > indexes.time.last()?.timestamp_ms {
            indexes.time.push(max);
        }
        indexes.write()
    }

    /// Writes index entries that are in memory only.
    pub(crate) fn write_indexes(&mut self) -> Result<(), LogError> {
        self.indexes.as_mut().map_or(Ok(()), Indexes::write)
    }

    /// The files to make durable, with their paths. `sealed` ones include the indexes.
    pub(crate) fn files_to_sync(&mut self, sealed: bool) -> Result<Vec<OpenFile>, LogError> {
        let mut files = vec![OpenFile {
            path: self.path(),
            file: self.file()?,
        }];
        if sealed {
            let indexes = self.open_indexes()?;
            files.push(indexes.offset.entries.open_file());
            files.push(indexes.time.entries.open_file());
        }
        Ok(files)
    }

    /// The largest timestamp of the segment.
    pub(crate) fn max_timestamp(&mut self) -> Result<MaxTimestamp, LogError> {
        if let Some(max) = self.max_timestamp {
            return Ok(max);
        }
        let max = self.open_indexes()?.time.last()?;
        self.max_timestamp = Some(max);
        Ok(max)
    }

    /// What the largest timestamp is known to be.
    pub(crate) const fn set_max_timestamp(&mut self, max: MaxTimestamp) {
        self.max_timestamp = Some(max);
    }

    /// Largest timestamp of the first batch, from which the segment's age counts; `None` if empty.
    pub(crate) fn first_timestamp_ms(&mut self) -> Result<Option<i64>, LogError> {
        if self.first_timestamp_ms.is_none() && self.size > 0 {
            let file = self.file()?;
            let first = BatchScanner::headers(&*file, 0, self.size).next_batch();
            let first = first.map_err(|error| self.scan_error(0, error))?;
            self.first_timestamp_ms = first.map(|batch| batch.header.max_timestamp_ms);
        }
        Ok(self.first_timestamp_ms)
    }

    /// The batch at `position`.
    pub(crate) fn batch_at(&mut self, position: u64) -> Result<Option<ScannedBatch>, LogError> {
        let file = self.file()?;
        let batch = BatchScanner::headers(&*file, position, self.size).next_batch();
        batch.map_err(|error| self.scan_error(position, error))
    }

    /// The first batch that ends at or after `offset`; `None` if all end before.
    pub(crate) fn find(&mut self, offset: i64) -> Result<Option<ScannedBatch>, LogError> {
        let floor = self.open_indexes()?.offset.floor(offset)?;
        if let Some(floor) = floor {
            if self.is_true(floor)? {
                return self.find_from(floor.position, offset);
            }
            self.rebuild_indexes()?;
            // Freshly built from the log, so no need to doubt it again.
            let floor = self.open_indexes()?.offset.floor(offset)?;
            return self.find_from(floor.map_or(0, |floor| floor.position), offset);
        }
        self.find_from(0, offset)
    }

    fn find_from(&mut self, from: u64, offset: i64) -> Result<Option<ScannedBatch>, LogError> {
        let file = self.file()?;
        let mut scanner = BatchScanner::headers(&*file, from, self.size);
        loop {
            match scanner.next_batch() {
                Ok(Some(batch)) if batch.header.last_offset() < offset => {}
                Ok(found) => return Ok(found),
                Err(error) => return Err(self.scan_error(scanner.position(), error)),
            }
        }
    }

    /// Whether the log has the batch that an index entry names.
    fn is_true(&mut self, entry: IndexedBatch) -> Result<bool, LogError> {
        let batch = self.valid_batch_at(entry.position)?;
        Ok(batch.is_some_and(|batch| batch.header.last_offset() == entry.last_offset))
    }

    /// The batch at a position that may be no batch's.
    fn valid_batch_at(&mut self, position: u64) -> Result<Option<ScannedBatch>, LogError> {
        let file = self.file()?;
        match BatchScanner::headers(&*file, position, self.size).next_batch() {
            Ok(batch) => Ok(batch),
            Err(ScanError::Invalid(_)) => Ok(None),
            Err(error) => Err(self.scan_error(position, error)),
        }
    }

    /// The last position at or before `limit` at which a batch ends, and the offset that follows it;
    /// `from` itself, which must be the start of a batch, if that batch ends after `limit`.
    pub(crate) fn boundary(&mut self, from: u64, limit: u64) -> Result<(u64, i64), LogError> {
        let floor = self.open_indexes()?.offset.floor_position(limit)?;
        let start = match floor {
            Some(floor) if floor.position > from && self.is_true(floor)? => floor.position,
            _ => from,
        };
        let file = self.file()?;
        let mut scanner = BatchScanner::headers(&*file, start, self.size);
        let mut boundary = (start, self.base_offset);
        loop {
            match scanner.next_batch() {
                Ok(Some(batch)) if batch.end() <= limit => {
                    boundary = (batch.end(), batch.header.next_offset());
                }
                Ok(Some(batch)) if batch.position == start => {
                    return Ok((start, batch.header.base_offset));
                }
                Ok(_) => return Ok(boundary),
                Err(error) => return Err(self.scan_error(scanner.position(), error)),
            }
        }
    }

    /// The batch that `timestamp_ms` is searched from: no earlier one has a timestamp that late.
    pub(crate) fn find_by_time(
        &mut self,
        timestamp_ms: i64,
    ) -> Result<Option<ScannedBatch>, LogError> {
        let floor = self.open_indexes()?.time.floor(timestamp_ms)?;
        self.find(floor.offset)
    }

    /// Verifies the batches from the last indexed one before `recovery_point` on, indexes them again,
    /// and cuts the file where they stop being valid. `visit` sees each valid batch.
    pub(crate) fn recover(
        &mut self,
        recovery_point: i64,
        visit: &mut dyn FnMut(&BatchHeader),
    ) -> Result<SegmentScan, LogError> {
        let file = self.writable()?;
        let file_size = self.size;
        let floor = self.recovery_floor(recovery_point)?;
        let start = floor.as_ref().map_or(0, |floor| floor.batch.position);
        let mut scanner = BatchScanner::whole(&*file, start, file_size);
        let mut next = scanner.next_batch();
        match floor {
            None => self.forget_from(0)?,
            Some(floor) if floor.names(&next) => self.rewind_to(&floor)?,
            Some(_) => {
                if let Err(error @ ScanError::Io(_)) = next {
                    return Err(self.scan_error(start, error));
                }
                // Then nothing says where the log ends; the batches before it do.
                self.rebuilt = true;
                return self.recover(i64::MIN, visit);
            }
        }
        let mut scan = SegmentScan::default();
        let reason = loop {
            let batch = match next {
                Ok(Some(batch)) => batch,
                Ok(None) => break None,
                Err(ScanError::Invalid(reason)) => break Some(reason),
                Err(error) => return Err(self.scan_error(scanner.position(), error)),
            };
            let expected = scan.end_offset.unwrap_or(self.base_offset);
            if batch.header.base_offset < expected {
                break Some(format!(
                    "base offset {} where {expected} or more was expected",
                    batch.header.base_offset
                ));
            }
            if !self.can_hold(batch.header.last_offset()) {
                break Some(format!(
                    "offset {} is too large",
                    batch.header.last_offset()
                ));
            }
            self.extend(&batch.header);
            visit(&batch.header);
            scan.end_offset = Some(batch.header.next_offset());
            next = scanner.next_batch();
        };
        scan.scanned = self.size - start;
        if let Some(reason) = reason {
            let reason = format!("at position {}: {reason}", self.size);
            scan.cut = Some((file_size - self.size, reason));
            self.at_path("cut", file.truncate(self.size))?;
            // A cut that is forgotten could bring old batches back behind new ones.
            self.at_path("sync", file.sync())?;
        }
        self.write_indexes()?;
        Ok(scan)
    }

    /// Cuts the segment before the batch at `position`.
    pub(crate) fn truncate(&mut self, position: u64) -> Result<(), LogError> {
        self.open_indexes()?;
        let file = self.writable()?;
        self.at_path("cut", file.truncate(position))?;
        self.forget_from(position)?;
        self.write_indexes()
    }

    /// The last indexed batch that ends before `recovery_point`, as both indexes say.
    fn recovery_floor(&mut self, recovery_point: i64) -> Result<Option<Floor>, LogError> {
        let indexes = self.open_indexes_as_found()?;
        let common = indexes.offset.entries.len().min(indexes.time.entries.len());
        indexes.offset.entries.truncate(common)?;
        indexes.time.entries.truncate(common)?;
        let count = indexes.offset.count_through(recovery_point)?;
        let Some(batch) = indexes.offset.entry_before(count)? else {
            return Ok(None);
        };
        Ok(Some(Floor {
            number: count - 1,
            batch,
            max: indexes.time.entry_before(count)?,
        }))
    }

    /// Drops what is known about the batches from an indexed one on, but for the largest timestamp, in which it is; the
    /// files are not touched.
    fn rewind_to(&mut self, floor: &Floor) -> Result<(), LogError> {
        let indexes = self.open_indexes_as_found()?;
        indexes.rewind(floor.number);
        let known = indexes.offset.entry_before(floor.number)?;
        let known = known.map_or(0, |known| known.position);
        self.max_timestamp = Some(floor.max);
        self.first_timestamp_ms = None;
        self.size = floor.batch.position;
        self.bytes_since_entry = self.size.saturating_sub(known);
        Ok(())
    }

    /// Drops what is known about the batches from `position` on; the files are not touched.
    fn forget_from(&mut self, position: u64) -> Result<(), LogError> {
        let indexes = self.open_indexes_as_found()?;
        let keep = indexes.offset.count_before(position)?;
        indexes.rewind(keep);
        let known = indexes
            .offset
            .entry_before(keep)?
            .map_or(0, |last| last.position);
        self.max_timestamp = Some(indexes.time.entry_before(keep)?);
        self.first_timestamp_ms = None;
        self.size = position;
        self.bytes_since_entry = position - known;
        self.update_max_timestamp(known)
    }

    /// The time index knows the maximum up to the batch at `known`; the rest is looked at.
    fn update_max_timestamp(&mut self, known: u64) -> Result<(), LogError> {
        let mut max = self.max_timestamp()?;
        let file = self.file()?;
        let mut scanner = BatchScanner::headers(&*file, known, self.size);
        loop {
            match scanner.next_batch() {
                Ok(Some(batch)) => {
                    max.update(batch.header.max_timestamp_ms, batch.header.last_offset());
                }
                Ok(None) => break,
                Err(error) => return Err(self.scan_error(scanner.position(), error)),
            }
        }
        self.max_timestamp = Some(max);
        Ok(())
    }

    /// Renames the segment's files out of the way; returns the new names.
    pub(crate) fn take_out(&self) -> Result<Vec<PathBuf>, LogError> {
        let mut removed = Vec::new();
        for extension in [
            file_names::LOG,
            file_names::OFFSET_INDEX,
            file_names::TIME_INDEX,
            file_names::TXN_INDEX,
        ] {
            let path = file_names::of_offset(&self.dir, self.base_offset, extension);
            let to = file_names::with_suffix(&path, file_names::DELETED_SUFFIX);
            match self.fs.rename(&path, &to) {
                Ok(()) => removed.push(to),
                // Without its records the segment is gone: the next open removes a stray index.
                Err(_) if extension != file_names::LOG => {}
                Err(error) => return Err(LogError::io("rename", path, error)),
            }
        }
        Ok(removed)
    }

    /// The indexes; built from the log if they cannot be right.
    fn open_indexes(&mut self) -> Result<&mut Indexes, LogError> {
        if self.indexes.is_none() && !self.has_plausible_indexes()? {
            self.rebuild_indexes()?;
        }
        self.open_indexes_as_found()
    }

    /// Whether the last entries of both indexes agree with the batch they are about.
    fn has_plausible_indexes(&mut self) -> Result<bool, LogError> {
        let indexes = self.open_indexes_as_found()?;
        let offsets = indexes.offset.entries.len();
        let last = indexes.offset.entry_before(offsets)?;
        let max = indexes.time.last()?;
        if indexes.time.entries.len() < offsets {
            return Ok(false);
        }
        let position = last.map_or(0, |last| last.position);
        let Some(batch) = self.valid_batch_at(position)? else {
            return Ok(self.size == 0);
        };
        let is_there = match last {
            Some(last) => batch.header.last_offset() == last.last_offset,
            // Few bytes have no entry, and neither has a single batch of any size.
            None => self.size <= u64::from(self.index_interval_bytes) || batch.end() == self.size,
        };
        Ok(is_there && max.timestamp_ms >= batch.header.max_timestamp_ms)
    }

    /// The indexes as they are on the disk.
    fn open_indexes_as_found(&mut self) -> Result<&mut Indexes, LogError> {
        let indexes = match self.indexes.take() {
            Some(indexes) => indexes,
            None => {
                let base = self.base_offset;
                Indexes {
                    offset: OffsetIndex::open(
                        &*self.fs,
                        self.path_of(file_names::OFFSET_INDEX),
                        base,
                    )?,
                    time: TimeIndex::open(&*self.fs, self.path_of(file_names::TIME_INDEX), base)?,
                }
            }
        };
        Ok(self.indexes.insert(indexes))
    }

    /// Builds both indexes again from the log's headers.
    pub(crate) fn rebuild_indexes(&mut self) -> Result<(), LogError> {
        let file = self.file()?;
        let size = self.size;
        self.open_indexes_as_found()?.clear()?;
        self.rebuilt = true;
        self.forget_from(0)?;
        let mut scanner = BatchScanner::headers(&*file, 0, size);
        loop {
            match scanner.next_batch() {
                Ok(Some(batch)) => self.extend(&batch.header),
                Ok(None) => break,
                Err(error) => {
                    self.size = size;
                    return Err(self.scan_error(scanner.position(), error));
                }
            }
        }
        self.seal()
    }

    fn scan_error(&self, position: u64, error: ScanError) -> LogError {
        match error {
            ScanError::Io(error) => LogError::io("read", self.path(), error),
            ScanError::Invalid(reason) => {
                LogError::corrupt(self.path(), format!("at position {position}: {reason}"))
            }
        }
    }

    fn at_path<T>(&self, operation: &'static str, result: io::Result<T>) -> Result<T, LogError> {
        result.map_err(|error| LogError::io(operation, self.path(), error))
    }
}

impl Indexes {
    fn clear(&mut self) -> Result<(), LogError> {
        self.offset.entries.truncate(0)?;
        self.time.entries.truncate(0)
    }

    /// Keeps the first `len` entries; the files are not touched before the next write.
    fn rewind(&mut self, len: usize) {
        self.offset.entries.rewind(len);
        self.time.entries.rewind(len);
    }

    /// The time index goes first: it never has fewer entries than the offset index.
    fn write(&mut self) -> Result<(), LogError> {
        self.time.entries.write_pending()?;
        self.offset.entries.write_pending()
    }
}
