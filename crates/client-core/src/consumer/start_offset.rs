//! Where partitions start: the group's committed offset, an end of the log, or what `auto.offset.reset` says.
//!
//! Owns no state but what is marked on the partitions: it asks for all that need an offset, in one request per node
//! and one to the group's coordinator, and takes the answers of partitions that have not been moved since. A failed
//! question is asked again after a pause. Driver thread.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
    OffsetFetchResponse,
};
use rdkafka_wire::types::StrBytes;

use super::assignment::{Partition, Partitions, Phase, at};
use super::calls::stores_in_file;
use super::emit;
use super::fetcher::about;
use super::group::classic::is_coordinator_lost;
use super::io::{Event, Reply};
use super::offset::{OFFSET_BEGINNING, OFFSET_END, OFFSET_INVALID};
use super::topic_ids::TopicIds;
use crate::conf::{DebugContexts, IsolationLevel, OffsetReset};
use crate::context::Cx;
use crate::coordinator::CoordinatorKind;
use crate::io::{Lane, Moment, NodeId, TopicPartition, TopicPartitionOffset};
use crate::request::{RequestError, Response};

/// The group to ask for committed offsets.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// `group.id`.
    pub(crate) id: StrBytes,
    /// Member id and epoch, where the coordinator wants to know who asks (KIP-848).
    pub(crate) member: Option<(StrBytes, i32)>,
}

/// The partitions a question was about, each with the version that asked.
type Asked = Vec<(TopicPartition, u32)>;

/// Who is told of an offset that is looked up again.
const TOPIC_CONTEXTS: DebugContexts = DebugContexts::TOPIC.and(DebugContexts::CONSUMER);

const NO_COMMITTED: &str = "no previously committed offset available";

/// Asks what can be asked. `may_ask_group` is false while commits are under way: their result is wanted. Returns when
/// to look again, if time alone can change something.
pub(crate) fn work(
    partitions: &mut Partitions,
    group: Option<&Group>,
    may_ask_group: bool,
    cx: &mut Cx<'_>,
) -> Option<Moment> {
    let mut look_again: Option<Moment> = None;
    let mut of_group = Asked::new();
    let mut of_nodes: BTreeMap<NodeId, Asked> = BTreeMap::new();
    let mut resets = Vec::new();
    for (id, partition) in partitions.iter_mut() {
        let is_needed = matches!(
            partition.phase,
            Phase::NeedCommitted | Phase::NeedOffset { .. }
        );
        if !is_needed || partition.is_asking || partition.is_revoked {
            continue;
        }
        if partition.not_before > cx.now.mono {
            let at = partition.not_before;
            look_again = Some(look_again.map_or(at, |earlier| earlier.min(at)));
            continue;
        }
        if partition.phase == Phase::NeedCommitted {
            let conf = partition.topic_conf();
            if conf.is_some_and(|conf| stores_in_file(conf)) {
                // The file was read before, in vain.
                let (code, why) = (ErrorCode::_FS, "non-readable offset file");
                resets.extend(reset(id, partition, code, why, None, cx));
            } else if group.is_none() {
                resets.extend(reset(
                    id,
                    partition,
                    ErrorCode::_NO_OFFSET,
                    NO_COMMITTED,
                    None,
                    cx,
                ));
            } else if may_ask_group {
                partition.is_asking = true;
                of_group.push((id.clone(), partition.version()));
            }
        }
        if matches!(partition.phase, Phase::NeedOffset { .. })
            && let Some(leader) = cx.metadata().leader(&id.topic, id.partition)
        {
            partition.is_asking = true;
            of_nodes
                .entry(leader)
                .or_default()
                .push((id.clone(), partition.version()));
        }
    }
    resets.into_iter().for_each(|event| emit(cx, event));
    if let Some(group) = group.filter(|_| !of_group.is_empty()) {
        let ids = of_group.iter().map(|(id, _)| id);
        let topic_ids = TopicIds::of(ids.clone().map(|id| &id.topic), cx);
        let member = group.member.as_ref();
        let request = committed_request(&group.id, member, (ids, &topic_ids), cx);
        let (reply, timeout) = (Reply::StartOffsets(of_group, topic_ids), timeout(cx));
        cx.send_coordinator(CoordinatorKind::Group, &group.id, request, reply, timeout);
    }
    for (node, asked) in of_nodes {
        list_offsets(node, asked, partitions, cx);
    }
    look_again
}

fn timeout(cx: &Cx<'_>) -> Duration {
    Duration::from_millis(cx.conf().socket.timeout_ms.into())
}

fn list_offsets(node: NodeId, asked: Asked, partitions: &Partitions, cx: &mut Cx<'_>) {
    let mut topics: BTreeMap<&StrBytes, Vec<ListOffsetsPartition>> = BTreeMap::new();
    for (id, _) in &asked {
        let phase = partitions.get(id).map(|partition| partition.phase);
        let Some(Phase::NeedOffset { timestamp, .. }) = phase else {
            continue;
        };
        let known = cx.metadata().partition(&id.topic, id.partition);
        topics
            .entry(&id.topic)
            .or_default()
            .push(ListOffsetsPartition {
                partition_index: id.partition,
                current_leader_epoch: known.map_or(-1, |known| known.leader_epoch),
                timestamp,
                ..ListOffsetsPartition::default()
            });
    }
    let topics = topics
        .into_iter()
        .map(|(name, partitions)| ListOffsetsTopic {
            name: name.clone(),
            partitions,
        })
        .collect();
    let isolation = cx.conf().consumer.isolation_level;
    let request = ListOffsetsRequest {
        replica_id: -1,
        isolation_level: i8::from(isolation == IsolationLevel::ReadCommitted),
        topics,
        ..ListOffsetsRequest::default()
    };
    let timeout = timeout(cx);
    cx.send(
        node,
        Lane::Main,
        request,
        Reply::ListOffsets(asked),
        timeout,
    );
}

/// Answer to `Reply::ListOffsets`.
pub(crate) fn listed(
    asked: Asked,
    result: Result<Response, RequestError>,
    partitions: &mut Partitions,
    cx: &mut Cx<'_>,
) {
    let mut found = Found::new();
    let mut missing = ErrorCode::_BAD_MSG;
    match result {
        Ok(Response::ListOffsets(response)) => {
            for topic in response.topics {
                for answer in topic.partitions {
                    let topic = topic.name.clone();
                    let id = TopicPartition {
                        topic,
                        partition: answer.partition_index,
                    };
                    let place = (answer.offset, answer.leader_epoch);
                    found.insert(id, checked(place, answer.error_code));
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
        let Phase::NeedOffset { tail, .. } = partition.phase else {
            continue;
        };
        match found.remove(&id).unwrap_or(Err(missing)) {
            Ok((offset, epoch)) => {
                let epoch = if tail == 0 { epoch } else { -1 };
                partition.go_to(offset.saturating_sub(tail).max(0), epoch);
            }
            Err(code) => {
                cx.refresh_metadata("offset lookup failed");
                ask_again(&id, partition, code, "Failed to query logical offset", cx);
            }
        }
    }
}

/// Answer to `Reply::StartOffsets`.
pub(crate) fn committed(
    asked: Asked,
    group: &StrBytes,
    answer: Result<Found, ErrorCode>,
    partitions: &mut Partitions,
    cx: &mut Cx<'_>,
) {
    if let Err(code) = answer
        && is_coordinator_lost(code)
    {
        cx.forget_coordinator(CoordinatorKind::Group, group);
    }
    for (id, version) in asked {
        let Some(partition) = partitions.current_mut(&id, version) else {
            continue;
        };
        partition.is_asking = false;
        if partition.phase != Phase::NeedCommitted {
            continue;
        }
        let offset = match &answer {
            Ok(found) => found.get(&id).copied().unwrap_or(Err(ErrorCode::_BAD_MSG)),
            Err(code) => Err(*code),
        };
        match offset {
            Ok((offset, epoch)) if offset >= 0 => {
                partition.committed = offset;
                partition.committed_epoch = epoch;
                partition.go_to(offset, epoch);
            }
            Ok(_) => {
                let code = ErrorCode::_NO_OFFSET;
                if let Some(event) = reset(&id, partition, code, NO_COMMITTED, None, cx) {
                    emit(cx, event);
                }
            }
            Err(code) => {
                if code == ErrorCode::UNKNOWN_TOPIC_ID {
                    cx.refresh_metadata("the coordinator does not know a topic's id");
                }
                ask_again(&id, partition, code, "Failed to fetch committed offset", cx);
            }
        }
    }
}

/// A question was not answered: another try after a pause, and a word to the application if that will not help.
fn ask_again(
    id: &TopicPartition,
    partition: &mut Partition,
    code: ErrorCode,
    what: &str,
    cx: &mut Cx<'_>,
) {
    // The next heartbeat tells the right epoch, or takes the partition away.
    let is_stale = matches!(
        code,
        ErrorCode::STALE_MEMBER_EPOCH | ErrorCode::UNKNOWN_MEMBER_ID
    );
    let passes = code.is_retriable() || is_coordinator_lost(code) || is_stale;
    let conf = cx.conf();
    let pause = if passes {
        conf.retry_backoff_ms
    } else {
        conf.consumer.fetch_error_backoff_ms
    };
    partition.not_before = cx.now.mono + Duration::from_millis(pause.into());
    if !passes && partition.error_told != code {
        partition.error_told = code;
        let text = format!(
            "{what} for {} [{}]: {}",
            id.topic,
            id.partition,
            code.text()
        );
        let error = about(partition, code, OFFSET_INVALID, text);
        emit(cx, Event::Error(error));
    }
}

/// `auto.offset.reset` of a partition.
pub(crate) fn policy(partition: &Partition, cx: &Cx<'_>) -> OffsetReset {
    let own = partition.topic_conf().map(|conf| conf.auto_offset_reset);
    own.unwrap_or_else(|| cx.conf().default_topic.auto_offset_reset)
}

/// The offset of a partition is not usable, for the reason `why`: does what `auto.offset.reset` says. The answer is
/// the error for the application, when it says that.
pub(crate) fn reset(
    id: &TopicPartition,
    partition: &mut Partition,
    code: ErrorCode,
    why: &str,
    node: Option<NodeId>,
    cx: &mut Cx<'_>,
) -> Option<Event> {
    let policy = policy(partition, cx);
    let bad = partition.offset;
    let is_quiet = code == ErrorCode::_NO_OFFSET || policy == OffsetReset::Error;
    let words = || {
        let (topic, partition, code) = (&id.topic, id.partition, code.text());
        format!("{topic} [{partition}]: offset reset (at {bad}) to {policy:?}: {why}: {code}")
    };
    if is_quiet {
        cx.debug(TOPIC_CONTEXTS, "OFFSET", words);
    } else {
        cx.log(4, "OFFSET", words);
    }
    match policy {
        OffsetReset::Earliest => partition.go_to(OFFSET_BEGINNING, -1),
        OffsetReset::Latest => partition.go_to(OFFSET_END, -1),
        OffsetReset::Error => {
            partition.phase = Phase::Halted;
            let broker = node
                .map(|node| format!(" (broker {})", node.0))
                .unwrap_or_default();
            let text = format!("{why}: {}{broker}", code.text());
            return Some(Event::Error(about(
                partition,
                ErrorCode::_AUTO_OFFSET_RESET,
                bad,
                text,
            )));
        }
    }
    None
}

/// The question for committed offsets.
pub(crate) fn committed_request<'a>(
    group: &StrBytes,
    member: Option<&(StrBytes, i32)>,
    (ids, topic_ids): (impl Iterator<Item = &'a TopicPartition>, &TopicIds),
    cx: &Cx<'_>,
) -> OffsetFetchRequest {
    let mut topics: BTreeMap<&StrBytes, Vec<i32>> = BTreeMap::new();
    for id in ids {
        topics.entry(&id.topic).or_default().push(id.partition);
    }
    // Up to version 7 one group per request, from 8 on a list of them; the version decides which is written.
    let old = topics
        .iter()
        .map(|(name, partitions)| OffsetFetchRequestTopic {
            name: (*name).clone(),
            partition_indexes: partitions.clone(),
        });
    let new = topics
        .iter()
        .map(|(name, partitions)| OffsetFetchRequestTopics {
            name: (*name).clone(),
            topic_id: topic_ids.id(name),
            partition_indexes: partitions.clone(),
        });
    OffsetFetchRequest {
        group_id: group.clone(),
        topics: Some(old.collect()),
        groups: vec![OffsetFetchRequestGroup {
            group_id: group.clone(),
            member_id: member.map(|(id, _)| id.clone()),
            member_epoch: member.map_or(-1, |(_, epoch)| *epoch),
            topics: Some(new.collect()),
        }],
        require_stable: cx.conf().consumer.isolation_level == IsolationLevel::ReadCommitted,
    }
}

/// Offsets with their leader epochs (-1: unknown).
pub(crate) type Found = BTreeMap<TopicPartition, Result<(i64, i32), ErrorCode>>;

fn checked(place: (i64, i32), code: i16) -> Result<(i64, i32), ErrorCode> {
    if code == ErrorCode::NONE.0 {
        Ok(place)
    } else {
        Err(ErrorCode(code))
    }
}

/// The answer to [`committed_request`], per partition; -1 where nothing is committed.
pub(crate) fn committed_answer(
    topic_ids: &TopicIds,
    result: Result<Response, RequestError>,
) -> Result<Found, ErrorCode> {
    let response = match result {
        Ok(Response::OffsetFetch(response)) => response,
        Ok(_) => return Err(ErrorCode::_BAD_MSG),
        Err(error) => return Err(error.code()),
    };
    let OffsetFetchResponse {
        topics,
        error_code,
        groups,
        ..
    } = response;
    let top = groups.first().map_or(error_code, |group| group.error_code);
    if top != ErrorCode::NONE.0 {
        return Err(ErrorCode(top));
    }
    let mut found = Found::new();
    for topic in topics {
        for answer in topic.partitions {
            let id = TopicPartition {
                topic: topic.name.clone(),
                partition: answer.partition_index,
            };
            let place = (answer.committed_offset, answer.committed_leader_epoch);
            found.insert(id, checked(place, answer.error_code));
        }
    }
    for topic in groups.into_iter().flat_map(|group| group.topics) {
        for answer in topic.partitions {
            let id = TopicPartition {
                topic: topic_ids.name(topic.topic_id, &topic.name),
                partition: answer.partition_index,
            };
            let place = (answer.committed_offset, answer.committed_leader_epoch);
            found.insert(id, checked(place, answer.error_code));
        }
    }
    Ok(found)
}

/// The answer to [`committed_request`] for the application.
///
/// # Errors
/// When the coordinator did not answer for the whole.
pub(crate) fn committed_list(
    ids: &[TopicPartition],
    answer: Result<Found, ErrorCode>,
) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
    let found = answer?;
    let list = ids.iter().map(|id| {
        let mut element = at(id, OFFSET_INVALID);
        match found.get(id) {
            Some(Ok((offset, epoch))) if *offset >= 0 => {
                element.offset = *offset;
                element.leader_epoch = *epoch;
            }
            Some(Err(code)) => element.error = *code,
            _ => {}
        }
        element
    });
    Ok(list.collect())
}
