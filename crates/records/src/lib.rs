//! The record batch: build, seal, iterate, compress.
//!
//! Owns the bytes that Kafka calls *records*: the record batch of magic 2 and, beside it, the message
//! sets of magic 0 and 1. Everything here is a pure function over bytes; no I/O, no clock, no thread
//! of its own. The producer's thread appends and seals, the consumer's thread walks what was fetched,
//! and a broker looks at 61-byte headers only.
//!
//! The way of a record through this crate:
//!
//! | step | where |
//! |---|---|
//! | encode into the open batch, one copy, no allocation per record | [`BatchBuilder::append`] |
//! | header, CRC-32C, compression | [`BatchBuilder::seal`] |
//! | accept on a broker: magic, length, count, CRC | [`validate_produced`] |
//! | give it offsets | [`patch_base_offset`], [`patch_partition_leader_epoch`], [`patch_log_append_time`] |
//! | split what was fetched into batches | [`RecordBatches`] |
//! | decompress, bounded | [`RecordBatch::decompress`] |
//! | walk the records, borrowed | [`PlainBatch::records`], or [`RecordCursor`] for one at a time |
//! | serve clients that predate record batches | [`legacy`] |
//!
//! Guarantees: bytes from a peer or a disk never panic and never make this crate reserve more memory
//! than they could fill; what a caller may rely on after parsing is said by the type.
//! Left to others: what the offsets, epochs and sequences mean.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod batches;
mod builder;
mod compression;
mod control;
mod encode;
mod header;
pub mod legacy;
mod patch;
mod record;
mod varint;

pub use batches::{PlainBatch, RecordBatch, RecordBatches};
pub use builder::{AppendError, BatchBuilder, Seal, SealError};
pub use compression::{Compression, CompressionError};
pub use control::{EndTxnMarker, TransactionResult};
pub use header::{
    Attributes, BATCH_HEADER_LEN, BatchError, BatchHeader, TimestampType, prepare_checksums,
    validate_produced, verify_crc,
};
pub use patch::{
    patch_base_offset, patch_log_append_time, patch_max_timestamp, patch_partition_leader_epoch,
    patch_producer,
};
pub use record::{Header, Headers, Record, RecordCursor, RecordError, RecordFault, Records};

/// "No timestamp": what records of message format v0 carry, and what a producer may send.
pub const NO_TIMESTAMP: i64 = -1;
/// The producer id of a batch that no idempotent producer wrote.
pub const NO_PRODUCER_ID: i64 = -1;
/// The producer epoch that goes with [`NO_PRODUCER_ID`].
pub const NO_PRODUCER_EPOCH: i16 = -1;
/// The base sequence that goes with [`NO_PRODUCER_ID`].
pub const NO_SEQUENCE: i32 = -1;
/// The partition leader epoch of a batch that no leader has appended yet.
pub const NO_PARTITION_LEADER_EPOCH: i32 = -1;
