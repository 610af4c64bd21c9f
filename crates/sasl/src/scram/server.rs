//! The server's side of SCRAM: two messages in, two out.
//!
//! The caller looks the user up between the two, where users are kept. A user who does not exist takes the same way as one
//! who does, up to the proof.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::SaslError;
use crate::scram::messages::{ClientFinal, ClientFirst, ServerFinal, ServerFirst, auth_message};
use crate::scram::{ScramMechanism, xor};

/// What a server keeps about a user: nothing that a client could log in with.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramCredential {
    /// Hashed together with the password.
    pub salt: Vec<u8>,
    /// How often the password is hashed.
    pub iterations: NonZeroU32,
    /// `H(client key)`
    pub stored_key: Vec<u8>,
    /// `HMAC(salted password, "Server Key")`
    pub server_key: Vec<u8>,
}

impl ScramCredential {
    /// What to keep of a password that was hashed already, as AlterUserScramCredentials brings it.
    #[must_use]
    pub fn from_salted_password(
        mechanism: ScramMechanism,
        salted_password: &[u8],
        salt: Vec<u8>,
        iterations: NonZeroU32,
    ) -> Self {
        let keys = mechanism.keys(salted_password);
        Self {
            salt,
            iterations,
            stored_key: keys.stored_key,
            server_key: keys.server_key,
        }
    }

    /// What to keep of a password. Takes milliseconds.
    #[must_use]
    pub fn from_password(
        mechanism: ScramMechanism,
        password: &[u8],
        salt: Vec<u8>,
        iterations: NonZeroU32,
    ) -> Self {
        let salted = mechanism.salted_password(password, &salt, iterations);
        Self::from_salted_password(mechanism, &salted, salt, iterations)
    }

    /// What to keep of a delegation token (KIP-48), whose password is its HMAC in base64. Takes milliseconds.
    #[must_use]
    pub fn from_token(
        mechanism: ScramMechanism,
        hmac: &[u8],
        salt: Vec<u8>,
        iterations: NonZeroU32,
    ) -> Self {
        Self::from_password(
            mechanism,
            STANDARD.encode(hmac).as_bytes(),
            salt,
            iterations,
        )
    }
}

/// Never a key.
impl std::fmt::Debug for ScramCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScramCredential")
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// An authentication that has begun: who wants in is known.
#[derive(Debug)]
pub struct ScramServer {
    mechanism: ScramMechanism,
    first: ClientFirst,
    bare: String,
}

/// An authentication that waits for the client's proof.
#[derive(Debug)]
pub struct ScramChallenge {
    begun: ScramServer,
    server_first: ServerFirst,
    credential: ScramCredential,
}

impl ScramServer {
    /// Reads the client's first message.
    ///
    /// # Errors
    /// It is none, or the client wants to act as somebody else.
    pub fn begin(mechanism: ScramMechanism, message: &[u8]) -> Result<Self, SaslError> {
        let (first, bare) = ClientFirst::parse(message)?;
        let other = !first.authorization_id.is_empty() && first.authorization_id != first.username;
        if other {
            return Err(SaslError::Invalid(
                "Authentication failed: Client requested an authorization id that is different from username".into(),
            ));
        }
        Ok(Self {
            mechanism,
            first,
            bare,
        })
    }

    /// Who wants in.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.first.username
    }

    /// Whether the user is a delegation token.
    #[must_use]
    pub fn has_token(&self) -> bool {
        let mut extensions = self.first.extensions.iter();
        extensions.any(|(name, value)| name == "tokenauth" && value.eq_ignore_ascii_case("true"))
    }

    /// The challenge for the user, and the message that carries it. `nonce` is random, printable and without commas.
    #[must_use]
    pub fn challenge(self, credential: ScramCredential, nonce: &str) -> (ScramChallenge, Vec<u8>) {
        let server_first = ServerFirst {
            nonce: format!("{}{nonce}", self.first.nonce),
            salt: credential.salt.clone(),
            iterations: credential.iterations,
        };
        let message = server_first.encode().into_bytes();
        let challenge = ScramChallenge {
            begun: self,
            server_first,
            credential,
        };
        (challenge, message)
    }
}

impl ScramChallenge {
    /// Checks the client's proof; gives the message that proves the server's own knowledge.
    ///
    /// # Errors
    /// The message is none, belongs to another exchange, or the client does not know the password.
    pub fn finish(self, message: &[u8]) -> Result<Vec<u8>, SaslError> {
        let (last, without_proof) = ClientFinal::parse(message)?;
        let Self {
            begun,
            server_first,
            credential,
        } = self;
        // librdkafka before 2.6 puts its own nonce before it once more; Kafka takes that, and it is as fresh.
        if !last.nonce.ends_with(&server_first.nonce) {
            return Err(SaslError::Malformed("client-final-message: another nonce"));
        }
        let auth = auth_message(&begun.bare, &server_first.encode(), &without_proof);
        let mechanism = begun.mechanism;
        let client_signature = mechanism.hmac(&credential.stored_key, auth.as_bytes());
        let client_key = xor(&last.proof, &client_signature);
        // Hashes are compared: how long that takes tells nothing about the key.
        if last.proof.len() != client_signature.len()
            || mechanism.hash(&client_key) != credential.stored_key
        {
            return Err(SaslError::NotProven);
        }
        let signature = mechanism.hmac(&credential.server_key, auth.as_bytes());
        Ok(ServerFinal::Signature(signature).encode())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scram::client::ScramClient;

    fn credential(mechanism: ScramMechanism, password: &str) -> ScramCredential {
        let iterations = NonZeroU32::new(4096).unwrap();
        ScramCredential::from_password(mechanism, password.as_bytes(), b"salt".to_vec(), iterations)
    }

    fn exchange(
        mechanism: ScramMechanism,
        user: &str,
        client_password: &str,
        server_password: &str,
    ) -> Result<Option<Vec<u8>>, SaslError> {
        let mut client = ScramClient::new(mechanism, user, "clientnonce".into());
        let server = ScramServer::begin(mechanism, &client.first_message())?;
        assert_eq!(server.username(), user);
        let (challenge, message) =
            server.challenge(credential(mechanism, server_password), "servernonce");
        let proof = client
            .answer(&message, client_password.as_bytes())?
            .unwrap();
        let message = challenge.finish(&proof)?;
        client.answer(&message, client_password.as_bytes())
    }

    #[test]
    fn both_sides_prove_themselves_to_each_other() {
        for mechanism in ScramMechanism::ALL {
            assert_eq!(exchange(mechanism, "al,i=ce", "sésame", "sésame"), Ok(None));
        }
    }

    #[test]
    fn a_wrong_password_is_found_out_by_the_server() {
        let result = exchange(ScramMechanism::Sha512, "alice", "guess", "sesame");
        assert_eq!(result, Err(SaslError::NotProven));
    }

    #[test]
    fn a_nonce_that_an_old_librdkafka_put_before_the_right_one_does_no_harm() {
        let mechanism = ScramMechanism::Sha256;
        let client = ScramClient::new(mechanism, "a", "mine".into());
        let first = client.first_message();
        let server = ScramServer::begin(mechanism, &first).unwrap();
        let credential = credential(mechanism, "p");
        let (challenge, server_first) = server.challenge(credential.clone(), "yours");
        let mut last = ClientFinal {
            channel_binding: b"n,,".to_vec(),
            nonce: "minemineyours".into(),
            proof: Vec::new(),
        };
        let auth = auth_message(
            "n=a,r=mine",
            &String::from_utf8(server_first).unwrap(),
            &last.without_proof(),
        );
        let salted = mechanism.salted_password(b"p", &credential.salt, credential.iterations);
        let keys = mechanism.keys(&salted);
        let signature = mechanism.hmac(&keys.stored_key, auth.as_bytes());
        last.proof = xor(&keys.client_key, &signature);
        assert!(challenge.finish(&last.encode()).is_ok());
    }

    #[test]
    fn a_proof_for_another_exchange_or_of_another_length_is_refused() {
        let begin = || {
            let client = ScramClient::new(ScramMechanism::Sha256, "a", "n".into());
            let server = ScramServer::begin(ScramMechanism::Sha256, &client.first_message());
            server
                .unwrap()
                .challenge(credential(ScramMechanism::Sha256, "p"), "s")
                .0
        };
        for message in [
            &b"c=biws,r=other,p=AAAA"[..],
            b"c=biws,r=ns,p=AAAA",
            b"",
            b"c=biws,r=ns,p=",
        ] {
            assert!(begin().finish(message).is_err(), "{message:?}");
        }
    }

    #[test]
    fn nobody_acts_as_another_and_a_token_says_that_it_is_one() {
        let begin = |message| ScramServer::begin(ScramMechanism::Sha256, message);
        assert!(begin(b"n,a=bob,n=alice,r=x").is_err());
        assert!(!begin(b"n,a=alice,n=alice,r=x").unwrap().has_token());
        assert!(begin(b"n,,n=alice,r=x,tokenauth=true").unwrap().has_token());
    }
}
