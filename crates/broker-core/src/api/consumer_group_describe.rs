//! ConsumerGroupDescribe (key 69): members, assignments and targets of groups of the next-generation protocol (KIP-848).
//!
//! * A group that does not exist or speaks the classic protocol is GROUP_ID_NOT_FOUND; clients then ask DescribeGroups.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_group_describe::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DescribedGroup,
};
use rdkafka_wire::types::Uuid;

use super::Reply;
use crate::acl::grants::Grants;
use crate::acl::{Operation, ResourceType};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ConsumerGroupDescribeRequest,
    _: Now,
) -> Reply<ConsumerGroupDescribeResponse> {
    let wants = request.include_authorized_operations;
    let grants = shard.grants(context);
    let name_of = |id: Uuid| {
        let index = shard.topics.find_id(id)?;
        Some(shard.topics.get(index)?.name.clone())
    };
    let groups = request.group_ids.iter().map(|group| {
        let mut described = DescribedGroup {
            group_id: group.clone(),
            ..DescribedGroup::default()
        };
        if let Err(code) = grants.group(Operation::Describe, group) {
            described.error_code = code.code();
            return described;
        }
        described = shard.groups.describe_consumer_group(group, &name_of);
        if !sees_all_topics(&grants, &described) {
            let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
            return DescribedGroup {
                group_id: group.clone(),
                error_code: code.code(),
                error_message: Some(HAS_HIDDEN_TOPICS.into()),
                ..DescribedGroup::default()
            };
        }
        described.authorized_operations = grants.operations_if(wants, ResourceType::Group, group);
        described
    });
    Reply::Ready(ConsumerGroupDescribeResponse {
        groups: groups.collect(),
        ..ConsumerGroupDescribeResponse::default()
    })
}

/// Whether every topic that members subscribe to or have may be described.
fn sees_all_topics(grants: &Grants, group: &DescribedGroup) -> bool {
    group.members.iter().all(|member| {
        let assigned = [&member.assignment, &member.target_assignment];
        let assigned = assigned.into_iter().flat_map(|it| &it.topic_partitions);
        let mut names = assigned
            .map(|it| &it.topic_name)
            .chain(&member.subscribed_topic_names);
        names.all(|name| grants.sees_topic(name))
    })
}

/// In Kafka's words.
pub(super) const HAS_HIDDEN_TOPICS: &str =
    "The group has described topic(s) that the client is not authorized to describe.";
