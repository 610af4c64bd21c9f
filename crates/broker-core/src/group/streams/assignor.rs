//! Who is to have which tasks: the `sticky` assignor of streams groups.
//!
//! A pure function of members, tasks and the last target. Guarantees: every task is active with exactly one member; a stateful one
//! is on standby with as many other processes as there shall be and are; shares are even among members; a task stays where it
//! is, or goes where it was on standby, as long as that holds; the same input gives the same output.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_wire::types::StrBytes;

use super::tasks::{TaskId, TaskSet, Tasks};

/// What to assign, and to whom.
#[derive(Debug, Default)]
pub(super) struct Spec {
    /// Each member with its process and what it was to have before.
    pub(super) members: BTreeMap<StrBytes, (StrBytes, TaskSet)>,
    /// Each subtopology: how many tasks, and whether they keep state.
    pub(super) subtopologies: BTreeMap<StrBytes, (i32, bool)>,
    pub(super) standby_replicas: usize,
}

/// What everybody is to have.
pub(super) fn assign(spec: &Spec) -> BTreeMap<StrBytes, TaskSet> {
    let mut work = Work::of(spec);
    if !spec.members.is_empty() {
        work.assign_active(all_tasks(spec, false));
        if spec.standby_replicas > 0 {
            work.assign_standby(all_tasks(spec, true), spec.standby_replicas);
        }
    }
    work.targets
}

fn all_tasks(spec: &Spec, only_stateful: bool) -> Vec<TaskId> {
    let subtopologies = spec.subtopologies.iter();
    let wanted = subtopologies.filter(|(_, (_, is_stateful))| *is_stateful || !only_stateful);
    let tasks = wanted.flat_map(|(id, (count, _))| (0..*count).map(|it| (id.clone(), it)));
    tasks.collect()
}

/// How many tasks a member may have, while there are tasks and members left to be filled.
struct Quota {
    tasks: usize,
    members: usize,
    each: usize,
}

impl Quota {
    fn new(tasks: usize, members: usize) -> Self {
        let each = if members == 0 {
            0
        } else {
            tasks.div_ceil(members)
        };
        Self {
            tasks,
            members,
            each,
        }
    }

    /// A member has as many tasks now: one that has its share is out, and the others divide the rest.
    fn has(&mut self, count: usize) {
        if count == self.each {
            *self = Self::new(
                self.tasks.saturating_sub(count),
                self.members.saturating_sub(1),
            );
        }
    }
}

/// An instance of the application: it has one state directory, so it has a task once.
#[derive(Default)]
struct Process {
    /// How many tasks each of its members has.
    members: BTreeMap<StrBytes, usize>,
    tasks: BTreeSet<TaskId>,
    count: usize,
}

impl Process {
    /// Whether it has less to do for each of its members than another.
    fn load_against(&self, other: &Self) -> std::cmp::Ordering {
        (self.count * other.members.len()).cmp(&(other.count * self.members.len()))
    }
}

struct Work {
    processes: BTreeMap<StrBytes, Process>,
    process_of: BTreeMap<StrBytes, StrBytes>,
    was_active: BTreeMap<TaskId, StrBytes>,
    was_standby: BTreeMap<TaskId, Vec<StrBytes>>,
    active: Quota,
    total: Quota,
    targets: BTreeMap<StrBytes, TaskSet>,
}

impl Work {
    fn of(spec: &Spec) -> Self {
        let count = |it: &i32| usize::try_from(*it).unwrap_or(0);
        let (mut active, mut total) = (0, 0);
        for (tasks, is_stateful) in spec.subtopologies.values() {
            let copies = if *is_stateful {
                1 + spec.standby_replicas
            } else {
                1
            };
            active += count(tasks);
            total += count(tasks) * copies;
        }
        let members = spec.members.len();
        let mut work = Self {
            processes: BTreeMap::new(),
            process_of: BTreeMap::new(),
            was_active: BTreeMap::new(),
            was_standby: BTreeMap::new(),
            active: Quota::new(active, members),
            total: Quota::new(total, members),
            targets: BTreeMap::new(),
        };
        for (id, (process, last)) in &spec.members {
            let of_process = work.processes.entry(process.clone()).or_default();
            of_process.members.insert(id.clone(), 0);
            work.process_of.insert(id.clone(), process.clone());
            work.targets.insert(id.clone(), TaskSet::default());
            for task in last.active.ids() {
                work.was_active.insert(task, id.clone());
            }
            for task in last.standby.ids() {
                work.was_standby.entry(task).or_default().push(id.clone());
            }
        }
        work
    }

    fn assign_active(&mut self, mut tasks: Vec<TaskId>) {
        tasks.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        // Where it is, then where its state is nearly complete, then where there is least to do.
        tasks.retain(|task| {
            let Some(member) = self.was_active.get(task).cloned() else {
                return true;
            };
            !self.give_active_within_quota(&member, task)
        });
        tasks.retain(|task| {
            let before = self.was_standby.get(task).cloned().unwrap_or_default();
            let Some(member) = self.least_loaded(before) else {
                return true;
            };
            !self.give_active_within_quota(&member, task)
        });
        tasks.sort();
        for task in tasks {
            let members = self.process_of.keys().cloned().collect();
            if let Some(member) = self.least_loaded(members) {
                self.give(&member, &task, true);
            }
        }
    }

    fn give_active_within_quota(&mut self, member: &StrBytes, task: &TaskId) -> bool {
        let fits = self.count_of(member) < self.active.each;
        if fits {
            self.give(member, task, true);
        }
        fits
    }

    fn assign_standby(&mut self, mut tasks: Vec<TaskId>, replicas: usize) {
        tasks.sort_by(|a, b| (b.1, &b.0).cmp(&(a.1, &a.0)));
        let mut rest = Vec::new();
        for task in tasks {
            let given = (0..replicas).take_while(|_| self.give_standby_back(&task));
            let missing = replicas - given.count();
            if missing > 0 {
                rest.push((task, missing));
            }
        }
        rest.sort_by(|a, b| b.cmp(a));
        for (task, missing) in rest {
            for _ in 0..missing {
                let members = self.process_of.keys().cloned().collect();
                let Some(member) = self.least_loaded_without(&task, members) else {
                    tracing::debug!(subtopology = %task.0, partition = task.1, "there are fewer processes than standby replicas");
                    break;
                };
                self.give(&member, &task, false);
            }
        }
    }

    /// A task goes on standby where its state is: with who had it last, or who had it on standby.
    fn give_standby_back(&mut self, task: &TaskId) -> bool {
        let was_active = self.was_active.get(task).cloned().into_iter().collect();
        let was_standby = self.was_standby.get(task).cloned().unwrap_or_default();
        for before in [was_active, was_standby] {
            let member = self.least_loaded_without(task, before);
            if let Some(member) = member.filter(|it| self.count_of(it) < self.total.each) {
                self.give(&member, task, false);
                return true;
            }
        }
        false
    }

    fn process(&self, member: &StrBytes) -> Option<&Process> {
        self.processes.get(self.process_of.get(member)?)
    }

    fn count_of(&self, member: &StrBytes) -> usize {
        let process = self.process(member);
        process
            .and_then(|it| it.members.get(member).copied())
            .unwrap_or(usize::MAX)
    }

    /// The member with least to do, of the process with least to do.
    fn least_loaded(&self, members: Vec<StrBytes>) -> Option<StrBytes> {
        members.into_iter().min_by(|a, b| {
            let (Some(of_a), Some(of_b)) = (self.process(a), self.process(b)) else {
                return std::cmp::Ordering::Equal;
            };
            let loads = of_a.load_against(of_b);
            let loads = loads.then_with(|| self.process_of.get(a).cmp(&self.process_of.get(b)));
            loads.then_with(|| (self.count_of(a), a).cmp(&(self.count_of(b), b)))
        })
    }

    fn least_loaded_without(&self, task: &TaskId, mut members: Vec<StrBytes>) -> Option<StrBytes> {
        members.retain(|it| self.process(it).is_some_and(|it| !it.tasks.contains(task)));
        self.least_loaded(members)
    }

    fn give(&mut self, member: &StrBytes, task: &TaskId, is_active: bool) {
        let process = self.process_of.get(member);
        let Some(process) = process.and_then(|it| self.processes.get_mut(it)) else {
            return;
        };
        process.tasks.insert(task.clone());
        process.count += 1;
        let count = process.members.entry(member.clone()).or_default();
        *count += 1;
        let count = *count;
        if let Some(target) = self.targets.get_mut(member) {
            let tasks: &mut Tasks = if is_active {
                &mut target.active
            } else {
                &mut target.standby
            };
            tasks.insert(task);
        }
        if is_active {
            self.active.has(count);
        }
        self.total.has(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members of processes, each with its last target; `0` has four stateful tasks, `1` two stateless ones.
    fn spec(members: &[(&str, &str)], standby_replicas: usize) -> Spec {
        let members = members.iter().map(|(id, process)| {
            let value = (StrBytes::from(*process), TaskSet::default());
            (StrBytes::from(*id), value)
        });
        Spec {
            members: members.collect(),
            subtopologies: [("0".into(), (4, true)), ("1".into(), (2, false))].into(),
            standby_replicas,
        }
    }

    fn again(spec: &mut Spec, targets: &BTreeMap<StrBytes, TaskSet>) {
        for (id, (_, last)) in &mut spec.members {
            *last = targets.get(id).cloned().unwrap_or_default();
        }
    }

    fn check(spec: &Spec, targets: &BTreeMap<StrBytes, TaskSet>) {
        let active: Vec<TaskId> = targets.values().flat_map(|it| it.active.ids()).collect();
        let unique: BTreeSet<TaskId> = active.iter().cloned().collect();
        assert_eq!((active.len(), unique.len()), (6, 6), "{targets:?}");
        let mut of_process: BTreeSet<(StrBytes, TaskId)> = BTreeSet::new();
        for (id, target) in targets {
            let process = &spec.members[id].0;
            for task in target.active.ids().chain(target.standby.ids()) {
                assert!(
                    of_process.insert((process.clone(), task)),
                    "{process} has a task twice: {targets:?}"
                );
            }
        }
        let loads = targets.values().map(|it| it.active.ids().count());
        let (least, most) = (loads.clone().min().unwrap(), loads.max().unwrap());
        assert!(most - least <= 1, "{targets:?}");
    }

    #[test]
    fn shares_are_even_and_stay_when_members_come_and_go() {
        let mut one = spec(&[("a", "p")], 0);
        let first = assign(&one);
        check(&one, &first);
        one.members.extend(spec(&[("b", "q")], 0).members);
        again(&mut one, &first);
        let second = assign(&one);
        check(&one, &second);
        let stays = |before: &TaskSet, after: &TaskSet| {
            let before: BTreeSet<TaskId> = before.active.ids().collect();
            after.active.ids().all(|it| before.contains(&it))
        };
        assert!(stays(&first["a"], &second["a"]));
        again(&mut one, &second);
        assert_eq!(assign(&one), second);
        one.members.remove(&StrBytes::from("a"));
        check(&one, &assign(&one));
    }

    #[test]
    fn standby_tasks_are_on_other_processes_and_take_over() {
        let mut group = spec(&[("a1", "p"), ("a2", "p"), ("b1", "q"), ("b2", "q")], 1);
        let targets = assign(&group);
        check(&group, &targets);
        let standby = targets.values().map(|it| it.standby.ids().count());
        assert_eq!(standby.sum::<usize>(), 4);
        again(&mut group, &targets);
        assert_eq!(assign(&group), targets);
        // Who is left had the state of what the others did.
        for id in ["a1", "a2"] {
            group.members.remove(&StrBytes::from(id));
        }
        let after = assign(&group);
        check(&group, &after);
        for id in ["b1", "b2"] {
            let id = StrBytes::from(id);
            let kept: BTreeSet<TaskId> = after[&id].active.ids().collect();
            assert!(targets[&id].active.ids().all(|it| kept.contains(&it)));
            assert!(after[&id].standby.ids().next().is_none());
        }
    }

    #[test]
    fn one_process_has_no_standby_tasks_and_nobody_has_none() {
        let alone = spec(&[("a1", "p"), ("a2", "p")], 2);
        let targets = assign(&alone);
        check(&alone, &targets);
        assert!(targets.values().all(|it| it.standby.ids().next().is_none()));
        assert!(assign(&spec(&[], 1)).is_empty());
    }
}
