//! Authenticating a connection: mechanism, credentials, and the exchange with one broker.
//!
//! [`Credentials`] belong to the client; an [`Exchange`] to one connection while it authenticates. Hashing a password
//! leaves as a [`Job`]. Tokens of OAUTHBEARER are kept fresh by [`token`]. Driver thread (the job: a worker's).

pub(crate) mod token;

use bytes::Bytes;
use rdkafka_sasl::SaslError;
use rdkafka_sasl::oauthbearer::{KVSEP, Token};
use rdkafka_sasl::plain::PlainMessage;
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_sasl::scram::client::ScramClient;

use crate::conf::{ClientConfig, Secret};
use crate::io::BrokerId;

/// What connections authenticate with.
#[derive(Debug)]
pub(crate) struct Credentials {
    mechanism: Option<Mechanism>,
    /// Where nonces come from: see [`Self::set_entropy`].
    entropy: [u8; 32],
    nonces: u64,
    token: Option<Token>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mechanism {
    Plain,
    Scram(ScramMechanism),
    Oauthbearer,
}

impl Credentials {
    pub(crate) fn new(conf: &ClientConfig, seed: u64) -> Self {
        let name = conf.security.sasl.mechanism.as_str();
        let mechanism = match name {
            "PLAIN" => Some(Mechanism::Plain),
            "OAUTHBEARER" => Some(Mechanism::Oauthbearer),
            name => ScramMechanism::from_name(name).map(Mechanism::Scram),
        };
        let mut entropy = [0; 32];
        entropy[..8].copy_from_slice(&seed.to_be_bytes());
        Self {
            mechanism: mechanism.filter(|_| conf.security.protocol.uses_sasl()),
            entropy,
            nonces: 0,
            token: None,
        }
    }

    /// Secret randomness, so that nobody can foretell a nonce.
    pub(crate) fn set_entropy(&mut self, entropy: [u8; 32]) {
        self.entropy = entropy;
    }

    /// Whether connections authenticate by tokens.
    pub(crate) fn uses_tokens(&self) -> bool {
        self.mechanism == Some(Mechanism::Oauthbearer)
    }

    /// Whether a connection could authenticate now.
    pub(crate) fn is_ready(&self) -> bool {
        !self.uses_tokens() || self.token.is_some()
    }

    pub(crate) fn set_token(&mut self, token: Token) {
        self.token = Some(token);
    }

    /// Begin an exchange: it, and the bytes to send first.
    pub(crate) fn begin(&mut self, conf: &ClientConfig) -> Option<(Exchange, Vec<u8>)> {
        let reveal = |secret: &Option<Secret>| {
            secret
                .as_ref()
                .map_or_else(String::new, |it| it.reveal().to_owned())
        };
        let sasl = &conf.security.sasl;
        let (exchange, first) = match self.mechanism? {
            Mechanism::Plain => {
                let message = PlainMessage {
                    authorization_id: String::new(),
                    username: reveal(&sasl.username),
                    password: reveal(&sasl.password),
                };
                (Exchange::Plain, message.encode())
            }
            Mechanism::Scram(mechanism) => {
                let nonce = self.nonce();
                let client = ScramClient::new(mechanism, &reveal(&sasl.username), nonce);
                let first = client.first_message();
                (Exchange::Scram(Box::new(client)), first)
            }
            Mechanism::Oauthbearer => {
                let token = self.token.as_ref()?;
                let exchange = Exchange::Oauthbearer {
                    principal: token.principal.clone(),
                    refusal: None,
                };
                (exchange, token.message().encode())
            }
        };
        Some((exchange, first))
    }

    fn nonce(&mut self) -> String {
        self.nonces += 1;
        let bytes = ScramMechanism::Sha256.hmac(&self.entropy, &self.nonces.to_be_bytes());
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// One authentication on one connection, after SaslHandshake.
#[derive(Debug)]
pub(crate) enum Exchange {
    /// The one message is sent.
    Plain,
    /// A message is sent.
    Scram(Box<ScramClient>),
    /// The machine is with a worker.
    ScramComputing,
    /// The token is sent.
    Oauthbearer {
        principal: String,
        /// What the broker had against it, once it said so: one more message ends that.
        refusal: Option<String>,
    },
}

/// What to do after a message of the broker.
#[derive(Debug)]
pub(crate) enum Next {
    /// Send this.
    Send(Bytes),
    /// Have this computed; its result goes to [`Exchange::computed`].
    Compute(Box<ScramClient>),
    /// Authenticated.
    Done,
    /// Refused, in words.
    Failed(String),
}

impl Exchange {
    /// A message of the broker.
    pub(crate) fn answer(&mut self, message: &[u8]) -> Next {
        match self {
            Self::Plain => Next::Done,
            Self::Scram(_) => match std::mem::replace(self, Self::ScramComputing) {
                Self::Scram(client) => Next::Compute(client),
                _ => Next::Done,
            },
            Self::ScramComputing => Next::Failed("a message out of turn".to_owned()),
            Self::Oauthbearer { principal, refusal } => match refusal {
                Some(refusal) => Next::Failed(format!(
                    "SASL OAUTHBEARER authentication failed (principal={principal}): {refusal}"
                )),
                None if message.is_empty() => Next::Done,
                None => {
                    *refusal = Some(String::from_utf8_lossy(message).into_owned());
                    Next::Send(Bytes::from_static(KVSEP))
                }
            },
        }
    }

    /// A worker has answered the broker's message.
    pub(crate) fn computed(&mut self, done: JobDone) -> Next {
        *self = Self::Scram(Box::new(done.client));
        match done.result {
            Ok(Some(message)) => Next::Send(message.into()),
            Ok(None) => Next::Done,
            Err(error) => Next::Failed(format!("SASL SCRAM: {error}")),
        }
    }
}

/// A message of a broker to be answered by SCRAM, which hashes the password thousands of times.
#[derive(Debug)]
pub struct Job {
    pub(crate) broker: BrokerId,
    /// Tells the connection from later ones to the same broker.
    pub(crate) attempt: u64,
    pub(crate) client: ScramClient,
    pub(crate) message: Bytes,
    pub(crate) password: Secret,
}

impl Job {
    pub(crate) fn run(mut self) -> JobDone {
        let password = self.password.reveal().as_bytes();
        let result = self.client.answer(&self.message, password);
        JobDone {
            broker: self.broker,
            attempt: self.attempt,
            client: self.client,
            result,
        }
    }
}

/// What became of a [`Job`].
#[derive(Debug)]
pub struct JobDone {
    pub(crate) broker: BrokerId,
    pub(crate) attempt: u64,
    client: ScramClient,
    result: Result<Option<Vec<u8>>, SaslError>,
}
