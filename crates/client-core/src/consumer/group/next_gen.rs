//! The member of the new group protocol (KIP-848): ConsumerGroupHeartbeat, and nothing else.
//!
//! The coordinator decides who gets what and says so in answers to heartbeats; the member reconciles: it gives back
//! first, commits, takes what came on top, and says what it owns by then. Owns the membership (member id, epoch, what
//! is owned, what it should become). Guarantees: one heartbeat in flight; heartbeats go on while the application
//! decides; an answer to a heartbeat of an earlier membership is ignored; a target is worked on only after the one
//! before was acknowledged; every failure ends in another heartbeat, a fatal error, or out of the group. One enum, one
//! `match` on `(state, input)`; what to do comes out as [`Action`]s. Topics are known by id here and by name outside.
//! Pure code with time as an argument; on the driver task. States and rules: `docs/design/consumer-group.md`.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::assignor::Assignment;
use super::classic::is_coordinator_lost;
use super::member_io::{Action, GroupConf, Input, Next, State, Topics};
use crate::io::Moment;

mod heartbeat;
mod reconcile;

/// The longest wait before a heartbeat after one that failed.
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// The wait after an error that will not go away by itself.
const PERMANENT_ERROR_BACKOFF: Duration = Duration::from_secs(5);
/// What joins.
const EPOCH_JOIN: i32 = 0;
/// What leaves.
const EPOCH_LEAVE: i32 = -1;
/// What leaves and comes back: a static member.
const EPOCH_LEAVE_STATIC: i32 = -2;

/// Partitions by their topics' ids, sorted.
type Owned = BTreeMap<Uuid, Vec<i32>>;

/// The member.
#[derive(Debug)]
pub(crate) struct NextGen {
    conf: GroupConf,
    state: State,
    wanted: Option<Topics>,
    /// Chosen here (KIP-1082), for the life of the client.
    member_id: StrBytes,
    /// 0 outside the group.
    epoch: i32,
    /// The epoch of the membership that was ended by leaving.
    left_epoch: i32,
    /// The coordinator may know this member.
    is_known: bool,
    owned: Owned,
    /// What is owned should become this.
    target: Option<Owned>,
    /// What is being given back, and comes on top then.
    giving: Owned,
    taking: Owned,
    names: BTreeMap<Uuid, StrBytes>,
    /// Names were asked for and not answered, or answered and did not help.
    has_asked_names: bool,
    /// Number of the current membership; answers of earlier ones are ignored.
    attempt: u32,
    in_flight: Option<Told>,
    /// What the next heartbeat has to say.
    to_tell: Told,
    interval: Duration,
    beat_at: Moment,
    failures: u32,
    join_not_before: Option<Moment>,
    poll_exceeded: bool,
    is_fatal: bool,
    /// What was asked for while a rebalance was under way, and whether ownership is gone.
    pending: Option<(Next, bool)>,
    actions: VecDeque<Action>,
}

/// What a heartbeat says besides that the member lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Told {
    /// Everything: a coordinator that may know nothing.
    all: bool,
    subscription: bool,
    owned: bool,
}

impl NextGen {
    /// A member of nothing.
    pub(crate) fn new(conf: GroupConf) -> Self {
        Self {
            interval: conf.heartbeat_interval,
            conf,
            state: State::Unsubscribed,
            wanted: None,
            member_id: StrBytes::default(),
            epoch: EPOCH_JOIN,
            left_epoch: -1,
            is_known: false,
            owned: Owned::new(),
            target: None,
            giving: Owned::new(),
            taking: Owned::new(),
            names: BTreeMap::new(),
            has_asked_names: false,
            attempt: 0,
            in_flight: None,
            to_tell: Told::default(),
            beat_at: Moment::default(),
            failures: 0,
            join_not_before: None,
            poll_exceeded: false,
            is_fatal: false,
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

    /// Its id; empty before the first subscription.
    pub(crate) fn member_id(&self) -> &StrBytes {
        &self.member_id
    }

    /// The epoch, -1 outside the group.
    pub(crate) fn epoch(&self) -> i32 {
        if self.epoch > EPOCH_JOIN {
            self.epoch
        } else {
            -1
        }
    }

    /// The epoch to commit with: who left the group commits in the name of that membership, which is refused.
    pub(crate) fn commit_epoch(&self) -> i32 {
        if self.state == State::Unsubscribed {
            self.left_epoch
        } else {
            self.epoch()
        }
    }

    /// Whether it was a member, or meant to be, at any time.
    pub(crate) fn was_subscribed(&self) -> bool {
        !self.member_id.is_empty()
    }

    /// When [`Input::Timeout`] is due.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        if self.poll_exceeded || self.is_fatal || self.in_flight.is_some() {
            return None;
        }
        match self.state {
            State::Unjoined => self.join_not_before,
            _ => self.is_member().then_some(self.beat_at),
        }
    }

    /// Takes one input.
    pub(crate) fn handle(&mut self, input: Input, now: Moment) {
        match (self.state, input) {
            (state, Input::SubscribeTo(topics, id)) => self.subscribe(state, topics, id, now),
            (state, Input::Unsubscribe) => self.unsubscribe(state, now),

            (_, Input::PollExceeded) => self.exceed_poll_interval(now),
            (_, Input::Polled) => {
                self.poll_exceeded = false;
                self.join_when_possible(now);
            }

            (State::Leaving, Input::Left(attempt)) if attempt == self.attempt => self.left(now),
            (_, Input::Beat(attempt, answer)) if attempt == self.attempt => {
                if let Some(told) = self.in_flight.take() {
                    self.answered(told, answer, now);
                }
            }
            (_, Input::Names(names)) => {
                self.names.extend(names);
                self.reconcile(now);
            }

            (State::AwaitAssign, Input::Assigned | Input::Unassigned) => self.settled(now),
            (State::AwaitUnassign(next), Input::Unassigned | Input::Assigned) => {
                self.state = State::Unassigning(next);
            }
            // From now on it consumes on its own account.
            (State::Unsubscribed, Input::Assigned) => self.left_epoch = -1,
            (State::Unassigning(Next::Take), Input::UnassignDone) => self.take(now),
            (State::Unassigning(next), Input::UnassignDone) => self.unassigned(next, now),

            (_, Input::CommitFailed(code)) => self.commit_failed(code, now),

            (State::Unjoined, Input::Timeout) => self.join_when_possible(now),
            (_, Input::Timeout) if self.is_member() && now >= self.beat_at => self.beat(now),
            _ => {}
        }
    }

    // ---- subscription ----

    fn subscribe(&mut self, state: State, topics: Topics, id: StrBytes, now: Moment) {
        if self.member_id.is_empty() {
            self.member_id = id;
        }
        self.wanted = Some(topics);
        self.to_tell.subscription = true;
        match state {
            State::Unsubscribed => {
                self.state = State::Unjoined;
                self.join_when_possible(now);
            }
            State::Unjoined => self.join_when_possible(now),
            // It leaves first, and then joins for this.
            State::Leaving | State::AwaitUnassign(_) | State::Unassigning(_) => {}
            _ => self.beat(now),
        }
    }

    fn unsubscribe(&mut self, state: State, now: Moment) {
        self.wanted = None;
        match state {
            State::Unsubscribed => self.actions.push_back(Action::OutOfGroup),
            State::Leaving => {}
            _ => self.give_back(Next::Leave, false, now),
        }
    }

    // ---- giving back and leaving ----

    fn exceed_poll_interval(&mut self, now: Moment) {
        if matches!(self.state, State::Unsubscribed | State::Leaving) {
            return;
        }
        self.poll_exceeded = true;
        // Left before the rebalance callback runs: the application that would run it is the one that hangs.
        if self.is_known {
            let request = self.leave_request();
            let nobodys = self.attempt.wrapping_sub(1);
            self.actions.push_back(Action::LeaveBeat(nobodys, request));
        }
        self.forget_membership();
        self.give_back(Next::Rejoin, true, now);
    }

    /// Everything back, then `next`.
    fn give_back(&mut self, next: Next, lost: bool, now: Moment) {
        match self.state {
            State::Unsubscribed | State::Leaving => {}
            // The application is busy with a part: it answers that first.
            State::AwaitAssign
            | State::AwaitUnassign(Next::Take)
            | State::Unassigning(Next::Take) => {
                let (earlier, was_lost) = self.pending.unwrap_or((next, lost));
                self.pending = Some((earlier.and(next), was_lost || lost));
            }
            State::AwaitUnassign(earlier) => self.state = State::AwaitUnassign(earlier.and(next)),
            State::Unassigning(earlier) => self.state = State::Unassigning(earlier.and(next)),
            _ if !self.owned.is_empty() => {
                self.state = State::AwaitUnassign(next);
                let partitions = self.named(&self.owned);
                self.actions.push_back(Action::Revoke { partitions, lost });
            }
            _ => self.unassigned(next, now),
        }
    }

    /// Nothing is assigned any more.
    fn unassigned(&mut self, next: Next, now: Moment) {
        self.owned.clear();
        self.target = None;
        if next == Next::Leave {
            return self.leave(now);
        }
        self.state = State::Unjoined;
        self.join_when_possible(now);
    }

    fn leave(&mut self, now: Moment) {
        self.attempt = self.attempt.wrapping_add(1);
        self.pending = None;
        self.state = State::Leaving;
        if !self.is_known {
            return self.left(now);
        }
        let request = self.leave_request();
        let action = Action::LeaveBeat(self.attempt, request);
        self.actions.push_back(action);
    }

    fn leave_request(&self) -> ConsumerGroupHeartbeatRequest {
        let is_static = self.conf.instance_id.is_some();
        ConsumerGroupHeartbeatRequest {
            group_id: self.conf.group_id.clone(),
            member_id: self.member_id.clone(),
            member_epoch: if is_static {
                EPOCH_LEAVE_STATIC
            } else {
                EPOCH_LEAVE
            },
            instance_id: self.conf.instance_id.clone(),
            ..Default::default()
        }
    }

    fn left(&mut self, now: Moment) {
        self.left_epoch = self.epoch();
        self.forget_membership();
        self.state = State::Unsubscribed;
        self.actions.push_back(Action::OutOfGroup);
        if self.wanted.is_some() {
            self.state = State::Unjoined;
            self.join_when_possible(now);
        }
    }

    fn forget_membership(&mut self) {
        self.epoch = EPOCH_JOIN;
        self.is_known = false;
        self.in_flight = None;
        self.to_tell = Told::default();
        self.target = None;
        self.failures = 0;
        self.attempt = self.attempt.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests;
