//! Opening the logs of a data folder: one that is asked for, or all that a start finds, several at a time.
//!
//! Owns no state. Most of what opening a log costs is spent in the system (files opened, listed, read), which does that for
//! different folders on all processors at once. What is checked and what is cut is [`crate::recovery`]'s.
//!
//! Starts threads where [`Fs::concurrency`] says that they help, and ends them before it returns.

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    Log, LogConfig, LogDir, LogError, OpenOptions, PartitionDir, Recovered, TopicId, fs::Fs,
};

/// More threads do not help: folders share the file system's journal.
const THREADS_MAX: usize = 8;
/// A thread takes so many at once.
const SHARE: usize = 16;

/// A log that a start found.
#[derive(Debug)]
pub struct FoundLog<'a> {
    /// The data folder.
    pub dir: &'a LogDir,
    /// Its place in there.
    pub found: &'a PartitionDir,
    /// Its settings.
    pub config: LogConfig,
}

/// Opens logs with what the checkpoints know about them; results are in the order of `logs`. `now_ms` is the present, in
/// milliseconds since the epoch.
///
/// # Errors
/// Of each log, as [`Log::open_with`].
pub fn open_logs(logs: &[FoundLog<'_>], now_ms: i64) -> Vec<Result<(Log, Recovered), LogError>> {
    let Some(first) = logs.first() else {
        return Vec::new();
    };
    on_threads(&**first.dir.fs(), logs, |log| {
        log.dir.open_found(log.found, log.config.clone(), now_ms)
    })
}

impl LogDir {
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
        let path = self.partition_path(topic, partition)?;
        let Some(topic_id) = self.read_topic_id(&path)? else {
            return Err(LogError::NotFound { path });
        };
        let topic = topic.to_owned();
        let found = PartitionDir {
            topic,
            partition,
            topic_id,
            path,
        };
        self.open_found(&found, config, now_ms)
    }

    fn open_found(
        &self,
        found: &PartitionDir,
        config: LogConfig,
        now_ms: i64,
    ) -> Result<(Log, Recovered), LogError> {
        let known = self.checkpoint_of(found);
        let options = OpenOptions {
            recovery_point: known.as_ref().map_or(0, |known| known.recovery_point),
            start_offset: known.as_ref().map_or(0, |known| known.start_offset),
            cleaned_up_to: known.as_ref().map_or(0, |known| known.cleaned_up_to),
            now_ms,
        };
        Log::open_with(Arc::clone(self.fs()), found.path.clone(), config, &options)
    }

    /// Fills in whose the folders are; those that do not say it are left out.
    pub(crate) fn read_topic_ids(
        &self,
        mut folders: Vec<PartitionDir>,
    ) -> Result<Vec<PartitionDir>, LogError> {
        let ids: Vec<_> = on_threads(&**self.fs(), &folders, |it| self.read_topic_id(&it.path))
            .into_iter()
            .collect::<Result<_, _>>()?;
        let mut ids = ids.into_iter();
        folders.retain_mut(|folder| {
            let id: Option<TopicId> = ids.next().flatten();
            folder.topic_id = id.unwrap_or(folder.topic_id);
            id.is_some()
        });
        Ok(folders)
    }
}

/// Does `work` with each item, on several threads if that helps; results are in the order of `items`.
fn on_threads<T: Sync, R: Send>(fs: &dyn Fs, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = fs.concurrency().clamp(1, THREADS_MAX);
    let threads = threads.min(items.len().div_ceil(SHARE));
    let next = AtomicUsize::new(0);
    let take_shares = || {
        let mut done = Vec::new();
        loop {
            let from = next.fetch_add(SHARE, Ordering::Relaxed);
            let Some(rest) = items.get(from..).filter(|rest| !rest.is_empty()) else {
                return done;
            };
            let share = rest.iter().take(SHARE).map(&work);
            done.push((from, share.collect::<Vec<_>>()));
        }
    };
    let mut shares = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take_shares)).collect();
        let mut shares = take_shares();
        for other in others {
            shares.extend(
                other
                    .join()
                    .unwrap_or_else(|cause| panic::resume_unwind(cause)),
            );
        }
        shares
    });
    shares.sort_unstable_by_key(|(from, _)| *from);
    shares.into_iter().flat_map(|(_, share)| share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{Disk, Memory};

    #[test]
    fn results_are_in_the_order_of_the_items_on_any_number_of_threads() {
        let items: Vec<usize> = (0..1000).collect();
        for count in [0, 1, SHARE, SHARE + 1, 1000] {
            let doubled: Vec<usize> = (0..count).map(|it| it * 2).collect();
            let on_disk = on_threads(&Disk, &items[..count], |it| it * 2);
            assert_eq!(on_disk, doubled);
            let in_memory = on_threads(&Memory::new(), &items[..count], |it| it * 2);
            assert_eq!(in_memory, doubled);
        }
    }
}
