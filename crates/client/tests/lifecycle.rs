//! Making, closing and forking clients; questions that are interrupted.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka_client::conf::ClientKind;
use rdkafka_client::{
    Client, ErrorCode, Flow, Logs, MetadataScope, Options, ProduceRecord, TopicPartitionOffset,
};
use support::{PATIENCE_MS, Seen, address, broker, consumer, flush, never, poll_until, producer};

#[test]
fn clients_are_named_after_client_id_kind_and_number() {
    let one = producer("127.0.0.1:1", &[("client.id", "me")]);
    let other = consumer("127.0.0.1:1");
    assert!(one.name().starts_with("me#producer-"), "{}", one.name());
    assert!(
        other.name().starts_with("rdkafka#consumer-"),
        "{}",
        other.name()
    );
}

#[test]
fn an_idle_connected_client_closes_within_milliseconds() {
    let broker = broker(&[]);
    let client = producer(&address(&broker), &[]);
    client
        .metadata(MetadataScope::All, PATIENCE_MS, &never)
        .unwrap();
    let start = Instant::now();
    client.destroy(Duration::from_secs(1));
    assert!(
        start.elapsed() < Duration::from_millis(50),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(
        client
            .metadata(MetadataScope::All, 100, &never)
            .unwrap_err(),
        ErrorCode::_DESTROY
    );
    assert!(client.topic("t", None).is_err());
}

#[test]
fn a_client_that_is_connecting_closes_at_once() {
    // An address that never answers.
    let client = producer("192.0.2.1:9092", &[]);
    let start = Instant::now();
    drop(client);
    assert!(
        start.elapsed() < Duration::from_millis(50),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_client_of_another_life_of_the_process_touches_nothing() {
    static GENERATION: AtomicU64 = AtomicU64::new(100);
    let generation = || GENERATION.load(Ordering::Relaxed);
    let conf = support::conf("127.0.0.1:1", &[]);
    let options = Options {
        logs: Logs::Off,
        bootstrap: None,
        generation,
    };
    let client = Client::new(ClientKind::Producer, &conf, options).unwrap();
    let topic = client.topic("t", None).unwrap();
    GENERATION.store(101, Ordering::Relaxed);
    let record = ProduceRecord {
        payload: Some(b"x"),
        ..ProduceRecord::default()
    };
    assert_eq!(
        topic.produce(0, 0, &record, &never),
        Err(ErrorCode::_DESTROY)
    );
    assert_eq!(client.poll(1000, &mut |_| Flow::Continue, &never), 0);
    assert_eq!(
        client.flush(1000, &mut |_| Flow::Continue, &never),
        ErrorCode::NONE
    );
    assert_eq!(client.out_queue_len(), 0);
    let start = Instant::now();
    drop((topic, client));
    assert!(start.elapsed() < Duration::from_millis(10));
}

#[test]
fn an_interrupted_wait_ends_early() {
    let client = producer("127.0.0.1:1", &[]);
    let start = Instant::now();
    let result = client.metadata(MetadataScope::All, PATIENCE_MS, &|| true);
    assert_eq!(result.unwrap_err(), ErrorCode::_INTR);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn brokers_can_be_added_later_one_by_one() {
    let broker = broker(&[("t", 1)]);
    let conf = rdkafka_client::conf::Conf::new();
    let client = Client::new(ClientKind::Producer, &conf, support::options()).unwrap();
    assert_eq!(client.add_brokers(""), 0);
    assert_eq!(
        client.add_brokers(&format!("127.0.0.1:1,{}", address(&broker))),
        2
    );
    let metadata = client
        .metadata(MetadataScope::All, PATIENCE_MS, &never)
        .unwrap();
    assert_eq!(metadata.topics.len(), 1);
}

#[test]
fn a_producer_goes_on_by_itself_when_its_broker_comes_back() {
    let first = broker(&[("t", 1)]);
    let address = address(&first);
    let client = producer(
        &address,
        &[("reconnect.backoff.ms", "10"), ("retry.backoff.ms", "10")],
    );
    let topic = client.topic("t", None).unwrap();
    let record = ProduceRecord {
        payload: Some(b"x"),
        ..ProduceRecord::default()
    };
    topic.produce(0, 0, &record, &never).unwrap();
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    first.stop();
    topic.produce(0, 0, &record, &never).unwrap();
    poll_until(&client, &mut seen, |seen| {
        seen.errors
            .iter()
            .any(|error| error.code == ErrorCode::_ALL_BROKERS_DOWN)
    });
    let mut conf = rdkafka_broker::BrokerConf::embedded(1);
    conf.config.listeners = vec![format!("PLAINTEXT://{address}")];
    conf.topics = vec![("t".to_owned(), 1)];
    let second = rdkafka_broker::Broker::start(conf).unwrap();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    assert_eq!(seen.reports.len(), 2);
    assert!(
        seen.reports
            .iter()
            .all(|report| report.error == ErrorCode::NONE)
    );
    second.stop();
}

#[test]
fn offsets_are_found_by_time() {
    let broker = broker(&[("t", 1)]);
    let client = producer(&address(&broker), &[]);
    let topic = client.topic("t", None).unwrap();
    for timestamp_ms in [1000, 2000, 3000] {
        let record = ProduceRecord {
            payload: Some(b"x"),
            timestamp_ms: Some(timestamp_ms),
            ..ProduceRecord::default()
        };
        topic.produce(0, 0, &record, &never).unwrap();
    }
    flush(&client, &mut Seen::default());
    let asker = consumer(&address(&broker));
    // One partition at a time: Kafka answers a partition once per request.
    let ask = |partition, time| {
        let wanted = TopicPartitionOffset::new("t".into(), partition, time);
        let found = asker.offsets_for_times(vec![wanted], PATIENCE_MS, &never)?;
        Ok(found.iter().map(|one| one.offset).collect::<Vec<_>>())
    };
    assert_eq!(ask(0, 1500), Ok(vec![1]));
    assert_eq!(ask(0, 9000), Ok(vec![-1]), "none is that young");
    // As librdkafka: a call of which no partition is known fails as a whole.
    assert_eq!(ask(5, 0), Err(ErrorCode::_UNKNOWN_PARTITION));
}
