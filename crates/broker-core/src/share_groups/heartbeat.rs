//! ShareGroupHeartbeat: a member arrives, stays, says what it is subscribed to, and goes.
//!
//! Owns: who may do so (epochs, sizes) and the sessions of members. Leaves to others: what members come to have (`group`).

use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_group_heartbeat::{
    Assignment, ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, TopicPartitions,
};
use rdkafka_wire::types::StrBytes;

use super::group::{Draft, Durable, Partitions, ShareGroup, ShareMember};
use super::records::{MemberValue, ShareRecord};
use super::state::PartitionId;
use super::{Due, ShareCoordinator, ShareJournal, millis};
use crate::group::records::GroupRecord;
use crate::group::{Caller, Refusal, unknown_member};
use crate::request::Now;

const LEAVE: i32 = -1;

impl ShareCoordinator {
    /// ShareGroupHeartbeat.
    pub(crate) fn heartbeat(
        &mut self,
        request: &ShareGroupHeartbeatRequest,
        caller: &Caller,
        now: Now,
        journal: &mut dyn ShareJournal,
    ) -> ShareGroupHeartbeatResponse {
        let outcome = check(request).and_then(|()| match request.member_epoch {
            LEAVE => self.leave(request, journal),
            _ => self.stay(request, caller, now, journal),
        });
        outcome.unwrap_or_else(|(code, message)| ShareGroupHeartbeatResponse {
            error_code: code.code(),
            error_message: Some(message.into()),
            ..ShareGroupHeartbeatResponse::default()
        })
    }

    fn stay(
        &mut self,
        request: &ShareGroupHeartbeatRequest,
        caller: &Caller,
        now: Now,
        journal: &mut dyn ShareJournal,
    ) -> Result<ShareGroupHeartbeatResponse, Refusal> {
        let group_id = request.group_id.copy_out_of_frame();
        let id = request.member_id.copy_out_of_frame();
        let group = self.groups.get(&group_id);
        if group.is_none() && request.member_epoch != 0 {
            return Err(not_found(&group_id));
        }
        let durable = group.map(|it| &it.durable);
        admit(durable, request, self.config.max_size)?;
        let before = durable.and_then(|it| it.members.get(&id)).cloned();
        let version = journal.topics_version();
        let are_topics_new = group.is_none_or(|it| it.topics_version != Some(version));
        let about = updated(before.as_ref(), request, caller);
        let mut draft = Draft::of(durable);
        draft.advance(&id, about, are_topics_new, journal, now.unix_ms);
        self.commit(&group_id, draft, now, journal)?;
        let timeout = millis(self.properties(&group_id).share_session_timeout_ms);
        let deadline = now.mono + timeout;
        let group = self.groups.entry(group_id.clone()).or_default();
        group.topics_version = Some(version);
        group.sessions.insert(id.clone(), deadline);
        let member = group.durable.members.get(&id).cloned();
        self.arm(deadline, Due::Group(group_id.clone()));
        let Some(member) = member else {
            return Err(unknown_member(&id, &group_id));
        };
        let has_changed = before.is_none_or(|it| it.assigned != member.assigned);
        let is_told =
            request.member_epoch == 0 || request.subscribed_topic_names.is_some() || has_changed;
        Ok(ShareGroupHeartbeatResponse {
            member_id: Some(request.member_id.clone()),
            member_epoch: member.epoch,
            heartbeat_interval_ms: self.properties(&group_id).share_heartbeat_interval_ms,
            assignment: is_told.then(|| assignment(&member.assigned)),
            ..ShareGroupHeartbeatResponse::default()
        })
    }

    fn leave(
        &mut self,
        request: &ShareGroupHeartbeatRequest,
        journal: &mut dyn ShareJournal,
    ) -> Result<ShareGroupHeartbeatResponse, Refusal> {
        let (group_id, id) = (&request.group_id, &request.member_id);
        let Some(group) = self.groups.get(group_id) else {
            return Err((
                ErrorCode::GROUP_ID_NOT_FOUND,
                format!("Group {group_id} not found."),
            ));
        };
        if !group.durable.members.contains_key(id) {
            return Err(unknown_member(id, group_id));
        }
        self.remove_members(group_id, std::slice::from_ref(id), journal)
            .map_err(refused)?;
        Ok(ShareGroupHeartbeatResponse {
            member_id: Some(id.clone()),
            member_epoch: request.member_epoch,
            ..ShareGroupHeartbeatResponse::default()
        })
    }

    fn remove_members(
        &mut self,
        group_id: &StrBytes,
        ids: &[StrBytes],
        journal: &mut dyn ShareJournal,
    ) -> Result<(), ErrorCode> {
        let Some(group) = self.groups.get_mut(group_id) else {
            return Ok(());
        };
        let mut draft = Draft::of(Some(&group.durable));
        draft.remove(ids, journal);
        journal.append(group_id, &records(group_id, &draft.records))?;
        group.durable = draft.group;
        for id in ids {
            group.sessions.remove(id);
        }
        Ok(())
    }

    /// Writes a draft: first the states of partitions that are begun, as nobody has a partition without a state.
    fn commit(
        &mut self,
        group_id: &StrBytes,
        draft: Draft,
        now: Now,
        journal: &mut dyn ShareJournal,
    ) -> Result<(), Refusal> {
        for (topic, partition) in &draft.begun {
            let id = PartitionId {
                group: group_id.clone(),
                topic: *topic,
                partition: *partition,
            };
            if !self.states.contains_key(&id) {
                self.begin(&id, -1, draft.group.epoch, now, journal)
                    .map_err(refused)?;
            }
        }
        if !draft.records.is_empty() {
            journal
                .append(group_id, &records(group_id, &draft.records))
                .map_err(refused)?;
        }
        self.groups.entry(group_id.clone()).or_default().durable = draft.group;
        Ok(())
    }

    /// Members that were silent for too long are out.
    pub(super) fn expire_members(
        &mut self,
        group_id: &StrBytes,
        now: Duration,
        journal: &mut dyn ShareJournal,
    ) {
        let Some(group) = self.groups.get(group_id) else {
            return;
        };
        let silent = group.sessions.iter().filter(|(_, end)| **end <= now);
        let silent: Vec<StrBytes> = silent.map(|(id, _)| id.clone()).collect();
        if !silent.is_empty() {
            tracing::info!(group = %group_id, members = ?silent, "share group members were silent for too long");
            if self.remove_members(group_id, &silent, journal).is_err()
                && let Some(group) = self.groups.get_mut(group_id)
            {
                // The journal refused; they are asked again later.
                for id in silent {
                    group.sessions.insert(id, now + RETRY);
                }
            }
        }
        let group = self.groups.get(group_id);
        if let Some(next) = group.and_then(ShareGroup::next_deadline) {
            self.arm(next, Due::Group(group_id.clone()));
        }
    }
}

impl ShareGroup {
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.sessions.values().min().copied()
    }
}

/// Records as the journal takes them.
pub(super) fn records(group_id: &StrBytes, records: &[ShareRecord]) -> Vec<GroupRecord> {
    let records = records.iter().map(|record| GroupRecord::Share {
        group: group_id.clone(),
        record: record.clone(),
    });
    records.collect()
}

/// What can be said of a request alone.
fn check(request: &ShareGroupHeartbeatRequest) -> Result<(), Refusal> {
    let invalid = |message: &str| Err((ErrorCode::INVALID_REQUEST, message.to_owned()));
    if request.member_id.trim().is_empty() {
        return invalid("MemberId can't be empty.");
    }
    if request.group_id.trim().is_empty() {
        return invalid("GroupId can't be empty.");
    }
    let rack = request.rack_id.as_ref();
    if rack.is_some_and(|it| it.trim().is_empty()) {
        return invalid("RackId can't be empty.");
    }
    let names = request.subscribed_topic_names.as_ref();
    match request.member_epoch {
        0 if names.is_none_or(Vec::is_empty) => {
            invalid("SubscribedTopicNames must be set in first request.")
        }
        i32::MIN..=-2 => invalid("MemberEpoch is invalid."),
        _ => Ok(()),
    }
}

/// Whether a member may come or stay.
fn admit(
    group: Option<&Durable>,
    request: &ShareGroupHeartbeatRequest,
    max_size: usize,
) -> Result<(), Refusal> {
    let epoch = request.member_epoch;
    let member = group.and_then(|it| it.members.get(&request.member_id));
    let Some(member) = member else {
        if group.is_some_and(|it| it.members.len() >= max_size) {
            let message =
                format!("The share group has reached its maximum capacity of {max_size} members.");
            return Err((ErrorCode::GROUP_MAX_SIZE_REACHED, message));
        }
        return match epoch {
            0 => Ok(()),
            _ => Err(unknown_member(&request.member_id, &request.group_id)),
        };
    };
    let known = member.epoch;
    let message = if epoch > known {
        format!(
            "The share group member has a greater member epoch ({epoch}) than the one known by the group coordinator ({known}). The member must abandon all its partitions and rejoin."
        )
    } else if epoch != 0 && epoch < known && epoch != member.previous_epoch {
        let previous = member.previous_epoch;
        format!(
            "The share group member has a smaller member epoch ({epoch}) than the one known by the group coordinator ({known}), and it does not match the previous member epoch ({previous}). The member must abandon all its partitions and rejoin."
        )
    } else {
        return Ok(());
    };
    Err((ErrorCode::FENCED_MEMBER_EPOCH, message))
}

/// What a member says about itself now: what it did not say again is as before.
fn updated(
    before: Option<&ShareMember>,
    request: &ShareGroupHeartbeatRequest,
    caller: &Caller,
) -> MemberValue {
    let mut about = before.map_or_else(MemberValue::default, |it| it.about.clone());
    about.client_id = caller.client_id.clone();
    about.client_host = caller.client_host.clone();
    if let Some(rack) = &request.rack_id {
        about.rack_id = Some(rack.copy_out_of_frame());
    }
    if let Some(names) = &request.subscribed_topic_names {
        about.topics = names.iter().map(StrBytes::copy_out_of_frame).collect();
        about.topics.sort();
        about.topics.dedup();
    }
    about
}

fn assignment(partitions: &Partitions) -> Assignment {
    let topics = partitions
        .iter()
        .map(|(topic_id, numbers)| TopicPartitions {
            topic_id: *topic_id,
            partitions: numbers.iter().copied().collect(),
        });
    Assignment {
        topic_partitions: topics.collect(),
    }
}

fn refused(code: ErrorCode) -> Refusal {
    (code, code.text().into_owned())
}

fn not_found(group_id: &str) -> Refusal {
    let message = format!("Share group {group_id} not found.");
    (ErrorCode::GROUP_ID_NOT_FOUND, message)
}

/// When the journal is asked again that refused.
const RETRY: Duration = Duration::from_secs(1);
