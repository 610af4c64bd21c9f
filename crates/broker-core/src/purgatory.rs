//! Requests that wait: fetches for data, produce requests for the disk.
//!
//! Owns: [`ParkedFetch`] and [`ParkedProduce`] and the deadlines of the former. A partition knows the ids of those that
//! watch it (`Partition::fetches`, `Partition::syncs`); an id that is no longer here is simply skipped.
//! Guarantees: every parked request leaves exactly once. Runs on the shard thread.
//! (Delayed joins of groups live with their group: the wait is part of its state.)

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use rdkafka_wire::messages::fetch::FetchRequest;
use rdkafka_wire::messages::produce::ProduceResponse;

use crate::acl::grants::Grants;
use crate::api::Response;
use crate::api::share_fetch::ShareWait;
use crate::fetch_sessions::Standing;
use crate::request::{ConnectionId, Ticket};
use crate::topics::PartitionKey;

/// A parked fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FetchId(u64);

/// A request that waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ProduceId(u64);

/// A fetch that found less than it wants.
#[derive(Debug)]
pub(crate) struct ParkedFetch {
    pub(crate) ticket: Ticket,
    pub(crate) wants: Wants,
    pub(crate) deadline: Duration,
    /// How many bytes are missing to `min_bytes`; appends pay into it.
    pub(crate) missing: usize,
    pub(crate) watches: Vec<PartitionKey>,
}

/// What a parked fetch is for.
#[derive(Debug)]
pub(crate) enum Wants {
    /// Records of partitions.
    Records(FetchRequest, Grants, Standing),
    /// Records of partitions that a share group divides among its members.
    Share(Box<ShareWait>),
}

impl Wants {
    fn reads_committed(&self) -> bool {
        match self {
            Self::Records(request, ..) => request.isolation_level == READ_COMMITTED,
            Self::Share(wait) => wait.reads_committed,
        }
    }
}

/// A produce request whose records are written and must still reach the disk.
#[derive(Debug)]
pub(crate) struct ParkedProduce {
    pub(crate) ticket: Ticket,
    pub(crate) response: ProduceResponse,
    /// How many partitions are not on the disk yet.
    pub(crate) missing: usize,
}

/// Answers that wait until what they promise is on the disk.
#[derive(Debug)]
pub(crate) struct HeldAnswers {
    pub(crate) answers: Vec<(Ticket, Option<Response>)>,
    /// How many logs are not on the disk yet.
    pub(crate) missing: usize,
    /// One of them never will be.
    pub(crate) has_failed: bool,
}

/// What left the purgatory because the disk has it, or never will.
#[derive(Debug)]
pub(crate) enum Synced {
    Produce(ParkedProduce),
    Held(HeldAnswers),
}

/// All requests that wait.
#[derive(Debug, Default)]
pub(crate) struct Purgatory {
    next_id: u64,
    fetches: HashMap<FetchId, ParkedFetch>,
    deadlines: BTreeSet<(Duration, FetchId)>,
    produces: HashMap<ProduceId, ParkedProduce>,
    held: HashMap<ProduceId, HeldAnswers>,
}

impl Purgatory {
    pub(crate) fn park_fetch(&mut self, fetch: ParkedFetch) -> FetchId {
        let id = FetchId(self.new_id());
        self.deadlines.insert((fetch.deadline, id));
        self.fetches.insert(id, fetch);
        id
    }

    /// Bytes arrived in a partition that a fetch watches; says whether it has enough now. `stable` is what of them, or
    /// of earlier ones, became visible to readers of committed records.
    pub(crate) fn credit(&mut self, id: FetchId, bytes: usize, stable: usize) -> bool {
        let Some(fetch) = self.fetches.get_mut(&id) else {
            return false;
        };
        let bytes = match fetch.wants.reads_committed() {
            true => stable,
            false => bytes,
        };
        if bytes == 0 {
            return false;
        }
        fetch.missing = fetch.missing.saturating_sub(bytes);
        fetch.missing == 0
    }

    /// Whether a fetch is of a share group.
    pub(crate) fn is_share(&self, id: FetchId) -> bool {
        let fetch = self.fetches.get(&id);
        fetch.is_some_and(|it| matches!(it.wants, Wants::Share(_)))
    }

    pub(crate) fn take_fetch(&mut self, id: FetchId) -> Option<ParkedFetch> {
        let fetch = self.fetches.remove(&id)?;
        self.deadlines.remove(&(fetch.deadline, id));
        Some(fetch)
    }

    /// A fetch whose time is over.
    pub(crate) fn take_expired(&mut self, now: Duration) -> Option<(FetchId, ParkedFetch)> {
        let (deadline, id) = *self.deadlines.first()?;
        if deadline > now {
            return None;
        }
        self.take_fetch(id).map(|fetch| (id, fetch))
    }

    /// Everything a connection waits for that nobody will read.
    pub(crate) fn fetches_of(&self, connection: ConnectionId) -> Vec<FetchId> {
        let parked = self
            .fetches
            .iter()
            .filter(|(_, fetch)| fetch.ticket.connection == connection);
        parked.map(|(id, _)| *id).collect()
    }

    pub(crate) fn park_produce(&mut self, produce: ParkedProduce) -> ProduceId {
        let id = ProduceId(self.new_id());
        self.produces.insert(id, produce);
        id
    }

    pub(crate) fn hold(&mut self, held: HeldAnswers) -> ProduceId {
        let id = ProduceId(self.new_id());
        self.held.insert(id, held);
        id
    }

    /// One partition of a produce request is on the disk, or never will be (`failed`).
    pub(crate) fn synced(&mut self, id: ProduceId, failed: Option<i16>) -> Option<Synced> {
        let Some(produce) = self.produces.get_mut(&id) else {
            return self.held_synced(id, failed);
        };
        if let Some(code) = failed {
            let answers = produce
                .response
                .responses
                .iter_mut()
                .flat_map(|topic| &mut topic.partition_responses);
            for answer in answers.filter(|answer| answer.error_code == 0) {
                answer.error_code = code;
            }
        }
        produce.missing = produce.missing.saturating_sub(1);
        if produce.missing == 0 {
            self.produces.remove(&id).map(Synced::Produce)
        } else {
            None
        }
    }

    fn held_synced(&mut self, id: ProduceId, failed: Option<i16>) -> Option<Synced> {
        let held = self.held.get_mut(&id)?;
        held.has_failed |= failed.is_some();
        held.missing = held.missing.saturating_sub(1);
        if held.missing > 0 {
            return None;
        }
        self.held.remove(&id).map(Synced::Held)
    }

    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

const READ_COMMITTED: i8 = 1;
