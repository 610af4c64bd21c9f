//! Numbers as C reads and writes them: `strtol`, `strtod` and `%g`.
//!
//! librdkafka's configuration is read with these, so what they accept is what its users write.

/// White space to C: the tab to the carriage return, and the space.
#[must_use]
pub const fn is_c_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

/// Splits a sign off; true for minus.
fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The text after `0x`, if a hexadecimal digit (or, for fractions, a point and one) follows.
fn after_hex_prefix(text: &str, allow_point: bool) -> Option<&str> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))?;
    let first = if allow_point {
        digits.strip_prefix('.').unwrap_or(digits)
    } else {
        digits
    };
    first
        .starts_with(|c: char| c.is_ascii_hexdigit())
        .then_some(digits)
}

/// The whole number `text` begins with, in decimal, octal (`0…`) or hexadecimal (`0x…`), held at the
/// ends of 64 bits; what follows it does not count. `None` if `text` does not begin with a number.
#[must_use]
pub fn c_long(text: &str) -> Option<i64> {
    let (is_negative, unsigned) = sign(text.trim_start_matches(is_c_space));
    let (digits, radix) = match after_hex_prefix(unsigned, false) {
        Some(digits) => (digits, 16),
        None if unsigned.starts_with('0') => (unsigned, 8),
        None => (unsigned, 10),
    };
    let mut magnitude: Option<i128> = None;
    for digit in digits.chars().map_while(|c| c.to_digit(radix)) {
        let so_far = magnitude.unwrap_or(0);
        // Anything above 64 bits stays above them: more digits only make it larger.
        magnitude =
            Some((so_far * i128::from(radix) + i128::from(digit)).min(i128::from(u64::MAX)));
    }
    let magnitude = magnitude?;
    let signed = if is_negative { -magnitude } else { magnitude };
    let held = signed.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    i64::try_from(held).ok()
}

/// The number `text` begins with, with a fraction and an exponent if they are there; what follows it
/// does not count. `None` if `text` does not begin with a number.
#[must_use]
pub fn c_double(text: &str) -> Option<f64> {
    let (is_negative, unsigned) = sign(text.trim_start_matches(is_c_space));
    let magnitude = if let Some(digits) = after_hex_prefix(unsigned, true) {
        hexadecimal_double(digits)
    } else {
        let lower = unsigned.to_ascii_lowercase();
        if lower.starts_with("inf") {
            f64::INFINITY
        } else if lower.starts_with("nan") {
            f64::NAN
        } else {
            decimal_prefix(unsigned).parse().ok()?
        }
    };
    Some(if is_negative { -magnitude } else { magnitude })
}

/// The longest beginning of `text` that is digits, a point, digits and an exponent.
fn decimal_prefix(text: &str) -> &str {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(0);
    let mut end = whole;
    if text[end..].starts_with('.') {
        let fraction = digits(end + 1);
        if whole + fraction == 0 {
            return "";
        }
        end += 1 + fraction;
    }
    if end > 0 && text[end..].starts_with(['e', 'E']) {
        let signed = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + signed);
        if exponent > 0 {
            end += 1 + signed + exponent;
        }
    }
    &text[..end]
}

/// The number of the hexadecimal digits `text` begins with, with a binary exponent after `p`.
fn hexadecimal_double(text: &str) -> f64 {
    let mut number = 0.0;
    let mut scale = 0_i32;
    let mut seen_point = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(digit) = c.to_digit(16) {
            number = number * 16.0 + f64::from(digit);
            scale -= if seen_point { 4 } else { 0 };
        } else if c == '.' && !seen_point {
            seen_point = true;
        } else {
            break;
        }
        rest = &rest[c.len_utf8()..];
    }
    if let Some(exponent) = rest.strip_prefix(['p', 'P'])
        && let Some(exponent) = c_long(exponent)
    {
        // Exponents beyond these give zero or infinity whatever the digits were.
        let exponent = i32::try_from(exponent.clamp(-100_000, 100_000)).unwrap_or(0);
        scale = scale.saturating_add(exponent);
    }
    number * 2_f64.powi(scale)
}

/// `number` as C's `%g` writes it: six significant digits, no trailing zeros.
#[must_use]
pub fn format_g(number: f64) -> String {
    if number == 0.0 {
        return if number.is_sign_negative() {
            "-0".into()
        } else {
            "0".into()
        };
    }
    if !number.is_finite() {
        let text = if number.is_nan() { "nan" } else { "inf" };
        return if number.is_sign_negative() {
            format!("-{text}")
        } else {
            text.into()
        };
    }
    let scientific = format!("{number:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        without_trailing_zeros(&format!("{number:.decimals$}")).into()
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!(
            "{}e{sign}{:02}",
            without_trailing_zeros(mantissa),
            exponent.abs()
        )
    }
}

fn without_trailing_zeros(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_as_strtol_reads_them() {
        let cases = [
            ("10", Some(10)),
            (" \t-7", Some(-7)),
            ("+3", Some(3)),
            ("10ms", Some(10)),
            ("0x1F", Some(31)),
            ("0x", Some(0)),
            ("0xg", Some(0)),
            ("010", Some(8)),
            ("08", Some(0)),
            ("99999999999999999999999999", Some(i64::MAX)),
            ("-99999999999999999999999999", Some(i64::MIN)),
            ("", None),
            ("ms", None),
            ("-", None),
            ("- 1", None),
            ("\u{e9}1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(c_long(text), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_with_fractions_are_read_as_strtod_reads_them() {
        let cases = [
            ("5", Some(5.0)),
            ("0.5", Some(0.5)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("-1.25ms", Some(-1.25)),
            ("1e3", Some(1000.0)),
            ("1e", Some(1.0)),
            ("1e+", Some(1.0)),
            ("0x10", Some(16.0)),
            ("0x1.8p1", Some(3.0)),
            ("0x", Some(0.0)),
            ("inf", Some(f64::INFINITY)),
            ("", None),
            (".", None),
            ("e5", None),
            ("abc", None),
            ("\u{e9}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(c_double(text), expected, "{text:?}");
        }
        assert!(c_double("nan").unwrap().is_nan());
    }

    #[test]
    fn numbers_are_written_as_percent_g_writes_them() {
        let cases = [
            (5.0, "5"),
            (0.5, "0.5"),
            (0.0, "0"),
            (900_000.0, "900000"),
            (1_000_000.0, "1e+06"),
            (999_999.5, "1e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.234_567_89, "1.23457"),
            (-2.5, "-2.5"),
            (299_999.9, "300000"),
            (f64::INFINITY, "inf"),
        ];
        for (number, expected) in cases {
            assert_eq!(format_g(number), expected);
        }
    }
}
