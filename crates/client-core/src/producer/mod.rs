//! The producing half of the client.
//!
//! On the application's thread: [`accumulator`] picks the partition and appends to its open batch. On the driver's:
//! [`Producer`] takes batches out of the slots, keeps their order, sends them to the leaders, and tells their fate.
//!
//! | file | verb |
//! |---|---|
//! | `accumulator.rs` | place a record (application's thread) |
//! | `partitioner.rs` | choose |
//! | `batch.rs`, `partition.rs` | queue, per partition |
//! | `sender.rs` | send, retry, complete |
//! | `topics.rs` | follow metadata |
//! | `idempotence.rs` | producer id and sequences |
//! | `transaction.rs` | begin, commit, abort |
//! | `delivery.rs` | report |
//! | `stats.rs` | count |

pub mod accumulator;
mod batch;
mod delivery;
mod idempotence;
mod partition;
pub mod partitioner;
mod sender;
mod stats;
mod topics;
mod transaction;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rdkafka_records::Seal;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

pub use self::batch::{SealDone as JobDone, SealJob as Job};
pub use self::delivery::{DeliveredBatch, DeliveredMessage};
pub use self::transaction::{
    GroupMetadata, TransactionCall, TransactionError, TransactionOffsets, TransactionReply,
};

use self::batch::{Batch, BatchId};
use self::delivery::Fate;
use self::idempotence::Idempotence;
use self::partition::Partition;
use self::sender::{RequestId, Sent};
use self::topics::Topic;
use self::transaction::Transaction;
use crate::admin::CallReply;
use crate::conf::{ClientConfig, DebugContexts};
use crate::context::Cx;
use crate::io::{
    CallId, Event, Lane, Moment, NodeId, Output, TopicPartition, TopicPartitionOffset,
};
use crate::request::{RequestError, Response};
use crate::shared::{BatchSlot, QueueGauge, Take, TopicShared};
use crate::spares::Spares;
use crate::timers::Timers;

/// How long the driver waits when it finds a lock taken.
const BUSY_DELAY: Duration = Duration::from_millis(1);

/// What the application wants of the producer.
#[derive(Debug)]
pub enum Command {
    /// There is a new topic to produce to.
    TopicAdded(Arc<TopicShared>),
    /// A batch was opened in this slot.
    Opened(Arc<BatchSlot>),
    /// A batch of this slot is full.
    Filled(Arc<BatchSlot>),
    /// Records began to wait for this topic's metadata.
    Waiting(Arc<TopicShared>),
    /// No batch is to linger any longer; those to come do not while [`QueueGauge::set_flushing`] says so.
    Flush,
    /// The application has heard how its last call of the transaction ended.
    TransactionAcknowledged,
    /// From now on, report records that fail even where no delivery reports were asked for.
    ReportFailures,
}

/// Which question an answer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// A produce request.
    Produce(RequestId),
    /// The request for a producer id.
    ProducerId,
    /// A request to the coordinator of the transaction.
    Transaction(TransactionReply),
}

/// A partition, by its topic's place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartitionKey {
    pub(crate) topic: u32,
    pub(crate) partition: i32,
}

/// What the producer waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Timer {
    /// The open batch has lingered.
    Linger(PartitionKey),
    /// The slot was taken, or a back-off ends.
    Retry(PartitionKey),
    /// The oldest batch's time is over.
    Expire(PartitionKey),
    /// Records wait for metadata, or the view could not be swapped.
    Topic(u32),
    /// Ask for a producer id again.
    ProducerId,
    /// Ask the coordinator of the transaction again.
    Transaction,
}

/// The producer's state on the driver's thread.
#[derive(Debug)]
pub struct Producer {
    conf: Arc<ClientConfig>,
    gauge: Arc<QueueGauge>,
    spares: Arc<Spares>,
    topics: Vec<Topic>,
    by_name: HashMap<StrBytes, u32>,
    timers: Timers<Timer>,
    /// Partitions that may have something to send.
    ready: BTreeSet<PartitionKey>,
    requests: HashMap<RequestId, Sent>,
    /// Batches that met their fate while a worker had their records.
    with_worker: HashMap<BatchId, (Batch, Fate)>,
    next_request: u64,
    next_batch: u64,
    requests_by_node: HashMap<NodeId, u32>,
    reports_failures: bool,
    idempotence: Idempotence,
    transaction: Transaction,
}

impl Producer {
    pub(crate) fn new(conf: &Arc<ClientConfig>, gauge: Arc<QueueGauge>) -> Self {
        let transaction = Transaction::new(conf);
        gauge.set_open(!transaction.is_on());
        Self {
            conf: Arc::clone(conf),
            gauge,
            spares: Arc::default(),
            topics: Vec::new(),
            by_name: HashMap::new(),
            timers: Timers::default(),
            ready: BTreeSet::new(),
            requests: HashMap::new(),
            with_worker: HashMap::new(),
            next_request: 0,
            next_batch: 0,
            requests_by_node: HashMap::new(),
            reports_failures: false,
            idempotence: Idempotence::new(conf),
            transaction,
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_>) {
        if !self.transaction.is_on() {
            self.ask_producer_id(cx);
        }
    }

    pub(crate) fn handle_command(&mut self, command: Command, cx: &mut Cx<'_>) {
        match command {
            Command::TopicAdded(topic) => self.add_topic(topic, cx),
            Command::Opened(slot) => {
                let key = key_of(&slot);
                self.expire_no_later(key, cx.now.mono);
                // Word of it may come late.
                self.let_linger(key, slot.opened().unwrap_or(cx.now.mono));
            }
            Command::Filled(slot) => {
                let key = key_of(&slot);
                self.expire_no_later(key, cx.now.mono);
                self.collect(key, Take::Full, cx);
                // The full batch's successor may be open already, without a word of its own.
                self.let_linger(key, cx.now.mono);
            }
            Command::Waiting(topic) => self.records_wait(&topic, cx),
            Command::TransactionAcknowledged => self.transaction_acknowledged(),
            Command::ReportFailures => self.reports_failures = true,
            Command::Flush => self.all_due(),
        }
        self.pump(cx);
    }

    pub(crate) fn on_reply(
        &mut self,
        reply: Reply,
        result: Result<Response, RequestError>,
        cx: &mut Cx<'_>,
    ) {
        match reply {
            Reply::Produce(id) => self.on_produce_reply(id, result, cx),
            Reply::ProducerId => self.on_producer_id(result, cx),
            Reply::Transaction(reply) => self.on_transaction_reply(reply, result, cx),
        }
    }

    pub(crate) fn on_job(&mut self, done: JobDone, cx: &mut Cx<'_>) {
        let JobDone { key, id, sealed } = done;
        if let Some((mut batch, fate)) = self.with_worker.remove(&id) {
            if let Ok(bytes) = sealed {
                batch.sealed(bytes);
            }
            return self.tell(key, batch, fate, cx);
        }
        let Some(batch) = self
            .partition_mut(key)
            .and_then(|partition| partition.batch_mut(id))
        else {
            return;
        };
        match sealed {
            Ok(bytes) => batch.sealed(bytes),
            Err(_) => {
                let batch = self
                    .partition_mut(key)
                    .and_then(|partition| partition.remove(id));
                self.finish(key, batch, Fate::failed(ErrorCode::_BAD_COMPRESSION), cx);
            }
        }
        self.ready.insert(key);
        self.pump(cx);
    }

    pub(crate) fn on_timer(&mut self, cx: &mut Cx<'_>) {
        while let Some(timer) = self.timers.pop_due(cx.now.mono) {
            match timer {
                Timer::Linger(key) => self.due(key),
                Timer::Retry(key) => {
                    self.ready.insert(key);
                }
                Timer::Expire(key) => self.expire(key, cx),
                Timer::Topic(topic) => self.topic_timer(topic, cx),
                Timer::ProducerId => self.ask_producer_id(cx),
                Timer::Transaction => self.on_transaction_timer(cx),
            }
        }
        self.pump(cx);
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        self.timers.next()
    }

    pub(crate) fn on_connect(&mut self, node: NodeId, lane: Lane, cx: &mut Cx<'_>) {
        if lane != Lane::Main {
            return;
        }
        for (key, partition) in self.topics.iter().flat_map(Topic::keyed_partitions) {
            if partition.leader == Some(node) {
                self.ready.insert(key);
            }
        }
        self.pump(cx);
    }

    pub(crate) fn on_disconnect(&mut self, node: NodeId, lane: Lane, cx: &mut Cx<'_>) {
        // Its requests have come back already; what waits for it asks for the connection again, and for who leads now.
        let is_needed = lane == Lane::Main
            && self
                .topics
                .iter()
                .flat_map(Topic::keyed_partitions)
                .any(|(_, partition)| {
                    partition.leader == Some(node)
                        && (partition.is_due || !partition.batches.is_empty())
                });
        if is_needed {
            cx.refresh_metadata("a leader with records waiting for it disconnected");
            self.on_connect(node, lane, cx);
        }
    }

    /// Stop or go on sending to partitions.
    pub(crate) fn pause(
        &mut self,
        id: CallId,
        partitions: Vec<TopicPartition>,
        paused: bool,
        cx: &mut Cx<'_>,
    ) {
        let mut results = Vec::with_capacity(partitions.len());
        for TopicPartition { topic, partition } in partitions {
            let key = self
                .by_name
                .get(&topic)
                .map(|&topic| PartitionKey { topic, partition });
            let error = match key.and_then(|key| self.partition_mut(key).map(|found| (key, found)))
            {
                Some((key, found)) => {
                    found.is_paused = paused;
                    self.ready.insert(key);
                    ErrorCode::NONE
                }
                None => ErrorCode::_UNKNOWN_PARTITION,
            };
            let invalid = TopicPartitionOffset::INVALID;
            results.push(TopicPartitionOffset {
                error,
                ..TopicPartitionOffset::new(topic, partition, invalid)
            });
        }
        cx.reply(id, Ok(CallReply::Partitions(results)));
        self.pump(cx);
    }

    /// Fail what is queued, what is in flight, or both.
    pub(crate) fn purge(&mut self, id: CallId, queue: bool, in_flight: bool, cx: &mut Cx<'_>) {
        if queue {
            self.fail_queued(ErrorCode::_PURGE_QUEUE, cx);
        }
        if in_flight {
            for key in self.keys() {
                let Some(partition) = self.partition_mut(key) else {
                    continue;
                };
                let (purged, kept): (VecDeque<_>, VecDeque<_>) =
                    std::mem::take(&mut partition.batches)
                        .into_iter()
                        .partition(|batch| batch.is_in_flight);
                partition.batches = kept;
                for batch in purged {
                    let fate = batch.settled;
                    let fate = fate.unwrap_or(Fate::failed(ErrorCode::_PURGE_INFLIGHT));
                    self.finish(key, Some(batch), fate, cx);
                }
            }
        }
        cx.reply(id, Ok(CallReply::Done));
    }

    /// Fail everything that is not in flight: waiting for metadata, open, full, or to be retried.
    fn fail_queued(&mut self, code: ErrorCode, cx: &mut Cx<'_>) {
        self.fail_waiting(code, cx);
        for key in self.keys() {
            self.fail_partition(key, code, cx);
            self.finish_settled(key, cx);
        }
    }

    /// Take batches out of a slot to the end of its partition's queue.
    fn collect(&mut self, key: PartitionKey, what: Take, cx: &mut Cx<'_>) {
        let mut taken = Vec::new();
        let Some(topic) = self.topics.get_mut(key.topic as usize) else {
            return;
        };
        let is_transactional = self.transaction.is_on();
        let seal = topic.worker_seal().map(|seal| Seal {
            transactional: is_transactional,
            ..seal
        });
        let Some(partition) = topic.partition_mut(key.partition) else {
            return;
        };
        if partition.slot.take(what, &mut taken).is_err() {
            self.timers
                .set_no_later(Timer::Retry(key), cx.now.mono + BUSY_DELAY);
            partition.is_due |= what == Take::All;
            return;
        }
        if what == Take::All {
            partition.is_due = false;
        }
        let is_gone = partition.is_gone;
        for open in taken {
            let id = BatchId(self.next_batch);
            self.next_batch += 1;
            let mut batch = Batch::new(id, open);
            batch.is_transactional = is_transactional;
            if is_gone {
                self.finish(
                    key,
                    Some(batch),
                    Fate::failed(ErrorCode::_UNKNOWN_PARTITION),
                    cx,
                );
                continue;
            }
            if let Some(seal) = &seal
                && let Some(job) = batch.start_sealing(key, seal.clone(), &self.spares)
            {
                cx.run(crate::io::Job::Producer(job));
            }
            self.expire_no_later(key, batch.opened);
            if let Some(partition) = self.partition_mut(key) {
                partition.counters.enqueued += u64::from(batch.count);
                partition.batches.push_back(batch);
            }
        }
        self.ready.insert(key);
    }

    /// The oldest batch's time may be over.
    fn expire(&mut self, key: PartitionKey, cx: &mut Cx<'_>) {
        let Some(timeout) = self.message_timeout(key) else {
            return;
        };
        let now = cx.now.mono;
        if self
            .partition_mut(key)
            .is_some_and(|partition| !partition.has_waiting())
        {
            self.collect(key, Take::All, cx);
        }
        let Some(partition) = self.partition_mut(key) else {
            return;
        };
        let mut expired = Vec::new();
        while partition
            .batches
            .front()
            .is_some_and(|batch| batch.opened + timeout <= now)
        {
            let proof = partition.batches.front().map(|batch| batch.id);
            let is_written = proof.is_some_and(|id| partition.is_proven_written(id));
            expired.extend(
                partition
                    .batches
                    .pop_front()
                    .map(|batch| (batch, is_written)),
            );
        }
        if let Some(front) = partition.batches.front() {
            let at = front.opened + timeout;
            self.timers.set(Timer::Expire(key), at);
        }
        for (batch, is_written) in expired {
            let fate = match (batch.settled, is_written) {
                (Some(fate), _) => fate,
                (None, true) => Fate::written_somewhere(),
                (None, false) => Fate::failed(ErrorCode::_MSG_TIMED_OUT),
            };
            self.finish(key, Some(batch), fate, cx);
        }
        self.finish_settled(key, cx);
    }

    /// A batch met its fate: make room, and tell who wants to know.
    fn finish(&mut self, key: PartitionKey, batch: Option<Batch>, fate: Fate, cx: &mut Cx<'_>) {
        let Some(batch) = batch else { return };
        let count = u64::from(batch.count);
        if fate.error.is_error() {
            self.transaction
                .note_failed(count, batch.sequenced.is_some());
        }
        cx.debug(DebugContexts::MSG, "MSGSET", || {
            let topic = self.topics.get(key.topic as usize);
            let topic = topic.map_or("", |topic| topic.shared.name.as_str());
            let outcome = fate.error.text();
            format!(
                "{topic} [{}]: batch of {count} messages: {outcome}",
                key.partition
            )
        });
        if batch.is_with_worker() && self.wants_report(fate.error) {
            // Its records are there, and can be told of once the worker gives them back.
            self.with_worker.insert(batch.id, (batch, fate));
            return;
        }
        self.tell(key, batch, fate, cx);
    }

    /// Reports what became of a batch, and gives its room back.
    fn tell(&mut self, key: PartitionKey, batch: Batch, fate: Fate, cx: &mut Cx<'_>) {
        let (count, bytes) = (u64::from(batch.count), batch.queue_bytes);
        let topic = self
            .topics
            .get(key.topic as usize)
            .map(|topic| topic.shared.name.clone());
        if self.wants_report(fate.error) {
            // Before the room is given back: who waits for the queue to run empty must see the report.
            self.gauge.add_reports(count);
            let report = batch.into_report(
                topic.unwrap_or_default(),
                key.partition,
                fate,
                Arc::clone(&self.spares),
            );
            cx.emit(Event::Delivered(report));
        } else {
            // commitTransaction() tells of a record that failed.
            let is_told = self.conf.callbacks.delivery_report || self.transaction.is_on();
            if is_loss(fate.error) && !is_told {
                self.gauge.add_untold(topic.unwrap_or_default(), count);
            }
            batch.give_memory_to(&self.spares);
        }
        self.gauge.release(count, bytes);
        cx.output(Output::Drained);
    }

    fn wants_report(&self, error: ErrorCode) -> bool {
        let wants_all = !self.conf.producer.delivery_report_only_error;
        (self.conf.callbacks.delivery_report && (error.is_error() || wants_all))
            || (self.reports_failures && error.is_error())
    }

    fn let_linger(&mut self, key: PartitionKey, opened: Moment) {
        if self.gauge.is_flushing() || self.conf.producer.linger_us == 0 {
            self.due(key);
        } else {
            self.timers.set(Timer::Linger(key), opened + self.linger());
        }
    }

    fn due(&mut self, key: PartitionKey) {
        if let Some(partition) = self.partition_mut(key) {
            partition.is_due = true;
            self.ready.insert(key);
        }
    }

    fn all_due(&mut self) {
        for key in self.keys() {
            self.due(key);
        }
    }

    fn mark_all_ready(&mut self) {
        self.ready.extend(self.keys());
    }

    fn keys(&self) -> Vec<PartitionKey> {
        self.topics
            .iter()
            .flat_map(Topic::keyed_partitions)
            .map(|(key, _)| key)
            .collect()
    }

    fn partition_mut(&mut self, key: PartitionKey) -> Option<&mut Partition> {
        self.topics
            .get_mut(key.topic as usize)?
            .partition_mut(key.partition)
    }

    fn linger(&self) -> Duration {
        Duration::from_micros(self.conf.producer.linger_us)
    }

    fn message_timeout(&self, key: PartitionKey) -> Option<Duration> {
        let topic = self.topics.get(key.topic as usize)?;
        topic
            .shared
            .conf
            .message_timeout_ms
            .map(|ms| Duration::from_millis(u64::from(ms)))
    }

    fn expire_no_later(&mut self, key: PartitionKey, opened: Moment) {
        if let Some(timeout) = self.message_timeout(key) {
            self.timers
                .set_no_later(Timer::Expire(key), opened + timeout);
        }
    }
}

/// Whether records with this fate are lost; those that were purged are gone because the application said so.
fn is_loss(error: ErrorCode) -> bool {
    error.is_error() && !matches!(error, ErrorCode::_PURGE_QUEUE | ErrorCode::_PURGE_INFLIGHT)
}

fn key_of(slot: &BatchSlot) -> PartitionKey {
    PartitionKey {
        topic: slot.topic,
        partition: slot.partition,
    }
}
