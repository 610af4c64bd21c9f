//! The transaction coordinator: who may write under a transactional id, and how its transactions end.
//!
//! Owns: the state of every transactional id and when a transaction times out. Guarantees: whatever must survive a restart
//! goes through the [`Journal`] first and changes state by [`TransactionCoordinator::replay`] only; a decision (commit or
//! abort) is written before the first marker, and is carried out after a restart. Leaves to others: encoding of requests
//! (`api/`), the logs of the internal topic and of the partitions that get markers (`Journal`). Runs on the shard thread.
//! States and transitions: `docs/design/transaction-coordinator.md`.

mod describe;
mod end;
pub(crate) mod records;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use rdkafka_records::{EndTxnMarker, TransactionResult};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::request::Now;
pub(crate) use describe::TransactionFilter;
pub(crate) use records::{Status, TransactionState};

/// What the coordinator writes to, and asks of.
pub(crate) trait Journal {
    /// Appends the record of one transactional id; without a state, its tombstone.
    fn append(&mut self, id: &StrBytes, state: Option<&TransactionState>) -> Result<(), ErrorCode>;
    /// Ends a transaction in one partition. A partition that is gone needs no marker: that is no error.
    fn write_marker(
        &mut self,
        topic: &str,
        partition: i32,
        marker: &EndTxnMarker,
    ) -> Result<(), ErrorCode>;
    /// A producer id that nobody has or had.
    fn new_producer_id(&mut self) -> Result<i64, ErrorCode>;
}

/// A producer as it shows itself: its id and epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Producer {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

impl Producer {
    /// Its epochs are used up: the next one needs a new id. (The last epoch is kept for fencing.)
    fn is_exhausted(self) -> bool {
        self.epoch >= i16::MAX - 1
    }
}

/// One transactional id.
#[derive(Debug)]
struct Transaction {
    state: TransactionState,
    /// The producer that the last InitProducerId brought along: if its answer was lost, it asks again.
    bumped_from: Option<Producer>,
    /// When it needs a look: the transaction times out, or markers are tried again.
    deadline: Option<Duration>,
}

/// All transactional ids.
#[derive(Debug)]
pub(crate) struct TransactionCoordinator {
    max_timeout_ms: i32,
    expiration_ms: i64,
    transactions: HashMap<StrBytes, Transaction>,
    deadlines: BTreeSet<(Duration, StrBytes)>,
}

impl TransactionCoordinator {
    /// Settings that hold from now on.
    pub(crate) fn set_config(&mut self, max_timeout_ms: i32, expiration_ms: i64) {
        self.max_timeout_ms = max_timeout_ms;
        self.expiration_ms = expiration_ms;
    }

    pub(crate) fn new(max_timeout_ms: i32, expiration_ms: i64) -> Self {
        Self {
            max_timeout_ms,
            expiration_ms,
            transactions: HashMap::new(),
            deadlines: BTreeSet::new(),
        }
    }

    /// InitProducerId: a new epoch, which fences whoever had the last one and aborts what it left open. `expected` is
    /// what the client thinks it is (KIP-360).
    pub(crate) fn init(
        &mut self,
        id: &StrBytes,
        timeout_ms: i32,
        expected: Option<Producer>,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<Producer, ErrorCode> {
        if id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        if timeout_ms <= 0 || timeout_ms > self.max_timeout_ms {
            return Err(ErrorCode::INVALID_TRANSACTION_TIMEOUT);
        }
        let mut next = match self.transactions.get(id) {
            Some(transaction) => {
                if let Some(producer) = expected
                    && !transaction.may_be(producer)
                {
                    return Err(ErrorCode::PRODUCER_FENCED);
                }
                let current = transaction.producer();
                if transaction.state.status.is_prepared() {
                    return Err(ErrorCode::CONCURRENT_TRANSACTIONS);
                }
                if transaction.state.status == Status::Ongoing {
                    self.fence_and_abort(id, now, journal)?;
                } else if expected.is_some_and(|it| it != current)
                    && transaction.bumped_from == expected
                {
                    return Ok(current);
                }
                self.renewed(id, journal)?
            }
            None => fresh(journal.new_producer_id()?),
        };
        next.timeout_ms = timeout_ms;
        next.status = Status::Empty;
        next.partitions.clear();
        next.start_ms = -1;
        next.last_update_ms = now.unix_ms;
        let producer = Producer {
            id: next.producer_id,
            epoch: next.producer_epoch,
        };
        let id = id.copy_out_of_frame();
        self.set(&id, next, now, journal)?;
        if let Some(transaction) = self.transactions.get_mut(&id) {
            transaction.bumped_from = expected;
        }
        Ok(producer)
    }

    /// The state with the next epoch, or with a new id when epochs are used up.
    fn renewed(
        &self,
        id: &StrBytes,
        journal: &mut dyn Journal,
    ) -> Result<TransactionState, ErrorCode> {
        let transaction = self
            .transactions
            .get(id)
            .ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)?;
        let mut next = transaction.state.clone();
        if next.status.is_prepared() {
            return Err(ErrorCode::CONCURRENT_TRANSACTIONS);
        }
        if transaction.producer().is_exhausted() {
            next.previous_producer_id = next.producer_id;
            next.producer_id = journal.new_producer_id()?;
            next.producer_epoch = 0;
        } else {
            next.producer_epoch += 1;
        }
        Ok(next)
    }

    /// Partitions take part in the producer's transaction; the first ones begin it.
    pub(crate) fn add_partitions(
        &mut self,
        id: &StrBytes,
        producer: Producer,
        partitions: &[(StrBytes, i32)],
        client_version: i16,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<(), ErrorCode> {
        let state = self.check(id, producer)?;
        if state.status.is_prepared() {
            return Err(ErrorCode::CONCURRENT_TRANSACTIONS);
        }
        let is_ongoing = state.status == Status::Ongoing;
        if is_ongoing && partitions.iter().all(|(topic, it)| state.has(topic, *it)) {
            return Ok(());
        }
        let mut next = state.clone();
        if !is_ongoing {
            next.status = Status::Ongoing;
            next.partitions = BTreeMap::new();
            next.start_ms = now.unix_ms;
        }
        for (topic, partition) in partitions {
            let of_topic = next.partitions.entry(topic.copy_out_of_frame());
            of_topic.or_default().insert(*partition);
        }
        next.client_version = client_version;
        next.last_update_ms = now.unix_ms;
        self.set(id, next, now, journal)
    }

    /// Whether a partition takes part in the producer's transaction: INVALID_TXN_STATE if not.
    pub(crate) fn verify(
        &self,
        id: &StrBytes,
        producer: Producer,
        topic: &str,
        partition: i32,
    ) -> Result<(), ErrorCode> {
        let state = self.check(id, producer)?;
        if state.status.is_prepared() {
            Err(ErrorCode::CONCURRENT_TRANSACTIONS)
        } else if state.status == Status::Ongoing && state.has(topic, partition) {
            Ok(())
        } else {
            Err(ErrorCode::INVALID_TXN_STATE)
        }
    }

    /// Whether some transaction of this producer is under way in a partition, or decided and not complete there.
    /// One of an earlier epoch does not count: the partition would not take its marker.
    pub(crate) fn is_open(&self, (id, epoch): (i64, i16), topic: &str, partition: i32) -> bool {
        self.transactions.values().any(|it| {
            it.state.producer_id == id
                && it.state.producer_epoch >= epoch
                && (it.state.status == Status::Ongoing || it.state.status.is_prepared())
                && it.state.has(topic, partition)
        })
    }

    /// Aborts transactions whose time is over, and tries again what could not be completed.
    pub(crate) fn expire(&mut self, now: Now, journal: &mut dyn Journal) {
        while let Some((deadline, id)) = self.deadlines.first().cloned() {
            if deadline > now.mono {
                break;
            }
            self.arm(&id, None);
            let Some(transaction) = self.transactions.get(&id) else {
                continue;
            };
            if transaction.state.status.is_prepared() {
                self.complete(&id, now, journal);
            } else if transaction.state.status == Status::Ongoing {
                tracing::info!(transactional_id = %id, "the transaction timed out and is aborted");
                if let Err(code) = self.fence_and_abort(&id, now, journal) {
                    tracing::error!(transactional_id = %id, error = %code.name(), "no abort yet");
                    self.arm(&id, Some(now.mono + RETRY_AFTER));
                }
            }
        }
    }

    /// Forgets ids that were not used for `transactional.id.expiration.ms`.
    pub(crate) fn expire_ids(&mut self, now: Now, journal: &mut dyn Journal) {
        let is_expired = |it: &Transaction| {
            let is_idle = it.state.status != Status::Ongoing && !it.state.status.is_prepared();
            is_idle && it.state.last_update_ms.saturating_add(self.expiration_ms) <= now.unix_ms
        };
        let expired = self.transactions.iter().filter(|(_, it)| is_expired(it));
        for id in expired.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            match journal.append(&id, None) {
                Ok(()) => self.replay(&id, None),
                Err(code) => tracing::warn!(transactional_id = %id, error = %code.name(), "stays"),
            }
        }
    }

    /// When `expire` must be called.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Changes state: the only way.
    pub(crate) fn replay(&mut self, id: &StrBytes, state: Option<TransactionState>) {
        match state {
            Some(state) => match self.transactions.get_mut(id) {
                Some(transaction) => transaction.state = state,
                None => {
                    let transaction = Transaction {
                        state,
                        bumped_from: None,
                        deadline: None,
                    };
                    self.transactions.insert(id.clone(), transaction);
                }
            },
            None => {
                self.arm(id, None);
                self.transactions.remove(id);
            }
        }
    }

    /// After the last record was replayed at start: what was decided is carried out, what is open times out as before.
    pub(crate) fn loaded(&mut self, now: Now, journal: &mut dyn Journal) {
        for id in self.transactions.keys().cloned().collect::<Vec<_>>() {
            self.arm_for_state(&id, now);
            let is_prepared = |it: &Transaction| it.state.status.is_prepared();
            if self.transactions.get(&id).is_some_and(is_prepared) {
                self.complete(&id, now, journal);
            }
        }
    }

    /// The state of an id, if this producer is the one that has it.
    fn check(&self, id: &StrBytes, producer: Producer) -> Result<&TransactionState, ErrorCode> {
        if id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        let transaction = self.transactions.get(id);
        let state = transaction.map(|it| &it.state);
        match state.filter(|it| it.producer_id == producer.id) {
            None => Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING),
            Some(state) if state.producer_epoch != producer.epoch => {
                Err(ErrorCode::PRODUCER_FENCED)
            }
            Some(state) => Ok(state),
        }
    }

    /// Writes a state and lets it take effect.
    fn set(
        &mut self,
        id: &StrBytes,
        state: TransactionState,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<(), ErrorCode> {
        journal.append(id, Some(&state))?;
        self.replay(id, Some(state));
        self.arm_for_state(id, now);
        Ok(())
    }

    fn arm_for_state(&mut self, id: &StrBytes, now: Now) {
        let Some(transaction) = self.transactions.get(id) else {
            return;
        };
        let state = &transaction.state;
        let left_ms = || {
            let end = state.start_ms.saturating_add(state.timeout_ms.into());
            u64::try_from(end.saturating_sub(now.unix_ms)).unwrap_or(0)
        };
        let deadline = match state.status {
            Status::Ongoing => Some(now.mono + Duration::from_millis(left_ms())),
            Status::PrepareCommit | Status::PrepareAbort => Some(now.mono + RETRY_AFTER),
            Status::Empty | Status::CompleteCommit | Status::CompleteAbort => None,
        };
        self.arm(id, deadline);
    }

    fn arm(&mut self, id: &StrBytes, deadline: Option<Duration>) {
        let Some(transaction) = self.transactions.get_mut(id) else {
            return;
        };
        let before = std::mem::replace(&mut transaction.deadline, deadline);
        if before == deadline {
            return;
        }
        if let Some(before) = before {
            self.deadlines.remove(&(before, id.clone()));
        }
        if let Some(deadline) = deadline {
            self.deadlines.insert((deadline, id.clone()));
        }
    }
}

impl Transaction {
    fn producer(&self) -> Producer {
        Producer {
            id: self.state.producer_id,
            epoch: self.state.producer_epoch,
        }
    }

    /// Whether a client that says what it is may be the one that has this id.
    fn may_be(&self, producer: Producer) -> bool {
        producer == self.producer()
            || self.bumped_from == Some(producer)
            || (producer.id == self.state.previous_producer_id && producer.is_exhausted())
    }
}

/// The state before the first epoch, but for the time.
fn fresh(producer_id: i64) -> TransactionState {
    TransactionState {
        producer_id,
        previous_producer_id: -1,
        next_producer_id: -1,
        producer_epoch: 0,
        timeout_ms: 0,
        status: Status::Empty,
        partitions: BTreeMap::new(),
        last_update_ms: -1,
        start_ms: -1,
        client_version: 0,
    }
}

/// The epoch of this coordinator: it has been the only one from the start.
pub(crate) const COORDINATOR_EPOCH: i32 = 0;
const RETRY_AFTER: Duration = Duration::from_secs(1);
