//! Fetching: one standing Fetch at every node that leads a consumed partition.
//!
//! Owns which fetches are under way. A fetch is sent when none stands at the node and some partition there may be
//! fetched: it has an offset, is not held back, and its queue has room (`queued.min.messages`,
//! `queued.max.messages.kbytes`). Guarantees: answers are taken only by partitions whose version is still the one
//! that asked, so nothing fetched before a seek, pause or unassign gets through; the end of a partition is told once
//! for each time it is reached. Leaves offsets to `start_offset.rs`. Driver thread.
//! States and errors: `docs/design/fetcher.md`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchResponse, PartitionData};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::assignment::{Partition, Partitions, Phase};
use super::fetch_session::FetchSession;
use super::fetched::{self, Share};
use super::io::{Event, FetchedBatch, QueuedError, Reply};
use super::offset::OFFSET_INVALID;
use super::position::QueueId;
use super::{emit, start_offset};
use crate::conf::{DebugContexts, IsolationLevel};
use crate::context::Cx;
use crate::io::{Endpoint, Lane, Moment, NodeId, TopicPartition};
use crate::request::{RequestError, Response};
use crate::stats::BrokerOffsets;

/// How long to read from a preferred replica before the leader is asked again, as in librdkafka.
const PREFERRED_LEASE: Duration = Duration::from_secs(5 * 60);
/// A leader that names a replica again this soon after it failed is answered slowly.
const PREFERRED_RETRY: Duration = Duration::from_secs(60);

/// The fetches under way.
#[derive(Debug, Default)]
pub(crate) struct Fetcher {
    standing: BTreeMap<NodeId, Standing>,
    sessions: BTreeMap<NodeId, FetchSession>,
}

/// A fetch under way.
#[derive(Debug, Default)]
struct Standing {
    /// What it asks for, with the version that asked.
    partitions: BTreeMap<TopicPartition, u32>,
    /// How many bytes each queue may get of the answer.
    promised: BTreeMap<QueueId, u64>,
    /// Names of topics asked for by id.
    topics: BTreeMap<Uuid, StrBytes>,
}

impl Fetcher {
    /// Sends what can be sent. Returns when to look again, if time alone can change something.
    pub(crate) fn work(&mut self, partitions: &mut Partitions, cx: &mut Cx<'_>) -> Option<Moment> {
        let mut look_again: Option<Moment> = None;
        let mut wanted: BTreeMap<NodeId, Vec<TopicPartition>> = BTreeMap::new();
        for (id, partition) in partitions.iter() {
            let may = partition.phase == Phase::Fetching && !partition.is_fetching;
            if !may || partition.is_held_back() {
                continue;
            }
            if partition.not_before > cx.now.mono {
                let at = partition.not_before;
                look_again = Some(look_again.map_or(at, |earlier| earlier.min(at)));
                continue;
            }
            let Some(node) = source(id, partition, cx) else {
                continue;
            };
            if self.standing.contains_key(&node) || !partition.queue.has_room() {
                continue;
            }
            wanted.entry(node).or_default().push(id.clone());
        }
        let shares = (wanted.len() + self.standing.len()) as u64;
        for (node, ids) in wanted {
            self.fetch(node, ids, shares, partitions, cx);
        }
        look_again
    }

    /// The partitions whose queues have room for more than is on its way, with how many bytes that is; the smallest
    /// counts, for all of an answer may be for one queue.
    fn within_budget(
        &self,
        ids: &mut Vec<TopicPartition>,
        shares: u64,
        partitions: &Partitions,
    ) -> (u64, BTreeMap<QueueId, u64>) {
        let mut room: BTreeMap<QueueId, Option<u64>> = BTreeMap::new();
        ids.retain(|id| {
            let Some(partition) = partitions.get(id) else {
                return false;
            };
            let queue = &partition.queue;
            let to_ask = room.entry(queue.id()).or_insert_with(|| {
                let standing = self.standing.values();
                let promised = standing.filter_map(|fetch| fetch.promised.get(&queue.id()));
                queue.bytes_to_ask(promised.sum(), shares)
            });
            to_ask.is_some()
        });
        let least = room.values().flatten().min().copied().unwrap_or(0);
        let promised = room.into_iter().filter(|(_, to_ask)| to_ask.is_some());
        (least, promised.map(|(queue, _)| (queue, least)).collect())
    }

    fn fetch(
        &mut self,
        node: NodeId,
        mut ids: Vec<TopicPartition>,
        shares: u64,
        partitions: &mut Partitions,
        cx: &mut Cx<'_>,
    ) {
        let (bytes, mut promised) = self.within_budget(&mut ids, shares, partitions);
        if ids.is_empty() {
            // An answer on its way makes room, or is followed by the next look.
            return;
        }
        let bytes = bytes.min(cx.conf().consumer.fetch_max_bytes.into());
        promised.values_mut().for_each(|promised| *promised = bytes);
        // Whoever comes first gets most of a response that is limited by `fetch.max.bytes`.
        let turn = cx.rng().usize(..ids.len().max(1));
        ids.rotate_left(turn);
        let mut standing = Standing {
            promised,
            ..Standing::default()
        };
        let mut wanted = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(partition) = partitions.get_mut(&id) else {
                continue;
            };
            let known = cx.metadata().topic(&id.topic);
            let topic_id = known.map(|topic| topic.id).unwrap_or_default();
            standing.topics.insert(topic_id, id.topic.clone());
            let fetch = FetchPartition {
                partition: id.partition,
                current_leader_epoch: partition.leader_epoch,
                fetch_offset: partition.offset,
                partition_max_bytes: signed(cx.conf().consumer.fetch_message_max_bytes),
                ..FetchPartition::default()
            };
            partition.is_fetching = true;
            standing.partitions.insert(id.clone(), partition.version());
            wanted.push((id, topic_id, fetch));
        }
        let plan = self.sessions.entry(node).or_default().plan(wanted);
        let conf = &cx.conf().consumer;
        let request = FetchRequest {
            replica_id: -1,
            max_wait_ms: signed(conf.fetch_wait_max_ms),
            min_bytes: signed(conf.fetch_min_bytes),
            max_bytes: i32::try_from(bytes).unwrap_or(i32::MAX),
            isolation_level: i8::from(conf.isolation_level == IsolationLevel::ReadCommitted),
            session_id: plan.session_id,
            session_epoch: plan.session_epoch,
            topics: plan.topics,
            forgotten_topics_data: plan.forgotten,
            rack_id: cx
                .conf()
                .client_rack
                .as_ref()
                .map(StrBytes::from)
                .unwrap_or_default(),
            ..FetchRequest::default()
        };
        let timeout = u64::from(conf.fetch_wait_max_ms) + u64::from(cx.conf().socket.timeout_ms);
        cx.debug(DebugContexts::FETCH, "FETCH", || {
            let (count, session) = (standing.partitions.len(), request.session_id);
            let changed: usize = request
                .topics
                .iter()
                .map(|topic| topic.partitions.len())
                .sum();
            format!(
                "Broker {}: fetch {count} partitions, {changed} of them told (session {session})",
                node.0
            )
        });
        self.standing.insert(node, standing);
        let timeout = Duration::from_millis(timeout);
        cx.send(node, Lane::Fetch, request, Reply::Fetch(node), timeout);
    }

    /// A fetch was answered.
    pub(crate) fn answered(
        &mut self,
        node: NodeId,
        result: Result<Response, RequestError>,
        partitions: &mut Partitions,
        cx: &mut Cx<'_>,
    ) {
        let Some(mut standing) = self.standing.remove(&node) else {
            return;
        };
        let response = match result {
            Ok(Response::Fetch(response)) => response,
            Ok(_) => failed(ErrorCode::_BAD_MSG),
            Err(error) => failed(error.code()),
        };
        let code = ErrorCode(response.error_code);
        if code == ErrorCode::NONE {
            cx.throttled(node, response.throttle_time_ms);
        }
        let session = self.sessions.entry(node).or_default();
        if code == ErrorCode::NONE {
            session.answered(response.session_id);
        } else if !session.failed(code) {
            standing.back_off(code, node, partitions, cx);
        }
        for told in response.node_endpoints {
            if let Ok(port) = u16::try_from(told.port) {
                let host = told.host.as_str().into();
                cx.learn_node(NodeId(told.node_id), Endpoint { host, port });
            }
        }
        let mut answers = Answers {
            node,
            cx,
            queue: VecDeque::new(),
        };
        for topic in response.responses {
            let name = if topic.topic_id == Uuid::ZERO {
                Some(topic.topic)
            } else {
                standing.topics.get(&topic.topic_id).cloned()
            };
            let Some(name) = name else { continue };
            for data in topic.partitions {
                let id = TopicPartition {
                    topic: name.clone(),
                    partition: data.partition_index,
                };
                let Some(version) = standing.partitions.remove(&id) else {
                    continue;
                };
                if let Some(partition) = partitions.current_mut(&id, version) {
                    partition.is_fetching = false;
                    // Under another leader it is asked first whether the log is still the same.
                    if partition.phase == Phase::Fetching {
                        answers.take(&id, partition, data);
                    }
                }
            }
        }
        std::mem::take(&mut answers.queue)
            .into_iter()
            .for_each(|event| emit(answers.cx, event));
        standing.release(partitions);
    }
}

/// Where to read a partition: the replica its leader named, or the leader.
fn source(id: &TopicPartition, partition: &Partition, cx: &Cx<'_>) -> Option<NodeId> {
    let leader = cx.metadata().leader(&id.topic, id.partition)?;
    let preferred = partition
        .preferred
        .filter(|(node, until)| *until > cx.now.mono && cx.metadata().node(*node).is_some());
    Some(preferred.map_or(leader, |(node, _)| node))
}

/// A response for a fetch that has none.
fn failed(code: ErrorCode) -> FetchResponse {
    FetchResponse {
        error_code: code.0,
        ..FetchResponse::default()
    }
}

impl Standing {
    /// The whole fetch failed: its partitions wait a little, and perhaps have another leader by then.
    fn back_off(
        &self,
        code: ErrorCode,
        node: NodeId,
        partitions: &mut Partitions,
        cx: &mut Cx<'_>,
    ) {
        let pause = Duration::from_millis(cx.conf().retry_backoff_ms.into());
        for (id, version) in &self.partitions {
            if let Some(partition) = partitions.current_mut(id, *version) {
                partition.not_before = cx.now.mono + pause;
                if partition
                    .preferred
                    .is_some_and(|(preferred, _)| preferred == node)
                {
                    partition.preferred = None;
                    partition.preferred_lost_at = Some(cx.now.mono);
                }
            }
        }
        cx.debug(DebugContexts::FETCH, "FETCH", || {
            format!("Fetch failed: {}", code.text())
        });
        cx.refresh_metadata("fetch failed");
    }

    /// Partitions that the answer does not speak of may be asked for again.
    fn release(&self, partitions: &mut Partitions) {
        for (id, version) in &self.partitions {
            if let Some(partition) = partitions.current_mut(id, *version) {
                partition.is_fetching = false;
            }
        }
    }
}

/// An answer being gone through.
struct Answers<'a, 'b> {
    node: NodeId,
    cx: &'a mut Cx<'b>,
    /// Events in the order of the answer.
    queue: VecDeque<Event>,
}

impl Answers<'_, '_> {
    fn take(&mut self, id: &TopicPartition, partition: &mut Partition, data: PartitionData) {
        let code = ErrorCode(data.error_code);
        if code != ErrorCode::NONE {
            let leader = data.current_leader;
            let (node, epoch) = (NodeId(leader.leader_id), leader.leader_epoch);
            let is_moved = node.0 >= 0 && self.cx.learn_leader(id, node, epoch);
            return self.failed(id, partition, code, is_moved);
        }
        if data.preferred_read_replica >= 0 {
            self.prefer(partition, NodeId(data.preferred_read_replica));
        }
        let conf = &self.cx.conf().consumer;
        let (end, aborted) = match conf.isolation_level {
            IsolationLevel::ReadUncommitted => (data.high_watermark, None),
            IsolationLevel::ReadCommitted => (
                data.last_stable_offset,
                Some(data.aborted_transactions.unwrap_or_default()),
            ),
        };
        let from_offset = partition.offset;
        let share = fetched::sift(data.records.unwrap_or_default(), from_offset, aborted);
        let stuck = stuck(&share, from_offset);
        if share.cut_off_bytes > 0 {
            self.cx.cut_off(self.node);
        }
        partition.broker_offsets = BrokerOffsets {
            low: data.log_start_offset,
            high: data.high_watermark,
            stable: data.last_stable_offset,
        };
        partition.counters.rx_messages += share.messages;
        partition.counters.rx_bytes += share.bytes;
        if self.cx.conf().statistics_interval_ms.is_some() {
            for batch in &share.batches {
                let count = batch.record_count().unwrap_or(1);
                partition
                    .batches
                    .add(batch.raw().len() as u64, count.into());
            }
        }
        partition.offset = share.next_offset;
        partition.epoch = share.epoch.unwrap_or(partition.epoch);
        if partition.offset > from_offset {
            partition.error_told = ErrorCode::NONE;
        }
        if !share.batches.is_empty() || share.passed.is_some() {
            partition.queue.add(share.messages, share.bytes);
            self.queue.push_back(Event::Fetched(FetchedBatch {
                partition: Arc::clone(&partition.shared),
                version: partition.version(),
                from_offset,
                batches: share.batches,
                passed: share.passed,
                queue: Arc::clone(&partition.queue),
                messages: share.messages,
                bytes: share.bytes,
            }));
        }
        if let Some((code, text)) = stuck {
            return self.unreadable(id, partition, code, &text);
        }
        if end >= 0 && partition.offset >= end && partition.end_told_at != partition.offset {
            self.ended(partition, data.high_watermark);
        }
    }

    fn ended(&mut self, partition: &mut Partition, high_watermark: i64) {
        partition.end_told_at = partition.offset;
        if self.cx.conf().consumer.enable_partition_eof {
            let text = format!(
                "Fetch from broker {} reached end of partition at offset {} (HighwaterMark {high_watermark})",
                self.node.0, partition.offset
            );
            self.tell(partition, ErrorCode::_PARTITION_EOF, text);
        }
    }

    fn unreadable(
        &mut self,
        id: &TopicPartition,
        partition: &mut Partition,
        code: ErrorCode,
        text: &str,
    ) {
        self.pause(partition);
        if partition.error_told != code {
            partition.error_told = code;
            let text = format!(
                "{} [{}]: cannot read what is at offset {}: {text}",
                id.topic, id.partition, partition.offset
            );
            self.tell(partition, code, text);
        }
    }

    /// The leader says that another replica is closer (KIP-392): read there for a while. It changes its mind too fast
    /// when that replica was just given up.
    fn prefer(&mut self, partition: &mut Partition, node: NodeId) {
        let now = self.cx.now.mono;
        let lost = partition.preferred_lost_at;
        if lost.is_some_and(|at| now.since(at) < PREFERRED_RETRY) {
            self.pause(partition);
        }
        if self.cx.metadata().node(node).is_some() {
            partition.preferred = Some((node, now + PREFERRED_LEASE));
        } else {
            self.pause(partition);
            self.cx.refresh_metadata("a preferred replica is unknown");
        }
    }

    fn failed(
        &mut self,
        id: &TopicPartition,
        partition: &mut Partition,
        code: ErrorCode,
        is_moved: bool,
    ) {
        self.pause(partition);
        let is_follower = partition
            .preferred
            .take()
            .is_some_and(|(node, _)| node == self.node);
        if is_follower {
            // Whatever it is: the leader knows better.
            partition.preferred_lost_at = Some(self.cx.now.mono);
            partition.not_before = Moment::default();
            return self.cx.refresh_metadata("a preferred replica failed");
        }
        match code {
            ErrorCode::NOT_LEADER_OR_FOLLOWER
            | ErrorCode::LEADER_NOT_AVAILABLE
            | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            | ErrorCode::UNKNOWN_TOPIC_ID
            | ErrorCode::INCONSISTENT_TOPIC_ID
            | ErrorCode::BROKER_NOT_AVAILABLE
            | ErrorCode::REPLICA_NOT_AVAILABLE
            | ErrorCode::KAFKA_STORAGE_ERROR
            | ErrorCode::UNKNOWN_LEADER_EPOCH
            | ErrorCode::FENCED_LEADER_EPOCH
            | ErrorCode::OFFSET_NOT_AVAILABLE => {
                // Metadata tells in a moment who leads; the pause keeps us from asking the same broker at once.
                let pause = Duration::from_millis(self.cx.conf().retry_backoff_ms.into());
                partition.not_before = if is_moved {
                    Moment::default()
                } else {
                    self.cx.now.mono + pause
                };
                self.cx.refresh_metadata("fetch from the wrong broker");
            }
            ErrorCode::OFFSET_OUT_OF_RANGE => {
                partition.not_before = Moment::default();
                let why = "fetch failed due to requested offset not available on the broker";
                let event = start_offset::reset(id, partition, code, why, Some(self.node), self.cx);
                self.queue.extend(event);
            }
            code if partition.error_told == code => {}
            code => {
                partition.error_told = code;
                let text = format!("Fetch from broker {} failed: {}", self.node.0, code.text());
                self.tell(partition, code, text);
            }
        }
    }

    fn pause(&self, partition: &mut Partition) {
        let pause = Duration::from_millis(self.cx.conf().consumer.fetch_error_backoff_ms.into());
        partition.not_before = self.cx.now.mono + pause;
    }

    fn tell(&mut self, partition: &Partition, code: ErrorCode, text: String) {
        self.queue
            .push_back(Event::Error(about(partition, code, partition.offset, text)));
    }
}

/// Bytes that are no batch, or a batch that cannot be had whole.
fn stuck(share: &Share, from_offset: i64) -> Option<(ErrorCode, String)> {
    if let Some(error) = &share.error {
        return Some((ErrorCode::_BAD_MSG, error.to_string()));
    }
    let is_cut_off = share.cut_off_bytes > 0 && share.next_offset == from_offset;
    let text = "the batch there is larger than the broker was allowed to send";
    is_cut_off.then(|| (ErrorCode::MESSAGE_TOO_LARGE, text.to_owned()))
}

/// An error item of a partition.
pub(crate) fn about(
    partition: &Partition,
    code: ErrorCode,
    offset: i64,
    text: String,
) -> QueuedError {
    QueuedError {
        queue: partition.queue.id(),
        origin: Some((Arc::clone(&partition.shared), partition.version())),
        topic: None,
        code,
        text,
        offset: if offset < 0 { OFFSET_INVALID } else { offset },
    }
}

/// Sizes and times go over the wire as signed numbers.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
