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

mod join;
mod leave;
mod session;

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

#[cfg(test)]
mod tests;
