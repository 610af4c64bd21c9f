//! OAUTHBEARER (RFC 7628, KIP-255): the client's first message with token and extensions, the server's JSON refusal.

use crate::SaslError;

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
                check_extension(name, value)?;
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

/// Whether an extension may be as it is: a name of letters that is not `auth`, a value of printable characters.
///
/// # Errors
/// It may not; says why.
pub fn check_extension(name: &str, value: &str) -> Result<(), SaslError> {
    if name == "auth" {
        return Err(SaslError::Invalid(format!(
            "Cannot explicitly set the reserved `auth` SASL/OAUTHBEARER extension key: {name}={value}"
        )));
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(SaslError::Invalid(format!(
            "Invalid SASL/OAUTHBEARER extension key: {name}"
        )));
    }
    let is_printable = |byte| matches!(byte, 0x20..=0x7e | b'\t' | b'\r' | b'\n');
    if value.is_empty() || !value.bytes().all(is_printable) {
        return Err(SaslError::Invalid(format!(
            "Invalid SASL/OAUTHBEARER extension value: {name}={value}"
        )));
    }
    Ok(())
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
            b"n,,\x01auth=Bearer abc\x01a=\x01\x01",
        ] {
            assert!(OauthbearerMessage::parse(bytes).is_err(), "{bytes:?}");
        }
    }
}
