//! Snappy: written in the framing of snappy-java ("xerial"), as Kafka's Java client does; read with that
//! framing or as one raw block, as librdkafka writes it.

use super::{Compression, CompressionError};

/// What snappy-java starts a stream with: magic, then version and lowest compatible version.
const XERIAL_MAGIC: &[u8; 8] = b"\x82SNAPPY\0";
const XERIAL_HEADER_LEN: usize = 16;
/// snappy-java's default.
const BLOCK_LEN: usize = 32 * 1024;
/// The best that snappy's format can do: three bytes for a copy of 64.
const RATIO_MAX: usize = 22;

const CORRUPT: CompressionError = CompressionError::Corrupt(Compression::Snappy);

pub(super) fn compress(input: &[u8], output: &mut Vec<u8>) -> Result<(), CompressionError> {
    output.extend_from_slice(XERIAL_MAGIC);
    output.extend_from_slice(&1_i32.to_be_bytes());
    output.extend_from_slice(&1_i32.to_be_bytes());
    let mut encoder = snap::raw::Encoder::new();
    for block in input.chunks(BLOCK_LEN) {
        let prefix = output.len();
        let start = prefix + 4;
        output.resize(start + snap::raw::max_compress_len(block.len()), 0);
        let len = encoder
            .compress(block, &mut output[start..])
            .or(Err(CompressionError::Failed(Compression::Snappy)))?;
        output[prefix..start].copy_from_slice(&(len as u32).to_be_bytes());
        output.truncate(start + len);
    }
    Ok(())
}

pub(super) fn decompress(input: &[u8], bytes_max: usize) -> Result<Vec<u8>, CompressionError> {
    let mut output = Vec::new();
    if !input.starts_with(XERIAL_MAGIC) {
        append_block(input, bytes_max, &mut output)?;
        return Ok(output);
    }
    let mut rest = input.get(XERIAL_HEADER_LEN..).ok_or(CORRUPT)?;
    while let Some((prefix, tail)) = rest.split_first_chunk::<4>() {
        // Streams that were appended to one another repeat the header.
        if rest.starts_with(XERIAL_MAGIC) {
            rest = rest.get(XERIAL_HEADER_LEN..).ok_or(CORRUPT)?;
            continue;
        }
        let len = usize::try_from(i32::from_be_bytes(*prefix)).or(Err(CORRUPT))?;
        let (block, tail) = tail.split_at_checked(len).ok_or(CORRUPT)?;
        append_block(block, bytes_max, &mut output)?;
        rest = tail;
    }
    if rest.is_empty() {
        Ok(output)
    } else {
        Err(CORRUPT)
    }
}

fn append_block(
    block: &[u8],
    bytes_max: usize,
    output: &mut Vec<u8>,
) -> Result<(), CompressionError> {
    let len = snap::raw::decompress_len(block).or(Err(CORRUPT))?;
    // The length is only a claim: it must be one that these bytes can keep.
    if len > block.len().saturating_mul(RATIO_MAX) {
        return Err(CORRUPT);
    }
    let start = output.len();
    if len > bytes_max - start {
        return Err(CompressionError::TooLarge { bytes_max });
    }
    output.resize(start + len, 0);
    let written = snap::raw::Decoder::new().decompress(block, &mut output[start..]);
    if written.is_ok_and(|written| written == len) {
        Ok(())
    } else {
        Err(CORRUPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(input: &[u8]) -> Vec<u8> {
        let mut output = Vec::new();
        compress(input, &mut output).unwrap();
        output
    }

    #[test]
    fn one_raw_block_is_read_as_librdkafka_writes_it() {
        let text = b"snappy ".repeat(5_000);
        let raw = snap::raw::Encoder::new().compress_vec(&text).unwrap();
        assert_eq!(decompress(&raw, text.len()), Ok(text));
    }

    #[test]
    fn framed_streams_one_after_the_other_are_one_stream() {
        let text = b"framed ".repeat(10_000);
        let mut stream = packed(&text);
        stream.extend_from_slice(&packed(b"!"));
        assert_eq!(decompress(&stream, 1 << 20), Ok([&text[..], b"!"].concat()));
    }

    #[test]
    fn no_bytes_at_all_are_a_framed_stream_without_blocks() {
        assert_eq!(decompress(&packed(b""), 0), Ok(Vec::new()));
        assert_eq!(decompress(b"", 0), Err(CORRUPT));
    }

    #[test]
    fn a_framed_stream_cut_off_anywhere_is_corrupt_or_shorter() {
        let text = b"cut ".repeat(20_000);
        let stream = packed(&text);
        for cut in 0..stream.len() {
            if let Ok(read) = decompress(&stream[..cut], 1 << 20) {
                assert!(read.len() < text.len() && text.starts_with(&read), "{cut}");
            }
        }
    }

    #[test]
    fn a_claimed_length_that_the_bytes_cannot_keep_reserves_nothing() {
        // 2^32 - 1 bytes, and four to make them of.
        let claim = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 1, 2];
        assert_eq!(decompress(&claim, usize::MAX), Err(CORRUPT));
    }
}
