//! OffsetFetch (key 9): where groups stand.
//!
//! * A partition without a committed offset, and a group that does not exist, answer offset -1 without an error.
//! * No list of topics (null, version 2 and later): every partition the group committed.
//! * Versions 0-7 ask about one group, from 8 on about many. Version 10 names topics by id (UNKNOWN_TOPIC_ID).
//! * From version 9 on a member of the next-generation protocol says its epoch: UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH.
//! * `require_stable` (version 7 and later): an offset that an open transaction may move is UNSTABLE_OFFSET_COMMIT.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::Reply;
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::group::CommittedOffset;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: OffsetFetchRequest,
    _: Now,
) -> Reply<OffsetFetchResponse> {
    let version = context.ticket.version;
    let grants = shard.grants(context);
    if version >= MANY_GROUPS_FROM {
        let groups = request
            .groups
            .into_iter()
            .map(|group| fetch(shard, group, &grants, version, request.require_stable))
            .collect();
        return Reply::Ready(OffsetFetchResponse {
            groups,
            ..OffsetFetchResponse::default()
        });
    }
    let topics = request.topics.map(|topics| {
        let topics = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
            name: topic.name,
            topic_id: Uuid::ZERO,
            partition_indexes: topic.partition_indexes,
        });
        topics.collect()
    });
    let group = OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics,
        ..OffsetFetchRequestGroup::default()
    };
    if let Err(code) = grants.group(Operation::Describe, &group.group_id) {
        return Reply::Ready(refused_group(group, code, version));
    }
    let answer = fetch(shard, group, &grants, version, request.require_stable);
    let topics = answer
        .topics
        .into_iter()
        .map(|topic| OffsetFetchResponseTopic {
            name: topic.name,
            partitions: topic
                .partitions
                .into_iter()
                .map(one_group_partition)
                .collect(),
        });
    Reply::Ready(OffsetFetchResponse {
        topics: topics.collect(),
        ..OffsetFetchResponse::default()
    })
}

/// The answer of a version that asks about one group, which may not be seen: versions 0 and 1 have no place for it but
/// the partitions.
fn refused_group(
    group: OffsetFetchRequestGroup,
    code: ErrorCode,
    version: i16,
) -> OffsetFetchResponse {
    let topics = group.topics.into_iter().flatten().filter(|_| version < 2);
    let topics = topics.map(|topic| OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic
            .partition_indexes
            .iter()
            .map(|index| one_group_partition(refused(*index, code)))
            .collect(),
    });
    OffsetFetchResponse {
        topics: topics.collect(),
        error_code: code.code(),
        ..OffsetFetchResponse::default()
    }
}

fn one_group_partition(partition: OffsetFetchResponsePartitions) -> OffsetFetchResponsePartition {
    OffsetFetchResponsePartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    }
}

fn fetch(
    shard: &Shard,
    group: OffsetFetchRequestGroup,
    grants: &Grants,
    version: i16,
    requires_stable: bool,
) -> OffsetFetchResponseGroup {
    let unstable = |topic: &str, partition: i32| {
        requires_stable && shard.groups.is_unstable(&group.group_id, topic, partition)
    };
    let reader = group.member_id.as_deref();
    let checked = grants.group(Operation::Describe, &group.group_id);
    if let Err(code) = checked.and_then(|()| {
        let groups = &shard.groups;
        groups.check_reader(&group.group_id, reader, group.member_epoch)
    }) {
        return OffsetFetchResponseGroup {
            group_id: group.group_id,
            topics: Vec::new(),
            error_code: code.code(),
        };
    }
    let offsets = shard.groups.offsets(&group.group_id);
    let topics = match group.topics {
        None => offsets.map_or_else(Vec::new, |offsets| {
            let topics = offsets
                .topics()
                .filter(|(name, _)| grants.sees_topic(name))
                .map(|(name, partitions)| OffsetFetchResponseTopics {
                    name: name.clone(),
                    topic_id: shard
                        .topics
                        .by_name(name)
                        .map_or(Uuid::ZERO, |topic| topic.id),
                    partitions: partitions
                        .iter()
                        .map(|(index, offset)| match unstable(name, *index) {
                            true => refused(*index, ErrorCode::UNSTABLE_OFFSET_COMMIT),
                            false => found(*index, Some(offset)),
                        })
                        .collect(),
                });
            topics.collect()
        }),
        Some(topics) => {
            let topics = topics.into_iter().map(|topic| {
                let name = name_of(shard, &topic, grants, version);
                let partitions = topic.partition_indexes.iter().map(|index| match &name {
                    Ok(name) if unstable(name, *index) => {
                        refused(*index, ErrorCode::UNSTABLE_OFFSET_COMMIT)
                    }
                    Ok(name) => found(
                        *index,
                        offsets.and_then(|offsets| offsets.get(name, *index)),
                    ),
                    Err(code) => refused(*index, *code),
                });
                OffsetFetchResponseTopics {
                    partitions: partitions.collect(),
                    topic_id: topic.topic_id,
                    name: topic.name,
                }
            });
            topics.collect()
        }
    };
    OffsetFetchResponseGroup {
        group_id: group.group_id,
        topics,
        error_code: 0,
    }
}

/// The name of a topic in a request of any version.
fn name_of(
    shard: &Shard,
    topic: &OffsetFetchRequestTopics,
    grants: &Grants,
    version: i16,
) -> Result<StrBytes, ErrorCode> {
    if version < TOPIC_IDS_FROM {
        grants.topic(Operation::Describe, &topic.name)?;
        return Ok(topic.name.clone());
    }
    let topics = &shard.topics;
    let index = topics.find_id_for(grants, Operation::Describe, topic.topic_id)?;
    let found = topics.get(index).ok_or(ErrorCode::UNKNOWN_TOPIC_ID)?;
    Ok(found.name.clone())
}

fn found(partition_index: i32, offset: Option<&CommittedOffset>) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index,
        committed_offset: offset.map_or(-1, |it| it.offset),
        committed_leader_epoch: offset.map_or(-1, |it| it.leader_epoch),
        metadata: Some(offset.map_or_else(StrBytes::default, |it| it.metadata.clone())),
        error_code: 0,
    }
}

fn refused(partition_index: i32, code: ErrorCode) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        error_code: code.code(),
        ..found(partition_index, None)
    }
}

const MANY_GROUPS_FROM: i16 = 8;
const TOPIC_IDS_FROM: i16 = 10;
