//! DescribeGroups (key 15): members, metadata and assignments of groups.
//!
//! * A group that does not exist is `Dead`; from version 6 on it is GROUP_ID_NOT_FOUND too.

use rdkafka_wire::messages::describe_groups::{
    DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup,
};

use super::{Reply, operations};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeGroupsRequest,
    _: Now,
) -> Reply<DescribeGroupsResponse> {
    let wants = request.include_authorized_operations;
    let authorized_operations = if wants {
        operations::GROUP
    } else {
        operations::OMITTED
    };
    let groups = request.groups.iter().map(|group| DescribedGroup {
        authorized_operations,
        ..shard.groups.describe(group, context.ticket.version)
    });
    Reply::Ready(DescribeGroupsResponse {
        groups: groups.collect(),
        ..DescribeGroupsResponse::default()
    })
}
