//! OffsetDelete (key 47): forgets committed offsets of single partitions (KIP-496).
//!
//! * A group that does not exist is GROUP_ID_NOT_FOUND. A group with members may lose offsets of topics that no member is
//!   subscribed to, others are GROUP_SUBSCRIBED_TO_TOPIC; if its members are no consumers it is NON_EMPTY_GROUP.
//! * An unknown partition is UNKNOWN_TOPIC_OR_PARTITION; one without an offset is no error.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
};

use super::Reply;
use crate::acl::Operation;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: OffsetDeleteRequest,
    now: Now,
) -> Reply<OffsetDeleteResponse> {
    let grants = shard.grants(context);
    let mut wanted = Vec::new();
    let mut denied = Vec::new();
    for topic in &request.topics {
        let found = shard
            .topics
            .by_name_for(&grants, Operation::Read, &topic.name);
        if found.is_err_and(|code| code == ErrorCode::TOPIC_AUTHORIZATION_FAILED) {
            denied.push(topic.name.clone());
        }
        for partition in &topic.partitions {
            if found.is_ok_and(|it| it.partition(partition.partition_index).is_some()) {
                wanted.push((topic.name.clone(), partition.partition_index));
            }
        }
    }
    let outcome = shard.with_groups(now, |groups, journal| {
        groups.delete_offsets(&request.group_id, &wanted, now, journal)
    });
    let subscribed = match outcome {
        Ok(subscribed) => subscribed,
        Err(code) => {
            return Reply::Ready(OffsetDeleteResponse {
                error_code: code.code(),
                ..OffsetDeleteResponse::default()
            });
        }
    };
    let topics = request.topics.into_iter().map(|topic| {
        let code = |index: i32| {
            if denied.contains(&topic.name) {
                ErrorCode::TOPIC_AUTHORIZATION_FAILED
            } else if !wanted.contains(&(topic.name.clone(), index)) {
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            } else if subscribed.contains(&topic.name) {
                ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC
            } else {
                ErrorCode::NONE
            }
        };
        let partitions = topic
            .partitions
            .iter()
            .map(|partition| OffsetDeleteResponsePartition {
                partition_index: partition.partition_index,
                error_code: code(partition.partition_index).code(),
            });
        OffsetDeleteResponseTopic {
            partitions: partitions.collect(),
            name: topic.name,
        }
    });
    Reply::Ready(OffsetDeleteResponse {
        topics: topics.collect(),
        ..OffsetDeleteResponse::default()
    })
}
