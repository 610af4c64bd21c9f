//! The message sets of Kafka before 0.11 (magic 0 and 1), for clients that know nothing newer.
//!
//! Owns the old layout, reading ([`crate::RecordBatch`] uses it) and writing. [`up_convert`] turns what
//! such a client produced into a record batch, [`down_convert`] turns record batches into what it can
//! fetch. What the old formats cannot say is lost on the way down: headers, producer, transaction.

mod down;
pub(crate) mod message;
mod up;

use std::fmt;

use crate::{BatchError, CompressionError, RecordError, SealError};

pub use down::{DownConvert, down_convert};
pub use up::{UpConvert, up_convert};

/// An old message format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFormat {
    /// Magic 0: no timestamps, absolute offsets everywhere. Fetch versions 0 and 1.
    V0,
    /// Magic 1: timestamps, relative offsets inside compressed messages. Fetch versions 2 and 3.
    V1,
}

impl MessageFormat {
    pub(crate) const fn magic(self) -> i8 {
        match self {
            Self::V0 => 0,
            Self::V1 => 1,
        }
    }
}

/// Why a conversion failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConvertError {
    /// The bytes are not batches.
    Batch(BatchError),
    /// The records could not be decompressed or compressed.
    Compression(CompressionError),
    /// A record is corrupt.
    Record(RecordError),
    /// There is nothing to convert.
    Empty,
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch(error) => error.fmt(f),
            Self::Compression(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
            Self::Empty => f.write_str("no messages to convert"),
        }
    }
}

impl std::error::Error for ConvertError {}

impl From<BatchError> for ConvertError {
    fn from(error: BatchError) -> Self {
        Self::Batch(error)
    }
}

impl From<CompressionError> for ConvertError {
    fn from(error: CompressionError) -> Self {
        Self::Compression(error)
    }
}

impl From<RecordError> for ConvertError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl From<SealError> for ConvertError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Empty => Self::Empty,
            SealError::Compression(error) => Self::Compression(error),
        }
    }
}
