//! Bytes of any kind on a connection, and clients that ask and never read: it answers or ends, and the broker goes on.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rdkafka_broker::Broker;
use rdkafka_wire::frame::encode_request;
use rdkafka_wire::messages::api_versions::ApiVersionsRequest;

use crate::client::{Client, broker, fetch_request};

static BROKER: LazyLock<Broker> = LazyLock::new(|| broker(&[]));

/// A frame whose header makes sense and whose body need not.
fn request() -> impl Strategy<Value = Vec<u8>> {
    let body = proptest::collection::vec(any::<u8>(), 0..300);
    (0i16..80, 0i16..20, any::<i32>(), body).prop_map(|(key, version, id, body)| {
        let header = [
            &key.to_be_bytes()[..],
            &version.to_be_bytes(),
            &id.to_be_bytes(),
            &(-1i16).to_be_bytes(),
        ];
        let frame = [&header.concat()[..], &body].concat();
        let len = u32::try_from(frame.len()).unwrap();
        [&len.to_be_bytes()[..], &frame].concat()
    })
}

/// Bytes without any sense, or requests one after the other.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..600),
        proptest::collection::vec(request(), 1..4).prop_map(|frames| frames.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sent_the_connection_ends_and_the_broker_serves_others(bytes in bytes()) {
        let mut client = Client::connect(BROKER.local_addr());
        // The broker may end it before it has read everything.
        let _ = client.socket.write_all(&bytes);
        let _ = client.socket.shutdown(Shutdown::Write);
        if let Err(error) = client.socket.read_to_end(&mut Vec::new()) {
            let is_silence = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
            prop_assert!(!is_silence, "the connection neither answered nor ended");
        }
        prop_assert!(BROKER.is_alive());
        let mut other = Client::connect(BROKER.local_addr());
        other.call(0, &ApiVersionsRequest::default());
    }
}

/// Bytes of this process that are in memory.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|it| it.split_whitespace().next()).unwrap();
    kilobytes.parse::<usize>().unwrap() << 10
}

/// Asks for a megabyte again and again without reading an answer, until the broker ends the connection.
fn ask_and_never_read(mut client: Client, topic: &str) {
    let request = encode_request(&fetch_request(topic, 0, 0), 11, 1, Some("deaf")).into_bytes();
    // While the broker reads no more, this waits; when it has ended the connection, it fails.
    while client.socket.write_all(&request).is_ok() {}
}

#[test]
fn clients_that_never_read_are_cut_off_and_keep_neither_memory_nor_anybody_else() {
    let broker = broker(&[
        ("queued.max.request.bytes", "8388608"),
        ("socket.request.max.bytes", "4194304"),
        ("rdkafka.response.stall.timeout.ms", "300"),
        ("connections.max.idle.ms", "3000"),
    ]);
    let mut good = Client::connect(broker.local_addr());
    good.metadata("large");
    let value = "x".repeat(500_000);
    for _ in 0..4 {
        good.produce("large", &[&value]);
    }
    good.metadata("small");
    let before = resident_bytes();
    let deaf: Vec<_> = (0..30)
        .map(|_| {
            let client = Client::connect(broker.local_addr());
            client
                .socket
                .set_write_timeout(Some(Duration::from_secs(60)))
                .unwrap();
            std::thread::spawn(|| {
                let since = Instant::now();
                ask_and_never_read(client, "large");
                since.elapsed()
            })
        })
        .collect();
    let mut most = 0;
    while deaf.iter().any(|it| !it.is_finished()) {
        good.produce("small", &["still here"]);
        most = most.max(resident_bytes());
    }
    for client in deaf {
        let lasted = client.join().unwrap();
        assert!(lasted < Duration::from_secs(59), "it was not cut off");
    }
    let grown = most.saturating_sub(before);
    // Other tests of this process count, too; what the deaf asked for are gigabytes.
    assert!(grown < 256 << 20, "{} MiB more", grown >> 20);
    assert!(broker.is_alive());
    assert_eq!(good.values("large").len(), 4);
}
