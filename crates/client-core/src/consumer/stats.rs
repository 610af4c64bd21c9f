//! The consumer's part of the statistics: topics and `cgrp`. Driver thread.

use std::collections::BTreeMap;

use rdkafka_wire::types::StrBytes;

use super::Consumer;
use super::assignment::{Partition, Phase};
use super::group::member_io::{Action, State};
use crate::conf::IsolationLevel;
use crate::coordinator::CoordinatorKind;
use crate::io::{Lane, Moment, NodeId, TopicPartition, TopicPartitionOffset};
use crate::metadata::Metadata;
use crate::network::Network;
use crate::stats::{BatchWindows, Json, PartitionReport, Totals};

/// What was counted of the group's rebalances, and since when things are as they are. Changes of the group's state are
/// noticed when statistics are told.
#[derive(Debug, Default)]
pub(crate) struct GroupCounters {
    rebalances: u64,
    rebalanced_at: Option<Moment>,
    reason: &'static str,
    state: Option<(&'static str, Moment)>,
    /// Since when a topic is consumed.
    topics: BTreeMap<StrBytes, Moment>,
}

impl GroupCounters {
    /// The member wants something done.
    pub(super) fn saw(&mut self, action: &Action, now: Moment) {
        self.reason = match action {
            Action::Assign(_) => "partitions assigned by the group",
            Action::Revoke { lost: true, .. } => "partitions lost",
            Action::Revoke { .. } => "partitions revoked by the group",
            _ => return,
        };
        self.rebalances += 1;
        self.rebalanced_at = Some(now);
    }
}

impl Consumer {
    /// Whether `group.id` is set.
    pub(crate) fn is_in_group(&self) -> bool {
        self.membership.is_some()
    }

    /// The partitions each node leads.
    pub(crate) fn led(
        &self,
        metadata: &Metadata,
        by_node: &mut BTreeMap<NodeId, Vec<(StrBytes, i32)>>,
    ) {
        for (id, _) in self.partitions.iter() {
            if let Some(leader) = metadata.leader(&id.topic, id.partition) {
                let partition = (id.topic.clone(), id.partition);
                by_node.entry(leader).or_default().push(partition);
            }
        }
    }

    /// `topics` and, of a member of a group, `cgrp`.
    pub(crate) fn write_statistics(
        &mut self,
        network: &Network,
        json: &mut Json,
        totals: &mut Totals,
        now: Moment,
    ) {
        json.object("topics", |json| {
            self.write_topics(network, json, totals, now)
        });
        let Some(membership) = &self.membership else {
            return;
        };
        let coordinator = network.coordinator(CoordinatorKind::Group, &membership.group);
        let state = match coordinator {
            None => "query-coord",
            Some(node) if network.is_up(node, Lane::Coordinator) => "up",
            Some(_) => "wait-broker-transport",
        };
        let join_state = join_state(membership.member.state());
        let counters = &mut self.counters;
        if counters.state.is_none_or(|(told, _)| told != state) {
            counters.state = Some((state, now));
        }
        let since = counters.state.map_or(now, |(_, since)| since);
        let rebalanced_at = counters.rebalanced_at.unwrap_or(now);
        json.object("cgrp", |json| {
            json.text("state", state)
                .plain("stateage", now.since(since).as_millis())
                .text("join_state", join_state)
                .plain("rebalance_age", now.since(rebalanced_at).as_millis())
                .plain("rebalance_cnt", counters.rebalances)
                .text("rebalance_reason", counters.reason)
                .plain("assignment_size", self.partitions.assigned().count());
        });
    }

    fn write_topics(
        &mut self,
        network: &Network,
        json: &mut Json,
        totals: &mut Totals,
        now: Moment,
    ) {
        let mut topics: BTreeMap<StrBytes, (BatchWindows, Vec<PartitionReport>)> = BTreeMap::new();
        for (id, partition) in self.partitions.iter_mut() {
            let (windows, reports) = topics.entry(id.topic.clone()).or_default();
            windows.merge(&partition.batches);
            partition.batches.clear();
            reports.push(report(id, partition, network));
        }
        self.counters
            .topics
            .retain(|name, _| topics.contains_key(name));
        for (name, (windows, reports)) in topics {
            let since = *self.counters.topics.entry(name.clone()).or_insert(now);
            json.object(&name, |json| {
                json.text("topic", &name)
                    .plain("age", now.since(since).as_millis())
                    .plain("metadata_age", network.refresh.age_ms(now));
                windows.write(json);
                json.object("partitions", |json| {
                    for report in &reports {
                        report.write(json, totals);
                    }
                    PartitionReport::new(-1).write(json, totals);
                });
            });
        }
    }
}

fn report(id: &TopicPartition, partition: &Partition, network: &Network) -> PartitionReport {
    let known = network.metadata.partition(&id.topic, id.partition);
    let conf = &network.fx.conf.consumer;
    let invalid = TopicPartitionOffset::INVALID;
    let (query_offset, fetch_state) = match (partition.phase, partition.is_asking) {
        (Phase::NeedOffset { timestamp, .. }, true) => (timestamp, "offset-wait"),
        (Phase::NeedOffset { timestamp, .. }, false) => (timestamp, "offset-query"),
        (Phase::Fetching, _) => (invalid, "active"),
        (Phase::NeedValidation, _) => (invalid, "validate-epoch-wait"),
        (Phase::Halted, _) => (invalid, "stopped"),
        (_, true) => (invalid, "offset-wait"),
        (_, false) => (invalid, "offset-query"),
    };
    PartitionReport {
        leader: known.and_then(|known| known.leader),
        leader_epoch: known.map_or(-1, |known| known.leader_epoch),
        is_desired: true,
        is_unknown: known.is_none(),
        fetched: partition.queue.fill(),
        fetch_state,
        query_offset,
        next_offset: partition.offset,
        app_offset: partition.shared.position(),
        stored_offset: partition.shared.stored(),
        committed_offset: partition.committed,
        eof_offset: partition.end_told_at,
        offsets: partition.broker_offsets,
        end_offset: match conf.isolation_level {
            IsolationLevel::ReadCommitted => partition.broker_offsets.stable,
            IsolationLevel::ReadUncommitted => partition.broker_offsets.high,
        },
        counters: partition.counters,
        ..PartitionReport::new(id.partition)
    }
}

/// librdkafka's word for where the member stands.
fn join_state(state: State) -> &'static str {
    match state {
        State::Unsubscribed | State::Unjoined | State::Leaving => "init",
        State::Joining => "wait-join",
        State::AwaitMetadata => "wait-metadata",
        State::Syncing => "wait-sync",
        State::AwaitAssign => "wait-assign-call",
        State::Steady => "steady",
        State::AwaitUnassign(_) => "wait-unassign-call",
        State::Unassigning(_) => "wait-unassign-to-complete",
    }
}
