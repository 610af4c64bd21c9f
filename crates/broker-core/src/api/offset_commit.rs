//! OffsetCommit (key 8): where a group stands.
//!
//! * Each partition is checked for itself: an unknown one is UNKNOWN_TOPIC_OR_PARTITION (version 10 and later, by id:
//!   UNKNOWN_TOPIC_ID), metadata longer than `offset.metadata.max.bytes` OFFSET_METADATA_TOO_LARGE. What is left is
//!   committed as one batch, or refused as a whole with the group's reason (generation, member, rebalance).
//! * With an authorizer: GROUP_AUTHORIZATION_FAILED for all, TOPIC_AUTHORIZATION_FAILED topic by topic.
//! * Version 0 has no generation: a simple consumer. Version 1 carries the commit's time, versions 2-4 a retention time.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitResponse,
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::acl::Operation;
use crate::group::{Commit, CommittedOffset};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: OffsetCommitRequest,
    now: Now,
) -> Reply<OffsetCommitResponse> {
    let by_id = context.ticket.version >= TOPIC_IDS_FROM;
    let grants = shard.grants(context);
    let group = grants.group(Operation::Read, &request.group_id);
    let mut offsets = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let topics_now = &shard.topics;
        let index = group.and_then(|()| match by_id {
            true => topics_now.find_id_for(&grants, Operation::Read, topic.topic_id),
            false => topics_now.find_for(&grants, Operation::Read, &topic.name),
        });
        let found = index.and_then(|index| {
            let found = topics_now.get(index);
            found.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
        });
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for committed in topic.partitions {
            let partition_index = committed.partition_index;
            let metadata_len = committed
                .committed_metadata
                .as_ref()
                .map_or(0, |it| it.len());
            let code = match found {
                Err(code) => code,
                Ok(topic) if topic.partition(partition_index).is_none() => {
                    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
                }
                Ok(_)
                    if metadata_len
                        > usize::try_from(shard.config.offset_metadata_max_bytes).unwrap_or(0) =>
                {
                    ErrorCode::OFFSET_METADATA_TOO_LARGE
                }
                Ok(topic) => {
                    let value = committed_offset(committed, request.retention_time_ms, now);
                    offsets.push((topic.name.clone(), partition_index, value));
                    ErrorCode::NONE
                }
            };
            partitions.push(OffsetCommitResponsePartition {
                partition_index,
                error_code: code.code(),
            });
        }
        topics.push(OffsetCommitResponseTopic {
            name: topic.name,
            topic_id: topic.topic_id,
            partitions,
        });
    }
    let commit = Commit {
        group_id: request.group_id.copy_out_of_frame(),
        generation: request.generation_id_or_member_epoch,
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        knows_epochs: context.ticket.version >= EPOCHS_FROM,
        offsets,
    };
    let outcome = group.and_then(|()| match shard.share.has_group(&commit.group_id) {
        true => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        false => shard.with_groups(now, |groups, journal| groups.commit(commit, now, journal)),
    });
    if let Err(code) = outcome {
        let partitions = topics.iter_mut().flat_map(|topic| &mut topic.partitions);
        partitions
            .filter(|it| it.error_code == 0)
            .for_each(|it| it.error_code = code.code());
    }
    Reply::Ready(OffsetCommitResponse {
        topics,
        ..OffsetCommitResponse::default()
    })
}

fn committed_offset(
    committed: OffsetCommitRequestPartition,
    retention_ms: i64,
    now: Now,
) -> CommittedOffset {
    let stamped = Some(committed.commit_timestamp).filter(|at| *at >= 0);
    let expires = Some(retention_ms)
        .filter(|ms| *ms >= 0)
        .map(|ms| now.unix_ms.saturating_add(ms));
    CommittedOffset {
        offset: committed.committed_offset,
        leader_epoch: committed.committed_leader_epoch,
        metadata: committed
            .committed_metadata
            .map_or_else(StrBytes::default, |it| it.copy_out_of_frame()),
        commit_timestamp: stamped.unwrap_or(now.unix_ms),
        expire_timestamp: expires,
    }
}

const TOPIC_IDS_FROM: i16 = 10;
const EPOCHS_FROM: i16 = 9;
