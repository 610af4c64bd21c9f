//! Reads one frame: bounds-checked, zero-copy.
//!
//! Owns the position inside a frame and the rule of this crate: a length from the peer is compared with the bytes at
//! hand before anything is reserved for it. Strings and bytes are slices of the frame, never copies.
//! Guarantees that no input panics and that an error says what was wrong and at which byte.
//! Leaves to `codec` which type is read how. Runs on the connection tasks.
#![deny(clippy::indexing_slicing)]

use std::fmt;

use bytes::Bytes;

use crate::types::{Records, StrBytes};

/// The most elements an array may claim to have (the cap of Kafka 4.4).
pub const MAX_ARRAY_LEN: usize = 1_000_000;

/// The most tagged fields one struct may claim to have (the cap of Kafka 4.4).
pub const MAX_TAGGED_FIELDS: usize = 10_000;

/// Memory reserved up front for an array, in bytes; longer ones grow while their elements really arrive.
const ARRAY_RESERVE_BYTES: usize = 64 * 1024;

/// Why bytes are not the message they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong, in a few words.
    pub what: &'static str,
    /// The position of the offending bytes, counted from the start of the frame (after the length).
    pub at: usize,
}

impl DecodeError {
    /// An error about the bytes at position `at`.
    pub fn new(what: &'static str, at: usize) -> Self {
        Self { what, at }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.what, self.at)
    }
}

impl std::error::Error for DecodeError {}

/// A position in the bytes of one frame.
#[derive(Debug, Clone)]
pub struct FrameReader {
    bytes: Bytes,
    at: usize,
    /// Where reading ends: the end of the frame, or of the tagged field being read.
    end: usize,
}

impl FrameReader {
    /// Reads from the first of these bytes on; they are a frame without its four length bytes.
    pub fn new(bytes: Bytes) -> Self {
        let end = bytes.len();
        Self { bytes, at: 0, end }
    }

    /// The position from the start of the frame.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The number of bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// Everything not read yet, as a slice of the frame.
    pub fn rest(&self) -> Bytes {
        self.bytes.slice(self.at..self.end)
    }

    /// Fails if bytes are left over.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.remaining() == 0 {
            Ok(())
        } else {
            Err(self.error("bytes left over after the message"))
        }
    }

    /// An error at the current position.
    pub fn error(&self, what: &'static str) -> DecodeError {
        DecodeError::new(what, self.at)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let unread = self.bytes.get(self.at..self.end).unwrap_or_default();
        match unread.first_chunk::<N>() {
            Some(bytes) => {
                self.at += N;
                Ok(*bytes)
            }
            None => Err(self.error("the frame ends inside a field")),
        }
    }

    /// Reads one byte.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Reads one signed byte.
    pub fn i8(&mut self) -> Result<i8, DecodeError> {
        self.array().map(i8::from_be_bytes)
    }

    /// Reads two bytes.
    pub fn i16(&mut self) -> Result<i16, DecodeError> {
        self.array().map(i16::from_be_bytes)
    }

    /// Reads two bytes, unsigned.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Reads four bytes.
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        self.array().map(i32::from_be_bytes)
    }

    /// Reads four bytes, unsigned.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Reads eight bytes.
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        self.array().map(i64::from_be_bytes)
    }

    /// Reads eight bytes as a floating point number.
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        self.array().map(f64::from_be_bytes)
    }

    /// Reads sixteen bytes.
    pub fn bytes16(&mut self) -> Result<[u8; 16], DecodeError> {
        self.array()
    }

    /// Reads a varint of at most five bytes and 32 bits.
    pub fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        let start = self.at;
        let mut value = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.u8()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0x0f {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::new("a varint is longer than 32 bits", start))
    }

    /// Reads `len` bytes as a slice of the frame.
    pub fn take(&mut self, len: usize) -> Result<Bytes, DecodeError> {
        if len > self.remaining() {
            return Err(self.error("a length runs past the end of the frame"));
        }
        let start = self.at;
        self.at += len;
        Ok(self.bytes.slice(start..self.at))
    }

    fn length(&mut self, flexible: bool) -> Result<Option<usize>, DecodeError> {
        let start = self.at;
        if flexible {
            return Ok((self.unsigned_varint()? as usize).checked_sub(1));
        }
        match self.i32()? {
            -1 => Ok(None),
            len => usize::try_from(len)
                .map(Some)
                .map_err(|_| DecodeError::new("a length is negative", start)),
        }
    }

    /// Reads a string, compact if `flexible`; `None` is null.
    pub fn string(&mut self, flexible: bool) -> Result<Option<StrBytes>, DecodeError> {
        let start = self.at;
        let len =
            if flexible {
                (self.unsigned_varint()? as usize).checked_sub(1)
            } else {
                match self.i16()? {
                    -1 => None,
                    len => Some(usize::try_from(len).map_err(|_| {
                        DecodeError::new("the length of a string is negative", start)
                    })?),
                }
            };
        let Some(len) = len else { return Ok(None) };
        if len > StrBytes::MAX_LEN {
            return Err(DecodeError::new(
                "a string is longer than 32767 bytes",
                start,
            ));
        }
        let text = self.take(len)?;
        StrBytes::from_utf8(text)
            .map(Some)
            .map_err(|_| DecodeError::new("a string is not UTF-8", start))
    }

    /// Reads bytes, compact if `flexible`; `None` is null.
    pub fn bytes(&mut self, flexible: bool) -> Result<Option<Bytes>, DecodeError> {
        match self.length(flexible)? {
            Some(len) => self.take(len).map(Some),
            None => Ok(None),
        }
    }

    /// Reads record data, compact if `flexible`; `None` is null.
    pub fn records(&mut self, flexible: bool) -> Result<Option<Records>, DecodeError> {
        Ok(self.bytes(flexible)?.map(Records::from))
    }

    /// Reads an array whose elements `element` reads; `None` is null.
    pub fn elements<T>(
        &mut self,
        flexible: bool,
        mut element: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let start = self.at;
        let Some(len) = self.length(flexible)? else {
            return Ok(None);
        };
        if len > MAX_ARRAY_LEN {
            return Err(DecodeError::new(
                "an array has more than 1000000 elements",
                start,
            ));
        }
        // Each element takes a byte at least.
        if len > self.remaining() {
            return Err(DecodeError::new("an array is longer than the frame", start));
        }
        let reserve = ARRAY_RESERVE_BYTES / size_of::<T>().max(1);
        let mut elements = Vec::with_capacity(len.min(reserve));
        for _ in 0..len {
            elements.push(element(self)?);
        }
        Ok(Some(elements))
    }

    /// Reads the tagged fields of a struct. `field` reads the ones it knows and answers whether it did; others are skipped.
    pub fn read_tagged_fields(
        &mut self,
        mut field: impl FnMut(u32, &mut Self) -> Result<bool, DecodeError>,
    ) -> Result<(), DecodeError> {
        let start = self.at;
        let count = self.unsigned_varint()? as usize;
        if count > MAX_TAGGED_FIELDS {
            return Err(DecodeError::new(
                "a struct has more than 10000 tagged fields",
                start,
            ));
        }
        let outer_end = self.end;
        for _ in 0..count {
            let tag = self.unsigned_varint()?;
            let len = self.unsigned_varint()? as usize;
            if len > self.remaining() {
                return Err(self.error("a tagged field runs past the end of the frame"));
            }
            self.end = self.at + len;
            if field(tag, self)? && self.at != self.end {
                return Err(self.error("bytes left over in a tagged field"));
            }
            self.at = self.end;
            self.end = outer_end;
        }
        Ok(())
    }

    /// Skips the tagged fields of a struct that knows none.
    pub fn skip_tagged_fields(&mut self) -> Result<(), DecodeError> {
        self.read_tagged_fields(|_, _| Ok(false))
    }
}
