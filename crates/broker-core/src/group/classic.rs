//! The classic group: its states, its members and the questions that can be asked about them.
//!
//! Owns: [`Group`] and [`State`]. The transitions live beside it, one file per verb: `join`, `rebalance`, `sync`,
//! `leave`, `offsets`. Guarantees: a member id is in `members` or in `pending`, never in both; `instances` names
//! exactly the static members. Leaves to others: timers and the map of groups (`mod.rs`).

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::consumer::{ConsumerGroup, Timers};
use super::member::{Member, Protocol};
use super::offsets::CommittedOffsets;
use super::records::{GroupSnapshot, MemberSnapshot};
use super::streams::StreamsGroup;
use crate::request::{ConnectionId, Now};

/// Where a group stands. (A group that is gone has no state: it is not in the map; clients see it as `Dead`.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// No members; perhaps committed offsets.
    /// *Action*: JoinGroup starts a rebalance; commits without a member id are taken.
    /// *Transition*: first member → `PreparingRebalance`; last offset expired → gone.
    Empty,
    /// Waits until every member has sent JoinGroup again.
    /// *Action*: JoinGroup parks; Heartbeat, SyncGroup answer REBALANCE_IN_PROGRESS; commits are taken.
    /// *Transition*: all joined or rebalance timeout → `CompletingRebalance`; nobody left → `Empty`.
    PreparingRebalance,
    /// The generation is fixed; waits for the leader's assignment.
    /// *Action*: SyncGroup parks; commits answer REBALANCE_IN_PROGRESS.
    /// *Transition*: the leader's SyncGroup → `Stable`; member joins, leaves or fails → `PreparingRebalance`.
    CompletingRebalance,
    /// Everybody has or can fetch an assignment.
    /// *Action*: SyncGroup answers the assignment; Heartbeat and commits succeed.
    /// *Transition*: member joins, leaves or fails, leader joins again → `PreparingRebalance`.
    Stable,
}

impl State {
    /// Kafka's name of the state.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// How long the running rebalance may still gather members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gathering {
    pub(crate) deadline: Duration,
    /// For the first rebalance of an empty group, with `group.initial.rebalance.delay.ms`: how much more waiting newly
    /// arriving members may cause. Such a gathering ends at its deadline and not before.
    pub(crate) initial: Option<InitialDelay>,
}

/// See [`Gathering::initial`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InitialDelay {
    pub(crate) remaining: Duration,
    pub(crate) new_member_added: bool,
}

/// A member id that was handed out (MEMBER_ID_REQUIRED) and has not come back yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending {
    pub(crate) deadline: Duration,
    pub(crate) connection: ConnectionId,
}

/// One classic group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: StrBytes,
    pub(crate) state: State,
    /// When the state last changed (ms since 1970); an empty group's offsets expire by it.
    pub(crate) state_since_ms: i64,
    /// `consumer`, `connect`, ...; none until somebody joined or after a simple consumer's commit.
    pub(crate) protocol_type: Option<StrBytes>,
    pub(crate) generation: i32,
    /// The protocol (assignor) chosen for the current generation.
    pub(crate) protocol: Option<StrBytes>,
    pub(crate) leader: Option<StrBytes>,
    pub(crate) members: BTreeMap<StrBytes, Member>,
    /// Static members: instance id to member id.
    pub(crate) instances: HashMap<StrBytes, StrBytes>,
    pub(crate) pending: BTreeMap<StrBytes, Pending>,
    pub(crate) gathering: Option<Gathering>,
    /// By when every member must have sent SyncGroup.
    pub(crate) sync_deadline: Option<Duration>,
    pub(crate) offsets: CommittedOffsets,
    /// What the internal topic says about this group; changed by `replay` only.
    pub(crate) durable: Option<GroupSnapshot>,
    /// Set while it is a group of the next-generation protocol; everything of the classic protocol is then empty. Changed by
    /// `replay` only.
    pub(crate) consumer: Option<Box<ConsumerGroup>>,
    /// As `consumer`, while it is a group of the streams protocol.
    pub(crate) streams: Option<Box<StreamsGroup>>,
    /// Of the members of these protocols.
    pub(crate) timers: HashMap<StrBytes, Timers>,
    /// What of the topics the group has taken in, see `TopicView::topics_version`.
    pub(crate) topics_version: Option<u64>,
}

impl Group {
    pub(crate) fn new(id: StrBytes, now: Now) -> Self {
        Self {
            id,
            state: State::Empty,
            state_since_ms: now.unix_ms,
            protocol_type: None,
            generation: 0,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            instances: HashMap::new(),
            pending: BTreeMap::new(),
            gathering: None,
            sync_deadline: None,
            offsets: CommittedOffsets::default(),
            durable: None,
            consumer: None,
            streams: None,
            timers: HashMap::new(),
            topics_version: None,
        }
    }

    pub(crate) fn transition(&mut self, state: State, now: Now) {
        self.state = state;
        self.state_since_ms = now.unix_ms;
    }

    /// Nothing would be lost by forgetting it.
    pub(crate) fn is_forgettable(&self) -> bool {
        self.state == State::Empty
            && self.members.is_empty()
            && self.pending.is_empty()
            && self.offsets.is_empty()
            && self.durable.is_none()
            && self.consumer.is_none()
            && self.streams.is_none()
    }

    /// Whether it has no members, of any protocol.
    pub(crate) fn is_empty(&self) -> bool {
        match (&self.consumer, &self.streams) {
            (Some(group), _) => group.is_empty(),
            (None, Some(group)) => group.is_empty(),
            (None, None) => self.state == State::Empty,
        }
    }

    pub(crate) fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    /// Whether a member that supports `protocols` fits: same type, and one protocol that everybody has.
    pub(crate) fn fits(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        if protocol_type.is_empty() || protocols.is_empty() {
            return false;
        }
        self.members.is_empty()
            || (self.protocol_type.as_deref() == Some(protocol_type)
                && protocols.iter().any(|it| self.everybody_supports(&it.name)))
    }

    fn everybody_supports(&self, protocol: &str) -> bool {
        self.members
            .values()
            .all(|member| member.protocols.iter().any(|own| &*own.name == protocol))
    }

    /// The protocol that most members prefer among those all support; the leader's order breaks ties.
    pub(crate) fn choose_protocol(&self) -> Option<StrBytes> {
        let leader = self
            .leader
            .as_ref()
            .and_then(|id| self.members.get(id))
            .or_else(|| self.members.values().next())?;
        let candidates: Vec<&StrBytes> = leader
            .protocols
            .iter()
            .map(|it| &it.name)
            .filter(|name| self.everybody_supports(name))
            .collect();
        let mut votes = vec![0usize; candidates.len()];
        for member in self.members.values() {
            let choice = member.vote(&candidates);
            if let Some(at) = candidates.iter().position(|it| Some(*it) == choice) {
                votes[at] += 1;
            }
        }
        // `max_by_key` keeps the last of equals, so the walk is from the least preferred.
        let best = (0..candidates.len()).rev().max_by_key(|at| votes[*at])?;
        Some(candidates[best].clone())
    }

    /// The longest time a member wants to have for joining again.
    pub(crate) fn rebalance_timeout(&self) -> Duration {
        self.members
            .values()
            .map(|member| member.rebalance_timeout)
            .max()
            .unwrap_or_default()
    }

    pub(crate) fn has_everybody_joined(&self) -> bool {
        self.pending.is_empty() && self.members.values().all(|member| member.joining.is_some())
    }

    /// Checks that a request's sender is the member it says it is.
    pub(crate) fn check_member(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
    ) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            return match self.instances.get(instance_id) {
                None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
                Some(current) if &**current != member_id => Err(ErrorCode::FENCED_INSTANCE_ID),
                Some(_) => Ok(()),
            };
        }
        if self.members.contains_key(member_id) {
            Ok(())
        } else {
            Err(ErrorCode::UNKNOWN_MEMBER_ID)
        }
    }

    pub(crate) fn check_generation(&self, generation: i32) -> Result<(), ErrorCode> {
        if generation == self.generation {
            Ok(())
        } else {
            Err(ErrorCode::ILLEGAL_GENERATION)
        }
    }

    pub(crate) fn add_member(&mut self, member: Member, protocol_type: StrBytes) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type);
        }
        if self.leader.is_none() {
            self.leader = Some(member.id.clone());
        }
        if let Some(instance_id) = &member.instance_id {
            self.instances
                .insert(instance_id.clone(), member.id.clone());
        }
        self.pending.remove(&member.id);
        self.members.insert(member.id.clone(), member);
    }

    pub(crate) fn take_member(&mut self, member_id: &str) -> Option<Member> {
        let member = self.members.remove(member_id)?;
        if let Some(instance_id) = &member.instance_id {
            self.instances.remove(instance_id);
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        Some(member)
    }

    /// When this group next needs a look, without any input.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        let members = self.members.values().filter_map(Member::expires_at);
        let pending = self.pending.values().map(|it| it.deadline);
        members
            .chain(pending)
            .chain(self.gathering.map(|it| it.deadline))
            .chain(self.sync_deadline)
            .chain(self.next_consumer_deadline())
            .chain(self.streams_deadline())
            .min()
    }

    /// What goes to the internal topic: the generation with these assignments.
    pub(crate) fn snapshot(&self, assignments: &BTreeMap<StrBytes, Bytes>) -> GroupSnapshot {
        let protocol = self.protocol.clone();
        let members = self.members.values().map(|member| MemberSnapshot {
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone(),
            client_id: member.caller.client_id.clone(),
            client_host: member.caller.client_host.clone(),
            rebalance_timeout: millis(member.rebalance_timeout),
            session_timeout: millis(member.session_timeout),
            subscription: protocol
                .as_deref()
                .map_or_else(Bytes::new, |name| member.metadata(name)),
            assignment: assignments.get(&member.id).cloned().unwrap_or_default(),
        });
        GroupSnapshot {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: protocol.clone(),
            leader: self.leader.clone(),
            current_state_timestamp: self.state_since_ms,
            members: members.collect(),
        }
    }

    /// The assignments of the current generation.
    pub(crate) fn assignments(&self) -> BTreeMap<StrBytes, Bytes> {
        self.members
            .values()
            .map(|member| (member.id.clone(), member.assignment.clone()))
            .collect()
    }
}

/// A timeout as Kafka's records hold it.
fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
