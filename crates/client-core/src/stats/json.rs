//! A JSON object written piece by piece: names, numbers, strings, nested objects. Pure.

use std::fmt::{Display, Write as _};

/// An object under construction.
#[derive(Debug)]
pub(crate) struct Json {
    text: String,
    /// Whether a comma is due before the next name.
    needs_comma: bool,
}

impl Json {
    /// The outermost object, opened.
    pub(crate) fn new() -> Self {
        Self {
            text: "{".to_owned(),
            needs_comma: false,
        }
    }

    /// The finished object.
    pub(crate) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    /// A number or a boolean: whatever shows itself as JSON.
    pub(crate) fn plain(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.name(name);
        // Writing to a String cannot fail.
        _ = write!(self.text, "{value}");
        self
    }

    /// A string.
    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        self.quoted(value);
        self
    }

    /// An object within.
    pub(crate) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.name(name);
        self.text.push('{');
        self.needs_comma = false;
        fill(self);
        self.text.push('}');
        self.needs_comma = true;
        self
    }

    fn name(&mut self, name: &str) {
        if std::mem::replace(&mut self.needs_comma, true) {
            self.text.push(',');
        }
        self.quoted(name);
        self.text.push(':');
    }

    fn quoted(&mut self, value: &str) {
        self.text.push('"');
        for c in value.chars() {
            match c {
                '"' | '\\' => {
                    self.text.push('\\');
                    self.text.push(c);
                }
                c if c < ' ' => _ = write!(self.text, "\\u{:04x}", u32::from(c)),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_strings_are_escaped_and_objects_nest() {
        let mut json = Json::new();
        json.text("a\"b", "line\nback\\slash");
        json.object("o", |json| {
            json.plain("n", -1).plain("t", true);
        });
        json.object("empty", |_| {});
        let expected = r#"{"a\"b":"line\u000aback\\slash","o":{"n":-1,"t":true},"empty":{}}"#;
        assert_eq!(json.finish(), expected);
    }
}
