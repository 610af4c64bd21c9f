//! AddRaftVoter (key 80): the quorum of controllers is this node and stays so, as in a Kafka cluster with kraft.version 0.
//!
//! * INCONSISTENT_CLUSTER_ID: another cluster was meant; INVALID_REQUEST: no voter, or no address of the controllers'
//!   listener; UNSUPPORTED_VERSION: all else.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::add_raft_voter::{AddRaftVoterRequest, AddRaftVoterResponse};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: AddRaftVoterRequest,
    _: Now,
) -> Reply<AddRaftVoterResponse> {
    let voter = (request.voter_id, request.voter_directory_id);
    let names = &shard.config.controller_listener_names;
    let wanted = names.first().map_or("CONTROLLER", String::as_str);
    let mut listeners = request.listeners.iter();
    let (code, message) = if let Some(refusal) = refusal(shard, request.cluster_id, voter, "Add") {
        refusal
    } else if !listeners.any(|it| it.name.eq_ignore_ascii_case(wanted)) {
        let message = format!(
            "Add voter request didn't include the endpoint for the default listener {wanted}"
        );
        (ErrorCode::INVALID_REQUEST, message)
    } else {
        unsupported("adding")
    };
    Reply::Ready(AddRaftVoterResponse {
        error_code: code.code(),
        error_message: Some(message.into()),
        ..AddRaftVoterResponse::default()
    })
}

/// What is wrong with the cluster or the voter that a request names.
pub(super) fn refusal(
    shard: &Shard,
    cluster_id: Option<StrBytes>,
    (id, directory): (i32, Uuid),
    request: &str,
) -> Option<(ErrorCode, String)> {
    let own = shard.cluster_id();
    match cluster_id {
        Some(other) if &*other != own => {
            let message =
                format!("The given id \"{other}\" doesn't match the cluster id \"{own}\"");
            Some((ErrorCode::INCONSISTENT_CLUSTER_ID, message))
        }
        _ if id < 0 || directory == Uuid::default() => {
            let message = format!("{request} voter request didn't include a valid voter");
            Some((ErrorCode::INVALID_REQUEST, message))
        }
        _ => None,
    }
}

pub(super) fn unsupported(what: &str) -> (ErrorCode, String) {
    let message =
        format!("Cluster doesn't support {what} voter because the kraft.version feature is 0");
    (ErrorCode::UNSUPPORTED_VERSION, message)
}
