//! RemoveRaftVoter (key 81): as AddRaftVoter, the quorum stays what it is.

use rdkafka_wire::messages::remove_raft_voter::{RemoveRaftVoterRequest, RemoveRaftVoterResponse};

use super::Reply;
use super::add_raft_voter::{refusal, unsupported};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: RemoveRaftVoterRequest,
    _: Now,
) -> Reply<RemoveRaftVoterResponse> {
    let voter = (request.voter_id, request.voter_directory_id);
    let refusal = refusal(shard, request.cluster_id, voter, "Remove");
    let (code, message) = refusal.unwrap_or_else(|| unsupported("removing"));
    Reply::Ready(RemoveRaftVoterResponse {
        error_code: code.code(),
        error_message: Some(message.into()),
        ..RemoveRaftVoterResponse::default()
    })
}
