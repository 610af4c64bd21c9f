//! Statistics: librdkafka's JSON (its STATISTICS.md names and explains the fields).
//!
//! Owns the schedule (`statistics.interval.ms`), the top level and the brokers; producer and consumer write their topics
//! themselves (`producer/stats.rs`, `consumer/stats.rs`). Counters are kept per request and per batch, never per record;
//! windows only where statistics are on. A node's connections (one per lane) are told as one broker. Driver thread.

mod json;
mod report;
mod window;

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::ApiKey;

pub(crate) use self::json::Json;
pub(crate) use self::report::{Statistics, report};
pub(crate) use self::window::Window;

use crate::conf::ClientKind;
use crate::io::{Moment, NodeId, TopicPartitionOffset};

/// What was counted of one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct BrokerCounters {
    /// Whether windows are kept.
    measures: bool,
    pub(crate) connects: u64,
    pub(crate) disconnects: u64,
    pub(crate) request_timeouts: u64,
    pub(crate) rx_errors: u64,
    /// Fetched partitions whose last batch did not fit and came cut off.
    pub(crate) rx_partial: u64,
    /// Writes that failed, and ended their connection.
    pub(crate) tx_errors: u64,
    /// How often the connection had something to do: it came up or went away, a frame came or left, a time was up.
    pub(crate) wakeups: u64,
    pub(crate) tx_retries: u64,
    pub(crate) rx_correlation_errors: u64,
    tx: u64,
    tx_bytes: u64,
    rx: u64,
    rx_bytes: u64,
    sent_at: Option<Moment>,
    received_at: Option<Moment>,
    requests: BTreeMap<&'static str, u64>,
    /// Microseconds from request to answer.
    rtt: Window,
    /// Microseconds from a batch's first record to its first way to the broker.
    latency: Window,
    /// Microseconds from a request to its last byte in the socket.
    outbuf_latency: Window,
    /// Milliseconds.
    throttle: Window,
}

impl BrokerCounters {
    pub(crate) fn new(measures: bool) -> Self {
        Self {
            measures,
            ..Self::default()
        }
    }

    /// A request was handed to the socket.
    pub(crate) fn sent(&mut self, now: Moment, key: ApiKey, bytes: usize) {
        self.tx += 1;
        self.tx_bytes += bytes as u64;
        self.sent_at = Some(now);
        if self.measures {
            *self.requests.entry(key.name()).or_default() += 1;
        }
    }

    /// An answer came.
    pub(crate) fn received(&mut self, now: Moment, bytes: usize, rtt: Duration) {
        self.rx += 1;
        self.rx_bytes += bytes as u64;
        self.received_at = Some(now);
        if self.measures {
            self.rtt.add(micros(rtt));
        }
    }

    /// Whether windows are kept.
    pub(crate) fn measures(&self) -> bool {
        self.measures
    }

    /// A request was written to the socket; it had waited for so long.
    pub(crate) fn written(&mut self, latency: Duration) {
        self.outbuf_latency.add(micros(latency));
    }

    /// A batch was sent; its first record had waited for so long.
    pub(crate) fn waited(&mut self, latency: Duration) {
        if self.measures {
            self.latency.add(micros(latency));
        }
    }

    /// An answer said for how long we are throttled.
    pub(crate) fn throttled(&mut self, throttle_ms: i32) {
        if self.measures {
            self.throttle.add(u64::try_from(throttle_ms).unwrap_or(0));
        }
    }

    /// `req`: how many requests of each kind were sent, those never sent too, in librdkafka's order and names.
    fn write_requests(&self, kind: ClientKind, json: &mut Json) {
        let names = match kind {
            ClientKind::Producer => PRODUCER_REQUESTS.as_slice(),
            ClientKind::Consumer => CONSUMER_REQUESTS.as_slice(),
        };
        for name in names {
            let count = self.requests.get(name).copied().unwrap_or_default();
            json.plain(told_request(name), count);
        }
        let others = self
            .requests
            .iter()
            .filter(|(name, _)| !names.contains(name));
        for (name, count) in others {
            json.plain(told_request(name), count);
        }
    }

    fn clear_windows(&mut self) {
        self.rtt.clear();
        self.outbuf_latency.clear();
        self.latency.clear();
        self.throttle.clear();
    }

    fn merge(&mut self, other: &Self) {
        self.tx_retries += other.tx_retries;
        self.latency.merge(&other.latency);
        self.outbuf_latency.merge(&other.outbuf_latency);
        self.throttle.merge(&other.throttle);
        self.connects += other.connects;
        self.disconnects += other.disconnects;
        self.request_timeouts += other.request_timeouts;
        self.rx_errors += other.rx_errors;
        self.rx_partial += other.rx_partial;
        self.tx_errors += other.tx_errors;
        self.wakeups += other.wakeups;
        self.rx_correlation_errors += other.rx_correlation_errors;
        self.tx += other.tx;
        self.tx_bytes += other.tx_bytes;
        self.rx += other.rx;
        self.rx_bytes += other.rx_bytes;
        self.sent_at = self.sent_at.max(other.sent_at);
        self.received_at = self.received_at.max(other.received_at);
        for (name, count) in &other.requests {
            *self.requests.entry(name).or_default() += count;
        }
        self.rtt.merge(&other.rtt);
    }
}

/// The requests that a producer's statistics always tell.
const PRODUCER_REQUESTS: [&str; 18] = [
    "Produce",
    "ListOffsets",
    "Metadata",
    "FindCoordinator",
    "SaslHandshake",
    "ApiVersions",
    "InitProducerId",
    "AddPartitionsToTxn",
    "AddOffsetsToTxn",
    "EndTxn",
    "TxnOffsetCommit",
    "SaslAuthenticate",
    "DescribeCluster",
    "DescribeProducers",
    "DescribeTransactions",
    "ListTransactions",
    "GetTelemetrySubscriptions",
    "PushTelemetry",
];

/// The requests that a consumer's statistics always tell.
const CONSUMER_REQUESTS: [&str; 19] = [
    "Fetch",
    "ListOffsets",
    "Metadata",
    "OffsetCommit",
    "OffsetFetch",
    "FindCoordinator",
    "JoinGroup",
    "Heartbeat",
    "LeaveGroup",
    "SyncGroup",
    "SaslHandshake",
    "ApiVersions",
    "SaslAuthenticate",
    "DescribeCluster",
    "DescribeProducers",
    "DescribeTransactions",
    "ListTransactions",
    "GetTelemetrySubscriptions",
    "PushTelemetry",
];

/// librdkafka's name of a request.
fn told_request(name: &'static str) -> &'static str {
    match name {
        "ApiVersions" => "ApiVersion",
        name => name,
    }
}

/// Whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// What was counted of one partition.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PartitionCounters {
    /// Records produced to it.
    pub(crate) enqueued: u64,
    pub(crate) tx_messages: u64,
    pub(crate) tx_bytes: u64,
    pub(crate) rx_messages: u64,
    pub(crate) rx_bytes: u64,
}

/// How large batches were: bytes and records.
#[derive(Debug, Clone, Default)]
pub(crate) struct BatchWindows {
    size: Window,
    count: Window,
}

impl BatchWindows {
    pub(crate) fn add(&mut self, bytes: u64, records: u64) {
        self.size.add(bytes);
        self.count.add(records);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.size.merge(&other.size);
        self.count.merge(&other.count);
    }

    pub(crate) fn clear(&mut self) {
        self.size.clear();
        self.count.clear();
    }

    pub(crate) fn write(&self, json: &mut Json) {
        self.size.write("batchsize", json);
        self.count.write("batchcnt", json);
    }
}

/// A consumed partition's offsets, as the broker told them last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BrokerOffsets {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) stable: i64,
}

impl Default for BrokerOffsets {
    fn default() -> Self {
        let invalid = TopicPartitionOffset::INVALID;
        Self {
            low: invalid,
            high: invalid,
            stable: invalid,
        }
    }
}

/// One partition as it is told.
#[derive(Debug)]
pub(crate) struct PartitionReport {
    pub(crate) partition: i32,
    pub(crate) leader: Option<NodeId>,
    pub(crate) leader_epoch: i32,
    pub(crate) is_desired: bool,
    pub(crate) is_unknown: bool,
    /// Records and bytes that wait to be sent.
    pub(crate) queued: (u64, u64),
    pub(crate) in_flight: u64,
    /// Records and bytes fetched into the queue it feeds.
    pub(crate) fetched: (u64, u64),
    pub(crate) fetch_state: &'static str,
    pub(crate) query_offset: i64,
    pub(crate) next_offset: i64,
    pub(crate) app_offset: i64,
    pub(crate) stored_offset: i64,
    pub(crate) stored_epoch: i32,
    pub(crate) committed_offset: i64,
    pub(crate) committed_epoch: i32,
    pub(crate) eof_offset: i64,
    pub(crate) offsets: BrokerOffsets,
    /// The end that lag is counted to.
    pub(crate) end_offset: i64,
    pub(crate) counters: PartitionCounters,
    /// Of an idempotent producer: the sequence number the next acknowledgement is about.
    pub(crate) next_ack_sequence: i32,
    /// Of an idempotent producer: how many records met their fate.
    pub(crate) acked_messages: u64,
}

impl PartitionReport {
    /// A partition of which nothing is known yet.
    pub(crate) fn new(partition: i32) -> Self {
        let invalid = TopicPartitionOffset::INVALID;
        Self {
            partition,
            leader: None,
            leader_epoch: -1,
            is_desired: false,
            is_unknown: false,
            queued: (0, 0),
            in_flight: 0,
            fetched: (0, 0),
            fetch_state: "none",
            query_offset: invalid,
            next_offset: invalid,
            app_offset: invalid,
            stored_offset: invalid,
            stored_epoch: -1,
            committed_offset: invalid,
            committed_epoch: -1,
            eof_offset: invalid,
            offsets: BrokerOffsets::default(),
            end_offset: invalid,
            counters: PartitionCounters::default(),
            next_ack_sequence: 0,
            acked_messages: 0,
        }
    }

    /// Records produced to it that are neither waiting nor on their way.
    pub(crate) fn dealt_with(&self) -> u64 {
        let open = self.queued.0 + self.in_flight;
        self.counters.enqueued.saturating_sub(open)
    }

    /// How far `offset` is behind the end; -1 when either is unknown.
    fn lag(&self, offset: i64) -> i64 {
        let is_known = offset >= 0 && self.end_offset >= offset;
        if is_known {
            self.end_offset - offset
        } else {
            -1
        }
    }

    pub(crate) fn write(&self, json: &mut Json, totals: &mut Totals) {
        let counters = &self.counters;
        totals.tx_messages += counters.tx_messages;
        totals.tx_message_bytes += counters.tx_bytes;
        totals.rx_messages += counters.rx_messages;
        totals.rx_message_bytes += counters.rx_bytes;
        let leader = self.leader.map_or(-1, |leader| leader.0);
        json.object(&self.partition.to_string(), |json| {
            json.plain("partition", self.partition)
                .plain("broker", leader)
                .plain("leader", leader)
                .plain("desired", self.is_desired)
                .plain("unknown", self.is_unknown)
                .plain("msgq_cnt", self.queued.0)
                .plain("msgq_bytes", self.queued.1)
                .plain("xmit_msgq_cnt", 0)
                .plain("xmit_msgq_bytes", 0)
                .plain("fetchq_cnt", self.fetched.0)
                .plain("fetchq_size", self.fetched.1)
                .text("fetch_state", self.fetch_state)
                .plain("query_offset", self.query_offset)
                .plain("next_offset", self.next_offset)
                .plain("app_offset", self.app_offset)
                .plain("stored_offset", self.stored_offset)
                .plain("stored_leader_epoch", self.stored_epoch)
                // The misspelt name is librdkafka's, kept by it for those who read it.
                .plain("commited_offset", self.committed_offset)
                .plain("committed_offset", self.committed_offset)
                .plain("committed_leader_epoch", self.committed_epoch)
                .plain("eof_offset", self.eof_offset)
                .plain("lo_offset", self.offsets.low)
                .plain("hi_offset", self.offsets.high)
                .plain("ls_offset", self.offsets.stable)
                .plain("consumer_lag", self.lag(self.committed_offset))
                .plain("consumer_lag_stored", self.lag(self.stored_offset))
                .plain("leader_epoch", self.leader_epoch)
                .plain("txmsgs", counters.tx_messages)
                .plain("txbytes", counters.tx_bytes)
                .plain("rxmsgs", counters.rx_messages)
                .plain("rxbytes", counters.rx_bytes)
                .plain("msgs", counters.enqueued.max(counters.rx_messages))
                .plain("rx_ver_drops", 0)
                .plain("msgs_inflight", self.in_flight)
                .plain("next_ack_seq", self.next_ack_sequence)
                .plain("next_err_seq", self.next_ack_sequence)
                .plain("acked_msgid", self.acked_messages);
        });
    }
}

/// Sums over all partitions and brokers.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) tx_messages: u64,
    pub(crate) tx_message_bytes: u64,
    pub(crate) rx_messages: u64,
    pub(crate) rx_message_bytes: u64,
    pub(crate) tx: u64,
    pub(crate) tx_bytes: u64,
    pub(crate) rx: u64,
    pub(crate) rx_bytes: u64,
}
