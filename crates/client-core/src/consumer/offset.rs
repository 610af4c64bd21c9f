//! The offsets that stand for a place instead of naming it, as librdkafka numbers them. Both threads.

/// The first record of the log.
pub const OFFSET_BEGINNING: i64 = -2;
/// The end of the log.
pub const OFFSET_END: i64 = -1;
/// What the group has committed.
pub const OFFSET_STORED: i64 = -1000;
/// None.
pub const OFFSET_INVALID: i64 = -1001;
/// Offsets at or below this count from the end: `OFFSET_TAIL_BASE - n` are the last `n` records.
pub const OFFSET_TAIL_BASE: i64 = -2000;

/// Whether consuming may be started there.
#[must_use]
pub const fn is_start_offset(offset: i64) -> bool {
    offset >= 0
        || matches!(
            offset,
            OFFSET_BEGINNING | OFFSET_END | OFFSET_STORED | OFFSET_INVALID
        )
        || offset <= OFFSET_TAIL_BASE
}
