//! DeleteRecords (key 21): everything before an offset is gone.
//!
//! * -1 is the high watermark: everything. The answer is the new first offset; the start of a log never moves back.
//! * An offset above the high watermark is OFFSET_OUT_OF_RANGE; a topic that is compacted only and internal topics are
//!   POLICY_VIOLATION and INVALID_TOPIC_EXCEPTION. The new start survives a kill: it is stored before the answer.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsPartitionResult, DeleteRecordsRequest,
    DeleteRecordsResponse, DeleteRecordsTopicResult,
};

use super::{Reply, log_failure};
use crate::acl::Operation;
use crate::request::{Now, RequestContext};
use crate::shard::{Output, Shard};
use crate::topics::{PartitionKey, TopicIndex};

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DeleteRecordsRequest,
    _: Now,
) -> Reply<DeleteRecordsResponse> {
    let grants = shard.grants(context);
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let found = shard
            .topics
            .find_for(&grants, Operation::Delete, &topic.name)
            .and_then(|index| check_topic(shard, index).map(|()| index));
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for wanted in &topic.partitions {
            let outcome = found.and_then(|index| delete(shard, index, wanted));
            partitions.push(DeleteRecordsPartitionResult {
                partition_index: wanted.partition_index,
                low_watermark: outcome.unwrap_or(-1),
                error_code: outcome.map_or_else(|code| code.code(), |_| 0),
            });
        }
        topics.push(DeleteRecordsTopicResult {
            name: topic.name,
            partitions,
        });
    }
    Reply::Ready(DeleteRecordsResponse {
        topics,
        ..DeleteRecordsResponse::default()
    })
}

fn check_topic(shard: &Shard, index: TopicIndex) -> Result<(), ErrorCode> {
    let topic = shard
        .topics
        .get(index)
        .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    if topic.is_internal() {
        Err(ErrorCode::INVALID_TOPIC_EXCEPTION)
    } else if !topic.config.cleanup_policy.delete && topic.config.cleanup_policy.compact {
        Err(ErrorCode::POLICY_VIOLATION)
    } else {
        Ok(())
    }
}

fn delete(
    shard: &mut Shard,
    topic: TopicIndex,
    wanted: &DeleteRecordsPartition,
) -> Result<i64, ErrorCode> {
    let key = PartitionKey {
        topic,
        partition: wanted.partition_index,
    };
    let partition = shard
        .topics
        .partition_mut(key)
        .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let offsets = partition.offsets();
    let offset = match wanted.offset {
        EVERYTHING => offsets.high_watermark,
        other => other,
    };
    if offset < 0 || offset > offsets.high_watermark {
        return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    let Some(log) = partition.log_mut().filter(|_| offset > offsets.start) else {
        return Ok(offsets.start);
    };
    let deleted = log
        .delete_records(offset)
        .map_err(|error| log_failure("delete records", &error))?;
    // Before files go: a start in between must not take their absence for damage.
    shard
        .topics
        .checkpoint()
        .map_err(|error| log_failure("delete records", &error))?;
    let start = deleted.start_offset;
    shard.push_output(Output::Remove(deleted.cleanup));
    Ok(start)
}

const EVERYTHING: i64 = -1;
