//! What a leader's refusal of a batch means for the transaction. Driver thread.
//!
//! A leader says `INVALID_PRODUCER_EPOCH` where the coordinator would say `PRODUCER_FENCED`: another producer has the
//! transactional id by now, or the coordinator aborted a transaction that took too long. Either ends this producer, as
//! it does with librdkafka, whose applications look for a fatal `_FENCED`.

use rdkafka_wire::ErrorCode;

use super::super::Producer;
use super::super::sender::Part;
use super::{State, normalize};
use crate::context::Cx;
use crate::io::NodeId;

impl Producer {
    /// `Some`, when the batch is not to be sent again.
    pub(in crate::producer) fn refused_by_leader(
        &mut self,
        code: ErrorCode,
        part: Part,
        node: NodeId,
        cx: &mut Cx<'_>,
    ) -> Option<ErrorCode> {
        if !self.transaction.is_on() {
            return None;
        }
        match code {
            // While it aborts, a batch of the epoch before may come late.
            ErrorCode::PRODUCER_FENCED | ErrorCode::INVALID_PRODUCER_EPOCH
                if self.transaction.state != State::Aborting =>
            {
                let text = self.fenced_text(code, part, node);
                self.transaction_fatal(normalize(code), text, cx);
            }
            ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED => {
                self.transaction_fatal(code, code.text().into_owned(), cx);
            }
            // Behind a batch that is to be sent again this is what must come.
            ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER if !self.is_front(part) => return None,
            ErrorCode::PRODUCER_FENCED
            | ErrorCode::INVALID_PRODUCER_EPOCH
            | ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER
            | ErrorCode::UNKNOWN_PRODUCER_ID
            | ErrorCode::INVALID_PRODUCER_ID_MAPPING
            | ErrorCode::INVALID_TXN_STATE
            | ErrorCode::TRANSACTION_ABORTABLE => {
                self.transaction.has_gap = true;
                let text = format!("A batch of the transaction was refused: {}", code.text());
                self.abortable(code, text, cx);
            }
            _ => return None,
        }
        Some(code)
    }

    fn is_front(&mut self, part: Part) -> bool {
        self.partition_mut(part.key)
            .is_some_and(|partition| partition.is_front(part.batch))
    }

    /// Which batch it was, as librdkafka tells.
    fn fenced_text(&mut self, code: ErrorCode, part: Part, node: NodeId) -> String {
        let Part { key, batch } = part;
        let topic = self.topics.get(key.topic as usize);
        let topic = topic.map_or_else(String::new, |topic| topic.shared.name.to_string());
        let batch = self
            .partition_mut(key)
            .and_then(|partition| partition.batch_mut(batch));
        let count = batch.as_ref().map_or(0, |batch| batch.count);
        let sequenced = batch.and_then(|batch| batch.sequenced);
        let (id, epoch, base) = sequenced.map_or((-1, -1, -1), |sequenced| {
            let identity = sequenced.identity;
            (identity.id, identity.epoch, sequenced.base)
        });
        let (partition, node, reason) = (key.partition, node.0, code.text());
        format!(
            "ProduceRequest for {topic} [{partition}] with {count} message(s) failed: {reason} \
             (broker {node} PID{{Id:{id},Epoch:{epoch}}}, base seq {base}): \
             transactional producer fenced by newer producer instance"
        )
    }
}
