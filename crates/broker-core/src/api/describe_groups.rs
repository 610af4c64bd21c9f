//! DescribeGroups (key 15): members, metadata and assignments of groups.
//!
//! * A group that does not exist is `Dead`; from version 6 on it is GROUP_ID_NOT_FOUND too.

use rdkafka_wire::messages::describe_groups::{
    DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup,
};

use super::Reply;
use crate::acl::{Operation, ResourceType};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeGroupsRequest,
    _: Now,
) -> Reply<DescribeGroupsResponse> {
    let wants = request.include_authorized_operations;
    let grants = shard.grants(context);
    let groups = request.groups.iter().map(|group| {
        if let Err(code) = grants.group(Operation::Describe, group) {
            return DescribedGroup {
                group_id: group.clone(),
                error_code: code.code(),
                ..DescribedGroup::default()
            };
        }
        DescribedGroup {
            authorized_operations: grants.operations_if(wants, ResourceType::Group, group),
            ..shard.groups.describe(group, context.ticket.version)
        }
    });
    Reply::Ready(DescribeGroupsResponse {
        groups: groups.collect(),
        ..DescribeGroupsResponse::default()
    })
}
