//! Connections: how far the bytes of each direction came, and where they stop.
//!
//! Within a connection and a direction nothing overtakes; between connections everything may. A cut falls somewhere in
//! the bytes under way: frames that lie wholly before it arrive, the one it falls into is discarded by whoever reads,
//! as both shells do.

use rdkafka_client_core::io::BrokerId;

/// One direction of a connection.
#[derive(Debug, Default)]
pub(crate) struct Direction {
    /// When the last frame arrives.
    last_at: u64,
    /// Bytes given to it.
    pub(crate) sent: u64,
    /// Bytes that arrived.
    arrived: u64,
    /// Bytes behind this never arrive.
    cut_at: Option<u64>,
}

impl Direction {
    /// A frame leaves: when it arrives, and where in the stream of bytes it ends.
    pub(crate) fn send(&mut self, bytes: usize, at: u64) -> (u64, u64) {
        self.last_at = self.last_at.max(at);
        self.sent += bytes as u64;
        (self.last_at, self.sent)
    }

    /// A frame that ends here arrives, or does not.
    pub(crate) fn arrives(&mut self, end: u64) -> bool {
        let arrives = self.cut_at.is_none_or(|cut| end <= cut);
        if arrives {
            self.arrived = end;
        }
        arrives
    }

    /// It breaks, somewhere in what is under way.
    pub(crate) fn cut(&mut self, rng: &mut fastrand::Rng) {
        let at = rng.u64(self.arrived..=self.sent);
        self.cut_at = Some(self.cut_at.map_or(at, |cut| cut.min(at)));
    }

    /// The end of the stream comes after everything that was sent.
    pub(crate) fn end(&self, at: u64) -> u64 {
        self.last_at.max(at)
    }
}

/// A connection between a client and the broker.
#[derive(Debug)]
pub(crate) struct Link {
    /// The client, and which of its lives.
    pub(crate) peer: usize,
    pub(crate) life: u32,
    /// The client's name for it.
    pub(crate) id: BrokerId,
    /// The broker's life it was made in.
    pub(crate) broker_life: u32,
    pub(crate) to_broker: Direction,
    pub(crate) to_client: Direction,
    pub(crate) client_is_open: bool,
    pub(crate) broker_is_open: bool,
    /// The next request's place in the order of answers.
    pub(crate) next_slot: u64,
    /// The next answer's.
    pub(crate) next_answer: u64,
    /// Answers whose turn has not come.
    pub(crate) waiting: std::collections::BTreeMap<u64, Option<bytes::Bytes>>,
}

impl Link {
    pub(crate) fn new(peer: usize, life: u32, id: BrokerId, broker_life: u32) -> Self {
        Self {
            peer,
            life,
            id,
            broker_life,
            to_broker: Direction::default(),
            to_client: Direction::default(),
            client_is_open: true,
            broker_is_open: true,
            next_slot: 0,
            next_answer: 0,
            waiting: std::collections::BTreeMap::new(),
        }
    }

    pub(crate) fn cut(&mut self, rng: &mut fastrand::Rng) {
        self.to_broker.cut(rng);
        self.to_client.cut(rng);
    }
}
