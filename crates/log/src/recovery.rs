//! Opening a log: find its segments, cut a torn tail, rebuild what is missing, replay what is left.

/// What is known from outside when a log is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenOptions {
    /// Everything below this offset is known to be durable; only what is above is checked.
    pub recovery_point: i64,
    /// The log starts here even if its segments start lower.
    pub start_offset: i64,
    /// The present, in milliseconds since the epoch.
    pub now_ms: i64,
}

/// What opening a log found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Segments of the log.
    pub segments: usize,
    /// Bytes whose CRCs were checked.
    pub scanned_bytes: u64,
    /// Bytes that were cut off.
    pub truncated_bytes: u64,
    /// Why they were cut off.
    pub truncated_reason: Option<String>,
    /// Segments whose indexes were rebuilt.
    pub rebuilt_indexes: usize,
    /// Batches replayed into the producer state.
    pub replayed_batches: u64,
}
