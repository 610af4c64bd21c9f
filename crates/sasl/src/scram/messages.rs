//! The four messages of SCRAM, written and read: `client-first`, `server-first`, `client-final`, `server-final`.
//!
//! Each is a list of `name=value`, separated by commas. Extensions that are not mandatory are kept aside (Kafka's
//! `tokenauth=true` tells that a delegation token authenticates) or skipped; mandatory ones (`m=`) are refused.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::SaslError;

/// No channel binding, and no authorization id.
pub const GS2_HEADER: &str = "n,,";

/// `n,a=authzid,n=user,r=nonce[,extensions]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFirst {
    /// Who to act as; empty: the one who authenticates.
    pub authorization_id: String,
    /// Who authenticates.
    pub username: String,
    /// The client's part of the nonce.
    pub nonce: String,
    /// What follows, name by name: Kafka's `tokenauth`.
    pub extensions: Vec<(String, String)>,
}

impl ClientFirst {
    /// All before `n=`: what the client repeats in base64 as `c=`.
    #[must_use]
    pub fn gs2_header(&self) -> String {
        if self.authorization_id.is_empty() {
            GS2_HEADER.to_owned()
        } else {
            format!("n,a={},", escape(&self.authorization_id))
        }
    }

    /// All after the header: the first part of what is signed.
    #[must_use]
    pub fn bare(&self) -> String {
        let mut text = format!("n={},r={}", escape(&self.username), self.nonce);
        for (name, value) in &self.extensions {
            text += &format!(",{name}={value}");
        }
        text
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        (self.gs2_header() + &self.bare()).into_bytes()
    }

    /// Read a message; gives the bare part back as it was written, for the signature.
    ///
    /// # Errors
    /// Not such a message; channel binding demanded; a mandatory extension.
    pub fn parse(bytes: &[u8]) -> Result<(Self, String), SaslError> {
        const WRONG: SaslError = SaslError::Malformed("client-first-message");
        let text = utf8(bytes)?;
        let rest = text
            .strip_prefix("n,")
            .or_else(|| text.strip_prefix("y,"))
            .ok_or(SaslError::Malformed(
                "client-first-message: channel binding is not supported",
            ))?;
        let (authorization, bare) = rest.split_once(',').ok_or(WRONG)?;
        let authorization_id = match authorization {
            "" => String::new(),
            other => unescape(other.strip_prefix("a=").ok_or(WRONG)?)?,
        };
        let mut attributes = bare.split(',').map(attribute);
        let mut next = |name: &str| match attributes.next() {
            Some(Ok((found, value))) if found == name => Ok(value),
            Some(Ok(("m", _))) => Err(SaslError::Malformed(
                "client-first-message: unknown mandatory extension",
            )),
            _ => Err(WRONG),
        };
        let username = unescape(next("n")?)?;
        let nonce = next("r")?.to_owned();
        if username.is_empty() || nonce.is_empty() {
            return Err(WRONG);
        }
        let mut extensions = Vec::new();
        for attribute in attributes {
            let (name, value) = attribute?;
            extensions.push((name.to_owned(), value.to_owned()));
        }
        let first = Self {
            authorization_id,
            username,
            nonce,
            extensions,
        };
        Ok((first, bare.to_owned()))
    }
}

/// `r=nonce,s=salt,i=iterations`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFirst {
    /// The client's nonce, with the server's behind it.
    pub nonce: String,
    /// The user's salt.
    pub salt: Vec<u8>,
    /// How often the password is hashed.
    pub iterations: NonZeroU32,
}

impl ServerFirst {
    /// The text on the wire: also the second part of what is signed.
    #[must_use]
    pub fn encode(&self) -> String {
        format!(
            "r={},s={},i={}",
            self.nonce,
            STANDARD.encode(&self.salt),
            self.iterations
        )
    }

    /// Read a message.
    ///
    /// # Errors
    /// Not such a message, or the server's refusal (`e=`).
    pub fn parse(bytes: &[u8]) -> Result<Self, SaslError> {
        const WRONG: SaslError = SaslError::Malformed("server-first-message");
        let text = utf8(bytes)?;
        let mut attributes = text.split(',').map(attribute);
        let mut next = |name: &str| match attributes.next() {
            Some(Ok((found, value))) if found == name => Ok(value),
            Some(Ok(("e", error))) => Err(SaslError::Refused(error.to_owned())),
            _ => Err(WRONG),
        };
        let nonce = next("r")?.to_owned();
        let salt = STANDARD.decode(next("s")?).map_err(|_| WRONG)?;
        let iterations = next("i")?.parse().map_err(|_| WRONG)?;
        Ok(Self {
            nonce,
            salt,
            iterations,
        })
    }
}

/// `c=binding,r=nonce,p=proof`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFinal {
    /// The header of the first message.
    pub channel_binding: Vec<u8>,
    /// Both nonces.
    pub nonce: String,
    /// The proof that the client knows the password.
    pub proof: Vec<u8>,
}

impl ClientFinal {
    /// All before the proof: the third part of what is signed.
    #[must_use]
    pub fn without_proof(&self) -> String {
        format!(
            "c={},r={}",
            STANDARD.encode(&self.channel_binding),
            self.nonce
        )
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let proof = STANDARD.encode(&self.proof);
        format!("{},p={proof}", self.without_proof()).into_bytes()
    }

    /// Read a message; gives what stands before the proof back as it was written, for the signature.
    ///
    /// # Errors
    /// Not such a message.
    pub fn parse(bytes: &[u8]) -> Result<(Self, String), SaslError> {
        const WRONG: SaslError = SaslError::Malformed("client-final-message");
        let text = utf8(bytes)?;
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(WRONG)?;
        let mut attributes = without_proof.split(',').map(attribute);
        let mut next = |name: &str| match attributes.next() {
            Some(Ok((found, value))) if found == name => Ok(value),
            _ => Err(WRONG),
        };
        let channel_binding = STANDARD.decode(next("c")?).map_err(|_| WRONG)?;
        let nonce = next("r")?.to_owned();
        let last = Self {
            channel_binding,
            nonce,
            proof: STANDARD.decode(proof).map_err(|_| WRONG)?,
        };
        Ok((last, without_proof.to_owned()))
    }
}

/// `v=signature` or `e=error`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerFinal {
    /// The proof that the server knows the password.
    Signature(Vec<u8>),
    /// Refused: RFC 5802's word for why.
    Error(String),
}

impl ServerFinal {
    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Signature(signature) => format!("v={}", STANDARD.encode(signature)).into_bytes(),
            Self::Error(error) => format!("e={error}").into_bytes(),
        }
    }

    /// Read a message.
    ///
    /// # Errors
    /// Not such a message.
    pub fn parse(bytes: &[u8]) -> Result<Self, SaslError> {
        const WRONG: SaslError = SaslError::Malformed("server-final-message");
        let text = utf8(bytes)?;
        let first = text.split(',').next().unwrap_or_default();
        match attribute(first)? {
            ("v", signature) => {
                let signature = STANDARD.decode(signature).map_err(|_| WRONG)?;
                Ok(Self::Signature(signature))
            }
            ("e", error) => Ok(Self::Error(error.to_owned())),
            _ => Err(WRONG),
        }
    }
}

/// What both sides sign.
#[must_use]
pub fn auth_message(
    client_first_bare: &str,
    server_first: &str,
    client_final_without_proof: &str,
) -> String {
    [client_first_bare, server_first, client_final_without_proof].join(",")
}

fn utf8(bytes: &[u8]) -> Result<&str, SaslError> {
    std::str::from_utf8(bytes).map_err(|_| SaslError::Malformed("SCRAM message is not UTF-8"))
}

fn attribute(text: &str) -> Result<(&str, &str), SaslError> {
    text.split_once('=')
        .ok_or(SaslError::Malformed("SCRAM attribute without `=`"))
}

/// `,` and `=` may not stand in a name.
fn escape(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

fn unescape(name: &str) -> Result<String, SaslError> {
    const WRONG: SaslError = SaslError::Malformed("SCRAM name with a bad escape");
    let mut parts = name.split('=');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (character, rest) = match (part.strip_prefix("3D"), part.strip_prefix("2C")) {
            (Some(rest), _) => ('=', rest),
            (_, Some(rest)) => (',', rest),
            _ => return Err(WRONG),
        };
        text.push(character);
        text += rest;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_first_message_comes_back_whatever_the_name(username in "[^\0]{1,20}", authorization_id in ".{0,5}") {
            let first = ClientFirst {
                authorization_id,
                username,
                nonce: "abc".to_owned(),
                extensions: vec![("tokenauth".to_owned(), "true".to_owned())],
            };
            prop_assert_eq!(ClientFirst::parse(&first.encode()), Ok((first.clone(), first.bare())));
        }
    }

    #[test]
    fn a_name_with_a_bad_escape_is_refused() {
        assert!(ClientFirst::parse(b"n,,n=a=2Cb,r=x").is_ok());
        assert!(ClientFirst::parse(b"n,,n=a=b,r=x").is_err());
        assert!(ClientFirst::parse(b"p=tls-unique,,n=a,r=x").is_err());
    }
}
