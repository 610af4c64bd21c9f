//! AlterReplicaLogDirs (key 34): moves partitions between data folders. There is one: a partition is where it is asked to
//! be, or the folder is LOG_DIR_NOT_FOUND; an unknown partition is UNKNOWN_TOPIC_OR_PARTITION.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_replica_log_dirs::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult, AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: AlterReplicaLogDirsRequest,
    _: Now,
) -> Reply<AlterReplicaLogDirsResponse> {
    let root = shard.topics.root();
    let mut results = Vec::new();
    for dir in request.dirs {
        let is_here = std::path::Path::new(&*dir.path) == root;
        for topic in dir.topics {
            let found = shard.topics.by_name(&topic.name);
            let partitions = topic.partitions.iter().map(|index| {
                let exists = found.is_some_and(|topic| topic.partition(*index).is_some());
                let code = match (is_here, exists) {
                    (false, _) => ErrorCode::LOG_DIR_NOT_FOUND,
                    (true, false) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                    (true, true) => ErrorCode::NONE,
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
