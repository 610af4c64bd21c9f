//! `kafka-topics.sh`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail};
use clap::{ArgGroup, Args};
use rdkafka_client::{ErrorCode, Target};
use rdkafka_wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use rdkafka_wire::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use rdkafka_wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use rdkafka_wire::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic, TopicRequest,
};
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::configs::{ResourceType, overridden};
use crate::connect::{Connect, note};
use crate::output::say;
use crate::topic_filter::{TopicFilter, is_internal};

/// Create, list, describe, alter and delete topics.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("action").required(true).args(["create", "list", "describe", "alter", "delete"])))]
pub struct Topics {
    #[command(flatten)]
    connect: Connect,
    /// Create a topic.
    #[arg(long)]
    create: bool,
    /// List the topics.
    #[arg(long)]
    list: bool,
    /// Show partitions, replicas and settings.
    #[arg(long)]
    describe: bool,
    /// Give a topic more partitions.
    #[arg(long)]
    alter: bool,
    /// Delete topics.
    #[arg(long)]
    delete: bool,
    /// The topic; a regular expression except with --create.
    #[arg(long)]
    topic: Option<String>,
    /// The topic by its id (--describe).
    #[arg(long)]
    topic_id: Option<String>,
    /// How many partitions; the broker's num.partitions if it is not said.
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// How many copies; the broker's default.replication.factor if it is not said.
    #[arg(long)]
    replication_factor: Option<i16>,
    /// Brokers of each partition: 1:2,2:3 for two partitions with two copies each.
    #[arg(long)]
    replica_assignment: Option<String>,
    /// A setting of the new topic. May be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    config: Vec<String>,
    /// Say nothing when the topic is not there.
    #[arg(long)]
    if_exists: bool,
    /// Say nothing when the topic is there already.
    #[arg(long)]
    if_not_exists: bool,
    /// Leave Kafka's own topics out.
    #[arg(long)]
    exclude_internal: bool,
    /// Only partitions with copies that lag behind.
    #[arg(long)]
    under_replicated_partitions: bool,
    /// Only partitions without a leader.
    #[arg(long)]
    unavailable_partitions: bool,
    /// Only partitions with fewer copies in sync than min.insync.replicas.
    #[arg(long)]
    under_min_isr_partitions: bool,
    /// Only partitions with just as many copies in sync as min.insync.replicas.
    #[arg(long)]
    at_min_isr_partitions: bool,
    /// Only topics with settings of their own.
    #[arg(long)]
    topics_with_overrides: bool,
    /// How many partitions to ask for at a time.
    #[arg(long, default_value_t = 2000)]
    partition_size_limit_per_response: i32,
    /// Words that Kafka's script ignores too.
    #[arg(hide = true)]
    rest: Vec<String>,
}

impl Topics {
    pub(crate) fn run(self) -> Result<()> {
        if !self.rest.is_empty() {
            note(&format!(
                "ignored: {} (a topic is named with --topic)",
                self.rest.join(" ")
            ));
        }
        let cluster = Cluster::connect(&self.connect)?;
        let done = if self.create {
            self.create(&cluster)
        } else if self.list {
            self.list(&cluster)
        } else if self.describe {
            self.describe(&cluster)
        } else if self.alter {
            self.alter(&cluster)
        } else {
            self.delete(&cluster)
        };
        done.map_err(|error| anyhow!("Error while executing topic command : {error:#}"))
    }

    fn create(&self, cluster: &Cluster) -> Result<()> {
        let name = self.topic.as_deref().context("--create needs --topic")?;
        if name.contains(['.', '_']) {
            say!(
                "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both."
            );
        }
        let assignments = self
            .replica_assignment
            .as_deref()
            .map(parse_assignment)
            .transpose()?;
        let (partitions, copies) = match &assignments {
            Some(_) => (-1, -1),
            None => (
                self.partitions.unwrap_or(-1),
                self.replication_factor.unwrap_or(-1),
            ),
        };
        let configs = self
            .config
            .iter()
            .map(|setting| {
                let (key, value) = setting
                    .split_once('=')
                    .with_context(|| format!("--config {setting}: not KEY=VALUE"))?;
                Ok(CreatableTopicConfig {
                    name: key.trim().into(),
                    value: Some(value.trim().into()),
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: name.into(),
                num_partitions: partitions,
                replication_factor: copies,
                assignments: assignments.unwrap_or_default(),
                configs,
            }],
            timeout_ms: cluster.timeout_ms(),
            validate_only: false,
        };
        for topic in cluster.ask(Target::Controller, request)?.topics {
            let exists = ErrorCode(topic.error_code) == ErrorCode::TOPIC_ALREADY_EXISTS;
            if !(exists && self.if_not_exists) {
                checked(topic.error_code, topic.error_message.as_ref())?;
                self.done(&format!("Created topic {name}."), "created", name);
            }
        }
        Ok(())
    }

    fn list(&self, cluster: &Cluster) -> Result<()> {
        let names = self.names(cluster)?;
        if self.connect.json {
            say!("{}", json!(names));
        } else {
            for name in names {
                say!("{name}");
            }
        }
        Ok(())
    }

    /// The topics the options mean, sorted.
    fn names(&self, cluster: &Cluster) -> Result<Vec<String>> {
        let filter = self.topic.as_deref().map(TopicFilter::new).transpose()?;
        let names = cluster.topics()?.into_iter().filter(|(name, topic)| {
            let id = self
                .topic_id
                .as_ref()
                .is_none_or(|id| topic.topic_id.to_string() == *id);
            let internal = self.exclude_internal && is_internal(name);
            id && !internal && filter.as_ref().is_none_or(|filter| filter.matches(name))
        });
        Ok(names.map(|(name, _)| name).collect())
    }

    /// As [`Self::names`]; it is an error when there is none, unless `--if-exists`.
    fn names_there(&self, cluster: &Cluster) -> Result<Vec<String>> {
        let names = self.names(cluster)?;
        let asked = self.topic.as_deref().or(self.topic_id.as_deref());
        if let Some(asked) = asked
            && names.is_empty()
            && !self.if_exists
        {
            bail!("Topic '{asked}' does not exist as expected");
        }
        Ok(names)
    }

    fn describe(&self, cluster: &Cluster) -> Result<()> {
        let names = self.names_there(cluster)?;
        let settings = overridden(cluster, ResourceType::Topic, &names)?;
        let wants_all_partitions = !(self.under_replicated_partitions
            || self.unavailable_partitions
            || self.under_min_isr_partitions
            || self.at_min_isr_partitions);
        let mut objects = Vec::new();
        for topic in self.described(cluster, names)? {
            let name = topic.name.as_ref().map_or("", |name| name.as_str());
            checked(topic.error_code, None).with_context(|| name.to_owned())?;
            let settings = settings.get(name).cloned().unwrap_or_default();
            if self.topics_with_overrides && settings.is_empty() {
                continue;
            }
            if self.connect.json {
                objects.push(topic_json(&topic, &settings));
                continue;
            }
            if wants_all_partitions {
                print_topic(&topic, &settings);
            }
            let least: usize = settings
                .get("min.insync.replicas")
                .and_then(|n| n.parse().ok())
                .unwrap_or(1);
            for partition in &topic.partitions {
                if !self.topics_with_overrides && self.wants(partition, least) {
                    print_partition(name, partition);
                }
            }
        }
        if self.connect.json {
            say!("{}", json!(objects));
        }
        Ok(())
    }

    fn wants(&self, partition: &DescribeTopicPartitionsResponsePartition, least: usize) -> bool {
        let isr = partition.isr_nodes.len();
        (!self.under_replicated_partitions || isr < partition.replica_nodes.len())
            && (!self.unavailable_partitions || partition.leader_id < 0)
            && (!self.under_min_isr_partitions || isr < least)
            && (!self.at_min_isr_partitions || isr == least)
    }

    /// By the API made for it, page by page; out of the metadata where the cluster has not got it.
    fn described(
        &self,
        cluster: &Cluster,
        names: Vec<String>,
    ) -> Result<Vec<DescribeTopicPartitionsResponseTopic>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut found: Vec<DescribeTopicPartitionsResponseTopic> = Vec::new();
        let mut cursor = None;
        loop {
            let request = DescribeTopicPartitionsRequest {
                topics: names
                    .iter()
                    .map(|name| TopicRequest {
                        name: name.as_str().into(),
                    })
                    .collect(),
                response_partition_limit: self.partition_size_limit_per_response,
                cursor: cursor.take(),
            };
            let response = match cluster.try_ask(Target::Any, request) {
                Ok(response) => response,
                Err(ErrorCode::_UNSUPPORTED_FEATURE) => return from_metadata(cluster, &names),
                Err(code) => return Err(cluster.failure("DescribeTopicPartitions", code)),
            };
            for topic in response.topics {
                match found.last_mut().filter(|last| last.name == topic.name) {
                    Some(last) => last.partitions.extend(topic.partitions),
                    None => found.push(topic),
                }
            }
            match response.next_cursor {
                Some(next) => {
                    cursor = Some(Cursor {
                        topic_name: next.topic_name,
                        partition_index: next.partition_index,
                    });
                }
                None => return Ok(found),
            }
        }
    }

    fn alter(&self, cluster: &Cluster) -> Result<()> {
        if !self.config.is_empty() {
            bail!("settings of a topic are altered with kafka-configs.sh --alter --add-config");
        }
        let count = self.partitions.context("--alter needs --partitions")?;
        let names = self.names_there(cluster)?;
        if self.topic.is_none() {
            bail!("--alter needs --topic");
        }
        let topics = names.iter().map(|name| CreatePartitionsTopic {
            name: name.as_str().into(),
            count,
            assignments: None,
        });
        let request = CreatePartitionsRequest {
            topics: topics.collect(),
            timeout_ms: cluster.timeout_ms(),
            validate_only: false,
        };
        for result in cluster.ask(Target::Controller, request)?.results {
            checked(result.error_code, result.error_message.as_ref())?;
        }
        Ok(())
    }

    fn delete(&self, cluster: &Cluster) -> Result<()> {
        if self.topic.is_none() {
            bail!("--delete needs --topic");
        }
        let names = self.names_there(cluster)?;
        let by_name = |name: &String| DeleteTopicState {
            name: Some(name.as_str().into()),
            ..Default::default()
        };
        let request = DeleteTopicsRequest {
            topics: names.iter().map(by_name).collect(),
            topic_names: names.iter().map(|name| name.as_str().into()).collect(),
            timeout_ms: cluster.timeout_ms(),
        };
        for result in cluster.ask(Target::Controller, request)?.responses {
            checked(result.error_code, result.error_message.as_ref())?;
        }
        Ok(())
    }

    fn done(&self, text: &str, what: &str, topic: &str) {
        if self.connect.json {
            say!("{}", json!({ what: topic }));
        } else {
            say!("{text}");
        }
    }
}

type Settings = BTreeMap<String, String>;

fn print_topic(topic: &DescribeTopicPartitionsResponseTopic, settings: &Settings) {
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    say!(
        "Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {}\tConfigs: {}",
        topic.name.as_ref().map_or("", |name| name.as_str()),
        topic.topic_id,
        topic.partitions.len(),
        topic
            .partitions
            .first()
            .map_or(0, |partition| partition.replica_nodes.len()),
        settings.join(",")
    );
}

fn print_partition(topic: &str, partition: &DescribeTopicPartitionsResponsePartition) {
    let leader = match partition.leader_id {
        id if id < 0 => "none".to_owned(),
        id => id.to_string(),
    };
    let replicas = |ids: &Option<Vec<i32>>| ids.as_deref().map_or_else(|| "N/A".to_owned(), list);
    say!(
        "\tTopic: {topic}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}",
        partition.partition_index,
        list(&partition.replica_nodes),
        list(&partition.isr_nodes),
        replicas(&partition.eligible_leader_replicas),
        replicas(&partition.last_known_elr),
    );
}

fn topic_json(
    topic: &DescribeTopicPartitionsResponseTopic,
    settings: &Settings,
) -> serde_json::Value {
    let partitions = topic.partitions.iter().map(|partition| {
        json!({
            "partition": partition.partition_index,
            "leader": partition.leader_id,
            "leaderEpoch": partition.leader_epoch,
            "replicas": partition.replica_nodes,
            "isr": partition.isr_nodes,
        })
    });
    json!({
        "topic": topic.name.as_ref().map(|name| name.as_str()),
        "topicId": topic.topic_id.to_string(),
        "internal": topic.is_internal,
        "configs": settings,
        "partitions": partitions.collect::<Vec<_>>(),
    })
}

fn from_metadata(
    cluster: &Cluster,
    names: &[String],
) -> Result<Vec<DescribeTopicPartitionsResponseTopic>> {
    let topics = cluster
        .metadata(Some(names))?
        .topics
        .into_iter()
        .map(|topic| {
            let partitions = topic.partitions.into_iter().map(|partition| {
                DescribeTopicPartitionsResponsePartition {
                    error_code: partition.error_code,
                    partition_index: partition.partition_index,
                    leader_id: partition.leader_id,
                    leader_epoch: partition.leader_epoch,
                    replica_nodes: partition.replica_nodes,
                    isr_nodes: partition.isr_nodes,
                    offline_replicas: partition.offline_replicas,
                    ..Default::default()
                }
            });
            let mut partitions: Vec<_> = partitions.collect();
            partitions.sort_by_key(|partition| partition.partition_index);
            DescribeTopicPartitionsResponseTopic {
                error_code: topic.error_code,
                name: topic.name,
                topic_id: topic.topic_id,
                is_internal: topic.is_internal,
                partitions,
                ..Default::default()
            }
        });
    Ok(topics.collect())
}

fn list(ids: &[i32]) -> String {
    ids.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

/// `1:2,2:3`: a partition between commas, a broker between colons.
fn parse_assignment(text: &str) -> Result<Vec<CreatableReplicaAssignment>> {
    let partition = |(index, brokers): (usize, &str)| {
        let broker_ids = brokers
            .split(':')
            .map(|id| id.trim().parse::<i32>())
            .collect::<Result<Vec<_>, _>>()
            .with_context(|| {
                format!("--replica-assignment {text}: {brokers:?} is no list of brokers")
            })?;
        Ok(CreatableReplicaAssignment {
            partition_index: i32::try_from(index)?,
            broker_ids,
        })
    };
    text.split(',').enumerate().map(partition).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_names_the_brokers_of_each_partition() {
        let partitions = parse_assignment("1:2,2:3").unwrap();
        assert_eq!(partitions.len(), 2);
        assert_eq!(partitions[1].partition_index, 1);
        assert_eq!(partitions[1].broker_ids, [2, 3]);
        assert!(parse_assignment("1:x").is_err());
    }
}
