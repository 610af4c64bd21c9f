//! SyncGroup (key 14): bring (the leader) or fetch (everybody) the assignment of a generation.
//!
//! * Waits for the leader; see `group/sync.rs` for all rules.

use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: SyncGroupRequest,
    now: Now,
) -> Reply<SyncGroupResponse> {
    shard.with_groups(now, |groups, journal| {
        groups.sync(request, context.ticket, now, journal)
    });
    Reply::Parked
}
