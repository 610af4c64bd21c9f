//! Message sets, as brokers before 0.11 know them: written and read by clients that are told to speak so.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::{Duration, Instant};

use rdkafka_client::conf::ClientKind;
use rdkafka_client::consumer::{Consumer, Item, Served};
use rdkafka_client::{
    Client, ErrorCode, MSG_F_BLOCK, ProduceRecord, TopicPartition, TopicPartitionOffset,
};
use support::{Seen, address, broker, conf, flush, never, options, producer};

const RECORDS: usize = 30;
/// Settings with which a client speaks as to such a release.
const NEWEST: &[(&str, &str)] = &[];
const AS_0_9: &[(&str, &str)] = &[
    ("api.version.request", "false"),
    ("broker.version.fallback", "0.9.0.1"),
];
const AS_0_8: &[(&str, &str)] = &[
    ("api.version.request", "false"),
    ("broker.version.fallback", "0.8.2.2"),
];

fn value(number: usize) -> String {
    format!("value {number} {}", "x".repeat(100))
}

fn write(bootstrap: &str, topic: &str, codec: &str, speaks: &[(&str, &str)]) {
    let mut settings = vec![("compression.type", codec), ("linger.ms", "20")];
    settings.extend(speaks);
    let client = producer(bootstrap, &settings);
    let topic = client.topic(topic, None).unwrap();
    for number in 0..RECORDS {
        let (key, value) = (number.to_string(), value(number));
        let record = ProduceRecord {
            key: Some(key.as_bytes()),
            payload: Some(value.as_bytes()),
            ..ProduceRecord::default()
        };
        topic.produce(0, MSG_F_BLOCK, &record, &never).unwrap();
    }
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    let good = seen
        .reports
        .iter()
        .filter(|report| report.error == ErrorCode::NONE);
    assert_eq!(good.count(), RECORDS);
}

fn read(bootstrap: &str, topic: &str, speaks: &[(&str, &str)]) -> Vec<(i64, String, String)> {
    let mut settings = vec![("group.id", "g"), ("enable.auto.commit", "false")];
    settings.extend(speaks);
    let conf = conf(bootstrap, &settings);
    let consumer = Consumer::new(Client::new(ClientKind::Consumer, &conf, options()).unwrap());
    let beginning = TopicPartitionOffset::new(topic.into(), 0, -2);
    consumer.assign(Some(vec![beginning])).unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    let mut records = Vec::new();
    while records.len() < RECORDS && Instant::now() < end {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let served = consumer.consume(100, &never, |item| match item {
            Item::Record(record) => {
                let (key, value) = (record.key.unwrap(), record.value.unwrap());
                Some((record.offset, text(key), text(value)))
            }
            Item::Error(_) => None,
        });
        if let Served::Item(Some(record)) = served {
            records.push(record);
        }
    }
    records
}

#[test]
fn what_one_release_writes_another_reads() {
    let broker = broker(&[]);
    let bootstrap = address(&broker);
    let expected: Vec<_> = (0..RECORDS)
        .map(|number| (number as i64, number.to_string(), value(number)))
        .collect();
    for (writer, speaks) in [("new", NEWEST), ("0.9", AS_0_9), ("0.8", AS_0_8)] {
        for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
            let topic = format!("{writer}-{codec}");
            write(&bootstrap, &topic, codec, speaks);
            for (reader, speaks) in [("new", NEWEST), ("0.9", AS_0_9), ("0.8", AS_0_8)] {
                let records = read(&bootstrap, &topic, speaks);
                assert_eq!(
                    records, expected,
                    "{codec} written by {writer}, read by {reader}"
                );
            }
        }
    }
}

#[test]
fn offsets_are_committed_to_and_asked_of_every_release_that_has_coordinators() {
    let broker = broker(&[]);
    let bootstrap = address(&broker);
    for (release, speaks) in [("new", NEWEST), ("0.9", AS_0_9), ("0.8", AS_0_8)] {
        write(&bootstrap, release, "none", speaks);
        let mut settings = vec![("group.id", release), ("enable.auto.commit", "false")];
        settings.extend(speaks);
        let conf = conf(&bootstrap, &settings);
        let consumer = Consumer::new(Client::new(ClientKind::Consumer, &conf, options()).unwrap());
        let at = |offset| TopicPartitionOffset::new(release.into(), 0, offset);
        consumer.assign(Some(vec![at(0)])).unwrap();
        let committed = consumer.commit(Some(vec![at(7)])).unwrap();
        assert_eq!(committed[0].error, ErrorCode::NONE, "{release}");
        let partition = TopicPartition {
            topic: release.into(),
            partition: 0,
        };
        let asked = consumer.committed(vec![partition], 10_000, &never).unwrap();
        assert_eq!(asked[0].offset, 7, "{release}");
    }
}
