//! `RdKafka\Metadata\Topic`: a topic of the cluster.

use std::rc::Rc;

use rdkafka_client::{ClusterMetadata, TopicMetadata};

use super::metadata_collection::{Collection, Items};
use crate::zend::{Array, Call, Class, Kind, Native, Object, ObjectRef, Php, Value};

/// The state of a `RdKafka\Metadata\Topic`.
pub(crate) struct Topic {
    cluster: Rc<ClusterMetadata>,
    index: usize,
}

impl Native for Topic {
    const KIND: Kind = Kind::MetadataTopic;
    const UNINITIALISED: &'static str =
        "RdKafka\\Metadata\\Topic::__construct() has not been called";
    const HAS_DEBUG: bool = true;

    fn debug(&self, _this: Object<'_>) -> Array {
        let mut array = Array::with_capacity(3);
        array.set(b"topic", self.get().name.as_str());
        array.set(b"partitions", self.partitions());
        array.set(b"err", i64::from(self.get().error.code()));
        array
    }
}

impl Topic {
    /// A new `RdKafka\Metadata\Topic` for the topic at `index`.
    pub(crate) fn object(cluster: &Rc<ClusterMetadata>, index: usize) -> ObjectRef {
        let state = Self {
            cluster: Rc::clone(cluster),
            index,
        };
        ObjectRef::with_state(Class::MetadataTopic, state)
    }

    fn get(&self) -> &TopicMetadata {
        &self.cluster.topics[self.index]
    }

    fn partitions(&self) -> ObjectRef {
        Collection::object(&self.cluster, Items::Partitions { topic: self.index })
    }
}

pub(crate) fn get_topic(call: &Call<'_>) -> Php<Value> {
    call.count(0, 0)?;
    Ok(call.native::<Topic>()?.get().name.as_str().into())
}

pub(crate) fn get_err(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    Ok(i64::from(call.native::<Topic>()?.get().error.code()))
}

pub(crate) fn get_partitions(call: &Call<'_>) -> Php<ObjectRef> {
    call.count(0, 0)?;
    Ok(call.native::<Topic>()?.partitions())
}
