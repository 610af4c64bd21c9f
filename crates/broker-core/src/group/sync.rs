//! SyncGroup: the leader brings the assignment, everybody fetches their part.

use std::collections::BTreeMap;

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use rdkafka_wire::types::StrBytes;

use super::Turn;
use super::classic::{Group, State};
use crate::request::Ticket;

/// The answer to a SyncGroup that gets no assignment.
pub(super) fn refusal(code: ErrorCode) -> SyncGroupResponse {
    SyncGroupResponse {
        error_code: code.code(),
        ..SyncGroupResponse::default()
    }
}

impl Group {
    pub(super) fn sync(&mut self, request: SyncGroupRequest, ticket: Ticket, turn: &mut Turn<'_>) {
        if let Err(code) = self.check_sync(&request) {
            turn.reply(ticket, refusal(code));
            return;
        }
        match self.state {
            State::Empty => turn.reply(ticket, refusal(ErrorCode::UNKNOWN_MEMBER_ID)),
            State::PreparingRebalance => {
                turn.reply(ticket, refusal(ErrorCode::REBALANCE_IN_PROGRESS))
            }
            State::CompletingRebalance => self.sync_while_completing(request, ticket, turn),
            State::Stable => {
                let answer = self.assignment_of(&request.member_id, turn);
                turn.reply(ticket, answer);
            }
        }
        self.stop_waiting_for_sync();
    }

    fn check_sync(&self, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        self.check_member(&request.member_id, request.group_instance_id.as_deref())?;
        self.check_generation(request.generation_id)?;
        let differs =
            |theirs: &Option<StrBytes>, ours: &Option<StrBytes>| theirs.is_some() && theirs != ours;
        if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol_name, &self.protocol)
        {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        Ok(())
    }

    fn sync_while_completing(
        &mut self,
        request: SyncGroupRequest,
        ticket: Ticket,
        turn: &mut Turn<'_>,
    ) {
        let Some(member) = self.members.get_mut(&request.member_id) else {
            return;
        };
        member.owes_sync = false;
        if let Some(superseded) = member.syncing.replace(ticket) {
            turn.reply(superseded, refusal(ErrorCode::REBALANCE_IN_PROGRESS));
        }
        if !self.is_leader(&request.member_id) {
            return;
        }
        // Assignments are kept as long as the generation; their frame must not be.
        let given = request
            .assignments
            .into_iter()
            .map(|it| (it.member_id, Bytes::copy_from_slice(&it.assignment)));
        let given: BTreeMap<StrBytes, Bytes> = given.collect();
        match self.persist_snapshot(self.snapshot(&given), turn) {
            Ok(()) => self.hand_out(given, turn),
            Err(code) => {
                self.refuse_syncing(code, turn);
                self.prepare_rebalance(turn);
            }
        }
    }

    /// The assignment is durable: the group is stable, and everybody who waits gets their part.
    fn hand_out(&mut self, mut assignments: BTreeMap<StrBytes, Bytes>, turn: &mut Turn<'_>) {
        self.transition(State::Stable, turn.now);
        let mut waiting = Vec::new();
        for member in self.members.values_mut() {
            member.assignment = assignments.remove(&member.id).unwrap_or_default();
            waiting.extend(
                member
                    .syncing
                    .take()
                    .map(|ticket| (ticket, member.id.clone())),
            );
        }
        for (ticket, member_id) in waiting {
            let answer = self.assignment_of(&member_id, turn);
            turn.reply(ticket, answer);
        }
    }

    fn assignment_of(&mut self, member_id: &str, turn: &Turn<'_>) -> SyncGroupResponse {
        let Some(member) = self.members.get_mut(member_id) else {
            return refusal(ErrorCode::UNKNOWN_MEMBER_ID);
        };
        member.owes_sync = false;
        member.touch(turn.now.mono);
        SyncGroupResponse {
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            assignment: member.assignment.clone(),
            ..SyncGroupResponse::default()
        }
    }

    fn stop_waiting_for_sync(&mut self) {
        if self.members.values().all(|member| !member.owes_sync) {
            self.sync_deadline = None;
        }
    }
}
