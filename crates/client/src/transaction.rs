//! Transactions, blocking: what `initTransactions()` and its like wait for.
//!
//! Owns nothing: the state is the core's. Guarantees: a call whose time is over leaves the work going on, and the same
//! call resumes it; the application is told of success exactly once, because the core keeps it until it hears so.
//! While a commit or an abort waits for records to meet their fate, events are served. The application's thread.

use std::time::{Duration, Instant};

use rdkafka_client_core::admin::{Call, CallReply};
use rdkafka_client_core::io::{Command, Event};
use rdkafka_client_core::producer::{
    Command as ProducerCommand, TransactionCall, TransactionError, TransactionOffsets,
};
use rdkafka_wire::ErrorCode;

use crate::handle::{Client, Flow};

/// For what the core answers at once.
const AT_ONCE_MS: i32 = 10_000;

impl Client {
    /// Get the producer id of this transactional id; transactions that an earlier producer left open are aborted, and
    /// that producer is fenced. `timeout_ms` -1: twice `transaction.timeout.ms`.
    ///
    /// # Errors
    /// `_TIMED_OUT` (retriable: call again to resume), `_FENCED` and what the coordinator said (fatal), `_STATE` out of
    /// turn.
    pub fn init_transactions(
        &self,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), TransactionError> {
        self.check_transactional()?;
        let timeout_ms = match self.conf() {
            Some(conf) if timeout_ms < 0 => {
                i32::try_from(conf.producer.transaction_timeout_ms.saturating_mul(2))
                    .unwrap_or(i32::MAX)
            }
            _ => timeout_ms,
        };
        self.transact(TransactionCall::Init, timeout_ms, interrupted)?;
        self.acknowledge();
        Ok(())
    }

    /// Begin a transaction: from now on records may be produced, and belong to it.
    ///
    /// # Errors
    /// `_STATE` out of turn.
    pub fn begin_transaction(&self) -> Result<(), TransactionError> {
        self.check_transactional()?;
        self.transact(TransactionCall::Begin, AT_ONCE_MS, &|| false)
    }

    /// Send what is queued, wait until every record was acknowledged, and commit. Serves events meanwhile.
    ///
    /// # Errors
    /// `_TIMED_OUT` (retriable: call again to resume), errors that require an abort, fatal ones, `_STATE` out of turn.
    pub fn commit_transaction(
        &self,
        timeout_ms: i32,
        sink: &mut dyn FnMut(Event) -> Flow,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), TransactionError> {
        let calls = [TransactionCall::BeginCommit, TransactionCall::Commit];
        self.end_transaction(calls, timeout_ms, sink, interrupted)
    }

    /// Drop what is queued (its reports say `_PURGE_QUEUE`), wait for what is in flight, and abort. Serves events
    /// meanwhile.
    ///
    /// # Errors
    /// As [`Self::commit_transaction`].
    pub fn abort_transaction(
        &self,
        timeout_ms: i32,
        sink: &mut dyn FnMut(Event) -> Flow,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), TransactionError> {
        let calls = [TransactionCall::BeginAbort, TransactionCall::Abort];
        self.end_transaction(calls, timeout_ms, sink, interrupted)
    }

    /// Make consumed offsets part of the transaction: they are committed for the group when it commits, and not at all
    /// when it aborts. `timeout_ms` -1: no limit.
    ///
    /// # Errors
    /// `_TIMED_OUT` (retriable: call again), errors that require an abort (the group has a new generation, ...), fatal
    /// ones, `_STATE` outside a transaction.
    pub fn send_offsets_to_transaction(
        &self,
        offsets: TransactionOffsets,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), TransactionError> {
        self.check_transactional()?;
        self.ask(Call::SendOffsets(offsets), timeout_ms, interrupted)
    }

    fn end_transaction(
        &self,
        [begin, end]: [TransactionCall; 2],
        timeout_ms: i32,
        sink: &mut dyn FnMut(Event) -> Flow,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), TransactionError> {
        let deadline = u64::try_from(timeout_ms)
            .ok()
            .and_then(|ms| Instant::now().checked_add(Duration::from_millis(ms)));
        self.check_transactional()?;
        self.transact(begin, AT_ONCE_MS, &|| false)?;
        if self.flush(timeout_ms, sink, interrupted).is_error() {
            let text = format!(
                "Failed to flush all outstanding messages within the API timeout: {} message(s) remaining",
                self.out_queue_len()
            );
            return Err(TransactionError::retriable(ErrorCode::_TIMED_OUT, text));
        }
        let left_ms = deadline.map_or(-1, |deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            i32::try_from(left.as_millis()).unwrap_or(i32::MAX)
        });
        self.transact(end, left_ms, interrupted)?;
        self.acknowledge();
        Ok(())
    }

    fn check_transactional(&self) -> Result<(), TransactionError> {
        match self.conf() {
            Some(conf) if conf.producer.transactional_id.is_none() => Err(TransactionError::new(
                ErrorCode::_NOT_CONFIGURED,
                "The Transactional API requires transactional.id to be configured",
            )),
            _ => Ok(()),
        }
    }

    fn transact(
        &self,
        call: TransactionCall,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), TransactionError> {
        self.ask(Call::Transaction(call), timeout_ms, interrupted)
    }

    fn ask(
        &self,
        call: Call,
        timeout_ms: i32,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<(), TransactionError> {
        match self.call(call, timeout_ms, interrupted) {
            Ok(CallReply::Transaction(answer)) => answer,
            // The core goes on with it in both cases.
            Err(ErrorCode::_TIMED_OUT | ErrorCode::_INTR) => Err(TransactionError::retriable(
                ErrorCode::_TIMED_OUT,
                "Timed out waiting for operation to finish, retry call to resume",
            )),
            Ok(_) => Err(TransactionError::new(
                ErrorCode::_FAIL,
                ErrorCode::_FAIL.text(),
            )),
            Err(code @ (ErrorCode::_AUTHENTICATION | ErrorCode::_SSL)) => {
                Err(TransactionError::retriable(
                    code,
                    format!(
                        "No broker lets this client in ({}): see its errors",
                        code.text()
                    ),
                ))
            }
            Err(code) => Err(TransactionError::new(code, code.text())),
        }
    }

    fn acknowledge(&self) {
        self.command(Command::Producer(ProducerCommand::TransactionAcknowledged));
    }
}
