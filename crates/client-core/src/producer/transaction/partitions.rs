//! Telling the coordinator of partitions before their first batch is sent: AddPartitionsToTxn, for clusters before
//! KIP-890's second part. Driver thread.

use std::collections::BTreeSet;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::add_partitions_to_txn::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic,
};

use super::super::{PartitionKey, Producer};
use super::{CONCURRENT_DELAY, TransactionReply, Verdict, judge, normalize};
use crate::context::Cx;

impl Producer {
    pub(super) fn ask_partitions(&mut self, cx: &mut Cx<'_>) {
        let Some(identity) = self.transaction.identity else {
            return;
        };
        let keys: Vec<_> = std::mem::take(&mut self.transaction.pending)
            .into_iter()
            .collect();
        let mut topics: Vec<(u32, AddPartitionsToTxnTopic)> = Vec::new();
        for key in &keys {
            // Keys come ordered by topic.
            if topics.last().is_none_or(|&(topic, _)| topic != key.topic) {
                let topic = self.topics.get(key.topic as usize);
                let name = topic.map(|topic| topic.shared.name.clone());
                let entry = AddPartitionsToTxnTopic {
                    name: name.unwrap_or_default(),
                    partitions: Vec::new(),
                };
                topics.push((key.topic, entry));
            }
            if let Some((_, topic)) = topics.last_mut() {
                topic.partitions.push(key.partition);
            }
        }
        self.transaction.registering = keys;
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: self.transaction.id.clone().unwrap_or_default(),
            v3_and_below_producer_id: identity.id,
            v3_and_below_producer_epoch: identity.epoch,
            v3_and_below_topics: topics.into_iter().map(|(_, topic)| topic).collect(),
            ..Default::default()
        };
        self.ask_coordinator(request.into(), TransactionReply::Partitions, cx);
    }

    pub(super) fn on_partitions(
        &mut self,
        codes: &[(Option<PartitionKey>, ErrorCode)],
        cx: &mut Cx<'_>,
    ) {
        let asked = std::mem::take(&mut self.transaction.registering);
        // The coordinator may know of them from now on, whatever became of the answer: an abort has to tell it.
        let mut left: BTreeSet<_> = asked.into_iter().collect();
        let mut worst = (Verdict::Done, ErrorCode::NONE);
        for &(key, code) in codes {
            worst = worst.max((judge(code), code));
            if let Some(key) = key.filter(|key| !code.is_error() && left.remove(key)) {
                self.transaction.registered.insert(key);
                self.ready.insert(key);
            }
        }
        if !left.is_empty() && worst.0 == Verdict::Done {
            worst = (Verdict::Retry, ErrorCode::_BAD_MSG);
        }
        let (verdict, code) = (worst.0, worst.1);
        if verdict == Verdict::Done {
            self.transaction.backoff.reset();
            return;
        }
        if self.transaction.is_given_up() {
            // Aborted meanwhile; whether it knows of them is in doubt, and to end a partition twice does no harm.
            if code.is_local() {
                self.transaction.registered.extend(left);
            }
            if verdict == Verdict::Relocate {
                self.again(true, cx);
            }
            return;
        }
        self.transaction.pending.extend(left);
        let normal = normalize(code);
        match verdict {
            Verdict::Done => {}
            Verdict::Retry if code == ErrorCode::CONCURRENT_TRANSACTIONS => {
                self.again_after(CONCURRENT_DELAY, cx);
            }
            Verdict::Retry => self.again(false, cx),
            Verdict::Relocate => self.again(true, cx),
            Verdict::Fatal => {
                let text = format!("Failed to add partitions to transaction: {}", normal.text());
                self.transaction_fatal(normal, text, cx);
            }
            Verdict::Abort | Verdict::Renew => {
                self.transaction.wants_epoch |= verdict == Verdict::Renew;
                let text = format!(
                    "Failed to add partition(s) to transaction: {}",
                    normal.text()
                );
                self.abortable(normal, text, cx);
            }
        }
    }
}
