//! Consumed offsets as part of a transaction: AddOffsetsToTxn (before KIP-890's second part), then TxnOffsetCommit to the
//! group's coordinator.
//!
//! Guarantees: a call that is repeated replaces what the call before it wanted; a commit goes on only after the offsets
//! that were asked for have been taken. Driver thread.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use rdkafka_wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use rdkafka_wire::types::StrBytes;

use super::super::{Producer, Reply};
use super::call::TransactionOffsets;
use super::{
    CONCURRENT_DELAY, State, TransactionError, TransactionReply, Verdict, judge, normalize,
    out_of_turn,
};
use crate::admin::socket_timeout;
use crate::context::Cx;
use crate::coordinator::CoordinatorKind;
use crate::io::CallId;
use crate::request::Request;

/// The newest TxnOffsetCommit before KIP-890's second part.
const COMMIT_V1_MAX: i16 = 4;

/// The offsets of the transaction that is going on.
#[derive(Debug, Default)]
pub(super) struct Offsets {
    /// What is to be committed, and who waits for it.
    wanted: Option<(TransactionOffsets, CallId)>,
    /// Groups the coordinator knows of, or may.
    groups: Vec<StrBytes>,
    /// The group it is being told of.
    adding: Option<StrBytes>,
    calls: u64,
}

impl Offsets {
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    pub(super) fn is_known_to_coordinator(&self) -> bool {
        !self.groups.is_empty() || self.adding.is_some()
    }

    /// The transaction is over.
    pub(super) fn forget(&mut self) {
        self.groups.clear();
        self.adding = None;
    }
}

impl Producer {
    /// A call of the application: make these offsets part of the transaction.
    pub(crate) fn send_offsets(
        &mut self,
        id: CallId,
        offsets: TransactionOffsets,
        cx: &mut Cx<'_>,
    ) {
        let state = self.transaction.state;
        if state != State::InTransaction {
            let failed = self.transaction.error.clone();
            let error = match state {
                State::AbortableError | State::FatalError => failed,
                _ => None,
            };
            let error = error.unwrap_or_else(|| out_of_turn(state));
            self.answer_transaction(id, Err(error), cx);
            return;
        }
        let mut offsets = offsets;
        offsets.offsets.retain(|wanted| wanted.offset >= 0);
        if offsets.offsets.is_empty() {
            self.answer_transaction(id, Ok(()), cx);
            return;
        }
        let transaction = &mut self.transaction.offsets;
        transaction.calls += 1;
        // Who waited before has given up, or this call would not have come.
        transaction.wanted = Some((offsets, id));
        self.advance(cx);
    }

    pub(super) fn ask_offsets(&mut self, cx: &mut Cx<'_>) {
        let transaction = &mut self.transaction;
        let Some((identity, (wanted, _))) = transaction
            .identity
            .zip(transaction.offsets.wanted.as_ref())
        else {
            return;
        };
        let group = wanted.group.group_id.clone();
        let id = transaction.id.clone().unwrap_or_default();
        if !transaction.is_v2 && !transaction.offsets.groups.contains(&group) {
            transaction.offsets.adding = Some(group.clone());
            let request = AddOffsetsToTxnRequest {
                transactional_id: id,
                producer_id: identity.id,
                producer_epoch: identity.epoch,
                group_id: group,
            };
            self.ask_coordinator(request.into(), TransactionReply::Group, cx);
            return;
        }
        let request = TxnOffsetCommitRequest {
            transactional_id: id,
            group_id: group.clone(),
            producer_id: identity.id,
            producer_epoch: identity.epoch,
            generation_id: wanted.group.generation,
            member_id: wanted.group.member_id.clone(),
            group_instance_id: wanted.group.instance_id.clone(),
            topics: by_topic(wanted),
        };
        let request = Request::from(request);
        let request = match transaction.is_v2 {
            true => request,
            false => request.up_to(COMMIT_V1_MAX),
        };
        if !transaction.offsets.groups.contains(&group) {
            // Its coordinator tells that of the transaction.
            transaction.offsets.groups.push(group.clone());
        }
        transaction.is_asked = true;
        let route = Reply::Transaction(TransactionReply::Offsets(transaction.offsets.calls));
        let timeout = socket_timeout(cx);
        cx.send_coordinator(CoordinatorKind::Group, &group, request, route, timeout);
    }

    pub(super) fn on_group_added(&mut self, code: ErrorCode, cx: &mut Cx<'_>) {
        let Some(group) = self.transaction.offsets.adding.clone() else {
            return;
        };
        if judge(code) == Verdict::Done {
            self.transaction.offsets.groups.push(group);
            self.transaction.offsets.adding = None;
            self.transaction.backoff.reset();
            return;
        }
        if self.transaction.is_given_up() {
            // Whether the coordinator knows of it is in doubt; to end a transaction it has not begun is refused kindly.
            if code.is_local() {
                self.transaction.offsets.groups.push(group);
            }
            self.transaction.offsets.adding = None;
            return;
        }
        let normal = normalize(code);
        let text = format!("Failed to add offsets to transaction: {}", normal.text());
        match judge(code) {
            Verdict::Done => {}
            Verdict::Retry if code == ErrorCode::CONCURRENT_TRANSACTIONS => {
                self.again_after(CONCURRENT_DELAY, cx);
            }
            Verdict::Retry => self.again(false, cx),
            Verdict::Relocate => self.again(true, cx),
            Verdict::Fatal => self.transaction_fatal(normal, text, cx),
            verdict @ (Verdict::Abort | Verdict::Renew) => {
                self.transaction.wants_epoch |= verdict == Verdict::Renew;
                self.abortable(normal, text, cx);
            }
        }
    }

    pub(super) fn on_offsets(&mut self, call: u64, codes: &[ErrorCode], cx: &mut Cx<'_>) {
        let transaction = &mut self.transaction;
        if transaction.offsets.calls != call || transaction.is_given_up() {
            return;
        }
        let verdicts = codes.iter().map(|&code| (judge_commit(code), code));
        let worst = verdicts.max_by_key(|&(verdict, _)| verdict);
        let (verdict, code) = worst.unwrap_or((Verdict::Done, ErrorCode::NONE));
        let group = transaction.offsets.wanted.as_ref();
        let Some(group) = group.map(|(wanted, _)| wanted.group.group_id.clone()) else {
            return;
        };
        let normal = normalize(code);
        let text = format!(
            "Failed to commit offsets to transaction on broker: {}",
            normal.text()
        );
        match verdict {
            Verdict::Done => {
                transaction.backoff.reset();
                if let Some((_, id)) = transaction.offsets.wanted.take() {
                    self.answer_transaction(id, Ok(()), cx);
                }
            }
            Verdict::Retry if code == ErrorCode::CONCURRENT_TRANSACTIONS => {
                self.again_after(CONCURRENT_DELAY, cx);
            }
            Verdict::Retry => self.again(false, cx),
            Verdict::Relocate => {
                cx.forget_coordinator(CoordinatorKind::Group, &group);
                self.again(false, cx);
            }
            Verdict::Fatal => self.transaction_fatal(normal, text, cx),
            Verdict::Abort | Verdict::Renew => {
                transaction.wants_epoch |= verdict == Verdict::Renew;
                self.abortable(normal, text, cx);
            }
        }
    }

    /// Offsets that were not taken fail as the transaction did.
    pub(super) fn fail_offsets(&mut self, cx: &mut Cx<'_>) {
        let error = self.transaction.error.clone();
        if let Some(((_, id), error)) = self.transaction.offsets.wanted.take().zip(error) {
            self.answer_transaction(id, Err(error), cx);
        }
    }

    /// Offsets that were not taken when the application aborts are dropped.
    pub(super) fn drop_offsets(&mut self, code: ErrorCode, cx: &mut Cx<'_>) {
        if let Some((_, id)) = self.transaction.offsets.wanted.take() {
            let error = TransactionError::new(code, code.text());
            self.answer_transaction(id, Err(error), cx);
        }
    }
}

/// What an error of TxnOffsetCommit means: `Relocate` is about the group's coordinator.
fn judge_commit(code: ErrorCode) -> Verdict {
    match code {
        ErrorCode::REQUEST_TIMED_OUT => Verdict::Relocate,
        ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT | ErrorCode::INVALID_PRODUCER_ID_MAPPING => {
            Verdict::Fatal
        }
        // Membership was lost: whoever has the partitions now will process their records.
        ErrorCode::ILLEGAL_GENERATION
        | ErrorCode::UNKNOWN_MEMBER_ID
        | ErrorCode::FENCED_INSTANCE_ID
        | ErrorCode::REBALANCE_IN_PROGRESS
        | ErrorCode::STALE_MEMBER_EPOCH => Verdict::Abort,
        code => judge(code),
    }
}

fn by_topic(wanted: &TransactionOffsets) -> Vec<TxnOffsetCommitRequestTopic> {
    let mut topics: Vec<TxnOffsetCommitRequestTopic> = Vec::new();
    for offset in &wanted.offsets {
        let partition = TxnOffsetCommitRequestPartition {
            partition_index: offset.partition,
            committed_offset: offset.offset,
            committed_leader_epoch: offset.leader_epoch,
            committed_metadata: offset
                .metadata
                .as_ref()
                .map(|bytes| String::from_utf8_lossy(bytes).as_ref().into()),
        };
        match topics.iter_mut().find(|topic| topic.name == offset.topic) {
            Some(topic) => topic.partitions.push(partition),
            None => topics.push(TxnOffsetCommitRequestTopic {
                name: offset.topic.clone(),
                partitions: vec![partition],
            }),
        }
    }
    topics
}
