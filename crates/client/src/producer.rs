//! Producing: admit a record to the queue, place it, wake the driver if a batch was filled, or opened and it would not see
//! it in time by itself.
//!
//! Runs entirely on the caller's thread; one uncontended lock and no allocation per record.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;

use rdkafka_client_core::conf::ClientConfig;
use rdkafka_client_core::io::Command;
use rdkafka_client_core::producer::Command as ProducerCommand;
use rdkafka_client_core::producer::accumulator::{Appender, Chooser, Placed, batch_limits};
use rdkafka_client_core::shared::{FirstThread, NewRecord, TopicShared};
use rdkafka_records::Header;
use rdkafka_wire::ErrorCode;

use crate::burst_clock::BurstClock;
use crate::event_queue::{WaitFor, Woken};
use crate::handle::{Client, Live};

/// What the application recognises a record by in its delivery report; 0 for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Opaque(pub u64);

/// Block while the queue is full, instead of failing (`RD_KAFKA_MSG_F_BLOCK`).
pub const MSG_F_BLOCK: i32 = 0x4;

/// The most bytes that the format adds to key, payload and headers of one record.
const RECORD_OVERHEAD_MAX: usize = 36;

/// A record to produce.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProduceRecord<'a> {
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The payload; `None` is a tombstone.
    pub payload: Option<&'a [u8]>,
    /// The headers: names and values, in order, duplicates and null values allowed.
    pub headers: &'a [Header<'a>],
    /// Milliseconds since 1970; `None` for now.
    pub timestamp_ms: Option<i64>,
    /// For the delivery report.
    pub opaque: Opaque,
}

impl ProduceRecord<'_> {
    /// No more than this is written for the record.
    fn size_max(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| {
            // Two lengths of at most five bytes each.
            name.len() + value.map_or(0, <[u8]>::len) + 10
        });
        self.key.map_or(0, <[u8]>::len)
            + self.payload.map_or(0, <[u8]>::len)
            + headers.sum::<usize>()
            + RECORD_OVERHEAD_MAX
    }
}

/// A topic of a producer. For one thread; make another handle for another thread.
pub struct Topic {
    client: Client,
    shared: Arc<TopicShared>,
    appender: RefCell<Appender>,
    clock: Cell<BurstClock>,
    message_bytes_max: usize,
    /// It was made on the first thread that produces.
    first_thread: Option<FirstThread>,
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topic")
            .field("name", &self.name())
            .field("client", &self.client.name())
            .finish()
    }
}

impl Topic {
    pub(crate) fn new(client: Client, shared: Arc<TopicShared>, conf: &ClientConfig) -> Self {
        let sticky_ms = conf.producer.sticky_partitioning_linger_ms;
        let chooser = Chooser::new(shared.conf.partitioner, sticky_ms, fastrand::u64(..));
        let appender = Appender::new(Arc::clone(&shared), batch_limits(conf), chooser);
        let first_thread = client.live().and_then(|live| live.gauge.first_thread());
        Self {
            client,
            shared,
            appender: RefCell::new(appender),
            clock: Cell::default(),
            message_bytes_max: conf.message_max_bytes,
            first_thread,
        }
    }

    /// The topic's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    #[inline]
    fn now_ms(&self) -> i64 {
        let mut clock = self.clock.get();
        let now_ms = clock.unix_ms();
        self.clock.set(clock);
        now_ms
    }

    /// Queue a record for `partition` (-1: the partitioner chooses). With [`MSG_F_BLOCK`] in `flags`, waits for room in
    /// the queue until `interrupted()`.
    ///
    /// # Errors
    /// `_QUEUE_FULL`, `MESSAGE_TOO_LARGE`, `_UNKNOWN_PARTITION`, `_UNKNOWN_TOPIC`, `_FATAL`; `_DESTROY` when the client
    /// is closed or was made in another process.
    pub fn produce(
        &self,
        partition: i32,
        flags: i32,
        record: &ProduceRecord<'_>,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), ErrorCode> {
        let live = self.client.live().ok_or(ErrorCode::_DESTROY)?;
        if record.size_max() > self.message_bytes_max {
            return Err(ErrorCode::MESSAGE_TOO_LARGE);
        }
        let now_ms = self.now_ms();
        let new = NewRecord {
            key: record.key,
            payload: record.payload,
            headers: record.headers,
            timestamp_ms: record.timestamp_ms.unwrap_or(now_ms),
            opaque: record.opaque.0,
        };
        let bytes = new.queue_bytes();
        match self.admit(live, bytes) {
            Err(ErrorCode::_QUEUE_FULL) if flags & MSG_F_BLOCK != 0 => {
                self.wait_for_room(live, bytes, interrupted)?
            }
            admitted => admitted?,
        }
        let placed = self
            .appender
            .borrow_mut()
            .place(partition, &new, now_ms, || live.clock.moment());
        let command = match placed {
            Ok(Placed::Quietly) => return Ok(()),
            Ok(Placed::Opened(slot)) => match live.leave_opened(slot) {
                Some(slot) => ProducerCommand::Opened(slot),
                None => return Ok(()),
            },
            Ok(Placed::Filled(slot)) => ProducerCommand::Filled(slot),
            Ok(Placed::Waiting) => ProducerCommand::Waiting(Arc::clone(&self.shared)),
            Err(code) => {
                live.gauge.release(1, bytes);
                return Err(code);
            }
        };
        self.client.command(Command::Producer(command));
        Ok(())
    }

    #[inline]
    fn admit(&self, live: &Live, bytes: u64) -> Result<(), ErrorCode> {
        match &self.first_thread {
            Some(first) => live.gauge.admit_on_first(first, bytes),
            None => live.gauge.admit(bytes),
        }
    }

    /// Room is made as batches meet their fate, whether reports are served or not; each has a bound in
    /// `message.timeout.ms`.
    #[cold]
    fn wait_for_room(
        &self,
        live: &Live,
        bytes: u64,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), ErrorCode> {
        loop {
            let nudges = live.ends.events.nudges();
            match self.admit(live, bytes) {
                Err(ErrorCode::_QUEUE_FULL) => {}
                admitted => return admitted,
            }
            if live
                .ends
                .events
                .wait(WaitFor::Nudge(nudges), None, interrupted)
                == Woken::Interrupted
            {
                return Err(ErrorCode::_QUEUE_FULL);
            }
        }
    }
}
