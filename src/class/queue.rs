//! `RdKafka\Queue`: several partitions of a low-level consumer in one queue.

use rdkafka_client::consumer::Queue as ClientQueue;

use super::rd_kafka::Kafka;
use crate::dispatch::{self, timeout};
use crate::zend::{Call, GcBuffer, Kind, Native, ObjectRef, Php, Value, is_interrupted};

/// The state of a `RdKafka\Queue`.
pub(crate) struct Queue {
    /// The consumer it belongs to, which lives as long as it.
    parent: ObjectRef,
    queue: ClientQueue,
}

impl Native for Queue {
    const KIND: Kind = Kind::Queue;
    const UNINITIALISED: &'static str = "RdKafka\\Queue::__construct() has not been called";

    fn visit(&self, gc: &mut GcBuffer) {
        gc.object(&self.parent);
    }
}

impl Queue {
    pub(crate) fn new(parent: ObjectRef, queue: ClientQueue) -> Self {
        Self { parent, queue }
    }

    pub(crate) fn queue(&self) -> &ClientQueue {
        &self.queue
    }
}

pub(crate) fn consume(call: &Call<'_>) -> Php<Value> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    let state = call.native::<Queue>()?;
    let parent = state.parent.as_object();
    let kafka = parent.native::<Kafka>()?;
    let served = dispatch::consume(kafka.dispatch(parent), timeout_ms, |timeout_ms| {
        Ok(state
            .queue
            .consume(timeout_ms, &is_interrupted, |item| kafka.message(&item)))
    })?;
    Ok(served.into())
}
