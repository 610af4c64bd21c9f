//! How a transaction ends: the decision, the markers, the completion.
//!
//! Owns: the way `Ongoing` → `Prepare…` → `Complete…`. Guarantees: the decision is written before the first marker, and
//! markers that could not be written are tried again until they are (a second marker of the same kind does nothing).

use super::*;

/// What happens to the epoch when a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Epoch {
    /// It stays, as in the first version of the protocol.
    Stays,
    /// The next one, so that whoever has this one can write no more.
    Next,
}

impl TransactionCoordinator {
    /// EndTxn. `bumps` is the second version of the protocol (KIP-890, EndTxn 5 and later): every transaction ends with a
    /// new epoch, which is the answer.
    pub(crate) fn end(
        &mut self,
        id: &StrBytes,
        producer: Producer,
        result: TransactionResult,
        bumps: bool,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<Producer, ErrorCode> {
        if bumps && let Some(answer) = self.answer_again(id, producer, result) {
            return answer;
        }
        let state = self.check(id, producer)?;
        let (prepared, complete) = statuses(result);
        match state.status {
            Status::Ongoing => {}
            status if status == complete && !bumps => return Ok(producer),
            // A client that does not know whether it had written anything aborts to be sure.
            Status::Empty | Status::CompleteCommit | Status::CompleteAbort
                if bumps && result == TransactionResult::Abort => {}
            status if status == prepared => return Err(ErrorCode::CONCURRENT_TRANSACTIONS),
            _ => return Err(ErrorCode::INVALID_TXN_STATE),
        }
        let epoch = if bumps { Epoch::Next } else { Epoch::Stays };
        let mut next = state.clone();
        if bumps && producer.is_exhausted() {
            next.next_producer_id = journal.new_producer_id()?;
        }
        self.decide(id, next, result, epoch, now, journal)?;
        let transaction = self.transactions.get(id);
        let state = transaction.map(|it| &it.state);
        Ok(match state {
            Some(state) if state.next_producer_id >= 0 => Producer {
                id: state.next_producer_id,
                epoch: 0,
            },
            Some(state) => Producer {
                id: state.producer_id,
                epoch: state.producer_epoch,
            },
            None => producer,
        })
    }

    /// The answer to an EndTxn that was carried out before and asks again with its old epoch.
    fn answer_again(
        &self,
        id: &StrBytes,
        producer: Producer,
        result: TransactionResult,
    ) -> Option<Result<Producer, ErrorCode>> {
        let transaction = self.transactions.get(id)?;
        let state = &transaction.state;
        let is_before = (producer.id == state.producer_id
            && producer.epoch.checked_add(1) == Some(state.producer_epoch))
            || (producer.id == state.previous_producer_id
                && producer.is_exhausted()
                && state.producer_epoch == 0);
        if !is_before {
            return None;
        }
        let (prepared, complete) = statuses(result);
        match state.status {
            status if status == complete => Some(Ok(transaction.producer())),
            status if status == prepared => Some(Err(ErrorCode::CONCURRENT_TRANSACTIONS)),
            Status::CompleteCommit | Status::CompleteAbort if state.client_version >= 2 => {
                Some(Err(ErrorCode::INVALID_TXN_STATE))
            }
            _ => None,
        }
    }

    /// Aborts an open transaction in a way that its producer notices: the epoch is not its own any more.
    pub(super) fn fence_and_abort(
        &mut self,
        id: &StrBytes,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<(), ErrorCode> {
        let Some(transaction) = self.transactions.get(id) else {
            return Ok(());
        };
        let state = transaction.state.clone();
        let result = TransactionResult::Abort;
        self.decide(id, state, result, Epoch::Next, now, journal)
    }

    fn decide(
        &mut self,
        id: &StrBytes,
        mut next: TransactionState,
        result: TransactionResult,
        epoch: Epoch,
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<(), ErrorCode> {
        next.status = statuses(result).0;
        if epoch == Epoch::Next {
            next.producer_epoch = next.producer_epoch.saturating_add(1);
        }
        next.last_update_ms = now.unix_ms;
        self.set(id, next, now, journal)?;
        self.complete(id, now, journal);
        Ok(())
    }

    /// Writes the markers of a decided transaction. What fails is tried again a little later.
    pub(super) fn complete(&mut self, id: &StrBytes, now: Now, journal: &mut dyn Journal) {
        let Some(transaction) = self.transactions.get(id) else {
            return;
        };
        let mut next = transaction.state.clone();
        let (result, complete) = match next.status {
            Status::PrepareCommit => (TransactionResult::Commit, Status::CompleteCommit),
            Status::PrepareAbort => (TransactionResult::Abort, Status::CompleteAbort),
            _ => return,
        };
        let marker = EndTxnMarker {
            producer_id: next.producer_id,
            producer_epoch: next.producer_epoch,
            coordinator_epoch: COORDINATOR_EPOCH,
            result,
        };
        let mut outcome = Ok(());
        for (topic, partitions) in &next.partitions {
            for partition in partitions {
                // One that fails does not keep the others from readers.
                if let Err(code) = journal.write_marker(topic, *partition, &marker) {
                    outcome = Err(code);
                }
            }
        }
        next.status = complete;
        next.partitions.clear();
        next.last_update_ms = now.unix_ms;
        if next.next_producer_id >= 0 {
            next.previous_producer_id = next.producer_id;
            next.producer_id = next.next_producer_id;
            next.next_producer_id = -1;
            next.producer_epoch = 0;
        }
        if let Err(code) = outcome.and_then(|()| self.set(id, next, now, journal)) {
            tracing::error!(transactional_id = %id, error = %code.name(), "markers are missing");
            self.arm(id, Some(now.mono + RETRY_AFTER));
        }
    }
}

/// The state between decision and markers, and the state after them.
fn statuses(result: TransactionResult) -> (Status, Status) {
    match result {
        TransactionResult::Commit => (Status::PrepareCommit, Status::CompleteCommit),
        TransactionResult::Abort => (Status::PrepareAbort, Status::CompleteAbort),
    }
}
