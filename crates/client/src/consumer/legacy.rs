//! The legacy consumer: partitions started one by one, each with a queue of its own or into a shared one.
//!
//! Owns the table of started partitions and their queues. A queue outlives what was started into it; records of a
//! partition that was stopped are dropped when they come up. The application's thread.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use rdkafka_client_core::conf::{OffsetStoreMethod, TopicConfig};
use rdkafka_client_core::consumer::{Call, Command, FetchQueue, OFFSET_STORED, QueueId};
use rdkafka_client_core::io::{ErrorEvent, Event, TopicPartition, TopicPartitionOffset};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::{
    Closing, Inbox, Item, LOCAL_TIMEOUT_MS, Served, ask, begin_close, command, commit_timeout_ms,
    never, next_before_closed, offset_file, partitions,
};
use crate::handle::Client;

/// The legacy consumer of a client of kind `Consumer`.
#[derive(Debug, Clone)]
pub struct LegacyConsumer {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    started: RefCell<BTreeMap<TopicPartition, Queue>>,
    /// 0 is the main queue.
    next_queue: Cell<u32>,
}

impl LegacyConsumer {
    /// The legacy consumer of this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let next_queue = Cell::new(1);
        Self {
            inner: Rc::new(Inner {
                client,
                started: RefCell::default(),
                next_queue,
            }),
        }
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// Begin to stop everything that was started, and to commit what is stored. Then call [`Self::closing`] until it is
    /// done.
    pub fn close(&self) -> Instant {
        let started = std::mem::take(&mut *self.inner.started.borrow_mut());
        drop(started);
        begin_close(&self.inner.client)
    }

    /// What is to be done before closing is done, at the latest at `until`.
    pub fn closing(&self, until: Instant) -> Closing {
        let events = self.inner.client.events();
        events.map_or(Closing::Closed(ErrorCode::NONE), |events| {
            next_before_closed(events, until)
        })
    }

    /// A topic to consume partitions of.
    #[must_use]
    pub fn topic(&self, name: StrBytes, conf: Arc<TopicConfig>) -> ConsumerTopic {
        command(&self.inner.client, Command::Want(name.clone()));
        ConsumerTopic {
            consumer: self.clone(),
            name,
            conf,
        }
    }

    /// A queue that several partitions can be started into.
    #[must_use]
    pub fn queue(&self) -> Queue {
        let client = self.inner.client.clone();
        let number = self.inner.next_queue.get();
        self.inner.next_queue.set(number.wrapping_add(1));
        let id = QueueId(number);
        let events = Arc::default();
        client.set_queue(id, Some(Arc::clone(&events)));
        let limits = client.conf().map(|conf| &conf.consumer);
        let (messages, bytes) = limits.map_or((1, 1), |conf| {
            (conf.queued_min_messages.into(), conf.queued_max_bytes)
        });
        let room = FetchQueue::new(id, messages, bytes);
        let inbox = Inbox::new(events, &client);
        Queue {
            shared: Rc::new(QueueShared {
                client,
                id,
                room: Arc::new(room),
                inbox,
            }),
        }
    }
}

/// A queue of records and errors.
#[derive(Debug, Clone)]
pub struct Queue {
    shared: Rc<QueueShared>,
}

#[derive(Debug)]
struct QueueShared {
    client: Client,
    id: QueueId,
    room: Arc<FetchQueue>,
    inbox: Inbox,
}

impl Drop for QueueShared {
    fn drop(&mut self) {
        self.client.set_queue(self.id, None);
    }
}

impl Queue {
    /// Wait up to `timeout_ms` (-1: for ever) for a record or an error and give it to `sink`.
    pub fn consume<R>(
        &self,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
        sink: impl FnOnce(Item<'_>) -> R,
    ) -> Served<R> {
        let QueueShared { client, inbox, .. } = &*self.shared;
        inbox.consume(client, timeout_ms, interrupted, sink)
    }

    /// Give what lies open to `sink` without waiting, at most `limit` records; returns how many. There may be more: what
    /// else the queue holds comes by [`Self::consume`], record or event.
    pub fn drain(&self, limit: usize, sink: impl FnMut(Item<'_>)) -> usize {
        let QueueShared { client, inbox, .. } = &*self.shared;
        inbox.drain(client, limit, sink)
    }
}

/// A topic of the legacy consumer.
#[derive(Debug, Clone)]
pub struct ConsumerTopic {
    consumer: LegacyConsumer,
    name: StrBytes,
    conf: Arc<TopicConfig>,
}

impl ConsumerTopic {
    /// The topic's name.
    #[must_use]
    pub fn name(&self) -> &StrBytes {
        &self.name
    }

    /// The topic's settings.
    #[must_use]
    pub fn conf(&self) -> &TopicConfig {
        &self.conf
    }

    /// Whether the partition was started and not stopped.
    #[must_use]
    pub fn is_started(&self, partition: i32) -> bool {
        self.consumer
            .inner
            .started
            .borrow()
            .contains_key(&self.id(partition))
    }

    /// Consume a partition from `offset` on, into a queue of its own.
    ///
    /// # Errors
    /// `_UNKNOWN_PARTITION` for a negative partition, `_INVALID_ARG` for an offset that is none (or the stored one
    /// without a `group.id`), `_CONFLICT` when it is started already.
    pub fn start(&self, partition: i32, offset: i64) -> Result<(), ErrorCode> {
        self.start_into(partition, offset, &self.consumer.queue())
    }

    /// Consume a partition from `offset` on, into `queue`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_into(&self, partition: i32, offset: i64, queue: &Queue) -> Result<(), ErrorCode> {
        let id = self.id(partition);
        let offset = match offset {
            OFFSET_STORED if self.conf.offset_store_method == OffsetStoreMethod::File => {
                self.offset_in_file(&id).unwrap_or(OFFSET_STORED)
            }
            offset => offset,
        };
        let call = Call::Start {
            id: id.clone(),
            offset,
            conf: Arc::clone(&self.conf),
            queue: Arc::clone(&queue.shared.room),
        };
        ask(self.client(), call, LOCAL_TIMEOUT_MS, &never)?;
        self.consumer
            .inner
            .started
            .borrow_mut()
            .insert(id, queue.clone());
        Ok(())
    }

    /// The offset that a file keeps; what is wrong with the file goes to the error callback.
    fn offset_in_file(&self, id: &TopicPartition) -> Option<i64> {
        let conf = self.client().conf()?;
        let group = conf.group.id.as_deref();
        match offset_file::read(&self.conf.offset_store_path, id, group) {
            Ok(offset) => offset,
            Err(error) => {
                let text = format!("{} [{}]: {error}", id.topic, id.partition);
                let error = ErrorEvent {
                    code: ErrorCode::_FS,
                    text,
                    fatal: false,
                };
                if let Some(events) = self.client().events().filter(|_| conf.callbacks.error) {
                    events.push(Event::Error(error));
                }
                None
            }
        }
    }

    /// Stop consuming a partition; waits until what is stored of it was committed.
    ///
    /// # Errors
    /// `_INVALID_ARG` for -1, `_UNKNOWN_PARTITION` when it was not started.
    pub fn stop(&self, partition: i32) -> Result<(), ErrorCode> {
        if partition < 0 {
            return Err(ErrorCode::_INVALID_ARG);
        }
        let id = self.id(partition);
        let queue = self.consumer.inner.started.borrow_mut().remove(&id);
        let timeout_ms = commit_timeout_ms(self.client());
        let stopped = ask(self.client(), Call::Stop(id), timeout_ms, &never);
        drop(queue);
        stopped.map(drop)
    }

    /// Wait up to `timeout_ms` (-1: for ever) for a record or an error of a partition and give it to `sink`.
    ///
    /// # Errors
    /// `_UNKNOWN_PARTITION` when it was not started.
    pub fn consume<R>(
        &self,
        partition: i32,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
        sink: impl FnOnce(Item<'_>) -> R,
    ) -> Result<Served<R>, ErrorCode> {
        let queue = self.started(partition)?;
        Ok(queue.consume(timeout_ms, interrupted, sink))
    }

    /// The queue a partition was started into.
    ///
    /// # Errors
    /// `_UNKNOWN_PARTITION` when it was not started.
    pub fn started(&self, partition: i32) -> Result<Queue, ErrorCode> {
        let started = self.consumer.inner.started.borrow();
        started
            .get(&self.id(partition))
            .cloned()
            .ok_or(ErrorCode::_UNKNOWN_PARTITION)
    }

    /// Whether metadata knows the partition, started or not.
    #[must_use]
    pub fn is_known(&self, partition: i32) -> bool {
        let call = Call::Knows(self.id(partition));
        ask(self.client(), call, LOCAL_TIMEOUT_MS, &never).is_ok()
    }

    /// Remember an offset (of the last record dealt with) for the next commit.
    ///
    /// # Errors
    /// `_STATE` when the partition is not consumed, `_UNKNOWN_PARTITION` when metadata does not know it.
    pub fn store_offset(&self, partition: i32, offset: i64) -> Result<(), ErrorCode> {
        let next =
            TopicPartitionOffset::new(self.name.clone(), partition, offset.saturating_add(1));
        let call = Call::StoreOffsets(vec![next]);
        let list = partitions(ask(self.client(), call, LOCAL_TIMEOUT_MS, &never)?)?;
        match list.first().map(|element| element.error) {
            Some(ErrorCode::NONE) => Ok(()),
            Some(code) => Err(code),
            None => Err(ErrorCode::_FAIL),
        }
    }

    fn client(&self) -> &Client {
        &self.consumer.inner.client
    }

    fn id(&self, partition: i32) -> TopicPartition {
        TopicPartition {
            topic: self.name.clone(),
            partition,
        }
    }
}
