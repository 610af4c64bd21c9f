//! Share groups (KIP-932): members that divide the records of partitions among themselves.

mod members;
mod offsets;
mod power_cut;
mod records;
mod sessions;

use crate::harness::{Cluster, Sent, batch};
use crate::topics::create_topic;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
};
use rdkafka_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use rdkafka_wire::messages::share_acknowledge::{
    AcknowledgePartition, AcknowledgeTopic, ShareAcknowledgeRequest, ShareAcknowledgeResponse,
};
use rdkafka_wire::messages::share_fetch::{
    AcknowledgementBatch, FetchPartition, FetchTopic, PartitionData, ShareFetchRequest,
    ShareFetchResponse,
};
use rdkafka_wire::messages::share_group_describe::{DescribedGroup, ShareGroupDescribeRequest};
use rdkafka_wire::messages::share_group_heartbeat::{
    ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse,
};
use rdkafka_wire::types::{StrBytes, Uuid};

const ACCEPT: i8 = 1;
const RELEASE: i8 = 2;
const REJECT: i8 = 3;
const RENEW: i8 = 4;
const GAP: i8 = 0;
const LOCK_MS: u64 = 30_000;
const MAX_WAIT_MS: i32 = 500;

/// A member of group `g` on a connection of its own.
#[derive(Debug, Clone)]
struct Member {
    id: StrBytes,
    connection: u64,
    epoch: i32,
    session_epoch: i32,
    topic: Uuid,
    partitions: Vec<i32>,
    max_records: i32,
    mode: i8,
}

/// What one partition's answer says: which records the member has, and how often they were delivered.
type Got = Vec<(i64, i64, i16)>;

impl Member {
    fn new(id: &str, connection: u64, topic: Uuid) -> Self {
        Self {
            id: id.into(),
            connection,
            epoch: 0,
            session_epoch: 0,
            topic,
            partitions: vec![0],
            max_records: 500,
            mode: 0,
        }
    }

    fn beat(&mut self, cluster: &mut Cluster) -> ShareGroupHeartbeatResponse {
        let request = ShareGroupHeartbeatRequest {
            member_epoch: self.epoch,
            ..heartbeat("g", &self.id, "t")
        };
        let answer = cluster.call(1, &request);
        if answer.error_code == 0 {
            self.epoch = answer.member_epoch;
        }
        answer
    }

    fn fetch_request(&self, acks: &[AcknowledgementBatch]) -> ShareFetchRequest {
        let partitions = self.partitions.iter().map(|it| FetchPartition {
            partition_index: *it,
            acknowledgement_batches: if *it == self.partitions[0] {
                acks.to_vec()
            } else {
                Vec::new()
            },
        });
        ShareFetchRequest {
            group_id: Some("g".into()),
            member_id: Some(self.id.clone()),
            share_session_epoch: self.session_epoch,
            max_wait_ms: 0,
            min_bytes: 1,
            max_bytes: 1 << 20,
            max_records: self.max_records,
            batch_size: self.max_records,
            share_acquire_mode: self.mode,
            topics: vec![FetchTopic {
                topic_id: self.topic,
                partitions: partitions.collect(),
            }],
            ..ShareFetchRequest::default()
        }
    }

    fn send(&mut self, cluster: &mut Cluster, request: &ShareFetchRequest) -> Sent {
        if request.share_session_epoch >= 0 {
            self.session_epoch = request.share_session_epoch + 1;
        }
        cluster.send(self.connection, 2, request)
    }

    fn fetch_with(
        &mut self,
        cluster: &mut Cluster,
        acks: &[AcknowledgementBatch],
    ) -> ShareFetchResponse {
        let request = self.fetch_request(acks);
        let sent = self.send(cluster, &request);
        cluster.answer::<ShareFetchRequest>(sent).unwrap()
    }

    /// Fetches without waiting.
    fn fetch(&mut self, cluster: &mut Cluster) -> Got {
        got(&self.fetch_with(cluster, &[]))
    }

    /// A fetch that waits.
    fn fetch_later(&mut self, cluster: &mut Cluster) -> Sent {
        let request = ShareFetchRequest {
            max_wait_ms: MAX_WAIT_MS,
            ..self.fetch_request(&[])
        };
        self.send(cluster, &request)
    }

    fn acknowledge_request(&self, batches: &[AcknowledgementBatch]) -> ShareAcknowledgeRequest {
        ShareAcknowledgeRequest {
            group_id: Some("g".into()),
            member_id: Some(self.id.clone()),
            share_session_epoch: self.session_epoch,
            is_renew_ack: batches
                .iter()
                .any(|it| it.acknowledge_types.contains(&RENEW)),
            topics: vec![AcknowledgeTopic {
                topic_id: self.topic,
                partitions: vec![AcknowledgePartition {
                    partition_index: self.partitions[0],
                    acknowledgement_batches: batches.to_vec(),
                }],
            }],
        }
    }

    fn acknowledge(
        &mut self,
        cluster: &mut Cluster,
        batches: &[AcknowledgementBatch],
    ) -> ShareAcknowledgeResponse {
        let request = self.acknowledge_request(batches);
        self.session_epoch += 1;
        let sent = cluster.send(self.connection, 2, &request);
        cluster.answer::<ShareAcknowledgeRequest>(sent).unwrap()
    }

    /// Says one thing of a range of records.
    fn say(&mut self, cluster: &mut Cluster, first: i64, last: i64, kind: i8) -> ErrorCode {
        let answer = self.acknowledge(cluster, &[ack(first, last, &[kind])]);
        assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
        ErrorCode(answer.responses[0].partitions[0].error_code)
    }
}

fn heartbeat(group: &str, member: &str, topic: &str) -> ShareGroupHeartbeatRequest {
    ShareGroupHeartbeatRequest {
        group_id: group.into(),
        member_id: member.into(),
        member_epoch: 0,
        rack_id: None,
        subscribed_topic_names: Some(vec![topic.into()]),
    }
}

fn ack(first: i64, last: i64, kinds: &[i8]) -> AcknowledgementBatch {
    AcknowledgementBatch {
        first_offset: first,
        last_offset: last,
        acknowledge_types: kinds.to_vec(),
    }
}

fn partition(answer: &ShareFetchResponse) -> Option<&PartitionData> {
    answer.responses.first()?.partitions.first()
}

fn got(answer: &ShareFetchResponse) -> Got {
    assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
    let acquired = partition(answer).map_or(&[][..], |it| &it.acquired_records);
    let acquired = acquired.iter();
    acquired
        .map(|it| (it.first_offset, it.last_offset, it.delivery_count))
        .collect()
}

/// A cluster with a topic `t` of one partition, whose group `g` begins at its start and has one member.
fn start(properties: &[(&str, &str)]) -> (Cluster, Member) {
    let mut cluster = Cluster::with(properties);
    create_topic(&mut cluster, "t", 1, &[]);
    configure(&mut cluster, "share.auto.offset.reset", "earliest");
    let topic = cluster.topic("t").topic_id;
    let mut member = Member::new("m1", 1, topic);
    assert_eq!(member.beat(&mut cluster).error_code, 0);
    (cluster, member)
}

fn configuration(name: &str, value: &str) -> IncrementalAlterConfigsRequest {
    let config = AlterableConfig {
        name: name.into(),
        config_operation: 0,
        value: Some(value.into()),
    };
    IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: 32,
            resource_name: "g".into(),
            configs: vec![config],
        }],
        validate_only: false,
    }
}

fn configure(cluster: &mut Cluster, name: &str, value: &str) {
    let answer = cluster.call(1, &configuration(name, value));
    let answer = &answer.responses[0];
    assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
}

/// A member that joins beside another.
fn another(cluster: &mut Cluster, first: &Member, id: &str, connection: u64) -> Member {
    let mut member = Member::new(id, connection, first.topic);
    assert_eq!(member.beat(cluster).error_code, 0);
    member
}

/// Produces a batch of so many records.
fn produce(cluster: &mut Cluster, count: usize) {
    let values = vec!["value"; count];
    assert_eq!(cluster.produce("t", batch(&values)).error_code, 0);
}

fn describe(cluster: &mut Cluster) -> DescribedGroup {
    let request = ShareGroupDescribeRequest {
        group_ids: vec!["g".into()],
        include_authorized_operations: false,
    };
    cluster.call(1, &request).groups.remove(0)
}

/// Start offset and lag of partition 0.
fn progress(cluster: &mut Cluster) -> Option<(i64, i64)> {
    let request = DescribeShareGroupOffsetsRequest {
        groups: vec![DescribeShareGroupOffsetsRequestGroup {
            group_id: "g".into(),
            topics: None,
        }],
    };
    let answer = cluster.call(1, &request).groups.remove(0);
    assert_eq!(answer.error_code, 0);
    let partition = answer.topics.first()?.partitions.first()?;
    Some((partition.start_offset, partition.lag))
}
