//! Zigzag varints, as protocol buffers have them: the integers inside a record.
//!
//! Guarantees: reading never goes past the slice and refuses encodings longer than the type; writing
//! never needs more than [`MAX_VARINT`] or [`MAX_VARLONG`] bytes.

/// Most bytes a 32-bit varint takes.
pub(crate) const MAX_VARINT: usize = 5;
/// Most bytes a 64-bit varint takes.
pub(crate) const MAX_VARLONG: usize = 10;
#[inline]
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[inline]
fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

/// Writing a varint needs this much room, however short it is.
pub(crate) const VARINT_SLACK: usize = 8;

/// A number, encoded in registers. It is written in pieces of fixed size, to be overwritten by what follows:
/// byte by byte through memory costs three times as much.
#[derive(Clone, Copy)]
pub(crate) struct Varint {
    /// The first eight bytes, the first of them lowest.
    low: u64,
    /// The ninth and tenth.
    high: u16,
    len: usize,
}

impl Varint {
    #[inline(always)]
    pub(crate) fn new(value: i64) -> Self {
        let rest = zigzag(value);
        if rest < 1 << 7 {
            Self {
                low: rest,
                high: 0,
                len: 1,
            }
        } else if rest < 1 << 14 {
            Self {
                low: (rest & 0x7f) | 0x80 | (rest & 0x3f80) << 1,
                high: 0,
                len: 2,
            }
        } else if rest < 1 << 21 {
            let low = (rest & 0x7f) | (rest & 0x3f80) << 1 | (rest & 0x1f_c000) << 2;
            Self {
                low: low | 0x8080,
                high: 0,
                len: 3,
            }
        } else {
            Self::new_long(rest)
        }
    }

    /// The length in front of bytes that may be null.
    #[inline(always)]
    pub(crate) fn of_nullable(bytes: Option<&[u8]>) -> Self {
        Self::new(bytes.map_or(-1, |bytes| bytes.len() as i64))
    }

    #[cold]
    fn new_long(mut rest: u64) -> Self {
        let mut bytes = [0; 16];
        let mut len = 0;
        while rest >= 0x80 {
            bytes[len] = (rest as u8) | 0x80;
            rest >>= 7;
            len += 1;
        }
        bytes[len] = rest as u8;
        let all = u128::from_le_bytes(bytes);
        Self {
            low: all as u64,
            high: (all >> 64) as u16,
            len: len + 1,
        }
    }

    /// Bytes the number takes.
    #[inline(always)]
    pub(crate) const fn len(self) -> usize {
        self.len
    }

    /// Writes the number at `at` and returns the position after it. `out` has room for it and
    /// [`VARINT_SLACK`] bytes more.
    #[inline(always)]
    pub(crate) fn write(self, out: &mut [u8], at: usize) -> usize {
        out[at..at + 8].copy_from_slice(&self.low.to_le_bytes());
        if self.len > 8 {
            out[at + 8..at + 10].copy_from_slice(&self.high.to_le_bytes());
        }
        at + self.len
    }
}

/// Takes a 32-bit varint off the front of `rest`; `None` when it is cut off or does not fit.
#[inline(always)]
pub(crate) fn take_varint(rest: &mut &[u8]) -> Option<i32> {
    match **rest {
        [first, ref tail @ ..] if first < 0x80 => {
            *rest = tail;
            Some(unzigzag(u64::from(first)) as i32)
        }
        [first, second, ref tail @ ..] if second < 0x80 => {
            *rest = tail;
            Some(unzigzag(two(first, second)) as i32)
        }
        [first, second, third, ref tail @ ..] if third < 0x80 => {
            *rest = tail;
            Some(unzigzag(two(first, second & 0x7f) | u64::from(third) << 14) as i32)
        }
        _ => {
            let (value, tail) = split_long(rest, MAX_VARINT)?;
            *rest = tail;
            i32::try_from(value).ok()
        }
    }
}

/// Takes a 64-bit varint off the front of `rest`; `None` when it is cut off or does not fit.
#[inline(always)]
pub(crate) fn take_varlong(rest: &mut &[u8]) -> Option<i64> {
    match **rest {
        [first, ref tail @ ..] if first < 0x80 => {
            *rest = tail;
            Some(unzigzag(u64::from(first)))
        }
        [first, second, ref tail @ ..] if second < 0x80 => {
            *rest = tail;
            Some(unzigzag(two(first, second)))
        }
        _ => {
            let (value, tail) = split_long(rest, MAX_VARLONG)?;
            *rest = tail;
            Some(value)
        }
    }
}

/// The first two bytes of a number, without the first one's mark.
#[inline(always)]
fn two(first: u8, second: u8) -> u64 {
    u64::from(first & 0x7f) | u64::from(second) << 7
}

/// The general case. By value on purpose: a reference to the caller's slice would force that slice into
/// memory, and the fast path above to wait for it there (16 ns a record instead of 7).
#[cold]
fn split_long(rest: &[u8], bytes_max: usize) -> Option<(i64, &[u8])> {
    let mut value = 0_u64;
    for (index, &byte) in rest.iter().take(bytes_max).enumerate() {
        // The tenth byte has room for one bit only.
        if index == 9 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some((unzigzag(value), &rest[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<i64> {
        let mut values = vec![0, -1, 1, i64::MAX, i64::MIN];
        for bit in 0..63 {
            for near in [-1, 0, 1] {
                let value = (1_i64 << bit) + near;
                values.extend([value, -value]);
            }
        }
        values
    }

    fn encoded(value: i64) -> Vec<u8> {
        let mut out = [0xee; 20];
        let end = Varint::new(value).write(&mut out, 1);
        assert_eq!(end, 1 + Varint::new(value).len());
        out[1..end].to_vec()
    }

    #[test]
    fn a_written_value_is_read_back() {
        for value in samples() {
            let bytes = encoded(value);
            let mut rest = &bytes[..];
            assert_eq!(take_varlong(&mut rest), Some(value));
            assert!(rest.is_empty());
            assert_eq!(
                take_varint(&mut &bytes[..]),
                i32::try_from(value).ok(),
                "{value}"
            );
        }
    }

    #[test]
    fn small_magnitudes_take_few_bytes_whatever_their_sign() {
        for (value, len) in [
            (0, 1),
            (63, 1),
            (-64, 1),
            (64, 2),
            (-65, 2),
            (8191, 2),
            (8192, 3),
        ] {
            assert_eq!(encoded(value).len(), len, "{value}");
        }
        assert_eq!(encoded(i64::MIN).len(), MAX_VARLONG);
    }

    #[test]
    fn a_cut_off_value_is_refused() {
        for value in samples() {
            let bytes = encoded(value);
            for cut in 0..bytes.len() {
                assert_eq!(take_varint(&mut &bytes[..cut]), None);
                assert_eq!(take_varlong(&mut &bytes[..cut]), None);
            }
        }
    }

    #[test]
    fn a_value_longer_than_the_type_is_refused() {
        assert_eq!(
            take_varint(&mut &[0x80, 0x80, 0x80, 0x80, 0x80, 0x01][..]),
            None
        );
        assert_eq!(take_varint(&mut &[0xff, 0xff, 0xff, 0xff, 0x1f][..]), None);
        assert_eq!(take_varlong(&mut &[0x80; 11][..]), None);
        let mut overlong = [0xff; 10];
        overlong[9] = 0x02;
        assert_eq!(take_varlong(&mut &overlong[..]), None);
    }
}
