//! Bytes of any kind on a connection: it answers or ends, and the broker goes on.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::LazyLock;

use proptest::prelude::*;
use rdkafka_broker::Broker;
use rdkafka_wire::messages::api_versions::ApiVersionsRequest;

use crate::client::{Client, broker};

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
