//! The driver: one task per client that owns the core and carries out what it says.
//!
//! Inputs come in one mailbox: commands and calls of the application, frames and ends of connections, finished jobs.
//! After each the core's outputs are carried out until it has none. Nothing here blocks. Events go to the application's
//! queues, filtered by what the application listens to.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rdkafka_client_core::admin::{Call, CallReply};
use rdkafka_client_core::client::Client as Core;
use rdkafka_client_core::conf::{ClientConfig, ClientKind};
use rdkafka_client_core::consumer::QueueId;
use rdkafka_client_core::io::{
    BrokerId, CallId, Command, DisconnectReason, Event, Input, JobDone, LogLine, Moment, Now,
    Output,
};
use rdkafka_client_core::producer::Command as ProducerCommand;
use rdkafka_client_core::shared::BatchSlot;
use rdkafka_sasl::oauthbearer::oidc::TokenRequest;
use rdkafka_wire::ErrorCode;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::consumer::offset_file;
use crate::event_queue::EventQueue;
use crate::handle::Logs;
use crate::http;
use crate::log;
use crate::opened::OpenedBatches;
use crate::progress;
use crate::socket::{self, Connection, Connector};
use crate::tls::Tls;

/// Where the answer to a call goes.
pub(crate) type ReplyQueue = Arc<EventQueue<Result<CallReply, ErrorCode>>>;

/// What comes in the driver's mailbox.
#[derive(Debug)]
pub(crate) enum Message {
    /// Of the application.
    Command(Command),
    /// A question of the application.
    Ask {
        call: Call,
        deadline: Moment,
        reply: ReplyQueue,
    },
    /// Of a connection; dropped when the connection is not the broker's current one.
    Socket {
        broker: BrokerId,
        serial: u64,
        input: Input,
    },
    /// Of a worker.
    Done(Input),
}

/// Both clocks; the monotonic one counts from when the client was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment::default() + self.start.elapsed()
    }

    fn now(&self) -> Now {
        Now {
            mono: self.moment(),
            unix_ms: unix_ms(),
        }
    }

    fn instant(&self, moment: Moment) -> Option<Instant> {
        self.start.checked_add(Duration::from_micros(moment.0))
    }
}

/// Milliseconds since 1970; 0 before that.
pub(crate) fn unix_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Not `as_millis()`: it counts in 128 bits, and this is asked for every record.
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    seconds
        .saturating_mul(1000)
        .saturating_add(i64::from(since.subsec_millis()))
}

/// What the driver and the handles of one client share.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) name: String,
    pub(crate) conf: Arc<ClientConfig>,
    logs: Mutex<Logs>,
    /// The main queue.
    pub(crate) events: Arc<EventQueue<Event>>,
    /// Queues of a consumer beside the main one.
    pub(crate) queues: Mutex<HashMap<QueueId, Arc<EventQueue<Event>>>>,
    pub(crate) fatal: Mutex<Option<(ErrorCode, String)>>,
    /// The last error that belongs to no single call: why a call may have failed.
    pub(crate) cause: Mutex<Option<(ErrorCode, String)>>,
    /// What the driver sees without being woken for it.
    pub(crate) opened: OpenedBatches<Arc<BatchSlot>>,
    is_terminated: Mutex<bool>,
    terminated: Condvar,
}

impl Ends {
    pub(crate) fn new(name: String, conf: Arc<ClientConfig>, logs: Logs) -> Self {
        Self {
            name,
            conf,
            logs: Mutex::new(logs),
            events: Arc::default(),
            queues: Mutex::default(),
            fatal: Mutex::default(),
            cause: Mutex::default(),
            opened: OpenedBatches::default(),
            is_terminated: Mutex::new(false),
            terminated: Condvar::new(),
        }
    }

    /// Wait until the driver is done, at most `bound`.
    pub(crate) fn wait_terminated(&self, bound: Duration) {
        let is_terminated = self
            .is_terminated
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Either way the caller goes on.
        _ = self
            .terminated
            .wait_timeout_while(is_terminated, bound, |is_terminated| !*is_terminated);
    }

    fn set_terminated(&self) {
        *self
            .is_terminated
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.terminated.notify_all();
    }

    pub(crate) fn set_logs(&self, logs: Logs) {
        *self.logs.lock().unwrap_or_else(PoisonError::into_inner) = logs;
    }

    pub(crate) fn log(&self, line: LogLine) {
        let shows_thread = self.conf.log.thread_name;
        let logs = *self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        match logs {
            Logs::Stderr => log::to_stderr(line, &self.name, shows_thread),
            Logs::Syslog => log::to_syslog(line, &self.name, shows_thread),
            Logs::Both => {
                log::to_stderr(line.clone(), &self.name, shows_thread);
                log::to_syslog(line, &self.name, shows_thread);
            }
            Logs::Queue => {
                let text = line.clone().into_text(self.conf.log.thread_name);
                self.events.push(Event::Log(LogLine { text, ..line }));
            }
            Logs::Off => {}
        }
    }

    /// Hand an event to whoever listens to its kind.
    fn deliver(&self, event: Event) {
        let callbacks = &self.conf.callbacks;
        let is_wanted = match &event {
            Event::Log(_) => {
                if let Event::Log(line) = event {
                    self.log(line);
                }
                return;
            }
            Event::Error(error) => {
                if error.fatal {
                    let fatal = Some((error.code, error.text.clone()));
                    *self.fatal.lock().unwrap_or_else(PoisonError::into_inner) = fatal;
                }
                if error.code != ErrorCode::_ALL_BROKERS_DOWN {
                    let last = Some((error.code, error.text.clone()));
                    *self.cause.lock().unwrap_or_else(PoisonError::into_inner) = last;
                }
                // A consumer hears of it where messages come.
                callbacks.error && !(error.fatal && self.conf.kind == ClientKind::Consumer)
            }
            Event::Throttle(_) => callbacks.throttle,
            Event::Stats(_) => callbacks.stats,
            Event::TokenRefresh(_) => true,
            Event::Delivered(_) => true,
            Event::Consumer(of_consumer) => {
                let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(queue) = queues.get(&of_consumer.queue()).map(Arc::clone) {
                    drop(queues);
                    queue.push(event);
                    return;
                }
                true
            }
        };
        if is_wanted {
            self.events.push(event);
        }
    }
}

/// The task's state.
#[derive(Debug)]
pub(crate) struct Driver {
    core: Core,
    clock: Clock,
    ends: Arc<Ends>,
    connector: Arc<Connector>,
    inbox: UnboundedReceiver<Message>,
    /// For connections and workers to answer.
    own: UnboundedSender<Message>,
    connections: HashMap<BrokerId, Connection>,
    next_serial: u64,
    calls: HashMap<CallId, ReplyQueue>,
    next_call: u64,
    /// When it looks for opened batches, whatever the core says.
    looks_again: Option<Moment>,
    is_terminated: bool,
}

impl Driver {
    pub(crate) fn new(
        core: Core,
        clock: Clock,
        ends: Arc<Ends>,
        connector: Connector,
        inbox: UnboundedReceiver<Message>,
        own: UnboundedSender<Message>,
    ) -> Self {
        Self {
            core,
            clock,
            ends,
            connector: Arc::new(connector),
            inbox,
            own,
            connections: HashMap::new(),
            next_serial: 0,
            calls: HashMap::new(),
            next_call: 0,
            looks_again: None,
            is_terminated: false,
        }
    }

    /// Run until the client is terminated.
    pub(crate) async fn run(mut self) {
        /// Mail handled before the clock is looked at again, so that deadlines are kept under load.
        const MAIL_BATCH: usize = 64;
        let mut mail = Vec::with_capacity(MAIL_BATCH);
        self.core.start(self.clock.now());
        let mut deadline = self.carry_out();
        while !self.is_terminated {
            let wakes_at = self.looks_again.into_iter().chain(deadline).min();
            let opened = self.ends.opened.take_or_sleep(wakes_at);
            if !opened.is_empty() {
                deadline = self.see_opened(opened);
                continue;
            }
            let instant = wakes_at.and_then(|moment| self.clock.instant(moment));
            let is_due = instant.is_some_and(|instant| instant <= Instant::now());
            if !is_due {
                tokio::select! {
                    biased;
                    count = self.inbox.recv_many(&mut mail, MAIL_BATCH) => debug_assert!(count > 0, "we hold a sender"),
                    () = sleep_until(instant) => {}
                }
            }
            if mail.is_empty() {
                self.looks_again = None;
                if self.ends.conf.statistics_interval_ms.is_some() {
                    self.core.set_reply_queue(self.ends.events.len());
                }
                self.core.handle(Input::Timeout, self.clock.now());
                deadline = self.carry_out();
            }
            for message in mail.drain(..) {
                if let Some(input) = self.open(message) {
                    self.core.handle(input, self.clock.now());
                    deadline = self.carry_out();
                }
            }
        }
    }

    /// A batch was opened: see the next without being woken for it.
    fn look_again(&mut self) {
        let linger_us = self.ends.conf.producer.linger_us;
        let half = Duration::from_micros(linger_us / 2);
        self.looks_again = (linger_us > 0).then(|| self.clock.moment() + half);
    }

    /// Batches that were opened since it last looked.
    fn see_opened(&mut self, opened: Vec<Arc<BatchSlot>>) -> Option<Moment> {
        let now = self.clock.now();
        self.look_again();
        for slot in opened {
            let command = Command::Producer(ProducerCommand::Opened(slot));
            self.core.handle(Input::Command(command), now);
        }
        self.carry_out()
    }

    /// What a message means for the core; `None` when it is too late for it.
    fn open(&mut self, message: Message) -> Option<Input> {
        match message {
            Message::Command(command) => {
                if let Command::Producer(ProducerCommand::Opened(_)) = command {
                    self.look_again();
                }
                Some(Input::Command(command))
            }
            Message::Ask {
                call,
                deadline,
                reply,
            } => {
                let id = CallId(self.next_call);
                self.next_call += 1;
                self.calls.insert(id, reply);
                Some(Input::Call(id, call, deadline))
            }
            Message::Socket {
                broker,
                serial,
                input,
            } => {
                if self
                    .connections
                    .get(&broker)
                    .is_none_or(|current| current.serial != serial)
                {
                    return None;
                }
                if matches!(input, Input::Disconnected(..)) {
                    self.connections.remove(&broker);
                }
                Some(input)
            }
            Message::Done(input) => Some(input),
        }
    }

    /// Carry out what the core says until it says when to come back.
    fn carry_out(&mut self) -> Option<Moment> {
        loop {
            match self.core.poll_output() {
                Output::Connect(broker, endpoint) => self.connect(broker, endpoint),
                Output::Examine(broker) => self.examine(broker),
                Output::Close(broker) => drop(self.connections.remove(&broker)),
                Output::Transmit {
                    broker,
                    frame,
                    notify,
                } => match self.connections.get(&broker) {
                    Some(connection) => connection.write(frame, notify),
                    // Cannot be: the core sends on connections that it knows to stand.
                    None => {
                        let gone = Input::Disconnected(broker, DisconnectReason::Closed);
                        _ = self.own.send(Message::Done(gone));
                    }
                },
                Output::FetchToken(request) => self.fetch_token(request),
                Output::Event(event) => self.ends.deliver(event),
                Output::Reply(id, result) => {
                    if let Some(reply) = self.calls.remove(&id) {
                        reply.push(result);
                    }
                }
                Output::Run(job) => {
                    let own = self.own.clone();
                    tokio::task::spawn_blocking(move || {
                        // The driver may have ended meanwhile.
                        _ = own.send(Message::Done(Input::Done(job.run())));
                    });
                }
                Output::KeepOffset(offset) => {
                    let own = self.own.clone();
                    let group = self.ends.conf.group.id.clone();
                    tokio::task::spawn_blocking(move || {
                        let result = offset_file::write(&offset, group.as_deref());
                        let done = JobDone::OffsetKept((offset, result));
                        _ = own.send(Message::Done(Input::Done(done)));
                    });
                }
                Output::Drained => self.ends.events.nudge(),
                Output::Terminated => self.is_terminated = true,
                Output::Timeout(deadline) => return deadline,
            }
        }
    }

    /// Ask the kernel how a connection fares, on a worker.
    fn examine(&self, broker: BrokerId) {
        let Some(connection) = self.connections.get(&broker) else {
            return;
        };
        let (own, serial, inode) = (self.own.clone(), connection.serial, connection.inode());
        tokio::task::spawn_blocking(move || {
            // The driver may have ended meanwhile.
            _ = own.send(Message::Socket {
                broker,
                serial,
                input: Input::Examined(broker, progress::is_moving(inode)),
            });
        });
    }

    /// Ask the token endpoint, on a task of its own.
    fn fetch_token(&self, request: TokenRequest) {
        let (own, conf) = (self.own.clone(), Arc::clone(&self.ends.conf));
        tokio::spawn(async move {
            let oidc = &conf.security.sasl.oauthbearer;
            let url = oidc.token_endpoint_url.as_deref().unwrap_or_default();
            let tls = Tls::for_https(
                oidc.https_ca_location.as_deref(),
                oidc.https_ca_pem.as_deref(),
            );
            let answer = match tls {
                Ok(tls) => http::post(url, &request, &tls, &conf.socket).await,
                Err(error) => Err(error.0),
            };
            // The driver may have ended meanwhile.
            _ = own.send(Message::Done(Input::TokenFetched(answer)));
        });
    }

    fn connect(&mut self, broker: BrokerId, endpoint: rdkafka_client_core::io::Endpoint) {
        let serial = self.next_serial;
        self.next_serial += 1;
        let connection = socket::open(
            broker,
            serial,
            endpoint,
            Arc::clone(&self.connector),
            self.own.clone(),
        );
        self.connections.insert(broker, connection);
    }
}

/// However it ends, nobody goes on waiting for it.
impl Drop for Driver {
    fn drop(&mut self) {
        // What was handed to the writers is still written; nothing is read any more.
        self.connections.clear();
        for reply in std::mem::take(&mut self.calls).into_values() {
            reply.push(Err(ErrorCode::_DESTROY));
        }
        self.ends.set_terminated();
        self.ends.events.nudge();
    }
}

/// Sleep until an instant, or for ever.
async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}
