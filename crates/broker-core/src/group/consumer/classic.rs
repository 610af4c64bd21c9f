//! Members that speak the classic protocol in a group of the next generation: JoinGroup, SyncGroup, Heartbeat and
//! LeaveGroup mean for them what one heartbeat means for the others.
//!
//! A generation is the member's epoch. JoinGroup is answered at once, as nobody waits for anybody; there is no leader, the
//! assignment is the broker's. A heartbeat says REBALANCE_IN_PROGRESS whenever joining again would bring the member further.

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_protocol::{
    AssignedTopicPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use rdkafka_wire::messages::leave_group::MemberIdentity;
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use rdkafka_wire::types::StrBytes;

use super::super::classic::Group;
use super::super::member::Caller;
use super::super::offset_delete::CONSUMER;
use super::super::{Turn, join, subscription, sync};
use super::records::MemberValue;
use super::time::{RebalanceTimer, millis};
use super::{ConsumerMember, Draft, MemberState, Partitions, classic_value};
use crate::request::Ticket;

impl Group {
    /// JoinGroup.
    pub(crate) fn join_consumer_group(
        &mut self,
        request: &JoinGroupRequest,
        caller: Caller,
        ticket: Ticket,
        turn: &mut Turn<'_>,
    ) {
        let answer = self.classic_join(request, caller, ticket, turn);
        let answer = answer.unwrap_or_else(|(code, id)| join::refusal(code, id, ticket.version));
        turn.reply(ticket, answer);
    }

    fn classic_join(
        &mut self,
        request: &JoinGroupRequest,
        caller: Caller,
        ticket: Ticket,
        turn: &mut Turn<'_>,
    ) -> Result<JoinGroupResponse, (ErrorCode, StrBytes)> {
        let refuse = |code: ErrorCode| (code, request.member_id.clone());
        let metadata = request.protocols.first().map(|it| &it.metadata);
        let wanted = metadata.and_then(subscription::parse);
        let Some(wanted) = wanted.filter(|_| *request.protocol_type == *CONSUMER) else {
            return Err(refuse(ErrorCode::INCONSISTENT_GROUP_PROTOCOL));
        };
        let mut draft = Draft::of(self.consumer.as_deref());
        let id = self.admit_classic(&mut draft, request, &caller, ticket, turn)?;
        let about = about(request, &wanted, caller);
        let owned = owned(&wanted, turn);
        let after = draft.advance(&id, about, Some(&owned), self.topics_version, turn);
        let replaced = self
            .commit_draft(draft, turn)
            .map_err(|(code, _)| refuse(code))?;
        if let Some(old) = replaced {
            self.timers.remove(&old);
        }
        let session = millis(request.session_timeout_ms);
        // It has one rebalance timeout to ask for its assignment.
        let timer = RebalanceTimer::Start(millis(after.about.rebalance_timeout_ms));
        self.touch_consumer(&id, session, timer, turn);
        Ok(JoinGroupResponse {
            generation_id: after.epoch,
            protocol_type: Some(CONSUMER.into()),
            protocol_name: request.protocols.first().map(|it| it.name.clone()),
            member_id: id,
            ..JoinGroupResponse::default()
        })
    }

    /// The id under which the member joins.
    fn admit_classic(
        &self,
        draft: &mut Draft,
        request: &JoinGroupRequest,
        caller: &Caller,
        ticket: Ticket,
        turn: &mut Turn<'_>,
    ) -> Result<StrBytes, (ErrorCode, StrBytes)> {
        let refuse = |code: ErrorCode| (code, request.member_id.clone());
        if let Some(instance_id) = &request.group_instance_id {
            let current = draft.group.static_member(instance_id).cloned();
            return match current {
                None if request.member_id.is_empty() => Ok(join::new_id(instance_id, turn.rng)),
                None => Err(refuse(ErrorCode::UNKNOWN_MEMBER_ID)),
                Some(current) if request.member_id.is_empty() => {
                    let id = join::new_id(instance_id, turn.rng);
                    draft.rename(&current, &id, |member| member);
                    Ok(id)
                }
                Some(current) if current != request.member_id => {
                    Err(refuse(ErrorCode::FENCED_INSTANCE_ID))
                }
                Some(current) => Ok(current),
            };
        }
        let is_known = draft.group.members.contains_key(&request.member_id);
        if !is_known && draft.group.members.len() >= turn.config.consumer_max_size {
            return Err(refuse(ErrorCode::GROUP_MAX_SIZE_REACHED));
        }
        if request.member_id.is_empty() {
            let id = join::new_id(&caller.client_id, turn.rng);
            if ticket.version >= join::MEMBER_ID_REQUIRED_FROM {
                return Err((ErrorCode::MEMBER_ID_REQUIRED, id));
            }
            return Ok(id);
        }
        Ok(request.member_id.copy_out_of_frame())
    }

    /// SyncGroup.
    pub(crate) fn sync_consumer_group(
        &mut self,
        request: &SyncGroupRequest,
        turn: &mut Turn<'_>,
    ) -> SyncGroupResponse {
        let instance_id = request.group_instance_id.as_deref();
        let found = self.classic_member(&request.member_id, instance_id, request.generation_id);
        let member = match found {
            Ok(member) => member.clone(),
            Err(code) => return sync::refusal(code),
        };
        // One that must give up partitions learns here which it keeps, and joins again when it has.
        let is_behind = self
            .consumer
            .as_ref()
            .is_some_and(|it| it.epoch > member.epoch);
        if is_behind && member.state != MemberState::Revoking {
            return sync::refusal(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        let protocol = member
            .about
            .classic
            .as_ref()
            .and_then(|it| it.protocols.first());
        let answer = SyncGroupResponse {
            protocol_type: Some(CONSUMER.into()),
            protocol_name: protocol.map(|it| it.name.clone()),
            assignment: encoded_assignment(&member, turn),
            ..SyncGroupResponse::default()
        };
        self.touch_classic(&request.member_id, &member, RebalanceTimer::Stop, turn);
        answer
    }

    /// Heartbeat.
    pub(crate) fn heartbeat_consumer_group(
        &mut self,
        request: &HeartbeatRequest,
        turn: &Turn<'_>,
    ) -> ErrorCode {
        let instance_id = request.group_instance_id.as_deref();
        let found = self.classic_member(&request.member_id, instance_id, request.generation_id);
        let member = match found {
            Ok(member) => member.clone(),
            Err(code) => return code,
        };
        if self.must_join_again(&request.member_id, &member) {
            let timeout = millis(member.about.rebalance_timeout_ms);
            self.touch_classic(
                &request.member_id,
                &member,
                RebalanceTimer::Ensure(timeout),
                turn,
            );
            return ErrorCode::REBALANCE_IN_PROGRESS;
        }
        self.touch_classic(&request.member_id, &member, RebalanceTimer::Keep, turn);
        ErrorCode::NONE
    }

    /// LeaveGroup: each identity's outcome. Tools may take out members of either protocol.
    pub(crate) fn leave_consumer_group(
        &mut self,
        leaving: &[MemberIdentity],
        turn: &mut Turn<'_>,
    ) -> Vec<ErrorCode> {
        let mut gone = Vec::new();
        let mut outcomes = Vec::with_capacity(leaving.len());
        for identity in leaving {
            match self.resolve_consumer(identity) {
                Ok(id) => {
                    gone.push(id);
                    outcomes.push(ErrorCode::NONE);
                }
                Err(code) => outcomes.push(code),
            }
        }
        if let Err(code) = self.remove_consumers(&gone, turn) {
            outcomes
                .iter_mut()
                .filter(|it| **it == ErrorCode::NONE)
                .for_each(|it| *it = code);
        }
        outcomes
    }

    fn resolve_consumer(&self, identity: &MemberIdentity) -> Result<StrBytes, ErrorCode> {
        let group = self.consumer.as_ref().ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        let id = match &identity.group_instance_id {
            None => identity.member_id.clone(),
            Some(instance_id) => {
                let current = group.static_member(instance_id);
                let current = current.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
                if !identity.member_id.is_empty() && *current != identity.member_id {
                    return Err(ErrorCode::FENCED_INSTANCE_ID);
                }
                current.clone()
            }
        };
        match group.members.contains_key(&id) {
            true => Ok(id),
            false => Err(ErrorCode::UNKNOWN_MEMBER_ID),
        }
    }

    fn classic_member(
        &self,
        member_id: &StrBytes,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<&ConsumerMember, ErrorCode> {
        let group = self.consumer.as_ref().ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if let Some(current) = instance_id.and_then(|it| group.static_member(it))
            && current != member_id
        {
            return Err(ErrorCode::FENCED_INSTANCE_ID);
        }
        let member = group.members.get(member_id).filter(|it| it.is_classic());
        let member = member.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        match member.epoch == generation {
            true => Ok(member),
            false => Err(ErrorCode::ILLEGAL_GENERATION),
        }
    }

    /// Whether there is a next step for a member that it takes by joining.
    fn must_join_again(&self, member_id: &StrBytes, member: &ConsumerMember) -> bool {
        let Some(group) = &self.consumer else {
            return false;
        };
        match member.state {
            _ if member.epoch < group.epoch => true,
            MemberState::Stable => false,
            MemberState::Revoking => true,
            MemberState::Waiting => {
                let next = group.reconciled(member_id, Some(&Partitions::new()));
                next.assigned != member.assigned
            }
        }
    }

    fn touch_classic(
        &mut self,
        member_id: &StrBytes,
        member: &ConsumerMember,
        timer: RebalanceTimer,
        turn: &Turn<'_>,
    ) {
        let session = member
            .about
            .classic
            .as_ref()
            .map_or(0, |it| it.session_timeout_ms);
        self.touch_consumer(&member_id.copy_out_of_frame(), millis(session), timer, turn);
    }
}

fn about(
    request: &JoinGroupRequest,
    wanted: &ConsumerProtocolSubscription,
    caller: Caller,
) -> MemberValue {
    let protocols = request.protocols.iter();
    // A member outlives the frame by far.
    let protocols = protocols.map(|it| {
        (
            it.name.copy_out_of_frame(),
            Bytes::copy_from_slice(&it.metadata),
        )
    });
    let mut topics: Vec<StrBytes> = wanted
        .topics
        .iter()
        .map(StrBytes::copy_out_of_frame)
        .collect();
    topics.sort();
    topics.dedup();
    let rebalance_timeout_ms = match request.rebalance_timeout_ms {
        ..0 => request.session_timeout_ms,
        some => some,
    };
    MemberValue {
        instance_id: request
            .group_instance_id
            .as_ref()
            .map(StrBytes::copy_out_of_frame),
        rack_id: wanted.rack_id.as_ref().map(StrBytes::copy_out_of_frame),
        client_id: caller.client_id,
        client_host: caller.client_host,
        topics,
        regex: None,
        rebalance_timeout_ms,
        assignor: None,
        classic: Some(classic_value(request.session_timeout_ms, protocols)),
    }
}

/// What a member that joins still has: nothing, unless it rebalances cooperatively.
fn owned(wanted: &ConsumerProtocolSubscription, turn: &Turn<'_>) -> Partitions {
    let mut owned = Partitions::new();
    for topic in &wanted.owned_partitions {
        if let Some((id, _)) = turn.journal.topic(&topic.topic) {
            owned
                .entry(id)
                .or_default()
                .extend(topic.partitions.iter().copied());
        }
    }
    owned
}

/// A member's assignment as it can read it.
pub(super) fn encoded_assignment(member: &ConsumerMember, turn: &Turn<'_>) -> Bytes {
    let topics = member.assigned.iter().filter_map(|(id, partitions)| {
        Some(AssignedTopicPartitions {
            topic: turn.journal.topic_name(*id)?,
            partitions: partitions.keys().copied().collect(),
        })
    });
    let assignment = ConsumerProtocolAssignment {
        assigned_partitions: topics.collect(),
        ..ConsumerProtocolAssignment::default()
    };
    let protocol = member
        .about
        .classic
        .as_ref()
        .and_then(|it| it.protocols.first());
    let metadata = protocol.map_or_else(Bytes::new, |it| it.metadata.clone());
    subscription::encode_assignment(&assignment, &metadata)
}
