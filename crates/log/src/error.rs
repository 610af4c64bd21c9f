//! `LogError`: every way an operation on a log can fail, with its cause.
//!
//! The broker turns a variant into a protocol error code; the texts here name the file or offset
//! so that the reason can be logged where it is handled.

use std::{fmt, io, path::PathBuf, sync::Arc};

/// Why an operation on a log failed. The log is unchanged unless the variant says otherwise.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LogError {
    /// A system call failed. After a failed write the log was cut back to its last good position.
    Io {
        /// What was being done.
        operation: &'static str,
        /// The file or folder it was done to.
        path: PathBuf,
        /// The operating system's answer.
        source: Arc<io::Error>,
    },
    /// The disk (or quota) is full. Nothing was appended; appends work again when space returns.
    NoSpace {
        /// The file that could not grow.
        path: PathBuf,
    },
    /// Appends are refused because an earlier failure could not be undone; reads still work.
    /// A failed write is retried to be undone by the next append; a failed flush needs a reopen.
    Offline {
        /// The earlier failure.
        reason: Arc<str>,
    },
    /// The offset is outside of the log.
    OffsetOutOfRange {
        /// The offset that was asked for.
        offset: i64,
        /// First offset of the log.
        start: i64,
        /// Offset the next record will get.
        end: i64,
    },
    /// The bytes to append are not a sequence of whole version 2 batches.
    InvalidBatch {
        /// What is wrong with them.
        reason: String,
    },
    /// A batch is larger than `max.message.bytes`.
    BatchTooLarge {
        /// Size of the batch in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The producer's epoch is older than one the log has seen.
    InvalidProducerEpoch {
        /// The producer.
        producer_id: i64,
        /// The epoch of the batch.
        epoch: i16,
        /// The newest epoch seen.
        current: i16,
    },
    /// The batch does not continue the producer's sequence and is no known duplicate.
    OutOfOrderSequence {
        /// The producer.
        producer_id: i64,
        /// The batch's first sequence number.
        base_sequence: i32,
        /// The sequence number that was expected.
        expected: i32,
    },
    /// A coordinator older than one the log has seen wrote a transaction marker.
    CoordinatorFenced {
        /// The producer whose transaction it is.
        producer_id: i64,
        /// The marker's coordinator epoch.
        epoch: i32,
        /// The newest coordinator epoch seen.
        current: i32,
    },
    /// A file of the log is damaged where it was thought durable.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The data folder is in use by another process.
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// The folder was written by a layout this version does not know.
    UnsupportedLayout {
        /// The file that says so.
        path: PathBuf,
        /// The version found.
        version: String,
    },
    /// The data folder belongs to another cluster.
    ClusterIdMismatch {
        /// The id stored in the folder.
        stored: String,
        /// The id asked for.
        wanted: String,
    },
    /// A topic name that cannot name a folder, or a negative partition.
    InvalidName {
        /// The name.
        name: String,
    },
    /// The partition's folder exists already.
    AlreadyExists {
        /// The folder.
        path: PathBuf,
    },
    /// The partition's folder does not exist.
    NotFound {
        /// The folder.
        path: PathBuf,
    },
}

impl LogError {
    /// Wraps an `io::Error`; a full disk gets its own variant.
    #[must_use]
    pub fn io(operation: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            _ => Self::Io {
                operation,
                path,
                source: Arc::new(source),
            },
        }
    }

    /// Damage found in `path`.
    #[must_use]
    pub fn corrupt(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::Corrupt {
            path: path.into(),
            reason: reason.into(),
        }
    }

    /// A batch that cannot be appended.
    pub(crate) fn invalid_batch(reason: impl Into<String>) -> Self {
        Self::InvalidBatch {
            reason: reason.into(),
        }
    }

    /// Whether the disk, not the request, is at fault (Kafka answers `KAFKA_STORAGE_ERROR`).
    #[must_use]
    pub const fn is_storage(&self) -> bool {
        matches!(
            self,
            Self::Io { .. } | Self::NoSpace { .. } | Self::Offline { .. } | Self::Corrupt { .. }
        )
    }

    /// Whether the process (or the system) has as many files open as it may.
    #[must_use]
    pub fn is_out_of_files(&self) -> bool {
        /// EMFILE and ENFILE, the same everywhere.
        const OUT_OF_FILES: [i32; 2] = [24, 23];
        let Self::Io { source, .. } = self else {
            return false;
        };
        source
            .raw_os_error()
            .is_some_and(|code| OUT_OF_FILES.contains(&code))
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io {
                operation,
                path,
                source,
            } => {
                write!(f, "cannot {operation} {}: {source}", path.display())
            }
            Self::NoSpace { path } => {
                write!(f, "no space left on the disk to write {}", path.display())
            }
            Self::Offline { reason } => write!(f, "the log refuses appends: {reason}"),
            Self::OffsetOutOfRange { offset, start, end } => {
                write!(
                    f,
                    "offset {offset} is outside of the log ({start} to {end})"
                )
            }
            Self::InvalidBatch { reason } => write!(f, "invalid record batch: {reason}"),
            Self::BatchTooLarge { size, limit } => {
                write!(
                    f,
                    "a batch of {size} bytes is larger than max.message.bytes ({limit})"
                )
            }
            Self::InvalidProducerEpoch {
                producer_id,
                epoch,
                current,
            } => {
                write!(
                    f,
                    "producer {producer_id} used epoch {epoch}, the newest is {current}"
                )
            }
            Self::OutOfOrderSequence {
                producer_id,
                base_sequence,
                expected,
            } => write!(
                f,
                "producer {producer_id} sent sequence {base_sequence}, {expected} was expected"
            ),
            Self::CoordinatorFenced {
                producer_id,
                epoch,
                current,
            } => write!(
                f,
                "marker for producer {producer_id} from coordinator epoch {epoch}, the newest is {current}"
            ),
            Self::Corrupt { path, reason } => write!(f, "{} is damaged: {reason}", path.display()),
            Self::Locked { path } => {
                write!(
                    f,
                    "{} is held by another process that uses this data folder",
                    path.display()
                )
            }
            Self::UnsupportedLayout { path, version } => write!(
                f,
                "{} says layout version {version}, which this version does not know",
                path.display()
            ),
            Self::ClusterIdMismatch { stored, wanted } => {
                write!(
                    f,
                    "the data folder belongs to cluster {stored}, not to {wanted}"
                )
            }
            Self::InvalidName { name } => write!(f, "{name:?} cannot name a partition's folder"),
            Self::AlreadyExists { path } => write!(f, "{} exists already", path.display()),
            Self::NotFound { path } => write!(f, "{} does not exist", path.display()),
        }
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(&**source),
            _ => None,
        }
    }
}
