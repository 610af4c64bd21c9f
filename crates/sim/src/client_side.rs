//! What the shell of a client does, in the world: connects, sends, receives, wakes the core, lets the application step.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_client_core::io::{
    BrokerId, DisconnectReason, Event as ClientEvent, Input, Moment, Output,
};

use crate::network::Link;
use crate::peer::App;
use crate::world::{Event, World};

impl World {
    pub(crate) fn client_handle(&mut self, peer: usize, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now = self.client_now(peer);
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

    pub(crate) fn drain(&mut self, peer: usize, inputs: &mut VecDeque<Input>) {
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
                    let (event, again) = self.saboteur.event(event);
                    let events = &mut self.peers[peer].mailbox.events;
                    events.extend(event.into_iter().chain(again));
                }
                Output::Reply(id, result) => {
                    self.say(|| format!("client {peer}: {id:?} is answered {result:?}"));
                    if self.saboteur.replies() {
                        self.peers[peer].mailbox.answered(id, result);
                    }
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

    pub(crate) fn connected(&mut self, link: u64) {
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

    pub(crate) fn client_receives(&mut self, link: u64, end: u64, frame: Bytes) {
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

    pub(crate) fn client_hears(&mut self, link: u64) {
        if let Some((peer, id)) = self.client_of(link) {
            self.links.get_mut(&link).unwrap().client_is_open = false;
            self.peers[peer].links.remove(&id);
            self.client_handle(peer, Input::Disconnected(id, DisconnectReason::Closed));
        }
    }

    pub(crate) fn step(&mut self, peer: usize, life: u32) {
        if !self.lives(peer, life) {
            return;
        }
        let (now, is_calm) = (self.client_now(peer), self.is_calm);
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
}
