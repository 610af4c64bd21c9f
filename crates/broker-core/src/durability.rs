//! How what was written gets to the disk, and who waits for it.
//!
//! Owns: the way of an fsync from the shard to the flusher and back, and the answers that are held until it is done.
//! Guarantees, for logs whose flush policy asks for it (`flush.messages`): no answer leaves before what it promises
//! is on the disk, be it a produce request's or a coordinator's, and no reader sees a record before it is there; one fsync a log is under way at a time, and whatever is
//! written meanwhile shares the next (group commit). Leaves to others: the fsync itself (the shell).

use rdkafka_log::{Flushed, LogError};

use crate::api::{self, Response};
use crate::purgatory::{HeldAnswers, ProduceId, Synced};
use crate::request::Now;
use crate::shard::{FlushTarget, Output, Shard};
use crate::topics::PartitionKey;

impl Shard {
    /// Has a partition brought to the disk.
    pub(crate) fn flush(&mut self, key: PartitionKey) {
        let Some(partition) = self.topics.partition_mut(key) else {
            return;
        };
        match partition.flush_task() {
            Ok(Some(task)) => self.push_output(Output::Flush(FlushTarget::partition(key), task)),
            Ok(None) => {}
            Err(error) => self.fail_syncs(key, &error),
        }
    }

    /// Has topics and producer ids brought to the disk.
    pub(crate) fn flush_cluster_log(&mut self) {
        match self.topics.cluster.flush_task() {
            Ok(Some(task)) => self.push_output(Output::Flush(FlushTarget::cluster(), task)),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the cluster metadata cannot be flushed");
                self.cluster_synced(Err(()));
            }
        }
    }

    /// Takes in a finished fsync.
    pub(crate) fn flushed(&mut self, target: FlushTarget, flushed: Flushed, now: Now) {
        let Some(key) = target.key() else {
            let outcome = self.topics.cluster.flushed(flushed);
            if let Err(error) = &outcome {
                tracing::error!(%error, "the cluster metadata did not reach the disk");
            }
            self.cluster_synced(outcome.map_err(|_| ()));
            return;
        };
        let Some(partition) = self.topics.partition_mut(key) else {
            return;
        };
        match partition.flushed(flushed) {
            Ok(durable) => {
                let wants_more = self.flushed_up_to(key, durable);
                self.finish_relocation(key, now);
                if wants_more {
                    self.flush(key);
                }
            }
            Err(error) => self.fail_syncs(key, &error),
        }
    }

    /// Everything below an offset is on the disk; whether somebody waits for more.
    fn flushed_up_to(&mut self, key: PartitionKey, durable: i64) -> bool {
        let Some(partition) = self.topics.partition_mut(key) else {
            return false;
        };
        let (done, waiting) = split(&mut partition.syncs, durable);
        partition.syncs = waiting;
        let wants_more = !partition.syncs.is_empty() || partition.has_hidden();
        self.data_visible(key);
        self.synced(done, None);
        wants_more
    }

    /// A partition goes on with a copy that is on the disk as a whole.
    pub(crate) fn took_over(&mut self, key: PartitionKey) {
        self.flushed_up_to(key, i64::MAX);
    }

    /// Waits with the answers of this input, if coordinators wrote something that must be on the disk before it is told.
    pub(crate) fn hold_answers(&mut self) {
        let unsynced = self.topics.take_unsynced();
        let has_news = self.topics.cluster.take_news();
        let cluster_end = self.topics.cluster.must_flush().filter(|_| has_news);
        let missing = unsynced.len() + usize::from(cluster_end.is_some());
        if missing > 0 {
            let held = HeldAnswers {
                answers: self.take_answers(),
                missing,
                has_failed: false,
            };
            let id = self.purgatory.hold(held);
            self.topics
                .cluster
                .syncs
                .extend(cluster_end.map(|end| (end, id)));
            for key in unsynced {
                let Some(partition) = self.topics.partition_mut(key) else {
                    self.synced(vec![id], None);
                    continue;
                };
                let end = partition.offsets().end;
                partition.syncs.push((end, id));
                self.flush(key);
            }
        }
        if has_news {
            self.flush_cluster_log();
        }
    }

    /// A partition is gone: whoever waits for it to be on the disk waits no more.
    pub(crate) fn synced(&mut self, ids: Vec<ProduceId>, failed: Option<i16>) {
        for id in ids {
            match self.purgatory.synced(id, failed) {
                Some(Synced::Produce(produce)) => {
                    self.reply(produce.ticket, Response::Produce(produce.response));
                }
                Some(Synced::Held(held)) => self.let_go(held),
                None => {}
            }
        }
    }

    /// A client that is told nothing asks again; one that is told a lie does not.
    fn let_go(&mut self, held: HeldAnswers) {
        for (ticket, response) in held.answers {
            if held.has_failed {
                let reason = "what was to be answered did not reach the disk".to_owned();
                self.close_connection(ticket.connection, reason);
            } else {
                self.push_output(Output::Reply(ticket, response));
            }
        }
    }

    fn cluster_synced(&mut self, durable: Result<i64, ()>) {
        let cluster = &mut self.topics.cluster;
        let (done, waiting) = split(&mut cluster.syncs, durable.unwrap_or(i64::MAX));
        cluster.syncs = waiting;
        let wants_more = !cluster.syncs.is_empty();
        self.synced(done, durable.err().map(|()| STORAGE_ERROR));
        if wants_more {
            self.flush_cluster_log();
        }
    }

    fn fail_syncs(&mut self, key: PartitionKey, error: &LogError) {
        let code = api::log_failure("flush", error);
        let Some(partition) = self.topics.partition_mut(key) else {
            return;
        };
        let (waiting, _) = split(&mut partition.syncs, i64::MAX);
        self.synced(waiting, Some(code.code()));
    }
}

/// Those that are on the disk, and the rest.
fn split(
    syncs: &mut Vec<(i64, ProduceId)>,
    durable: i64,
) -> (Vec<ProduceId>, Vec<(i64, ProduceId)>) {
    let (done, waiting): (Vec<_>, Vec<_>) = std::mem::take(syncs)
        .into_iter()
        .partition(|(end, _)| *end <= durable);
    (done.into_iter().map(|(_, id)| id).collect(), waiting)
}

const STORAGE_ERROR: i16 = rdkafka_wire::ErrorCode::KAFKA_STORAGE_ERROR.code();
