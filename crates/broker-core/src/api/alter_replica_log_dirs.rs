//! AlterReplicaLogDirs (key 34): says in which data folder a partition is.
//!
//! * A partition without records will be there; one that has records stays where it is: asked to be there, all is well;
//!   asked for another folder of the broker it is INVALID_REQUEST.
//! * A folder that is not the broker's is LOG_DIR_NOT_FOUND, an unknown partition UNKNOWN_TOPIC_OR_PARTITION.

use std::path::Path;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_replica_log_dirs::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult, AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::PartitionKey;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: AlterReplicaLogDirsRequest,
    _: Now,
) -> Reply<AlterReplicaLogDirsResponse> {
    let mut results = Vec::new();
    for dir in request.dirs {
        let path = Path::new(&*dir.path);
        let wanted = shard.topics.dirs().find(path);
        for topic in dir.topics {
            let found = shard.topics.find(&topic.name);
            let partitions = topic.partitions.iter().map(|index| {
                let key = found.map(|topic| PartitionKey {
                    topic,
                    partition: *index,
                });
                let partition = key.and_then(|key| shard.topics.partition_mut(key));
                let code = match (wanted, partition) {
                    (None, _) => ErrorCode::LOG_DIR_NOT_FOUND,
                    (_, None) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                    (Some(dir), Some(partition)) => match partition.prefer_dir(dir) {
                        true => ErrorCode::NONE,
                        false => ErrorCode::INVALID_REQUEST,
                    },
                };
                AlterReplicaLogDirPartitionResult {
                    partition_index: *index,
                    error_code: code.code(),
                }
            });
            results.push(AlterReplicaLogDirTopicResult {
                partitions: partitions.collect(),
                topic_name: topic.name,
            });
        }
    }
    Reply::Ready(AlterReplicaLogDirsResponse {
        results,
        ..AlterReplicaLogDirsResponse::default()
    })
}
