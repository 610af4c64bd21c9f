//! What admin tools see of groups of the next-generation protocol: ConsumerGroupDescribe.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_group_describe::{
    Assignment, DescribedGroup, Member, TopicPartitions,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::super::{GroupConfig, GroupCoordinator};
use super::{ConsumerGroup, ConsumerMember, Partitions, without_epochs};

impl GroupCoordinator {
    /// One group; `name_of` knows the names of topics.
    pub(crate) fn describe_consumer_group(
        &self,
        group_id: &StrBytes,
        name_of: &dyn Fn(Uuid) -> Option<StrBytes>,
    ) -> DescribedGroup {
        let found = self.groups.get(group_id);
        match found.and_then(|group| group.consumer.as_deref()) {
            Some(group) => group.described(group_id, &self.config, name_of),
            None => {
                let message = match found {
                    Some(_) => format!("Group {group_id} is not a consumer group."),
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

impl ConsumerGroup {
    fn described(
        &self,
        group_id: &StrBytes,
        config: &GroupConfig,
        name_of: &dyn Fn(Uuid) -> Option<StrBytes>,
    ) -> DescribedGroup {
        let assignor = self
            .members
            .values()
            .find_map(|it| it.about.assignor.clone());
        let default = || {
            config
                .assignors
                .first()
                .map(|it| StrBytes::from(it.as_str()))
        };
        let members = self
            .members
            .iter()
            .map(|(id, member)| described(id, member, &self.target(id), name_of));
        DescribedGroup {
            group_id: group_id.clone(),
            group_state: self.state_name().into(),
            group_epoch: self.epoch,
            assignment_epoch: self.assignment_epoch,
            assignor_name: assignor.or_else(default).unwrap_or_default(),
            members: members.collect(),
            ..DescribedGroup::default()
        }
    }
}

fn described(
    id: &StrBytes,
    member: &ConsumerMember,
    target: &Partitions,
    name_of: &dyn Fn(Uuid) -> Option<StrBytes>,
) -> Member {
    let about = &member.about;
    Member {
        member_id: id.clone(),
        instance_id: about.instance_id.clone(),
        rack_id: about.rack_id.clone(),
        member_epoch: member.epoch,
        client_id: about.client_id.clone(),
        client_host: about.client_host.clone(),
        subscribed_topic_names: about.topics.clone(),
        subscribed_topic_regex: about.regex.clone(),
        assignment: named(&without_epochs(&member.assigned), name_of),
        target_assignment: named(target, name_of),
        member_type: if member.is_classic() {
            CLASSIC
        } else {
            CONSUMER
        },
    }
}

/// Topics that are gone have no name, so they are left out.
fn named(partitions: &Partitions, name_of: &dyn Fn(Uuid) -> Option<StrBytes>) -> Assignment {
    let topics = partitions.iter().filter_map(|(id, partitions)| {
        Some(TopicPartitions {
            topic_id: *id,
            topic_name: name_of(*id)?,
            partitions: partitions.iter().copied().collect(),
        })
    });
    Assignment {
        topic_partitions: topics.collect(),
    }
}

const CLASSIC: i8 = 0;
const CONSUMER: i8 = 1;
