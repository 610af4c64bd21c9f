//! `RdKafka\Queue`.

use crate::exception::throw_not_implemented;
use crate::zend::{Call, Php};

pub(crate) struct Queue;
impl crate::zend::Native for Queue { const KIND: crate::zend::Kind = crate::zend::Kind::Queue; const UNINITIALISED: &'static str = "RdKafka\\Queue::__construct() has not been called"; }

pub(crate) fn consume(_call: &Call<'_>) -> Php<()> {
    Err(throw_not_implemented("RdKafka\\Queue::consume"))
}

