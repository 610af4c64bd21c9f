//! Batches that the application opened and the driver need not be woken for: it looks here by itself before they have
//! lingered.
//!
//! Whoever produces and flushes, again and again, opens a batch each time. To wake the driver for it would be in vain:
//! flush wakes it to send. So a driver that has seen a batch opened looks for the next within half of `linger.ms`.
//! Guarantees: a batch that is left here is seen by the moment it was left for, because the driver says under the same
//! lock until when it sleeps, and goes to sleep only when nothing lies here. Any thread leaves, the driver takes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka_client_core::io::Moment;

/// Where their slots lie.
#[derive(Debug)]
pub(crate) struct OpenedBatches<S> {
    state: Mutex<State<S>>,
}

#[derive(Debug)]
struct State<S> {
    slots: Vec<S>,
    /// When the driver looks here at the latest.
    looks_at: Moment,
}

impl<S> Default for OpenedBatches<S> {
    fn default() -> Self {
        let state = State {
            slots: Vec::new(),
            looks_at: Moment::NEVER,
        };
        Self {
            state: Mutex::new(state),
        }
    }
}

impl<S> OpenedBatches<S> {
    /// Leave a batch that has lingered at `lingered`. Given back when the driver has to be woken with it.
    #[must_use]
    pub(crate) fn leave(&self, slot: S, lingered: Moment) -> Option<S> {
        let mut state = self.lock();
        if lingered < state.looks_at {
            // Woken, it looks here before it sleeps again.
            state.looks_at = Moment::default();
            return Some(slot);
        }
        state.slots.push(slot);
        None
    }

    /// Take what lies here; when that is nothing, the driver may sleep until `wakes_at` (`None`: until it is woken).
    #[must_use]
    pub(crate) fn take_or_sleep(&self, wakes_at: Option<Moment>) -> Vec<S> {
        let mut state = self.lock();
        state.looks_at = wakes_at.unwrap_or(Moment::NEVER);
        std::mem::take(&mut state.slots)
    }

    /// A panic while the lock is held leaves it whole: each change is one push or one take.
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_is_woken_for_a_batch_that_it_would_see_too_late_and_only_once() {
        let opened = OpenedBatches::default();
        assert!(opened.take_or_sleep(Some(Moment(10))).is_empty());
        assert_eq!(opened.leave('a', Moment(10)), None);
        assert_eq!(opened.leave('b', Moment(9)), Some('b'));
        assert_eq!(opened.leave('c', Moment(9)), None);
        assert_eq!(opened.take_or_sleep(Some(Moment(9))), ['a', 'c']);
        assert!(opened.take_or_sleep(Some(Moment(9))).is_empty());
        assert_eq!(opened.leave('d', Moment(9)), None);
    }

    #[test]
    fn a_driver_that_sleeps_until_it_is_woken_is_woken() {
        let opened = OpenedBatches::default();
        assert_eq!(opened.leave('a', Moment(7)), Some('a'));
        assert!(opened.take_or_sleep(None).is_empty());
        assert_eq!(opened.leave('b', Moment(7)), Some('b'));
    }
}
