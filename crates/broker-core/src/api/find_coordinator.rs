//! FindCoordinator (key 10): which node coordinates a group or a transactional id.
//!
//! * It is this broker; the address is the one this client can reach. The internal topic is created if it is missing.
//! * Versions 0-3 ask about one key, from 4 on about many. Version 0 knows groups only.
//! * Key types: 0 group (of any type), 1 transactional id, 2 state of a share group in a partition (version 6 and later;
//!   `group:topic-id:partition`); others are INVALID_REQUEST.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::share_groups::state::PartitionId;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: FindCoordinatorRequest,
    now: Now,
) -> Reply<FindCoordinatorResponse> {
    let outcome = match request.key_type {
        GROUP => shard
            .with_groups(now, |_, offsets| offsets.ensure())
            .map(|_| ()),
        TRANSACTION => shard
            .with_transactions(now, |_, transactions| transactions.ensure())
            .map(|_| ()),
        SHARE if context.ticket.version >= SHARE_FROM => {
            let keys = &request.coordinator_keys;
            match keys.iter().all(|it| PartitionId::is_coordinator_key(it)) {
                true => shard
                    .with_share(now, |_, topic| topic.ensure_share_state())
                    .map(|_| ()),
                false => Err(ErrorCode::INVALID_REQUEST),
            }
        }
        _ => Err(ErrorCode::INVALID_REQUEST),
    };
    let grants = shard.grants(context);
    let outcome = |key: &str| may_find(&grants, request.key_type, key).and(outcome);
    if context.ticket.version >= MANY_KEYS_FROM {
        let keys = request.coordinator_keys.into_iter();
        let coordinators = keys.map(|key| {
            let outcome = outcome(&key);
            answer(context, key, outcome)
        });
        let coordinators = coordinators.collect();
        return Reply::Ready(FindCoordinatorResponse {
            coordinators,
            ..FindCoordinatorResponse::default()
        });
    }
    let outcome = outcome(&request.key);
    let found = answer(context, request.key, outcome);
    Reply::Ready(FindCoordinatorResponse {
        error_code: found.error_code,
        error_message: found.error_message,
        node_id: found.node_id,
        host: found.host,
        port: found.port,
        ..FindCoordinatorResponse::default()
    })
}

fn may_find(grants: &Grants, key_type: i8, key: &str) -> Result<(), ErrorCode> {
    match key_type {
        GROUP => grants.group(Operation::Describe, key),
        TRANSACTION => grants.transactional_id(Operation::Describe, key),
        SHARE => grants.cluster(Operation::ClusterAction),
        _ => Ok(()),
    }
}

fn answer(context: &RequestContext, key: StrBytes, outcome: Result<(), ErrorCode>) -> Coordinator {
    match outcome {
        Ok(()) => {
            let node = context.peer.endpoints.coordinator(&key);
            Coordinator {
                key,
                node_id: node.node_id,
                host: node.host.clone(),
                port: node.port,
                error_message: Some(StrBytes::default()),
                ..Coordinator::default()
            }
        }
        Err(code) => Coordinator {
            key,
            node_id: -1,
            port: -1,
            error_code: code.code(),
            error_message: Some(code.text().into_owned().into()),
            ..Coordinator::default()
        },
    }
}

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;
const MANY_KEYS_FROM: i16 = 4;
const SHARE_FROM: i16 = 6;
