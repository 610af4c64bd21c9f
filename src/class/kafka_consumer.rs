//! `RdKafka\KafkaConsumer`: the consumer of a group.

use std::cell::RefCell;
use std::rc::Rc;

use rdkafka_client::conf::{ClientKind, Conf as Properties};
use rdkafka_client::consumer::Consumer;
use rdkafka_client::{Client, ErrorCode, TopicPartition, TopicPartitionOffset};

use super::conf::Conf;
use super::message;
use super::rd_kafka::{
    MetadataQuestion, WatermarkQuestion, ask_for_times, ask_to_pause, controller_id, refused_topic,
};
use super::topic::{self, Handle, Topic};
use super::topic_conf::TopicConf;
use super::topic_partition::{self, from_array};
use crate::callbacks::Callbacks;
use crate::dispatch::{self, Dispatch, timeout};
use crate::engine::{self, OwnedClient};
use crate::exception::{throw_error, throw_text};
use crate::opaque::Opaques;
use crate::zend::{
    Array, ArrayArg, Base, Call, Class, GcBuffer, Kind, Native, Object, ObjectRef, Php, fatal,
    is_interrupted, throw, warning,
};

/// The state of a `RdKafka\KafkaConsumer`.
pub(crate) struct KafkaConsumer {
    /// `None` once it was closed.
    open: RefCell<Option<Open>>,
    callbacks: Callbacks,
    opaques: Opaques,
    topics: message::TopicNames,
}

#[derive(Clone)]
struct Open {
    consumer: Rc<Consumer>,
    client: Rc<OwnedClient>,
}

impl Native for KafkaConsumer {
    const KIND: Kind = Kind::KafkaConsumer;
    const UNINITIALISED: &'static str = "RdKafka\\KafkaConsumer::__construct() has not been \
         called, or RdKafka\\KafkaConsumer::close() was already called";

    fn visit(&self, gc: &mut GcBuffer) {
        self.callbacks.visit(gc);
    }
}

impl Drop for KafkaConsumer {
    /// Leaves the group without running callbacks: nobody is there to see them.
    fn drop(&mut self) {
        let Some(open) = self.open.take().filter(|open| !open.client.is_inherited()) else {
            return;
        };
        let closed = dispatch::close_quietly(&open.consumer, engine::shutdown_bound());
        if closed != ErrorCode::NONE {
            // A user's error handler may throw or end: the consumer is gone all the same.
            _ = warning(&format!(
                "rd_kafka_consumer_close failed: {}",
                closed.text()
            ));
        }
    }
}

impl KafkaConsumer {
    /// The consumer; throws when it was closed.
    fn open(&self) -> Php<Open> {
        let open = self.open.borrow().clone();
        open.ok_or_else(|| throw(Base::Exception, Self::UNINITIALISED, 0))
    }

    fn dispatch<'a>(&'a self, this: Object<'a>) -> Dispatch<'a> {
        Dispatch {
            this,
            callbacks: &self.callbacks,
            opaques: &self.opaques,
        }
    }
}

/// The consumer that a method runs on.
fn consumer(call: &Call<'_>) -> Php<Rc<Consumer>> {
    Ok(call.native::<KafkaConsumer>()?.open()?.consumer)
}

fn client(call: &Call<'_>) -> Php<Rc<OwnedClient>> {
    Ok(call.native::<KafkaConsumer>()?.open()?.client)
}

pub(crate) fn construct(call: &Call<'_>) -> Php<()> {
    let conf = call.constructing(|call| {
        call.count(1, 1)?;
        call.object(0, Class::Conf)
    })?;
    let conf = conf.native::<Conf>()?;
    let properties: Properties = conf.properties();
    if properties
        .get("group.id")
        .is_none_or(|group| group.is_empty())
    {
        return Err(throw_text("\"group.id\" must be configured", 0));
    }
    let callbacks = conf.callbacks();
    let owned = engine::start(ClientKind::Consumer, &properties, &callbacks)?;
    let consumer = Rc::new(Consumer::new(Client::clone(&owned)));
    let state = KafkaConsumer {
        open: RefCell::new(Some(Open {
            consumer,
            client: Rc::new(owned),
        })),
        callbacks,
        opaques: Opaques::default(),
        topics: message::TopicNames::default(),
    };
    call.this().construct_anew(state);
    Ok(())
}

pub(crate) fn assign(call: &Call<'_>) -> Php<()> {
    call.count(0, 1)?;
    let partitions = call.array_or_null(0)?;
    let consumer = consumer(call)?;
    let partitions = partitions.map(|list| from_array(list, "RdKafka\\KafkaConsumer::assign"));
    let assigned = consumer.assign(partitions.transpose()?);
    assigned.map_err(|error| throw_error(error.code))
}

pub(crate) fn incremental_assign(call: &Call<'_>) -> Php<()> {
    let (consumer, partitions) = consumer_and_list(call, "incrementalAssign")?;
    let assigned = consumer.incremental_assign(partitions);
    assigned.map_err(|error| throw_text(&error.text, 0))
}

pub(crate) fn incremental_unassign(call: &Call<'_>) -> Php<()> {
    let (consumer, partitions) = consumer_and_list(call, "incrementalUnassign")?;
    let unassigned = consumer.incremental_unassign(without_offsets(partitions));
    unassigned.map_err(|error| throw_text(&error.text, 0))
}

/// The consumer, and the list that is the only argument of `method`.
fn consumer_and_list(
    call: &Call<'_>,
    method: &str,
) -> Php<(Rc<Consumer>, Vec<TopicPartitionOffset>)> {
    call.count(1, 1)?;
    let list = call.array(0)?;
    let consumer = consumer(call)?;
    let list = own_list(list, method)?;
    Ok((consumer, list))
}

fn own_list(list: ArrayArg<'_>, method: &str) -> Php<Vec<TopicPartitionOffset>> {
    from_array(list, &format!("RdKafka\\KafkaConsumer::{method}"))
}

fn without_offsets(list: Vec<TopicPartitionOffset>) -> Vec<TopicPartition> {
    let place = |one: TopicPartitionOffset| TopicPartition {
        topic: one.topic,
        partition: one.partition,
    };
    list.into_iter().map(place).collect()
}

pub(crate) fn get_assignment(call: &Call<'_>) -> Php<Array> {
    call.count(0, 0)?;
    let assignment = consumer(call)?.assignment().map_err(throw_error)?;
    Ok(topic_partition::to_array(assignment.iter()))
}

pub(crate) fn subscribe(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let list = call.array(0)?;
    let consumer = consumer(call)?;
    let mut topics = Vec::with_capacity(list.len());
    list.each(|_, topic| {
        topics.push(topic.to_string()?.as_str().to_c_text().into());
        Ok(())
    })?;
    consumer.subscribe(topics).map_err(throw_error)
}

pub(crate) fn get_subscription(call: &Call<'_>) -> Php<Array> {
    call.count(0, 0)?;
    let mut topics = consumer(call)?.subscription().map_err(throw_error)?;
    // Upstream keeps them so.
    topics.sort();
    let mut array = Array::with_capacity(topics.len());
    for topic in topics {
        array.push(topic.as_str());
    }
    Ok(array)
}

pub(crate) fn unsubscribe(call: &Call<'_>) -> Php<()> {
    call.count(0, 0)?;
    consumer(call)?.unsubscribe().map_err(throw_error)
}

pub(crate) fn consume(call: &Call<'_>) -> Php<ObjectRef> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    let state = call.native::<KafkaConsumer>()?;
    let Open { consumer, client } = state.open()?;
    if client.is_inherited() {
        return Err(throw_error(ErrorCode::_DESTROY));
    }
    let served = dispatch::consume(state.dispatch(call.this()), timeout_ms, |timeout_ms| {
        let sink =
            |item: rdkafka_client::consumer::Item<'_>| message::of_item(&item, &state.topics);
        Ok(consumer.consume(timeout_ms, &is_interrupted, sink))
    })?;
    Ok(served.unwrap_or_else(message::timed_out))
}

pub(crate) fn commit(call: &Call<'_>) -> Php<()> {
    let (consumer, offsets) = offsets_to_commit(call, "commit")?;
    consumer.commit(offsets).map(drop).map_err(throw_error)
}

pub(crate) fn commit_async(call: &Call<'_>) -> Php<()> {
    let (consumer, offsets) = offsets_to_commit(call, "commitAsync")?;
    consumer.commit_async(offsets);
    Ok(())
}

/// The consumer, and what `commit()` is asked to commit; `None` is what was consumed so far.
fn offsets_to_commit(
    call: &Call<'_>,
    method: &str,
) -> Php<(Rc<Consumer>, Option<Vec<TopicPartitionOffset>>)> {
    call.count(0, 1)?;
    let consumer = consumer(call)?;
    let Some(value) = call.value_or_null(0) else {
        return Ok((consumer, None));
    };
    let offsets = match (value.as_object(), value.as_array()) {
        (Some(object), _) if object.is_instance_of(Class::Message) => {
            vec![message::offset_after(object)?]
        }
        (_, Some(list)) => own_list(list, method)?,
        _ => {
            return Err(fatal(&format!(
                "RdKafka\\KafkaConsumer::{method}() expects parameter 1 to be an instance of \
                 RdKafka\\Message or an array of RdKafka\\TopicPartition, {} given",
                value.type_name()
            )));
        }
    };
    Ok((consumer, Some(offsets)))
}

/// The last rebalance runs its callback; the consumer is closed whatever it throws.
pub(crate) fn close(call: &Call<'_>) -> Php<()> {
    let state = call.native::<KafkaConsumer>()?;
    let open = state.open()?;
    let closed = match open.client.is_inherited() {
        true => Ok(()),
        false => dispatch::close(state.dispatch(call.this()), &open.consumer),
    };
    // Dropped after the borrow.
    let taken = state.open.take();
    drop((open, taken));
    closed
}

pub(crate) fn get_metadata(call: &Call<'_>) -> Php<ObjectRef> {
    let question = MetadataQuestion::parse(call)?;
    let client = client(call)?;
    question.ask(&client)
}

pub(crate) fn get_controller_id(call: &Call<'_>) -> Php<i32> {
    call.count(1, 1)?;
    let timeout_ms = timeout(call.long(0)?);
    let client = client(call)?;
    controller_id(&client, timeout_ms)
}

pub(crate) fn new_topic(call: &Call<'_>) -> Php<Option<ObjectRef>> {
    call.count(1, 2)?;
    let name = call.string(0)?;
    let conf = call.object_or_null(1, Class::TopicConf)?;
    let open = call.native::<KafkaConsumer>()?.open()?;
    let conf = conf.map(|conf| conf.native::<TopicConf>()).transpose()?;
    let conf = conf.map(TopicConf::properties);
    let checked = open
        .client
        .conf()
        .map(|client| client.topic_config(conf.as_ref()));
    if let Some(Err(error)) = checked {
        return refused_topic(&error.into());
    }
    if !topic::is_name(&name.to_c_text()) {
        return Ok(None);
    }
    open.consumer.want_topic(name.to_c_text().into());
    // Upstream's topic does not keep its consumer either.
    let handle = Handle::KafkaConsumer(Rc::downgrade(&open.consumer));
    let topic = Topic::new(name, None, handle);
    Ok(Some(ObjectRef::with_state(
        Class::KafkaConsumerTopic,
        topic,
    )))
}

pub(crate) fn get_committed_offsets(call: &Call<'_>) -> Php<Array> {
    call.count(2, 2)?;
    let (list, timeout_ms) = (call.array(0)?, timeout(call.long(1)?));
    let consumer = consumer(call)?;
    let places = without_offsets(own_list(list, "getCommittedOffsets")?);
    if places.is_empty() {
        return Ok(Array::with_capacity(0));
    }
    let ask = |timeout_ms| consumer.committed(places.clone(), timeout_ms, &is_interrupted);
    let answer = dispatch::through_signals_for(timeout_ms, ask)?;
    Ok(topic_partition::to_array(
        answer.map_err(throw_error)?.iter(),
    ))
}

pub(crate) fn get_offset_positions(call: &Call<'_>) -> Php<Array> {
    let (consumer, list) = consumer_and_list(call, "getOffsetPositions")?;
    let positions = consumer
        .positions(without_offsets(list))
        .map_err(throw_error)?;
    Ok(topic_partition::to_array(positions.iter()))
}

pub(crate) fn query_watermark_offsets(call: &Call<'_>) -> Php<()> {
    let question = WatermarkQuestion::parse(call)?;
    let client = client(call)?;
    question.ask(call, &client)
}

pub(crate) fn offsets_for_times(call: &Call<'_>) -> Php<Array> {
    call.count(2, 2)?;
    let (times, timeout_ms) = (call.array(0)?, timeout(call.long(1)?));
    let client = client(call)?;
    let times = own_list(times, "offsetsForTimes")?;
    ask_for_times(&client, &times, timeout_ms)
}

pub(crate) fn pause_partitions(call: &Call<'_>) -> Php<Array> {
    pause(call, true, "pausePartitions")
}

pub(crate) fn resume_partitions(call: &Call<'_>) -> Php<Array> {
    pause(call, false, "resumePartitions")
}

fn pause(call: &Call<'_>, is_paused: bool, method: &str) -> Php<Array> {
    call.count(1, 1)?;
    let list = call.array(0)?;
    let client = client(call)?;
    let partitions = own_list(list, method)?;
    ask_to_pause(&client, partitions, is_paused)
}
