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
    /// `Call::Start`s that were done.
    starts: u64,
    state: Option<(&'static str, Moment)>,
    /// Since when a topic is consumed.
    topics: BTreeMap<StrBytes, Moment>,
}

impl GroupCounters {
    /// The legacy consumer has started a partition.
    pub(super) fn saw_start(&mut self) {
        self.starts += 1;
    }

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
    /// How many partitions the legacy consumer has started, whether or not it stopped them.
    pub(crate) fn starts(&self) -> u64 {
        self.counters.starts
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
        for (topic, (_, reports)) in &mut topics {
            add_unconsumed(topic, reports, network);
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
        stored_epoch: partition.shared.stored_epoch(),
        stored_offset: partition.shared.stored(),
        committed_offset: partition.committed,
        committed_epoch: partition.committed_epoch,
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

/// The partitions of a topic that are known and not consumed here, in their place.
fn add_unconsumed(topic: &StrBytes, reports: &mut Vec<PartitionReport>, network: &Network) {
    let known = network.metadata.topic(topic);
    for (number, known) in known
        .iter()
        .flat_map(|topic| topic.partitions.iter().enumerate())
    {
        let Ok(number) = i32::try_from(number) else {
            return;
        };
        if reports.iter().all(|report| report.partition != number) {
            reports.push(PartitionReport {
                leader: known.leader,
                leader_epoch: known.leader_epoch,
                ..PartitionReport::new(number)
            });
        }
    }
    reports.sort_by_key(|report| report.partition);
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
