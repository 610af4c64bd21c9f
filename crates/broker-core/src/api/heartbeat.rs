//! Heartbeat (key 12): a member is alive, and learns whether a rebalance is under way (REBALANCE_IN_PROGRESS).

use rdkafka_wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: HeartbeatRequest,
    now: Now,
) -> Reply<HeartbeatResponse> {
    let code = shard.with_groups(now, |groups, journal| {
        groups.heartbeat(&request, now, journal)
    });
    let error_code = code.code();
    Reply::Ready(HeartbeatResponse {
        error_code,
        ..HeartbeatResponse::default()
    })
}
