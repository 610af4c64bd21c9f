//! Connections: order, pipelining, bad bytes, limits, addresses.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use rdkafka_broker::{Broker, BrokerConf, StartError};
use rdkafka_wire::frame::encode_request;
use rdkafka_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, EntityData, EntryData, OpData,
};
use rdkafka_wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use rdkafka_wire::messages::fetch::FetchRequest;
use rdkafka_wire::messages::metadata::MetadataRequest;
use rdkafka_wire::messages::produce::ProduceRequest;
use rdkafka_wire::{ApiKey, ErrorCode, FrameReader, Message};

use crate::client::{Client, broker, fetch_request, produce_request, values_of};

fn api_versions() -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: "t".into(),
        client_software_version: "1".into(),
    }
}

/// The peer has closed: an end or a reset, never a byte.
fn assert_closed(client: &mut Client) {
    let mut byte = [0];
    assert!(!matches!(client.socket.read(&mut byte), Ok(1..)));
}

#[test]
fn answers_come_in_the_order_of_the_requests() {
    let broker = broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    client.metadata("t");
    let fetch = client.send(11, &fetch_request("t", 0, 300));
    let metadata = client.send(9, &MetadataRequest::default());
    let versions = client.send(3, &api_versions());
    let started = Instant::now();
    assert_eq!(client.receive::<FetchRequest>(11).0, fetch);
    assert!(
        started.elapsed() >= Duration::from_millis(250),
        "the others waited behind the fetch"
    );
    assert_eq!(client.receive::<MetadataRequest>(9).0, metadata);
    assert_eq!(client.receive::<ApiVersionsRequest>(3).0, versions);
}

#[test]
fn a_produce_behind_a_waiting_fetch_wakes_it() {
    let broker = broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    client.metadata("t");
    client.send(11, &fetch_request("t", 0, 9_000));
    client.send(9, &produce_request("t", 1, &["hello"]));
    assert_eq!(values_of(&client.receive::<FetchRequest>(11).1), ["hello"]);
    client.receive::<ProduceRequest>(9);
}

#[test]
fn a_thousand_pipelined_requests_are_all_answered() {
    let broker = broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    client.metadata("t");
    let mut writer = Client {
        socket: client.socket.try_clone().unwrap(),
        ..Client::connect(broker.local_addr())
    };
    let sender = std::thread::spawn(move || {
        for number in 0..1000 {
            writer.send(9, &produce_request("t", -1, &[&number.to_string()]));
        }
    });
    for number in 0..1000 {
        let response = client.receive::<ProduceRequest>(9).1;
        assert_eq!(
            response.responses[0].partition_responses[0].base_offset,
            number
        );
    }
    sender.join().unwrap();
}

#[test]
fn acks_0_leaves_no_gap_in_the_order() {
    let broker = broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    client.metadata("t");
    client.send(9, &produce_request("t", 0, &["a"]));
    assert_eq!(client.produce("t", &["b"]), 1);
}

#[test]
fn an_unknown_version_of_api_versions_is_answered_so_that_the_client_can_go_on() {
    let broker = broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    let request = [
        &18i16.to_be_bytes()[..],
        &99i16.to_be_bytes(),
        &7i32.to_be_bytes(),
        &(-1i16).to_be_bytes(),
        &[0],
    ];
    let request = request.concat();
    client
        .socket
        .write_all(&u32::try_from(request.len()).unwrap().to_be_bytes())
        .unwrap();
    client.socket.write_all(&request).unwrap();
    let mut reader = FrameReader::new(client.frame().unwrap());
    assert_eq!(reader.i32(), Ok(7));
    let answer = ApiVersionsResponse::decode(&mut reader, 0).unwrap();
    reader.finish().unwrap();
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::UNSUPPORTED_VERSION);
    assert!(
        answer
            .api_keys
            .iter()
            .any(|key| key.api_key == ApiKey::ApiVersions.code() && key.max_version == 4)
    );
    assert_eq!(client.call(3, &api_versions()).error_code, 0);
}

#[test]
fn bytes_that_are_no_request_close_that_connection_and_no_other() {
    let broker = broker(&[("socket.request.max.bytes", "1000000")]);
    let mut good = Client::connect(broker.local_addr());
    good.metadata("t");
    let frames: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\xff\xff\xff\xff",
        b"\x00\x0f\x42\x41",
        b"\x00\x00\x00\x0a\x7f\xff\x00\x00\x00\x00\x00\x01\xff\xff",
        b"\x00\x00\x00\x0a\x00\x03\x00\x63\x00\x00\x00\x01\xff\xff",
        b"\x00\x00\x00\x0e\x00\x03\x00\x01\x00\x00\x00\x01\xff\xff\x7f\xff\xff\xff",
    ];
    for bytes in frames {
        let mut bad = Client::connect(broker.local_addr());
        bad.socket.write_all(bytes).unwrap();
        assert_closed(&mut bad);
        good.produce("t", &["still here"]);
    }
}

#[test]
fn clients_are_told_the_address_they_connected_to() {
    let broker = broker(&[]);
    let mut client = Client::connect(broker.local_addr());
    let node = client.metadata("t").brokers.remove(0);
    assert_eq!(
        (&*node.host, node.port),
        ("127.0.0.1", i32::from(broker.local_addr().port()))
    );
}

#[test]
fn a_wildcard_listener_is_seen_as_the_address_the_client_used() {
    let broker = broker(&[("listeners", "PLAINTEXT://:0")]);
    let mut client = Client::connect(([127, 0, 0, 1], broker.local_addr().port()).into());
    assert_eq!(&*client.metadata("t").brokers[0].host, "127.0.0.1");
    let mut client = Client::connect(([127, 0, 0, 2], broker.local_addr().port()).into());
    assert_eq!(&*client.metadata("t").brokers[0].host, "127.0.0.2");
}

#[test]
fn each_listener_tells_its_own_advertised_address() {
    let broker = broker(&[
        ("listeners", "INSIDE://127.0.0.1:0,OUTSIDE://127.0.0.1:0"),
        (
            "listener.security.protocol.map",
            "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT",
        ),
        ("advertised.listeners", "OUTSIDE://kafka.example:19092"),
    ]);
    let addresses = broker.addresses().to_vec();
    let inside = Client::connect(addresses[0])
        .metadata("t")
        .brokers
        .remove(0);
    assert_eq!(
        (&*inside.host, inside.port),
        ("127.0.0.1", i32::from(addresses[0].port()))
    );
    let outside = Client::connect(addresses[1])
        .metadata("t")
        .brokers
        .remove(0);
    assert_eq!((&*outside.host, outside.port), ("kafka.example", 19092));
}

#[test]
fn a_test_cluster_shows_several_nodes_that_are_one_broker() {
    let broker = Broker::start(BrokerConf {
        topics: vec![("t".into(), 6)],
        ..BrokerConf::embedded(3)
    })
    .unwrap();
    assert_eq!(broker.addresses().len(), 3);
    let metadata = Client::connect(broker.local_addr()).metadata("t");
    let nodes: Vec<i32> = metadata.brokers.iter().map(|node| node.node_id).collect();
    assert_eq!(nodes, [1, 2, 3]);
    let leaders: Vec<i32> = metadata.topics[0]
        .partitions
        .iter()
        .map(|it| it.leader_id)
        .collect();
    assert_eq!(leaders, [1, 2, 3, 1, 2, 3]);
    Client::connect(broker.addresses()[0]).produce("t", &["a"]);
    assert_eq!(Client::connect(broker.addresses()[2]).values("t"), ["a"]);
}

#[test]
fn idle_connections_are_closed_and_waiting_ones_are_not() {
    let broker = broker(&[("connections.max.idle.ms", "100")]);
    let mut waiting = Client::connect(broker.local_addr());
    waiting.metadata("t");
    waiting.send(11, &fetch_request("t", 0, 400));
    let mut idle = Client::connect(broker.local_addr());
    assert_closed(&mut idle);
    waiting.receive::<FetchRequest>(11);
}

#[test]
fn connections_over_the_limit_are_closed() {
    let broker = broker(&[("max.connections.per.ip", "1")]);
    let mut first = Client::connect(broker.local_addr());
    first.metadata("t");
    assert_closed(&mut Client::connect(broker.local_addr()));
    first.metadata("t");
}

#[test]
fn a_busy_address_is_a_clear_error() {
    let first = broker(&[]);
    let mut conf = BrokerConf::embedded(1);
    conf.config
        .set("listeners", &format!("PLAINTEXT://{}", first.local_addr()))
        .unwrap();
    let error = Broker::start(conf).unwrap_err();
    assert!(matches!(error, StartError::Bind { .. }));
    assert!(
        error.to_string().contains(&first.local_addr().to_string()),
        "{error}"
    );
}

#[test]
fn stopping_closes_connections_and_frees_the_address() {
    let broker = broker(&[]);
    let address = broker.local_addr();
    let mut client = Client::connect(address);
    client.metadata("t");
    let started = Instant::now();
    broker.stop();
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_closed(&mut client);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_throttled_client_is_answered_at_once_and_heard_again_when_its_time_is_over() {
    let broker = broker(&[("quota.window.num", "2")]);
    let mut client = Client::connect(broker.local_addr());
    client.metadata("t");
    let request = produce_request("t", 1, &["hello"]);
    let frame = encode_request(&request, 9, 1, Some("tester")).into_bytes();
    // Two requests in a second are half more than this allows.
    let allowed = f64::from(u32::try_from(frame.len() - 4).unwrap()) * 4.0 / 3.0;
    let quota = quota(("client-id", "tester"), "producer_byte_rate", allowed);
    assert_eq!(client.call(1, &quota).entries[0].error_code, 0);
    let started = Instant::now();
    client.send(9, &request);
    client.send(9, &request);
    let mut throttled = 0;
    for _ in 0..2 {
        throttled = client.receive::<ProduceRequest>(9).1.throttle_time_ms;
    }
    // Only now: what the broker has taken on before it knew is answered.
    client.send(3, &api_versions());
    // On a machine that took two seconds for it there was nothing to throttle, and nothing is claimed.
    let throttled = Duration::from_millis(u64::try_from(throttled).unwrap());
    assert!(!throttled.is_zero() || started.elapsed() > Duration::from_secs(1));
    client.receive::<ApiVersionsRequest>(3);
    assert!(started.elapsed() >= throttled);
}

fn quota(entity: (&str, &str), key: &str, value: f64) -> AlterClientQuotasRequest {
    AlterClientQuotasRequest {
        entries: vec![EntryData {
            entity: vec![EntityData {
                entity_type: entity.0.into(),
                entity_name: Some(entity.1.into()),
            }],
            ops: vec![OpData {
                key: key.into(),
                value,
                remove: false,
            }],
        }],
        validate_only: false,
    }
}

#[test]
fn an_address_that_connects_too_often_is_let_go_of_until_its_quota_allows_it() {
    let broker = broker(&[("quota.window.num", "1")]);
    let mut first = Client::connect(broker.local_addr());
    let mut slow = quota(
        ("ip", "127.0.0.1"),
        "connection_creation_rate",
        1.0 / 3600.0,
    );
    assert_eq!(first.call(1, &slow).entries[0].error_code, 0);
    let mut second = Client::connect(broker.local_addr());
    second.send(3, &api_versions());
    assert_closed(&mut second);
    slow.entries[0].ops[0].remove = true;
    assert_eq!(first.call(1, &slow).entries[0].error_code, 0);
    let mut third = Client::connect(broker.local_addr());
    third.call(3, &api_versions());
    let host = quota(("ip", "example.org"), "connection_creation_rate", 1.0);
    assert_eq!(
        ErrorCode(first.call(1, &host).entries[0].error_code),
        ErrorCode::INVALID_REQUEST
    );
}
