//! `RdKafka\Topic` and what its three kinds share.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Weak;

use rdkafka_client::Topic as ProducerHandle;
use rdkafka_client::consumer::{Consumer, ConsumerTopic};

use super::rd_kafka::Kafka;
use crate::zend::{Call, GcBuffer, Kind, Native, Object, ObjectRef, Php, Str, ZString};

/// The state of a topic of any kind.
pub(crate) struct Topic {
    name: ZString,
    /// The producer or low-level consumer it belongs to, which lives as long as it.
    parent: Option<ObjectRef>,
    handle: Handle,
}

/// The client's side of it.
pub(crate) enum Handle {
    Producer(ProducerHandle),
    Consumer(ConsumingTopic),
    KafkaConsumer(Weak<Consumer>),
}

/// A topic of a low-level consumer.
pub(crate) struct ConsumingTopic {
    pub(crate) topic: ConsumerTopic,
    /// Partitions that were started, whether or not they were stopped again.
    pub(crate) known: RefCell<BTreeSet<i32>>,
}

impl Native for Topic {
    const KIND: Kind = Kind::Topic;
    const UNINITIALISED: &'static str = "RdKafka\\Topic::__construct() has not been called";

    fn visit(&self, gc: &mut GcBuffer) {
        if let Some(parent) = &self.parent {
            gc.object(parent);
        }
    }
}

/// The longest name of a topic, in bytes.
const NAME_LENGTH_MAX: usize = 512;

/// Whether a handle can be made for a topic of this name.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= NAME_LENGTH_MAX
}

impl Topic {
    pub(crate) fn new(name: Str<'_>, parent: Option<ObjectRef>, handle: Handle) -> Self {
        Self {
            name: name.until_nul(),
            parent,
            handle,
        }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The PHP object of the producer or low-level consumer it belongs to.
    pub(crate) fn parent(&self) -> Option<Object<'_>> {
        self.parent.as_ref().map(ObjectRef::as_object)
    }

    /// The state of the producer or low-level consumer it belongs to.
    pub(crate) fn kafka(&self) -> Option<&Kafka> {
        self.parent()?.state()
    }

    pub(crate) fn name(&self) -> ZString {
        self.name.clone()
    }

    pub(crate) fn name_text(&self) -> String {
        self.name.as_str().to_text()
    }
}

pub(crate) fn get_name(call: &Call<'_>) -> Php<ZString> {
    call.count(0, 0)?;
    Ok(call.native::<Topic>()?.name())
}
