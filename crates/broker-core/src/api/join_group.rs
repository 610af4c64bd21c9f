//! JoinGroup (key 11): become or stay a member of a classic group.
//!
//! * Waits until everybody has joined, so the answer may come much later; see `group/join.rs` for all rules.
//! * A group of another type is INCONSISTENT_GROUP_PROTOCOL.
//! * Member ids are `client.id-uuid`, those of static members `group.instance.id-uuid`.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupResponse};

use super::Reply;
use crate::group::{Caller, join_refusal};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: JoinGroupRequest,
    now: Now,
) -> Reply<JoinGroupResponse> {
    if shard.share.has_group(&request.group_id) {
        let code = ErrorCode::INCONSISTENT_GROUP_PROTOCOL;
        let version = context.ticket.version;
        return Reply::Ready(join_refusal(code, request.member_id, version));
    }
    let caller = Caller::of(context);
    shard.with_groups(now, |groups, journal| {
        groups.join(request, caller, context.ticket, now, journal)
    });
    Reply::Parked
}
