//! What the tests over TCP share: an embedded broker, clients, and their delivery reports.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(unreachable_pub, reason = "shared by test binaries")]

use std::time::{Duration, Instant};

use rdkafka_broker::{Broker, BrokerConf};
use rdkafka_client::conf::{Callback, ClientKind, Conf};
use rdkafka_client::{Client, DeliveredMessage, ErrorCode, ErrorEvent, Event, Flow, Logs, Options};
use rdkafka_fault_proxy::Proxy;

/// How long anything in a test may take.
pub const PATIENCE_MS: i32 = 10_000;

/// A broker in memory, with these topics.
pub fn broker(topics: &[(&str, i32)]) -> Broker {
    let mut conf = BrokerConf::embedded(1);
    conf.topics = topics
        .iter()
        .map(|&(name, partitions)| (name.to_owned(), partitions))
        .collect();
    Broker::start(conf).unwrap()
}

/// A broker that is reached through a proxy only.
pub fn behind_proxy(topic: &str) -> (Broker, Proxy) {
    let proxy = Proxy::bind().unwrap();
    let mut conf = BrokerConf::embedded(1);
    conf.config.advertised_listeners = vec![format!("PLAINTEXT://{}", proxy.address())];
    conf.topics = vec![(topic.to_owned(), 1)];
    let broker = Broker::start(conf).unwrap();
    proxy.forward_to(broker.addresses()[0]);
    (broker, proxy)
}

/// The address of a broker.
pub fn address(broker: &Broker) -> String {
    broker.addresses()[0].to_string()
}

/// A configuration with delivery reports and errors.
pub fn conf(bootstrap: &str, properties: &[(&str, &str)]) -> Conf {
    let mut conf = Conf::new();
    conf.set("bootstrap.servers", bootstrap).unwrap();
    for (name, value) in properties {
        conf.set(name, value).unwrap();
    }
    conf.set_callback(Callback::Delivery, true);
    conf.set_callback(Callback::Error, true);
    conf
}

/// Options of a test's client: quiet, never forked.
pub fn options() -> Options {
    Options {
        logs: Logs::Off,
        bootstrap: None,
        generation: || 1,
    }
}

/// A producer with delivery reports and errors.
pub fn producer(bootstrap: &str, properties: &[(&str, &str)]) -> Client {
    Client::new(
        ClientKind::Producer,
        &conf(bootstrap, properties),
        options(),
    )
    .unwrap()
}

/// A consumer, for questions only.
pub fn consumer(bootstrap: &str) -> Client {
    Client::new(
        ClientKind::Consumer,
        &conf(bootstrap, &[("group.id", "g")]),
        options(),
    )
    .unwrap()
}

/// A delivery report, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub partition: i32,
    pub offset: i64,
    pub payload: Option<Vec<u8>>,
    pub key: Option<Vec<u8>>,
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    pub timestamp_ms: i64,
    pub opaque: u64,
    pub error: ErrorCode,
}

impl Report {
    pub fn new(message: &DeliveredMessage<'_>) -> Self {
        let headers = message.headers.clone();
        Self {
            partition: message.partition,
            offset: message.offset,
            payload: message.payload.map(<[u8]>::to_vec),
            key: message.key.map(<[u8]>::to_vec),
            headers: headers
                .map(|(name, value)| (name.to_vec(), value.map(<[u8]>::to_vec)))
                .collect(),
            timestamp_ms: message.timestamp_ms,
            opaque: message.opaque,
            error: message.error,
        }
    }
}

/// What was served.
#[derive(Debug, Default)]
pub struct Seen {
    pub reports: Vec<Report>,
    pub errors: Vec<ErrorEvent>,
}

impl Seen {
    pub fn take(&mut self, event: Event) -> Flow {
        match event {
            Event::Delivered(mut batch) => {
                while let Some(message) = batch.next() {
                    self.reports.push(Report::new(&message));
                }
            }
            Event::Error(error) => self.errors.push(error),
            _ => {}
        }
        Flow::Continue
    }
}

/// Flush, and everything that was served meanwhile.
pub fn flush(client: &Client, seen: &mut Seen) -> ErrorCode {
    client.flush(PATIENCE_MS, &mut |event| seen.take(event), &|| false)
}

/// Poll until `is_done`, or panic.
pub fn poll_until(client: &Client, seen: &mut Seen, is_done: impl Fn(&Seen) -> bool) {
    let end = Instant::now() + Duration::from_millis(PATIENCE_MS as u64);
    while !is_done(seen) {
        assert!(Instant::now() < end, "nothing came: {seen:?}");
        client.poll(100, &mut |event| seen.take(event), &|| false);
    }
}

/// Nobody interrupts.
pub fn never() -> bool {
    false
}
