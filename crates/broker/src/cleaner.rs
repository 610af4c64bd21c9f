//! The cleaner: the thread that compacts logs, one after the other, as slowly as it is told.
//!
//! Owns the pace (`log.cleaner.io.max.bytes.per.second`). Results go back to the shard as posts. A run that is under way
//! when the broker stops is given up at its next batch: what it wrote so far counts for nothing. Ends when the shard
//! thread, which holds the handle, ends it.

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{self, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka_broker_core::FlushTarget;
use rdkafka_log::CleanTask;

use crate::router::{Post, Router};
use crate::shard_thread::block_signals;

/// A handle on the thread.
#[derive(Debug)]
pub(crate) struct Cleaner {
    work: mpsc::Sender<(FlushTarget, CleanTask)>,
    thread: JoinHandle<()>,
}

impl Cleaner {
    pub(crate) fn start(router: Router, bytes_per_second: f64) -> io::Result<Self> {
        let (work, receiver) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("broker-cleaner".into())
            .spawn(move || {
                block_signals();
                run(&receiver, &router, bytes_per_second);
            })?;
        Ok(Self { work, thread })
    }

    pub(crate) fn run(&self, target: FlushTarget, task: CleanTask) {
        if self.work.send((target, task)).is_err() {
            tracing::error!("the cleaner is gone");
        }
    }

    /// Gives up what is under way.
    pub(crate) fn stop(self) {
        drop(self.work);
        if self.thread.join().is_err() {
            tracing::error!("the cleaner has panicked");
        }
    }
}

fn run(work: &mpsc::Receiver<(FlushTarget, CleanTask)>, router: &Router, bytes_per_second: f64) {
    for (target, task) in work {
        let mut pace = Pace::new(bytes_per_second);
        let cleaned = task.run(&mut |bytes| {
            pace.took(bytes);
            // One run at a time is sent, so a word of the sender now is that it is gone.
            match work.try_recv() {
                Err(TryRecvError::Disconnected) => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        });
        // A shard that stopped meanwhile has no use for it; the next start removes the files.
        let _ = router.post(Post::Cleaned(target, cleaned));
    }
}

/// Keeps a number of bytes a second, on the average of a run.
#[derive(Debug)]
struct Pace {
    bytes_per_second: f64,
    started: Instant,
    bytes: f64,
}

impl Pace {
    fn new(bytes_per_second: f64) -> Self {
        Self {
            bytes_per_second,
            started: Instant::now(),
            bytes: 0.0,
        }
    }

    fn took(&mut self, bytes: usize) {
        self.bytes += bytes as f64;
        let due = self.bytes / self.bytes_per_second;
        let ahead = due - self.started.elapsed().as_secs_f64();
        if ahead > WORTH_A_SLEEP {
            thread::sleep(Duration::from_secs_f64(ahead.min(LONGEST_SLEEP)));
        }
    }
}

/// In seconds.
const WORTH_A_SLEEP: f64 = 0.01;
const LONGEST_SLEEP: f64 = 1.0;
