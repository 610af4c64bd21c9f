//! Produce requests: as many as go, or at a fixed rate.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use bytes::Bytes;
use clap::Args;
use rdkafka_records::{BatchBuilder, Seal};
use rdkafka_wire::messages::produce::{
    PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData,
};
use rdkafka_wire::{ApiKey, ErrorCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Target;
use crate::connection::{Connection, decode, encode};
use crate::process::Process;

/// The newest version that names topics and that every broker of today knows.
const VERSION: i16 = 9;
/// A new topic of Apache Kafka takes a moment to have leaders.
const TRIES: u32 = 100;

#[derive(Debug, Clone, Args)]
struct Shape {
    #[command(flatten)]
    target: Target,
    /// Connections.
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// Records in each request.
    #[arg(long, default_value_t = 16)]
    records: usize,
    /// Bytes of each record.
    #[arg(long, default_value_t = 1024)]
    size: usize,
    /// 1, or -1 for all.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    acks: i16,
    /// For how long.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// For how long before that, which does not count.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
}

#[derive(Debug, Args)]
pub(crate) struct Produce {
    #[command(flatten)]
    shape: Shape,
    /// Requests under way on each connection.
    #[arg(long, default_value_t = 5)]
    in_flight: usize,
    /// Send so many requests instead of as many as go in the time.
    #[arg(long)]
    requests: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Latency {
    #[command(flatten)]
    shape: Shape,
    /// Requests a second, of all connections together.
    #[arg(long, default_value_t = 500.0)]
    rate: f64,
}

impl Shape {
    /// One request for each partition.
    fn requests(&self) -> Result<Vec<Bytes>> {
        let mut builder = BatchBuilder::new();
        let value = vec![b'x'; self.size];
        // Of now: a broker drops what is older than its retention, whenever it looks.
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
        for _ in 0..self.records {
            builder.append(now_ms, None, Some(&value), [])?;
        }
        let batch = builder.seal(&Seal::default())?;
        let request = |partition| {
            let data = PartitionProduceData {
                index: partition,
                records: Some(batch.clone().into()),
            };
            let request = ProduceRequest {
                transactional_id: None,
                acks: self.acks,
                timeout_ms: 30_000,
                topic_data: vec![TopicProduceData {
                    name: self.target.topic.as_str().into(),
                    partition_data: vec![data],
                    ..TopicProduceData::default()
                }],
            };
            encode(&request, VERSION)
        };
        Ok((0..self.target.partitions).map(request).collect())
    }

    /// Connections that have written a record already, the topic made before.
    async fn connect(&self, requests: &[Bytes]) -> Result<Vec<Connection>> {
        self.target.create().await?;
        let mut connections = Vec::with_capacity(self.connections);
        for number in 0..self.connections {
            let mut connection = Connection::open(&self.target.broker).await?;
            connection.introduce().await?;
            until_taken(&mut connection, &requests[number % requests.len()]).await?;
            connections.push(connection);
        }
        Ok(connections)
    }
}

/// Sends a request until the broker takes it.
async fn until_taken(connection: &mut Connection, request: &Bytes) -> Result<()> {
    for _ in 1..TRIES {
        connection.send(request).await?;
        if check(connection.receive().await?).is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    connection.send(request).await?;
    check(connection.receive().await?)
}

impl Produce {
    pub(crate) async fn run(self) -> Result<Value> {
        let requests = self.shape.requests()?;
        let mut connections = self.shape.connect(&requests).await?;
        let count = connections.len();
        if self.requests.is_none() {
            // No partition is a new one when the clock starts.
            for request in &requests {
                until_taken(&mut connections[0], request).await?;
            }
        }
        let mut process = Process::new(self.shape.target.pid)?;
        let mut sent = 0;
        let rounds = match self.requests {
            Some(number) => vec![Until::Sent(number / count as u64)],
            None => [self.shape.warm_up, self.shape.seconds]
                .map(|seconds| Until::Time(Duration::from_secs_f64(seconds)))
                .to_vec(),
        };
        for until in rounds {
            process.restart();
            let mut tasks = JoinSet::new();
            for (number, connection) in connections.drain(..).enumerate() {
                let flow = Flow {
                    requests: requests.clone(),
                    next: number,
                    step: count,
                    in_flight: self.in_flight,
                };
                tasks.spawn(flow.run(connection, until));
            }
            sent = 0;
            while let Some(outcome) = tasks.join_next().await {
                let (connection, answered) = outcome??;
                sent += answered;
                connections.push(connection);
            }
        }
        let bytes = sent as f64 * (self.shape.records * self.shape.size) as f64;
        let seconds = process.seconds();
        let cpu_ns = process.cpu_ns() as f64;
        Ok(process.report(json!({
            "requests": sent,
            "messages_per_second": sent as f64 * self.shape.records as f64 / seconds,
            "mb_per_second": bytes / seconds / 1e6,
            "cpu_us_per_request": cpu_ns / 1e3 / sent as f64,
            "cpu_ms_per_mb": cpu_ns / bytes,
        })))
    }
}

#[derive(Debug, Clone, Copy)]
enum Until {
    Time(Duration),
    Sent(u64),
}

/// One connection's requests, to one partition after the other.
struct Flow {
    requests: Vec<Bytes>,
    next: usize,
    step: usize,
    in_flight: usize,
}

impl Flow {
    /// Sends until it is time; returns how many were answered.
    async fn run(mut self, mut connection: Connection, until: Until) -> Result<(Connection, u64)> {
        let began = Instant::now();
        let (mut sent, mut answered) = (0, 0);
        loop {
            let goes_on = match until {
                Until::Time(time) => began.elapsed() < time,
                Until::Sent(number) => sent < number,
            };
            if goes_on && sent - answered < self.in_flight as u64 {
                let request = self.next % self.requests.len();
                connection.send(&self.requests[request]).await?;
                self.next += self.step;
                sent += 1;
            } else if answered < sent {
                check(connection.receive().await?)?;
                answered += 1;
            } else {
                return Ok((connection, answered));
            }
        }
    }
}

impl Latency {
    pub(crate) async fn run(self) -> Result<Value> {
        let requests = self.shape.requests()?;
        let connections = self.shape.connect(&requests).await?;
        let count = connections.len();
        let mut process = Process::new(self.shape.target.pid)?;
        let interval = Duration::from_secs_f64(count as f64 / self.rate);
        let total = self.shape.warm_up + self.shape.seconds;
        let each = (total * self.rate / count as f64) as u32;
        let begin = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, connection) in connections.into_iter().enumerate() {
            let first = begin + interval.mul_f64(number as f64 / count as f64);
            let schedule = Schedule {
                first,
                interval,
                count: each,
            };
            let request = requests[number % requests.len()].clone();
            tasks.spawn(schedule.run(connection, request));
        }
        let warm = Duration::from_secs_f64(self.shape.warm_up);
        tokio::time::sleep_until((begin + warm).into()).await;
        process.restart();
        let mut micros = Vec::new();
        while let Some(outcome) = tasks.join_next().await {
            let samples = outcome??;
            let counted = samples.into_iter().filter(|(due, _)| *due >= begin + warm);
            micros.extend(counted.map(|(_, took)| took.as_micros() as u64));
        }
        micros.sort_unstable();
        if micros.is_empty() {
            bail!("no request was sent: the rate is too low for the time");
        }
        let at = |part: f64| micros[((micros.len() - 1) as f64 * part) as usize];
        Ok(process.report(json!({
            "requests": micros.len(),
            "p50_us": at(0.5),
            "p99_us": at(0.99),
            "p999_us": at(0.999),
        })))
    }
}

/// When one connection's requests are due.
struct Schedule {
    first: Instant,
    interval: Duration,
    count: u32,
}

impl Schedule {
    /// Each request's due time, and what passed from then to its answer: a broker that stalls pays for those that wait.
    async fn run(
        self,
        mut connection: Connection,
        request: Bytes,
    ) -> Result<Vec<(Instant, Duration)>> {
        let mut samples = Vec::with_capacity(self.count as usize);
        for number in 0..self.count {
            let when = self.first + self.interval * number;
            tokio::time::sleep_until(when.into()).await;
            connection.send(&request).await?;
            check(connection.receive().await?)?;
            samples.push((when, when.elapsed()));
        }
        Ok(samples)
    }
}

/// An answer that says that a record was refused is an error.
fn check(frame: Bytes) -> Result<()> {
    let response: ProduceResponse = decode(frame, ApiKey::Produce, VERSION)?;
    let answers = response
        .responses
        .iter()
        .flat_map(|it| &it.partition_responses);
    match answers
        .map(|it| ErrorCode(it.error_code))
        .find(|it| *it != ErrorCode::NONE)
    {
        None => Ok(()),
        Some(error) => bail!("the broker refused records: {}", error.text()),
    }
}
