//! Whether an offset is still what it was, after another replica became the leader (KIP-320).
//!
//! An unclean election may cut a log off and write other records at the same offsets. Each position knows which leader
//! epoch wrote the record before it; a new leader is asked where that epoch ends in its log. When it ends before the
//! position, records the application has read are gone: it goes on at that end, or as `auto.offset.reset` says.
//! Owns no state but what is marked on the partitions. Driver thread.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use rdkafka_wire::types::StrBytes;

use super::assignment::{Partition, Partitions, Phase};
use super::io::Reply;
use super::{emit, start_offset};
use crate::conf::{DebugContexts, OffsetReset};
use crate::context::Cx;
use crate::io::{Lane, Moment, NodeId, TopicPartition};
use crate::request::{RequestError, Response};

/// How long to wait before a question that was not answered is asked again, as librdkafka does.
const PAUSE: Duration = Duration::from_millis(500);
/// Who asks: not a replica.
const CONSUMER: i32 = -1;

/// The partitions a question was about, each with the version that asked.
type Asked = Vec<(TopicPartition, u32)>;

/// Asks what can be asked. Returns when to look again, if time alone can change something.
pub(crate) fn work(partitions: &mut Partitions, cx: &mut Cx<'_>) -> Option<Moment> {
    let mut look_again: Option<Moment> = None;
    let mut of_nodes: BTreeMap<NodeId, Asked> = BTreeMap::new();
    for (id, partition) in partitions.iter_mut() {
        let known = cx.metadata().partition(&id.topic, id.partition);
        if let Some(known) = known {
            partition.saw_leader_epoch(known.leader_epoch);
        }
        if partition.phase != Phase::NeedValidation || partition.is_asking || partition.is_revoked {
            continue;
        }
        if partition.not_before > cx.now.mono {
            let at = partition.not_before;
            look_again = Some(look_again.map_or(at, |earlier| earlier.min(at)));
            continue;
        }
        if let Some(leader) = known.and_then(|known| known.leader) {
            partition.is_asking = true;
            let asked = (id.clone(), partition.version());
            of_nodes.entry(leader).or_default().push(asked);
        }
    }
    for (node, asked) in of_nodes {
        ask(node, asked, partitions, cx);
    }
    look_again
}

fn ask(node: NodeId, asked: Asked, partitions: &Partitions, cx: &mut Cx<'_>) {
    let mut topics: BTreeMap<&StrBytes, Vec<OffsetForLeaderPartition>> = BTreeMap::new();
    for (id, _) in &asked {
        let Some(partition) = partitions.get(id) else {
            continue;
        };
        let question = OffsetForLeaderPartition {
            partition: id.partition,
            current_leader_epoch: partition.leader_epoch,
            leader_epoch: partition.epoch,
        };
        topics.entry(&id.topic).or_default().push(question);
    }
    let topics = topics
        .into_iter()
        .map(|(topic, partitions)| OffsetForLeaderTopic {
            topic: topic.clone(),
            partitions,
        });
    let request = OffsetForLeaderEpochRequest {
        replica_id: CONSUMER,
        topics: topics.collect(),
    };
    cx.debug(DebugContexts::FETCH, "VALIDATE", || {
        let count = asked.len();
        format!(
            "Asking broker {} for ends of epochs of {count} partitions",
            node.0
        )
    });
    let timeout = Duration::from_millis(cx.conf().socket.timeout_ms.into());
    let reply = Reply::EndOfEpochs(node, asked);
    cx.send(node, Lane::Main, request, reply, timeout);
}

/// Answer to `Reply::EndOfEpochs`.
pub(crate) fn answered(
    node: NodeId,
    asked: Asked,
    result: Result<Response, RequestError>,
    partitions: &mut Partitions,
    cx: &mut Cx<'_>,
) {
    let mut ends: BTreeMap<TopicPartition, (ErrorCode, End)> = BTreeMap::new();
    let mut missing = ErrorCode::_BAD_MSG;
    match result {
        Ok(Response::OffsetForLeaderEpoch(response)) => {
            for topic in response.topics {
                for answer in topic.partitions {
                    let id = TopicPartition {
                        topic: topic.topic.clone(),
                        partition: answer.partition,
                    };
                    let end = End {
                        offset: answer.end_offset,
                        epoch: answer.leader_epoch,
                    };
                    ends.insert(id, (ErrorCode(answer.error_code), end));
                }
            }
        }
        Ok(_) => {}
        Err(error) => missing = error.code(),
    }
    for (id, version) in asked {
        let Some(partition) = partitions.current_mut(&id, version) else {
            continue;
        };
        partition.is_asking = false;
        if partition.phase != Phase::NeedValidation {
            continue;
        }
        match ends.get(&id).copied().unwrap_or((missing, End::NONE)) {
            (ErrorCode::NONE, end) => compare(&id, partition, end, node, cx),
            // Brokers before Kafka 2.1 cannot tell.
            (ErrorCode::_UNSUPPORTED_FEATURE, _) => partition.phase = Phase::Fetching,
            (code, _) => {
                partition.not_before = cx.now.mono + PAUSE;
                cx.debug(DebugContexts::FETCH, "OFFSETVALID", || {
                    let (topic, partition, code) = (&id.topic, id.partition, code.text());
                    format!("{topic} [{partition}]: OffsetForLeaderEpoch failed: {code}")
                });
                cx.refresh_metadata("a leader did not say where an epoch ends");
            }
        }
    }
}

/// Where an epoch ends in the leader's log.
#[derive(Debug, Clone, Copy)]
struct End {
    offset: i64,
    epoch: i32,
}

impl End {
    const NONE: Self = Self {
        offset: -1,
        epoch: -1,
    };
}

fn compare(
    id: &TopicPartition,
    partition: &mut Partition,
    end: End,
    node: NodeId,
    cx: &mut Cx<'_>,
) {
    let code = ErrorCode::_LOG_TRUNCATION;
    let (offset, epoch) = (partition.offset, partition.epoch);
    let place = format!("offset {offset} (leader epoch {epoch})");
    let told = format!(
        "broker end offset is {} (offset leader epoch {})",
        end.offset, end.epoch
    );
    if end.offset < 0 || end.epoch < 0 {
        let why = format!(
            "No epoch found less or equal to {place}: {told}. Reset using configured policy."
        );
        if let Some(event) = start_offset::reset(id, partition, code, &why, Some(node), cx) {
            emit(cx, event);
        }
    } else if end.offset >= offset {
        partition.phase = Phase::Fetching;
    } else if start_offset::policy(partition, cx) == OffsetReset::Error {
        let why =
            format!("Partition log truncation detected at {place}: {told}. Reset to INVALID.");
        if let Some(event) = start_offset::reset(id, partition, code, &why, Some(node), cx) {
            emit(cx, event);
        }
    } else {
        cx.log(4, "TRUNCATED", || {
            let (topic, partition) = (&id.topic, id.partition);
            format!("{topic} [{partition}]: log truncation detected at {place}: {told}")
        });
        partition.phase = Phase::Fetching;
        partition.cut_off_at(end.offset, end.epoch);
    }
}
