//! The data folder: its lock, its identity, its partitions, its checkpoints.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{Cleanup, Log, LogConfig, LogError, PartitionCheckpoint, Recovered, TopicId, fs::Fs};

/// How to open a data folder.
#[derive(Debug, Clone, Default)]
pub struct LogDirOptions {
    /// A folder without an identity gets this cluster id; one with another id is refused if `cluster_id_fixed`.
    pub cluster_id: String,
    /// Whether `cluster_id` was configured (then it must match) or is just a proposal.
    pub cluster_id_fixed: bool,
    /// Id of the broker, stored for the tools that show it.
    pub node_id: i32,
}

/// `meta.properties`: whose folder it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaProperties {
    /// Id of the cluster.
    pub cluster_id: String,
    /// Id of the broker.
    pub node_id: i32,
    /// Layout of the folder.
    pub layout_version: u32,
}

/// A partition's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionDir {
    /// Name of the topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The topic's incarnation.
    pub topic_id: TopicId,
    /// The folder.
    pub path: PathBuf,
}

/// A data folder, locked for as long as the value lives. May be shared between threads.
#[derive(Debug)]
pub struct LogDir {
    _x: (),
}

impl LogDir {
    /// Locks and opens a data folder; creates it if it is missing. Folders and files left by an
    /// interrupted deletion are removed.
    ///
    /// # Errors
    /// [`LogError::Locked`], [`LogError::UnsupportedLayout`], [`LogError::ClusterIdMismatch`], or the disk's.
    pub fn open(
        fs: Arc<dyn Fs>,
        root: impl Into<PathBuf>,
        options: &LogDirOptions,
    ) -> Result<Self, LogError> {
        todo!()
    }

    /// Whose folder it is.
    #[must_use]
    pub fn meta(&self) -> &MetaProperties {
        todo!()
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        todo!()
    }

    /// The file system it is on; for the broker's own files beside the logs.
    #[must_use]
    pub fn fs(&self) -> &Arc<dyn Fs> {
        todo!()
    }

    /// The partitions in the folder, by topic and number.
    ///
    /// # Errors
    /// The disk's, or [`LogError::Corrupt`] for a folder whose identity cannot be read.
    pub fn partitions(&self) -> Result<Vec<PartitionDir>, LogError> {
        todo!()
    }

    /// Creates a partition's folder and its empty log.
    ///
    /// # Errors
    /// [`LogError::InvalidName`], [`LogError::AlreadyExists`], or the disk's.
    pub fn create_log(
        &self,
        topic: &str,
        partition: i32,
        topic_id: TopicId,
        config: LogConfig,
    ) -> Result<Log, LogError> {
        todo!()
    }

    /// Opens a partition's log with what the checkpoints know about it.
    ///
    /// # Errors
    /// [`LogError::NotFound`], or as [`Log::open_with`].
    pub fn open_log(
        &self,
        topic: &str,
        partition: i32,
        config: LogConfig,
        now_ms: i64,
    ) -> Result<(Log, Recovered), LogError> {
        todo!()
    }

    /// Renames a partition's folder out of the way; what is left to do may be done on another thread.
    /// Readers that hold file ranges keep reading. Drop the [`Log`] first.
    ///
    /// # Errors
    /// [`LogError::NotFound`], or the disk's.
    pub fn delete_log(&self, topic: &str, partition: i32) -> Result<Cleanup, LogError> {
        todo!()
    }

    /// Stores recovery points and start offsets. `partitions` is complete: what is missing is forgotten,
    /// and a log that was forgotten is checked from its start at the next open.
    ///
    /// # Errors
    /// The disk's; the old checkpoints are then still in place.
    pub fn checkpoint(&self, partitions: &[PartitionCheckpoint]) -> Result<(), LogError> {
        todo!()
    }
}
