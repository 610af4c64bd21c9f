//! ShareGroupHeartbeat (key 76): a member of a share group joins, stays, subscribes and leaves (KIP-932).
//!
//! * Epoch 0 joins, -1 leaves; else it is the epoch the member was told. UNKNOWN_MEMBER_ID and FENCED_MEMBER_EPOCH say that a
//!   member must join again; GROUP_MAX_SIZE_REACHED that it cannot.
//! * A group of another type is GROUP_ID_NOT_FOUND.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_group_heartbeat::{
    ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse,
};

use super::Reply;
use crate::group::Caller;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ShareGroupHeartbeatRequest,
    now: Now,
) -> Reply<ShareGroupHeartbeatResponse> {
    if shard.groups.has_group(&request.group_id) {
        let message = format!("Group {} is not a share group.", request.group_id);
        return Reply::Ready(ShareGroupHeartbeatResponse {
            error_code: ErrorCode::GROUP_ID_NOT_FOUND.code(),
            error_message: Some(message.into()),
            ..ShareGroupHeartbeatResponse::default()
        });
    }
    let caller = Caller::of(context);
    Reply::Ready(shard.with_share(now, |share, journal| {
        share.heartbeat(&request, &caller, now, journal)
    }))
}
