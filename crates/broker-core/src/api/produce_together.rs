//! Produce requests that came together: one write for all that goes to the same partition.
//!
//! A write of 64 KB into the page cache costs the kernel half as much as four of 16 KB. Guarantees: answers, offsets and
//! records are those of the same requests one after the other. Only plain requests are written together (one partition,
//! no transaction, nothing to change in the batch, nobody to ask for rights); where one is not, or the write fails, each is handled by itself, and
//! says itself what is wrong.

use bytes::Bytes;
use rdkafka_log::AppendInfo;

use super::produce::{CheckedBatch, CheckedProduce, check_against_topic, wanted_codec, write};
use super::{Request, dispatch};
use crate::acl::grants::Grants;
use crate::conf::TimestampType;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::PartitionKey;

type Produce = (Box<RequestContext>, CheckedProduce);

pub(crate) fn handle(shard: &mut Shard, mut requests: Vec<Produce>, now: Now) {
    if requests.len() > 1 && !shard.has_authorizer() {
        for key in partitions_of(shard, &requests, now).unwrap_or_default() {
            append(shard, key, &mut requests, now);
        }
    }
    for (context, request) in requests {
        dispatch(shard, &context, Request::Produce(request), now);
    }
}

/// Where several of the requests go; `None` if any is not plain.
fn partitions_of(shard: &Shard, requests: &[Produce], now: Now) -> Option<Vec<PartitionKey>> {
    let mut known = Vec::new();
    let mut several = Vec::new();
    for (context, request) in requests {
        let key = plain_partition(shard, context.ticket.version, request, now)?;
        if !known.contains(&key) {
            known.push(key);
        } else if !several.contains(&key) {
            several.push(key);
        }
    }
    Some(several)
}

/// The one partition of a request whose batch is written as it is.
fn plain_partition(
    shard: &Shard,
    version: i16,
    request: &CheckedProduce,
    now: Now,
) -> Option<PartitionKey> {
    let [topic] = &request.topics[..] else {
        return None;
    };
    let [(partition, Ok(batch))] = &topic.partitions[..] else {
        return None;
    };
    let key = PartitionKey {
        topic: topic.find_for(shard, &Grants::UNLIMITED, version).ok()?,
        partition: *partition,
    };
    let topic = shard.topics.get(key.topic)?;
    topic.partition(*partition)?;
    let is_plain = request.has_valid_acks()
        && !topic.is_internal()
        && !batch.header.attributes.is_transactional()
        && topic.config.message_timestamp_type == TimestampType::CreateTime
        && wanted_codec(batch, &topic.config).is_none()
        && check_against_topic(&topic.config, batch, request.records_bytes_max, now).is_ok();
    is_plain.then_some(key)
}

/// Writes the batches of all requests to a partition, and notes what became of each.
fn append(shard: &mut Shard, key: PartitionKey, requests: &mut [Produce], now: Now) {
    let mut batches: Vec<&mut CheckedBatch> = requests
        .iter_mut()
        .flat_map(|(context, request)| {
            let version = context.ticket.version;
            request.topics.iter_mut().map(move |it| (version, it))
        })
        .filter(|(version, topic)| {
            topic.find_for(shard, &Grants::UNLIMITED, *version) == Ok(key.topic)
        })
        .flat_map(|(_, topic)| &mut topic.partitions)
        .filter(|(partition, _)| *partition == key.partition)
        .filter_map(|(_, batch)| batch.as_mut().ok())
        .collect();
    let mut rest = &mut batches[..];
    while !rest.is_empty() {
        let mut bytes = 0;
        let mut fits = |it: &&mut CheckedBatch| {
            bytes += it.raw.len();
            bytes <= WRITE_BYTES_MAX
        };
        let fitting = rest.iter().take_while(|it| fits(it)).count().max(1);
        let (now_written, later) = rest.split_at_mut(fitting);
        if !append_each(shard, key, now_written, now) {
            return;
        }
        rest = later;
    }
}

/// One write for these batches, or none; false if each is to be tried by itself, in order.
fn append_each(
    shard: &mut Shard,
    key: PartitionKey,
    batches: &mut [&mut CheckedBatch],
    now: Now,
) -> bool {
    let raw: Vec<Bytes> = batches.iter().map(|it| it.raw.clone()).collect();
    let Some(Ok(all)) = write(shard, key, &raw, now) else {
        return false;
    };
    if all.duplicate {
        return false;
    }
    let mut next = all.base_offset;
    for batch in batches {
        let header = &batch.header;
        let last_offset = next + header.last_offset() - header.base_offset;
        batch.appended = Some(AppendInfo {
            base_offset: next,
            last_offset,
            max_timestamp_ms: header.max_timestamp_ms,
            offset_of_max_timestamp: last_offset,
            records: header.record_count.into(),
            bytes: batch.raw.len(),
            ..all
        });
        next = last_offset + 1;
    }
    true
}

/// How much is written at once: from here on the kernel saves little more, and looks for pieces of memory so large that
/// they are often cold.
const WRITE_BYTES_MAX: usize = 64 << 10;
