//! Heartbeat and LeaveGroup: staying and going.
//!
//! Versions of LeaveGroup: 0-2 name one member and answer its error at the top; from 3 on many members, by member id or
//! by instance id, with an answer each.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::leave_group::{
    LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse,
};
use rdkafka_wire::types::StrBytes;

use super::Turn;
use super::classic::{Group, State};
use crate::request::Now;

const SINGLE_MEMBER_UP_TO: i16 = 2;

/// Who wants to leave, in any version.
pub(super) fn leaving(request: &LeaveGroupRequest, version: i16) -> Vec<MemberIdentity> {
    if version <= SINGLE_MEMBER_UP_TO {
        vec![MemberIdentity {
            member_id: request.member_id.clone(),
            ..MemberIdentity::default()
        }]
    } else {
        request.members.clone()
    }
}

/// The answer when the group itself cannot be asked.
pub(super) fn refusal(code: ErrorCode) -> LeaveGroupResponse {
    LeaveGroupResponse {
        error_code: code.code(),
        ..LeaveGroupResponse::default()
    }
}

/// The answer from each member's outcome; `None` when there is no such group, so there are no such members.
pub(super) fn response(
    leaving: &[MemberIdentity],
    left: Option<Vec<ErrorCode>>,
    version: i16,
) -> LeaveGroupResponse {
    let left = left.unwrap_or_else(|| vec![ErrorCode::UNKNOWN_MEMBER_ID; leaving.len()]);
    if version <= SINGLE_MEMBER_UP_TO {
        return refusal(left.first().copied().unwrap_or(ErrorCode::NONE));
    }
    let members = leaving
        .iter()
        .zip(left)
        .map(|(member, code)| MemberResponse {
            member_id: member.member_id.clone(),
            group_instance_id: member.group_instance_id.clone(),
            error_code: code.code(),
        });
    LeaveGroupResponse {
        members: members.collect(),
        ..LeaveGroupResponse::default()
    }
}

impl Group {
    pub(super) fn leave(
        &mut self,
        leaving: &[MemberIdentity],
        turn: &mut Turn<'_>,
    ) -> Vec<ErrorCode> {
        let mut outcomes = Vec::with_capacity(leaving.len());
        let mut gone = Vec::new();
        for member in leaving {
            match self.resolve_leaving(member) {
                Ok(member_id) => {
                    gone.push(member_id);
                    outcomes.push(ErrorCode::NONE);
                }
                Err(code) => outcomes.push(code),
            }
        }
        self.remove_members(&gone, ErrorCode::UNKNOWN_MEMBER_ID, turn);
        outcomes
    }

    /// The member id behind an identity. A static member may be named by its instance id alone, as admin tools do.
    fn resolve_leaving(&self, identity: &MemberIdentity) -> Result<StrBytes, ErrorCode> {
        let member_id = &identity.member_id;
        match &identity.group_instance_id {
            None if self.pending.contains_key(member_id) => Ok(member_id.clone()),
            Some(instance_id) if member_id.is_empty() => self
                .instances
                .get(instance_id)
                .cloned()
                .ok_or(ErrorCode::UNKNOWN_MEMBER_ID),
            instance_id => self
                .check_member(member_id, instance_id.as_deref())
                .map(|()| member_id.clone()),
        }
    }

    pub(super) fn heartbeat(&mut self, request: &HeartbeatRequest, now: Now) -> ErrorCode {
        if let Err(code) = self.check_heartbeat(request) {
            return code;
        }
        if let Some(member) = self.members.get_mut(&request.member_id) {
            member.touch(now.mono);
        }
        match self.state {
            State::Empty => ErrorCode::UNKNOWN_MEMBER_ID,
            State::PreparingRebalance => ErrorCode::REBALANCE_IN_PROGRESS,
            // Between its JoinGroup and its SyncGroup a member is alive like any other.
            State::CompletingRebalance | State::Stable => ErrorCode::NONE,
        }
    }

    fn check_heartbeat(&self, request: &HeartbeatRequest) -> Result<(), ErrorCode> {
        self.check_member(&request.member_id, request.group_instance_id.as_deref())?;
        self.check_generation(request.generation_id)
    }
}
