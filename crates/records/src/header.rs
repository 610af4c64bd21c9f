//! The 61-byte header of a record batch (magic 2), parsed once and then trusted.
//!
//! Owns the layout: every other module asks here where a field lies. Leaves the records behind the
//! header to [`crate::RecordBatch`] and writing single fields to the `patch_*` functions.

use std::fmt;

use crate::Compression;

/// Bytes of a record batch before its records.
pub const BATCH_HEADER_LEN: usize = 61;

/// Where the fields of the header lie.
pub(crate) mod field {
    pub(crate) const BASE_OFFSET: usize = 0;
    pub(crate) const BATCH_LENGTH: usize = 8;
    pub(crate) const PARTITION_LEADER_EPOCH: usize = 12;
    pub(crate) const MAGIC: usize = 16;
    pub(crate) const CRC: usize = 17;
    pub(crate) const ATTRIBUTES: usize = 21;
    pub(crate) const LAST_OFFSET_DELTA: usize = 23;
    pub(crate) const BASE_TIMESTAMP: usize = 27;
    pub(crate) const MAX_TIMESTAMP: usize = 35;
    pub(crate) const PRODUCER_ID: usize = 43;
    pub(crate) const PRODUCER_EPOCH: usize = 51;
    pub(crate) const BASE_SEQUENCE: usize = 53;
    pub(crate) const RECORD_COUNT: usize = 57;
}

/// Base offset and length: what comes before the bytes that `batch_length` counts.
pub(crate) const LENGTH_PREFIX: usize = 12;

/// Which clock the timestamps of a batch come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// Message format v0: there are no timestamps.
    NotAvailable,
    /// The producer's clock, or whatever the producer said.
    #[default]
    CreateTime,
    /// The broker's clock at the append; the batch's max timestamp holds for all its records.
    LogAppendTime,
}

/// The attribute bits of a record batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes(i16);

impl Attributes {
    const COMPRESSION: i16 = 0b111;
    const LOG_APPEND_TIME: i16 = 1 << 3;
    const TRANSACTIONAL: i16 = 1 << 4;
    const CONTROL: i16 = 1 << 5;
    const DELETE_HORIZON: i16 = 1 << 6;

    /// The attributes as they stand in the header, unknown bits kept.
    #[must_use]
    pub const fn from_bits(bits: i16) -> Self {
        Self(bits)
    }

    /// The bits as they stand in the header.
    #[must_use]
    pub const fn bits(self) -> i16 {
        self.0
    }

    /// How the records are compressed.
    ///
    /// # Errors
    /// [`BatchError::UnknownCompression`] for the ids that Kafka has not given a codec.
    pub fn compression(self) -> Result<Compression, BatchError> {
        let id = (self.0 & Self::COMPRESSION) as u8;
        Compression::from_id(id).ok_or(BatchError::UnknownCompression(id))
    }

    /// Which clock the timestamps come from.
    #[must_use]
    pub const fn timestamp_type(self) -> TimestampType {
        if self.0 & Self::LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub const fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    /// Whether the records are for the client itself (transaction markers), not for the application.
    #[must_use]
    pub const fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// Whether the base timestamp is the time from which compaction may drop the batch's tombstones.
    #[must_use]
    pub const fn has_delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }

    /// The same attributes with another codec.
    #[must_use]
    pub const fn with_compression(self, compression: Compression) -> Self {
        Self((self.0 & !Self::COMPRESSION) | compression.id() as i16)
    }

    /// The same attributes with another clock; [`TimestampType::NotAvailable`] counts as create time.
    #[must_use]
    pub const fn with_timestamp_type(self, timestamp_type: TimestampType) -> Self {
        self.with(
            Self::LOG_APPEND_TIME,
            matches!(timestamp_type, TimestampType::LogAppendTime),
        )
    }

    /// The same attributes, in or out of a transaction.
    #[must_use]
    pub const fn with_transactional(self, transactional: bool) -> Self {
        self.with(Self::TRANSACTIONAL, transactional)
    }

    /// The same attributes, with control records or without.
    #[must_use]
    pub const fn with_control(self, control: bool) -> Self {
        self.with(Self::CONTROL, control)
    }

    /// The same attributes, with the base timestamp as the delete horizon or not.
    #[must_use]
    pub const fn with_delete_horizon(self, horizon: bool) -> Self {
        self.with(Self::DELETE_HORIZON, horizon)
    }

    const fn with(self, bit: i16, set: bool) -> Self {
        Self(if set { self.0 | bit } else { self.0 & !bit })
    }
}

/// The header of a record batch (magic 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record; 0 from a producer, the broker assigns it.
    pub base_offset: i64,
    /// Bytes of the batch after this very field (offset and length itself do not count).
    pub batch_length: i32,
    /// Epoch of the leader that appended the batch; not covered by the CRC.
    pub partition_leader_epoch: i32,
    /// CRC-32C of everything from the attributes to the end of the batch.
    pub crc: u32,
    /// Compression, clock, transaction and control bits.
    pub attributes: Attributes,
    /// Offset of the last record, minus the base offset. Compaction keeps it when records go.
    pub last_offset_delta: i32,
    /// Timestamp that the records' timestamps count from.
    pub base_timestamp_ms: i64,
    /// Largest timestamp of the batch.
    pub max_timestamp_ms: i64,
    /// Idempotent producer, or -1.
    pub producer_id: i64,
    /// Its epoch, or -1.
    pub producer_epoch: i16,
    /// Sequence number of the first record, or -1.
    pub base_sequence: i32,
    /// Number of records in the batch; compaction can leave fewer than offsets, even none.
    pub record_count: u32,
}

impl BatchHeader {
    /// Parses the header at the front of `bytes`; the records need not be at hand.
    ///
    /// # Errors
    /// When there are fewer than 61 bytes, the magic is not 2, or a length or count is impossible.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let Some(bytes) = bytes.first_chunk::<BATCH_HEADER_LEN>() else {
            return Err(BatchError::Truncated {
                needed: BATCH_HEADER_LEN,
                available: bytes.len(),
            });
        };
        let magic = bytes[field::MAGIC] as i8;
        if magic != 2 {
            return Err(BatchError::UnsupportedMagic(magic));
        }
        let batch_length = i32_at(bytes, field::BATCH_LENGTH);
        if batch_length < (BATCH_HEADER_LEN - LENGTH_PREFIX) as i32 {
            return Err(BatchError::InvalidLength(batch_length));
        }
        let last_offset_delta = i32_at(bytes, field::LAST_OFFSET_DELTA);
        let record_count = i32_at(bytes, field::RECORD_COUNT);
        let Ok(count) = u32::try_from(record_count) else {
            return Err(BatchError::InvalidRecordCount {
                record_count,
                last_offset_delta,
            });
        };
        if last_offset_delta < 0 || record_count - 1 > last_offset_delta {
            return Err(BatchError::InvalidRecordCount {
                record_count,
                last_offset_delta,
            });
        }
        Ok(Self {
            base_offset: i64_at(bytes, field::BASE_OFFSET),
            batch_length,
            partition_leader_epoch: i32_at(bytes, field::PARTITION_LEADER_EPOCH),
            crc: i32_at(bytes, field::CRC) as u32,
            attributes: Attributes(i16_at(bytes, field::ATTRIBUTES)),
            last_offset_delta,
            base_timestamp_ms: i64_at(bytes, field::BASE_TIMESTAMP),
            max_timestamp_ms: i64_at(bytes, field::MAX_TIMESTAMP),
            producer_id: i64_at(bytes, field::PRODUCER_ID),
            producer_epoch: i16_at(bytes, field::PRODUCER_EPOCH),
            base_sequence: i32_at(bytes, field::BASE_SEQUENCE),
            record_count: count,
        })
    }

    /// The header as bytes. With a new base offset or leader epoch it can be written in front of the
    /// untouched rest of the batch, as neither is covered by the CRC.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; BATCH_HEADER_LEN] {
        let mut bytes = [0; BATCH_HEADER_LEN];
        put(
            &mut bytes,
            field::BASE_OFFSET,
            self.base_offset.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::BATCH_LENGTH,
            self.batch_length.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::PARTITION_LEADER_EPOCH,
            self.partition_leader_epoch.to_be_bytes(),
        );
        bytes[field::MAGIC] = 2;
        put(&mut bytes, field::CRC, self.crc.to_be_bytes());
        put(
            &mut bytes,
            field::ATTRIBUTES,
            self.attributes.0.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::LAST_OFFSET_DELTA,
            self.last_offset_delta.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::BASE_TIMESTAMP,
            self.base_timestamp_ms.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::MAX_TIMESTAMP,
            self.max_timestamp_ms.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::PRODUCER_ID,
            self.producer_id.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::PRODUCER_EPOCH,
            self.producer_epoch.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::BASE_SEQUENCE,
            self.base_sequence.to_be_bytes(),
        );
        put(
            &mut bytes,
            field::RECORD_COUNT,
            self.record_count.to_be_bytes(),
        );
        bytes
    }

    /// Bytes of the whole batch, header included.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        // Not negative: parse refuses lengths below the header's.
        LENGTH_PREFIX + self.batch_length as usize
    }

    /// Offset of the batch's last record.
    #[must_use]
    pub const fn last_offset(&self) -> i64 {
        self.base_offset
            .saturating_add(self.last_offset_delta as i64)
    }

    /// Offset after the batch: where the next one starts.
    #[must_use]
    pub const fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Sequence number of the batch's last record, or -1. Sequences wrap from 2^31-1 to 0.
    #[must_use]
    pub const fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return crate::NO_SEQUENCE;
        }
        let last = self.base_sequence as i64 + self.last_offset_delta as i64;
        (last & i32::MAX as i64) as i32
    }

    /// Whether an idempotent producer wrote the batch.
    #[must_use]
    pub const fn has_producer_id(&self) -> bool {
        self.producer_id >= 0
    }
}

/// Checks the CRC-32C of a whole batch.
///
/// # Errors
/// When the header does not parse, `batch` is not exactly one batch, or the CRC differs.
pub fn verify_crc(batch: &[u8]) -> Result<(), BatchError> {
    let header = BatchHeader::parse(batch)?;
    check_length(&header, batch)?;
    check_crc(&header, batch)
}

/// Checks a batch as a broker must before it appends it, without looking at a single record: one whole
/// batch of magic 2, a known codec, `record_count == last_offset_delta + 1 > 0`, and the CRC.
/// Whether the records themselves are sound is [`crate::PlainBatch::validate`]'s question.
///
/// # Errors
/// The first check that fails.
pub fn validate_produced(batch: &[u8]) -> Result<BatchHeader, BatchError> {
    let header = BatchHeader::parse(batch)?;
    check_length(&header, batch)?;
    header.attributes.compression()?;
    if i64::from(header.record_count) != i64::from(header.last_offset_delta) + 1 {
        return Err(BatchError::InvalidRecordCount {
            // Fits: it was read from 32 signed bits.
            record_count: header.record_count as i32,
            last_offset_delta: header.last_offset_delta,
        });
    }
    check_crc(&header, batch)?;
    Ok(header)
}

fn check_length(header: &BatchHeader, batch: &[u8]) -> Result<(), BatchError> {
    let declared = header.encoded_len();
    if declared == batch.len() {
        return Ok(());
    }
    Err(BatchError::LengthMismatch {
        declared,
        actual: batch.len(),
    })
}

/// Has the processor asked what it can do, which the first checksum of a process does otherwise: a virtual machine takes
/// tens of microseconds for it. For a thread that has nothing to do while another one waits for the network.
pub fn prepare_checksums() {
    std::hint::black_box(crc_fast::crc32_iscsi(&[0; BATCH_HEADER_LEN]));
}

fn check_crc(header: &BatchHeader, batch: &[u8]) -> Result<(), BatchError> {
    let computed = crc_fast::crc32_iscsi(&batch[field::ATTRIBUTES..]);
    if computed == header.crc {
        return Ok(());
    }
    Err(BatchError::CrcMismatch {
        stored: header.crc,
        computed,
    })
}

/// Why bytes are not a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// There are fewer bytes than the batch, or its header, takes.
    Truncated {
        /// Bytes it takes.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// A magic that is unknown, or not allowed here.
    UnsupportedMagic(i8),
    /// A length field that no batch or message can have.
    InvalidLength(i32),
    /// The length field disagrees with the bytes handed over.
    LengthMismatch {
        /// Bytes of the batch by its header.
        declared: usize,
        /// Bytes there are.
        actual: usize,
    },
    /// The CRC does not match the bytes.
    CrcMismatch {
        /// As the header says.
        stored: u32,
        /// As the bytes say.
        computed: u32,
    },
    /// The number of records is impossible for the offsets the batch covers.
    InvalidRecordCount {
        /// As the header says.
        record_count: i32,
        /// Last offset minus base offset.
        last_offset_delta: i32,
    },
    /// A compression id without a codec.
    UnknownCompression(u8),
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed, available } => {
                write!(
                    f,
                    "record batch cut off: {needed} bytes needed, {available} there"
                )
            }
            Self::UnsupportedMagic(magic) => write!(f, "unsupported magic {magic}"),
            Self::InvalidLength(length) => write!(f, "invalid batch length {length}"),
            Self::LengthMismatch { declared, actual } => {
                write!(
                    f,
                    "batch of {declared} bytes by its header, {actual} bytes there"
                )
            }
            Self::CrcMismatch { stored, computed } => {
                write!(
                    f,
                    "CRC mismatch: {stored:#010x} stored, {computed:#010x} computed"
                )
            }
            Self::InvalidRecordCount {
                record_count,
                last_offset_delta,
            } => write!(
                f,
                "{record_count} records do not fit a last offset delta of {last_offset_delta}"
            ),
            Self::UnknownCompression(id) => write!(f, "unknown compression type {id}"),
        }
    }
}

impl std::error::Error for BatchError {}

/// Writes `value` at a field of the header. Panics when the buffer is shorter, which callers rule out.
#[inline]
pub(crate) fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}

#[inline]
fn array_at<const N: usize>(bytes: &[u8; BATCH_HEADER_LEN], at: usize) -> [u8; N] {
    let mut value = [0; N];
    value.copy_from_slice(&bytes[at..at + N]);
    value
}

#[inline]
fn i16_at(bytes: &[u8; BATCH_HEADER_LEN], at: usize) -> i16 {
    i16::from_be_bytes(array_at(bytes, at))
}

#[inline]
fn i32_at(bytes: &[u8; BATCH_HEADER_LEN], at: usize) -> i32 {
    i32::from_be_bytes(array_at(bytes, at))
}

#[inline]
fn i64_at(bytes: &[u8; BATCH_HEADER_LEN], at: usize) -> i64 {
    i64::from_be_bytes(array_at(bytes, at))
}
