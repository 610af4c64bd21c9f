//! OAUTHBEARER (RFC 7628, KIP-255): the client's first message with token and extensions, the server's JSON refusal.
//!
//! [`unsecured`] makes tokens that nobody signed, for tests; [`oidc`] speaks of token endpoints (KIP-768).

pub mod oidc;
pub mod unsecured;

use crate::SaslError;

/// A token, and what is known of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The token itself, often a JWT.
    pub value: String,
    /// When it expires, in milliseconds since 1970.
    pub expires_ms: i64,
    /// Whose it is.
    pub principal: String,
    /// SASL extensions sent along, by name.
    pub extensions: Vec<(String, String)>,
}

/// Never the token itself.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("expires_ms", &self.expires_ms)
            .field("principal", &self.principal)
            .finish_non_exhaustive()
    }
}

impl Token {
    /// Whether the parts of a token may be as they are, at the time `now_ms`.
    ///
    /// # Errors
    /// It has expired, or holds characters that may not be sent; in librdkafka's words.
    pub fn check(&self, now_ms: i64) -> Result<(), SaslError> {
        if self.expires_ms <= now_ms {
            return Err(SaslError::Invalid(format!(
                "Must supply an unexpired token: now={now_ms}ms, exp={}ms",
                self.expires_ms
            )));
        }
        check_value(self.value.as_bytes())?;
        for (name, value) in &self.extensions {
            check_name(name.as_bytes())?;
            check_value(value.as_bytes())?;
        }
        Ok(())
    }

    /// The client's first message.
    #[must_use]
    pub fn message(&self) -> OauthbearerMessage {
        OauthbearerMessage {
            authorization_id: String::new(),
            token: self.value.clone(),
            extensions: self.extensions.clone(),
        }
    }
}

/// Separates the parts of the message.
const SEPARATOR: char = '\u{1}';

/// The client's first message: `n,a=authzid,^Aauth=Bearer token^Akey=value^A^A`.
#[derive(Clone, PartialEq, Eq)]
pub struct OauthbearerMessage {
    /// Who to act as; empty: the one the token names.
    pub authorization_id: String,
    /// The token.
    pub token: String,
    /// SASL extensions (KIP-342), by name.
    pub extensions: Vec<(String, String)>,
}

impl OauthbearerMessage {
    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let authorization = match self.authorization_id.as_str() {
            "" => String::new(),
            id => format!("a={id}"),
        };
        let mut text = format!(
            "n,{authorization},{SEPARATOR}auth=Bearer {}{SEPARATOR}",
            self.token
        );
        for (name, value) in &self.extensions {
            text += &format!("{name}={value}{SEPARATOR}");
        }
        text.push(SEPARATOR);
        text.into_bytes()
    }

    /// Read a message.
    ///
    /// # Errors
    /// Not such a message, no token, an extension with a name or value that may not be.
    pub fn parse(bytes: &[u8]) -> Result<Self, SaslError> {
        const WRONG: SaslError = SaslError::Malformed("Invalid OAUTHBEARER client first message");
        let text = std::str::from_utf8(bytes).map_err(|_| WRONG)?;
        let text = text.strip_suffix(SEPARATOR).ok_or(WRONG)?;
        let (header, pairs) = text.split_once(SEPARATOR).ok_or(WRONG)?;
        let header = header.strip_prefix("n,").ok_or(WRONG)?;
        let header = header.strip_suffix(',').ok_or(WRONG)?;
        let authorization_id = match header {
            "" => "",
            header => header.strip_prefix("a=").ok_or(WRONG)?,
        };
        let mut token = None;
        let mut extensions = Vec::new();
        for pair in pairs.split_terminator(SEPARATOR) {
            let (name, value) = pair.split_once('=').ok_or(WRONG)?;
            if name == "auth" {
                let (scheme, value) = value.split_once(' ').ok_or(WRONG)?;
                if !scheme.eq_ignore_ascii_case("bearer") {
                    return Err(SaslError::Malformed(
                        "Invalid scheme in OAUTHBEARER client first message",
                    ));
                }
                token = Some(value.trim().to_owned());
            } else {
                check_name(name.as_bytes())?;
                check_value(value.as_bytes())?;
                extensions.push((name.to_owned(), value.to_owned()));
            }
        }
        let token = token.filter(|token| !token.is_empty()).ok_or(WRONG)?;
        Ok(Self {
            authorization_id: authorization_id.to_owned(),
            token,
            extensions,
        })
    }
}

/// Never the token.
impl std::fmt::Debug for OauthbearerMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OauthbearerMessage")
            .field("authorization_id", &self.authorization_id)
            .field("extensions", &self.extensions)
            .finish_non_exhaustive()
    }
}

/// The message that ends the exchange after a refusal.
pub const KVSEP: &[u8] = b"\x01";

/// Whether an extension may have this name: letters, not `auth`.
///
/// # Errors
/// It may not; in librdkafka's words.
pub fn check_name(name: &[u8]) -> Result<(), SaslError> {
    if name == b"auth" {
        return Err(SaslError::Invalid(
            "Cannot explicitly set the reserved `auth` SASL/OAUTHBEARER extension key".to_owned(),
        ));
    }
    if name.is_empty() {
        return Err(SaslError::Invalid(
            "SASL/OAUTHBEARER extension keys must not be empty".to_owned(),
        ));
    }
    match name.iter().find(|byte| !byte.is_ascii_alphabetic()) {
        Some(&byte) => Err(SaslError::Invalid(format!(
            "SASL/OAUTHBEARER extension keys must only consist of A-Z or a-z characters: {} ({})",
            String::from_utf8_lossy(name),
            String::from_utf8_lossy(&[byte])
        ))),
        None => Ok(()),
    }
}

/// Whether a token or the value of an extension may be as it is: printable characters and white space.
///
/// # Errors
/// It may not; in librdkafka's words.
pub fn check_value(value: &[u8]) -> Result<(), SaslError> {
    let is_fine = |byte| matches!(byte, 0x20..=0x7e | b'\t' | b'\r' | b'\n');
    match value.iter().find(|&&byte| !is_fine(byte)) {
        Some(&byte) => Err(SaslError::Invalid(format!(
            "SASL/OAUTHBEARER extension values must only consist of space, horizontal tab, CR, LF, and \
             visible characters (%x21-7E): {} ({})",
            String::from_utf8_lossy(value),
            String::from_utf8_lossy(&[byte])
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let message = OauthbearerMessage {
            authorization_id: String::new(),
            token: "abc.def.".to_owned(),
            extensions: vec![("traceId".to_owned(), "7".to_owned())],
        };
        let bytes = message.encode();
        assert_eq!(bytes, b"n,,\x01auth=Bearer abc.def.\x01traceId=7\x01\x01");
        assert_eq!(OauthbearerMessage::parse(&bytes), Ok(message));
    }

    #[test]
    fn what_is_no_such_message_is_refused() {
        for bytes in [
            &b""[..],
            b"n,,\x01\x01",
            b"n,,\x01auth=Basic abc\x01\x01",
            b"n,,\x01auth=Bearer \x01\x01",
            b"y,,\x01auth=Bearer abc\x01\x01",
            b"n,,\x01auth=Bearer abc\x01a1=x\x01\x01",
            b"n,,\x01auth=Bearer abc\x01a=\x02\x01\x01",
        ] {
            assert!(OauthbearerMessage::parse(bytes).is_err(), "{bytes:?}");
        }
    }
}
