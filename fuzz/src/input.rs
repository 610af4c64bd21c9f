//! Takes an input apart: the little numbers and pieces that say what a target does with the rest.
//!
//! Never fails: what is not there is zero, or empty. So each input means something, and a mutation changes it a little.

use rdkafka_wire::ApiKey;

/// The bytes not yet used.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of an input.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, self.0));
        self.0 = rest;
        *first
    }

    /// The next two bytes as a number.
    pub fn short(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// A piece with its length in two bytes before it; the rest where that is shorter.
    pub fn piece(&mut self) -> &'a [u8] {
        let len = usize::from(self.short()).min(self.0.len());
        let (piece, rest) = self.0.split_at(len);
        self.0 = rest;
        piece
    }

    /// One of these; there is at least one.
    pub fn choice<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::from(self.byte()) % of.len()]
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// All that is left, as text; what is no UTF-8 is replaced.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.rest()).into_owned()
    }
}

/// Writes inputs as [`Input`] reads them, for seeds.
#[derive(Debug, Clone, Default)]
pub struct Seed(Vec<u8>);

impl Seed {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A byte.
    pub fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    /// A key and a version of it, in a byte each.
    pub fn key(self, key: ApiKey, version: i16) -> Self {
        // Keys and versions are small.
        let byte = |number| u8::try_from(number).unwrap_or(0);
        let key_byte = byte(key.code());
        self.byte(key_byte)
            .byte(byte(version - key.versions().start()))
    }

    /// A number of two bytes.
    pub fn short(mut self, short: u16) -> Self {
        self.0.extend(short.to_be_bytes());
        self
    }

    /// A piece with its length before it. Pieces of seeds are short.
    pub fn piece(self, piece: &[u8]) -> Self {
        let len = u16::try_from(piece.len()).unwrap_or(u16::MAX);
        self.short(len).rest(&piece[..usize::from(len)])
    }

    /// The rest.
    pub fn rest(mut self, rest: &[u8]) -> Self {
        self.0.extend_from_slice(rest);
        self
    }

    /// The seed.
    pub fn done(self) -> Vec<u8> {
        self.0
    }
}
