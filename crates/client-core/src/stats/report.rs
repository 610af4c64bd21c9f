//! The report: schedule, top level, brokers. Driver thread.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::types::StrBytes;

use super::{BrokerCounters, Json, Totals};
use crate::broker::Broker;
use crate::conf::{ClientConfig, ClientKind};
use crate::consumer::Consumer;
use crate::io::{Lane, Moment, NodeId, Now};
use crate::network::Network;
use crate::producer::Producer;

/// When statistics are due, and what only the driver knows of the client.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    interval: Option<Duration>,
    due: Option<Moment>,
    pub(crate) header: Header,
}

/// What the top level tells beside the network.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// The client's name, such as `rdkafka#producer-1`.
    pub(crate) name: String,
    /// Events the application has not served.
    pub(crate) reply_queue: usize,
    /// When the client began.
    started: Moment,
}

impl Statistics {
    pub(crate) fn new(conf: &ClientConfig) -> Self {
        let millis = |ms: u32| Duration::from_millis(ms.into());
        Self {
            interval: conf.statistics_interval_ms.map(millis),
            ..Self::default()
        }
    }

    pub(crate) fn start(&mut self, now: Moment) {
        self.header.started = now;
        self.due = self.interval.map(|interval| now + interval);
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        self.due
    }

    /// Whether a report is due; the next one is an interval later.
    pub(crate) fn take_due(&mut self, now: Moment) -> bool {
        let is_due = self.due.is_some_and(|due| due <= now);
        if is_due {
            self.due = self.interval.map(|interval| now + interval);
        }
        is_due
    }
}

/// Everything as JSON; windows begin anew.
pub(crate) fn report(
    header: &Header,
    network: &mut Network,
    producer: Option<&mut Producer>,
    consumer: Option<&mut Consumer>,
    now: Now,
) -> String {
    let mut json = Json::new();
    let mut totals = Totals::default();
    let fill = producer.as_ref().map(|producer| producer.queue_fill());
    let ((messages, bytes), (messages_max, bytes_max)) = fill.unwrap_or_default();
    let conf = &network.fx.conf;
    let simple = consumer.as_ref().map_or(0, |consumer| consumer.starts());
    json.text("name", &header.name)
        .text("client_id", &conf.client_id)
        .text("type", conf.kind.name())
        .plain("ts", now.mono.0)
        .plain("time", now.unix_ms / 1000)
        .plain("age", super::micros(now.mono.since(header.started)))
        .plain("replyq", header.reply_queue)
        .plain("msg_cnt", messages)
        .plain("msg_size", bytes)
        .plain("msg_max", messages_max)
        .plain("msg_size_max", bytes_max)
        .plain("simple_cnt", simple)
        .plain("metadata_cache_cnt", network.metadata.topics().count());
    let in_flight = producer.as_ref().map(|producer| producer.in_flight());
    let in_flight = in_flight.unwrap_or_default();
    let mut led: BTreeMap<NodeId, Vec<(StrBytes, i32)>> = BTreeMap::new();
    if let Some(producer) = &producer {
        producer.led(&mut led);
    }
    if let Some(consumer) = &consumer {
        consumer.led(&network.metadata, &mut led);
    }
    json.object("brokers", |json| {
        write_brokers(network, &led, &in_flight, json, &mut totals, now.mono)
    });
    match (producer, consumer) {
        (Some(producer), _) => producer.write_statistics(network, &mut json, &mut totals, now.mono),
        (None, Some(consumer)) => {
            consumer.write_statistics(network, &mut json, &mut totals, now.mono);
        }
        (None, None) => {}
    }
    json.plain("tx", totals.tx)
        .plain("tx_bytes", totals.tx_bytes)
        .plain("rx", totals.rx)
        .plain("rx_bytes", totals.rx_bytes)
        .plain("txmsgs", totals.tx_messages)
        .plain("txmsg_bytes", totals.tx_message_bytes)
        .plain("rxmsgs", totals.rx_messages)
        .plain("rxmsg_bytes", totals.rx_message_bytes);
    json.finish()
}

/// One entry per address or node; the coordinator's connection has one of its own, as in librdkafka.
fn write_brokers(
    network: &mut Network,
    led: &BTreeMap<NodeId, Vec<(StrBytes, i32)>>,
    in_flight: &BTreeMap<NodeId, u64>,
    json: &mut Json,
    totals: &mut Totals,
    now: Moment,
) {
    let kind = network.fx.conf.kind;
    let brokers = network.brokers();
    for broker in brokers {
        let name = match broker.lane {
            Lane::Main => broker.name(),
            Lane::Coordinator => "GroupCoordinator".to_owned(),
            // Told with the node's main connection.
            Lane::Fetch | Lane::Probe => continue,
        };
        let fetching = |other: &&Broker| {
            broker.lane == Lane::Main
                && other.lane == Lane::Fetch
                && other.node.is_some()
                && other.node == broker.node
        };
        let fetch = brokers.iter().find(fetching);
        let mut counters = broker.counters.clone();
        if let Some(fetch) = fetch {
            counters.merge(&fetch.counters);
        }
        totals.tx += counters.tx;
        totals.tx_bytes += counters.tx_bytes;
        totals.rx += counters.rx;
        totals.rx_bytes += counters.rx_bytes;
        let partitions = broker.node.and_then(|node| led.get(&node));
        let partitions = partitions.filter(|_| broker.lane == Lane::Main);
        json.object(&name, |json| {
            let records = broker.node.filter(|_| broker.lane == Lane::Main);
            let records = records.and_then(|node| in_flight.get(&node)).copied();
            let told = Told {
                name: &name,
                fetch,
                counters: &counters,
                kind,
                records: records.unwrap_or_default(),
            };
            write_broker(broker, &told, json, now);
            json.object("toppars", |json| {
                for (topic, partition) in partitions.into_iter().flatten() {
                    json.object(&format!("{topic}-{partition}"), |json| {
                        json.text("topic", topic).plain("partition", partition);
                    });
                }
            });
        });
    }
    for broker in network.brokers_mut() {
        broker.counters.clear_windows();
    }
}

/// What is told of a broker beside itself.
struct Told<'a> {
    name: &'a str,
    /// Its connection for fetching.
    fetch: Option<&'a Broker>,
    /// Of all its connections.
    counters: &'a BrokerCounters,
    kind: ClientKind,
    /// Records on their way to it.
    records: u64,
}

fn write_broker(broker: &Broker, told: &Told<'_>, json: &mut Json, now: Moment) {
    let &Told {
        name,
        fetch,
        counters,
        kind,
        records,
    } = told;
    let both = || std::iter::once(broker).chain(fetch);
    let source = match (broker.lane, broker.node) {
        (Lane::Coordinator, _) => "logical",
        (_, Some(_)) => "learned",
        (_, None) => "configured",
    };
    let node = broker.node.map_or(-1, |node| node.0);
    let node = if broker.lane == Lane::Coordinator {
        -1
    } else {
        node
    };
    let (state, since) = broker.told_state;
    let waiting: usize = both().map(Broker::waiting).sum();
    let asked: usize = both()
        .filter(|one| one.is_up())
        .map(Broker::in_flight)
        .sum();
    let idle = |at: Option<Moment>| match at.filter(|_| broker.is_up()) {
        Some(at) => i64::try_from(super::micros(now.since(at))).unwrap_or(i64::MAX),
        None => -1,
    };
    json.text("name", name)
        .plain("nodeid", node)
        .text("nodename", &broker.endpoint.to_string())
        .text("source", source)
        .text("state", state)
        .plain("stateage", super::micros(now.since(since)))
        .plain("outbuf_cnt", waiting)
        // What is produced waits in its partition's queue; a request is made of it when it can be sent at once.
        .plain("outbuf_msg_cnt", 0)
        .plain("waitresp_cnt", asked)
        .plain("waitresp_msg_cnt", records)
        .plain("tx", counters.tx)
        .plain("txbytes", counters.tx_bytes)
        .plain("txerrs", counters.tx_errors)
        .plain("txretries", counters.tx_retries)
        .plain("txidle", idle(counters.sent_at))
        .plain("req_timeouts", counters.request_timeouts)
        .plain("rx", counters.rx)
        .plain("rxbytes", counters.rx_bytes)
        .plain("rxerrs", counters.rx_errors)
        .plain("rxcorriderrs", counters.rx_correlation_errors)
        .plain("rxpartial", counters.rx_partial)
        .plain("rxidle", idle(counters.received_at))
        .plain("zbuf_grow", 0)
        .plain("buf_grow", 0)
        .plain("wakeups", counters.wakeups)
        .plain("connects", counters.connects)
        .plain("disconnects", counters.disconnects);
    counters.latency.write("int_latency", json);
    counters.outbuf_latency.write("outbuf_latency", json);
    counters.rtt.write("rtt", json);
    counters.throttle.write("throttle", json);
    json.object("req", |json| counters.write_requests(kind, json));
}
