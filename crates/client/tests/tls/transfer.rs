//! Much goes and comes through TLS.

use std::time::{Duration, Instant};

use rdkafka_client::conf::ClientKind;
use rdkafka_client::consumer::{Consumer, Item, Served};
use rdkafka_client::{Client, ErrorCode, MSG_F_BLOCK, ProduceRecord, TopicPartitionOffset};

use crate::certificates::Authority;
use crate::front::{Front, Manner};
use crate::support::{PATIENCE_MS, Seen, conf, flush, never, options, producer};
use crate::with_tls;

/// So many bytes that no two messages have in common.
fn payload(number: u8, length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(u64::from(number));
    (0..length).map(|_| random.u8(..)).collect()
}

#[test]
fn large_and_small_messages_go_and_come_whole_through_narrow_tls() {
    let authority = Authority::new("CA");
    let roots = authority.pem();
    let broker = authority.issue_local();
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        let server = broker.server(None, versions).into();
        let front = Front::start("127.0.0.1", Manner::Serve(server, 1500));
        let properties = with_tls(&[("ssl.ca.pem", &roots), ("linger.ms", "0")]);
        let lengths = [900_000, 1, 0, 65_536, 16_384, 700_000, 3, 900_001];
        let client = producer(&front.address(), &properties);
        let topic = client.topic("t", None).unwrap();
        for (number, length) in lengths.into_iter().enumerate() {
            let payload = payload(number as u8, length);
            let record = ProduceRecord {
                payload: Some(&payload),
                ..ProduceRecord::default()
            };
            topic.produce(0, MSG_F_BLOCK, &record, &never).unwrap();
        }
        let mut seen = Seen::default();
        assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
        assert!(
            seen.reports
                .iter()
                .all(|report| report.error == ErrorCode::NONE)
        );

        let mut properties = with_tls(&[("ssl.ca.pem", &roots), ("group.id", "g")]);
        properties.push(("fetch.wait.max.ms", "50"));
        let conf = conf(&front.address(), &properties);
        let client = Client::new(ClientKind::Consumer, &conf, options()).unwrap();
        let consumer = Consumer::new(client);
        let start = TopicPartitionOffset::new("t".into(), 0, 0);
        consumer.assign(Some(vec![start])).unwrap();
        let end = Instant::now() + Duration::from_millis(PATIENCE_MS as u64);
        let mut values = Vec::new();
        while values.len() < lengths.len() {
            assert!(Instant::now() < end, "only {} came", values.len());
            let served = consumer.consume(100, &never, |item| match item {
                Item::Record(record) => Some(record.value.unwrap().to_vec()),
                Item::Error(_) => None,
            });
            if let Served::Item(Some(value)) = served {
                values.push(value);
            }
        }
        for (number, (value, length)) in values.iter().zip(lengths).enumerate() {
            assert!(
                *value == payload(number as u8, length),
                "message {number} differs"
            );
        }
    }
}
