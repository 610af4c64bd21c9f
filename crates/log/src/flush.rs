//! Flushing: making what was appended durable, on the log's thread or on a flusher's.
//!
//! The log's thread takes a [`FlushTask`] (which holds its own file handles), any thread runs it, and the
//! result goes back to the log's thread, which alone moves the recovery point.

use crate::{Log, LogError};

/// Everything needed to make the log durable up to some offset.
#[derive(Debug)]
pub struct FlushTask {
    offset: i64,
}

impl FlushTask {
    /// The offset that will be durable: everything below it.
    #[must_use]
    pub const fn offset(&self) -> i64 {
        self.offset
    }

    /// Does it; blocks on the disk.
    #[must_use]
    pub fn run(self) -> Flushed {
        todo!()
    }
}

/// What became of a [`FlushTask`]; to be handed to [`Log::flushed`].
#[derive(Debug)]
pub struct Flushed {
    pub(crate) offset: i64,
    pub(crate) result: Result<(), LogError>,
}

impl Log {
    /// Whether `flush.messages` or `flush.ms` asks for a flush now.
    #[must_use]
    pub fn needs_flush(&self, now_ms: i64) -> bool {
        todo!()
    }

    /// The work to make everything appended so far durable; `None` if it is already.
    /// Several tasks may be under way; they may finish in any order.
    ///
    /// # Errors
    /// When buffered index entries cannot be written.
    pub fn flush_task(&mut self, now_ms: i64) -> Result<Option<FlushTask>, LogError> {
        todo!()
    }

    /// Takes in a finished task; returns the new recovery point.
    ///
    /// # Errors
    /// The task's failure: the log is then offline until it is opened again, because what a failed
    /// fsync left on the disk cannot be known.
    pub fn flushed(&mut self, flushed: Flushed) -> Result<i64, LogError> {
        todo!()
    }

    /// Makes everything appended so far durable before it returns; returns the recovery point.
    ///
    /// # Errors
    /// As [`Log::flushed`].
    pub fn flush(&mut self, now_ms: i64) -> Result<i64, LogError> {
        todo!()
    }

    /// Everything below this offset is durable.
    #[must_use]
    pub fn recovery_point(&self) -> i64 {
        todo!()
    }
}
