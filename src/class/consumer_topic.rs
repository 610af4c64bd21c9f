//! `RdKafka\ConsumerTopic`.

use crate::exception::throw_not_implemented;
use crate::zend::{Call, Php};

pub(crate) fn consume_queue_start(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\ConsumerTopic::consumeQueueStart"))
}

pub(crate) fn consume_callback(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\ConsumerTopic::consumeCallback"))
}

pub(crate) fn consume_start(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\ConsumerTopic::consumeStart"))
}

pub(crate) fn consume_stop(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\ConsumerTopic::consumeStop"))
}

pub(crate) fn consume(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\ConsumerTopic::consume"))
}

pub(crate) fn consume_batch(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\ConsumerTopic::consumeBatch"))
}

pub(crate) fn offset_store(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\ConsumerTopic::offsetStore"))
}

