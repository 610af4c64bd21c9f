//! `Log`: one partition's records.
//!
//! Owns the segments, the bounds, the producers' state, the leader epochs and the tail cache; the last
//! segment is the active one, which is appended to. What it does is spread by verb: appending here,
//! reading in [`crate::reader`], opening in [`crate::recovery`], flushing in [`crate::flush`], getting
//! shorter in [`crate::retention`].
//!
//! Guarantees: an append is written with one system call and is all or nothing; offsets are dense.
//! After a failed write the file is cut back; if even that fails the log refuses to append until it
//! works, so that no reader ever meets a torn batch in the middle.

use std::{
    io::IoSlice,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::{BufMut, Bytes, BytesMut};
use rdkafka_records::{BATCH_HEADER_LEN, BatchHeader, EndTxnMarker, RecordBatch};

use crate::{
    AbortedTxn, LogConfig, LogError, OpenOptions, ProducerEntry, Recovered,
    flush::Unflushed,
    fs::Fs,
    leader_epoch::LeaderEpochs,
    producer_state::{ProducerStates, StagedProducers, Verdict},
    reader::Cursors,
    segment::{MAX_SEGMENT_BYTES, Segment},
    tail_cache::{CachedBatch, TailCache},
};

/// Appends up to this size that the tail cache keeps are copied into a buffer of their own: one slice per
/// batch for readers, and the cache does not keep a large request alive for its sake.
const COPY_UP_TO: usize = 16 << 10;

/// Where a log begins and ends. `start <= stable <= high_watermark <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogOffsets {
    /// First offset that can be read.
    pub start: i64,
    /// First offset of the oldest open transaction, else the high watermark.
    pub stable: i64,
    /// Offset after the last record a consumer may see: the end, or with `flush.messages=1` the end of what is on the disk.
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
    /// A coordinator of this broker: its records are taken as they are, and it may end transactions.
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
    /// Last offset of the first batch that has the largest timestamp.
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

/// Whether the log takes appends.
#[derive(Debug)]
pub(crate) enum Condition {
    Online,
    /// Bytes of a failed write may lie behind the last batch.
    Torn(Arc<str>),
    /// A flush failed: what is on the disk is not known any more.
    Offline(Arc<str>),
}

/// One partition's records on a disk.
#[derive(Debug)]
pub struct Log {
    pub(crate) fs: Arc<dyn Fs>,
    pub(crate) dir: Arc<Path>,
    pub(crate) config: LogConfig,
    /// Ascending; never empty; the last one is active.
    pub(crate) segments: Vec<Segment>,
    pub(crate) start_offset: i64,
    pub(crate) end_offset: i64,
    pub(crate) high_watermark: i64,
    pub(crate) recovery_point: i64,
    /// Everything below was compacted; may lag behind the start.
    pub(crate) cleaned_up_to: i64,
    /// The part of it that would survive the death of the machine.
    pub(crate) durably_cleaned_up_to: i64,
    pub(crate) producers: ProducerStates,
    pub(crate) epochs: LeaderEpochs,
    pub(crate) cache: TailCache,
    pub(crate) cursors: Cursors,
    pub(crate) unflushed: Unflushed,
    pub(crate) condition: Condition,
    /// Something was appended or read since [`Self::release_if_idle`] looked.
    pub(crate) is_used: bool,
}

/// An append that was found valid: its batches with their offsets, and what they do to producers.
struct Plan {
    headers: Vec<BatchHeader>,
    staged: StagedProducers,
    info: AppendInfo,
}

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
        self.append_all(&[batches], options)
    }

    /// [`Self::append`] for the batches of several requests, in this order: all of them or none. The kernel takes one
    /// large write for much less than several small ones.
    ///
    /// # Errors
    /// Nothing was appended. See [`LogError`].
    pub fn append_all(
        &mut self,
        parts: &[Bytes],
        options: &AppendOptions,
    ) -> Result<AppendInfo, LogError> {
        self.heal()?;
        self.is_used = true;
        let Plan {
            headers,
            staged,
            info,
        } = self.plan(parts, options)?;
        if info.duplicate {
            return Ok(info);
        }
        if self.wants_roll(&info)? {
            self.roll()?;
        }
        let keeps = self.cache.keeps(info.bytes);
        let mut written = Vec::with_capacity(headers.len());
        let mut rest = headers.iter();
        for part in parts {
            let copy = keeps && part.len() <= COPY_UP_TO;
            lay_out(part, &mut rest, copy, &mut written);
        }
        self.write(&written)?;
        let active = self.active();
        for header in &headers {
            active.extend(header);
        }
        for batch in written {
            self.cache.push(batch);
        }
        self.producers.commit(staged);
        self.epochs.assign(options.leader_epoch, info.base_offset);
        self.end_offset = info.last_offset + 1;
        self.settle_high_watermark();
        self.unflushed
            .add(info.records, info.bytes as u64, options.now_ms);
        Ok(info)
    }

    /// Where the log begins and ends.
    #[must_use]
    pub fn offsets(&self) -> LogOffsets {
        let high_watermark = self.high_watermark;
        let stable = self
            .producers
            .first_unstable_offset()
            .unwrap_or(high_watermark);
        let stable = stable.clamp(self.start_offset, high_watermark);
        LogOffsets {
            start: self.start_offset,
            stable,
            high_watermark,
            end: self.end_offset,
        }
    }

    /// Whether a transaction is open, so that records behind its first are not stable.
    #[must_use]
    pub fn has_open_transaction(&self) -> bool {
        self.producers.first_unstable_offset().is_some()
    }

    /// Bytes of all segments.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.segments.iter().map(Segment::size).sum()
    }

    /// Number of segments.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Newest leader epoch, or -1.
    #[must_use]
    pub fn leader_epoch(&self) -> i32 {
        self.epochs.latest()
    }

    /// The epoch asked for or the next lower one that the log knows, and where it ends
    /// (`OffsetForLeaderEpoch`); `None` if there is none.
    #[must_use]
    pub fn end_offset_for_epoch(&self, leader_epoch: i32) -> Option<(i32, i64)> {
        self.epochs.end_offset(leader_epoch, self.end_offset)
    }

    /// The producers that the log remembers.
    pub fn producers(&self) -> impl Iterator<Item = ProducerEntry> + '_ {
        self.producers.entries()
    }

    /// The aborted transactions that have records between two offsets, and perhaps more.
    #[must_use]
    pub fn aborted_between(&self, from: i64, to: i64) -> Vec<AbortedTxn> {
        self.producers.aborted_between(from, to)
    }

    /// Its settings.
    #[must_use]
    pub const fn config(&self) -> &LogConfig {
        &self.config
    }

    /// New settings; they hold from the next operation on, `index_interval_bytes` from the next segment.
    pub fn set_config(&mut self, config: LogConfig) {
        self.cache = TailCache::new(config.tail_cache_bytes, config.cache_budget.clone());
        self.config = config;
        self.settle_high_watermark();
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Closes the files of a log that nobody used since the last call, so that a broker of many partitions holds few
    /// files open. What is needed later is opened again.
    ///
    /// # Errors
    /// When buffered index entries cannot be written; the files then stay open.
    pub fn release_if_idle(&mut self) -> Result<(), LogError> {
        if std::mem::take(&mut self.is_used) {
            return Ok(());
        }
        self.release()
    }

    /// Closes the files, which are opened again when they are needed.
    ///
    /// # Errors
    /// As [`Self::release_if_idle`].
    pub fn release(&mut self) -> Result<(), LogError> {
        self.segments.iter_mut().try_for_each(Segment::release)
    }

    /// Whether appends are refused until the log is opened again.
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        matches!(self.condition, Condition::Offline(_))
    }

    /// Makes everything durable and ends the log; returns the recovery point for the checkpoint. A log
    /// that is dropped instead loses nothing, but its unflushed tail is checked at the next open.
    ///
    /// # Errors
    /// As [`Log::flush`].
    pub fn close(mut self) -> Result<i64, LogError> {
        self.active().write_indexes()?;
        self.unflushed.wants_snapshot();
        self.flush()
    }

    /// Lets readers see what is written or, where nobody is told of an append before it is on the disk, what is there.
    /// What they saw once they may see again.
    pub(crate) fn settle_high_watermark(&mut self) {
        let visible = match self.config.flush_messages {
            Some(1) => self.recovery_point,
            _ => self.end_offset,
        };
        let highest = self.high_watermark.max(visible);
        self.high_watermark = highest.min(self.end_offset).max(self.start_offset);
    }

    /// The segment that is appended to.
    pub(crate) fn active(&mut self) -> &mut Segment {
        // Construction makes one, and whatever removes segments keeps or makes one.
        self.segments.last_mut().expect("a log has a segment")
    }

    /// Undoes a failed write that could not be undone before.
    pub(crate) fn heal(&mut self) -> Result<(), LogError> {
        match &self.condition {
            Condition::Online => Ok(()),
            Condition::Offline(reason) => Err(LogError::Offline {
                reason: Arc::clone(reason),
            }),
            Condition::Torn(reason) => {
                let reason = Arc::clone(reason);
                if self.active().cut_torn_write().is_err() {
                    return Err(LogError::Offline { reason });
                }
                self.condition = Condition::Online;
                Ok(())
            }
        }
    }

    /// Judges the batches and gives them offsets, without changing anything.
    fn plan(&self, parts: &[Bytes], options: &AppendOptions) -> Result<Plan, LogError> {
        let bytes = parts.iter().map(Bytes::len).sum();
        if bytes as u64 > MAX_SEGMENT_BYTES {
            let limit = MAX_SEGMENT_BYTES as usize;
            return Err(LogError::BatchTooLarge { size: bytes, limit });
        }
        let mut headers = Vec::with_capacity(parts.len());
        let mut staged = StagedProducers::default();
        let mut info = AppendInfo {
            base_offset: self.end_offset,
            last_offset: self.end_offset - 1,
            max_timestamp_ms: -1,
            offset_of_max_timestamp: self.end_offset,
            records: 0,
            bytes,
            log_start_offset: self.start_offset,
            duplicate: false,
        };
        let mut rest = parts.iter();
        let (mut batches, mut at) = (&Bytes::new(), 0);
        loop {
            if at == batches.len() {
                let Some(next) = rest.next() else { break };
                (batches, at) = (next, 0);
                continue;
            }
            let mut header = BatchHeader::parse(&batches[at..])
                .map_err(|error| LogError::invalid_batch(error.to_string()))?;
            let size = header.encoded_len();
            self.check_size(size, batches.len() - at)?;
            header.base_offset = info.last_offset + 1;
            header.partition_leader_epoch = options.leader_epoch;
            let marker = marker_of(&header, batches, at)?;
            match self.judge(&staged, &header, marker.as_ref(), options.origin)? {
                Verdict::Accept => {}
                Verdict::Duplicate(range) => {
                    return Ok(Plan {
                        headers: Vec::new(),
                        staged: StagedProducers::default(),
                        info: AppendInfo {
                            base_offset: range.first_offset,
                            last_offset: range.last_offset,
                            max_timestamp_ms: range.timestamp_ms,
                            offset_of_max_timestamp: range.last_offset,
                            records: 0,
                            bytes: 0,
                            duplicate: true,
                            ..info
                        },
                    });
                }
            }
            self.producers
                .stage(&mut staged, &header, marker.as_ref(), options.now_ms);
            info.last_offset = header.last_offset();
            info.records += u64::from(header.record_count);
            if header.max_timestamp_ms > info.max_timestamp_ms {
                info.max_timestamp_ms = header.max_timestamp_ms;
                info.offset_of_max_timestamp = header.last_offset();
            }
            headers.push(header);
            at += size;
        }
        if headers.is_empty() {
            return Err(LogError::invalid_batch("there is no batch"));
        }
        if info.last_offset == i64::MAX {
            return Err(LogError::invalid_batch(
                "the log is at the last possible offset",
            ));
        }
        Ok(Plan {
            headers,
            staged,
            info,
        })
    }

    fn check_size(&self, size: usize, available: usize) -> Result<(), LogError> {
        if size > available {
            let reason = format!("a batch of {size} bytes, {available} are there");
            return Err(LogError::invalid_batch(reason));
        }
        let limit = self.config.max_message_bytes as usize;
        if size > limit {
            return Err(LogError::BatchTooLarge { size, limit });
        }
        Ok(())
    }

    fn judge(
        &self,
        staged: &StagedProducers,
        header: &BatchHeader,
        marker: Option<&EndTxnMarker>,
        origin: AppendOrigin,
    ) -> Result<Verdict, LogError> {
        if origin == AppendOrigin::Coordinator {
            if let Some(marker) = marker {
                self.producers.judge_marker(staged, header, marker)?;
            }
            return Ok(Verdict::Accept);
        }
        if header.attributes.is_control() {
            return Err(LogError::invalid_batch(
                "a producer may not write control records",
            ));
        }
        if !header.has_producer_id() {
            return Ok(Verdict::Accept);
        }
        if header.base_sequence < 0 || header.producer_epoch < 0 {
            return Err(LogError::invalid_batch(
                "a producer id without epoch or sequence",
            ));
        }
        self.producers.judge(staged, header)
    }

    /// Whether the batches belong into a new segment.
    fn wants_roll(&mut self, info: &AppendInfo) -> Result<bool, LogError> {
        let segment_bytes = self.config.segment_bytes.min(MAX_SEGMENT_BYTES);
        let index_bytes = self.config.segment_index_bytes;
        let base_offset = self.active().base_offset();
        let segment_ms = self.config.segment_ms - self.jitter_ms(base_offset);
        let active = self.active();
        if active.size() == 0 {
            return Ok(!active.can_hold(info.last_offset));
        }
        if active.size() + info.bytes as u64 > segment_bytes || !active.can_hold(info.last_offset) {
            return Ok(true);
        }
        if active.has_full_index(index_bytes)? {
            return Ok(true);
        }
        let first = active.first_timestamp_ms()?.filter(|first| *first >= 0);
        Ok(first.is_some_and(|first| info.max_timestamp_ms.saturating_sub(first) > segment_ms))
    }

    /// By how much earlier a segment is rolled: by chance, but always the same for it.
    fn jitter_ms(&self, base_offset: i64) -> i64 {
        let limit = self.config.segment_jitter_ms.min(self.config.segment_ms);
        if limit <= 0 {
            return 0;
        }
        let log = crc_fast::crc32_iscsi(self.dir.as_os_str().as_encoded_bytes());
        fastrand::Rng::with_seed(u64::from(log) << 32 ^ base_offset as u64).i64(0..limit)
    }

    /// Starts a new segment at the end of the log.
    pub(crate) fn roll(&mut self) -> Result<(), LogError> {
        let interval = self.config.index_interval_bytes;
        let next = Segment::create(&self.fs, &self.dir, self.end_offset, interval)?;
        // What cannot be written now stays in memory; the flush tries again and reports.
        let _ = self.active().seal();
        let sealed = self.active().base_offset();
        self.unflushed
            .seal(sealed, self.end_offset, self.producers.encode());
        self.segments.push(next);
        Ok(())
    }

    /// Writes the batches with one call; undoes what a failed one wrote.
    fn write(&mut self, batches: &[CachedBatch]) -> Result<(), LogError> {
        let mut chunks: Vec<IoSlice<'_>> = Vec::with_capacity(batches.len() * 2);
        for batch in batches {
            chunks.push(IoSlice::new(&batch.head));
            if !batch.body.is_empty() {
                chunks.push(IoSlice::new(&batch.body));
            }
        }
        let active = self.active();
        active.prepare()?;
        let Err(error) = active.write(&mut chunks) else {
            return Ok(());
        };
        if let Err(cut) = active.cut_torn_write() {
            self.condition = Condition::Torn(format!("{error}, and {cut}").into());
        }
        Err(error)
    }
}

/// The marker of a control batch that ends a transaction.
fn marker_of(
    header: &BatchHeader,
    batches: &Bytes,
    at: usize,
) -> Result<Option<EndTxnMarker>, LogError> {
    if !header.attributes.is_control() {
        return Ok(None);
    }
    let batch = RecordBatch::parse(batches.slice(at..at + header.encoded_len()))
        .map_err(|error| LogError::invalid_batch(error.to_string()))?;
    Ok(EndTxnMarker::from_batch(&batch))
}

/// The bytes to write: the batches behind their new headers, copied together or as they are.
fn lay_out<'a>(
    batches: &Bytes,
    headers: &mut impl Iterator<Item = &'a BatchHeader>,
    copy: bool,
    written: &mut Vec<CachedBatch>,
) {
    let mut copied = BytesMut::with_capacity(if copy { batches.len() } else { 0 });
    let mut at = 0;
    while at < batches.len() {
        // Planned: there is a header for each batch.
        let Some(header) = headers.next() else { return };
        let body = at + BATCH_HEADER_LEN..at + header.encoded_len();
        at = body.end;
        let (head, body) = if copy {
            copied.put_slice(&header.to_bytes());
            copied.put_slice(&batches[body]);
            (copied.split().freeze(), Bytes::new())
        } else {
            (
                Bytes::copy_from_slice(&header.to_bytes()),
                batches.slice(body),
            )
        };
        written.push(CachedBatch {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            head,
            body,
        });
    }
}
