//! From what is owned to what the coordinator wants: give back, commit, take, tell. Part of [`NextGen`].

use super::*;
use crate::consumer::group::member_io::without;

impl NextGen {
    /// Begins to make what is owned what it should be, unless something is under way or not acknowledged.
    pub(super) fn reconcile(&mut self, now: Moment) {
        let is_free = self.state == State::Steady && !self.to_tell.owned;
        if !is_free || self.in_flight.is_some_and(|told| told.owned) {
            return;
        }
        let Some(target) = &self.target else { return };
        let unknown = |id: &&Uuid| !self.names.contains_key(*id);
        let missing: Vec<Uuid> = target.keys().filter(unknown).copied().collect();
        if !missing.is_empty() && !self.has_asked_names {
            self.has_asked_names = true;
            return self.actions.push_back(Action::NeedNames(missing));
        }
        // What has no name (yet) waits; the next heartbeat asks again.
        let mut reachable = target.clone();
        reachable.retain(|id, _| self.names.contains_key(id));
        if missing.is_empty() {
            self.target = None;
        }
        self.giving = without(&self.owned, &reachable);
        self.taking = without(&reachable, &self.owned);
        if !self.giving.is_empty() {
            self.state = State::AwaitUnassign(Next::Take);
            let partitions = self.named(&self.giving);
            let lost = false;
            self.actions.push_back(Action::Revoke { partitions, lost });
        } else if !self.taking.is_empty() {
            self.offer();
        } else if missing.is_empty() {
            self.to_tell.owned = true;
            self.beat(now);
        }
    }

    pub(super) fn offer(&mut self) {
        self.state = State::AwaitAssign;
        let taken = self.named(&self.taking);
        self.actions.push_back(Action::Assign(taken));
    }

    /// What had to go was given back.
    pub(super) fn take(&mut self, now: Moment) {
        let given = std::mem::take(&mut self.giving);
        self.owned = without(&self.owned, &given);
        match self.pending.take() {
            Some((next, lost)) => {
                self.taking.clear();
                self.state = State::Steady;
                self.give_back(next, lost, now);
            }
            None => self.offer(),
        }
    }

    /// The application took what it was offered (or declined): the coordinator is told.
    pub(super) fn settled(&mut self, now: Moment) {
        self.state = State::Steady;
        for (id, mut partitions) in std::mem::take(&mut self.taking) {
            let owned = self.owned.entry(id).or_default();
            owned.append(&mut partitions);
            owned.sort_unstable();
        }
        if let Some((next, lost)) = self.pending.take() {
            return self.give_back(next, lost, now);
        }
        self.to_tell.owned = true;
        self.beat(now);
    }

    pub(super) fn named(&self, owned: &Owned) -> Assignment {
        let names = owned.iter().filter_map(|(id, partitions)| {
            let name = self.names.get(id)?;
            Some((name.clone(), partitions.clone()))
        });
        names.collect()
    }
}

pub(super) fn sorted(topics: impl Iterator<Item = (Uuid, Vec<i32>)>) -> Owned {
    let mut owned = Owned::new();
    for (id, mut partitions) in topics {
        owned.entry(id).or_default().append(&mut partitions);
    }
    for partitions in owned.values_mut() {
        partitions.sort_unstable();
        partitions.dedup();
    }
    owned.retain(|_, partitions| !partitions.is_empty());
    owned
}
