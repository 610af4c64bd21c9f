//! ListOffsets (key 2): where a partition begins and ends, and which record a time belongs to.
//!
//! * -1 latest: the high watermark, for read_committed (version 2 and later) the last stable offset; -2 earliest; -3 (KIP-734) the
//!   record with the largest timestamp; -4 earliest on local disk, which is the earliest; -5 and -6 speak of tiered
//!   storage, of which there is none: offset -1.
//! * A timestamp: the first record that is not older, or offset -1 and timestamp -1.
//! * Version 0 answers an array of at most `max_num_offsets` offsets, newest first.
//! * Unknown partitions are UNKNOWN_TOPIC_OR_PARTITION; leader epochs (version 4 and later) are checked.

use rdkafka_log::TimestampOffset;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopicResponse,
};

use super::{Reply, log_failure};
use crate::acl::Operation;
use crate::partition::{LEADER_EPOCH, Partition, check_leader_epoch};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::PartitionKey;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ListOffsetsRequest,
    _: Now,
) -> Reply<ListOffsetsResponse> {
    let version = context.ticket.version;
    let grants = shard.grants(context);
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let index = shard
            .topics
            .find_for(&grants, Operation::Describe, &topic.name);
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for wanted in &topic.partitions {
            let key = index.map(|topic| PartitionKey {
                topic,
                partition: wanted.partition_index,
            });
            let answer = key
                .and_then(|key| {
                    let found = shard.topics.partition_mut(key);
                    found.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
                })
                .and_then(|partition| find(partition, wanted, request.isolation_level, version));
            partitions.push(answer.unwrap_or_else(|code| ListOffsetsPartitionResponse {
                partition_index: wanted.partition_index,
                error_code: code.code(),
                ..ListOffsetsPartitionResponse::default()
            }));
        }
        topics.push(ListOffsetsTopicResponse {
            name: topic.name,
            partitions,
        });
    }
    Reply::Ready(ListOffsetsResponse {
        topics,
        ..ListOffsetsResponse::default()
    })
}

/// Timestamp, offset, leader epoch.
type Position = (i64, i64, i32);

const NOWHERE: Position = (-1, -1, -1);

fn find(
    partition: &mut Partition,
    wanted: &ListOffsetsPartition,
    isolation_level: i8,
    version: i16,
) -> Result<ListOffsetsPartitionResponse, ErrorCode> {
    check_leader_epoch(wanted.current_leader_epoch)?;
    let offsets = partition.offsets();
    let newest = if isolation_level == 1 {
        offsets.stable
    } else {
        offsets.high_watermark
    };
    let (timestamp, offset, leader_epoch) = match wanted.timestamp {
        LATEST => (-1, newest, LEADER_EPOCH),
        EARLIEST | EARLIEST_LOCAL => (-1, offsets.start, LEADER_EPOCH),
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => NOWHERE,
        MAX_TIMESTAMP => {
            let found = partition.offset_of_max_timestamp();
            let found = found.map_err(|error| log_failure("list offsets", &error))?;
            visible(found, newest)
        }
        timestamp => {
            let found = partition.offset_for_timestamp(timestamp);
            let found = found.map_err(|error| log_failure("list offsets", &error))?;
            visible(found, newest)
        }
    };
    let mut answer = ListOffsetsPartitionResponse {
        partition_index: wanted.partition_index,
        timestamp,
        offset,
        leader_epoch,
        ..ListOffsetsPartitionResponse::default()
    };
    if version == 0 {
        answer.old_style_offsets = old_style(wanted, offset, offsets.start);
    }
    Ok(answer)
}

/// A record, if readers may see it.
fn visible(found: Option<TimestampOffset>, newest: i64) -> Position {
    let visible = found.filter(|it| it.offset < newest);
    visible.map_or(NOWHERE, |it| (it.timestamp_ms, it.offset, it.leader_epoch))
}

/// The array of version 0: the offset that was asked for, then the start of the log, as many as are wanted.
fn old_style(wanted: &ListOffsetsPartition, offset: i64, start: i64) -> Vec<i64> {
    let mut found: Vec<i64> = [offset, start].into_iter().filter(|it| *it >= 0).collect();
    found.dedup();
    if wanted.timestamp == EARLIEST {
        found.truncate(1);
    }
    found.truncate(usize::try_from(wanted.max_num_offsets).unwrap_or(0));
    found
}

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;
