//! How the scripted brokers answer a Fetch and questions about epochs.

use bytes::Bytes;
use rdkafka_wire::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, FetchableTopicResponse,
    LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use rdkafka_wire::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    OffsetForLeaderTopicResult,
};
use rdkafka_wire::{ApiKey, ErrorCode, Uuid};

use crate::broker::{Broker, end_of};

/// An id made of the name.
pub(crate) fn topic_id(broker: &Broker, name: &str) -> Uuid {
    if broker.has_no_topic_ids {
        return Uuid::ZERO;
    }
    let mut id = [b'.'; 16];
    id.iter_mut()
        .zip(name.bytes())
        .for_each(|(to, from)| *to = from);
    Uuid(id)
}

/// The topic a fetch names, by id or by name.
pub(crate) fn topic_name(topic: &FetchTopic) -> String {
    if topic.topic_id == Uuid::ZERO {
        return topic.topic.to_string();
    }
    name_of(topic.topic_id)
}

/// The name an id is made of.
pub(crate) fn name_of(id: Uuid) -> String {
    let name = String::from_utf8_lossy(&id.0);
    name.trim_end_matches('.').to_owned()
}

/// Whether an answer without records is worth giving at once.
pub(crate) fn has_hints(response: &FetchResponse) -> bool {
    let mut partitions = response
        .responses
        .iter()
        .flat_map(|topic| &topic.partitions);
    response.throttle_time_ms > 0
        || partitions.any(|data| data.preferred_read_replica >= 0 || data.error_code != 0)
}

pub(crate) fn fetch(
    broker: &mut Broker,
    request: &FetchRequest,
    node: i32,
    code: ErrorCode,
    wanted: &[FetchTopic],
) -> FetchResponse {
    if code != ErrorCode::NONE {
        return FetchResponse {
            error_code: code.0,
            ..Default::default()
        };
    }
    if broker.throttle_ms > 0 {
        return FetchResponse {
            throttle_time_ms: std::mem::take(&mut broker.throttle_ms),
            ..Default::default()
        };
    }
    let has_rack = !request.rack_id.is_empty();
    let mut room = i64::from(request.max_bytes);
    broker.has_given = false;
    let topics = wanted.iter().map(|topic| {
        let name = topic_name(topic);
        let partitions = topic
            .partitions
            .iter()
            .map(|asked| fetch_partition(broker, &name, asked, (node, has_rack), &mut room));
        let partitions = partitions.collect();
        FetchableTopicResponse {
            topic: topic.topic.clone(),
            topic_id: topic.topic_id,
            partitions,
        }
    });
    let responses = topics.collect();
    FetchResponse {
        responses,
        session_id: if broker.keeps_sessions && request.session_epoch >= 0 {
            9
        } else {
            0
        },
        node_endpoints: vec![NodeEndpoint {
            node_id: 2,
            host: "broker2".into(),
            port: 9092,
            rack: None,
        }],
        ..Default::default()
    }
}

pub(crate) fn fetch_partition(
    broker: &mut Broker,
    name: &str,
    asked: &FetchPartition,
    (node, has_rack): (i32, bool),
    room: &mut i64,
) -> PartitionData {
    let end = broker.end(name, asked.partition);
    let start = broker.start(name, asked.partition);
    let (leader_id, leader_epoch) = broker.leader(name, asked.partition);
    let mut error = broker.error(ApiKey::Fetch);
    let is_follower = broker.preferred == Some(node);
    if error != ErrorCode::NONE {
    } else if node != leader_id && !is_follower {
        error = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    } else if (0..leader_epoch).contains(&asked.current_leader_epoch) {
        error = ErrorCode::FENCED_LEADER_EPOCH;
    } else if asked.fetch_offset > end || asked.fetch_offset < start {
        error = ErrorCode::OFFSET_OUT_OF_RANGE;
    }
    if error == ErrorCode::NONE
        && has_rack
        && node == leader_id
        && let Some(preferred_read_replica) = broker.preferred
    {
        return PartitionData {
            partition_index: asked.partition,
            preferred_read_replica,
            high_watermark: end,
            ..Default::default()
        };
    }
    let log = broker.logs.get(&(name.to_owned(), asked.partition));
    let log = log.map_or(&[][..], Vec::as_slice);
    let first = log.partition_point(|batch| end_of(batch) <= asked.fetch_offset);
    let mut records: Vec<Bytes> = Vec::new();
    let mut own_room = i64::from(asked.partition_max_bytes);
    for batch in &log[first..] {
        let size = i64::try_from(batch.len()).unwrap();
        // The first batch of an answer comes whole, whatever was asked for.
        let is_first = !broker.has_given;
        if size > own_room.min(*room) && !is_first {
            if broker.cuts_batches {
                records.push(batch.slice(..usize::try_from(own_room.min(*room)).unwrap()));
            }
            break;
        }
        broker.has_given = true;
        *room -= size;
        own_room -= size;
        records.push(batch.clone());
    }
    PartitionData {
        partition_index: asked.partition,
        error_code: error.0,
        high_watermark: end,
        last_stable_offset: end,
        log_start_offset: start,
        current_leader: match error {
            ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::FENCED_LEADER_EPOCH => {
                LeaderIdAndEpoch {
                    leader_id,
                    leader_epoch,
                }
            }
            _ => LeaderIdAndEpoch::default(),
        },
        records: (error == ErrorCode::NONE).then(|| records.into()),
        ..Default::default()
    }
}

pub(crate) fn offset_for_leader_epoch(
    broker: &mut Broker,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let key = (topic.topic.to_string(), asked.partition, asked.leader_epoch);
            let end = broker.end(&topic.topic, asked.partition);
            let known = broker.epoch_ends.get(&key).copied();
            let (leader_epoch, end_offset) = known.unwrap_or((asked.leader_epoch, end));
            EpochEndOffset {
                error_code: broker.error(ApiKey::OffsetForLeaderEpoch).0,
                partition: asked.partition,
                leader_epoch,
                end_offset,
            }
        });
        let partitions = partitions.collect();
        OffsetForLeaderTopicResult {
            partitions,
            topic: topic.topic.clone(),
        }
    });
    OffsetForLeaderEpochResponse {
        topics: topics.collect(),
        ..Default::default()
    }
}
