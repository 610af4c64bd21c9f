//! What is known of the cluster: nodes, controller, topics and who leads their partitions.
//!
//! Owns the cache and decides when it is asked for anew: at once for a topic nobody asked for yet, soon (paced by
//! `topic.metadata.refresh.fast.interval.ms`) when something is wrong, and every `topic.metadata.refresh.interval.ms`.
//! Never forgets a leader epoch it has seen: an answer from a broker that lags behind does not move a leader back.
//! Driver thread.

use std::collections::HashMap;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::io::{Endpoint, NodeId};

/// The cache.
#[derive(Debug, Default)]
pub struct Metadata {
    nodes: HashMap<NodeId, Node>,
    topics: HashMap<StrBytes, Topic>,
    controller: Option<NodeId>,
    cluster_id: Option<StrBytes>,
}

/// A broker of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// Its rack.
    pub rack: Option<StrBytes>,
}

/// A topic as last described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its id, zero when the broker has none.
    pub id: Uuid,
    /// `NONE`, or why there are no partitions.
    pub error: ErrorCode,
    /// Its partitions, by number without gaps.
    pub partitions: Vec<Partition>,
}

/// A partition as last described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Who leads it now.
    pub leader: Option<NodeId>,
    /// The epoch of that leader; -1 when unknown.
    pub leader_epoch: i32,
    /// `NONE`, or what is wrong with it.
    pub error: ErrorCode,
    /// Who has a copy.
    pub replicas: Vec<i32>,
    /// Whose copy is in sync.
    pub isr: Vec<i32>,
}

impl Metadata {
    /// A topic, if anything (even an error) is known about it.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name)
    }

    /// All topics anything is known about, in no order.
    pub fn topics(&self) -> impl Iterator<Item = (&StrBytes, &Topic)> {
        self.topics.iter()
    }

    /// A partition, if the topic has it.
    #[must_use]
    pub fn partition(&self, topic: &str, partition: i32) -> Option<&Partition> {
        self.topic(topic)?.partitions.get(usize::try_from(partition).ok()?)
    }

    /// Who leads a partition.
    #[must_use]
    pub fn leader(&self, topic: &str, partition: i32) -> Option<NodeId> {
        self.partition(topic, partition)?.leader
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    /// All nodes, in no order.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The controller.
    #[must_use]
    pub fn controller(&self) -> Option<NodeId> {
        self.controller
    }

    /// The cluster's id.
    #[must_use]
    pub fn cluster_id(&self) -> Option<&StrBytes> {
        self.cluster_id.as_ref()
    }
}

/// The cluster as one broker described it: the answer to a metadata call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterMetadata {
    /// The broker that answered: its id, -1 for one that has not told it yet.
    pub origin_id: i32,
    /// Its name, `host:port/id`.
    pub origin_name: String,
    /// The cluster's id.
    pub cluster_id: Option<StrBytes>,
    /// The controller's id, -1 when unknown.
    pub controller_id: i32,
    /// The brokers.
    pub brokers: Vec<BrokerMetadata>,
    /// The topics.
    pub topics: Vec<TopicMetadata>,
}

/// A broker in [`ClusterMetadata`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerMetadata {
    /// Its id.
    pub id: i32,
    /// Its host.
    pub host: StrBytes,
    /// Its port.
    pub port: i32,
}

/// A topic in [`ClusterMetadata`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicMetadata {
    /// Its name.
    pub name: StrBytes,
    /// What is wrong with it.
    pub error: ErrorCode,
    /// Its partitions, by number.
    pub partitions: Vec<PartitionMetadata>,
}

/// A partition in [`TopicMetadata`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionMetadata {
    /// Its number.
    pub id: i32,
    /// What is wrong with it.
    pub error: ErrorCode,
    /// The leader's id, -1 for none.
    pub leader: i32,
    /// Who has a copy.
    pub replicas: Vec<i32>,
    /// Whose copy is in sync.
    pub isr: Vec<i32>,
}
