//! How often the application's thread allocates, and how often work changes hands between it and the driver (messages
//! sent, queues locked): per batch and never per record. And how much is allocated: memory for one copy of what is
//! produced, none for what is consumed.
//!
//! Counted by an allocator that counts for the thread it is asked on, so neither the driver nor the broker, which run
//! beside it, blur the figures. `cargo test -p rdkafka-client --test allocations -- --nocapture` prints them.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use allocation_counter::{AllocationInfo, measure};
use rdkafka_broker::Broker;
use rdkafka_client::conf::{ClientKind, Conf};
use rdkafka_client::consumer::{Consumer, Item, Served};
use rdkafka_client::{
    Client, ErrorCode, Event, Flow, HandOvers, MSG_F_BLOCK, ProduceRecord, TopicPartitionOffset,
};
use support::{PATIENCE_MS, address, broker, never, options, producer};

const RECORDS: u64 = 50_000;
/// A batch has 10,000 records at most, and the machine may be slow, so that batches leave early.
const PER_THOUSAND_MAX: f64 = 20.0;
/// Waiting for one batch takes about ten locks, and each is waited for at most once.
const HAND_OVERS_PER_THOUSAND_MAX: f64 = 20.0;

/// What a record of [`produce`] takes in a batch, about.
const ENCODED_BYTES: f64 = 125.0;

/// What was counted while something ran.
struct Counted {
    allocations: AllocationInfo,
    hand_overs: u64,
}

fn count(client: &Client, run: impl FnOnce()) -> Counted {
    let hand_overs = || {
        let HandOvers { messages, locks } = client.hand_overs();
        messages + locks
    };
    let before = hand_overs();
    let allocations = measure(run);
    Counted {
        allocations,
        hand_overs: hand_overs() - before,
    }
}

/// Fails unless it stays far below one allocation and one hand-over a record, and below so many bytes a record; prints
/// what it was.
fn assert_few(what: &str, counted: &Counted, bytes_max: f64) {
    let hand_overs = counted.hand_overs as f64 * 1000.0 / RECORDS as f64;
    let counted = &counted.allocations;
    let per_thousand = counted.count_total as f64 * 1000.0 / RECORDS as f64;
    let bytes = counted.bytes_total as f64 / RECORDS as f64;
    println!(
        "{what}: {per_thousand:.2} allocations and {hand_overs:.2} hand-overs per 1,000 messages, \
         {bytes:.1} bytes allocated a message"
    );
    assert!(
        hand_overs < HAND_OVERS_PER_THOUSAND_MAX,
        "{what}: {hand_overs}"
    );
    assert!(per_thousand < PER_THOUSAND_MAX, "{what}: {per_thousand}");
    assert!(bytes < bytes_max, "{what}: {bytes} bytes a message");
}

/// A producer whose connection is up and whose topic is known.
fn quiet_producer(broker: &Broker) -> Client {
    let mut conf = Conf::new();
    conf.set("bootstrap.servers", &address(broker)).unwrap();
    let client = Client::new(ClientKind::Producer, &conf, options()).unwrap();
    warm_up(&client);
    client
}

fn warm_up(client: &Client) {
    produce(client, 10_000);
    assert_eq!(flush(client, &mut 0), ErrorCode::NONE);
}

fn produce(client: &Client, count: u64) {
    let topic = client.topic("t", None).unwrap();
    let record = ProduceRecord {
        key: Some(b"key"),
        payload: Some(&[b'x'; 100]),
        headers: &[(b"name", Some(b"value"))],
        ..ProduceRecord::default()
    };
    for _ in 0..count {
        topic.produce(0, MSG_F_BLOCK, &record, &never).unwrap();
    }
}

/// Serves everything; `seen` counts the bytes of payloads in delivery reports.
fn flush(client: &Client, seen: &mut usize) -> ErrorCode {
    let mut serve = |event| {
        if let Event::Delivered(mut batch) = event {
            while let Some(message) = batch.next() {
                assert_eq!(message.error, ErrorCode::NONE);
                *seen += message.payload.map_or(0, <[u8]>::len);
            }
        }
        Flow::Continue
    };
    client.flush(PATIENCE_MS, &mut serve, &never)
}

#[test]
fn producing_allocates_per_batch_not_per_record() {
    let broker = broker(&[("t", 1)]);
    let client = quiet_producer(&broker);
    let counted = count(&client, || produce(&client, RECORDS));
    // Batches that leave early grow by doubling; beyond that there is no memory for a second copy.
    assert_few("produce", &counted, 4.0 * ENCODED_BYTES);
    assert_eq!(flush(&client, &mut 0), ErrorCode::NONE);
}

#[test]
fn delivery_reports_are_read_out_of_the_batch_without_allocating() {
    let broker = broker(&[("t", 1)]);
    let client = producer(&address(&broker), &[]);
    warm_up(&client);
    produce(&client, RECORDS);
    let mut seen = 0;
    let counted = count(&client, || {
        assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    });
    assert_eq!(seen as u64, 100 * RECORDS, "every report came");
    // The reports are read out of the batch itself.
    assert_few("delivery reports", &counted, 0.1 * ENCODED_BYTES);
}

#[test]
fn consuming_allocates_per_batch_not_per_record() {
    let broker = broker(&[("t", 1)]);
    let client = quiet_producer(&broker);
    produce(&client, RECORDS);
    assert_eq!(flush(&client, &mut 0), ErrorCode::NONE);

    let mut conf = Conf::new();
    conf.set("bootstrap.servers", &address(&broker)).unwrap();
    conf.set("group.id", "g").unwrap();
    let consumer = Consumer::new(Client::new(ClientKind::Consumer, &conf, options()).unwrap());
    let from_start = TopicPartitionOffset::new("t".into(), 0, 0);
    consumer.assign(Some(vec![from_start])).unwrap();
    let read = |count: u64| {
        let mut bytes = 0;
        let mut left = count;
        while left > 0 {
            match consumer.consume(PATIENCE_MS, &never, |item| match item {
                Item::Record(record) => {
                    bytes += record.value.map_or(0, <[u8]>::len);
                    bytes += record.headers.count();
                }
                Item::Error(error) => panic!("{error:?}"),
            }) {
                Served::Item(()) => left -= 1,
                Served::Event(_) => {}
                other => panic!("{other:?}"),
            }
        }
        bytes
    };
    read(1);
    let counted = count(consumer.client(), || {
        assert_eq!(read(RECORDS) as u64, 101 * RECORDS);
    });
    // Records are borrowed from the frame they came in.
    assert_few("consume with headers", &counted, 0.1 * ENCODED_BYTES);
}
