//! The broker's core on its simulated disk, and questions to it that no client asks.
//!
//! Owns the shard while the broker is up, the disk always.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_broker_core::conf::BrokerConfig;
use rdkafka_broker_core::{
    ConnectionId, Endpoints, FlushTarget, Input, Now, Output, Peer, Request, RequestContext,
    Response, Shard, Ticket,
};
use rdkafka_log::fs::{Fs, Memory};
use rdkafka_log::{CheckpointTask, CleanTask, Cleanup, FlushTask};
use rdkafka_wire::frame::{decode_request_header, decode_response, encode_request};
use rdkafka_wire::{ApiKey, Request as WireRequest};

/// The connection that belongs to nobody: the simulation's own questions.
const PROBE: ConnectionId = ConnectionId(u64::MAX);

/// Work for a thread that may block.
#[derive(Debug)]
pub(crate) enum DiskWork {
    Flush(FlushTarget, FlushTask),
    Clean(FlushTarget, CleanTask),
    Checkpoint(CheckpointTask),
    Remove(Cleanup),
}

impl DiskWork {
    /// Does it; what the shard has to hear of it.
    pub(crate) fn run(self) -> Option<Input> {
        match self {
            Self::Flush(target, task) => Some(Input::Flushed(target, task.run())),
            Self::Clean(target, task) => {
                let cleaned = task.run(&mut |_| std::ops::ControlFlow::Continue(()));
                Some(Input::Cleaned(target, cleaned))
            }
            Self::Checkpoint(task) => {
                task.run().unwrap();
                None
            }
            Self::Remove(cleanup) => {
                cleanup.run().unwrap();
                None
            }
        }
    }
}

/// What the shell of a broker has to do.
#[derive(Debug)]
pub(crate) enum Effect {
    Answer(Ticket, Option<Response>),
    Close(ConnectionId, String),
    Disk(DiskWork),
}

pub(crate) struct Node {
    config: BrokerConfig,
    fs: Memory,
    shard: Option<Shard>,
    /// Counts starts.
    pub(crate) life: u32,
    pub(crate) deadline: Option<Duration>,
    peer: Arc<Peer>,
    probe_slot: u64,
    probed: Vec<(Ticket, Option<Response>)>,
}

impl Node {
    pub(crate) fn new(properties: &[(&'static str, String)], seed: u64) -> Self {
        let mut config = BrokerConfig::default();
        for (name, value) in properties {
            config.set(name, value).unwrap();
        }
        let endpoints = Endpoints::of(config.node_id, "broker", 9092);
        let peer = Peer::anonymous("/10.0.0.1", "PLAINTEXT", endpoints);
        Self {
            config,
            fs: Memory::with_crashes(seed),
            shard: None,
            life: 0,
            deadline: None,
            peer: Arc::new(peer),
            probe_slot: 0,
            probed: Vec::new(),
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.shard.is_some()
    }

    pub(crate) fn start(&mut self, seed: u64, now: Now) -> Vec<Effect> {
        let fs = Arc::new(self.fs.clone());
        self.life += 1;
        let config = Arc::new(self.config.clone());
        let shard = Shard::open(
            fs,
            &["/data".into()],
            config,
            seed ^ u64::from(self.life),
            now,
        );
        self.shard = Some(shard.expect("the broker starts on what its disk kept"));
        self.drain()
    }

    /// The process is gone; what was written stays.
    pub(crate) fn kill(&mut self) {
        self.shard = None;
        self.fs = self.fs.kill();
    }

    /// Sabotage: the last bytes of every log are gone, so that recovery cuts off the batch they belong to.
    pub(crate) fn tear_logs(&self, topics: &[(String, i32)]) {
        let of_topic = |(topic, count): &(String, i32)| {
            let topic = topic.clone();
            (0..*count).map(move |partition| format!("/data/{topic}-{partition}"))
        };
        for dir in topics.iter().flat_map(of_topic) {
            let Ok(entries) = self.fs.list(Path::new(&dir)) else {
                continue;
            };
            let names = entries
                .into_iter()
                .map(|entry| Path::new(&dir).join(&entry.name));
            let last = names
                .filter(|name| name.extension().is_some_and(|it| it == "log"))
                .max();
            if let Some(name) = last {
                let bytes = self.fs.read_all(&name).unwrap();
                self.fs.put(&name, &bytes[..bytes.len().saturating_sub(7)]);
            }
        }
    }

    /// The power is gone; what was made durable stays, and some of the rest.
    pub(crate) fn cut_power(&mut self) {
        self.shard = None;
        self.fs = self.fs.crash();
    }

    pub(crate) fn stop(&mut self) {
        if let Some(shard) = self.shard.take() {
            shard.close().expect("a clean stop");
        }
        self.fs = self.fs.kill();
    }

    pub(crate) fn create(&mut self, topic: &str, partitions: i32, now: Now) {
        let shard = self.shard.as_mut().expect("the broker is up");
        shard.ensure_topic(topic, partitions, now).unwrap();
    }

    pub(crate) fn handle(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let Some(shard) = &mut self.shard else {
            return Vec::new();
        };
        shard.handle(input, now);
        self.drain()
    }

    /// A request as bytes, without its length; the reason to close the connection when it is none.
    pub(crate) fn request(
        &mut self,
        connection: ConnectionId,
        slot: u64,
        frame: Bytes,
        now: Now,
    ) -> Result<(ApiKey, Vec<Effect>), String> {
        let bytes = frame.len();
        let (header, body) = decode_request_header(frame).map_err(|error| error.to_string())?;
        let key = ApiKey::try_from(header.request_api_key).map_err(|_| "unknown API".to_owned())?;
        let version = header.request_api_version;
        let request =
            Request::decode(key, version, body, 1 << 24).map_err(|error| error.to_string())?;
        let ticket = Ticket {
            connection,
            slot,
            key,
            version,
            correlation_id: header.correlation_id,
        };
        let context = RequestContext {
            ticket,
            client_id: header.client_id,
            peer: Arc::clone(&self.peer),
            bytes,
            spent: Duration::ZERO,
        };
        Ok((
            key,
            self.handle(Input::Request(Box::new(context), request), now),
        ))
    }

    /// Asks the broker something at once. The answer, if there is one, and what else came of it.
    pub(crate) fn ask<R: WireRequest>(
        &mut self,
        version: i16,
        request: &R,
        now: Now,
    ) -> (Option<R::Response>, Vec<Effect>) {
        let frame = encode_request(request, version, 1, Some("probe")).into_bytes();
        self.probe_slot += 1;
        let slot = self.probe_slot;
        let (_, effects) = self
            .request(PROBE, slot, frame.slice(4..), now)
            .expect("the simulation asks properly");
        let probed = std::mem::take(&mut self.probed);
        let mine = probed
            .into_iter()
            .find(|(ticket, _)| ticket.slot == slot)
            .and_then(|(ticket, response)| Some((ticket, response?)));
        let response = mine.map(|(ticket, response)| {
            let frame = response.into_frame(&ticket).into_bytes().slice(4..);
            decode_response::<R::Response>(frame, R::KEY, version)
                .unwrap()
                .1
        });
        (response, effects)
    }

    fn drain(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Some(shard) = &mut self.shard else {
            return effects;
        };
        loop {
            effects.push(match shard.poll_output() {
                Output::Reply(ticket, response) if ticket.connection == PROBE => {
                    self.probed.push((ticket, response));
                    continue;
                }
                Output::Reply(ticket, response) => Effect::Answer(ticket, response),
                Output::Close(connection, reason) => Effect::Close(connection, reason),
                Output::Flush(target, task) => Effect::Disk(DiskWork::Flush(target, task)),
                Output::Clean(target, task) => Effect::Disk(DiskWork::Clean(target, task)),
                Output::Mute(..) | Output::AddressRates(_) => continue,
                Output::Checkpoint(task) => Effect::Disk(DiskWork::Checkpoint(task)),
                Output::Remove(cleanup) => Effect::Disk(DiskWork::Remove(cleanup)),
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return effects;
                }
                other => panic!("an output that nobody knows: {other:?}"),
            });
        }
    }
}
