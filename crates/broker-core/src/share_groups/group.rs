//! A share group: what is durable of it, and how its members come to their partitions.
//!
//! Owns: [`ShareGroup`] and its [`ShareMember`]s. Only `replay` changes them; a transition works on a [`Draft`] that is taken over
//! when its records are written. A member has its target at once, as partitions may have many owners: nothing is revoked first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka_wire::types::{StrBytes, Uuid};

use super::assignor::{MemberSpec, assign};
use super::records::{
    CurrentValue, GroupValue, InitializedTopicValue, InitializedValue, MemberValue, ShareRecord,
};
use crate::group::TopicView;
use crate::group::consumer_records::{TargetEpochValue, TargetTopicValue, TargetValue};

/// Partitions by topic.
pub(super) type Partitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// One member.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ShareMember {
    pub(super) about: MemberValue,
    pub(super) epoch: i32,
    pub(super) previous_epoch: i32,
    pub(super) assigned: Partitions,
}

/// What of a group is durable.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Durable {
    pub(super) epoch: i32,
    pub(super) metadata_hash: i64,
    pub(super) assignment_epoch: i32,
    pub(super) members: BTreeMap<StrBytes, ShareMember>,
    pub(super) targets: BTreeMap<StrBytes, Partitions>,
    /// The partitions whose state is kept, with the names of their topics.
    pub(super) initialized: BTreeMap<Uuid, (StrBytes, BTreeSet<i32>)>,
}

/// One group.
#[derive(Debug, Default)]
pub(super) struct ShareGroup {
    pub(super) durable: Durable,
    /// When each member's session ends.
    pub(super) sessions: BTreeMap<StrBytes, Duration>,
    /// The topics were looked at when they had this version.
    pub(super) topics_version: Option<u64>,
}

impl Durable {
    /// Kafka's name of the state.
    pub(super) fn state_name(&self) -> &'static str {
        if self.members.is_empty() {
            "Empty"
        } else {
            "Stable"
        }
    }

    fn subscribed(&self) -> BTreeSet<StrBytes> {
        let topics = self.members.values().flat_map(|it| &it.about.topics);
        topics.cloned().collect()
    }

    /// Changes durable state: the only way. False when nothing is left of the group.
    pub(super) fn replay(&mut self, record: ShareRecord) -> bool {
        match record {
            ShareRecord::Group(Some(value)) => {
                (self.epoch, self.metadata_hash) = (value.epoch, value.metadata_hash);
            }
            ShareRecord::Group(None) => return false,
            ShareRecord::TargetEpoch(value) => {
                self.assignment_epoch = value.map_or(0, |it| it.assignment_epoch);
            }
            ShareRecord::Member(id, Some(about)) => match self.members.get_mut(&id) {
                Some(member) => member.about = about,
                None => {
                    let member = ShareMember {
                        about,
                        epoch: 0,
                        previous_epoch: -1,
                        assigned: Partitions::new(),
                    };
                    self.members.insert(id, member);
                }
            },
            ShareRecord::Member(id, None) => {
                self.members.remove(&id);
            }
            ShareRecord::Target(id, Some(value)) => {
                self.targets.insert(id, partitions(&value.topics));
            }
            ShareRecord::Target(id, None) => {
                self.targets.remove(&id);
            }
            ShareRecord::Current(id, value) => {
                if let (Some(member), Some(value)) = (self.members.get_mut(&id), value) {
                    member.epoch = value.epoch;
                    member.previous_epoch = value.previous_epoch;
                    member.assigned = partitions(&value.assigned);
                }
            }
            ShareRecord::Initialized(value) => {
                let topics = value.unwrap_or_default().initialized.into_iter();
                let topics = topics.map(|it| {
                    let numbers = it.partitions.into_iter().collect();
                    (it.topic_id, (it.topic_name, numbers))
                });
                self.initialized = topics.collect();
            }
        }
        true
    }

    /// The records after which nothing is left of the group.
    pub(super) fn tombstones(&self) -> Vec<ShareRecord> {
        let mut records = Vec::new();
        for id in self.members.keys() {
            records.push(ShareRecord::Current(id.clone(), None));
            records.push(ShareRecord::Target(id.clone(), None));
        }
        records.push(ShareRecord::TargetEpoch(None));
        for id in self.members.keys() {
            records.push(ShareRecord::Member(id.clone(), None));
        }
        records.push(ShareRecord::Initialized(None));
        records.push(ShareRecord::Group(None));
        records
    }

    /// The record of what is initialized.
    pub(super) fn initialized_record(
        initialized: &BTreeMap<Uuid, (StrBytes, BTreeSet<i32>)>,
    ) -> ShareRecord {
        let topics = initialized
            .iter()
            .map(|(id, (name, numbers))| InitializedTopicValue {
                topic_id: *id,
                topic_name: name.clone(),
                partitions: numbers.iter().copied().collect(),
            });
        ShareRecord::Initialized(Some(InitializedValue {
            initialized: topics.collect(),
            ..InitializedValue::default()
        }))
    }
}

/// A change under way: records, and the group as they make it. Nothing holds until they are written.
pub(super) struct Draft {
    pub(super) group: Durable,
    pub(super) records: Vec<ShareRecord>,
    /// Partitions whose state is kept from now on.
    pub(super) begun: Vec<(Uuid, i32)>,
}

impl Draft {
    pub(super) fn of(group: Option<&Durable>) -> Self {
        Self {
            group: group.cloned().unwrap_or_default(),
            records: Vec::new(),
            begun: Vec::new(),
        }
    }

    pub(super) fn put(&mut self, record: ShareRecord) {
        self.group.replay(record.clone());
        self.records.push(record);
    }

    /// A new group epoch, for the topics as they are.
    fn bump(&mut self, metadata_hash: i64) {
        let epoch = self.group.epoch.checked_add(1).unwrap_or(1);
        self.put(ShareRecord::Group(Some(GroupValue {
            epoch,
            metadata_hash,
        })));
    }

    /// Takes members out.
    pub(super) fn remove(&mut self, ids: &[StrBytes], topics: &dyn TopicView) {
        for id in ids {
            self.put(ShareRecord::Current(id.clone(), None));
            self.put(ShareRecord::Target(id.clone(), None));
            self.put(ShareRecord::Member(id.clone(), None));
        }
        let hash = hash_of(&self.group.subscribed(), topics);
        self.bump(hash);
    }

    /// What a member says may make a new group epoch, that a new target assignment, and the member takes its own over.
    pub(super) fn advance(
        &mut self,
        id: &StrBytes,
        about: MemberValue,
        are_topics_new: bool,
        topics: &dyn TopicView,
        now_ms: i64,
    ) {
        let before = self.group.members.get(id).map(|it| it.about.clone());
        let subscribes_anew = before.as_ref().is_none_or(|it| it.topics != about.topics);
        if before.as_ref() != Some(&about) {
            self.put(ShareRecord::Member(id.clone(), Some(about)));
        }
        if subscribes_anew || are_topics_new {
            let subscribed = self.group.subscribed();
            let hash = hash_of(&subscribed, topics);
            if subscribes_anew || hash != self.group.metadata_hash {
                self.bump(hash);
            }
            self.begin(&subscribed, topics);
        }
        if self.group.epoch > self.group.assignment_epoch {
            self.assign(topics, now_ms);
        }
        let target = self.group.targets.get(id).cloned().unwrap_or_default();
        let epoch = self.group.assignment_epoch;
        if let Some(member) = self.group.members.get(id)
            && (member.epoch != epoch || member.assigned != target)
        {
            let value = CurrentValue {
                epoch,
                previous_epoch: member.epoch,
                state: 0,
                assigned: stored(&target),
            };
            self.put(ShareRecord::Current(id.clone(), Some(value)));
        }
    }

    /// Begins to keep the state of partitions that somebody is subscribed to.
    fn begin(&mut self, subscribed: &BTreeSet<StrBytes>, topics: &dyn TopicView) {
        let mut initialized = self.group.initialized.clone();
        for name in subscribed {
            let Some((id, count)) = topics.topic(name) else {
                continue;
            };
            let (_, known) = initialized
                .entry(id)
                .or_insert_with(|| (name.clone(), BTreeSet::new()));
            let new: Vec<i32> = (0..count).filter(|it| known.insert(*it)).collect();
            self.begun.extend(new.into_iter().map(|it| (id, it)));
        }
        if initialized != self.group.initialized {
            self.put(Durable::initialized_record(&initialized));
        }
    }

    /// A target assignment for the present group epoch.
    fn assign(&mut self, topics: &dyn TopicView, now_ms: i64) {
        let ids = |names: &[StrBytes]| {
            let ids = names.iter().filter_map(|name| topics.topic(name));
            ids.map(|(id, _)| id).collect()
        };
        let members = self.group.members.iter().map(|(id, member)| {
            let spec = MemberSpec {
                topics: ids(&member.about.topics),
                last: self.group.targets.get(id).cloned().unwrap_or_default(),
            };
            (id.clone(), spec)
        });
        let initialized = self.group.initialized.iter();
        let partitions = initialized.map(|(id, (_, numbers))| (*id, numbers.clone()));
        let targets = assign(&members.collect(), &partitions.collect());
        for (id, target) in targets {
            if self.group.targets.get(&id) != Some(&target) {
                let value = TargetValue {
                    topics: stored(&target),
                };
                self.put(ShareRecord::Target(id, Some(value)));
            }
        }
        self.put(ShareRecord::TargetEpoch(Some(TargetEpochValue {
            assignment_epoch: self.group.epoch,
            assignment_timestamp: now_ms,
        })));
    }
}

fn partitions(topics: &[TargetTopicValue]) -> Partitions {
    let topics = topics.iter();
    let topics = topics.map(|it| (it.topic_id, it.partitions.iter().copied().collect()));
    topics.collect()
}

fn stored(partitions: &Partitions) -> Vec<TargetTopicValue> {
    let topics = partitions.iter().map(|(id, numbers)| TargetTopicValue {
        topic_id: *id,
        partitions: numbers.iter().copied().collect(),
    });
    topics.collect()
}

fn hash_of(names: &BTreeSet<StrBytes>, topics: &dyn TopicView) -> i64 {
    crate::group::hash_of_topics(names.iter(), topics)
}
