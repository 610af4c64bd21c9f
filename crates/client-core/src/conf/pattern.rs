//! Regular expressions over topic names, as librdkafka's users write them.
//!
//! librdkafka takes POSIX extended expressions and matches anywhere in the name. The `regex-lite` crate reads
//! most of them the same way; [`translate`] writes the rest the way it wants them. `\d` is a digit, as
//! everyone expects (POSIX would take it for the letter). Matching takes time linear in the name,
//! whatever the expression.

use std::iter::Peekable;
use std::str::Chars;

use regex_lite::Regex;

/// A list of regular expressions over topic names.
#[derive(Debug, Clone, Default)]
pub struct TopicPatterns {
    patterns: Vec<Regex>,
}

impl TopicPatterns {
    /// Reads a comma-separated list. A comma written twice is one comma of the expression.
    ///
    /// # Errors
    ///
    /// librdkafka's text about the first expression that is none.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut patterns = Vec::new();
        for pattern in split(list) {
            match compile(&pattern) {
                Ok(regex) => patterns.push(regex),
                Err(error) => {
                    return Err(format!("Failed to parse pattern \"{pattern}\": {error}"));
                }
            }
        }
        Ok(Self { patterns })
    }

    /// Whether one of the expressions matches somewhere in `topic`.
    #[must_use]
    pub fn matches(&self, topic: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(topic))
    }

    /// Whether there is no expression.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

/// Compiles one expression.
///
/// # Errors
///
/// What is wrong with it, in the words of POSIX where it has some.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    Regex::new(&translated).map_err(|error| posix_words(&error.to_string()))
}

/// For the property table.
pub(super) fn check_list(list: &str) -> Result<(), String> {
    TopicPatterns::parse(list).map(|_| ())
}

fn split(list: &str) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut current = String::new();
    let mut rest = list.chars().peekable();
    while let Some(c) = rest.next() {
        if c != ',' {
            current.push(c);
        } else if !current.is_empty() && rest.peek() == Some(&',') {
            rest.next();
            current.push(',');
        } else {
            patterns.push(std::mem::take(&mut current));
        }
    }
    if !current.is_empty() {
        patterns.push(current);
    }
    patterns
}

/// Writes a POSIX extended expression the way the `regex-lite` crate wants it: a `)` that closes nothing and
/// escaped letters without a meaning stand for themselves, and within brackets only POSIX's own signs
/// are special.
fn translate(pattern: &str) -> Result<String, String> {
    let mut translated = String::with_capacity(pattern.len() + 8);
    let mut open_groups = 0_usize;
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => translate_escape(rest.next(), &mut translated)?,
            '[' => translate_brackets(&mut rest, &mut translated)?,
            '(' if rest.peek() == Some(&'?') => {
                return Err("Invalid preceding regular expression".into());
            }
            '(' => {
                open_groups += 1;
                translated.push('(');
            }
            ')' if open_groups == 0 => translated.push_str("\\)"),
            ')' => {
                open_groups -= 1;
                translated.push(')');
            }
            _ => translated.push(c),
        }
    }
    Ok(translated)
}

fn translate_escape(escaped: Option<char>, translated: &mut String) -> Result<(), String> {
    match escaped {
        None => return Err("Trailing backslash".into()),
        Some('1'..='9') => return Err("Invalid back reference".into()),
        Some(c) => {
            // Letters with a meaning in both worlds, and signs, keep their backslash.
            if "wWsSbBdD<>".contains(c) || c.is_ascii_punctuation() {
                translated.push('\\');
            }
            translated.push(c);
        }
    }
    Ok(())
}

/// From after `[` to its `]`. A `]` that comes first is one of the characters.
fn translate_brackets(
    rest: &mut Peekable<Chars<'_>>,
    translated: &mut String,
) -> Result<(), String> {
    const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";
    const CLASSES: [&str; 12] = [
        "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
        "upper", "xdigit",
    ];
    translated.push('[');
    if rest.next_if_eq(&'^').is_some() {
        translated.push('^');
    }
    if rest.next_if_eq(&']').is_some() {
        translated.push_str("\\]");
    }
    loop {
        match rest.next() {
            None => return Err(UNMATCHED.into()),
            Some(']') => {
                translated.push(']');
                return Ok(());
            }
            Some('[') => match rest.next_if(|c| matches!(c, ':' | '.' | '=')) {
                None => translated.push_str("\\["),
                Some(kind) => {
                    let name = named_class(rest, kind).ok_or(UNMATCHED)?;
                    if kind == ':' {
                        if !CLASSES.contains(&name.as_str()) {
                            return Err("Invalid character class name".into());
                        }
                        translated.push_str(&format!("[:{name}:]"));
                    } else {
                        translated.push_str(&regex_lite::escape(&name));
                    }
                }
            },
            Some(c @ ('\\' | '&' | '~')) => {
                translated.push('\\');
                translated.push(c);
            }
            Some(c) => translated.push(c),
        }
    }
}

/// The name in `[:name:]`, `[.name.]` or `[=name=]`, read up to its end.
fn named_class(rest: &mut Peekable<Chars<'_>>, kind: char) -> Option<String> {
    let mut name = String::new();
    loop {
        let c = rest.next()?;
        if c == kind && rest.next_if_eq(&']').is_some() {
            return Some(name);
        }
        name.push(c);
    }
}

/// What the C library would say, for the mistakes it has words for.
fn posix_words(error: &str) -> String {
    const UNMATCHED_BRACE: &str = "Unmatched \\{";
    const INVALID_CONTENT: &str = "Invalid content of \\{\\}";
    let words = [
        ("open group without closing", "Unmatched ( or \\("),
        ("unclosed counted repetition", UNMATCHED_BRACE),
        ("with a comma that is unclosed", UNMATCHED_BRACE),
        ("min and max that is unclosed", UNMATCHED_BRACE),
        ("must be applied to", "Invalid preceding regular expression"),
        ("min bigger than its max", INVALID_CONTENT),
        ("decimal number", INVALID_CONTENT),
        ("closing brace for counted repetition", INVALID_CONTENT),
        ("invalid range in character class", "Invalid range end"),
        ("exceeded size limit", "Regular expression too big"),
    ];
    if let Some((_, posix)) = words.iter().find(|(ours, _)| error.contains(ours)) {
        return (*posix).into();
    }
    error.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, topic: &str) -> bool {
        compile(pattern).unwrap().is_match(topic)
    }

    #[test]
    fn a_list_ends_at_single_commas_and_keeps_doubled_ones() {
        let patterns = TopicPatterns::parse("^a$,^b{1,,2}$").unwrap();
        for topic in ["a", "b", "bb"] {
            assert!(patterns.matches(topic), "{topic}");
        }
        for topic in ["c", "bbb", ""] {
            assert!(!patterns.matches(topic), "{topic}");
        }
        assert!(TopicPatterns::parse("").unwrap().is_empty());
    }

    #[test]
    fn an_expression_matches_anywhere_unless_anchored() {
        assert!(matches("rder", "orders"));
        assert!(matches("^ord", "orders"));
        assert!(!matches("^rder", "orders"));
    }

    #[test]
    fn brackets_hold_what_posix_says_they_hold() {
        assert!(matches("^[[:alpha:]]+$", "abc"));
        assert!(matches("^[]a]$", "]"));
        assert!(matches("^[[a]$", "["));
        assert!(matches("^[a&&b]+$", "a&b"));
        assert!(matches("^[\\d]$", "\\"));
        assert!(!matches("^[^]a]$", "]"));
    }

    #[test]
    fn what_stands_for_itself_in_posix_does_so_here() {
        assert!(matches("^a)$", "a)"));
        assert!(matches("^\\y$", "y"));
        assert!(matches("^[0-9]+\\.v\\d$", "12.v3"));
        assert!(matches("^a**b$", "aab"));
        assert!(matches("\\<b\\>", "a.b"));
    }

    #[test]
    fn mistakes_are_named_in_the_words_of_posix() {
        let cases = [
            ("[a", "Unmatched [, [^, [:, [., or [="),
            ("(a", "Unmatched ( or \\("),
            ("*a", "Invalid preceding regular expression"),
            ("(?i)a", "Invalid preceding regular expression"),
            ("a\\", "Trailing backslash"),
            ("(a)\\1", "Invalid back reference"),
            ("[b-a]", "Invalid range end"),
            ("[[:foo:]]", "Invalid character class name"),
            ("a{2,1}", "Invalid content of \\{\\}"),
            ("a{x}", "Invalid content of \\{\\}"),
            ("a{2x}", "Invalid content of \\{\\}"),
            ("a{", "Unmatched \\{"),
            ("a{2", "Unmatched \\{"),
            ("a{2,", "Unmatched \\{"),
            ("a{2,3", "Unmatched \\{"),
            ("(a{999}){999}", "Regular expression too big"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(compile(pattern).unwrap_err(), expected, "{pattern}");
        }
        let error = TopicPatterns::parse("^ok,(a").unwrap_err();
        assert_eq!(error, "Failed to parse pattern \"(a\": Unmatched ( or \\(");
    }
}
