//! DescribeProducers (key 61): the idempotent and transactional producers that partitions remember.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_producers::{
    DescribeProducersRequest, DescribeProducersResponse, PartitionResponse, ProducerState,
    TopicResponse,
};

use super::Reply;
use crate::acl::Operation;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeProducersRequest,
    _: Now,
) -> Reply<DescribeProducersResponse> {
    let grants = shard.grants(context);
    let topics = request.topics.into_iter().map(|topic| {
        let found = shard
            .topics
            .by_name_for(&grants, Operation::Read, &topic.name);
        let partitions = topic.partition_indexes.iter().map(|index| {
            let found = found.and_then(|topic| {
                let found = topic.partition(*index);
                found.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
            });
            match found {
                Ok(partition) => PartitionResponse {
                    partition_index: *index,
                    active_producers: partition.producers().iter().map(shown).collect(),
                    ..PartitionResponse::default()
                },
                Err(code) => PartitionResponse {
                    partition_index: *index,
                    error_code: code.code(),
                    ..PartitionResponse::default()
                },
            }
        });
        TopicResponse {
            partitions: partitions.collect(),
            name: topic.name,
        }
    });
    Reply::Ready(DescribeProducersResponse {
        topics: topics.collect(),
        ..DescribeProducersResponse::default()
    })
}

fn shown(producer: &rdkafka_log::ProducerEntry) -> ProducerState {
    ProducerState {
        producer_id: producer.producer_id,
        producer_epoch: producer.epoch.into(),
        last_sequence: producer.batches.last().map_or(-1, |it| it.last_sequence),
        last_timestamp: producer.last_timestamp_ms,
        coordinator_epoch: producer.coordinator_epoch,
        current_txn_start_offset: producer.txn_first_offset.unwrap_or(-1),
    }
}
