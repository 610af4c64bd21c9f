//! From the classic protocol to the next generation and back, while the group lives (KIP-848).
//!
//! * A member of the new protocol that joins a classic group turns the group over: an empty one always, one with members if
//!   `group.consumer.migration.policy` allows upgrades and every member is a consumer whose subscription can be read. The
//!   members keep what they have and go on with the classic protocol (see `classic`).
//! * When the last member of the new protocol goes and others stay, the group becomes classic again, if the policy allows
//!   downgrades; its members are told to join again.
//! * An empty group of the new protocol is simply forgotten when somebody joins with the classic one.

use std::collections::BTreeMap;

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::super::classic::{Group, State};
use super::super::member::{Caller, Member, Protocol};
use super::super::offset_delete::CONSUMER;
use super::super::records::{GroupRecord, GroupSnapshot, MemberSnapshot};
use super::super::{Refusal, Turn, join, subscription, sync};
use super::classic::encoded_assignment;
use super::records::{CurrentValue, GroupValue, MemberValue, TargetEpochValue};
use super::time::millis;
use super::{
    ConsumerGroup, ConsumerMember, ConsumerRecord, Draft, Owned, classic_value, stored,
    stored_target, without_epochs,
};

impl Group {
    /// A draft of this classic group as one of the new protocol.
    pub(super) fn upgrade(&self, turn: &Turn<'_>) -> Result<Draft, Refusal> {
        let mut draft = Draft::of(None);
        if self.state == State::Empty {
            return Ok(draft);
        }
        let refuse = |reason: &str| {
            let message = format!("Group {} cannot become a consumer group: {reason}", self.id);
            (ErrorCode::GROUP_ID_NOT_FOUND, message)
        };
        if !matches!(
            turn.config.migration_policy.as_str(),
            "bidirectional" | "upgrade"
        ) {
            return Err(refuse("group.consumer.migration.policy does not allow it."));
        }
        if self.protocol_type.as_deref() != Some(CONSUMER) {
            return Err(refuse("its members are no consumers."));
        }
        let epoch = self.generation;
        for (id, member) in &self.members {
            let (about, assigned) = self
                .turned_over(member, turn)
                .ok_or_else(|| refuse("the subscription of a member cannot be read."))?;
            draft.put(ConsumerRecord::Member(id.clone(), Some(about)));
            let target = stored_target(&without_epochs(&assigned));
            draft.put(ConsumerRecord::Target(id.clone(), Some(target)));
            let current = CurrentValue {
                epoch,
                previous_epoch: epoch,
                state: 1,
                assigned: stored(&assigned),
                revoking: Vec::new(),
            };
            draft.put(ConsumerRecord::Current(id.clone(), Some(current)));
        }
        draft.put(ConsumerRecord::TargetEpoch(Some(TargetEpochValue {
            assignment_epoch: epoch,
            assignment_timestamp: turn.now.unix_ms,
        })));
        let metadata_hash = draft.group.hash_of_topics(turn.journal);
        draft.put(ConsumerRecord::Group(Some(GroupValue {
            epoch,
            metadata_hash,
        })));
        Ok(draft)
    }

    fn turned_over(&self, member: &Member, turn: &Turn<'_>) -> Option<(MemberValue, Owned)> {
        let metadata = self
            .protocol
            .as_ref()
            .map(|protocol| member.metadata(protocol))
            .or_else(|| member.protocols.first().map(|it| it.metadata.clone()))?;
        let wanted = subscription::parse(&metadata)?;
        let given = subscription::parse_assignment(&member.assignment)?;
        let protocols = member.protocols.iter();
        let protocols = protocols.map(|it| (it.name.clone(), it.metadata.clone()));
        let about = MemberValue {
            instance_id: member.instance_id.clone(),
            rack_id: wanted.rack_id.as_ref().map(StrBytes::copy_out_of_frame),
            client_id: member.caller.client_id.clone(),
            client_host: member.caller.client_host.clone(),
            topics: wanted
                .topics
                .iter()
                .map(StrBytes::copy_out_of_frame)
                .collect(),
            regex: None,
            rebalance_timeout_ms: to_millis(member.rebalance_timeout),
            assignor: None,
            classic: Some(classic_value(to_millis(member.session_timeout), protocols)),
        };
        let mut assigned = Owned::new();
        for topic in given.assigned_partitions {
            if let Some((id, _)) = turn.journal.topic(&topic.topic) {
                let partitions = topic.partitions.iter().map(|it| (*it, self.generation));
                assigned.entry(id).or_default().extend(partitions);
            }
        }
        Some((about, assigned))
    }

    /// The new protocol holds: whoever waits for the classic one to go on is told to join again.
    pub(super) fn leave_classic_behind(&mut self, turn: &mut Turn<'_>) {
        for (id, member) in std::mem::take(&mut self.members) {
            if let Some(ticket) = member.joining {
                let code = ErrorCode::REBALANCE_IN_PROGRESS;
                turn.reply(ticket, join::refusal(code, id.clone(), ticket.version));
            }
            if let Some(ticket) = member.syncing {
                turn.reply(ticket, sync::refusal(ErrorCode::REBALANCE_IN_PROGRESS));
            }
            let timeout = member.session_timeout;
            self.touch_consumer(&id, timeout, super::time::RebalanceTimer::Stop, turn);
        }
        self.instances.clear();
        self.pending.clear();
        self.gathering = None;
        self.sync_deadline = None;
        self.leader = None;
        self.protocol = None;
        self.protocol_type = None;
        self.transition(State::Empty, turn.now);
    }

    /// Whether only members of the classic protocol would be left.
    pub(super) fn wants_downgrade(&self, next: &ConsumerGroup, turn: &Turn<'_>) -> bool {
        matches!(
            turn.config.migration_policy.as_str(),
            "bidirectional" | "downgrade"
        ) && !next.members.is_empty()
            && next.members.values().all(ConsumerMember::is_classic)
    }

    /// Makes the group classic again, with the members of this draft.
    pub(super) fn downgrade(&mut self, draft: Draft, turn: &mut Turn<'_>) -> Result<(), ErrorCode> {
        let next = draft.group;
        let members: BTreeMap<StrBytes, Member> = next
            .members
            .iter()
            .map(|(id, member)| (id.clone(), classic_member(id, member, turn)))
            .collect();
        let first = next
            .members
            .values()
            .find_map(|it| it.about.classic.as_ref());
        let protocol = first.and_then(|it| Some(it.protocols.first()?.name.clone()));
        let stored = members.values().map(|member| MemberSnapshot {
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone(),
            client_id: member.caller.client_id.clone(),
            client_host: member.caller.client_host.clone(),
            rebalance_timeout: to_millis(member.rebalance_timeout),
            session_timeout: to_millis(member.session_timeout),
            subscription: protocol
                .as_deref()
                .map_or_else(Bytes::new, |it| member.metadata(it)),
            assignment: member.assignment.clone(),
        });
        let snapshot = GroupSnapshot {
            protocol_type: CONSUMER.into(),
            generation: next.epoch,
            protocol: protocol.clone(),
            leader: members.keys().next().cloned(),
            current_state_timestamp: turn.now.unix_ms,
            members: stored.collect(),
        };
        let tombstones = self
            .consumer
            .as_ref()
            .map_or_else(Vec::new, |it| it.tombstones());
        let mut records: Vec<GroupRecord> = tombstones
            .into_iter()
            .map(|record| GroupRecord::Consumer {
                group: self.id.clone(),
                record,
            })
            .collect();
        records.push(GroupRecord::Group {
            group: self.id.clone(),
            value: Some(snapshot),
        });
        self.persist(records, turn)?;
        self.resume(turn.now);
        for (id, member) in members {
            // With all the protocols it knows; the record has room for the chosen one only.
            self.members.insert(id, member);
        }
        self.prepare_rebalance(turn);
        Ok(())
    }

    /// An empty group of another protocol makes room for a classic one; committed offsets stay.
    pub(crate) fn drop_empty_group(&mut self, turn: &mut Turn<'_>) -> Result<(), ErrorCode> {
        if self.is_empty() && (self.consumer.is_some() || self.streams.is_some()) {
            return self.persist(self.group_tombstones(), turn);
        }
        Ok(())
    }
}

fn classic_member(id: &StrBytes, member: &ConsumerMember, turn: &Turn<'_>) -> Member {
    let about = &member.about;
    let classic = about.classic.clone().unwrap_or_default();
    let session_timeout = millis(classic.session_timeout_ms);
    let protocols = classic.protocols.iter().map(|it| Protocol {
        name: it.name.clone(),
        metadata: it.metadata.clone(),
    });
    Member {
        id: id.clone(),
        instance_id: about.instance_id.clone(),
        caller: Caller {
            client_id: about.client_id.clone(),
            client_host: about.client_host.clone(),
        },
        session_timeout,
        rebalance_timeout: millis(about.rebalance_timeout_ms),
        protocols: protocols.collect(),
        assignment: encoded_assignment(member, turn),
        joining: None,
        syncing: None,
        is_new: false,
        owes_sync: false,
        session_deadline: turn.now.mono + session_timeout,
    }
}

fn to_millis(duration: std::time::Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
