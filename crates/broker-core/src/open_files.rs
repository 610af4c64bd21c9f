//! What is done when the system gives no more open files.
//!
//! Guarantees: a broker of more partitions than it may have open files works on: the files of all logs are closed, and
//! opened again by whoever needs one. Runs on the shard thread.

use rdkafka_log::LogError;

use crate::partition::{Home, Partition};
use crate::topics::{PartitionKey, Topics};

impl Topics {
    /// Does something with a partition that may open files; `None` if there is no such partition.
    pub(crate) fn with_files<R>(
        &mut self,
        key: PartitionKey,
        mut act: impl FnMut(&mut Partition, &Home<'_>) -> Result<R, LogError>,
    ) -> Option<Result<R, LogError>> {
        let (partition, home) = self.partition_at_home(key)?;
        match act(partition, &home) {
            Err(error) if error.is_out_of_files() => tracing::debug!(%error, "closing files"),
            outcome => return Some(outcome),
        }
        for key in self.keys() {
            let closed = self.partition_mut(key).map(Partition::close_files);
            if let Some(Err(error)) = closed {
                tracing::warn!(?key, %error, "files stay open");
            }
        }
        let (partition, home) = self.partition_at_home(key)?;
        Some(act(partition, &home))
    }
}
