//! Partitions on their way to another data folder (AlterReplicaLogDirs).
//!
//! One after the other: what a log has is copied on a thread that may take its time, then what came meanwhile, until
//! little is missing; that is copied here, and the copy takes the log's place between two requests.
//!
//! Owns: which partitions are to move, and the one whose copy is under way. Guarantees: a move that fails leaves the
//! partition where it is; no compaction of it runs meanwhile. Leaves to others: the copying, and what a start makes of a
//! move that was interrupted (`rdkafka_log::settle_moves`). Runs on the shard thread.

use std::collections::VecDeque;

use rdkafka_log::{Copied, CopyTask, LogCopy, LogError, PartitionName};
use rdkafka_wire::ErrorCode;

use crate::api;
use crate::data_dirs::DirIndex;
use crate::partition::{Home, Partition};
use crate::request::Now;
use crate::shard::{FlushTarget, Output, Shard};
use crate::topics::{PartitionKey, random_uuid};

/// A partition's way to another folder.
#[derive(Debug)]
pub(crate) struct Relocation {
    pub(crate) to: DirIndex,
    /// How far it is; `None` before it begins.
    pub(crate) copy: Option<LogCopy>,
    /// Nothing is being copied: the rest is done as soon as no fsync is under way.
    is_close: bool,
    rounds: u32,
}

impl Relocation {
    /// The copy, if nobody writes it any more.
    pub(crate) fn finished_copy(self) -> Option<LogCopy> {
        self.copy.filter(|_| self.is_close)
    }
}

/// All moves.
#[derive(Debug, Default)]
pub(crate) struct Relocations {
    waiting: VecDeque<PartitionKey>,
    /// Whose copy is being made.
    copying: Option<PartitionKey>,
}

impl Shard {
    /// How fast a log may be copied to another data folder (`replica.alter.log.dirs.io.max.bytes.per.second`).
    pub fn copy_bytes_per_second(&self) -> f64 {
        self.config.replica_alter_log_dirs_io_max_bytes_per_second as f64
    }

    /// Says in which folder a partition is to be; one that is there already stays, also if it was on its way elsewhere.
    pub(crate) fn relocate(&mut self, key: PartitionKey, to: DirIndex) -> ErrorCode {
        let Some(partition) = self.topics.partition_mut(key) else {
            return ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        };
        if partition.moving.as_ref().is_some_and(|it| it.to == to) {
            return ErrorCode::NONE;
        }
        let given_up = partition.moving.take();
        if !partition.prefer_dir(to) {
            partition.moving = Some(Relocation {
                to,
                copy: None,
                is_close: false,
                rounds: 0,
            });
            self.relocations.waiting.push_back(key);
        }
        self.give_up(key, given_up);
        self.relocate_next();
        ErrorCode::NONE
    }

    /// A copy is not wanted any more. One that is being made is removed when its thread is done with it.
    pub(crate) fn give_up(&mut self, key: PartitionKey, relocation: Option<Relocation>) {
        if self.relocations.copying != Some(key)
            && let Some(copy) = relocation.and_then(|it| it.copy)
        {
            self.push_output(Output::Remove(copy.give_up()));
        }
    }

    /// Begins the next move, unless one is under way.
    pub(crate) fn relocate_next(&mut self) {
        for _ in 0..self.relocations.waiting.len() {
            if self.relocations.copying.is_some() {
                return;
            }
            let Some(key) = self.relocations.waiting.pop_front() else {
                return;
            };
            // What is compacted now is copied when that is over.
            if self.housekeeping.is_cleaning(key) {
                self.relocations.waiting.push_back(key);
                continue;
            }
            match self.begin_copy(key) {
                Ok(Some(task)) => self.copy(key, task),
                Ok(None) => {}
                Err(error) => self.relocation_failed(key, &error),
            }
        }
    }

    /// The first part of a copy; `None` if it is not wanted any more.
    fn begin_copy(&mut self, key: PartitionKey) -> Result<Option<CopyTask>, LogError> {
        let moving = self
            .topics
            .partition_mut(key)
            .and_then(|it| it.moving.as_ref());
        let Some(to) = moving.filter(|it| it.copy.is_none()).map(|it| it.to) else {
            return Ok(None);
        };
        let id = random_uuid(&mut self.rng).0;
        let Some((partition, home)) = self.topics.partition_in(key, to) else {
            return Ok(None);
        };
        let copy = home.dir.begin_copy(home.topic, home.partition, id)?;
        partition.copy_task(copy)
    }

    fn copy(&mut self, key: PartitionKey, task: CopyTask) {
        self.relocations.copying = Some(key);
        if let Some(moving) = self
            .topics
            .partition_mut(key)
            .and_then(|it| it.moving.as_mut())
        {
            moving.copy = Some(task.copy().clone());
            moving.rounds += 1;
        }
        self.push_output(Output::Copy(FlushTarget::partition(key), task));
    }

    /// Takes in a part of a copy.
    pub(crate) fn copied(&mut self, target: FlushTarget, copied: Copied, now: Now) {
        self.relocations.copying = None;
        let Copied { copy, result } = copied;
        if let Some(key) = target.key() {
            self.go_on(key, copy, result, now);
        }
        self.relocate_next();
    }

    fn go_on(&mut self, key: PartitionKey, copy: LogCopy, result: Result<(), LogError>, now: Now) {
        let partition = self.topics.partition_mut(key);
        let Some(partition) = partition.filter(|it| it.is_copied_to(&copy)) else {
            self.push_output(Output::Remove(copy.give_up()));
            return;
        };
        let rounds = partition.moving.as_ref().map_or(0, |it| it.rounds);
        let missing = partition.missing_in(&copy);
        let next = match result {
            Err(error) => Err(error),
            Ok(()) if missing <= SMALL_BYTES || rounds >= ROUNDS_MAX => Ok(None),
            Ok(()) => partition.copy_task(copy.clone()),
        };
        match next {
            Ok(Some(task)) => self.copy(key, task),
            Ok(None) => {
                if let Some(moving) = &mut partition.moving {
                    (moving.copy, moving.is_close) = (Some(copy), true);
                }
                self.finish_relocation(key, now);
            }
            Err(error) => self.relocation_failed(key, &error),
        }
    }

    /// Lets a copy that lacks little take the place of its log, unless an fsync of that is under way.
    pub(crate) fn finish_relocation(&mut self, key: PartitionKey, now: Now) {
        let Some(partition) = self.topics.partition_mut(key) else {
            return;
        };
        let Some(moving) = partition.moving.as_ref().filter(|it| it.is_close) else {
            return;
        };
        let (to, from) = (moving.to, partition.dir().unwrap_or_default());
        if partition.is_flushing() {
            return;
        }
        let Some((partition, home)) = self.topics.partition_in(key, to) else {
            return;
        };
        match partition.take_over(&home, now.unix_ms) {
            Ok(()) => {
                tracing::info!(topic = home.topic, partition = key.partition, to = %home.dir.root().display(), "moved");
                self.remove_source(key, from, to);
                self.took_over(key);
            }
            Err(error) => self.relocation_failed(key, &error),
        }
    }

    /// What the copy knows of itself is stored before its source goes, and before the source's folder forgets it. Where
    /// that fails the next start finds both, and keeps the right one.
    fn remove_source(&mut self, key: PartitionKey, from: DirIndex, to: DirIndex) {
        let removed = self.topics.checkpoint_in(to).and_then(|()| {
            let Some((_, source)) = self.topics.partition_in(key, from) else {
                return Ok(None);
            };
            let cleanup = source.dir.delete_log(source.topic, source.partition)?;
            let Some((_, home)) = self.topics.partition_at_home(key) else {
                return Ok(Some(cleanup));
            };
            home.dir.forget_move(home.topic, home.partition)?;
            Ok(Some(cleanup))
        });
        match removed {
            Ok(Some(cleanup)) => self.push_output(Output::Remove(cleanup)),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(?key, %error, "what a move leaves stays until the next start");
            }
        }
    }

    fn relocation_failed(&mut self, key: PartitionKey, error: &LogError) {
        api::log_failure("move to another data folder", error);
        let partition = self.topics.partition_mut(key);
        let moving = partition.and_then(|it| it.moving.take());
        self.give_up(key, moving);
    }
}

impl Partition {
    /// Whether a copy belongs to the move that is wanted now.
    fn is_copied_to(&self, copy: &LogCopy) -> bool {
        let wanted = self.moving.as_ref().and_then(|it| it.copy.as_ref());
        wanted.is_some_and(|it| it.is_same(copy))
    }

    /// Copies the rest and goes on with the copy.
    fn take_over(&mut self, home: &Home<'_>, now_ms: i64) -> Result<(), LogError> {
        let copy = self.moving.as_ref().and_then(|it| it.copy.clone());
        let (Some(log), Some(copy)) = (self.log_mut(), copy) else {
            return Ok(());
        };
        let config = home.config.clone();
        let moved = home.dir.take_over(log, copy, &name(home), config, now_ms)?;
        self.replace_log(moved, home.dir_index);
        self.moving = None;
        Ok(())
    }
}

const fn name<'a>(home: &Home<'a>) -> PartitionName<'a> {
    PartitionName {
        topic: home.topic,
        partition: home.partition,
        topic_id: home.topic_id,
    }
}

/// So much may be missing in a copy that the rest is copied while everything waits.
const SMALL_BYTES: u64 = 1 << 20;
/// After so many rounds the rest is copied even if it is more: somebody writes faster than is copied.
const ROUNDS_MAX: u32 = 20;
