//! How the scripted brokers answer, Fetch left aside.

use rdkafka_wire::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use rdkafka_wire::messages::consumer_group_heartbeat::{
    Assignment, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    ResponseTopicPartitions,
};
use rdkafka_wire::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use rdkafka_wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use rdkafka_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember,
};
use rdkafka_wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use rdkafka_wire::messages::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
};
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchResponse, OffsetFetchResponseGroup,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use rdkafka_wire::types::StrBytes;
use rdkafka_wire::{ApiKey, ErrorCode, Uuid};

use crate::broker::Broker;
use crate::fetch_answers::{name_of, topic_id};

pub(crate) fn api_versions() -> ApiVersionsResponse {
    let row = |key: &ApiKey| ApiVersion {
        api_key: key.code(),
        min_version: *key.versions().start(),
        max_version: *key.versions().end(),
    };
    ApiVersionsResponse {
        api_keys: ApiKey::ALL.iter().map(row).collect(),
        ..Default::default()
    }
}

pub(crate) fn metadata(broker: &mut Broker, request: MetadataRequest) -> MetadataResponse {
    let mut names: Vec<String> = match request.topics {
        Some(topics) => topics
            .into_iter()
            .map(|topic| {
                topic
                    .name
                    .map_or_else(|| name_of(topic.topic_id), String::from)
            })
            .collect(),
        None => broker.logs.keys().map(|(topic, _)| topic.clone()).collect(),
    };
    names.dedup();
    let topic = |name: String| {
        let count = broker
            .logs
            .keys()
            .filter(|(topic, _)| *topic == name)
            .count();
        let partitions = (0..count).map(|number| MetadataResponsePartition {
            partition_index: number.try_into().unwrap(),
            leader_id: broker.leader(&name, number.try_into().unwrap()).0,
            leader_epoch: broker.leader(&name, number.try_into().unwrap()).1,
            replica_nodes: vec![1],
            isr_nodes: vec![1],
            ..Default::default()
        });
        let error = if count == 0 {
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        } else {
            ErrorCode::NONE
        };
        MetadataResponseTopic {
            error_code: error.0,
            topic_id: topic_id(broker, &name),
            partitions: partitions.collect(),
            name: Some(name.clone().into()),
            ..Default::default()
        }
    };
    let node = MetadataResponseBroker {
        node_id: 1,
        host: "broker".into(),
        port: 9092,
        rack: None,
    };
    MetadataResponse {
        brokers: vec![
            node,
            MetadataResponseBroker {
                node_id: 2,
                host: "broker2".into(),
                port: 9092,
                rack: None,
            },
        ],
        controller_id: 1,
        topics: names.into_iter().map(topic).collect(),
        ..Default::default()
    }
}

pub(crate) fn find_coordinator(
    _: &mut Broker,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let found = |key| Coordinator {
        key,
        node_id: 1,
        host: "broker".into(),
        port: 9092,
        ..Default::default()
    };
    FindCoordinatorResponse {
        node_id: 1,
        host: "broker".into(),
        port: 9092,
        coordinators: request.coordinator_keys.into_iter().map(found).collect(),
        ..Default::default()
    }
}

pub(crate) fn join_group(broker: &mut Broker, request: JoinGroupRequest) -> JoinGroupResponse {
    let error = broker.error(ApiKey::JoinGroup);
    if error != ErrorCode::NONE {
        return JoinGroupResponse {
            error_code: error.0,
            ..Default::default()
        };
    }
    if request.member_id.is_empty() {
        return JoinGroupResponse {
            error_code: ErrorCode::MEMBER_ID_REQUIRED.0,
            member_id: format!("member-{}", broker.generation).into(),
            ..Default::default()
        };
    }
    broker.generation += 1;
    let protocol = request.protocols[0].clone();
    broker.member = Some((request.member_id.clone(), protocol.metadata.clone()));
    let member = JoinGroupResponseMember {
        member_id: request.member_id.clone(),
        metadata: protocol.metadata,
        ..Default::default()
    };
    JoinGroupResponse {
        generation_id: broker.generation,
        protocol_type: Some("consumer".into()),
        protocol_name: Some(protocol.name),
        leader: request.member_id.clone(),
        member_id: request.member_id,
        members: vec![member],
        ..Default::default()
    }
}

pub(crate) fn sync_group(broker: &mut Broker, request: SyncGroupRequest) -> SyncGroupResponse {
    let error = broker.error(ApiKey::SyncGroup);
    let assignment = request
        .assignments
        .into_iter()
        .next()
        .map(|member| member.assignment);
    SyncGroupResponse {
        error_code: error.0,
        assignment: assignment.unwrap_or_default(),
        ..Default::default()
    }
}

pub(crate) fn heartbeat(broker: &mut Broker, _: HeartbeatRequest) -> HeartbeatResponse {
    HeartbeatResponse {
        error_code: broker.error(ApiKey::Heartbeat).0,
        ..Default::default()
    }
}

pub(crate) fn leave_group(broker: &mut Broker, _: LeaveGroupRequest) -> LeaveGroupResponse {
    broker.member = None;
    LeaveGroupResponse::default()
}

/// Every answer of a member carries the target.
pub(crate) fn consumer_group_heartbeat(
    broker: &mut Broker,
    request: ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    let error = broker.error(ApiKey::ConsumerGroupHeartbeat);
    let epoch = request.member_epoch;
    if epoch == 0 {
        broker.generation += 1;
    }
    let topics = broker
        .target
        .iter()
        .map(|(topic, partitions)| ResponseTopicPartitions {
            topic_id: topic_id(broker, topic),
            partitions: partitions.clone(),
        });
    let assignment = Assignment {
        topic_partitions: topics.collect(),
    };
    let member_id = Some(request.member_id.clone());
    broker.beats.push(request);
    ConsumerGroupHeartbeatResponse {
        error_code: error.0,
        member_id,
        member_epoch: if epoch < 0 { epoch } else { broker.generation },
        heartbeat_interval_ms: 1000,
        assignment: (epoch >= 0).then_some(assignment),
        ..Default::default()
    }
}

pub(crate) fn list_offsets(
    broker: &mut Broker,
    request: ListOffsetsRequest,
) -> ListOffsetsResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic
            .partitions
            .iter()
            .map(|asked| ListOffsetsPartitionResponse {
                partition_index: asked.partition_index,
                error_code: broker.error(ApiKey::ListOffsets).0,
                offset: match asked.timestamp {
                    -2 => broker.start(&topic.name, asked.partition_index),
                    _ => broker.end(&topic.name, asked.partition_index),
                },
                ..Default::default()
            });
        ListOffsetsTopicResponse {
            partitions: partitions.collect(),
            name: topic.name.clone(),
        }
    });
    ListOffsetsResponse {
        topics: topics.collect(),
        ..Default::default()
    }
}

/// A topic that is named by id, or else by name.
fn called(id: Uuid, name: StrBytes) -> StrBytes {
    match id {
        Uuid::ZERO => name,
        id => name_of(id).into(),
    }
}

pub(crate) fn offset_fetch(
    broker: &mut Broker,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    let error = broker.error(ApiKey::OffsetFetch);
    let groups = request.groups.into_iter().map(|group| {
        let topics = group
            .topics
            .unwrap_or_default()
            .into_iter()
            .map(|mut topic| {
                topic.name = called(topic.topic_id, topic.name);
                let partitions = topic.partition_indexes.iter().map(|partition| {
                    let known = broker.committed.get(&(topic.name.to_string(), *partition));
                    let epoch = broker
                        .committed_epochs
                        .get(&(topic.name.to_string(), *partition));
                    OffsetFetchResponsePartitions {
                        committed_leader_epoch: epoch.copied().unwrap_or(-1),
                        partition_index: *partition,
                        committed_offset: known.copied().unwrap_or(-1),
                        ..Default::default()
                    }
                });
                let partitions = partitions.collect();
                OffsetFetchResponseTopics {
                    name: topic.name,
                    topic_id: topic.topic_id,
                    partitions,
                }
            });
        OffsetFetchResponseGroup {
            topics: topics.collect(),
            group_id: group.group_id,
            error_code: error.0,
        }
    });
    OffsetFetchResponse {
        groups: groups.collect(),
        ..Default::default()
    }
}

pub(crate) fn offset_commit(
    broker: &mut Broker,
    request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    let error = broker.error(ApiKey::OffsetCommit);
    broker
        .commit_generations
        .push(request.generation_id_or_member_epoch);
    broker.commits.push(request.clone());
    let topics = request.topics.into_iter().map(|mut topic| {
        topic.name = called(topic.topic_id, topic.name);
        let partitions = topic.partitions.iter().map(|asked| {
            if error == ErrorCode::NONE {
                let key = (topic.name.to_string(), asked.partition_index);
                broker
                    .committed_epochs
                    .insert(key.clone(), asked.committed_leader_epoch);
                let offset = asked.committed_offset;
                let before = broker.committed.insert(key, offset);
                if let Some(before) = before.filter(|before| *before > offset) {
                    broker.went_back.push((before, offset));
                }
            }
            OffsetCommitResponsePartition {
                partition_index: asked.partition_index,
                error_code: error.0,
            }
        });
        let partitions = partitions.collect();
        OffsetCommitResponseTopic {
            name: topic.name,
            topic_id: topic.topic_id,
            partitions,
        }
    });
    OffsetCommitResponse {
        topics: topics.collect(),
        ..Default::default()
    }
}
