//! The handle: what librdkafka calls `rd_kafka_t`, blocking, for one application.
//!
//! Owns the main event queue and the way to the driver task. Guarantees: the `sink` of [`Client::poll`] runs on the
//! caller's thread with no lock held; every wait is bounded by its timeout and by `interrupted()`; a handle whose fork
//! generation is over never touches a thread or a socket. `Send` and `Sync`; the application's thread.

use std::sync::Arc;
use std::time::Duration;

use rdkafka_client_core::admin::{Call, CallReply, MetadataScope};
use rdkafka_client_core::conf::{ClientKind, Conf, TopicConf};
use rdkafka_client_core::io::{Command, Endpoint, Event, TopicPartition, TopicPartitionOffset};
use rdkafka_client_core::metadata::ClusterMetadata;
use rdkafka_wire::ErrorCode;

use crate::producer::Topic;

/// What a sink answers to an event.
#[derive(Debug)]
pub enum Flow {
    /// Go on.
    Continue,
    /// The event is dealt with; leave the rest in the queue and return.
    Stop,
    /// Put this (what is left of the event) back in front, and return.
    PutBack(Event),
}

/// Where log lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logs {
    /// To standard error, in librdkafka's form.
    Stderr,
    /// To the event queue, as [`Event::Log`].
    Queue,
    /// Nowhere.
    Off,
}

/// What a client is told besides its configuration.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where log lines (and errors, where no `error_cb` is set) go.
    pub logs: Logs,
    /// Connect here instead of `bootstrap.servers`: the embedded broker.
    pub bootstrap: Option<Vec<Endpoint>>,
    /// The number of the process' life: changes in a child after `fork`.
    pub generation: fn() -> u64,
}

/// Why a client could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewError {
    /// What is wrong.
    pub code: ErrorCode,
    /// The same for people.
    pub text: String,
}

/// One client.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

impl Client {
    /// Resolve the configuration, start the driver, begin to connect.
    ///
    /// # Errors
    /// When the configuration contradicts itself or asks for what cannot be had.
    pub fn new(kind: ClientKind, conf: &Conf, options: Options) -> Result<Self, NewError>;

    /// `rdkafka#producer-1`: `client.id`, kind, and a number that counts the clients of this process.
    #[must_use]
    pub fn name(&self) -> &str;

    /// Add bootstrap brokers, comma separated; returns how many were understood.
    pub fn add_brokers(&self, list: &str) -> usize;

    /// A topic of a producer; the same name gives the same topic, with the configuration it was first made with.
    ///
    /// # Errors
    /// When its configuration contradicts itself, or the name is empty or too long (`_INVALID_ARG`).
    pub fn topic(&self, name: &str, conf: Option<&TopicConf>) -> Result<Topic, NewError>;

    /// Serve events: wait up to `timeout_ms` (-1: for ever) for the first, then give all that are there to `sink`.
    /// Returns how many were served (each message of a delivery report counts as one).
    pub fn poll(
        &self,
        timeout_ms: i32,
        sink: &mut dyn FnMut(Event) -> Flow,
        interrupted: &dyn Fn() -> bool,
    ) -> usize;

    /// Send everything at once (linger is ignored) and serve events until every record met its fate and was reported.
    /// Returns `NONE`, or `_TIMED_OUT`, also when `sink` stopped it.
    pub fn flush(
        &self,
        timeout_ms: i32,
        sink: &mut dyn FnMut(Event) -> Flow,
        interrupted: &dyn Fn() -> bool,
    ) -> ErrorCode;

    /// Fail queued records with `_PURGE_QUEUE` (flag 1) and those in flight with `_PURGE_INFLIGHT` (flag 2).
    ///
    /// # Errors
    /// `_INVALID_ARG` for other flags, `_NOT_IMPLEMENTED` on a consumer.
    pub fn purge(&self, flags: i32) -> Result<(), ErrorCode>;

    /// Records without a fate, reports and events not yet served.
    #[must_use]
    pub fn out_queue_len(&self) -> usize;

    /// The cluster, as a broker describes it now.
    ///
    /// # Errors
    /// `_TRANSPORT` or `_TIMED_OUT` when no broker answers in time.
    pub fn metadata(
        &self,
        scope: MetadataScope,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<ClusterMetadata, ErrorCode>;

    /// The controller's id; -1 when it does not become known in time.
    pub fn controller_id(&self, timeout_ms: i32, interrupted: &dyn Fn() -> bool) -> i32;

    /// The first offset and the next one, as the leader says now: `(low, high)`.
    ///
    /// # Errors
    /// `_UNKNOWN_PARTITION`, `_TIMED_OUT`, `_TRANSPORT` and what the broker says.
    pub fn query_watermark_offsets(
        &self,
        topic: &str,
        partition: i32,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(i64, i64), ErrorCode>;

    /// The first offsets at or after the given times (milliseconds, in `offset`); -1 (the end) where there is none.
    ///
    /// # Errors
    /// As [`Self::query_watermark_offsets`]; errors of single partitions are in the list.
    pub fn offsets_for_times(
        &self,
        times: Vec<TopicPartitionOffset>,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode>;

    /// Stop (or go on) producing to or fetching from partitions; errors are in the list.
    ///
    /// # Errors
    /// `_DESTROY` when the client is gone.
    pub fn pause(
        &self,
        partitions: Vec<TopicPartition>,
        paused: bool,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode>;

    /// Syslog level (0-7) above which lines are dropped.
    pub fn set_log_level(&self, level: u8);

    /// The error after which this client is unusable.
    #[must_use]
    pub fn fatal_error(&self) -> Option<(ErrorCode, String)>;

    /// Ask the core and wait. The way every blocking question takes, also the consumer's.
    ///
    /// # Errors
    /// What the core answers; `_TIMED_OUT`; `_DESTROY` when the client is gone or belongs to another process.
    pub fn call(
        &self,
        call: Call,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<CallReply, ErrorCode>;

    /// Tell the core, without waiting.
    pub fn command(&self, command: Command);

    /// Close everything: event-driven, at most `bound`, without serving events. What is queued is lost. Idempotent;
    /// dropping the last handle does it too, with a bound of a second.
    pub fn destroy(&self, bound: Duration);
}
