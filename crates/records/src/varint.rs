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

/// Bytes that `value` takes as a varint (the same for both widths, as zigzag keeps the magnitude).
#[inline]
pub(crate) fn varint_len(value: i64) -> usize {
    // 7 bits a byte: (bits + 6) / 7 without the division, exact for 1..=64 bits.
    let bits = 64 - (zigzag(value) | 1).leading_zeros() as usize;
    (bits * 9 + 64) / 64
}

/// Writes `value` at `at` and returns the position after it. The caller's buffer has room for it.
#[inline]
pub(crate) fn write_varint(buffer: &mut [u8], mut at: usize, value: i64) -> usize {
    let mut rest = zigzag(value);
    while rest >= 0x80 {
        buffer[at] = (rest as u8) | 0x80;
        rest >>= 7;
        at += 1;
    }
    buffer[at] = rest as u8;
    at + 1
}

/// Takes a 32-bit varint off the front of `rest`; `None` when it is cut off or does not fit.
#[inline]
pub(crate) fn take_varint(rest: &mut &[u8]) -> Option<i32> {
    match **rest {
        [first, ref tail @ ..] if first < 0x80 => {
            *rest = tail;
            Some(unzigzag(u64::from(first)) as i32)
        }
        [first, second, ref tail @ ..] if second < 0x80 => {
            *rest = tail;
            Some(unzigzag(u64::from(first & 0x7f) | u64::from(second) << 7) as i32)
        }
        _ => take_long(rest, MAX_VARINT).and_then(|value| i32::try_from(value).ok()),
    }
}

/// Takes a 64-bit varint off the front of `rest`; `None` when it is cut off or does not fit.
#[inline]
pub(crate) fn take_varlong(rest: &mut &[u8]) -> Option<i64> {
    match **rest {
        [first, ref tail @ ..] if first < 0x80 => {
            *rest = tail;
            Some(unzigzag(u64::from(first)))
        }
        _ => take_long(rest, MAX_VARLONG),
    }
}

#[cold]
fn take_long(rest: &mut &[u8], bytes_max: usize) -> Option<i64> {
    let mut value = 0_u64;
    for (index, &byte) in rest.iter().take(bytes_max).enumerate() {
        // The tenth byte has room for one bit only.
        if index == 9 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            *rest = &rest[index + 1..];
            return Some(unzigzag(value));
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

    #[test]
    fn a_written_value_is_read_back_and_takes_the_length_announced() {
        for value in samples() {
            let mut buffer = [0; MAX_VARLONG];
            let len = write_varint(&mut buffer, 0, value);
            assert_eq!(len, varint_len(value), "{value}");
            let mut rest = &buffer[..len];
            assert_eq!(take_varlong(&mut rest), Some(value));
            assert!(rest.is_empty());
            let mut rest = &buffer[..len];
            assert_eq!(take_varint(&mut rest), i32::try_from(value).ok(), "{value}");
        }
    }

    #[test]
    fn a_cut_off_value_is_refused() {
        for value in samples() {
            let mut buffer = [0; MAX_VARLONG];
            let len = write_varint(&mut buffer, 0, value);
            for cut in 0..len {
                assert_eq!(take_varint(&mut &buffer[..cut]), None);
                assert_eq!(take_varlong(&mut &buffer[..cut]), None);
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
