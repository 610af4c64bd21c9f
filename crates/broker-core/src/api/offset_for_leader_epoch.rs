//! OffsetForLeaderEpoch (key 23): where a leader epoch ended, for clients that check whether their position still exists.
//!
//! * An epoch nobody had answers epoch -1 and offset -1 without an error.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    OffsetForLeaderTopicResult,
};

use super::Reply;
use crate::acl::Operation;
use crate::partition::check_leader_epoch;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: OffsetForLeaderEpochRequest,
    _: Now,
) -> Reply<OffsetForLeaderEpochResponse> {
    let grants = shard.grants(context);
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let found = shard
            .topics
            .by_name_for(&grants, Operation::Describe, &topic.topic);
        let partitions = topic.partitions.iter().map(|wanted| {
            let outcome = found
                .and_then(|topic| {
                    let found = topic.partition(wanted.partition);
                    found.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
                })
                .and_then(|partition| {
                    check_leader_epoch(wanted.current_leader_epoch)?;
                    Ok(partition.end_offset_for_epoch(wanted.leader_epoch))
                });
            let mut answer = EpochEndOffset {
                partition: wanted.partition,
                ..EpochEndOffset::default()
            };
            match outcome {
                Ok(Some((epoch, end))) => (answer.leader_epoch, answer.end_offset) = (epoch, end),
                Ok(None) => {}
                Err(code) => answer.error_code = code.code(),
            }
            answer
        });
        let partitions = partitions.collect();
        topics.push(OffsetForLeaderTopicResult {
            topic: topic.topic,
            partitions,
        });
    }
    Reply::Ready(OffsetForLeaderEpochResponse {
        topics,
        ..OffsetForLeaderEpochResponse::default()
    })
}
