//! Which partitions are with which instance, for applications that forward queries of their state to one another.

use std::collections::BTreeSet;

use rdkafka_wire::messages::streams_group_heartbeat::{EndpointToPartitions, TopicPartition};
use rdkafka_wire::types::StrBytes;

use super::super::TopicView;
use super::StreamsGroup;
use super::tasks::Tasks;
use super::topology::sources;

impl StreamsGroup {
    /// The partitions of every member that can be asked.
    pub(super) fn partitions_by_endpoint(
        &self,
        topics: &(impl TopicView + ?Sized),
    ) -> Vec<EndpointToPartitions> {
        let members = self.members.values().filter_map(|member| {
            let has = &member.assigned.tasks;
            Some(EndpointToPartitions {
                user_endpoint: member.about.user_endpoint.clone()?,
                active_partitions: self.partitions(&has.active, topics),
                standby_partitions: self.partitions(&has.standby, topics),
            })
        });
        members.collect()
    }

    fn partitions(&self, tasks: &Tasks, topics: &(impl TopicView + ?Sized)) -> Vec<TopicPartition> {
        let mut all = Vec::new();
        for (id, partitions) in tasks.by_subtopology() {
            let topology = self.topology.iter().flat_map(|it| &it.subtopologies);
            let of_task = topology.filter(|it| it.subtopology_id == *id);
            let names: BTreeSet<&StrBytes> = of_task.flat_map(sources).collect();
            for name in names {
                let Some((_, count)) = topics.topic(name) else {
                    continue;
                };
                all.push(TopicPartition {
                    topic: name.clone(),
                    partitions: partitions.range(..count).copied().collect(),
                });
            }
        }
        all
    }
}
