//! Coming into a generation: JoinGroup, SyncGroup, and what the application then gets. Part of [`Classic`].

use super::*;
use crate::consumer::group::member_io::without;

impl Classic {
    pub(super) fn join_when_possible(&mut self, now: Moment) {
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

    pub(super) fn joined(&mut self, response: JoinGroupResponse, now: Moment) {
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

    pub(super) fn join_failed(&mut self, code: ErrorCode, now: Moment) {
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
    pub(super) fn lead(&mut self, topics: &[Topic]) {
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

    pub(super) fn sync(&mut self, assignments: Vec<SyncGroupRequestAssignment>) {
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

    pub(super) fn synced(&mut self, assignment: Assignment, now: Moment) {
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
    pub(super) fn offer_taken(&mut self) {
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
    pub(super) fn take(&mut self, now: Moment) {
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
    pub(super) fn rejoin(&mut self, now: Moment) {
        self.state = State::Unjoined;
        self.join_when_possible(now);
    }

    /// Cooperative: what was kept while joining is not ours any more.
    pub(super) fn lose_owned(&mut self, now: Moment) {
        if !self.assignment.is_empty() {
            self.give_back(Next::Rejoin, true, now);
        }
    }

    /// The application took what it was offered (or declined): what had to wait for that comes now.
    pub(super) fn settled(&mut self, now: Moment) {
        self.state = State::Steady;
        if let Some((next, lost)) = self.pending.take() {
            self.give_back(next, lost, now);
        }
    }

    pub(super) fn sync_failed(&mut self, code: ErrorCode, now: Moment) {
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
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
