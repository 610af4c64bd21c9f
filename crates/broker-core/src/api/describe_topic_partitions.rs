//! DescribeTopicPartitions (key 75): topics in pages, for admin clients.
//!
//! * Topics come by name; a page ends after `response_partition_limit` partitions (at most
//!   `max.request.partition.size.limit`) with a cursor at the first partition that is missing.
//! * No topics asked for is all topics. An unknown one is UNKNOWN_TOPIC_OR_PARTITION; nothing is created.

use rdkafka_wire::messages::describe_topic_partitions::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic, ResponseCursor,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::acl::grants::Grants;
use crate::acl::{Operation, ResourceType};
use crate::partition::LEADER_EPOCH;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeTopicPartitionsRequest,
    _: Now,
) -> Reply<DescribeTopicPartitionsResponse> {
    let limit = request
        .response_partition_limit
        .clamp(1, shard.config.max_request_partition_size_limit);
    let mut room = usize::try_from(limit).unwrap_or(1);
    let grants = shard.grants(context);
    let mut names: Vec<StrBytes> = if request.topics.is_empty() {
        let names = shard.topics.names();
        names
            .filter(|name| grants.sees_topic(name))
            .cloned()
            .collect()
    } else {
        request.topics.into_iter().map(|topic| topic.name).collect()
    };
    names.sort();
    names.dedup();
    let (first_name, first_partition) = request.cursor.map_or_else(Default::default, |cursor| {
        (cursor.topic_name, cursor.partition_index)
    });
    let mut answer = DescribeTopicPartitionsResponse::default();
    for name in names.into_iter().filter(|name| *name >= first_name) {
        let first = if name == first_name {
            first_partition
        } else {
            0
        };
        if room == 0 {
            answer.next_cursor = Some(ResponseCursor {
                topic_name: name,
                partition_index: first,
            });
            break;
        }
        let described = describe(shard, context, &grants, name, first, room);
        room -= described.partitions.len();
        let next = described
            .partitions
            .last()
            .map_or(first, |last| last.partition_index + 1);
        let is_cut = described
            .name
            .as_ref()
            .and_then(|name| shard.topics.by_name(name))
            .is_some_and(|topic| topic.partition(next).is_some());
        let cursor = described.name.clone().filter(|_| is_cut);
        answer.topics.push(described);
        if let Some(topic_name) = cursor {
            answer.next_cursor = Some(ResponseCursor {
                topic_name,
                partition_index: next,
            });
            break;
        }
    }
    Reply::Ready(answer)
}

fn describe(
    shard: &Shard,
    context: &RequestContext,
    grants: &Grants,
    name: StrBytes,
    first: i32,
    room: usize,
) -> DescribeTopicPartitionsResponseTopic {
    let found = shard.topics.by_name_for(grants, Operation::Describe, &name);
    let topic = match found {
        Ok(topic) => topic,
        Err(code) => {
            return DescribeTopicPartitionsResponseTopic {
                error_code: code.code(),
                name: Some(name),
                ..DescribeTopicPartitionsResponseTopic::default()
            };
        }
    };
    let wanted = topic.indexes().filter(|index| *index >= first).take(room);
    let partitions = wanted.map(|partition_index| {
        let leader_id = context.peer.endpoints.leader(partition_index).node_id;
        DescribeTopicPartitionsResponsePartition {
            partition_index,
            leader_id,
            leader_epoch: LEADER_EPOCH,
            replica_nodes: vec![leader_id],
            isr_nodes: vec![leader_id],
            eligible_leader_replicas: Some(Vec::new()),
            last_known_elr: Some(Vec::new()),
            ..DescribeTopicPartitionsResponsePartition::default()
        }
    });
    DescribeTopicPartitionsResponseTopic {
        topic_authorized_operations: grants.operations(ResourceType::Topic, &name),
        name: Some(name),
        topic_id: topic.id,
        is_internal: topic.is_internal(),
        partitions: partitions.collect(),
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}
