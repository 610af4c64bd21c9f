//! `kafka-leader-election.sh`.

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use rdkafka_client::{ErrorCode, Target};
use rdkafka_wire::messages::elect_leaders::{ElectLeadersRequest, TopicPartitions};

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::output::say;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ElectionType {
    /// The first replica that is in sync.
    Preferred,
    /// Any replica, even one that lags behind.
    Unclean,
}

/// Elect leaders.
#[derive(Debug, Args)]
pub struct LeaderElection {
    #[command(flatten)]
    connect: Connect,
    /// Who may become leader.
    #[arg(long, value_enum, ignore_case = true)]
    election_type: ElectionType,
    /// The topic.
    #[arg(long, requires = "partition")]
    topic: Option<String>,
    /// The partition.
    #[arg(long, requires = "topic")]
    partition: Option<i32>,
    /// All partitions of the cluster.
    #[arg(long, conflicts_with = "topic")]
    all_topic_partitions: bool,
}

impl LeaderElection {
    pub(crate) fn run(self) -> Result<()> {
        let cluster = Cluster::connect(&self.connect)?;
        let topic_partitions = match (&self.topic, self.partition) {
            (Some(topic), Some(partition)) => Some(vec![TopicPartitions {
                topic: topic.as_str().into(),
                partitions: vec![partition],
            }]),
            _ if self.all_topic_partitions => None,
            _ => bail!("name --topic and --partition, or --all-topic-partitions"),
        };
        let request = ElectLeadersRequest {
            election_type: self.election_type as i8,
            topic_partitions,
            timeout_ms: cluster.timeout_ms(),
        };
        let response = cluster.ask(Target::Controller, request)?;
        checked(response.error_code, None)?;
        for result in &response.replica_election_results {
            for partition in &result.partition_result {
                let name = format!("{}-{}", result.topic.as_str(), partition.partition_id);
                if ErrorCode(partition.error_code) == ErrorCode::ELECTION_NOT_NEEDED {
                    say!("Valid replica already elected for partitions {name}");
                    continue;
                }
                checked(partition.error_code, partition.error_message.as_ref()).with_context(
                    || format!("Error completing leader election for partition {name}"),
                )?;
                say!("Successfully completed leader election for partitions {name}");
            }
        }
        Ok(())
    }
}
