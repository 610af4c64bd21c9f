//! `RdKafka\KafkaConsumerTopic`: stores offsets of a group's consumer.

use rdkafka_client::{ErrorCode, TopicPartitionOffset};

use super::topic::{Handle, Topic};
use crate::exception::{partition, throw_error};
use crate::zend::{Call, Php};

pub(crate) fn offset_store(call: &Call<'_>) -> Php<()> {
    call.count(2, 2)?;
    let (number, offset) = (call.long(0)?, call.long(1)?);
    let partition = partition(number, false)?;
    store(call.native::<Topic>()?, partition, offset).map_err(throw_error)
}

fn store(topic: &Topic, partition: i32, offset: i64) -> Result<(), ErrorCode> {
    let Handle::KafkaConsumer(consumer) = topic.handle() else {
        return Err(ErrorCode::_INVALID_ARG);
    };
    let consumer = consumer.upgrade().ok_or(ErrorCode::_STATE)?;
    // What is stored is the offset to go on from.
    let next = offset.saturating_add(1);
    let offset = TopicPartitionOffset::new(topic.name_text().into(), partition, next);
    let stored = consumer.store_offsets(vec![offset])?;
    match stored.first().map(|one| one.error) {
        Some(ErrorCode::NONE) => Ok(()),
        Some(error) => Err(error),
        None => Err(ErrorCode::_FAIL),
    }
}
