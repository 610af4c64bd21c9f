//! AlterPartitionReassignments (key 45): which nodes hold a partition.
//!
//! * The one replica stays where it is: asking for that is done at once, any other assignment is
//!   INVALID_REPLICA_ASSIGNMENT. Cancelling (null) finds nothing: NO_REASSIGNMENT_IN_PROGRESS.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
    ReassignablePartitionResponse, ReassignableTopicResponse,
};

use super::Reply;
use crate::request::{Endpoints, Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: AlterPartitionReassignmentsRequest,
    _: Now,
) -> Reply<AlterPartitionReassignmentsResponse> {
    let endpoints = &context.peer.endpoints;
    let responses = request.topics.into_iter().map(|topic| {
        let found = shard.topics.by_name(&topic.name);
        let partitions = topic.partitions.iter().map(|partition| {
            let index = partition.partition_index;
            let outcome = if found.is_none_or(|it| it.partition(index).is_none()) {
                let message = "This server does not host this topic-partition.";
                Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, message.to_owned()))
            } else {
                judge(endpoints, index, partition.replicas.as_deref())
            };
            let (code, message) = match outcome {
                Ok(()) => (ErrorCode::NONE, None),
                Err((code, message)) => (code, Some(message.into())),
            };
            ReassignablePartitionResponse {
                partition_index: index,
                error_code: code.code(),
                error_message: message,
            }
        });
        ReassignableTopicResponse {
            partitions: partitions.collect(),
            name: topic.name,
        }
    });
    Reply::Ready(AlterPartitionReassignmentsResponse {
        responses: responses.collect(),
        allow_replication_factor_change: request.allow_replication_factor_change,
        ..AlterPartitionReassignmentsResponse::default()
    })
}

fn judge(
    endpoints: &Endpoints,
    partition: i32,
    replicas: Option<&[i32]>,
) -> Result<(), (ErrorCode, String)> {
    let Some(replicas) = replicas else {
        let message = "No partition reassignment is in progress.";
        return Err((ErrorCode::NO_REASSIGNMENT_IN_PROGRESS, message.into()));
    };
    if replicas == [endpoints.leader(partition).node_id] {
        return Ok(());
    }
    let is_node = |id: &&i32| !endpoints.nodes().iter().any(|node| node.node_id == **id);
    let message = match replicas.iter().find(is_node) {
        Some(id) => format!(
            "The manual partition assignment includes broker {id}, but no such broker is registered."
        ),
        None => "This broker holds the only replica of each partition.".to_owned(),
    };
    Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, message))
}
