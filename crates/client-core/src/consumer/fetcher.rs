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
use rdkafka_wire::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::assignment::{Partition, Partitions, Phase};
use super::fetched::{self, Share};
use super::io::{Event, FetchedBatch, QueuedError, Reply};
use super::offset::OFFSET_INVALID;
use super::{emit, start_offset};
use crate::conf::{DebugContexts, IsolationLevel};
use crate::context::Cx;
use crate::io::{Lane, Moment, NodeId, TopicPartition};
use crate::request::{RequestError, Response};
use crate::stats::BrokerOffsets;

/// The fetches under way.
#[derive(Debug, Default)]
pub(crate) struct Fetcher {
    standing: BTreeMap<NodeId, Standing>,
}

/// A fetch under way.
#[derive(Debug, Default)]
struct Standing {
    /// What it asks for, with the version that asked.
    partitions: BTreeMap<TopicPartition, u32>,
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
            let Some(node) = cx.metadata().leader(&id.topic, id.partition) else {
                continue;
            };
            if self.standing.contains_key(&node) || !partition.queue.has_room() {
                continue;
            }
            wanted.entry(node).or_default().push(id.clone());
        }
        for (node, ids) in wanted {
            self.fetch(node, ids, partitions, cx);
        }
        look_again
    }

    fn fetch(
        &mut self,
        node: NodeId,
        mut ids: Vec<TopicPartition>,
        partitions: &mut Partitions,
        cx: &mut Cx<'_>,
    ) {
        // Whoever comes first gets most of a response that is limited by `fetch.max.bytes`.
        let turn = cx.rng().usize(..ids.len().max(1));
        ids.rotate_left(turn);
        let mut standing = Standing::default();
        let mut topics: Vec<FetchTopic> = Vec::new();
        let mut places: BTreeMap<StrBytes, usize> = BTreeMap::new();
        for id in ids {
            let Some(partition) = partitions.get_mut(&id) else {
                continue;
            };
            let metadata = cx.metadata();
            let place = *places.entry(id.topic.clone()).or_insert_with(|| {
                let topic_id = metadata
                    .topic(&id.topic)
                    .map(|topic| topic.id)
                    .unwrap_or_default();
                standing.topics.insert(topic_id, id.topic.clone());
                let topic = id.topic.clone();
                topics.push(FetchTopic {
                    topic,
                    topic_id,
                    partitions: Vec::new(),
                });
                topics.len() - 1
            });
            let known = metadata.partition(&id.topic, id.partition);
            topics[place].partitions.push(FetchPartition {
                partition: id.partition,
                current_leader_epoch: known.map_or(-1, |known| known.leader_epoch),
                fetch_offset: partition.offset,
                partition_max_bytes: signed(cx.conf().consumer.fetch_message_max_bytes),
                ..FetchPartition::default()
            });
            partition.is_fetching = true;
            standing.partitions.insert(id, partition.version());
        }
        let conf = &cx.conf().consumer;
        let request = FetchRequest {
            replica_id: -1,
            max_wait_ms: signed(conf.fetch_wait_max_ms),
            min_bytes: signed(conf.fetch_min_bytes),
            max_bytes: signed(conf.fetch_max_bytes),
            isolation_level: i8::from(conf.isolation_level == IsolationLevel::ReadCommitted),
            topics,
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
            let (count, topics) = (standing.partitions.len(), request.topics.len());
            format!(
                "Broker {}: fetch {count} partitions of {topics} topics",
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
        if code != ErrorCode::NONE {
            standing.back_off(code, partitions, cx);
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
                    answers.take(&id, partition, data);
                }
            }
        }
        std::mem::take(&mut answers.queue)
            .into_iter()
            .for_each(|event| emit(answers.cx, event));
        standing.release(partitions);
    }
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
    fn back_off(&self, code: ErrorCode, partitions: &mut Partitions, cx: &mut Cx<'_>) {
        let pause = Duration::from_millis(cx.conf().retry_backoff_ms.into());
        for (id, version) in &self.partitions {
            if let Some(partition) = partitions.current_mut(id, *version) {
                partition.not_before = cx.now.mono + pause;
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
            return self.failed(id, partition, code);
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
        if partition.offset > from_offset {
            partition.error_told = ErrorCode::NONE;
        }
        if !share.batches.is_empty() {
            partition.queue.add(share.messages, share.bytes);
            self.queue.push_back(Event::Fetched(FetchedBatch {
                partition: Arc::clone(&partition.shared),
                version: partition.version(),
                from_offset,
                batches: share.batches,
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

    fn failed(&mut self, id: &TopicPartition, partition: &mut Partition, code: ErrorCode) {
        self.pause(partition);
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
                partition.not_before = self.cx.now.mono
                    + Duration::from_millis(self.cx.conf().retry_backoff_ms.into());
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
