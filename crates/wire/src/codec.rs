//! Which type is written and read how.
//!
//! Owns the two encodings of every type: the classic one (fixed-width lengths) and the one of flexible versions (compact
//! lengths, tagged fields; KIP-482). `#[derive(Message)]` builds structs from these.
//! Leaves bounds checks to `reader`, chunks to `writer`.
#![deny(clippy::indexing_slicing)]

use bytes::Bytes;

use crate::reader::{DecodeError, FrameReader};
use crate::types::{Records, StrBytes, Uuid};
use crate::writer::FrameWriter;

/// In which version, and in which of the two encodings, a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding {
    /// The version of the message.
    pub version: i16,
    /// Whether lengths are compact and structs end in tagged fields.
    pub flexible: bool,
}

impl Encoding {
    /// The same version in the classic encoding.
    #[must_use]
    pub fn classic(self) -> Self {
        Self {
            flexible: false,
            ..self
        }
    }
}

/// A value that travels as a field.
pub trait Codec: Sized {
    /// Writes the value.
    fn write(&self, w: &mut FrameWriter, encoding: Encoding);
    /// Reads a value; null is an error.
    fn read(r: &mut FrameReader, encoding: Encoding) -> Result<Self, DecodeError>;
}

/// A value that may also travel as null.
pub trait Nullable: Codec {
    /// Writes the value, or null.
    fn write_nullable(value: Option<&Self>, w: &mut FrameWriter, encoding: Encoding);
    /// Reads a value, or null.
    fn read_nullable(r: &mut FrameReader, encoding: Encoding) -> Result<Option<Self>, DecodeError>;
}

/// Writes a value in a version that knows no null: null becomes the empty value.
pub fn write_or_empty<T: Codec + Default>(
    value: Option<&T>,
    w: &mut FrameWriter,
    encoding: Encoding,
) {
    match value {
        Some(value) => value.write(w, encoding),
        None => T::default().write(w, encoding),
    }
}

/// Writes the byte that says whether a struct follows, and the struct.
pub fn write_nullable_struct<T: Codec>(value: Option<&T>, w: &mut FrameWriter, encoding: Encoding) {
    match value {
        Some(value) => {
            w.put_i8(1);
            value.write(w, encoding);
        }
        None => w.put_i8(-1),
    }
}

/// Reads what [`write_nullable_struct`] wrote.
pub fn read_nullable_struct<T: Codec>(
    r: &mut FrameReader,
    encoding: Encoding,
) -> Result<Option<T>, DecodeError> {
    // As in Kafka, any negative number is null and any other announces a struct.
    if r.i8()? < 0 {
        Ok(None)
    } else {
        T::read(r, encoding).map(Some)
    }
}

macro_rules! numbers {
    ($($ty:ty => $put:ident, $read:ident;)*) => {$(
        impl Codec for $ty {
            fn write(&self, w: &mut FrameWriter, _: Encoding) {
                w.$put(*self);
            }

            fn read(r: &mut FrameReader, _: Encoding) -> Result<Self, DecodeError> {
                r.$read()
            }
        }
    )*};
}

numbers! {
    i8 => put_i8, i8;
    i16 => put_i16, i16;
    u16 => put_u16, u16;
    i32 => put_i32, i32;
    u32 => put_u32, u32;
    i64 => put_i64, i64;
    f64 => put_f64, f64;
}

impl Codec for bool {
    fn write(&self, w: &mut FrameWriter, _: Encoding) {
        w.put_i8(i8::from(*self));
    }

    fn read(r: &mut FrameReader, _: Encoding) -> Result<Self, DecodeError> {
        Ok(r.i8()? != 0)
    }
}

impl Codec for Uuid {
    fn write(&self, w: &mut FrameWriter, _: Encoding) {
        w.copy_slice(&self.0);
    }

    fn read(r: &mut FrameReader, _: Encoding) -> Result<Self, DecodeError> {
        r.bytes16().map(Self)
    }
}

macro_rules! lengths_first {
    ($($ty:ty => $put:ident, $read:ident, $null:literal;)*) => {$(
        impl Codec for $ty {
            fn write(&self, w: &mut FrameWriter, encoding: Encoding) {
                w.$put(Some(self), encoding.flexible);
            }

            fn read(r: &mut FrameReader, encoding: Encoding) -> Result<Self, DecodeError> {
                let start = r.position();
                r.$read(encoding.flexible)?.ok_or_else(|| DecodeError::new($null, start))
            }
        }

        impl Nullable for $ty {
            fn write_nullable(value: Option<&Self>, w: &mut FrameWriter, encoding: Encoding) {
                w.$put(value, encoding.flexible);
            }

            fn read_nullable(r: &mut FrameReader, encoding: Encoding) -> Result<Option<Self>, DecodeError> {
                r.$read(encoding.flexible)
            }
        }
    )*};
}

lengths_first! {
    StrBytes => put_string, string, "a string is null where null is not allowed";
    Bytes => put_bytes, bytes, "bytes are null where null is not allowed";
    Records => put_records, records, "records are null where null is not allowed";
}

impl<T: Codec> Codec for Vec<T> {
    fn write(&self, w: &mut FrameWriter, encoding: Encoding) {
        Self::write_nullable(Some(self), w, encoding);
    }

    fn read(r: &mut FrameReader, encoding: Encoding) -> Result<Self, DecodeError> {
        let start = r.position();
        Self::read_nullable(r, encoding)?
            .ok_or_else(|| DecodeError::new("an array is null where null is not allowed", start))
    }
}

impl<T: Codec> Nullable for Vec<T> {
    fn write_nullable(value: Option<&Self>, w: &mut FrameWriter, encoding: Encoding) {
        w.put_length(value.map(Self::len), encoding.flexible);
        for element in value.into_iter().flatten() {
            element.write(w, encoding);
        }
    }

    fn read_nullable(r: &mut FrameReader, encoding: Encoding) -> Result<Option<Self>, DecodeError> {
        r.elements(encoding.flexible, |r| T::read(r, encoding))
    }
}
