//! JoinGroup: a member arrives, comes back, or is told to wait.
//!
//! Owns: who may join, member ids, static members that replace themselves, and the answers. Leaves to `rebalance` what a
//! rebalance does. Versions: 0 has no rebalance timeout (the session timeout is used); from 4 on a new dynamic member
//! first gets its id (MEMBER_ID_REQUIRED) and joins with it; from 9 on a static leader that came back is told to skip
//! the assignment.

use std::time::Duration;

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::join_group::{
    JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::Turn;
use super::classic::{Group, Pending, State};
use super::member::{Caller, Member, Protocol};
use super::records::MemberSnapshot;
use crate::request::{Now, Ticket};

/// The answer to a join that is not let in.
pub(crate) fn refusal(code: ErrorCode, member_id: StrBytes, version: i16) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: code.code(),
        generation_id: -1,
        protocol_type: None,
        // Null is known from version 7 on.
        protocol_name: if version >= 7 {
            None
        } else {
            Some(StrBytes::default())
        },
        member_id,
        ..JoinGroupResponse::default()
    }
}

/// A JoinGroup taken apart.
struct Join {
    ticket: Ticket,
    caller: Caller,
    member_id: StrBytes,
    instance_id: Option<StrBytes>,
    protocol_type: StrBytes,
    protocols: Vec<Protocol>,
    session_timeout: Duration,
    rebalance_timeout: Duration,
}

impl Group {
    pub(super) fn join(
        &mut self,
        request: JoinGroupRequest,
        caller: Caller,
        ticket: Ticket,
        turn: &mut Turn<'_>,
    ) {
        let member_id = request.member_id.clone();
        let result = self.check_room(&member_id, turn).and_then(|()| {
            let join = Join::new(request, caller, ticket);
            if !self.fits_with(&join) {
                return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
            }
            if join.member_id.is_empty() {
                self.join_as_new(join, turn)
            } else {
                self.join_again(join, turn)
            }
        });
        if let Err(code) = result {
            turn.reply(ticket, refusal(code, member_id, ticket.version));
        }
    }

    /// A member alone in its group may change its protocols at will.
    fn fits_with(&self, join: &Join) -> bool {
        let is_only_member = self.members.len() == 1 && self.members.contains_key(&join.member_id);
        if is_only_member {
            return !join.protocol_type.is_empty()
                && !join.protocols.is_empty()
                && self.protocol_type.as_ref() == Some(&join.protocol_type);
        }
        self.fits(&join.protocol_type, &join.protocols)
    }

    /// `group.max.size`.
    fn check_room(&mut self, member_id: &str, turn: &Turn<'_>) -> Result<(), ErrorCode> {
        let max = turn.config.max_size;
        let has_room = match self.state {
            State::Empty => true,
            State::PreparingRebalance => {
                let awaiting = self
                    .members
                    .values()
                    .filter(|it| it.joining.is_some())
                    .count();
                self.members
                    .get(member_id)
                    .is_some_and(|it| it.joining.is_some())
                    || awaiting < max
            }
            State::CompletingRebalance | State::Stable => {
                self.members.contains_key(member_id) || self.members.len() < max
            }
        };
        if has_room {
            return Ok(());
        }
        self.take_member(member_id);
        Err(ErrorCode::GROUP_MAX_SIZE_REACHED)
    }

    fn join_as_new(&mut self, mut join: Join, turn: &mut Turn<'_>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = join.instance_id.clone() {
            join.member_id = new_id(&instance_id, turn.rng);
            return match self.instances.get(&instance_id).cloned() {
                Some(old_id) => self.replace_static_member(&old_id, join, turn),
                None => {
                    self.add_and_rebalance(join, turn);
                    Ok(())
                }
            };
        }
        join.member_id = new_id(&join.caller.client_id, turn.rng);
        if join.ticket.version < MEMBER_ID_REQUIRED_FROM {
            self.add_and_rebalance(join, turn);
            return Ok(());
        }
        let pending = Pending {
            deadline: turn.now.mono + join.session_timeout,
            connection: join.ticket.connection,
        };
        let answer = refusal(
            ErrorCode::MEMBER_ID_REQUIRED,
            join.member_id.clone(),
            join.ticket.version,
        );
        self.pending.insert(join.member_id, pending);
        turn.reply(join.ticket, answer);
        Ok(())
    }

    fn join_again(&mut self, join: Join, turn: &mut Turn<'_>) -> Result<(), ErrorCode> {
        if join.instance_id.is_none() && self.pending.contains_key(&join.member_id) {
            self.add_and_rebalance(join, turn);
            return Ok(());
        }
        self.check_member(&join.member_id, join.instance_id.as_deref())?;
        let Some(member) = self.members.get(&join.member_id) else {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        };
        match self.state {
            State::Empty => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
            // Its answer got lost: the same generation again.
            State::CompletingRebalance if member.matches(&join.protocols) => {
                self.answer_current(&join, turn);
            }
            // A follower that joins for no reason is answered; a leader that joins wants a new assignment.
            State::Stable
                if !self.is_leader(&join.member_id) && member.matches(&join.protocols) =>
            {
                self.answer_current(&join, turn);
            }
            State::PreparingRebalance | State::CompletingRebalance | State::Stable => {
                self.update_and_rebalance(join, turn);
            }
        }
        Ok(())
    }

    fn answer_current(&mut self, join: &Join, turn: &mut Turn<'_>) {
        let answer = self.join_answer(&join.member_id);
        if let Some(member) = self.members.get_mut(&join.member_id) {
            member.touch(turn.now.mono);
        }
        turn.reply(join.ticket, answer);
    }

    /// The current generation for a member; the leader also sees everybody's metadata.
    pub(super) fn join_answer(&self, member_id: &StrBytes) -> JoinGroupResponse {
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: Some(self.protocol.clone().unwrap_or_default()),
            leader: self.leader.clone().unwrap_or_default(),
            member_id: member_id.clone(),
            members: if self.is_leader(member_id) {
                self.subscriptions()
            } else {
                Vec::new()
            },
            ..JoinGroupResponse::default()
        }
    }

    fn subscriptions(&self) -> Vec<JoinGroupResponseMember> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let members = self.members.values().map(|member| JoinGroupResponseMember {
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone(),
            metadata: member.metadata(protocol),
        });
        members.collect()
    }

    fn add_and_rebalance(&mut self, join: Join, turn: &mut Turn<'_>) {
        if let Some(gathering) = &mut self.gathering
            && let Some(initial) = &mut gathering.initial
        {
            initial.new_member_added = true;
        }
        let protocol_type = join.protocol_type.clone();
        let member = Member {
            id: join.member_id,
            instance_id: join.instance_id,
            caller: join.caller,
            session_timeout: join.session_timeout,
            rebalance_timeout: join.rebalance_timeout,
            protocols: join.protocols,
            assignment: Bytes::new(),
            joining: Some(join.ticket),
            syncing: None,
            is_new: true,
            owes_sync: false,
            session_deadline: turn.now.mono + NEW_MEMBER_JOIN_TIMEOUT,
        };
        self.add_member(member, protocol_type);
        self.prepare_rebalance(turn);
    }

    fn update_and_rebalance(&mut self, join: Join, turn: &mut Turn<'_>) {
        self.update_member(join, turn);
        self.prepare_rebalance(turn);
    }

    fn update_member(&mut self, join: Join, turn: &mut Turn<'_>) {
        let is_only_member = self.members.len() == 1;
        let Some(member) = self.members.get_mut(&join.member_id) else {
            return;
        };
        member.protocols = join.protocols;
        member.session_timeout = join.session_timeout;
        member.rebalance_timeout = join.rebalance_timeout;
        member.caller = join.caller;
        if is_only_member {
            self.protocol_type = Some(join.protocol_type);
        }
        if let Some(superseded) = member.joining.replace(join.ticket) {
            // The client asked again, so it does not wait for the first answer any more.
            let answer = refusal(
                ErrorCode::REBALANCE_IN_PROGRESS,
                join.member_id,
                superseded.version,
            );
            turn.reply(superseded, answer);
        }
    }

    /// A static member came back under a new member id. Its place, assignment and leadership are kept.
    fn replace_static_member(
        &mut self,
        old_id: &StrBytes,
        join: Join,
        turn: &mut Turn<'_>,
    ) -> Result<(), ErrorCode> {
        let old_leader = self.leader.clone();
        let was_leader = self.is_leader(old_id);
        let Some(mut member) = self.members.remove(old_id) else {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        };
        let previous = member.clone();
        if let Some(fenced) = member.joining.take() {
            turn.reply(
                fenced,
                refusal(
                    ErrorCode::FENCED_INSTANCE_ID,
                    old_id.clone(),
                    fenced.version,
                ),
            );
        }
        if let Some(fenced) = member.syncing.take() {
            turn.reply(fenced, super::sync::refusal(ErrorCode::FENCED_INSTANCE_ID));
        }
        let new_id = join.member_id.clone();
        member.id = new_id.clone();
        member.touch(turn.now.mono);
        if let Some(instance_id) = &member.instance_id {
            self.instances.insert(instance_id.clone(), new_id.clone());
        }
        self.members.insert(new_id.clone(), member);
        if was_leader {
            self.leader = Some(new_id.clone());
        }
        let ticket = join.ticket;
        self.update_member(join, turn);
        if self.state != State::Stable || self.choose_protocol() != self.protocol {
            self.prepare_rebalance(turn);
            return Ok(());
        }
        // Nothing changed for anybody else: the same generation goes on.
        if let Some(member) = self.members.get_mut(&new_id) {
            member.joining = None;
        }
        if let Err(code) = self.persist_snapshot(self.snapshot(&self.assignments()), turn) {
            self.members.remove(&new_id);
            if let Some(instance_id) = &previous.instance_id {
                self.instances.insert(instance_id.clone(), old_id.clone());
            }
            let previous = Member {
                joining: None,
                syncing: None,
                ..previous
            };
            self.members.insert(old_id.clone(), previous);
            self.leader = old_leader;
            return Err(code);
        }
        turn.reply(
            ticket,
            self.unchanged_answer(&new_id, old_leader, ticket.version),
        );
        Ok(())
    }

    /// Before version 9 a returning leader is told that its old self leads, so that it does not assign anew; from 9 on
    /// it learns the truth and is told to skip the assignment.
    fn unchanged_answer(
        &self,
        member_id: &StrBytes,
        old_leader: Option<StrBytes>,
        version: i16,
    ) -> JoinGroupResponse {
        let mut answer = self.join_answer(member_id);
        if version >= SKIP_ASSIGNMENT_FROM {
            answer.skip_assignment = self.is_leader(member_id);
        } else {
            answer.leader = old_leader.unwrap_or_default();
            answer.members = Vec::new();
        }
        answer
    }
}

impl Join {
    fn new(request: JoinGroupRequest, caller: Caller, ticket: Ticket) -> Self {
        let session_timeout = millis(request.session_timeout_ms);
        let rebalance_timeout = match request.rebalance_timeout_ms {
            // Version 0 has none.
            ..0 => session_timeout,
            some => millis(some),
        };
        // Members outlive the frame by far, and a frame shares its memory with others.
        let protocols = request.protocols.iter().map(|it| Protocol {
            name: it.name.copy_out_of_frame(),
            metadata: Bytes::copy_from_slice(&it.metadata),
        });
        Self {
            ticket,
            caller,
            member_id: request.member_id.copy_out_of_frame(),
            instance_id: request.group_instance_id.map(|id| id.copy_out_of_frame()),
            protocol_type: request.protocol_type.copy_out_of_frame(),
            protocols: protocols.collect(),
            session_timeout,
            rebalance_timeout,
        }
    }
}

/// A member as it is after a restart of the broker: known, but not seen yet.
pub(super) fn resumed_member(
    snapshot: MemberSnapshot,
    protocol: Option<&StrBytes>,
    now: Now,
) -> Member {
    let session_timeout = millis(snapshot.session_timeout);
    let protocols = protocol.map(|name| Protocol {
        name: name.clone(),
        metadata: snapshot.subscription,
    });
    Member {
        id: snapshot.member_id,
        instance_id: snapshot.group_instance_id,
        caller: Caller {
            client_id: snapshot.client_id,
            client_host: snapshot.client_host,
        },
        session_timeout,
        rebalance_timeout: millis(snapshot.rebalance_timeout),
        protocols: protocols.into_iter().collect(),
        assignment: snapshot.assignment,
        joining: None,
        syncing: None,
        is_new: false,
        owes_sync: false,
        session_deadline: now.mono + session_timeout,
    }
}

fn millis(value: i32) -> Duration {
    Duration::from_millis(u64::try_from(value).unwrap_or(0))
}

/// `client-id-` or `instance-id-` and something nobody guesses.
pub(super) fn new_id(prefix: &str, rng: &mut fastrand::Rng) -> StrBytes {
    let id = crate::topics::random_uuid(rng);
    StrBytes::from(format!("{prefix}-{}", hyphenated(id)))
}

/// An id for a member that did not make one itself.
pub(super) fn random_id(rng: &mut fastrand::Rng) -> StrBytes {
    crate::topics::random_uuid(rng).to_string().into()
}

/// A UUID as Java prints it: 8-4-4-4-12 hexadecimal digits.
fn hyphenated(id: Uuid) -> String {
    let hex: String = id.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// The version from which a new dynamic member must join with an id it was given (KIP-394).
pub(super) const MEMBER_ID_REQUIRED_FROM: i16 = 4;
/// The version that knows `skip_assignment` (KIP-814).
const SKIP_ASSIGNMENT_FROM: i16 = 9;
/// A new member cannot send heartbeats while its first JoinGroup waits; this bounds how long it is believed in.
const NEW_MEMBER_JOIN_TIMEOUT: Duration = Duration::from_secs(5 * 60);
