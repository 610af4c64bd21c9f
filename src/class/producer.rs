//! `RdKafka\Producer`.

use rdkafka_client::conf::ClientKind;

use super::rd_kafka::Kafka;
use crate::exception::throw_not_implemented;
use crate::zend::{Call, Php};

pub(crate) fn construct(call: &Call<'_>) -> Php<()> {
    Kafka::construct(call, ClientKind::Producer)
}

pub(crate) fn init_transactions(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    call.long(0)?;
    call.native::<Kafka>()?;
    Err(throw_not_implemented(
        "RdKafka\\Producer::initTransactions()",
    ))
}

pub(crate) fn begin_transaction(call: &Call<'_>) -> Php<()> {
    call.native::<Kafka>()?;
    Err(throw_not_implemented(
        "RdKafka\\Producer::beginTransaction()",
    ))
}

pub(crate) fn commit_transaction(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    call.long(0)?;
    call.native::<Kafka>()?;
    Err(throw_not_implemented(
        "RdKafka\\Producer::commitTransaction()",
    ))
}

pub(crate) fn abort_transaction(call: &Call<'_>) -> Php<()> {
    call.count(1, 1)?;
    call.long(0)?;
    call.native::<Kafka>()?;
    Err(throw_not_implemented(
        "RdKafka\\Producer::abortTransaction()",
    ))
}
