//! SCRAM (RFC 5802, RFC 7677): hash functions and keys.
//!
//! [`messages`] is the syntax of the four messages, both ways; [`client`] the client's machine, [`server`] the server's. As Kafka and librdkafka
//! do, user names and passwords are used as they are, without SASLprep.

pub mod client;
pub mod messages;
pub mod server;

use std::num::NonZeroU32;

use ring::{digest, hmac, pbkdf2};

/// Fewest iterations either side accepts (RFC 7677, and what Kafka demands).
pub const ITERATIONS_MIN: u32 = 4096;
/// Most iterations a client carries out for a server: some tenths of a second. Kafka's own limit is 16384.
pub const ITERATIONS_MAX: u32 = 1_000_000;

/// A SCRAM mechanism, named by its hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScramMechanism {
    /// SCRAM-SHA-256
    Sha256,
    /// SCRAM-SHA-512
    Sha512,
}

impl ScramMechanism {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// The mechanism's name, as in SaslHandshake.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// The mechanism of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// `H(data)`.
    #[must_use]
    pub fn hash(self, data: &[u8]) -> Vec<u8> {
        digest::digest(self.digest(), data).as_ref().to_vec()
    }

    /// `HMAC(key, data)`.
    #[must_use]
    pub fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(self.hmac_algorithm(), key);
        hmac::sign(&key, data).as_ref().to_vec()
    }

    /// `Hi(password, salt, iterations)`: PBKDF2. Takes microseconds per iteration thousands: keep it off event loops.
    #[must_use]
    pub fn salted_password(self, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Vec<u8> {
        let mut out = vec![0; self.digest().output_len()];
        let algorithm = match self {
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        };
        pbkdf2::derive(algorithm, iterations, salt, password, &mut out);
        out
    }

    /// The four keys that follow from a salted password.
    #[must_use]
    pub fn keys(self, salted_password: &[u8]) -> ScramKeys {
        let client_key = self.hmac(salted_password, b"Client Key");
        ScramKeys {
            stored_key: self.hash(&client_key),
            server_key: self.hmac(salted_password, b"Server Key"),
            client_key,
        }
    }

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        }
    }

    fn hmac_algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }
}

/// What each side proves its knowledge of the password with. A server keeps `stored_key` and `server_key` only.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramKeys {
    /// `HMAC(salted password, "Client Key")`
    pub client_key: Vec<u8>,
    /// `H(client key)`
    pub stored_key: Vec<u8>,
    /// `HMAC(salted password, "Server Key")`
    pub server_key: Vec<u8>,
}

/// Never a key.
impl std::fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScramKeys").finish_non_exhaustive()
    }
}

/// `one XOR other`, as long as the shorter.
#[must_use]
pub fn xor(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(a, b)| a ^ b).collect()
}
