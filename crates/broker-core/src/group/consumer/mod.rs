//! The group of the next-generation protocol (KIP-848): what is durable of it, and the questions that can be asked.
//!
//! Owns: [`ConsumerGroup`] and its [`ConsumerMember`]s. Only `replay` changes them. The transitions live beside it: `heartbeat` (a
//! member arrives, stays, goes), `reconcile` (from what a member has to what it is to have), `assignor` (what everybody is to
//! have), `classic` (members that still speak the classic protocol), `convert` (from one protocol to the other).
//! The algorithm, in three steps that each heartbeat takes as far as it can: a change of members, subscriptions or topics
//! makes a new *group epoch*; for a new group epoch a *target assignment* is worked out; each member is led to its target at its
//! own pace, giving up first what others wait for. Nobody waits for anybody else.

mod assignor;
mod classic;
mod convert;
mod describe;
mod heartbeat;
mod reconcile;
pub(crate) mod records;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use rdkafka_wire::types::{StrBytes, Uuid};

pub(crate) use records::ConsumerRecord;
use records::{
    ClassicProtocolValue, ClassicValue, CurrentTopicValue, CurrentValue, GroupValue, MemberValue,
    TargetTopicValue, TargetValue,
};
pub(super) use time::{RebalanceTimer, Timers, millis};

use super::Journal;

/// Partitions by topic.
pub(super) type Partitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// Partitions by topic, each with the epoch since which a member has it.
pub(super) type Owned = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// How far a member is on the way to its target; the numbers are Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberState {
    /// It has what its epoch says.
    Stable = 1,
    /// It must give up partitions before anything else.
    Revoking = 2,
    /// It waits for partitions that others have not given up yet.
    Waiting = 3,
}

/// One member.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ConsumerMember {
    pub(super) about: MemberValue,
    pub(super) epoch: i32,
    pub(super) previous_epoch: i32,
    pub(super) state: MemberState,
    pub(super) assigned: Owned,
    pub(super) revoking: Owned,
}

/// One group.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ConsumerGroup {
    pub(super) epoch: i32,
    pub(super) metadata_hash: i64,
    pub(super) assignment_epoch: i32,
    pub(super) members: BTreeMap<StrBytes, ConsumerMember>,
    pub(super) targets: BTreeMap<StrBytes, Partitions>,
    /// What each regular expression of a member came to.
    pub(super) regexes: BTreeMap<StrBytes, Vec<StrBytes>>,
}

impl ConsumerGroup {
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Kafka's name of the state.
    pub(super) fn state_name(&self) -> &'static str {
        if self.members.is_empty() {
            "Empty"
        } else if self.epoch > self.assignment_epoch {
            "Assigning"
        } else if self
            .members
            .values()
            .all(|it| it.is_at(self.assignment_epoch))
        {
            "Stable"
        } else {
            "Reconciling"
        }
    }

    /// The member behind an instance id.
    pub(super) fn static_member(&self, instance_id: &str) -> Option<&StrBytes> {
        let is_it =
            |member: &ConsumerMember| member.about.instance_id.as_deref() == Some(instance_id);
        self.members
            .iter()
            .find(|(_, member)| is_it(member))
            .map(|(id, _)| id)
    }

    /// The names of the topics a member is subscribed to, those of its regular expression among them.
    pub(super) fn topics_of(&self, member: &ConsumerMember) -> BTreeSet<StrBytes> {
        let mut topics: BTreeSet<StrBytes> = member.about.topics.iter().cloned().collect();
        if let Some(matched) = member
            .about
            .regex
            .as_ref()
            .and_then(|it| self.regexes.get(it))
        {
            topics.extend(matched.iter().cloned());
        }
        topics
    }

    /// The topics anybody is subscribed to.
    pub(crate) fn subscribed_topics(&self) -> BTreeSet<StrBytes> {
        self.members
            .values()
            .flat_map(|member| self.topics_of(member))
            .collect()
    }

    /// The target of a member.
    pub(super) fn target(&self, member_id: &StrBytes) -> Partitions {
        self.targets.get(member_id).cloned().unwrap_or_default()
    }

    /// Whether somebody else still has a partition.
    pub(super) fn is_owned_by_other(&self, member_id: &str, topic: Uuid, partition: i32) -> bool {
        let has = |owned: &Owned| {
            owned
                .get(&topic)
                .is_some_and(|it| it.contains_key(&partition))
        };
        self.members.iter().any(|(id, member)| {
            **id != *member_id && (has(&member.assigned) || has(&member.revoking))
        })
    }

    /// A number that changes with the subscribed topics: which exist, as what, with how many partitions.
    pub(super) fn hash_of_topics(&self, journal: &dyn Journal) -> i64 {
        super::hash_of_topics(self.subscribed_topics().iter(), journal)
    }

    /// Changes durable state: the only way.
    pub(super) fn replay(&mut self, record: ConsumerRecord) {
        match record {
            ConsumerRecord::Group(value) => {
                let value = value.unwrap_or_default();
                (self.epoch, self.metadata_hash) = (value.epoch, value.metadata_hash);
            }
            ConsumerRecord::TargetEpoch(value) => {
                self.assignment_epoch = value.map_or(0, |it| it.assignment_epoch);
            }
            ConsumerRecord::Member(id, Some(about)) => match self.members.get_mut(&id) {
                Some(member) => member.about = about,
                None => {
                    self.members.insert(id, ConsumerMember::new(about));
                }
            },
            ConsumerRecord::Member(id, None) => {
                self.members.remove(&id);
            }
            ConsumerRecord::Target(id, Some(value)) => {
                let topics = value.topics.into_iter();
                let topics = topics.map(|it| (it.topic_id, it.partitions.into_iter().collect()));
                self.targets.insert(id, topics.collect());
            }
            ConsumerRecord::Target(id, None) => {
                self.targets.remove(&id);
            }
            ConsumerRecord::Current(id, value) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.replay_current(value);
                }
            }
            ConsumerRecord::Regex(regex, Some(value)) => {
                self.regexes.insert(regex, value.topics);
            }
            ConsumerRecord::Regex(regex, None) => {
                self.regexes.remove(&regex);
            }
        }
    }

    /// The records after which nothing is left of the group.
    pub(super) fn tombstones(&self) -> Vec<ConsumerRecord> {
        let mut records = Vec::new();
        for id in self.members.keys() {
            records.push(ConsumerRecord::Current(id.clone(), None));
        }
        for id in self.targets.keys() {
            records.push(ConsumerRecord::Target(id.clone(), None));
        }
        records.push(ConsumerRecord::TargetEpoch(None));
        for id in self.members.keys() {
            records.push(ConsumerRecord::Member(id.clone(), None));
        }
        for regex in self.regexes.keys() {
            records.push(ConsumerRecord::Regex(regex.clone(), None));
        }
        records.push(ConsumerRecord::Group(None));
        records
    }
}

impl ConsumerMember {
    pub(super) fn new(about: MemberValue) -> Self {
        Self {
            about,
            epoch: 0,
            previous_epoch: 0,
            state: MemberState::Stable,
            assigned: Owned::new(),
            revoking: Owned::new(),
        }
    }

    /// Whether it has everything of this epoch.
    pub(super) fn is_at(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
    }

    /// Whether it speaks the classic protocol.
    pub(super) fn is_classic(&self) -> bool {
        self.about.classic.is_some()
    }

    fn replay_current(&mut self, value: Option<CurrentValue>) {
        let value = value.unwrap_or_default();
        self.epoch = value.epoch;
        self.previous_epoch = value.previous_epoch;
        self.state = match value.state {
            2 => MemberState::Revoking,
            3 => MemberState::Waiting,
            _ => MemberState::Stable,
        };
        self.assigned = owned(&value.assigned, value.epoch);
        self.revoking = owned(&value.revoking, value.epoch);
    }

    /// What is stored of it, as it stands.
    pub(super) fn current(&self) -> CurrentValue {
        CurrentValue {
            epoch: self.epoch,
            previous_epoch: self.previous_epoch,
            state: self.state as i8,
            assigned: stored(&self.assigned),
            revoking: stored(&self.revoking),
        }
    }

    /// Since which epoch the member has a partition, if it does.
    pub(super) fn has_since(&self, topic: Uuid, partition: i32) -> Option<i32> {
        let of = |owned: &Owned| owned.get(&topic)?.get(&partition).copied();
        of(&self.assigned).or_else(|| of(&self.revoking))
    }
}

fn owned(topics: &[CurrentTopicValue], epoch: i32) -> Owned {
    let topics = topics.iter().map(|topic| {
        let since = |at: usize| topic.assignment_epochs.get(at).copied().unwrap_or(epoch);
        let partitions = topic.partitions.iter().enumerate();
        let partitions = partitions.map(|(at, partition)| (*partition, since(at)));
        (topic.topic_id, partitions.collect())
    });
    topics.collect()
}

fn stored(owned: &Owned) -> Vec<CurrentTopicValue> {
    let topics = owned
        .iter()
        .map(|(topic_id, partitions)| CurrentTopicValue {
            topic_id: *topic_id,
            partitions: partitions.keys().copied().collect(),
            assignment_epochs: partitions.values().copied().collect(),
        });
    topics.collect()
}

/// A target as it is stored.
pub(super) fn stored_target(partitions: &Partitions) -> TargetValue {
    let topics = partitions
        .iter()
        .map(|(topic_id, partitions)| TargetTopicValue {
            topic_id: *topic_id,
            partitions: partitions.iter().copied().collect(),
        });
    TargetValue {
        topics: topics.collect(),
    }
}

/// The partitions alone.
pub(super) fn without_epochs(owned: &Owned) -> Partitions {
    let topics = owned
        .iter()
        .map(|(id, partitions)| (*id, partitions.keys().copied().collect()));
    topics.collect()
}

/// What a classic member supports, as it is stored.
pub(super) fn classic_value(
    session_timeout_ms: i32,
    protocols: impl Iterator<Item = (StrBytes, Bytes)>,
) -> ClassicValue {
    ClassicValue {
        session_timeout_ms,
        protocols: protocols
            .map(|(name, metadata)| ClassicProtocolValue { name, metadata })
            .collect(),
    }
}

/// A change under way: records, and the group as they make it. Nothing holds until they are written.
pub(super) struct Draft {
    pub(super) group: ConsumerGroup,
    pub(super) records: Vec<ConsumerRecord>,
}

impl Draft {
    pub(super) fn of(group: Option<&ConsumerGroup>) -> Self {
        Self {
            group: group.cloned().unwrap_or_default(),
            records: Vec::new(),
        }
    }

    pub(super) fn put(&mut self, record: ConsumerRecord) {
        self.group.replay(record.clone());
        self.records.push(record);
    }

    /// A new group epoch, for the topics as they are.
    pub(super) fn bump(&mut self, metadata_hash: i64) {
        let epoch = self.group.epoch.checked_add(1).unwrap_or(1);
        self.put(ConsumerRecord::Group(Some(GroupValue {
            epoch,
            metadata_hash,
        })));
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, member_id: &StrBytes) {
        self.put(ConsumerRecord::Current(member_id.clone(), None));
        self.put(ConsumerRecord::Target(member_id.clone(), None));
        self.put(ConsumerRecord::Member(member_id.clone(), None));
    }
}
