//! `RdKafka\TopicPartition`: a partition with an offset, and lists of them.

use std::cell::{Cell, RefCell};

use rdkafka_client::{ErrorCode, TopicPartitionOffset};

use crate::zend::{
    Array, ArrayArg, Call, Class, Kind, Native, Object, ObjectRef, Php, Value, ZString, fatal,
};

/// The state of a `RdKafka\TopicPartition`.
pub(crate) struct TopicPartition {
    topic: RefCell<ZString>,
    partition: Cell<i32>,
    offset: Cell<i64>,
    error: Cell<ErrorCode>,
}

impl Native for TopicPartition {
    const KIND: Kind = Kind::TopicPartition;
    const UNINITIALISED: &'static str =
        "RdKafka\\TopicPartition::__construct() has not been called";
    const HAS_DEBUG: bool = true;

    fn debug(&self, _this: Object<'_>) -> Array {
        let mut array = Array::with_capacity(4);
        array.set(b"topic", self.topic.borrow().clone());
        array.set(b"partition", self.partition.get());
        array.set(b"offset", self.offset.get());
        array.set(b"err", i64::from(self.error.get().code()));
        array
    }
}

pub(crate) fn construct(call: &Call<'_>) -> Php<()> {
    let (topic, partition, offset) = call.constructing(|call| {
        call.count(2, 3)?;
        Ok((call.string(0)?, call.long(1)?, call.optional_long(2, 0)?))
    })?;
    let state = TopicPartition {
        topic: RefCell::new(topic.until_nul()),
        // Upstream keeps 32 bits.
        partition: Cell::new(partition as i32),
        offset: Cell::new(offset),
        error: Cell::new(ErrorCode::NONE),
    };
    if let Err(state) = call.this().construct(state) {
        // The constructor was called again.
        let present = call.native::<TopicPartition>()?;
        present.topic.swap(&state.topic);
        present.partition.swap(&state.partition);
        present.offset.swap(&state.offset);
        present.error.swap(&state.error);
    }
    Ok(())
}

pub(crate) fn get_topic(call: &Call<'_>) -> Php<ZString> {
    call.count(0, 0)?;
    Ok(call.native::<TopicPartition>()?.topic.borrow().clone())
}

pub(crate) fn set_topic(call: &Call<'_>) -> Php<Value> {
    call.count(1, 1)?;
    let topic = call.string(0)?;
    call.native::<TopicPartition>()?
        .topic
        .replace(topic.until_nul());
    Ok(call.this().into())
}

pub(crate) fn get_partition(call: &Call<'_>) -> Php<i32> {
    call.count(0, 0)?;
    Ok(call.native::<TopicPartition>()?.partition.get())
}

pub(crate) fn set_partition(call: &Call<'_>) -> Php<Value> {
    call.count(1, 1)?;
    let partition = call.long(0)?;
    call.native::<TopicPartition>()?
        .partition
        .set(partition as i32);
    Ok(call.this().into())
}

pub(crate) fn get_offset(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    Ok(call.native::<TopicPartition>()?.offset.get())
}

pub(crate) fn set_offset(call: &Call<'_>) -> Php<Value> {
    call.count(1, 1)?;
    let offset = call.long(0)?;
    call.native::<TopicPartition>()?.offset.set(offset);
    Ok(call.this().into())
}

pub(crate) fn get_err(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    Ok(i64::from(
        call.native::<TopicPartition>()?.error.get().code(),
    ))
}

/// A PHP array of `RdKafka\TopicPartition` objects.
pub(crate) fn to_array<'a>(
    partitions: impl ExactSizeIterator<Item = &'a TopicPartitionOffset>,
) -> Array {
    let mut array = Array::with_capacity(partitions.len());
    for partition in partitions {
        array.push(to_object(partition));
    }
    array
}

fn to_object(partition: &TopicPartitionOffset) -> ObjectRef {
    let state = TopicPartition {
        topic: RefCell::new(ZString::new(partition.topic.as_bytes())),
        partition: Cell::new(partition.partition),
        offset: Cell::new(partition.offset),
        error: Cell::new(partition.error),
    };
    ObjectRef::with_state(Class::TopicPartition, state)
}

/// The list that a PHP array of `RdKafka\TopicPartition` objects stands for; `function` is the
/// method that was given it.
pub(crate) fn from_array(array: ArrayArg<'_>, function: &str) -> Php<Vec<TopicPartitionOffset>> {
    let mut partitions = Vec::with_capacity(array.len());
    array.each(|_, element| {
        let value = element.value();
        let object = value
            .as_object()
            .filter(|one| one.is_instance_of(Class::TopicPartition));
        let Some(object) = object else {
            return Err(fatal(&format!(
                "Argument 1 passed to {function}() must be an array of RdKafka\\TopicPartition, \
                 at least one element is a(n) {}",
                value.type_name()
            )));
        };
        let state = object.native::<TopicPartition>()?;
        let topic = state.topic.borrow().as_str().to_text();
        let (partition, offset) = (state.partition.get(), state.offset.get());
        partitions.push(TopicPartitionOffset::new(topic.into(), partition, offset));
        Ok(())
    })?;
    Ok(partitions)
}
