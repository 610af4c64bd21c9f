//! A scripted cluster and a clock: what the scenarios of the producer run against.
//!
//! Nodes are ports of the host `node`; the bootstrap address is node 1. A request is answered at once, unless its API is
//! held back or an error is scripted for it. Batches of idempotent producers are judged as Kafka judges them. No
//! sockets, no sleeping.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rdkafka_client_core::admin::{Call, CallReply};
use rdkafka_client_core::client::Client;
use rdkafka_client_core::conf::{Callback, ClientConfig, ClientKind, Conf, TopicConf};
use rdkafka_client_core::io::{
    BrokerId, CallId, Command, DisconnectReason, Endpoint, ErrorEvent, Event, Input, Job, LogLine,
    Moment, Now, Output,
};
use rdkafka_client_core::producer::Command as ProducerCommand;
use rdkafka_client_core::producer::accumulator::{Appender, Chooser, Placed, batch_limits};
use rdkafka_client_core::shared::{NewRecord, QueueGauge, TopicShared};
use rdkafka_wire::frame::decode_request_header;
use rdkafka_wire::{ApiKey, ErrorCode, Frame};

use super::nodes::{Asked, Nodes};

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) payload: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) error: ErrorCode,
}

/// How a cut cable looks from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// No connection can be made.
    Silent,
    /// Something on the way still accepts connections, and swallows what is sent.
    Accepting,
}

/// A producer, the nodes it talks to, and the time both live in.
pub(crate) struct Cluster {
    pub(crate) client: Client,
    pub(crate) gauge: Arc<QueueGauge>,
    pub(crate) nodes: Nodes,
    pub(crate) now: Moment,
    pub(crate) reports: Vec<Report>,
    pub(crate) errors: Vec<ErrorEvent>,
    pub(crate) logs: Vec<LogLine>,
    /// When each attempt to connect was made, and where to.
    pub(crate) attempts: Vec<(Moment, u16)>,
    /// How often the core asked to be woken, and was.
    pub(crate) wake_ups: usize,
    pub(crate) replies: BTreeMap<CallId, Result<CallReply, ErrorCode>>,
    pub(crate) is_terminated: bool,
    /// The cable to all nodes is cut: nothing arrives, and nobody is told.
    cut: Option<Cut>,
    /// What the system says of connections that are silent.
    pub(crate) is_moving: bool,
    /// While set, work for workers piles up here instead of being done.
    pub(crate) held_jobs: Option<Vec<Job>>,
    conf: Arc<ClientConfig>,
    appenders: BTreeMap<String, Appender>,
    connections: BTreeMap<BrokerId, u16>,
    /// Attempts that hear nothing.
    unconnected: BTreeMap<BrokerId, u16>,
    deadline: Option<Moment>,
    inputs: VecDeque<Input>,
    calls: u64,
}

impl Cluster {
    /// A producer with these settings, connected to node 1 of a cluster where topic `t` has two partitions, led by
    /// nodes 1 and 2.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Self {
        let mut cluster = Self::unstarted(settings);
        cluster.start();
        cluster
    }

    /// The same, not connected yet.
    pub(crate) fn unstarted(settings: &[(&str, &str)]) -> Self {
        let mut conf = Conf::new();
        conf.set("bootstrap.servers", "node:1").unwrap();
        for (name, value) in settings {
            conf.set(name, value).unwrap();
        }
        conf.set_callback(Callback::DeliveryMessage, true);
        let conf = Arc::new(conf.resolve(ClientKind::Producer).unwrap());
        let messages_max = conf.producer.queue_max_messages.map_or(u64::MAX, u64::from);
        let gauge = Arc::new(QueueGauge::new(messages_max, conf.producer.queue_max_bytes));
        let nodes = Nodes {
            topics: BTreeMap::from([("t".to_owned(), vec![1, 2])]),
            versions_newest: 4,
            ..Nodes::default()
        };
        Self {
            client: Client::new(Arc::clone(&conf), Arc::clone(&gauge), 7),
            gauge,
            nodes,
            now: Moment(1_000_000),
            reports: Vec::new(),
            errors: Vec::new(),
            logs: Vec::new(),
            attempts: Vec::new(),
            wake_ups: 0,
            replies: BTreeMap::new(),
            is_terminated: false,
            cut: None,
            is_moving: false,
            held_jobs: None,
            conf,
            appenders: BTreeMap::new(),
            connections: BTreeMap::new(),
            unconnected: BTreeMap::new(),
            deadline: None,
            inputs: VecDeque::new(),
            calls: 0,
        }
    }

    pub(crate) fn start(&mut self) {
        self.client.start(self.time());
        self.drain();
        self.settle();
    }

    fn time(&self) -> Now {
        Now {
            mono: self.now,
            unix_ms: i64::try_from(self.now.0 / 1000).unwrap(),
        }
    }

    /// Make a topic handle.
    pub(crate) fn topic(&mut self, name: &str, settings: &[(&str, &str)]) {
        let mut conf = TopicConf::new();
        for (name, value) in settings {
            conf.set(name, value).unwrap();
        }
        // A configuration of its own hides what was set for all topics.
        let conf = (!settings.is_empty()).then_some(&conf);
        let conf = self.conf.topic_config(conf).unwrap();
        let shared = Arc::new(TopicShared::new(name.into(), conf));
        let chooser = Chooser::new(shared.conf.partitioner, None, 7);
        let appender = Appender::new(Arc::clone(&shared), batch_limits(&self.conf), chooser);
        self.appenders.insert(name.to_owned(), appender);
        self.command(Command::Producer(ProducerCommand::TopicAdded(shared)));
    }

    /// Produce to a topic, as the application does.
    pub(crate) fn produce_to(
        &mut self,
        topic: &str,
        partition: i32,
        payload: &str,
    ) -> Result<(), ErrorCode> {
        if !self.appenders.contains_key(topic) {
            self.topic(topic, &[]);
        }
        let (time, moment) = (self.time(), self.now);
        let record = NewRecord {
            key: None,
            payload: Some(payload.as_bytes()),
            headers: &[],
            timestamp_ms: time.unix_ms,
            opaque: 0,
        };
        self.gauge.admit(record.queue_bytes())?;
        let appender = self.appenders.get_mut(topic).unwrap();
        let placed = appender.place(partition, &record, time.unix_ms, || moment);
        let command = match placed {
            Ok(Placed::Quietly) => return Ok(()),
            Ok(Placed::Opened(slot)) => ProducerCommand::Opened(slot),
            Ok(Placed::Filled(slot)) => ProducerCommand::Filled(slot),
            Ok(Placed::Waiting) => ProducerCommand::Waiting(Arc::clone(appender.topic())),
            Err(code) => {
                self.gauge.release(1, record.queue_bytes());
                return Err(code);
            }
        };
        self.command(Command::Producer(command));
        Ok(())
    }

    /// Produce to partition 0 of `t`.
    pub(crate) fn produce(&mut self, payload: &str) {
        self.produce_to("t", 0, payload).unwrap();
    }

    /// Fill the open batch of partition 0 of `t` with one record, and let the driver hear of it while a second one is
    /// being placed: it finds the slot taken.
    pub(crate) fn fill_while_placing(&mut self, last: &str, next: &str) {
        let (time, moment) = (self.time(), self.now);
        let mut place = |payload: &str, now: &dyn Fn() -> Moment| {
            let record = NewRecord {
                key: None,
                payload: Some(payload.as_bytes()),
                headers: &[],
                timestamp_ms: time.unix_ms,
                opaque: 0,
            };
            self.gauge.admit(record.queue_bytes()).unwrap();
            let appender = self.appenders.get_mut("t").unwrap();
            appender.place(0, &record, time.unix_ms, now).unwrap()
        };
        let Placed::Filled(slot) = place(last, &|| moment) else {
            panic!("{last} was to fill its batch");
        };
        let client = RefCell::new(&mut self.client);
        let placed = place(next, &|| {
            let filled = Command::Producer(ProducerCommand::Filled(Arc::clone(&slot)));
            client.borrow_mut().handle(Input::Command(filled), time);
            moment
        });
        assert!(
            matches!(placed, Placed::Opened(_)),
            "{next} was to open a batch"
        );
        self.settle();
    }

    pub(crate) fn flush(&mut self) {
        self.gauge.set_flushing(true);
        self.command(Command::Producer(ProducerCommand::Flush));
        self.gauge.set_flushing(false);
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.inputs.push_back(Input::Command(command));
        self.settle();
    }

    pub(crate) fn ask(&mut self, call: Call, timeout: Duration) -> CallId {
        let id = CallId(self.calls);
        self.calls += 1;
        self.inputs
            .push_back(Input::Call(id, call, self.now + timeout));
        self.settle();
        id
    }

    /// Let time pass, with every deadline on the way.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(deadline) = self.deadline.filter(|&deadline| deadline <= end) {
            // Deadlines that have passed already are the core's fault: it would spin.
            assert!(deadline >= self.now || self.deadline.is_some());
            self.now = self.now.max(deadline);
            self.inputs.push_back(Input::Timeout);
            self.wake_ups += 1;
            let before = self.deadline;
            self.settle();
            assert!(
                self.deadline != before || self.deadline.is_none(),
                "a deadline was not acted upon"
            );
        }
        self.now = end;
    }

    pub(crate) fn pass_ms(&mut self, ms: u64) {
        self.pass(Duration::from_millis(ms));
    }

    /// Answer held requests of all keys, oldest first, from now on at once.
    pub(crate) fn release(&mut self) {
        self.nodes.holding.clear();
        while let Some(asked) = self.nodes.held.pop_front() {
            self.answer(asked);
        }
        self.settle();
    }

    /// The workers do what piled up.
    pub(crate) fn run_held_jobs(&mut self) {
        for job in self.held_jobs.take().unwrap_or_default() {
            self.inputs.push_back(Input::Done(job.run()));
        }
        self.settle();
    }

    /// Break all connections to a node; requests it holds are lost after it has done what they say, or before.
    pub(crate) fn break_node(&mut self, node: u16, after_serving: bool) {
        let held: Vec<_> = self.nodes.held.drain(..).collect();
        for asked in held {
            if asked.node != node {
                self.nodes.held.push_back(asked);
            } else if after_serving {
                self.nodes.serve(&asked);
            }
        }
        let broken: Vec<_> = self
            .connections
            .iter()
            .filter(|&(_, &port)| port == node)
            .map(|(&id, _)| id)
            .collect();
        for id in broken {
            self.connections.remove(&id);
            self.inputs
                .push_back(Input::Disconnected(id, DisconnectReason::Closed));
        }
        self.settle();
    }

    /// Cut the cable: what is sent from now on is lost.
    pub(crate) fn cut(&mut self, cut: Cut) {
        self.cut = Some(cut);
    }

    /// The cable is whole again. What was lost stays lost; who waits to be connected is.
    pub(crate) fn mend(&mut self) {
        self.cut = None;
        let waiting: Vec<_> = std::mem::take(&mut self.unconnected).into_iter().collect();
        for (id, port) in waiting {
            self.connections.insert(id, port);
            self.inputs.push_back(Input::Connected(id));
        }
        self.settle();
    }

    /// Payloads that were reported delivered, in order.
    pub(crate) fn delivered(&self) -> Vec<&str> {
        let is_good = |report: &&Report| report.error == ErrorCode::NONE;
        self.reports
            .iter()
            .filter(is_good)
            .map(|report| report.payload.as_str())
            .collect()
    }

    /// Payloads of the reports with this error.
    pub(crate) fn failed(&self, error: ErrorCode) -> Vec<&str> {
        self.reports
            .iter()
            .filter(|report| report.error == error)
            .map(|report| report.payload.as_str())
            .collect()
    }

    /// What partition 0 of `t` holds.
    pub(crate) fn log(&self) -> Vec<&str> {
        let log = self.nodes.logs.get(&("t".to_owned(), 0));
        log.map_or_else(Vec::new, |log| {
            log.payloads.iter().map(String::as_str).collect()
        })
    }

    /// The epochs of the producers that partition 0 of `t` knows.
    pub(crate) fn epochs(&self) -> Vec<i16> {
        let log = self.nodes.logs.get(&("t".to_owned(), 0));
        log.map_or_else(Vec::new, super::nodes::Log::epochs)
    }

    pub(crate) fn count(&self, key: ApiKey) -> usize {
        self.nodes.counts.get(&key).copied().unwrap_or(0)
    }

    fn settle(&mut self) {
        while let Some(input) = self.inputs.pop_front() {
            self.client.handle(input, self.time());
            self.drain();
        }
    }

    fn drain(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                Output::Connect(id, endpoint) => self.connect(id, &endpoint),
                Output::Examine(id) => {
                    let examined = Input::Examined(id, self.is_moving);
                    self.inputs.push_back(examined);
                }
                Output::Close(id) => {
                    self.connections.remove(&id);
                    self.unconnected.remove(&id);
                    self.nodes.held.retain(|asked| asked.connection != id);
                    self.inputs.retain(|input| {
                        !matches!(input, Input::Frame(of, _) | Input::Connected(of) | Input::Examined(of, _)
                            | Input::Disconnected(of, _) | Input::Written(of, _) if *of == id)
                    });
                }
                Output::Transmit {
                    broker,
                    frame,
                    notify,
                } => {
                    if let Some(correlation_id) = notify {
                        self.inputs
                            .push_back(Input::Written(broker, correlation_id));
                    }
                    self.receive(broker, frame);
                }
                Output::Event(event) => self.event(event),
                Output::Reply(id, result) => {
                    let earlier = self.replies.insert(id, result);
                    assert!(earlier.is_none(), "a call is answered once");
                }
                Output::Run(job) => match &mut self.held_jobs {
                    Some(held) => held.push(job),
                    None => self.inputs.push_back(Input::Done(job.run())),
                },
                Output::Drained | Output::KeepOffset(_) | Output::FetchToken(_) => {}
                Output::Terminated => self.is_terminated = true,
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Delivered(mut batch) => {
                self.gauge.reports_served(batch.len() as u64);
                while let Some(message) = batch.next() {
                    let payload = String::from_utf8_lossy(message.payload.unwrap_or_default());
                    self.reports.push(Report {
                        payload: payload.into_owned(),
                        partition: message.partition,
                        offset: message.offset,
                        error: message.error,
                    });
                }
            }
            Event::Error(error) => self.errors.push(error),
            Event::Log(line) => self.logs.push(line),
            other => panic!("a producer does not say {other:?}"),
        }
    }

    fn connect(&mut self, id: BrokerId, endpoint: &Endpoint) {
        assert_eq!(&*endpoint.host, "node");
        self.attempts.push((self.now, endpoint.port));
        if self.nodes.refusing.contains(&endpoint.port) {
            let reason = DisconnectReason::Connect {
                address: format!("ipv4#10.0.0.1:{}", endpoint.port),
                error: "Connection refused".to_owned(),
            };
            self.inputs.push_back(Input::Disconnected(id, reason));
        } else if self.cut == Some(Cut::Silent) {
            self.unconnected.insert(id, endpoint.port);
        } else {
            self.connections.insert(id, endpoint.port);
            self.inputs.push_back(Input::Connected(id));
        }
    }

    fn receive(&mut self, connection: BrokerId, frame: Frame) {
        let node = *self
            .connections
            .get(&connection)
            .expect("sends on standing connections only");
        let mut bytes = frame.into_bytes();
        let bytes = bytes.split_off(4);
        let (header, body) = decode_request_header(bytes).unwrap();
        let key = ApiKey::try_from(header.request_api_key).unwrap();
        let asked = Asked {
            connection,
            node,
            key,
            version: header.request_api_version,
            correlation_id: header.correlation_id,
            body,
        };
        if self.cut.is_some() {
            return;
        }
        *self.nodes.counts.entry(key).or_default() += 1;
        if key == ApiKey::ApiVersions
            && asked.version > self.nodes.versions_newest
            && self.nodes.hangs_up
        {
            self.connections.remove(&connection);
            self.inputs
                .push_back(Input::Disconnected(connection, DisconnectReason::Closed));
        } else if self.nodes.holding.contains(&key) {
            self.nodes.held.push_back(asked);
        } else {
            self.answer(asked);
        }
    }

    fn answer(&mut self, asked: Asked) {
        let Some(frame) = self.nodes.serve(&asked) else {
            return;
        };
        if self.connections.contains_key(&asked.connection) {
            let mut bytes = frame.into_bytes();
            self.inputs
                .push_back(Input::Frame(asked.connection, bytes.split_off(4)));
        }
    }
}
