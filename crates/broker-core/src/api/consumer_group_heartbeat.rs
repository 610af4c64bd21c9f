//! ConsumerGroupHeartbeat (key 68): a member of a group of the next-generation protocol joins, stays, reports and leaves
//! (KIP-848).
//!
//! * Epoch 0 joins, -1 leaves, -2 leaves a static member's place for its return; else it is the epoch the member was told.
//!   UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, FENCED_INSTANCE_ID and UNRELEASED_INSTANCE_ID say what a member must do.
//! * Version 1 lets the member make its id itself (KIP-1082) and subscribe by a regular expression that is resolved here.
//! * Without `consumer` in `group.coordinator.rebalance.protocols`: UNSUPPORTED_VERSION.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};

use super::Reply;
use crate::group::Caller;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ConsumerGroupHeartbeatRequest,
    now: Now,
) -> Reply<ConsumerGroupHeartbeatResponse> {
    if !shard.config.serves_groups_of("consumer") {
        return Reply::Ready(ConsumerGroupHeartbeatResponse {
            error_code: ErrorCode::UNSUPPORTED_VERSION.code(),
            ..ConsumerGroupHeartbeatResponse::default()
        });
    }
    if shard.share.has_group(&request.group_id) {
        let message = format!("Group {} is not a consumer group.", request.group_id);
        return Reply::Ready(ConsumerGroupHeartbeatResponse {
            error_code: ErrorCode::GROUP_ID_NOT_FOUND.code(),
            error_message: Some(message.into()),
            ..ConsumerGroupHeartbeatResponse::default()
        });
    }
    let caller = Caller::of(context);
    let version = context.ticket.version;
    Reply::Ready(shard.with_groups(now, |groups, journal| {
        groups.consumer_heartbeat(request, &caller, version, now, journal)
    }))
}
