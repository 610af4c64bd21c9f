//! Writes one frame.
//!
//! Owns the bytes of the frame being written: small fields gather in one buffer, large `Bytes` are noted by position and
//! ride along uncopied, so that a frame leaves as a few chunks for a vectored write.
//! Leaves to `codec` which type is written how. Runs on whoever encodes.

use bytes::{BufMut, Bytes, BytesMut};

use crate::types::{Records, StrBytes};

/// From this size on bytes are not copied into the frame but ride along as a chunk of their own.
/// Below it a copy is cheaper than another entry of a vectored write.
pub const UNCOPIED_FROM: usize = 1024;

/// The bytes of a message under construction.
#[derive(Debug, Default)]
pub struct FrameWriter {
    buffer: BytesMut,
    /// Large bytes, each with the position in `buffer` before which it belongs; positions ascend.
    riders: Vec<(usize, Bytes)>,
    riders_len: usize,
}

impl FrameWriter {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `capacity` bytes of small fields.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            buffer: BytesMut::with_capacity(capacity),
            ..Self::default()
        }
    }

    /// The number of bytes written.
    pub fn len(&self) -> usize {
        self.buffer.len() + self.riders_len
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes one signed byte.
    pub fn put_i8(&mut self, value: i8) {
        self.buffer.put_i8(value);
    }

    /// Writes two bytes.
    pub fn put_i16(&mut self, value: i16) {
        self.buffer.put_i16(value);
    }

    /// Writes two bytes, unsigned.
    pub fn put_u16(&mut self, value: u16) {
        self.buffer.put_u16(value);
    }

    /// Writes four bytes.
    pub fn put_i32(&mut self, value: i32) {
        self.buffer.put_i32(value);
    }

    /// Writes four bytes, unsigned.
    pub fn put_u32(&mut self, value: u32) {
        self.buffer.put_u32(value);
    }

    /// Writes eight bytes.
    pub fn put_i64(&mut self, value: i64) {
        self.buffer.put_i64(value);
    }

    /// Writes a floating point number in eight bytes.
    pub fn put_f64(&mut self, value: f64) {
        self.buffer.put_f64(value);
    }

    /// Writes seven bits a byte, lowest first.
    pub fn put_unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.buffer.put_u8((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.buffer.put_u8(value as u8);
    }

    /// Copies bytes as they are, without a length.
    pub fn copy_slice(&mut self, bytes: &[u8]) {
        self.buffer.put_slice(bytes);
    }

    /// Writes bytes as they are, without a length; large ones are not copied.
    pub fn put_raw(&mut self, bytes: &Bytes) {
        if bytes.len() < UNCOPIED_FROM {
            self.copy_slice(bytes);
        } else {
            self.riders.push((self.buffer.len(), bytes.clone()));
            self.riders_len += bytes.len();
        }
    }

    /// Writes the length of an array, of bytes or of records; `None` is null.
    pub fn put_length(&mut self, len: Option<usize>, flexible: bool) {
        // No message reaches these bounds: it would not fit into a frame.
        if flexible {
            let len = len.map_or(0, |len| u32::try_from(len + 1).unwrap_or(u32::MAX));
            self.put_unsigned_varint(len);
        } else {
            self.put_i32(len.map_or(-1, |len| i32::try_from(len).unwrap_or(i32::MAX)));
        }
    }

    /// Writes a string, compact if `flexible`; `None` is null.
    ///
    /// A Kafka string has at most [`StrBytes::MAX_LEN`] bytes; the classic encoding cannot even say more. A longer one is
    /// cut there, at a character boundary, so that the rest of the message stays readable: every field a user fills has
    /// a much smaller limit, which the broker checks.
    pub fn put_string(&mut self, text: Option<&StrBytes>, flexible: bool) {
        let text = text.map(|text| text.prefix(StrBytes::MAX_LEN));
        if flexible {
            self.put_length(text.map(str::len), true);
        } else {
            self.put_i16(text.map_or(-1, |text| i16::try_from(text.len()).unwrap_or(i16::MAX)));
        }
        self.copy_slice(text.unwrap_or_default().as_bytes());
    }

    /// Writes bytes, compact if `flexible`; `None` is null.
    pub fn put_bytes(&mut self, bytes: Option<&Bytes>, flexible: bool) {
        self.put_length(bytes.map(Bytes::len), flexible);
        if let Some(bytes) = bytes {
            self.put_raw(bytes);
        }
    }

    /// Writes record data, compact if `flexible`; `None` is null.
    pub fn put_records(&mut self, records: Option<&Records>, flexible: bool) {
        self.put_length(records.map(Records::len), flexible);
        for slice in records.map(Records::slices).unwrap_or_default() {
            self.put_raw(slice);
        }
        let missing = records.map_or(0, Records::missing);
        if missing > 0 {
            self.riders.push((self.buffer.len(), Bytes::new()));
            self.riders_len += missing;
        }
    }

    /// Writes a tag, the length of what `write` writes, and that.
    pub fn put_tagged_field(&mut self, tag: u32, write: impl FnOnce(&mut Self)) {
        let mut field = Self::new();
        write(&mut field);
        self.put_unsigned_varint(tag);
        self.put_length_of_tagged_field(field.len());
        let start = self.buffer.len();
        self.buffer.unsplit(field.buffer);
        self.riders.extend(
            field
                .riders
                .into_iter()
                .map(|(at, bytes)| (start + at, bytes)),
        );
        self.riders_len += field.riders_len;
    }

    fn put_length_of_tagged_field(&mut self, len: usize) {
        self.put_unsigned_varint(u32::try_from(len).unwrap_or(u32::MAX));
    }

    /// Overwrites four bytes of the buffer, written before, with the number of bytes that follow them.
    pub(crate) fn patch_length_at_start(&mut self) {
        let len = self.len().saturating_sub(4);
        if let Some(start) = self.buffer.first_chunk_mut::<4>() {
            *start = i32::try_from(len).unwrap_or(i32::MAX).to_be_bytes();
        }
    }

    /// The bytes written, in order.
    pub fn into_chunks(self) -> Vec<Bytes> {
        let mut buffer = self.buffer.freeze();
        let mut chunks = Vec::with_capacity(self.riders.len() * 2 + 1);
        let mut taken = 0;
        for (at, rider) in self.riders {
            if at > taken {
                chunks.push(buffer.split_to(at - taken));
                taken = at;
            }
            chunks.push(rider);
        }
        if !buffer.is_empty() {
            chunks.push(buffer);
        }
        chunks
    }

    /// The bytes written, in one piece; copies only if there are several chunks.
    pub fn into_bytes(self) -> Bytes {
        let len = self.len();
        concatenate(self.into_chunks(), len)
    }
}

pub(crate) fn concatenate(chunks: Vec<Bytes>, len: usize) -> Bytes {
    match <[Bytes; 1]>::try_from(chunks) {
        Ok([only]) => only,
        Err(chunks) => {
            let mut whole = BytesMut::with_capacity(len);
            for chunk in chunks {
                whole.put_slice(&chunk);
            }
            whole.freeze()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_that_no_reader_would_take_is_cut_at_a_character() {
        let text = StrBytes::from("ä".repeat(20_000));
        for (flexible, lengths) in [(false, 2), (true, 3)] {
            let mut w = FrameWriter::new();
            w.put_string(Some(&text), flexible);
            assert_eq!(w.len(), lengths + 32_766);
        }
    }

    #[test]
    fn records_that_are_elsewhere_count_and_have_their_place() {
        let mut w = FrameWriter::new();
        w.put_records(Some(&Records::elsewhere(300)), false);
        w.copy_slice(b"tail");
        assert_eq!(w.len(), 4 + 300 + 4);
        let chunks = w.into_chunks();
        assert_eq!(chunks, [&300i32.to_be_bytes()[..], b"", b"tail"]);
    }

    #[test]
    fn large_bytes_inside_a_tagged_field_keep_their_place() {
        let large = Bytes::from(vec![b'x'; 2000]);
        let mut w = FrameWriter::new();
        w.copy_slice(b"head");
        w.put_raw(&large);
        w.put_tagged_field(3, |w| {
            w.copy_slice(b"in");
            w.put_raw(&large);
            w.copy_slice(b"out");
        });
        w.copy_slice(b"tail");

        let mut expected = b"head".to_vec();
        expected.extend(&large);
        // Tag 3, 2005 bytes.
        expected.extend(b"\x03\xd5\x0fin");
        expected.extend(&large);
        expected.extend(b"outtail");
        assert_eq!(w.len(), expected.len());
        let chunks = w.into_chunks();
        assert_eq!(chunks.len(), 5);
        assert_eq!(chunks.concat(), expected);
    }
}
