//! `kafka-producer-perf-test.sh`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use rdkafka_client::conf::{Callback, ClientKind};
use rdkafka_client::{Client, Event, Flow, MSG_F_BLOCK, Opaque, ProduceRecord};
use serde_json::json;

use crate::connect::Connect;
use crate::output::{Progress, say};
use crate::signals;

/// How often the rate is told.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// Measure how fast records are produced.
#[derive(Debug, Args)]
pub struct ProducerPerfTest {
    #[command(flatten)]
    connect: Connect,
    /// The topic.
    #[arg(long)]
    topic: String,
    /// How many records.
    #[arg(long)]
    num_records: u64,
    /// Bytes of each record.
    #[arg(long, required_unless_present_any = ["payload_file", "payload_monotonic"])]
    record_size: Option<usize>,
    /// Payloads out of a file, one of them each time by chance.
    #[arg(long, conflicts_with = "record_size")]
    payload_file: Option<std::path::PathBuf>,
    /// Between the payloads of --payload-file.
    #[arg(long, default_value = "\n")]
    payload_delimiter: String,
    /// Payloads that count from 0.
    #[arg(long, conflicts_with_all = ["record_size", "payload_file"])]
    payload_monotonic: bool,
    /// At most so many records a second; -1 for as many as there can be.
    #[arg(long, default_value_t = -1.0, allow_negative_numbers = true)]
    throughput: f64,
    /// Records at the beginning that do not count.
    #[arg(long, default_value_t = 0)]
    warmup_records: u64,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    print_metrics: bool,
}

impl ProducerPerfTest {
    pub(crate) fn run(self) -> Result<()> {
        let payloads = self.payloads()?;
        signals::catch()?;
        let settings = [
            ("client.id", "perf-producer-client"),
            ("queue.buffering.max.messages", "1000000"),
        ];
        let client = self
            .connect
            .client(ClientKind::Producer, &settings, &[Callback::Delivery])?;
        let topic = client
            .topic(&self.topic, None)
            .map_err(|error| anyhow!("{}", error.text))?;
        let mut tally = Tally::new(!self.connect.json, self.warmup_records);
        let mut progress = Progress::new("produced", self.num_records);
        let start = Instant::now();
        tally.origin = start;
        let mut number = String::new();
        for sent in 0..self.num_records {
            if signals::is_stopped() {
                break;
            }
            self.pace(start, sent, &client, &mut tally);
            let payload = match payloads.as_slice() {
                [] => {
                    number.clear();
                    number.push_str(&sent.to_string());
                    number.as_bytes()
                }
                [only] => only.as_slice(),
                many => many[fastrand::usize(..many.len())].as_slice(),
            };
            let record = ProduceRecord {
                payload: Some(payload),
                opaque: Opaque(tally.stamp()),
                ..ProduceRecord::default()
            };
            topic
                .produce(-1, MSG_F_BLOCK, &record, &signals::is_stopped)
                .map_err(|code| anyhow!("record {sent} was not taken: {}", code.text()))?;
            tally.bytes += payload.len() as u64;
            if sent % 512 == 0 {
                client.poll(0, &mut |event| tally.look(event), &|| false);
                progress.at(sent);
            }
        }
        client.flush(
            self.connect.timeout_ms,
            &mut |event| tally.look(event),
            &signals::is_stopped,
        );
        progress.end();
        tally.finish(start.elapsed(), self.connect.json)
    }

    /// Wait until the next record is due.
    fn pace(&self, start: Instant, sent: u64, client: &Client, tally: &mut Tally) {
        if self.throughput <= 0.0 {
            return;
        }
        loop {
            let due = Duration::from_secs_f64(sent as f64 / self.throughput);
            let ahead = due.saturating_sub(start.elapsed());
            if ahead < Duration::from_millis(1) || signals::is_stopped() {
                return;
            }
            let ms = i32::try_from(ahead.as_millis().min(100)).unwrap_or(100);
            client.poll(ms, &mut |event| tally.look(event), &signals::is_stopped);
        }
    }

    /// No payload stands for those that count.
    fn payloads(&self) -> Result<Vec<Vec<u8>>> {
        if let Some(path) = &self.payload_file {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let delimiter = self.payload_delimiter.replace("\\n", "\n");
            let payloads: Vec<Vec<u8>> = text
                .split(delimiter.as_str())
                .filter(|payload| !payload.is_empty())
                .map(|payload| payload.as_bytes().to_vec())
                .collect();
            if payloads.is_empty() {
                bail!("{} has no payloads", path.display());
            }
            return Ok(payloads);
        }
        let random = |size| (0..size).map(|_| fastrand::u8(b'A'..=b'Z')).collect();
        Ok(self.record_size.map(random).into_iter().collect())
    }
}

/// What came back, and how long it took.
#[derive(Debug)]
struct Tally {
    origin: Instant,
    prints: bool,
    warmup: u64,
    bytes: u64,
    failed: u64,
    /// Of each record, in microseconds.
    latencies_us: Vec<u32>,
    window: Window,
}

#[derive(Debug)]
struct Window {
    since: Instant,
    records: u64,
    total_us: u64,
    max_us: u32,
}

impl Tally {
    fn new(prints: bool, warmup: u64) -> Self {
        let now = Instant::now();
        let window = Window {
            since: now,
            records: 0,
            total_us: 0,
            max_us: 0,
        };
        Self {
            origin: now,
            prints,
            warmup,
            bytes: 0,
            failed: 0,
            latencies_us: Vec::new(),
            window,
        }
    }

    /// Now, as a record carries it; never 0, which means nothing.
    fn stamp(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros())
            .unwrap_or(u64::MAX)
            .saturating_add(1)
    }

    fn look(&mut self, event: Event) -> Flow {
        match event {
            Event::Delivered(batch) => {
                let now = self.stamp();
                let has_failed = batch.error().is_error();
                for stamp in batch.remaining_opaques() {
                    let us = u32::try_from(now.saturating_sub(stamp)).unwrap_or(u32::MAX);
                    self.failed += u64::from(has_failed);
                    self.latencies_us.push(us);
                    self.window.records += 1;
                    self.window.total_us += u64::from(us);
                    self.window.max_us = self.window.max_us.max(us);
                }
                self.report();
            }
            Event::Error(error) => eprintln!("error: {}", error.text),
            _ => {}
        }
        Flow::Continue
    }

    fn report(&mut self) {
        let elapsed = self.window.since.elapsed();
        if !self.prints || elapsed < REPORT_EVERY {
            return;
        }
        let records = self.window.records.max(1);
        let size = self.bytes as f64 / self.latencies_us.len().max(1) as f64;
        let rate = self.window.records as f64 / elapsed.as_secs_f64();
        say!(
            "{} records sent, {rate:.1} records/sec ({:.2} MB/sec), {:.1} ms avg latency, {:.1} ms max latency.",
            self.window.records,
            rate * size / 1_048_576.0,
            self.window.total_us as f64 / records as f64 / 1000.0,
            f64::from(self.window.max_us) / 1000.0
        );
        self.window = Window {
            since: Instant::now(),
            records: 0,
            total_us: 0,
            max_us: 0,
        };
    }

    fn finish(mut self, elapsed: Duration, as_json: bool) -> Result<()> {
        let skipped = usize::try_from(self.warmup)
            .unwrap_or(usize::MAX)
            .min(self.latencies_us.len());
        let total = self.latencies_us.len();
        let mut latencies = self.latencies_us.split_off(skipped);
        latencies.sort_unstable();
        let count = latencies.len();
        let at = |share: f64| {
            let index = (count as f64 * share) as usize;
            f64::from(
                latencies
                    .get(index.min(count.saturating_sub(1)))
                    .copied()
                    .unwrap_or(0),
            ) / 1000.0
        };
        let sum: f64 = latencies.iter().map(|us| f64::from(*us)).sum();
        let average = sum / count.max(1) as f64 / 1000.0;
        let rate = total as f64 / elapsed.as_secs_f64();
        let megabytes = self.bytes as f64 / elapsed.as_secs_f64() / 1_048_576.0;
        if as_json {
            say!(
                "{}",
                json!({
                    "records": total, "failed": self.failed, "recordsPerSecond": rate, "megabytesPerSecond": megabytes,
                    "latencyMs": { "avg": average, "max": at(1.0), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "p999": at(0.999) },
                })
            );
        } else {
            say!(
                "{total} records sent, {rate:.1} records/sec ({megabytes:.2} MB/sec), {average:.2} ms avg latency, {:.2} ms max latency, {:.2} ms 50th, {:.2} ms 95th, {:.2} ms 99th, {:.2} ms 99.9th.",
                at(1.0),
                at(0.5),
                at(0.95),
                at(0.99),
                at(0.999)
            );
        }
        if self.failed > 0 {
            bail!("{} of {total} records were not delivered", self.failed);
        }
        Ok(())
    }
}
