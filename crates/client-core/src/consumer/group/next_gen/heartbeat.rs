//! When a heartbeat goes out, what it says, and what its answer means. Part of [`NextGen`].

use super::reconcile::sorted;
use super::*;

impl NextGen {
    pub(super) fn is_member(&self) -> bool {
        self.epoch > EPOCH_JOIN && !matches!(self.state, State::Unsubscribed | State::Leaving)
    }

    pub(super) fn join_when_possible(&mut self, now: Moment) {
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
    pub(super) fn beat(&mut self, now: Moment) {
        self.beat_at = now;
        if self.in_flight.is_none() && self.is_member() && !self.poll_exceeded {
            self.send(now);
        }
    }

    pub(super) fn send(&mut self, now: Moment) {
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

    pub(super) fn answered(
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

    pub(super) fn accepted(&mut self, response: ConsumerGroupHeartbeatResponse, now: Moment) {
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

    pub(super) fn refused(&mut self, code: ErrorCode, message: Option<StrBytes>, now: Moment) {
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

    pub(super) fn backoff(&self) -> Duration {
        let times = 1_u32 << self.failures.min(8);
        self.conf
            .retry_backoff
            .saturating_mul(times)
            .min(BACKOFF_MAX)
    }

    pub(super) fn try_again(&mut self, pause: Duration, now: Moment) {
        self.failures = self.failures.saturating_add(1);
        if self.epoch > EPOCH_JOIN {
            self.beat_at = now + pause;
        } else if self.state == State::Joining {
            self.state = State::Unjoined;
            self.join_not_before = Some(now + pause);
        }
    }

    pub(super) fn commit_failed(&mut self, code: ErrorCode, now: Moment) {
        match code {
            // The next answer tells the epoch, or that this member is none any more.
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::STALE_MEMBER_EPOCH => self.beat(now),
            code if is_coordinator_lost(code) => {
                self.actions.push_back(Action::FindCoordinator(code));
            }
            _ => {}
        }
    }
}

fn listed(owned: &Owned) -> Vec<TopicPartitions> {
    let topics = owned.iter().map(|(id, partitions)| TopicPartitions {
        topic_id: *id,
        partitions: partitions.clone(),
    });
    topics.collect()
}
