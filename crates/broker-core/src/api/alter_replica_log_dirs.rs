//! AlterReplicaLogDirs (key 34): says in which data folder a partition is.
//!
//! * A partition without records will be there. One that has records is copied in the background, and goes on there when
//!   the copy has everything ([`crate::relocation`]); DescribeLogDirs shows how far it is. Asked to be where it is, it stays.
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
                let code = match (wanted, key) {
                    (None, _) => ErrorCode::LOG_DIR_NOT_FOUND,
                    (_, None) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                    (Some(dir), Some(key)) => shard.relocate(key, dir),
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
