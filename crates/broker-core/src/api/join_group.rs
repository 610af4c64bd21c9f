//! JoinGroup (key 11): become or stay a member of a classic group.
//!
//! * Waits until everybody has joined, so the answer may come much later; see `group/join.rs` for all rules.
//! * Member ids are `client.id-uuid`, those of static members `group.instance.id-uuid`.

use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::group::Caller;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: JoinGroupRequest,
    now: Now,
) -> Reply<JoinGroupResponse> {
    let caller = Caller {
        client_id: context
            .client_id
            .as_ref()
            .map_or_else(StrBytes::default, |id| id.copy_out_of_frame()),
        client_host: context.peer.host.clone(),
    };
    shard.with_groups(now, |groups, journal| {
        groups.join(request, caller, context.ticket, now, journal)
    });
    Reply::Parked
}
