//! A client core, and whatever answers it: what response bytes are fed to.
//!
//! Owns [`Conversation`]: one client, its time, and an application that does what applications do (produces, takes records,
//! commits). Laws: nothing it is answered makes it spin, ask for ever or forget to come to rest.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use rdkafka_client_core::admin::Call;
use rdkafka_client_core::client::Client;
use rdkafka_client_core::conf::{ClientConfig, ClientKind, Conf};
use rdkafka_client_core::consumer::{self, Subscription};
use rdkafka_client_core::io::{
    BrokerId, CallId, Command, DisconnectReason, Event, Input, JobDone, Moment, Now, Output,
};
use rdkafka_client_core::producer::accumulator::{Appender, Chooser, Placed, batch_limits};
use rdkafka_client_core::producer::{Command as ProducerCommand, TransactionCall};
use rdkafka_client_core::shared::{NewRecord, QueueGauge, TopicShared};

/// What clients there are: the settings of each.
pub const CLIENTS: &[(ClientKind, &[(&str, &str)])] = &[
    (
        ClientKind::Producer,
        &[("linger.ms", "0"), ("compression.type", "lz4")],
    ),
    (
        ClientKind::Producer,
        &[("linger.ms", "0"), ("enable.idempotence", "true")],
    ),
    (
        ClientKind::Producer,
        &[("linger.ms", "0"), ("transactional.id", "x")],
    ),
    (
        ClientKind::Consumer,
        &[("group.id", "g"), ("auto.offset.reset", "earliest")],
    ),
    (
        ClientKind::Consumer,
        &[
            ("group.id", "g"),
            ("auto.offset.reset", "earliest"),
            ("partition.assignment.strategy", "cooperative-sticky"),
            ("group.instance.id", "i"),
            ("isolation.level", "read_uncommitted"),
        ],
    ),
    (
        ClientKind::Consumer,
        &[
            ("group.id", "n"),
            ("group.protocol", "consumer"),
            ("client.rack", "r"),
        ],
    ),
    (
        ClientKind::Producer,
        &[
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "SCRAM-SHA-256"),
            ("sasl.username", "u"),
            ("sasl.password", "p"),
        ],
    ),
    (
        ClientKind::Consumer,
        &[
            ("group.id", "g"),
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "PLAIN"),
            ("sasl.username", "u"),
            ("sasl.password", "p"),
        ],
    ),
];

/// What a client sends, to whom.
#[derive(Debug)]
pub struct Sent {
    /// The connection.
    pub connection: BrokerId,
    /// The frame, without its length.
    pub frame: Bytes,
    /// Nobody answers it; the client wants to hear that it left.
    pub notify: Option<i32>,
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Conversation {
    client: Client,
    conf: Arc<ClientConfig>,
    gauge: Arc<QueueGauge>,
    appender: Option<Appender>,
    now: Moment,
    deadline: Option<Moment>,
    inputs: VecDeque<Input>,
    outputs: usize,
    calls: u64,
    /// What nobody has answered yet.
    pub sent: VecDeque<Sent>,
    /// Connections that the client has closed.
    pub closed: Vec<BrokerId>,
}

/// More outputs than any input has a right to.
const OUTPUTS_MAX: usize = 200_000;

impl Conversation {
    /// A client of this kind that has begun to connect.
    pub fn start(kind: u8) -> Self {
        let (kind, settings) = CLIENTS[usize::from(kind) % CLIENTS.len()];
        let mut conf = Conf::new();
        let common = [
            ("bootstrap.servers", "127.0.0.1:9092"),
            ("reconnect.backoff.ms", "10"),
        ];
        for (name, value) in common.iter().chain(settings) {
            let set = conf.set(name, value);
            assert!(set.is_ok(), "{name}: {set:?}");
        }
        let conf = conf.resolve(kind).unwrap_or_else(|error| panic!("{error}"));
        let conf = Arc::new(conf);
        let gauge = Arc::new(QueueGauge::new(1000, 1 << 20));
        let mut conversation = Self {
            client: Client::new(Arc::clone(&conf), Arc::clone(&gauge), 7),
            conf,
            gauge,
            appender: None,
            now: Moment(1_000_000),
            deadline: None,
            inputs: VecDeque::new(),
            outputs: 0,
            calls: 0,
            sent: VecDeque::new(),
            closed: Vec::new(),
        };
        conversation.client.start(conversation.time());
        conversation.drain();
        match kind {
            ClientKind::Producer => conversation.begin_to_produce(),
            ClientKind::Consumer => conversation.begin_to_consume(),
        }
        conversation.settle();
        conversation
    }

    fn time(&self) -> Now {
        Now {
            mono: self.now,
            unix_ms: 1_700_000_000_000 + (self.now.0 / 1000) as i64,
        }
    }

    fn call(&mut self, call: Call) {
        self.calls += 1;
        let deadline = self.now + std::time::Duration::from_secs(60);
        self.inputs
            .push_back(Input::Call(CallId(self.calls), call, deadline));
    }

    fn begin_to_produce(&mut self) {
        let conf = self.conf.topic_config(None);
        let topic = TopicShared::new("t".into(), conf.unwrap_or_else(|error| panic!("{error}")));
        let topic = Arc::new(topic);
        let chooser = Chooser::new(topic.conf.partitioner, None, 7);
        let appender = Appender::new(Arc::clone(&topic), batch_limits(&self.conf), chooser);
        self.appender = Some(appender);
        let added = ProducerCommand::TopicAdded(topic);
        self.inputs
            .push_back(Input::Command(Command::Producer(added)));
        self.call(Call::Transaction(TransactionCall::Init));
    }

    fn begin_to_consume(&mut self) {
        let subscription = Subscription::new(vec!["t".into(), "^v.*".into()]);
        if let Ok(subscription) = subscription {
            self.call(Call::Consumer(consumer::Call::Subscribe(subscription)));
        }
    }

    /// What the application does next.
    pub fn act(&mut self, what: u8) {
        if self.appender.is_none() {
            match what % 4 {
                0 => self.call(Call::Consumer(consumer::Call::Commit(None))),
                1 => self.call(Call::Consumer(consumer::Call::Unsubscribe)),
                2 => self.begin_to_consume(),
                _ => self.command(Command::Consumer(consumer::Command::Close)),
            }
        } else {
            match what % 8 {
                0 | 1 => self.produce(None),
                2 => self.produce(Some(b"key")),
                3 => self.call(Call::Transaction(TransactionCall::Begin)),
                4 => self.call(Call::Transaction(TransactionCall::BeginCommit)),
                5 => self.call(Call::Transaction(TransactionCall::Commit)),
                6 => self.call(Call::Transaction(TransactionCall::BeginAbort)),
                _ => self.call(Call::Transaction(TransactionCall::Abort)),
            }
        }
        self.settle();
    }

    fn command(&mut self, command: Command) {
        self.inputs.push_back(Input::Command(command));
    }

    fn produce(&mut self, key: Option<&[u8]>) {
        let (time, moment) = (self.time(), self.now);
        let record = NewRecord {
            key,
            payload: Some(b"payload"),
            headers: &[],
            timestamp_ms: time.unix_ms,
            opaque: 0,
        };
        if self.gauge.admit(record.queue_bytes()).is_err() {
            return;
        }
        let Some(appender) = &mut self.appender else {
            return;
        };
        let command = match appender.place(-1, &record, time.unix_ms, || moment) {
            Ok(Placed::Quietly) => return,
            Ok(Placed::Opened(slot)) => ProducerCommand::Opened(slot),
            Ok(Placed::Filled(slot)) => ProducerCommand::Filled(slot),
            Ok(Placed::Waiting) => ProducerCommand::Waiting(Arc::clone(appender.topic())),
            Err(_) => return self.gauge.release(1, record.queue_bytes()),
        };
        self.command(Command::Producer(command));
    }

    /// The peer sends a frame.
    pub fn answer(&mut self, connection: BrokerId, frame: Bytes) {
        self.inputs.push_back(Input::Frame(connection, frame));
        self.settle();
    }

    /// The peer is gone.
    pub fn disconnect(&mut self, connection: BrokerId) {
        let gone = Input::Disconnected(connection, DisconnectReason::Closed);
        self.inputs.push_back(gone);
        self.settle();
    }

    /// A frame left for the kernel.
    pub fn written(&mut self, connection: BrokerId, id: i32) {
        self.inputs.push_back(Input::Written(connection, id));
        self.settle();
    }

    /// How long until it wants to be woken.
    pub fn rest(&self) -> Option<std::time::Duration> {
        Some(self.deadline?.since(self.now))
    }

    /// Lets time pass to its next deadline, but for no longer than this.
    pub fn pass(&mut self, at_most: std::time::Duration) {
        let end = self.now + at_most;
        self.now = self
            .deadline
            .filter(|at| *at < end)
            .unwrap_or(end)
            .max(self.now);
        self.settle();
    }

    fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 10_000, "the client does not come to rest");
            if let Some(input) = self.inputs.pop_front() {
                self.client.handle(input, self.time());
            } else if self.deadline.is_some_and(|at| at <= self.now) {
                self.client.handle(Input::Timeout, self.time());
            } else {
                return;
            }
            self.drain();
        }
    }

    fn drain(&mut self) {
        loop {
            self.outputs += 1;
            assert!(self.outputs < OUTPUTS_MAX, "the client talks for ever");
            match self.client.poll_output() {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                Output::Connect(id, _) => self.inputs.push_back(Input::Connected(id)),
                Output::Close(id) => self.closed.push(id),
                Output::Transmit {
                    broker,
                    frame,
                    notify,
                } => self.sent.push_back(Sent {
                    connection: broker,
                    frame: frame.into_bytes().slice(4..),
                    notify,
                }),
                Output::Run(job) => self.inputs.push_back(Input::Done(job.run())),
                Output::KeepOffset(offset) => {
                    let done = JobDone::OffsetKept((offset, Ok(())));
                    self.inputs.push_back(Input::Done(done));
                }
                Output::Event(Event::Consumer(consumer::Event::Fetched(fetched))) => {
                    consume(&fetched);
                }
                _ => {}
            }
        }
    }
}

/// As an application does with records.
fn consume(fetched: &consumer::FetchedBatch) {
    let _ = fetched.queue.take(fetched.messages, fetched.bytes);
    for batch in &fetched.batches {
        let Ok(plain) = batch.decompress(1 << 20) else {
            continue;
        };
        for record in plain.records().map_while(Result::ok) {
            if record.offset >= fetched.from_offset {
                fetched.partition.deliver(record.offset, true);
            }
        }
    }
}
