//! Seeded random messages, for tests: every field that a version has gets a random value, the others their defaults.
//!
//! Behind the feature `arbitrary`; nothing of it is in a release.

use bytes::Bytes;

use crate::codec::Encoding;
use crate::types::{Records, StrBytes, Uuid};

/// A small deterministic generator (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same values.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// A value, or null in a quarter of the cases where null is allowed.
    pub fn option<T: Arbitrary>(&mut self, may_be_null: bool, encoding: Encoding) -> Option<T> {
        if may_be_null && self.below(4) == 0 {
            None
        } else {
            Some(T::arbitrary(self, encoding))
        }
    }

    fn bytes(&mut self, below: u64) -> Vec<u8> {
        (0..self.below(below)).map(|_| self.bits() as u8).collect()
    }
}

/// A type of which random values can be made.
pub trait Arbitrary: Sized {
    /// A random value that survives a round trip in this encoding.
    fn arbitrary(random: &mut Random, encoding: Encoding) -> Self;
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl Arbitrary for $ty {
            fn arbitrary(random: &mut Random, _: Encoding) -> Self {
                // Extremes are rare in random bits and common in bugs.
                match random.below(6) {
                    0 => Self::MIN,
                    1 => Self::MAX,
                    2 => 0,
                    _ => random.bits() as Self,
                }
            }
        }
    )*};
}

numbers! { i8 i16 u16 i32 u32 i64 }

impl Arbitrary for f64 {
    fn arbitrary(random: &mut Random, _: Encoding) -> Self {
        random.bits() as i32 as Self / 16.0
    }
}

impl Arbitrary for bool {
    fn arbitrary(random: &mut Random, _: Encoding) -> Self {
        random.below(2) == 0
    }
}

impl Arbitrary for Uuid {
    fn arbitrary(random: &mut Random, _: Encoding) -> Self {
        let mut bytes = [0; 16];
        bytes.fill_with(|| random.bits() as u8);
        Self(bytes)
    }
}

impl Arbitrary for StrBytes {
    fn arbitrary(random: &mut Random, _: Encoding) -> Self {
        // Once in a while longer than a one-byte varint can say.
        let len = if random.below(16) == 0 {
            200
        } else {
            random.below(12)
        };
        let text: String = (0..len)
            .map(|_| match random.below(8) {
                0 => 'ä',
                1 => '語',
                2 => '🦀',
                _ => char::from(b'a' + random.below(26) as u8),
            })
            .collect();
        text.into()
    }
}

impl Arbitrary for Bytes {
    fn arbitrary(random: &mut Random, _: Encoding) -> Self {
        // Once in a while large enough to ride along uncopied.
        let below = if random.below(16) == 0 { 4096 } else { 24 };
        random.bytes(below).into()
    }
}

impl Arbitrary for Records {
    fn arbitrary(random: &mut Random, encoding: Encoding) -> Self {
        (0..random.below(3))
            .map(|_| Bytes::arbitrary(random, encoding))
            .collect::<Vec<_>>()
            .into()
    }
}

impl<T: Arbitrary> Arbitrary for Vec<T> {
    fn arbitrary(random: &mut Random, encoding: Encoding) -> Self {
        (0..random.below(4))
            .map(|_| T::arbitrary(random, encoding))
            .collect()
    }
}
