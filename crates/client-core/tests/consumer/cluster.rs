//! A consumer, the scripted brokers it talks to, and a clock: what the scenarios run against.
//!
//! Answers what a consumer asks at once, except for API keys that a test holds back. A Fetch that finds nothing is parked
//! until its time is up or something is appended. No sockets, no sleeping.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rdkafka_client_core::admin;
use rdkafka_client_core::client::Client;
use rdkafka_client_core::conf::{Callback, ClientKind, Conf};
use rdkafka_client_core::consumer::{self, CallReply, Event};
use rdkafka_client_core::io::{
    BrokerId, CallId, Command, ErrorEvent, Event as ClientEvent, Input, JobDone, Moment, Now,
    Output, TopicPartition, TopicPartitionOffset,
};
use rdkafka_client_core::shared::QueueGauge;
use rdkafka_records::{BatchBuilder, Seal, patch_base_offset, patch_partition_leader_epoch};
use rdkafka_wire::frame::{decode_request, decode_request_header, encode_response};
use rdkafka_wire::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use rdkafka_wire::messages::fetch::FetchRequest;
use rdkafka_wire::messages::find_coordinator::FindCoordinatorRequest;
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::JoinGroupRequest;
use rdkafka_wire::messages::leave_group::LeaveGroupRequest;
use rdkafka_wire::messages::list_offsets::ListOffsetsRequest;
use rdkafka_wire::messages::metadata::MetadataRequest;
use rdkafka_wire::messages::offset_commit::OffsetCommitRequest;
use rdkafka_wire::messages::offset_fetch::OffsetFetchRequest;
use rdkafka_wire::messages::offset_for_leader_epoch::OffsetForLeaderEpochRequest;
use rdkafka_wire::messages::sync_group::SyncGroupRequest;
use rdkafka_wire::{ApiKey, ErrorCode, Frame};

use crate::answers::*;
use crate::broker::{Asked, Broker, Parked};
use crate::fetch_answers::{fetch, has_hints, offset_for_leader_epoch};

/// A consumer, the broker it talks to, and the time both live in.
pub(crate) struct Cluster {
    pub(crate) client: Client,
    pub(crate) broker: Broker,
    pub(crate) now: Moment,
    /// What the consumer told the application, oldest first.
    pub(crate) events: VecDeque<Event>,
    /// Errors that belong to no message.
    pub(crate) errors: Vec<ErrorEvent>,
    /// For how long brokers said that they throttle.
    pub(crate) throttles: Vec<i32>,
    /// The last statistics.
    pub(crate) statistics: String,
    deadline: Option<Moment>,
    inputs: VecDeque<Input>,
    /// Offsets written to files so far, and whether they were synced.
    pub(crate) kept: Vec<(i64, bool)>,
    /// The node at the other end of each connection.
    nodes: BTreeMap<BrokerId, i32>,
    replies: BTreeMap<CallId, Result<CallReply, ErrorCode>>,
    calls: u64,
}

impl Cluster {
    /// A consumer with these settings, connected; `callbacks` are set on it.
    pub(crate) fn new(settings: &[(&str, &str)], callbacks: &[Callback]) -> Self {
        let mut conf = Conf::new();
        conf.set("bootstrap.servers", "broker:9092").unwrap();
        for (name, value) in settings {
            conf.set(name, value).unwrap();
        }
        for callback in callbacks {
            conf.set_callback(*callback, true);
        }
        let conf = conf.resolve(ClientKind::Consumer).unwrap();
        let gauge = Arc::new(QueueGauge::new(1, 1));
        let mut cluster = Self {
            client: Client::new(Arc::new(conf), gauge, 7),
            broker: Broker::default(),
            now: Moment(1_000_000),
            events: VecDeque::new(),
            errors: Vec::new(),
            throttles: Vec::new(),
            statistics: String::new(),
            deadline: None,
            inputs: VecDeque::new(),
            kept: Vec::new(),
            nodes: BTreeMap::new(),
            replies: BTreeMap::new(),
            calls: 0,
        };
        cluster.client.start(cluster.time());
        cluster.settle();
        cluster
    }

    fn time(&self) -> Now {
        Now {
            mono: self.now,
            unix_ms: i64::try_from(self.now.0 / 1000).unwrap(),
        }
    }

    /// Makes a topic.
    pub(crate) fn topic(&mut self, name: &str, partitions: i32) {
        for partition in 0..partitions {
            self.broker
                .logs
                .entry((name.to_owned(), partition))
                .or_default();
        }
    }

    /// Appends records, one batch, and wakes parked fetches.
    pub(crate) fn append(&mut self, topic: &str, partition: i32, values: &[&str]) {
        let mut builder = BatchBuilder::new();
        for value in values {
            builder.append(0, None, Some(value.as_bytes()), []).unwrap();
        }
        let mut batch = builder.seal(&Seal::default()).unwrap().to_vec();
        let end = self.broker.end(topic, partition);
        patch_base_offset(&mut batch, end).unwrap();
        let (_, epoch) = self.broker.leader(topic, partition);
        patch_partition_leader_epoch(&mut batch, epoch).unwrap();
        self.broker
            .logs
            .entry((topic.to_owned(), partition))
            .or_default()
            .push(batch.into());
        self.wake();
        self.settle();
    }

    /// Gives a command and lets everything that follows happen.
    pub(crate) fn command(&mut self, command: consumer::Command) {
        self.handle(Input::Command(Command::Consumer(command)));
        self.settle();
    }

    /// Asks; the answer may still be missing.
    pub(crate) fn ask(&mut self, call: admin::Call) -> CallId {
        self.calls += 1;
        let id = CallId(self.calls);
        let deadline = self.now + Duration::from_secs(60);
        self.handle(Input::Call(id, call, deadline));
        self.settle();
        id
    }

    /// The answer to a question, if it is there.
    pub(crate) fn answer(&mut self, id: CallId) -> Option<Result<CallReply, ErrorCode>> {
        self.replies.remove(&id)
    }

    /// Asks what is answered at once.
    pub(crate) fn call(&mut self, call: consumer::Call) -> Result<CallReply, ErrorCode> {
        let id = self.ask(admin::Call::Consumer(call));
        self.answer(id).expect("an answer")
    }

    /// The next request of this key is answered with an error.
    pub(crate) fn fail_next(&mut self, key: ApiKey, code: ErrorCode) {
        self.broker.errors.entry(key).or_default().push_back(code);
    }

    /// Drops error items that lie before records.
    pub(crate) fn drop_error_items(&mut self) {
        self.events
            .retain(|event| !matches!(event, Event::Error(_)));
    }

    /// Lets time pass, deadline by deadline.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            let parked = self.broker.parked.iter().map(|parked| parked.until).min();
            let next = [self.deadline, parked].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            self.wake();
            if self.deadline.is_some_and(|at| at <= self.now) {
                self.handle(Input::Timeout);
            }
            self.settle();
        }
        self.now = end;
    }

    /// Answers what was held back, and from now on at once again.
    pub(crate) fn release(&mut self) {
        self.broker.held.clear();
        for asked in std::mem::take(&mut self.broker.waiting) {
            self.serve(asked);
        }
        self.settle();
    }

    /// Takes events up to the next error item; values of records come as `topic/partition@offset=value`.
    pub(crate) fn records(&mut self) -> Vec<String> {
        self.take_records(usize::MAX)
    }

    /// The same, of no more fetched shares than `shares`.
    pub(crate) fn take_records(&mut self, shares: usize) -> Vec<String> {
        let mut records = Vec::new();
        for _ in 0..shares {
            if !matches!(self.events.front(), Some(Event::Fetched(_))) {
                break;
            }
            let Some(Event::Fetched(fetched)) = self.events.pop_front() else {
                break;
            };
            let _ = fetched.queue.take(fetched.messages, fetched.bytes);
            for batch in &fetched.batches {
                let plain = batch.decompress(1 << 20).unwrap();
                for record in plain.records().map(Result::unwrap) {
                    let is_current = fetched.partition.version() == fetched.version;
                    if record.offset < fetched.from_offset || !is_current {
                        continue;
                    }
                    let header = batch.header();
                    let epoch = header.map_or(-1, |header| header.partition_leader_epoch);
                    fetched.partition.enter_batch(epoch, true);
                    fetched.partition.deliver(record.offset, true);
                    let value =
                        String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
                    let (topic, number) = (
                        &fetched.partition.topic().name,
                        fetched.partition.partition(),
                    );
                    records.push(format!("{topic}/{number}@{}={value}", record.offset));
                }
            }
        }
        records
    }

    /// The codes of error items not yet taken, in order; everything else in the queue is dropped.
    pub(crate) fn error_items(&mut self) -> Vec<ErrorCode> {
        let items = self.events.drain(..).filter_map(|event| match event {
            Event::Error(error) => {
                let is_current = error
                    .origin
                    .is_none_or(|(partition, version)| partition.version() == version);
                is_current.then_some(error.code)
            }
            _ => None,
        });
        items.collect()
    }

    fn handle(&mut self, input: Input) {
        let now = self.time();
        self.client.handle(input, now);
        loop {
            match self.client.poll_output() {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                Output::Connect(id, endpoint) => {
                    let node = endpoint
                        .host
                        .trim_start_matches("broker")
                        .parse()
                        .unwrap_or(1);
                    self.nodes.insert(id, node);
                    self.inputs.push_back(Input::Connected(id));
                }
                Output::Transmit { broker, frame, .. } => self.receive(broker, frame),
                Output::Event(ClientEvent::Consumer(event)) => self.events.push_back(event),
                Output::Event(ClientEvent::Error(error)) => self.errors.push(error),
                Output::Event(ClientEvent::Throttle(it)) => self.throttles.push(it.throttle_ms),
                Output::Event(ClientEvent::Stats(json)) => self.statistics = json,
                Output::KeepOffset(offset) => {
                    self.kept.push((offset.offset, offset.sync));
                    let result = Ok(());
                    let done = JobDone::OffsetKept((offset, result));
                    self.inputs.push_back(Input::Done(done));
                }
                Output::Reply(id, reply) => {
                    let reply = reply.map(|reply| match reply {
                        admin::CallReply::Consumer(reply) => reply,
                        admin::CallReply::Partitions(list) => CallReply::Partitions(list),
                        other => panic!("{other:?}"),
                    });
                    assert!(self.replies.insert(id, reply).is_none(), "answered twice");
                }
                _ => {}
            }
        }
    }

    /// What the driver would say.
    pub(crate) fn feed(&mut self, input: Input) {
        self.inputs.push_back(input);
        self.settle();
    }

    /// Lets everything happen that needs no time.
    pub(crate) fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 10_000, "the client and the broker talk for ever");
            if let Some(input) = self.inputs.pop_front() {
                self.handle(input);
            } else if self.deadline.is_some_and(|at| at <= self.now) {
                self.handle(Input::Timeout);
            } else {
                return;
            }
        }
    }

    fn receive(&mut self, connection: BrokerId, frame: Frame) {
        let bytes = frame.into_bytes();
        let (header, body) = decode_request_header(bytes.slice(4..)).unwrap();
        let key = ApiKey::try_from(header.request_api_key).unwrap();
        let asked = Asked {
            connection,
            key,
            version: header.request_api_version,
            correlation_id: header.correlation_id,
            body,
        };
        *self.broker.counts.entry(key).or_default() += 1;
        // As Kafka: what comes on a connection waits for the answers to what came before on it.
        let mut waiting = self.broker.waiting.iter();
        let is_behind = waiting.any(|before| before.connection == connection);
        if is_behind || self.broker.held.contains(&key) {
            self.broker.waiting.push(asked);
        } else {
            self.serve(asked);
        }
    }

    pub(crate) fn serve(&mut self, asked: Asked) {
        let (key, version, correlation_id) = (asked.key, asked.version, asked.correlation_id);
        let body = asked.body.clone();
        let broker = &mut self.broker;
        macro_rules! answer {
            ($request:ty, $answer:expr) => {{
                let request: $request = decode_request(body, version).unwrap();
                encode_response(key, &$answer(broker, request), version, correlation_id)
            }};
        }
        let frame = match key {
            ApiKey::ApiVersions => encode_response(key, &api_versions(), version, correlation_id),
            ApiKey::Metadata => answer!(MetadataRequest, metadata),
            ApiKey::FindCoordinator => answer!(FindCoordinatorRequest, find_coordinator),
            ApiKey::JoinGroup => answer!(JoinGroupRequest, join_group),
            ApiKey::SyncGroup => answer!(SyncGroupRequest, sync_group),
            ApiKey::Heartbeat => answer!(HeartbeatRequest, heartbeat),
            ApiKey::ConsumerGroupHeartbeat => {
                answer!(ConsumerGroupHeartbeatRequest, consumer_group_heartbeat)
            }
            ApiKey::LeaveGroup => answer!(LeaveGroupRequest, leave_group),
            ApiKey::ListOffsets => answer!(ListOffsetsRequest, list_offsets),
            ApiKey::OffsetForLeaderEpoch => {
                answer!(OffsetForLeaderEpochRequest, offset_for_leader_epoch)
            }
            ApiKey::OffsetFetch => answer!(OffsetFetchRequest, offset_fetch),
            ApiKey::OffsetCommit => answer!(OffsetCommitRequest, offset_commit),
            ApiKey::Fetch => {
                let request: FetchRequest = decode_request(body, version).unwrap();
                let wait = Duration::from_millis(request.max_wait_ms.try_into().unwrap());
                let node = self.nodes[&asked.connection];
                let told = request
                    .topics
                    .iter()
                    .map(|topic| topic.partitions.len())
                    .sum();
                broker.fetches.push((told, node));
                let (code, wanted) = broker.session(&request);
                let response = fetch(broker, &request, node, code, &wanted);
                let is_empty = response
                    .responses
                    .iter()
                    .flat_map(|topic| &topic.partitions)
                    .all(|data| {
                        data.error_code == 0
                            && data
                                .records
                                .as_ref()
                                .is_none_or(|records| records.is_empty())
                    });
                if is_empty && code == ErrorCode::NONE && !has_hints(&response) {
                    broker.parked.push(Parked {
                        wanted,
                        asked,
                        until: self.now + wait,
                    });
                    return;
                }
                encode_response(key, &response, version, correlation_id)
            }
            key => panic!("the consumer asked {key:?}"),
        };
        self.inputs.push_back(Input::Frame(
            asked.connection,
            frame.into_bytes().slice(4..),
        ));
    }

    /// Answers parked fetches that have something to tell, or waited long enough.
    fn wake(&mut self) {
        for Parked {
            wanted,
            asked,
            until,
        } in std::mem::take(&mut self.broker.parked)
        {
            let request: FetchRequest = decode_request(asked.body.clone(), asked.version).unwrap();
            let node = self.nodes[&asked.connection];
            let none = ErrorCode::NONE;
            let response = fetch(&mut self.broker, &request, node, none, &wanted);
            let has_records = has_hints(&response)
                || response
                    .responses
                    .iter()
                    .flat_map(|topic| &topic.partitions)
                    .any(|data| {
                        data.records
                            .as_ref()
                            .is_some_and(|records| !records.is_empty())
                    });
            if has_records || until <= self.now {
                let frame =
                    encode_response(asked.key, &response, asked.version, asked.correlation_id);
                self.inputs.push_back(Input::Frame(
                    asked.connection,
                    frame.into_bytes().slice(4..),
                ));
            } else {
                self.broker.parked.push(Parked {
                    wanted,
                    asked,
                    until,
                });
            }
        }
    }
}

/// Partition `partition` of `topic`.
pub(crate) fn partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition {
        topic: topic.into(),
        partition,
    }
}

/// Partition `partition` of `topic` at `offset`.
pub(crate) fn at(topic: &str, partition: i32, offset: i64) -> TopicPartitionOffset {
    TopicPartitionOffset::new(topic.into(), partition, offset)
}
