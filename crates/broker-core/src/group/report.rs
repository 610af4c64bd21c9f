//! Groups in numbers, for metrics.

use rdkafka_wire::types::StrBytes;

use super::GroupCoordinator;

/// A consumer group in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupReport {
    /// Its name.
    pub id: StrBytes,
    /// Kafka's word for its state.
    pub state: &'static str,
    /// How many members it has.
    pub members: usize,
    /// What it has committed: topic, partition, next offset to read.
    pub committed: Vec<(StrBytes, i32, i64)>,
}

impl GroupCoordinator {
    /// Every group, by name.
    pub(crate) fn report(&self) -> Vec<GroupReport> {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by(|a, b| a.id.cmp(&b.id));
        let reports = groups.into_iter().map(|group| GroupReport {
            id: group.id.clone(),
            state: group.state_name(),
            members: match (&group.consumer, &group.streams) {
                (Some(consumer), _) => consumer.members.len(),
                (None, Some(streams)) => streams.member_count(),
                (None, None) => group.members.len(),
            },
            committed: self
                .offsets(&group.id)
                .into_iter()
                .flat_map(|offsets| offsets.topics())
                .flat_map(|(topic, partitions)| {
                    let place = |(index, committed): (&i32, &super::offsets::CommittedOffset)| {
                        (topic.clone(), *index, committed.offset)
                    };
                    partitions.iter().map(place)
                })
                .collect(),
        });
        reports.collect()
    }
}
