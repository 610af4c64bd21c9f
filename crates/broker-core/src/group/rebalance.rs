//! The rebalance itself: gathering members, fixing a generation, and what time does to a group.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::Turn;
use super::classic::{Gathering, Group, InitialDelay, State};
use super::{join, sync};
use crate::request::ConnectionId;

impl Group {
    /// Something changed that needs a new generation. Goes on as far as possible at once.
    pub(super) fn prepare_rebalance(&mut self, turn: &mut Turn<'_>) {
        if self.state == State::CompletingRebalance {
            self.refuse_syncing(ErrorCode::REBALANCE_IN_PROGRESS, turn);
        }
        if self.state != State::PreparingRebalance {
            self.gathering = Some(self.new_gathering(turn));
            self.sync_deadline = None;
            self.transition(State::PreparingRebalance, turn.now);
        }
        self.try_complete_join(turn);
    }

    fn new_gathering(&self, turn: &Turn<'_>) -> Gathering {
        let timeout = self.rebalance_timeout();
        let delay = turn.config.initial_rebalance_delay;
        if self.state == State::Empty && !delay.is_zero() {
            let first = delay.min(timeout);
            let remaining = timeout - first;
            let initial = Some(InitialDelay {
                remaining,
                new_member_added: false,
            });
            return Gathering {
                deadline: turn.now.mono + first,
                initial,
            };
        }
        Gathering {
            deadline: turn.now.mono + timeout,
            initial: None,
        }
    }

    /// Ends the gathering when there is nobody left to wait for.
    pub(super) fn try_complete_join(&mut self, turn: &mut Turn<'_>) {
        let is_gathering = self.gathering.is_some_and(|it| it.initial.is_none());
        if self.state == State::PreparingRebalance && is_gathering && self.has_everybody_joined() {
            self.complete_join(turn);
        }
    }

    /// The gathering is over: who has joined forms the next generation.
    fn complete_join(&mut self, turn: &mut Turn<'_>) {
        let absent: Vec<StrBytes> = self
            .members
            .values()
            .filter(|member| member.joining.is_none() && member.instance_id.is_none())
            .map(|member| member.id.clone())
            .collect();
        for member_id in absent {
            self.take_member(&member_id);
        }
        if !self.members.is_empty() && !self.elect_leader() {
            // Only static members are left and none of them came: their sessions decide.
            let deadline = turn.now.mono + self.rebalance_timeout().max(MIN_GATHERING);
            self.gathering = Some(Gathering {
                deadline,
                initial: None,
            });
            return;
        }
        self.gathering = None;
        self.generation = self.generation.checked_add(1).unwrap_or(1);
        if self.members.is_empty() {
            self.become_empty(turn);
        } else {
            self.begin_generation(turn);
        }
    }

    /// Keeps a leader that has joined, or makes the first member that has joined the leader.
    fn elect_leader(&mut self) -> bool {
        let leads = |id: &StrBytes| self.members.get(id).is_some_and(|it| it.joining.is_some());
        if self.leader.as_ref().is_some_and(leads) {
            return true;
        }
        let Some(next) = self
            .members
            .values()
            .find(|member| member.joining.is_some())
        else {
            return false;
        };
        self.leader = Some(next.id.clone());
        true
    }

    fn become_empty(&mut self, turn: &mut Turn<'_>) {
        self.protocol = None;
        self.leader = None;
        self.transition(State::Empty, turn.now);
        if let Err(code) = self.persist_snapshot(self.snapshot(&BTreeMap::new()), turn) {
            // Not written: after a restart the last generation would be alive again, for one session timeout.
            tracing::warn!(group = %self.id, error = %code.name(), "an empty group could not be recorded");
        }
    }

    fn begin_generation(&mut self, turn: &mut Turn<'_>) {
        self.protocol = self.choose_protocol();
        self.transition(State::CompletingRebalance, turn.now);
        self.sync_deadline = Some(turn.now.mono + self.rebalance_timeout());
        let members: Vec<StrBytes> = self.members.keys().cloned().collect();
        for member_id in members {
            let answer = self.join_answer(&member_id);
            let Some(member) = self.members.get_mut(&member_id) else {
                continue;
            };
            member.is_new = false;
            member.owes_sync = true;
            member.assignment = Bytes::new();
            member.touch(turn.now.mono);
            if let Some(ticket) = member.joining.take() {
                turn.reply(ticket, answer);
            }
        }
        tracing::debug!(
            group = %self.id, generation = self.generation, members = self.members.len(), "generation begins"
        );
    }

    /// Everybody who waits for the leader is told why it will not come.
    pub(super) fn refuse_syncing(&mut self, code: ErrorCode, turn: &mut Turn<'_>) {
        for member in self.members.values_mut() {
            member.assignment = Bytes::new();
            if let Some(ticket) = member.syncing.take() {
                member.touch(turn.now.mono);
                turn.reply(ticket, sync::refusal(code));
            }
        }
    }

    /// Takes members out, answers what they wait for, and rebalances the rest.
    pub(super) fn remove_members(
        &mut self,
        members: &[StrBytes],
        code: ErrorCode,
        turn: &mut Turn<'_>,
    ) {
        let mut was_member = false;
        for member_id in members {
            self.pending.remove(member_id);
            let Some(member) = self.take_member(member_id) else {
                continue;
            };
            was_member = true;
            if let Some(ticket) = member.joining {
                turn.reply(
                    ticket,
                    join::refusal(code, member_id.clone(), ticket.version),
                );
            }
            if let Some(ticket) = member.syncing {
                turn.reply(ticket, sync::refusal(code));
            }
        }
        match self.state {
            State::Stable | State::CompletingRebalance if was_member => {
                self.prepare_rebalance(turn)
            }
            State::PreparingRebalance => self.try_complete_join(turn),
            State::Empty | State::Stable | State::CompletingRebalance => {}
        }
    }

    /// Time has passed.
    pub(super) fn expire(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now.mono;
        let silent = self
            .members
            .values()
            .filter(|it| it.expires_at().is_some_and(|at| at <= now));
        let abandoned = self
            .pending
            .iter()
            .filter(|(_, pending)| pending.deadline <= now);
        let gone: Vec<StrBytes> = silent
            .map(|it| it.id.clone())
            .chain(abandoned.map(|(id, _)| id.clone()))
            .collect();
        if !gone.is_empty() {
            tracing::info!(group = %self.id, members = gone.len(), "session timeout");
            self.remove_members(&gone, ErrorCode::UNKNOWN_MEMBER_ID, turn);
        }
        if self.sync_deadline.is_some_and(|deadline| deadline <= now) {
            self.expire_sync(turn);
        }
        if let Some(gathering) = self.gathering
            && gathering.deadline <= now
        {
            self.expire_gathering(gathering, turn);
        }
    }

    /// Members that joined but never asked for their assignment are out.
    fn expire_sync(&mut self, turn: &mut Turn<'_>) {
        self.sync_deadline = None;
        let owing: Vec<StrBytes> = self
            .members
            .values()
            .filter(|it| it.owes_sync)
            .map(|it| it.id.clone())
            .collect();
        self.remove_members(&owing, ErrorCode::UNKNOWN_MEMBER_ID, turn);
    }

    fn expire_gathering(&mut self, gathering: Gathering, turn: &mut Turn<'_>) {
        match gathering.initial {
            Some(initial) if initial.new_member_added && !initial.remaining.is_zero() => {
                let delay = turn.config.initial_rebalance_delay.min(initial.remaining);
                let initial = InitialDelay {
                    remaining: initial.remaining - delay,
                    new_member_added: false,
                };
                self.gathering = Some(Gathering {
                    deadline: turn.now.mono + delay,
                    initial: Some(initial),
                });
            }
            _ => self.complete_join(turn),
        }
    }

    /// A client is gone. A member that never completed a join cannot come back (its client does not know its id, or
    /// starts over), so nobody needs to wait for it.
    pub(super) fn disconnected(&mut self, connection: ConnectionId, turn: &mut Turn<'_>) {
        let new = self
            .members
            .values()
            .filter(|it| it.is_new && it.instance_id.is_none() && it.waits_on(connection));
        let pending = self
            .pending
            .iter()
            .filter(|(_, it)| it.connection == connection);
        let gone: Vec<StrBytes> = new
            .map(|it| it.id.clone())
            .chain(pending.map(|(id, _)| id.clone()))
            .collect();
        if !gone.is_empty() {
            self.remove_members(&gone, ErrorCode::UNKNOWN_MEMBER_ID, turn);
        }
    }
}

/// Keeps a group of absent static members, with a rebalance timeout of 0, from spinning.
const MIN_GATHERING: Duration = Duration::from_millis(100);
