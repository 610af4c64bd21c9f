//! The world: virtual time, the order in which things happen, and who hears of them.
//!
//! Owns every actor. Guarantees: one event at a time, in the order of time and then of cause; all chance comes from the
//! seed. Checks the laws of the cores themselves: no spinning, no call without an answer, an end of noise.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use rdkafka_broker_core::{ConnectionId, Input as BrokerInput, Now as BrokerNow, Response};
use rdkafka_client_core::conf::{Callback, ClientKind};
use rdkafka_client_core::io::{
    BrokerId, DisconnectReason, Event as ClientEvent, Input, JobDone, Moment, Now, Output,
};
use rdkafka_wire::ApiKey;

use crate::Summary;
use crate::consuming::ConsumerApp;
use crate::faults::Fault;
use crate::ledger::{Ledger, Place};
use crate::network::Link;
use crate::node::{DiskWork, Effect, Node};
use crate::peer::{App, Peer};
use crate::plan::{GroupPlan, Plan, ProducerPlan};
use crate::producing::ProducerApp;

/// Wall-clock time at the beginning, in milliseconds.
const BEGIN_UNIX_MS: i64 = 1_700_000_000_000;
/// Monotonic time at the beginning, in microseconds.
const BEGIN_US: u64 = 1_000_000;
/// How often the end is looked for.
const LOOK_US: u64 = 500_000;

#[derive(Debug)]
pub(crate) enum Event {
    ToBroker(u64, u64, Bytes),
    ToClient(u64, u64, Bytes),
    Connected(u64),
    Refused(usize, u32, BrokerId),
    ClientHears(u64),
    BrokerHears(u64),
    Wake(usize, u32),
    BrokerWake,
    Disk(u32, DiskWork),
    Done(usize, u32, JobDone),
    Written(u64, i32),
    Step(usize, u32),
    Fault(Fault),
    BrokerStarts,
    Look,
}

#[derive(Debug)]
struct Entry {
    at: u64,
    order: u64,
    event: Event,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) now: u64,
    pub(crate) rng: Rng,
    pub(crate) plan: Plan,
    pub(crate) node: Node,
    pub(crate) peers: Vec<Peer>,
    pub(crate) links: BTreeMap<u64, Link>,
    pub(crate) ledger: Ledger,
    /// What a group had committed when a commit came that is not answered, by its connection and slot.
    pub(crate) untold: BTreeMap<(u64, u64), (String, BTreeMap<Place, i64>)>,
    pub(crate) broker_paused_until: u64,
    queue: BinaryHeap<Reverse<Entry>>,
    order: u64,
    next_link: u64,
    /// When the last fault was over.
    pub(crate) calm_at: u64,
    pub(crate) is_calm: bool,
    pub(crate) summary: Summary,
    is_verbose: bool,
}

impl World {
    pub(crate) fn new(seed: u64, is_verbose: bool) -> Self {
        let plan = Plan::draw(seed);
        let mut world = Self {
            seed,
            now: BEGIN_US,
            rng: Rng::with_seed(seed ^ 0x5eed),
            node: Node::new(&plan.broker, seed),
            peers: Vec::new(),
            links: BTreeMap::new(),
            ledger: Ledger::default(),
            untold: BTreeMap::new(),
            broker_paused_until: 0,
            queue: BinaryHeap::new(),
            order: 0,
            next_link: 0,
            calm_at: 0,
            is_calm: false,
            summary: Summary::default(),
            is_verbose,
            plan,
        };
        if is_verbose {
            println!("{:#?}", world.plan);
        }
        world.ledger.has_memory = world.plan.power.is_durable();
        world.begin();
        world
    }

    /// Lets everything happen.
    pub(crate) fn run(mut self) -> Summary {
        while let Some(Reverse(entry)) = self.queue.pop() {
            debug_assert!(entry.at >= self.now);
            self.now = entry.at;
            self.summary.events += 1;
            if matches!(entry.event, Event::Look) && self.look() {
                self.judge();
                return self.summarize();
            }
            self.happen(entry.event);
        }
        panic!("nothing happens any more");
    }

    pub(crate) fn say(&mut self, what: impl FnOnce() -> String) {
        if self.is_verbose {
            println!("{:>12.6} {}", (self.now - BEGIN_US) as f64 / 1e6, what());
        }
    }

    fn begin(&mut self) {
        let now = self.broker_now();
        let effects = self.node.start(self.seed, now);
        self.obey(effects);
        for (topic, partitions) in self.plan.topics.clone() {
            self.node.create(&topic, partitions, now);
        }
        self.broker_handle(BrokerInput::Timeout);
        for plan in self.plan.producers.clone() {
            let records = plan.records;
            self.add_producer(self.peers.len(), 0, plan, records);
        }
        for group in self.plan.groups.clone() {
            self.ledger
                .groups
                .entry(group.name.clone())
                .or_default()
                .may_go_back = group.seeks;
            for _ in 0..group.members {
                self.add_member(self.peers.len(), 0, group.clone());
            }
        }
        let faults = std::mem::take(&mut self.plan.faults);
        let last = faults.last().map_or(0, |(at, _)| *at);
        for (at, fault) in faults {
            self.at(BEGIN_US + 1_000_000 + at, Event::Fault(fault));
        }
        self.calm_at = BEGIN_US + 1_000_000 + last;
        self.at(self.now + LOOK_US, Event::Look);
    }

    pub(crate) fn add_producer(&mut self, at: usize, life: u32, plan: ProducerPlan, records: u32) {
        let mut settings = plan.settings.clone();
        if plan.kind == crate::plan::ProducerKind::Transactional {
            settings.push(("transactional.id", format!("x{at}")));
        }
        let topics = self.plan.topics.clone();
        let rng = self.rng.fork();
        let app = |conf: &_, gauge: &_| {
            let work = (plan, records);
            App::Producer(ProducerApp::new(
                work,
                topics,
                (conf, gauge),
                rng,
                (at, life),
            ))
        };
        let callbacks = [Callback::DeliveryMessage];
        let seed = self.rng.u64(..);
        let peer = Peer::new(&settings, &callbacks, ClientKind::Producer, seed, app);
        self.add(at, life, peer);
    }

    pub(crate) fn add_member(&mut self, at: usize, life: u32, group: GroupPlan) {
        let settings = group.settings.clone();
        let callbacks: &[Callback] = if group.has_callback {
            &[Callback::Rebalance]
        } else {
            &[]
        };
        let rng = self.rng.fork();
        let app = |_: &_, _: &_| App::Consumer(ConsumerApp::new(group, rng));
        let seed = self.rng.u64(..);
        let peer = Peer::new(&settings, callbacks, ClientKind::Consumer, seed, app);
        self.add(at, life, peer);
    }

    fn add(&mut self, at: usize, life: u32, mut peer: Peer) {
        peer.life = life;
        if at == self.peers.len() {
            self.peers.push(peer);
        } else {
            self.peers[at] = peer;
        }
        let now = self.client_now();
        self.peers[at].client.start(now);
        self.drain(at, &mut VecDeque::new());
        self.at(self.now, Event::Step(at, life));
    }

    pub(crate) fn at(&mut self, at: u64, event: Event) {
        self.order += 1;
        let order = self.order;
        self.queue.push(Reverse(Entry { at, order, event }));
    }

    pub(crate) fn client_now(&self) -> Now {
        Now {
            mono: Moment(self.now),
            unix_ms: BEGIN_UNIX_MS + i64::try_from(self.now / 1000).unwrap(),
        }
    }

    pub(crate) fn broker_now(&self) -> BrokerNow {
        BrokerNow {
            mono: Duration::from_micros(self.now),
            unix_ms: BEGIN_UNIX_MS + i64::try_from(self.now / 1000).unwrap(),
        }
    }

    fn happen(&mut self, event: Event) {
        let event = match self.postponed(&event) {
            Some(until) => return self.at(until, event),
            None => event,
        };
        match event {
            Event::ToBroker(link, end, frame) => self.broker_receives(link, end, frame),
            Event::ToClient(link, end, frame) => self.client_receives(link, end, frame),
            Event::Connected(link) => self.connected(link),
            Event::Refused(peer, life, id) => {
                if self.lives(peer, life) {
                    let reason = DisconnectReason::Connect {
                        address: "ipv4#10.0.0.1:9092".to_owned(),
                        error: "Connection refused".to_owned(),
                    };
                    self.client_handle(peer, Input::Disconnected(id, reason));
                }
            }
            Event::ClientHears(link) => self.client_hears(link),
            Event::BrokerHears(link) => self.broker_hears(link),
            Event::Wake(peer, life) => {
                let due = |deadline: Moment| deadline.0 <= self.now;
                if self.lives(peer, life) && self.peers[peer].deadline.is_some_and(due) {
                    self.client_handle(peer, Input::Timeout);
                }
            }
            Event::BrokerWake => {
                let now = Duration::from_micros(self.now);
                if self.node.is_up() && self.node.deadline.is_some_and(|at| at <= now) {
                    self.broker_handle(BrokerInput::Timeout);
                    assert!(
                        self.node.deadline.is_none_or(|at| at > now),
                        "the broker spins"
                    );
                }
            }
            Event::Disk(life, work) => {
                if self.node.is_up()
                    && self.node.life == life
                    && let Some(input) = work.run()
                {
                    self.broker_handle(input);
                }
            }
            Event::Done(peer, life, done) => {
                if self.lives(peer, life) {
                    self.client_handle(peer, Input::Done(done));
                }
            }
            Event::Written(link, id) => {
                if let Some((peer, broker)) = self.client_of(link) {
                    self.client_handle(peer, Input::Written(broker, id));
                }
            }
            Event::Step(peer, life) => self.step(peer, life),
            Event::Fault(fault) => self.fail(fault),
            Event::BrokerStarts => self.broker_starts(),
            Event::Look => self.at(self.now + LOOK_US, Event::Look),
        }
    }

    /// Until when an event has to wait, because whoever should hear of it stands still.
    fn postponed(&self, event: &Event) -> Option<u64> {
        let peer_of = |link: &u64| self.links.get(link).map(|link| link.peer);
        let until = match event {
            Event::ToBroker(..) | Event::BrokerHears(_) | Event::BrokerWake | Event::Disk(..) => {
                self.broker_paused_until
            }
            Event::ToClient(link, ..) | Event::Connected(link) | Event::ClientHears(link) => {
                self.peers[peer_of(link)?].paused_until
            }
            Event::Written(link, _) => self.peers[peer_of(link)?].paused_until,
            Event::Refused(peer, ..)
            | Event::Wake(peer, _)
            | Event::Done(peer, ..)
            | Event::Step(peer, _) => self.peers[*peer].paused_until,
            Event::Fault(_) | Event::BrokerStarts | Event::Look => 0,
        };
        (until > self.now).then_some(until)
    }

    pub(crate) fn lives(&self, peer: usize, life: u32) -> bool {
        self.peers[peer].life == life
    }

    /// Who holds the client's end of a connection, while it is open.
    fn client_of(&self, link: u64) -> Option<(usize, BrokerId)> {
        let link = self.links.get(&link)?;
        (link.client_is_open && self.lives(link.peer, link.life)).then_some((link.peer, link.id))
    }

    pub(crate) fn latency(&mut self) -> u64 {
        let (least, most) = self.plan.latency_us;
        self.rng.u64(least..=most)
    }

    // ---- the client's side ----

    pub(crate) fn client_handle(&mut self, peer: usize, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now = self.client_now();
            let it = &mut self.peers[peer];
            it.wakes = if it.wakes.0 == self.now {
                (self.now, it.wakes.1 + 1)
            } else {
                (self.now, 0)
            };
            assert!(it.wakes.1 < 5_000, "client {peer} spins: {input:?}");
            it.client.handle(input, now);
            self.drain(peer, &mut inputs);
        }
    }

    fn drain(&mut self, peer: usize, inputs: &mut VecDeque<Input>) {
        let life = self.peers[peer].life;
        loop {
            match self.peers[peer].client.poll_output() {
                Output::Timeout(deadline) => {
                    let it = &mut self.peers[peer];
                    it.deadline = deadline;
                    if let Some(at) = deadline.filter(|at| *at != Moment::NEVER) {
                        self.at(at.0.max(self.now), Event::Wake(peer, life));
                    }
                    return;
                }
                Output::Connect(id, _) => self.connect(peer, id),
                Output::Close(id) => {
                    if let Some(link) = self.peers[peer].links.remove(&id) {
                        self.client_closes(link);
                    }
                }
                Output::Transmit {
                    broker,
                    frame,
                    notify,
                } => {
                    let link = self.peers[peer].links[&broker];
                    if let Some(correlation_id) = notify {
                        self.at(self.now, Event::Written(link, correlation_id));
                    }
                    self.transmit(link, frame.into_bytes());
                }
                // Not the application's: with or without `debug` it is the same run.
                Output::Event(ClientEvent::Log(line)) => {
                    self.say(|| format!("client {peer}: {line:?}"));
                }
                Output::Event(event) => {
                    if matches!(event, ClientEvent::Error(_)) {
                        self.say(|| format!("client {peer}: {event:?}"));
                    }
                    self.peers[peer].mailbox.events.push_back(event);
                }
                Output::Reply(id, result) => {
                    self.say(|| format!("client {peer}: {id:?} is answered {result:?}"));
                    self.peers[peer].mailbox.answered(id, result);
                }
                Output::Run(job) if self.plan.job_us == 0 => {
                    inputs.push_back(Input::Done(job.run()));
                }
                Output::Run(job) => {
                    let at = self.now + self.rng.u64(0..=self.plan.job_us);
                    self.at(at, Event::Done(peer, life, job.run()));
                }
                // Links of this network lose connections, never single packets.
                Output::Examine(id) => inputs.push_back(Input::Examined(id, false)),
                Output::Drained | Output::Terminated => {}
                other => panic!("a client of this simulation does not want {other:?}"),
            }
        }
    }

    fn connect(&mut self, peer: usize, id: BrokerId) {
        let life = self.peers[peer].life;
        let latency = self.latency();
        let blocked = self.peers[peer].cut_off_until;
        let at = (self.now + 2 * latency).max(blocked);
        let gives_up = self.now + 3_000_000;
        if !self.node.is_up() || at > gives_up {
            return self.at(at.min(gives_up), Event::Refused(peer, life, id));
        }
        let link = self.next_link;
        self.next_link += 1;
        self.links
            .insert(link, Link::new(peer, life, id, self.node.life));
        self.peers[peer].links.insert(id, link);
        self.at(at, Event::Connected(link));
    }

    fn connected(&mut self, link: u64) {
        let Some(it) = self.links.get(&link) else {
            return;
        };
        if it.broker_life != self.node.life || !self.node.is_up() {
            return self.client_hears(link);
        }
        if let Some((peer, id)) = self.client_of(link) {
            self.client_handle(peer, Input::Connected(id));
        }
    }

    fn transmit(&mut self, link: u64, frame: Bytes) {
        let latency = self.latency();
        let Some(it) = self.links.get_mut(&link) else {
            return;
        };
        let at = (self.now + latency).max(self.peers[it.peer].cut_off_until);
        let (at, end) = it.to_broker.send(frame.len(), at);
        self.at(at, Event::ToBroker(link, end, frame));
    }

    fn client_receives(&mut self, link: u64, end: u64, frame: Bytes) {
        let Some(it) = self.links.get_mut(&link) else {
            return;
        };
        if !it.to_client.arrives(end) {
            return;
        }
        if let Some((peer, id)) = self.client_of(link) {
            self.client_handle(peer, Input::Frame(id, frame.slice(4..)));
        }
    }

    /// The client closes: the broker hears of it behind everything that was sent.
    pub(crate) fn client_closes(&mut self, link: u64) {
        let latency = self.latency();
        let Some(it) = self.links.get_mut(&link) else {
            return;
        };
        it.client_is_open = false;
        let at = it.to_broker.end(self.now + latency);
        let at = at.max(self.peers[it.peer].cut_off_until);
        self.at(at, Event::BrokerHears(link));
    }

    fn client_hears(&mut self, link: u64) {
        if let Some((peer, id)) = self.client_of(link) {
            self.links.get_mut(&link).unwrap().client_is_open = false;
            self.peers[peer].links.remove(&id);
            self.client_handle(peer, Input::Disconnected(id, DisconnectReason::Closed));
        }
    }

    fn step(&mut self, peer: usize, life: u32) {
        if !self.lives(peer, life) {
            return;
        }
        let (now, is_calm) = (self.client_now(), self.is_calm);
        let it = &mut self.peers[peer];
        it.mailbox.now = now.mono;
        it.mailbox.unix_ms = now.unix_ms;
        it.mailbox.awake_since = Moment(it.paused_until.min(self.now));
        it.mailbox.check_calls(Duration::from_millis(1));
        let step_us = match &mut it.app {
            App::Producer(app) => {
                app.step(&mut it.mailbox, &mut self.ledger);
                app.plan.step_us
            }
            App::Consumer(app) => {
                app.is_calm = is_calm;
                app.step(&mut it.mailbox, &mut self.ledger);
                app.plan.step_us
            }
        };
        for input in std::mem::take(&mut it.mailbox.out) {
            if let Input::Call(id, call, _) = &input {
                self.say(|| format!("client {peer} asks {id:?} {call:?}"));
            }
            self.client_handle(peer, input);
        }
        self.replace_if_over(peer);
        if self.lives(peer, life) {
            let at = self.now + self.rng.u64(step_us / 2..=step_us);
            self.at(at, Event::Step(peer, life));
        }
    }

    // ---- the broker's side ----

    pub(crate) fn broker_handle(&mut self, input: BrokerInput) {
        let now = self.broker_now();
        let effects = self.node.handle(input, now);
        self.obey(effects);
    }

    pub(crate) fn obey(&mut self, effects: Vec<Effect>) {
        let life = self.node.life;
        for effect in effects {
            match effect {
                Effect::Answer(ticket, response) => {
                    if let Some(Response::OffsetCommit(answer)) = &response {
                        self.tell_commits((ticket.connection.0, ticket.slot), answer);
                    }
                    let frame = response.map(|it| it.into_frame(&ticket).into_bytes());
                    self.answer(ticket.connection.0, ticket.slot, frame);
                }
                Effect::Close(connection, reason) => {
                    self.say(|| format!("the broker closes {}: {reason}", connection.0));
                    self.broker_closes(connection.0);
                }
                Effect::Disk(work) => {
                    let at = self.now + self.rng.u64(0..=self.plan.disk_us);
                    self.at(at, Event::Disk(life, work));
                }
            }
        }
        if let Some(at) = self.node.deadline {
            let at = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
            self.at(at.max(self.now), Event::BrokerWake);
        }
    }

    fn answer(&mut self, link: u64, slot: u64, frame: Option<Bytes>) {
        let Some(it) = self.links.get_mut(&link) else {
            return;
        };
        if !it.broker_is_open {
            return;
        }
        let before = it.waiting.insert(slot, frame);
        assert!(before.is_none(), "a request is answered twice");
        let peer = it.peer;
        while let Some(it) = self.links.get_mut(&link)
            && let Some(frame) = it.waiting.remove(&it.next_answer)
        {
            it.next_answer += 1;
            if let Some(frame) = frame {
                let latency = self.latency();
                let at = (self.now + latency).max(self.peers[peer].cut_off_until);
                let it = self.links.get_mut(&link).unwrap();
                let (at, end) = it.to_client.send(frame.len(), at);
                self.at(at, Event::ToClient(link, end, frame));
            }
        }
    }

    fn broker_receives(&mut self, link: u64, end: u64, frame: Bytes) {
        let Some(it) = self.links.get_mut(&link) else {
            return;
        };
        if !it.to_broker.arrives(end) {
            return;
        }
        let is_there = it.broker_is_open && it.broker_life == self.node.life && self.node.is_up();
        if !is_there {
            return;
        }
        let slot = it.next_slot;
        it.next_slot += 1;
        let now = self.broker_now();
        let connection = ConnectionId(link);
        match self.node.request(connection, slot, frame.slice(4..), now) {
            Ok((key, effects)) => {
                self.say(|| format!("{} on {link}", key.name()));
                if matches!(key, ApiKey::OffsetCommit | ApiKey::TxnOffsetCommit) {
                    self.look_at_commits();
                    self.remember_commits(link, slot);
                }
                self.obey(effects);
            }
            Err(reason) => panic!("the broker does not understand the client: {reason}"),
        }
    }

    pub(crate) fn broker_closes(&mut self, link: u64) {
        let latency = self.latency();
        let Some(it) = self.links.get_mut(&link) else {
            return;
        };
        it.broker_is_open = false;
        let at = it.to_client.end(self.now + latency);
        let at = at.max(self.peers[it.peer].cut_off_until);
        self.at(at, Event::ClientHears(link));
    }

    fn broker_hears(&mut self, link: u64) {
        let Some(it) = self.links.get_mut(&link) else {
            return;
        };
        if it.broker_is_open && it.broker_life == self.node.life {
            it.broker_is_open = false;
            self.broker_handle(BrokerInput::Disconnected(ConnectionId(link)));
        }
        if self.links.get(&link).is_some_and(|it| !it.client_is_open) {
            self.links.remove(&link);
        }
    }

    fn broker_starts(&mut self) {
        if self.node.is_up() {
            return;
        }
        let (seed, now) = (self.seed, self.broker_now());
        let effects = self.node.start(seed, now);
        self.summary.restarts += 1;
        self.say(|| "the broker is back".to_owned());
        self.obey(effects);
        self.look_at_commits();
    }
}
