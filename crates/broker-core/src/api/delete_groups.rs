//! DeleteGroups (key 42): groups without members, with all their offsets.
//!
//! * NON_EMPTY_GROUP while there are members, GROUP_ID_NOT_FOUND for a group that does not exist.

use rdkafka_wire::messages::delete_groups::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: DeleteGroupsRequest,
    now: Now,
) -> Reply<DeleteGroupsResponse> {
    let mut results = Vec::with_capacity(request.groups_names.len());
    for group_id in request.groups_names {
        let code = shard.with_groups(now, |groups, journal| {
            groups.delete(&group_id, now, journal)
        });
        results.push(DeletableGroupResult {
            group_id,
            error_code: code.code(),
        });
    }
    Reply::Ready(DeleteGroupsResponse {
        results,
        ..DeleteGroupsResponse::default()
    })
}
