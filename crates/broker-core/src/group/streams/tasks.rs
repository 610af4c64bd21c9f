//! Tasks: a subtopology and a partition, in the sets that members have, report and are to have.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_wire::messages::streams_group_heartbeat::TaskIds;
use rdkafka_wire::types::StrBytes;

use super::records::{CurrentTasks, TargetValue};

/// A task: its subtopology and partition.
pub(super) type TaskId = (StrBytes, i32);

/// Tasks of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tasks(BTreeMap<StrBytes, BTreeSet<i32>>);

impl Tasks {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&mut self, task: &TaskId) {
        self.0.entry(task.0.clone()).or_default().insert(task.1);
    }

    pub(super) fn contains(&self, subtopology: &str, partition: i32) -> bool {
        let partitions = self.0.get(subtopology);
        partitions.is_some_and(|it| it.contains(&partition))
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = TaskId> {
        self.by_subtopology()
            .flat_map(|(id, partitions)| partitions.iter().map(|it| (id.clone(), *it)))
    }

    pub(super) fn by_subtopology(&self) -> impl Iterator<Item = (&StrBytes, &BTreeSet<i32>)> {
        self.0.iter()
    }

    /// As messages and records carry them.
    pub(super) fn listed(&self) -> Vec<TaskIds> {
        let tasks = self.by_subtopology();
        tasks
            .map(|(id, partitions)| TaskIds {
                subtopology_id: id.clone(),
                partitions: partitions.iter().copied().collect(),
            })
            .collect()
    }

    /// Those of which something holds, and the others.
    pub(super) fn split(&self, holds: impl Fn(&TaskId) -> bool) -> (Self, Self) {
        let (yes, no): (Vec<TaskId>, Vec<TaskId>) = self.ids().partition(holds);
        (yes.into_iter().collect(), no.into_iter().collect())
    }

    fn of(listed: &[TaskIds]) -> Self {
        let tasks = listed.iter().flat_map(|it| {
            let id = it.subtopology_id.copy_out_of_frame();
            it.partitions.iter().map(move |at| (id.clone(), *at))
        });
        tasks.collect()
    }

    fn stored(&self, since: Option<&BTreeMap<TaskId, i32>>) -> Vec<CurrentTasks> {
        let tasks = self.by_subtopology().map(|(id, partitions)| {
            let epoch = |it: &i32| since?.get(&(id.clone(), *it)).copied();
            CurrentTasks {
                subtopology_id: id.clone(),
                partitions: partitions.iter().copied().collect(),
                assignment_epochs: since.and_then(|_| partitions.iter().map(epoch).collect()),
            }
        });
        tasks.collect()
    }
}

impl FromIterator<TaskId> for Tasks {
    fn from_iter<I: IntoIterator<Item = TaskId>>(tasks: I) -> Self {
        let mut all = Self::default();
        for task in tasks {
            all.insert(&task);
        }
        all
    }
}

/// Tasks of every kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TaskSet {
    pub(super) active: Tasks,
    pub(super) standby: Tasks,
    pub(super) warmup: Tasks,
}

impl TaskSet {
    pub(super) fn is_empty(&self) -> bool {
        self.kinds().iter().all(|it| it.is_empty())
    }

    pub(super) const fn kinds(&self) -> [&Tasks; 3] {
        [&self.active, &self.standby, &self.warmup]
    }

    /// Whether it has any of these, as what they are.
    pub(super) fn has_any_of(&self, other: &Self) -> bool {
        let mut kinds = self.kinds().into_iter().zip(other.kinds());
        kinds.any(|(own, other)| other.ids().any(|(id, at)| own.contains(&id, at)))
    }

    /// What a member says it has; `None` if it does not say.
    pub(super) fn reported(
        active: Option<&Vec<TaskIds>>,
        standby: Option<&Vec<TaskIds>>,
        warmup: Option<&Vec<TaskIds>>,
    ) -> Option<Self> {
        Some(Self {
            active: Tasks::of(active?),
            standby: Tasks::of(standby?),
            warmup: Tasks::of(warmup?),
        })
    }

    pub(super) fn from_target(value: &TargetValue) -> Self {
        Self {
            active: Tasks::of(&value.active),
            standby: Tasks::of(&value.standby),
            warmup: Tasks::of(&value.warmup),
        }
    }

    pub(super) fn target(&self) -> TargetValue {
        TargetValue {
            active: self.active.listed(),
            standby: self.standby.listed(),
            warmup: self.warmup.listed(),
        }
    }
}

/// Tasks that a member has, the active ones with the epoch since which it has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OwnedTasks {
    pub(super) tasks: TaskSet,
    pub(super) since: BTreeMap<TaskId, i32>,
}

impl OwnedTasks {
    /// Reads what is stored; active tasks without an epoch are of the member's.
    pub(super) fn load(
        active: &[CurrentTasks],
        standby: &[CurrentTasks],
        warmup: &[CurrentTasks],
        epoch: i32,
    ) -> Self {
        let of = |stored: &[CurrentTasks]| {
            let tasks = stored.iter().flat_map(|it| {
                let partitions = it.partitions.iter();
                partitions.map(|at| (it.subtopology_id.clone(), *at))
            });
            tasks.collect()
        };
        let mut since = BTreeMap::new();
        for stored in active {
            let epochs = stored.assignment_epochs.as_ref();
            let epochs = epochs.filter(|it| it.len() == stored.partitions.len());
            for (place, at) in stored.partitions.iter().enumerate() {
                let own = epochs.and_then(|it| it.get(place)).copied();
                let task = (stored.subtopology_id.clone(), *at);
                since.insert(task, own.unwrap_or(epoch));
            }
        }
        Self {
            tasks: TaskSet {
                active: of(active),
                standby: of(standby),
                warmup: of(warmup),
            },
            since,
        }
    }

    /// As it is stored.
    pub(super) fn stored(&self) -> [Vec<CurrentTasks>; 3] {
        [
            self.tasks.active.stored(Some(&self.since)),
            self.tasks.standby.stored(None),
            self.tasks.warmup.stored(None),
        ]
    }
}
