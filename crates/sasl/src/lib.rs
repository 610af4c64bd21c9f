//! SASL mechanisms, without I/O: PLAIN, SCRAM-SHA-256/512, OAUTHBEARER.
//!
//! Owns the messages of each mechanism (both directions, so that client and broker parse what the other writes) and the
//! machines that exchange them: bytes in, bytes out. Who carries them - Kafka's SaslAuthenticate - and where
//! credentials are kept is left to the caller; randomness (nonces) and time come as arguments. Bytes of a peer never
//! panic. No threads.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod jaas;
pub mod jws;
pub mod oauthbearer;
pub mod plain;
pub mod scram;

/// What is wrong with a message of the peer, or with the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaslError {
    /// The bytes are no message of the mechanism; says which part.
    Malformed(&'static str),
    /// A part of the message may not be as it is: says why.
    Invalid(String),
    /// The peer refused; its words.
    Refused(String),
    /// The peer could not prove that it knows the password.
    NotProven,
}

impl std::fmt::Display for SaslError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "malformed SASL message: {what}"),
            Self::Invalid(why) | Self::Refused(why) => f.write_str(why),
            Self::NotProven => f.write_str("the server did not prove that it knows the password"),
        }
    }
}

impl std::error::Error for SaslError {}
