//! AlterShareGroupOffsets (key 91): has a share group without members go on elsewhere (KIP-932).
//!
//! * NON_EMPTY_GROUP while there are members; a group that does not exist comes to be; one of another type is GROUP_ID_NOT_FOUND.
//! * Topics and partitions that do not exist are UNKNOWN_TOPIC_OR_PARTITION; the others are changed all the same.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_share_group_offsets::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse,
    AlterShareGroupOffsetsResponsePartition, AlterShareGroupOffsetsResponseTopic,
};

use super::Reply;
use crate::acl::Operation;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::share_groups::TopicOffsets;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: AlterShareGroupOffsetsRequest,
    now: Now,
) -> Reply<AlterShareGroupOffsetsResponse> {
    let refuse = |code: ErrorCode| {
        Reply::Ready(AlterShareGroupOffsetsResponse {
            error_code: code.code(),
            error_message: Some(code.text().into_owned().into()),
            ..AlterShareGroupOffsetsResponse::default()
        })
    };
    let group_id = request.group_id.copy_out_of_frame();
    if group_id.is_empty() {
        return refuse(ErrorCode::INVALID_GROUP_ID);
    }
    if shard.groups.has_group(&group_id) {
        return refuse(ErrorCode::GROUP_ID_NOT_FOUND);
    }
    if let Err(code) = shard.share.check_idle(&group_id, true) {
        return refuse(code);
    }
    let grants = shard.grants(context);
    let mut offsets = Vec::new();
    let mut responses = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let found = shard
            .topics
            .by_name_for(&grants, Operation::Read, &topic.topic_name);
        let missing = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        let mut known = Vec::new();
        let partitions = topic.partitions.iter().map(|wanted| {
            let exists = found.is_ok_and(|it| it.partition(wanted.partition_index).is_some());
            let mut partition = AlterShareGroupOffsetsResponsePartition {
                partition_index: wanted.partition_index,
                ..AlterShareGroupOffsetsResponsePartition::default()
            };
            if exists {
                known.push((wanted.partition_index, wanted.start_offset));
            } else {
                let code = found.err().unwrap_or(missing);
                partition.error_code = code.code();
                partition.error_message = Some(code.text().into_owned().into());
            }
            partition
        });
        responses.push(AlterShareGroupOffsetsResponseTopic {
            partitions: partitions.collect(),
            topic_id: found.map(|it| it.id).unwrap_or_default(),
            topic_name: topic.topic_name,
        });
        if let Some(found) = found.ok().filter(|_| !known.is_empty()) {
            offsets.push(TopicOffsets {
                topic: found.id,
                name: found.name.clone(),
                partitions: known,
            });
        }
    }
    let outcome = shard.with_share(now, |share, journal| {
        share.alter_offsets(&group_id, &offsets, now, journal)
    });
    match outcome {
        Ok(()) => Reply::Ready(AlterShareGroupOffsetsResponse {
            responses,
            ..AlterShareGroupOffsetsResponse::default()
        }),
        Err(code) => refuse(code),
    }
}
