//! What crosses the edge of the core: inputs, outputs, commands, events, time and identities.
//!
//! Owns nothing; these are the words the driver and the core speak. Used on the driver's thread, and (events,
//! commands) on the application's.

use std::borrow::Cow;
use std::ops::{Add, Sub};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_sasl::oauthbearer::Token;
use rdkafka_sasl::oauthbearer::oidc::TokenRequest;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::frame::Frame;
use rdkafka_wire::types::StrBytes;

use crate::admin::{Call, CallReply};
use crate::conf::Secret;
use crate::{consumer, producer, sasl};

/// A point on the driver's monotonic clock, in microseconds since an arbitrary start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// The end of time: a deadline that never comes.
    pub const NEVER: Self = Self(u64::MAX);

    /// The time from `earlier` to `self`, zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        )
    }
}

/// The time at which an input is handled, on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Monotonic: for deadlines.
    pub mono: Moment,
    /// Milliseconds since 1970-01-01 UTC: for timestamps of records.
    pub unix_ms: i64,
}

/// A broker's id in the cluster (Kafka's `node.id`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub i32);

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: StrBytes,
    /// The partition's number, from 0; -1 where any will do.
    pub partition: i32,
}

/// A partition with an offset and what became of it: the element of the lists that go to and from the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPartitionOffset {
    /// The topic's name.
    pub topic: StrBytes,
    /// The partition's number.
    pub partition: i32,
    /// An offset, one of librdkafka's logical ones (-1 end, -2 beginning, -1000 stored, -1001 invalid), or, where a
    /// call asks by time, milliseconds since 1970.
    pub offset: i64,
    /// What the application stored beside a committed offset.
    pub metadata: Option<Bytes>,
    /// The leader epoch the offset was seen in; -1 when unknown.
    pub leader_epoch: i32,
    /// What became of this partition in the call.
    pub error: ErrorCode,
}

impl TopicPartitionOffset {
    /// librdkafka's "no offset".
    pub const INVALID: i64 = -1001;

    /// A partition with an offset, no metadata, no error.
    #[must_use]
    pub fn new(topic: StrBytes, partition: i32, offset: i64) -> Self {
        Self {
            topic,
            partition,
            offset,
            metadata: None,
            leader_epoch: -1,
            error: ErrorCode::NONE,
        }
    }
}

/// One connection's place in this client: a bootstrap address, or a node and a lane. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerId(pub u32);

/// Which of the connections to a node a request takes.
///
/// A broker answers the requests of one connection in order, so whatever it may sit on (a join, a long poll) gets a
/// connection of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Produce, metadata, offsets, commits, admin: answered at once.
    Main,
    /// Group membership but for leaving: a JoinGroup may be parked for the whole rebalance.
    Coordinator,
    /// Fetch: parked up to `fetch.wait.max.ms`.
    Fetch,
    /// Nothing but the question whether a node answers, while another connection to it is strangely silent.
    Probe,
}

/// Host and port to connect to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// Host name or address literal, without brackets.
    pub host: Arc<str>,
    /// TCP port.
    pub port: u16,
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why a connection ended or never came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The host name has no address; the resolver's words.
    Resolve(String),
    /// The connection was refused, unreachable or took too long: the last address tried
    /// (`ipv4#127.0.0.1:9092`) and the system's words.
    Connect {
        /// The address, written as librdkafka does.
        address: String,
        /// The system's words, such as `Connection refused`.
        error: String,
    },
    /// The peer closed the connection.
    Closed,
    /// Reading or writing failed; the system's words.
    Io(String),
    /// The TLS handshake failed, or the peer sent something that is not TLS.
    Tls {
        /// What is wrong, in OpenSSL's spirit: `certificate verify failed: ...`.
        error: String,
        /// Whether the peer went away in the middle of it: then it may not speak TLS at all.
        closed: bool,
    },
    /// The peer announced a frame longer than `receive.message.max.bytes`, or a negative length.
    FrameSize(i64),
}

/// The name of a pending [`Call`], chosen by the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// What the driver tells the core.
#[derive(Debug)]
pub enum Input {
    /// The moment asked for by `Output::Timeout` has come.
    Timeout,
    /// TCP stands, the TLS handshake begins. Only for who connects by TLS, before `Connected`.
    Securing(BrokerId),
    /// A connection asked for by `Output::Connect` stands.
    Connected(BrokerId),
    /// What the token endpoint answered to `Output::FetchToken`: status and body, or why there is no answer.
    TokenFetched(Result<(u16, Vec<u8>), String>),
    /// A connection ended, or could not be made.
    Disconnected(BrokerId, DisconnectReason),
    /// One response, without its length prefix.
    Frame(BrokerId, Bytes),
    /// A part of a response arrived; said once in a while, so that a long one on a slow line is not taken for silence.
    Receiving(BrokerId),
    /// What `Output::Examine` found: whether what was written is on its way and being acknowledged. `true` where nothing
    /// can be found out.
    Examined(BrokerId, bool),
    /// A frame sent with `Output::Transmit { notify: Some(id), .. }` left for the kernel.
    Written(BrokerId, i32),
    /// Writing failed. The connection's `Disconnected` follows, or came before.
    WriteFailed(BrokerId),
    /// The application wants something.
    Command(Command),
    /// The application asks something and waits until `deadline`.
    Call(CallId, Call, Moment),
    /// A job came back.
    Done(JobDone),
}

/// What the core tells the driver.
#[derive(Debug)]
pub enum Output {
    /// Connect; answer with `Connected` or `Disconnected`.
    Connect(BrokerId, Endpoint),
    /// Close after what was given to `Transmit` has been written; nothing is reported back.
    Close(BrokerId),
    /// A connection is strangely silent: see whether TCP is still sending on it; answer with `Examined`.
    Examine(BrokerId),
    /// Write one frame.
    Transmit {
        /// The connection.
        broker: BrokerId,
        /// The bytes, length prefix included.
        frame: Frame,
        /// `Some(correlation id)`: report `Written` once written (requests without a response, and those whose wait is
        /// measured).
        notify: Option<i32>,
    },
    /// Ask the token endpoint; answer with `TokenFetched`.
    FetchToken(TokenRequest),
    /// Something the application may want to know.
    Event(Event),
    /// The answer to a call.
    Reply(CallId, Result<CallReply, ErrorCode>),
    /// CPU work for a worker; its result comes back as `Input::Done`.
    Run(Job),
    /// Write an offset to its file, on a worker; answer with `JobDone::OffsetKept`.
    KeepOffset(consumer::OffsetToKeep),
    /// Room was made in the producer's queue, or it ran empty: wake whoever waits for that.
    Drained,
    /// `Command::Terminate` is done: every connection is closed, nothing more will come.
    Terminated,
    /// Nothing more to do until this moment (or until an input).
    Timeout(Option<Moment>),
}

/// What the application wants, without waiting for an answer.
#[derive(Debug)]
pub enum Command {
    /// More bootstrap brokers.
    AddBrokers(Vec<Endpoint>),
    /// For the producer.
    Producer(producer::Command),
    /// For the consumer.
    Consumer(consumer::Command),
    /// A token for OAUTHBEARER, checked.
    SetToken(Token),
    /// The application could not get a token: why.
    SetTokenFailure(String),
    /// `log_level` changed (syslog levels 0-7).
    SetLogLevel(u8),
    /// Close everything and answer with `Output::Terminated`.
    Terminate,
}

/// What the application may want to know.
#[derive(Debug)]
pub enum Event {
    /// A batch of produced records met its fate; one event per batch.
    Delivered(producer::DeliveredBatch),
    /// An error that belongs to no single call.
    Error(ErrorEvent),
    /// A line of log.
    Log(LogLine),
    /// A broker throttled this client.
    Throttle(Throttle),
    /// Statistics as JSON.
    Stats(String),
    /// A token for OAUTHBEARER is needed: answer with `Command::SetToken` or `Command::SetTokenFailure`. Comes with
    /// `sasl.oauthbearer.config`.
    TokenRefresh(Option<Secret>),
    /// Of the consumer: fetched batches, rebalances, commits.
    Consumer(consumer::Event),
}

/// An error that belongs to no single call, as `error_cb` gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorEvent {
    /// What happened.
    pub code: ErrorCode,
    /// The story, for people.
    pub text: String,
    /// Whether the client is unusable from now on.
    pub fatal: bool,
}

/// A line of log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Syslog level, 0 (emergency) to 7 (debug).
    pub level: u8,
    /// Short upper-case word naming the part that speaks, such as `FAIL`.
    pub facility: &'static str,
    /// Who speaks, as librdkafka names its threads: `app`, `main`, or the name of a broker.
    pub thread: Cow<'static, str>,
    /// The text.
    pub text: String,
}

impl LogLine {
    /// A line of the client's own thread.
    #[must_use]
    pub fn of_main(level: u8, facility: &'static str, text: String) -> Self {
        Self {
            level,
            facility,
            thread: Cow::Borrowed("main"),
            text,
        }
    }

    /// A line of the application's thread.
    #[must_use]
    pub fn of_application(level: u8, facility: &'static str, text: String) -> Self {
        Self {
            level,
            facility,
            thread: Cow::Borrowed("app"),
            text,
        }
    }

    /// The text, behind `[thrd:...]: ` where `log.thread.name` wants it.
    #[must_use]
    pub fn into_text(self, shows_thread: bool) -> String {
        if shows_thread {
            format!("[thrd:{}]: {}", self.thread, self.text)
        } else {
            self.text
        }
    }
}

/// A broker throttled this client (`throttle_cb`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttle {
    /// The broker's name, `host:port/id`.
    pub broker: String,
    /// The broker's id.
    pub node: NodeId,
    /// For how long, in milliseconds.
    pub throttle_ms: i32,
}

/// CPU work that leaves the owner's thread.
#[derive(Debug)]
pub enum Job {
    /// Seal (and compress) a batch of the producer.
    Producer(producer::Job),
    /// Hash a password as often as the broker wants.
    Sasl(Box<sasl::Job>),
}

impl Job {
    /// Do the work; call it on a worker.
    #[must_use]
    pub fn run(self) -> JobDone {
        match self {
            Self::Producer(job) => JobDone::Producer(job.run()),
            Self::Sasl(job) => JobDone::Sasl(Box::new(job.run())),
        }
    }
}

/// What a job made.
#[derive(Debug)]
pub enum JobDone {
    /// For the producer.
    Producer(producer::JobDone),
    /// For the consumer: an `Output::KeepOffset` is done.
    OffsetKept(consumer::OffsetKept),
    /// For a connection that authenticates.
    Sasl(Box<sasl::JobDone>),
}
