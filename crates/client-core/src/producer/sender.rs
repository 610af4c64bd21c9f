//! Sending: which batches go to which leader now, and what the answers mean.
//!
//! Owns the requests under way. A request carries at most one batch per partition (the protocol's rule), to one leader,
//! with one kind of acknowledgement, and stays below `message.max.bytes` unless a single batch is larger. Without
//! idempotence a partition has one batch in flight at a time as long as retries are allowed: that, and not luck, keeps
//! the order. Driver thread.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_wire::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, ProduceResponse,
    TopicProduceData, TopicProduceResponse,
};
use rdkafka_wire::{ErrorCode, Uuid};

use super::batch::BatchId;
use super::delivery::Fate;
use super::idempotence::Gate;
use super::partition::Partition;
use super::{PartitionKey, Producer, Reply, Timer};
use crate::admin::socket_timeout;
use crate::backoff;
use crate::conf::DebugContexts;
use crate::context::Cx;
use crate::io::{Endpoint, Lane, NodeId, TopicPartition};
use crate::request::{Request, RequestError, Response};
use crate::shared::Take;

/// Kafka's limit for an idempotent producer: a broker remembers as many batches of a partition.
const IDEMPOTENT_IN_FLIGHT_MAX: u32 = 5;

/// From 12 on a leader makes partitions part of the transaction by itself (KIP-890).
const PRODUCE_V1_MAX: i16 = 11;

/// Tells produce requests apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u64);

/// A produce request under way.
#[derive(Debug)]
pub(crate) struct Sent {
    node: NodeId,
    acks: i16,
    parts: Vec<Part>,
    /// The topics' ids it was asked with.
    ids: BTreeMap<Uuid, u32>,
}

/// One batch in a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) key: PartitionKey,
    pub(super) batch: BatchId,
}

/// Requests are made per leader, acknowledgement and broker-side timeout.
type DraftKey = (NodeId, i16, u32);

/// A request being put together.
#[derive(Debug, Default)]
struct Draft {
    bytes: usize,
    parts: Vec<(Part, Bytes)>,
}

/// What keeps a partition from being sent to.
enum Step {
    Send(DraftKey, Part, Bytes),
    /// Nothing to send, or something else will mark it ready again.
    Wait,
    /// The leader has enough requests; look again when one is answered.
    Full,
}

/// What a partition's part of an answer means.
enum Outcome {
    Done(Fate),
    Retry(ErrorCode),
    Failed(ErrorCode),
    /// By the leader.
    Refused(ErrorCode),
}

impl Producer {
    /// Send whatever can be sent.
    pub(super) fn pump(&mut self, cx: &mut Cx<'_>) {
        loop {
            let mut drafts: BTreeMap<DraftKey, Draft> = BTreeMap::new();
            for key in std::mem::take(&mut self.ready) {
                match self.step(key, cx) {
                    Step::Wait => {}
                    Step::Full => {
                        self.ready.insert(key);
                    }
                    Step::Send(draft_key, part, bytes) => {
                        // The partition may have more.
                        self.ready.insert(key);
                        self.add(draft_key, part, bytes, &mut drafts, cx);
                    }
                }
            }
            if drafts.is_empty() {
                return;
            }
            for (key, draft) in drafts {
                self.send(key, draft, cx);
            }
        }
    }

    fn add(
        &mut self,
        key: DraftKey,
        part: Part,
        bytes: Bytes,
        drafts: &mut BTreeMap<DraftKey, Draft>,
        cx: &mut Cx<'_>,
    ) {
        let draft = drafts.entry(key).or_default();
        let is_too_large = draft.bytes + bytes.len() > self.conf.message_max_bytes;
        if is_too_large && !draft.parts.is_empty() {
            let full = std::mem::take(draft);
            self.send(key, full, cx);
        }
        let draft = drafts.entry(key).or_default();
        draft.bytes += bytes.len();
        draft.parts.push((part, bytes));
    }

    /// What can be done for this partition now; its next batch is marked as in flight when it is to be sent.
    fn step(&mut self, key: PartitionKey, cx: &mut Cx<'_>) -> Step {
        let limit = self.in_flight_max(key);
        let Some(partition) = self.partition_mut(key) else {
            return Step::Wait;
        };
        if partition.is_paused || partition.in_flight >= limit {
            return Step::Wait;
        }
        if let Some(until) = partition.blocked_until
            && until > cx.now.mono
        {
            // The timer that was set for then may have been moved forward, and be spent: a slot that was taken is
            // looked at again a moment later.
            self.timers.set_no_later(Timer::Retry(key), until);
            return Step::Wait;
        }
        partition.blocked_until = None;
        if partition.batches.is_empty() && !partition.is_due {
            return Step::Wait;
        }
        if partition.batches.is_empty() && !partition.slot.holds_records() {
            // Flushed, and nothing was there: no transaction has to hear of it.
            partition.is_due = false;
            return Step::Wait;
        }
        let Some(leader) = partition.leader else {
            cx.refresh_metadata("records wait for a partition without a leader");
            return Step::Wait;
        };
        if !cx.is_up(leader, Lane::Main) {
            cx.connect(leader, Lane::Main);
            return Step::Wait;
        }
        let gate = self.idempotence.gate();
        if gate == Gate::Shut {
            return Step::Wait;
        }
        if !self.transaction.admits(key) {
            self.advance(cx);
            return Step::Wait;
        }
        if self
            .requests_by_node
            .get(&leader)
            .is_some_and(|&count| count >= self.conf.max_in_flight_requests)
        {
            return Step::Full;
        }
        self.take_due(key, cx);
        self.next_batch(key, leader, gate, cx)
    }

    /// The open batch has lingered and nothing is queued before it: now it is worth closing.
    fn take_due(&mut self, key: PartitionKey, cx: &mut Cx<'_>) {
        let is_wanted = self
            .partition_mut(key)
            .is_some_and(|partition| partition.is_due && !partition.has_waiting());
        if is_wanted {
            self.collect(key, Take::All, cx);
        }
    }

    fn next_batch(
        &mut self,
        key: PartitionKey,
        leader: NodeId,
        gate: Gate,
        cx: &mut Cx<'_>,
    ) -> Step {
        let Some(topic) = self.topics.get_mut(key.topic as usize) else {
            return Step::Wait;
        };
        let draft_key = (
            leader,
            topic.shared.conf.required_acks,
            topic.shared.conf.request_timeout_ms,
        );
        let Some(partition) = topic.partition_mut(key.partition) else {
            return Step::Wait;
        };
        if partition
            .first_waiting()
            .is_none_or(|batch| batch.is_with_worker())
        {
            return Step::Wait;
        }
        if let Gate::Numbered(identity) = gate
            && !partition.sequence_next(identity)
        {
            if let Some(refused) = partition.broken_identity() {
                self.renew_producer_id(refused, cx);
            }
            return Step::Wait;
        }
        let Some(batch) = partition.first_waiting() else {
            return Step::Wait;
        };
        let id = batch.id;
        match batch.bytes_to_send() {
            Some(bytes) => {
                batch.is_in_flight = true;
                partition.in_flight += 1;
                self.transaction.note_sent(key);
                Step::Send(draft_key, Part { key, batch: id }, bytes)
            }
            None => {
                let batch = partition.remove(id);
                self.finish(key, batch, Fate::failed(ErrorCode::_BAD_MSG), cx);
                Step::Wait
            }
        }
    }

    fn in_flight_max(&self, key: PartitionKey) -> u32 {
        let limit = self.conf.max_in_flight_requests;
        let acks = self
            .topics
            .get(key.topic as usize)
            .map_or(-1, |topic| topic.shared.conf.required_acks);
        if self.idempotence.is_on() {
            limit.min(IDEMPOTENT_IN_FLIGHT_MAX)
        } else if self.conf.producer.max_retries == 0 || acks == 0 {
            // Nothing comes back to be sent again after its successors.
            limit
        } else {
            1
        }
    }

    fn send(&mut self, (node, acks, timeout_ms): DraftKey, draft: Draft, cx: &mut Cx<'_>) {
        let mut topics: Vec<TopicProduceData> = Vec::new();
        let mut parts = Vec::with_capacity(draft.parts.len());
        let mut last_topic = None;
        let mut ids = BTreeMap::new();
        for (part, bytes) in draft.parts {
            self.count_sent(part.key, part.batch, bytes.len(), node, cx);
            let data = PartitionProduceData {
                index: part.key.partition,
                records: Some(bytes.into()),
            };
            // Parts come ordered by topic.
            if last_topic != Some(part.key.topic) {
                last_topic = Some(part.key.topic);
                let name = self
                    .topics
                    .get(part.key.topic as usize)
                    .map(|topic| topic.shared.name.clone())
                    .unwrap_or_default();
                let known = cx.metadata().topic(&name);
                let topic_id = known.map(|topic| topic.id).unwrap_or_default();
                ids.insert(topic_id, part.key.topic);
                topics.push(TopicProduceData {
                    name,
                    topic_id,
                    ..Default::default()
                });
            }
            if let Some(topic) = topics.last_mut() {
                topic.partition_data.push(data);
            }
            parts.push(part);
        }
        cx.debug(DebugContexts::MSG, "PRODUCE", || {
            let (batches, bytes) = (parts.len(), draft.bytes);
            format!(
                "Broker {}: produce request with {batches} batches, {bytes} bytes",
                node.0
            )
        });
        let id = RequestId(self.next_request);
        self.next_request += 1;
        let sent = Sent {
            node,
            acks,
            parts,
            ids,
        };
        self.requests.insert(id, sent);
        *self.requests_by_node.entry(node).or_insert(0) += 1;
        let request = ProduceRequest {
            transactional_id: self.transaction.id().cloned(),
            acks,
            timeout_ms: i32::try_from(timeout_ms).unwrap_or(i32::MAX),
            topic_data: topics,
        };
        let request = Request::from(request);
        let request = match self.transaction.registers_partitions() {
            true => request.up_to(PRODUCE_V1_MAX),
            false => request,
        };
        let timeout = socket_timeout(cx).max(Duration::from_millis(u64::from(timeout_ms)));
        cx.send(node, Lane::Main, request, Reply::Produce(id), timeout);
    }

    pub(super) fn on_produce_reply(
        &mut self,
        id: RequestId,
        result: Result<Response, RequestError>,
        cx: &mut Cx<'_>,
    ) {
        let Some(sent) = self.requests.remove(&id) else {
            return;
        };
        if let Some(count) = self.requests_by_node.get_mut(&sent.node) {
            *count = count.saturating_sub(1);
        }
        match result {
            Ok(Response::Produce(response)) if sent.acks != 0 => {
                self.on_answer(&sent, &response, cx)
            }
            Ok(_) => {
                let fate = Fate::written_somewhere();
                for &part in &sent.parts {
                    self.complete(part, Outcome::Done(fate), cx);
                }
            }
            Err(RequestError::Disconnected { .. } | RequestError::TimedOut { .. }) => {
                for &part in &sent.parts {
                    self.complete(part, Outcome::Retry(ErrorCode::_TRANSPORT), cx);
                }
            }
            Err(error) => {
                for &part in &sent.parts {
                    self.complete(part, Outcome::Failed(error.code()), cx);
                }
            }
        }
        self.pump(cx);
    }

    fn on_answer(&mut self, sent: &Sent, response: &ProduceResponse, cx: &mut Cx<'_>) {
        cx.throttled(sent.node, response.throttle_time_ms);
        let moved = self.learn_leaders(sent, response, cx);
        let mut answers = BTreeMap::new();
        for topic in &response.responses {
            let Some(index) = self.topic_of(sent, topic) else {
                continue;
            };
            for answer in &topic.partition_responses {
                answers.insert(
                    PartitionKey {
                        topic: index,
                        partition: answer.index,
                    },
                    answer,
                );
            }
        }
        for &part in &sent.parts {
            let outcome = match answers.get(&part.key) {
                Some(answer) => {
                    let code = ErrorCode(answer.error_code);
                    match self.refused_by_leader(code, part, sent.node, cx) {
                        Some(code) => Outcome::Failed(code),
                        None => self.read(part, answer),
                    }
                }
                None => Outcome::Retry(ErrorCode::_BAD_MSG),
            };
            self.complete(part, outcome, cx);
            if let Some(&leader) = moved.get(&part.key)
                && let Some(partition) = self.partition_mut(part.key)
            {
                partition.leader = Some(leader);
                partition.blocked_until = None;
            }
        }
    }

    /// Who refuses because another one leads may say who that is (KIP-951): those partitions' batches go there at once,
    /// without asking around.
    fn learn_leaders(
        &self,
        sent: &Sent,
        response: &ProduceResponse,
        cx: &mut Cx<'_>,
    ) -> BTreeMap<PartitionKey, NodeId> {
        let mut moved = BTreeMap::new();
        for told in &response.node_endpoints {
            if let Ok(port) = u16::try_from(told.port) {
                let host = told.host.as_str().into();
                cx.learn_node(NodeId(told.node_id), Endpoint { host, port });
            }
        }
        for topic in &response.responses {
            let Some(index) = self.topic_of(sent, topic) else {
                continue;
            };
            let Some(known) = self.topics.get(index as usize) else {
                continue;
            };
            for answer in &topic.partition_responses {
                let leader = &answer.current_leader;
                let (topic, partition) = (known.shared.name.clone(), answer.index);
                let id = TopicPartition { topic, partition };
                let node = NodeId(leader.leader_id);
                if node.0 >= 0 && cx.learn_leader(&id, node, leader.leader_epoch) {
                    let topic = index;
                    moved.insert(PartitionKey { topic, partition }, node);
                }
            }
        }
        moved
    }

    /// Which topic a part of an answer is about: it names it, or since version 13 its id.
    fn topic_of(&self, sent: &Sent, answered: &TopicProduceResponse) -> Option<u32> {
        match answered.topic_id {
            Uuid::ZERO => self.by_name.get(&answered.name).copied(),
            id => sent.ids.get(&id).copied(),
        }
    }

    fn read(&mut self, part: Part, answer: &PartitionProduceResponse) -> Outcome {
        let code = ErrorCode(answer.error_code);
        match code {
            ErrorCode::NONE => {
                let log_append_time_ms =
                    (answer.log_append_time_ms >= 0).then_some(answer.log_append_time_ms);
                Outcome::Done(Fate {
                    error: code,
                    base_offset: Some(answer.base_offset),
                    log_append_time_ms,
                })
            }
            // It was written the first time; where, only the lost answer knew.
            ErrorCode::DUPLICATE_SEQUENCE_NUMBER => Outcome::Done(Fate::written_somewhere()),
            ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER
            | ErrorCode::UNKNOWN_PRODUCER_ID
            | ErrorCode::INVALID_PRODUCER_EPOCH
            | ErrorCode::INVALID_PRODUCER_ID_MAPPING
                if self.idempotence.is_on() =>
            {
                // Behind a batch that is to be sent again this is what must come; in front of all it is final, and
                // proof that the batch was not written.
                if let Some(partition) = self.partition_mut(part.key)
                    && partition.is_front(part.batch)
                {
                    if partition.is_proven_written(part.batch) {
                        return Outcome::Done(Fate::written_somewhere());
                    }
                    partition.break_sequence();
                }
                Outcome::Retry(code)
            }
            code if code.is_retriable() => Outcome::Retry(code),
            code => Outcome::Refused(code),
        }
    }

    fn complete(&mut self, part: Part, outcome: Outcome, cx: &mut Cx<'_>) {
        let Part { key, batch } = part;
        self.ready.insert(key);
        let retries_max = match self.transaction.is_given_up() {
            true => 0,
            false => self.conf.producer.max_retries,
        };
        let is_numbered = self.idempotence.is_on();
        let is_over = self.idempotence.has_failed();
        let Some(partition) = self.partition_mut(key) else {
            return;
        };
        partition.in_flight = partition.in_flight.saturating_sub(1);
        let fate = match outcome {
            Outcome::Done(fate) => fate,
            Outcome::Failed(code) => Fate::failed(code),
            Outcome::Refused(code) => Fate::refused(code),
            Outcome::Retry(code) => {
                // Given up meanwhile (timed out, purged): nothing to send again.
                let Some(batch) = partition.batch_mut(batch) else {
                    return;
                };
                batch.is_in_flight = false;
                batch.attempts += 1;
                if batch.attempts <= retries_max && !is_over {
                    let attempts = batch.attempts;
                    self.back_off(key, attempts, code, cx);
                    return;
                }
                Fate::failed(if is_over { ErrorCode::_FATAL } else { code })
            }
        };
        let is_settled_early = is_numbered && !fate.error.is_error() && !partition.is_front(batch);
        if is_settled_early {
            if let Some(batch) = partition.batch_mut(batch) {
                batch.settled = Some(fate);
            }
            return;
        }
        let fate = match fate.error.is_error() && partition.is_proven_written(batch) {
            true => Fate::written_somewhere(),
            false => fate,
        };
        let batch = partition.remove(batch);
        self.finish(key, batch, fate, cx);
        self.finish_settled(key, cx);
        if fate.error.is_error() && is_numbered {
            self.leave_no_gap(key, fate.error, cx);
        }
    }

    /// A numbered batch failed for good: those behind it may not be sent where no gap is allowed
    /// (`enable.gapless.guarantee`).
    fn leave_no_gap(&mut self, key: PartitionKey, code: ErrorCode, cx: &mut Cx<'_>) {
        if !self.conf.producer.enable_gapless_guarantee
            || self.transaction.id().is_some()
            || self.gauge.fatal().is_some()
        {
            return;
        }
        let topic = self.topics.get(key.topic as usize);
        let topic = topic.map_or("", |topic| topic.shared.name.as_str());
        let text = format!(
            "Messages for {topic} [{}] failed: {}: unable to satisfy gap-less guarantee",
            key.partition,
            code.text()
        );
        self.fail_for_good(ErrorCode::_GAPLESS_GUARANTEE, &text, cx);
    }

    /// Report what was acknowledged behind a batch that is gone now.
    pub(super) fn finish_settled(&mut self, key: PartitionKey, cx: &mut Cx<'_>) {
        while let Some((batch, fate)) = self.partition_mut(key).and_then(Partition::take_settled) {
            self.finish(key, Some(batch), fate, cx);
        }
    }

    fn back_off(&mut self, key: PartitionKey, attempts: u32, code: ErrorCode, cx: &mut Cx<'_>) {
        if code != ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER {
            cx.refresh_metadata("a batch could not be delivered");
        }
        let base = Duration::from_millis(u64::from(self.conf.retry_backoff_ms));
        let max = Duration::from_millis(u64::from(self.conf.retry_backoff_max_ms));
        let delay = backoff::delay(base, max, attempts.saturating_sub(1), cx.rng());
        let until = cx.now.mono + delay;
        if let Some(partition) = self.partition_mut(key) {
            partition.blocked_until = Some(until);
        }
        self.timers.set(Timer::Retry(key), until);
    }
}
