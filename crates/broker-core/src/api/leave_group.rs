//! LeaveGroup (key 13): a member goes, so that the others need not wait for its session to time out.
//!
//! * Versions 0-2 name one member; from 3 on many, by member id or instance id, with an answer each.

use rdkafka_wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: LeaveGroupRequest,
    now: Now,
) -> Reply<LeaveGroupResponse> {
    let version = context.ticket.version;
    Reply::Ready(shard.with_groups(now, |groups, journal| {
        groups.leave(&request, version, now, journal)
    }))
}
