//! gzip, over zlib-rs. Reads concatenated members, as Java's `GZIPInputStream` does.

use std::io::Write;

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{Compression, CompressionError, read_bounded};

/// Deflate cannot do better than 1032 to 1.
const RATIO_MAX: usize = 1032;

pub(super) fn compress(
    level: Option<i32>,
    input: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), CompressionError> {
    let level = match level {
        // Not negative after the clamp.
        Some(level) if level >= 0 => flate2::Compression::new(level.clamp(0, 9) as u32),
        _ => flate2::Compression::default(),
    };
    let mut encoder = GzEncoder::new(output, level);
    let done = encoder
        .write_all(input)
        .and_then(|()| encoder.finish().map(drop));
    done.or(Err(CompressionError::Failed(Compression::Gzip)))
}

pub(super) fn decompress(input: &[u8], bytes_max: usize) -> Result<Vec<u8>, CompressionError> {
    // The last four bytes are the size, modulo 2^32, of what was compressed: a hint, not a fact.
    let hint = input
        .last_chunk::<4>()
        .map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let reserve = hint.min(input.len().saturating_mul(RATIO_MAX));
    read_bounded(
        MultiGzDecoder::new(input),
        bytes_max,
        reserve,
        Compression::Gzip,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(level: Option<i32>, input: &[u8]) -> Vec<u8> {
        let mut output = Vec::new();
        compress(level, input, &mut output).unwrap();
        output
    }

    #[test]
    fn members_one_after_the_other_are_one_stream() {
        let mut stream = packed(None, b"first ");
        stream.extend_from_slice(&packed(Some(1), b"second"));
        assert_eq!(decompress(&stream, 12), Ok(b"first second".to_vec()));
    }

    #[test]
    fn a_higher_level_packs_tighter() {
        let text: Vec<u8> = (0..20_000_u32)
            .flat_map(|n| n.wrapping_mul(n).to_string().into_bytes())
            .collect();
        assert!(packed(Some(9), &text).len() < packed(Some(1), &text).len());
        assert!(packed(Some(0), &text).len() > text.len());
    }

    #[test]
    fn a_stream_cut_off_anywhere_is_corrupt() {
        let stream = packed(None, b"a few words to cut off, a few words");
        for cut in 1..stream.len() {
            let corrupt = CompressionError::Corrupt(Compression::Gzip);
            assert_eq!(decompress(&stream[..cut], 1 << 20), Err(corrupt), "{cut}");
        }
    }
}
