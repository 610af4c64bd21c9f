//! The shard thread: drives the state machine with inputs, time and outputs.
//!
//! Owns the [`Shard`], the mailbox and the senders of every connection's answers. Blocks on the mailbox with the deadline
//! that the shard asks for, and on nothing else but the log's own writes.

use std::collections::HashMap;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::signal::SigSet;
use rdkafka_broker_core::{ConnectionId, FlushTarget, Input, Now, Output, Shard};
use rdkafka_log::CleanTask;
use tokio::sync::mpsc::UnboundedSender;

use crate::cleaner::Cleaner;
use crate::flusher::DiskWork;
use crate::router::{Answer, Post, Router};

/// The broker's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Now {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            mono: self.started.elapsed(),
            unix_ms: i64::try_from(unix.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

/// Keeps a signal of the process from being handled on a thread of the broker.
pub(crate) fn block_signals() {
    // Cannot fail: the arguments are constants.
    let _ = SigSet::all().thread_block();
}

/// Starts the thread.
pub(crate) fn start(
    shard: Shard,
    clock: Clock,
    mailbox: mpsc::Receiver<Post>,
    disk: mpsc::Sender<DiskWork>,
    router: Router,
) -> io::Result<JoinHandle<()>> {
    let driver = Driver {
        shard,
        clock,
        disk,
        router,
        cleaner: None,
        connections: HashMap::new(),
        deadline: None,
    };
    thread::Builder::new()
        .name("broker-shard".into())
        .spawn(move || {
            block_signals();
            driver.run(&mailbox);
        })
}

struct Driver {
    shard: Shard,
    clock: Clock,
    disk: mpsc::Sender<DiskWork>,
    router: Router,
    /// Started when it is needed for the first time.
    cleaner: Option<Cleaner>,
    connections: HashMap<ConnectionId, UnboundedSender<Answer>>,
    deadline: Option<Duration>,
}

impl Driver {
    fn run(mut self, mailbox: &mpsc::Receiver<Post>) {
        self.drain();
        loop {
            let post = match self.deadline {
                None => mailbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(deadline) => {
                    mailbox.recv_timeout(deadline.saturating_sub(self.clock.now().mono))
                }
            };
            match post {
                Ok(Post::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(post) => self.take(post),
                Err(RecvTimeoutError::Timeout) => self.handle(Input::Timeout),
            }
        }
        if let Err(error) = self.shard.close() {
            tracing::error!(%error, "not everything reached the disk");
        }
        if let Some(cleaner) = self.cleaner.take() {
            cleaner.stop();
        }
    }

    fn take(&mut self, post: Post) {
        match post {
            Post::Connected(id, answers) => {
                self.connections.insert(id, answers);
            }
            Post::Request(context, request) => self.handle(Input::Request(context, request)),
            Post::Disconnected(id) => {
                self.connections.remove(&id);
                self.handle(Input::Disconnected(id));
            }
            Post::Flushed(target, flushed) => self.handle(Input::Flushed(target, flushed)),
            Post::Cleaned(target, cleaned) => self.handle(Input::Cleaned(target, cleaned)),
            Post::ScramCredential(mechanism, user, answer) => {
                // A connection that is gone does not ask any more.
                let _ = answer.send(self.shard.scram_credential(mechanism, &user).cloned());
            }
            // Whoever asked may have gone.
            Post::Report(reply) => drop(reply.send(self.shard.report(self.clock.now()))),
            Post::Stop => {}
        }
    }

    fn handle(&mut self, input: Input) {
        self.shard.handle(input, self.clock.now());
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.shard.poll_output() {
                Output::Reply(ticket, response) => {
                    self.answer(ticket.connection, Answer::Reply(ticket, response));
                }
                Output::Close(connection, reason) => self.answer(connection, Answer::Close(reason)),
                Output::Flush(target, task) => self.work(DiskWork::Flush(target, task)),
                Output::Clean(target, task) => {
                    self.clean(target, task);
                }
                Output::Checkpoint(task) => self.work(DiskWork::Checkpoint(task)),
                Output::Remove(cleanup) => self.work(DiskWork::Remove(cleanup)),
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    return;
                }
                other => tracing::error!(?other, "an output that nobody knows"),
            }
        }
    }

    /// A connection that is gone needs no answer.
    fn answer(&self, connection: ConnectionId, answer: Answer) {
        if let Some(answers) = self.connections.get(&connection) {
            let _ = answers.send(answer);
        }
    }

    /// Without a thread nothing is compacted; everything else goes on.
    fn clean(&mut self, target: FlushTarget, task: CleanTask) {
        if self.cleaner.is_none() {
            let pace = self.shard.compaction_bytes_per_second();
            match Cleaner::start(self.router.clone(), pace) {
                Ok(cleaner) => self.cleaner = Some(cleaner),
                Err(error) => tracing::error!(%error, "the cleaner cannot be started"),
            }
        }
        if let Some(cleaner) = &self.cleaner {
            cleaner.run(target, task);
        }
    }

    /// The flusher outlives this thread.
    fn work(&self, work: DiskWork) {
        if self.disk.send(work).is_err() {
            tracing::error!("the flusher is gone");
        }
    }
}
