//! The client's side of SCRAM: three messages out, two in.

use crate::SaslError;
use crate::scram::messages::{ClientFinal, ClientFirst, ServerFinal, ServerFirst, auth_message};
use crate::scram::{ITERATIONS_MAX, ITERATIONS_MIN, ScramMechanism, xor};

/// One authentication.
#[derive(Debug)]
pub struct ScramClient {
    mechanism: ScramMechanism,
    first: ClientFirst,
    state: State,
}

enum State {
    /// Our first message is sent.
    First,
    /// Our proof is sent; the server must sign with this.
    Final { server_signature: Vec<u8> },
    /// Over.
    Done,
}

/// Never a signature.
impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::First => "First",
            Self::Final { .. } => "Final",
            Self::Done => "Done",
        })
    }
}

impl ScramClient {
    /// Begin; `nonce` is random, printable and without commas.
    #[must_use]
    pub fn new(mechanism: ScramMechanism, username: &str, nonce: String) -> Self {
        Self {
            mechanism,
            first: ClientFirst {
                authorization_id: String::new(),
                username: username.to_owned(),
                nonce,
                extensions: Vec::new(),
            },
            state: State::First,
        }
    }

    /// The message to begin with.
    #[must_use]
    pub fn first_message(&self) -> Vec<u8> {
        self.first.encode()
    }

    /// Answer a message of the server; `None`: both sides have proven themselves. Hashes the password as often as the
    /// server wants, which takes milliseconds.
    ///
    /// # Errors
    /// The message is none, the server refused, or did not prove itself. The exchange is over then.
    pub fn answer(
        &mut self,
        message: &[u8],
        password: &[u8],
    ) -> Result<Option<Vec<u8>>, SaslError> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::First => self.prove(message, password).map(Some),
            State::Final { server_signature } => match ServerFinal::parse(message)? {
                ServerFinal::Error(error) => Err(SaslError::Refused(error)),
                // Who could learn something from how long this takes has already sent us the answer.
                ServerFinal::Signature(signature) if signature == server_signature => Ok(None),
                ServerFinal::Signature(_) => Err(SaslError::NotProven),
            },
            State::Done => Err(SaslError::Malformed("a message after the last")),
        }
    }

    fn prove(&mut self, message: &[u8], password: &[u8]) -> Result<Vec<u8>, SaslError> {
        let server_first = ServerFirst::parse(message)?;
        let ours = &self.first.nonce;
        if !server_first.nonce.starts_with(ours.as_str()) || server_first.nonce.len() == ours.len()
        {
            return Err(SaslError::Invalid(
                "Server/client nonce mismatch in server-first-message".to_owned(),
            ));
        }
        let iterations = server_first.iterations.get();
        if !(ITERATIONS_MIN..=ITERATIONS_MAX).contains(&iterations) {
            return Err(SaslError::Invalid(format!(
                "Iteration count {iterations} of the server is outside {ITERATIONS_MIN}..{ITERATIONS_MAX}"
            )));
        }
        let mechanism = self.mechanism;
        let salted =
            mechanism.salted_password(password, &server_first.salt, server_first.iterations);
        let keys = mechanism.keys(&salted);
        let mut last = ClientFinal {
            channel_binding: self.first.gs2_header().into_bytes(),
            nonce: server_first.nonce,
            proof: Vec::new(),
        };
        // Signed as the server wrote it.
        let server_first = String::from_utf8_lossy(message);
        let auth = auth_message(&self.first.bare(), &server_first, &last.without_proof());
        let client_signature = mechanism.hmac(&keys.stored_key, auth.as_bytes());
        last.proof = xor(&keys.client_key, &client_signature);
        self.state = State::Final {
            server_signature: mechanism.hmac(&keys.server_key, auth.as_bytes()),
        };
        Ok(last.encode())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER_FIRST: &[u8] =
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    fn begun() -> ScramClient {
        let nonce = "rOprNGfwEbeRWgbNEkqO".to_owned();
        ScramClient::new(ScramMechanism::Sha256, "user", nonce)
    }

    #[test]
    fn the_example_of_rfc_7677_is_reproduced() {
        let mut client = begun();
        assert_eq!(client.first_message(), b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let last = client.answer(SERVER_FIRST, b"pencil").unwrap().unwrap();
        let expected = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                        p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(String::from_utf8(last).unwrap(), expected);
        let server_final = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(client.answer(server_final, b"pencil"), Ok(None));
    }

    #[test]
    fn a_server_that_does_not_know_the_password_is_found_out() {
        let mut client = begun();
        client.answer(SERVER_FIRST, b"pencil").unwrap();
        let server_final = b"v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(
            client.answer(server_final, b"pencil"),
            Err(SaslError::NotProven)
        );
    }

    #[test]
    fn a_foreign_nonce_too_few_iterations_and_refusals_are_errors() {
        for message in [
            &b"r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"[..],
            b"r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            b"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
            b"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4000000000",
            b"e=unknown-user",
        ] {
            assert!(begun().answer(message, b"pencil").is_err(), "{message:?}");
        }
    }
}
