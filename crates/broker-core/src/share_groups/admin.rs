//! What admin tools see and do of share groups: list, describe, delete; describe, alter and delete offsets.

use std::collections::BTreeMap;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::list_groups::ListedGroup;
use rdkafka_wire::messages::share_group_describe::{
    Assignment, DescribedGroup, Member, TopicPartitions,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::group::{Durable, ShareGroup, ShareMember};
use super::heartbeat::records;
use super::records::ShareRecord;
use super::state::PartitionId;
use super::{ShareCoordinator, ShareJournal};
use crate::group::TopicView;
use crate::request::Now;

/// How far a group is in a partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// -1 where the group has not begun.
    pub(crate) start_offset: i64,
    pub(crate) leader_epoch: i32,
    /// How many records from there on are done with; -1 where that is not known.
    pub(crate) complete: i32,
}

/// Where a group is to go on in a topic: partitions with their offsets.
#[derive(Debug)]
pub(crate) struct TopicOffsets {
    pub(crate) topic: Uuid,
    pub(crate) name: StrBytes,
    pub(crate) partitions: Vec<(i32, i64)>,
}

impl ShareCoordinator {
    /// Every share group, in no order.
    pub(crate) fn list(&self) -> impl Iterator<Item = ListedGroup> {
        self.groups.iter().map(|(id, group)| ListedGroup {
            group_id: id.clone(),
            protocol_type: SHARE.into(),
            group_state: group.durable.state_name().into(),
            group_type: SHARE.into(),
        })
    }

    /// One group and its members.
    pub(crate) fn describe(&self, group_id: &StrBytes, topics: &dyn TopicView) -> DescribedGroup {
        let Some(group) = self.groups.get(group_id).map(|it| &it.durable) else {
            return DescribedGroup {
                group_id: group_id.clone(),
                error_code: ErrorCode::GROUP_ID_NOT_FOUND.code(),
                error_message: Some(format!("Group {group_id} not found.").into()),
                ..DescribedGroup::default()
            };
        };
        let members = group.members.iter();
        DescribedGroup {
            group_id: group_id.clone(),
            group_state: group.state_name().into(),
            group_epoch: group.epoch,
            assignment_epoch: group.assignment_epoch,
            assignor_name: ASSIGNOR.into(),
            members: members.map(|(id, it)| described(id, it, topics)).collect(),
            ..DescribedGroup::default()
        }
    }

    /// Deletes a group without members; `None` if there is no such share group.
    pub(crate) fn delete(
        &mut self,
        group_id: &StrBytes,
        journal: &mut dyn ShareJournal,
    ) -> Option<ErrorCode> {
        let group = self.groups.get(group_id)?;
        if !group.durable.members.is_empty() {
            return Some(ErrorCode::NON_EMPTY_GROUP);
        }
        let tombstones = records(group_id, &group.durable.tombstones());
        let of_group = self.states.keys().filter(|id| id.group == *group_id);
        let gone: Vec<PartitionId> = of_group.cloned().collect();
        let outcome = self
            .forget(&gone, journal)
            .and_then(|()| journal.append(group_id, &tombstones));
        if let Err(code) = outcome {
            return Some(code);
        }
        self.groups.remove(group_id);
        Some(ErrorCode::NONE)
    }

    /// How far a group is; a partition it knows nothing of is one it has not begun.
    pub(crate) fn progress(&self, id: &PartitionId) -> Progress {
        let state = self.states.get(id);
        state.map_or(
            Progress {
                start_offset: -1,
                leader_epoch: 0,
                complete: -1,
            },
            |state| Progress {
                start_offset: state.start_offset,
                leader_epoch: state.leader_epoch,
                complete: state.delivery_complete_count,
            },
        )
    }

    /// The partitions whose state is kept for a group, by topic.
    pub(crate) fn begun(&self, group_id: &str) -> Vec<(Uuid, Vec<i32>)> {
        let group = self.groups.get(group_id);
        let topics = group.into_iter().flat_map(|it| &it.durable.initialized);
        topics
            .map(|(id, (_, numbers))| (*id, numbers.iter().copied().collect()))
            .collect()
    }

    /// Whether offsets of a group can be changed: it must be empty. `may_be_new` lets one pass that does not exist.
    pub(crate) fn check_idle(&self, group_id: &str, may_be_new: bool) -> Result<(), ErrorCode> {
        match self.groups.get(group_id) {
            Some(group) if group.durable.members.is_empty() => Ok(()),
            Some(_) => Err(ErrorCode::NON_EMPTY_GROUP),
            None if may_be_new => Ok(()),
            None => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        }
    }

    /// Has a group go on elsewhere; a group that does not exist comes to be. Partitions exist.
    pub(crate) fn alter_offsets(
        &mut self,
        group_id: &StrBytes,
        offsets: &[TopicOffsets],
        now: Now,
        journal: &mut dyn ShareJournal,
    ) -> Result<(), ErrorCode> {
        let group = self.groups.get(group_id);
        let mut initialized = group.map_or_else(BTreeMap::new, |it| it.durable.initialized.clone());
        let epoch = group.map_or(0, |it| it.durable.epoch);
        for TopicOffsets {
            topic,
            name,
            partitions,
        } in offsets
        {
            let (_, known) = initialized
                .entry(*topic)
                .or_insert_with(|| (name.clone(), Default::default()));
            for (partition, start_offset) in partitions {
                known.insert(*partition);
                let id = PartitionId {
                    group: group_id.clone(),
                    topic: *topic,
                    partition: *partition,
                };
                self.begin(&id, *start_offset, epoch, now, journal)?;
            }
        }
        self.set_initialized(group_id, &initialized, journal)
    }

    /// Forgets how far a group is in topics; which of them it knew.
    pub(crate) fn delete_offsets(
        &mut self,
        group_id: &StrBytes,
        topics: &[Uuid],
        journal: &mut dyn ShareJournal,
    ) -> Result<Vec<Uuid>, ErrorCode> {
        let Some(group) = self.groups.get(group_id) else {
            return Err(ErrorCode::GROUP_ID_NOT_FOUND);
        };
        let mut initialized = group.durable.initialized.clone();
        let known = topics.iter().filter(|it| initialized.remove(*it).is_some());
        let known: Vec<Uuid> = known.copied().collect();
        let gone = self.states.keys();
        let gone = gone.filter(|id| id.group == *group_id && known.contains(&id.topic));
        let gone: Vec<PartitionId> = gone.cloned().collect();
        self.forget(&gone, journal)?;
        if !known.is_empty() {
            self.set_initialized(group_id, &initialized, journal)?;
        }
        Ok(known)
    }

    /// A topic is gone, and with it how far groups were in it.
    pub(crate) fn topic_deleted(&mut self, topic: Uuid, journal: &mut dyn ShareJournal) {
        let gone = self.states.keys().filter(|id| id.topic == topic);
        let gone: Vec<PartitionId> = gone.cloned().collect();
        let mut outcome = self.forget(&gone, journal);
        let with_it = self.groups.iter();
        let with_it = with_it.filter(|(_, it)| it.durable.initialized.contains_key(&topic));
        let mut with_it: Vec<_> = with_it
            .map(|(id, it)| (id.clone(), it.durable.initialized.clone()))
            .collect();
        with_it.sort();
        for (group_id, mut left) in with_it {
            left.remove(&topic);
            let written = self.set_initialized(&group_id, &left, journal);
            outcome = outcome.and(written);
        }
        if let Err(code) = outcome {
            // The next start finds the topic gone, too.
            tracing::warn!(%topic, error = %code.name(), "states of share groups stay for now");
        }
    }

    fn forget(
        &mut self,
        gone: &[PartitionId],
        journal: &mut dyn ShareJournal,
    ) -> Result<(), ErrorCode> {
        for id in gone {
            journal.append_state(id, None)?;
            self.states.remove(id);
            self.live.remove(id);
        }
        Ok(())
    }

    fn set_initialized(
        &mut self,
        group_id: &StrBytes,
        initialized: &BTreeMap<Uuid, (StrBytes, std::collections::BTreeSet<i32>)>,
        journal: &mut dyn ShareJournal,
    ) -> Result<(), ErrorCode> {
        let record: ShareRecord = Durable::initialized_record(initialized);
        journal.append(group_id, &records(group_id, std::slice::from_ref(&record)))?;
        let group: &mut ShareGroup = self.groups.entry(group_id.clone()).or_default();
        group.durable.replay(record);
        Ok(())
    }
}

fn described(id: &StrBytes, member: &ShareMember, topics: &dyn TopicView) -> Member {
    let assigned = member.assigned.iter().filter_map(|(topic_id, numbers)| {
        Some(TopicPartitions {
            topic_id: *topic_id,
            topic_name: topics.topic_name(*topic_id)?,
            partitions: numbers.iter().copied().collect(),
        })
    });
    Member {
        member_id: id.clone(),
        rack_id: member.about.rack_id.clone(),
        member_epoch: member.epoch,
        client_id: member.about.client_id.clone(),
        client_host: member.about.client_host.clone(),
        subscribed_topic_names: member.about.topics.clone(),
        assignment: Assignment {
            topic_partitions: assigned.collect(),
        },
    }
}

const SHARE: &str = "share";
const ASSIGNOR: &str = "simple";
