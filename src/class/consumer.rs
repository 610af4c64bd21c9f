//! `RdKafka\Consumer`.

use crate::exception::throw_not_implemented;
use crate::zend::{Call, Php};

pub(crate) fn construct(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\Consumer::__construct"))
}

pub(crate) fn new_queue(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\Consumer::newQueue"))
}

