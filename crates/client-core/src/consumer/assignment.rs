//! The partitions being consumed, and where each stands.
//!
//! Owns the driver's side of every consumed partition: what it was assigned or started with, the next offset, what it
//! waits for. Whoever changes a position goes through here, so that records fetched before become outdated together
//! with it. Leaves asking brokers to `start_offset.rs` and `fetcher.rs`, committing to `committer.rs`. Driver thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::offset::{
    OFFSET_BEGINNING, OFFSET_END, OFFSET_INVALID, OFFSET_STORED, OFFSET_TAIL_BASE,
};
use super::position::{ConsumedPartition, FetchQueue, TopicName};
use crate::conf::TopicConfig;
use crate::io::{Moment, NodeId, TopicPartition, TopicPartitionOffset};
use crate::stats::{BatchWindows, BrokerOffsets, PartitionCounters};

/// What a partition waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Action: ask the group's coordinator for the committed offset. Transition: answer → `Fetching`, or by
    /// `auto.offset.reset` when there is none.
    NeedCommitted,
    /// Action: ask the leader for the offset at this place (-1 end, -2 beginning), counted back by `tail`.
    /// Transition: answer → `Fetching`.
    NeedOffset {
        /// The timestamp to ask with.
        timestamp: i64,
        /// How many records before that place.
        tail: i64,
    },
    /// Action: ask the leader where the offset's epoch ends (KIP-320). Transition: not before the offset → `Fetching`;
    /// before it, the log was cut off → `Fetching` from there, or by `auto.offset.reset`.
    NeedValidation,
    /// Action: fetch from the offset. Transition: out of range → `NeedOffset` or `Halted`; the leader's epoch rose →
    /// `NeedValidation`.
    Fetching,
    /// Action: none; there is no offset to go on from. Transition: a seek.
    Halted,
}

/// Who wants a partition.
#[derive(Debug)]
pub(crate) enum Owner {
    /// `assign()`, or the group.
    Assignment,
    /// `consumeStart()`.
    Started {
        /// The topic's settings.
        conf: Arc<TopicConfig>,
        /// When stored offsets are committed next.
        commit_at: Option<Moment>,
    },
}

/// A partition being consumed.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) shared: Arc<ConsumedPartition>,
    pub(crate) queue: Arc<FetchQueue>,
    pub(crate) owner: Owner,
    /// The place it was assigned with, as the application is shown it.
    pub(crate) assigned_at: i64,
    pub(crate) phase: Phase,
    /// A request about the phase is under way.
    pub(crate) is_asking: bool,
    /// The next offset to fetch, in phase `Fetching`.
    pub(crate) offset: i64,
    /// Which leader epoch wrote the record before it; -1 when unknown.
    pub(crate) epoch: i32,
    /// The leader epoch that the offset is known to be good for; -1 before the first.
    pub(crate) leader_epoch: i32,
    /// Where fetching began, when nothing was handed out since.
    began_at: i64,
    began_epoch: i32,
    /// The replica to read from instead of the leader (KIP-392), and until when.
    pub(crate) preferred: Option<(NodeId, Moment)>,
    /// When a preferred replica was given up for a reason.
    pub(crate) preferred_lost_at: Option<Moment>,
    /// Paused by the application.
    pub(crate) is_paused: bool,
    /// Held back until a revocation has been dealt with.
    pub(crate) is_revoked: bool,
    /// Nothing is asked of a broker before.
    pub(crate) not_before: Moment,
    /// Where the end was told last.
    pub(crate) end_told_at: i64,
    /// The error told last; it is told again only after something else.
    pub(crate) error_told: ErrorCode,
    /// The offset known to be committed.
    pub(crate) committed: i64,
    /// The leader epoch committed with it, -1 when unknown.
    pub(crate) committed_epoch: i32,
    /// A fetch at a node covers it.
    pub(crate) is_fetching: bool,
    /// What the broker said of it last.
    pub(crate) broker_offsets: BrokerOffsets,
    pub(crate) counters: PartitionCounters,
    pub(crate) batches: BatchWindows,
    version: u32,
}

impl Partition {
    fn new(shared: Arc<ConsumedPartition>, queue: Arc<FetchQueue>, owner: Owner) -> Self {
        Self {
            shared,
            queue,
            owner,
            assigned_at: OFFSET_STORED,
            phase: Phase::Halted,
            is_asking: false,
            offset: OFFSET_INVALID,
            epoch: -1,
            leader_epoch: -1,
            began_at: OFFSET_INVALID,
            began_epoch: -1,
            preferred: None,
            preferred_lost_at: None,
            is_paused: false,
            is_revoked: false,
            not_before: Moment::default(),
            end_told_at: OFFSET_INVALID,
            error_told: ErrorCode::NONE,
            committed: OFFSET_INVALID,
            committed_epoch: -1,
            is_fetching: false,
            broker_offsets: BrokerOffsets::default(),
            counters: PartitionCounters::default(),
            batches: BatchWindows::default(),
            version: 0,
        }
    }

    /// The version answers and fetched records must have.
    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    /// Whether no records of it are wanted for the time being.
    pub(crate) fn is_held_back(&self) -> bool {
        self.is_paused || self.is_revoked
    }

    /// Makes everything asked or fetched so far outdated.
    fn outdate(&mut self) {
        self.version = self.shared.outdate();
        self.is_asking = false;
        self.is_fetching = false;
    }

    /// Goes on at `offset`, which may stand for a place, behind a record of that leader epoch (-1: unknown).
    pub(crate) fn start_at(&mut self, offset: i64, epoch: i32) {
        self.outdate();
        self.shared.reset_position();
        self.not_before = Moment::default();
        self.end_told_at = OFFSET_INVALID;
        self.error_told = ErrorCode::NONE;
        self.go_to(offset, epoch);
    }

    /// Goes on at `offset` by the client's own decision: what was fetched before stays good.
    pub(crate) fn go_to(&mut self, offset: i64, epoch: i32) {
        self.is_asking = false;
        self.phase = match offset {
            OFFSET_BEGINNING | OFFSET_END => Phase::NeedOffset {
                timestamp: offset,
                tail: 0,
            },
            OFFSET_STORED | OFFSET_INVALID => Phase::NeedCommitted,
            tail if tail <= OFFSET_TAIL_BASE => Phase::NeedOffset {
                timestamp: OFFSET_END,
                tail: OFFSET_TAIL_BASE.saturating_sub(tail),
            },
            absolute => {
                self.offset = absolute;
                self.epoch = epoch;
                self.leader_epoch = -1;
                self.began_at = absolute;
                self.began_epoch = epoch;
                Phase::Fetching
            }
        };
    }

    /// Records in the queue are dropped, and will be fetched again from the position on.
    pub(crate) fn rewind(&mut self) {
        self.outdate();
        self.end_told_at = OFFSET_INVALID;
        if self.is_positioned() {
            (self.offset, self.epoch) = self.application_position();
        }
    }

    /// Whether there is an offset to fetch from.
    pub(crate) fn is_positioned(&self) -> bool {
        matches!(self.phase, Phase::Fetching | Phase::NeedValidation)
    }

    /// Where the application goes on, with the leader epoch of what it got last.
    fn application_position(&self) -> (i64, i32) {
        match self.shared.position() {
            OFFSET_INVALID => (self.began_at, self.began_epoch),
            position => (position, self.shared.position_epoch()),
        }
    }

    /// The log ends at `end` now: what was fetched beyond is dropped, and what the application has not seen before it is
    /// fetched again.
    pub(crate) fn cut_off_at(&mut self, end: i64, epoch: i32) {
        self.rewind();
        if self.offset > end {
            self.shared.reset_position();
            self.go_to(end, epoch);
        }
    }

    /// The leader's epoch is this now: what was read under an earlier one has to be looked at again.
    pub(crate) fn saw_leader_epoch(&mut self, leader_epoch: i32) {
        if leader_epoch <= self.leader_epoch || !self.is_positioned() {
            return;
        }
        if self.phase == Phase::NeedValidation {
            // What was asked under the old one is answered with an error, and asked again.
            self.leader_epoch = leader_epoch;
            return;
        }
        // What is asked for the first time is asked with its epoch, if it has one.
        if self.epoch >= 0 && self.epoch < leader_epoch {
            self.phase = Phase::NeedValidation;
        }
        self.leader_epoch = leader_epoch;
    }

    /// Settings of the legacy consumer's topic.
    pub(crate) fn topic_conf(&self) -> Option<&Arc<TopicConfig>> {
        match &self.owner {
            Owner::Assignment => None,
            Owner::Started { conf, .. } => Some(conf),
        }
    }

    /// The offset to commit, when it is behind the committed one: what is stored never moves that back.
    pub(crate) fn uncommitted(&self, id: &TopicPartition) -> Option<TopicPartitionOffset> {
        let stored = self.shared.stored();
        let leader_epoch = self.shared.stored_epoch();
        (stored >= 0 && stored > self.committed).then(|| TopicPartitionOffset {
            leader_epoch,
            ..at(id, stored)
        })
    }
}

/// All partitions being consumed, and the names of all topics that ever were.
#[derive(Debug, Default)]
pub(crate) struct Partitions {
    map: BTreeMap<TopicPartition, Partition>,
    names: BTreeMap<StrBytes, Arc<TopicName>>,
    /// The highest version of a partition that was removed. Those added start above it, so that an answer to what one
    /// of them asked is never taken by another of the same name.
    last_version: u32,
}

impl Partitions {
    pub(crate) fn get(&self, id: &TopicPartition) -> Option<&Partition> {
        self.map.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &TopicPartition) -> Option<&mut Partition> {
        self.map.get_mut(id)
    }

    /// The partition an answer is for, unless it became outdated since the question.
    pub(crate) fn current_mut(
        &mut self,
        id: &TopicPartition,
        version: u32,
    ) -> Option<&mut Partition> {
        self.map
            .get_mut(id)
            .filter(|partition| partition.version == version)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&TopicPartition, &Partition)> {
        self.map.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&TopicPartition, &mut Partition)> {
        self.map.iter_mut()
    }

    /// Starts to consume a partition.
    pub(crate) fn add(
        &mut self,
        id: TopicPartition,
        (offset, epoch): (i64, i32),
        queue: Arc<FetchQueue>,
        owner: Owner,
    ) {
        let topic = self.name(&id.topic);
        let shared = ConsumedPartition::new(topic, id.partition).above(self.last_version);
        let shared = Arc::new(shared);
        let mut partition = Partition::new(shared, queue, owner);
        if offset != OFFSET_INVALID {
            partition.assigned_at = offset;
        }
        partition.start_at(offset, epoch);
        self.map.insert(id, partition);
    }

    /// Stops consuming a partition; what is left in the queue of it becomes outdated.
    pub(crate) fn remove(&mut self, id: &TopicPartition) -> Option<Partition> {
        let mut partition = self.map.remove(id)?;
        partition.outdate();
        self.last_version = self.last_version.max(partition.version);
        Some(partition)
    }

    /// All ids.
    pub(crate) fn ids(&self) -> Vec<TopicPartition> {
        self.map.keys().cloned().collect()
    }

    /// What `assign()` and the group gave, in order.
    pub(crate) fn assigned(&self) -> impl Iterator<Item = (&TopicPartition, &Partition)> {
        self.map
            .iter()
            .filter(|(_, partition)| matches!(partition.owner, Owner::Assignment))
    }

    /// The ids of [`Self::assigned`].
    pub(crate) fn assigned_ids(&self) -> Vec<TopicPartition> {
        self.assigned().map(|(id, _)| id.clone()).collect()
    }

    /// What is stored and not committed of assigned partitions.
    pub(crate) fn uncommitted(&self) -> Vec<TopicPartitionOffset> {
        let stored = self
            .assigned()
            .filter_map(|(id, partition)| partition.uncommitted(id));
        stored.collect()
    }

    fn name(&mut self, topic: &StrBytes) -> Arc<TopicName> {
        if let Some(name) = self.names.get(topic) {
            return Arc::clone(name);
        }
        let id = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name = Arc::new(TopicName {
            id,
            name: topic.copy_out_of_frame(),
        });
        self.names.insert(name.name.clone(), Arc::clone(&name));
        name
    }
}

/// A partition at an offset, for lists.
pub(crate) fn at(id: &TopicPartition, offset: i64) -> TopicPartitionOffset {
    TopicPartitionOffset::new(id.topic.clone(), id.partition, offset)
}

/// The partition of a list's element.
pub(crate) fn id_of(element: &TopicPartitionOffset) -> TopicPartition {
    TopicPartition {
        topic: element.topic.clone(),
        partition: element.partition,
    }
}
