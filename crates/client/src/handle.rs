//! The handle: what librdkafka calls `rd_kafka_t`, blocking, for one application.
//!
//! Owns the main event queue and the way to the driver task. Guarantees: the `sink` of [`Client::poll`] runs on the
//! caller's thread with no lock held; every wait is bounded by its timeout and by `interrupted()`; a handle whose fork
//! generation is over never touches a thread or a socket. `Send` and `Sync`; the application's thread.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka_client_core::admin::{Call, CallReply, MetadataScope, Target};
use rdkafka_client_core::client::Client as Core;
use rdkafka_client_core::conf::{
    BrokerList, ClientConfig, ClientKind, Conf, ConfError, ConfErrorKind, DebugContexts, TopicConf,
};
use rdkafka_client_core::consumer::QueueId;
use rdkafka_client_core::io::{
    Command, Endpoint, Event, LogLine, TopicPartition, TopicPartitionOffset,
};
use rdkafka_client_core::metadata::ClusterMetadata;
use rdkafka_client_core::producer::Command as ProducerCommand;
use rdkafka_client_core::request::ForeignRequest;
use rdkafka_client_core::shared::{BatchSlot, QueueGauge, TopicShared};
use rdkafka_sasl::oauthbearer::Token;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;
use ring::rand::SecureRandom as _;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::connect::Resolver;
use crate::driver::{Clock, Driver, Ends, Message, ReplyQueue, unix_ms};
use crate::event_queue::{EventQueue, WaitFor, Woken, deadline_after_ms};
use crate::producer::Topic;
use crate::runtime;
use crate::socket::Connector;
use crate::tls::{self, Tls};

/// How long dropping the last handle may take.
const DROP_BOUND: Duration = Duration::from_secs(1);
/// The longest name of a topic.
const TOPIC_NAME_MAX: usize = 512;
/// What a call waits beyond its timeout for the core's own word about it.
const CALL_GRACE_MS: i32 = 500;
/// Counts the clients of this process, for their names.
static NEXT_NUMBER: AtomicU32 = AtomicU32::new(1);

/// What a sink answers to an event.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
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
    /// To the system's log, as user messages of `rdkafka`.
    Syslog,
    /// To standard error and to the system's log.
    Both,
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

/// How often work changed hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HandOvers {
    /// Messages sent to the driver: each wakes it.
    pub messages: u64,
    /// Locks of the main queue, taken by either.
    pub locks: u64,
}

/// One client. Clones are the same client.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    name: String,
    /// Taken when the last handle goes; forgotten, not dropped, in a process that the client was not made in.
    live: Option<Live>,
    generation: fn() -> u64,
    born: u64,
}

/// What only the process that made the client may touch.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) ends: Arc<Ends>,
    pub(crate) conf: Arc<ClientConfig>,
    pub(crate) gauge: Arc<QueueGauge>,
    pub(crate) clock: Clock,
    mailbox: UnboundedSender<Message>,
    /// Messages sent there.
    sent: AtomicU64,
    topics: Mutex<HashMap<StrBytes, Arc<TopicShared>>>,
    is_destroyed: AtomicBool,
}

impl Drop for Shared {
    fn drop(&mut self) {
        let live = self.live.take();
        if (self.generation)() == self.born {
            if let Some(live) = live {
                live.destroy(DROP_BOUND);
            }
        } else {
            // Its threads, sockets and wake-ups are the parent's.
            std::mem::forget(live);
        }
    }
}

impl Client {
    /// Resolve the configuration, start the driver, begin to connect.
    ///
    /// # Errors
    /// When the configuration contradicts itself or asks for what cannot be had.
    pub fn new(kind: ClientKind, conf: &Conf, options: Options) -> Result<Self, NewError> {
        let said = conf;
        let mut conf = conf.resolve(kind)?;
        if let Some(bootstrap) = options.bootstrap {
            conf.bootstrap_servers = bootstrap;
        }
        let conf = Arc::new(conf);
        let born = (options.generation)();
        let tls = if conf.security.protocol.uses_tls() {
            let tls = Tls::new(&conf.security.tls).map_err(|error| NewError {
                code: ErrorCode::_INVALID_ARG,
                text: error.0,
            })?;
            Some(tls)
        } else {
            None
        };
        let authorities = conf.security.sasl.oauthbearer.https_ca_location.as_deref();
        if authorities.is_some_and(|location| !tls::is_there(location)) {
            return Err(NewError {
                code: ErrorCode::_INVALID_ARG,
                text: "`https.ca.location` must be an existing file or directory".to_owned(),
            });
        }
        let runtime = runtime::handle(born).map_err(|error| NewError {
            code: ErrorCode::_CRIT_SYS_RESOURCE,
            text: format!("Unable to start threads: {error}"),
        })?;
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}#{}-{number}", conf.client_id, kind.name());
        let messages_max = conf.producer.queue_max_messages.map_or(u64::MAX, u64::from);
        let gauge = Arc::new(QueueGauge::new(messages_max, conf.producer.queue_max_bytes));
        let clock = Clock::start();
        let ends = Arc::new(Ends::new(name.clone(), Arc::clone(&conf), options.logs));
        for warning in &conf.warnings {
            if warning.level <= conf.log.level {
                let (level, facility, text) =
                    (warning.level, warning.facility, warning.text.clone());
                ends.log(LogLine::of_application(level, facility, text));
            }
        }
        if conf.log.debug.has(DebugContexts::CONF) {
            for (name, value) in said.dump_set_redacted() {
                let text = format!("  {name} = {value}");
                ends.log(LogLine::of_application(7, "CONF", text));
            }
        }
        let (mailbox, inbox) = unbounded_channel();
        let mut core = Core::new(Arc::clone(&conf), Arc::clone(&gauge), fastrand::u64(..));
        core.set_name(name.clone());
        if let Some(entropy) = entropy() {
            core.set_entropy(entropy);
        }
        let connector = Connector {
            conf: Arc::clone(&conf),
            resolver: Resolver::default(),
            tls,
        };
        let ends_of_driver = Arc::clone(&ends);
        let driver = Driver::new(
            core,
            clock,
            ends_of_driver,
            connector,
            inbox,
            mailbox.clone(),
        );
        runtime.spawn(driver.run());
        // The driver has a connection to wait for.
        rdkafka_records::prepare_checksums();
        let live = Live {
            ends,
            conf,
            gauge,
            clock,
            mailbox,
            sent: AtomicU64::new(0),
            topics: Mutex::default(),
            is_destroyed: AtomicBool::new(false),
        };
        Ok(Self {
            shared: Arc::new(Shared {
                name,
                live: Some(live),
                generation: options.generation,
                born,
            }),
        })
    }

    /// `rdkafka#producer-1`: `client.id`, kind, and a number that counts the clients of this process.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The configuration, resolved.
    #[must_use]
    pub fn conf(&self) -> Option<&Arc<ClientConfig>> {
        self.shared.live.as_ref().map(|live| &live.conf)
    }

    /// Add bootstrap brokers, comma separated; returns how many were understood.
    pub fn add_brokers(&self, list: &str) -> usize {
        let Some(live) = self.live() else { return 0 };
        let parsed = BrokerList::parse(list, live.conf.security.protocol);
        for warning in parsed.warnings {
            let (level, facility, text) = (warning.level, warning.facility, warning.text);
            if level <= live.conf.log.level {
                live.ends
                    .log(LogLine::of_application(level, facility, text));
            }
        }
        let count = parsed.endpoints.len();
        if count > 0 && live.conf.mock_brokers == 0 {
            self.command(Command::AddBrokers(parsed.endpoints));
        }
        count
    }

    /// A topic of a producer; the same name gives the same topic, with the configuration it was first made with.
    ///
    /// # Errors
    /// When its configuration contradicts itself, or the name is too long (`_INVALID_ARG`).
    pub fn topic(&self, name: &str, conf: Option<&TopicConf>) -> Result<Topic, NewError> {
        let invalid = |text: &str| NewError {
            code: ErrorCode::_INVALID_ARG,
            text: text.to_owned(),
        };
        if name.len() > TOPIC_NAME_MAX {
            return Err(invalid("The name of a topic has at most 512 bytes"));
        }
        let Some(live) = self.live() else {
            let text = "The client was made in another process, or is closed".to_owned();
            return Err(NewError {
                code: ErrorCode::_DESTROY,
                text,
            });
        };
        let name = StrBytes::from(name);
        let mut topics = live.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = match topics.get(&name) {
            Some(known) => Arc::clone(known),
            None => {
                let conf = live.conf.topic_config(conf)?;
                let shared = Arc::new(TopicShared::new(name.clone(), conf));
                topics.insert(name, Arc::clone(&shared));
                self.command(Command::Producer(ProducerCommand::TopicAdded(Arc::clone(
                    &shared,
                ))));
                shared
            }
        };
        drop(topics);
        Ok(Topic::new(self.clone(), shared, &live.conf))
    }

    /// Serve events: wait up to `timeout_ms` (-1: for ever) for the first, then give all that are there to `sink`.
    /// Returns how many were served (the delivery reports of a batch count as one).
    pub fn poll(
        &self,
        timeout_ms: i32,
        sink: &mut dyn FnMut(Event) -> Flow,
        interrupted: &dyn Fn() -> bool,
    ) -> usize {
        let Some(live) = self.live() else { return 0 };
        if timeout_ms != 0 {
            let deadline = deadline_after_ms(timeout_ms);
            let what = WaitFor::ItemsOrSignal;
            live.ends.events.wait(what, deadline, interrupted);
        }
        live.serve(sink).0
    }

    /// Send everything at once (linger is ignored) and serve events until every record met its fate and was reported.
    /// Returns `NONE`; `_TIMED_OUT` when that was not reached in time, or `sink` or `interrupted()` stopped it.
    pub fn flush(
        &self,
        timeout_ms: i32,
        sink: &mut dyn FnMut(Event) -> Flow,
        interrupted: &dyn Fn() -> bool,
    ) -> ErrorCode {
        let Some(live) = self.live() else {
            return ErrorCode::NONE;
        };
        let deadline = deadline_after_ms(timeout_ms);
        let is_empty = || live.gauge.messages() == 0 && live.gauge.reports() == 0;
        if is_empty() && live.ends.events.is_empty() {
            return ErrorCode::NONE;
        }
        live.gauge.set_flushing(true);
        self.command(Command::Producer(ProducerCommand::Flush));
        let result = loop {
            let nudges = live.ends.events.nudges();
            let (_, is_stopped) = live.serve(sink);
            if is_empty() {
                break ErrorCode::NONE;
            }
            if is_stopped {
                break ErrorCode::_TIMED_OUT;
            }
            match live
                .ends
                .events
                .wait(WaitFor::ItemsOrNudge(nudges), deadline, interrupted)
            {
                Woken::Ready | Woken::Nudged => {}
                Woken::TimedOut | Woken::Interrupted => break ErrorCode::_TIMED_OUT,
            }
        };
        live.gauge.set_flushing(false);
        result
    }

    /// From now on, report records that fail even where no delivery reports were asked for: for who wants to say what
    /// was lost.
    pub fn report_failures(&self) {
        self.command(Command::Producer(ProducerCommand::ReportFailures));
    }

    /// How many records of each topic failed so far where no delivery reports were asked for, since this was asked last.
    #[must_use]
    pub fn take_untold(&self) -> BTreeMap<StrBytes, u64> {
        let live = self.live();
        live.map_or_else(BTreeMap::new, |live| live.gauge.take_untold())
    }

    /// Fail queued records with `_PURGE_QUEUE` (flag 1) and those in flight with `_PURGE_INFLIGHT` (flag 2). Flag 4, not
    /// to wait for it, is accepted.
    ///
    /// # Errors
    /// `_INVALID_ARG` for other flags, `_NOT_IMPLEMENTED` on a consumer.
    pub fn purge(&self, flags: i32) -> Result<(), ErrorCode> {
        const QUEUE: i32 = 1;
        const IN_FLIGHT: i32 = 2;
        const NON_BLOCKING: i32 = 4;
        const TIMEOUT_MS: i32 = 5_000;
        if flags & !(QUEUE | IN_FLIGHT | NON_BLOCKING) != 0 {
            return Err(ErrorCode::_INVALID_ARG);
        }
        let call = Call::Purge {
            queue: flags & QUEUE != 0,
            in_flight: flags & IN_FLIGHT != 0,
        };
        self.call(call, TIMEOUT_MS, &|| false).map(|_| ())
    }

    /// Records without a fate, reports and events not yet served.
    #[must_use]
    pub fn out_queue_len(&self) -> usize {
        let Some(live) = self.live() else { return 0 };
        let events = live
            .ends
            .events
            .count(|event| !matches!(event, Event::Delivered(_)));
        let records = live.gauge.messages() + live.gauge.reports();
        usize::try_from(records)
            .unwrap_or(usize::MAX)
            .saturating_add(events)
    }

    /// The cluster, as a broker describes it now.
    ///
    /// # Errors
    /// `_TRANSPORT` or `_TIMED_OUT` when no broker answers in time.
    pub fn metadata(
        &self,
        scope: MetadataScope,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<ClusterMetadata, ErrorCode> {
        match self.call(Call::Metadata(scope), timeout_ms, interrupted)? {
            CallReply::Metadata(metadata) => Ok(metadata),
            _ => Err(ErrorCode::_FAIL),
        }
    }

    /// The controller's id; -1 when it does not become known in time.
    pub fn controller_id(&self, timeout_ms: i32, interrupted: &dyn Fn() -> bool) -> i32 {
        match self.call(Call::ControllerId, timeout_ms, interrupted) {
            Ok(CallReply::ControllerId(id)) => id,
            _ => -1,
        }
    }

    /// The cluster's id; `None` when it does not become known in time, or there is none.
    pub fn cluster_id(&self, timeout_ms: i32, interrupted: &dyn Fn() -> bool) -> Option<StrBytes> {
        match self.call(Call::ClusterId, timeout_ms, interrupted) {
            Ok(CallReply::ClusterId(id)) => id,
            _ => None,
        }
    }

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
    ) -> Result<(i64, i64), ErrorCode> {
        let call = Call::Watermarks(TopicPartition {
            topic: topic.into(),
            partition,
        });
        match self.call(call, timeout_ms, interrupted)? {
            CallReply::Watermarks { low, high } => Ok((low, high)),
            _ => Err(ErrorCode::_FAIL),
        }
    }

    /// The first offsets at or after the given times (milliseconds, in `offset`); -1 (the end) where there is none.
    ///
    /// # Errors
    /// As [`Self::query_watermark_offsets`]; errors of single partitions are in the list.
    pub fn offsets_for_times(
        &self,
        times: Vec<TopicPartitionOffset>,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
        match self.call(Call::OffsetsForTimes(times), timeout_ms, interrupted)? {
            CallReply::Partitions(partitions) => Ok(partitions),
            _ => Err(ErrorCode::_FAIL),
        }
    }

    /// Stop (or go on) producing to or fetching from partitions; errors are in the list.
    ///
    /// # Errors
    /// `_DESTROY` when the client is gone.
    pub fn pause(
        &self,
        partitions: Vec<TopicPartition>,
        paused: bool,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
        const TIMEOUT_MS: i32 = 5_000;
        match self.call(Call::Pause { partitions, paused }, TIMEOUT_MS, &|| false)? {
            CallReply::Partitions(partitions) => Ok(partitions),
            _ => Err(ErrorCode::_FAIL),
        }
    }

    /// Syslog level (0-7) above which lines are dropped.
    pub fn set_log_level(&self, level: u8) {
        self.command(Command::SetLogLevel(level));
    }

    /// Send log lines elsewhere from now on.
    pub fn set_logs(&self, logs: Logs) {
        if let Some(live) = self.live() {
            live.ends.set_logs(logs);
        }
    }

    /// The error after which this client is unusable.
    #[must_use]
    pub fn fatal_error(&self) -> Option<(ErrorCode, String)> {
        let live = self.live()?;
        live.ends
            .fatal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The last error that belonged to no single call: where a call fails because no broker can be reached, this says
    /// why.
    #[must_use]
    pub fn cause(&self) -> Option<(ErrorCode, String)> {
        let live = self.live()?;
        live.ends
            .cause
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Hand over a token for SASL/OAUTHBEARER.
    ///
    /// # Errors
    /// `_STATE` when OAUTHBEARER is not the mechanism, `_INVALID_ARG` when the token may not be as it is; with words.
    pub fn set_token(&self, token: Token) -> Result<(), NewError> {
        if !self.uses_tokens() {
            return Err(NewError {
                code: ErrorCode::_STATE,
                text: "SASL/OAUTHBEARER is not the configured authentication mechanism".to_owned(),
            });
        }
        token.check(unix_ms()).map_err(|error| NewError {
            code: ErrorCode::_INVALID_ARG,
            text: error.to_string(),
        })?;
        self.command(Command::SetToken(token));
        Ok(())
    }

    /// Say why there is no token.
    ///
    /// # Errors
    /// `_STATE` when OAUTHBEARER is not the mechanism, `_INVALID_ARG` without words.
    pub fn set_token_failure(&self, why: &str) -> Result<(), ErrorCode> {
        if !self.uses_tokens() {
            return Err(ErrorCode::_STATE);
        }
        if why.is_empty() {
            return Err(ErrorCode::_INVALID_ARG);
        }
        self.command(Command::SetTokenFailure(why.to_owned()));
        Ok(())
    }

    fn uses_tokens(&self) -> bool {
        self.live().is_some_and(|live| {
            let security = &live.conf.security;
            security.protocol.uses_sasl() && security.sasl.mechanism == "OAUTHBEARER"
        })
    }

    /// The main event queue.
    pub(crate) fn events(&self) -> Option<&Arc<EventQueue<Event>>> {
        self.live().map(|live| &live.ends.events)
    }

    /// Send what belongs to this queue of the consumer there, instead of to the main queue; `None` ends that.
    pub(crate) fn set_queue(&self, id: QueueId, queue: Option<Arc<EventQueue<Event>>>) {
        if let Some(live) = self.live() {
            let mut queues = live
                .ends
                .queues
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match queue {
                Some(queue) => queues.insert(id, queue),
                None => queues.remove(&id),
            };
        }
    }

    /// Ask the core and wait. The way every blocking question takes, also the consumer's.
    ///
    /// # Errors
    /// What the core answers; `_TIMED_OUT`; `_INTR` when `interrupted()` ended the wait; `_DESTROY` when the client is
    /// gone or belongs to another process.
    pub fn call(
        &self,
        call: Call,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<CallReply, ErrorCode> {
        let live = self.live().ok_or(ErrorCode::_DESTROY)?;
        let reply: ReplyQueue = Arc::default();
        let timeout = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
        let deadline = live.clock.moment() + timeout.unwrap_or(Duration::MAX);
        let message = Message::Ask {
            call,
            deadline,
            reply: Arc::clone(&reply),
        };
        live.send(message)?;
        // The core answers when the deadline passes; the grace is for a driver that is late.
        let patience = if timeout.is_some() {
            timeout_ms.saturating_add(CALL_GRACE_MS)
        } else {
            -1
        };
        match reply.wait(WaitFor::Items, deadline_after_ms(patience), interrupted) {
            Woken::Interrupted => Err(ErrorCode::_INTR),
            _ => reply.pop().unwrap_or(Err(ErrorCode::_TIMED_OUT)),
        }
    }

    /// Ask a broker with a request of any API, in the newest version both sides know: for administration.
    ///
    /// # Errors
    /// `_TIMED_OUT`, `_TRANSPORT`, `_UNSUPPORTED_FEATURE` when the broker does not know the API, `_BAD_MSG` when its
    /// answer cannot be read. What the answer says itself is the caller's to look at.
    pub fn request<R>(
        &self,
        target: Target,
        request: R,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<R::Response, ErrorCode>
    where
        R: rdkafka_wire::Request + std::fmt::Debug + Send + Sync + 'static,
    {
        let newest = *R::VERSIONS.end();
        self.request_up_to(target, request, newest, timeout_ms, interrupted)
    }

    /// As [`Self::request`], in a version not newer than `version_max`.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub fn request_up_to<R>(
        &self,
        target: Target,
        request: R,
        version_max: i16,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<R::Response, ErrorCode>
    where
        R: rdkafka_wire::Request + std::fmt::Debug + Send + Sync + 'static,
    {
        let call = Call::Foreign(target, ForeignRequest::up_to(request, version_max));
        match self.call(call, timeout_ms, interrupted)? {
            CallReply::Foreign(response) => response.decode::<R>().map_err(|_| ErrorCode::_BAD_MSG),
            _ => Err(ErrorCode::_FAIL),
        }
    }

    /// Tell the core, without waiting.
    pub fn command(&self, command: Command) {
        if let Some(live) = self.live() {
            // Fails only when the driver has ended: then there is nobody to tell.
            _ = live.send(Message::Command(command));
        }
    }

    /// How often work changed hands between the application and the driver. Grows with batches, never with records; for
    /// those who want to see that.
    #[must_use]
    pub fn hand_overs(&self) -> HandOvers {
        let live = self.live();
        live.map_or_else(HandOvers::default, |live| HandOvers {
            messages: live.sent.load(Ordering::Relaxed),
            locks: live.ends.events.locked(),
        })
    }

    /// Close everything: event-driven, at most `bound`, without serving events. What is queued is lost. Idempotent;
    /// dropping the last handle does it too, with a bound of a second.
    pub fn destroy(&self, bound: Duration) {
        if let Some(live) = self.live() {
            live.destroy(bound);
        }
    }

    /// The live half, unless it belongs to another process or was destroyed.
    pub(crate) fn live(&self) -> Option<&Live> {
        let is_ours = (self.shared.generation)() == self.shared.born;
        let live = self.shared.live.as_ref().filter(|_| is_ours)?;
        (!live.is_destroyed.load(Ordering::Relaxed)).then_some(live)
    }
}

impl Live {
    /// To the driver; fails when it has ended.
    fn send(&self, message: Message) -> Result<(), ErrorCode> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        self.mailbox.send(message).map_err(|_| ErrorCode::_DESTROY)
    }

    /// Leave a batch that was opened just now for the driver to see by itself. Given back when it has to be told, because
    /// it would come too late, or must not let the batch linger.
    pub(crate) fn leave_opened(&self, slot: Arc<BatchSlot>) -> Option<Arc<BatchSlot>> {
        let linger = Duration::from_micros(self.conf.producer.linger_us);
        if linger.is_zero() || self.gauge.is_flushing() {
            return Some(slot);
        }
        self.ends.opened.leave(slot, self.clock.moment() + linger)
    }

    /// Serve what is in the queue now; also tells whether the sink stopped it.
    fn serve(&self, sink: &mut dyn FnMut(Event) -> Flow) -> (usize, bool) {
        let mut served = 0;
        // What arrives meanwhile is for the next time: a sink that produces must not keep us here for ever.
        for _ in 0..self.ends.events.len() {
            let Some(event) = self.ends.events.pop() else {
                break;
            };
            let reports = reports(&event);
            let flow = sink(event);
            match flow {
                Flow::Continue | Flow::Stop => {
                    self.gauge.reports_served(reports);
                    served += 1;
                }
                Flow::PutBack(rest) => {
                    self.gauge
                        .reports_served(reports.saturating_sub(self::reports(&rest)));
                    self.ends.events.push_front(rest);
                    return (served, true);
                }
            }
            if matches!(flow, Flow::Stop) {
                return (served, true);
            }
        }
        (served, false)
    }

    fn destroy(&self, bound: Duration) {
        if self.is_destroyed.swap(true, Ordering::Relaxed) {
            return;
        }
        if self.send(Message::Command(Command::Terminate)).is_ok() {
            self.ends.wait_terminated(bound);
        }
    }
}

/// Randomness of the system, for what nobody may foretell.
fn entropy() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    ring::rand::SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

/// Reports that the gauge counts for an event.
fn reports(event: &Event) -> u64 {
    match event {
        Event::Delivered(batch) => batch.len() as u64,
        _ => 0,
    }
}

impl From<ConfError> for NewError {
    fn from(error: ConfError) -> Self {
        let code = match error.kind {
            ConfErrorKind::Missing => ErrorCode::_NOT_IMPLEMENTED,
            _ => ErrorCode::_INVALID_ARG,
        };
        Self {
            code,
            text: error.text,
        }
    }
}
