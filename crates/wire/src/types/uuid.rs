//! Kafka's ids: topic ids, directory ids, the cluster id.

use std::fmt;
use std::str::FromStr;

/// Sixteen bytes. Printed and parsed as Kafka does it: URL-safe base64 without padding, 22 characters.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

/// The text is not an id as Kafka prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseUuidError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 128 bits in digits of six bits; the last digit carries two bits and four zeros.
const DIGITS: usize = 22;

impl Uuid {
    /// The id that means "none".
    pub const ZERO: Self = Self([0; 16]);

    /// Whether this is the id that means "none".
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;

        let value = u128::from_be_bytes(self.0);
        for digit in 0..DIGITS {
            let shift = 122_i32 - 6 * digit as i32;
            let bits = if shift >= 0 {
                value >> shift
            } else {
                value << -shift
            };
            let index = (bits & 0x3f) as usize;
            f.write_char(ALPHABET.get(index).copied().map_or('A', char::from))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = ParseUuidError;

    fn from_str(text: &str) -> Result<Self, ParseUuidError> {
        if text.len() != DIGITS {
            return Err(ParseUuidError);
        }
        let mut value = 0_u128;
        for (position, byte) in text.bytes().enumerate() {
            let digit = ALPHABET
                .iter()
                .position(|letter| *letter == byte)
                .ok_or(ParseUuidError)?;
            let digit = digit as u128;
            if position == DIGITS - 1 {
                value = value << 2 | digit >> 4;
            } else {
                value = value << 6 | digit;
            }
        }
        Ok(Self(value.to_be_bytes()))
    }
}

impl fmt::Display for ParseUuidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id: expected 22 characters of URL-safe base64")
    }
}

impl std::error::Error for ParseUuidError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_as_kafka_prints_it() {
        assert_eq!(Uuid::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        // Kafka's Uuid.METADATA_TOPIC_ID.
        let mut one = [0; 16];
        one[15] = 1;
        assert_eq!(Uuid(one).to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!(Uuid([0xff; 16]).to_string(), "_____________________w");
        let mixed = [
            0x1e, 2, 3, 0x44, 5, 0x96, 7, 8, 9, 10, 0xab, 12, 13, 14, 15, 0xf6,
        ];
        assert_eq!(Uuid(mixed).to_string(), "HgIDRAWWBwgJCqsMDQ4P9g");
    }

    #[test]
    fn what_was_printed_parses_to_the_same_id() {
        let id = Uuid([
            0x1e, 2, 3, 0x44, 5, 0x96, 7, 8, 9, 10, 0xab, 12, 13, 14, 15, 0xf6,
        ]);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn other_text_is_not_an_id() {
        assert_eq!("AAAA".parse::<Uuid>(), Err(ParseUuidError));
        assert_eq!(
            "AAAAAAAAAAAAAAAAAAAA+A".parse::<Uuid>(),
            Err(ParseUuidError)
        );
    }
}
