//! Splits a stub into tokens. Only what the stub dialect needs; everything else is an error.

/// An error and the line it was found on.
#[derive(Debug)]
pub(crate) struct StubError {
    pub(crate) line: usize,
    pub(crate) message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    OpenTag,
    /// The text of a `/** */` comment.
    Doc(String),
    /// A word or a (qualified) name.
    Name(String),
    /// `$name`, without the dollar sign.
    Variable(String),
    Integer(i64),
    Punctuation(char),
    End,
}

pub(crate) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, StubError> {
    let mut rest = text;
    let mut line = 1;
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if first.is_whitespace() {
            (None, first.len_utf8())
        } else {
            let (token, length) =
                token(rest, first).map_err(|message| StubError { line, message })?;
            (Some(token), length)
        };
        if let Some(token) = token {
            found.push((token, line));
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found.push((Token::End, line));
    Ok(found)
}

/// The token that `rest` starts with, and its length in bytes.
fn token(rest: &str, first: char) -> Result<(Token, usize), String> {
    if rest.starts_with("<?php") {
        return Ok((Token::OpenTag, 5));
    }
    if rest.starts_with("/**") {
        let length = rest.find("*/").ok_or("a comment is never closed")? + 2;
        return Ok((Token::Doc(rest[..length].to_owned()), length));
    }
    if let Some(variable) = rest.strip_prefix('$') {
        let length = name_length(variable);
        if length == 0 {
            return Err("a name is missing after `$`".to_owned());
        }
        return Ok((Token::Variable(variable[..length].to_owned()), length + 1));
    }
    if first.is_ascii_digit() || first == '-' {
        let digits = rest[1..]
            .find(|next: char| !next.is_ascii_digit())
            .unwrap_or(rest.len() - 1);
        let number = &rest[..=digits];
        let value = number
            .parse()
            .map_err(|_| format!("`{number}` is not an integer"))?;
        return Ok((Token::Integer(value), number.len()));
    }
    let length = name_length(rest);
    if length > 0 {
        return Ok((Token::Name(rest[..length].to_owned()), length));
    }
    if "{}()[]:;,=|?&".contains(first) {
        return Ok((Token::Punctuation(first), first.len_utf8()));
    }
    Err(format!("`{first}` has no place in a stub"))
}

fn name_length(text: &str) -> usize {
    text.find(|next: char| !(next.is_ascii_alphanumeric() || next == '_' || next == '\\'))
        .unwrap_or(text.len())
}
