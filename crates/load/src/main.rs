//! Puts load on a broker, any broker, and prints what it did and what it cost as one JSON object.
//!
//! What it sends is encoded once and sent again and again, so that the broker is what is measured and not the client.
//! With `--pid`, CPU and memory of the broker's process are read from `/proc`. One thread.

mod connection;
mod fetch;
mod floor;
mod group;
mod process;
mod produce;

use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use rdkafka_wire::messages::delete_topics::DeleteTopicsRequest;
use serde_json::{Value, json};

use self::connection::Connection;
use self::process::Process;

/// Load for a broker.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    load: Load,
}

#[derive(Debug, Subcommand)]
enum Load {
    /// As many produce requests as the broker takes.
    Produce(produce::Produce),
    /// Produce requests at a fixed rate: how long each takes from when it was due.
    Latency(produce::Latency),
    /// Reads everything, again and again.
    Fetch(fetch::Fetch),
    /// As `fetch`, of a process that does nothing but send.
    Floor(floor::Floor),
    /// Connections that do nothing: what each costs the broker.
    Connections(Connections),
    /// Members of one group that join, are assigned nothing and send heartbeats.
    Group(group::Group),
    /// Creates a topic: how long it takes, and what it costs.
    Topic(Target),
    /// Deletes a topic with its records.
    Delete(Target),
}

/// Where the load goes.
#[derive(Debug, Clone, Args)]
struct Target {
    /// The broker.
    #[arg(long)]
    broker: String,
    /// The topic; created where it is missing.
    #[arg(long, default_value = "load")]
    topic: String,
    /// Its partitions.
    #[arg(long, default_value_t = 1)]
    partitions: i32,
    /// The broker's process.
    #[arg(long)]
    pid: Option<u32>,
}

#[derive(Debug, Args)]
struct Connections {
    #[command(flatten)]
    target: Target,
    /// How many.
    #[arg(long, default_value_t = 1000)]
    connections: usize,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(run(cli.load))?;
    println!("{result}");
    Ok(())
}

async fn run(load: Load) -> Result<Value> {
    match load {
        Load::Produce(produce) => produce.run().await,
        Load::Latency(latency) => latency.run().await,
        Load::Fetch(fetch) => fetch.run().await,
        Load::Floor(floor) => floor.run().await,
        Load::Connections(connections) => connections.run().await,
        Load::Group(group) => group.run().await,
        Load::Topic(target) => target.create().await,
        Load::Delete(target) => target.delete().await,
    }
}

impl Target {
    /// Makes sure that the topic is there.
    async fn create(&self) -> Result<Value> {
        let mut connection = Connection::open(&self.broker).await?;
        let process = Process::new(self.pid)?;
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: self.topic.as_str().into(),
                num_partitions: self.partitions,
                replication_factor: 1,
                // What one measurement wrote is gone before the next one begins.
                configs: vec![CreatableTopicConfig {
                    name: "file.delete.delay.ms".into(),
                    value: Some("0".into()),
                }],
                ..CreatableTopic::default()
            }],
            timeout_ms: 60_000,
            ..CreateTopicsRequest::default()
        };
        let response = connection.call(&request, CREATE_TOPICS_VERSION).await?;
        for topic in response.topics {
            match ErrorCode(topic.error_code) {
                ErrorCode::NONE | ErrorCode::TOPIC_ALREADY_EXISTS => {}
                error => bail!("the topic was not created: {}", error.text()),
            }
        }
        Ok(process.report(json!({ "partitions": self.partitions })))
    }

    async fn delete(&self) -> Result<Value> {
        let mut connection = Connection::open(&self.broker).await?;
        let process = Process::new(self.pid)?;
        let request = DeleteTopicsRequest {
            topic_names: vec![self.topic.as_str().into()],
            timeout_ms: 60_000,
            ..DeleteTopicsRequest::default()
        };
        let response = connection.call(&request, DELETE_TOPICS_VERSION).await?;
        for topic in response.responses {
            match ErrorCode(topic.error_code) {
                ErrorCode::NONE | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => {}
                error => bail!("the topic was not deleted: {}", error.text()),
            }
        }
        // Brokers remove the files after they have answered.
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(process.report(json!({})))
    }
}

impl Connections {
    async fn run(self) -> Result<Value> {
        let process = Process::new(self.target.pid)?;
        let before = process.resident_kib();
        let mut open = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            let mut connection = Connection::open(&self.target.broker).await?;
            connection.introduce().await?;
            open.push(connection);
        }
        // What the broker still has to do for them.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let each = process
            .resident_kib()
            .saturating_sub(before)
            .checked_div(self.connections as u64);
        Ok(process.report(json!({ "connections": open.len(), "kib_each": each })))
    }
}

/// Versions that Apache Kafka 4 and old brokers know.
const CREATE_TOPICS_VERSION: i16 = 5;
const DELETE_TOPICS_VERSION: i16 = 4;
