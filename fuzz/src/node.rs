//! A broker core without sockets, disks or a clock of its own: what whole frames are fed to.
//!
//! Owns [`Node`]: a shard in memory, its time, and who waits for an answer. Laws, which hold for any frame: a request that was
//! taken is answered at most once and in a form its client can read; a frame that cannot be read closes its connection; the
//! shard never asks to be woken in the past for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_broker_core::conf::BrokerConfig;
use rdkafka_broker_core::{
    ConnectionId, Endpoints, Input, Now, Output, Peer, Request, RequestContext, Shard, Ticket,
};
use rdkafka_log::LogError;
use rdkafka_log::fs::Memory;
use rdkafka_wire::ApiKey;
use rdkafka_wire::api_key::{ApiVisitor, Testable};
use rdkafka_wire::frame::{decode_request_header, decode_response};

/// Where its data lies.
pub const FOLDER: &str = "/data";

/// An answer on its way to a connection.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The connection.
    pub connection: u64,
    /// The frame, without its length.
    pub frame: Bytes,
}

/// See the module's documentation.
#[derive(Debug)]
pub struct Node {
    shard: Shard,
    now: Now,
    deadline: Option<Duration>,
    slots: BTreeMap<u64, u64>,
    waiting: BTreeSet<(u64, u64)>,
    closed: BTreeSet<u64>,
    /// Answers nobody has taken yet.
    pub answers: Vec<Answer>,
}

fn config() -> BrokerConfig {
    let mut config = BrokerConfig::default();
    for (name, value) in [
        ("offsets.topic.num.partitions", "1"),
        ("transaction.state.log.num.partitions", "1"),
        ("num.partitions", "2"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("socket.request.max.bytes", "1048576"),
    ] {
        let set = config.set(name, value);
        assert!(set.is_ok(), "{name}: {set:?}");
    }
    config
}

impl Node {
    /// Opens a shard on a disk.
    ///
    /// # Errors
    /// As [`Shard::open`].
    pub fn open(fs: &Memory) -> Result<Self, LogError> {
        let now = Now {
            mono: Duration::from_secs(1),
            unix_ms: 1_700_000_000_000,
        };
        let shard = Shard::open(
            Arc::new(fs.clone()),
            &[FOLDER.into()],
            Arc::new(config()),
            7,
            now,
        )?;
        let mut node = Self {
            shard,
            now,
            deadline: None,
            slots: BTreeMap::new(),
            waiting: BTreeSet::new(),
            closed: BTreeSet::new(),
            answers: Vec::new(),
        };
        node.drain();
        Ok(node)
    }

    /// A disk with a topic `t` of two partitions and some records, and the broker's own topics.
    pub fn furnished() -> Memory {
        let fs = Memory::new();
        let mut node = Self::open(&fs).unwrap_or_else(|error| panic!("{error}"));
        node.shard
            .ensure_topic("t", 2, node.now)
            .unwrap_or_else(|code| panic!("{}", code.text()));
        for frame in crate::broker::furniture() {
            node.frame(0, frame);
        }
        node.drain();
        node.shard.close().unwrap_or_else(|error| panic!("{error}"));
        fs
    }

    /// Takes a frame (without its length); whether the connection stays open.
    pub fn frame(&mut self, connection: u64, frame: Bytes) -> bool {
        if self.closed.contains(&connection) {
            return false;
        }
        let taken = self.take(connection, frame);
        if taken.is_none() {
            self.close(connection);
        }
        !self.closed.contains(&connection)
    }

    fn take(&mut self, connection: u64, frame: Bytes) -> Option<()> {
        let bytes = frame.len();
        let (header, body) = decode_request_header(frame).ok()?;
        let key = ApiKey::from_code(header.request_api_key)?;
        let version = header.request_api_version;
        let request = Request::decode(key, version, body, 1 << 20).ok()?;
        let slot = self.slots.entry(connection).or_default();
        let ticket = Ticket {
            connection: ConnectionId(connection),
            slot: *slot,
            key,
            version,
            correlation_id: header.correlation_id,
        };
        *slot += 1;
        self.waiting.insert((connection, ticket.slot));
        let endpoints = Endpoints::of(1, "127.0.0.1", 9092);
        let peer = Peer::anonymous("/127.0.0.1", "PLAINTEXT", endpoints);
        let context = RequestContext {
            ticket,
            client_id: header.client_id,
            peer: Arc::new(peer),
            bytes,
            spent: Duration::ZERO,
        };
        self.handle(Input::Request(Box::new(context), request));
        Some(())
    }

    /// A connection is gone.
    pub fn close(&mut self, connection: u64) {
        if self.closed.insert(connection) {
            self.handle(Input::Disconnected(ConnectionId(connection)));
        }
    }

    /// Lets time pass, with every deadline on the way up to a number that any honest broker keeps below.
    pub fn pass(&mut self, by: Duration) {
        const WAKE_UPS_MAX: usize = 10_000;
        let end = self.now.mono + by;
        for wake_up in 0.. {
            let Some(deadline) = self.deadline.filter(|at| *at <= end) else {
                break;
            };
            assert!(
                wake_up < WAKE_UPS_MAX,
                "the broker spins until {deadline:?}"
            );
            self.go_to(deadline.max(self.now.mono));
            self.handle(Input::Timeout);
        }
        self.go_to(end);
    }

    /// When it wants to be woken, from now on.
    pub fn rest(&self) -> Option<Duration> {
        Some(self.deadline?.saturating_sub(self.now.mono))
    }

    fn go_to(&mut self, mono: Duration) {
        let passed = (mono - self.now.mono).as_millis();
        self.now.unix_ms += i64::try_from(passed).unwrap_or(0);
        self.now.mono = mono;
    }

    fn handle(&mut self, input: Input) {
        self.shard.handle(input, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.shard.poll_output() {
                Output::Reply(ticket, response) => {
                    let (connection, slot) = (ticket.connection.0, ticket.slot);
                    let is_awaited = self.waiting.remove(&(connection, slot));
                    assert!(is_awaited, "answered twice: {ticket:?}");
                    let Some(response) = response else { continue };
                    let frame = response.into_frame(&ticket).into_bytes().slice(4..);
                    ticket.key.visit(Readable {
                        frame: frame.clone(),
                        ticket,
                    });
                    self.answers.push(Answer { connection, frame });
                }
                Output::Close(connection, _) => self.close(connection.0),
                Output::Flush(target, task) => {
                    self.shard
                        .handle(Input::Flushed(target, task.run()), self.now);
                }
                Output::Clean(target, task) => {
                    let cleaned = task.run(&mut |_| std::ops::ControlFlow::Continue(()));
                    self.shard.handle(Input::Cleaned(target, cleaned), self.now);
                }
                Output::Mute(..) | Output::AddressRates(_) => {}
                Output::Checkpoint(task) => assert!(task.run().is_ok()),
                Output::Remove(cleanup) => assert!(cleanup.run().is_ok()),
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// Stops it, and starts it again on the same disk: what it wrote it can read.
    pub fn restart(self, fs: &Memory) -> Self {
        let closed = self.shard.close();
        assert!(closed.is_ok(), "{closed:?}");
        Self::open(fs).unwrap_or_else(|error| panic!("it does not open again: {error}"))
    }
}

/// An answer can be read by the client that asked.
struct Readable {
    frame: Bytes,
    ticket: Ticket,
}

impl ApiVisitor for Readable {
    type Output = ();

    fn visit<R: rdkafka_wire::Request<Response: Testable> + Testable>(self) {
        let Ticket { key, version, .. } = self.ticket;
        if !key.versions().contains(&version) {
            return;
        }
        let read = decode_response::<R::Response>(self.frame, key, version);
        match read {
            Ok((correlation_id, _)) => assert_eq!(correlation_id, self.ticket.correlation_id),
            Err(error) => panic!("an answer nobody can read: {:?}: {error}", self.ticket),
        }
    }
}

/// The folder of a partition on [`Node`]'s disk.
pub fn folder_of(topic: &str) -> std::path::PathBuf {
    Path::new(FOLDER).join(format!("{topic}-0"))
}
