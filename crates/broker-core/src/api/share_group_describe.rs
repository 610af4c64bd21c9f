//! ShareGroupDescribe (key 77): members and assignments of share groups (KIP-932).
//!
//! * A group that does not exist or is of another type is GROUP_ID_NOT_FOUND; without a name it is INVALID_GROUP_ID.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_group_describe::{
    DescribedGroup, ShareGroupDescribeRequest, ShareGroupDescribeResponse,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use super::consumer_group_describe::HAS_HIDDEN_TOPICS;
use crate::acl::{Operation, ResourceType};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ShareGroupDescribeRequest,
    _: Now,
) -> Reply<ShareGroupDescribeResponse> {
    let wants = request.include_authorized_operations;
    let grants = shard.grants(context);
    let refused = |group_id: &StrBytes, code: ErrorCode, message: Option<&str>| DescribedGroup {
        group_id: group_id.clone(),
        error_code: code.code(),
        error_message: message.map(Into::into),
        ..DescribedGroup::default()
    };
    let describe = |group_id: &StrBytes| {
        if let Err(code) = grants.group(Operation::Describe, group_id) {
            return refused(group_id, code, None);
        }
        let mut group = shard.share.describe(group_id, &shard.topics);
        if group_id.is_empty() {
            group.error_code = ErrorCode::INVALID_GROUP_ID.code();
            group.error_message = None;
        } else if shard.groups.has_group(group_id) {
            let message = format!("Group {group_id} is not a share group.");
            group.error_message = Some(message.into());
        }
        let mut topics = group.members.iter().flat_map(|member| {
            let assigned = member.assignment.topic_partitions.iter();
            let assigned = assigned.map(|it| &it.topic_name);
            assigned.chain(&member.subscribed_topic_names)
        });
        if !topics.all(|name| grants.sees_topic(name)) {
            let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
            return refused(group_id, code, Some(HAS_HIDDEN_TOPICS));
        }
        DescribedGroup {
            authorized_operations: grants.operations_if(wants, ResourceType::Group, group_id),
            ..group
        }
    };
    Reply::Ready(ShareGroupDescribeResponse {
        groups: request.group_ids.iter().map(describe).collect(),
        ..ShareGroupDescribeResponse::default()
    })
}
