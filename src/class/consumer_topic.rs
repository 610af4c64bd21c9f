//! `RdKafka\ConsumerTopic`: partitions of a topic, one by one.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rdkafka_client::ErrorCode;
use rdkafka_client::consumer::{ConsumerTopic as ClientTopic, Queue as ClientQueue};

use super::queue::Queue;
use super::rd_kafka::Kafka;
use super::topic::{ConsumingTopic, Handle, Topic};
use crate::dispatch::{self, timeout};
use crate::exception::{partition, throw_error, throw_invalid, throw_text};
use crate::zend::{Array, Call, Class, Object, ObjectRef, Php, Value, is_interrupted};

/// The topic that a method runs on, and the consumer it belongs to.
struct Consuming<'a> {
    parent: Object<'a>,
    kafka: &'a Kafka,
    topic: &'a ClientTopic,
    known: &'a RefCell<BTreeSet<i32>>,
}

impl<'a> Consuming<'a> {
    fn of(call: &Call<'a>) -> Php<Self> {
        let topic: &'a Topic = call.native()?;
        match (topic.handle(), topic.parent()) {
            (Handle::Consumer(handle), Some(parent)) => {
                let ConsumingTopic { topic, known } = handle;
                Ok(Self {
                    parent,
                    kafka: parent.native()?,
                    topic,
                    known,
                })
            }
            _ => Err(throw_invalid("Not a topic of a consumer")),
        }
    }

    /// The queue of a partition. One that was stopped has an empty one; so has RD_KAFKA_PARTITION_UA, which stands for
    /// no partition.
    fn queue(&self, partition: i32) -> Php<ClientQueue> {
        match self.topic.started(partition) {
            Ok(queue) => Ok(queue),
            Err(_) if partition < 0 || self.is_known(partition) => {
                Ok(self.kafka.consumer().map_err(throw_error)?.queue())
            }
            Err(error) => Err(throw_error(error)),
        }
    }

    fn next(&self, queue: &ClientQueue, timeout_ms: i32) -> Php<Option<ObjectRef>> {
        dispatch::consume(self.kafka.dispatch(self.parent), timeout_ms, |timeout_ms| {
            Ok(queue.consume(timeout_ms, &is_interrupted, |item| {
                self.kafka.message(&item)
            }))
        })
    }

    /// Whether the partition exists as far as is known, or was started once.
    fn is_known(&self, partition: i32) -> bool {
        self.known.borrow().contains(&partition) || self.topic.is_known(partition)
    }

    fn start(&self, partition: i32, offset: i64, queue: Option<&Queue>) -> Php<()> {
        self.check_not_started(partition)?;
        let started = match queue {
            Some(queue) => self.topic.start_into(partition, offset, queue.queue()),
            None => self.topic.start(partition, offset),
        };
        started.map_err(throw_error)?;
        self.known.borrow_mut().insert(partition);
        self.kafka.set_started();
        Ok(())
    }

    /// Refuses to start a partition twice.
    fn check_not_started(&self, partition: i32) -> Php<()> {
        if !self.topic.is_started(partition) {
            return Ok(());
        }
        let name = self.topic.name();
        Err(throw_text(
            &format!("{name}:{partition} is already being consumed by the same Consumer instance"),
            0,
        ))
    }
}

pub(crate) fn consume_queue_start(call: &Call<'_>) -> Php<()> {
    call.count(3, 3)?;
    let (number, offset) = (call.long(0)?, call.long(1)?);
    let queue = call.object(2, Class::Queue)?;
    let partition = partition(number, true)?;
    let this = Consuming::of(call)?;
    let queue = queue.native::<Queue>()?;
    this.start(partition, offset, Some(queue))
}

pub(crate) fn consume_start(call: &Call<'_>) -> Php<()> {
    call.count(2, 2)?;
    let (number, offset) = (call.long(0)?, call.long(1)?);
    let partition = partition(number, true)?;
    Consuming::of(call)?.start(partition, offset, None)
}

pub(crate) fn consume_stop(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let partition = partition(call.long(0)?, true)?;
    let this = Consuming::of(call)?;
    match this.topic.stop(partition) {
        // As upstream: there is nothing to stop, and that is no mistake.
        Err(ErrorCode::_UNKNOWN_PARTITION) if this.is_known(partition) => Ok(()),
        stopped => stopped.map_err(throw_error),
    }
}

pub(crate) fn consume(call: &Call<'_>) -> Php<Value> {
    call.count(2, 2)?;
    let (number, timeout_ms) = (call.long(0)?, timeout(call.long(1)?));
    let partition = partition(number, true)?;
    let this = Consuming::of(call)?;
    Ok(this.next(&this.queue(partition)?, timeout_ms)?.into())
}

/// Waits until there are `batch_size` messages or the time is over.
pub(crate) fn consume_batch(call: &Call<'_>) -> Php<Array> {
    call.count(3, 3)?;
    let (number, timeout_ms, size) = (call.long(0)?, timeout(call.long(1)?), call.long(2)?);
    if size <= 0 {
        return Err(throw_invalid(&format!(
            "Out of range value '{size}' for batch_size"
        )));
    }
    let partition = partition(number, true)?;
    let this = Consuming::of(call)?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let queue = this.queue(partition)?;
    let deadline = dispatch::deadline(timeout_ms);
    let mut messages = Array::with_capacity(size.min(1024));
    let mut count = 0;
    loop {
        // What lies there needs neither the clock nor a look at events, message by message.
        count += queue.drain(size - count, |item| {
            messages.push(this.kafka.message(&item))
        });
        if count == size {
            return Ok(messages);
        }
        match this.next(&queue, dispatch::remaining_ms(deadline))? {
            Some(message) => messages.push(message),
            None => return Ok(messages),
        }
        count += 1;
    }
}

/// Calls the callback with each message until the time is over.
pub(crate) fn consume_callback(call: &Call<'_>) -> Php<i64> {
    call.count(3, 3)?;
    let (number, timeout_ms) = (call.long(0)?, timeout(call.long(1)?));
    let callback = call.callable(2)?;
    let partition = partition(number, false)?;
    let this = Consuming::of(call)?;
    if this.topic.started(partition).is_err() && !this.is_known(partition) {
        // Upstream's way to say that the partition was not started.
        return Ok(-1);
    }
    let limit = this
        .topic
        .conf()
        .consume_callback_max_messages
        .map_or(i64::MAX, i64::from);
    let queue = this.queue(partition)?;
    let deadline = dispatch::deadline(timeout_ms);
    let mut count = 0;
    while count < limit {
        // What is there already is not worth a look at the clock.
        let message = match this.next(&queue, 0)? {
            Some(message) => message,
            None => match this.next(&queue, dispatch::remaining_ms(deadline))? {
                Some(message) => message,
                None => break,
            },
        };
        callback.call([message.into()])?;
        count += 1;
    }
    Ok(count)
}

pub(crate) fn offset_store(call: &Call<'_>) -> Php<()> {
    call.count(2, 2)?;
    let (number, offset) = (call.long(0)?, call.long(1)?);
    let partition = partition(number, false)?;
    let this = Consuming::of(call)?;
    match this.topic.store_offset(partition, offset) {
        // As upstream: once the consumer has started something, it may store what it will, and what is not consumed
        // is never committed.
        Err(ErrorCode::_STATE) if this.kafka.has_started() => Ok(()),
        stored => stored.map_err(throw_error),
    }
}
