//! Offsets that a producer commits in its transaction: they count once the transaction is committed.
//!
//! Owns: [`PendingOffsets`], durable state that only `replay_pending` and `replay_marker` change. Guarantees: what a marker
//! commits becomes part of the group exactly as a plain commit does; what it aborts was never there.

use std::collections::BTreeMap;

use rdkafka_records::{EndTxnMarker, TransactionResult};

use super::*;

/// By partition of the internal topic and producer: a marker ends exactly one of these lists.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PendingOffsets(BTreeMap<(i32, i64), Vec<GroupRecord>>);

impl GroupCoordinator {
    /// TxnOffsetCommit: all of these offsets or none, once the producer's transaction is committed.
    pub(crate) fn commit_pending(
        &mut self,
        commit: Commit,
        producer: Producer,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<(), ErrorCode> {
        match self.groups.get_mut(&commit.group_id) {
            Some(group) => group.check_pending(&commit, now)?,
            None if commit.generation >= 0 => return Err(ErrorCode::ILLEGAL_GENERATION),
            None => {}
        }
        let group = commit.group_id.clone();
        let records = commit.into_records();
        if records.is_empty() {
            return Ok(());
        }
        let home = journal.append_pending(&group, &records, producer)?;
        for record in records {
            self.replay_pending(home, producer.id, record);
        }
        Ok(())
    }

    /// A record of an open transaction in a partition of the internal topic.
    pub(crate) fn replay_pending(&mut self, home: i32, producer_id: i64, record: GroupRecord) {
        let pending = self.pending.0.entry((home, producer_id));
        pending.or_default().push(record);
    }

    /// The end of a transaction in a partition of the internal topic.
    pub(crate) fn replay_marker(&mut self, home: i32, marker: &EndTxnMarker, now: Now) {
        let Some(records) = self.pending.0.remove(&(home, marker.producer_id)) else {
            return;
        };
        if marker.result == TransactionResult::Commit {
            for record in records {
                self.replay(record, now);
            }
        }
    }

    /// Whether an open transaction may move this offset.
    pub(crate) fn is_unstable(&self, group_id: &str, topic: &str, partition: i32) -> bool {
        self.pending.0.values().flatten().any(|record| {
            matches!(record, GroupRecord::Offset { group, topic: of, partition: at, .. }
                if **group == *group_id && **of == *topic && *at == partition)
        })
    }
}
