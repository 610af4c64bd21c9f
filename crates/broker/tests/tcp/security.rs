//! Listeners with TLS and SASL, as a client meets them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rdkafka_broker::{Broker, BrokerConf, ScramUser};
use rdkafka_sasl::scram::client::ScramClient;
use rdkafka_sasl::scram::messages::{ClientFinal, ClientFirst, ServerFirst, auth_message};
use rdkafka_sasl::scram::{ScramMechanism, xor};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::frame::encode_request;
use rdkafka_wire::messages::create_delegation_token::CreateDelegationTokenRequest;
use rdkafka_wire::messages::metadata::MetadataRequest;
use rdkafka_wire::messages::sasl_authenticate::{
    SaslAuthenticateRequest, SaslAuthenticateResponse,
};
use rdkafka_wire::messages::sasl_handshake::SaslHandshakeRequest;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::Client;

const JAAS: &str =
    "org.apache.kafka.common.security.plain.PlainLoginModule required user_alice=\"sesame\";";

fn sasl_broker(properties: &[(&str, &str)]) -> Broker {
    let mut conf = BrokerConf::embedded(1);
    let all = [
        ("listeners", "SASL_PLAINTEXT://127.0.0.1:0"),
        (
            "sasl.enabled.mechanisms",
            "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        ),
        ("listener.name.sasl_plaintext.plain.sasl.jaas.config", JAAS),
        ("connection.failed.authentication.delay.ms", "1"),
    ];
    for (name, value) in all.iter().chain(properties) {
        conf.config.set(name, value).unwrap();
    }
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let user = ScramUser::new(mechanism, "bob", "secret").unwrap();
        conf.scram_users.push(user);
    }
    Broker::start(conf).unwrap()
}

fn handshake(client: &mut Client, version: i16, mechanism: &str) -> i16 {
    let request = SaslHandshakeRequest {
        mechanism: mechanism.into(),
    };
    client.call(version, &request).error_code
}

fn authenticate(client: &mut Client, token: &[u8]) -> SaslAuthenticateResponse {
    let request = SaslAuthenticateRequest {
        auth_bytes: token.to_vec().into(),
    };
    client.call(2, &request)
}

fn assert_closed(client: &mut Client) {
    assert!(!matches!(client.socket.read(&mut [0]), Ok(1..)));
}

#[test]
fn who_proves_to_be_somebody_is_served() {
    let broker = sasl_broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    assert_eq!(handshake(&mut client, 1, "PLAIN"), 0);
    let response = authenticate(&mut client, b"\0alice\0sesame");
    assert_eq!(response.error_code, 0, "{:?}", response.error_message);
    client.metadata("t");
    assert_eq!(client.produce("t", &["hello"]), 0);
}

#[test]
fn a_handshake_of_version_0_is_followed_by_bare_tokens() {
    let broker = sasl_broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    assert_eq!(handshake(&mut client, 0, "PLAIN"), 0);
    client
        .socket
        .write_all(b"\0\0\0\x0d\0alice\0sesame")
        .unwrap();
    assert_eq!(client.frame().unwrap(), "");
    client.metadata("t");
}

/// Logs in by SCRAM, with extensions of the first message; the code of the last answer.
fn scram(
    client: &mut Client,
    mechanism: ScramMechanism,
    user: &str,
    password: &str,
    extensions: &str,
) -> ErrorCode {
    assert_eq!(handshake(client, 1, mechanism.name()), 0);
    let first = ClientFirst {
        authorization_id: String::new(),
        username: user.to_owned(),
        nonce: "nonce".into(),
        extensions: extensions
            .split_once('=')
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
    };
    let challenge = authenticate(client, &first.encode());
    assert_eq!(challenge.error_code, 0, "{user} is asked all the same");
    let challenge = ServerFirst::parse(&challenge.auth_bytes).unwrap();
    let salted =
        mechanism.salted_password(password.as_bytes(), &challenge.salt, challenge.iterations);
    let keys = mechanism.keys(&salted);
    let mut last = ClientFinal {
        channel_binding: first.gs2_header().into_bytes(),
        nonce: challenge.nonce.clone(),
        proof: Vec::new(),
    };
    let signed = auth_message(&first.bare(), &challenge.encode(), &last.without_proof());
    let signature = mechanism.hmac(&keys.stored_key, signed.as_bytes());
    last.proof = xor(&keys.client_key, &signature);
    ErrorCode(authenticate(client, &last.encode()).error_code)
}

#[test]
fn who_has_a_delegation_token_comes_in_as_its_owner_and_gets_no_other() {
    let broker = sasl_broker(&[("delegation.token.secret.key", "open sesame")]);
    let mut alice = Client::connect(broker.local_addr());
    handshake(&mut alice, 1, "PLAIN");
    authenticate(&mut alice, b"\0alice\0sesame");
    let create = CreateDelegationTokenRequest::default();
    let token = alice.call(3, &create);
    assert_eq!(ErrorCode(token.error_code), ErrorCode::NONE);
    let hmac = BASE64.encode(&token.hmac);
    let refused = ErrorCode::SASL_AUTHENTICATION_FAILED;
    for mechanism in ScramMechanism::ALL {
        for (id, password, extensions, code) in [
            (
                &*token.token_id,
                hmac.as_str(),
                "tokenauth=true",
                ErrorCode::NONE,
            ),
            (&token.token_id, "guess", "tokenauth=true", refused),
            (&token.token_id, &hmac, "", refused),
            ("unknown", &hmac, "tokenauth=true", refused),
            ("bob", "secret", "tokenauth=true", refused),
        ] {
            let mut client = Client::connect(broker.local_addr());
            let found = scram(&mut client, mechanism, id, password, extensions);
            assert_eq!(found, code, "{id} {extensions}");
            if found == ErrorCode::NONE {
                let response = client.call(3, &create);
                assert_eq!(&*response.principal_name, "alice");
                assert_eq!(
                    ErrorCode(response.error_code),
                    ErrorCode::DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
                );
            }
        }
    }
}

#[test]
fn scram_users_are_asked_for_a_proof() {
    let broker = sasl_broker(&[]);
    for mechanism in ScramMechanism::ALL {
        for (user, password, code) in [
            ("bob", "secret", ErrorCode::NONE),
            ("bob", "guess", ErrorCode::SASL_AUTHENTICATION_FAILED),
            ("nobody", "secret", ErrorCode::SASL_AUTHENTICATION_FAILED),
        ] {
            let mut client = Client::connect(broker.local_addr());
            assert_eq!(handshake(&mut client, 1, mechanism.name()), 0);
            let mut scram = ScramClient::new(mechanism, user, "nonce".into());
            let challenge = authenticate(&mut client, &scram.first_message());
            assert_eq!(challenge.error_code, 0, "{user} is asked all the same");
            let proof = scram.answer(&challenge.auth_bytes, password.as_bytes());
            let last = authenticate(&mut client, &proof.unwrap().unwrap());
            assert_eq!(ErrorCode(last.error_code), code, "{user} {password}");
            if code == ErrorCode::NONE {
                assert_eq!(scram.answer(&last.auth_bytes, b"secret"), Ok(None));
                client.metadata("t");
            } else {
                assert_closed(&mut client);
            }
        }
    }
}

#[test]
fn an_expired_token_is_refused_with_its_status_and_then_the_connection_ends() {
    let broker = sasl_broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    assert_eq!(handshake(&mut client, 1, "OAUTHBEARER"), 0);
    // {"alg":"none"} {"sub":"alice","exp":1}
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6MX0.";
    let message = format!("n,,\u{1}auth=Bearer {token}\u{1}\u{1}");
    let response = authenticate(&mut client, message.as_bytes());
    assert_eq!(response.error_code, 0);
    assert_eq!(&response.auth_bytes[..], br#"{"status":"invalid_token"}"#);
    let response = authenticate(&mut client, b"\x01");
    assert_eq!(
        ErrorCode(response.error_code),
        ErrorCode::SASL_AUTHENTICATION_FAILED
    );
    assert_closed(&mut client);
}

#[test]
fn nothing_is_served_before_and_a_mechanism_that_is_not_offered_ends_the_connection() {
    let broker = sasl_broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    client.send(9, &MetadataRequest::default());
    assert_closed(&mut client);
    let mut client = Client::connect(broker.local_addr());
    assert_eq!(
        ErrorCode(handshake(&mut client, 1, "GSSAPI")),
        ErrorCode::UNSUPPORTED_SASL_MECHANISM
    );
    assert_closed(&mut client);
    // The limit of requests is small before authentication.
    let mut client = Client::connect(broker.local_addr());
    client
        .socket
        .write_all(&1_000_000u32.to_be_bytes())
        .unwrap();
    assert_closed(&mut client);
}

#[test]
fn who_does_not_say_who_it_is_in_time_is_cut_off() {
    let broker = sasl_broker(&[("rdkafka.authentication.timeout.ms", "50")]);
    let mut client = Client::connect(broker.local_addr());
    assert_closed(&mut client);
}

#[test]
fn a_session_that_has_ended_serves_nothing_more() {
    let broker = sasl_broker(&[("connections.max.reauth.ms", "1")]);
    let mut client = Client::connect(broker.local_addr());
    handshake(&mut client, 1, "PLAIN");
    let response = authenticate(&mut client, b"\0alice\0sesame");
    assert_eq!(response.session_lifetime_ms, 1);
    loop {
        // The session is over within a millisecond or two; until then requests are answered.
        client.send(9, &MetadataRequest::default());
        if client.frame().is_err() {
            break;
        }
    }
    assert_closed(&mut client);
}

/// A certificate authority, and somebody it vouches for: certificate and key.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}

fn tls_client(
    authority: &Authority,
    identity: Option<(rcgen::Certificate, KeyPair)>,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    match identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivatePkcs8KeyDer::from(key.serialize_der());
            let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
            builder.with_client_auth_cert(chain, key.into()).unwrap()
        }
    }
}

/// Asks for metadata through TLS; whether an answer came.
fn is_served(broker: &Broker, config: ClientConfig) -> bool {
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(broker.local_addr()).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    let request = encode_request(&MetadataRequest::default(), 9, 7, None).into_bytes();
    let mut answer = [0; 8];
    let served = stream
        .write_all(&request)
        .and_then(|()| stream.read_exact(&mut answer));
    served.is_ok() && answer[4..] == [0, 0, 0, 7]
}

#[test]
fn a_tls_listener_serves_who_shows_the_certificate_it_wants() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("localhost");
    let start = |auth: &str| {
        let mut conf = BrokerConf::embedded(1);
        for (name, value) in [
            ("listeners", "SSL://127.0.0.1:0"),
            ("ssl.keystore.type", "PEM"),
            ("ssl.keystore.certificate.chain", &certificate.pem()),
            ("ssl.keystore.key", &key.serialize_pem()),
            ("ssl.truststore.type", "PEM"),
            ("ssl.truststore.certificates", &authority.0.pem()),
            ("ssl.client.auth", auth),
        ] {
            conf.config.set(name, value).unwrap();
        }
        Broker::start(conf).unwrap()
    };
    let client = |identity| tls_client(&authority, identity);
    let known = || Some(authority.issue("alice"));
    let stranger = || Some(Authority::new().issue("mallory"));
    for (auth, without, with_stranger) in [
        ("none", true, true),
        ("requested", true, false),
        ("required", false, false),
    ] {
        let broker = start(auth);
        assert_eq!(is_served(&broker, client(None)), without, "{auth}");
        assert!(is_served(&broker, client(known())), "{auth}");
        assert_eq!(
            is_served(&broker, client(stranger())),
            with_stranger,
            "{auth}"
        );
        // Plain bytes are no TLS.
        let mut plain = Client::connect(broker.local_addr());
        plain.send(9, &MetadataRequest::default());
        let mut rest = Vec::new();
        let _ = plain.socket.read_to_end(&mut rest);
        assert!(rest.len() < 64, "an alert at most");
    }
}

#[test]
fn a_session_goes_on_when_its_client_proves_itself_again_in_time() {
    let broker = sasl_broker(&[("connections.max.reauth.ms", "60000")]);
    let mut client = Client::connect(broker.local_addr());
    for round in 0..2 {
        if round > 0 {
            // Sooner than after a second nobody may authenticate again.
            std::thread::sleep(std::time::Duration::from_millis(1100));
        }
        assert_eq!(handshake(&mut client, 1, "PLAIN"), 0);
        let response = authenticate(&mut client, b"\0alice\0sesame");
        assert_eq!(
            (response.error_code, response.session_lifetime_ms),
            (0, 60_000)
        );
        assert_eq!(client.metadata("t").topics[0].error_code, 0);
    }
}
