//! Who is to have which partitions.
//!
//! Both assignors are pure functions of members, topics and the last target. Guarantees: each partition of a subscribed
//! topic goes to exactly one member that is subscribed to it; the same input gives the same output.
//! * `uniform` spreads evenly (no two members differ by more than one where their subscriptions allow it) and moves as few
//!   partitions as it can.
//! * `range` gives neighbouring partitions of each topic to each member, the same ones of topics with the same members and
//!   as many partitions, so that they can be joined.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_wire::types::{StrBytes, Uuid};

use super::Partitions;

/// What an assignor looks at.
#[derive(Debug, Default)]
pub(super) struct Spec {
    pub(super) members: BTreeMap<StrBytes, MemberSpec>,
    /// Subscribed topics with their number of partitions.
    pub(super) topics: BTreeMap<Uuid, i32>,
}

/// One member.
#[derive(Debug, Default)]
pub(super) struct MemberSpec {
    pub(super) instance_id: Option<StrBytes>,
    pub(super) topics: BTreeSet<Uuid>,
    /// What it was to have before.
    pub(super) last: Partitions,
}

/// What everybody is to have.
pub(super) type Targets = BTreeMap<StrBytes, Partitions>;

/// Works out an assignment; an unknown name is the first assignor's.
pub(super) fn assign(assignor: &str, spec: &Spec) -> Targets {
    match assignor {
        "range" => range(spec),
        _ => uniform(spec),
    }
}

fn range(spec: &Spec) -> Targets {
    let mut targets: Targets = spec
        .members
        .keys()
        .map(|id| (id.clone(), Partitions::new()))
        .collect();
    for (topic, count) in &spec.topics {
        let subscribed = spec
            .members
            .iter()
            .filter(|(_, it)| it.topics.contains(topic));
        // Static members first, by their instance id: their place does not change when they come back under another id.
        let mut members: Vec<_> = subscribed
            .map(|(id, it)| (it.instance_id.is_none(), it.instance_id.as_ref(), id))
            .collect();
        members.sort();
        let Ok(size) = i32::try_from(members.len()) else {
            continue;
        };
        if size == 0 {
            continue;
        }
        let (share, larger) = (count / size, count % size);
        let mut next = 0;
        for ((_, _, id), at) in members.into_iter().zip(0..) {
            let end = next + share + i32::from(at < larger);
            if end > next
                && let Some(target) = targets.get_mut(id)
            {
                target.insert(*topic, (next..end).collect());
            }
            next = end;
        }
    }
    targets
}

fn uniform(spec: &Spec) -> Targets {
    let mut work = Work::keeping_what_is_valid(spec);
    work.hand_out_the_rest();
    work.balance();
    work.targets
}

/// An assignment in the making.
struct Work<'a> {
    spec: &'a Spec,
    targets: Targets,
    /// Members by how much they have.
    loads: BTreeSet<(usize, &'a StrBytes)>,
    free: Vec<(Uuid, i32)>,
}

impl<'a> Work<'a> {
    fn keeping_what_is_valid(spec: &'a Spec) -> Self {
        let mut taken: BTreeMap<Uuid, BTreeSet<i32>> = BTreeMap::new();
        let mut targets = Targets::new();
        let mut loads = BTreeSet::new();
        for (id, member) in &spec.members {
            let mut target = Partitions::new();
            for (topic, partitions) in &member.last {
                let count = spec.topics.get(topic).copied().unwrap_or(0);
                if !member.topics.contains(topic) {
                    continue;
                }
                let taken = taken.entry(*topic).or_default();
                let valid = partitions
                    .iter()
                    .copied()
                    .filter(|it| (0..count).contains(it));
                let kept: BTreeSet<i32> = valid.filter(|it| taken.insert(*it)).collect();
                if !kept.is_empty() {
                    target.insert(*topic, kept);
                }
            }
            loads.insert((load(&target), id));
            targets.insert(id.clone(), target);
        }
        let all = spec
            .topics
            .iter()
            .flat_map(|(topic, count)| (0..*count).map(|it| (*topic, it)));
        let free =
            all.filter(|(topic, it)| taken.get(topic).is_none_or(|taken| !taken.contains(it)));
        let mut free: Vec<_> = free.collect();
        // Topics that few can have first: they leave the least choice.
        let subscribers = |topic: &Uuid| {
            spec.members
                .values()
                .filter(|it| it.topics.contains(topic))
                .count()
        };
        let counts: BTreeMap<Uuid, usize> = spec
            .topics
            .keys()
            .map(|it| (*it, subscribers(it)))
            .collect();
        free.sort_by_key(|(topic, partition)| (counts.get(topic).copied(), *topic, *partition));
        Self {
            spec,
            targets,
            loads,
            free,
        }
    }

    fn hand_out_the_rest(&mut self) {
        for (topic, partition) in std::mem::take(&mut self.free) {
            let taker = self.loads.iter().find(|(_, id)| {
                self.spec
                    .members
                    .get(*id)
                    .is_some_and(|it| it.topics.contains(&topic))
            });
            if let Some((load, id)) = taker.copied() {
                self.loads.remove(&(load, id));
                self.loads.insert((load + 1, id));
                self.give(id, topic, partition);
            }
        }
    }

    /// Moves partitions from those who have more to those who have less by two, until there is no such pair. Each move makes the
    /// sum of squares smaller, so it ends.
    fn balance(&mut self) {
        while let Some((from, to, topic, partition)) = self.find_move() {
            if let Some(target) = self.targets.get_mut(from)
                && let Some(partitions) = target.get_mut(&topic)
            {
                partitions.remove(&partition);
                if partitions.is_empty() {
                    target.remove(&topic);
                }
            }
            self.give(to, topic, partition);
            for id in [from, to] {
                let now = self.targets.get(id).map_or(0, load);
                let before = if id == from { now + 1 } else { now - 1 };
                self.loads.remove(&(before, id));
                self.loads.insert((now, id));
            }
        }
    }

    fn find_move(&self) -> Option<(&'a StrBytes, &'a StrBytes, Uuid, i32)> {
        for (few, to) in &self.loads {
            let topics = &self.spec.members.get(*to)?.topics;
            for (many, from) in self.loads.iter().rev() {
                if *many < few + 2 {
                    break;
                }
                let target = self.targets.get(*from)?;
                // From the topic it has the most of, so that what is left is spread over topics.
                let movable = target.iter().filter(|(topic, _)| topics.contains(topic));
                let largest = movable.max_by_key(|(_, partitions)| partitions.len());
                if let Some((topic, partitions)) = largest
                    && let Some(partition) = partitions.last()
                {
                    return Some((from, to, *topic, *partition));
                }
            }
        }
        None
    }

    fn give(&mut self, id: &StrBytes, topic: Uuid, partition: i32) {
        if let Some(target) = self.targets.get_mut(id) {
            target.entry(topic).or_default().insert(partition);
        }
    }
}

fn load(target: &Partitions) -> usize {
    target.values().map(BTreeSet::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(number: u8) -> Uuid {
        Uuid([number; 16])
    }

    fn spec(topics: &[(u8, i32)], members: &[(&str, &[u8])], last: &Targets) -> Spec {
        let members = members.iter().map(|(id, topics)| {
            let member = MemberSpec {
                instance_id: None,
                topics: topics.iter().map(|it| topic(*it)).collect(),
                last: last.get(&StrBytes::from(*id)).cloned().unwrap_or_default(),
            };
            (StrBytes::from(*id), member)
        });
        Spec {
            members: members.collect(),
            topics: topics
                .iter()
                .map(|(id, count)| (topic(*id), *count))
                .collect(),
        }
    }

    fn loads(targets: &Targets) -> Vec<usize> {
        targets.values().map(load).collect()
    }

    fn moved(before: &Targets, after: &Targets) -> usize {
        let mut count = 0;
        for (id, target) in after {
            for (topic, partitions) in target {
                let had = before.get(id).and_then(|it| it.get(topic));
                count += partitions
                    .iter()
                    .filter(|it| had.is_none_or(|had| !had.contains(it)))
                    .count();
            }
        }
        count
    }

    #[test]
    fn uniform_spreads_evenly_and_moves_only_what_it_must() {
        let none = Targets::new();
        let two = uniform(&spec(&[(1, 6)], &[("a", &[1]), ("b", &[1])], &none));
        assert_eq!(loads(&two), [3, 3]);
        let three = uniform(&spec(
            &[(1, 6)],
            &[("a", &[1]), ("b", &[1]), ("c", &[1])],
            &two,
        ));
        assert_eq!((loads(&three), moved(&two, &three)), (vec![2, 2, 2], 2));
        let again = uniform(&spec(&[(1, 6)], &[("a", &[1]), ("c", &[1])], &three));
        assert_eq!((loads(&again), moved(&three, &again)), (vec![3, 3], 2));
    }

    #[test]
    fn uniform_respects_subscriptions() {
        let members: &[(&str, &[u8])] = &[("a", &[1]), ("b", &[1, 2]), ("c", &[2])];
        let targets = uniform(&spec(&[(1, 2), (2, 4)], members, &Targets::new()));
        assert_eq!(loads(&targets), [2, 2, 2]);
        assert!(!targets["a"].contains_key(&topic(2)));
        assert!(!targets["c"].contains_key(&topic(1)));
    }

    #[test]
    fn range_gives_the_same_partitions_of_topics_alike() {
        let members: &[(&str, &[u8])] = &[("a", &[1, 2]), ("b", &[1, 2])];
        let targets = range(&spec(&[(1, 3), (2, 3)], members, &Targets::new()));
        assert_eq!(targets["a"][&topic(1)], [0, 1].into());
        assert_eq!(targets["a"][&topic(2)], [0, 1].into());
        assert_eq!(targets["b"][&topic(1)], [2].into());
    }

    #[test]
    fn both_give_every_partition_to_one_subscribed_member_and_uniform_is_balanced() {
        let mut rng = fastrand::Rng::with_seed(5);
        for _ in 0..300 {
            let topics: Vec<(u8, i32)> = (0..rng.u8(1..5)).map(|id| (id, rng.i32(1..9))).collect();
            let names: Vec<String> = (0..rng.usize(1..6)).map(|id| format!("m{id}")).collect();
            let subscriptions: Vec<Vec<u8>> = names
                .iter()
                .map(|_| {
                    topics
                        .iter()
                        .map(|it| it.0)
                        .filter(|_| rng.bool())
                        .collect()
                })
                .collect();
            let members: Vec<(&str, &[u8])> = names
                .iter()
                .map(String::as_str)
                .zip(subscriptions.iter().map(Vec::as_slice))
                .collect();
            let first = spec(&topics, &members, &Targets::new());
            let before = uniform(&first);
            for spec in [first, spec(&topics, &members[1..], &before)] {
                for targets in [uniform(&spec), range(&spec)] {
                    check(&spec, &targets);
                }
            }
        }
    }

    fn check(spec: &Spec, targets: &Targets) {
        let mut seen = BTreeSet::new();
        for (id, target) in targets {
            for (topic, partitions) in target {
                assert!(spec.members[id].topics.contains(topic));
                assert!(partitions.iter().all(|it| seen.insert((*topic, *it))));
            }
        }
        for (topic, count) in &spec.topics {
            if spec.members.values().any(|it| it.topics.contains(topic)) {
                assert!((0..*count).all(|it| seen.contains(&(*topic, it))));
            }
        }
    }
}
