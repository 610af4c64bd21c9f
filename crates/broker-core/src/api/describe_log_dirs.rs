//! DescribeLogDirs (key 35): the data folders and how large each partition in them is.
//!
//! * No topics means all of them; unknown ones are left out. The size of the volume (version 4 and later, KIP-827) is
//!   -1 when the system does not tell. A partition that was never written to is in the first folder. One that is being
//!   moved is in both, as the future one where it is going.

use rdkafka_log::LogCopy;
use rdkafka_log::fs::Volume;
use rdkafka_wire::messages::describe_log_dirs::{
    DescribableLogDirTopic, DescribeLogDirsPartition, DescribeLogDirsRequest,
    DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
};

use super::Reply;
use crate::data_dirs::DirIndex;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::Topic;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: DescribeLogDirsRequest,
    _: Now,
) -> Reply<DescribeLogDirsResponse> {
    let topics = &shard.topics;
    let results = topics.dirs().indexed().map(|(at, dir)| {
        let here: Vec<DescribeLogDirsTopic> = match &request.topics {
            None => topics
                .sorted()
                .into_iter()
                .map(|topic| describe(at, topic, None))
                .collect(),
            Some(wanted) => wanted
                .iter()
                .filter_map(|it| {
                    let topic = topics.by_name(&it.topic)?;
                    Some(describe(at, topic, Some(it)))
                })
                .collect(),
        };
        let volume = dir.volume();
        let bytes = |of: fn(&Volume) -> u64| {
            let known = volume.as_ref().ok().map(of);
            known.map_or(-1, |it| i64::try_from(it).unwrap_or(i64::MAX))
        };
        DescribeLogDirsResult {
            log_dir: dir.root().display().to_string().into(),
            topics: here
                .into_iter()
                .filter(|it| !it.partitions.is_empty())
                .collect(),
            total_bytes: bytes(|it| it.total),
            usable_bytes: bytes(|it| it.usable),
            ..DescribeLogDirsResult::default()
        }
    });
    Reply::Ready(DescribeLogDirsResponse {
        results: results.collect(),
        ..DescribeLogDirsResponse::default()
    })
}

/// What of a topic is in a folder.
fn describe(
    dir: DirIndex,
    topic: &Topic,
    wanted: Option<&DescribableLogDirTopic>,
) -> DescribeLogDirsTopic {
    let is_wanted = |index: i32| {
        wanted.is_none_or(|it| it.partitions.is_empty() || it.partitions.contains(&index))
    };
    let partitions = topic.indexes().filter(|index| is_wanted(*index));
    let partitions = partitions.filter_map(|partition_index| {
        let partition = topic.partition(partition_index)?;
        let (size, offset_lag, is_future_key) = match &partition.moving {
            _ if partition.dir().unwrap_or_default() == dir => (partition.size(), 0, false),
            Some(moving) if moving.to == dir => {
                let copy = moving.copy.as_ref();
                let end = copy.map_or(0, LogCopy::end_offset);
                (
                    copy.map_or(0, LogCopy::bytes),
                    partition.offsets().end - end,
                    true,
                )
            }
            _ => return None,
        };
        Some(DescribeLogDirsPartition {
            partition_index,
            partition_size: i64::try_from(size).unwrap_or(i64::MAX),
            offset_lag,
            is_future_key,
        })
    });
    DescribeLogDirsTopic {
        partitions: partitions.collect(),
        name: topic.name.clone(),
    }
}
