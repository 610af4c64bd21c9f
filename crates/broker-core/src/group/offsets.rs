//! Committed offsets: commit, fetch, expiry, deletion.
//!
//! Owns: [`CommittedOffsets`], durable state that only `replay` changes. Leaves to `api/` whether a topic exists and how
//! long metadata may be. Versions: OffsetCommit 1 carries a timestamp, 2-4 a retention time; both become part of the
//! stored value.

use std::collections::BTreeMap;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::classic::{Group, State};
use super::records::GroupRecord;
use super::{GroupCoordinator, Journal, Turn};
use crate::request::Now;

/// Where a group stands in one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommittedOffset {
    /// The next offset to consume.
    pub(crate) offset: i64,
    /// The leader epoch of the record before it, or -1.
    pub(crate) leader_epoch: i32,
    /// Whatever the client wrote beside it.
    pub(crate) metadata: StrBytes,
    /// When it was committed (ms since 1970).
    pub(crate) commit_timestamp: i64,
    /// When it expires, if the client said so itself (OffsetCommit 1-4).
    pub(crate) expire_timestamp: Option<i64>,
}

/// The offsets of one group, by topic and partition.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct CommittedOffsets(BTreeMap<StrBytes, BTreeMap<i32, CommittedOffset>>);

impl CommittedOffsets {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        self.0.get(topic)?.get(&partition)
    }

    pub(crate) fn topics(
        &self,
    ) -> impl Iterator<Item = (&StrBytes, &BTreeMap<i32, CommittedOffset>)> {
        self.0.iter()
    }

    pub(super) fn replay(
        &mut self,
        topic: StrBytes,
        partition: i32,
        value: Option<CommittedOffset>,
    ) {
        if let Some(value) = value {
            self.0.entry(topic).or_default().insert(partition, value);
        } else if let Some(partitions) = self.0.get_mut(&topic) {
            partitions.remove(&partition);
            if partitions.is_empty() {
                self.0.remove(&topic);
            }
        }
    }

    /// The records that remove what `wants` names.
    fn tombstones(
        &self,
        group: &StrBytes,
        wants: impl Fn(&StrBytes, i32, &CommittedOffset) -> bool,
    ) -> Vec<GroupRecord> {
        let mut records = Vec::new();
        for (topic, partitions) in &self.0 {
            for (partition, offset) in partitions {
                if wants(topic, *partition, offset) {
                    records.push(GroupRecord::Offset {
                        group: group.clone(),
                        topic: topic.clone(),
                        partition: *partition,
                        value: None,
                    });
                }
            }
        }
        records
    }
}

/// An OffsetCommit after its partitions were checked.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) group_id: StrBytes,
    /// -1 for a consumer that assigns partitions itself.
    pub(crate) generation: i32,
    pub(crate) member_id: StrBytes,
    pub(crate) instance_id: Option<StrBytes>,
    /// Whether the request's version can carry member epochs (KIP-848).
    pub(crate) knows_epochs: bool,
    pub(crate) offsets: Vec<(StrBytes, i32, CommittedOffset)>,
}

impl Commit {
    pub(super) fn into_records(self) -> Vec<GroupRecord> {
        let group = self.group_id;
        let records = self.offsets.into_iter();
        let records = records.map(|(topic, partition, value)| GroupRecord::Offset {
            group: group.clone(),
            topic,
            partition,
            value: Some(value),
        });
        records.collect()
    }
}

impl Group {
    pub(super) fn commit(&mut self, commit: Commit, turn: &mut Turn<'_>) -> Result<(), ErrorCode> {
        if self.consumer.is_some() {
            self.check_consumer_commit(&commit, turn.journal)?;
        } else if let Some(group) = &self.streams {
            group.check_commit(&commit)?;
        } else {
            self.check_commit(&commit)?;
        }
        if let Some(member) = self.members.get_mut(&commit.member_id) {
            member.touch(turn.now.mono);
        }
        self.persist(commit.into_records(), turn)
    }

    fn check_commit(&self, commit: &Commit) -> Result<(), ErrorCode> {
        if commit.generation < 0 && self.state == State::Empty {
            return Ok(());
        }
        let is_member =
            commit.generation >= 0 || !commit.member_id.is_empty() || commit.instance_id.is_some();
        if !is_member {
            // Somebody else's group: while it has members, only they may move its offsets.
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        self.check_member(&commit.member_id, commit.instance_id.as_deref())?;
        self.check_generation(commit.generation)?;
        match self.state {
            State::Empty => Err(ErrorCode::UNKNOWN_MEMBER_ID),
            // The member knows of the new generation but not its part in it.
            State::CompletingRebalance => Err(ErrorCode::REBALANCE_IN_PROGRESS),
            State::PreparingRebalance | State::Stable => Ok(()),
        }
    }

    /// Whether a producer may commit for this group in its transaction. Unlike a consumer it need not be a member, and
    /// a rebalance that is under way does not stop it.
    pub(super) fn check_pending(&mut self, commit: &Commit, now: Now) -> Result<(), ErrorCode> {
        let is_member =
            commit.generation >= 0 || !commit.member_id.is_empty() || commit.instance_id.is_some();
        if !is_member {
            return Ok(());
        }
        if let Some(group) = &self.consumer {
            let member = group.members.get(&commit.member_id);
            let member = member.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
            return match member.epoch == commit.generation {
                true => Ok(()),
                false => Err(ErrorCode::ILLEGAL_GENERATION),
            };
        }
        if let Some(group) = &self.streams {
            return group.check_pending(commit);
        }
        self.check_member(&commit.member_id, commit.instance_id.as_deref())?;
        self.check_generation(commit.generation)?;
        if let Some(member) = self.members.get_mut(&commit.member_id) {
            member.touch(now.mono);
        }
        Ok(())
    }

    /// Commits in a group of the next-generation protocol: of its members, in their epoch; a member that is on its way to a
    /// new epoch may still commit what it had in the one it knows (KIP-1251).
    fn check_consumer_commit(
        &self,
        commit: &Commit,
        topics: &dyn Journal,
    ) -> Result<(), ErrorCode> {
        let Some(group) = &self.consumer else {
            return Ok(());
        };
        if commit.generation < 0 && group.is_empty() {
            return Ok(());
        }
        let member = group.members.get(&commit.member_id);
        let member = member.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if member.is_classic() {
            return match member.epoch == commit.generation {
                true => Ok(()),
                false => Err(ErrorCode::ILLEGAL_GENERATION),
            };
        }
        if !commit.knows_epochs {
            return Err(ErrorCode::UNSUPPORTED_VERSION);
        }
        let had = |(topic, partition, _): &(StrBytes, i32, CommittedOffset)| {
            let since = topics
                .topic(topic)
                .and_then(|(id, _)| member.has_since(id, *partition));
            since.is_some_and(|since| since <= commit.generation)
        };
        if commit.generation == member.epoch
            || (commit.generation < member.epoch && commit.offsets.iter().all(had))
        {
            Ok(())
        } else {
            Err(ErrorCode::STALE_MEMBER_EPOCH)
        }
    }

    /// A group without members and offsets leaves nothing behind.
    fn forget_if_idle(&mut self, turn: &mut Turn<'_>) {
        let is_stored = self.durable.is_some() || self.consumer.is_some() || self.streams.is_some();
        if !self.is_empty() || !is_stored || !self.offsets.is_empty() {
            return;
        }
        let tombstones = self.group_tombstones();
        if let Err(code) = self.persist(tombstones, turn) {
            tracing::warn!(group = %self.id, error = %code.name(), "an idle group is not forgotten yet");
        }
    }

    /// The records that remove the group itself.
    pub(super) fn group_tombstones(&self) -> Vec<GroupRecord> {
        let group = || self.id.clone();
        let consumer = self.consumer.iter().flat_map(|it| it.tombstones());
        let consumer = consumer.map(|record| GroupRecord::Consumer {
            group: group(),
            record,
        });
        let streams = self.streams.iter().flat_map(|it| it.tombstones());
        let streams = streams.map(|record| GroupRecord::Streams {
            group: group(),
            record,
        });
        let mut records: Vec<GroupRecord> = consumer.chain(streams).collect();
        if self.durable.is_some() {
            records.push(GroupRecord::Group {
                group: group(),
                value: None,
            });
        }
        records
    }

    /// Whether an offset's time is over. Offsets of a group with members never expire.
    fn is_expired(&self, offset: &CommittedOffset, retention_ms: i64, now: Now) -> bool {
        let expires = offset.expire_timestamp.unwrap_or_else(|| {
            let since = offset.commit_timestamp;
            let idle_since = match &self.protocol_type {
                // A simple consumer: there never was a member that could have left.
                None => since,
                Some(_) => since.max(self.state_since_ms),
            };
            idle_since.saturating_add(retention_ms)
        });
        now.unix_ms >= expires
    }
}

impl GroupCoordinator {
    /// The offsets of a group, `None` if there is no such group.
    pub(crate) fn offsets(&self, group_id: &str) -> Option<&CommittedOffsets> {
        self.groups.get(group_id).map(|group| &group.offsets)
    }

    /// Whether a member of the next-generation protocol that asks for offsets is who it says it is (OffsetFetch 9 and later).
    pub(crate) fn check_reader(
        &self,
        group_id: &str,
        member_id: Option<&str>,
        epoch: i32,
    ) -> Result<(), ErrorCode> {
        let (Some(group), Some(member_id)) =
            (self.groups.get(group_id), member_id.filter(|_| epoch >= 0))
        else {
            return Ok(());
        };
        if let Some(streams) = &group.streams {
            return streams.check_reader(member_id, epoch);
        }
        let Some(group) = &group.consumer else {
            return Ok(());
        };
        match group.members.get(member_id) {
            None => Err(ErrorCode::UNKNOWN_MEMBER_ID),
            Some(member) if member.epoch != epoch => Err(ErrorCode::STALE_MEMBER_EPOCH),
            Some(_) => Ok(()),
        }
    }

    /// Removes offsets whose time is over, and groups that are left with nothing. Returns how many offsets went.
    pub(crate) fn expire_offsets(&mut self, now: Now, journal: &mut dyn Journal) -> usize {
        let retention = self.config.offsets_retention_ms;
        let removed = self.remove_offsets(now, journal, |group, topic, _, offset| {
            // What no member reads any more expires too, as long as it is known what they read.
            let is_read = !group.is_empty()
                && group
                    .subscribed_topics()
                    .map_or(true, |topics| topics.contains(topic));
            !is_read && group.is_expired(offset, retention, now)
        });
        for group_id in self.groups.keys().cloned().collect::<Vec<_>>() {
            self.with_group(&group_id, now, journal, Group::forget_if_idle);
        }
        removed
    }

    /// Removes the offsets of a topic that was deleted.
    pub(crate) fn topic_deleted(
        &mut self,
        deleted: &str,
        now: Now,
        journal: &mut dyn Journal,
    ) -> usize {
        self.remove_offsets(now, journal, |_, topic, _, _| &**topic == deleted)
    }

    fn remove_offsets(
        &mut self,
        now: Now,
        journal: &mut dyn Journal,
        wants: impl Fn(&Group, &StrBytes, i32, &CommittedOffset) -> bool,
    ) -> usize {
        let mut removed = 0;
        let group_ids: Vec<StrBytes> = self.groups.keys().cloned().collect();
        for group_id in group_ids {
            self.with_group(&group_id, now, journal, |group, turn| {
                let records = group.offsets.tombstones(&group.id, |topic, partition, offset| {
                    wants(group, topic, partition, offset)
                });
                removed += records.len();
                if let Err(code) = group.persist(records, turn) {
                    tracing::warn!(group = %group.id, error = %code.name(), "offsets could not be removed");
                }
            });
        }
        removed
    }

    /// DeleteGroups: a group without members and all its offsets.
    pub(crate) fn delete(
        &mut self,
        group_id: &StrBytes,
        now: Now,
        journal: &mut dyn Journal,
    ) -> ErrorCode {
        let outcome = self.with_group(group_id, now, journal, |group, turn| {
            if !group.is_empty() || !group.pending.is_empty() {
                return ErrorCode::NON_EMPTY_GROUP;
            }
            let mut records = group.offsets.tombstones(&group.id, |_, _, _| true);
            records.extend(group.group_tombstones());
            group
                .persist(records, turn)
                .map_or_else(|code| code, |()| ErrorCode::NONE)
        });
        outcome.unwrap_or(ErrorCode::GROUP_ID_NOT_FOUND)
    }
}
