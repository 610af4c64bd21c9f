//! `RdKafka\Metadata\Collection`: a list inside the metadata, for `foreach` and `count()`.

use std::cell::Cell;
use std::rc::Rc;

use rdkafka_client::ClusterMetadata;

use super::{metadata_broker, metadata_partition, metadata_topic};
use crate::exception::throw_text;
use crate::zend::{Array, Call, Class, Kind, Native, Object, ObjectRef, Php, Value};

/// Which list; numbers are positions in the list around it.
#[derive(Clone, Copy)]
pub(crate) enum Items {
    Brokers,
    Topics,
    Partitions { topic: usize },
    Replicas { topic: usize, partition: usize },
    Isrs { topic: usize, partition: usize },
}

/// The state of a `RdKafka\Metadata\Collection`.
pub(crate) struct Collection {
    cluster: Rc<ClusterMetadata>,
    items: Items,
    position: Cell<usize>,
}

impl Native for Collection {
    const KIND: Kind = Kind::MetadataCollection;
    const UNINITIALISED: &'static str =
        "RdKafka\\Metadata\\Collection::__construct() has not been called";
    const HAS_DEBUG: bool = true;

    fn debug(&self, _this: Object<'_>) -> Array {
        let mut array = Array::with_capacity(self.len());
        for index in 0..self.len() {
            array.push(self.item(index));
        }
        array
    }
}

impl Collection {
    /// A new `RdKafka\Metadata\Collection`.
    pub(crate) fn object(cluster: &Rc<ClusterMetadata>, items: Items) -> ObjectRef {
        let state = Self {
            cluster: Rc::clone(cluster),
            items,
            position: Cell::new(0),
        };
        ObjectRef::with_state(Class::MetadataCollection, state)
    }

    fn len(&self) -> usize {
        let topics = &self.cluster.topics;
        match self.items {
            Items::Brokers => self.cluster.brokers.len(),
            Items::Topics => topics.len(),
            Items::Partitions { topic } => topics[topic].partitions.len(),
            Items::Replicas { topic, partition } => {
                topics[topic].partitions[partition].replicas.len()
            }
            Items::Isrs { topic, partition } => topics[topic].partitions[partition].isr.len(),
        }
    }

    /// The item at `index`, which must exist.
    fn item(&self, index: usize) -> Value {
        let cluster = &self.cluster;
        match self.items {
            Items::Brokers => metadata_broker::Broker::object(cluster, index).into(),
            Items::Topics => metadata_topic::Topic::object(cluster, index).into(),
            Items::Partitions { topic } => {
                metadata_partition::Partition::object(cluster, topic, index).into()
            }
            Items::Replicas { topic, partition } => {
                cluster.topics[topic].partitions[partition].replicas[index].into()
            }
            Items::Isrs { topic, partition } => {
                cluster.topics[topic].partitions[partition].isr[index].into()
            }
        }
    }

    fn is_valid(&self) -> bool {
        self.position.get() < self.len()
    }
}

pub(crate) fn count(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    Ok(call.native::<Collection>()?.len() as i64)
}

pub(crate) fn current(call: &Call<'_>) -> Php<Value> {
    call.count(0, 0)?;
    let collection = call.native::<Collection>()?;
    if !collection.is_valid() {
        return Err(throw_text("Called current() on invalid iterator", 0));
    }
    Ok(collection.item(collection.position.get()))
}

pub(crate) fn key(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    let collection = call.native::<Collection>()?;
    if !collection.is_valid() {
        return Err(throw_text("Called key() on invalid iterator", 0));
    }
    Ok(collection.position.get() as i64)
}

pub(crate) fn next(call: &Call<'_>) -> Php<()> {
    call.count(0, 0)?;
    let position = &call.native::<Collection>()?.position;
    position.set(position.get() + 1);
    Ok(())
}

pub(crate) fn rewind(call: &Call<'_>) -> Php<()> {
    call.count(0, 0)?;
    call.native::<Collection>()?.position.set(0);
    Ok(())
}

pub(crate) fn valid(call: &Call<'_>) -> Php<bool> {
    call.count(0, 0)?;
    Ok(call.native::<Collection>()?.is_valid())
}
