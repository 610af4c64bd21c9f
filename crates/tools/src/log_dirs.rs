//! `kafka-log-dirs.sh`.

use anyhow::Result;
use clap::Args;
use rdkafka_client::ErrorCode;
use rdkafka_client::{NodeId, Target};
use rdkafka_wire::messages::describe_log_dirs::{
    DescribableLogDirTopic, DescribeLogDirsRequest, DescribeLogDirsResponse,
};
use serde_json::{Value, json};

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::output::say;

/// How much the partitions take on the disk.
#[derive(Debug, Args)]
pub struct LogDirs {
    #[command(flatten)]
    connect: Connect,
    /// Show the log folders; there is nothing else this tool does.
    #[arg(long)]
    describe: bool,
    /// Only these topics.
    #[arg(long, value_delimiter = ',')]
    topic_list: Vec<String>,
    /// Only these brokers; --broker-list means the same here.
    #[arg(long = "brokers", value_delimiter = ',')]
    brokers: Vec<i32>,
}

impl LogDirs {
    pub(crate) fn run(mut self) -> Result<()> {
        self.brokers.extend(self.connect.take_broker_ids());
        let cluster = Cluster::connect(&self.connect)?;
        let mut nodes = cluster.nodes()?;
        if !self.brokers.is_empty() {
            nodes = self.brokers.iter().copied().map(NodeId).collect();
        }
        let topics = self.topics(&cluster)?;
        let mut brokers = Vec::new();
        for node in &nodes {
            let request = DescribeLogDirsRequest {
                topics: topics.clone(),
            };
            let response = cluster.ask(Target::Node(*node), request)?;
            checked(response.error_code, None)?;
            brokers.push(json!({ "broker": node.0, "logDirs": log_dirs(&response) }));
        }
        if !self.connect.json {
            let ids: Vec<_> = nodes.iter().map(|node| node.0.to_string()).collect();
            say!("Querying brokers for log directories information");
            say!(
                "Received log directory information from brokers {}",
                ids.join(",")
            );
        }
        say!("{}", json!({ "version": 1, "brokers": brokers }));
        Ok(())
    }

    fn topics(&self, cluster: &Cluster) -> Result<Option<Vec<DescribableLogDirTopic>>> {
        if self.topic_list.is_empty() {
            return Ok(None);
        }
        let leaders = cluster.leaders(&self.topic_list)?;
        let topics = self.topic_list.iter().map(|topic| DescribableLogDirTopic {
            topic: topic.as_str().into(),
            partitions: leaders
                .keys()
                .filter(|(name, _)| name == topic)
                .map(|(_, partition)| *partition)
                .collect(),
        });
        Ok(Some(topics.collect()))
    }
}

fn log_dirs(response: &DescribeLogDirsResponse) -> Vec<Value> {
    let folders = response.results.iter().map(|folder| {
        let partitions = folder.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|partition| {
                json!({
                    "partition": format!("{}-{}", topic.name.as_str(), partition.partition_index),
                    "size": partition.partition_size,
                    "offsetLag": partition.offset_lag,
                    "isFuture": partition.is_future_key,
                })
            })
        });
        let code = ErrorCode(folder.error_code);
        json!({
            "partitions": partitions.collect::<Vec<_>>(),
            "error": code.is_error().then(|| code.text()),
            "logDir": folder.log_dir.as_str(),
        })
    });
    folders.collect()
}
