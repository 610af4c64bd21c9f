//! Kafka's command line tools over our own client.
//!
//! Each tool is a file named as Kafka's script (`kafka-topics.sh` is [`topics`]), takes the script's options, the names
//! they had in older releases included, and prints what the script prints; `--json` prints the same as JSON. Options
//! that lost their meaning (`--zookeeper`, `--broker-list`) are accepted and say what replaced them. Runs on the main
//! thread; every request is bounded by `--timeout`.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod acls;
mod broker_api_versions;
mod client_metrics;
mod client_properties;
mod cluster;
mod cluster_tool;
mod configs;
mod connect;
mod console_consumer;
mod console_producer;
mod console_share_consumer;
mod consumer_groups;
mod consumer_perf_test;
mod date_time;
mod delegation_tokens;
mod delete_records;
mod dump_log;
mod entities;
mod features;
mod get_offsets;
mod groups;
mod health;
mod leader_election;
mod log_dirs;
mod metadata_quorum;
mod output;
mod producer_perf_test;
mod quotas;
mod reassign_partitions;
mod record_format;
mod share_consumer;
mod share_groups;
mod signals;
mod topic_filter;
mod topics;
mod transactions;

use anyhow::Result;
use clap::Subcommand;

/// A tool, named as Kafka's script without `kafka-` and `.sh`.
#[derive(Debug, Subcommand)]
pub enum Tool {
    /// Create, list, describe, alter and delete topics.
    Topics(topics::Topics),
    /// Send the lines of standard input to a topic.
    ConsoleProducer(console_producer::ConsoleProducer),
    /// Print the records of topics.
    ConsoleConsumer(console_consumer::ConsoleConsumer),
    /// Print the records that a share group gets.
    ConsoleShareConsumer(console_share_consumer::ConsoleShareConsumer),
    /// List groups of all types.
    Groups(groups::Groups),
    /// List, describe, delete and reset consumer groups.
    ConsumerGroups(consumer_groups::ConsumerGroups),
    /// List, describe, delete and reset share groups.
    ShareGroups(share_groups::ShareGroups),
    /// Describe and alter the configuration of topics, brokers, groups and users.
    Configs(configs::Configs),
    /// Which metrics clients are to push.
    ClientMetrics(client_metrics::ClientMetrics),
    /// The offsets of partitions: first, last, by time.
    GetOffsets(get_offsets::GetOffsets),
    /// Delete the records of partitions up to an offset.
    DeleteRecords(delete_records::DeleteRecords),
    /// Create, renew, expire and describe delegation tokens.
    DelegationTokens(delegation_tokens::DelegationTokens),
    /// How much the partitions take on the disk.
    LogDirs(log_dirs::LogDirs),
    /// Print what is in the files of a log.
    DumpLog(dump_log::DumpLog),
    /// List and describe transactions and producers.
    Transactions(transactions::Transactions),
    /// List, add and remove access rules.
    Acls(acls::Acls),
    /// The APIs and versions each broker serves.
    BrokerApiVersions(broker_api_versions::BrokerApiVersions),
    /// The id of the cluster, its brokers; forget a broker.
    Cluster(cluster_tool::ClusterTool),
    /// The status of the metadata quorum; add and remove controllers.
    MetadataQuorum(metadata_quorum::MetadataQuorum),
    /// The features of the cluster.
    Features(features::Features),
    /// Move partitions between brokers and between the folders of a broker.
    ReassignPartitions(reassign_partitions::ReassignPartitions),
    /// Elect leaders.
    LeaderElection(leader_election::LeaderElection),
    /// Measure how fast records are produced.
    ProducerPerfTest(producer_perf_test::ProducerPerfTest),
    /// Measure how fast records are consumed.
    ConsumerPerfTest(consumer_perf_test::ConsumerPerfTest),
    /// Whether the broker answers: exits with 0 or 1, for containers.
    Health(health::Health),
}

impl Tool {
    /// Run it to its end.
    ///
    /// # Errors
    /// What the user is to be told; the process exits with 1.
    pub fn run(self) -> Result<()> {
        match self {
            Self::Topics(tool) => tool.run(),
            Self::ConsoleProducer(tool) => tool.run(),
            Self::ConsoleConsumer(tool) => tool.run(),
            Self::ConsoleShareConsumer(tool) => tool.run(),
            Self::Groups(tool) => tool.run(),
            Self::ConsumerGroups(tool) => tool.run(),
            Self::ShareGroups(tool) => tool.run(),
            Self::Configs(tool) => tool.run(),
            Self::ClientMetrics(tool) => tool.run(),
            Self::GetOffsets(tool) => tool.run(),
            Self::DeleteRecords(tool) => tool.run(),
            Self::DelegationTokens(tool) => tool.run(),
            Self::LogDirs(tool) => tool.run(),
            Self::DumpLog(tool) => tool.run(),
            Self::Transactions(tool) => tool.run(),
            Self::Acls(tool) => tool.run(),
            Self::BrokerApiVersions(tool) => tool.run(),
            Self::Cluster(tool) => tool.run(),
            Self::MetadataQuorum(tool) => tool.run(),
            Self::Features(tool) => tool.run(),
            Self::ReassignPartitions(tool) => tool.run(),
            Self::LeaderElection(tool) => tool.run(),
            Self::ProducerPerfTest(tool) => tool.run(),
            Self::ConsumerPerfTest(tool) => tool.run(),
            Self::Health(tool) => tool.run(),
        }
    }

    /// Whether this is the name of a tool.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        Self::has_subcommand(name)
    }
}
