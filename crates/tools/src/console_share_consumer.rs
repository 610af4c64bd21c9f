//! `kafka-console-share-consumer.sh`.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use rdkafka_client::conf::ClientKind;
use rdkafka_records::RecordBatches;

use crate::cluster::Cluster;
use crate::connect::Connect;
use crate::console_consumer::is_broken_pipe;
use crate::record_format::{Format, FormatOptions, Shown};
use crate::share_consumer::{ShareConsumer, Taken, Verdict};
use crate::signals;

/// How often to look whether it is time to stop.
const SLICE: Duration = Duration::from_millis(200);
/// Records that are taken at once.
const RECORDS_MAX: i32 = 500;
/// What a compressed batch may grow to.
const BATCH_BYTES_MAX: usize = i32::MAX as usize;
/// The group of those who name none, as Kafka's tool has it.
const DEFAULT_GROUP: &str = "console-share-consumer";

/// Print the records that a share group gets.
#[derive(Debug, Args)]
pub struct ConsoleShareConsumer {
    #[command(flatten)]
    connect: Connect,
    /// The topic.
    #[arg(long)]
    topic: String,
    /// The share group.
    #[arg(long)]
    group: Option<String>,
    /// End after so many records.
    #[arg(long)]
    max_messages: Option<u64>,
    /// End when no record came for so many milliseconds.
    #[arg(long = "timeout-ms", value_name = "MS")]
    patience_ms: Option<u64>,
    /// Give records back for others, once they are printed.
    #[arg(long, conflicts_with = "reject")]
    release: bool,
    /// Nobody is to have the records again.
    #[arg(long)]
    reject: bool,
    #[command(flatten)]
    format: FormatOptions,
}

impl ConsoleShareConsumer {
    pub(crate) fn run(self) -> Result<()> {
        let format = self.format.format()?;
        signals::catch()?;
        let settings = [("client.id", "console-share-consumer")];
        let client = self.connect.client(ClientKind::Producer, &settings, &[])?;
        let cluster = Cluster::of(client, self.connect.timeout_ms);
        cluster.wait_until_reachable()?;
        let group = self.group.as_deref().unwrap_or(DEFAULT_GROUP).to_owned();
        let mut consumer = ShareConsumer::new(&cluster, group, vec![self.topic.clone()]);
        let mut count = 0;
        let result = self.consume(&mut consumer, &format, &mut count);
        let closed = consumer.close();
        eprintln!("Processed a total of {count} messages");
        match result {
            // Whoever piped us elsewhere has seen enough.
            Err(error) if is_broken_pipe(&error) => Ok(()),
            Err(error) => Err(error),
            // Who was interrupted does not wait for the broker.
            Ok(()) if signals::is_stopped() => Ok(()),
            Ok(()) => closed,
        }
    }

    fn consume(
        &self,
        consumer: &mut ShareConsumer<'_>,
        format: &Format,
        count: &mut u64,
    ) -> Result<()> {
        let mut out = BufWriter::new(std::io::stdout().lock());
        let mut last = Instant::now();
        let patience = self.patience_ms.map(Duration::from_millis);
        let left = |count: u64| {
            self.max_messages
                .map_or(u64::MAX, |max| max.saturating_sub(count))
        };
        while left(*count) > 0 && !signals::is_stopped() {
            let records_max = i32::try_from(left(*count)).unwrap_or(i32::MAX);
            let taken = consumer.poll(records_max.min(RECORDS_MAX), SLICE)?;
            if taken.is_empty() && patience.is_some_and(|it| last.elapsed() >= it) {
                break;
            }
            for taken in &taken {
                let printed = self.print(taken, format, left(*count), &mut out)?;
                // Not before it is out is it done with.
                out.flush()?;
                *count += u64::try_from(printed.done.len()).unwrap_or(u64::MAX);
                last = Instant::now();
                consumer.acknowledge(taken, |offset| printed.verdict(offset, self.verdict()))?;
            }
        }
        Ok(())
    }

    fn verdict(&self) -> Verdict {
        match (self.release, self.reject) {
            (true, _) => Verdict::Release,
            (_, true) => Verdict::Reject,
            _ => Verdict::Accept,
        }
    }

    fn print(
        &self,
        taken: &Taken,
        format: &Format,
        count_max: u64,
        out: &mut impl Write,
    ) -> Result<Printed> {
        let mut printed = Printed::default();
        let place = || format!("{}-{}", taken.topic, taken.partition());
        for batch in RecordBatches::new(taken.batches.clone()) {
            let batch = batch.with_context(place)?;
            if batch.is_control() {
                continue;
            }
            let plain = batch.decompress(BATCH_BYTES_MAX).with_context(place)?;
            for record in plain.records() {
                let record = record.with_context(place)?;
                let Some(delivery) = taken.delivery(record.offset) else {
                    continue;
                };
                if u64::try_from(printed.done.len()).is_ok_and(|it| it >= count_max) {
                    printed.left.insert(record.offset);
                    continue;
                }
                let shown = Shown {
                    topic: &taken.topic,
                    partition: taken.partition(),
                    offset: record.offset,
                    timestamp_ms: record.timestamp_ms,
                    timestamp_type: plain.timestamp_type(),
                    key: record.key,
                    value: record.value,
                    headers: record.headers,
                    // Kafka's share consumer does not tell it.
                    leader_epoch: -1,
                    delivery: Some(delivery),
                };
                if self.connect.json {
                    writeln!(out, "{}", shown.json())?;
                } else {
                    format.write(&shown, out)?;
                }
                printed.done.insert(record.offset);
            }
        }
        Ok(printed)
    }
}

/// Which records were printed, and which were not because there were enough.
#[derive(Debug, Default)]
struct Printed {
    done: BTreeSet<i64>,
    left: BTreeSet<i64>,
}

impl Printed {
    fn verdict(&self, offset: i64, of_done: Verdict) -> Verdict {
        if self.done.contains(&offset) {
            of_done
        } else if self.left.contains(&offset) {
            Verdict::Release
        } else {
            Verdict::Gap
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_printed_goes_back_and_what_is_no_record_is_a_gap() {
        let printed = Printed {
            done: [3, 5].into(),
            left: [6].into(),
        };
        let verdicts: Vec<_> = (3..=6)
            .map(|it| printed.verdict(it, Verdict::Reject))
            .collect();
        assert_eq!(
            verdicts,
            [
                Verdict::Reject,
                Verdict::Gap,
                Verdict::Reject,
                Verdict::Release
            ]
        );
    }
}
