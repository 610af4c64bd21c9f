//! Clients with their settings as they come, whose network is cut without anybody being told: within two seconds of its
//! return they go on.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use rdkafka_broker::Broker;
use rdkafka_client::conf::ClientKind;
use rdkafka_client::consumer::{Consumer, Item, Served};
use rdkafka_client::{Client, ErrorCode, MSG_F_BLOCK, ProduceRecord};
use rdkafka_fault_proxy::{Faults, Proxy};
use support::{Seen, behind_proxy, conf, flush, never, options, poll_until, producer};

/// How long a client may need to notice that all is well again.
const RECOVERY: Duration = Duration::from_secs(2);

/// The ways in which a network can be cut.
fn cuts() -> [Faults; 3] {
    let whole = Faults::default;
    [
        // No packet is acknowledged.
        Faults {
            is_cut: true,
            ..whole()
        },
        // Somebody on the way acknowledges, and loses.
        Faults {
            swallows: true,
            ..whole()
        },
        // Somebody on the way acknowledges, and hands on later.
        Faults {
            is_silent: true,
            ..whole()
        },
    ]
}

/// A client at work is cut off for so long; `finish` then waits for its work to be done. Each kind of cut on a thread
/// of its own.
fn recovers<C: Send>(
    outage: Duration,
    begin: impl Fn(&Proxy) -> C + Sync,
    finish: impl Fn(&mut C, &Proxy, Instant) + Sync,
) {
    thread::scope(|scope| {
        for cut in cuts() {
            let (begin, finish) = (&begin, &finish);
            scope.spawn(move || {
                let (_broker, proxy): (Broker, Proxy) = behind_proxy("t");
                let mut client = begin(&proxy);
                proxy.set(cut.clone());
                let end = Instant::now() + outage;
                thread::scope(|inner| {
                    let healer = inner.spawn(|| {
                        thread::sleep(end.saturating_duration_since(Instant::now()));
                        proxy.heal();
                    });
                    finish(&mut client, &proxy, end);
                    let took = Instant::now().saturating_duration_since(end);
                    assert!(took < RECOVERY, "took {took:?}: {cut:?}");
                    healer.join().unwrap();
                });
            });
        }
    });
}

fn produce(client: &Client, payload: &str) {
    let topic = client.topic("t", None).unwrap();
    let record = ProduceRecord {
        payload: Some(payload.as_bytes()),
        ..ProduceRecord::default()
    };
    topic.produce(0, MSG_F_BLOCK, &record, &never).unwrap();
}

/// A producer with these settings, whose record is acknowledged or on its way.
fn produces(outage: Duration, settings: &[(&str, &str)]) {
    recovers(
        outage,
        |proxy| {
            let client = producer(&proxy.address().to_string(), settings);
            produce(&client, "before");
            assert_eq!(flush(&client, &mut Seen::default()), ErrorCode::NONE);
            client
        },
        |client, _, end| {
            produce(client, "meanwhile");
            let mut seen = Seen::default();
            while Instant::now() < end {
                client.poll(100, &mut |event| seen.take(event), &never);
            }
            poll_until(client, &mut seen, |seen| !seen.reports.is_empty());
            assert_eq!(seen.reports[0].error, ErrorCode::NONE);
        },
    );
}

#[test]
fn a_producer_goes_on() {
    produces(Duration::from_secs(5), &[("linger.ms", "0")]);
}

#[test]
fn an_idempotent_producer_goes_on_after_long() {
    let settings = [("linger.ms", "0"), ("enable.idempotence", "true")];
    produces(Duration::from_secs(20), &settings);
}

/// The next record's payload, within so long.
fn next(consumer: &Consumer, patience: Duration) -> Option<String> {
    let end = Instant::now() + patience;
    while Instant::now() < end {
        let served = consumer.consume(100, &never, |item| match item {
            Item::Record(record) => {
                Some(String::from_utf8(record.value.unwrap().to_vec()).unwrap())
            }
            Item::Error(_) => None,
        });
        if let Served::Item(Some(payload)) = served {
            return Some(payload);
        }
    }
    None
}

fn member(proxy: &Proxy) -> Consumer {
    let settings = [("group.id", "g"), ("auto.offset.reset", "earliest")];
    let conf = conf(&proxy.address().to_string(), &settings);
    let consumer = Consumer::new(Client::new(ClientKind::Consumer, &conf, options()).unwrap());
    consumer.subscribe(vec!["t".into()]).unwrap();
    consumer
}

fn put(proxy: &Proxy, payload: &str) {
    let client = producer(&proxy.address().to_string(), &[("linger.ms", "0")]);
    produce(&client, payload);
    assert_eq!(flush(&client, &mut Seen::default()), ErrorCode::NONE);
}

#[test]
fn a_member_of_a_group_goes_on() {
    for outage in [5, 20].map(Duration::from_secs) {
        recovers(
            outage,
            |proxy| {
                put(proxy, "before");
                let consumer = member(proxy);
                let first = next(&consumer, Duration::from_secs(10));
                assert_eq!(first.as_deref(), Some("before"));
                consumer
            },
            |consumer, proxy, end| {
                let wait = end.saturating_duration_since(Instant::now());
                assert_eq!(next(consumer, wait), None);
                put(proxy, "after");
                let second = next(consumer, Duration::from_secs(30));
                assert_eq!(second.as_deref(), Some("after"));
            },
        );
    }
}

#[test]
fn a_member_that_was_about_to_join_goes_on() {
    recovers(
        Duration::from_secs(5),
        |proxy| {
            put(proxy, "before");
            member(proxy)
        },
        |consumer, _, _| {
            let first = next(consumer, Duration::from_secs(30));
            assert_eq!(first.as_deref(), Some("before"));
        },
    );
}

#[test]
fn a_transaction_is_committed() {
    recovers(
        Duration::from_secs(5),
        |proxy| {
            let settings = [("transactional.id", "x"), ("linger.ms", "0")];
            let client = producer(&proxy.address().to_string(), &settings);
            client.init_transactions(10_000, &never).unwrap();
            client.begin_transaction().unwrap();
            produce(&client, "before");
            assert_eq!(flush(&client, &mut Seen::default()), ErrorCode::NONE);
            client
        },
        |client, _, _| {
            produce(client, "meanwhile");
            client
                .commit_transaction(30_000, &mut |_| rdkafka_client::Flow::Continue, &never)
                .unwrap();
        },
    );
}
