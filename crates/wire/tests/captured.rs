//! Frames captured between Apache Kafka's broker and clients (`captured.txt`): each is read to its end, and what was read
//! is written as the same bytes. Every API key is among them, in both directions.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use bytes::Bytes;
use rdkafka_wire::api_key::{ApiVisitor, Testable};
use rdkafka_wire::frame::{
    decode_request_header, decode_response, encode_request, encode_response,
};
use rdkafka_wire::{ApiKey, Request};

const CAPTURED: &str = include_str!("captured.txt");

struct Captured {
    key: ApiKey,
    version: i16,
    is_response: bool,
    /// Who wrote the request.
    client: &'static str,
    frame: Bytes,
}

fn captured() -> Vec<Captured> {
    let lines = CAPTURED.lines().filter(|line| !line.starts_with('#'));
    lines.map(row).collect()
}

fn row(line: &'static str) -> Captured {
    let words: Vec<&str> = line.split(' ').collect();
    let [name, version, direction, client, hex] = words[..] else {
        panic!("{line}");
    };
    let digits = hex.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    Captured {
        key: *ApiKey::ALL.iter().find(|key| key.name() == name).unwrap(),
        version: version.parse().unwrap(),
        is_response: direction == "response",
        client,
        frame: digits.map(byte).collect(),
    }
}

impl ApiVisitor for &Captured {
    type Output = ();

    fn visit<R: Request<Response: Testable> + Testable>(self) {
        let what = format!("{} {} of {}", self.key, self.version, self.client);
        let frame = self.frame.clone();
        let written = if self.is_response {
            let read = decode_response::<R::Response>(frame, self.key, self.version);
            let (correlation_id, response) = read.unwrap_or_else(|error| panic!("{what}: {error}"));
            encode_response(self.key, &response, self.version, correlation_id)
        } else {
            let (header, mut body) = decode_request_header(frame).unwrap();
            assert_eq!(header.request_api_key, self.key.code());
            assert_eq!(header.request_api_version, self.version);
            let request = R::decode(&mut body, self.version);
            let request = request.unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(body.remaining(), 0, "{what}");
            let client_id = header.client_id.as_deref();
            encode_request(&request, self.version, header.correlation_id, client_id)
        };
        let written = written.into_bytes().slice(4..);
        assert_eq!(written, self.frame, "{what}");
    }
}

#[test]
fn what_kafka_and_its_clients_wrote_is_read_and_written_as_the_same_bytes() {
    for captured in &captured() {
        captured.key.visit(captured);
    }
}

#[test]
fn every_key_was_captured_in_both_directions() {
    let captured = captured();
    let of = |is_response: bool| {
        let rows = captured.iter().filter(|it| it.is_response == is_response);
        rows.map(|it| it.key).collect::<BTreeSet<_>>()
    };
    for is_response in [false, true] {
        let missing: Vec<_> = ApiKey::ALL
            .iter()
            .filter(|key| !of(is_response).contains(key))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
