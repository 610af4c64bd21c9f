//! The answers that wait for a connection's task.
//!
//! Owns [`Answers`], shared by that task and by whoever drives the shard. Guarantees: the task is woken for an answer it
//! does not look for anyhow. A task that drives the shard itself answers itself; were it woken for that, the runtime would
//! wake another thread to share the work with, which costs as much as the request.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crate::router::Answer;

/// One connection's. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Answer>,
    /// Set while the task sleeps until there is an answer.
    waker: Option<Waker>,
}

impl Answers {
    pub(crate) fn send(&self, answer: Answer) {
        let waker = {
            let mut state = self.state();
            state.waiting.push(answer);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The task runs, and [`Self::take`] is polled again before it sleeps.
    pub(crate) fn attend(&self) {
        self.state().waker = None;
    }

    /// Waits for answers, which replace what is in `taken`.
    pub(crate) async fn take(&self, taken: &mut Vec<Answer>) {
        taken.clear();
        poll_fn(|cx| {
            let mut state = self.state();
            if state.waiting.is_empty() {
                state.waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
            std::mem::swap(&mut state.waiting, taken);
            Poll::Ready(())
        })
        .await;
    }

    /// Whatever panicked while it held this left it whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake};

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn close(reason: &str) -> Answer {
        Answer::Close(reason.to_owned())
    }

    #[test]
    fn a_task_that_sleeps_is_woken_once_and_one_that_looks_anyhow_is_not() {
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut cx = Context::from_waker(&waker);
        let answers = Answers::default();
        let mut taken = Vec::new();
        {
            let mut take = pin!(answers.take(&mut taken));
            assert!(take.as_mut().poll(&mut cx).is_pending());
            answers.send(close("first"));
            answers.send(close("second"));
            assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
            assert!(take.poll(&mut cx).is_ready());
        }
        assert_eq!(taken.len(), 2);
        {
            let mut take = pin!(answers.take(&mut taken));
            assert!(take.as_mut().poll(&mut cx).is_pending());
            answers.attend();
            answers.send(close("third"));
            assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
            assert!(take.poll(&mut cx).is_ready());
        }
        assert_eq!(taken.len(), 1);
    }
}
