//! The exceptions that the extension throws on its own account.

use rdkafka_client::ErrorCode;

use crate::zend::{Base, Class, Stop, throw};

const OWN: Base = Base::Own(Class::Exception);

/// An `RdKafka\Exception` with the error's text and code.
#[cold]
pub(crate) fn throw_error(error: ErrorCode) -> Stop {
    throw(OWN, &error.text(), i64::from(error.code()))
}

/// An `RdKafka\Exception` with a text of its own.
#[cold]
pub(crate) fn throw_text(message: &str, code: i64) -> Stop {
    throw(OWN, message, code)
}

/// An `InvalidArgumentException`.
#[cold]
pub(crate) fn throw_invalid(message: &str) -> Stop {
    throw(Base::InvalidArgument, message, 0)
}

/// A partition number, or `RD_KAFKA_PARTITION_UA` where `or_unassigned` allows it.
pub(crate) fn partition(value: i64, or_unassigned: bool) -> Result<i32, Stop> {
    match i32::try_from(value) {
        Ok(partition) if partition >= 0 || (or_unassigned && partition == -1) => Ok(partition),
        _ => Err(throw_invalid(&format!(
            "Out of range value '{value}' for $partition"
        ))),
    }
}
