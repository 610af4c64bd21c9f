//! What there is to have for a share group in a partition: where the group is, and the batches from there on.
//!
//! Owns: the reading of batches in pieces, no further than the records that are asked for, and where a group begins. Leaves to
//! others: who gets what of it (`share_groups/acquire`), the answer (`share_fetch`). Runs on the shard thread, which
//! reads files here: what is read is bounded.

use bytes::Bytes;
use rdkafka_log::{ReadOptions, Slice};
use rdkafka_records::RecordBatches;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::share_fetch::AcquiredRecords;
use rdkafka_wire::types::{Records, StrBytes};

use super::log_failure;
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::conf::OffsetReset;
use crate::request::Now;
use crate::shard::Shard;
use crate::share_groups::sessions::Place;
use crate::share_groups::state::PartitionId;
use crate::share_groups::{LogBatch, SharePartition};
use crate::topics::PartitionKey;

/// For whom is read, and how much.
pub(super) struct Wanted<'a> {
    pub(super) group: &'a StrBytes,
    pub(super) grants: &'a Grants,
    pub(super) max_records: i64,
    pub(super) reads_committed: bool,
}

/// What there is of one partition.
pub(super) struct Found {
    pub(super) id: PartitionId,
    pub(super) partition: SharePartition,
    chunks: Vec<Bytes>,
    pub(super) batches: Vec<Located>,
    pub(super) bytes: usize,
}

/// A batch, and where it lies in the chunks.
pub(super) struct Located {
    pub(super) batch: LogBatch,
    chunk: usize,
    from: usize,
    to: usize,
}

/// What there is to have of a partition.
pub(super) fn look(
    shard: &mut Shard,
    wanted: &Wanted<'_>,
    (topic, partition): Place,
    (bytes_max, is_first): (usize, bool),
    now: Now,
) -> Result<Option<Found>, ErrorCode> {
    let key = PartitionKey {
        topic: shard
            .topics
            .find_id_for(wanted.grants, Operation::Read, topic)?,
        partition,
    };
    let found = shard.topics.partition_mut(key);
    let offsets = found
        .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?
        .offsets();
    let id = PartitionId {
        group: wanted.group.clone(),
        topic,
        partition,
    };
    if !shard.share.is_begun(&id) {
        return Err(ErrorCode::UNKNOWN_SERVER_ERROR);
    }
    if shard.share.is_unresolved(&id) {
        begin(shard, &id, key, now)?;
    }
    let limits = shard.share.limits(&id.group);
    let known = shard.share.partition(&id, (offsets.start, offsets.start));
    let partition = known.ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)?.clone();
    let upper = match wanted.reads_committed {
        true => offsets.stable,
        false => offsets.high_watermark,
    };
    let from = partition.next_offset();
    if !partition.can_acquire(&limits) || from >= upper {
        return Ok(None);
    }
    let mut found = Found {
        id,
        partition,
        chunks: Vec::new(),
        batches: Vec::new(),
        bytes: 0,
    };
    let mut at = from;
    let mut records = 0;
    while at < upper && records < wanted.max_records {
        let options = ReadOptions {
            max_bytes: bytes_max.saturating_sub(found.bytes).min(CHUNK_BYTES),
            min_one_batch: is_first && found.bytes == 0,
            upper_offset: upper,
        };
        let next = found.read(shard, key, (at, from), &options, wanted.reads_committed)?;
        if next <= at {
            break;
        }
        records += next - at;
        at = next;
    }
    Ok((found.bytes > 0).then_some(found))
}

/// Finds out where a group begins in a partition, and stores it: what is produced from then on is not passed over.
fn begin(
    shard: &mut Shard,
    id: &PartitionId,
    key: PartitionKey,
    now: Now,
) -> Result<(), ErrorCode> {
    let reset = &shard.share.properties(&id.group).share_auto_offset_reset;
    let reset = OffsetReset::parse(reset).unwrap_or(OffsetReset::Latest);
    let found = shard.topics.partition_mut(key);
    let log = found.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let offsets = log.offsets();
    let start = match reset {
        OffsetReset::Earliest => offsets.start,
        OffsetReset::Latest => offsets.high_watermark,
        OffsetReset::ByDuration(age) => {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            let found = log.offset_for_timestamp(now.unix_ms.saturating_sub(age));
            let found = found.map_err(|error| log_failure("share group offset", &error))?;
            found.map_or(offsets.high_watermark, |it| it.offset)
        }
    };
    let partition = shard.share.partition(id, (offsets.start, start)).cloned();
    let partition = partition.ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)?;
    shard.with_share(now, |share, journal| {
        share.take_over(id, partition, now, journal)
    })
}

impl Found {
    /// Reads on from an offset; returns where it ends.
    fn read(
        &mut self,
        shard: &mut Shard,
        key: PartitionKey,
        (at, from): (i64, i64),
        options: &ReadOptions,
        reads_committed: bool,
    ) -> Result<i64, ErrorCode> {
        if options.max_bytes == 0 && !options.min_one_batch {
            return Ok(at);
        }
        let read = shard.topics.with_files(key, |it, _| it.read(at, options));
        let read = read
            .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?
            .map_err(|error| log_failure("share fetch", &error))?;
        let mut aborted = Vec::new();
        if let Some(partition) = shard.topics.partition_mut(key).filter(|_| reads_committed) {
            aborted = partition.aborted_between(at, read.next_offset);
        }
        for bytes in read.slices.iter().map(Slice::read) {
            let bytes = bytes.map_err(|error| {
                tracing::error!(%error, "records cannot be read");
                ErrorCode::KAFKA_STORAGE_ERROR
            })?;
            let mut batches = RecordBatches::new(bytes.clone());
            loop {
                let position = batches.position();
                let Some(batch) = batches.next() else { break };
                let batch = batch.map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
                if batch.last_offset() < from {
                    continue;
                }
                let is_part = |first: i64, last: i64| {
                    first <= batch.base_offset() && batch.last_offset() <= last
                };
                let is_aborted = batch.is_transactional()
                    && !batch.is_control()
                    && aborted.iter().any(|it| {
                        it.producer_id == batch.producer_id()
                            && is_part(it.first_offset, it.last_offset)
                    });
                self.batches.push(Located {
                    batch: LogBatch {
                        first: batch.base_offset(),
                        last: batch.last_offset(),
                        is_aborted,
                    },
                    chunk: self.chunks.len(),
                    from: position,
                    to: batches.position(),
                });
            }
            self.bytes += bytes.len();
            self.chunks.push(bytes);
        }
        Ok(read.next_offset)
    }

    /// The batches with what was acquired, in as few pieces as they lie in.
    pub(super) fn records(&self, acquired: &[AcquiredRecords]) -> Records {
        let (Some(first), Some(last)) = (acquired.first(), acquired.last()) else {
            return Records::default();
        };
        let mut pieces: Vec<(usize, usize, usize)> = Vec::new();
        for it in &self.batches {
            if it.batch.last < first.first_offset || it.batch.first > last.last_offset {
                continue;
            }
            match pieces.last_mut() {
                Some((chunk, _, to)) if *chunk == it.chunk && *to == it.from => *to = it.to,
                _ => pieces.push((it.chunk, it.from, it.to)),
            }
        }
        let pieces = pieces.into_iter();
        let pieces = pieces.map(|(chunk, from, to)| self.chunks[chunk].slice(from..to));
        Records::from(pieces.collect::<Vec<Bytes>>())
    }
}

/// How much is read at a time: what is read and not handed out is read again.
const CHUNK_BYTES: usize = 256 << 10;
