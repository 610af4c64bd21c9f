//! Fetch requests: everything in a topic, again and again.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use rdkafka_records::BATCH_HEADER_LEN;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Target;
use crate::connection::Connection;
use crate::process::Process;

/// The newest version that names topics and that every broker of today knows.
const VERSION: i16 = 12;

#[derive(Debug, Clone, Args)]
pub(crate) struct Fetch {
    #[command(flatten)]
    target: Target,
    /// Connections; each reads partitions of its own where there are enough of them.
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// Bytes of a record, to tell how many were read.
    #[arg(long, default_value_t = 1024)]
    size: usize,
    /// For how long.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// For how long before that, which does not count.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
}

impl Fetch {
    pub(crate) async fn run(self) -> Result<Value> {
        let mut process = Process::new(self.target.pid)?;
        let mut readers = Vec::with_capacity(self.connections);
        for number in 0..self.connections {
            let mut connection = Connection::open(&self.target.broker).await?;
            connection.introduce().await?;
            let partitions = (0..self.target.partitions)
                .filter(|partition| *partition as usize % self.connections == number)
                .map(|partition| (partition, 0))
                .collect();
            let mut reader = Reader {
                connection,
                topic: self.target.topic.clone(),
                partitions,
            };
            if reader.partitions.is_empty() {
                let shared = number as i32 % self.target.partitions;
                reader.partitions.push((shared, 0));
            }
            readers.push(reader);
        }
        let mut bytes = 0;
        for seconds in [self.warm_up, self.seconds] {
            process.restart();
            let mut tasks = JoinSet::new();
            for reader in readers.drain(..) {
                tasks.spawn(reader.run(Duration::from_secs_f64(seconds)));
            }
            bytes = 0;
            while let Some(outcome) = tasks.join_next().await {
                let (reader, read) = outcome??;
                bytes += read;
                readers.push(reader);
            }
        }
        let seconds = process.seconds();
        let cpu_ns = process.cpu_ns() as f64;
        Ok(process.report(json!({
            "messages_per_second": bytes as f64 / self.size as f64 / seconds,
            "mb_per_second": bytes as f64 / seconds / 1e6,
            "cpu_ms_per_mb": cpu_ns / bytes as f64,
        })))
    }
}

/// One connection, and where it is in its partitions.
struct Reader {
    connection: Connection,
    topic: String,
    partitions: Vec<(i32, i64)>,
}

impl Reader {
    /// Reads until it is time; returns the bytes of the batches.
    async fn run(mut self, time: Duration) -> Result<(Self, u64)> {
        let began = Instant::now();
        let mut bytes = 0;
        while began.elapsed() < time {
            let read = self.read().await?;
            if read == 0 {
                // Everything was read: from the beginning.
                for partition in &mut self.partitions {
                    partition.1 = 0;
                }
            }
            bytes += read;
        }
        Ok((self, bytes))
    }

    async fn read(&mut self) -> Result<u64> {
        let partition = |(number, offset): &(i32, i64)| FetchPartition {
            partition: *number,
            fetch_offset: *offset,
            partition_max_bytes: 1 << 20,
            ..FetchPartition::default()
        };
        let request = FetchRequest {
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: 16 << 20,
            topics: vec![FetchTopic {
                topic: self.topic.as_str().into(),
                partitions: self.partitions.iter().map(partition).collect(),
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        let response = self.connection.call(&request, VERSION).await?;
        let mut bytes = 0;
        for answer in response.responses.into_iter().flat_map(|it| it.partitions) {
            match ErrorCode(answer.error_code) {
                ErrorCode::NONE => {}
                error => bail!("nothing can be read: {}", error.text()),
            }
            let records = answer.records.unwrap_or_default().into_bytes();
            bytes += records.len() as u64;
            let place = self.partitions.iter_mut();
            let place = place.into_iter().find(|it| it.0 == answer.partition_index);
            if let (Some(place), Some(next)) = (place, offset_after(&records)) {
                place.1 = next;
            }
        }
        Ok(bytes)
    }
}

/// The offset after the last whole batch.
fn offset_after(mut records: &[u8]) -> Option<i64> {
    const LENGTH_AT: usize = 8;
    const LAST_DELTA_AT: usize = 23;
    let mut next = None;
    while records.len() >= BATCH_HEADER_LEN {
        let base = i64::from_be_bytes(*records.first_chunk()?);
        let length = i32::from_be_bytes(*records[LENGTH_AT..].first_chunk()?);
        let delta = i32::from_be_bytes(*records[LAST_DELTA_AT..].first_chunk()?);
        let Some(rest) = records.get(LENGTH_AT + 4 + usize::try_from(length).ok()?..) else {
            break;
        };
        next = Some(base + i64::from(delta) + 1);
        records = rest;
    }
    next
}
