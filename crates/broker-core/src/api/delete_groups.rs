//! DeleteGroups (key 42): groups without members, with all their offsets.
//!
//! * NON_EMPTY_GROUP while there are members, GROUP_ID_NOT_FOUND for a group that does not exist.

use rdkafka_wire::messages::delete_groups::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse,
};

use super::Reply;
use crate::acl::Operation;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DeleteGroupsRequest,
    now: Now,
) -> Reply<DeleteGroupsResponse> {
    let grants = shard.grants(context);
    let mut results = Vec::with_capacity(request.groups_names.len());
    for group_id in request.groups_names {
        let allowed = grants.group(Operation::Delete, &group_id);
        let code = allowed.err().unwrap_or_else(|| {
            let of_share = shard.with_share(now, |share, journal| share.delete(&group_id, journal));
            of_share.unwrap_or_else(|| {
                shard.with_groups(now, |groups, journal| {
                    groups.delete(&group_id, now, journal)
                })
            })
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
