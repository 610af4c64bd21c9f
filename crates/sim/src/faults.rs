//! What goes wrong, and when: drawn with the plan, carried out by the world.

use fastrand::Rng;

use crate::peer::App;
use crate::plan::pick;
use crate::sabotage::Sabotage;
use crate::world::{Event, World};

/// How the broker ends in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PowerPolicy {
    /// Not at all.
    NoneFails,
    /// The process is killed: what was written stays.
    Kills,
    /// The machine loses power; the broker flushes before it answers.
    CutsFlushed,
    /// The machine loses power, and the broker leaves flushing to the system: acknowledged records may go.
    CutsUnflushed,
}

impl PowerPolicy {
    /// Whether what was acknowledged has to be there.
    pub(crate) fn is_durable(self) -> bool {
        self != Self::CutsUnflushed
    }

    pub(crate) fn cuts_power(self) -> bool {
        matches!(self, Self::CutsFlushed | Self::CutsUnflushed)
    }
}

/// One thing that goes wrong. Peers are chosen when it happens; times are microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// One connection breaks, somewhere in the bytes under way.
    CutOne,
    /// Every connection of a client does.
    CutPeer,
    /// A connection breaks, and one end does not notice for long.
    HalfOpen { us: u64 },
    /// Nothing gets through between a client and the broker.
    CutOff { us: u64 },
    /// A client's process stands still.
    PausePeer { us: u64 },
    /// The broker does.
    PauseBroker { us: u64 },
    /// The broker ends as the policy says, and is back later.
    BrokerEnds { us: u64 },
    /// The broker stops in order, and is back later.
    BrokerStops { us: u64 },
    /// The wall clock of the broker or of a client is set, by up to an hour.
    ClockJumps { ms: i64 },
    /// A client is gone without a word, and another one takes its place.
    PeerDies,
    /// A member of a group leaves, and joins again.
    MemberLeaves,
}

impl Fault {
    pub(crate) fn draw(rng: &mut Rng, power: PowerPolicy) -> Self {
        let short = rng.u64(1_000..5_000_000);
        let long = rng.u64(1_000_000..20_000_000);
        let jump = rng.i64(-3_600_000..=3_600_000);
        let mut all = vec![
            Self::CutOne,
            Self::CutOne,
            Self::CutPeer,
            Self::HalfOpen { us: long },
            Self::CutOff { us: long },
            Self::PausePeer { us: short },
            Self::PausePeer { us: long },
            Self::PauseBroker { us: short },
            Self::PeerDies,
            Self::MemberLeaves,
            Self::ClockJumps { ms: jump },
        ];
        if power != PowerPolicy::NoneFails {
            all.extend([
                Self::BrokerEnds { us: short },
                Self::BrokerEnds { us: short },
                Self::BrokerStops { us: short },
            ]);
        }
        *pick(rng, &all)
    }
}

impl World {
    pub(crate) fn fail(&mut self, fault: Fault) {
        self.say(|| format!("---- {fault:?}"));
        match fault {
            Fault::CutOne => {
                if let Some(link) = self.some_link() {
                    self.cut(link, 200_000, 200_000);
                }
            }
            Fault::HalfOpen { us } => {
                let is_clients = self.rng.bool();
                if let Some(link) = self.some_link() {
                    let (client, broker) = if is_clients {
                        (us, 200_000)
                    } else {
                        (200_000, us)
                    };
                    self.cut(link, client, broker);
                    self.disturbed_until(us);
                }
            }
            Fault::CutPeer => {
                let peer = self.some_peer();
                let links: Vec<_> = self.peers[peer].links.values().copied().collect();
                for link in links {
                    self.cut(link, 200_000, 200_000);
                }
            }
            Fault::CutOff { us } => {
                let peer = self.some_peer();
                let until = self.now + us;
                let it = &mut self.peers[peer];
                it.cut_off_until = it.cut_off_until.max(until);
                self.disturbed_until(us);
            }
            Fault::PausePeer { us } => {
                let peer = self.some_peer();
                let it = &mut self.peers[peer];
                it.paused_until = it.paused_until.max(self.now + us);
                self.disturbed_until(us);
            }
            Fault::PauseBroker { us } => {
                self.broker_paused_until = self.broker_paused_until.max(self.now + us);
                self.disturbed_until(us);
            }
            Fault::BrokerEnds { us } => self.end_broker(us, false),
            Fault::BrokerStops { us } => self.end_broker(us, true),
            Fault::ClockJumps { ms } => {
                if self.rng.bool() {
                    self.broker_skew_ms += ms;
                } else {
                    let peer = self.some_peer();
                    self.peers[peer].skew_ms += ms;
                }
            }
            Fault::PeerDies => {
                let peer = self.some_peer();
                self.replace(peer);
            }
            Fault::MemberLeaves => {
                let peer = self.some_peer();
                let now = self.client_now(peer);
                let it = &mut self.peers[peer];
                it.mailbox.now = now.mono;
                if let App::Consumer(app) = &mut it.app {
                    app.leave(&mut it.mailbox);
                }
            }
        }
    }

    fn disturbed_until(&mut self, us: u64) {
        self.calm_at = self.calm_at.max(self.now + us);
    }

    fn some_peer(&mut self) -> usize {
        self.rng.usize(..self.peers.len())
    }

    fn some_link(&mut self) -> Option<u64> {
        let open = self.links.iter().filter(|(_, it)| it.client_is_open);
        let open: Vec<_> = open.map(|(link, _)| *link).collect();
        (!open.is_empty()).then(|| *pick(&mut self.rng, &open))
    }

    /// Breaks a connection; each end hears of it within so many microseconds.
    fn cut(&mut self, link: u64, client_us: u64, broker_us: u64) {
        let Some(it) = self.links.get_mut(&link) else {
            return;
        };
        it.cut(&mut self.rng);
        let client_at = self.now + self.rng.u64(client_us / 2..=client_us);
        let broker_at = self.now + self.rng.u64(broker_us / 2..=broker_us);
        self.at(client_at, Event::ClientHears(link));
        self.at(broker_at, Event::BrokerHears(link));
    }

    /// The broker goes, and is back after a while.
    fn end_broker(&mut self, us: u64, is_clean: bool) {
        if !self.node.is_up() {
            return;
        }
        let cuts_power = self.plan.power.cuts_power() && !is_clean;
        match (is_clean, cuts_power) {
            (true, _) => self.node.stop(),
            (_, true) => {
                self.node.cut_power();
                self.forget_untold();
            }
            _ => {
                self.node.kill();
                if self.saboteur.is(Sabotage::RecoveryCutsTooMuch) {
                    self.node.tear_logs(&self.plan.topics);
                }
            }
        }
        // Nobody says farewell when the power goes: clients hear of it when the machine is back.
        let until = if cuts_power { us } else { 0 };
        let links: Vec<_> = self.links.keys().copied().collect();
        for link in links {
            let latency = self.latency();
            if let Some(it) = self.links.get_mut(&link) {
                it.cut(&mut self.rng);
                it.broker_is_open = false;
            }
            self.at(self.now + until + latency, Event::ClientHears(link));
        }
        self.at(self.now + us, Event::BrokerStarts);
        self.disturbed_until(us);
    }

    /// A process is gone without a word, and another one takes its place.
    fn replace(&mut self, peer: usize) {
        let life = self.peers[peer].life;
        self.ledger.orphan(peer, life);
        for link in std::mem::take(&mut self.peers[peer].links).into_values() {
            if let Some(it) = self.links.get_mut(&link) {
                it.client_is_open = false;
                it.to_broker.cut(&mut self.rng);
            }
            let at = self.now + self.rng.u64(0..=200_000);
            self.at(at, Event::BrokerHears(link));
        }
        match &self.peers[peer].app {
            App::Producer(app) => {
                let (plan, left) = (app.plan.clone(), app.left);
                self.add_producer(peer, life + 1, plan, left);
            }
            App::Consumer(app) => {
                let plan = app.plan.clone();
                self.add_member(peer, life + 1, plan);
            }
        }
    }

    /// A member that left joins again; a producer of no use any more makes room for another.
    pub(crate) fn replace_if_over(&mut self, peer: usize) {
        let life = self.peers[peer].life;
        let is_over = match &self.peers[peer].app {
            App::Producer(app) => app.is_fatal() && self.ledger.is_reported(peer, life),
            App::Consumer(app) => app.is_closed(),
        };
        if is_over {
            self.say(|| format!("client {peer} begins anew"));
            self.replace(peer);
        }
    }
}
