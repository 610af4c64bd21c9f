//! Deadlines by name: each key has at most one.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use crate::io::Moment;

/// A set of named deadlines.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    by_time: BTreeSet<(Moment, K)>,
    at: HashMap<K, Moment>,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self {
            by_time: BTreeSet::new(),
            at: HashMap::new(),
        }
    }
}

impl<K: Copy + Ord + Hash> Timers<K> {
    /// Set or move a deadline.
    pub(crate) fn set(&mut self, key: K, at: Moment) {
        if let Some(old) = self.at.insert(key, at) {
            self.by_time.remove(&(old, key));
        }
        self.by_time.insert((at, key));
    }

    /// Set a deadline, or move it if it is later than `at`.
    pub(crate) fn set_no_later(&mut self, key: K, at: Moment) {
        if self.at.get(&key).is_none_or(|&old| at < old) {
            self.set(key, at);
        }
    }

    /// Forget a deadline.
    pub(crate) fn cancel(&mut self, key: K) {
        if let Some(old) = self.at.remove(&key) {
            self.by_time.remove(&(old, key));
        }
    }

    /// Take one deadline that has passed.
    pub(crate) fn pop_due(&mut self, now: Moment) -> Option<K> {
        let &(at, key) = self.by_time.first()?;
        if at > now {
            return None;
        }
        self.cancel(key);
        Some(key)
    }

    /// The next deadline.
    pub(crate) fn next(&self) -> Option<Moment> {
        self.by_time.first().map(|&(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_deadline_and_due_ones_come_in_order() {
        let mut timers = Timers::default();
        timers.set('a', Moment(30));
        timers.set('b', Moment(20));
        timers.set('a', Moment(10));
        timers.set_no_later('b', Moment(25));
        assert_eq!(timers.next(), Some(Moment(10)));
        assert_eq!(timers.pop_due(Moment(20)), Some('a'));
        assert_eq!(timers.pop_due(Moment(20)), Some('b'));
        assert_eq!(timers.pop_due(Moment(20)), None);
        assert_eq!(timers.next(), None);
    }
}
