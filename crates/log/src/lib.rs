//! The partition log on a disk: what the broker appends to and reads from.
//!
//! One [`Log`] is one partition: a folder of segments with their indexes, the leader epochs and the
//! state of idempotent producers. A [`LogDir`] is the data folder that holds the partitions, its lock
//! and its checkpoints. All disk access goes through the trait [`fs::Fs`], which has two
//! implementors: [`fs::Disk`] and [`fs::Memory`].
//!
//! Guarantees: offsets are dense and never reused; what [`Log::append`] returned survives the death
//! of the process; what a flush covered survives the death of the machine; a torn tail is cut at
//! open and nothing else is. A write that failed leaves the log as it was before.
//!
//! Left to others: validation of records (the broker checks a batch's CRC before it appends),
//! replication, deciding *when* to flush, to enforce retention and to checkpoint.
//!
//! Runs on the thread that owns the log (the broker's shard). Only [`Slice`], [`FlushTask`],
//! [`CleanTask`], [`CopyTask`], [`CheckpointTask`] and [`Cleanup`] are made to leave that thread. No clock: time enters as an argument, in milliseconds
//! since the epoch.
//!
//! The layout on disk is described in `docs/design/log.md`.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod batch_scanner;
mod checkpoint;
mod compaction;
mod config;
mod error;
mod file_names;
mod flush;
pub mod fs;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod index_file;
mod leader_epoch;
mod log;
mod log_dir;
mod offset_index;
mod opening;
mod partition_metadata;
mod producer_state;
mod reader;
mod recovery;
mod relocation;
mod retention;
mod segment;
mod tail_cache;
mod time_index;
mod txn_index;

pub use checkpoint::PartitionCheckpoint;
pub use compaction::{CleanLimits, CleanTask, Cleaned, Compacted, CompactionConfig, Dirtiness};
pub use config::LogConfig;
pub use error::LogError;
pub use flush::{FlushTask, Flushed};
pub use log::{AppendInfo, AppendOptions, AppendOrigin, Log, LogOffsets};
pub use log_dir::{
    CheckpointTask, LogDir, LogDirOptions, MetaProperties, PartitionDir, PartitionName,
};
pub use opening::{FoundLog, open_logs};
pub use partition_metadata::{InvalidTopicId, TopicId};
pub use producer_state::{ProducerEntry, ProducerSnapshot, SequenceRange, SnapshotError};
pub use reader::{FileSlice, LogRead, ReadOptions, Slice, TimestampOffset};
pub use recovery::{OpenOptions, Recovered};
pub use relocation::{Copied, CopyTask, LogCopy, settle_moves};
pub use retention::{Cleanup, Retained};
pub use tail_cache::CacheBudget;
pub use txn_index::AbortedTxn;
