//! DescribeQuorum (key 55): the voters of the cluster metadata, which is this node.
//!
//! * One partition is known, `__cluster_metadata` 0; others are UNKNOWN_TOPIC_OR_PARTITION.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_quorum::{
    DescribeQuorumRequest, DescribeQuorumResponse, Listener, Node, ReplicaState,
    ResponsePartitionData, ResponseTopicData,
};
use rdkafka_wire::types::Uuid;

use super::Reply;
use crate::cluster_log::CLUSTER_METADATA_TOPIC;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeQuorumRequest,
    now: Now,
) -> Reply<DescribeQuorumResponse> {
    let controller = context.peer.endpoints.controller();
    let end = shard.topics.cluster.end_offset();
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let index = partition.partition_index;
            if *topic.topic_name != *CLUSTER_METADATA_TOPIC || index != 0 {
                return ResponsePartitionData {
                    partition_index: index,
                    error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.code(),
                    ..ResponsePartitionData::default()
                };
            }
            ResponsePartitionData {
                leader_id: controller.node_id,
                leader_epoch: 1,
                high_watermark: end,
                current_voters: vec![ReplicaState {
                    replica_id: controller.node_id,
                    replica_directory_id: Uuid::ZERO,
                    log_end_offset: end,
                    last_fetch_timestamp: now.unix_ms,
                    last_caught_up_timestamp: now.unix_ms,
                }],
                ..ResponsePartitionData::default()
            }
        });
        ResponseTopicData {
            partitions: partitions.collect(),
            topic_name: topic.topic_name,
        }
    });
    let node = Node {
        node_id: controller.node_id,
        listeners: vec![Listener {
            name: context.peer.listener.clone(),
            host: controller.host.clone(),
            port: u16::try_from(controller.port).unwrap_or(0),
        }],
    };
    Reply::Ready(DescribeQuorumResponse {
        topics: topics.collect(),
        nodes: vec![node],
        ..DescribeQuorumResponse::default()
    })
}
