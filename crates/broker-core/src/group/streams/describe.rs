//! What admin tools see of streams groups: StreamsGroupDescribe.

use std::collections::BTreeSet;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::streams_group_describe::{
    Assignment, DescribedGroup, Member, Subtopology, Topology,
};
use rdkafka_wire::messages::streams_group_heartbeat::TopicInfo;
use rdkafka_wire::types::StrBytes;

use super::super::GroupCoordinator;
use super::records::TopologyValue;
use super::tasks::TaskSet;
use super::topology::Configured;
use super::{StreamsGroup, StreamsMember};

impl GroupCoordinator {
    /// One group.
    pub(crate) fn describe_streams_group(&self, group_id: &StrBytes) -> DescribedGroup {
        let found = self.groups.get(group_id);
        match found.and_then(|group| group.streams.as_deref()) {
            Some(group) => group.described(group_id),
            None => {
                let message = match found {
                    Some(_) => format!("Group {group_id} is not a streams group."),
                    None => format!("Group {group_id} not found."),
                };
                DescribedGroup {
                    error_code: ErrorCode::GROUP_ID_NOT_FOUND.code(),
                    error_message: Some(message.into()),
                    group_id: group_id.clone(),
                    ..DescribedGroup::default()
                }
            }
        }
    }
}

impl StreamsGroup {
    fn described(&self, group_id: &StrBytes) -> DescribedGroup {
        let ready = self.live.configured.as_ref().filter(|it| it.is_ready());
        let members = self
            .members
            .iter()
            .map(|(id, member)| described(id, member, &self.target(id)));
        DescribedGroup {
            group_id: group_id.clone(),
            group_state: self.state_name().into(),
            group_epoch: self.epoch,
            assignment_epoch: self.assignment_epoch,
            topology: self.topology.as_ref().map(|it| topology(it, ready)),
            members: members.collect(),
            ..DescribedGroup::default()
        }
    }
}

/// A topology, with the numbers of partitions that were decided on where they were.
fn topology(topology: &TopologyValue, ready: Option<&Configured>) -> Topology {
    let topics = |listed: &[TopicInfo]| {
        let decided = |it: &TopicInfo| ready.map_or_else(|| it.clone(), |ready| ready.decided(it));
        let mut topics: Vec<TopicInfo> = listed.iter().map(decided).collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        topics
    };
    let sorted = |names: &[StrBytes]| {
        let names: BTreeSet<StrBytes> = names.iter().cloned().collect();
        names.into_iter().collect()
    };
    let subtopologies = topology.subtopologies.iter().map(|it| Subtopology {
        subtopology_id: it.subtopology_id.clone(),
        source_topics: sorted(&it.source_topics),
        repartition_sink_topics: sorted(&it.repartition_sink_topics),
        state_changelog_topics: topics(&it.state_changelog_topics),
        repartition_source_topics: topics(&it.repartition_source_topics),
    });
    Topology {
        epoch: topology.epoch,
        subtopologies: Some(subtopologies.collect()),
    }
}

fn described(id: &StrBytes, member: &StreamsMember, target: &TaskSet) -> Member {
    let about = member.about.clone();
    Member {
        member_id: id.clone(),
        member_epoch: member.epoch,
        instance_id: about.instance_id,
        rack_id: about.rack_id,
        client_id: about.client_id,
        client_host: about.client_host,
        topology_epoch: about.topology_epoch,
        process_id: about.process_id,
        user_endpoint: about.user_endpoint,
        client_tags: about.client_tags,
        assignment: assignment(&member.assigned.tasks),
        target_assignment: assignment(target),
        ..Member::default()
    }
}

fn assignment(tasks: &TaskSet) -> Assignment {
    Assignment {
        active_tasks: tasks.active.listed(),
        standby_tasks: tasks.standby.listed(),
        warmup_tasks: tasks.warmup.listed(),
    }
}
