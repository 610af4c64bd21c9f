//! `LogConfig`: everything that can be decided about one log, with Kafka's topic-level defaults.
//!
//! Owns no behaviour. Parsing of `server.properties` and topic configurations is the broker's.

use crate::{CompactionConfig, tail_cache::CacheBudget};

/// Settings of one log. The defaults are Apache Kafka's topic defaults.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A segment is closed before it would grow past this (`segment.bytes`).
    pub segment_bytes: u64,
    /// A segment is closed when its records span this long (`segment.ms`).
    pub segment_ms: i64,
    /// By up to how much less, from segment to segment (`segment.jitter.ms`), so that many do not end at once.
    pub segment_jitter_ms: i64,
    /// A segment is closed before one of its indexes would grow past this (`segment.index.bytes`).
    pub segment_index_bytes: u64,
    /// At least this many bytes of log lie between two index entries (`index.interval.bytes`).
    pub index_interval_bytes: u32,
    /// Segments whose newest record is older are deleted (`retention.ms`); `None` keeps them for ever.
    pub retention_ms: Option<i64>,
    /// Oldest segments are deleted while the log is larger (`retention.bytes`); `None` is no limit.
    pub retention_bytes: Option<u64>,
    /// Ask for a flush after this many unflushed records (`flush.messages`); `None` leaves it to the OS. With 1 readers
    /// see only what is on the disk.
    pub flush_messages: Option<u64>,
    /// Ask for a flush when the oldest unflushed append is this old (`flush.ms`); `None` leaves it to the OS.
    pub flush_ms: Option<i64>,
    /// Largest batch that is accepted, header included (`max.message.bytes`).
    pub max_message_bytes: u32,
    /// Most bytes of recent batches this log keeps in memory for tail reads; 0 keeps none.
    pub tail_cache_bytes: usize,
    /// Bound that all logs sharing it keep together in their tail caches.
    pub cache_budget: CacheBudget,
    /// Idempotent producers silent for longer are forgotten (`producer.id.expiration.ms`).
    pub producer_id_expiration_ms: i64,
    /// How the log is compacted; `None` is `cleanup.policy` without `compact`.
    pub compaction: Option<CompactionConfig>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            segment_ms: 7 * 24 * 3_600_000,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            retention_ms: Some(7 * 24 * 3_600_000),
            retention_bytes: None,
            flush_messages: None,
            flush_ms: None,
            max_message_bytes: 1_048_588,
            tail_cache_bytes: 1 << 20,
            cache_budget: CacheBudget::default(),
            producer_id_expiration_ms: 24 * 3_600_000,
            compaction: None,
        }
    }
}
