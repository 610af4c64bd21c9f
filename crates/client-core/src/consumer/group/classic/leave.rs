//! Giving back what is owned, other subscriptions, leaving, and what is forgotten then. Part of [`Classic`].

use super::*;

impl Classic {
    /// Starts a rebalance from our side: everything back, then `next`.
    pub(super) fn give_back(&mut self, next: Next, lost: bool, now: Moment) {
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
    pub(super) fn unassigned(&mut self, next: Next, now: Moment) {
        self.assignment.clear();
        match next {
            Next::Rejoin | Next::Take => self.rejoin(now),
            Next::Leave => self.leave(now),
        }
    }

    pub(super) fn resubscribe(&mut self, topics: Vec<StrBytes>, now: Moment) {
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

    pub(super) fn unsubscribe(&mut self, state: State, now: Moment) {
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

    pub(super) fn leave(&mut self, now: Moment) {
        self.attempt = self.attempt.wrapping_add(1);
        self.pending = None;
        self.state = State::Leaving;
        if self.member_id.is_empty() {
            return self.left(now);
        }
        let request = self.leave_request(self.member_id.clone());
        self.actions.push_back(Action::Leave(self.attempt, request));
    }

    pub(super) fn left(&mut self, now: Moment) {
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
    pub(super) fn disown(&mut self, member_id: StrBytes) {
        if !member_id.is_empty() {
            let request = self.leave_request(member_id);
            self.actions
                .push_back(Action::Leave(self.attempt.wrapping_sub(1), request));
        }
    }

    pub(super) fn leave_request(&self, member_id: StrBytes) -> LeaveGroupRequest {
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

    pub(super) fn forget_member(&mut self) {
        self.member_id = StrBytes::default();
        self.generation = -1;
        self.owned_generation = -1;
        self.heartbeat_in_flight = false;
    }

    pub(super) fn fenced(&mut self, code: ErrorCode) {
        self.forget_member();
        self.poll_exceeded = true; // never joins again: the instance id belongs to another member now
        let text = format!("Fatal consumer error: {}", code.text());
        self.actions.push_back(Action::Fatal(code, text));
    }

    pub(super) fn lose_coordinator(&mut self, code: ErrorCode) {
        self.actions.push_back(Action::FindCoordinator(code));
    }
}
