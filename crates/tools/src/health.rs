//! `rdkafka-broker health`: whether the broker answers, for containers.

use anyhow::{Result, bail};
use clap::Args;
use rdkafka_client::Target;
use rdkafka_wire::messages::describe_cluster::DescribeClusterRequest;
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::output::say;

/// Whether the broker answers.
#[derive(Debug, Args)]
pub struct Health {
    #[command(flatten)]
    connect: Connect,
}

impl Health {
    pub(crate) fn run(mut self) -> Result<()> {
        // Who looks after containers gives up before the tools' own patience ends.
        self.connect.timeout_ms = self.connect.timeout_ms.min(5_000);
        let cluster = Cluster::connect(&self.connect)?;
        let request = DescribeClusterRequest {
            endpoint_type: 1,
            ..Default::default()
        };
        let response = cluster.ask(Target::Any, request)?;
        checked(response.error_code, response.error_message.as_ref())?;
        if response.brokers.is_empty() {
            bail!("the cluster names no broker");
        }
        let topics = cluster.topics()?;
        let leaderless = topics
            .values()
            .flat_map(|topic| &topic.partitions)
            .filter(|partition| partition.leader_id < 0)
            .count();
        if self.connect.json {
            say!(
                "{}",
                json!({
                    "healthy": leaderless == 0, "cluster": response.cluster_id.as_str(),
                    "brokers": response.brokers.len(), "topics": topics.len(), "leaderless": leaderless,
                })
            );
        } else {
            say!(
                "{}: cluster {}, {} broker(s), {} topic(s), {leaderless} partition(s) without a leader",
                if leaderless == 0 {
                    "healthy"
                } else {
                    "unhealthy"
                },
                response.cluster_id.as_str(),
                response.brokers.len(),
                topics.len()
            );
        }
        if leaderless > 0 {
            bail!("{leaderless} partition(s) have no leader");
        }
        Ok(())
    }
}
