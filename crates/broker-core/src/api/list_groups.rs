//! ListGroups (key 16): every group, by name; from version 4 on filtered by state, from 5 on by type.

use rdkafka_wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse};

use super::Reply;
use crate::group::GroupFilter;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: ListGroupsRequest,
    _: Now,
) -> Reply<ListGroupsResponse> {
    let filter = GroupFilter {
        states: request.states_filter,
        types: request.types_filter,
    };
    Reply::Ready(ListGroupsResponse {
        groups: shard.groups.list(&filter),
        ..ListGroupsResponse::default()
    })
}
