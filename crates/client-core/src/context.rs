//! The hand a sub-machine is given: what producer, consumer and admin may do to the rest of the client.
//!
//! [`Cx`] borrows the client's network half for the length of one call. Sub-machines never see sockets, frames or
//! connections: they send a request with a [`Route`], and get back `Result<Response, RequestError>` there, exactly
//! once per request. Driver thread.

use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::admin::CallReply;
use crate::conf::{ClientConfig, DebugContexts};
use crate::coordinator::{CoordinatorKind, Lookup};
use crate::io::{
    CallId, Endpoint, ErrorEvent, Event, Job, Lane, LogLine, NodeId, Now, Output, Throttle,
    TopicPartition,
};
use crate::metadata::Metadata;
use crate::network::Network;
use crate::request::Request;
use crate::{admin, consumer, producer};

/// Which sub-machine gets the answer to a request.
#[derive(Debug)]
pub enum Route {
    /// The metadata cache.
    Metadata,
    /// The coordinator finder.
    Coordinator(Lookup),
    /// The producer.
    Producer(producer::Reply),
    /// The consumer.
    Consumer(consumer::Reply),
    /// A call of the application.
    Admin(admin::Reply),
}

impl From<producer::Reply> for Route {
    fn from(reply: producer::Reply) -> Self {
        Self::Producer(reply)
    }
}

impl From<consumer::Reply> for Route {
    fn from(reply: consumer::Reply) -> Self {
        Self::Consumer(reply)
    }
}

impl From<admin::Reply> for Route {
    fn from(reply: admin::Reply) -> Self {
        Self::Admin(reply)
    }
}

/// What a sub-machine may do, for the length of one call.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The time of the input being handled.
    pub now: Now,
    pub(crate) network: &'a mut Network,
}

impl Cx<'_> {
    /// The resolved configuration.
    #[must_use]
    pub fn conf(&self) -> &ClientConfig {
        &self.network.fx.conf
    }

    /// The client's one source of randomness, seeded at construction.
    pub fn rng(&mut self) -> &mut fastrand::Rng {
        &mut self.network.fx.rng
    }

    /// What is known of the cluster.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.network.metadata
    }

    /// Send a request to a node of the cluster. It waits for the connection to come up, at most `timeout`, and fails
    /// with `Disconnected` when the next attempt to connect fails.
    pub fn send(
        &mut self,
        node: NodeId,
        lane: Lane,
        request: impl Into<Request>,
        route: impl Into<Route>,
        timeout: Duration,
    ) {
        self.network
            .send(self.now, node, lane, request.into(), route.into(), timeout);
    }

    /// Send a request to whichever broker is at hand (bootstrap brokers too).
    pub fn send_any(
        &mut self,
        request: impl Into<Request>,
        route: impl Into<Route>,
        timeout: Duration,
    ) {
        self.network
            .send_any(self.now, request.into(), route.into(), timeout);
    }

    /// Send a request to the coordinator of `key`, looked up first when it is not known.
    ///
    /// When the answer says that it is not (or no longer) the coordinator, call [`Self::forget_coordinator`] and send
    /// again after a back-off; lookups that fail for a retriable reason are retried within `timeout`.
    pub fn send_coordinator(
        &mut self,
        kind: CoordinatorKind,
        key: &StrBytes,
        request: impl Into<Request>,
        route: impl Into<Route>,
        timeout: Duration,
    ) {
        self.network
            .send_coordinator(self.now, kind, key, request.into(), route.into(), timeout);
    }

    /// The coordinator of `key`, when it is known.
    #[must_use]
    pub fn coordinator(&self, kind: CoordinatorKind, key: &StrBytes) -> Option<NodeId> {
        self.network.coordinator(kind, key)
    }

    /// Look the coordinator up again before the next request to it.
    pub fn forget_coordinator(&mut self, kind: CoordinatorKind, key: &StrBytes) {
        self.network.forget_coordinator(kind, key);
    }

    /// The cluster's finalized `transaction.version`, by the newest word of any broker; 0 where there is none.
    #[must_use]
    pub fn transaction_version(&self) -> i16 {
        self.network.fx.features.transaction_version
    }

    /// Whether the connection to this node stands and is negotiated.
    #[must_use]
    pub fn is_up(&self, node: NodeId, lane: Lane) -> bool {
        self.network.is_up(node, lane)
    }

    /// Connect to this node (with back-off) although nothing is to be sent yet.
    pub fn connect(&mut self, node: NodeId, lane: Lane) {
        self.network.connect(self.now, node, lane);
    }

    /// `host:port/id`, as logs and errors name a broker.
    #[must_use]
    pub fn broker_name(&self, node: NodeId) -> String {
        self.network.broker_name(node)
    }

    /// Keep metadata of this topic; fetches it when it is not known. `on_metadata` tells when something arrived.
    /// Counted: each call needs its [`Self::drop_topic`].
    pub fn want_topic(&mut self, topic: &StrBytes) {
        self.network.want_topic(self.now, topic);
    }

    /// The opposite of [`Self::want_topic`].
    pub fn drop_topic(&mut self, topic: &StrBytes) {
        self.network.drop_topic(topic);
    }

    /// Keep metadata of all topics (for subscriptions by pattern).
    pub fn want_all_topics(&mut self, all: bool) {
        self.network.want_all_topics(self.now, all);
    }

    /// Something in the metadata is wrong (a leader moved, a topic is missing): fetch it again soon. Requests are
    /// merged and paced by `topic.metadata.refresh.fast.interval.ms`.
    pub fn refresh_metadata(&mut self, why: &'static str) {
        self.network.refresh_metadata(self.now, why);
    }

    /// A broker said in an answer where nodes are (KIP-951).
    pub fn learn_node(&mut self, node: NodeId, endpoint: Endpoint) {
        self.network.metadata.add_node(node, endpoint);
        self.network.follow_nodes();
    }

    /// A broker said in an answer who leads a partition now (KIP-951). False when that is no news.
    pub fn learn_leader(
        &mut self,
        partition: &TopicPartition,
        leader: NodeId,
        leader_epoch: i32,
    ) -> bool {
        let TopicPartition { topic, partition } = partition;
        let metadata = &mut self.network.metadata;
        metadata.learn_leader(topic, *partition, leader, leader_epoch)
    }

    /// A broker said in an answer for how long it throttled us: tell the application, also when it ends.
    pub fn throttled(&mut self, node: NodeId, throttle_ms: i32) {
        if self.network.has_throttling_changed(node, throttle_ms) {
            let broker = self.broker_name(node);
            self.emit(Event::Throttle(Throttle {
                broker,
                node,
                throttle_ms,
            }));
        }
    }

    /// A node's answer ended within a batch: it is counted for the statistics.
    pub(crate) fn cut_off(&mut self, node: NodeId) {
        if let Some(counters) = self.network.counters(node, Lane::Fetch) {
            counters.rx_partial += 1;
        }
    }

    /// Tell the application.
    pub fn emit(&mut self, event: Event) {
        self.network.fx.outbox.push_back(Output::Event(event));
    }

    /// Tell the application of an error that belongs to no single call.
    pub fn emit_error(&mut self, code: ErrorCode, text: String) {
        self.emit(Event::Error(ErrorEvent {
            code,
            text,
            fatal: false,
        }));
    }

    /// Answer a call of the application. Only its first answer counts, and none after its deadline.
    pub fn reply(&mut self, call: CallId, result: Result<CallReply, ErrorCode>) {
        if self.network.fx.calls.end(call) {
            self.network
                .fx
                .outbox
                .push_back(Output::Reply(call, result));
        }
    }

    /// Hand CPU work to a worker.
    pub fn run(&mut self, job: Job) {
        self.network.fx.outbox.push_back(Output::Run(job));
    }

    /// Write a line of log, built only when `level` (syslog, 0-7) is wanted.
    pub fn log(&mut self, level: u8, facility: &'static str, text: impl FnOnce() -> String) {
        if level <= self.network.fx.log_level {
            self.emit(Event::Log(LogLine::of_main(level, facility, text())));
        }
    }

    /// Write a line of log for who set `debug` to one of `contexts`; built only then.
    pub fn debug(
        &mut self,
        contexts: DebugContexts,
        facility: &'static str,
        text: impl FnOnce() -> String,
    ) {
        self.network.fx.debug(contexts, facility, text);
    }

    /// Another way to say [`Output`]: for the few outputs only one sub-machine gives.
    pub(crate) fn output(&mut self, output: Output) {
        self.network.fx.outbox.push_back(output);
    }
}
