//! The coordinator of share groups (KIP-932): queues on top of partitions.
//!
//! Owns: every share group's members and assignment (`group`, `heartbeat`, `assignor`), the sessions of members (`sessions`), and
//! how far each group is in each partition (`partition`, `acquire`, `acknowledge`, stored as `state`). Guarantees: whatever
//! must survive a restart goes through the [`ShareJournal`] first; a change that cannot be written did not happen.
//! Leaves to others: reading records (`api/share_fetch`), the internal topics (`share_state_topic`, `offsets_topic`).
//! Runs on the shard thread. Described in `docs/design/share-groups.md`.

mod acknowledge;
mod acquire;
mod admin;
mod assignor;
mod group;
mod heartbeat;
mod partition;
pub(crate) mod records;
pub(crate) mod sessions;
pub(crate) mod state;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_fetch::AcknowledgementBatch;
use rdkafka_wire::types::{StrBytes, Uuid};

pub(crate) use acknowledge::{Refusal, check as check_acknowledgements};
pub(crate) use acquire::{Ask, LogBatch};
pub(crate) use admin::TopicOffsets;
pub(crate) use partition::{Limits, SharePartition};

use crate::conf::GroupProperties;
use crate::group::{Journal, TopicView};
use crate::request::{ConnectionId, Now};
use group::ShareGroup;
use records::ShareRecord;
use sessions::{ShareSessions, Who};
use state::{PartitionId, PartitionState};

/// Where changes are made durable: the logs of the internal topics, or lists in tests.
pub(crate) trait ShareJournal: Journal {
    /// Appends the state of a partition, or (without one) that it is gone.
    fn append_state(
        &mut self,
        id: &PartitionId,
        state: Option<&PartitionState>,
    ) -> Result<(), ErrorCode>;
}

/// The settings of the coordinator.
#[derive(Debug, Clone)]
pub(crate) struct ShareConfig {
    pub(crate) max_size: usize,
    pub(crate) max_sessions: usize,
    /// What holds for groups.
    pub(crate) common: GroupProperties,
    /// For groups that have settings of their own.
    pub(crate) own: HashMap<StrBytes, GroupProperties>,
}

/// What needs a look when its time has come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Due {
    Group(StrBytes),
    Partition(PartitionId),
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct ShareCoordinator {
    config: ShareConfig,
    groups: HashMap<StrBytes, ShareGroup>,
    /// How far groups are: what is durable of it.
    states: HashMap<PartitionId, PartitionState>,
    /// The partitions in use.
    live: HashMap<PartitionId, SharePartition>,
    pub(crate) sessions: ShareSessions,
    /// When what needs a look. An entry may be early or outdated, never late.
    deadlines: BinaryHeap<Reverse<(Duration, Due)>>,
    /// The earliest entry of each in `deadlines`.
    armed: HashMap<Due, Duration>,
    /// Partitions of which there is more to have since they were last asked about.
    freed: Vec<PartitionId>,
}

impl ShareCoordinator {
    pub(crate) fn new(config: ShareConfig) -> Self {
        Self {
            config,
            groups: HashMap::new(),
            states: HashMap::new(),
            live: HashMap::new(),
            sessions: ShareSessions::default(),
            deadlines: BinaryHeap::new(),
            armed: HashMap::new(),
            freed: Vec::new(),
        }
    }

    /// Settings that hold from now on.
    pub(crate) fn set_config(&mut self, config: ShareConfig) {
        self.config = config;
    }

    /// The effective settings of a group.
    pub(crate) fn properties(&self, group: &StrBytes) -> &GroupProperties {
        self.config.own.get(group).unwrap_or(&self.config.common)
    }

    /// How many sessions there may be.
    pub(crate) const fn max_sessions(&self) -> usize {
        self.config.max_sessions
    }

    /// Whether there is such a share group.
    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// What bounds a group's use of a partition.
    pub(crate) fn limits(&self, group: &StrBytes) -> Limits {
        let properties = self.properties(group);
        Limits {
            delivery_count: i16::try_from(properties.share_delivery_count_limit)
                .unwrap_or(i16::MAX),
            in_flight: properties.share_partition_max_record_locks.into(),
            lock: millis(properties.share_record_lock_duration_ms),
            can_renew: properties.share_renew_acknowledge_enable,
        }
    }

    /// A record of `__consumer_offsets` at start.
    pub(crate) fn replay_group(&mut self, group: &StrBytes, record: ShareRecord) {
        if record.is_tombstone() && !self.groups.contains_key(group) {
            return;
        }
        let exists = self
            .groups
            .entry(group.clone())
            .or_default()
            .durable
            .replay(record);
        if !exists {
            self.groups.remove(group);
        }
    }

    /// A record of `__share_group_state` at start.
    pub(crate) fn replay_state(&mut self, id: PartitionId, state: Option<PartitionState>) {
        match state {
            Some(state) => self.states.insert(id, state),
            None => self.states.remove(&id),
        };
    }

    /// After the last record was replayed: members have one session to show up, states of topics that are gone go.
    pub(crate) fn loaded(&mut self, now: Now, topics: &dyn TopicView) {
        let timeouts: Vec<_> = self.groups.keys().cloned().collect();
        for group_id in timeouts {
            let timeout = millis(self.properties(&group_id).share_session_timeout_ms);
            let Some(group) = self.groups.get_mut(&group_id) else {
                continue;
            };
            let ids = group.durable.members.keys().cloned();
            group.sessions = ids.map(|id| (id, now.mono + timeout)).collect();
            if let Some(deadline) = group.next_deadline() {
                self.arm(deadline, Due::Group(group_id));
            }
        }
        self.states
            .retain(|id, _| topics.topic_name(id.topic).is_some());
    }

    /// Whether a state is kept for a partition.
    pub(crate) fn is_begun(&self, id: &PartitionId) -> bool {
        self.states.contains_key(id)
    }

    /// A partition as it is, to be changed as a copy. `log` is where the log begins, and where the group does if it has not yet.
    pub(crate) fn partition(
        &mut self,
        id: &PartitionId,
        log: (i64, i64),
    ) -> Option<&SharePartition> {
        let state = self.states.get(id)?;
        let partition = self
            .live
            .entry(id.clone())
            .or_insert_with(|| SharePartition::load(state, log.1));
        partition.log_starts_at(log.0);
        Some(partition)
    }

    /// Whether a partition's beginning is not known yet.
    pub(crate) fn is_unresolved(&self, id: &PartitionId) -> bool {
        self.states.get(id).is_some_and(|it| it.start_offset < 0) && !self.live.contains_key(id)
    }

    /// Takes over a changed partition; what is durable of it is written first.
    pub(crate) fn take_over(
        &mut self,
        id: &PartitionId,
        changed: SharePartition,
        now: Now,
        journal: &mut dyn ShareJournal,
    ) -> Result<(), ErrorCode> {
        let Some(state) = self.states.get(id) else {
            return Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        };
        let (batches, complete) = changed.stored();
        let is_same = state.start_offset == changed.start
            && state.delivery_complete_count == complete
            && state.batches == batches;
        if !is_same {
            let next = PartitionState {
                snapshot_epoch: state.snapshot_epoch.wrapping_add(1).max(0),
                start_offset: changed.start,
                delivery_complete_count: complete,
                write_timestamp: now.unix_ms,
                batches,
                ..state.clone()
            };
            journal.append_state(id, Some(&next))?;
            self.states.insert(id.clone(), next);
        }
        if let Some(deadline) = changed.next_deadline() {
            self.arm(deadline, Due::Partition(id.clone()));
        }
        self.live.insert(id.clone(), changed);
        Ok(())
    }

    /// Begins to keep a state.
    fn begin(
        &mut self,
        id: &PartitionId,
        start_offset: i64,
        epoch: i32,
        now: Now,
        journal: &mut dyn ShareJournal,
    ) -> Result<(), ErrorCode> {
        let snapshot_epoch = self.states.get(id).map_or(0, |it| it.snapshot_epoch + 1);
        let state = PartitionState {
            snapshot_epoch,
            state_epoch: epoch,
            start_offset,
            delivery_complete_count: if start_offset < 0 { -1 } else { 0 },
            create_timestamp: now.unix_ms,
            write_timestamp: now.unix_ms,
            ..PartitionState::default()
        };
        journal.append_state(id, Some(&state))?;
        self.states.insert(id.clone(), state);
        self.live.remove(id);
        Ok(())
    }

    /// Acknowledgements of one partition.
    pub(crate) fn acknowledge(
        &mut self,
        id: &PartitionId,
        member: &StrBytes,
        batches: &[AcknowledgementBatch],
        now: Now,
        journal: &mut dyn ShareJournal,
    ) -> Result<(), Refusal> {
        let Some(partition) = self.live.get(id) else {
            return Err((
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                "This server does not host this topic-partition.",
            ));
        };
        let limits = self.limits(&id.group);
        let mut changed = partition.clone();
        changed.acknowledge(member, batches, &limits, now.mono)?;
        self.take_over(id, changed, now, journal)
            .map_err(|code| (code, "The state of the share group cannot be written."))?;
        self.freed.push(id.clone());
        Ok(())
    }

    /// Closes a member's session, and gives back what it had. Whether there was one.
    pub(crate) fn close_session(
        &mut self,
        who: &Who,
        now: Now,
        journal: &mut dyn ShareJournal,
    ) -> bool {
        let was_there = self.sessions.close(who);
        if was_there {
            self.release(who, now, journal);
        }
        was_there
    }

    /// A connection is gone, and with it its sessions.
    pub(crate) fn disconnected(
        &mut self,
        connection: ConnectionId,
        now: Now,
        journal: &mut dyn ShareJournal,
    ) {
        for who in self.sessions.disconnected(connection) {
            self.release(&who, now, journal);
        }
    }

    fn release(&mut self, (group, member): &Who, now: Now, journal: &mut dyn ShareJournal) {
        let of_group = self.live.keys().filter(|id| id.group == *group);
        let mut ids: Vec<PartitionId> = of_group.cloned().collect();
        ids.sort();
        for id in ids {
            self.give_back(&id, now, journal, |owner, _| owner == member);
        }
    }

    fn give_back(
        &mut self,
        id: &PartitionId,
        now: Now,
        journal: &mut dyn ShareJournal,
        takes: impl Fn(&StrBytes, Duration) -> bool,
    ) {
        let Some(partition) = self.live.get(id) else {
            return;
        };
        let limits = self.limits(&id.group);
        let mut changed = partition.clone();
        if !changed.release(&limits, takes) {
            return;
        }
        // Nobody may have a record for ever: a state that cannot be written is as it would be after a restart.
        if let Err(code) = self.take_over(id, changed.clone(), now, journal) {
            tracing::error!(group = %id.group, error = %code.name(), "a release is not written");
            self.live.insert(id.clone(), changed);
        }
        self.freed.push(id.clone());
    }

    /// Looks at whatever has become due.
    pub(crate) fn expire(&mut self, now: Now, journal: &mut dyn ShareJournal) {
        while let Some(Reverse((deadline, _))) = self.deadlines.peek()
            && *deadline <= now.mono
        {
            let Some(Reverse((deadline, due))) = self.deadlines.pop() else {
                break;
            };
            if self.armed.get(&due) != Some(&deadline) {
                continue;
            }
            self.armed.remove(&due);
            match due {
                Due::Group(group) => self.expire_members(&group, now.mono, journal),
                Due::Partition(id) => {
                    self.give_back(&id, now, journal, |_, until| until <= now.mono);
                    let partition = self.live.get(&id);
                    if let Some(next) = partition.and_then(SharePartition::next_deadline) {
                        self.arm(next, Due::Partition(id));
                    }
                }
            }
        }
    }

    /// When `expire` must be called at the latest.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let first = self.deadlines.peek();
        first.map(|Reverse((deadline, _))| *deadline)
    }

    fn arm(&mut self, deadline: Duration, due: Due) {
        if self.armed.get(&due).is_none_or(|armed| deadline < *armed) {
            self.armed.insert(due.clone(), deadline);
            self.deadlines.push(Reverse((deadline, due)));
        }
    }

    /// Partitions of which there may be more to have now.
    pub(crate) fn take_freed(&mut self) -> HashSet<(Uuid, i32)> {
        let freed = std::mem::take(&mut self.freed);
        freed
            .into_iter()
            .map(|id| (id.topic, id.partition))
            .collect()
    }
}

fn millis(value: i32) -> Duration {
    Duration::from_millis(u64::try_from(value).unwrap_or(0))
}
