//! What connections count, and the page it becomes.
//!
//! Owns [`Metrics`]: atomic counters that connection tasks add to, a handful per request. The numbers of topics and
//! groups come from the shard when somebody asks ([`Report`]), under the names that dashboards for Kafka know.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka_broker_core::Report;
use rdkafka_wire::ApiKey;

/// Upper bounds of the latency buckets, in microseconds.
const BUCKETS_US: [u64; 9] = [50, 100, 250, 500, 1_000, 5_000, 25_000, 100_000, 1_000_000];

/// Counters of a broker's connections.
#[derive(Debug)]
pub(crate) struct Metrics {
    started: Instant,
    /// In the order of [`ApiKey::ALL`].
    apis: Vec<ApiCounters>,
    connections: AtomicU64,
    open: AtomicI64,
}

#[derive(Debug, Default)]
struct ApiCounters {
    requests: AtomicU64,
    request_bytes: AtomicU64,
    response_bytes: AtomicU64,
    micros: AtomicU64,
    /// How many took at most so long, each in the first bucket it fits in.
    buckets: [AtomicU64; BUCKETS_US.len()],
}

/// A connection that is open while this lives.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Metrics>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            apis: ApiKey::ALL.iter().map(|_| ApiCounters::default()).collect(),
            connections: AtomicU64::new(0),
            open: AtomicI64::new(0),
        }
    }

    pub(crate) fn connected(self: &Arc<Self>) -> Counted {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(self))
    }

    /// A request was answered, so long after it had been read; an answer of no bytes is that of acks=0.
    pub(crate) fn answered(&self, key: ApiKey, request: usize, response: usize, took: Duration) {
        let Ok(index) = ApiKey::ALL.binary_search(&key) else {
            return;
        };
        let Some(api) = self.apis.get(index) else {
            return;
        };
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        api.requests.fetch_add(1, Ordering::Relaxed);
        api.request_bytes
            .fetch_add(request as u64, Ordering::Relaxed);
        api.response_bytes
            .fetch_add(response as u64, Ordering::Relaxed);
        api.micros.fetch_add(micros, Ordering::Relaxed);
        if let Some(bucket) = BUCKETS_US.iter().position(|bound| micros <= *bound) {
            api.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The page in Prometheus' text format.
    pub(crate) fn page(&self, report: &Report) -> String {
        let mut page = Writer::default();
        page.gauge("rdkafka_broker_uptime_seconds", "Since the broker started.");
        page.value("", self.started.elapsed().as_secs_f64());
        if let Some(bytes) = resident_bytes() {
            page.gauge("process_resident_memory_bytes", "Memory of the process.");
            page.value("", bytes as f64);
        }
        page.gauge("rdkafka_broker_connections_open", "Connections of clients.");
        page.value("", self.open.load(Ordering::Relaxed) as f64);
        page.counter("rdkafka_broker_connections_total", "Connections accepted.");
        page.value("", self.connections.load(Ordering::Relaxed) as f64);
        page.gauge(
            "rdkafka_broker_transactions_open",
            "Transactions not yet complete.",
        );
        page.value("", report.open_transactions as f64);
        self.requests(&mut page);
        topics(&mut page, report);
        groups(&mut page, report);
        page.0
    }

    fn requests(&self, page: &mut Writer) {
        let used = || {
            let pairs = ApiKey::ALL.iter().zip(&self.apis);
            pairs.filter(|(_, api)| api.requests.load(Ordering::Relaxed) > 0)
        };
        type Field = fn(&ApiCounters) -> &AtomicU64;
        let counters: [(&str, &str, Field); 3] = [
            (
                "rdkafka_broker_requests_total",
                "Requests answered.",
                |api| &api.requests,
            ),
            (
                "rdkafka_broker_request_bytes_total",
                "Bytes of requests.",
                |api| &api.request_bytes,
            ),
            (
                "rdkafka_broker_response_bytes_total",
                "Bytes of answers.",
                |api| &api.response_bytes,
            ),
        ];
        for (name, help, field) in counters {
            page.counter(name, help);
            for (key, api) in used() {
                let labels = format!("{{api=\"{}\"}}", key.name());
                page.value(&labels, field(api).load(Ordering::Relaxed) as f64);
            }
        }
        page.start(
            "rdkafka_broker_request_seconds",
            "histogram",
            "From request read to answer.",
        );
        for (key, api) in used() {
            let name = key.name();
            let mut count = 0;
            for (bound, bucket) in BUCKETS_US.iter().zip(&api.buckets) {
                count += bucket.load(Ordering::Relaxed);
                let seconds = *bound as f64 / 1e6;
                page.line(
                    "_bucket",
                    &format!("{{api=\"{name}\",le=\"{seconds}\"}}"),
                    count as f64,
                );
            }
            let all = api.requests.load(Ordering::Relaxed) as f64;
            page.line("_bucket", &format!("{{api=\"{name}\",le=\"+Inf\"}}"), all);
            let seconds = api.micros.load(Ordering::Relaxed) as f64 / 1e6;
            page.line("_sum", &format!("{{api=\"{name}\"}}"), seconds);
            page.line("_count", &format!("{{api=\"{name}\"}}"), all);
        }
    }
}

fn topics(page: &mut Writer, report: &Report) {
    page.gauge("kafka_topic_partitions", "Partitions of a topic.");
    for topic in &report.topics {
        page.value(
            &format!("{{topic=\"{}\"}}", topic.name),
            topic.partitions.len() as f64,
        );
    }
    type Field = fn(&rdkafka_broker_core::PartitionReport) -> f64;
    let gauges: [(&str, &str, Field); 3] = [
        (
            "kafka_topic_partition_current_offset",
            "The offset the next record gets.",
            |it| it.end_offset as f64,
        ),
        (
            "kafka_topic_partition_oldest_offset",
            "The first offset there is.",
            |it| it.start_offset as f64,
        ),
        ("kafka_topic_partition_bytes", "Bytes on the disk.", |it| {
            it.bytes as f64
        }),
    ];
    for (name, help, field) in gauges {
        page.gauge(name, help);
        for topic in &report.topics {
            for (index, partition) in topic.partitions.iter().enumerate() {
                let labels = format!("{{topic=\"{}\",partition=\"{index}\"}}", topic.name);
                page.value(&labels, field(partition));
            }
        }
    }
}

fn groups(page: &mut Writer, report: &Report) {
    page.gauge("kafka_consumergroup_members", "Members of a group.");
    for group in &report.groups {
        let labels = format!(
            "{{consumergroup=\"{}\",state=\"{}\"}}",
            escaped(&group.id),
            group.state
        );
        page.value(&labels, group.members as f64);
    }
    page.gauge(
        "kafka_consumergroup_current_offset",
        "What a group has committed.",
    );
    let labels_of = |group: &str, topic: &str, partition: i32| {
        let group = escaped(group);
        format!("{{consumergroup=\"{group}\",topic=\"{topic}\",partition=\"{partition}\"}}")
    };
    for group in &report.groups {
        for (topic, partition, offset) in &group.committed {
            page.value(&labels_of(&group.id, topic, *partition), *offset as f64);
        }
    }
    page.gauge(
        "kafka_consumergroup_lag",
        "How many records a group has not committed yet.",
    );
    for group in &report.groups {
        for (topic, partition, offset) in &group.committed {
            let end = end_offset(report, topic, *partition);
            if let Some(end) = end {
                let lag = end.saturating_sub(*offset).max(0);
                page.value(&labels_of(&group.id, topic, *partition), lag as f64);
            }
        }
    }
}

fn end_offset(report: &Report, topic: &str, partition: i32) -> Option<i64> {
    let index = report
        .topics
        .binary_search_by(|it| it.name.as_str().cmp(topic))
        .ok()?;
    let partitions = &report.topics.get(index)?.partitions;
    Some(partitions.get(usize::try_from(partition).ok()?)?.end_offset)
}

/// Names of groups are free; the format wants these three escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// The second number of /proc/self/statm, in pages.
fn resident_bytes() -> Option<u64> {
    let pages: u64 = std::fs::read_to_string("/proc/self/statm")
        .ok()?
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()?;
    Some(pages * 4096)
}

/// The page so far, and whose values come next.
#[derive(Debug, Default)]
struct Writer(String, &'static str);

impl Writer {
    fn gauge(&mut self, name: &'static str, help: &str) {
        self.start(name, "gauge", help);
    }

    fn counter(&mut self, name: &'static str, help: &str) {
        self.start(name, "counter", help);
    }

    fn start(&mut self, name: &'static str, kind: &str, help: &str) {
        self.1 = name;
        // Writing to a string does not fail.
        _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn value(&mut self, labels: &str, value: f64) {
        self.line("", labels, value);
    }

    fn line(&mut self, suffix: &str, labels: &str, value: f64) {
        _ = writeln!(self.0, "{}{suffix}{labels} {value}", self.1);
    }
}

#[cfg(test)]
mod tests {
    use rdkafka_broker_core::{GroupReport, PartitionReport, TopicReport};

    use super::*;

    fn report() -> Report {
        Report {
            topics: vec![TopicReport {
                name: "orders".into(),
                partitions: vec![PartitionReport {
                    start_offset: 2,
                    end_offset: 12,
                    bytes: 700,
                }],
            }],
            groups: vec![GroupReport {
                id: "bill\"ing".into(),
                state: "Stable",
                members: 3,
                committed: vec![("orders".into(), 0, 7), ("gone".into(), 0, 1)],
            }],
            open_transactions: 1,
        }
    }

    #[test]
    fn offsets_and_lag_have_the_names_dashboards_know() {
        let page = Metrics::new().page(&report());
        for line in [
            "kafka_topic_partition_current_offset{topic=\"orders\",partition=\"0\"} 12",
            "kafka_topic_partition_bytes{topic=\"orders\",partition=\"0\"} 700",
            "kafka_consumergroup_lag{consumergroup=\"bill\\\"ing\",topic=\"orders\",partition=\"0\"} 5",
            "kafka_consumergroup_members{consumergroup=\"bill\\\"ing\",state=\"Stable\"} 3",
            "rdkafka_broker_transactions_open 1",
        ] {
            assert!(
                page.lines().any(|it| it == line),
                "{line} is missing in\n{page}"
            );
        }
        assert!(!page.contains("lag{consumergroup=\"bill\\\"ing\",topic=\"gone\""));
    }

    #[test]
    fn requests_fall_into_the_bucket_of_their_latency() {
        let metrics = Metrics::new();
        metrics.answered(ApiKey::Produce, 100, 20, Duration::from_micros(80));
        metrics.answered(ApiKey::Produce, 100, 20, Duration::from_secs(5));
        let page = metrics.page(&Report::default());
        for line in [
            "rdkafka_broker_requests_total{api=\"Produce\"} 2",
            "rdkafka_broker_request_bytes_total{api=\"Produce\"} 200",
            "rdkafka_broker_request_seconds_bucket{api=\"Produce\",le=\"0.00005\"} 0",
            "rdkafka_broker_request_seconds_bucket{api=\"Produce\",le=\"0.0001\"} 1",
            "rdkafka_broker_request_seconds_bucket{api=\"Produce\",le=\"1\"} 1",
            "rdkafka_broker_request_seconds_bucket{api=\"Produce\",le=\"+Inf\"} 2",
            "rdkafka_broker_request_seconds_count{api=\"Produce\"} 2",
        ] {
            assert!(
                page.lines().any(|it| it == line),
                "{line} is missing in\n{page}"
            );
        }
        assert!(!page.contains("Fetch"));
    }

    #[test]
    fn a_connection_counts_while_it_is_open() {
        let metrics = Arc::new(Metrics::new());
        let counted = metrics.connected();
        assert!(
            metrics
                .page(&Report::default())
                .contains("connections_open 1\n")
        );
        drop(counted);
        let page = metrics.page(&Report::default());
        assert!(page.contains("connections_open 0\n") && page.contains("connections_total 1\n"));
    }
}
