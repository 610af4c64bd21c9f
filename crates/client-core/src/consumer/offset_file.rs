//! Offsets of legacy consumers that are kept in files (`offset.store.method=file`).
//!
//! Owns which offsets wait to be written and which are being; the writing itself is the driver's, on a worker. One write
//! per partition at a time, so that an older offset never ends up over a newer one. What was written is synced within
//! `offset.store.sync.interval.ms`, and when a partition is stopped. A write that fails is told and tried again with the
//! next. Driver thread.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rdkafka_wire::ErrorCode;

use super::assignment::Partitions;
use super::io::CallReply;
use super::reply;
use crate::conf::TopicConfig;
use crate::context::Cx;
use crate::io::{CallId, Moment, Output, TopicPartition, TopicPartitionOffset};

/// An offset to be written to its file.
#[derive(Debug, Clone)]
pub struct OffsetToKeep {
    /// Of which partition.
    pub id: TopicPartition,
    /// `offset.store.path`.
    pub path: String,
    /// The offset to go on at.
    pub offset: i64,
    /// Whether it has to be on the disk when this is done.
    pub sync: bool,
}

/// What became of an [`OffsetToKeep`]; the error is for people.
pub type OffsetKept = (OffsetToKeep, Result<(), String>);

/// Why an offset is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeepWhy {
    /// `auto.commit.interval.ms`.
    ByTime,
    /// The partition was stopped: this call waits.
    Stopped(CallId),
    /// The consumer is being closed.
    Closed,
}

/// The files being written.
#[derive(Debug, Default)]
pub(crate) struct OffsetFiles {
    files: BTreeMap<TopicPartition, File>,
}

#[derive(Debug, Default)]
struct File {
    is_writing: bool,
    /// Comes after the one being written; only the last one matters.
    waiting: Option<OffsetToKeep>,
    /// Written, but not synced.
    unsynced: Option<OffsetToKeep>,
    sync_at: Option<Moment>,
    /// Calls that wait for the last write.
    calls: Vec<CallId>,
}

impl OffsetFiles {
    /// Nothing waits and nothing is being written.
    pub(crate) fn is_idle(&self) -> bool {
        let is_idle = |file: &File| !file.is_writing && file.waiting.is_none();
        self.files.values().all(is_idle)
    }

    /// Keeps an offset; the last one of a partition is on the disk when it is done.
    pub(crate) fn keep(
        &mut self,
        offset: &TopicPartitionOffset,
        conf: &Arc<TopicConfig>,
        why: KeepWhy,
        cx: &mut Cx<'_>,
    ) {
        let id = super::assignment::id_of(offset);
        let file = self.files.entry(id.clone()).or_default();
        let interval = conf.offset_store_sync_interval_ms;
        if let KeepWhy::Stopped(call) = why {
            file.calls.push(call);
        }
        let sync = interval.is_some_and(|ms| ms == 0 || why != KeepWhy::ByTime);
        if let Some(ms) = interval.filter(|_| !sync) {
            let at = cx.now.mono + Duration::from_millis(ms.into());
            file.sync_at.get_or_insert(at);
        }
        file.waiting = Some(OffsetToKeep {
            id,
            path: conf.offset_store_path.clone(),
            offset: offset.offset,
            sync,
        });
        file.write(cx);
    }

    /// A write is done.
    pub(crate) fn kept(
        &mut self,
        (kept, result): OffsetKept,
        partitions: &mut Partitions,
        cx: &mut Cx<'_>,
    ) {
        let Some(file) = self.files.get_mut(&kept.id) else {
            return;
        };
        file.is_writing = false;
        match result {
            Ok(()) => {
                if let Some(partition) = partitions.get_mut(&kept.id) {
                    partition.committed = partition.committed.max(kept.offset);
                }
                if kept.sync {
                    file.unsynced = None;
                    file.sync_at = None;
                } else {
                    file.unsynced = Some(kept);
                }
            }
            Err(error) => {
                let TopicPartition { topic, partition } = &kept.id;
                cx.emit_error(ErrorCode::_FS, format!("{topic} [{partition}]: {error}"));
            }
        }
        file.write(cx);
        if !file.is_writing {
            for call in std::mem::take(&mut file.calls) {
                reply(cx, call, Ok(CallReply::Done));
            }
        }
    }

    /// Syncs what is due. Returns when to look again.
    pub(crate) fn work(&mut self, cx: &mut Cx<'_>) -> Option<Moment> {
        for file in self.files.values_mut() {
            let is_due = file.sync_at.is_some_and(|at| at <= cx.now.mono);
            if is_due && !file.is_writing {
                file.sync_at = None;
                file.waiting = file.unsynced.take();
                if let Some(again) = &mut file.waiting {
                    again.sync = true;
                }
                file.write(cx);
            }
        }
        let due = self.files.values().filter(|file| !file.is_writing);
        due.filter_map(|file| file.sync_at).min()
    }
}

impl File {
    fn write(&mut self, cx: &mut Cx<'_>) {
        if !self.is_writing
            && let Some(next) = self.waiting.take()
        {
            self.is_writing = true;
            cx.output(Output::KeepOffset(next));
        }
    }
}
