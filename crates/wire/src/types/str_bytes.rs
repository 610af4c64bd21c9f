//! A string that is a slice of the frame it came in.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::str::Utf8Error;

use bytes::Bytes;

/// An immutable UTF-8 string over [`Bytes`]: cloning counts a reference, reading one from a frame copies nothing.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StrBytes(Bytes);

impl StrBytes {
    /// The most bytes a string may have on the wire.
    pub const MAX_LEN: usize = i16::MAX as usize;

    /// A string that lives as long as the program; copies nothing.
    pub const fn from_static(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }

    /// Checks that the bytes are UTF-8 and keeps them.
    pub fn from_utf8(bytes: Bytes) -> Result<Self, Utf8Error> {
        std::str::from_utf8(&bytes)?;
        Ok(Self(bytes))
    }

    /// The string.
    pub fn as_str(&self) -> &str {
        // Every constructor has checked the bytes, and they cannot change. Checking again costs a pass over a short
        // string; the alternative is `unsafe`, which this crate forbids.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The bytes of the string.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The bytes of the string, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// A copy in memory of its own, for strings that are kept long after their frame.
    #[must_use]
    pub fn copy_out_of_frame(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }

    /// The longest beginning of at most `max_len` bytes that ends at a character boundary.
    pub(crate) fn prefix(&self, max_len: usize) -> &str {
        let text = self.as_str();
        // A character has four bytes at most.
        (max_len.saturating_sub(3)..=max_len)
            .rev()
            .find_map(|len| text.get(..len.min(text.len())))
            .unwrap_or_default()
    }
}

impl Deref for StrBytes {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for StrBytes {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for StrBytes {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

// Must agree with `str`'s, or lookups by `&str` in maps would miss.
impl Hash for StrBytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl From<&str> for StrBytes {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<String> for StrBytes {
    fn from(text: String) -> Self {
        Self(Bytes::from(text.into_bytes()))
    }
}

impl From<&String> for StrBytes {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<StrBytes> for String {
    fn from(text: StrBytes) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq<str> for StrBytes {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for StrBytes {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<String> for StrBytes {
    fn eq(&self, other: &String) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Display for StrBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for StrBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_map_keyed_by_strings_of_a_frame_is_searched_by_str() {
        let map = HashMap::from([(StrBytes::from("orders"), 1)]);
        assert_eq!(map.get("orders"), Some(&1));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert!(StrBytes::from_utf8(Bytes::from_static(b"\xff")).is_err());
    }

    #[test]
    fn a_prefix_never_cuts_a_character() {
        assert_eq!(StrBytes::from("aä").prefix(2), "a");
        assert_eq!(StrBytes::from("aä").prefix(3), "aä");
    }
}
