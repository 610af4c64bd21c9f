//! A cluster of one broker in a few maps, and a clock: what the scenarios of the consumer run against.
//!
//! Answers what a consumer asks at once, except for API keys that a test holds back or scripts an error for. A Fetch
//! that finds nothing is parked until its time is up or something is appended. No sockets, no sleeping.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_client_core::admin;
use rdkafka_client_core::client::Client;
use rdkafka_client_core::conf::{Callback, ClientKind, Conf};
use rdkafka_client_core::consumer::{self, CallReply, Event};
use rdkafka_client_core::io::{
    BrokerId, CallId, Command, ErrorEvent, Event as ClientEvent, Input, Moment, Now, Output,
    TopicPartition, TopicPartitionOffset,
};
use rdkafka_client_core::shared::QueueGauge;
use rdkafka_records::{BatchBuilder, Seal, patch_base_offset};
use rdkafka_wire::frame::{decode_request, decode_request_header, encode_response};
use rdkafka_wire::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use rdkafka_wire::messages::consumer_group_heartbeat::{
    Assignment, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    ResponseTopicPartitions,
};
use rdkafka_wire::messages::fetch::{
    FetchRequest, FetchResponse, FetchTopic, FetchableTopicResponse, PartitionData,
};
use rdkafka_wire::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use rdkafka_wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use rdkafka_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember,
};
use rdkafka_wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use rdkafka_wire::messages::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
};
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchResponse, OffsetFetchResponseGroup,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use rdkafka_wire::types::StrBytes;
use rdkafka_wire::{ApiKey, ErrorCode, Frame, FrameReader, Uuid};

/// A request the broker has got.
#[derive(Debug, Clone)]
struct Asked {
    connection: BrokerId,
    key: ApiKey,
    version: i16,
    correlation_id: i32,
    body: FrameReader,
}

/// A Fetch that waits for records.
#[derive(Debug)]
struct Parked {
    asked: Asked,
    until: Moment,
}

/// The broker's side.
#[derive(Debug, Default)]
pub(crate) struct Broker {
    /// Record batches of each partition.
    pub(crate) logs: BTreeMap<(String, i32), Vec<Bytes>>,
    /// Where each partition's log starts.
    pub(crate) log_starts: BTreeMap<(String, i32), i64>,
    /// Committed offsets.
    pub(crate) committed: BTreeMap<(String, i32), i64>,
    /// Errors to answer the next requests of a key with.
    pub(crate) errors: BTreeMap<ApiKey, VecDeque<ErrorCode>>,
    /// Keys whose requests are not answered for now.
    pub(crate) held: Vec<ApiKey>,
    waiting: Vec<Asked>,
    parked: Vec<Parked>,
    /// Topics have no ids, as before Kafka 2.8.
    pub(crate) has_no_topic_ids: bool,
    /// Requests so far, by key.
    pub(crate) counts: BTreeMap<ApiKey, usize>,
    /// The generations of commits so far.
    pub(crate) commit_generations: Vec<i32>,
    member: Option<(StrBytes, Bytes)>,
    generation: i32,
    /// New protocol: what the one member should own, by topic.
    pub(crate) target: BTreeMap<String, Vec<i32>>,
    /// New protocol: heartbeats so far.
    pub(crate) beats: Vec<ConsumerGroupHeartbeatRequest>,
}

impl Broker {
    fn end(&self, topic: &str, partition: i32) -> i64 {
        let log = self.logs.get(&(topic.to_owned(), partition));
        log.map_or(0, |batches| batches.iter().map(|batch| count(batch)).sum())
    }

    fn start(&self, topic: &str, partition: i32) -> i64 {
        self.log_starts
            .get(&(topic.to_owned(), partition))
            .copied()
            .unwrap_or(0)
    }

    fn error(&mut self, key: ApiKey) -> ErrorCode {
        self.errors
            .get_mut(&key)
            .and_then(VecDeque::pop_front)
            .unwrap_or(ErrorCode::NONE)
    }
}

fn count(batch: &[u8]) -> i64 {
    rdkafka_records::BatchHeader::parse(batch)
        .unwrap()
        .record_count
        .into()
}

/// A consumer, the broker it talks to, and the time both live in.
pub(crate) struct Cluster {
    pub(crate) client: Client,
    pub(crate) broker: Broker,
    pub(crate) now: Moment,
    /// What the consumer told the application, oldest first.
    pub(crate) events: VecDeque<Event>,
    /// Errors that belong to no message.
    pub(crate) errors: Vec<ErrorEvent>,
    deadline: Option<Moment>,
    inputs: VecDeque<Input>,
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
            deadline: None,
            inputs: VecDeque::new(),
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
        let mut records = Vec::new();
        while let Some(Event::Fetched(_)) = self.events.front() {
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
                Output::Connect(id, _) => self.inputs.push_back(Input::Connected(id)),
                Output::Transmit { broker, frame, .. } => self.receive(broker, frame),
                Output::Event(ClientEvent::Consumer(event)) => self.events.push_back(event),
                Output::Event(ClientEvent::Error(error)) => self.errors.push(error),
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
        if self.broker.held.contains(&key) {
            self.broker.waiting.push(asked);
        } else {
            self.serve(asked);
        }
    }

    fn serve(&mut self, asked: Asked) {
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
            ApiKey::OffsetFetch => answer!(OffsetFetchRequest, offset_fetch),
            ApiKey::OffsetCommit => answer!(OffsetCommitRequest, offset_commit),
            ApiKey::Fetch => {
                let request: FetchRequest = decode_request(body, version).unwrap();
                let wait = Duration::from_millis(request.max_wait_ms.try_into().unwrap());
                let response = fetch(broker, &request);
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
                if is_empty {
                    broker.parked.push(Parked {
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
        for Parked { asked, until } in std::mem::take(&mut self.broker.parked) {
            let request: FetchRequest = decode_request(asked.body.clone(), asked.version).unwrap();
            let response = fetch(&mut self.broker, &request);
            let has_records = response
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
                self.broker.parked.push(Parked { asked, until });
            }
        }
    }
}

fn api_versions() -> ApiVersionsResponse {
    let row = |key: &ApiKey| ApiVersion {
        api_key: key.code(),
        min_version: *key.versions().start(),
        max_version: *key.versions().end(),
    };
    ApiVersionsResponse {
        api_keys: ApiKey::ALL.iter().map(row).collect(),
        ..Default::default()
    }
}

fn metadata(broker: &mut Broker, request: MetadataRequest) -> MetadataResponse {
    let mut names: Vec<String> = match request.topics {
        Some(topics) => topics
            .into_iter()
            .map(|topic| {
                topic
                    .name
                    .map_or_else(|| name_of(topic.topic_id), String::from)
            })
            .collect(),
        None => broker.logs.keys().map(|(topic, _)| topic.clone()).collect(),
    };
    names.dedup();
    let topic = |name: String| {
        let count = broker
            .logs
            .keys()
            .filter(|(topic, _)| *topic == name)
            .count();
        let partitions = (0..count).map(|number| MetadataResponsePartition {
            partition_index: number.try_into().unwrap(),
            leader_id: 1,
            leader_epoch: 0,
            replica_nodes: vec![1],
            isr_nodes: vec![1],
            ..Default::default()
        });
        let error = if count == 0 {
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        } else {
            ErrorCode::NONE
        };
        MetadataResponseTopic {
            error_code: error.0,
            topic_id: topic_id(broker, &name),
            name: Some(name.into()),
            partitions: partitions.collect(),
            ..Default::default()
        }
    };
    let node = MetadataResponseBroker {
        node_id: 1,
        host: "broker".into(),
        port: 9092,
        rack: None,
    };
    MetadataResponse {
        brokers: vec![node],
        controller_id: 1,
        topics: names.into_iter().map(topic).collect(),
        ..Default::default()
    }
}

fn find_coordinator(_: &mut Broker, request: FindCoordinatorRequest) -> FindCoordinatorResponse {
    let found = |key| Coordinator {
        key,
        node_id: 1,
        host: "broker".into(),
        port: 9092,
        ..Default::default()
    };
    FindCoordinatorResponse {
        node_id: 1,
        host: "broker".into(),
        port: 9092,
        coordinators: request.coordinator_keys.into_iter().map(found).collect(),
        ..Default::default()
    }
}

fn join_group(broker: &mut Broker, request: JoinGroupRequest) -> JoinGroupResponse {
    let error = broker.error(ApiKey::JoinGroup);
    if error != ErrorCode::NONE {
        return JoinGroupResponse {
            error_code: error.0,
            ..Default::default()
        };
    }
    if request.member_id.is_empty() {
        return JoinGroupResponse {
            error_code: ErrorCode::MEMBER_ID_REQUIRED.0,
            member_id: format!("member-{}", broker.generation).into(),
            ..Default::default()
        };
    }
    broker.generation += 1;
    let protocol = request.protocols[0].clone();
    broker.member = Some((request.member_id.clone(), protocol.metadata.clone()));
    let member = JoinGroupResponseMember {
        member_id: request.member_id.clone(),
        metadata: protocol.metadata,
        ..Default::default()
    };
    JoinGroupResponse {
        generation_id: broker.generation,
        protocol_type: Some("consumer".into()),
        protocol_name: Some(protocol.name),
        leader: request.member_id.clone(),
        member_id: request.member_id,
        members: vec![member],
        ..Default::default()
    }
}

fn sync_group(broker: &mut Broker, request: SyncGroupRequest) -> SyncGroupResponse {
    let error = broker.error(ApiKey::SyncGroup);
    let assignment = request
        .assignments
        .into_iter()
        .next()
        .map(|member| member.assignment);
    SyncGroupResponse {
        error_code: error.0,
        assignment: assignment.unwrap_or_default(),
        ..Default::default()
    }
}

fn heartbeat(broker: &mut Broker, _: HeartbeatRequest) -> HeartbeatResponse {
    HeartbeatResponse {
        error_code: broker.error(ApiKey::Heartbeat).0,
        ..Default::default()
    }
}

fn leave_group(broker: &mut Broker, _: LeaveGroupRequest) -> LeaveGroupResponse {
    broker.member = None;
    LeaveGroupResponse::default()
}

/// Every answer of a member carries the target.
fn consumer_group_heartbeat(
    broker: &mut Broker,
    request: ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    let error = broker.error(ApiKey::ConsumerGroupHeartbeat);
    let epoch = request.member_epoch;
    if epoch == 0 {
        broker.generation += 1;
    }
    let topics = broker
        .target
        .iter()
        .map(|(topic, partitions)| ResponseTopicPartitions {
            topic_id: topic_id(broker, topic),
            partitions: partitions.clone(),
        });
    let assignment = Assignment {
        topic_partitions: topics.collect(),
    };
    let member_id = Some(request.member_id.clone());
    broker.beats.push(request);
    ConsumerGroupHeartbeatResponse {
        error_code: error.0,
        member_id,
        member_epoch: if epoch < 0 { epoch } else { broker.generation },
        heartbeat_interval_ms: 1000,
        assignment: (epoch >= 0).then_some(assignment),
        ..Default::default()
    }
}

fn list_offsets(broker: &mut Broker, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic
            .partitions
            .iter()
            .map(|asked| ListOffsetsPartitionResponse {
                partition_index: asked.partition_index,
                error_code: broker.error(ApiKey::ListOffsets).0,
                offset: match asked.timestamp {
                    -2 => broker.start(&topic.name, asked.partition_index),
                    _ => broker.end(&topic.name, asked.partition_index),
                },
                ..Default::default()
            });
        ListOffsetsTopicResponse {
            partitions: partitions.collect(),
            name: topic.name.clone(),
        }
    });
    ListOffsetsResponse {
        topics: topics.collect(),
        ..Default::default()
    }
}

fn offset_fetch(broker: &mut Broker, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let error = broker.error(ApiKey::OffsetFetch);
    let groups = request.groups.into_iter().map(|group| {
        let topics = group.topics.unwrap_or_default().into_iter().map(|topic| {
            let partitions = topic.partition_indexes.iter().map(|partition| {
                let known = broker.committed.get(&(topic.name.to_string(), *partition));
                OffsetFetchResponsePartitions {
                    partition_index: *partition,
                    committed_offset: known.copied().unwrap_or(-1),
                    ..Default::default()
                }
            });
            let partitions = partitions.collect();
            OffsetFetchResponseTopics {
                name: topic.name,
                partitions,
                ..Default::default()
            }
        });
        OffsetFetchResponseGroup {
            topics: topics.collect(),
            group_id: group.group_id,
            error_code: error.0,
        }
    });
    OffsetFetchResponse {
        groups: groups.collect(),
        ..Default::default()
    }
}

fn offset_commit(broker: &mut Broker, request: OffsetCommitRequest) -> OffsetCommitResponse {
    let error = broker.error(ApiKey::OffsetCommit);
    broker
        .commit_generations
        .push(request.generation_id_or_member_epoch);
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            if error == ErrorCode::NONE {
                let key = (topic.name.to_string(), asked.partition_index);
                broker.committed.insert(key, asked.committed_offset);
            }
            OffsetCommitResponsePartition {
                partition_index: asked.partition_index,
                error_code: error.0,
            }
        });
        let partitions = partitions.collect();
        OffsetCommitResponseTopic {
            name: topic.name,
            partitions,
            ..Default::default()
        }
    });
    OffsetCommitResponse {
        topics: topics.collect(),
        ..Default::default()
    }
}

/// An id made of the name.
fn topic_id(broker: &Broker, name: &str) -> Uuid {
    if broker.has_no_topic_ids {
        return Uuid::ZERO;
    }
    let mut id = [b'.'; 16];
    id.iter_mut()
        .zip(name.bytes())
        .for_each(|(to, from)| *to = from);
    Uuid(id)
}

/// The topic a fetch names, by id or by name.
fn topic_name(topic: &FetchTopic) -> String {
    if topic.topic_id == Uuid::ZERO {
        return topic.topic.to_string();
    }
    name_of(topic.topic_id)
}

/// The name an id is made of.
fn name_of(id: Uuid) -> String {
    let name = String::from_utf8_lossy(&id.0);
    name.trim_end_matches('.').to_owned()
}

fn fetch(broker: &mut Broker, request: &FetchRequest) -> FetchResponse {
    let topics = request.topics.iter().map(|topic| {
        let name = topic_name(topic);
        let partitions = topic.partitions.iter().map(|asked| {
            let end = broker.end(&name, asked.partition);
            let start = broker.start(&name, asked.partition);
            let mut error = broker.error(ApiKey::Fetch);
            if error == ErrorCode::NONE && (asked.fetch_offset > end || asked.fetch_offset < start)
            {
                error = ErrorCode::OFFSET_OUT_OF_RANGE;
            }
            let log = broker.logs.get(&(name.clone(), asked.partition));
            let mut offset = 0;
            let wanted = log.into_iter().flatten().filter(|batch| {
                offset += count(batch);
                offset > asked.fetch_offset
            });
            let records: Vec<Bytes> = wanted.cloned().collect();
            PartitionData {
                partition_index: asked.partition,
                error_code: error.0,
                high_watermark: end,
                last_stable_offset: end,
                log_start_offset: start,
                records: (error == ErrorCode::NONE).then(|| records.into()),
                ..Default::default()
            }
        });
        let partitions = partitions.collect();
        FetchableTopicResponse {
            topic: topic.topic.clone(),
            topic_id: topic.topic_id,
            partitions,
        }
    });
    FetchResponse {
        responses: topics.collect(),
        ..Default::default()
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
