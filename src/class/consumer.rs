//! `RdKafka\Consumer`: the low-level consumer.

use rdkafka_client::conf::ClientKind;

use super::queue::Queue;
use super::rd_kafka::Kafka;
use crate::exception::throw_error;
use crate::zend::{Call, Class, ObjectRef, Php};

pub(crate) fn construct(call: &Call<'_>) -> Php<()> {
    Kafka::construct(call, ClientKind::Consumer)
}

pub(crate) fn new_queue(call: &Call<'_>) -> Php<ObjectRef> {
    call.count(0, 0)?;
    let kafka = call.native::<Kafka>()?;
    let consumer = kafka.consumer().map_err(throw_error)?;
    let queue = Queue::new(call.this().to_owned(), consumer.queue());
    Ok(ObjectRef::with_state(Class::Queue, queue))
}
