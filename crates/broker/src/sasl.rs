//! SASL of a listener: which mechanisms it offers, who its users are, and the exchange with one client.
//!
//! Owns: [`SaslConf`], what `sasl.` properties add up to, and [`Exchange`], one authentication of one connection. Runs on
//! connection tasks. Guarantees: a mechanism that cannot be served as asked is an error at start; no message tells
//! whether it was the name or the password that is wrong. Leaves to others: the frames around the messages
//! (`authentication`), users of SCRAM (the shard).

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rdkafka_broker_core::conf::{BrokerConfig, ListenerProperties, Secret};
use rdkafka_sasl::jaas::LoginModule;
use rdkafka_sasl::jws::{self, Jwks, TokenRules};
use rdkafka_sasl::oauthbearer::{KVSEP, OauthbearerMessage};
use rdkafka_sasl::plain::PlainMessage;
use rdkafka_sasl::scram::server::{ScramChallenge, ScramCredential, ScramServer};
use rdkafka_sasl::scram::{ITERATIONS_MIN, ScramMechanism};

use crate::router::Router;

/// SASL as a listener offers it.
#[derive(Debug)]
pub(crate) struct SaslConf {
    pub(crate) mechanisms: Vec<Mechanism>,
    /// The largest request that is read from a client nobody knows yet.
    pub(crate) receive_bytes_max: usize,
    /// How long the answer to a failed attempt is held back.
    pub(crate) failure_delay: Duration,
    /// What users who do not exist get their salt from: the same one each time.
    secret: [u8; 32],
}

/// One mechanism a listener offers.
#[derive(Debug)]
pub(crate) struct Mechanism {
    pub(crate) name: String,
    kind: Kind,
    /// After which time a client must authenticate again.
    pub(crate) reauth: Option<Duration>,
}

enum Kind {
    Plain(HashMap<String, Secret>),
    Scram(ScramMechanism),
    OauthBearer(TokenRules, Option<KeyFile>),
}

/// Never a password.
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Scram(_) => "Scram",
            Self::OauthBearer(..) => "OauthBearer",
        })
    }
}

impl SaslConf {
    /// Puts the properties of a listener together.
    ///
    /// # Errors
    /// A text that begins with the property that is wrong.
    pub(crate) fn new(
        config: &BrokerConfig,
        listener: &str,
        properties: &ListenerProperties,
    ) -> Result<Self, String> {
        let mut mechanisms = Vec::new();
        for name in &properties.sasl_enabled_mechanisms {
            mechanisms.push(Mechanism::new(listener, name, properties)?);
        }
        if mechanisms.is_empty() {
            return Err(format!(
                "sasl.enabled.mechanisms: listener {listener} offers none"
            ));
        }
        let millis = |ms: i32| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
        Ok(Self {
            mechanisms,
            receive_bytes_max: usize::try_from(properties.sasl_server_max_receive_size)
                .unwrap_or(0),
            failure_delay: millis(config.connection_failed_authentication_delay_ms),
            secret: random(),
        })
    }

    /// A mechanism by its name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.mechanisms.iter().position(|it| it.name == name)
    }
}

impl Mechanism {
    fn new(listener: &str, name: &str, properties: &ListenerProperties) -> Result<Self, String> {
        let properties = properties.of_mechanism(name);
        let prefix = format!(
            "listener.name.{}.{}",
            listener.to_ascii_lowercase(),
            name.to_ascii_lowercase()
        );
        let module = match &properties.sasl_jaas_config {
            Some(text) => Some(
                LoginModule::parse(text.reveal())
                    .map_err(|reason| format!("sasl.jaas.config: {prefix}: {reason}"))?,
            ),
            None => None,
        };
        let kind = match name {
            "PLAIN" => Kind::Plain(plain_users(module.as_ref(), &prefix)?),
            "OAUTHBEARER" => oauthbearer(module.as_ref(), &properties, &prefix)?,
            _ => match ScramMechanism::from_name(name) {
                Some(mechanism) => Kind::Scram(mechanism),
                None => {
                    return Err(format!(
                        "sasl.enabled.mechanisms: {name} is not offered by this broker; set it to some of PLAIN, \
                         SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER"
                    ));
                }
            },
        };
        if let Some(class) = &properties.sasl_server_callback_handler_class
            && !matches!(kind, Kind::OauthBearer(..))
        {
            return Err(format!(
                "sasl.server.callback.handler.class: {class} is a Java class, which cannot check {name} here; remove it"
            ));
        }
        let reauth = u64::try_from(properties.connections_max_reauth_ms).unwrap_or(0);
        Ok(Self {
            name: name.to_owned(),
            kind,
            reauth: (reauth > 0).then(|| Duration::from_millis(reauth)),
        })
    }
}

fn plain_users(
    module: Option<&LoginModule>,
    prefix: &str,
) -> Result<HashMap<String, Secret>, String> {
    let module = module
        .filter(|it| it.simple_class() == "PlainLoginModule")
        .ok_or_else(|| {
            format!(
                "sasl.jaas.config: PLAIN has no users; set {prefix}.sasl.jaas.config to \
                 org.apache.kafka.common.security.plain.PlainLoginModule required user_NAME=\"PASSWORD\";"
            )
        })?;
    let users = module.options.iter().filter_map(|(name, password)| {
        let user = name.strip_prefix("user_")?;
        Some((user.to_owned(), Secret::from(password.as_str())))
    });
    Ok(users.collect())
}

fn oauthbearer(
    module: Option<&LoginModule>,
    properties: &ListenerProperties,
    prefix: &str,
) -> Result<Kind, String> {
    let handler = properties.sasl_server_callback_handler_class.as_deref();
    let handler = handler.map(|class| class.rsplit('.').next().unwrap_or_default());
    let url = properties.sasl_oauthbearer_jwks_endpoint_url.as_deref();
    let is_signed = match handler {
        None => url.is_some(),
        Some("OAuthBearerValidatorCallbackHandler") => true,
        Some("OAuthBearerUnsecuredValidatorCallbackHandler") => false,
        Some(other) => {
            return Err(format!(
                "sasl.server.callback.handler.class: {other} is not known; use OAuthBearerValidatorCallbackHandler"
            ));
        }
    };
    if !is_signed {
        tracing::warn!("{prefix}: tokens are not signed: anybody can be anybody. For tests only");
        return unsecured(module, prefix);
    }
    let url = url.ok_or(
        "sasl.oauthbearer.jwks.endpoint.url: OAUTHBEARER has no keys to check signatures with; set it to file:///PATH",
    )?;
    let path = url.strip_prefix("file://").ok_or_else(|| {
        format!("sasl.oauthbearer.jwks.endpoint.url: {url} is no file:// URL; fetch the key set into a file")
    })?;
    let file = KeyFile::open(path.into())
        .map_err(|reason| format!("sasl.oauthbearer.jwks.endpoint.url: {path}: {reason}"))?;
    let rules = TokenRules {
        principal_claim: properties.sasl_oauthbearer_sub_claim_name.clone(),
        scope_claim: properties.sasl_oauthbearer_scope_claim_name.clone(),
        required_scopes: Vec::new(),
        audiences: properties.sasl_oauthbearer_expected_audience.clone(),
        issuer: properties.sasl_oauthbearer_expected_issuer.clone(),
        clock_skew_ms: i64::from(properties.sasl_oauthbearer_clock_skew_seconds) * 1000,
    };
    Ok(Kind::OauthBearer(rules, Some(file)))
}

/// The options of Kafka's validator of tokens that nobody signed.
fn unsecured(module: Option<&LoginModule>, prefix: &str) -> Result<Kind, String> {
    let option = |name| module.and_then(|it| it.option(name));
    let skew = option("unsecuredValidatorAllowableClockSkewMs").unwrap_or("0");
    let words = option("unsecuredValidatorRequiredScope").unwrap_or_default();
    let rules = TokenRules {
        principal_claim: option("unsecuredValidatorPrincipalClaimName").unwrap_or("sub").into(),
        scope_claim: option("unsecuredValidatorScopeClaimName").unwrap_or("scope").into(),
        required_scopes: words.split_whitespace().map(Into::into).collect(),
        clock_skew_ms: skew.parse().map_err(|_| {
            format!("sasl.jaas.config: {prefix}: unsecuredValidatorAllowableClockSkewMs={skew} is no number")
        })?,
        ..TokenRules::default()
    };
    Ok(Kind::OauthBearer(rules, None))
}

/// A JWKS in a file, read again when the file changes.
#[derive(Debug)]
struct KeyFile {
    path: PathBuf,
    read: Mutex<(Option<SystemTime>, Arc<Jwks>)>,
}

impl KeyFile {
    fn open(path: PathBuf) -> Result<Self, String> {
        let keys = Self::load(&path)?;
        let changed = Self::changed(&path);
        let read = Mutex::new((changed, Arc::new(keys)));
        Ok(Self { path, read })
    }

    fn load(path: &PathBuf) -> Result<Jwks, String> {
        let json = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        Jwks::parse(&json)
    }

    fn changed(path: &PathBuf) -> Option<SystemTime> {
        std::fs::metadata(path).and_then(|it| it.modified()).ok()
    }

    /// The keys; the last good ones when the file is broken.
    fn keys(&self) -> Arc<Jwks> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = Self::changed(&self.path);
        if changed != read.0 {
            match Self::load(&self.path) {
                Ok(keys) => *read = (changed, Arc::new(keys)),
                Err(reason) => {
                    tracing::error!(file = %self.path.display(), reason, "the keys stay as they were");
                    read.0 = changed;
                }
            }
        }
        Arc::clone(&read.1)
    }
}

/// One authentication of one connection.
#[derive(Debug)]
pub(crate) struct Exchange {
    state: State,
}

#[derive(Debug)]
enum State {
    First,
    /// The challenge, and who the client is when it solves it; nobody for a user or a token that does not exist.
    Scram(Box<ScramChallenge>, Option<Identity>),
    /// The token was refused with this JSON; the client has to say that it has seen it.
    TokenRefused(String),
}

/// Who a client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The principal without its type.
    pub(crate) name: String,
    /// When the proof itself ends (a token's expiry), in ms since 1970.
    pub(crate) expires_at_ms: Option<i64>,
    /// Whether a delegation token was the proof.
    pub(crate) has_token: bool,
}

impl Identity {
    const fn of(name: String, expires_at_ms: Option<i64>) -> Self {
        Self {
            name,
            expires_at_ms,
            has_token: false,
        }
    }
}

/// What a message of the client leads to.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send this, and wait for the next message.
    Challenge(Vec<u8>),
    /// The client is who it says it is.
    Done {
        message: Vec<u8>,
        identity: Identity,
    },
    /// It is not; this is what it is told.
    Refused(String),
}

impl Exchange {
    pub(crate) fn begin() -> Self {
        Self {
            state: State::First,
        }
    }

    /// Takes a message of the client.
    pub(crate) async fn step(
        &mut self,
        conf: &SaslConf,
        mechanism: &Mechanism,
        message: &[u8],
        router: &Router,
    ) -> Step {
        match (
            std::mem::replace(&mut self.state, State::First),
            &mechanism.kind,
        ) {
            (State::First, Kind::Plain(users)) => plain(users, &conf.secret, message),
            (State::First, Kind::Scram(scram)) => {
                self.scram_first(conf, *scram, message, router).await
            }
            (State::First, Kind::OauthBearer(rules, keys)) => {
                self.token(rules, keys.as_ref(), message)
            }
            (State::Scram(challenge, identity), _) => match (challenge.finish(message), identity) {
                (Ok(message), Some(identity)) => Step::Done { message, identity },
                _ => Step::Refused(invalid_credentials(&mechanism.name)),
            },
            (State::TokenRefused(json), _) => {
                if message != KVSEP {
                    tracing::debug!("a client did not acknowledge that its token was refused");
                }
                Step::Refused(json)
            }
        }
    }

    async fn scram_first(
        &mut self,
        conf: &SaslConf,
        scram: ScramMechanism,
        message: &[u8],
        router: &Router,
    ) -> Step {
        let begun = match ScramServer::begin(scram, message) {
            Ok(begun) => begun,
            Err(error) => return Step::Refused(error.to_string()),
        };
        let user = begun.username().to_owned();
        let salt = scram.hmac(&conf.secret, user.as_bytes())[..SALT_LEN].to_vec();
        let iterations = NonZeroU32::new(ITERATIONS_MIN).unwrap_or(NonZeroU32::MIN);
        let found = if begun.has_token() {
            let token = router.token_login(user).await;
            token.map(|token| {
                let credential =
                    ScramCredential::from_token(scram, &token.hmac, salt.clone(), iterations);
                let identity = Identity {
                    has_token: true,
                    ..Identity::of(token.owner, Some(token.expires_at_ms))
                };
                (credential, identity)
            })
        } else {
            let credential = router.scram_credential(scram, user.clone()).await;
            credential.map(|credential| (credential, Identity::of(user, None)))
        };
        // A user who does not exist is asked as well, always with the same salt, so that nobody can find out who does.
        let (credential, identity) = match found {
            Some((credential, identity)) => (credential, Some(identity)),
            None => {
                let (stored_key, server_key) = (conf.secret.to_vec(), conf.secret.to_vec());
                let credential = ScramCredential {
                    salt,
                    iterations,
                    stored_key,
                    server_key,
                };
                (credential, None)
            }
        };
        let nonce = format!("{:032x}", u128::from_be_bytes(random()));
        let (challenge, message) = begun.challenge(credential, &nonce);
        self.state = State::Scram(Box::new(challenge), identity);
        Step::Challenge(message)
    }

    fn token(&mut self, rules: &TokenRules, keys: Option<&KeyFile>, message: &[u8]) -> Step {
        let message = match OauthbearerMessage::parse(message) {
            Ok(message) => message,
            Err(error) => return Step::Refused(error.to_string()),
        };
        let keys = keys.map(KeyFile::keys);
        match jws::check(&message.token, rules, keys.as_deref(), unix_ms()) {
            Ok(token) if [&token.principal, ""].contains(&message.authorization_id.as_str()) => {
                Step::Done {
                    message: Vec::new(),
                    identity: Identity::of(token.principal, Some(token.expires_at_ms)),
                }
            }
            Ok(_) => Step::Refused("Authentication failed: Client requested an authorization id that is different from the token's principal name".into()),
            Err(reason) => {
                tracing::info!(reason, "a token was refused");
                let json = r#"{"status":"invalid_token"}"#;
                self.state = State::TokenRefused(json.into());
                Step::Challenge(json.as_bytes().to_vec())
            }
        }
    }
}

fn plain(users: &HashMap<String, Secret>, secret: &[u8], message: &[u8]) -> Step {
    let message = match PlainMessage::parse(message) {
        Ok(message) => message,
        Err(error) => return Step::Refused(format!("Authentication failed: {error}")),
    };
    if !["", &message.username].contains(&message.authorization_id.as_str()) {
        return Step::Refused("Authentication failed: Client requested an authorization id that is different from username".into());
    }
    // Codes of both are compared: how long that takes tells nothing about the password.
    let code = |password: &str| ScramMechanism::Sha256.hmac(secret, password.as_bytes());
    let known = users.get(&message.username).map(Secret::reveal);
    let is_right = code(known.unwrap_or_default()) == code(&message.password);
    if known.is_some() && is_right {
        Step::Done {
            message: Vec::new(),
            identity: Identity::of(message.username, None),
        }
    } else {
        Step::Refused("Authentication failed: Invalid username or password".into())
    }
}

fn invalid_credentials(mechanism: &str) -> String {
    format!(
        "Authentication failed during authentication due to invalid credentials with SASL mechanism {mechanism}"
    )
}

pub(crate) fn unix_ms() -> i64 {
    let unix = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(unix.as_millis()).unwrap_or(i64::MAX)
}

/// Random bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut bytes = [0; N];
    // Fails only without getrandom and /dev/urandom: better no broker than one whose nonces can be guessed.
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the system gives random numbers");
    bytes
}

const SALT_LEN: usize = 16;
