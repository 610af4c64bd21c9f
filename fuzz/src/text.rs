//! What people and token endpoints write: messages of SASL, tokens and key sets, properties, settings of the broker.
//!
//! Laws: what a message was read as is written so that it reads the same; a setting that was taken is taken again.

use std::num::NonZeroU32;

use rdkafka_broker::fuzzing as shell;
use rdkafka_broker::{BrokerConfig, ScramUser};
use rdkafka_broker_core::conf::TopicOverrides;
use rdkafka_conf::nearest;
use rdkafka_conf::number::{c_double, c_long, format_g};
use rdkafka_conf::properties::parse_properties;
use rdkafka_sasl::jaas::LoginModule;
use rdkafka_sasl::jws::{self, Jwks, TokenRules};
use rdkafka_sasl::oauthbearer::oidc::{parse_answer, parse_extensions};
use rdkafka_sasl::oauthbearer::unsecured::UnsecuredConfig;
use rdkafka_sasl::oauthbearer::{OauthbearerMessage, check_name, check_value};
use rdkafka_sasl::plain::PlainMessage;
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_sasl::scram::client::ScramClient;
use rdkafka_sasl::scram::messages::{ClientFinal, ClientFirst, ServerFinal, ServerFirst};
use rdkafka_sasl::scram::server::{ScramCredential, ScramServer};

use crate::input::{Input, Seed};
use crate::target::{Budget, Target};

/// The table.
pub const TARGETS: &[Target] = &[
    Target {
        name: "sasl-messages",
        covers: "messages of PLAIN, SCRAM (all four) and OAUTHBEARER, and what they are written as again",
        run: sasl_messages,
        seeds: sasl_message_seeds,
        budget: BUDGET,
        input_bytes_max: 1024,
    },
    Target {
        name: "scram-exchange",
        covers: "the machines of SCRAM on both sides, each fed with what the other would never say",
        run: scram_exchange,
        seeds: scram_exchange_seeds,
        budget: BUDGET,
        input_bytes_max: 512,
    },
    Target {
        name: "tokens",
        covers: "JWTs, key sets (JWKS), answers of token endpoints, extensions, unsecured tokens' settings, login modules",
        run: tokens,
        seeds: token_seeds,
        budget: BUDGET,
        input_bytes_max: 2048,
    },
    Target {
        name: "properties",
        covers: "server.properties and files of client properties, numbers as C reads them",
        run: properties,
        seeds: property_seeds,
        budget: BUDGET,
        input_bytes_max: 2048,
    },
    Target {
        name: "broker-settings",
        covers: "names and values of broker, listener and topic properties, listener addresses, principal mapping rules, \
                 users of SCRAM, PEM of a listener, certificates of clients",
        run: broker_settings,
        seeds: broker_setting_seeds,
        // A rule is a pattern, which may become ten megabytes of automaton.
        budget: Budget {
            bytes: 64 << 20,
            per_input_byte: 4096,
        },
        input_bytes_max: 2048,
    },
];

const BUDGET: Budget = Budget {
    bytes: 1 << 20,
    per_input_byte: 1024,
};

fn sasl_messages(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    let bytes = input.rest();
    match kind % 7 {
        0 => {
            if let Ok(read) = PlainMessage::parse(bytes) {
                assert_eq!(PlainMessage::parse(&read.encode()), Ok(read));
            }
        }
        1 => {
            if let Ok((read, _)) = ClientFirst::parse(bytes) {
                let again = ClientFirst::parse(&read.encode()).map(|it| it.0);
                assert_eq!(again, Ok(read));
            }
        }
        2 => {
            if let Ok(read) = ServerFirst::parse(bytes) {
                assert_eq!(ServerFirst::parse(read.encode().as_bytes()), Ok(read));
            }
        }
        3 => {
            if let Ok((read, _)) = ClientFinal::parse(bytes) {
                let again = ClientFinal::parse(&read.encode()).map(|it| it.0);
                assert_eq!(again, Ok(read));
            }
        }
        4 => {
            if let Ok(read) = ServerFinal::parse(bytes) {
                assert_eq!(ServerFinal::parse(&read.encode()), Ok(read));
            }
        }
        5 => {
            if let Ok(read) = OauthbearerMessage::parse(bytes) {
                assert_eq!(OauthbearerMessage::parse(&read.encode()), Ok(read));
            }
        }
        _ => _ = (check_name(bytes), check_value(bytes)),
    }
}

fn sasl_message_seeds() -> Vec<Vec<u8>> {
    [
        &b"\0\0user\0password"[..],
        b"\0admin\0user\0password",
        b"\x01n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        b"\x01n,a=admin,n=us=2Cer,r=abc,tokenauth=true",
        b"\x02r=abcdef,s=QSXCR+Q6sek8bf92,i=4096",
        b"\x03c=biws,r=abcdef,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        b"\x04v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        b"\x04e=invalid-proof",
        b"\x05n,,\x01auth=Bearer abc.def.ghi\x01\x01",
        b"\x05n,a=user,\x01auth=Bearer abc\x01key=value\x01\x01",
        b"\x06traceId",
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}

/// The fewest iterations a peer may ask for: an input must not take long.
const ITERATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(4095);

fn scram_exchange(input: &[u8]) {
    let mut input = Input::new(input);
    let how = input.byte();
    let mechanism = match how & 1 {
        0 => ScramMechanism::Sha256,
        _ => ScramMechanism::Sha512,
    };
    if how & 2 == 0 {
        let mut client = ScramClient::new(mechanism, "u", "abc".to_owned());
        let _ = client.first_message();
        while !input.is_empty() {
            let message = input.piece();
            // Hashing more often than this takes longer than an input may.
            let iterations = ServerFirst::parse(message).map(|it| it.iterations);
            if iterations.is_ok_and(|it| it > ITERATIONS && it.get() <= 1_000_000) {
                return;
            }
            if let Ok(None) = client.answer(message, b"p") {
                panic!("nobody can prove a password that nobody told");
            }
        }
    } else {
        let Ok(server) = ScramServer::begin(mechanism, input.piece()) else {
            return;
        };
        let salt = b"saltsaltsalt".to_vec();
        let secret = server.username().to_owned() + "?";
        let credential =
            ScramCredential::from_password(mechanism, secret.as_bytes(), salt, ITERATIONS);
        let (challenge, message) = server.challenge(credential, "xyz");
        assert!(ServerFirst::parse(&message).is_ok());
        assert!(challenge.finish(input.piece()).is_err(), "a guess is right");
    }
}

fn scram_exchange_seeds() -> Vec<Vec<u8>> {
    let of_server = |how: u8| {
        let seed = Seed::new()
            .byte(how)
            .piece(b"r=abcdef,s=QSXCR+Q6sek8bf92,i=4096");
        seed.piece(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").done()
    };
    let of_client = |how: u8| {
        let seed = Seed::new().byte(how).piece(b"n,,n=u,r=abc");
        seed.piece(b"c=biws,r=abcxyz,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
            .done()
    };
    vec![of_server(0), of_server(1), of_client(2), of_client(3)]
}

fn tokens(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    let text = input.text();
    match kind % 6 {
        0 => _ = jws::check(&text, &TokenRules::default(), None, 1_700_000_000_000),
        1 => {
            let (keys, token) = text.split_once('\n').unwrap_or((KEYS, &text));
            if let Ok(keys) = Jwks::parse(keys) {
                let rules = TokenRules {
                    audiences: vec!["a".into()],
                    required_scopes: vec!["s".into()],
                    clock_skew_ms: i64::MAX,
                    ..TokenRules::default()
                };
                let checked = jws::check(token, &rules, Some(&keys), 1);
                assert!(checked.is_err() || keys_are_ours(&text), "{checked:?}");
            }
        }
        2 => {
            let status = 200 + u16::from(kind / 6 % 2) * 200;
            let answer = parse_answer(status, text.as_bytes(), "sub", &[]);
            let _ = answer.map(|token| (token.check(1_700_000_000_000), token.message().encode()));
        }
        3 => {
            if let Ok(pairs) = parse_extensions(&text) {
                for (name, value) in &pairs {
                    let _ = (check_name(name.as_bytes()), check_value(value.as_bytes()));
                }
            }
        }
        4 => {
            if let Ok(config) = UnsecuredConfig::parse(&text) {
                let token = config.token(1_700_000_000_000);
                let rules = TokenRules::default();
                let _ = jws::check(&token.value, &rules, None, 1_700_000_000_000);
            }
        }
        _ => {
            if let Ok(module) = LoginModule::parse(&text) {
                let _ = (module.simple_class(), module.option("username"));
            }
        }
    }
}

/// With keys of its own an input may sign what it likes.
fn keys_are_ours(text: &str) -> bool {
    text.contains('\n')
}

const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1","alg":"ES256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

fn token_seeds() -> Vec<Vec<u8>> {
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1IiwiZXhwIjo5OTk5OTk5OTk5LCJzY29wZSI6WyJhIl19.";
    let signed = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJ1IiwiZXhwIjo5OTk5OTk5OTk5fQ.AAAA";
    let rsa = r#"{"keys":[{"kty":"RSA","use":"sig","kid":"1","n":"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw","e":"AQAB"}]}"#;
    [
        (0, token.to_owned()),
        (1, signed.to_owned()),
        (1, format!("{rsa}\n{signed}")),
        (1, format!("{KEYS}\n{signed}")),
        (2, format!(r#"{{"access_token":"{token}","expires_in":3600}}"#)),
        (8, r#"{"error":"invalid_client","error_description":"no"}"#.to_owned()),
        (3, "a=b,traceId=1".to_owned()),
        (4, "principal=admin scope=a,b lifeSeconds=60 extension_x=1 principalClaimName=azp".to_owned()),
        (5, r#"org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p;\"" user_a='b';"#.to_owned()),
    ]
    .map(|(kind, text)| [&[kind][..], text.as_bytes()].concat())
    .to_vec()
}

fn properties(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    let text = input.text();
    if kind % 2 == 1 {
        let _ = c_long(&text);
        if let Some(number) = c_double(&text) {
            let _ = c_double(&format_g(number));
        }
        return;
    }
    if let Ok(properties) = parse_properties(&text) {
        for property in &properties {
            let _ = nearest(&property.name, ["log.dirs", "listeners"]);
        }
        assert!(properties.len() <= text.len());
    }
}

fn property_seeds() -> Vec<Vec<u8>> {
    [
        (0, "# comment\nlisteners=PLAINTEXT://:9092\n! other\nlog.dirs : /a,\\\n  /b\nbroker.id 1\n\\u0061=\\t\\n"),
        (1, " -0x7fffffffffffffff"),
        (1, "1.5e300"),
        (1, "012345678"),
    ]
    .map(|(kind, text)| [&[kind][..], text.as_bytes()].concat())
    .to_vec()
}

fn broker_settings(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    if kind % 6 == 1 {
        let _ = shell::certificate(input.rest());
        return;
    }
    let text = input.text();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    match kind % 6 {
        2 => {
            if let Some(written) = shell::listener_address(&text) {
                assert_eq!(shell::listener_address(&written), Some(written));
            }
        }
        3 => _ = shell::principal(first, rest),
        4 => _ = ScramUser::parse(&text),
        5 => listener_tls(&text),
        _ => server_properties(&text),
    }
}

fn server_properties(text: &str) {
    let Ok(properties) = parse_properties(text) else {
        return;
    };
    let mut config = BrokerConfig::default();
    let mut topic = TopicOverrides::default();
    for property in properties.iter().take(32) {
        if config.set(&property.name, &property.value).is_ok() {
            let again = config.set(&property.name, &property.value);
            assert!(again.is_ok(), "{}: {again:?}", property.name);
        }
        let _ = topic.set(&property.name, &property.value);
    }
    let _ = (
        config.entries(),
        config.retention_ms(),
        config.roll_ms(),
        config.memory_bytes_max(),
    );
    for listener in config.listeners_with_properties() {
        let _ = config.listener(listener).of_mechanism("PLAIN").entries();
    }
    let _ = topic.check(&config);
    let _ = rdkafka_broker_core::conf::TopicConfig::resolve(&config, &topic);
}

fn listener_tls(text: &str) {
    // Deriving a key from a password takes as long as the file says, which is the user's own.
    if text.contains("ENCRYPTED") {
        return;
    }
    let mut config = BrokerConfig::default();
    let mut pieces = text.split("\n\n");
    for name in [
        "ssl.keystore.key",
        "ssl.keystore.certificate.chain",
        "ssl.truststore.certificates",
    ] {
        if let Some(piece) = pieces.next() {
            let _ = config.set(&format!("listener.name.x.{name}"), piece);
        }
    }
    for name in ["ssl.keystore.type", "ssl.truststore.type"] {
        let _ = config.set(&format!("listener.name.x.{name}"), "PEM");
    }
    let _ = shell::tls(&config.listener("x"));
}

fn broker_setting_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    let rows = BrokerConfig::default().entries();
    for rows in rows.chunks(8) {
        let lines = rows
            .iter()
            .map(|row| format!("{}={}", row.name, row.value.as_deref().unwrap_or("")));
        let text = lines.collect::<Vec<_>>().join("\n");
        seeds.push([&[0], text.as_bytes()].concat());
    }
    let key = include_str!("pem/key.pem").trim();
    let certificate = include_str!("pem/certificate.pem").trim();
    for (kind, text) in [
        (
            0,
            "listeners=A://:1,B://h:2\nlistener.security.protocol.map=A:PLAINTEXT,B:SASL_SSL\nlistener.name.b.sasl.enabled.mechanisms=PLAIN\nlistener.name.b.plain.sasl.jaas.config=x required;",
        ),
        (
            0,
            "log.retention.hours=1\nlog.dirs=/a,/b\nretention.ms=5\ncleanup.policy=compact,delete\nzookeeper.connect=x:2181",
        ),
        (2, "PLAINTEXT://[::1]:9092"),
        (3, "RULE:^CN=(.*?),.*$/$1/L,DEFAULT\nCN=x,O=y"),
        (4, "SCRAM-SHA-256=[iterations=4096,name=u,password=p]"),
        (5, &format!("{key}\n\n{certificate}\n\n{certificate}")),
    ] {
        seeds.push([&[kind], text.as_bytes()].concat());
    }
    let der = pem_body(certificate);
    seeds.push([&[1], &der[..]].concat());
    seeds
}

/// The bytes of the only block of a PEM.
fn pem_body(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let text = lines.collect::<String>();
    let decoded = base64::engine::general_purpose::STANDARD.decode(text);
    decoded.unwrap_or_default()
}
