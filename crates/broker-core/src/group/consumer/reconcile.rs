//! From what a member has to what it is to have.

use std::collections::BTreeSet;

use rdkafka_wire::types::StrBytes;

use super::{ConsumerGroup, ConsumerMember, MemberState, Owned, Partitions};

impl ConsumerGroup {
    /// The member one step further, as far as that is possible now. `owned` is what the member says it has; `None` when it
    /// did not say, so that nothing is known to be given up.
    pub(super) fn reconciled(
        &self,
        member_id: &StrBytes,
        owned: Option<&Partitions>,
    ) -> ConsumerMember {
        let Some(member) = self.members.get(member_id) else {
            return ConsumerMember::new(Default::default());
        };
        match member.state {
            MemberState::Stable if member.epoch == self.assignment_epoch => member.clone(),
            MemberState::Revoking if still_owns(&member.revoking, owned) => member.clone(),
            MemberState::Stable | MemberState::Revoking | MemberState::Waiting => {
                self.next_step(member_id, member, owned)
            }
        }
    }

    fn next_step(
        &self,
        member_id: &StrBytes,
        member: &ConsumerMember,
        owned: Option<&Partitions>,
    ) -> ConsumerMember {
        let target = self.target(member_id);
        let mut kept = Owned::new();
        let mut surplus = Owned::new();
        let mut wanted = Partitions::new();
        let mut must_wait = false;
        for (topic, partitions) in &member.assigned {
            for (partition, since) in partitions {
                let is_target = target.get(topic).is_some_and(|it| it.contains(partition));
                let place = if is_target { &mut kept } else { &mut surplus };
                place.entry(*topic).or_default().insert(*partition, *since);
            }
        }
        for (topic, partitions) in &target {
            let has = kept.get(topic);
            let missing = partitions
                .iter()
                .filter(|it| has.is_none_or(|has| !has.contains_key(it)));
            for partition in missing {
                if self.is_owned_by_other(member_id, *topic, *partition) {
                    must_wait = true;
                } else {
                    wanted.entry(*topic).or_default().insert(*partition);
                }
            }
        }
        if !surplus.is_empty() && still_owns(&surplus, owned) {
            // The epoch stays until the surplus is given up: the member is known by it.
            return ConsumerMember {
                state: MemberState::Revoking,
                assigned: kept,
                revoking: surplus,
                ..member.clone()
            };
        }
        for (topic, partitions) in wanted {
            let has = kept.entry(topic).or_default();
            has.extend(partitions.into_iter().map(|it| (it, self.assignment_epoch)));
        }
        let state = if must_wait {
            MemberState::Waiting
        } else {
            MemberState::Stable
        };
        let previous_epoch = if member.epoch == self.assignment_epoch {
            member.previous_epoch
        } else {
            member.epoch
        };
        ConsumerMember {
            about: member.about.clone(),
            epoch: self.assignment_epoch,
            previous_epoch,
            state,
            assigned: kept,
            revoking: Owned::new(),
        }
    }
}

/// Whether a member has not given up all of these. One that does not say has not.
fn still_owns(partitions: &Owned, owned: Option<&Partitions>) -> bool {
    let Some(owned) = owned else {
        return !partitions.is_empty();
    };
    let nothing = BTreeSet::new();
    partitions.iter().any(|(topic, partitions)| {
        let has = owned.get(topic).unwrap_or(&nothing);
        partitions.keys().any(|it| has.contains(it))
    })
}
