//! Reads Java's property files: `server.properties`, and those of client properties.
//!
//! Comments start with `#` or `!`, a line that ends in a backslash goes on in the next one, key and value are separated
//! by `=`, `:` or blanks, characters may be written as `\u` with four hexadecimal digits, and with the usual escapes.

use std::fmt;

/// One property of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The line it begins in, counted from 1.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A line that is no property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertiesError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for PropertiesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for PropertiesError {}

/// The properties of a file, in its order; a key may come twice, the last one counts.
///
/// # Errors
/// The first line with a broken escape.
pub fn parse_properties(text: &str) -> Result<Vec<Property>, PropertiesError> {
    let mut properties = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let mut logical = line.trim_start().to_owned();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while ends_in_continuation(&logical) {
            logical.pop();
            let Some((next, _)) = lines.next() else { break };
            logical.push_str(next.trim_start());
        }
        let error = |reason| PropertiesError {
            line: number,
            reason,
        };
        let (name, value) = split(&logical);
        properties.push(Property {
            line: number,
            name: unescape(name).map_err(error)?,
            value: unescape(value).map_err(error)?,
        });
    }
    Ok(properties)
}

/// An odd number of backslashes at the end.
fn ends_in_continuation(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// At the first separator that is not escaped; blanks around it belong to neither side.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let at = line.char_indices().find(|(_, character)| {
        let is_separator = !escaped && matches!(character, '=' | ':' | ' ' | '\t' | '\u{c}');
        escaped = !escaped && *character == '\\';
        is_separator
    });
    let Some((at, _)) = at else { return (line, "") };
    let rest = line[at..].trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (&line[..at], value.trim_start())
}

fn unescape(text: &str) -> Result<String, &'static str> {
    if !text.contains('\\') {
        return Ok(text.to_owned());
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('f') => plain.push('\u{c}'),
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16)
                    .map_err(|_| "a \\u escape needs four hexadecimal digits")?;
                plain.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        let properties = parse_properties(text).unwrap().into_iter();
        properties.map(|it| (it.name, it.value)).collect()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn comments_and_blank_lines_are_skipped() {
        assert_eq!(parsed("# a\n\n  ! b\nnode.id=1\n"), [pair("node.id", "1")]);
    }

    #[test]
    fn every_separator_works() {
        let expected = [
            pair("a", "1"),
            pair("b", "2"),
            pair("c", "3"),
            pair("d", ""),
            pair("e", "x=y"),
        ];
        assert_eq!(parsed("a = 1\nb:2\nc 3\nd\ne=x=y"), expected);
    }

    #[test]
    fn a_backslash_at_the_end_joins_lines() {
        assert_eq!(
            parsed("log.dirs=/a,\\\n   /b\nx=1"),
            [pair("log.dirs", "/a,/b"), pair("x", "1")]
        );
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(parsed("a\\ b=\\u0041\\tz\\\\"), [pair("a b", "A\tz\\")]);
        assert_eq!(parse_properties("a=\\uxyz").unwrap_err().line, 1);
    }

    #[test]
    fn a_property_knows_the_line_it_begins_in() {
        let properties = parse_properties("# c\n\na=1,\\\n 2\n\nb=3\n").unwrap();
        let lines: Vec<_> = properties.iter().map(|it| (it.line, &*it.name)).collect();
        assert_eq!(lines, [(3, "a"), (6, "b")]);
    }
}
