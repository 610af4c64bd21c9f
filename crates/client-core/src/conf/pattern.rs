//! Regular expressions over topic names, as librdkafka's users write them.
//!
//! librdkafka takes POSIX extended expressions and matches anywhere in the name. The `regex` crate reads
//! nearly all of them the same way; back references, which POSIX does not have either, it refuses.
//! Matching takes time linear in the name, whatever the expression.

use regex::Regex;

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
                Err(error) => return Err(format!("Failed to parse pattern \"{pattern}\": {error}")),
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
    Regex::new(pattern).map_err(|error| posix_words(pattern, &error.to_string()))
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

/// What the C library would say, for the mistakes it has words for.
fn posix_words(pattern: &str, error: &str) -> String {
    let words = [
        ("unclosed character class", "Unmatched [, [^, [:, [., or [="),
        ("unclosed group", "Unmatched ( or \\("),
        ("unopened group", "Unmatched ) or \\)"),
        ("unclosed counted repetition", "Unmatched { or \\{"),
        ("repetition operator missing expression", "Invalid preceding regular expression"),
        ("invalid repetition count range", "Invalid content of \\{\\}"),
        ("invalid character class range", "Invalid range end"),
        ("incomplete escape sequence", "Trailing backslash"),
        ("compiled regex exceeds size limit", "Regular expression too big"),
    ];
    if let Some((_, posix)) = words.iter().find(|(ours, _)| error.contains(ours)) {
        return (*posix).into();
    }
    // The library shows the pattern over several lines; its last line says what is wrong.
    let last = error.lines().last().unwrap_or(pattern);
    last.trim_start_matches("error: ").into()
}
