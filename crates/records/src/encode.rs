//! The bytes of one record: its numbers first, then key, value and headers around them.
//!
//! Guarantees: a record's length is known exactly before a byte of it is written, every number is encoded
//! once, and nothing is allocated. This is the producer's innermost loop; see `benches/records.rs`.

use crate::Header;
use crate::varint::{VARINT_SLACK, Varint};

/// Writing needs this much room beyond the record.
pub(crate) const WRITE_SLACK: usize = VARINT_SLACK;

/// A record to be written, but for its headers.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) timestamp_delta: i64,
    pub(crate) offset_delta: i32,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
}

/// A record's numbers, encoded, and with them its length.
pub(crate) struct Numbers {
    body_len: Varint,
    timestamp_delta: Varint,
    offset_delta: Varint,
    key_len: Varint,
    value_len: Varint,
    header_count: usize,
    /// Bytes of the whole record.
    pub(crate) total: usize,
}

impl Numbers {
    #[inline(always)]
    pub(crate) fn new<'h>(fields: &Fields<'_>, headers: impl Iterator<Item = Header<'h>>) -> Self {
        let timestamp_delta = Varint::new(fields.timestamp_delta);
        let offset_delta = Varint::new(i64::from(fields.offset_delta));
        let key_len = Varint::of_nullable(fields.key);
        let value_len = Varint::of_nullable(fields.value);
        let (header_count, headers_len) = measure_headers(headers);
        let numbers =
            1 + timestamp_delta.len() + offset_delta.len() + key_len.len() + value_len.len();
        let body = headers_len
            .saturating_add(numbers)
            .saturating_add(fields.key.map_or(0, <[u8]>::len))
            .saturating_add(fields.value.map_or(0, <[u8]>::len));
        let body_len = Varint::new(body as i64);
        let total = body.saturating_add(body_len.len());
        Self {
            body_len,
            timestamp_delta,
            offset_delta,
            key_len,
            value_len,
            header_count,
            total,
        }
    }

    /// Writes the record at the front of `out`, which has room for it and [`WRITE_SLACK`] bytes more.
    /// `fields` and `headers` are those that the numbers were made of.
    #[inline(always)]
    pub(crate) fn write<'h>(
        &self,
        out: &mut [u8],
        fields: &Fields<'_>,
        headers: impl Iterator<Item = Header<'h>>,
    ) {
        let mut at = self.body_len.write(out, 0);
        out[at] = 0; // the attributes of a record, unused
        at = self.timestamp_delta.write(out, at + 1);
        at = self.offset_delta.write(out, at);
        at = self.key_len.write(out, at);
        if let Some(key) = fields.key {
            at = write_bytes(out, at, key);
        }
        at = self.value_len.write(out, at);
        if let Some(value) = fields.value {
            at = write_bytes(out, at, value);
        }
        if self.header_count == 0 {
            out[at] = 0;
            return;
        }
        at = Varint::new(self.header_count as i64).write(out, at);
        for (key, value) in headers {
            at = Varint::of_nullable(Some(key)).write(out, at);
            at = write_bytes(out, at, key);
            at = Varint::of_nullable(value).write(out, at);
            at = write_bytes(out, at, value.unwrap_or_default());
        }
    }
}

/// How many headers there are, and the bytes of the whole section with its count.
#[inline(always)]
fn measure_headers<'h>(headers: impl Iterator<Item = Header<'h>>) -> (usize, usize) {
    let mut count = 0;
    let mut len = 0_usize;
    for (key, value) in headers {
        count += 1;
        len = len
            .saturating_add(Varint::of_nullable(Some(key)).len() + Varint::of_nullable(value).len())
            .saturating_add(key.len())
            .saturating_add(value.map_or(0, <[u8]>::len));
    }
    (count, len.saturating_add(Varint::new(count as i64).len()))
}

#[inline(always)]
fn write_bytes(out: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    out[at..at + bytes.len()].copy_from_slice(bytes);
    at + bytes.len()
}
