//! `RdKafka\Metadata\Broker`: a broker of the cluster.

use std::rc::Rc;

use rdkafka_client::{BrokerMetadata, ClusterMetadata};

use crate::zend::{Array, Call, Class, Kind, Native, Object, ObjectRef, Php, Value};

/// The state of a `RdKafka\Metadata\Broker`.
pub(crate) struct Broker {
    cluster: Rc<ClusterMetadata>,
    index: usize,
}

impl Native for Broker {
    const KIND: Kind = Kind::MetadataBroker;
    const UNINITIALISED: &'static str =
        "RdKafka\\Metadata\\Broker::__construct() has not been called";
    const HAS_DEBUG: bool = true;

    fn debug(&self, _this: Object<'_>) -> Array {
        let broker = self.get();
        let mut array = Array::with_capacity(3);
        array.set(b"id", broker.id);
        array.set(b"host", broker.host.as_str());
        array.set(b"port", i64::from(broker.port));
        array
    }
}

impl Broker {
    /// A new `RdKafka\Metadata\Broker` for the broker at `index`.
    pub(crate) fn object(cluster: &Rc<ClusterMetadata>, index: usize) -> ObjectRef {
        let state = Self {
            cluster: Rc::clone(cluster),
            index,
        };
        ObjectRef::with_state(Class::MetadataBroker, state)
    }

    fn get(&self) -> &BrokerMetadata {
        &self.cluster.brokers[self.index]
    }
}

pub(crate) fn get_id(call: &Call<'_>) -> Php<i32> {
    call.count(0, 0)?;
    Ok(call.native::<Broker>()?.get().id)
}

pub(crate) fn get_host(call: &Call<'_>) -> Php<Value> {
    call.count(0, 0)?;
    Ok(call.native::<Broker>()?.get().host.as_str().into())
}

pub(crate) fn get_port(call: &Call<'_>) -> Php<i64> {
    call.count(0, 0)?;
    Ok(i64::from(call.native::<Broker>()?.get().port))
}
