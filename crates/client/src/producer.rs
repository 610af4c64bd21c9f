//! Producing: admit a record to the queue, place it, wake the driver if a batch was opened or filled.
//!
//! Runs entirely on the caller's thread; one uncontended lock and no allocation per record.

use rdkafka_records::Header;
use rdkafka_wire::ErrorCode;

/// What the application recognises a record by in its delivery report; 0 for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Opaque(pub u64);

/// Block while the queue is full, instead of failing (`RD_KAFKA_MSG_F_BLOCK`).
pub const MSG_F_BLOCK: i32 = 0x4;

/// A record to produce.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProduceRecord<'a> {
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The payload; `None` is a tombstone.
    pub payload: Option<&'a [u8]>,
    /// The headers: names and values, in order, duplicates and null values allowed.
    pub headers: &'a [Header<'a>],
    /// Milliseconds since 1970; `None` for now.
    pub timestamp_ms: Option<i64>,
    /// For the delivery report.
    pub opaque: Opaque,
}

/// A topic of a producer. For one thread; make another handle for another thread.
pub struct Topic {}

impl Topic {
    /// The topic's name.
    #[must_use]
    pub fn name(&self) -> &str;

    /// Queue a record for `partition` (-1: the partitioner chooses). With [`MSG_F_BLOCK`] in `flags`, waits for room in
    /// the queue until `interrupted()`.
    ///
    /// # Errors
    /// `_QUEUE_FULL`, `MSG_SIZE_TOO_LARGE`, `_UNKNOWN_PARTITION`, `_UNKNOWN_TOPIC`, `_FATAL`, `_DESTROY`.
    pub fn produce(
        &self,
        partition: i32,
        flags: i32,
        record: &ProduceRecord<'_>,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), ErrorCode>;
}
