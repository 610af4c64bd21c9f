//! The transaction's producer id: InitProducerId, which also aborts what an earlier epoch left open. Driver thread.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::init_producer_id::InitProducerIdRequest;

use super::super::Producer;
use super::super::idempotence::ProducerIdentity;
use super::{State, TransactionReply, Verdict, judge};
use crate::conf::DebugContexts;
use crate::context::Cx;

impl Producer {
    pub(super) fn ask_identity(&mut self, cx: &mut Cx<'_>) {
        let known = self.transaction.identity;
        let request = InitProducerIdRequest {
            transactional_id: self.transaction.id.clone(),
            transaction_timeout_ms: self.transaction.timeout_ms,
            producer_id: known.map_or(-1, |identity| identity.id),
            producer_epoch: known.map_or(-1, |identity| identity.epoch),
        };
        self.ask_coordinator(request.into(), TransactionReply::Identity, cx);
    }

    pub(super) fn on_identity(
        &mut self,
        code: ErrorCode,
        identity: ProducerIdentity,
        cx: &mut Cx<'_>,
    ) {
        if code.is_error() {
            self.identity_failed(code, cx);
            return;
        }
        self.transaction.identity = Some(identity);
        self.transaction.has_gap = false;
        self.transaction.wants_epoch = false;
        self.idempotence.adopt(identity, cx.now.mono);
        self.transaction.backoff.reset();
        cx.debug(DebugContexts::EOS, "TXNINIT", || {
            let (id, epoch) = (identity.id, identity.epoch);
            format!("Acquired transactional producer id {id} epoch {epoch}")
        });
        match self.transaction.state {
            State::WaitPid => self.reached(State::ReadyNotAcked, cx),
            // The new epoch aborted what was going on.
            State::Aborting => self.ended(cx),
            _ => {}
        }
    }

    pub(super) fn identity_failed(&mut self, code: ErrorCode, cx: &mut Cx<'_>) {
        match code {
            ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::PRODUCER_FENCED => {
                let text = format!("Producer fenced by newer instance: {}", code.text());
                self.transaction_fatal(ErrorCode::_FENCED, text, cx);
            }
            ErrorCode::_UNSUPPORTED_FEATURE
            | ErrorCode::INVALID_TRANSACTION_TIMEOUT
            | ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
            | ErrorCode::CLUSTER_AUTHORIZATION_FAILED => {
                let text = format!("Failed to acquire transactional PID: {}", code.text());
                self.transaction_fatal(code, text, cx);
            }
            code => {
                // Whatever it is, it may pass; the application decides how long to wait.
                let is_moved = judge(code) != Verdict::Retry || code.is_local();
                self.again(is_moved, cx);
            }
        }
    }
}
