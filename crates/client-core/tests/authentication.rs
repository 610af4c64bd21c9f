//! Scenarios of authentication: the client core against a scripted broker that speaks SASL, under virtual time.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_client_core::admin::{Call, CallReply, MetadataScope};
use rdkafka_client_core::client::Client;
use rdkafka_client_core::conf::{Callback, ClientKind, Conf};
use rdkafka_client_core::consumer::Call as ConsumerCall;
use rdkafka_client_core::io::{
    BrokerId, CallId, Command, DisconnectReason, Event, Input, Moment, Now, Output, TopicPartition,
};
use rdkafka_client_core::producer::TransactionCall;
use rdkafka_client_core::shared::QueueGauge;
use rdkafka_sasl::oauthbearer::{OauthbearerMessage, Token};
use rdkafka_sasl::plain::PlainMessage;
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_sasl::scram::server::{ScramChallenge, ScramCredential, ScramServer};
use rdkafka_wire::frame::{decode_request, decode_request_header, encode_response};
use rdkafka_wire::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use rdkafka_wire::messages::metadata::{MetadataResponse, MetadataResponseBroker};
use rdkafka_wire::messages::sasl_authenticate::{
    SaslAuthenticateRequest, SaslAuthenticateResponse,
};
use rdkafka_wire::messages::sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse};
use rdkafka_wire::{ApiKey, ErrorCode, Frame};

/// One connection, as the broker sees it.
#[derive(Default)]
struct Session {
    mechanism: Option<String>,
    challenge: Option<ScramChallenge>,
    is_authenticated: bool,
}

/// A broker of one node, and the client that talks to it.
struct Scene {
    client: Client,
    now: Moment,
    inputs: VecDeque<Input>,
    deadline: Option<Moment>,
    sessions: BTreeMap<BrokerId, Session>,
    /// Whether it knows SaslAuthenticate.
    is_modern: bool,
    /// Whether it lets in, and hangs up at the first question.
    hangs_up: bool,
    session_ms: i64,
    authentications: usize,
    connects: usize,
    errors: Vec<(ErrorCode, String)>,
    refreshes: Vec<Option<String>>,
    replies: Vec<Result<CallReply, ErrorCode>>,
}

impl Scene {
    fn new(settings: &[(&str, &str)]) -> Self {
        Self::of_kind(ClientKind::Producer, settings)
    }

    fn of_kind(kind: ClientKind, settings: &[(&str, &str)]) -> Self {
        let mut conf = Conf::new();
        conf.set("bootstrap.servers", "node:1").unwrap();
        conf.set("security.protocol", "sasl_plaintext").unwrap();
        conf.set("sasl.username", "alice").unwrap();
        conf.set("sasl.password", "secret").unwrap();
        for (name, value) in settings {
            conf.set(name, value).unwrap();
        }
        conf.set_callback(Callback::OauthbearerTokenRefresh, true);
        let conf = Arc::new(conf.resolve(kind).unwrap());
        let gauge = Arc::new(QueueGauge::new(1000, conf.producer.queue_max_bytes));
        Self {
            client: Client::new(conf, gauge, 7),
            now: Moment(1_000_000),
            inputs: VecDeque::new(),
            deadline: None,
            sessions: BTreeMap::new(),
            is_modern: true,
            hangs_up: false,
            session_ms: 0,
            authentications: 0,
            connects: 0,
            errors: Vec::new(),
            refreshes: Vec::new(),
            replies: Vec::new(),
        }
    }

    fn start(&mut self) {
        self.client.start(self.time());
        self.settle();
    }

    fn time(&self) -> Now {
        Now {
            mono: self.now,
            unix_ms: i64::try_from(self.now.0 / 1000).unwrap(),
        }
    }

    fn handle(&mut self, input: Input) {
        self.client.handle(input, self.time());
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            self.drain();
            let Some(input) = self.inputs.pop_front() else {
                return;
            };
            self.client.handle(input, self.time());
        }
    }

    /// Let time pass, deadline by deadline.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.deadline.filter(|&deadline| deadline <= end) {
            self.now = self.now.max(deadline);
            self.handle(Input::Timeout);
        }
        self.now = end;
    }

    fn ask_metadata(&mut self) {
        self.ask(Call::Metadata(MetadataScope::All));
    }

    fn ask(&mut self, call: Call) {
        let deadline = self.now + Duration::from_secs(60);
        self.handle(Input::Call(CallId(1), call, deadline));
    }

    fn drain(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                Output::Connect(id, _) => {
                    self.connects += 1;
                    self.sessions.insert(id, Session::default());
                    self.inputs.push_back(Input::Connected(id));
                }
                Output::Close(id) => drop(self.sessions.remove(&id)),
                Output::Transmit { broker, frame, .. } => self.receive(broker, frame),
                Output::Event(Event::Error(error)) => self.errors.push((error.code, error.text)),
                Output::Event(Event::TokenRefresh(config)) => {
                    let config = config.map(|config| config.reveal().to_owned());
                    self.refreshes.push(config);
                }
                Output::Reply(_, reply) => self.replies.push(reply),
                Output::Run(job) => self.inputs.push_back(Input::Done(job.run())),
                _ => {}
            }
        }
    }

    fn receive(&mut self, id: BrokerId, frame: Frame) {
        let bytes = frame.into_bytes().split_off(4);
        let session = self.sessions.get_mut(&id).unwrap();
        if !self.is_modern && session.mechanism.is_some() && !session.is_authenticated {
            // A message of the mechanism, without a header.
            let answer = session.authenticate(&bytes);
            self.authentications += usize::from(session.is_authenticated);
            match answer {
                Ok(answer) => self.inputs.push_back(Input::Frame(id, answer.into())),
                Err(_) => {
                    let gone = Input::Disconnected(id, DisconnectReason::Closed);
                    self.inputs.push_back(gone);
                }
            }
            return;
        }
        let (header, body) = decode_request_header(bytes).unwrap();
        let key = ApiKey::try_from(header.request_api_key).unwrap();
        let (version, correlation_id) = (header.request_api_version, header.correlation_id);
        let answer = match key {
            ApiKey::ApiVersions => {
                encode_response(key, &versions(self.is_modern), version, correlation_id)
            }
            ApiKey::SaslHandshake => {
                let request: SaslHandshakeRequest = decode_request(body, version).unwrap();
                let response = session.handshake(&request.mechanism);
                encode_response(key, &response, version, correlation_id)
            }
            ApiKey::SaslAuthenticate => {
                let request: SaslAuthenticateRequest = decode_request(body, version).unwrap();
                let answer = session.authenticate(&request.auth_bytes);
                self.authentications += usize::from(session.is_authenticated);
                let response = match answer {
                    Ok(auth_bytes) => SaslAuthenticateResponse {
                        auth_bytes: auth_bytes.into(),
                        session_lifetime_ms: self.session_ms,
                        ..Default::default()
                    },
                    Err(words) => SaslAuthenticateResponse {
                        error_code: ErrorCode::SASL_AUTHENTICATION_FAILED.code(),
                        error_message: Some(words.into()),
                        auth_bytes: Bytes::new(),
                        ..Default::default()
                    },
                };
                encode_response(key, &response, version, correlation_id)
            }
            ApiKey::Metadata if self.hangs_up => {
                let gone = Input::Disconnected(id, DisconnectReason::Closed);
                self.inputs.push_back(gone);
                return;
            }
            ApiKey::Metadata => {
                assert!(session.is_authenticated, "asked before authentication");
                let response = MetadataResponse {
                    brokers: vec![MetadataResponseBroker {
                        node_id: 1,
                        host: "node".into(),
                        port: 1,
                        ..Default::default()
                    }],
                    ..Default::default()
                };
                encode_response(key, &response, version, correlation_id)
            }
            other => panic!("nobody asks for {other:?}"),
        };
        let bytes = answer.into_bytes().split_off(4);
        self.inputs.push_back(Input::Frame(id, bytes));
    }
}

impl Session {
    fn handshake(&mut self, mechanism: &str) -> SaslHandshakeResponse {
        let mechanisms = ["PLAIN", "SCRAM-SHA-512", "OAUTHBEARER"];
        let is_known = mechanisms.contains(&mechanism);
        self.is_authenticated = false;
        self.mechanism = is_known.then(|| mechanism.to_owned());
        let error = if is_known {
            ErrorCode::NONE
        } else {
            ErrorCode::UNSUPPORTED_SASL_MECHANISM
        };
        SaslHandshakeResponse {
            error_code: error.code(),
            mechanisms: mechanisms.map(Into::into).to_vec(),
        }
    }

    fn authenticate(&mut self, message: &[u8]) -> Result<Vec<u8>, String> {
        match self.mechanism.as_deref().unwrap() {
            "PLAIN" => {
                let plain = PlainMessage::parse(message).unwrap();
                if (plain.username.as_str(), plain.password.as_str()) != ("alice", "secret") {
                    return Err("no such user".to_owned());
                }
            }
            "OAUTHBEARER" => {
                let token = OauthbearerMessage::parse(message);
                match token.map(|message| message.token) {
                    Ok(token) if token == "good" => {}
                    // Refused in JSON; the client's last word is a single ^A.
                    Ok(_) => return Ok(b"{\"status\":\"invalid_token\"}".to_vec()),
                    Err(_) => return Err("invalid_token".to_owned()),
                }
            }
            _ => {
                let mechanism = ScramMechanism::Sha512;
                if let Some(challenge) = self.challenge.take() {
                    let last = challenge.finish(message).map_err(|it| it.to_string())?;
                    self.is_authenticated = true;
                    return Ok(last);
                }
                let server = ScramServer::begin(mechanism, message).unwrap();
                assert_eq!(server.username(), "alice");
                let iterations = NonZeroU32::new(4096).unwrap();
                let salt = b"salt".to_vec();
                let kept = ScramCredential::from_password(mechanism, b"secret", salt, iterations);
                let (challenge, answer) = server.challenge(kept, "nonce");
                self.challenge = Some(challenge);
                return Ok(answer);
            }
        }
        self.is_authenticated = true;
        Ok(Vec::new())
    }
}

fn partition() -> TopicPartition {
    TopicPartition {
        topic: "t".into(),
        partition: 0,
    }
}

fn versions(is_modern: bool) -> ApiVersionsResponse {
    let mut known = vec![
        (ApiKey::ApiVersions, 4),
        (ApiKey::Metadata, 9),
        (ApiKey::SaslHandshake, if is_modern { 1 } else { 0 }),
    ];
    if is_modern {
        known.push((ApiKey::SaslAuthenticate, 2));
    }
    let known = known.into_iter().map(|(key, max_version)| ApiVersion {
        api_key: key.code(),
        min_version: 0,
        max_version,
    });
    ApiVersionsResponse {
        api_keys: known.collect(),
        ..Default::default()
    }
}

fn token(value: &str, expires_ms: i64) -> Command {
    Command::SetToken(Token {
        value: value.to_owned(),
        expires_ms,
        principal: "alice".to_owned(),
        extensions: Vec::new(),
    })
}

#[test]
fn each_mechanism_authenticates_before_anything_is_asked() {
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let mut scene = Scene::new(&[("sasl.mechanisms", mechanism)]);
        scene.start();
        scene.ask_metadata();
        assert!(matches!(scene.replies[..], [Ok(_)]), "{mechanism}");
        assert_eq!(scene.authentications, 1);
    }
}

#[test]
fn a_broker_without_sasl_authenticate_gets_the_bare_messages() {
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let mut scene = Scene::new(&[("sasl.mechanisms", mechanism)]);
        scene.is_modern = false;
        scene.start();
        scene.ask_metadata();
        assert!(matches!(scene.replies[..], [Ok(_)]), "{mechanism}");
    }
}

#[test]
fn a_wrong_password_is_told_at_once_to_who_waits_and_is_not_tried_in_a_hurry() {
    for (mechanism, words) in [
        ("PLAIN", "no such user"),
        ("SCRAM-SHA-512", "SASL authentication error"),
    ] {
        let mut scene = Scene::new(&[("sasl.mechanisms", mechanism), ("sasl.password", "wrong")]);
        scene.start();
        scene.ask_metadata();
        let reply = scene.replies.first().unwrap();
        assert_eq!(reply.as_ref().unwrap_err(), &ErrorCode::_AUTHENTICATION);
        let (code, text) = &scene.errors[0];
        assert_eq!(*code, ErrorCode::_AUTHENTICATION);
        assert!(
            text.starts_with("sasl_plaintext://node:1/bootstrap: "),
            "{text}"
        );
        assert!(text.contains(words), "{text}");
        scene.pass(Duration::from_secs(60));
        assert!(scene.connects < 20, "{} attempts", scene.connects);
    }
}

#[test]
fn every_call_that_waits_for_a_broker_ends_when_all_of_them_refuse() {
    let wrong = ("sasl.password", "wrong");
    let plain = ("sasl.mechanisms", "PLAIN");
    let init = || Call::Transaction(TransactionCall::Init);
    let committed = || Call::Consumer(ConsumerCall::Committed(vec![partition()]));
    let watermarks = || Call::Watermarks(partition());
    type Case<'a> = (ClientKind, (&'a str, &'a str), &'a dyn Fn() -> Call);
    let cases: [Case<'_>; 3] = [
        (ClientKind::Producer, ("transactional.id", "x"), &init),
        (ClientKind::Consumer, ("group.id", "g"), &committed),
        (ClientKind::Consumer, ("group.id", "g"), &watermarks),
    ];
    for (kind, setting, call) in cases {
        // Asked while it is not known yet, and when it is.
        for asks_first in [true, false] {
            let mut scene = Scene::of_kind(kind, &[plain, wrong, setting]);
            if asks_first {
                scene.ask(call());
                scene.start();
            } else {
                scene.start();
                scene.ask(call());
            }
            let replies = &scene.replies;
            assert!(
                matches!(replies[..], [Err(ErrorCode::_AUTHENTICATION)]),
                "{:?}: {replies:?}",
                call()
            );
        }
    }
}

#[test]
fn calls_end_when_the_application_has_no_token() {
    let mut scene = Scene::new(&[("sasl.mechanisms", "OAUTHBEARER")]);
    scene.start();
    scene.ask_metadata();
    assert!(scene.replies.is_empty());
    let failure = Command::SetTokenFailure("no token today".to_owned());
    scene.handle(Input::Command(failure));
    assert!(matches!(
        scene.replies[..],
        [Err(ErrorCode::_AUTHENTICATION)]
    ));
    // A token that still lives is used on.
    let expires_ms = scene.time().unix_ms + 100_000;
    scene.handle(Input::Command(token("good", expires_ms)));
    let failure = Command::SetTokenFailure("no token today".to_owned());
    scene.handle(Input::Command(failure));
    scene.ask_metadata();
    assert!(matches!(scene.replies[..], [Err(_), Ok(_)]));
}

#[test]
fn a_broker_that_lets_in_and_hangs_up_at_the_first_question_is_told_of_once_and_asked_ever_more_seldom()
 {
    let mut scene = Scene::new(&[("sasl.mechanisms", "PLAIN")]);
    scene.hangs_up = true;
    scene.start();
    scene.ask_metadata();
    scene.pass(Duration::from_secs(20));
    let codes: Vec<_> = scene.errors.iter().map(|&(code, _)| code).collect();
    assert_eq!(codes, [ErrorCode::_TRANSPORT, ErrorCode::_ALL_BROKERS_DOWN]);
    assert!(scene.connects < 40, "{} attempts", scene.connects);
    // Well again, it is told of anew.
    scene.hangs_up = false;
    scene.pass(Duration::from_secs(2));
    assert!(matches!(scene.replies[..], [Ok(_)]));
    scene.hangs_up = true;
    scene.ask_metadata();
    assert_eq!(scene.errors.len(), 4);
}

#[test]
fn a_mechanism_that_the_broker_does_not_offer_is_told_with_those_it_does() {
    let mut scene = Scene::new(&[("sasl.mechanisms", "SCRAM-SHA-256")]);
    scene.start();
    let (code, text) = &scene.errors[0];
    assert_eq!(*code, ErrorCode::_AUTHENTICATION);
    let words = "SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism: \
                 broker's supported mechanisms: PLAIN,SCRAM-SHA-512,OAUTHBEARER";
    assert!(text.contains(words), "{text}");
}

#[test]
fn a_session_is_authenticated_again_before_its_end_on_the_same_connection() {
    let mut scene = Scene::new(&[("sasl.mechanisms", "SCRAM-SHA-512")]);
    scene.session_ms = 10_000;
    scene.start();
    scene.pass(Duration::from_millis(8_400));
    assert_eq!(scene.authentications, 1);
    scene.pass(Duration::from_millis(1_200));
    assert_eq!(scene.authentications, 2);
    scene.pass(Duration::from_secs(60));
    assert!(scene.authentications >= 7);
    assert_eq!((scene.connects, scene.errors.len()), (1, 0));
}

#[test]
fn nobody_connects_before_there_is_a_token() {
    let settings = [
        ("sasl.mechanisms", "OAUTHBEARER"),
        ("sasl.oauthbearer.config", "mine"),
    ];
    let mut scene = Scene::new(&settings);
    scene.start();
    assert_eq!(scene.refreshes, [Some("mine".to_owned())]);
    scene.ask_metadata();
    scene.pass(Duration::from_secs(5));
    assert_eq!(scene.connects, 0);
    let expires_ms = scene.time().unix_ms + 100_000;
    scene.handle(Input::Command(token("good", expires_ms)));
    assert!(matches!(scene.replies[..], [Ok(_)]));
}

#[test]
fn a_token_is_asked_for_again_when_four_fifths_of_its_life_are_over() {
    let mut scene = Scene::new(&[("sasl.mechanisms", "OAUTHBEARER")]);
    scene.start();
    let expires_ms = scene.time().unix_ms + 100_000;
    scene.handle(Input::Command(token("good", expires_ms)));
    scene.pass(Duration::from_secs(79));
    assert_eq!(scene.refreshes, [None]);
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.refreshes, [None, None]);
}

#[test]
fn a_missing_token_is_told_once_and_asked_for_again_ten_seconds_later() {
    let mut scene = Scene::new(&[("sasl.mechanisms", "OAUTHBEARER")]);
    scene.start();
    for _ in 0..2 {
        let failure = Command::SetTokenFailure("no token today".to_owned());
        scene.handle(Input::Command(failure));
        scene.pass(Duration::from_secs(10));
    }
    assert_eq!(scene.refreshes.len(), 3);
    let words = "Failed to acquire SASL OAUTHBEARER token: no token today".to_owned();
    assert_eq!(scene.errors, [(ErrorCode::_AUTHENTICATION, words)]);
}

#[test]
fn a_refused_token_is_told_and_a_better_one_is_tried_at_once() {
    let mut scene = Scene::new(&[("sasl.mechanisms", "OAUTHBEARER")]);
    scene.start();
    let expires_ms = scene.time().unix_ms + 100_000;
    scene.handle(Input::Command(token("bad", expires_ms)));
    let (code, text) = &scene.errors[0];
    assert_eq!(*code, ErrorCode::_AUTHENTICATION);
    assert!(text.contains("invalid_token"), "{text}");
    scene.handle(Input::Command(token("good", expires_ms)));
    scene.pass(Duration::from_millis(1));
    scene.ask_metadata();
    assert!(matches!(scene.replies[..], [Ok(_)]));
}

#[test]
fn an_unsecured_token_without_a_principal_is_told() {
    let unsecured = [
        ("sasl.mechanisms", "OAUTHBEARER"),
        ("enable.sasl.oauthbearer.unsecure.jwt", "true"),
    ];
    let mut conf = Conf::new();
    for (name, value) in unsecured {
        conf.set(name, value).unwrap();
    }
    conf.set("security.protocol", "sasl_plaintext").unwrap();
    conf.set("sasl.oauthbearer.config", "scope=x").unwrap();
    conf.set("bootstrap.servers", "node:1").unwrap();
    let conf = Arc::new(conf.resolve(ClientKind::Producer).unwrap());
    let gauge = Arc::new(QueueGauge::new(1000, conf.producer.queue_max_bytes));
    let mut client = Client::new(conf, gauge, 7);
    client.start(Now::default());
    let mut words = None;
    loop {
        match client.poll_output() {
            Output::Timeout(_) => break,
            Output::Event(Event::Error(error)) => words = Some(error.text),
            _ => {}
        }
    }
    let expected = "Failed to acquire SASL OAUTHBEARER token: Invalid sasl.oauthbearer.config: no principal=<value>";
    assert_eq!(words.as_deref(), Some(expected));
}
