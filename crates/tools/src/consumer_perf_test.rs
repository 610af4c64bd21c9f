//! `kafka-consumer-perf-test.sh`.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use clap::Args;
use rdkafka_client::ErrorCode;
use rdkafka_client::conf::ClientKind;
use rdkafka_client::consumer::{Closing, Consumer, Item, Served};
use serde_json::json;

use crate::connect::Connect;
use crate::console_consumer::{serve, subscribe};
use crate::output::{Progress, say};
use crate::signals;

const SLICE_MS: i32 = 100;

/// Measure how fast records are consumed.
#[derive(Debug, Args)]
pub struct ConsumerPerfTest {
    #[command(flatten)]
    connect: Connect,
    /// The topic.
    #[arg(long)]
    topic: String,
    /// How many records.
    #[arg(long, alias = "num-records")]
    messages: u64,
    /// The group; one of its own if it is not said.
    #[arg(long)]
    group: Option<String>,
    /// The most bytes to fetch of a partition at a time.
    #[arg(long, default_value_t = 1_048_576)]
    fetch_size: u32,
    /// Begin with the next record, not with the first.
    #[arg(long)]
    from_latest: bool,
    /// End when no record came for so many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    idle_timeout: u64,
    /// No line of headings.
    #[arg(long)]
    hide_header: bool,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    show_detailed_stats: bool,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    reporting_interval: Option<u64>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    print_metrics: bool,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    socket_buffer_size: Option<u32>,
}

impl ConsumerPerfTest {
    pub(crate) fn run(self) -> Result<()> {
        signals::catch()?;
        let group = match &self.group {
            Some(group) => group.clone(),
            None => format!("perf-consumer-{}", fastrand::u32(1..100_000)),
        };
        let fetch_size = self.fetch_size.to_string();
        let settings = [
            ("client.id", "perf-consumer-client"),
            ("group.id", group.as_str()),
            (
                "auto.offset.reset",
                if self.from_latest {
                    "latest"
                } else {
                    "earliest"
                },
            ),
            ("max.partition.fetch.bytes", &fetch_size),
            ("check.crcs", "false"),
        ];
        let client = self.connect.client(ClientKind::Consumer, &settings, &[])?;
        let consumer = Consumer::new(client);
        let (begin, begin_ms) = (Instant::now(), unix_ms()?);
        subscribe(&consumer, &self.topic)?;
        let tally = self.consume(&consumer)?;
        let (elapsed, end_ms) = (begin.elapsed(), unix_ms()?);
        let until = consumer.close();
        while let Closing::Event(event) = consumer.closing(until) {
            serve(&consumer, &event)?;
        }
        self.print(&tally, begin, elapsed, begin_ms, end_ms);
        if tally.records < self.messages && !signals::is_stopped() {
            eprintln!(
                "WARNING: Exiting before consuming the expected number of messages: timeout ({} ms) exceeded.",
                self.idle_timeout
            );
        }
        Ok(())
    }

    fn consume(&self, consumer: &Consumer) -> Result<Tally> {
        let patience = Duration::from_millis(self.idle_timeout);
        let mut tally = Tally::default();
        let mut progress = Progress::new("consumed", self.messages);
        let mut last = Instant::now();
        while tally.records < self.messages && !signals::is_stopped() {
            let served = consumer.consume(SLICE_MS, &signals::is_stopped, |item| match item {
                Item::Record(record) => {
                    let size =
                        record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len);
                    tally.records += 1;
                    tally.bytes += size as u64;
                    Ok(())
                }
                Item::Error(error) if error.code == ErrorCode::_PARTITION_EOF => Ok(()),
                Item::Error(error) => Err(error.text.to_owned()),
            });
            match served {
                Served::Item(Ok(())) => {
                    if tally.records % 1024 == 1 {
                        last = Instant::now();
                        tally.first.get_or_insert(last);
                        progress.at(tally.records);
                    }
                }
                Served::Item(Err(error)) => bail!("{error}"),
                Served::Event(event) => serve(consumer, &event)?,
                Served::TimedOut if last.elapsed() >= patience => break,
                Served::TimedOut => {}
                Served::Interrupted => break,
            }
        }
        progress.end();
        Ok(tally)
    }

    fn print(
        &self,
        tally: &Tally,
        begin: Instant,
        elapsed: Duration,
        begin_ms: u128,
        end_ms: u128,
    ) {
        let joining = tally
            .first
            .map_or(elapsed, |first| first.duration_since(begin));
        let fetching = elapsed.saturating_sub(joining);
        let megabytes = tally.bytes as f64 / 1_048_576.0;
        let per_second = |amount: f64, time: Duration| amount / time.as_secs_f64().max(1e-6);
        let records = tally.records as f64;
        if self.connect.json {
            say!(
                "{}",
                json!({
                    "records": tally.records, "megabytes": megabytes, "seconds": elapsed.as_secs_f64(),
                    "megabytesPerSecond": per_second(megabytes, elapsed), "recordsPerSecond": per_second(records, elapsed),
                    "rebalanceMs": joining.as_millis() as u64, "fetchMs": fetching.as_millis() as u64,
                    "fetchRecordsPerSecond": per_second(records, fetching),
                })
            );
            return;
        }
        if !self.hide_header {
            say!(
                "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec"
            );
        }
        say!(
            "{}, {}, {megabytes:.4}, {:.4}, {}, {:.4}, {}, {}, {:.4}, {:.4}",
            clock(begin_ms),
            clock(end_ms),
            per_second(megabytes, elapsed),
            tally.records,
            per_second(records, elapsed),
            joining.as_millis(),
            fetching.as_millis(),
            per_second(megabytes, fetching),
            per_second(records, fetching)
        );
    }
}

#[derive(Debug, Default)]
struct Tally {
    records: u64,
    bytes: u64,
    first: Option<Instant>,
}

fn unix_ms() -> Result<u128> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())
}

/// `2026-01-31 12:30:00:000`, in UTC, as Kafka's tool writes it.
fn clock(unix_ms: u128) -> String {
    let (days, ms) = (unix_ms / 86_400_000, unix_ms % 86_400_000);
    let (year, month, day) = crate::date_time::date(i64::try_from(days).unwrap_or(0));
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}:{:03}",
        ms % 1000
    )
}
