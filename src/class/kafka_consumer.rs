//! `RdKafka\KafkaConsumer`.

use crate::exception::throw_not_implemented;
use crate::zend::{Call, Php};

pub(crate) struct KafkaConsumer;
impl crate::zend::Native for KafkaConsumer { const KIND: crate::zend::Kind = crate::zend::Kind::KafkaConsumer; const UNINITIALISED: &'static str = "RdKafka\\KafkaConsumer::__construct() has not been called"; }

pub(crate) fn construct(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::__construct"))
}

pub(crate) fn assign(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::assign"))
}

pub(crate) fn incremental_assign(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::incrementalAssign"))
}

pub(crate) fn incremental_unassign(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::incrementalUnassign"))
}

pub(crate) fn get_assignment(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::getAssignment"))
}

pub(crate) fn commit(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::commit"))
}

pub(crate) fn close(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::close"))
}

pub(crate) fn commit_async(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::commitAsync"))
}

pub(crate) fn consume(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::consume"))
}

pub(crate) fn subscribe(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::subscribe"))
}

pub(crate) fn get_subscription(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::getSubscription"))
}

pub(crate) fn unsubscribe(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::unsubscribe"))
}

pub(crate) fn get_metadata(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::getMetadata"))
}

pub(crate) fn get_controller_id(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::getControllerId"))
}

pub(crate) fn new_topic(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::newTopic"))
}

pub(crate) fn get_committed_offsets(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::getCommittedOffsets"))
}

pub(crate) fn get_offset_positions(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::getOffsetPositions"))
}

pub(crate) fn query_watermark_offsets(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::queryWatermarkOffsets"))
}

pub(crate) fn offsets_for_times(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::offsetsForTimes"))
}

pub(crate) fn pause_partitions(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::pausePartitions"))
}

pub(crate) fn resume_partitions(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumer::resumePartitions"))
}

