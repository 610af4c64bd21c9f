//! StreamsGroupDescribe (key 89): topology, members, tasks and targets of streams groups (KIP-1071).
//!
//! * A group that does not exist or is of another type is GROUP_ID_NOT_FOUND, without a name it is INVALID_GROUP_ID; one that uses a
//!   topic the client may not see is TOPIC_AUTHORIZATION_FAILED as a whole.
//! * Without `streams` in `group.coordinator.rebalance.protocols`: UNSUPPORTED_VERSION.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::streams_group_describe::{
    DescribedGroup, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, Subtopology,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::acl::{Operation, ResourceType};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: StreamsGroupDescribeRequest,
    _: Now,
) -> Reply<StreamsGroupDescribeResponse> {
    let wants = request.include_authorized_operations;
    let grants = shard.grants(context);
    let refused = |group_id: &StrBytes, code: ErrorCode, message: Option<String>| DescribedGroup {
        group_id: group_id.clone(),
        error_code: code.code(),
        error_message: message.map(Into::into),
        ..DescribedGroup::default()
    };
    let describe = |group_id: &StrBytes| {
        if !shard.config.serves_groups_of("streams") {
            return refused(group_id, ErrorCode::UNSUPPORTED_VERSION, None);
        }
        if let Err(code) = grants.group(Operation::Describe, group_id) {
            return refused(group_id, code, None);
        }
        if group_id.is_empty() {
            return refused(group_id, ErrorCode::INVALID_GROUP_ID, None);
        }
        if shard.share.has_group(group_id) {
            let message = format!("Group {group_id} is not a streams group.");
            return refused(group_id, ErrorCode::GROUP_ID_NOT_FOUND, Some(message));
        }
        let group = shard.groups.describe_streams_group(group_id);
        if group.error_code != 0 {
            return group;
        }
        let topology = group.topology.iter().flat_map(|it| &it.subtopologies);
        if !topology
            .flatten()
            .flat_map(topics)
            .all(|it| grants.sees_topic(it))
        {
            let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
            return refused(group_id, code, Some(HAS_HIDDEN_TOPICS.into()));
        }
        DescribedGroup {
            authorized_operations: grants.operations_if(wants, ResourceType::Group, group_id),
            ..group
        }
    };
    Reply::Ready(StreamsGroupDescribeResponse {
        groups: request.group_ids.iter().map(describe).collect(),
        ..StreamsGroupDescribeResponse::default()
    })
}

fn topics(subtopology: &Subtopology) -> impl Iterator<Item = &StrBytes> {
    let own = subtopology.repartition_source_topics.iter();
    let own = own.chain(&subtopology.state_changelog_topics);
    let others = subtopology.source_topics.iter();
    let others = others.chain(&subtopology.repartition_sink_topics);
    others.chain(own.map(|it| &it.name))
}

/// In Kafka's words.
const HAS_HIDDEN_TOPICS: &str =
    "The described group uses topics that the client is not authorized to describe.";
