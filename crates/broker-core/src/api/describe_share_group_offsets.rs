//! DescribeShareGroupOffsets (key 90): how far share groups are (KIP-932), and how far behind (version 1, KIP-1226).
//!
//! * Without topics: all partitions that the group has to do with. Where it has not begun the offset and the lag are -1; so it
//!   is for topics and groups that do not exist.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsRequestTopic, DescribeShareGroupOffsetsResponse,
    DescribeShareGroupOffsetsResponseGroup, DescribeShareGroupOffsetsResponsePartition,
    DescribeShareGroupOffsetsResponseTopic,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::Reply;
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::share_groups::state::PartitionId;
use crate::topics::Topic;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeShareGroupOffsetsRequest,
    _: Now,
) -> Reply<DescribeShareGroupOffsetsResponse> {
    let grants = shard.grants(context);
    let groups = request.groups.iter();
    let groups = groups.map(|group| describe(shard, group, &grants));
    Reply::Ready(DescribeShareGroupOffsetsResponse {
        groups: groups.collect(),
        ..DescribeShareGroupOffsetsResponse::default()
    })
}

fn describe(
    shard: &Shard,
    group: &DescribeShareGroupOffsetsRequestGroup,
    grants: &Grants,
) -> DescribeShareGroupOffsetsResponseGroup {
    let group_id = &group.group_id;
    if let Err(code) = grants.group(Operation::Describe, group_id) {
        return DescribeShareGroupOffsetsResponseGroup {
            group_id: group_id.clone(),
            error_code: code.code(),
            error_message: Some(code.text().into_owned().into()),
            ..DescribeShareGroupOffsetsResponseGroup::default()
        };
    }
    let topics = match &group.topics {
        Some(topics) => topics
            .iter()
            .map(|topic| {
                if let Err(code) = grants.topic(Operation::Describe, &topic.topic_name) {
                    return refused(topic, code);
                }
                let found = shard.topics.by_name(&topic.topic_name);
                let name = topic.topic_name.clone();
                of_topic(shard, group_id, (name, found), &topic.partitions)
            })
            .collect(),
        None => {
            let begun = shard.share.begun(group_id).into_iter();
            let begun = begun.filter_map(|(id, partitions)| {
                let topic = shard.topics.get(shard.topics.find_id(id)?)?;
                if !grants.sees_topic(&topic.name) {
                    return None;
                }
                let found = (topic.name.clone(), Some(topic));
                Some(of_topic(shard, group_id, found, &partitions))
            });
            begun.collect()
        }
    };
    DescribeShareGroupOffsetsResponseGroup {
        group_id: group_id.clone(),
        topics,
        ..DescribeShareGroupOffsetsResponseGroup::default()
    }
}

fn refused(
    topic: &DescribeShareGroupOffsetsRequestTopic,
    code: ErrorCode,
) -> DescribeShareGroupOffsetsResponseTopic {
    let partitions =
        topic
            .partitions
            .iter()
            .map(|partition| DescribeShareGroupOffsetsResponsePartition {
                partition_index: *partition,
                error_code: code.code(),
                error_message: Some(code.text().into_owned().into()),
                ..DescribeShareGroupOffsetsResponsePartition::default()
            });
    DescribeShareGroupOffsetsResponseTopic {
        topic_name: topic.topic_name.clone(),
        partitions: partitions.collect(),
        ..DescribeShareGroupOffsetsResponseTopic::default()
    }
}

fn of_topic(
    shard: &Shard,
    group_id: &StrBytes,
    (topic_name, topic): (StrBytes, Option<&Topic>),
    partitions: &[i32],
) -> DescribeShareGroupOffsetsResponseTopic {
    let topic_id = topic.map_or(Uuid::ZERO, |it| it.id);
    let partitions = partitions.iter().map(|partition| {
        let progress = shard.share.progress(&PartitionId {
            group: group_id.clone(),
            topic: topic_id,
            partition: *partition,
        });
        let log = topic.and_then(|it| it.partition(*partition));
        let lag = match log {
            Some(log) if progress.start_offset >= 0 && progress.complete >= 0 => {
                let left = log.offsets().high_watermark - progress.start_offset;
                left - i64::from(progress.complete)
            }
            _ => -1,
        };
        DescribeShareGroupOffsetsResponsePartition {
            partition_index: *partition,
            start_offset: progress.start_offset,
            leader_epoch: progress.leader_epoch,
            lag,
            ..DescribeShareGroupOffsetsResponsePartition::default()
        }
    });
    DescribeShareGroupOffsetsResponseTopic {
        topic_name,
        topic_id,
        partitions: partitions.collect(),
    }
}
