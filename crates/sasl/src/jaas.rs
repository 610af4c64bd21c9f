//! Login modules as `sasl.jaas.config` names them: `a.b.PlainLoginModule required user_alice="secret" key=value;`
//!
//! Owns the syntax. What the options mean is the caller's.

/// One login module.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginModule {
    /// The class, with its package.
    pub class: String,
    /// Its options, in their order.
    pub options: Vec<(String, String)>,
}

/// Never the options: they hold passwords.
impl std::fmt::Debug for LoginModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginModule")
            .field("class", &self.class)
            .finish_non_exhaustive()
    }
}

impl LoginModule {
    /// Reads one login module.
    ///
    /// # Errors
    /// Says what is missing. Never tells a value: they are passwords.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut words = Words { rest: text };
        let class = words.next_word()?.ok_or("it is empty")?;
        let flag = words.next_word()?.unwrap_or_default();
        let is_flag = ["required", "requisite", "sufficient", "optional"]
            .iter()
            .any(|known| flag.eq_ignore_ascii_case(known));
        if !is_flag {
            return Err(format!("`required` is missing behind {class}"));
        }
        let mut options = Vec::new();
        loop {
            if words.take(';') {
                break;
            }
            let Some(name) = words.next_word()? else {
                return Err("the `;` at its end is missing".into());
            };
            if !words.take('=') {
                return Err(format!("`=` is missing behind option {name}"));
            }
            let value = words
                .next_word()?
                .ok_or_else(|| format!("option {name} has no value"))?;
            options.push((name, value));
        }
        if !words.rest.trim().is_empty() {
            return Err("one login module is enough; there is text behind its `;`".into());
        }
        Ok(Self { class, options })
    }

    /// The class without its package.
    #[must_use]
    pub fn simple_class(&self) -> &str {
        self.class.rsplit('.').next().unwrap_or_default()
    }

    /// An option's value.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str())
    }
}

struct Words<'a> {
    rest: &'a str,
}

impl Words<'_> {
    fn take(&mut self, sign: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A quoted text, or everything up to a blank, `=` or `;`.
    fn next_word(&mut self) -> Result<Option<String>, String> {
        self.rest = self.rest.trim_start();
        let quote = match self.rest.chars().next() {
            None => return Ok(None),
            Some(quote @ ('"' | '\'')) => quote,
            Some(_) => {
                let end = self
                    .rest
                    .find(|it: char| it.is_whitespace() || matches!(it, '=' | ';'))
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Ok((!word.is_empty()).then(|| word.to_owned()));
            }
        };
        let mut word = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => word.extend(characters.next().map(|(_, escaped)| escaped)),
                it if it == quote => {
                    self.rest = &self.rest[at + quote.len_utf8()..];
                    return Ok(Some(word));
                }
                it => word.push(it),
            }
        }
        Err("a quote is not closed".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_and_options_are_read() {
        let text = "org.apache.kafka.common.security.plain.PlainLoginModule required\n username=\"admin\" \
                    password='ad;min' user_alice=\"a\\\"b\" user_bob=plain;";
        let module = LoginModule::parse(text).unwrap();
        assert_eq!(module.simple_class(), "PlainLoginModule");
        assert_eq!(module.option("password"), Some("ad;min"));
        assert_eq!(module.option("user_alice"), Some("a\"b"));
        assert_eq!(module.option("user_bob"), Some("plain"));
        assert_eq!(module.option("user_carol"), None);
        assert!(!format!("{module:?}").contains("ad;min"));
    }

    #[test]
    fn what_is_wrong_is_said_without_telling_a_secret() {
        for (text, reason) in [
            ("", "empty"),
            ("a.B", "required"),
            ("a.B required user_a=\"secret\"", "`;`"),
            ("a.B required user_a=\"secret", "quote"),
            ("a.B required user_a;", "`=`"),
            ("a.B required user_a=;", "no value"),
            ("a.B required; x", "enough"),
        ] {
            let error = LoginModule::parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
