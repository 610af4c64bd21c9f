//! Clients behind a link that fails: nothing is lost or doubled, and they go on by themselves when it is well again.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka_client::conf::{ClientKind, Conf};
use rdkafka_client::consumer::{Consumer, Item, Served};
use rdkafka_client::{Client, ErrorCode, MSG_F_BLOCK, ProduceRecord, TopicPartitionOffset};
use rdkafka_fault_proxy::{Faults, Proxy};
use rdkafka_wire::ApiKey;
use support::{Seen, behind_proxy, flush, never, options, poll_until, producer};

/// How long a client may need to notice that all is well again.
const RECOVERY: Duration = Duration::from_secs(2);
/// For a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

fn patient_producer(proxy: &Proxy) -> Client {
    producer(
        &proxy.address().to_string(),
        &[
            ("enable.idempotence", "true"),
            ("linger.ms", "0"),
            ("batch.num.messages", "10"),
            ("socket.timeout.ms", "1000"),
            ("request.timeout.ms", "1000"),
            ("reconnect.backoff.ms", "20"),
            ("reconnect.backoff.max.ms", "500"),
        ],
    )
}

fn produce(client: &Client, numbers: std::ops::Range<usize>) {
    let topic = client.topic("t", None).unwrap();
    for number in numbers {
        let payload = number.to_string();
        let record = ProduceRecord {
            payload: Some(payload.as_bytes()),
            ..ProduceRecord::default()
        };
        topic.produce(0, MSG_F_BLOCK, &record, &never).unwrap();
        client.poll(0, &mut |_| rdkafka_client::Flow::Continue, &never);
    }
}

/// The numbers in the partition, by a consumer that reads through `bootstrap`.
fn read(bootstrap: &str, count: usize) -> Vec<usize> {
    let mut conf = Conf::new();
    for (name, value) in [
        ("bootstrap.servers", bootstrap),
        ("group.id", "g"),
        ("socket.timeout.ms", "1000"),
        ("fetch.wait.max.ms", "50"),
        ("fetch.message.max.bytes", "2000"),
        ("reconnect.backoff.ms", "20"),
        ("reconnect.backoff.max.ms", "500"),
    ] {
        conf.set(name, value).unwrap();
    }
    let client = Client::new(ClientKind::Consumer, &conf, options()).unwrap();
    let consumer = Consumer::new(client);
    let start = TopicPartitionOffset::new("t".into(), 0, 0);
    consumer.assign(Some(vec![start])).unwrap();
    let end = Instant::now() + PATIENCE;
    let mut numbers = Vec::new();
    while numbers.len() < count {
        assert!(Instant::now() < end, "only {} came", numbers.len());
        let served = consumer.consume(100, &never, |item| match item {
            Item::Record(record) => {
                let text = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
                Some(text.parse().unwrap())
            }
            Item::Error(_) => None,
        });
        if let Served::Item(Some(number)) = served {
            numbers.push(number);
        }
    }
    numbers
}

/// The processor time of this process so far.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    // utime and stime, in hundredths of a second.
    let ticks: u64 = fields[11..13]
        .iter()
        .map(|ticks| ticks.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// 300 records are produced while `faults` hold, then all is well: each is in the log once and in order, also for who
/// reads while `faults` hold.
fn survives(faults: &Faults) {
    let (broker, proxy) = behind_proxy("t");
    let client = patient_producer(&proxy);
    produce(&client, 0..50);
    assert_eq!(flush(&client, &mut Seen::default()), ErrorCode::NONE);
    proxy.set(faults.clone());
    produce(&client, 50..300);
    let mut seen = Seen::default();
    // What can be done meanwhile.
    let until = Instant::now() + Duration::from_millis(1500);
    while client.out_queue_len() > 0 && Instant::now() < until {
        client.poll(50, &mut |event| seen.take(event), &never);
    }
    proxy.heal();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    let direct = broker.addresses()[0];
    // The broker advertises the proxy; only its first answer is direct.
    assert_eq!(read(&direct.to_string(), 300), (0..300).collect::<Vec<_>>());
    let watermarks = client.query_watermark_offsets("t", 0, 5000, &never);
    assert_eq!(watermarks, Ok((0, 300)), "nothing is there twice");
}

fn of(key: ApiKey) -> BTreeSet<ApiKey> {
    BTreeSet::from([key])
}

#[test]
fn connections_that_end_in_the_middle_of_a_frame_lose_and_double_nothing() {
    survives(&Faults {
        cut_after_bytes: Some(1500),
        ..Faults::default()
    });
}

#[test]
fn acknowledgements_that_never_arrive_lose_and_double_nothing() {
    survives(&Faults {
        drops: of(ApiKey::Produce),
        ..Faults::default()
    });
}

#[test]
fn connections_that_end_instead_of_an_acknowledgement_lose_and_double_nothing() {
    survives(&Faults {
        cuts_instead_of_answer: of(ApiKey::Produce),
        ..Faults::default()
    });
}

#[test]
fn frames_that_arrive_byte_by_byte_are_read() {
    survives(&Faults {
        piece_bytes: Some(1),
        ..Faults::default()
    });
}

#[test]
fn a_slow_link_is_endured() {
    survives(&Faults {
        bytes_per_second: Some(20_000),
        ..Faults::default()
    });
}

#[test]
fn slow_acknowledgements_are_waited_for() {
    survives(&Faults {
        delays: BTreeMap::from([(ApiKey::Produce, Duration::from_millis(200))]),
        ..Faults::default()
    });
}

#[test]
fn metadata_that_never_arrives_is_asked_for_again() {
    survives(&Faults {
        drops: of(ApiKey::Metadata),
        ..Faults::default()
    });
}

#[test]
fn a_consumer_reads_on_where_its_connection_broke() {
    let (_broker, proxy) = behind_proxy("t");
    let client = patient_producer(&proxy);
    produce(&client, 0..2000);
    assert_eq!(flush(&client, &mut Seen::default()), ErrorCode::NONE);
    for faults in [
        Faults {
            cut_after_bytes: Some(9000),
            ..Faults::default()
        },
        Faults {
            piece_bytes: Some(7),
            ..Faults::default()
        },
        Faults {
            delays: BTreeMap::from([(ApiKey::Fetch, Duration::from_millis(20))]),
            ..Faults::default()
        },
    ] {
        proxy.set(faults.clone());
        let numbers = read(&proxy.address().to_string(), 2000);
        assert_eq!(numbers, (0..2000).collect::<Vec<_>>(), "{faults:?}");
    }
}

/// How a client behaves while nothing works, and how soon it goes on.
fn recovers_from(outage: &Faults) {
    let (_broker, proxy) = behind_proxy("t");
    let client = patient_producer(&proxy);
    produce(&client, 0..1);
    let mut seen = Seen::default();
    assert_eq!(flush(&client, &mut seen), ErrorCode::NONE);
    proxy.set(outage.clone());
    if outage.refuses {
        proxy.cut_all();
    }
    produce(&client, 1..2);
    let (attempts, busy) = (proxy.connections(), processor_time());
    let until = Instant::now() + Duration::from_secs(4);
    while Instant::now() < until {
        client.poll(500, &mut |event| seen.take(event), &never);
    }
    let attempts = proxy.connections() - attempts;
    assert!(
        attempts <= 30,
        "{attempts} connections in 4 seconds: {outage:?}"
    );
    // Tests of this file run side by side; alone it is a hundredth of this.
    let busy = processor_time() - busy;
    assert!(
        busy < Duration::from_secs(3),
        "{busy:?} of processor time: {outage:?}"
    );
    proxy.heal();
    let healed = Instant::now();
    poll_until(&client, &mut seen, |seen| seen.reports.len() == 2);
    let took = healed.elapsed();
    assert!(took < RECOVERY, "recovered after {took:?}: {outage:?}");
    assert!(
        seen.reports
            .iter()
            .all(|report| report.error == ErrorCode::NONE)
    );
}

#[test]
fn a_broker_that_takes_no_connections_is_found_again() {
    recovers_from(&Faults {
        refuses: true,
        ..Faults::default()
    });
}

#[test]
fn a_cut_cable_is_noticed_and_mended() {
    recovers_from(&Faults {
        is_silent: true,
        ..Faults::default()
    });
}
