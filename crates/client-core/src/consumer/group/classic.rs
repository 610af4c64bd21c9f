//! The classic group protocol's member: JoinGroup, SyncGroup, Heartbeat, LeaveGroup.
//!
//! Owns the membership (member id, generation, what the group gave us) and nothing else: fetching, offsets and
//! finding the coordinator are others'. Guarantees: one request of join/sync/leave in flight; heartbeats go on
//! while the application decides about a rebalance; an answer to a request of an earlier attempt is ignored;
//! every failure ends in another attempt, a fatal error, or out of the group. One enum, one `match` on
//! `(state, input)`; what to do comes out as [`Action`]s, drained after every [`Classic::handle`]. Pure code with
//! time as an argument; on the driver task. States and transitions: `docs/design/consumer-group.md`.

use std::collections::VecDeque;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use rdkafka_wire::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use rdkafka_wire::messages::sync_group::{
    SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse,
};
use rdkafka_wire::types::StrBytes;

use super::assignor::{Assignment, Assignor, Member, Topic};
use super::member_io::{Action, GroupConf, Input, Next, State};
use super::protocol;
use crate::io::Moment;

/// How long to wait before a join after an error that will not go away by itself.
const PERMANENT_ERROR_BACKOFF: Duration = Duration::from_secs(1);

/// The member.
#[derive(Debug)]
pub(crate) struct Classic {
    conf: GroupConf,
    state: State,
    topics: Vec<StrBytes>,
    member_id: StrBytes,
    generation: i32,
    /// What the group gave, until it was given back.
    assignment: Assignment,
    /// The generation it was given in.
    owned_generation: i32,
    /// Cooperative: what comes once something else was given back.
    to_take: Assignment,
    /// The generation of the membership that was ended by leaving.
    left_generation: i32,
    protocol: Option<StrBytes>,
    /// Subscriptions of all members, while this one is the leader of a rebalance.
    members: Vec<Member>,
    /// Number of the current join, sync or leave; older answers are ignored.
    attempt: u32,
    join_not_before: Option<Moment>,
    heartbeat_at: Moment,
    heartbeat_in_flight: bool,
    session_expires: Option<Moment>,
    poll_exceeded: bool,
    /// What was asked for while a rebalance was under way, and whether ownership is gone.
    pending: Option<(Next, bool)>,
    actions: VecDeque<Action>,
}

impl Classic {
    /// A member of nothing.
    pub(crate) fn new(conf: GroupConf) -> Self {
        Self {
            conf,
            state: State::Unsubscribed,
            topics: Vec::new(),
            member_id: StrBytes::default(),
            generation: -1,
            assignment: Assignment::new(),
            owned_generation: -1,
            to_take: Assignment::new(),
            left_generation: -1,
            protocol: None,
            members: Vec::new(),
            attempt: 0,
            join_not_before: None,
            heartbeat_at: Moment::default(),
            heartbeat_in_flight: false,
            session_expires: None,
            poll_exceeded: false,
            pending: None,
            actions: VecDeque::new(),
        }
    }

    /// What to do next; drain after every [`Self::handle`].
    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Where the member stands.
    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// Member id for requests that name the member; empty outside a group.
    pub(crate) fn member_id(&self) -> &StrBytes {
        &self.member_id
    }

    /// Generation for requests that name it; -1 outside a group.
    pub(crate) fn generation(&self) -> i32 {
        self.generation
    }

    /// Generation to commit with: who left the group commits in the name of that membership, which is refused.
    pub(crate) fn commit_generation(&self) -> i32 {
        if self.state == State::Unsubscribed {
            self.left_generation
        } else {
            self.generation
        }
    }

    /// Whether the group has agreed on an assignor at any time.
    pub(crate) fn has_joined(&self) -> bool {
        self.protocol.is_some()
    }

    /// Whether partitions are kept while joining again (KIP-429).
    pub(crate) fn is_cooperative(&self) -> bool {
        let mut assignors = self.conf.assignors.iter();
        assignors.any(|assignor| assignor.is_cooperative())
    }

    /// When [`Input::Timeout`] is due.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        match self.state {
            State::Unjoined if !self.poll_exceeded => self.join_not_before,
            State::Unjoined | State::Unsubscribed | State::Leaving => None,
            State::Joining | State::AwaitMetadata | State::Syncing => None,
            State::AwaitAssign
            | State::Steady
            | State::AwaitUnassign(_)
            | State::Unassigning(_) => {
                let heartbeat = self.can_heartbeat().then_some(self.heartbeat_at);
                match (heartbeat, self.session_expires) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                }
            }
        }
    }

    /// Takes one input.
    pub(crate) fn handle(&mut self, input: Input, now: Moment) {
        match (self.state, input) {
            (State::Unsubscribed, Input::Subscribe(topics)) => {
                self.topics = topics;
                self.state = State::Unjoined;
                self.join_when_possible(now);
            }
            (_, Input::Subscribe(topics)) => self.resubscribe(topics, now),
            (state, Input::Unsubscribe) => self.unsubscribe(state, now),

            (_, Input::PollExceeded) => self.exceed_poll_interval(now),
            (_, Input::Polled) => {
                self.poll_exceeded = false;
                self.join_when_possible(now);
            }

            (State::Joining, Input::Join(attempt, answer)) if attempt == self.attempt => {
                match answer {
                    Ok(response) => self.joined(response, now),
                    Err(code) => self.join_failed(code, now),
                }
            }
            // Nobody waits for it, but the coordinator now counts on that member: hand it back.
            (_, Input::Join(_, Ok(response))) if response.error_code == 0 => {
                self.disown(response.member_id)
            }
            (_, Input::Join(..)) => {}

            (State::AwaitMetadata, Input::Metadata(attempt, topics)) if attempt == self.attempt => {
                self.lead(&topics);
            }
            (_, Input::Metadata(..)) => {}

            (State::Syncing, Input::Sync(attempt, answer)) if attempt == self.attempt => {
                match share_of(answer) {
                    Ok(assignment) => self.synced(assignment, now),
                    Err(code) => self.sync_failed(code, now),
                }
            }
            (_, Input::Sync(..)) => {}

            (state, Input::Heartbeat(attempt, answer)) if attempt == self.attempt => {
                self.heartbeat_in_flight = false;
                self.heartbeat_answered(state, answer, now);
            }
            (_, Input::Heartbeat(..)) => {}

            (State::Leaving, Input::Left(attempt)) if attempt == self.attempt => self.left(now),
            (_, Input::Left(_)) => {}

            (State::AwaitAssign, Input::Assigned | Input::Unassigned) => self.settled(now),
            (State::AwaitUnassign(next), Input::Unassigned | Input::Assigned) => {
                self.state = State::Unassigning(next);
            }
            // From now on it consumes on its own account.
            (State::Unsubscribed, Input::Assigned) => self.left_generation = -1,
            (_, Input::Assigned | Input::Unassigned) => {}
            (State::Unassigning(Next::Take), Input::UnassignDone) => self.take(now),
            (State::Unassigning(next), Input::UnassignDone) => self.unassigned(next, now),
            (_, Input::UnassignDone) => {}

            (_, Input::CommitFailed(code)) => self.commit_failed(code, now),

            (State::Unjoined, Input::Timeout) => self.join_when_possible(now),
            (
                State::AwaitAssign
                | State::Steady
                | State::AwaitUnassign(_)
                | State::Unassigning(_),
                Input::Timeout,
            ) => self.keep_session(now),
            (_, Input::Timeout) => {}
            // Words of the new protocol.
            (_, Input::SubscribeTo(..) | Input::Beat(..) | Input::Names(_)) => {}
        }
    }

    // ---- joining ----

    fn join_when_possible(&mut self, now: Moment) {
        if self.state != State::Unjoined || self.poll_exceeded {
            return;
        }
        if self.join_not_before.is_some_and(|at| now < at) {
            return;
        }
        self.join_not_before = None;
        self.state = State::Joining;
        self.attempt = self.attempt.wrapping_add(1);
        self.heartbeat_in_flight = false;
        let rack = self.conf.rack.as_ref();
        let metadata = if self.is_cooperative() {
            let (owned, generation) = (Some(&self.assignment), self.owned_generation);
            protocol::encode_subscription(&self.topics, owned, generation, rack)
        } else {
            protocol::encode_subscription(&self.topics, None, self.generation, rack)
        };
        let protocols = self
            .conf
            .assignors
            .iter()
            .map(|assignor| JoinGroupRequestProtocol {
                name: assignor.name().into(),
                metadata: metadata.clone(),
            });
        let request = JoinGroupRequest {
            group_id: self.conf.group_id.clone(),
            session_timeout_ms: millis(self.conf.session_timeout),
            rebalance_timeout_ms: millis(self.conf.rebalance_timeout),
            member_id: self.member_id.clone(),
            group_instance_id: self.conf.instance_id.clone(),
            protocol_type: protocol::TYPE.into(),
            protocols: protocols.collect(),
            reason: None,
        };
        self.actions.push_back(Action::Join(self.attempt, request));
    }

    fn joined(&mut self, response: JoinGroupResponse, now: Moment) {
        match ErrorCode(response.error_code) {
            ErrorCode::NONE => {}
            ErrorCode::MEMBER_ID_REQUIRED => {
                self.member_id = response.member_id;
                self.state = State::Unjoined;
                return self.join_when_possible(now);
            }
            code => return self.join_failed(code, now),
        }
        let known = response
            .protocol_name
            .filter(|name| self.conf.assignors.iter().any(|own| own.name() == &**name));
        let Some(protocol_name) = known else {
            return self.join_failed(ErrorCode::_UNKNOWN_PROTOCOL, now);
        };
        self.member_id = response.member_id;
        self.generation = response.generation_id;
        self.protocol = Some(protocol_name);
        self.session_expires = Some(now + self.conf.session_timeout);
        if response.leader == self.member_id && !response.skip_assignment {
            self.members = response
                .members
                .into_iter()
                .filter_map(protocol::decode_member)
                .collect();
            let mut topics: Vec<StrBytes> = self
                .members
                .iter()
                .flat_map(|member| member.topics.clone())
                .collect();
            topics.sort();
            topics.dedup();
            self.state = State::AwaitMetadata;
            self.actions
                .push_back(Action::NeedMetadata(self.attempt, topics));
        } else {
            self.sync(Vec::new());
        }
    }

    fn join_failed(&mut self, code: ErrorCode, now: Moment) {
        self.state = State::Unjoined;
        let mut backoff = self.conf.retry_backoff;
        match code {
            ErrorCode::UNKNOWN_MEMBER_ID => self.forget_member(),
            ErrorCode::ILLEGAL_GENERATION => self.generation = -1,
            ErrorCode::FENCED_INSTANCE_ID => {
                self.fenced(code);
                return self.lose_owned(now);
            }
            ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::COORDINATOR_LOAD_IN_PROGRESS => {}
            code if is_coordinator_lost(code) => self.lose_coordinator(code),
            code => {
                backoff = PERMANENT_ERROR_BACKOFF;
                self.actions.push_back(Action::Error(
                    code,
                    format!("JoinGroup failed: {}", code.text()),
                ));
            }
        }
        self.join_not_before = Some(now + backoff);
        if self.generation < 0 {
            self.lose_owned(now);
        }
    }

    /// As the leader: deals partitions and distributes the result with SyncGroup.
    fn lead(&mut self, topics: &[Topic]) {
        let members = std::mem::take(&mut self.members);
        let assignor = self
            .protocol
            .as_deref()
            .and_then(Assignor::by_name)
            .unwrap_or(Assignor::Range);
        let dealt = assignor.assign(&members, topics);
        let assignments =
            members
                .into_iter()
                .zip(dealt)
                .map(|(member, assignment)| SyncGroupRequestAssignment {
                    member_id: member.id,
                    assignment: protocol::encode_assignment(&assignment),
                });
        self.sync(assignments.collect());
    }

    fn sync(&mut self, assignments: Vec<SyncGroupRequestAssignment>) {
        self.state = State::Syncing;
        let request = SyncGroupRequest {
            group_id: self.conf.group_id.clone(),
            generation_id: self.generation,
            member_id: self.member_id.clone(),
            group_instance_id: self.conf.instance_id.clone(),
            protocol_type: Some(protocol::TYPE.into()),
            protocol_name: self.protocol.clone(),
            assignments,
        };
        self.actions.push_back(Action::Sync(self.attempt, request));
    }

    fn synced(&mut self, assignment: Assignment, now: Moment) {
        self.session_expires = Some(now + self.conf.session_timeout);
        self.heartbeat_at = now + self.conf.heartbeat_interval;
        self.owned_generation = self.generation;
        if !self.is_cooperative() {
            self.assignment = assignment;
            self.state = State::AwaitAssign;
            let partitions = self.assignment.clone();
            return self.actions.push_back(Action::Assign(partitions));
        }
        let given_back = without(&self.assignment, &assignment);
        self.to_take = without(&assignment, &self.assignment);
        self.assignment = without(&assignment, &self.to_take);
        if given_back.is_empty() {
            return self.offer_taken();
        }
        self.state = State::AwaitUnassign(Next::Take);
        self.actions.push_back(Action::Revoke {
            partitions: given_back,
            lost: false,
        });
    }

    /// Cooperative: offers what came on top of what is owned.
    fn offer_taken(&mut self) {
        let taken = std::mem::take(&mut self.to_take);
        for (topic, partitions) in &taken {
            let owned = self.assignment.entry(topic.clone()).or_default();
            owned.extend(partitions);
            owned.sort_unstable();
        }
        self.state = State::AwaitAssign;
        self.actions.push_back(Action::Assign(taken));
    }

    /// Cooperative: what had to go was given back. What came is taken, and then the group is joined again, so that
    /// others get what was given back.
    fn take(&mut self, now: Moment) {
        match self.pending.take() {
            Some((next, lost)) if lost || next == Next::Leave => {
                self.to_take.clear();
                self.state = State::Steady;
                self.give_back(next, lost, now);
            }
            _ if self.to_take.is_empty() => self.rejoin(now),
            _ => {
                self.pending = Some((Next::Rejoin, false));
                self.offer_taken();
            }
        }
    }

    /// Joins again with what is owned.
    fn rejoin(&mut self, now: Moment) {
        self.state = State::Unjoined;
        self.join_when_possible(now);
    }

    /// Cooperative: what was kept while joining is not ours any more.
    fn lose_owned(&mut self, now: Moment) {
        if !self.assignment.is_empty() {
            self.give_back(Next::Rejoin, true, now);
        }
    }

    /// The application took what it was offered (or declined): what had to wait for that comes now.
    fn settled(&mut self, now: Moment) {
        self.state = State::Steady;
        if let Some((next, lost)) = self.pending.take() {
            self.give_back(next, lost, now);
        }
    }

    fn sync_failed(&mut self, code: ErrorCode, now: Moment) {
        self.state = State::Unjoined;
        match code {
            ErrorCode::UNKNOWN_MEMBER_ID => self.forget_member(),
            ErrorCode::ILLEGAL_GENERATION => self.generation = -1,
            ErrorCode::FENCED_INSTANCE_ID => {
                self.fenced(code);
                return self.lose_owned(now);
            }
            // The others moved on; every moment we wait makes them wait.
            ErrorCode::REBALANCE_IN_PROGRESS => return self.join_when_possible(now),
            code if is_coordinator_lost(code) => self.lose_coordinator(code),
            _ => {}
        }
        self.join_not_before = Some(now + self.conf.retry_backoff);
        if self.generation < 0 {
            self.lose_owned(now);
        }
    }

    // ---- staying ----

    fn can_heartbeat(&self) -> bool {
        !self.heartbeat_in_flight && !self.member_id.is_empty() && self.generation >= 0
    }

    fn keep_session(&mut self, now: Moment) {
        if self.session_expires.is_some_and(|at| now >= at) {
            self.session_expires = None;
            // The id stays: a coordinator that was away counts its members' sessions from its start, and would wait one
            // session for a member that nobody plays.
            let member_id = self.member_id.clone();
            self.forget_member();
            self.member_id = member_id;
            return self.give_back(Next::Rejoin, true, now);
        }
        if self.can_heartbeat() && now >= self.heartbeat_at {
            self.heartbeat_at = now + self.conf.heartbeat_interval;
            self.heartbeat_in_flight = true;
            let request = HeartbeatRequest {
                group_id: self.conf.group_id.clone(),
                generation_id: self.generation,
                member_id: self.member_id.clone(),
                group_instance_id: self.conf.instance_id.clone(),
            };
            self.actions
                .push_back(Action::Heartbeat(self.attempt, request));
        }
    }

    fn heartbeat_answered(&mut self, state: State, answer: Result<(), ErrorCode>, now: Moment) {
        let code = match answer {
            Ok(()) => {
                self.extend_session(now);
                return;
            }
            Err(code) => code,
        };
        match code {
            ErrorCode::REBALANCE_IN_PROGRESS => {
                self.extend_session(now);
                // Anywhere else the rebalance we are in must end first; the next heartbeat says it again.
                if state == State::Steady {
                    self.give_back(Next::Rejoin, false, now);
                }
            }
            ErrorCode::UNKNOWN_MEMBER_ID => {
                self.forget_member();
                self.give_back(Next::Rejoin, true, now);
            }
            ErrorCode::ILLEGAL_GENERATION => {
                self.generation = -1;
                self.give_back(Next::Rejoin, true, now);
            }
            ErrorCode::FENCED_INSTANCE_ID => {
                self.fenced(code);
                self.give_back(Next::Rejoin, true, now);
            }
            code if is_coordinator_lost(code) => self.lose_coordinator(code),
            _ => {}
        }
    }

    /// Only a session that has not run out can be extended.
    fn extend_session(&mut self, now: Moment) {
        if self.session_expires.is_some() {
            self.session_expires = Some(now + self.conf.session_timeout);
        }
    }

    fn commit_failed(&mut self, code: ErrorCode, now: Moment) {
        match code {
            // Who has an id but was not let in yet is no member, and knows it.
            ErrorCode::UNKNOWN_MEMBER_ID if self.generation >= 0 => {
                self.forget_member();
                self.give_back(Next::Rejoin, true, now);
            }
            ErrorCode::ILLEGAL_GENERATION if self.state == State::Steady => {
                self.generation = -1;
                self.give_back(Next::Rejoin, true, now);
            }
            code if is_coordinator_lost(code) => self.lose_coordinator(code),
            _ => {}
        }
    }

    fn exceed_poll_interval(&mut self, now: Moment) {
        if matches!(self.state, State::Unsubscribed | State::Leaving) {
            return;
        }
        self.poll_exceeded = true;
        // Left before the rebalance callback runs: the application that would run it is the one that hangs.
        // A static member stays (KIP-345); the coordinator times it out.
        if self.conf.instance_id.is_none() {
            let member_id = self.member_id.clone();
            self.disown(member_id);
        }
        self.forget_member();
        self.give_back(Next::Rejoin, true, now);
    }

    // ---- giving back and leaving ----

    /// Starts a rebalance from our side: everything back, then `next`.
    fn give_back(&mut self, next: Next, lost: bool, now: Moment) {
        let keeps = self.is_cooperative() && next == Next::Rejoin && !lost;
        match self.state {
            State::Unsubscribed | State::Leaving => {}
            State::Steady if keeps => self.rejoin(now),
            // The application is busy with a part: it answers that first.
            State::AwaitAssign
            | State::AwaitUnassign(Next::Take)
            | State::Unassigning(Next::Take) => {
                let (earlier, was_lost) = self.pending.unwrap_or((next, lost));
                self.pending = Some((earlier.and(next), was_lost || lost));
            }
            State::AwaitUnassign(earlier) => self.state = State::AwaitUnassign(earlier.and(next)),
            State::Unassigning(earlier) => self.state = State::Unassigning(earlier.and(next)),
            // Outside of these states only the cooperative protocol has something to give back.
            _ if !self.assignment.is_empty() => {
                self.state = State::AwaitUnassign(next);
                let partitions = std::mem::take(&mut self.assignment);
                self.actions.push_back(Action::Revoke { partitions, lost });
            }
            State::Unjoined => {}
            State::Steady | State::Joining | State::AwaitMetadata | State::Syncing => {
                self.unassigned(next, now);
            }
        }
    }

    /// Nothing is assigned any more.
    fn unassigned(&mut self, next: Next, now: Moment) {
        self.assignment.clear();
        match next {
            Next::Rejoin | Next::Take => self.rejoin(now),
            Next::Leave => self.leave(now),
        }
    }

    fn resubscribe(&mut self, topics: Vec<StrBytes>, now: Moment) {
        self.topics = topics;
        match self.state {
            State::Unsubscribed | State::Unjoined | State::Leaving => self.join_when_possible(now),
            State::AwaitUnassign(Next::Take) | State::Unassigning(Next::Take) => {
                // It joins again anyhow, unless it was about to leave.
                self.pending = self.pending.filter(|(_, lost)| *lost);
                self.pending = self.pending.map(|(_, lost)| (Next::Rejoin, lost));
            }
            State::AwaitUnassign(_) => self.state = State::AwaitUnassign(Next::Rejoin),
            State::Unassigning(_) => self.state = State::Unassigning(Next::Rejoin),
            // A rebalance under way goes on with the old subscription; it is repeated with the new one.
            State::AwaitAssign | State::Joining | State::AwaitMetadata | State::Syncing => {
                let is_lost = self.pending.is_some_and(|(_, lost)| lost);
                self.pending = Some((Next::Rejoin, is_lost));
            }
            State::Steady => self.give_back(Next::Rejoin, false, now),
        }
    }

    fn unsubscribe(&mut self, state: State, now: Moment) {
        self.topics.clear();
        match state {
            State::Unsubscribed => self.actions.push_back(Action::OutOfGroup),
            State::Leaving => {}
            State::Unjoined | State::Joining | State::AwaitMetadata | State::Syncing
                if self.assignment.is_empty() =>
            {
                self.leave(now)
            }
            State::Unjoined
            | State::Joining
            | State::AwaitMetadata
            | State::Syncing
            | State::AwaitAssign
            | State::Steady
            | State::AwaitUnassign(_)
            | State::Unassigning(_) => {
                self.give_back(Next::Leave, false, now);
            }
        }
    }

    fn leave(&mut self, now: Moment) {
        self.attempt = self.attempt.wrapping_add(1);
        self.pending = None;
        self.state = State::Leaving;
        if self.member_id.is_empty() {
            return self.left(now);
        }
        let request = self.leave_request(self.member_id.clone());
        self.actions.push_back(Action::Leave(self.attempt, request));
    }

    fn left(&mut self, now: Moment) {
        self.left_generation = self.generation;
        self.forget_member();
        self.state = State::Unsubscribed;
        self.actions.push_back(Action::OutOfGroup);
        if !self.topics.is_empty() {
            self.state = State::Unjoined;
            self.join_when_possible(now);
        }
    }

    /// Leaves in the name of a member that is not used any more; nobody waits for the answer.
    fn disown(&mut self, member_id: StrBytes) {
        if !member_id.is_empty() {
            let request = self.leave_request(member_id);
            self.actions
                .push_back(Action::Leave(self.attempt.wrapping_sub(1), request));
        }
    }

    fn leave_request(&self, member_id: StrBytes) -> LeaveGroupRequest {
        LeaveGroupRequest {
            group_id: self.conf.group_id.clone(),
            member_id: member_id.clone(),
            members: vec![MemberIdentity {
                member_id,
                group_instance_id: self.conf.instance_id.clone(),
                reason: None,
            }],
        }
    }

    fn forget_member(&mut self) {
        self.member_id = StrBytes::default();
        self.generation = -1;
        self.owned_generation = -1;
        self.heartbeat_in_flight = false;
    }

    fn fenced(&mut self, code: ErrorCode) {
        self.forget_member();
        self.poll_exceeded = true; // never joins again: the instance id belongs to another member now
        let text = format!("Fatal consumer error: {}", code.text());
        self.actions.push_back(Action::Fatal(code, text));
    }

    fn lose_coordinator(&mut self, code: ErrorCode) {
        self.actions.push_back(Action::FindCoordinator(code));
    }
}

/// What is in `some` and not in `others`.
fn without(some: &Assignment, others: &Assignment) -> Assignment {
    let mut rest = some.clone();
    rest.retain(|topic, partitions| {
        let others = others.get(topic).map_or(&[][..], Vec::as_slice);
        partitions.retain(|partition| !others.contains(partition));
        !partitions.is_empty()
    });
    rest
}

/// What the group gave this member.
fn share_of(answer: Result<SyncGroupResponse, ErrorCode>) -> Result<Assignment, ErrorCode> {
    let response = answer?;
    match ErrorCode(response.error_code) {
        ErrorCode::NONE => {
            protocol::decode_assignment(response.assignment).ok_or(ErrorCode::_BAD_MSG)
        }
        code => Err(code),
    }
}

/// Errors that say: ask for the coordinator again.
pub(crate) fn is_coordinator_lost(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NOT_COORDINATOR
            | ErrorCode::COORDINATOR_NOT_AVAILABLE
            | ErrorCode::_TRANSPORT
            | ErrorCode::_TIMED_OUT
    )
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
