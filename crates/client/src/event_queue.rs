//! A queue that its reader can wait on without ever being stuck.
//!
//! Writers (the driver task) push and go on; a wake-up is paid for only while a reader waits. The reader waits in
//! `ppoll` on an eventfd, with signals let in only there: a signal that arrives between the look at `interrupted()` and
//! the wait ends the wait at once, so nothing has to poll in slices. Any number of threads.

use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::sys::time::TimeSpec;

/// The longest single wait: `interrupted()` is looked at this often even when no signal comes.
const SLICE: Duration = Duration::from_secs(1);

/// When waiting ends; `None` is never.
pub type Deadline = Option<Instant>;

/// The deadline of a timeout in milliseconds, negative for none.
#[must_use]
pub fn deadline_after_ms(timeout_ms: i32) -> Deadline {
    let ms = u64::try_from(timeout_ms).ok()?;
    Instant::now().checked_add(Duration::from_millis(ms))
}

/// Why waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// There is something in the queue.
    Ready,
    /// Somebody called [`EventQueue::nudge`].
    Nudged,
    /// The deadline has passed.
    TimedOut,
    /// `interrupted()` said so.
    Interrupted,
}

/// What a reader waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitFor {
    /// Something in the queue.
    Items,
    /// Something in the queue, or a nudge later than the given count of them.
    ItemsOrNudge(u64),
    /// A nudge later than the given count of them, whatever lies in the queue.
    Nudge(u64),
    /// Something in the queue, or any signal that has a handler, even when `interrupted()` knows
    /// nothing of it: for who comes back to the application, which may ask for its signals then.
    ItemsOrSignal,
}

/// Why a sleep ended.
enum Slept {
    /// Woken by a writer, or its time was over.
    Over,
    /// The handler of some signal ran.
    Signalled,
    /// `interrupted()` said so.
    Interrupted,
}

/// The queue.
#[derive(Debug)]
pub struct EventQueue<T> {
    inner: Mutex<Inner<T>>,
    /// `None` when the process has no descriptors left: readers then look every few milliseconds.
    signal: Option<EventFd>,
}

#[derive(Debug)]
struct Inner<T> {
    items: VecDeque<T>,
    nudges: u64,
    readers: u32,
    /// How often the lock was taken.
    locked: u64,
}

impl<T> Default for EventQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> EventQueue<T> {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        Self {
            inner: Mutex::new(Inner {
                items: VecDeque::new(),
                nudges: 0,
                readers: 0,
                locked: 0,
            }),
            signal: EventFd::from_value_and_flags(0, flags).ok(),
        }
    }

    /// Append.
    pub fn push(&self, item: T) {
        self.change(|inner| inner.items.push_back(item));
    }

    /// Put back in front.
    pub fn push_front(&self, item: T) {
        self.change(|inner| inner.items.push_front(item));
    }

    /// Take the first, if there is one.
    pub fn pop(&self) -> Option<T> {
        self.lock().items.pop_front()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().items.is_empty()
    }

    /// How many there are of a kind.
    pub fn count(&self, is_of_kind: impl Fn(&T) -> bool) -> usize {
        self.lock()
            .items
            .iter()
            .filter(|item| is_of_kind(item))
            .count()
    }

    /// Take out those of a kind (what belongs to something that is no more), in their order.
    pub fn extract(&self, is_of_kind: impl Fn(&T) -> bool) -> Vec<T> {
        let mut inner = self.lock();
        let (taken, kept): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut inner.items)
            .into_iter()
            .partition(is_of_kind);
        inner.items = kept;
        taken.into()
    }

    /// Wake readers that wait for nudges.
    pub fn nudge(&self) {
        self.change(|inner| inner.nudges = inner.nudges.wrapping_add(1));
    }

    /// Nudges so far: read it before looking at whatever nudges are about.
    #[must_use]
    pub fn nudges(&self) -> u64 {
        self.lock().nudges
    }

    /// How often anybody took the lock.
    pub(crate) fn locked(&self) -> u64 {
        self.lock().locked
    }

    /// Wait until there is something, until `deadline`, or until `interrupted()`.
    pub fn wait(&self, what: WaitFor, deadline: Deadline, interrupted: &dyn Fn() -> bool) -> Woken {
        loop {
            {
                let mut inner = self.lock();
                if let Some(woken) = inner.is_over(what) {
                    return woken;
                }
                inner.readers += 1;
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let outcome = if left == Some(Duration::ZERO) {
                Some(Woken::TimedOut)
            } else {
                let slice = left.map_or(SLICE, |left| left.min(SLICE));
                match self.sleep(slice, interrupted) {
                    Slept::Interrupted => Some(Woken::Interrupted),
                    Slept::Signalled if what == WaitFor::ItemsOrSignal => Some(Woken::Interrupted),
                    Slept::Signalled | Slept::Over => None,
                }
            };
            let mut inner = self.lock();
            inner.readers -= 1;
            if let Some(outcome) = outcome {
                return inner.is_over(what).unwrap_or(outcome);
            }
        }
    }

    /// Sleep until the eventfd is written, `duration` is over, or a signal's handler ran.
    fn sleep(&self, duration: Duration, interrupted: &dyn Fn() -> bool) -> Slept {
        // Blocked from the look at `interrupted()` until ppoll lets signals in again.
        let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK).ok();
        let outcome = if interrupted() {
            Slept::Interrupted
        } else {
            let ended = match &self.signal {
                Some(signal) => {
                    let mut fds = [PollFd::new(signal.as_fd(), PollFlags::POLLIN)];
                    let ended = ppoll(&mut fds, Some(TimeSpec::from_duration(duration)), mask);
                    _ = signal.read();
                    ended
                }
                None => {
                    let few = Duration::from_millis(5).min(duration);
                    ppoll(&mut [], Some(TimeSpec::from_duration(few)), mask)
                }
            };
            match ended {
                Err(Errno::EINTR) => Slept::Signalled,
                // Woken, or not: the caller looks again either way.
                _ => Slept::Over,
            }
        };
        if let Some(mask) = mask {
            _ = mask.thread_set_mask();
        }
        outcome
    }

    /// Change something that readers may wait for, and wake them: after the lock is free, or they would wake only to
    /// sleep again until it is.
    fn change(&self, change: impl FnOnce(&mut Inner<T>)) {
        let mut inner = self.lock();
        change(&mut inner);
        let has_readers = inner.readers > 0;
        drop(inner);
        if has_readers && let Some(signal) = &self.signal {
            // Fails only when the counter is full, and then readers are awake already.
            _ = signal.write(1);
        }
    }

    /// A panic while the lock is held leaves the queue whole: each change is one push or one take.
    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.locked += 1;
        inner
    }
}

impl<T> Inner<T> {
    fn is_over(&self, what: WaitFor) -> Option<Woken> {
        let (wants_items, seen) = match what {
            WaitFor::Items | WaitFor::ItemsOrSignal => (true, None),
            WaitFor::ItemsOrNudge(seen) => (true, Some(seen)),
            WaitFor::Nudge(seen) => (false, Some(seen)),
        };
        if wants_items && !self.items.is_empty() {
            return Some(Woken::Ready);
        }
        (seen.is_some_and(|seen| seen != self.nudges)).then_some(Woken::Nudged)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn what_is_pushed_wakes_the_reader() {
        let queue = Arc::new(EventQueue::new());
        let writer = Arc::clone(&queue);
        let thread = std::thread::spawn(move || writer.push(7));
        let woken = queue.wait(WaitFor::Items, deadline_after_ms(10_000), &|| false);
        assert_eq!((woken, queue.pop()), (Woken::Ready, Some(7)));
        thread.join().unwrap();
    }

    #[test]
    fn an_empty_queue_times_out() {
        let queue = EventQueue::<()>::new();
        assert_eq!(
            queue.wait(WaitFor::Items, deadline_after_ms(5), &|| false),
            Woken::TimedOut
        );
        assert_eq!(
            queue.wait(WaitFor::Items, deadline_after_ms(0), &|| false),
            Woken::TimedOut
        );
    }

    #[test]
    fn who_waits_for_a_nudge_is_not_woken_by_items() {
        let queue = EventQueue::new();
        let seen = queue.nudges();
        queue.push(1);
        let woken = queue.wait(WaitFor::Nudge(seen), deadline_after_ms(5), &|| false);
        assert_eq!(woken, Woken::TimedOut);
        queue.nudge();
        assert_eq!(
            queue.wait(WaitFor::Nudge(seen), None, &|| false),
            Woken::Nudged
        );
    }

    #[test]
    fn an_interrupted_reader_returns_at_once_and_gets_its_signal_mask_back() {
        let queue = EventQueue::<()>::new();
        let before = SigSet::thread_get_mask().unwrap();
        let is_interrupted = AtomicBool::new(true);
        let woken = queue.wait(WaitFor::Items, None, &|| {
            is_interrupted.load(Ordering::Relaxed)
        });
        assert_eq!(woken, Woken::Interrupted);
        assert_eq!(SigSet::thread_get_mask().unwrap(), before);
    }

    #[test]
    fn what_was_put_back_comes_first() {
        let queue = EventQueue::new();
        queue.push(1);
        queue.push_front(0);
        assert_eq!(
            (queue.pop(), queue.pop(), queue.pop()),
            (Some(0), Some(1), None)
        );
    }
}
