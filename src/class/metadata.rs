//! `RdKafka\Metadata`: what a broker said about the cluster.

use std::rc::Rc;

use rdkafka_client::ClusterMetadata;

use super::metadata_collection::{Collection, Items};
use crate::zend::{Array, Call, Class, Kind, Native, Object, ObjectRef, Php};

/// The state of a `RdKafka\Metadata`; everything taken out of it shares the answer.
pub(crate) struct Metadata {
    cluster: Rc<ClusterMetadata>,
}

impl Native for Metadata {
    const KIND: Kind = Kind::Metadata;
    const UNINITIALISED: &'static str = "RdKafka\\Metadata::__construct() has not been called";
    const HAS_DEBUG: bool = true;

    fn debug(&self, _this: Object<'_>) -> Array {
        let mut array = Array::with_capacity(4);
        array.set(
            b"brokers",
            Collection::object(&self.cluster, Items::Brokers),
        );
        array.set(b"topics", Collection::object(&self.cluster, Items::Topics));
        array.set(b"orig_broker_id", self.cluster.origin_id);
        array.set(b"orig_broker_name", self.cluster.origin_name.as_str());
        array
    }
}

impl Metadata {
    /// A new `RdKafka\Metadata`.
    pub(crate) fn object(cluster: ClusterMetadata) -> ObjectRef {
        ObjectRef::with_state(
            Class::Metadata,
            Self {
                cluster: Rc::new(cluster),
            },
        )
    }
}

pub(crate) fn get_orig_broker_id(call: &Call<'_>) -> Php<i32> {
    call.count(0, 0)?;
    Ok(call.native::<Metadata>()?.cluster.origin_id)
}

pub(crate) fn get_orig_broker_name(call: &Call<'_>) -> Php<crate::zend::Value> {
    call.count(0, 0)?;
    Ok(call
        .native::<Metadata>()?
        .cluster
        .origin_name
        .as_str()
        .into())
}

pub(crate) fn get_brokers(call: &Call<'_>) -> Php<ObjectRef> {
    call.count(0, 0)?;
    Ok(Collection::object(
        &call.native::<Metadata>()?.cluster,
        Items::Brokers,
    ))
}

pub(crate) fn get_topics(call: &Call<'_>) -> Php<ObjectRef> {
    call.count(0, 0)?;
    Ok(Collection::object(
        &call.native::<Metadata>()?.cluster,
        Items::Topics,
    ))
}
