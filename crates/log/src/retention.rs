//! Retention, deletion of records, truncation: the ways a log gets shorter.

use crate::{Log, LogError};

/// What [`Log::retain`] or [`Log::delete_records`] did.
#[derive(Debug)]
pub struct Retained {
    /// First offset of the log now.
    pub start_offset: i64,
    /// Segments that were taken out.
    pub segments: usize,
    /// Bytes they held.
    pub bytes: u64,
    /// Removes their files; run it on a thread that may block.
    pub cleanup: Cleanup,
}

/// Files that were renamed out of the way and wait to be removed. If it is dropped without being run,
/// the next open of the log or folder removes them.
#[derive(Debug)]
pub struct Cleanup {}

impl Cleanup {
    /// Removes the files; blocks on the disk.
    ///
    /// # Errors
    /// The first removal that failed.
    pub fn run(self) -> Result<(), LogError> {
        todo!()
    }
}

impl Log {
    /// Enforces `retention.ms` and `retention.bytes`, forgets expired producers, and lets go of cached
    /// bytes of a log that nobody appended to since the last call. The newest segment always stays.
    ///
    /// # Errors
    /// When a segment's files cannot be renamed.
    pub fn retain(&mut self, now_ms: i64) -> Result<Retained, LogError> {
        todo!()
    }

    /// Moves the start of the log up to `offset`; whole segments below are deleted. The new start is
    /// durable after the next [`crate::LogDir::checkpoint`].
    ///
    /// # Errors
    /// [`LogError::OffsetOutOfRange`] if `offset` is above the high watermark.
    pub fn delete_records(&mut self, offset: i64) -> Result<Retained, LogError> {
        todo!()
    }

    /// Cuts the log so that it ends at `offset`; batches that reach over it go as a whole.
    ///
    /// # Errors
    /// When a file cannot be cut.
    pub fn truncate(&mut self, offset: i64) -> Result<(), LogError> {
        todo!()
    }
}
