//! Streams groups (KIP-1071): instances of a Kafka Streams application that divide its tasks.

mod durable;
mod members;
mod rights;
mod tasks;
mod topology;

use std::collections::BTreeSet;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use rdkafka_wire::messages::metadata::MetadataRequest;
use rdkafka_wire::messages::streams_group_describe::{DescribedGroup, StreamsGroupDescribeRequest};
use rdkafka_wire::messages::streams_group_heartbeat::{
    Endpoint, KeyValue, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, Subtopology,
    TaskIds, TopicInfo, Topology,
};
use rdkafka_wire::types::StrBytes;

use crate::harness::Cluster;
use crate::topics::create_topic;

const STALE_TOPOLOGY: i8 = 0;
const MISSING_SOURCE_TOPICS: i8 = 1;
const INCORRECTLY_PARTITIONED_TOPICS: i8 = 2;
const MISSING_INTERNAL_TOPICS: i8 = 3;
const SHUTDOWN_APPLICATION: i8 = 4;
const ASSIGNMENT_DELAYED: i8 = 5;

/// Without what makes tests wait.
const AT_ONCE: [(&str, &str); 2] = [
    ("group.streams.initial.rebalance.delay.ms", "0"),
    ("group.streams.assignment.interval.ms", "0"),
];

type Set = BTreeSet<(StrBytes, i32)>;

fn set(subtopology: &str, partitions: std::ops::Range<i32>) -> Set {
    partitions.map(|it| (subtopology.into(), it)).collect()
}

/// A member of group `g` that does at once what it is told.
#[derive(Debug, Clone)]
struct Member {
    id: StrBytes,
    process: StrBytes,
    epoch: i32,
    topology: Topology,
    endpoint: Option<Endpoint>,
    endpoint_epoch: i32,
    active: Set,
    standby: Set,
}

impl Member {
    fn new(id: &str, process: &str) -> Self {
        Self {
            id: id.into(),
            process: process.into(),
            epoch: 0,
            topology: counting(),
            endpoint: None,
            endpoint_epoch: -1,
            active: Set::new(),
            standby: Set::new(),
        }
    }

    fn request(&self) -> StreamsGroupHeartbeatRequest {
        let joins = self.epoch == 0;
        let told = |tasks: &Set| (self.epoch >= 0).then(|| listed(tasks));
        StreamsGroupHeartbeatRequest {
            group_id: "g".into(),
            member_id: self.id.clone(),
            member_epoch: self.epoch,
            endpoint_information_epoch: self.endpoint_epoch,
            rebalance_timeout_ms: if joins { 60_000 } else { -1 },
            topology: joins.then(|| self.topology.clone()),
            active_tasks: told(&self.active),
            standby_tasks: told(&self.standby),
            warmup_tasks: told(&Set::new()),
            process_id: joins.then(|| self.process.clone()),
            user_endpoint: self.endpoint.clone().filter(|_| joins),
            ..StreamsGroupHeartbeatRequest::default()
        }
    }

    fn beat(&mut self, cluster: &mut Cluster) -> StreamsGroupHeartbeatResponse {
        let answer = cluster.call(0, &self.request());
        self.heed(&answer);
        answer
    }

    fn heed(&mut self, answer: &StreamsGroupHeartbeatResponse) {
        if answer.error_code != 0 {
            return;
        }
        self.epoch = answer.member_epoch;
        self.endpoint_epoch = answer.endpoint_information_epoch;
        if let Some(tasks) = &answer.active_tasks {
            self.active = tasks_of(tasks);
        }
        if let Some(tasks) = &answer.standby_tasks {
            self.standby = tasks_of(tasks);
        }
    }

    /// A heartbeat that must be refused.
    fn refusal(&self, cluster: &mut Cluster) -> ErrorCode {
        ErrorCode(cluster.call(0, &self.request()).error_code)
    }

    fn leave(&mut self, cluster: &mut Cluster) {
        self.epoch = -1;
        let answer = self.beat(cluster);
        assert_eq!((answer.error_code, answer.member_epoch), (0, -1));
    }
}

fn listed(tasks: &Set) -> Vec<TaskIds> {
    let tasks = tasks.iter().map(|(id, partition)| TaskIds {
        subtopology_id: id.clone(),
        partitions: vec![*partition],
    });
    tasks.collect()
}

fn tasks_of(listed: &[TaskIds]) -> Set {
    let tasks = listed.iter().flat_map(|it| {
        let id = &it.subtopology_id;
        it.partitions
            .iter()
            .map(|partition| (id.clone(), *partition))
    });
    tasks.collect()
}

fn statuses(answer: &StreamsGroupHeartbeatResponse) -> Vec<i8> {
    assert_eq!(answer.error_code, 0, "{answer:?}");
    let statuses = answer.status.iter().flatten();
    statuses.map(|it| it.status_code).collect()
}

/// All is well.
fn fine(answer: &StreamsGroupHeartbeatResponse) {
    let told = (answer.error_code, answer.status.as_deref());
    assert_eq!(told, (0, Some(&[][..])));
}

fn detail(answer: &StreamsGroupHeartbeatResponse) -> String {
    let statuses = answer.status.iter().flatten();
    statuses.map(|it| it.status_detail.to_string()).collect()
}

fn internal(name: &str, policy: &str) -> TopicInfo {
    TopicInfo {
        name: name.into(),
        topic_configs: vec![KeyValue {
            key: "cleanup.policy".into(),
            value: policy.into(),
        }],
        ..TopicInfo::default()
    }
}

/// Reads `in`, passes it on through `again`, and keeps counts in `counts`.
fn counting() -> Topology {
    let reads = Subtopology {
        subtopology_id: "0".into(),
        source_topics: vec!["in".into()],
        repartition_sink_topics: vec!["again".into()],
        ..Subtopology::default()
    };
    let counts = Subtopology {
        subtopology_id: "1".into(),
        repartition_source_topics: vec![internal("again", "delete")],
        state_changelog_topics: vec![internal("counts", "compact")],
        ..Subtopology::default()
    };
    Topology {
        epoch: 0,
        subtopologies: vec![reads, counts],
    }
}

/// A cluster with `in` of two partitions.
fn cluster(properties: &[(&str, &str)]) -> Cluster {
    let properties = [&AT_ONCE[..], properties].concat();
    let mut cluster = Cluster::with(&properties);
    create_topic(&mut cluster, "in", 2, &[]);
    cluster
}

/// A group of one member that has all of its tasks.
fn start(properties: &[(&str, &str)]) -> (Cluster, Member) {
    let mut cluster = cluster(properties);
    let mut member = Member::new("m1", "p1");
    assert_eq!(
        statuses(&member.beat(&mut cluster)),
        [MISSING_INTERNAL_TOPICS]
    );
    fine(&member.beat(&mut cluster));
    assert_eq!(member.active.len(), 4);
    (cluster, member)
}

/// Heartbeats of everybody until nothing changes any more.
fn settle(cluster: &mut Cluster, members: &mut [&mut Member]) {
    for _ in 0..10 {
        for member in members.iter_mut() {
            assert_eq!(member.beat(cluster).error_code, 0);
        }
    }
    assert_eq!(describe(cluster).group_state, "Stable");
}

fn describe(cluster: &mut Cluster) -> DescribedGroup {
    let request = StreamsGroupDescribeRequest {
        group_ids: vec!["g".into()],
        ..StreamsGroupDescribeRequest::default()
    };
    cluster.call(0, &request).groups.remove(0)
}

fn configure(cluster: &mut Cluster, name: &str, value: &str) -> i16 {
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: 32,
            resource_name: "g".into(),
            configs: vec![AlterableConfig {
                name: name.into(),
                config_operation: 0,
                value: Some(value.into()),
            }],
        }],
        ..IncrementalAlterConfigsRequest::default()
    };
    cluster.call(1, &request).responses[0].error_code
}

/// The topics there are, with their partitions.
fn topics(cluster: &mut Cluster) -> Vec<(String, usize)> {
    let everything = MetadataRequest {
        topics: None,
        ..MetadataRequest::default()
    };
    let topics = cluster.call(12, &everything).topics.into_iter();
    let topics = topics.filter(|it| !it.is_internal);
    topics
        .map(|it| (it.name.unwrap().to_string(), it.partitions.len()))
        .collect()
}
