//! The transactions of a producer: what `initTransactions()`, `beginTransaction()`, `commitTransaction()` and
//! `abortTransaction()` do on the driver's side.
//!
//! | state | action | transition |
//! |---|---|---|
//! | `Off` | not transactional | - |
//! | `Init` | nothing may be produced | init → `WaitPid` |
//! | `WaitPid` | InitProducerId until it is answered | answered → `ReadyNotAcked`; fenced, refused → `FatalError` |
//! | `Ready` | nothing may be produced | begin → `InTransaction` |
//! | `InTransaction` | partitions are registered (AddPartitionsToTxn) before their first batch is sent | begin of commit, of abort |
//! | `BeginCommit` | the application flushes | commit → `Committing`; records failed → `AbortableError` |
//! | `Committing` | EndTxn until it is answered | answered → `CommitNotAcked` |
//! | `BeginAbort` | what is queued has failed, what is in flight is awaited | abort → `Aborting` |
//! | `Aborting` | EndTxn, or InitProducerId where sequences have gaps | answered → `AbortedNotAcked` |
//! | `...NotAcked` | the application has not heard of it yet | acknowledged → `Ready` |
//! | `AbortableError` | nothing is sent | begin of abort → `BeginAbort` |
//! | `FatalError` | nothing is possible any more | - |
//!
//! **Invariant**: at most one request of the transaction is under way, so what the coordinator was asked last is never
//! in doubt. A call whose time is over changes nothing here: the work goes on, and the same call resumes it. A batch
//! that was given a number and failed leaves a gap; such a transaction is aborted by a new epoch (KIP-360), under which
//! all sequences begin anew and late batches of the old one are refused.
//!
//! Where the cluster's features say `transaction.version` 2 (KIP-890), partitions and offsets register themselves and
//! every EndTxn brings a new epoch; [`Transaction::is_v2`] is decided when a transaction begins. Driver thread.

mod call;
mod end;
mod identity;
mod offsets;
mod partitions;
mod refused;

use std::collections::BTreeSet;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

pub use self::call::{GroupMetadata, TransactionCall, TransactionError, TransactionOffsets};

use self::offsets::Offsets;

use super::idempotence::ProducerIdentity;
use super::{PartitionKey, Producer, Reply, Timer};
use crate::admin::{CallReply, socket_timeout};
use crate::backoff::Backoff;
use crate::conf::{ClientConfig, DebugContexts};
use crate::context::Cx;
use crate::coordinator::CoordinatorKind;
use crate::io::{CallId, Moment};
use crate::request::{Request, RequestError, Response};

/// The coordinator still writes the markers of the transaction before: that takes milliseconds.
const CONCURRENT_DELAY: Duration = Duration::from_millis(20);

/// Which question an answer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionReply {
    /// The producer id.
    Identity,
    /// Partitions to register.
    Partitions,
    /// A group whose offsets are to be committed.
    Group,
    /// Offsets; the number tells them from those of an earlier call.
    Offsets(u64),
    /// The end of the transaction.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Off,
    Init,
    WaitPid,
    ReadyNotAcked,
    Ready,
    InTransaction,
    BeginCommit,
    Committing,
    CommitNotAcked,
    BeginAbort,
    Aborting,
    AbortedNotAcked,
    AbortableError,
    FatalError,
}

impl State {
    /// The name that errors tell.
    const fn name(self) -> &'static str {
        match self {
            Self::Off | Self::Init => "Init",
            Self::WaitPid => "WaitPID",
            Self::ReadyNotAcked => "ReadyNotAcked",
            Self::Ready => "Ready",
            Self::InTransaction => "InTransaction",
            Self::BeginCommit => "BeginCommit",
            Self::Committing => "CommittingTransaction",
            Self::CommitNotAcked => "CommitNotAcked",
            Self::BeginAbort => "BeginAbort",
            Self::Aborting => "AbortingTransaction",
            Self::AbortedNotAcked => "AbortedNotAcked",
            Self::AbortableError => "AbortableError",
            Self::FatalError => "FatalError",
        }
    }

    /// The call that is under way, and may only be resumed.
    const fn api(self) -> Option<&'static str> {
        match self {
            Self::WaitPid | Self::ReadyNotAcked => Some("init_transactions"),
            Self::BeginCommit | Self::Committing | Self::CommitNotAcked => {
                Some("commit_transaction")
            }
            Self::BeginAbort | Self::Aborting | Self::AbortedNotAcked => Some("abort_transaction"),
            _ => None,
        }
    }
}

impl TransactionCall {
    const fn api(self) -> &'static str {
        match self {
            Self::Init => "init_transactions",
            Self::Begin => "begin_transaction",
            Self::BeginCommit | Self::Commit => "commit_transaction",
            Self::BeginAbort | Self::Abort => "abort_transaction",
        }
    }
}

/// What a coordinator's error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Done,
    Retry,
    /// Ask again, another coordinator.
    Relocate,
    Abort,
    /// Abort, by a new epoch.
    Renew,
    Fatal,
}

/// The transaction of a producer.
#[derive(Debug)]
pub(crate) struct Transaction {
    id: Option<StrBytes>,
    timeout_ms: i32,
    state: State,
    error: Option<TransactionError>,
    identity: Option<ProducerIdentity>,
    /// Partitions the coordinator knows of.
    registered: BTreeSet<PartitionKey>,
    /// Partitions it has to be told of.
    pending: BTreeSet<PartitionKey>,
    /// Partitions it is being told of.
    registering: Vec<PartitionKey>,
    is_asked: bool,
    is_backing_off: bool,
    /// A batch that had its number failed.
    has_gap: bool,
    /// The coordinator wants this producer to have a new epoch before anything else.
    wants_epoch: bool,
    /// The protocol of `transaction.version` 2.
    is_v2: bool,
    offsets: Offsets,
    failed: u64,
    waiting: Option<CallId>,
    backoff: Backoff,
    /// Since when the state is what it is.
    since: Moment,
}

impl Transaction {
    /// What the statistics tell: the state's name, since when, and whether records may be produced.
    pub(crate) fn told(&self) -> (&'static str, Moment, bool) {
        let may_enqueue = self.state == State::InTransaction;
        (self.state.name(), self.since, may_enqueue)
    }

    pub(crate) fn new(conf: &ClientConfig) -> Self {
        let id = conf
            .producer
            .transactional_id
            .as_deref()
            .map(StrBytes::from);
        Self {
            state: if id.is_some() {
                State::Init
            } else {
                State::Off
            },
            id,
            timeout_ms: i32::try_from(conf.producer.transaction_timeout_ms).unwrap_or(i32::MAX),
            error: None,
            identity: None,
            registered: BTreeSet::new(),
            pending: BTreeSet::new(),
            registering: Vec::new(),
            is_asked: false,
            since: Moment::default(),
            is_backing_off: false,
            has_gap: false,
            wants_epoch: false,
            is_v2: false,
            offsets: Offsets::default(),
            failed: 0,
            waiting: None,
            backoff: Backoff::new(conf.retry_backoff_ms, conf.retry_backoff_max_ms),
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.state != State::Off
    }

    pub(crate) fn id(&self) -> Option<&StrBytes> {
        self.id.as_ref()
    }

    /// Whether a batch that came back is to be given up, for its transaction is.
    pub(crate) fn is_given_up(&self) -> bool {
        matches!(
            self.state,
            State::BeginAbort | State::Aborting | State::AbortableError | State::FatalError
        )
    }

    /// Whether batches of this partition may be sent; makes a note when the coordinator has to hear of it first.
    pub(crate) fn admits(&mut self, key: PartitionKey) -> bool {
        match self.state {
            State::Off => true,
            State::InTransaction | State::BeginCommit => {
                if self.is_v2 {
                    // Its leader tells the coordinator: of what is sent, see `note_sent`.
                    return true;
                }
                let is_registered = self.registered.contains(&key);
                if !is_registered && !self.registering.contains(&key) {
                    self.pending.insert(key);
                }
                is_registered
            }
            _ => false,
        }
    }

    /// A batch of this partition leaves. Only that makes the transaction known to the coordinator: one that was never
    /// heard of cannot be ended.
    pub(crate) fn note_sent(&mut self, key: PartitionKey) {
        if self.is_on() {
            self.registered.insert(key);
        }
    }

    /// Whether the coordinator has to be told of partitions before records are sent to them.
    pub(crate) fn registers_partitions(&self) -> bool {
        self.is_on() && !self.is_v2
    }

    /// Whether it can only be ended by InitProducerId.
    fn needs_new_epoch(&self) -> bool {
        // In the second version every end brings a new epoch, so it closes gaps by itself.
        self.wants_epoch || (self.has_gap && !self.is_v2)
    }

    /// Whether the coordinator may have heard of this transaction.
    fn is_known_to_coordinator(&self) -> bool {
        !self.registered.is_empty() || self.offsets.is_known_to_coordinator()
    }

    /// Records failed; `was_numbered`, when their numbers are missing from the partition's sequence.
    pub(crate) fn note_failed(&mut self, count: u64, was_numbered: bool) {
        self.failed += count;
        self.has_gap |= was_numbered;
    }
}

impl Producer {
    /// A call of the application. It is answered here and now, or when the coordinator has spoken.
    pub(crate) fn transact(&mut self, id: CallId, call: TransactionCall, cx: &mut Cx<'_>) {
        match self.next_state(call) {
            Ok(None) => self.answer_transaction(id, Ok(()), cx),
            Ok(Some(state)) => {
                let before = std::mem::replace(&mut self.transaction.state, state);
                self.enter(before, cx);
                let is_waited_for = matches!(
                    self.transaction.state,
                    State::WaitPid | State::Committing | State::Aborting
                );
                if is_waited_for {
                    // A call that waited before has given up, or this one would not have come.
                    self.transaction.waiting = Some(id);
                    self.advance(cx);
                } else {
                    self.answer_transaction(id, Ok(()), cx);
                }
            }
            Err(error) => {
                if error.requires_abort && self.transaction.state == State::BeginCommit {
                    self.abortable(error.code, error.text.clone(), cx);
                }
                self.answer_transaction(id, Err(error), cx);
            }
        }
    }

    /// The one table: where a call leads to; `None` where it has been reached already.
    fn next_state(&self, call: TransactionCall) -> Result<Option<State>, TransactionError> {
        use State as S;
        use TransactionCall as C;
        let transaction = &self.transaction;
        let state = transaction.state;
        if let Some(api) = state.api().filter(|&api| api != call.api()) {
            let text = format!("Conflicting {api} API call is already in progress");
            return Err(TransactionError::retriable(ErrorCode::_CONFLICT, text));
        }
        match (state, call) {
            (S::Init | S::WaitPid, C::Init) => Ok(Some(S::WaitPid)),
            (S::ReadyNotAcked, C::Init) => Ok(None),
            (S::Ready, C::Begin) => Ok(Some(S::InTransaction)),
            (S::InTransaction, C::BeginCommit) => Ok(Some(S::BeginCommit)),
            (S::BeginCommit | S::Committing | S::CommitNotAcked, C::BeginCommit)
            | (S::CommitNotAcked, C::Commit) => Ok(None),
            (S::BeginCommit, C::Commit) if transaction.failed > 0 => {
                let text = format!(
                    "{} message(s) failed delivery (see individual delivery reports)",
                    transaction.failed
                );
                Err(TransactionError::abortable(ErrorCode::_INCONSISTENT, text))
            }
            (S::BeginCommit | S::Committing, C::Commit) => Ok(Some(S::Committing)),
            (S::InTransaction | S::AbortableError, C::BeginAbort) => Ok(Some(S::BeginAbort)),
            (S::BeginAbort | S::Aborting | S::AbortedNotAcked, C::BeginAbort)
            | (S::AbortedNotAcked, C::Abort) => Ok(None),
            (S::BeginAbort | S::Aborting, C::Abort) => Ok(Some(S::Aborting)),
            (S::AbortableError | S::FatalError, _) if transaction.error.is_some() => {
                Err(transaction
                    .error
                    .clone()
                    .unwrap_or_else(|| out_of_turn(state)))
            }
            _ => Err(out_of_turn(state)),
        }
    }

    /// What a new state means for the rest of the producer.
    fn enter(&mut self, before: State, cx: &mut Cx<'_>) {
        let state = self.transaction.state;
        if state == before {
            return;
        }
        self.told_state(cx);
        self.gauge.set_open(state == State::InTransaction);
        match state {
            State::InTransaction => {
                self.transaction.failed = 0;
                self.transaction.error = None;
                self.transaction.is_v2 = cx.transaction_version() >= 2;
            }
            State::BeginAbort => {
                self.transaction.pending.clear();
                self.drop_offsets(ErrorCode::_PURGE_QUEUE, cx);
                self.fail_queued(ErrorCode::_PURGE_QUEUE, cx);
            }
            _ => {}
        }
    }

    /// The application has heard that it is done.
    pub(super) fn transaction_acknowledged(&mut self) {
        let state = &mut self.transaction.state;
        if matches!(
            state,
            State::ReadyNotAcked | State::CommitNotAcked | State::AbortedNotAcked
        ) {
            *state = State::Ready;
        }
    }

    /// Ask the coordinator what has to be asked next, unless something is under way.
    pub(super) fn advance(&mut self, cx: &mut Cx<'_>) {
        let transaction = &mut self.transaction;
        if transaction.is_asked || transaction.is_backing_off {
            return;
        }
        match transaction.state {
            State::WaitPid => self.ask_identity(cx),
            State::InTransaction | State::BeginCommit if !transaction.pending.is_empty() => {
                self.ask_partitions(cx);
            }
            State::InTransaction | State::BeginCommit | State::Committing
                if transaction.offsets.is_wanted() =>
            {
                self.ask_offsets(cx);
            }
            State::Aborting if transaction.needs_new_epoch() => self.ask_identity(cx),
            State::Committing | State::Aborting if !transaction.is_known_to_coordinator() => {
                self.ended(cx);
            }
            State::Committing => self.ask_end(true, cx),
            State::Aborting => self.ask_end(false, cx),
            _ => {}
        }
    }

    fn ask_coordinator(&mut self, request: Request, reply: TransactionReply, cx: &mut Cx<'_>) {
        let Some(id) = self.transaction.id.clone() else {
            return;
        };
        self.transaction.is_asked = true;
        let timeout = socket_timeout(cx);
        let route = Reply::Transaction(reply);
        cx.send_coordinator(CoordinatorKind::Transaction, &id, request, route, timeout);
    }

    pub(super) fn on_transaction_timer(&mut self, cx: &mut Cx<'_>) {
        self.transaction.is_backing_off = false;
        self.advance(cx);
    }

    pub(super) fn on_transaction_reply(
        &mut self,
        reply: TransactionReply,
        result: Result<Response, RequestError>,
        cx: &mut Cx<'_>,
    ) {
        self.transaction.is_asked = false;
        match (reply, result) {
            (TransactionReply::Identity, Ok(Response::InitProducerId(response))) => {
                let identity = ProducerIdentity {
                    id: response.producer_id,
                    epoch: response.producer_epoch,
                };
                self.on_identity(ErrorCode(response.error_code), identity, cx);
            }
            (TransactionReply::Partitions, Ok(Response::AddPartitionsToTxn(response))) => {
                let results = response.results_by_topic_v3_and_below;
                let mut codes = Vec::new();
                for topic in results {
                    let index = self.by_name.get(&topic.name).copied();
                    for partition in topic.results_by_partition {
                        let code = ErrorCode(partition.partition_error_code);
                        let key = index.map(|topic| PartitionKey {
                            topic,
                            partition: partition.partition_index,
                        });
                        codes.push((key, code));
                    }
                }
                self.on_partitions(&codes, cx);
            }
            (TransactionReply::End, Ok(Response::EndTxn(response))) => self.on_end(&response, cx),
            (TransactionReply::Group, Ok(Response::AddOffsetsToTxn(response))) => {
                self.on_group_added(ErrorCode(response.error_code), cx);
            }
            (TransactionReply::Offsets(call), Ok(Response::TxnOffsetCommit(response))) => {
                let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
                let codes: Vec<_> = partitions
                    .map(|found| ErrorCode(found.error_code))
                    .collect();
                self.on_offsets(call, &codes, cx);
            }
            (reply, result) => {
                let code = result.err().map_or(ErrorCode::_BAD_MSG, RequestError::code);
                match reply {
                    TransactionReply::Identity => self.identity_failed(code, cx),
                    TransactionReply::Partitions => self.on_partitions(&[(None, code)], cx),
                    TransactionReply::End => self.on_end_code(code, cx),
                    TransactionReply::Group => self.on_group_added(code, cx),
                    TransactionReply::Offsets(call) => self.on_offsets(call, &[code], cx),
                }
            }
        }
        self.advance(cx);
        self.pump(cx);
    }

    /// The state has changed.
    fn told_state(&mut self, cx: &mut Cx<'_>) {
        self.transaction.since = cx.now.mono;
        let state = self.transaction.state.name();
        cx.debug(DebugContexts::EOS, "TXNSTATE", || {
            format!("Transaction state is now {state}")
        });
    }

    fn reached(&mut self, state: State, cx: &mut Cx<'_>) {
        self.transaction.state = state;
        self.told_state(cx);
        if let Some(id) = self.transaction.waiting.take() {
            self.answer_transaction(id, Ok(()), cx);
        }
    }

    /// Ask again after a back-off, the coordinator looked up anew if it may have moved.
    fn again(&mut self, is_moved: bool, cx: &mut Cx<'_>) {
        if is_moved && let Some(id) = &self.transaction.id {
            cx.forget_coordinator(CoordinatorKind::Transaction, id);
        }
        let delay = self.transaction.backoff.next(cx.rng());
        self.again_after(delay, cx);
    }

    fn again_after(&mut self, delay: Duration, cx: &mut Cx<'_>) {
        self.transaction.is_backing_off = true;
        self.timers.set(Timer::Transaction, cx.now.mono + delay);
    }

    fn abortable(&mut self, code: ErrorCode, text: String, cx: &mut Cx<'_>) {
        if self.transaction.is_given_up() && self.transaction.state != State::Aborting {
            return;
        }
        cx.log(4, "TXNERR", || {
            format!("Current transaction failed: {text} ({})", code.name())
        });
        self.transaction.state = State::AbortableError;
        self.told_state(cx);
        self.transaction.error = Some(TransactionError::abortable(code, text));
        self.transaction.pending.clear();
        self.fail_offsets(cx);
        self.gauge.set_open(false);
        // Nothing of it will be sent any more: who flushes need not wait.
        self.fail_queued(ErrorCode::_PURGE_QUEUE, cx);
        self.give_up_waiting(cx);
    }

    fn transaction_fatal(&mut self, code: ErrorCode, text: String, cx: &mut Cx<'_>) {
        if self.transaction.state == State::FatalError {
            return;
        }
        self.transaction.state = State::FatalError;
        self.told_state(cx);
        self.transaction.error = Some(TransactionError::fatal(code, text.clone()));
        self.transaction.pending.clear();
        self.fail_offsets(cx);
        self.gauge.set_open(false);
        self.fail_for_good(code, &text, cx);
        self.give_up_waiting(cx);
    }

    fn give_up_waiting(&mut self, cx: &mut Cx<'_>) {
        let error = self.transaction.error.clone();
        if let Some((id, error)) = self.transaction.waiting.take().zip(error) {
            self.answer_transaction(id, Err(error), cx);
        }
    }

    fn answer_transaction(
        &mut self,
        id: CallId,
        answer: Result<(), TransactionError>,
        cx: &mut Cx<'_>,
    ) {
        cx.reply(id, Ok(CallReply::Transaction(answer)));
    }
}

fn out_of_turn(state: State) -> TransactionError {
    let text = format!("Operation not valid in state {}", state.name());
    TransactionError::new(ErrorCode::_STATE, text)
}

/// Two codes, one meaning: somebody else has this transactional id.
fn normalize(code: ErrorCode) -> ErrorCode {
    match code {
        ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::PRODUCER_FENCED => ErrorCode::_FENCED,
        code => code,
    }
}

fn judge(code: ErrorCode) -> Verdict {
    match code {
        ErrorCode::NONE => Verdict::Done,
        ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE => Verdict::Relocate,
        ErrorCode::INVALID_PRODUCER_EPOCH
        | ErrorCode::PRODUCER_FENCED
        | ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        | ErrorCode::CLUSTER_AUTHORIZATION_FAILED
        | ErrorCode::INVALID_TXN_STATE
        | ErrorCode::_UNSUPPORTED_FEATURE => Verdict::Fatal,
        ErrorCode::UNKNOWN_PRODUCER_ID | ErrorCode::INVALID_PRODUCER_ID_MAPPING => Verdict::Renew,
        // Another partition of the same request tells what is wrong, where anything is.
        ErrorCode::OPERATION_NOT_ATTEMPTED
        | ErrorCode::CONCURRENT_TRANSACTIONS
        | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => Verdict::Retry,
        // The connection broke or nobody answered: the coordinator may be elsewhere by now.
        code if code.is_local() => Verdict::Relocate,
        code if code.is_retriable() => Verdict::Retry,
        _ => Verdict::Abort,
    }
}
