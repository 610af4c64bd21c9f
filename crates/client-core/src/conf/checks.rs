//! What texts the checked properties of the tables accept.

use crate::producer::partitioner::Partitioner;

/// Anything but 0.6 and 0.7, whose protocols no client of today speaks.
pub(super) fn is_broker_version(text: &str) -> bool {
    !(text.starts_with("0.7.") || text.starts_with("0.6."))
}

/// One item: neither a comma nor a space.
pub(super) fn is_single_item(text: &str) -> bool {
    !text.contains([',', ' '])
}

/// The name of a built-in partitioner.
pub(super) fn is_partitioner(text: &str) -> bool {
    Partitioner::from_name(text).is_some()
}
