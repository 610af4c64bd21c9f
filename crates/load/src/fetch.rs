//! Fetch requests: everything in a topic, again and again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use rdkafka_records::BATCH_HEADER_LEN;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Target;
use crate::connection::Connection;
use crate::process::Process;

/// The newest version that names topics and that every broker of today knows.
const VERSION: i16 = 12;
const LIST_OFFSETS_VERSION: i16 = 1;
/// Asks for the end.
const LATEST: i64 = -1;

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
    /// Reads only so many of the last records of each partition, again and again; else everything.
    #[arg(long)]
    last: Option<i64>,
}

impl Fetch {
    pub(crate) async fn run(self) -> Result<Value> {
        let mut process = Process::new(self.target.pid)?;
        let mut readers = Vec::with_capacity(self.connections);
        let starts = self.starts().await?;
        for number in 0..self.connections {
            let mut connection = Connection::open(&self.target.broker).await?;
            connection.introduce().await?;
            let partitions = (0..self.target.partitions)
                .filter(|partition| *partition as usize % self.connections == number)
                .map(|partition| self.place(partition, &starts))
                .collect();
            let mut reader = Reader {
                connection,
                topic: self.target.topic.clone(),
                partitions,
            };
            if reader.partitions.is_empty() {
                let shared = number as i32 % self.target.partitions;
                reader.partitions.push(self.place(shared, &starts));
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

impl Fetch {
    /// From which offsets the partitions are read.
    async fn starts(&self) -> Result<HashMap<i32, i64>> {
        let Some(last) = self.last else {
            return Ok(HashMap::new());
        };
        let partition = |partition_index| ListOffsetsPartition {
            partition_index,
            timestamp: LATEST,
            ..ListOffsetsPartition::default()
        };
        let request = ListOffsetsRequest {
            topics: vec![ListOffsetsTopic {
                name: self.target.topic.as_str().into(),
                partitions: (0..self.target.partitions).map(partition).collect(),
            }],
            ..ListOffsetsRequest::default()
        };
        let mut connection = Connection::open(&self.target.broker).await?;
        let response = connection.call(&request, LIST_OFFSETS_VERSION).await?;
        let ends = response.topics.into_iter().flat_map(|it| it.partitions);
        Ok(ends
            .map(|it| (it.partition_index, (it.offset - last).max(0)))
            .collect())
    }

    fn place(&self, partition: i32, starts: &HashMap<i32, i64>) -> Place {
        let start = starts.get(&partition).copied().unwrap_or(0);
        Place {
            partition,
            start,
            offset: start,
        }
    }
}

/// Where a reader is in a partition.
struct Place {
    partition: i32,
    start: i64,
    offset: i64,
}

/// One connection, and where it is in its partitions.
struct Reader {
    connection: Connection,
    topic: String,
    partitions: Vec<Place>,
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
                for place in &mut self.partitions {
                    place.offset = place.start;
                }
            }
            bytes += read;
        }
        Ok((self, bytes))
    }

    async fn read(&mut self) -> Result<u64> {
        let partition = |place: &Place| FetchPartition {
            partition: place.partition,
            fetch_offset: place.offset,
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
            let place = place
                .into_iter()
                .find(|it| it.partition == answer.partition_index);
            if let (Some(place), Some(next)) = (place, offset_after(&records)) {
                place.offset = next;
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
