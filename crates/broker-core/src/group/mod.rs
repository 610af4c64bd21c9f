//! The coordinator of classic consumer groups.
//!
//! Owns: every group's members, generation and committed offsets, and when each next needs a look.
//! Guarantees: whatever must survive a restart goes through the [`Journal`] first and changes durable state by
//! [`GroupCoordinator::replay`] only, so that starting again is the same code; every parked request is answered.
//! Leaves to others: encoding of requests, whether a topic exists (`api/`), the log of the internal topic (`Journal`).
//! Runs on the shard thread. States and transitions: `docs/design/group-coordinator.md`.

mod classic;
mod consumer;
mod describe;
mod join;
mod leave;
mod member;
mod offset_delete;
mod offsets;
mod pending;
mod rebalance;
pub(crate) mod records;
mod report;
mod streams;
mod subscription;
mod sync;
#[cfg(test)]
mod tests;
pub(crate) mod typed_records;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::JoinGroupRequest;
use rdkafka_wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use rdkafka_wire::messages::streams_group_heartbeat::KeyValue;
use rdkafka_wire::messages::sync_group::SyncGroupRequest;
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::api::Response;
use crate::conf::GroupProperties;
use crate::request::{ConnectionId, Now, Ticket};
use crate::transaction::Producer;
use classic::{Group, State};
pub(crate) use consumer::records as consumer_records;
use consumer::{ConsumerRecord, RebalanceTimer, Timers, millis};
pub(crate) use describe::GroupFilter;
pub(crate) use join::refusal as join_refusal;
pub(crate) use member::Caller;
pub(crate) use offsets::{Commit, CommittedOffset};
use pending::PendingOffsets;
use records::{GroupRecord, GroupSnapshot};
pub use report::GroupReport;
use streams::StreamsRecord;
pub(crate) use streams::{InternalTopic, Refusal};

/// What coordinators see of topics.
pub(crate) trait TopicView {
    /// Changes whenever a topic appears, grows or goes.
    fn topics_version(&self) -> u64;

    /// A topic's id and its number of partitions.
    fn topic(&self, name: &str) -> Option<(Uuid, i32)>;

    /// A topic's name.
    fn topic_name(&self, id: Uuid) -> Option<StrBytes>;

    /// All topics that are not internal, by name.
    fn topic_names(&self) -> Vec<StrBytes>;
}

/// A number that changes with these topics: which exist, as what, with how many partitions.
pub(crate) fn hash_of_topics<'a>(
    names: impl Iterator<Item = &'a StrBytes>,
    topics: &(impl TopicView + ?Sized),
) -> i64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let mut hash = OFFSET;
    for (id, partitions) in names.filter_map(|name| topics.topic(name)) {
        for byte in id.0.iter().chain(&partitions.to_be_bytes()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }
    hash.cast_signed()
}

/// Where group records are made durable: the internal topic's log, or a list in tests.
pub(crate) trait Journal: TopicView {
    /// Appends the records of one group as one batch; all or none.
    fn append(&mut self, group: &str, records: &[GroupRecord]) -> Result<(), ErrorCode>;

    /// As [`Journal::append`], in the transaction of a producer: they count once its marker says so. Returns the
    /// partition of the internal topic.
    fn append_pending(
        &mut self,
        group: &str,
        records: &[GroupRecord],
        producer: Producer,
    ) -> Result<i32, ErrorCode>;
}

/// The settings of the coordinator.
#[derive(Debug, Clone)]
pub(crate) struct GroupConfig {
    pub(crate) min_session_ms: i32,
    pub(crate) max_session_ms: i32,
    pub(crate) max_size: usize,
    pub(crate) initial_rebalance_delay: Duration,
    pub(crate) offsets_retention_ms: i64,
    pub(crate) consumer_max_size: usize,
    pub(crate) streams_max_size: usize,
    /// Server-side assignors; the first is the default.
    pub(crate) assignors: Vec<String>,
    pub(crate) migration_policy: String,
    /// What holds for groups of the next-generation and the streams protocol.
    pub(crate) consumer: GroupProperties,
    /// For groups that have settings of their own.
    pub(crate) own: HashMap<StrBytes, GroupProperties>,
}

impl GroupConfig {
    fn properties(&self, group: &StrBytes) -> &GroupProperties {
        self.own.get(group).unwrap_or(&self.consumer)
    }

    /// After which silence a member of this group is taken for dead.
    fn session_timeout(&self, group: &StrBytes) -> Duration {
        millis(self.properties(group).session_timeout_ms)
    }

    fn heartbeat_interval_ms(&self, group: &StrBytes) -> i32 {
        self.properties(group).heartbeat_interval_ms
    }

    /// As [`Self::session_timeout`], of a streams group.
    fn streams_session_timeout(&self, group: &StrBytes) -> Duration {
        millis(self.properties(group).streams_session_timeout_ms)
    }

    /// What the assignments of a streams group depend on, as it is stored.
    fn streams_assignment_configs(&self, group: &StrBytes) -> Vec<KeyValue> {
        let replicas = self.properties(group).streams_num_standby_replicas;
        vec![KeyValue {
            key: streams::STANDBY_REPLICAS.into(),
            value: replicas.to_string().into(),
        }]
    }
}

/// All classic groups.
#[derive(Debug)]
pub(crate) struct GroupCoordinator {
    config: GroupConfig,
    groups: HashMap<StrBytes, Group>,
    /// Offsets of open transactions.
    pending: PendingOffsets,
    /// When a group needs a look. An entry may be early or outdated, never late: a heartbeat moves deadlines back
    /// without touching the heap, and the look arms the next one.
    deadlines: BinaryHeap<Reverse<(Duration, StrBytes)>>,
    /// The earliest entry of each group in `deadlines`.
    armed: HashMap<StrBytes, Duration>,
    /// Groups that a connection joined, to notice members whose client is gone.
    joined_by: HashMap<ConnectionId, Vec<StrBytes>>,
    rng: fastrand::Rng,
    replies: Vec<(Ticket, Response)>,
}

/// One input's surroundings, for the state machine of a group.
pub(crate) struct Turn<'a> {
    now: Now,
    config: &'a GroupConfig,
    rng: &'a mut fastrand::Rng,
    journal: &'a mut dyn Journal,
    replies: &'a mut Vec<(Ticket, Response)>,
}

impl Turn<'_> {
    fn reply(&mut self, ticket: Ticket, response: impl Into<Response>) {
        self.replies.push((ticket, response.into()));
    }
}

impl GroupCoordinator {
    pub(crate) fn new(config: GroupConfig, rng: fastrand::Rng) -> Self {
        Self {
            config,
            groups: HashMap::new(),
            pending: PendingOffsets::default(),
            deadlines: BinaryHeap::new(),
            armed: HashMap::new(),
            joined_by: HashMap::new(),
            rng,
            replies: Vec::new(),
        }
    }

    /// Settings that hold from now on.
    pub(crate) fn set_config(&mut self, config: GroupConfig) {
        self.config = config;
    }

    /// Whether there is such a group.
    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// Answers that have become due; in the order they did.
    pub(crate) fn take_replies(&mut self) -> Vec<(Ticket, Response)> {
        std::mem::take(&mut self.replies)
    }

    /// JoinGroup. Answers at once or when everybody has joined.
    pub(crate) fn join(
        &mut self,
        request: JoinGroupRequest,
        caller: Caller,
        ticket: Ticket,
        now: Now,
        journal: &mut dyn Journal,
    ) {
        let session = request.session_timeout_ms;
        let error = if request.group_id.is_empty() {
            Some(ErrorCode::INVALID_GROUP_ID)
        } else if session < self.config.min_session_ms || session > self.config.max_session_ms {
            Some(ErrorCode::INVALID_SESSION_TIMEOUT)
        } else if !request.member_id.is_empty() && !self.groups.contains_key(&request.group_id) {
            Some(ErrorCode::UNKNOWN_MEMBER_ID)
        } else {
            None
        };
        if let Some(code) = error {
            let refusal = join::refusal(code, request.member_id, ticket.version);
            self.replies.push((ticket, refusal.into()));
            return;
        }
        let group_id = request.group_id.copy_out_of_frame();
        let joined = self.joined_by.entry(ticket.connection).or_default();
        if !joined.contains(&group_id) {
            joined.push(group_id.clone());
        }
        self.groups
            .entry(group_id.clone())
            .or_insert_with(|| Group::new(group_id.clone(), now));
        self.with_group(&group_id, now, journal, |group, turn| {
            if group.consumer.as_ref().is_some_and(|it| !it.is_empty()) {
                return group.join_consumer_group(&request, caller, ticket, turn);
            }
            if group.streams.as_ref().is_some_and(|it| !it.is_empty()) {
                let code = ErrorCode::INCONSISTENT_GROUP_PROTOCOL;
                let refusal = join::refusal(code, request.member_id, ticket.version);
                return turn.reply(ticket, refusal);
            }
            match group.drop_empty_group(turn) {
                Ok(()) => group.join(request, caller, ticket, turn),
                Err(code) => {
                    let refusal = join::refusal(code, request.member_id, ticket.version);
                    turn.reply(ticket, refusal);
                }
            }
        });
    }

    /// SyncGroup. Answers at once or when the leader has sent the assignment.
    pub(crate) fn sync(
        &mut self,
        request: SyncGroupRequest,
        ticket: Ticket,
        now: Now,
        journal: &mut dyn Journal,
    ) {
        let group_id = request.group_id.clone();
        let error = match group_id.is_empty() {
            true => ErrorCode::INVALID_GROUP_ID,
            false => ErrorCode::UNKNOWN_MEMBER_ID,
        };
        let found = self.with_group(&group_id, now, journal, |group, turn| {
            if group.consumer.is_some() {
                let answer = group.sync_consumer_group(&request, turn);
                turn.reply(ticket, answer);
                return;
            }
            group.sync(request, ticket, turn);
        });
        if found.is_none() {
            self.replies.push((ticket, sync::refusal(error).into()));
        }
    }

    /// Heartbeat.
    pub(crate) fn heartbeat(
        &mut self,
        request: &HeartbeatRequest,
        now: Now,
        journal: &mut dyn Journal,
    ) -> ErrorCode {
        match self.groups.get_mut(&request.group_id) {
            _ if request.group_id.is_empty() => ErrorCode::INVALID_GROUP_ID,
            None => ErrorCode::UNKNOWN_MEMBER_ID,
            Some(group) if group.consumer.is_none() => group.heartbeat(request, now),
            Some(_) => {
                let beat = |group: &mut Group, turn: &mut Turn<'_>| {
                    group.heartbeat_consumer_group(request, turn)
                };
                self.with_group(&request.group_id, now, journal, beat)
                    .unwrap_or(ErrorCode::UNKNOWN_MEMBER_ID)
            }
        }
    }

    /// LeaveGroup, of one member (versions 0-2) or of many.
    pub(crate) fn leave(
        &mut self,
        request: &LeaveGroupRequest,
        version: i16,
        now: Now,
        journal: &mut dyn Journal,
    ) -> LeaveGroupResponse {
        if request.group_id.is_empty() {
            return leave::refusal(ErrorCode::INVALID_GROUP_ID);
        }
        let leaving = leave::leaving(request, version);
        let left = self.with_group(&request.group_id, now, journal, |group, turn| {
            if group.consumer.is_some() {
                return group.leave_consumer_group(&leaving, turn);
            }
            group.leave(&leaving, turn)
        });
        leave::response(&leaving, left, version)
    }

    /// OffsetCommit: all of these offsets or none.
    pub(crate) fn commit(
        &mut self,
        commit: Commit,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<(), ErrorCode> {
        if !self.groups.contains_key(&commit.group_id) {
            if commit.generation >= 0 {
                return Err(ErrorCode::ILLEGAL_GENERATION);
            }
            // A consumer that assigns partitions itself needs no group but as a place for its offsets.
            self.groups.insert(
                commit.group_id.clone(),
                Group::new(commit.group_id.clone(), now),
            );
        }
        let group_id = commit.group_id.clone();
        let done = self.with_group(&group_id, now, journal, |group, turn| {
            group.commit(commit, turn)
        });
        done.unwrap_or(Err(ErrorCode::UNKNOWN_SERVER_ERROR))
    }

    /// The client of a connection is gone.
    pub(crate) fn disconnected(
        &mut self,
        connection: ConnectionId,
        now: Now,
        journal: &mut dyn Journal,
    ) {
        for group_id in self.joined_by.remove(&connection).unwrap_or_default() {
            self.with_group(&group_id, now, journal, |group, turn| {
                group.disconnected(connection, turn)
            });
        }
    }

    /// Looks at every group whose time has come.
    pub(crate) fn expire(&mut self, now: Now, journal: &mut dyn Journal) {
        while let Some(Reverse((deadline, _))) = self.deadlines.peek() {
            if *deadline > now.mono {
                break;
            }
            let Some(Reverse((deadline, group_id))) = self.deadlines.pop() else {
                break;
            };
            if self.armed.get(&group_id) != Some(&deadline) {
                continue;
            }
            self.armed.remove(&group_id);
            self.with_group(&group_id, now, journal, |group, turn| {
                group.end_streams_delay(turn);
                group.expire_consumers(turn);
                group.expire(turn);
            });
        }
    }

    /// When `expire` must be called at the latest.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines
            .peek()
            .map(|Reverse((deadline, _))| *deadline)
    }

    /// Changes durable state: the only way.
    pub(crate) fn replay(&mut self, record: GroupRecord, now: Now) {
        let group_id = record.group().clone();
        let group = self
            .groups
            .entry(group_id.clone())
            .or_insert_with(|| Group::new(group_id.clone(), now));
        group.replay(record);
        if group.is_forgettable() {
            self.groups.remove(&group_id);
        }
    }

    /// After the last record was replayed at start: generations live on, their members have one session to show up.
    pub(crate) fn loaded(&mut self, now: Now) {
        let mut waiting = Vec::new();
        for group in self.groups.values_mut() {
            group.resume(now);
            group.resume_consumers(&self.config, now.mono);
            group.resume_streams(&self.config, now.mono);
            waiting.extend(
                group
                    .next_deadline()
                    .map(|deadline| (deadline, group.id.clone())),
            );
        }
        for (deadline, group_id) in waiting {
            self.armed.insert(group_id.clone(), deadline);
            self.deadlines.push(Reverse((deadline, group_id)));
        }
    }

    /// Runs one transition of a group that exists, and arms its next deadline.
    fn with_group<R>(
        &mut self,
        group_id: &StrBytes,
        now: Now,
        journal: &mut dyn Journal,
        transition: impl FnOnce(&mut Group, &mut Turn<'_>) -> R,
    ) -> Option<R> {
        let group = self.groups.get_mut(group_id)?;
        let mut turn = Turn {
            now,
            config: &self.config,
            rng: &mut self.rng,
            journal,
            replies: &mut self.replies,
        };
        let result = transition(group, &mut turn);
        if let Some(deadline) = group.next_deadline()
            && self
                .armed
                .get(group_id)
                .is_none_or(|armed| deadline < *armed)
        {
            self.armed.insert(group_id.clone(), deadline);
            self.deadlines.push(Reverse((deadline, group_id.clone())));
        }
        if group.is_forgettable() {
            self.groups.remove(group_id);
            self.armed.remove(group_id);
        }
        Some(result)
    }
}

/// The refusal of a member that a group does not know.
pub(crate) fn unknown_member(member_id: &str, group_id: &str) -> Refusal {
    let message = format!("Member {member_id} is not a member of group {group_id}.");
    (ErrorCode::UNKNOWN_MEMBER_ID, message)
}

impl Group {
    /// Writes records and, once they are written, lets them change durable state.
    fn persist(&mut self, records: Vec<GroupRecord>, turn: &mut Turn<'_>) -> Result<(), ErrorCode> {
        if records.is_empty() {
            return Ok(());
        }
        turn.journal.append(&self.id, &records)?;
        for record in records {
            self.replay(record);
        }
        Ok(())
    }

    fn persist_snapshot(
        &mut self,
        snapshot: GroupSnapshot,
        turn: &mut Turn<'_>,
    ) -> Result<(), ErrorCode> {
        self.persist(
            vec![GroupRecord::Group {
                group: self.id.clone(),
                value: Some(snapshot),
            }],
            turn,
        )
    }

    /// Durable state from one record.
    fn replay(&mut self, record: GroupRecord) {
        match record {
            GroupRecord::Offset {
                topic,
                partition,
                value,
                ..
            } => self.offsets.replay(topic, partition, value),
            GroupRecord::Group { value, .. } => self.durable = value,
            GroupRecord::Consumer { record, .. } => self.replay_consumer(record),
            GroupRecord::Streams { record, .. } => self.replay_streams(record),
            // Share groups have a coordinator of their own.
            GroupRecord::Share { .. } => {}
        }
    }

    fn replay_consumer(&mut self, record: ConsumerRecord) {
        match (&mut self.consumer, record) {
            (group, ConsumerRecord::Group(None)) => {
                *group = None;
                self.timers.clear();
                self.topics_version = None;
            }
            (Some(group), record) => group.replay(record),
            (None, record) if record.is_tombstone() => {}
            (group, record) => group.get_or_insert_default().replay(record),
        }
    }

    fn replay_streams(&mut self, record: StreamsRecord) {
        match (&mut self.streams, record) {
            (group, StreamsRecord::Group(None)) => {
                *group = None;
                self.timers.clear();
            }
            (Some(group), record) => group.replay(record),
            (None, record) if record.is_tombstone() => {}
            (group, record) => group.get_or_insert_default().replay(record),
        }
    }

    /// Live state from durable state, after a start.
    fn resume(&mut self, now: Now) {
        let Some(snapshot) = self.durable.clone() else {
            return;
        };
        self.generation = snapshot.generation;
        self.protocol_type = Some(snapshot.protocol_type).filter(|it| !it.is_empty());
        self.protocol = snapshot.protocol;
        self.leader = snapshot.leader;
        self.state = if snapshot.members.is_empty() {
            State::Empty
        } else {
            State::Stable
        };
        if snapshot.current_state_timestamp >= 0 {
            self.state_since_ms = snapshot.current_state_timestamp;
        }
        for snapshot in snapshot.members {
            let member = join::resumed_member(snapshot, self.protocol.as_ref(), now);
            if let Some(instance_id) = &member.instance_id {
                self.instances
                    .insert(instance_id.clone(), member.id.clone());
            }
            self.members.insert(member.id.clone(), member);
        }
    }
}
