//! The open batch: records are encoded straight into the buffer that will be sent.
//!
//! Owns one growing buffer with room for the header in front. Guarantees: the one copy of a record's
//! bytes happens here, and nothing is allocated per record but the buffer's amortised growth.
//! Leaves to others when a batch is full or due (the accumulator), and who may touch it (it is `&mut`).

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::batches::recompress_body;
use crate::encode::{Fields, Numbers, WRITE_SLACK};
use crate::header::{BATCH_HEADER_LEN, LENGTH_PREFIX};
use crate::patch::write_crc;
use crate::{
    Attributes, BatchHeader, Compression, CompressionError, Header, NO_PARTITION_LEADER_EPOCH,
    NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, TimestampType,
};

/// The largest batch there can be: its length field has 31 bits.
const BATCH_LEN_MAX: usize = i32::MAX as usize;
/// The least that a builder's buffer grows to.
const GROWTH_MIN: usize = 1024;

/// A record batch under construction.
#[derive(Debug)]
pub struct BatchBuilder {
    /// Header space, then the records, then room that holds nothing yet. A plain slice to write into is what
    /// makes an append cheap: a buffer's length would be stored and loaded again with every field.
    buffer: BytesMut,
    /// Where the next record goes.
    end: usize,
    count: u32,
    last_offset_delta: i32,
    base_timestamp_ms: i64,
    /// The base timestamp is the caller's, not the first record's.
    has_own_base: bool,
    max_timestamp_ms: i64,
}

/// What the header of a finished batch says beyond its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Codec of the records. Records that it cannot make smaller stay uncompressed.
    pub compression: Compression,
    /// Compression level; `None` is the codec's default, others are clamped to what the codec knows.
    pub level: Option<i32>,
    /// Idempotent producer, or -1.
    pub producer_id: i64,
    /// Its epoch, or -1.
    pub producer_epoch: i16,
    /// Sequence number of the first record, or -1.
    pub base_sequence: i32,
    /// Whether the batch belongs to a transaction.
    pub transactional: bool,
    /// Which clock the timestamps come from.
    pub timestamp_type: TimestampType,
}

impl Default for Seal {
    fn default() -> Self {
        Self {
            compression: Compression::None,
            level: None,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            transactional: false,
            timestamp_type: TimestampType::CreateTime,
        }
    }
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl BatchBuilder {
    /// An empty batch without memory of its own yet; it grows by doubling. Right for batches that mostly
    /// leave before they are full.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty batch that can grow to `bytes` (header included) without moving.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        let room = if bytes == 0 {
            0
        } else {
            bytes.saturating_add(WRITE_SLACK)
        };
        Self {
            buffer: BytesMut::zeroed(room),
            end: BATCH_HEADER_LEN,
            count: 0,
            last_offset_delta: -1,
            base_timestamp_ms: NO_TIMESTAMP,
            has_own_base: false,
            max_timestamp_ms: NO_TIMESTAMP,
        }
    }

    /// An empty batch in memory that held something before, as [`Self::into_memory`] and a sealed batch that nobody
    /// looks at any more give it: what it holds is overwritten, which costs less than fresh memory.
    #[must_use]
    pub fn in_memory(memory: BytesMut) -> Self {
        Self {
            buffer: memory,
            ..Self::with_capacity(0)
        }
    }

    /// Gives the memory away, with whatever it holds.
    #[must_use]
    pub fn into_memory(self) -> BytesMut {
        self.buffer
    }

    /// Forgets the records and keeps the memory.
    pub const fn reset(&mut self) {
        self.end = BATCH_HEADER_LEN;
        self.count = 0;
        self.last_offset_delta = -1;
        self.base_timestamp_ms = NO_TIMESTAMP;
        self.has_own_base = false;
        self.max_timestamp_ms = NO_TIMESTAMP;
    }

    /// Lets the records' timestamps count from `base_timestamp_ms` instead of the first record's; for an
    /// empty builder that is to be finished by [`Self::seal_rewritten`].
    pub const fn start_at(&mut self, base_timestamp_ms: i64) {
        self.base_timestamp_ms = base_timestamp_ms;
        self.has_own_base = true;
    }

    /// Number of records so far.
    #[must_use]
    pub const fn record_count(&self) -> u32 {
        self.count
    }

    /// Whether there are no records yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of the batch as it stands, header included, before compression.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.end
    }

    /// Bytes that this record would add, exactly.
    #[must_use]
    pub fn record_len<'h, H>(
        &self,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> usize
    where
        H: IntoIterator<Item = Header<'h>>,
    {
        let fields = self.fields(self.next_offset_delta(), timestamp_ms, key, value);
        Numbers::new(&fields, headers.into_iter()).total
    }

    /// Appends a record and returns its index: its offset minus the base offset, and its sequence number
    /// minus the base sequence.
    ///
    /// `headers` is walked twice, once for the lengths. For no headers pass `[]`; a fetched record's
    /// [`crate::Headers`] fit too.
    ///
    /// # Errors
    /// [`AppendError`] when the batch would pass 2^31-1 bytes or records; nothing was appended then.
    #[inline]
    pub fn append<'h, H>(
        &mut self,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<u32, AppendError>
    where
        H: IntoIterator<Item = Header<'h>, IntoIter: Clone>,
    {
        self.append_within(BATCH_LEN_MAX, timestamp_ms, key, value, headers)
    }

    /// As [`Self::append`], if the batch stays within `bytes_max`; the first record is let in whatever its
    /// size, so that an oversized record still finds a batch, its own.
    ///
    /// # Errors
    /// [`AppendError`] when the record does not fit; nothing was appended then.
    #[inline]
    pub fn append_within<'h, H>(
        &mut self,
        bytes_max: usize,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<u32, AppendError>
    where
        H: IntoIterator<Item = Header<'h>, IntoIter: Clone>,
    {
        let bytes_max = if self.count == 0 {
            BATCH_LEN_MAX
        } else {
            bytes_max.min(BATCH_LEN_MAX)
        };
        let fields = self.fields(self.next_offset_delta(), timestamp_ms, key, value);
        self.push(bytes_max, timestamp_ms, &fields, headers.into_iter())
    }

    /// Appends a record at a given distance from the base offset, for rewriting batches that compaction
    /// left holes in. The distances must go up.
    ///
    /// # Errors
    /// [`AppendError`] when `offset_delta` is not above the last one, or the batch would pass 2^31-1 bytes.
    pub fn append_at<'h, H>(
        &mut self,
        offset_delta: i32,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<u32, AppendError>
    where
        H: IntoIterator<Item = Header<'h>, IntoIter: Clone>,
    {
        if offset_delta <= self.last_offset_delta {
            return Err(AppendError);
        }
        let fields = self.fields(offset_delta, timestamp_ms, key, value);
        self.push(BATCH_LEN_MAX, timestamp_ms, &fields, headers.into_iter())
    }

    /// Finishes the batch: header, compression, CRC. The builder is empty afterwards; it keeps its memory
    /// when the records were compressed, else the memory goes with the batch.
    ///
    /// # Errors
    /// [`SealError::Empty`] without records, or when the codec fails.
    pub fn seal(&mut self, seal: &Seal) -> Result<Bytes, SealError> {
        if self.count == 0 {
            return Err(SealError::Empty);
        }
        self.seal_as(self.header(seal), seal.compression, seal.level)
    }

    /// Finishes a batch that takes the place of `original` in a log: same offsets, producer, sequence and kind, the
    /// records that were appended (perhaps none). With `delete_horizon_ms`, which [`Self::start_at`] was given too, the
    /// batch says from when on its tombstones may go (KIP-534).
    ///
    /// # Errors
    /// When the codec fails.
    pub fn seal_rewritten(
        &mut self,
        original: &BatchHeader,
        delete_horizon_ms: Option<i64>,
        compression: Compression,
    ) -> Result<Bytes, SealError> {
        let mut header = *original;
        header.attributes = header
            .attributes
            .with_delete_horizon(delete_horizon_ms.is_some());
        if self.count == 0 {
            self.buffer
                .resize(self.buffer.len().max(BATCH_HEADER_LEN), 0);
            self.base_timestamp_ms = delete_horizon_ms.unwrap_or(original.base_timestamp_ms);
            return self.seal_as(header, Compression::None, None);
        }
        if header.attributes.timestamp_type() == TimestampType::CreateTime {
            header.max_timestamp_ms = self.max_timestamp_ms;
        }
        self.seal_as(header, compression, None)
    }

    /// Finishes the batch with a header of the caller's, as control batches need it. Length, count, base
    /// timestamp, codec and CRC are computed, the rest is taken as it is.
    pub(crate) fn seal_as(
        &mut self,
        mut header: BatchHeader,
        compression: Compression,
        level: Option<i32>,
    ) -> Result<Bytes, SealError> {
        header.record_count = self.count;
        header.base_timestamp_ms = self.base_timestamp_ms;
        let packed = match compression {
            Compression::None => None,
            codec => recompress_body(codec, level, &self.buffer[BATCH_HEADER_LEN..self.end])?,
        };
        let batch = match packed {
            Some(mut packed) => {
                header.attributes = header.attributes.with_compression(compression);
                finish(&mut packed, &mut header);
                Bytes::from(packed)
            }
            None => {
                header.attributes = header.attributes.with_compression(Compression::None);
                let mut plain = std::mem::take(&mut self.buffer);
                plain.truncate(self.end);
                finish(&mut plain, &mut header);
                plain.freeze()
            }
        };
        self.reset();
        Ok(batch)
    }

    fn header(&self, seal: &Seal) -> BatchHeader {
        BatchHeader {
            base_offset: 0,
            batch_length: 0,
            partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
            crc: 0,
            attributes: Attributes::default()
                .with_timestamp_type(seal.timestamp_type)
                .with_transactional(seal.transactional),
            last_offset_delta: self.last_offset_delta,
            base_timestamp_ms: self.base_timestamp_ms,
            max_timestamp_ms: self.max_timestamp_ms,
            producer_id: seal.producer_id,
            producer_epoch: seal.producer_epoch,
            base_sequence: seal.base_sequence,
            record_count: self.count,
        }
    }

    /// Negative once all 2^31 deltas are used.
    const fn next_offset_delta(&self) -> i32 {
        self.last_offset_delta.wrapping_add(1)
    }

    #[inline]
    fn fields<'a>(
        &self,
        offset_delta: i32,
        timestamp_ms: i64,
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
    ) -> Fields<'a> {
        let base = if self.count == 0 && !self.has_own_base {
            timestamp_ms
        } else {
            self.base_timestamp_ms
        };
        Fields {
            timestamp_delta: timestamp_ms.wrapping_sub(base),
            offset_delta,
            key,
            value,
        }
    }

    #[inline]
    fn push<'h>(
        &mut self,
        bytes_max: usize,
        timestamp_ms: i64,
        fields: &Fields<'_>,
        headers: impl Iterator<Item = Header<'h>> + Clone,
    ) -> Result<u32, AppendError> {
        let numbers = Numbers::new(fields, headers.clone());
        if fields.offset_delta < 0 || numbers.total > bytes_max.saturating_sub(self.end) {
            return Err(AppendError);
        }
        let end = self.end + numbers.total;
        if self.buffer.len() < end + WRITE_SLACK {
            self.grow(end + WRITE_SLACK, bytes_max);
        }
        numbers.write(&mut self.buffer[self.end..], fields, headers);
        self.end = end;
        let index = self.count;
        if index == 0 {
            if !self.has_own_base {
                self.base_timestamp_ms = timestamp_ms;
            }
            self.max_timestamp_ms = timestamp_ms;
        }
        self.max_timestamp_ms = self.max_timestamp_ms.max(timestamp_ms);
        self.last_offset_delta = fields.offset_delta;
        self.count += 1;
        Ok(index)
    }

    #[cold]
    fn grow(&mut self, needed: usize, bytes_max: usize) {
        let most = bytes_max.saturating_add(WRITE_SLACK);
        let doubled = (2 * self.buffer.len()).max(GROWTH_MIN).min(most);
        let len = match self.buffer.capacity() {
            there if (needed..=doubled).contains(&there) => there,
            _ => needed.max(doubled),
        };
        self.buffer.resize(len, 0);
    }
}

/// Writes header and CRC in front of records that are in place.
pub(crate) fn finish(batch: &mut [u8], header: &mut BatchHeader) {
    // Fits: the builder keeps batches below 2^31 bytes, and a codec's output is used only when smaller.
    header.batch_length = (batch.len() - LENGTH_PREFIX) as i32;
    batch[..BATCH_HEADER_LEN].copy_from_slice(&header.to_bytes());
    write_crc(batch);
}

/// The record does not fit into the batch any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendError;

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record does not fit into the batch")
    }
}

impl std::error::Error for AppendError {}

/// Why a batch could not be finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealError {
    /// There are no records.
    Empty,
    /// The codec failed.
    Compression(CompressionError),
}

impl From<CompressionError> for SealError {
    fn from(error: CompressionError) -> Self {
        Self::Compression(error)
    }
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a batch needs at least one record"),
            Self::Compression(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SealError {}
