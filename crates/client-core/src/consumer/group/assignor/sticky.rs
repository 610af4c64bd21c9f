//! The `cooperative-sticky` assignor: as even as it can be, moving as little as it can.
//!
//! Everybody keeps what they own and may keep; what nobody owns goes to whoever has least; then partitions move
//! from those who have most until nobody has two more than somebody who could take one. A partition that is to
//! move is left out of this assignment: its owner gives it back and joins again, and the next assignment hands it
//! over (KIP-429), so no partition is consumed twice at a time. Pure code, on the driver task.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_wire::types::StrBytes;

use super::{Assignment, Member, Topic, member_order};

pub(super) fn assign(members: &[Member], topics: &[Topic]) -> Vec<Assignment> {
    let mut dealing = Dealing::new(members, topics);
    let owners = dealing.owners(members);
    dealing.keep(&owners);
    dealing.deal();
    dealing.balance();
    dealing.without_moves(members.len(), &owners)
}

/// A partition: its topic's name and its number.
type Place<'a> = (&'a StrBytes, i32);

/// Partitions being dealt. Members are numbered in layout order.
struct Dealing<'a> {
    /// The index of each member in the list the leader gave.
    order: Vec<usize>,
    /// Number of partitions of each topic there is.
    topics: BTreeMap<&'a StrBytes, usize>,
    /// Who may have partitions of a topic.
    subscribers: BTreeMap<&'a StrBytes, Vec<usize>>,
    /// Who has what.
    shares: Vec<BTreeSet<Place<'a>>>,
    /// What nobody has.
    open: BTreeSet<Place<'a>>,
}

impl<'a> Dealing<'a> {
    fn new(members: &'a [Member], topics: &'a [Topic]) -> Self {
        let order = member_order(members);
        let topics: BTreeMap<&StrBytes, usize> = topics
            .iter()
            .map(|topic| (&topic.name, topic.partitions.len()))
            .collect();
        let mut subscribers: BTreeMap<&StrBytes, Vec<usize>> = BTreeMap::new();
        for (number, index) in order.iter().enumerate() {
            let subscribed: BTreeSet<&StrBytes> = members[*index].topics.iter().collect();
            for topic in subscribed {
                subscribers.entry(topic).or_default().push(number);
            }
        }
        let places = topics
            .iter()
            .filter(|(topic, _)| subscribers.contains_key(**topic))
            .flat_map(|(topic, count)| {
                let count = i32::try_from(*count).unwrap_or(i32::MAX);
                (0..count).map(|partition| (*topic, partition))
            });
        let open = places.collect();
        let shares = vec![BTreeSet::new(); members.len()];
        Self {
            order,
            topics,
            subscribers,
            shares,
            open,
        }
    }

    /// Who owns what, as the members say. The later generation is right; of one generation two cannot both be, so
    /// neither is.
    fn owners(&self, members: &'a [Member]) -> BTreeMap<Place<'a>, usize> {
        let mut claims: BTreeMap<Place<'_>, (i32, Option<usize>)> = BTreeMap::new();
        for (number, index) in self.order.iter().enumerate() {
            let member = &members[*index];
            for (topic, partitions) in &member.owned {
                for partition in partitions {
                    let claim = (member.generation, Some(number));
                    let best = claims.entry((topic, *partition)).or_insert(claim);
                    if best.0 < claim.0 {
                        *best = claim;
                    } else if best.0 == claim.0 && best.1 != claim.1 {
                        best.1 = None;
                    }
                }
            }
        }
        let owned = claims
            .into_iter()
            .filter_map(|(place, (_, owner))| Some((place, owner?)));
        owned.collect()
    }

    /// Owners keep what there is and what they are subscribed to.
    fn keep(&mut self, owners: &BTreeMap<Place<'a>, usize>) {
        for (place, owner) in owners {
            if self.may_have(*owner, *place) && self.open.remove(place) {
                self.shares[*owner].insert(*place);
            }
        }
    }

    fn may_have(&self, number: usize, (topic, partition): Place<'_>) -> bool {
        let exists = self
            .topics
            .get(topic)
            .is_some_and(|count| usize::try_from(partition).is_ok_and(|number| number < *count));
        exists && self.candidates(topic).contains(&number)
    }

    fn candidates(&self, topic: &StrBytes) -> &[usize] {
        self.subscribers.get(topic).map_or(&[], Vec::as_slice)
    }

    /// Who of those that may have partitions of a topic has least.
    fn poorest(&self, topic: &StrBytes) -> Option<usize> {
        let candidates = self.candidates(topic).iter().copied();
        candidates.min_by_key(|number| (self.shares[*number].len(), *number))
    }

    /// What nobody has goes to whoever has least; partitions that few may have come first.
    fn deal(&mut self) {
        let mut open: Vec<Place<'_>> = std::mem::take(&mut self.open).into_iter().collect();
        open.sort_by_key(|(topic, _)| self.candidates(topic).len());
        for place in open {
            if let Some(number) = self.poorest(place.0) {
                self.shares[number].insert(place);
            }
        }
    }

    /// Moves partitions from the rich to the poor. Ends: each move makes the sum of the squares of what members have
    /// smaller.
    fn balance(&mut self) {
        while let Some((from, to, place)) = self.improvement() {
            self.shares[from].remove(&place);
            self.shares[to].insert(place);
        }
    }

    fn improvement(&self) -> Option<(usize, usize, Place<'a>)> {
        let mut richest: Vec<usize> = (0..self.shares.len()).collect();
        richest.sort_by_key(|number| std::cmp::Reverse(self.shares[*number].len()));
        let least = self.shares.iter().map(BTreeSet::len).min()?;
        for from in richest {
            let count = self.shares[from].len();
            if count < least + 2 {
                return None;
            }
            // From the end, so that the first partitions stay where they are. One look per topic is enough.
            let mut seen = BTreeSet::new();
            for place in self.shares[from].iter().rev() {
                if !seen.insert(place.0) {
                    continue;
                }
                let to = self.poorest(place.0);
                if let Some(to) = to.filter(|to| self.shares[*to].len() + 2 <= count) {
                    return Some((from, to, *place));
                }
            }
        }
        None
    }

    /// The result, for the members in the order they came in, without what somebody else still owns.
    fn without_moves(&self, count: usize, owners: &BTreeMap<Place<'a>, usize>) -> Vec<Assignment> {
        let mut assignments = vec![Assignment::new(); count];
        for (number, share) in self.shares.iter().enumerate() {
            let assignment = &mut assignments[self.order[number]];
            for place in share {
                if owners.get(place).is_none_or(|owner| *owner == number) {
                    let (topic, partition) = *place;
                    assignment.entry(topic.clone()).or_default().push(partition);
                }
            }
        }
        assignments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, topics: &[&str], owned: &[(&str, &[i32])], generation: i32) -> Member {
        let owned = owned
            .iter()
            .map(|(topic, partitions)| (StrBytes::from(*topic), partitions.to_vec()));
        Member {
            id: id.into(),
            topics: topics.iter().map(|topic| StrBytes::from(*topic)).collect(),
            owned: owned.collect(),
            generation,
            ..Member::default()
        }
    }

    fn topic(name: &str, partitions: usize) -> Topic {
        Topic {
            name: name.into(),
            partitions: vec![Vec::new(); partitions],
        }
    }

    fn shown(members: &[Member], topics: &[Topic]) -> Vec<String> {
        let show = |assignment: &Assignment| {
            let topics = assignment
                .iter()
                .map(|(topic, partitions)| format!("{topic}{partitions:?}"));
            topics.collect::<Vec<_>>().join(" ")
        };
        assign(members, topics).iter().map(show).collect()
    }

    #[test]
    fn partitions_nobody_owns_are_dealt_evenly() {
        let members = [
            member("b", &["t", "u"], &[], -1),
            member("a", &["t", "u"], &[], -1),
        ];
        assert_eq!(
            shown(&members, &[topic("t", 3), topic("u", 3)]),
            ["t[1] u[0, 2]", "t[0, 2] u[1]"]
        );
    }

    #[test]
    fn what_is_to_move_is_withheld_until_its_owner_gave_it_back() {
        let joins = [
            member("a", &["t"], &[("t", &[0, 1, 2, 3])], 1),
            member("b", &["t"], &[], -1),
        ];
        assert_eq!(shown(&joins, &[topic("t", 4)]), ["t[0, 1]", ""]);
        let again = [
            member("a", &["t"], &[("t", &[0, 1])], 2),
            member("b", &["t"], &[], 2),
        ];
        assert_eq!(shown(&again, &[topic("t", 4)]), ["t[0, 1]", "t[2, 3]"]);
    }

    #[test]
    fn what_a_member_left_behind_goes_to_the_others_and_nothing_else_moves() {
        let members = [
            member("a", &["t"], &[("t", &[0, 3])], 4),
            member("c", &["t"], &[("t", &[2, 5])], 4),
        ];
        assert_eq!(
            shown(&members, &[topic("t", 6)]),
            ["t[0, 1, 3]", "t[2, 4, 5]"]
        );
    }

    #[test]
    fn of_two_that_claim_a_partition_the_later_generation_is_right() {
        let members = [
            member("a", &["t"], &[("t", &[0, 1])], 3),
            member("b", &["t"], &[("t", &[0, 1])], 4),
        ];
        // One of b's two is to move to a, so nobody gets it yet.
        assert_eq!(shown(&members, &[topic("t", 2)]), ["", "t[0]"]);
    }

    #[test]
    fn a_claim_of_two_in_one_generation_is_nobodys() {
        let members = [
            member("a", &["t"], &[("t", &[0])], 3),
            member("b", &["t"], &[("t", &[0])], 3),
        ];
        assert_eq!(shown(&members, &[topic("t", 2)]), ["t[0]", "t[1]"]);
    }

    #[test]
    fn topics_that_only_one_member_wants_count_in_the_balance() {
        let members = [
            member("a", &["t", "own"], &[], -1),
            member("b", &["t"], &[], -1),
        ];
        assert_eq!(
            shown(&members, &[topic("own", 2), topic("t", 4)]),
            ["own[0, 1] t[2]", "t[0, 1, 3]"]
        );
    }

    #[test]
    fn what_a_member_does_not_want_any_more_is_taken_from_it_first() {
        let members = [
            member("a", &["u"], &[("t", &[0])], 1),
            member("b", &["t"], &[], 1),
        ];
        assert_eq!(shown(&members, &[topic("t", 1)]), ["", ""]);
    }

    #[test]
    fn claims_to_partitions_that_do_not_exist_are_ignored() {
        let members = [member(
            "a",
            &["t"],
            &[("t", &[-1, 0, 9]), ("gone", &[0])],
            1,
        )];
        assert_eq!(shown(&members, &[topic("t", 1)]), ["t[0]"]);
    }
}
