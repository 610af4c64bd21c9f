//! What the shell of the broker does, in the world: requests in, answers out in their order, connections, its disk's work.

use bytes::Bytes;
use rdkafka_broker_core::{ConnectionId, Input as BrokerInput, Response};
use rdkafka_wire::ApiKey;

use crate::node::Effect;
use crate::sabotage::Passage;
use crate::world::{Event, World};

impl World {
    pub(crate) fn broker_handle(&mut self, input: BrokerInput) {
        let now = self.broker_now();
        let effects = self.node.handle(input, now);
        self.obey(effects);
    }

    pub(crate) fn obey(&mut self, effects: Vec<Effect>) {
        let life = self.node.life;
        for effect in effects {
            match effect {
                Effect::Answer(ticket, _) if self.saboteur.forgets(&ticket) => {}
                Effect::Answer(ticket, response) => {
                    if let Some(Response::OffsetCommit(answer)) = &response {
                        self.tell_commits((ticket.connection.0, ticket.slot), answer);
                    }
                    let frame = response.map(|it| it.into_frame(&ticket).into_bytes());
                    let frame = frame.map(|it| self.saboteur.answer(&ticket, it));
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

    pub(crate) fn broker_receives(&mut self, link: u64, end: u64, frame: Bytes) {
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
        let is_restarted = self.node.life > 1;
        match self
            .saboteur
            .request(frame.slice(4..), (link, slot), is_restarted)
        {
            Passage::On(frame, behind) => {
                self.serve(link, slot, frame);
                if let Some((slot, frame)) = behind {
                    self.serve(link, slot, frame);
                }
            }
            Passage::Answered(frame) => self.answer(link, slot, Some(frame)),
            Passage::Held => {}
        }
    }

    fn serve(&mut self, link: u64, slot: u64, frame: Bytes) {
        let now = self.broker_now();
        let connection = ConnectionId(link);
        match self.node.request(connection, slot, frame, now) {
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

    pub(crate) fn broker_hears(&mut self, link: u64) {
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

    pub(crate) fn broker_starts(&mut self) {
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
