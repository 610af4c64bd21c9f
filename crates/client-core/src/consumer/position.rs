//! The few numbers of the consumer that two threads touch.
//!
//! The application's thread reads versions and writes positions while it walks fetched records; the driver writes
//! versions and reads positions when it commits. All are single words: whatever must be seen together crosses as a
//! command or an event. An offset may be seen with the leader epoch of a later one, never of an earlier one, which
//! would look like a log that was cut off. Nothing here blocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU32, AtomicU64, Ordering};

use rdkafka_wire::types::StrBytes;

use super::offset::OFFSET_INVALID;

/// Names one of the queues that fetched records go to; 0 is the consumer's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(pub u32);

impl QueueId {
    /// The consumer's own queue, which everything without a queue of its own goes to.
    pub const MAIN: Self = Self(0);
}

/// A topic's name with a small number, so that the application can keep its own form of the name in a table.
#[derive(Debug, PartialEq, Eq)]
pub struct TopicName {
    /// Counts from 0 in each client.
    pub id: u32,
    /// The name.
    pub name: StrBytes,
}

/// A partition being consumed, as both threads see it. A partition assigned again is a new one.
#[derive(Debug)]
pub struct ConsumedPartition {
    topic: Arc<TopicName>,
    partition: i32,
    /// Raised by whatever makes records fetched before it outdated: seek, pause, unassign.
    version: AtomicU32,
    /// Offset after the last record handed to the application.
    position: AtomicI64,
    /// Leader epoch of the last record handed to the application, or a later one's.
    position_epoch: AtomicI32,
    /// Offset to commit.
    stored: AtomicI64,
    /// The leader epoch to commit with it.
    stored_epoch: AtomicI32,
}

impl ConsumedPartition {
    /// A partition of which nothing was handed out yet.
    #[must_use]
    pub fn new(topic: Arc<TopicName>, partition: i32) -> Self {
        Self {
            topic,
            partition,
            version: AtomicU32::new(0),
            position: AtomicI64::new(OFFSET_INVALID),
            position_epoch: AtomicI32::new(-1),
            stored: AtomicI64::new(OFFSET_INVALID),
            stored_epoch: AtomicI32::new(-1),
        }
    }

    /// The same with versions above `version`.
    pub(crate) fn above(mut self, version: u32) -> Self {
        self.version = AtomicU32::new(version);
        self
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &Arc<TopicName> {
        &self.topic
    }

    /// The partition's number.
    #[must_use]
    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// Records fetched under another version are outdated.
    #[inline]
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version.load(Ordering::Relaxed)
    }

    pub(crate) fn outdate(&self) -> u32 {
        self.version.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// Records of a batch that this leader epoch wrote come next.
    pub fn enter_batch(&self, leader_epoch: i32, store: bool) {
        self.position_epoch.store(leader_epoch, Ordering::Relaxed);
        if store {
            self.stored_epoch.store(leader_epoch, Ordering::Relaxed);
        }
    }

    /// A record was handed to the application: the position is behind it, and so is what will be committed when the
    /// client stores offsets by itself.
    #[inline]
    pub fn deliver(&self, offset: i64, store: bool) {
        let next = offset + 1;
        // Released, so that whoever sees the offset sees its epoch.
        self.position.store(next, Ordering::Release);
        if store {
            self.stored.store(next, Ordering::Release);
        }
    }

    /// Offset after the last record handed out, [`OFFSET_INVALID`] before the first.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position.load(Ordering::Acquire)
    }

    /// The leader epoch of [`Self::position`], which is to be asked for first; -1 when unknown.
    pub(crate) fn position_epoch(&self) -> i32 {
        self.position_epoch.load(Ordering::Relaxed)
    }

    pub(crate) fn reset_position(&self) {
        self.position.store(OFFSET_INVALID, Ordering::Relaxed);
    }

    /// Offset to commit, [`OFFSET_INVALID`] when there is none.
    #[must_use]
    pub fn stored(&self) -> i64 {
        self.stored.load(Ordering::Acquire)
    }

    /// The leader epoch of [`Self::stored`], which is to be asked for first; -1 when unknown.
    pub(crate) fn stored_epoch(&self) -> i32 {
        self.stored_epoch.load(Ordering::Relaxed)
    }

    pub(crate) fn store(&self, offset: i64, leader_epoch: i32) {
        self.stored_epoch.store(leader_epoch, Ordering::Relaxed);
        self.stored.store(offset, Ordering::Release);
    }
}

/// A fetch asks for this much at least, where the queue's limit is not smaller.
const LEAST_FETCH_BYTES: u64 = 1_000_000;

/// How much lies fetched in one queue, and how much may.
///
/// The driver adds what it hands over and stops asking brokers when the queue is full; the application's thread
/// takes away what it has gone through, and is told when the driver waits for that.
#[derive(Debug)]
pub struct FetchQueue {
    id: QueueId,
    /// `queued.min.messages`.
    messages_wanted: u64,
    /// `queued.max.messages.kbytes`.
    bytes_max: u64,
    messages: AtomicU64,
    bytes: AtomicU64,
    is_awaited: AtomicBool,
}

impl FetchQueue {
    /// An empty queue.
    #[must_use]
    pub fn new(id: QueueId, messages_wanted: u64, bytes_max: u64) -> Self {
        Self {
            id,
            messages_wanted,
            bytes_max,
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            is_awaited: AtomicBool::new(false),
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> QueueId {
        self.id
    }

    /// Records and bytes lying in the queue.
    #[must_use]
    pub fn fill(&self) -> (u64, u64) {
        (
            self.messages.load(Ordering::SeqCst),
            self.bytes.load(Ordering::SeqCst),
        )
    }

    /// How many bytes a fetch is given at least: less would be spent on answers of a few records.
    fn least_bytes(&self) -> u64 {
        LEAST_FETCH_BYTES.min(self.bytes_max / 2)
    }

    /// How many bytes may be asked for, when answers of up to `promised` bytes are awaited already and `shares` requests
    /// share the room; `None` when there is too little. What is never exceeded so is `queued.max.messages.kbytes`, by
    /// anything but a batch that is larger than what was asked for: brokers send such a one whole.
    pub(crate) fn bytes_to_ask(&self, promised: u64, shares: u64) -> Option<u64> {
        let (_, bytes) = self.fill();
        let room = self.bytes_max.saturating_sub(bytes + promised);
        let share = (self.bytes_max / shares.max(1)).max(self.least_bytes());
        (room >= self.least_bytes()).then(|| room.min(share))
    }

    fn is_low(&self) -> bool {
        let (messages, bytes) = self.fill();
        messages < self.messages_wanted && bytes <= self.bytes_max - self.least_bytes()
    }

    /// Whether more should be fetched. When not, the next [`Self::take`] that makes room says so.
    pub(crate) fn has_room(&self) -> bool {
        if self.is_low() {
            return true;
        }
        self.is_awaited.store(true, Ordering::SeqCst);
        // The application may have made room just before it could see that somebody waits.
        self.is_low() && self.is_awaited.swap(false, Ordering::SeqCst)
    }

    /// This much was handed over.
    pub fn add(&self, messages: u64, bytes: u64) {
        self.messages.fetch_add(messages, Ordering::SeqCst);
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
    }

    /// The application has gone through (or dropped) this much. True when the driver waits for room and there is
    /// some: send `Command::Resume`.
    #[must_use]
    pub fn take(&self, messages: u64, bytes: u64) -> bool {
        self.messages.fetch_sub(messages, Ordering::SeqCst);
        self.bytes.fetch_sub(bytes, Ordering::SeqCst);
        self.is_awaited.load(Ordering::SeqCst)
            && self.is_low()
            && self.is_awaited.swap(false, Ordering::SeqCst)
    }
}

/// Tells the driver whether the application still polls (`max.poll.interval.ms`).
#[derive(Debug, Default)]
pub struct PollWatch {
    polls: AtomicU64,
    is_polling: AtomicBool,
    is_exceeded: AtomicBool,
}

impl PollWatch {
    /// The application starts to wait for records. True when it had been given up: send `Command::Polled`.
    #[inline]
    #[must_use]
    pub fn begin(&self) -> bool {
        self.is_polling.store(true, Ordering::Relaxed);
        self.is_exceeded.load(Ordering::Relaxed)
    }

    /// It got something, or waited long enough.
    #[inline]
    pub fn end(&self) {
        // One writer, so no read-modify-write is needed.
        self.polls.store(
            self.polls.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
        self.is_polling.store(false, Ordering::Relaxed);
    }

    /// Polls so far, and whether one is under way.
    pub(crate) fn seen(&self) -> (u64, bool) {
        (
            self.polls.load(Ordering::Relaxed),
            self.is_polling.load(Ordering::Relaxed),
        )
    }

    pub(crate) fn set_exceeded(&self, is_exceeded: bool) {
        self.is_exceeded.store(is_exceeded, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_tells_once_when_there_is_room_again() {
        let queue = FetchQueue::new(QueueId::MAIN, 10, 1000);
        assert!(queue.has_room());
        queue.add(10, 100);
        assert!(!queue.has_room());
        assert!(queue.take(1, 10), "nine of ten left");
        assert!(!queue.take(1, 10), "nobody waits any more");
    }

    #[test]
    fn bytes_alone_fill_a_queue() {
        let queue = FetchQueue::new(QueueId::MAIN, 10, 1000);
        queue.add(1, 1000);
        assert!(!queue.has_room());
        assert!(queue.take(1, 1000));
    }

    #[test]
    fn answers_that_are_awaited_count_too() {
        let queue = FetchQueue::new(QueueId::MAIN, 10, 10_000_000);
        assert_eq!(queue.bytes_to_ask(0, 1), Some(10_000_000));
        assert_eq!(queue.bytes_to_ask(0, 4), Some(2_500_000));
        assert_eq!(queue.bytes_to_ask(7_500_000, 4), Some(2_500_000));
        queue.add(1, 1_000_000);
        assert_eq!(queue.bytes_to_ask(7_500_000, 4), Some(1_500_000));
        assert_eq!(queue.bytes_to_ask(8_500_000, 4), None);
    }

    #[test]
    fn what_is_delivered_is_stored_only_when_asked_for() {
        let topic = Arc::new(TopicName {
            id: 0,
            name: "t".into(),
        });
        let partition = ConsumedPartition::new(topic, 0);
        partition.deliver(4, false);
        assert_eq!(
            (partition.position(), partition.stored()),
            (5, OFFSET_INVALID)
        );
        partition.deliver(5, true);
        assert_eq!((partition.position(), partition.stored()), (6, 6));
    }
}
