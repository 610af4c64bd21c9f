//! The cleaner: the thread that compacts logs, one after the other, as slowly as it is told. A second one of the kind
//! copies logs that move to another data folder.
//!
//! Owns the pace (`log.cleaner.io.max.bytes.per.second`, `replica.alter.log.dirs.io.max.bytes.per.second`). Results go back to the shard as posts. A run that is under way
//! when the broker stops is given up at its next batch: what it wrote so far counts for nothing. Ends when the shard
//! thread, which holds the handle, ends it.

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{self, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka_broker_core::FlushTarget;
use rdkafka_log::{CleanTask, CopyTask};

use crate::router::{Post, Router};
use crate::shard_thread::block_signals;

/// What such a thread does; it is told of the bytes as they are worked on.
pub(crate) trait LongTask: Send + 'static {
    /// Does it, and says what to tell the shard.
    fn run(self, target: FlushTarget, pace: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Post;
}

impl LongTask for CleanTask {
    fn run(self, target: FlushTarget, pace: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Post {
        Post::Cleaned(target, self.run(pace))
    }
}

impl LongTask for CopyTask {
    fn run(self, target: FlushTarget, pace: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Post {
        Post::Copied(target, self.run(pace))
    }
}

/// Whose, what, and at how many bytes a second.
pub(crate) type Work<T> = (FlushTarget, T, f64);

/// A handle on the thread.
#[derive(Debug)]
pub(crate) struct Cleaner<T> {
    work: mpsc::Sender<Work<T>>,
    thread: JoinHandle<()>,
}

impl<T: LongTask> Cleaner<T> {
    fn start(name: &str, router: Router) -> io::Result<Self> {
        let (work, receiver) = mpsc::channel();
        let thread = thread::Builder::new().name(name.into()).spawn(move || {
            block_signals();
            run(&receiver, &router);
        })?;
        Ok(Self { work, thread })
    }

    fn run(&self, work: Work<T>) {
        if self.work.send(work).is_err() {
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

/// A thread that is started when there is something to do for the first time.
pub(crate) trait StartAndRun<T> {
    /// Without a thread nothing of the kind is done; everything else goes on.
    fn start_and_run(&mut self, name: &str, router: &Router, work: Work<T>);
}

impl<T: LongTask> StartAndRun<T> for Option<Cleaner<T>> {
    fn start_and_run(&mut self, name: &str, router: &Router, work: Work<T>) {
        if self.is_none() {
            match Cleaner::start(name, router.clone()) {
                Ok(cleaner) => *self = Some(cleaner),
                Err(error) => tracing::error!(%error, "the thread {name} cannot be started"),
            }
        }
        if let Some(cleaner) = self {
            cleaner.run(work);
        }
    }
}

fn run<T: LongTask>(work: &mpsc::Receiver<Work<T>>, router: &Router) {
    for (target, task, bytes_per_second) in work {
        let mut pace = Pace::new(bytes_per_second);
        let done = LongTask::run(task, target, &mut |bytes| {
            pace.took(bytes);
            // One run at a time is sent, so a word of the sender now is that it is gone.
            match work.try_recv() {
                Err(TryRecvError::Disconnected) => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        });
        // A shard that stopped meanwhile has no use for it; the next start removes the files.
        let _ = router.post(done);
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
