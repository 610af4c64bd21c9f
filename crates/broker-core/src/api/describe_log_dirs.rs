//! DescribeLogDirs (key 35): the data folder and how large each partition in it is.
//!
//! * No topics means all of them; unknown ones are left out. The size of the volume (version 4 and later) is not known
//!   here: -1, as Kafka says when the system does not tell.

use rdkafka_wire::messages::describe_log_dirs::{
    DescribableLogDirTopic, DescribeLogDirsPartition, DescribeLogDirsRequest,
    DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::Topic;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: DescribeLogDirsRequest,
    _: Now,
) -> Reply<DescribeLogDirsResponse> {
    let topics: Vec<DescribeLogDirsTopic> = match request.topics {
        None => shard
            .topics
            .sorted()
            .into_iter()
            .map(|topic| describe(topic, None))
            .collect(),
        Some(wanted) => wanted
            .iter()
            .filter_map(|it| Some(describe(shard.topics.by_name(&it.topic)?, Some(it))))
            .collect(),
    };
    let result = DescribeLogDirsResult {
        log_dir: shard.topics.root().display().to_string().into(),
        topics: topics
            .into_iter()
            .filter(|it| !it.partitions.is_empty())
            .collect(),
        total_bytes: -1,
        usable_bytes: -1,
        ..DescribeLogDirsResult::default()
    };
    Reply::Ready(DescribeLogDirsResponse {
        results: vec![result],
        ..DescribeLogDirsResponse::default()
    })
}

fn describe(topic: &Topic, wanted: Option<&DescribableLogDirTopic>) -> DescribeLogDirsTopic {
    let is_wanted = |index: i32| {
        wanted.is_none_or(|it| it.partitions.is_empty() || it.partitions.contains(&index))
    };
    let partitions = topic.indexes().filter(|index| is_wanted(*index));
    let partitions = partitions.filter_map(|partition_index| {
        let size = topic.partition(partition_index)?.size();
        Some(DescribeLogDirsPartition {
            partition_index,
            partition_size: i64::try_from(size).unwrap_or(i64::MAX),
            offset_lag: 0,
            is_future_key: false,
        })
    });
    DescribeLogDirsTopic {
        partitions: partitions.collect(),
        name: topic.name.clone(),
    }
}
