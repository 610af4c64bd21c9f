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
