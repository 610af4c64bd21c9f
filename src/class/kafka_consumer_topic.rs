//! `RdKafka\KafkaConsumerTopic`.

use crate::exception::throw_not_implemented;
use crate::zend::{Call, Php};

pub(crate) fn offset_store(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\KafkaConsumerTopic::offsetStore"))
}

