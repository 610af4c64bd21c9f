//! Following metadata: which partitions a topic has, who leads them, and what happens to records that waited.
//!
//! A topic is first unknown (its records wait), then known, or missing (its records fail): missing when a broker says
//! something final, or when it did not appear within `topic.metadata.propagation.max.ms`. A missing topic may still
//! appear. Driver thread.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rdkafka_records::{RecordBatch, Seal};
use rdkafka_wire::ErrorCode;

use super::accumulator::{Chooser, batch_limits, slot_of};
use super::batch::{Batch, BatchId, worker_seal};
use super::delivery::{Fate, UNPACKED_BYTES_MAX};
use super::partition::Partition;
use super::{BUSY_DELAY, PartitionKey, Producer, Timer};
use crate::conf::{Compression, DebugContexts};
use crate::context::Cx;
use crate::io::{Moment, NodeId};
use crate::shared::{
    BatchLimits, BatchSlot, NewRecord, PartitionView, Take, TopicShared, TopicView, WaitingBatch,
};
use crate::stats::BatchWindows;

/// A topic on the driver's side.
#[derive(Debug)]
pub(crate) struct Topic {
    index: u32,
    pub(crate) shared: Arc<TopicShared>,
    partitions: Vec<Partition>,
    status: Status,
    /// For statistics.
    pub(crate) created: Moment,
    pub(crate) batches: BatchWindows,
}

/// What is known of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Nothing, since then.
    Unknown { since: Moment },
    /// It has partitions.
    Known,
    /// It is not there.
    Missing(ErrorCode),
}

impl Topic {
    pub(crate) fn partition_mut(&mut self, partition: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(usize::try_from(partition).ok()?)
    }

    pub(crate) fn keyed_partitions(&self) -> impl Iterator<Item = (PartitionKey, &Partition)> {
        let topic = self.index;
        self.partitions
            .iter()
            .zip(0..)
            .map(move |(found, partition)| (PartitionKey { topic, partition }, found))
    }

    /// How workers seal its batches; `None` when the driver seals them itself, without compression.
    pub(crate) fn worker_seal(&self) -> Option<Seal> {
        (self.shared.conf.compression != Compression::None).then(|| worker_seal(&self.shared.conf))
    }

    fn view(&self, count: usize) -> TopicView {
        let views = self
            .partitions
            .iter()
            .take(count)
            .map(|partition| PartitionView {
                slot: Arc::clone(&partition.slot),
                is_available: partition.leader.is_some(),
            });
        TopicView::Partitions(views.collect())
    }
}

impl Producer {
    pub(super) fn add_topic(&mut self, shared: Arc<TopicShared>, cx: &mut Cx<'_>) {
        if self.by_name.contains_key(&shared.name) {
            return;
        }
        let index = u32::try_from(self.topics.len()).unwrap_or(u32::MAX);
        cx.debug(DebugContexts::TOPIC, "TOPIC", || {
            format!("New local topic: {}", shared.name)
        });
        self.by_name.insert(shared.name.clone(), index);
        cx.want_topic(&shared.name);
        let status = Status::Unknown { since: cx.now.mono };
        self.topics.push(Topic {
            index,
            shared,
            partitions: Vec::new(),
            status,
            created: cx.now.mono,
            batches: BatchWindows::default(),
        });
        self.follow(index, cx);
    }

    /// New metadata: follow with every topic.
    pub(crate) fn on_metadata(&mut self, cx: &mut Cx<'_>) {
        for index in 0..self.topics.len() {
            self.follow(u32::try_from(index).unwrap_or(u32::MAX), cx);
        }
        self.pump(cx);
    }

    /// Records began to wait.
    pub(super) fn records_wait(&mut self, shared: &TopicShared, cx: &mut Cx<'_>) {
        if let Some(&index) = self.by_name.get(&shared.name) {
            self.topic_timer(index, cx);
        }
    }

    /// Records of a topic may have waited too long, or its view could not be swapped.
    pub(super) fn topic_timer(&mut self, index: u32, cx: &mut Cx<'_>) {
        self.follow(index, cx);
        self.expire_waiting(index, cx);
    }

    fn follow(&mut self, index: u32, cx: &mut Cx<'_>) {
        let Some(topic) = self.topics.get_mut(index as usize) else {
            return;
        };
        let propagation = Duration::from_millis(u64::from(self.conf.metadata.propagation_max_ms));
        let known = cx.metadata().topic(&topic.shared.name);
        match known {
            Some(known) if !known.partitions.is_empty() => self.known(index, cx),
            Some(known) if known.error.is_error() => {
                let (error, now) = (known.error, cx.now.mono);
                let since = match topic.status {
                    Status::Unknown { since } => since,
                    Status::Missing(_) => return,
                    // The cache kept its partitions for as long as propagation may take.
                    Status::Known => now - propagation,
                };
                if !error.is_retriable() || now.since(since) >= propagation {
                    self.missing(index, error, cx);
                } else {
                    self.timers
                        .set_no_later(Timer::Topic(index), since + propagation);
                }
            }
            _ => {}
        }
    }

    fn known(&mut self, index: u32, cx: &mut Cx<'_>) {
        let Some(topic) = self.topics.get_mut(index as usize) else {
            return;
        };
        let Some(known) = cx.metadata().topic(&topic.shared.name) else {
            return;
        };
        let count = known.partitions.len();
        let mut has_changed = topic.status != Status::Known;
        let mut moved = Vec::new();
        for (number, partition) in known.partitions.iter().enumerate() {
            if number >= topic.partitions.len() {
                let slot = BatchSlot::new(
                    index,
                    i32::try_from(number).unwrap_or(i32::MAX),
                    Arc::clone(&self.spares),
                );
                topic.partitions.push(Partition::new(Arc::new(slot)));
                has_changed = true;
            }
            if let Some(ours) = topic.partitions.get_mut(number) {
                has_changed |= ours.leader.is_some() != partition.leader.is_some() || ours.is_gone;
                if ours.leader != partition.leader {
                    moved.push((number, partition.leader));
                }
                ours.leader = partition.leader;
                ours.is_gone = false;
            }
        }
        // Partitions that went away stay in the table: the application may hold their slots yet.
        for gone in topic
            .partitions
            .iter_mut()
            .skip(count)
            .filter(|partition| !partition.is_gone)
        {
            gone.is_gone = true;
            gone.leader = None;
            has_changed = true;
        }
        for (number, leader) in moved {
            let contexts = DebugContexts::TOPIC.and(DebugContexts::METADATA);
            let topic = &topic.shared.name;
            cx.debug(contexts, "TOPICUPD", || match leader {
                Some(NodeId(leader)) => format!("Topic {topic} [{number}]: led by broker {leader}"),
                None => format!("Topic {topic} [{number}]: no leader"),
            });
        }
        let keys: Vec<_> = topic.keyed_partitions().map(|(key, _)| key).collect();
        if has_changed {
            self.publish(index, count, cx);
        }
        self.ready.extend(keys.iter().copied());
        for key in keys.into_iter().skip(count) {
            self.fail_partition(key, ErrorCode::_UNKNOWN_PARTITION, cx);
        }
    }

    /// Let the application see the partitions, after the records that waited have been placed.
    fn publish(&mut self, index: u32, count: usize, cx: &mut Cx<'_>) {
        let Some(topic) = self.topics.get_mut(index as usize) else {
            return;
        };
        let conf = &self.conf.producer;
        let limits = batch_limits(&self.conf);
        let seed = cx.rng().u64(..);
        let mut chooser = Chooser::new(
            topic.shared.conf.partitioner,
            conf.sticky_partitioning_linger_ms,
            seed,
        );
        let (unix_ms, mut homeless) = (cx.now.unix_ms, Vec::new());
        let shared = Arc::clone(&topic.shared);
        let published = shared.publish(topic.view(count), |view, waiting| {
            homeless = place_waiting(view, waiting, &mut chooser, &limits, unix_ms);
        });
        if published.is_err() {
            self.timers
                .set(Timer::Topic(index), cx.now.mono + BUSY_DELAY);
            return;
        }
        topic.status = Status::Known;
        let keys: Vec<_> = topic.keyed_partitions().map(|(key, _)| key).collect();
        for key in keys {
            let holds_records = |partition: &mut Partition| partition.slot.holds_records();
            if self.partition_mut(key).is_some_and(holds_records) {
                self.collect(key, Take::Full, cx);
                self.linger_on(key, cx);
                self.expire_no_later(key, cx.now.mono);
            }
        }
        for waiting in homeless {
            self.fail_waiting_batch(index, waiting, ErrorCode::_UNKNOWN_PARTITION, cx);
        }
    }

    /// The time that records waited for their topic counts as lingering.
    fn linger_on(&mut self, key: PartitionKey, cx: &Cx<'_>) {
        let opened = self
            .partition_mut(key)
            .and_then(|partition| partition.slot.opened());
        match opened.map(|opened| opened + self.linger()) {
            Some(until) if until > cx.now.mono && !self.gauge.is_flushing() => {
                self.timers.set(Timer::Linger(key), until);
            }
            _ => self.due(key),
        }
    }

    fn missing(&mut self, index: u32, error: ErrorCode, cx: &mut Cx<'_>) {
        let local = match error {
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID => {
                ErrorCode::_UNKNOWN_TOPIC
            }
            other => other,
        };
        let Some(topic) = self.topics.get_mut(index as usize) else {
            return;
        };
        let mut failed = VecDeque::new();
        let shared = Arc::clone(&topic.shared);
        let published = shared.publish(TopicView::Missing(local), |_, waiting| failed = waiting);
        if published.is_err() {
            self.timers
                .set(Timer::Topic(index), cx.now.mono + BUSY_DELAY);
            return;
        }
        topic.status = Status::Missing(local);
        cx.debug(DebugContexts::TOPIC, "TOPICERR", || {
            format!("Topic {} is not there: {}", shared.name, local.text())
        });
        let keys: Vec<_> = topic.keyed_partitions().map(|(key, _)| key).collect();
        for waiting in failed {
            self.fail_waiting_batch(index, waiting, local, cx);
        }
        for key in keys {
            self.fail_partition(key, local, cx);
        }
    }

    /// Fail what is queued for a partition; what is in flight may still be answered.
    pub(super) fn fail_partition(&mut self, key: PartitionKey, code: ErrorCode, cx: &mut Cx<'_>) {
        self.collect(key, Take::All, cx);
        let Some(partition) = self.partition_mut(key) else {
            return;
        };
        let (kept, failed): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut partition.batches)
            .into_iter()
            .partition(|batch| batch.is_in_flight);
        partition.batches = kept;
        for batch in failed {
            self.finish(key, Some(batch), Fate::failed(code), cx);
        }
    }

    fn expire_waiting(&mut self, index: u32, cx: &mut Cx<'_>) {
        let Some(topic) = self.topics.get(index as usize) else {
            return;
        };
        let Some(timeout_ms) = topic.shared.conf.message_timeout_ms else {
            return;
        };
        let timeout = Duration::from_millis(u64::from(timeout_ms));
        let now = cx.now.mono;
        let shared = Arc::clone(&topic.shared);
        let taken = shared.take_waiting(|waiting| waiting.batch.opened + timeout <= now);
        let at = match (taken, shared.oldest_waiting()) {
            (Ok(expired), oldest) => {
                for waiting in expired {
                    self.fail_waiting_batch(index, waiting, ErrorCode::_MSG_TIMED_OUT, cx);
                }
                oldest.map_or(Some(now + BUSY_DELAY), |oldest| {
                    oldest.map(|opened| opened + timeout)
                })
            }
            (Err(_), _) => Some(now + BUSY_DELAY),
        };
        if let Some(at) = at {
            self.timers.set_no_later(Timer::Topic(index), at);
        }
    }

    /// Fail everything that waits for metadata.
    pub(super) fn fail_waiting(&mut self, code: ErrorCode, cx: &mut Cx<'_>) {
        for index in 0..self.topics.len() {
            let Some(shared) = self
                .topics
                .get(index)
                .map(|topic| Arc::clone(&topic.shared))
            else {
                continue;
            };
            for waiting in shared.take_waiting(|_| true).unwrap_or_default() {
                self.fail_waiting_batch(
                    u32::try_from(index).unwrap_or(u32::MAX),
                    waiting,
                    code,
                    cx,
                );
            }
        }
    }

    fn fail_waiting_batch(
        &mut self,
        topic: u32,
        waiting: WaitingBatch,
        code: ErrorCode,
        cx: &mut Cx<'_>,
    ) {
        let id = BatchId(self.next_batch);
        self.next_batch += 1;
        let key = PartitionKey {
            topic,
            partition: waiting.partition,
        };
        self.finish(
            key,
            Some(Batch::new(id, waiting.batch)),
            Fate::failed(code),
            cx,
        );
    }
}

/// Place the records that waited, in their order; gives back those whose partition is not there.
fn place_waiting(
    view: &TopicView,
    waiting: VecDeque<WaitingBatch>,
    chooser: &mut Chooser,
    limits: &BatchLimits,
    unix_ms: i64,
) -> Vec<WaitingBatch> {
    let TopicView::Partitions(partitions) = view else {
        return Vec::new();
    };
    let mut homeless = Vec::new();
    for mut waiting in waiting {
        if slot_of(chooser, partitions, waiting.partition, None, unix_ms).is_err() {
            homeless.push(waiting);
            continue;
        }
        let (opened, opaques) = (
            waiting.batch.opened,
            std::mem::take(&mut waiting.batch.opaques),
        );
        let sealed = waiting.batch.builder.seal(&Seal::default()).ok();
        let plain = sealed
            .and_then(|bytes| RecordBatch::parse(bytes).ok())
            .and_then(|batch| batch.decompress(UNPACKED_BYTES_MAX).ok());
        // Our own bytes, sealed a line above: they can be read back.
        let Some(plain) = plain else { continue };
        let mut headers = Vec::new();
        for (index, record) in plain.records().flatten().enumerate() {
            headers.clear();
            headers.extend(record.headers.clone());
            let new = NewRecord {
                key: record.key,
                payload: record.value,
                headers: &headers,
                timestamp_ms: record.timestamp_ms,
                opaque: opaques.get(index).copied().unwrap_or(0),
            };
            if let Ok(slot) = slot_of(chooser, partitions, waiting.partition, record.key, unix_ms) {
                slot.append(&new, limits, || opened);
            }
        }
    }
    homeless
}
