//! The end of a transaction: EndTxn. Driver thread.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::end_txn::{EndTxnRequest, EndTxnResponse};

use super::super::Producer;
use super::super::idempotence::ProducerIdentity;
use super::{
    CONCURRENT_DELAY, State, TransactionError, TransactionReply, Verdict, judge, normalize,
};
use crate::context::Cx;
use crate::request::Request;

/// The newest EndTxn before KIP-890's second part.
const END_V1_MAX: i16 = 4;

impl Producer {
    pub(super) fn ask_end(&mut self, committed: bool, cx: &mut Cx<'_>) {
        let Some(identity) = self.transaction.identity else {
            return;
        };
        let request = EndTxnRequest {
            transactional_id: self.transaction.id.clone().unwrap_or_default(),
            producer_id: identity.id,
            producer_epoch: identity.epoch,
            committed,
        };
        let request = Request::from(request);
        let request = match self.transaction.is_v2 {
            true => request,
            false => request.up_to(END_V1_MAX),
        };
        self.ask_coordinator(request, TransactionReply::End, cx);
    }

    pub(super) fn on_end(&mut self, response: &EndTxnResponse, cx: &mut Cx<'_>) {
        let code = ErrorCode(response.error_code);
        if !code.is_error() && response.producer_id >= 0 {
            // Under the new epoch all sequences begin anew, and what is late of the old one is refused.
            let identity = ProducerIdentity {
                id: response.producer_id,
                epoch: response.producer_epoch,
            };
            self.transaction.identity = Some(identity);
            self.transaction.has_gap = false;
            self.idempotence.adopt(identity, cx.now.mono);
        }
        self.on_end_code(code, cx);
    }

    pub(super) fn on_end_code(&mut self, code: ErrorCode, cx: &mut Cx<'_>) {
        let is_commit = self.transaction.state == State::Committing;
        if !is_commit && self.transaction.state != State::Aborting {
            return;
        }
        let normal = normalize(code);
        match judge(code) {
            Verdict::Done => self.ended(cx),
            // It may never have heard of this transaction; a new epoch is right in any case.
            _ if code == ErrorCode::INVALID_TXN_STATE && !is_commit => {
                self.transaction.wants_epoch = true;
            }
            Verdict::Retry if code == ErrorCode::CONCURRENT_TRANSACTIONS => {
                self.again_after(CONCURRENT_DELAY, cx);
            }
            Verdict::Retry => self.again(false, cx),
            Verdict::Relocate => self.again(true, cx),
            Verdict::Fatal => {
                let text = format!("Failed to end transaction: {}", normal.text());
                self.transaction_fatal(normal, text, cx);
            }
            // A new epoch aborts, too.
            Verdict::Renew if !is_commit => self.transaction.wants_epoch = true,
            verdict => {
                self.transaction.wants_epoch |= verdict == Verdict::Renew;
                let verb = if is_commit { "commit" } else { "abort" };
                let waiting = self.transaction.waiting.take();
                let text = format!("Failed to end transaction: {}", normal.text());
                self.abortable(normal, text, cx);
                if let Some(id) = waiting {
                    let text = format!("EndTxn {verb} failed: {}", normal.text());
                    self.answer_transaction(id, Err(TransactionError::abortable(normal, text)), cx);
                }
            }
        }
    }

    /// The transaction is over, at the broker or before it got there.
    pub(super) fn ended(&mut self, cx: &mut Cx<'_>) {
        let transaction = &mut self.transaction;
        transaction.registered.clear();
        transaction.pending.clear();
        transaction.offsets.forget();
        transaction.failed = 0;
        transaction.backoff.reset();
        let state = match transaction.state {
            State::Committing => State::CommitNotAcked,
            _ => State::AbortedNotAcked,
        };
        self.reached(state, cx);
    }
}
