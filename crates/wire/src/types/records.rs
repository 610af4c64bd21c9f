//! The record data of a Produce or Fetch field.

use std::fmt;
use std::slice;

use bytes::Bytes;

use crate::writer::concatenate;

/// Record batches as they travel: opaque here, in one or more slices that are never joined on the way out.
#[derive(Clone)]
pub struct Records(Slices);

#[derive(Clone)]
enum Slices {
    /// The usual case, without an allocation: what was read from a frame, or one sealed batch.
    One(Bytes),
    Many(Vec<Bytes>),
    /// So many bytes that whoever sends the frame puts in.
    Elsewhere(usize),
}

impl Records {
    /// `len` bytes that are not in memory. A frame has an empty chunk in their place, and nowhere else: whoever sends it
    /// puts them in.
    pub const fn elsewhere(len: usize) -> Self {
        Self(Slices::Elsewhere(len))
    }

    /// The number of bytes in all slices, or of those that are elsewhere.
    pub fn len(&self) -> usize {
        match self.0 {
            Slices::Elsewhere(len) => len,
            _ => self.slices().iter().map(Bytes::len).sum(),
        }
    }

    /// How many bytes are not here.
    pub(crate) const fn missing(&self) -> usize {
        match self.0 {
            Slices::Elsewhere(len) => len,
            _ => 0,
        }
    }

    /// Whether there is not a single byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The slices, in order; none of what is elsewhere.
    pub fn slices(&self) -> &[Bytes] {
        match &self.0 {
            Slices::One(bytes) => slice::from_ref(bytes),
            Slices::Many(slices) => slices,
            Slices::Elsewhere(_) => &[],
        }
    }

    /// All slices in one piece; copies only if there are several.
    pub fn into_bytes(self) -> Bytes {
        let len = self.len();
        match self.0 {
            Slices::One(bytes) => bytes,
            Slices::Many(slices) => concatenate(slices, len),
            Slices::Elsewhere(_) => Bytes::new(),
        }
    }
}

impl Default for Records {
    fn default() -> Self {
        Self(Slices::One(Bytes::new()))
    }
}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self(Slices::One(bytes))
    }
}

impl From<Vec<Bytes>> for Records {
    fn from(slices: Vec<Bytes>) -> Self {
        Self(Slices::Many(slices))
    }
}

/// Equal when the bytes are, however they are sliced.
impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        fn bytes(records: &Records) -> impl Iterator<Item = &u8> {
            records.slices().iter().flatten()
        }
        self.len() == other.len() && bytes(self).eq(bytes(other))
    }
}

impl Eq for Records {}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Records({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_equal_however_they_are_sliced() {
        let whole = Records::from(Bytes::from_static(b"abcdef"));
        let sliced = Records::from(vec![Bytes::from_static(b"ab"), Bytes::from_static(b"cdef")]);
        assert_eq!(whole, sliced);
        assert_eq!(sliced.into_bytes(), "abcdef");
        assert_ne!(whole, Records::default());
    }
}
