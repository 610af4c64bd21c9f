//! WriteTxnMarkers (key 27): ends transactions in partitions, whatever the coordinator thinks of it.
//!
//! * Between brokers in a cluster; here for an administrator who ends a transaction that hangs (`kafka-transactions abort`).
//! * A partition that does not exist is UNKNOWN_TOPIC_OR_PARTITION, an older coordinator TRANSACTION_COORDINATOR_FENCED.

use rdkafka_records::{EndTxnMarker, TransactionResult};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerPartitionResult, WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::PartitionKey;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: WriteTxnMarkersRequest,
    now: Now,
) -> Reply<WriteTxnMarkersResponse> {
    let markers = request.markers.into_iter();
    Reply::Ready(WriteTxnMarkersResponse {
        markers: markers.map(|marker| write(shard, marker, now)).collect(),
    })
}

fn write(shard: &mut Shard, request: WritableTxnMarker, now: Now) -> WritableTxnMarkerResult {
    let marker = EndTxnMarker {
        producer_id: request.producer_id,
        producer_epoch: request.producer_epoch,
        coordinator_epoch: request.coordinator_epoch,
        result: match request.transaction_result {
            true => TransactionResult::Commit,
            false => TransactionResult::Abort,
        },
    };
    let topics = request.topics.into_iter().map(|topic| {
        let index = shard.topics.find(&topic.name);
        let partitions = topic.partition_indexes.iter().map(|partition| {
            let exists = index.and_then(|topic| {
                let key = PartitionKey {
                    topic,
                    partition: *partition,
                };
                shard.topics.partition_mut(key).map(|_| key)
            });
            let outcome = exists.map_or(Ok(false), |key| {
                shard.with_transactions(now, |_, journal| journal.mark(key, &marker))
            });
            let code = match outcome {
                Ok(true) => ErrorCode::NONE,
                Ok(false) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                Err(code) => code,
            };
            WritableTxnMarkerPartitionResult {
                partition_index: *partition,
                error_code: code.code(),
            }
        });
        WritableTxnMarkerTopicResult {
            partitions: partitions.collect(),
            name: topic.name,
        }
    });
    WritableTxnMarkerResult {
        producer_id: request.producer_id,
        topics: topics.collect(),
    }
}
