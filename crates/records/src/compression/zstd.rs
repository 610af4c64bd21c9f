//! Zstandard. Contexts are kept per thread: setting one up costs more than a small batch.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe;

use super::{Compression, CompressionError, read_bounded};

/// What Kafka takes when no level is given.
const LEVEL_DEFAULT: i32 = 3;
/// Most that is reserved on a frame's word alone; larger ones grow as they are read.
const RESERVE_MAX: usize = 1 << 20;

const FAILED: CompressionError = CompressionError::Failed(Compression::Zstd);

thread_local! {
    static COMPRESSOR: RefCell<Option<(i32, Compressor<'static>)>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

pub(super) fn compress(
    level: Option<i32>,
    input: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), CompressionError> {
    let range = zstd::compression_level_range();
    let level = match level {
        None | Some(-1 | 0) => LEVEL_DEFAULT,
        Some(level) => level.clamp(*range.start(), *range.end()),
    };
    let start = output.len();
    output.resize(start + zstd_safe::compress_bound(input.len()), 0);
    let written = COMPRESSOR.with_borrow_mut(|slot| {
        if slot.as_ref().is_none_or(|(current, _)| *current != level) {
            *slot = Some((level, Compressor::new(level).or(Err(FAILED))?));
        }
        // Just filled if it was empty.
        let (_, compressor) = slot.as_mut().ok_or(FAILED)?;
        compressor
            .compress_to_buffer(input, &mut output[start..])
            .or(Err(FAILED))
    })?;
    output.truncate(start + written);
    Ok(())
}

pub(super) fn decompress(input: &[u8], bytes_max: usize) -> Result<Vec<u8>, CompressionError> {
    let corrupt = CompressionError::Corrupt(Compression::Zstd);
    let claimed = zstd_safe::get_frame_content_size(input).or(Err(corrupt))?;
    let claimed = claimed.map(|size| usize::try_from(size).unwrap_or(usize::MAX));
    if claimed.is_some_and(|size| size > bytes_max) {
        return Err(CompressionError::TooLarge { bytes_max });
    }
    let single_frame = zstd_safe::find_frame_compressed_size(input) == Ok(input.len());
    if let Some(size) = claimed
        && single_frame
        && size <= RESERVE_MAX
    {
        return decompress_sized(input, size).ok_or(corrupt);
    }
    // The size is unknown, or not to be believed before the bytes are there.
    let reserve = claimed
        .unwrap_or_else(|| input.len().saturating_mul(4))
        .min(RESERVE_MAX);
    let decoder = zstd::stream::read::Decoder::with_buffer(input).or(Err(corrupt))?;
    read_bounded(decoder, bytes_max, reserve, Compression::Zstd)
}

/// One frame that announces its size.
fn decompress_sized(input: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut output = Vec::with_capacity(size);
    let written = DECOMPRESSOR.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Decompressor::new().ok();
        }
        slot.as_mut()?.decompress_to_buffer(input, &mut output).ok()
    })?;
    (written == size).then_some(output)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const CORRUPT: CompressionError = CompressionError::Corrupt(Compression::Zstd);

    fn text() -> Vec<u8> {
        (0..40_000)
            .flat_map(|n: u32| n.to_string().into_bytes())
            .collect()
    }

    fn packed(level: Option<i32>, input: &[u8]) -> Vec<u8> {
        let mut output = Vec::new();
        compress(level, input, &mut output).unwrap();
        output
    }

    /// As the Java client writes it: a stream whose size nobody knew at its start.
    fn streamed(input: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        encoder.write_all(input).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_frame_without_content_size_is_read_and_bounded() {
        let frame = streamed(&text());
        assert_eq!(zstd_safe::get_frame_content_size(&frame).ok(), Some(None));
        let len = text().len();
        assert_eq!(decompress(&frame, len), Ok(text()));
        let too_large = CompressionError::TooLarge { bytes_max: len - 1 };
        assert_eq!(decompress(&frame, len - 1), Err(too_large));
    }

    #[test]
    fn frames_one_after_the_other_are_one_stream() {
        for second in [packed(None, b"!"), streamed(b"!")] {
            let mut stream = packed(Some(1), &text());
            stream.extend_from_slice(&second);
            let expected = [&text()[..], b"!"].concat();
            assert_eq!(decompress(&stream, expected.len()), Ok(expected.clone()));
            let too_large = CompressionError::TooLarge {
                bytes_max: expected.len() - 1,
            };
            assert_eq!(decompress(&stream, expected.len() - 1), Err(too_large));
        }
    }

    #[test]
    fn a_frame_larger_than_is_reserved_at_once_is_read() {
        let long = vec![7; 3 * RESERVE_MAX];
        assert_eq!(decompress(&packed(None, &long), long.len()), Ok(long));
    }

    #[test]
    fn a_frame_that_claims_less_or_more_than_it_holds_is_corrupt() {
        let mut frame = packed(None, &[7; 300]);
        // Single segment, content size of two bytes, less 256.
        assert_eq!(frame[4..7], [0x60, 44, 0]);
        for size in [43, 45] {
            frame[5] = size;
            assert_eq!(decompress(&frame, 1 << 20), Err(CORRUPT));
        }
    }

    #[test]
    fn a_level_may_change_from_batch_to_batch() {
        for level in [Some(1), Some(19), None, Some(-5), Some(1)] {
            assert_eq!(decompress(&packed(level, &text()), 1 << 20), Ok(text()));
        }
    }

    #[test]
    fn a_context_that_met_corrupt_bytes_serves_the_next_batch() {
        let mut frame = packed(None, &text());
        let middle = frame.len() / 2;
        frame[middle..].fill(0xff);
        assert_eq!(decompress(&frame, 1 << 20), Err(CORRUPT));
        assert_eq!(decompress(&packed(None, &text()), 1 << 20), Ok(text()));
    }
}
