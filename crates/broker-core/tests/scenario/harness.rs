//! A broker core with a clock that only moves when told, and clients that speak bytes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use rdkafka_broker_core::conf::BrokerConfig;
use rdkafka_broker_core::{
    ConnectionId, Endpoints, FlushTarget, Input, KnownBy, Now, Output, Part, Peer, Request,
    RequestContext, Response, Shard, Ticket, TokenLogin,
};
use rdkafka_log::fs::Memory;
use rdkafka_log::{CopyTask, FlushTask, Flushed};
use rdkafka_records::{BatchBuilder, RecordBatches, Seal};
use rdkafka_wire::frame::{decode_request_header, decode_response, encode_request};
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic, PartitionData};
use rdkafka_wire::messages::init_producer_id::InitProducerIdRequest;
use rdkafka_wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponseTopic,
};
use rdkafka_wire::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, TopicProduceData,
};
use rdkafka_wire::types::Records;
use rdkafka_wire::{ApiKey, Request as WireRequest};

/// A request that was sent: its connection and its place there.
pub(crate) type Sent = (u64, u64);

pub(crate) struct Cluster {
    pub(crate) fs: Memory,
    pub(crate) config: BrokerConfig,
    shard: Option<Shard>,
    now: Now,
    seed: u64,
    slots: HashMap<u64, u64>,
    answers: HashMap<Sent, (Ticket, Option<Response>)>,
    pub(crate) closed: HashMap<u64, String>,
    /// From which connections nothing more would be read, in this order and for how long.
    pub(crate) muted: Vec<(u64, Duration)>,
    /// Who asks.
    pub(crate) principal: &'static str,
    pub(crate) known_by: KnownBy,
    pub(crate) client_id: &'static str,
    /// How long the connection's threads worked for each request.
    pub(crate) spent: Duration,
    deadline: Option<Duration>,
    disk_may_fail: bool,
    /// While set, fsyncs pile up here instead of being done.
    pub(crate) held_flushes: Option<Vec<(FlushTarget, FlushTask)>>,
    /// While set, so do copies of logs.
    pub(crate) held_copies: Option<Vec<(FlushTarget, CopyTask)>>,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(properties: &[(&str, &str)]) -> Self {
        let mut config = BrokerConfig::default();
        for (name, value) in properties {
            config.set(name, value).unwrap();
        }
        let mut cluster = Self {
            fs: Memory::new(),
            config,
            shard: None,
            now: Now {
                mono: Duration::from_secs(1),
                unix_ms: 1_700_000_000_000,
            },
            seed: 7,
            slots: HashMap::new(),
            answers: HashMap::new(),
            closed: HashMap::new(),
            muted: Vec::new(),
            principal: Peer::ANONYMOUS,
            known_by: KnownBy::Nothing,
            client_id: "tester",
            spent: Duration::ZERO,
            deadline: None,
            disk_may_fail: false,
            held_flushes: None,
            held_copies: None,
        };
        cluster.open();
        cluster
    }

    /// A broker on a disk of the caller's, which may fail at any time; `None` if it does at once.
    pub(crate) fn on(fs: Memory, properties: &[(&str, &str)]) -> Option<Self> {
        let mut cluster = Self::with(properties);
        cluster.fs = fs;
        cluster.shard = None;
        cluster.disk_may_fail = true;
        cluster.try_open().then_some(cluster)
    }

    fn open(&mut self) {
        assert!(self.try_open());
    }

    fn try_open(&mut self) -> bool {
        let fs = Arc::new(self.fs.clone());
        let config = Arc::new(self.config.clone());
        self.seed += 1;
        let roots = self.roots();
        self.shard = match Shard::open(fs, &roots, config, self.seed, self.now) {
            Ok(shard) => Some(shard),
            Err(_) if self.disk_may_fail => return false,
            Err(error) => panic!("{error}"),
        };
        self.drain();
        true
    }

    fn roots(&self) -> Vec<PathBuf> {
        match self.config.data_dirs().as_slice() {
            [] => vec!["/data".into()],
            dirs => dirs.iter().map(PathBuf::from).collect(),
        }
    }

    /// Why a start on the folders of the configuration fails.
    pub(crate) fn start_error(&mut self) -> String {
        self.shard = None;
        let fs = Arc::new(self.fs.clone());
        let config = Arc::new(self.config.clone());
        Shard::open(fs, &self.roots(), config, self.seed, self.now)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    /// From now on the disk may fail.
    pub(crate) fn trust_disk_not(&mut self) {
        self.disk_may_fail = true;
    }

    /// From now on the disk works.
    pub(crate) fn trust_disk(&mut self) {
        self.disk_may_fail = false;
    }

    /// Sends a request that is answered at once, if the disk works.
    pub(crate) fn try_call<R: WireRequest>(
        &mut self,
        version: i16,
        request: &R,
    ) -> Option<R::Response> {
        let sent = self.send(0, version, request);
        self.answer::<R>(sent)
    }

    /// kill -9, and a new start.
    pub(crate) fn kill_and_restart(&mut self) {
        self.fs = self.fs.kill();
        self.shard = None;
        self.open();
    }

    /// A cluster whose disk knows what a power failure loses.
    pub(crate) fn with_crashes() -> Self {
        let mut cluster = Self::new();
        cluster.fs = Memory::with_crashes(3);
        cluster.open();
        cluster
    }

    /// The machine loses power: what was not on the disk may be gone. Then a new start.
    pub(crate) fn power_failure(&mut self) {
        self.fs = self.fs.crash();
        self.shard = None;
        self.open();
    }

    /// A clean stop, and a new start.
    pub(crate) fn stop_and_restart(&mut self) {
        self.shard.take().unwrap().close().unwrap();
        self.open();
    }

    pub(crate) const fn now(&self) -> Now {
        self.now
    }

    pub(crate) fn unix_ms(&self) -> i64 {
        self.now.unix_ms
    }

    /// What a login with a delegation token must prove.
    pub(crate) fn token_login(&self, id: &str) -> Option<TokenLogin> {
        self.shard.as_ref().unwrap().token_login(id, self.now)
    }

    pub(crate) fn cluster_id(&self) -> String {
        self.shard.as_ref().unwrap().cluster_id().to_owned()
    }

    fn handle(&mut self, input: Input) {
        self.shard.as_mut().unwrap().handle(input, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            let shard = self.shard.as_mut().unwrap();
            match shard.poll_output() {
                Output::Reply(ticket, response) => {
                    let sent = (ticket.connection.0, ticket.slot);
                    assert!(
                        self.answers.insert(sent, (ticket, response)).is_none(),
                        "answered twice: {sent:?}"
                    );
                }
                Output::Close(connection, reason) => {
                    self.closed.insert(connection.0, reason);
                }
                Output::Mute(connection, time) => self.muted.push((connection.0, time)),
                Output::AddressRates(_) => {}
                Output::Flush(target, task) => match &mut self.held_flushes {
                    Some(held) => held.push((target, task)),
                    None => shard.handle(Input::Flushed(target, task.run()), self.now),
                },
                Output::Clean(target, task) => {
                    shard.handle(
                        Input::Cleaned(
                            target,
                            task.run(&mut |_| std::ops::ControlFlow::Continue(())),
                        ),
                        self.now,
                    );
                }
                Output::Copy(target, task) => match &mut self.held_copies {
                    Some(held) => held.push((target, task)),
                    None => self.copy(target, task),
                },
                Output::Checkpoint(task) => assert!(task.run().is_ok() || self.disk_may_fail),
                Output::Remove(cleanup) => assert!(cleanup.run().is_ok() || self.disk_may_fail),
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// Brings back one fsync that piled up.
    pub(crate) fn flushed(&mut self, target: FlushTarget, flushed: Flushed) {
        self.handle(Input::Flushed(target, flushed));
    }

    /// Does copies that piled up; those that come of them are done at once.
    pub(crate) fn run_held_copies(&mut self) {
        for (target, task) in self.held_copies.take().unwrap() {
            self.copy(target, task);
            self.drain();
        }
    }

    fn copy(&mut self, target: FlushTarget, task: CopyTask) {
        let copied = task.run(&mut |_| std::ops::ControlFlow::Continue(()));
        let shard = self.shard.as_mut().unwrap();
        shard.handle(Input::Copied(target, copied), self.now);
    }

    /// Does the fsyncs that piled up.
    pub(crate) fn run_held_flushes(&mut self) {
        for (target, task) in self.held_flushes.take().unwrap() {
            self.handle(Input::Flushed(target, task.run()));
        }
    }

    /// Lets time pass, stopping at every deadline in between.
    pub(crate) fn advance(&mut self, by: Duration) {
        let end = self.now.mono + by;
        while let Some(deadline) = self.deadline.filter(|deadline| *deadline <= end) {
            self.go_to(deadline.max(self.now.mono));
            self.handle(Input::Timeout);
            assert!(
                self.deadline.is_none_or(|next| next > self.now.mono),
                "a deadline in the past"
            );
        }
        self.go_to(end);
    }

    pub(crate) fn advance_ms(&mut self, by: u64) {
        self.advance(Duration::from_millis(by));
    }

    fn go_to(&mut self, mono: Duration) {
        self.now.unix_ms += i64::try_from((mono - self.now.mono).as_millis()).unwrap();
        self.now.mono = mono;
    }

    /// Sends a request on a connection, as bytes.
    pub(crate) fn send<R: WireRequest>(
        &mut self,
        connection: u64,
        version: i16,
        request: &R,
    ) -> Sent {
        let (context, request) = self.arrived(connection, version, request);
        let sent = (connection, context.ticket.slot);
        self.handle(Input::Request(context, request));
        sent
    }

    /// Sends produce requests on a connection that the broker reads at once.
    pub(crate) fn send_together(
        &mut self,
        connection: u64,
        version: i16,
        requests: &[ProduceRequest],
    ) -> Vec<Sent> {
        let mut together = Vec::new();
        for request in requests {
            match self.arrived(connection, version, request) {
                (context, Request::Produce(request)) => together.push((context, request)),
                other => panic!("{other:?}"),
            }
        }
        let sent = together.iter().map(|it| (connection, it.0.ticket.slot));
        let sent = sent.collect();
        self.handle(Input::Produce(together));
        sent
    }

    fn arrived<R: WireRequest>(
        &mut self,
        connection: u64,
        version: i16,
        request: &R,
    ) -> (Box<RequestContext>, Request) {
        let frame = encode_request(request, version, 1, Some(self.client_id))
            .into_bytes()
            .slice(4..);
        let bytes = frame.len();
        let (header, body) = decode_request_header(frame).unwrap();
        let request = Request::decode(R::KEY, version, body, 1 << 20).unwrap();
        let slot = self.slots.entry(connection).or_default();
        let ticket = Ticket {
            connection: ConnectionId(connection),
            slot: *slot,
            key: R::KEY,
            version,
            correlation_id: header.correlation_id,
        };
        *slot += 1;
        let endpoints = Endpoints::of(self.config.node_id, "127.0.0.1", 9092);
        let peer = Peer {
            principal: self.principal.into(),
            known_by: self.known_by,
            ..Peer::anonymous("/127.0.0.1", "PLAINTEXT", endpoints)
        };
        let context = RequestContext {
            ticket,
            client_id: header.client_id,
            peer: Arc::new(peer),
            bytes,
            spent: self.spent,
        };
        (Box::new(context), request)
    }

    /// The answer to a request, once.
    pub(crate) fn answer<R: WireRequest>(&mut self, sent: Sent) -> Option<R::Response> {
        let (ticket, response) = self.answers.remove(&sent)?;
        let parts = response.expect("no answer at all").into_parts(&ticket);
        let frame: Vec<u8> = parts.iter().flat_map(bytes_of).collect();
        let frame = Bytes::from(frame).slice(4..);
        Some(
            decode_response::<R::Response>(frame, R::KEY, ticket.version)
                .unwrap()
                .1,
        )
    }

    /// How many bytes of an answer are sent from files.
    pub(crate) fn sent_from_files(&mut self, sent: Sent) -> usize {
        let (ticket, response) = self.answers.remove(&sent).unwrap();
        let parts = response.expect("no answer at all").into_parts(&ticket);
        let files = parts.iter().filter(|it| matches!(it, Part::File(_)));
        files.map(Part::len).sum()
    }

    /// Whether a request was answered, or passed over in silence.
    pub(crate) fn is_answered(&self, sent: Sent) -> bool {
        self.answers.contains_key(&sent)
    }

    /// Whether a request gets no answer (acks=0).
    pub(crate) fn is_silent(&self, sent: Sent) -> bool {
        matches!(self.answers.get(&sent), Some((_, None)))
    }

    /// Sends a request that is answered at once.
    pub(crate) fn call<R: WireRequest>(&mut self, version: i16, request: &R) -> R::Response {
        let sent = self.send(0, version, request);
        self.answer::<R>(sent).expect("not answered")
    }

    pub(crate) fn disconnect(&mut self, connection: u64) {
        self.handle(Input::Disconnected(ConnectionId(connection)));
    }

    /// Asks about a topic, which creates it.
    pub(crate) fn topic(&mut self, name: &str) -> MetadataResponseTopic {
        let wanted = MetadataRequestTopic {
            name: Some(name.into()),
            ..MetadataRequestTopic::default()
        };
        let request = MetadataRequest {
            topics: Some(vec![wanted]),
            ..MetadataRequest::default()
        };
        self.call(12, &request).topics.remove(0)
    }

    /// A new producer id.
    pub(crate) fn producer_id(&mut self) -> i64 {
        let request = InitProducerIdRequest {
            transactional_id: None,
            ..InitProducerIdRequest::default()
        };
        let answer = self.call(4, &request);
        assert_eq!((answer.error_code, answer.producer_epoch), (0, 0));
        answer.producer_id
    }

    /// Produces a batch to partition 0.
    pub(crate) fn produce(&mut self, topic: &str, batch: Bytes) -> PartitionProduceResponse {
        let request = produce_request(topic, 0, -1, batch);
        let response = self.call(9, &request);
        response.responses[0].partition_responses[0].clone()
    }

    /// Fetches partition 0 without waiting.
    pub(crate) fn fetch(&mut self, topic: &str, offset: i64) -> PartitionData {
        let request = fetch_request(topic, offset, 0, 0);
        self.call(11, &request).responses[0].partitions[0].clone()
    }

    /// The values in partition 0 from an offset on.
    pub(crate) fn values(&mut self, topic: &str, offset: i64) -> Vec<(i64, String)> {
        let data = self.fetch(topic, offset);
        assert_eq!(data.error_code, 0);
        values_of(&data)
    }
}

/// Offsets and values of fetched records.
pub(crate) fn values_of(data: &PartitionData) -> Vec<(i64, String)> {
    let bytes = data.records.clone().unwrap_or_default().into_bytes();
    let mut values = Vec::new();
    for batch in RecordBatches::new(bytes) {
        let batch = batch.unwrap();
        batch.verify_crc().unwrap();
        for record in batch.decompress(1 << 20).unwrap().records() {
            let record = record.unwrap();
            values.push((
                record.offset,
                String::from_utf8(record.value.unwrap_or_default().to_vec()).unwrap(),
            ));
        }
    }
    values
}

/// A batch of these values.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    sealed(values, 1_700_000_000_000, &Seal::default())
}

fn bytes_of(part: &Part) -> Bytes {
    match part {
        Part::Bytes(bytes) => bytes.clone(),
        Part::File(slice) => slice.read().unwrap(),
    }
}

/// A batch of an idempotent producer.
pub(crate) fn sequenced(
    values: &[&str],
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
) -> Bytes {
    let seal = Seal {
        producer_id,
        producer_epoch,
        base_sequence,
        ..Seal::default()
    };
    sealed(values, 1_700_000_000_000, &seal)
}

pub(crate) fn sealed(values: &[&str], timestamp_ms: i64, seal: &Seal) -> Bytes {
    let mut builder = BatchBuilder::new();
    for value in values {
        builder
            .append(timestamp_ms, Some(b"key"), Some(value.as_bytes()), [])
            .unwrap();
    }
    builder.seal(seal).unwrap()
}

pub(crate) fn produce_request(
    topic: &str,
    partition: i32,
    acks: i16,
    records: Bytes,
) -> ProduceRequest {
    let data = PartitionProduceData {
        index: partition,
        records: Some(Records::from(records)),
    };
    let topic = TopicProduceData {
        name: topic.into(),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    ProduceRequest {
        acks,
        timeout_ms: 1000,
        topic_data: vec![topic],
        ..ProduceRequest::default()
    }
}

pub(crate) fn fetch_request(
    topic: &str,
    offset: i64,
    min_bytes: i32,
    max_wait_ms: i32,
) -> FetchRequest {
    let partition = FetchPartition {
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    let topic = FetchTopic {
        topic: topic.into(),
        partitions: vec![partition],
        ..FetchTopic::default()
    };
    FetchRequest {
        min_bytes,
        max_wait_ms,
        topics: vec![topic],
        ..FetchRequest::default()
    }
}

/// A frame's body for an API and version that no struct can write.
pub(crate) fn raw_request(key: ApiKey, version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_i16(key.code());
    frame.put_i16(version);
    frame.put_i32(5);
    frame.put_i16(-1);
    if key.request_header_version(version) >= 2 {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame.freeze()
}
