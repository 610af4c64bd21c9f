//! ElectLeaders (key 43): who leads a partition. The one replica leads already: ELECTION_NOT_NEEDED.
//!
//! * No partitions means all of them; those that need no election are then left out, which is all.
//! * Election types: 0 preferred, 1 unclean; another one is INVALID_REQUEST.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::elect_leaders::{
    ElectLeadersRequest, ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: ElectLeadersRequest,
    _: Now,
) -> Reply<ElectLeadersResponse> {
    if !matches!(request.election_type, 0 | 1) {
        return Reply::Ready(ElectLeadersResponse {
            error_code: ErrorCode::INVALID_REQUEST.code(),
            ..ElectLeadersResponse::default()
        });
    }
    let results = request.topic_partitions.into_iter().flatten().map(|topic| {
        let found = shard.topics.by_name(&topic.topic);
        let partitions = topic.partitions.iter().map(|index| {
            let (code, message) = if found.is_none_or(|it| it.partition(*index).is_none()) {
                let message = format!("No such partition as {}-{index}", topic.topic);
                (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, message)
            } else {
                let message = "The leader is the only replica, an election is not needed.";
                (ErrorCode::ELECTION_NOT_NEEDED, message.to_owned())
            };
            PartitionResult {
                partition_id: *index,
                error_code: code.code(),
                error_message: Some(message.into()),
            }
        });
        ReplicaElectionResult {
            partition_result: partitions.collect(),
            topic: topic.topic,
        }
    });
    Reply::Ready(ElectLeadersResponse {
        replica_election_results: results.collect(),
        ..ElectLeadersResponse::default()
    })
}
