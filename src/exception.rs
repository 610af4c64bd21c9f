//! The exceptions that the extension throws on its own account.

use rdkafka_client::{Client, ErrorCode};

use crate::zend::{Base, Class, Stop, throw};

const OWN: Base = Base::Own(Class::Exception);

/// An `RdKafka\Exception` with the error's text and code.
#[cold]
pub(crate) fn throw_error(error: ErrorCode) -> Stop {
    throw(OWN, &error.text(), i64::from(error.code()))
}

/// The same for a question that failed; where no broker could be reached, the exception before it (`getPrevious()`) says
/// why not.
#[cold]
pub(crate) fn throw_failed(client: &Client, error: ErrorCode) -> Stop {
    let is_unreachable = matches!(
        error,
        ErrorCode::_TRANSPORT
            | ErrorCode::_ALL_BROKERS_DOWN
            | ErrorCode::_AUTHENTICATION
            | ErrorCode::_SSL
            | ErrorCode::_RESOLVE
    );
    if is_unreachable && let Some((code, text)) = client.cause() {
        // The engine makes what is pending the previous exception of the next.
        throw(OWN, &text, i64::from(code.code()));
    }
    throw_error(error)
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
#[inline(always)]
pub(crate) fn partition(value: i64, or_unassigned: bool) -> Result<i32, Stop> {
    match i32::try_from(value) {
        Ok(partition) if partition >= 0 || (or_unassigned && partition == -1) => Ok(partition),
        _ => Err(out_of_range(value)),
    }
}

#[cold]
fn out_of_range(value: i64) -> Stop {
    throw_invalid(&format!("Out of range value '{value}' for $partition"))
}
