//! Messages: every API key in every version, both directions, headers, and the blobs inside group requests.
//!
//! Law: what can be read can be written, is not longer then than it was, and reads back as the same.

use std::fmt::Debug;

use bytes::Bytes;
use rdkafka_wire::api_key::{ApiVisitor, Testable};
use rdkafka_wire::arbitrary::Random;
use rdkafka_wire::embedded;
use rdkafka_wire::frame::{
    decode_request_header, decode_response, encode_request, peek_correlation_id,
};
use rdkafka_wire::messages::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use rdkafka_wire::messages::header::{RequestHeader, ResponseHeader};
use rdkafka_wire::{ApiKey, FrameReader, FrameWriter, Message, Request};

use crate::input::{Input, Seed};
use crate::target::{Budget, Target};

/// An empty element takes a byte on the wire and at most about this many in memory, twice while a vector grows.
const BUDGET: Budget = Budget {
    bytes: 512 * 1024,
    per_input_byte: 2048,
};

/// The table.
pub const TARGETS: &[Target] = &[
    Target {
        name: "requests",
        covers: "the body of a request: key, version, bytes; every key of the table in every version",
        run: |input| message(input, false),
        seeds: || messages(false),
        budget: BUDGET,
        input_bytes_max: 4096,
    },
    Target {
        name: "responses",
        covers: "the body of a response: key, version, bytes; every key of the table in every version",
        run: |input| message(input, true),
        seeds: || messages(true),
        budget: BUDGET,
        input_bytes_max: 4096,
    },
    Target {
        name: "frames",
        covers: "headers of requests and responses, and whole frames as the two sides first see them",
        run: frames,
        seeds: frame_seeds,
        budget: BUDGET,
        input_bytes_max: 1024,
    },
    Target {
        name: "group-blobs",
        covers: "subscriptions and assignments of the classic consumer protocol, of any version",
        run: group_blobs,
        seeds: group_seeds,
        budget: BUDGET,
        input_bytes_max: 1024,
    },
];

/// Key and version in two bytes, then the body.
fn message(input: &[u8], is_response: bool) {
    let mut input = Input::new(input);
    let key = key_of(input.byte());
    let version = version_of(input.byte(), key);
    let body = Bytes::copy_from_slice(input.rest());
    key.visit(RoundTrip {
        is_response,
        version,
        body,
    });
}

/// The key with this code; another one where there is none.
pub(crate) fn key_of(byte: u8) -> ApiKey {
    let all = ApiKey::ALL;
    ApiKey::from_code(byte.into()).unwrap_or_else(|| all[usize::from(byte) % all.len()])
}

/// A version of the key; now and then one that does not exist.
pub(crate) fn version_of(byte: u8, key: ApiKey) -> i16 {
    let count = key.versions().end() - key.versions().start() + 2;
    key.versions().start() + i16::from(byte) % count
}

struct RoundTrip {
    is_response: bool,
    version: i16,
    body: Bytes,
}

impl ApiVisitor for RoundTrip {
    type Output = ();

    fn visit<R: Request<Response: Testable> + Testable>(self) {
        if self.is_response {
            round_trip::<R::Response>(self.body, self.version);
        } else {
            round_trip::<R>(self.body, self.version);
        }
    }
}

fn encode<M: Message>(message: &M, version: i16) -> Bytes {
    let mut w = FrameWriter::new();
    message.encode(&mut w, version);
    w.into_bytes()
}

/// The law.
fn round_trip<M: Message + PartialEq + Debug>(body: Bytes, version: i16) {
    let mut reader = FrameReader::new(body);
    let Ok(message) = M::decode(&mut reader, version) else {
        return;
    };
    let written = encode(&message, version);
    assert!(
        written.len() <= reader.position(),
        "{} v{version} grew from {} to {} bytes: {message:?}",
        M::NAME,
        reader.position(),
        written.len()
    );
    let mut reader = FrameReader::new(written.clone());
    let again = M::decode(&mut reader, version);
    assert_eq!(reader.remaining(), 0, "{} v{version}", M::NAME);
    match again {
        // A number that is none (NaN) is equal to nothing.
        Ok(again) => assert!(
            again == message || encode(&again, version) == written,
            "{} v{version}: {message:?} became {again:?}",
            M::NAME
        ),
        Err(error) => panic!(
            "{} v{version}: {message:?} does not read back: {error}",
            M::NAME
        ),
    }
}

/// A message of each key and version.
fn messages(is_response: bool) -> Vec<Vec<u8>> {
    let captured = captured().filter(|it| it.is_response == is_response);
    let mut seeds: Vec<_> = captured
        .map(|it| Seed::new().key(it.key, it.version).rest(&it.body).done())
        .collect();
    for key in ApiKey::ALL {
        for version in key.versions() {
            let body = key.visit(Sample {
                is_response,
                version,
            });
            seeds.push(Seed::new().key(*key, version).rest(&body).done());
        }
    }
    seeds
}

/// A frame that went over the wire between Apache Kafka and a client.
#[derive(Debug)]
pub struct Captured {
    /// Its API.
    pub key: ApiKey,
    /// Its version.
    pub version: i16,
    /// The broker's.
    pub is_response: bool,
    /// The whole frame.
    pub frame: Bytes,
    /// What is behind its header.
    pub body: Bytes,
}

/// The frames beside `wire`'s tests.
pub fn captured() -> impl Iterator<Item = Captured> {
    let lines = include_str!("../../crates/wire/tests/captured.txt").lines();
    lines.filter_map(|line| {
        let mut words = line.split(' ');
        let (name, version) = (words.next()?, words.next()?.parse().ok()?);
        let key = *ApiKey::ALL.iter().find(|key| key.name() == name)?;
        let is_response = words.next()? == "response";
        let digits = words.nth(1)?.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let frame: Bytes = digits.filter_map(byte).collect();
        let header = if is_response {
            4 + usize::from(key.response_header_version(version) > 0)
        } else {
            let (_, body) = decode_request_header(frame.clone()).ok()?;
            body.position()
        };
        Some(Captured {
            key,
            version,
            is_response,
            body: frame.slice(header..),
            frame,
        })
    })
}

/// Bytes of a message of a key, for seeds.
#[derive(Debug)]
pub struct Sample {
    /// The response and not the request.
    pub is_response: bool,
    /// In which version.
    pub version: i16,
}

impl ApiVisitor for Sample {
    type Output = Bytes;

    fn visit<R: Request<Response: Testable> + Testable>(self) -> Bytes {
        fn sample<M: Testable>(version: i16) -> Bytes {
            // Small, so that mutations reach everything: the smallest of a few.
            let bytes = (0..8).map(|seed| {
                let random = &mut Random::new(seed);
                encode(&M::arbitrary(random, M::encoding(version)), version)
            });
            let is_filled = |it: &Bytes| it.len() > 60;
            let mut sorted: Vec<_> = bytes.collect();
            sorted.sort_by_key(|it| (!is_filled(it), it.len()));
            sorted.swap_remove(0)
        }
        if self.is_response {
            sample::<R::Response>(self.version)
        } else {
            sample::<R>(self.version)
        }
    }
}

fn frames(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    let key = key_of(input.byte());
    let version = version_of(input.byte(), key);
    let frame = Bytes::copy_from_slice(input.rest());
    match kind % 4 {
        0 => {
            let _ = decode_request_header(frame);
        }
        1 => {
            let _ = peek_correlation_id(&frame);
            key.visit(Answer { frame, version });
        }
        2 => round_trip::<RequestHeader>(frame, i16::from(kind >> 2) % 3),
        _ => round_trip::<ResponseHeader>(frame, i16::from(kind >> 2) % 2),
    }
}

struct Answer {
    frame: Bytes,
    version: i16,
}

impl ApiVisitor for Answer {
    type Output = ();

    fn visit<R: Request<Response: Testable> + Testable>(self) {
        let _ = decode_response::<R::Response>(self.frame, R::KEY, self.version);
    }
}

fn frame_seeds() -> Vec<Vec<u8>> {
    struct Frame(i16);
    impl ApiVisitor for Frame {
        type Output = Bytes;

        fn visit<R: Request<Response: Testable> + Testable>(self) -> Bytes {
            encode_request(&R::default(), self.0, 7, Some("seed")).into_bytes()
        }
    }
    let mut seeds = Vec::new();
    for key in ApiKey::ALL.iter().step_by(7) {
        for version in [*key.versions().start(), *key.versions().end()] {
            let frame = key.visit(Frame(version)).slice(4..);
            for kind in [0, 1, 2, 6, 10, 3, 7] {
                let seed = Seed::new().byte(kind).key(*key, version);
                seeds.push(seed.rest(&frame).done());
            }
        }
    }
    seeds
}

fn group_blobs(input: &[u8]) {
    let mut input = Input::new(input);
    let is_assignment = input.byte() % 2 == 1;
    let bytes = Bytes::copy_from_slice(input.rest());
    if is_assignment {
        let Ok((version, read)) = embedded::decode_assignment(bytes) else {
            return;
        };
        let version = version.min(*ConsumerProtocolAssignment::VERSIONS.end());
        let written = embedded::encode_assignment(&read, version);
        assert_eq!(embedded::decode_assignment(written), Ok((version, read)));
    } else {
        let Ok((version, read)) = embedded::decode_subscription(bytes) else {
            return;
        };
        let version = version.min(*ConsumerProtocolSubscription::VERSIONS.end());
        let written = embedded::encode_subscription(&read, version);
        assert_eq!(embedded::decode_subscription(written), Ok((version, read)));
    }
}

fn group_seeds() -> Vec<Vec<u8>> {
    use rdkafka_wire::arbitrary::Arbitrary;
    let mut seeds = vec![vec![1], b"\0\0\x09\0\0\0\0\0\0\0\0".to_vec()];
    for version in ConsumerProtocolSubscription::VERSIONS {
        let random = &mut Random::new(2);
        let encoding = ConsumerProtocolSubscription::encoding(version);
        let subscription = ConsumerProtocolSubscription::arbitrary(random, encoding);
        let bytes = embedded::encode_subscription(&subscription, version);
        seeds.push(Seed::new().byte(0).rest(&bytes).done());
        let assignment = ConsumerProtocolAssignment::arbitrary(random, encoding);
        let bytes = embedded::encode_assignment(&assignment, version);
        seeds.push(Seed::new().byte(1).rest(&bytes).done());
    }
    seeds
}
