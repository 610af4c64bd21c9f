//! Driving the shard: the state machine with its inputs, time and outputs, and who may do it.
//!
//! Owns the [`Shard`] and the senders of every connection's answers. One thread at a time drives it: the connection task
//! that brings a request, if the shard is free and nobody waits, so that a request need not change threads twice (which
//! costs more than the request); else the shard thread, which takes what waits in the mailbox, in order. The shard thread
//! also keeps the time; it blocks on the mailbox with the deadline that the shard asks for.
//! Guarantees: posts of one task are handled in the order it posted them; nobody but the shard thread ever waits for
//! another one to be done.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::signal::SigSet;
use rdkafka_broker_core::{ConnectionId, Input, Now, Output, Request, Shard};
use rdkafka_log::{CleanTask, CopyTask};

use crate::answers::Answers;
use crate::cleaner::{Cleaner, StartAndRun as _};
use crate::flusher::DiskWork;
use crate::router::{Answer, Post, Router};
use crate::toll::Toll;

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

/// Where the shard is driven from, by one thread at a time.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    /// `None` before the shard thread starts and after it ended.
    driver: Mutex<Option<Driver>>,
    /// Posts in the mailbox: while there are any, others queue up behind them.
    waiting: AtomicUsize,
}

/// What became of an attempt to handle a post at once.
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(crate) enum Attempt {
    Done,
    /// Somebody else is at it, or waits: this goes to the mailbox.
    Busy(Post),
    /// The shard is gone.
    Stopped,
}

impl Seat {
    /// Handles a post here and now, if nobody else drives the shard or waits for it.
    pub(crate) fn attempt(&self, post: Post) -> Attempt {
        if self.waiting.load(Ordering::Acquire) != 0 {
            return Attempt::Busy(post);
        }
        let mut driver = match self.driver.try_lock() {
            Ok(driver) => driver,
            Err(TryLockError::WouldBlock) => return Attempt::Busy(post),
            Err(TryLockError::Poisoned(_)) => return Attempt::Stopped,
        };
        let Some(driver) = driver.as_mut() else {
            return Attempt::Stopped;
        };
        driver.take(post);
        driver.keep_time();
        Attempt::Done
    }

    /// A post is about to go to the mailbox.
    pub(crate) fn wait(&self) {
        self.waiting.fetch_add(1, Ordering::AcqRel);
    }
}

/// Starts the thread.
pub(crate) fn start(
    shard: Shard,
    clock: Clock,
    mailbox: mpsc::Receiver<Post>,
    disk: mpsc::Sender<DiskWork>,
    router: Router,
) -> io::Result<JoinHandle<()>> {
    let seat = Arc::clone(router.seat());
    let mut driver = Driver {
        shard,
        clock,
        disk,
        router,
        cleaner: None,
        mover: None,
        connections: HashMap::new(),
        deadline: None,
        armed: None,
    };
    driver.drain();
    // Nobody holds it yet, so it cannot be poisoned.
    if let Ok(mut place) = seat.driver.lock() {
        *place = Some(driver);
    }
    thread::Builder::new()
        .name("broker-shard".into())
        .spawn(move || {
            block_signals();
            run(&seat, &mailbox);
        })
}

/// The shard thread.
fn run(seat: &Seat, mailbox: &mpsc::Receiver<Post>) {
    let mut post = Ok(Post::Wake);
    seat.wait();
    loop {
        let Ok(mut place) = seat.driver.lock() else {
            // Said by who panicked; this ends the broker.
            tracing::error!("the shard has panicked");
            return;
        };
        let Some(driver) = place.as_mut() else { return };
        match post {
            Ok(Post::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(post) => {
                let (taken, stops) = driver.take_with_followers(post, mailbox);
                seat.waiting.fetch_sub(taken, Ordering::Release);
                if stops {
                    break;
                }
            }
            Err(RecvTimeoutError::Timeout) => driver.look_at_the_clock(),
        }
        let left = driver.arm();
        drop(place);
        post = match left {
            None => mailbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(left) => mailbox.recv_timeout(left),
        };
    }
    let driver = seat.driver.lock().ok().and_then(|mut place| place.take());
    if let Some(driver) = driver {
        driver.close();
    }
}

struct Driver {
    shard: Shard,
    clock: Clock,
    disk: mpsc::Sender<DiskWork>,
    router: Router,
    /// Started when they are needed for the first time.
    cleaner: Option<Cleaner<CleanTask>>,
    mover: Option<Cleaner<CopyTask>>,
    connections: HashMap<ConnectionId, (Answers, Toll)>,
    /// When the shard wants to be woken.
    deadline: Option<Duration>,
    /// When the shard thread wakes by itself, never later than that.
    armed: Option<Duration>,
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl Driver {
    fn close(mut self) {
        if let Err(error) = self.shard.close() {
            tracing::error!(%error, "not everything reached the disk");
        }
        if let Some(cleaner) = self.cleaner.take() {
            cleaner.stop();
        }
        if let Some(mover) = self.mover.take() {
            mover.stop();
        }
    }

    /// How long the shard thread may sleep.
    fn arm(&mut self) -> Option<Duration> {
        self.armed = self.deadline;
        let deadline = self.deadline?;
        Some(deadline.saturating_sub(self.clock.now().mono))
    }

    /// Wakes the shard thread when it would sleep for too long.
    fn keep_time(&mut self) {
        if let Some(deadline) = self.deadline
            && self.armed.is_none_or(|armed| deadline < armed)
        {
            self.armed = self.deadline;
            self.router.wake();
        }
    }

    /// The thread woke by itself; what it woke for may be done already.
    fn look_at_the_clock(&mut self) {
        let now = self.clock.now();
        if self.deadline.is_some_and(|deadline| deadline <= now.mono) {
            self.handle(Input::Timeout);
        }
    }

    /// Takes a post and, as long as they are produce requests, those that wait behind it: they share writes. Returns how
    /// many posts that were, and whether the last one ends the broker.
    fn take_with_followers(
        &mut self,
        first: Post,
        mailbox: &mpsc::Receiver<Post>,
    ) -> (usize, bool) {
        let mut together = Vec::new();
        let mut taken = 0;
        let mut next = Some(first);
        let mut other = None;
        while let Some(post) = next.take() {
            taken += 1;
            match post {
                Post::Request(context, Request::Produce(request)) if !self.shard.wants_time() => {
                    together.push((context, request));
                }
                Post::Produce(requests) => together.extend(requests),
                post => {
                    other = Some(post);
                    break;
                }
            }
            if together.len() < TOGETHER_MAX {
                next = mailbox.try_recv().ok();
            }
        }
        if !together.is_empty() {
            self.handle(Input::Produce(together));
        }
        match other {
            Some(Post::Stop) => return (taken, true),
            Some(post) => self.take(post),
            None => {}
        }
        (taken, false)
    }

    fn take(&mut self, post: Post) {
        match post {
            Post::Connected(id, answers, toll) => {
                self.connections.insert(id, (answers, toll));
            }
            Post::Request(context, request) if self.shard.wants_time() => {
                let (connection, begin) = (context.ticket.connection, Instant::now());
                self.handle(Input::Request(context, request));
                self.shard.spent(connection, begin.elapsed());
            }
            Post::Request(context, request) => self.handle(Input::Request(context, request)),
            Post::Produce(requests) => self.handle(Input::Produce(requests)),
            Post::Disconnected(id) => {
                self.connections.remove(&id);
                self.handle(Input::Disconnected(id));
            }
            Post::Flushed(target, flushed) => self.handle(Input::Flushed(target, flushed)),
            Post::Cleaned(target, cleaned) => self.handle(Input::Cleaned(target, cleaned)),
            Post::Copied(target, copied) => self.handle(Input::Copied(target, copied)),
            Post::ScramCredential(mechanism, user, answer) => {
                // A connection that is gone does not ask any more.
                let _ = answer.send(self.shard.scram_credential(mechanism, &user).cloned());
            }
            Post::TokenLogin(id, answer) => {
                let _ = answer.send(self.shard.token_login(&id, self.clock.now()));
            }
            // Whoever asked may have gone.
            Post::Report(reply) => drop(reply.send(self.shard.report(self.clock.now()))),
            // The thread was woken to look at the deadline; it ends by itself.
            Post::Wake | Post::Stop => {}
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
                Output::Mute(connection, time) => {
                    if let Some((_, toll)) = self.connections.get(&connection) {
                        toll.mute(time);
                    }
                }
                Output::AddressRates(rates) => self.router.set_address_rates(rates),
                Output::Flush(target, task) => self.work(DiskWork::Flush(target, task)),
                Output::Clean(target, task) => {
                    let pace = self.shard.compaction_bytes_per_second();
                    self.cleaner.start_and_run(
                        "broker-cleaner",
                        &self.router,
                        (target, task, pace),
                    );
                }
                Output::Copy(target, task) => {
                    let pace = self.shard.copy_bytes_per_second();
                    self.mover
                        .start_and_run("broker-mover", &self.router, (target, task, pace));
                }
                Output::Checkpoint(task) => self.work(DiskWork::Checkpoint(task)),
                Output::Remove(cleanup) => self.work(DiskWork::Remove(cleanup)),
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    self.router.set_wants_time(self.shard.wants_time());
                    return;
                }
                other => tracing::error!(?other, "an output that nobody knows"),
            }
        }
    }

    /// A connection that is gone needs no answer.
    fn answer(&self, connection: ConnectionId, answer: Answer) {
        if let Some((answers, _)) = self.connections.get(&connection) {
            answers.send(answer);
        }
    }

    /// The flusher outlives this thread.
    fn work(&self, work: DiskWork) {
        if self.disk.send(work).is_err() {
            tracing::error!("the flusher is gone");
        }
    }
}

/// How many produce requests are handled in one go.
const TOGETHER_MAX: usize = 16;
