//! The four codecs of Kafka, behind one `compress` and one bounded `decompress`.
//!
//! Owns the names and ids. Guarantees: decompression never yields, nor reserves, more than the caller's
//! limit, and what it reserves is bounded by what the compressed bytes at hand could become.

mod gzip;
mod lz4;
mod snappy;
mod zstd;

use std::fmt;

pub(crate) use lz4::Lz4Checksum;

/// A codec for records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Uncompressed.
    #[default]
    None,
    /// Deflate in the gzip format, levels 0 to 9.
    Gzip,
    /// Snappy; written in the framing of Kafka's Java client, read in both.
    Snappy,
    /// The LZ4 frame format with independent 64 KiB blocks; levels are accepted and make no difference.
    Lz4,
    /// Zstandard, levels 1 to 22 (and the fast negative ones).
    Zstd,
}

impl Compression {
    /// All of them, by id.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The id in the attributes of batches and messages.
    #[must_use]
    pub const fn id(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

    /// The codec with this id.
    #[must_use]
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.get(usize::from(id)).copied()
    }

    /// The name, as in `compression.type`; `none` for no compression.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The codec with this name; a topic's `uncompressed` is [`Self::None`] too.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "uncompressed" {
            return Some(Self::None);
        }
        Self::ALL.into_iter().find(|codec| codec.name() == name)
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Appends the compressed `input` to `output`. `level` is clamped to the codec's; `None` is its default.
pub(crate) fn compress(
    codec: Compression,
    level: Option<i32>,
    input: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), CompressionError> {
    match codec {
        Compression::None => output.extend_from_slice(input),
        Compression::Gzip => gzip::compress(level, input, output)?,
        Compression::Snappy => snappy::compress(input, output)?,
        Compression::Lz4 => lz4::compress(input, output, Lz4Checksum::Standard)?,
        Compression::Zstd => zstd::compress(level, input, output)?,
    }
    Ok(())
}

/// As [`compress`], into a message of the old format v0, whose readers expect LZ4's header checksum the
/// way Kafka's first LZ4 clients computed it.
pub(crate) fn compress_v0(
    codec: Compression,
    input: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), CompressionError> {
    match codec {
        Compression::Lz4 => lz4::compress(input, output, Lz4Checksum::WithMagic),
        codec => compress(codec, None, input, output),
    }
}

/// Decompresses `input` to at most `bytes_max` bytes.
pub(crate) fn decompress(
    codec: Compression,
    input: &[u8],
    bytes_max: usize,
    lz4_checksum: Lz4Checksum,
) -> Result<Vec<u8>, CompressionError> {
    match codec {
        Compression::None if input.len() > bytes_max => {
            Err(CompressionError::TooLarge { bytes_max })
        }
        Compression::None => Ok(input.to_vec()),
        Compression::Gzip => gzip::decompress(input, bytes_max),
        Compression::Snappy => snappy::decompress(input, bytes_max),
        Compression::Lz4 => lz4::decompress(input, bytes_max, lz4_checksum),
        Compression::Zstd => zstd::decompress(input, bytes_max),
    }
}

/// Reads `reader` to its end into a fresh vector of at most `bytes_max` bytes.
fn read_bounded(
    reader: impl std::io::Read,
    bytes_max: usize,
    reserve: usize,
    codec: Compression,
) -> Result<Vec<u8>, CompressionError> {
    let mut output = Vec::with_capacity(reserve.min(bytes_max));
    // One byte more than allowed tells a full batch from one too many.
    let mut bounded = std::io::Read::take(reader, (bytes_max as u64).saturating_add(1));
    if std::io::Read::read_to_end(&mut bounded, &mut output).is_err() {
        return Err(CompressionError::Corrupt(codec));
    }
    if output.len() > bytes_max {
        return Err(CompressionError::TooLarge { bytes_max });
    }
    Ok(output)
}

/// Why records could not be compressed or decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionError {
    /// The attributes name a codec that does not exist (in this format).
    UnknownCodec(u8),
    /// The bytes are not what the codec writes.
    Corrupt(Compression),
    /// The records are larger than allowed.
    TooLarge {
        /// The limit that was passed.
        bytes_max: usize,
    },
    /// The codec refused to compress.
    Failed(Compression),
    /// A compressed message of an old format does not hold whole, plain messages of its own magic.
    BadInnerMessages,
    /// The batch is of an old message format, which this operation does not handle.
    OldFormat,
}

impl fmt::Display for CompressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCodec(id) => write!(f, "unknown compression type {id}"),
            Self::Corrupt(codec) => write!(f, "corrupt {codec} data"),
            Self::TooLarge { bytes_max } => {
                write!(f, "records decompress to more than {bytes_max} bytes")
            }
            Self::Failed(codec) => write!(f, "{codec} could not compress the records"),
            Self::BadInnerMessages => {
                f.write_str("a compressed message does not hold whole messages of its own format")
            }
            Self::OldFormat => f.write_str("not supported for message formats v0 and v1"),
        }
    }
}

impl std::error::Error for CompressionError {}
