//! What the producer counts, and its part of the statistics: topics and `eos`. Driver thread.

use std::collections::BTreeMap;

use rdkafka_wire::types::StrBytes;

use super::batch::BatchId;
use super::idempotence::Gate;
use super::{PartitionKey, Producer};
use crate::context::Cx;
use crate::io::{Lane, Moment, NodeId};
use crate::network::Network;
use crate::stats::{Json, PartitionReport, Totals};

impl Producer {
    /// Messages and bytes queued, and how many may be.
    pub(crate) fn queue_fill(&self) -> ((u64, u64), (u64, u64)) {
        let gauge = &self.gauge;
        ((gauge.messages(), gauge.bytes()), gauge.limits())
    }

    /// The partitions each node leads.
    pub(crate) fn led(&self, by_node: &mut BTreeMap<NodeId, Vec<(StrBytes, i32)>>) {
        for topic in &self.topics {
            for (key, partition) in topic.keyed_partitions() {
                if let Some(leader) = partition.leader {
                    let partition = (topic.shared.name.clone(), key.partition);
                    by_node.entry(leader).or_default().push(partition);
                }
            }
        }
    }

    /// Records on their way to each node.
    pub(crate) fn in_flight(&self) -> BTreeMap<NodeId, u64> {
        let mut by_node = BTreeMap::new();
        for (_, partition) in self
            .topics
            .iter()
            .flat_map(|topic| topic.keyed_partitions())
        {
            let Some(leader) = partition.leader else {
                continue;
            };
            let sent = partition.batches.iter().filter(|one| one.is_in_flight);
            *by_node.entry(leader).or_default() +=
                sent.map(|batch| u64::from(batch.count)).sum::<u64>();
        }
        by_node
    }

    /// A batch goes to its leader.
    pub(super) fn count_sent(
        &mut self,
        key: PartitionKey,
        id: BatchId,
        bytes: usize,
        node: NodeId,
        cx: &mut Cx<'_>,
    ) {
        let Some(topic) = self.topics.get_mut(key.topic as usize) else {
            return;
        };
        let Some(partition) = topic.partition_mut(key.partition) else {
            return;
        };
        let Some(batch) = partition.batch_mut(id) else {
            return;
        };
        let (count, opened) = (u64::from(batch.count), batch.opened);
        let is_first = batch.attempts == 0;
        partition.counters.tx_messages += count;
        partition.counters.tx_bytes += bytes as u64;
        if cx.conf().statistics_interval_ms.is_some() {
            topic.batches.add(bytes as u64, count);
        }
        let latency = cx.now.mono.since(opened);
        if let Some(counters) = cx.network.counters(node, Lane::Main) {
            if is_first {
                counters.waited(latency);
            } else {
                counters.tx_retries += 1;
            }
        }
    }

    /// `topics` and, of an idempotent producer, `eos`.
    pub(crate) fn write_statistics(
        &mut self,
        network: &Network,
        json: &mut Json,
        totals: &mut Totals,
        now: Moment,
    ) {
        let metadata_age = network.refresh.age_ms(now);
        let is_numbered = self.idempotence.is_on();
        json.object("topics", |json| {
            for topic in &mut self.topics {
                let name = topic.shared.name.clone();
                json.object(&name, |json| {
                    json.text("topic", &name)
                        .plain("age", now.since(topic.created).as_millis())
                        .plain("metadata_age", metadata_age);
                    topic.batches.write(json);
                    topic.batches.clear();
                    json.object("partitions", |json| {
                        for (key, partition) in topic.keyed_partitions() {
                            let known = network.metadata.partition(&name, key.partition);
                            let waiting = partition.batches.iter().filter(|one| !one.is_in_flight);
                            let (count, bytes) = waiting.fold((0, 0), |(count, bytes), batch| {
                                (count + u64::from(batch.count), bytes + batch.queue_bytes)
                            });
                            let open = partition.slot.fill();
                            let sent = partition.batches.iter().filter(|one| one.is_in_flight);
                            let report = PartitionReport {
                                leader: partition.leader,
                                leader_epoch: known.map_or(-1, |known| known.leader_epoch),
                                is_unknown: partition.is_gone,
                                queued: (count + open.0, bytes + open.1),
                                in_flight: sent.map(|batch| u64::from(batch.count)).sum(),
                                counters: partition.counters,
                                next_ack_sequence: partition.next_ack_sequence(),
                                ..PartitionReport::new(key.partition)
                            };
                            let report = PartitionReport {
                                acked_messages: if is_numbered { report.dealt_with() } else { 0 },
                                ..report
                            };
                            report.write(json, totals);
                        }
                        let unassigned = PartitionReport {
                            queued: topic.shared.waiting_fill(),
                            ..PartitionReport::new(-1)
                        };
                        unassigned.write(json, totals);
                    });
                });
            }
        });
        if self.idempotence.is_on() {
            let identity = match self.idempotence.gate() {
                Gate::Numbered(identity) => Some(identity),
                _ => None,
            };
            let (state, since, assigned) = self.idempotence.told();
            let (txn_state, txn_since, may_enqueue) = self.transaction.told();
            json.object("eos", |json| {
                json.text("idemp_state", state)
                    .plain("idemp_stateage", now.since(since).as_millis())
                    .text("txn_state", txn_state)
                    .plain("txn_stateage", now.since(txn_since).as_millis())
                    .plain("txn_may_enq", may_enqueue)
                    .plain("producer_id", identity.map_or(-1, |identity| identity.id))
                    .plain(
                        "producer_epoch",
                        identity.map_or(-1, |identity| identity.epoch),
                    )
                    .plain("epoch_cnt", assigned);
            });
        }
    }
}
