//! The `range` assignor: per topic, consecutive partitions to the members in their order, the first few
//! getting one more when it does not divide evenly. Where members tell their rack (KIP-881), partitions with
//! a replica there are preferred, but never at the price of the counts; topics with the same members and the
//! same number of partitions stay co-partitioned, which wins over racks. Pure code, on the driver task.

use std::collections::BTreeSet;

use rdkafka_wire::types::StrBytes;

use super::{Assignment, Member, Topic, add, member_order};

/// A topic being dealt.
struct Dealing<'a> {
    topic: &'a Topic,
    /// Indices of the subscribed members, in layout order.
    members: Vec<usize>,
    /// How many partitions each of `members` has got.
    counts: Vec<usize>,
    taken: Vec<bool>,
    /// Everybody gets this many ...
    per_member: usize,
    /// ... and this many members one more.
    extras: usize,
}

impl<'a> Dealing<'a> {
    fn new(topic: &'a Topic, members: Vec<usize>) -> Self {
        Self {
            topic,
            counts: vec![0; members.len()],
            taken: vec![false; topic.partitions.len()],
            per_member: topic.partitions.len() / members.len(),
            extras: topic.partitions.len() % members.len(),
            members,
        }
    }

    /// How many more partitions the `slot`-th member may get.
    fn room(&self, slot: usize) -> usize {
        (self.per_member + usize::from(self.extras > 0)).saturating_sub(self.counts[slot])
    }

    fn give(&mut self, slot: usize, partition: usize, assignments: &mut [Assignment]) {
        self.taken[partition] = true;
        self.counts[slot] += 1;
        if self.counts[slot] > self.per_member {
            self.extras = self.extras.saturating_sub(1);
        }
        add(
            &mut assignments[self.members[slot]],
            &self.topic.name,
            partition,
        );
    }

    /// Fills up member after member with free partitions that `may` allows.
    fn deal(&mut self, assignments: &mut [Assignment], may: impl Fn(usize, usize) -> bool) {
        for slot in 0..self.members.len() {
            let free: Vec<usize> = (0..self.taken.len())
                .filter(|partition| !self.taken[*partition] && may(self.members[slot], *partition))
                .take(self.room(slot))
                .collect();
            for partition in free {
                self.give(slot, partition, assignments);
            }
        }
    }

    /// Whether racks can make a difference: some member has a rack that some partition has, and not every
    /// partition has replicas on all racks.
    fn is_rack_aware(&self, members: &[Member]) -> bool {
        let all_racks: BTreeSet<_> = self.topic.partitions.iter().flatten().collect();
        let common = self
            .members
            .iter()
            .filter_map(|member| rack_of(&members[*member]))
            .any(|rack| all_racks.contains(rack));
        common
            && self
                .topic
                .partitions
                .iter()
                .any(|racks| racks.len() != all_racks.len())
    }

    fn is_co_partitioned_with(&self, other: &Self) -> bool {
        self.members == other.members && self.topic.partitions.len() == other.topic.partitions.len()
    }
}

pub(super) fn assign(members: &[Member], topics: &[Topic]) -> Vec<Assignment> {
    let mut assignments = vec![Assignment::new(); members.len()];
    let order = member_order(members);
    let mut buckets: Vec<Vec<Dealing<'_>>> = Vec::new();
    for topic in topics {
        let subscribed: Vec<usize> = order
            .iter()
            .copied()
            .filter(|member| members[*member].topics.contains(&topic.name))
            .collect();
        if subscribed.is_empty() {
            continue;
        }
        let dealing = Dealing::new(topic, subscribed);
        match buckets
            .iter_mut()
            .find(|bucket| bucket[0].is_co_partitioned_with(&dealing))
        {
            Some(bucket) => bucket.push(dealing),
            None => buckets.push(vec![dealing]),
        }
    }

    for bucket in &mut buckets {
        match bucket.as_mut_slice() {
            [single] if single.is_rack_aware(members) => {
                let racks = &single.topic.partitions;
                single.deal(&mut assignments, |member, partition| {
                    rack_of(&members[member]).is_none_or(|rack| racks[partition].contains(rack))
                });
            }
            [_] => {}
            several => deal_co_partitioned(several, members, &mut assignments),
        }
        for dealing in bucket {
            dealing.deal(&mut assignments, |_, _| true);
        }
    }
    assignments
}

/// Gives partition *i* of all topics of a bucket to the first member whose rack has a replica of each and
/// who has room in each.
fn deal_co_partitioned(
    bucket: &mut [Dealing<'_>],
    members: &[Member],
    assignments: &mut [Assignment],
) {
    for partition in 0..bucket[0].topic.partitions.len() {
        let slot = (0..bucket[0].members.len()).find(|slot| {
            let Some(rack) = rack_of(&members[bucket[0].members[*slot]]) else {
                return false;
            };
            bucket.iter().all(|dealing| {
                dealing.topic.partitions[partition].contains(rack) && dealing.room(*slot) > 0
            })
        });
        if let Some(slot) = slot {
            for dealing in bucket.iter_mut() {
                dealing.give(slot, partition, assignments);
            }
        }
    }
}

fn rack_of(member: &Member) -> Option<&StrBytes> {
    member
        .rack
        .as_ref()
        .filter(|rack| !rack.as_bytes().is_empty())
}
