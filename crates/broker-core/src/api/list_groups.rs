//! ListGroups (key 16): every group, by name; from version 4 on filtered by state, from 5 on by type. Who may not describe the cluster
//! sees the groups it may describe.

use rdkafka_wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse};

use super::Reply;
use crate::acl::{CLUSTER, Operation, ResourceType};
use crate::group::GroupFilter;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ListGroupsRequest,
    _: Now,
) -> Reply<ListGroupsResponse> {
    let filter = GroupFilter {
        states: request.states_filter,
        types: request.types_filter,
    };
    let grants = shard.grants(context);
    let sees_all = grants.allows(Operation::Describe, ResourceType::Cluster, CLUSTER);
    let mut groups = shard.groups.list(&filter);
    groups.extend(shard.share.list().filter(|group| filter.takes(group)));
    groups.retain(|group| sees_all || grants.sees_group(&group.group_id));
    groups.sort_by(|a, b| a.group_id.cmp(&b.group_id));
    Reply::Ready(ListGroupsResponse {
        groups,
        ..ListGroupsResponse::default()
    })
}
