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

    // ---- heartbeats ----

    fn is_member(&self) -> bool {
        self.epoch > EPOCH_JOIN && !matches!(self.state, State::Unsubscribed | State::Leaving)
    }

    fn join_when_possible(&mut self, now: Moment) {
        if self.state != State::Unjoined || self.poll_exceeded || self.is_fatal {
            return;
        }
        if self.wanted.is_none() || self.join_not_before.is_some_and(|at| now < at) {
            return;
        }
        self.join_not_before = None;
        self.state = State::Joining;
        self.attempt = self.attempt.wrapping_add(1);
        self.in_flight = None;
        self.is_known = true;
        self.send(now);
    }

    /// A heartbeat now, or right after the one in flight.
    fn beat(&mut self, now: Moment) {
        self.beat_at = now;
        if self.in_flight.is_none() && self.is_member() && !self.poll_exceeded {
            self.send(now);
        }
    }

    fn send(&mut self, now: Moment) {
        let joins = self.epoch == EPOCH_JOIN;
        let told = Told {
            all: self.to_tell.all || joins,
            ..std::mem::take(&mut self.to_tell)
        };
        self.beat_at = now + self.interval;
        let mut request = ConsumerGroupHeartbeatRequest {
            group_id: self.conf.group_id.clone(),
            member_id: self.member_id.clone(),
            member_epoch: self.epoch,
            ..Default::default()
        };
        if told.all {
            request.instance_id = self.conf.instance_id.clone();
            request.rack_id = self.conf.rack.clone();
            request.rebalance_timeout_ms =
                i32::try_from(self.conf.rebalance_timeout.as_millis()).unwrap_or(i32::MAX);
            request.server_assignor = self.conf.remote_assignor.clone();
        }
        if told.all || told.subscription {
            let wanted = self.wanted.clone().unwrap_or_default();
            request.subscribed_topic_names = Some(wanted.names);
            request.subscribed_topic_regex = Some(wanted.regex);
        }
        if told.all || told.owned {
            request.topic_partitions = Some(listed(&self.owned));
        }
        self.in_flight = Some(told);
        self.actions.push_back(Action::Beat(self.attempt, request));
    }

    fn answered(
        &mut self,
        told: Told,
        answer: Result<ConsumerGroupHeartbeatResponse, ErrorCode>,
        now: Moment,
    ) {
        let (code, message) = match answer {
            Ok(response) if response.error_code == ErrorCode::NONE.0 => {
                return self.accepted(response, now);
            }
            Ok(response) => (ErrorCode(response.error_code), response.error_message),
            Err(code) => (code, None),
        };
        // It has not been heard.
        self.to_tell.subscription |= told.subscription;
        self.to_tell.owned |= told.owned;
        self.to_tell.all |= told.all && self.epoch > EPOCH_JOIN;
        self.refused(code, message, now);
    }

    fn accepted(&mut self, response: ConsumerGroupHeartbeatResponse, now: Moment) {
        if let Some(id) = response.member_id.filter(|id| !id.is_empty()) {
            self.member_id = id.copy_out_of_frame();
        }
        self.epoch = response.member_epoch;
        self.failures = 0;
        if let Ok(ms @ 1..) = u64::try_from(response.heartbeat_interval_ms) {
            self.interval = Duration::from_millis(ms);
        }
        if self.state == State::Joining {
            self.state = State::Steady;
        }
        if let Some(assignment) = response.assignment {
            let target = assignment.topic_partitions.into_iter();
            let target = target.map(|topic| (topic.topic_id, topic.partitions));
            let target = sorted(target);
            self.target = (target != self.owned).then_some(target);
        }
        self.has_asked_names = false;
        if self.to_tell == Told::default() {
            self.beat_at = now + self.interval;
        } else {
            self.beat(now);
        }
        self.reconcile(now);
    }

    fn refused(&mut self, code: ErrorCode, message: Option<StrBytes>, now: Moment) {
        match code {
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_MEMBER_EPOCH => {
                self.forget_membership();
                self.give_back(Next::Rejoin, true, now);
            }
            ErrorCode::COORDINATOR_LOAD_IN_PROGRESS => self.try_again(self.backoff(), now),
            code if is_coordinator_lost(code) => {
                self.to_tell.all |= self.epoch > EPOCH_JOIN;
                self.actions.push_back(Action::FindCoordinator(code));
                self.try_again(self.backoff(), now);
            }
            code if code.is_retriable() => self.try_again(self.backoff(), now),
            ErrorCode::TOPIC_AUTHORIZATION_FAILED => {
                let story = message.map(|story| format!(": {story}"));
                let story = story.unwrap_or_default();
                let text = format!("ConsumerGroupHeartbeat failed: {}{story}", code.text());
                self.actions.push_back(Action::Error(code, text));
                self.try_again(self.interval.max(PERMANENT_ERROR_BACKOFF), now);
            }
            code => {
                let text = format!("ConsumerGroupHeartbeat fatal error: {}", code.text());
                self.is_fatal = true;
                self.forget_membership();
                self.actions.push_back(Action::Fatal(code, text));
                self.give_back(Next::Rejoin, true, now);
            }
        }
    }

    fn backoff(&self) -> Duration {
        let times = 1_u32 << self.failures.min(8);
        self.conf
            .retry_backoff
            .saturating_mul(times)
            .min(BACKOFF_MAX)
    }

    fn try_again(&mut self, pause: Duration, now: Moment) {
        self.failures = self.failures.saturating_add(1);
        if self.epoch > EPOCH_JOIN {
            self.beat_at = now + pause;
        } else if self.state == State::Joining {
            self.state = State::Unjoined;
            self.join_not_before = Some(now + pause);
        }
    }

    fn commit_failed(&mut self, code: ErrorCode, now: Moment) {
        match code {
            // The next answer tells the epoch, or that this member is none any more.
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::STALE_MEMBER_EPOCH => self.beat(now),
            code if is_coordinator_lost(code) => {
                self.actions.push_back(Action::FindCoordinator(code));
            }
            _ => {}
        }
    }

    // ---- reconciling ----

    /// Begins to make what is owned what it should be, unless something is under way or not acknowledged.
    fn reconcile(&mut self, now: Moment) {
        let is_free = self.state == State::Steady && !self.to_tell.owned;
        if !is_free || self.in_flight.is_some_and(|told| told.owned) {
            return;
        }
        let Some(target) = &self.target else { return };
        let unknown = |id: &&Uuid| !self.names.contains_key(*id);
        let missing: Vec<Uuid> = target.keys().filter(unknown).copied().collect();
        if !missing.is_empty() && !self.has_asked_names {
            self.has_asked_names = true;
            return self.actions.push_back(Action::NeedNames(missing));
        }
        // What has no name (yet) waits; the next heartbeat asks again.
        let mut reachable = target.clone();
        reachable.retain(|id, _| self.names.contains_key(id));
        if missing.is_empty() {
            self.target = None;
        }
        self.giving = without(&self.owned, &reachable);
        self.taking = without(&reachable, &self.owned);
        if !self.giving.is_empty() {
            self.state = State::AwaitUnassign(Next::Take);
            let partitions = self.named(&self.giving);
            let lost = false;
            self.actions.push_back(Action::Revoke { partitions, lost });
        } else if !self.taking.is_empty() {
            self.offer();
        } else if missing.is_empty() {
            self.to_tell.owned = true;
            self.beat(now);
        }
    }

    fn offer(&mut self) {
        self.state = State::AwaitAssign;
        let taken = self.named(&self.taking);
        self.actions.push_back(Action::Assign(taken));
    }

    /// What had to go was given back.
    fn take(&mut self, now: Moment) {
        let given = std::mem::take(&mut self.giving);
        self.owned = without(&self.owned, &given);
        match self.pending.take() {
            Some((next, lost)) => {
                self.taking.clear();
                self.state = State::Steady;
                self.give_back(next, lost, now);
            }
            None => self.offer(),
        }
    }

    /// The application took what it was offered (or declined): the coordinator is told.
    fn settled(&mut self, now: Moment) {
        self.state = State::Steady;
        for (id, mut partitions) in std::mem::take(&mut self.taking) {
            let owned = self.owned.entry(id).or_default();
            owned.append(&mut partitions);
            owned.sort_unstable();
        }
        if let Some((next, lost)) = self.pending.take() {
            return self.give_back(next, lost, now);
        }
        self.to_tell.owned = true;
        self.beat(now);
    }

    fn named(&self, owned: &Owned) -> Assignment {
        let names = owned.iter().filter_map(|(id, partitions)| {
            let name = self.names.get(id)?;
            Some((name.clone(), partitions.clone()))
        });
        names.collect()
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

fn listed(owned: &Owned) -> Vec<TopicPartitions> {
    let topics = owned.iter().map(|(id, partitions)| TopicPartitions {
        topic_id: *id,
        partitions: partitions.clone(),
    });
    topics.collect()
}

fn sorted(topics: impl Iterator<Item = (Uuid, Vec<i32>)>) -> Owned {
    let mut owned = Owned::new();
    for (id, mut partitions) in topics {
        owned.entry(id).or_default().append(&mut partitions);
    }
    for partitions in owned.values_mut() {
        partitions.sort_unstable();
        partitions.dedup();
    }
    owned.retain(|_, partitions| !partitions.is_empty());
    owned
}

/// What is in `some` and not in `others`.
fn without(some: &Owned, others: &Owned) -> Owned {
    let mut rest = some.clone();
    rest.retain(|id, partitions| {
        let others = others.get(id).map_or(&[][..], Vec::as_slice);
        partitions.retain(|partition| !others.contains(partition));
        !partitions.is_empty()
    });
    rest
}

#[cfg(test)]
mod tests;
