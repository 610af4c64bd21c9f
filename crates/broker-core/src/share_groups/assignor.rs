//! Who is to have which partitions: the `simple` assignor of share groups.
//!
//! A pure function of members, topics and the last target. Guarantees: each partition of a topic that somebody is subscribed to
//! goes to as many subscribers as it takes for everybody to have one, to one at least; shares are even, and stay where they
//! are as long as that holds; the same input gives the same output.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_wire::types::{StrBytes, Uuid};

use super::group::Partitions;

/// One member: what it is subscribed to, and what it was to have before.
#[derive(Debug, Default)]
pub(super) struct MemberSpec {
    pub(super) topics: BTreeSet<Uuid>,
    pub(super) last: Partitions,
}

/// What everybody is to have. `partitions` are those there are.
pub(super) fn assign(
    members: &BTreeMap<StrBytes, MemberSpec>,
    partitions: &Partitions,
) -> BTreeMap<StrBytes, Partitions> {
    let mut targets: BTreeMap<StrBytes, Partitions> = members
        .keys()
        .map(|id| (id.clone(), Partitions::new()))
        .collect();
    // Members of the same subscription share its partitions among themselves.
    let mut subscriptions: BTreeMap<&BTreeSet<Uuid>, Vec<&StrBytes>> = BTreeMap::new();
    for (id, member) in members {
        subscriptions.entry(&member.topics).or_default().push(id);
    }
    for (topics, ids) in subscriptions {
        let all: Vec<(Uuid, i32)> = partitions
            .iter()
            .filter(|(topic, _)| topics.contains(topic))
            .flat_map(|(topic, numbers)| numbers.iter().map(|it| (*topic, *it)))
            .collect();
        spread(&ids, members, &all, &mut targets);
    }
    targets
}

/// Spreads partitions evenly over members that all may have all of them.
fn spread(
    ids: &[&StrBytes],
    members: &BTreeMap<StrBytes, MemberSpec>,
    all: &[(Uuid, i32)],
    targets: &mut BTreeMap<StrBytes, Partitions>,
) {
    if all.is_empty() {
        return;
    }
    let owners = ids.len().div_ceil(all.len());
    let slots = owners * all.len();
    let quota =
        |at: usize| (slots * (at + 1)).div_ceil(ids.len()) - (slots * at).div_ceil(ids.len());
    let mut owned: BTreeMap<(Uuid, i32), BTreeSet<usize>> =
        all.iter().map(|it| (*it, BTreeSet::new())).collect();
    let mut loads = vec![0; ids.len()];
    let mut give = |partition: (Uuid, i32), at: usize, loads: &mut Vec<usize>| {
        if let Some(target) = targets.get_mut(ids[at]) {
            target.entry(partition.0).or_default().insert(partition.1);
        }
        loads[at] += 1;
    };
    for (at, id) in ids.iter().enumerate() {
        for (topic, numbers) in members.get(*id).map(|it| &it.last).into_iter().flatten() {
            for number in numbers {
                let partition = (*topic, *number);
                if let Some(others) = owned.get_mut(&partition)
                    && others.len() < owners
                    && loads[at] < quota(at)
                {
                    others.insert(at);
                    give(partition, at, &mut loads);
                }
            }
        }
    }
    for (partition, others) in &mut owned {
        while others.len() < owners {
            let free = (0..ids.len()).filter(|at| !others.contains(at) && loads[*at] < quota(*at));
            // The quotas may not fit this partition any more: one owner is what it needs, however.
            let any = (0..ids.len()).filter(|at| others.is_empty() && !others.contains(at));
            let Some(at) = free
                .min_by_key(|at| loads[*at])
                .or_else(|| any.min_by_key(|at| loads[*at]))
            else {
                break;
            };
            others.insert(at);
            give(*partition, at, &mut loads);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(count: usize, topics: &[u8]) -> BTreeMap<StrBytes, MemberSpec> {
        let topics: BTreeSet<Uuid> = topics.iter().map(|it| Uuid([*it; 16])).collect();
        let member = |at: usize| {
            let spec = MemberSpec {
                topics: topics.clone(),
                last: Partitions::new(),
            };
            (format!("m{at:02}").into(), spec)
        };
        (0..count).map(member).collect()
    }

    fn partitions(topic: u8, count: i32) -> Partitions {
        [(Uuid([topic; 16]), (0..count).collect())].into()
    }

    fn loads(targets: &BTreeMap<StrBytes, Partitions>) -> Vec<usize> {
        let load = |it: &Partitions| it.values().map(BTreeSet::len).sum();
        targets.values().map(load).collect()
    }

    #[test]
    fn few_members_divide_the_partitions_and_many_share_them() {
        for (count, parts, expected) in [
            (1, 3, vec![3]),
            (2, 4, vec![2, 2]),
            (2, 3, vec![2, 1]),
            (3, 1, vec![1, 1, 1]),
            (4, 2, vec![1, 1, 1, 1]),
        ] {
            let targets = assign(&members(count, &[1]), &partitions(1, parts));
            assert_eq!(
                loads(&targets),
                expected,
                "{count} members, {parts} partitions"
            );
        }
        let targets = assign(&members(5, &[1]), &partitions(1, 3));
        assert_eq!(loads(&targets).iter().sum::<usize>(), 6);
        assert!(loads(&targets).iter().all(|it| *it > 0));
    }

    #[test]
    fn shares_stay_where_they_are_when_a_member_comes() {
        let mut group = members(2, &[1]);
        let before = assign(&group, &partitions(1, 6));
        group.extend(members(3, &[1]).split_off("m02"));
        for (id, target) in &before {
            group.get_mut(id).unwrap().last = target.clone();
        }
        let after = assign(&group, &partitions(1, 6));
        assert_eq!(loads(&after), [2, 2, 2]);
        let topic = Uuid([1; 16]);
        for (id, target) in &before {
            assert!(after[id][&topic].is_subset(&target[&topic]));
        }
    }

    #[test]
    fn every_partition_has_an_owner_who_is_subscribed() {
        let mut group = members(2, &[1]);
        group.extend(members(4, &[1, 2]).split_off("m02"));
        let mut all = partitions(1, 3);
        all.extend(partitions(2, 2));
        let targets = assign(&group, &all);
        for (topic, numbers) in &all {
            for number in numbers {
                let owns = |it: &Partitions| it.get(topic).is_some_and(|it| it.contains(number));
                assert!(targets.values().any(owns), "{topic} {number}");
            }
        }
        assert!(targets["m00"].keys().all(|it| *it == Uuid([1; 16])));
        assert_eq!(assign(&members(2, &[9]), &all)["m00"], Partitions::new());
        assert!(assign(&BTreeMap::new(), &all).is_empty());
    }
}
