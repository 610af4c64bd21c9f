//! PLAIN (RFC 4616): one message, `[authzid] NUL authcid NUL passwd`.

use crate::SaslError;

/// The one message of PLAIN.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainMessage {
    /// Who to act as; empty: the one who authenticates.
    pub authorization_id: String,
    /// Who authenticates.
    pub username: String,
    /// The password.
    pub password: String,
}

impl PlainMessage {
    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        [
            self.authorization_id.as_str(),
            &self.username,
            &self.password,
        ]
        .join("\0")
        .into_bytes()
    }

    /// Read the message.
    ///
    /// # Errors
    /// Not three parts of UTF-8, or user name or password empty.
    pub fn parse(bytes: &[u8]) -> Result<Self, SaslError> {
        let text =
            std::str::from_utf8(bytes).map_err(|_| SaslError::Malformed("PLAIN is not UTF-8"))?;
        let parts: Vec<_> = text.split('\0').collect();
        let [authorization_id, username, password] = parts[..] else {
            return Err(SaslError::Malformed("PLAIN is not three parts"));
        };
        if username.is_empty() {
            return Err(SaslError::Malformed("PLAIN without a user name"));
        }
        if password.is_empty() {
            return Err(SaslError::Malformed("PLAIN without a password"));
        }
        Ok(Self {
            authorization_id: authorization_id.to_owned(),
            username: username.to_owned(),
            password: password.to_owned(),
        })
    }
}

/// Never the password.
impl std::fmt::Debug for PlainMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlainMessage")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let message = PlainMessage {
            authorization_id: String::new(),
            username: "tim".to_owned(),
            password: "tänstaaf".to_owned(),
        };
        assert_eq!(message.encode(), "\0tim\0tänstaaf".as_bytes());
        assert_eq!(PlainMessage::parse(&message.encode()), Ok(message));
    }

    #[test]
    fn what_is_not_three_parts_is_refused() {
        for bytes in [
            &b""[..],
            b"\0tim",
            b"\0tim\0a\0b",
            b"\0\0password",
            b"\0tim\0",
            b"\0\xff\0x",
        ] {
            assert!(PlainMessage::parse(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let message = PlainMessage::parse(b"\0tim\0secret").unwrap();
        assert!(!format!("{message:?}").contains("secret"));
    }
}
