//! Who a client's certificate says it is: `ssl.principal.mapping.rules`.
//!
//! Owns [`PrincipalRules`]. A rule is `RULE:pattern/replacement/` with an `L` or `U` behind it for small or capital letters;
//! `DEFAULT` takes the whole distinguished name. The first rule whose pattern fits the whole name counts.

use regex_lite::Regex;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::distinguished_name;

/// The rules of a listener.
#[derive(Debug, Clone)]
pub(crate) struct PrincipalRules(Vec<Rule>);

#[derive(Debug, Clone)]
enum Rule {
    Default,
    Replace {
        pattern: Regex,
        replacement: String,
        case: Case,
    },
}

#[derive(Debug, Clone, Copy)]
enum Case {
    Keep,
    Lower,
    Upper,
}

impl PrincipalRules {
    /// Reads the property.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut rules = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (rule, behind) = Rule::read(rest)?;
            rules.push(rule);
            let behind = behind.trim_start();
            rest = match behind.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if behind.is_empty() => behind,
                None => return Err(format!("a comma is missing before {behind:?}")),
            };
        }
        if rules.is_empty() {
            rules.push(Rule::Default);
        }
        Ok(Self(rules))
    }

    /// The principal of a certificate (DER), without `User:`.
    ///
    /// # Errors
    /// The certificate cannot be read, or no rule fits.
    pub(crate) fn principal(&self, certificate: &[u8]) -> Result<String, String> {
        let certificate = Certificate::from_der(certificate)
            .map_err(|error| format!("the client's certificate cannot be read: {error}"))?;
        self.map(&distinguished_name::text(
            certificate.tbs_certificate().subject(),
        ))
    }

    pub(crate) fn map(&self, name: &str) -> Result<String, String> {
        for rule in &self.0 {
            match rule {
                Rule::Default => return Ok(name.to_owned()),
                Rule::Replace {
                    pattern,
                    replacement,
                    case,
                } if pattern.is_match(name) => {
                    let mapped = pattern.replace(name, replacement.as_str());
                    return Ok(match case {
                        Case::Keep => mapped.into_owned(),
                        Case::Lower => mapped.to_lowercase(),
                        Case::Upper => mapped.to_uppercase(),
                    });
                }
                Rule::Replace { .. } => {}
            }
        }
        Err(format!(
            "no rule of ssl.principal.mapping.rules fits {name}"
        ))
    }
}

impl Rule {
    /// One rule, and what stands behind it.
    fn read(text: &str) -> Result<(Self, &str), String> {
        if let Some(rest) = text.strip_prefix("DEFAULT") {
            return Ok((Self::Default, rest));
        }
        let wrong = || format!("{text:?} is neither DEFAULT nor RULE:pattern/replacement/");
        let rest = text.strip_prefix("RULE:").ok_or_else(wrong)?;
        let (pattern, rest) = up_to_slash(rest).ok_or_else(wrong)?;
        let (replacement, rest) = up_to_slash(rest).ok_or_else(wrong)?;
        let (case, rest) = match rest.chars().next() {
            Some('L') => (Case::Lower, &rest[1..]),
            Some('U') => (Case::Upper, &rest[1..]),
            _ => (Case::Keep, rest),
        };
        let pattern = Regex::new(&format!("^(?:{pattern})$"))
            .map_err(|error| format!("the pattern {pattern:?} is wrong: {error}"))?;
        let rule = Self::Replace {
            pattern,
            replacement: braced(&replacement),
            case,
        };
        Ok((rule, rest))
    }
}

/// The text up to a slash that no backslash protects.
fn up_to_slash(text: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '/' => return Some((part, &text[at + 1..])),
            '\\' => match characters.next() {
                Some((_, '/')) => part.push('/'),
                Some((_, escaped)) => part.extend(['\\', escaped]),
                None => return None,
            },
            other => part.push(other),
        }
    }
    None
}

/// Java's `$1` as `${1}`: without braces, letters behind it would belong to the name.
fn braced(replacement: &str) -> String {
    let mut text = String::new();
    let mut characters = replacement.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('$', Some(digit)) if digit.is_ascii_digit() => {
                text.push_str("${");
                text.push(*digit);
                text.push('}');
                characters.next();
            }
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(rules: &str, name: &str) -> Result<String, String> {
        PrincipalRules::parse(rules).unwrap().map(name)
    }

    #[test]
    fn by_default_the_whole_name_is_the_principal() {
        assert_eq!(mapped("DEFAULT", "CN=a,O=b").unwrap(), "CN=a,O=b");
        assert_eq!(mapped("", "CN=a,O=b").unwrap(), "CN=a,O=b");
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules =
            "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L, RULE:^CN=(.*?),OU=(.*?),O=.*$/$1@$2x/,DEFAULT";
        assert_eq!(mapped(rules, "CN=Ann,OU=ServiceUsers,O=x").unwrap(), "ann");
        assert_eq!(mapped(rules, "CN=Ann,OU=Dev,O=x").unwrap(), "Ann@Devx");
        assert_eq!(mapped(rules, "O=x").unwrap(), "O=x");
        assert!(mapped("RULE:^CN=(.*)$/$1/", "O=x").is_err());
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for bad in [
            "RULE:a",
            "RULE:(/x/",
            "DEFAULT DEFAULT",
            "CN",
            "RULE:a/b/Lx",
        ] {
            assert!(PrincipalRules::parse(bad).is_err(), "{bad}");
        }
    }
}
