//! The world: virtual time, the order in which things happen, and who hears of them.
//!
//! Owns every actor. Guarantees: one event at a time, in the order of time and then of cause; all chance comes from the
//! seed. Checks the laws of the cores themselves: no spinning, no call without an answer, an end of noise.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use rdkafka_broker_core::{Input as BrokerInput, Now as BrokerNow};
use rdkafka_client_core::conf::{Callback, ClientKind};
use rdkafka_client_core::io::{BrokerId, DisconnectReason, Input, JobDone, Moment, Now};

use crate::Summary;
use crate::consuming::ConsumerApp;
use crate::faults::Fault;
use crate::ledger::{Ledger, Place};
use crate::network::Link;
use crate::node::{DiskWork, Node};
use crate::peer::{App, Peer};
use crate::plan::{GroupPlan, Plan, ProducerPlan};
use crate::producing::ProducerApp;
use crate::sabotage::{Sabotage, Saboteur};

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
    /// How wrong the broker's wall clock is.
    pub(crate) broker_skew_ms: i64,
    queue: BinaryHeap<Reverse<Entry>>,
    order: u64,
    pub(crate) next_link: u64,
    /// When the last fault was over.
    pub(crate) calm_at: u64,
    pub(crate) is_calm: bool,
    pub(crate) summary: Summary,
    pub(crate) saboteur: Saboteur,
    is_verbose: bool,
}

impl World {
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>, is_verbose: bool) -> Self {
        let mut plan = Plan::draw(seed);
        if sabotage == Some(Sabotage::AckBeforeFlush) {
            plan.broker
                .retain(|(name, _)| *name != "log.flush.interval.messages");
        }
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
            broker_skew_ms: 0,
            queue: BinaryHeap::new(),
            order: 0,
            next_link: 0,
            calm_at: 0,
            is_calm: false,
            summary: Summary::default(),
            saboteur: Saboteur::new(sabotage, seed),
            is_verbose,
            plan,
        };
        if is_verbose {
            println!("{:#?}", world.plan);
        }
        world.ledger.has_memory = world.plan.power.is_durable();
        world.ledger.keeps_what_was_read = !world.plan.power.cuts_power();
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
        let mut settings = group.settings.clone();
        let instance = group.is_static.then(|| format!("i{at}"));
        if let Some(instance) = &instance {
            settings.push(("group.instance.id", instance.clone()));
        }
        let callbacks: &[Callback] = if group.has_callback {
            &[Callback::Rebalance]
        } else {
            &[]
        };
        let rng = self.rng.fork();
        let app = |_: &_, _: &_| App::Consumer(ConsumerApp::new(group, instance, rng));
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
        let now = self.client_now(at);
        self.peers[at].client.start(now);
        self.drain(at, &mut VecDeque::new());
        self.at(self.now, Event::Step(at, life));
    }

    pub(crate) fn at(&mut self, at: u64, event: Event) {
        self.order += 1;
        let order = self.order;
        self.queue.push(Reverse(Entry { at, order, event }));
    }

    pub(crate) fn client_now(&self, peer: usize) -> Now {
        Now {
            mono: Moment(self.now),
            unix_ms: self.unix_ms() + self.peers[peer].skew_ms,
        }
    }

    pub(crate) fn broker_now(&self) -> BrokerNow {
        BrokerNow {
            mono: Duration::from_micros(self.now),
            unix_ms: self.unix_ms() + self.broker_skew_ms,
        }
    }

    /// The true time.
    fn unix_ms(&self) -> i64 {
        BEGIN_UNIX_MS + i64::try_from(self.now / 1000).unwrap()
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
                let rings = self.saboteur.rings(self.now);
                if rings && self.lives(peer, life) && self.peers[peer].deadline.is_some_and(due) {
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
    pub(crate) fn client_of(&self, link: u64) -> Option<(usize, BrokerId)> {
        let link = self.links.get(&link)?;
        (link.client_is_open && self.lives(link.peer, link.life)).then_some((link.peer, link.id))
    }

    pub(crate) fn latency(&mut self) -> u64 {
        let (least, most) = self.plan.latency_us;
        self.rng.u64(least..=most)
    }
}
