//! Staying in the group: heartbeats, the session, the poll interval, refused commits. Part of [`Classic`].

use super::*;

impl Classic {
    pub(super) fn can_heartbeat(&self) -> bool {
        !self.heartbeat_in_flight && !self.member_id.is_empty() && self.generation >= 0
    }

    pub(super) fn keep_session(&mut self, now: Moment) {
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

    pub(super) fn heartbeat_answered(
        &mut self,
        state: State,
        answer: Result<(), ErrorCode>,
        now: Moment,
    ) {
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
    pub(super) fn extend_session(&mut self, now: Moment) {
        if self.session_expires.is_some() {
            self.session_expires = Some(now + self.conf.session_timeout);
        }
    }

    pub(super) fn commit_failed(&mut self, code: ErrorCode, now: Moment) {
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

    pub(super) fn exceed_poll_interval(&mut self, now: Moment) {
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
}
