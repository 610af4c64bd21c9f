//! Checkpoint files: one number per partition, as text, replaced as a whole.

/// What [`crate::LogDir::checkpoint`] stores of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionCheckpoint {
    /// Name of the topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Everything below is durable.
    pub recovery_point: i64,
    /// First offset of the log.
    pub start_offset: i64,
}
