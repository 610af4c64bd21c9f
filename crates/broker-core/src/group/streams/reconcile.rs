//! From what a member has to what it is to have.

use rdkafka_wire::types::StrBytes;

use super::tasks::{OwnedTasks, TaskId, TaskSet, Tasks};
use super::{MemberState, StreamsGroup, StreamsMember};

/// Where a member is to get.
#[derive(Debug)]
pub(super) struct Goal {
    pub(super) epoch: i32,
    pub(super) tasks: TaskSet,
}

/// Tasks of one kind: what a member keeps, what it must give up, what it can have now, and whether there is more to come.
struct Step {
    kept: Tasks,
    surplus: Tasks,
    wanted: Tasks,
    must_wait: bool,
}

impl StreamsGroup {
    /// The member one step further, as far as that is possible now. `owned` is what the member says it has; `None` when it
    /// did not say, so that nothing is known to be given up.
    pub(super) fn reconciled(
        &self,
        member: &StreamsMember,
        goal: &Goal,
        owned: Option<&TaskSet>,
    ) -> StreamsMember {
        match member.state {
            MemberState::Stable if member.epoch == goal.epoch => member.clone(),
            MemberState::Revoking if still_owns(&member.revoking.tasks, owned) => member.clone(),
            // Giving up is a step of its own, and so has an epoch of its own.
            MemberState::Revoking => {
                let epoch = member.epoch.saturating_add(1);
                self.next_step(member, epoch, goal, owned)
            }
            MemberState::Stable | MemberState::Waiting => {
                self.next_step(member, member.epoch, goal, owned)
            }
        }
    }

    fn next_step(
        &self,
        member: &StreamsMember,
        epoch: i32,
        goal: &Goal,
        owned: Option<&TaskSet>,
    ) -> StreamsMember {
        let has = &member.assigned;
        let process = &member.about.process_id;
        let active = step(&has.tasks.active, &goal.tasks.active, |task| {
            self.is_active_anywhere(task) || self.is_spare_in(process, task)
        });
        // A process has a task once, whatever as: it has one state directory.
        let is_in_process =
            |task: &TaskId| self.is_active_in(process, task) || self.is_spare_in(process, task);
        let standby = step(&has.tasks.standby, &goal.tasks.standby, is_in_process);
        let warmup = step(&has.tasks.warmup, &goal.tasks.warmup, is_in_process);
        let kept = TaskSet {
            active: active.kept,
            standby: standby.kept,
            warmup: warmup.kept,
        };
        let surplus = TaskSet {
            active: active.surplus,
            standby: standby.surplus,
            warmup: warmup.surplus,
        };
        if still_owns(&surplus, owned) {
            return StreamsMember {
                epoch,
                previous_epoch: member.epoch,
                state: MemberState::Revoking,
                assigned: has.only(kept),
                revoking: has.only(surplus),
                ..member.clone()
            };
        }
        let mut assigned = has.only(kept);
        for task in active.wanted.ids() {
            assigned.tasks.active.insert(&task);
            assigned.since.insert(task, goal.epoch);
        }
        for task in standby.wanted.ids() {
            assigned.tasks.standby.insert(&task);
        }
        for task in warmup.wanted.ids() {
            assigned.tasks.warmup.insert(&task);
        }
        let state = if active.must_wait || standby.must_wait || warmup.must_wait {
            MemberState::Waiting
        } else {
            MemberState::Stable
        };
        StreamsMember {
            about: member.about.clone(),
            epoch: goal.epoch,
            previous_epoch: member.epoch,
            state,
            assigned,
            revoking: OwnedTasks::default(),
        }
    }

    fn anybody(&self, holds: impl Fn(&StreamsMember, &TaskSet) -> bool) -> bool {
        self.members.values().any(|member| {
            holds(member, &member.assigned.tasks) || holds(member, &member.revoking.tasks)
        })
    }

    fn is_active_anywhere(&self, (id, at): &TaskId) -> bool {
        self.anybody(|_, has| has.active.contains(id, *at))
    }

    fn is_active_in(&self, process: &StrBytes, (id, at): &TaskId) -> bool {
        self.anybody(|it, has| it.about.process_id == *process && has.active.contains(id, *at))
    }

    fn is_spare_in(&self, process: &StrBytes, (id, at): &TaskId) -> bool {
        self.anybody(|it, has| {
            it.about.process_id == *process
                && (has.standby.contains(id, *at) || has.warmup.contains(id, *at))
        })
    }
}

impl OwnedTasks {
    /// A part of it.
    fn only(&self, tasks: TaskSet) -> Self {
        let since = self.since.iter();
        let since = since.filter(|((id, at), _)| tasks.active.contains(id, *at));
        Self {
            since: since.map(|(task, epoch)| (task.clone(), *epoch)).collect(),
            tasks,
        }
    }
}

fn step(has: &Tasks, target: &Tasks, is_taken: impl Fn(&TaskId) -> bool) -> Step {
    let (kept, surplus) = has.split(|(id, at)| target.contains(id, *at));
    let (_, missing) = target.split(|(id, at)| kept.contains(id, *at));
    let (taken, wanted) = missing.split(is_taken);
    Step {
        kept,
        surplus,
        wanted,
        must_wait: !taken.is_empty(),
    }
}

/// Whether a member has not given up all of these. One that does not say has not.
fn still_owns(tasks: &TaskSet, owned: Option<&TaskSet>) -> bool {
    !tasks.is_empty() && owned.is_none_or(|owned| owned.has_any_of(tasks))
}
