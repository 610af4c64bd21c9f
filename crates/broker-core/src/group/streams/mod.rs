//! The group of the streams protocol (KIP-1071): instances of one Kafka Streams application that divide its tasks.
//!
//! Owns: [`StreamsGroup`] and its [`StreamsMember`]s. Only `replay` changes what is durable of them. The transitions live beside it:
//! `heartbeat` (a member arrives, stays, goes), `topology` (are the topics there, and how many tasks does that make), `assignor` (what
//! everybody is to have), `reconcile` (from what a member has to what it is to have), `time`.
//! The steps are those of the consumer protocol: a change of members, topics or settings makes a new *group epoch*, that a new
//! *target assignment*, and each member is led to its target, giving up first what others wait for. Committed offsets are the
//! [`Group`](super::classic::Group)'s, as for every protocol. Described in `docs/design/streams-groups.md`.

mod assignor;
mod check;
mod commit;
mod describe;
mod endpoints;
mod heartbeat;
mod reconcile;
pub(crate) mod records;
mod tasks;
mod time;
mod topology;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::streams_group_heartbeat::KeyValue;
use rdkafka_wire::types::StrBytes;

pub(crate) use heartbeat::STANDBY_REPLICAS;
pub(crate) use records::StreamsRecord;
use records::{CurrentValue, GroupValue, MemberValue, TopologyValue};
use tasks::{OwnedTasks, TaskSet};
use topology::Configured;
pub(crate) use topology::InternalTopic;

/// A refusal with its reason.
pub(crate) type Refusal = (ErrorCode, String);

/// How far a member is on the way to its target; the numbers are Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MemberState {
    /// It has what its epoch says.
    Stable = 1,
    /// It must give up tasks before anything else.
    Revoking = 2,
    /// It waits for tasks that others have not given up yet.
    Waiting = 3,
}

/// One member: a thread of an instance.
#[derive(Debug, Clone, PartialEq)]
struct StreamsMember {
    about: MemberValue,
    epoch: i32,
    previous_epoch: i32,
    state: MemberState,
    assigned: OwnedTasks,
    revoking: OwnedTasks,
}

impl StreamsMember {
    fn new(about: MemberValue) -> Self {
        Self {
            about,
            epoch: 0,
            previous_epoch: 0,
            state: MemberState::Stable,
            assigned: OwnedTasks::default(),
            revoking: OwnedTasks::default(),
        }
    }

    /// Whether it has everything of this epoch.
    fn is_at(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
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
        self.assigned = OwnedTasks::load(&value.active, &value.standby, &value.warmup, value.epoch);
        self.revoking = OwnedTasks::load(
            &value.revoking_active,
            &value.revoking_standby,
            &value.revoking_warmup,
            value.epoch,
        );
    }

    /// What is stored of it, as it stands.
    fn current(&self) -> CurrentValue {
        let [active, standby, warmup] = self.assigned.stored();
        let [revoking_active, revoking_standby, revoking_warmup] = self.revoking.stored();
        CurrentValue {
            epoch: self.epoch,
            previous_epoch: self.previous_epoch,
            state: self.state as i8,
            active,
            standby,
            warmup,
            revoking_active,
            revoking_standby,
            revoking_warmup,
        }
    }
}

/// What is known of a group only while the broker runs.
#[derive(Debug, Clone, Default)]
struct Live {
    /// The topology with the topics as they were at `topics_version`.
    configured: Option<Configured>,
    topics_version: Option<u64>,
    /// Who asked for the end of the application.
    shutdown_by: Option<StrBytes>,
    /// How often it changed who has what, for those who forward queries.
    endpoint_epoch: i32,
    /// Until when more members are waited for before tasks are assigned.
    delay_until: Option<Duration>,
}

/// One group.
#[derive(Debug, Clone)]
pub(crate) struct StreamsGroup {
    epoch: i32,
    metadata_hash: i64,
    validated_topology_epoch: i32,
    assignment_configs: Vec<KeyValue>,
    assignment_epoch: i32,
    /// When the target was worked out (ms since 1970); 0 for never.
    assignment_timestamp: i64,
    topology: Option<TopologyValue>,
    members: BTreeMap<StrBytes, StreamsMember>,
    targets: BTreeMap<StrBytes, TaskSet>,
    live: Live,
}

impl Default for StreamsGroup {
    fn default() -> Self {
        Self {
            // As in Kafka: 0 is the epoch of who joins.
            epoch: 1,
            metadata_hash: 0,
            validated_topology_epoch: -1,
            assignment_configs: Vec::new(),
            assignment_epoch: 1,
            assignment_timestamp: 0,
            topology: None,
            members: BTreeMap::new(),
            targets: BTreeMap::new(),
            live: Live::default(),
        }
    }
}

impl StreamsGroup {
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn member_count(&self) -> usize {
        self.members.len()
    }

    /// Kafka's name of the state.
    pub(super) fn state_name(&self) -> &'static str {
        let topology = self.topology.as_ref().map(|it| it.epoch);
        if self.members.is_empty() {
            "Empty"
        } else if topology != Some(self.validated_topology_epoch) {
            "NotReady"
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

    /// The topics that members read.
    pub(crate) fn subscribed_topics(&self) -> BTreeSet<StrBytes> {
        let topology = self.topology.iter().filter(|_| !self.is_empty());
        let subtopologies = topology.flat_map(|it| &it.subtopologies);
        subtopologies.flat_map(topology::sources).cloned().collect()
    }

    fn target(&self, member_id: &StrBytes) -> TaskSet {
        self.targets.get(member_id).cloned().unwrap_or_default()
    }

    /// Changes durable state: the only way.
    pub(super) fn replay(&mut self, record: StreamsRecord) {
        match record {
            StreamsRecord::Group(value) => {
                let value = value.unwrap_or_default();
                self.epoch = value.epoch;
                self.metadata_hash = value.metadata_hash;
                self.validated_topology_epoch = value.validated_topology_epoch;
                self.assignment_configs = value.assignment_configs.unwrap_or_default();
            }
            StreamsRecord::TargetEpoch(value) => {
                let value = value.unwrap_or_default();
                self.assignment_epoch = value.assignment_epoch;
                self.assignment_timestamp = value.assignment_timestamp;
            }
            StreamsRecord::Topology(value) => self.topology = value,
            StreamsRecord::Member(id, Some(about)) => match self.members.get_mut(&id) {
                Some(member) => member.about = about,
                None => {
                    self.members.insert(id, StreamsMember::new(about));
                }
            },
            StreamsRecord::Member(id, None) => {
                self.members.remove(&id);
            }
            StreamsRecord::Target(id, Some(value)) => {
                self.targets.insert(id, TaskSet::from_target(&value));
            }
            StreamsRecord::Target(id, None) => {
                self.targets.remove(&id);
            }
            StreamsRecord::Current(id, value) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.replay_current(value);
                }
            }
        }
    }

    /// The records after which nothing is left of the group.
    pub(super) fn tombstones(&self) -> Vec<StreamsRecord> {
        let mut records = Vec::new();
        for id in self.members.keys() {
            records.push(StreamsRecord::Current(id.clone(), None));
        }
        for id in self.targets.keys() {
            records.push(StreamsRecord::Target(id.clone(), None));
        }
        records.push(StreamsRecord::TargetEpoch(None));
        for id in self.members.keys() {
            records.push(StreamsRecord::Member(id.clone(), None));
        }
        records.push(StreamsRecord::Topology(None));
        // The last one, as with it the group is gone.
        records.push(StreamsRecord::Group(None));
        records
    }
}

/// A change under way: records, and the group as they make it. Nothing holds until they are written.
struct Draft {
    group: StreamsGroup,
    records: Vec<StreamsRecord>,
}

impl Draft {
    fn of(group: Option<&StreamsGroup>) -> Self {
        Self {
            group: group.cloned().unwrap_or_default(),
            records: Vec::new(),
        }
    }

    fn put(&mut self, record: StreamsRecord) {
        self.group.replay(record.clone());
        self.records.push(record);
    }

    /// A new group epoch.
    fn bump(&mut self, metadata_hash: i64, validated_topology_epoch: i32, configs: Vec<KeyValue>) {
        let epoch = self.group.epoch.checked_add(1).unwrap_or(1);
        self.put(StreamsRecord::Group(Some(GroupValue {
            epoch,
            metadata_hash,
            validated_topology_epoch,
            assignment_configs: Some(configs),
        })));
    }

    /// Takes members out, those that are there.
    fn remove(&mut self, ids: &[StrBytes]) {
        let mut is_changed = false;
        for id in ids {
            if self.group.members.contains_key(id) {
                self.put(StreamsRecord::Current(id.clone(), None));
                self.put(StreamsRecord::Target(id.clone(), None));
                self.put(StreamsRecord::Member(id.clone(), None));
                is_changed = true;
            }
        }
        if is_changed {
            let group = &self.group;
            let configs = group.assignment_configs.clone();
            self.bump(group.metadata_hash, group.validated_topology_epoch, configs);
        }
        if self.group.is_empty() {
            self.group.live.shutdown_by = None;
        }
    }
}
