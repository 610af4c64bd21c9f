//! `RdKafka\TopicConf`: properties of a topic handle.

use std::cell::RefCell;

use rdkafka_client::Partitioner;
use rdkafka_client::conf;

use super::conf::{dump_array, name_and_value, refused};
use crate::exception::throw_invalid;
use crate::zend::{Array, Call, Kind, Native, Php};

/// The state of a `RdKafka\TopicConf`.
pub(crate) struct TopicConf {
    properties: RefCell<conf::TopicConf>,
}

impl Native for TopicConf {
    const KIND: Kind = Kind::TopicConf;
    // Upstream names the other class here too.
    const UNINITIALISED: &'static str = "RdKafka\\Conf::__construct() has not been called";
}

impl TopicConf {
    /// What was set so far.
    pub(crate) fn properties(&self) -> conf::TopicConf {
        self.properties.borrow().clone()
    }
}

pub(crate) fn construct(call: &Call<'_>) -> Php<()> {
    call.constructing(|call| call.count(0, 0))?;
    let state = TopicConf {
        properties: RefCell::new(conf::TopicConf::new()),
    };
    if let Err(fresh) = call.this().construct(state) {
        call.native::<TopicConf>()?
            .properties
            .swap(&fresh.properties);
    }
    Ok(())
}

pub(crate) fn dump(call: &Call<'_>) -> Php<Array> {
    call.count(0, 0)?;
    Ok(dump_array(
        call.native::<TopicConf>()?.properties.borrow().dump(),
    ))
}

pub(crate) fn set(call: &Call<'_>) -> Php<()> {
    let (name, value) = name_and_value(call)?;
    let state = call.native::<TopicConf>()?;
    let outcome = state.properties.borrow_mut().set(&name, &value);
    outcome.map_err(|error| refused(&error))
}

/// The values of the RD_KAFKA_MSG_PARTITIONER_* constants.
const PARTITIONERS: [(i64, Partitioner); 5] = [
    (2, Partitioner::Random),
    (3, Partitioner::Consistent),
    (4, Partitioner::ConsistentRandom),
    (5, Partitioner::Murmur2),
    (6, Partitioner::Murmur2Random),
];

pub(crate) fn set_partitioner(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    let id = call.long(0)?;
    let state = call.native::<TopicConf>()?;
    let Some((_, partitioner)) = PARTITIONERS.iter().find(|(number, _)| *number == id) else {
        return Err(throw_invalid("Invalid partitioner given"));
    };
    state.properties.borrow_mut().set_partitioner(*partitioner);
    Ok(())
}
