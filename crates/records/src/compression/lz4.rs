//! The LZ4 frame format, read and written by hand over the block codec.
//!
//! Why by hand: decoding blocks straight into the output is ten times as fast as a streaming reader, and
//! messages of format v0 carry a header checksum that no library accepts (Kafka's first LZ4 clients
//! computed it over the frame's magic as well). Block and content checksums are passed over: the
//! batch's CRC covers the same bytes.

use lz4_flex::block;

use super::{Compression, CompressionError};

const FRAME_MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();
const SKIPPABLE_MAGIC: u32 = 0x184d_2a50;
/// Version 1, independent blocks, no checksums, no content size: as Kafka's Java client writes it.
const FLAGS: u8 = 0b0110_0000;
/// Blocks of 64 KiB.
const BLOCK_DESCRIPTOR: u8 = 0b0100_0000;
const BLOCK_LEN: usize = 64 * 1024;
/// Set in a block's length when its bytes are stored as they are.
const STORED: u32 = 1 << 31;
/// How far back a block may reach into the ones before it.
const WINDOW: usize = 64 * 1024;
/// The best that LZ4's format can do.
const RATIO_MAX: usize = 255;

const CORRUPT: CompressionError = CompressionError::Corrupt(Compression::Lz4);

/// How the checksum of the frame's header is to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lz4Checksum {
    /// As the format says, over the descriptor.
    Standard,
    /// As clients of message format v0 do, over magic and descriptor. Reading, either is accepted.
    WithMagic,
}

impl Lz4Checksum {
    /// `header` is magic and descriptor.
    fn of(self, header: &[u8]) -> u8 {
        let covered = match self {
            Self::Standard => &header[FRAME_MAGIC.len()..],
            Self::WithMagic => header,
        };
        (xxh32(covered) >> 8) as u8
    }
}

pub(super) fn compress(
    input: &[u8],
    output: &mut Vec<u8>,
    checksum: Lz4Checksum,
) -> Result<(), CompressionError> {
    let mut header = [0; 6];
    header[..4].copy_from_slice(&FRAME_MAGIC);
    header[4] = FLAGS;
    header[5] = BLOCK_DESCRIPTOR;
    output.extend_from_slice(&header);
    output.push(checksum.of(&header));
    for plain in input.chunks(BLOCK_LEN) {
        let prefix = output.len();
        let start = prefix + 4;
        output.resize(start + block::get_maximum_output_size(plain.len()), 0);
        let len = block::compress_into(plain, &mut output[start..])
            .or(Err(CompressionError::Failed(Compression::Lz4)))?;
        let word = if len < plain.len() {
            output.truncate(start + len);
            len as u32
        } else {
            output.truncate(start);
            output.extend_from_slice(plain);
            plain.len() as u32 | STORED
        };
        output[prefix..start].copy_from_slice(&word.to_le_bytes());
    }
    output.extend_from_slice(&[0; 4]);
    Ok(())
}

pub(super) fn decompress(
    input: &[u8],
    bytes_max: usize,
    checksum: Lz4Checksum,
) -> Result<Vec<u8>, CompressionError> {
    let mut output = Vec::new();
    let mut rest = input;
    while !rest.is_empty() {
        let magic = rest.first_chunk::<4>().ok_or(CORRUPT)?;
        if u32::from_le_bytes(*magic) & !0xf == SKIPPABLE_MAGIC {
            let (len, tail) = rest[4..].split_first_chunk::<4>().ok_or(CORRUPT)?;
            rest = tail
                .get(u32::from_le_bytes(*len) as usize..)
                .ok_or(CORRUPT)?;
            continue;
        }
        let frame = Frame::parse(&mut rest, checksum)?;
        frame.read_blocks(&mut rest, bytes_max, &mut output)?;
    }
    if input.is_empty() {
        Err(CORRUPT)
    } else {
        Ok(output)
    }
}

/// What a frame's header says.
struct Frame {
    linked_blocks: bool,
    block_checksums: bool,
    content_checksum: bool,
    block_len_max: usize,
}

impl Frame {
    fn parse(rest: &mut &[u8], checksum: Lz4Checksum) -> Result<Self, CompressionError> {
        let (&flags, &descriptor) = (rest.get(4).ok_or(CORRUPT)?, rest.get(5).ok_or(CORRUPT)?);
        let has = |bit: u8| flags & (1 << bit) != 0;
        let block_len_max = match (descriptor >> 4) & 0b111 {
            4 => BLOCK_LEN,
            5 => 256 * 1024,
            6 => 1024 * 1024,
            7 => 4 * 1024 * 1024,
            _ => return Err(CORRUPT),
        };
        // Content size (8 bytes) and dictionary id (4) are optional; a dictionary nobody could give us.
        let header_len = if has(3) { 14 } else { 6 };
        if !rest.starts_with(&FRAME_MAGIC) || flags >> 6 != 1 || has(0) {
            return Err(CORRUPT);
        }
        let (header, tail) = rest.split_at_checked(header_len).ok_or(CORRUPT)?;
        let (&stored, tail) = tail.split_first().ok_or(CORRUPT)?;
        if stored != Lz4Checksum::Standard.of(header) && stored != checksum.of(header) {
            return Err(CORRUPT);
        }
        *rest = tail;
        Ok(Self {
            linked_blocks: !has(5),
            block_checksums: has(4),
            content_checksum: has(2),
            block_len_max,
        })
    }

    fn read_blocks(
        &self,
        rest: &mut &[u8],
        bytes_max: usize,
        output: &mut Vec<u8>,
    ) -> Result<(), CompressionError> {
        let frame_start = output.len();
        let mut end = frame_start;
        loop {
            let (word, tail) = rest.split_first_chunk::<4>().ok_or(CORRUPT)?;
            let word = u32::from_le_bytes(*word);
            if word == 0 {
                let trailer = if self.content_checksum { 4 } else { 0 };
                *rest = tail.get(trailer..).ok_or(CORRUPT)?;
                output.truncate(end);
                return Ok(());
            }
            let len = (word & !STORED) as usize;
            let (packed, tail) = tail.split_at_checked(len).ok_or(CORRUPT)?;
            *rest = if self.block_checksums {
                tail.get(4..).ok_or(CORRUPT)?
            } else {
                tail
            };

            // Room for the largest block that these bytes can be; never more than one byte over the limit,
            // which is enough to tell.
            let possible = if word & STORED != 0 {
                len
            } else {
                len.saturating_mul(RATIO_MAX)
            };
            let room = possible
                .min(self.block_len_max)
                .min((bytes_max - end).saturating_add(1));
            if output.len() < end + room {
                output.resize(end + room, 0);
            }
            let (before, space) = output.split_at_mut(end);
            let space = &mut space[..room];
            let written = if word & STORED != 0 {
                let fits = space.get_mut(..len).ok_or(CORRUPT);
                fits.map(|space| space.copy_from_slice(packed))
                    .map(|()| len)
            } else if self.linked_blocks {
                let window = frame_start.max(end.saturating_sub(WINDOW));
                block::decompress_into_with_dict(packed, space, &before[window..]).or(Err(CORRUPT))
            } else {
                block::decompress_into(packed, space).or(Err(CORRUPT))
            };
            let limited = room > bytes_max - end;
            match written {
                Ok(len) if len <= bytes_max - end => end += len,
                Err(error) if !limited => return Err(error),
                // Either it is too large or it is corrupt behind the limit, which nobody will know.
                _ => return Err(CompressionError::TooLarge { bytes_max }),
            }
        }
    }
}

/// XXH32 with seed 0; only the few bytes of a header are ever hashed.
fn xxh32(input: &[u8]) -> u32 {
    const PRIME_1: u32 = 0x9e37_79b1;
    const PRIME_2: u32 = 0x85eb_ca77;
    const PRIME_3: u32 = 0xc2b2_ae3d;
    const PRIME_4: u32 = 0x27d4_eb2f;
    const PRIME_5: u32 = 0x1656_67b1;

    let word_at = |bytes: &[u8]| bytes.first_chunk().map_or(0, |b| u32::from_le_bytes(*b));
    let mut rest = input;
    let mut hash = PRIME_5;
    if rest.len() >= 16 {
        let mut lanes = [
            PRIME_1.wrapping_add(PRIME_2),
            PRIME_2,
            0,
            PRIME_1.wrapping_neg(),
        ];
        while let Some((stripe, tail)) = rest.split_first_chunk::<16>() {
            for (lane, word) in lanes.iter_mut().zip(stripe.chunks(4)) {
                *lane = lane.wrapping_add(word_at(word).wrapping_mul(PRIME_2));
                *lane = lane.rotate_left(13).wrapping_mul(PRIME_1);
            }
            rest = tail;
        }
        hash = lanes[0]
            .rotate_left(1)
            .wrapping_add(lanes[1].rotate_left(7))
            .wrapping_add(lanes[2].rotate_left(12))
            .wrapping_add(lanes[3].rotate_left(18));
    }
    hash = hash.wrapping_add(input.len() as u32);
    while let Some((word, tail)) = rest.split_first_chunk::<4>() {
        hash = hash.wrapping_add(u32::from_le_bytes(*word).wrapping_mul(PRIME_3));
        hash = hash.rotate_left(17).wrapping_mul(PRIME_4);
        rest = tail;
    }
    for &byte in rest {
        hash = hash.wrapping_add(u32::from(byte).wrapping_mul(PRIME_5));
        hash = hash.rotate_left(11).wrapping_mul(PRIME_1);
    }
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(PRIME_2);
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(PRIME_3);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "abcdefgh" ten thousand times: two blocks of 64 KiB, or one of 256.
    fn plain() -> Vec<u8> {
        b"abcdefgh".repeat(10_000)
    }

    /// Bytes from hexadecimal, where `ff*n` stands for a run of `n`.
    fn bytes(hex: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in hex.split_whitespace() {
            if let Some(len) = word.strip_prefix("ff*") {
                bytes.resize(bytes.len() + len.parse::<usize>().unwrap(), 0xff);
                continue;
            }
            for pair in word.as_bytes().chunks(2) {
                bytes.push(u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
            }
        }
        bytes
    }

    fn read(frame: &[u8]) -> Result<Vec<u8>, CompressionError> {
        decompress(frame, 1 << 20, Lz4Checksum::Standard)
    }

    /// What liblz4 1.10 makes of [`plain`] with linked blocks: the second begins with a match.
    const LINKED: &str = "04224d184040c0 12010000 8f61626364656667680800 ff*256 e0506465666768 \
        42000000 0f0800 ff*56 a0506465666768 00000000";
    /// The same with the content's size and all checksums there are.
    const LINKED_CHECKSUMS: &str = "04224d185c408038010000000000 5a 12010000 \
        8f61626364656667680800 ff*256 e0506465666768 c1b484f8 \
        42000000 0f0800 ff*56 a0506465666768 920a1114 00000000 35615a12";
    /// The same in one block.
    const ONE_BLOCK: &str =
        "04224d186050fb 4b010000 8f61626364656667680800 ff*313 99506465666768 00000000";

    #[test]
    fn frames_of_liblz4_are_read_whatever_their_options() {
        for frame in [LINKED, LINKED_CHECKSUMS, ONE_BLOCK] {
            assert_eq!(read(&bytes(frame)), Ok(plain()));
        }
    }

    #[test]
    fn linked_blocks_cut_off_anywhere_are_corrupt() {
        let frame = bytes(LINKED_CHECKSUMS);
        for cut in 0..frame.len() {
            assert_eq!(read(&frame[..cut]), Err(CORRUPT), "{cut}");
        }
    }

    #[test]
    fn frames_one_after_the_other_are_one_stream_and_skippable_ones_are_skipped() {
        let mut stream = bytes(ONE_BLOCK);
        stream.extend_from_slice(&bytes("532a4d18 03000000 010203"));
        stream.extend_from_slice(&bytes(LINKED));
        assert_eq!(read(&stream), Ok([plain(), plain()].concat()));
    }

    #[test]
    fn bytes_that_do_not_compress_are_stored_and_come_back() {
        let mut state = 1_u32;
        let noise: Vec<u8> = (0..100_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let mut frame = Vec::new();
        compress(&noise, &mut frame, Lz4Checksum::Standard).unwrap();
        assert_eq!(frame.len(), noise.len() + 7 + 2 * 4 + 4);
        assert_eq!(read(&frame), Ok(noise));
    }

    #[test]
    fn the_old_header_checksum_is_accepted_where_old_clients_wrote_it_and_only_there() {
        let mut frame = Vec::new();
        compress(b"text text text text", &mut frame, Lz4Checksum::WithMagic).unwrap();
        assert_eq!(read(&frame), Err(CORRUPT));
        let lenient = |frame: &[u8]| decompress(frame, 1 << 20, Lz4Checksum::WithMagic);
        assert_eq!(lenient(&frame).unwrap(), b"text text text text");
        assert_eq!(lenient(&bytes(ONE_BLOCK)), Ok(plain()));
        frame[6] ^= 1;
        assert_eq!(lenient(&frame), Err(CORRUPT));
    }

    #[test]
    fn hashes_are_those_of_the_reference_implementation() {
        assert_eq!(xxh32(b""), 0x02cc_5d05);
        assert_eq!(xxh32(b"a"), 0x550d_7456);
        assert_eq!(xxh32(b"abc"), 0x32d1_53ff);
        assert_eq!(
            xxh32(b"Nobody inspects the spammish repetition"),
            0xe229_3b2f
        );
    }
}
