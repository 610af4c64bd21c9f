//! Consuming: the group consumer and the legacy consumer, blocking, for one application's thread.
//!
//! Owns the walk over what was fetched ([`cursor`]) and the questions to the core. Guarantees: a record is handed out
//! borrowed, inside the caller's `sink`, without an allocation, a lock or a channel per record; events that concern the
//! application (rebalances, commits, errors, logs) are returned one at a time, never acted upon here; every wait is
//! bounded by its timeout and by `interrupted()`. Leaves running callbacks to the caller. The application's thread.

pub(crate) mod cursor;
mod legacy;
pub(crate) mod offset_file;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_client_core::admin;
use rdkafka_client_core::consumer::{
    Call, CallReply, Command, PollWatch, QueuedError, Subscription,
};
use rdkafka_client_core::io::{self, Event, TopicPartition, TopicPartitionOffset};
use rdkafka_client_core::producer::GroupMetadata;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

pub use self::cursor::ConsumedRecord;
pub use self::legacy::{ConsumerTopic, LegacyConsumer, Queue};
pub use rdkafka_client_core::consumer::{Event as ConsumerEvent, Rebalance, RebalanceKind};

use self::cursor::{Cursor, Unreadable};
use crate::event_queue::{EventQueue, WaitFor, Woken, deadline_after_ms};
use crate::handle::{Client, NewError};

/// How long the core may take to answer what needs no broker.
const LOCAL_TIMEOUT_MS: i32 = 10_000;
/// What a commit may take longer than `session.timeout.ms`, when the core gives it up.
const COMMIT_MARGIN_MS: u32 = 1000;
/// How long closing may take; the core ends it earlier.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(6);

/// What a consumer hands out in the place of messages.
#[derive(Debug)]
pub enum Item<'a> {
    /// A record.
    Record(ConsumedRecord<'a>),
    /// An error, or the end of a partition (`_PARTITION_EOF`).
    Error(ConsumerError<'a>),
}

/// An error that comes where messages come.
#[derive(Debug, Clone, Copy)]
pub struct ConsumerError<'a> {
    /// The code.
    pub code: ErrorCode,
    /// The story, for people.
    pub text: &'a str,
    /// The topic, if it concerns one.
    pub topic: Option<&'a str>,
    /// The partition, -1 if it concerns none.
    pub partition: i32,
    /// The offset, [`rdkafka_client_core::consumer::OFFSET_INVALID`] if it concerns none.
    pub offset: i64,
}

/// What became of waiting for an item.
#[derive(Debug)]
pub enum Served<R> {
    /// There was one; this is what the sink made of it.
    Item(R),
    /// Something else is to be done first; then wait again.
    Event(Box<Event>),
    /// There was nothing in time.
    TimedOut,
    /// `interrupted()` said so.
    Interrupted,
}

/// How far closing is.
#[derive(Debug)]
pub enum Closing {
    /// Something is to be done first.
    Event(Box<Event>),
    /// Done, or out of time; `_FATAL` for a consumer that met a fatal error before.
    Closed(ErrorCode),
}

/// The group consumer.
#[derive(Debug)]
pub struct Consumer {
    client: Client,
    inbox: Inbox,
    watch: Arc<PollWatch>,
}

impl Consumer {
    /// The consumer of a client of kind `Consumer` with a `group.id`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let watch = Arc::new(PollWatch::default());
        command(&client, Command::Watch(Arc::clone(&watch)));
        let events = client.events().map(Arc::clone).unwrap_or_default();
        let inbox = Inbox::new(events, &client);
        Self {
            client,
            inbox,
            watch,
        }
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Wait up to `timeout_ms` (-1: for ever) for a record or an error and give it to `sink`.
    pub fn consume<R>(
        &self,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
        sink: impl FnOnce(Item<'_>) -> R,
    ) -> Served<R> {
        if self.watch.begin() {
            command(&self.client, Command::Polled);
        }
        let served = self
            .inbox
            .consume(&self.client, timeout_ms, interrupted, sink);
        self.watch.end();
        served
    }

    /// Be a member of the group for these topics; those that start with `^` are patterns.
    ///
    /// # Errors
    /// `_INVALID_ARG` for a list that is no subscription, and what the core answers.
    pub fn subscribe(&self, topics: Vec<StrBytes>) -> Result<(), ErrorCode> {
        let subscription = Subscription::new(topics).map_err(|_| ErrorCode::_INVALID_ARG)?;
        self.local(Call::Subscribe(subscription)).map(drop)
    }

    /// Leave the group.
    ///
    /// # Errors
    /// What the core answers.
    pub fn unsubscribe(&self) -> Result<(), ErrorCode> {
        self.local(Call::Unsubscribe).map(drop)
    }

    /// The subscription as it was given.
    ///
    /// # Errors
    /// What the core answers.
    pub fn subscription(&self) -> Result<Vec<StrBytes>, ErrorCode> {
        match self.local(Call::Subscription)? {
            CallReply::Topics(topics) => Ok(topics),
            _ => Err(ErrorCode::_FAIL),
        }
    }

    /// This consumer's place in its group, for [`Client::send_offsets_to_transaction`].
    ///
    /// # Errors
    /// `_UNKNOWN_GROUP` without a `group.id`.
    pub fn group_metadata(&self) -> Result<GroupMetadata, ErrorCode> {
        match self.local(Call::GroupMetadata)? {
            CallReply::Group(metadata) => Ok(metadata),
            _ => Err(ErrorCode::_FAIL),
        }
    }

    /// Consume exactly these partitions; `None` or an empty list for none.
    ///
    /// # Errors
    /// `_INVALID_ARG` for places that are none and partitions that come twice.
    pub fn assign(&self, list: Option<Vec<TopicPartitionOffset>>) -> Result<(), NewError> {
        self.local_with_reason(Call::Assign(list))
    }

    /// Consume these partitions too.
    ///
    /// # Errors
    /// As [`Self::assign`]; `_CONFLICT` for those that are assigned already.
    pub fn incremental_assign(&self, list: Vec<TopicPartitionOffset>) -> Result<(), NewError> {
        self.local_with_reason(Call::IncrementalAssign(list))
    }

    /// Do not consume these partitions any more.
    ///
    /// # Errors
    /// `_INVALID_ARG` for those that are not assigned.
    pub fn incremental_unassign(&self, list: Vec<TopicPartition>) -> Result<(), NewError> {
        self.local_with_reason(Call::IncrementalUnassign(list))
    }

    /// What is assigned.
    ///
    /// # Errors
    /// What the core answers.
    pub fn assignment(&self) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
        partitions(self.local(Call::Assignment)?)
    }

    /// Commit these offsets (given as the next ones to read), or what is stored, and wait for the answer. The list
    /// tells each partition's result; it is an error only when none could be committed. Takes at most
    /// `session.timeout.ms`, whatever the coordinator does.
    ///
    /// # Errors
    /// `_TIMED_OUT`, `_NO_OFFSET` when there is nothing to commit, `_ASSIGNMENT_LOST`, and what the coordinator says.
    pub fn commit(
        &self,
        offsets: Option<Vec<TopicPartitionOffset>>,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
        let timeout_ms = commit_timeout_ms(&self.client);
        let call = Call::Commit(offsets);
        partitions(ask(&self.client, call, timeout_ms, &never)?)
    }

    /// The same without waiting; the result comes as an event where there is a commit callback.
    pub fn commit_async(&self, offsets: Option<Vec<TopicPartitionOffset>>) {
        command(&self.client, Command::Commit(offsets));
    }

    /// What the group has committed; [`rdkafka_client_core::consumer::OFFSET_INVALID`] where nothing.
    ///
    /// # Errors
    /// `_TIMED_OUT`, and what the coordinator says.
    pub fn committed(
        &self,
        list: Vec<TopicPartition>,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
        partitions(ask(
            &self.client,
            Call::Committed(list),
            timeout_ms,
            interrupted,
        )?)
    }

    /// Offsets after the last records handed out.
    ///
    /// # Errors
    /// What the core answers.
    pub fn positions(
        &self,
        list: Vec<TopicPartition>,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
        partitions(self.local(Call::Positions(list))?)
    }

    /// A handle of this topic was made: have its metadata at hand.
    pub fn want_topic(&self, topic: StrBytes) {
        command(&self.client, Command::Want(topic));
    }

    /// Remember these offsets for the next commit; the list tells each partition's result.
    ///
    /// # Errors
    /// What the core answers.
    pub fn store_offsets(
        &self,
        list: Vec<TopicPartitionOffset>,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
        partitions(self.local(Call::StoreOffsets(list))?)
    }

    /// Go on elsewhere; the list tells each partition's result.
    ///
    /// # Errors
    /// What the core answers.
    pub fn seek(
        &self,
        list: Vec<TopicPartitionOffset>,
    ) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
        partitions(self.local(Call::Seek(list))?)
    }

    /// Begin to close: give everything back, commit, leave the group. Then call [`Self::closing`] until it is done.
    pub fn close(&self) -> Instant {
        begin_close(&self.client)
    }

    /// What is to be done before closing is done, at the latest at `until`. Records still in the queue are dropped.
    pub fn closing(&self, until: Instant) -> Closing {
        next_before_closed(&self.inbox.events, until)
    }

    fn local(&self, call: Call) -> Result<CallReply, ErrorCode> {
        ask(&self.client, call, LOCAL_TIMEOUT_MS, &never)
    }

    fn local_with_reason(&self, call: Call) -> Result<(), NewError> {
        match self.local(call) {
            Ok(CallReply::Refused(code, text)) => Err(NewError { code, text }),
            Ok(_) => Ok(()),
            Err(code) => Err(NewError {
                code,
                text: code.text().into_owned(),
            }),
        }
    }
}

/// Where events of one queue become items.
#[derive(Debug)]
struct Inbox {
    events: Arc<EventQueue<Event>>,
    cursor: RefCell<Cursor>,
    /// `check.crcs`.
    verifies: bool,
    /// `enable.auto.offset.store`.
    stores: bool,
}

impl Inbox {
    fn new(events: Arc<EventQueue<Event>>, client: &Client) -> Self {
        let conf = client.conf().map(|conf| &conf.consumer);
        Self {
            events,
            cursor: RefCell::default(),
            verifies: conf.is_some_and(|conf| conf.check_crcs),
            stores: conf.is_some_and(|conf| conf.enable_auto_offset_store),
        }
    }

    /// Hands what is open already to `sink`, at most `limit` of it; how much it was. What comes after needs
    /// [`Self::consume`].
    fn drain(&self, client: &Client, limit: usize, mut sink: impl FnMut(Item<'_>)) -> usize {
        if client.live().is_none() {
            return 0;
        }
        let Ok(mut cursor) = self.cursor.try_borrow_mut() else {
            return 0;
        };
        for count in 0..limit {
            match cursor.next(self.verifies, self.stores) {
                Some(next) => hand_to(&mut sink, next),
                None => return count,
            }
        }
        limit
    }

    fn consume<R>(
        &self,
        client: &Client,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
        sink: impl FnOnce(Item<'_>) -> R,
    ) -> Served<R> {
        // After a fork, what lies here is the parent's.
        if client.live().is_none() {
            return Served::TimedOut;
        }
        // Taken only when the sink calls back here, which hands out nothing.
        let Ok(mut cursor) = self.cursor.try_borrow_mut() else {
            return Served::TimedOut;
        };
        let mut deadline = None;
        loop {
            if let Some(next) = cursor.next(self.verifies, self.stores) {
                return Served::Item(hand_to(sink, next));
            }
            if cursor.take_resume() {
                command(client, Command::Resume);
            }
            match self.events.pop() {
                Some(Event::Consumer(ConsumerEvent::Fetched(fetched))) => cursor.load(fetched),
                Some(Event::Consumer(ConsumerEvent::Error(error))) => {
                    if !is_outdated(&error) {
                        return Served::Item(sink(Item::Error(error_item(&error))));
                    }
                }
                Some(event) => return Served::Event(Box::new(event)),
                None if timeout_ms == 0 => return Served::TimedOut,
                None => {
                    let deadline = *deadline.get_or_insert_with(|| deadline_after_ms(timeout_ms));
                    let what = WaitFor::ItemsOrSignal;
                    match self.events.wait(what, deadline, interrupted) {
                        Woken::Ready | Woken::Nudged => {}
                        Woken::TimedOut => return Served::TimedOut,
                        Woken::Interrupted => return Served::Interrupted,
                    }
                }
            }
        }
    }
}

fn begin_close(client: &Client) -> Instant {
    command(client, Command::Close);
    Instant::now() + CLOSE_TIMEOUT
}

fn next_before_closed(events: &EventQueue<Event>, until: Instant) -> Closing {
    loop {
        match events.pop() {
            Some(Event::Consumer(ConsumerEvent::Fetched(_) | ConsumerEvent::Error(_))) => {}
            Some(Event::Consumer(ConsumerEvent::Closed(code))) => return Closing::Closed(code),
            Some(event) => return Closing::Event(Box::new(event)),
            None => match events.wait(WaitFor::Items, Some(until), &never) {
                Woken::Ready | Woken::Nudged => {}
                Woken::TimedOut | Woken::Interrupted => {
                    return Closing::Closed(ErrorCode::NONE);
                }
            },
        }
    }
}

#[inline]
fn hand_to<R>(
    sink: impl FnOnce(Item<'_>) -> R,
    next: Result<ConsumedRecord<'_>, Unreadable<'_>>,
) -> R {
    match next {
        Ok(record) => sink(Item::Record(record)),
        Err(unreadable) => sink(Item::Error(unreadable_item(&unreadable))),
    }
}

fn is_outdated(error: &QueuedError) -> bool {
    let origin = error.origin.as_ref();
    origin.is_some_and(|(partition, version)| partition.version() != *version)
}

fn error_item(error: &QueuedError) -> ConsumerError<'_> {
    let origin = error.origin.as_ref().map(|(partition, _)| partition);
    ConsumerError {
        code: error.code,
        text: &error.text,
        topic: match origin {
            Some(partition) => Some(partition.topic().name.as_str()),
            None => error.topic.as_deref(),
        },
        partition: origin.map_or(-1, |partition| partition.partition()),
        offset: error.offset,
    }
}

fn unreadable_item<'a>(unreadable: &'a Unreadable<'_>) -> ConsumerError<'a> {
    ConsumerError {
        code: unreadable.code,
        text: &unreadable.text,
        topic: Some(unreadable.topic.name.as_str()),
        partition: unreadable.partition,
        offset: unreadable.offset,
    }
}

/// How long a call may take that waits for a commit: the core gives that up by `session.timeout.ms`.
fn commit_timeout_ms(client: &Client) -> i32 {
    let session = client.conf().map(|conf| conf.group.session_timeout_ms);
    let timeout = session.unwrap_or_default().saturating_add(COMMIT_MARGIN_MS);
    i32::try_from(timeout).unwrap_or(i32::MAX)
}

fn never() -> bool {
    false
}

fn command(client: &Client, command: Command) {
    client.command(io::Command::Consumer(command));
}

fn ask(
    client: &Client,
    call: Call,
    timeout_ms: i32,
    interrupted: &dyn Fn() -> bool,
) -> Result<CallReply, ErrorCode> {
    match client.call(admin::Call::Consumer(call), timeout_ms, interrupted)? {
        admin::CallReply::Consumer(reply) => Ok(reply),
        _ => Err(ErrorCode::_FAIL),
    }
}

fn partitions(reply: CallReply) -> Result<Vec<TopicPartitionOffset>, ErrorCode> {
    match reply {
        CallReply::Partitions(list) => Ok(list),
        CallReply::Refused(code, _) => Err(code),
        CallReply::Done | CallReply::Topics(_) | CallReply::Group(_) => Err(ErrorCode::_FAIL),
    }
}
