//! What is known of the cluster: nodes, controller, topics and who leads their partitions.
//!
//! Owns the cache; `refresh.rs` decides when it is asked for anew. Never forgets a leader epoch it has seen: an answer
//! from a broker that lags behind does not move a leader back. Driver thread.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::metadata::{
    MetadataResponse, MetadataResponsePartition, MetadataResponseTopic,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::io::{Endpoint, Moment, NodeId};

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
    /// Its partitions, by number without gaps. A topic with an error keeps the ones last seen for
    /// `topic.metadata.propagation.max.ms`.
    pub partitions: Vec<Partition>,
    /// Since when brokers say `error`.
    pub error_since: Option<Moment>,
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
        self.topic(topic)?
            .partitions
            .get(usize::try_from(partition).ok()?)
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

    /// A node that something else than metadata told of: a coordinator, a leader. Its rack stays what it was.
    pub(crate) fn add_node(&mut self, id: NodeId, endpoint: Endpoint) {
        let rack = self.nodes.remove(&id).and_then(|known| known.rack);
        self.nodes.insert(id, Node { id, endpoint, rack });
    }

    /// A broker said in passing who leads a partition now (KIP-951). False when that is no news.
    pub(crate) fn learn_leader(
        &mut self,
        topic: &str,
        partition: i32,
        leader: NodeId,
        leader_epoch: i32,
    ) -> bool {
        let index = usize::try_from(partition).ok();
        let known = self.topics.get_mut(topic).zip(index);
        let known = known.and_then(|(topic, index)| topic.partitions.get_mut(index));
        match known {
            Some(known) if leader_epoch > known.leader_epoch => {
                known.leader = Some(leader);
                known.leader_epoch = leader_epoch;
                true
            }
            _ => false,
        }
    }

    /// Take over what a broker says. A topic it says nothing about stays as it is.
    pub(crate) fn update(
        &mut self,
        response: &MetadataResponse,
        now: Moment,
        propagation: Duration,
    ) {
        let nodes = response.brokers.iter().filter_map(|broker| {
            let port = u16::try_from(broker.port).ok()?;
            let endpoint = Endpoint {
                host: broker.host.as_str().into(),
                port,
            };
            let id = NodeId(broker.node_id);
            let rack = broker.rack.as_ref().map(StrBytes::copy_out_of_frame);
            Some((id, Node { id, endpoint, rack }))
        });
        let nodes: HashMap<_, _> = nodes.collect();
        if !nodes.is_empty() {
            self.nodes = nodes;
        }
        self.controller = (response.controller_id >= 0).then_some(NodeId(response.controller_id));
        if let Some(cluster_id) = &response.cluster_id {
            self.cluster_id = Some(cluster_id.copy_out_of_frame());
        }
        for topic in &response.topics {
            let Some(name) = &topic.name else { continue };
            let old = self.topics.remove(name);
            let name = name.copy_out_of_frame();
            self.topics
                .insert(name, Topic::merge(old, topic, now, propagation));
        }
    }

    /// Forget topics that are not wanted any more.
    pub(crate) fn retain_topics(&mut self, is_wanted: impl Fn(&StrBytes) -> bool) {
        self.topics.retain(|name, _| is_wanted(name));
    }
}

impl Topic {
    fn merge(
        old: Option<Self>,
        new: &MetadataResponseTopic,
        now: Moment,
        propagation: Duration,
    ) -> Self {
        let error = ErrorCode(new.error_code);
        let (old_partitions, old_since) =
            old.map_or_else(Default::default, |old| (old.partitions, old.error_since));
        if error.is_error() {
            let since = old_since.unwrap_or(now);
            let is_stale = !error.is_retriable() || now.since(since) >= propagation;
            let partitions = if is_stale { Vec::new() } else { old_partitions };
            return Self {
                id: new.topic_id,
                error,
                partitions,
                error_since: Some(since),
            };
        }
        let mut partitions: Vec<_> = new.partitions.iter().collect();
        partitions.sort_by_key(|partition| partition.partition_index);
        let partitions = partitions
            .into_iter()
            .zip(0..)
            .take_while(|(partition, index)| partition.partition_index == *index)
            .zip(
                old_partitions
                    .into_iter()
                    .map(Some)
                    .chain(std::iter::repeat(None)),
            )
            .map(|((partition, _), old)| Partition::merge(old, partition))
            .collect();
        Self {
            id: new.topic_id,
            error,
            partitions,
            error_since: None,
        }
    }
}

impl Partition {
    fn merge(old: Option<Self>, new: &MetadataResponsePartition) -> Self {
        // A broker that has not heard of the newest leader must not take us back to the old one.
        if let Some(old) = old
            && new.leader_epoch >= 0
            && new.leader_epoch < old.leader_epoch
        {
            return old;
        }
        Self {
            leader: (new.leader_id >= 0).then_some(NodeId(new.leader_id)),
            leader_epoch: new.leader_epoch,
            error: ErrorCode(new.error_code),
            replicas: new.replica_nodes.clone(),
            isr: new.isr_nodes.clone(),
        }
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

impl ClusterMetadata {
    /// A broker's answer as the application sees it.
    pub(crate) fn new(
        response: &MetadataResponse,
        origin_name: String,
        origin: Option<NodeId>,
    ) -> Self {
        let brokers = response.brokers.iter().map(|broker| BrokerMetadata {
            id: broker.node_id,
            host: broker.host.copy_out_of_frame(),
            port: broker.port,
        });
        let topics = response.topics.iter().map(|topic| {
            let mut partitions: Vec<_> = topic
                .partitions
                .iter()
                .map(PartitionMetadata::new)
                .collect();
            partitions.sort_by_key(|partition| partition.id);
            TopicMetadata {
                name: topic
                    .name
                    .as_ref()
                    .map(StrBytes::copy_out_of_frame)
                    .unwrap_or_default(),
                error: ErrorCode(topic.error_code),
                partitions,
            }
        });
        Self {
            origin_id: origin.map_or(-1, |NodeId(id)| id),
            origin_name,
            cluster_id: response
                .cluster_id
                .as_ref()
                .map(StrBytes::copy_out_of_frame),
            controller_id: response.controller_id,
            brokers: brokers.collect(),
            topics: topics.collect(),
        }
    }
}

impl PartitionMetadata {
    fn new(partition: &MetadataResponsePartition) -> Self {
        Self {
            id: partition.partition_index,
            error: ErrorCode(partition.error_code),
            leader: partition.leader_id,
            replicas: partition.replica_nodes.clone(),
            isr: partition.isr_nodes.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(error: ErrorCode, leaders: &[(i32, i32)]) -> MetadataResponse {
        let partitions =
            leaders
                .iter()
                .zip(0..)
                .map(
                    |(&(leader_id, leader_epoch), partition_index)| MetadataResponsePartition {
                        partition_index,
                        leader_id,
                        leader_epoch,
                        ..Default::default()
                    },
                );
        MetadataResponse {
            topics: vec![MetadataResponseTopic {
                error_code: error.code(),
                name: Some("t".into()),
                partitions: partitions.collect(),
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    #[test]
    fn an_older_leader_epoch_does_not_move_a_leader_back() {
        let mut metadata = Metadata::default();
        let propagation = Duration::from_secs(30);
        metadata.update(
            &answer(ErrorCode::NONE, &[(1, 5), (1, 5)]),
            Moment(0),
            propagation,
        );
        metadata.update(
            &answer(ErrorCode::NONE, &[(2, 4), (2, 6)]),
            Moment(1),
            propagation,
        );
        assert_eq!(metadata.leader("t", 0), Some(NodeId(1)));
        assert_eq!(metadata.leader("t", 1), Some(NodeId(2)));
    }

    #[test]
    fn a_leader_told_in_passing_is_believed_when_its_epoch_is_newer() {
        let mut metadata = Metadata::default();
        metadata.update(
            &answer(ErrorCode::NONE, &[(1, 5)]),
            Moment(0),
            Duration::ZERO,
        );
        assert!(!metadata.learn_leader("t", 0, NodeId(2), 5));
        assert_eq!(metadata.leader("t", 0), Some(NodeId(1)));
        assert!(metadata.learn_leader("t", 0, NodeId(2), 6));
        assert_eq!(metadata.leader("t", 0), Some(NodeId(2)));
        assert!(!metadata.learn_leader("t", 7, NodeId(2), 9));
    }

    #[test]
    fn a_topic_that_vanishes_keeps_its_partitions_for_the_propagation_time() {
        let mut metadata = Metadata::default();
        let propagation = Duration::from_micros(100);
        metadata.update(&answer(ErrorCode::NONE, &[(1, 0)]), Moment(0), propagation);
        let gone = answer(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, &[]);
        metadata.update(&gone, Moment(10), propagation);
        assert_eq!(metadata.leader("t", 0), Some(NodeId(1)));
        metadata.update(&gone, Moment(110), propagation);
        assert_eq!(metadata.leader("t", 0), None);
    }
}
