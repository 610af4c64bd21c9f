//! `RdKafka\Metadata\Partition`: a partition of a topic.

use std::rc::Rc;

use rdkafka_client::{ClusterMetadata, PartitionMetadata};

use super::metadata_collection::{Collection, Items};
use crate::zend::{Array, Call, Class, Kind, Native, Object, ObjectRef, Php};

/// The state of a `RdKafka\Metadata\Partition`.
pub(crate) struct Partition {
    cluster: Rc<ClusterMetadata>,
    topic: usize,
    index: usize,
}

impl Native for Partition {
    const KIND: Kind = Kind::MetadataPartition;
    const UNINITIALISED: &'static str =
        "RdKafka\\Metadata\\Partition::__construct() has not been called";
    const HAS_DEBUG: bool = true;

    fn debug(&self, _this: Object<'_>) -> Array {
        let partition = self.get();
        let mut array = Array::with_capacity(5);
        array.set(b"id", partition.id);
        array.set(b"err", i64::from(partition.error.code()));
        array.set(b"leader", partition.leader);
        array.set(b"replica_cnt", partition.replicas.len() as i64);
        array.set(b"isr_cnt", partition.isr.len() as i64);
        array
    }
}

impl Partition {
    /// A new `RdKafka\Metadata\Partition` for the partition at `index` of the topic at `topic`.
    pub(crate) fn object(cluster: &Rc<ClusterMetadata>, topic: usize, index: usize) -> ObjectRef {
        let state = Self {
            cluster: Rc::clone(cluster),
            topic,
            index,
        };
        ObjectRef::with_state(Class::MetadataPartition, state)
    }

    fn get(&self) -> &PartitionMetadata {
        &self.cluster.topics[self.topic].partitions[self.index]
    }
}

pub(crate) fn get_id(call: &Call<'_>) -> Php<i32> {
    call.count(0, 0)?;
    Ok(call.native::<Partition>()?.get().id)
}

pub(crate) fn get_err(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    Ok(i64::from(call.native::<Partition>()?.get().error.code()))
}

pub(crate) fn get_leader(call: &Call<'_>) -> Php<i32> {
    call.count(0, 0)?;
    Ok(call.native::<Partition>()?.get().leader)
}

pub(crate) fn get_replicas(call: &Call<'_>) -> Php<ObjectRef> {
    call.count(0, 0)?;
    let state = call.native::<Partition>()?;
    let items = Items::Replicas {
        topic: state.topic,
        partition: state.index,
    };
    Ok(Collection::object(&state.cluster, items))
}

pub(crate) fn get_isrs(call: &Call<'_>) -> Php<ObjectRef> {
    call.count(0, 0)?;
    let state = call.native::<Partition>()?;
    let items = Items::Isrs {
        topic: state.topic,
        partition: state.index,
    };
    Ok(Collection::object(&state.cluster, items))
}
