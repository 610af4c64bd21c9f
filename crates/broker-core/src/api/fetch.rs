//! Fetch (key 1): records out of partitions, waiting for them if need be.
//!
//! * Less than `min_bytes` waits up to `max_wait_ms`; an error, a wait of 0 or no partition at all is answered at once.
//! * Bounds: per partition, per request (`max_bytes`, version 3 and later) and the broker's `fetch.max.bytes`; the first batch of
//!   the response is always whole, however large, so that a consumer can go on.
//! * An offset outside of the log is OFFSET_OUT_OF_RANGE; a leader epoch from the future or the past
//!   UNKNOWN_LEADER_EPOCH or FENCED_LEADER_EPOCH.
//! * Version 13 and later name topics by id (UNKNOWN_TOPIC_ID). What may not be read is TOPIC_AUTHORIZATION_FAILED.
//! * Versions 0-1 get message format 0, versions 2-3 format 1: batches are converted on the connection task.
//! * read_committed (version 4 and later) ends at the last stable offset and lists the aborted transactions of what is read.
//! * A client that is throttled gets nothing, in its session or without one (KIP-219).
//! * Fetch sessions (version 7 and later, KIP-227) are in [`crate::fetch_sessions`]: FETCH_SESSION_ID_NOT_FOUND,
//!   INVALID_FETCH_SESSION_EPOCH; without room for one the answer names session 0.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use rdkafka_log::{FileSlice, LogRead, ReadOptions, Slice};
use rdkafka_records::legacy::{DownConvert, MessageFormat, down_convert};
use rdkafka_wire::frame::encode_response;
use rdkafka_wire::messages::fetch::{
    AbortedTransaction, FetchPartition, FetchRequest, FetchResponse, FetchTopic,
    FetchableTopicResponse, PartitionData,
};
use rdkafka_wire::types::Records;
use rdkafka_wire::{ApiKey, ErrorCode};

use super::{Reply, Response, log_failure};
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::fetch_sessions::Standing;
use crate::partition::check_leader_epoch;
use crate::purgatory::{ParkedFetch, Wants};
use crate::quota::throttle_time_ms;
use crate::request::{Now, RequestContext, Ticket};
use crate::shard::{Output, Shard};
use crate::topics::{PartitionKey, TopicIndex};

/// A fetch response whose records are still where they are: in memory or in files.
#[derive(Debug, Default)]
pub struct FetchAnswer {
    response: FetchResponse,
    found: Vec<Found>,
    bytes_max: usize,
}

/// The records of one partition of the response.
#[derive(Debug)]
struct Found {
    topic: usize,
    partition: usize,
    offset: i64,
    slices: Vec<Slice>,
}

/// One pass over everything a fetch asks for.
struct Pass {
    answer: FetchAnswer,
    bytes: usize,
    has_error: bool,
    watches: Vec<PartitionKey>,
}

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    mut request: FetchRequest,
    now: Now,
) -> Reply<Response> {
    let slots = shard.config.max_incremental_fetch_session_cache_slots;
    let slots = usize::try_from(slots).unwrap_or(0);
    let sessions = &mut shard.fetch_sessions;
    let opened = sessions.open(&mut request, slots, now.mono, &mut shard.rng);
    let standing = match opened {
        Ok(standing) => standing,
        Err(code) => return refuse_session(code),
    };
    let bytes_max = shard.quotas.fetch_bytes_max(context.ticket);
    let grants = shard.grants(context);
    let pass = read(shard, &request, &grants, context.ticket.version, bytes_max);
    let wanted = usize::try_from(request.min_bytes)
        .unwrap_or(0)
        .min(bytes_max);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    if pass.has_error || pass.bytes >= wanted || wait.is_zero() || request.topics.is_empty() {
        let answer = pass.answer.charged(shard, standing, context.ticket, now);
        return Reply::Ready(answer.into());
    }
    let parked = ParkedFetch {
        ticket: context.ticket,
        missing: wanted - pass.bytes,
        deadline: now.mono + wait,
        watches: pass.watches,
        wants: Wants::Records(request, grants, standing),
    };
    shard.park_fetch(parked);
    Reply::Parked
}

/// A parked fetch is over: whatever there is now is its answer.
pub(crate) fn complete(
    shard: &mut Shard,
    ticket: Ticket,
    (request, grants, standing): (&FetchRequest, &Grants, Standing),
    now: Now,
) -> Response {
    let bytes_max = shard.quotas.fetch_bytes_max(ticket);
    let pass = read(shard, request, grants, ticket.version, bytes_max);
    let answer = pass.answer.charged(shard, standing, ticket, now);
    answer.into()
}

fn refuse_session(code: ErrorCode) -> Reply<Response> {
    let response = FetchResponse {
        error_code: code.code(),
        ..FetchResponse::default()
    };
    Reply::Ready(
        FetchAnswer {
            response,
            ..FetchAnswer::default()
        }
        .into(),
    )
}

fn read(
    shard: &mut Shard,
    request: &FetchRequest,
    grants: &Grants,
    version: i16,
    bytes_max: usize,
) -> Pass {
    let broker_max = usize::try_from(shard.config.fetch_max_bytes).unwrap_or(0);
    let mut budget = usize::try_from(request.max_bytes)
        .unwrap_or(0)
        .min(broker_max)
        .min(bytes_max);
    let mut pass = Pass {
        answer: FetchAnswer {
            bytes_max: shard.decompressed_bytes_max(),
            ..FetchAnswer::default()
        },
        bytes: 0,
        has_error: false,
        watches: Vec::new(),
    };
    for topic in &request.topics {
        let index = find_topic(shard, topic, grants, version);
        let at = pass.answer.response.responses.len();
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for wanted in &topic.partitions {
            let key = index.map(|topic| PartitionKey {
                topic,
                partition: wanted.partition,
            });
            let is_first = pass.bytes == 0;
            let outcome = key.and_then(|key| {
                pass.watches.push(key);
                read_partition(
                    shard,
                    key,
                    wanted,
                    budget,
                    is_first,
                    request.isolation_level,
                )
            });
            let (data, slices) = outcome.unwrap_or_else(|code| {
                pass.has_error = true;
                (error_data(wanted.partition, code), Vec::new())
            });
            let bytes: usize = slices.iter().map(Slice::len).sum();
            pass.bytes += bytes;
            budget = budget.saturating_sub(bytes);
            if bytes > 0 {
                let found = Found {
                    topic: at,
                    partition: partitions.len(),
                    offset: wanted.fetch_offset,
                    slices,
                };
                pass.answer.found.push(found);
            }
            partitions.push(data);
        }
        let answer = FetchableTopicResponse {
            topic: topic.topic.clone(),
            topic_id: topic.topic_id,
            partitions,
        };
        pass.answer.response.responses.push(answer);
    }
    pass
}

fn find_topic(
    shard: &Shard,
    topic: &FetchTopic,
    grants: &Grants,
    version: i16,
) -> Result<TopicIndex, ErrorCode> {
    if version >= TOPIC_IDS_FROM {
        shard
            .topics
            .find_id_for(grants, Operation::Read, topic.topic_id)
    } else {
        shard.topics.find_for(grants, Operation::Read, &topic.topic)
    }
}

fn read_partition(
    shard: &mut Shard,
    key: PartitionKey,
    wanted: &FetchPartition,
    budget: usize,
    is_first: bool,
    isolation_level: i8,
) -> Result<(PartitionData, Vec<Slice>), ErrorCode> {
    let partition = shard
        .topics
        .partition_mut(key)
        .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    check_leader_epoch(wanted.current_leader_epoch)?;
    let offsets = partition.offsets();
    let reads_committed = isolation_level == READ_COMMITTED;
    let partition_max = usize::try_from(wanted.partition_max_bytes).unwrap_or(0);
    let options = ReadOptions {
        max_bytes: partition_max.min(budget),
        min_one_batch: is_first,
        upper_offset: if reads_committed {
            offsets.stable
        } else {
            offsets.high_watermark
        },
    };
    let out_of_range = wanted.fetch_offset < offsets.start || wanted.fetch_offset > offsets.end;
    let read = if out_of_range {
        return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
    } else if options.max_bytes == 0 && !is_first {
        LogRead::default()
    } else {
        let read = shard
            .topics
            .with_files(key, |it, _| it.read(wanted.fetch_offset, &options));
        read.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?
            .map_err(|error| log_failure("fetch", &error))?
    };
    let partition = shard
        .topics
        .partition_mut(key)
        .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let aborted = (reads_committed && !read.slices.is_empty()).then(|| {
        let aborted = partition.aborted_between(wanted.fetch_offset, read.next_offset);
        let aborted = aborted.iter().map(|it| AbortedTransaction {
            producer_id: it.producer_id,
            first_offset: it.first_offset,
        });
        aborted.collect()
    });
    let data = PartitionData {
        partition_index: wanted.partition,
        high_watermark: offsets.high_watermark,
        last_stable_offset: offsets.stable,
        log_start_offset: offsets.start,
        aborted_transactions: aborted.or_else(|| reads_committed.then(Vec::new)),
        records: Some(Records::default()),
        ..PartitionData::default()
    };
    Ok((data, read.slices))
}

fn error_data(partition: i32, code: ErrorCode) -> PartitionData {
    PartitionData {
        partition_index: partition,
        error_code: code.code(),
        high_watermark: -1,
        records: Some(Records::default()),
        ..PartitionData::default()
    }
}

impl FetchAnswer {
    /// The answer for a client that may have it, or the one for who must wait first.
    fn charged(self, shard: &mut Shard, standing: Standing, ticket: Ticket, now: Now) -> Self {
        let bytes = self.found.iter().map(Found::len).sum();
        let throttle = shard.quotas.fetched(ticket, bytes, now);
        if throttle.is_zero() {
            return self.trimmed(shard, standing);
        }
        shard.push_output(Output::Mute(ticket.connection, throttle));
        let mut throttled = Self::default();
        throttled.response.throttle_time_ms = throttle_time_ms(throttle);
        match standing {
            Standing::Full => {}
            // A client that is told no session asks for a new one.
            Standing::New(id) => shard.fetch_sessions.close(id),
            Standing::Incremental(id) => throttled.response.session_id = id,
        }
        throttled
    }

    /// Says how long a client is throttled.
    pub(super) const fn set_throttle_time_ms(&mut self, throttle_time_ms: i32) {
        self.response.throttle_time_ms = throttle_time_ms;
    }

    /// The answer for a session: an incremental one is without the partitions of which nothing is new.
    fn trimmed(mut self, shard: &mut Shard, standing: Standing) -> Self {
        let (id, is_incremental) = match standing {
            Standing::Full => return self,
            Standing::New(id) => (id, false),
            Standing::Incremental(id) => (id, true),
        };
        self.response.session_id = id;
        let mut places = HashMap::new();
        let with_data: HashSet<_> = self
            .found
            .iter()
            .map(|it| (it.topic, it.partition))
            .collect();
        let mut topics = Vec::new();
        for (at, mut topic) in std::mem::take(&mut self.response.responses)
            .into_iter()
            .enumerate()
        {
            let mut kept = Vec::new();
            for (index, data) in topic.partitions.into_iter().enumerate() {
                let has_data = with_data.contains(&(at, index));
                let name = (&topic.topic, topic.topic_id);
                let is_news = shard.fetch_sessions.tell(id, name, &data, has_data);
                if !is_incremental || is_news || has_data || data.error_code != 0 {
                    places.insert((at, index), (topics.len(), kept.len()));
                    kept.push(data);
                }
            }
            if !kept.is_empty() {
                topic.partitions = kept;
                topics.push(topic);
            }
        }
        for found in &mut self.found {
            if let Some(place) = places.get(&(found.topic, found.partition)) {
                (found.topic, found.partition) = *place;
            }
        }
        self.response.responses = topics;
        self
    }

    /// How many bytes of records [`Self::into_parts`] has in memory, before any conversion.
    pub(super) fn records_len(&self, version: i16) -> usize {
        let loaded = self.found.iter().filter(|it| !it.stays_in_files(version));
        loaded.map(Found::len).sum()
    }

    /// Whether [`Self::into_parts`] waits for a disk, or has to convert what it reads from it.
    pub(super) fn waits_for_disk(&self, version: i16) -> bool {
        let converts = version < BATCHES_FROM;
        let loaded = self.found.iter().filter(|it| !it.stays_in_files(version));
        let mut slices = loaded.flat_map(|found| &found.slices);
        slices.any(|slice| matches!(slice, Slice::File(file) if converts || !file.is_in_memory()))
    }

    /// Fetches the bytes from where they are, in the format that a version knows.
    pub(super) fn into_response(self, version: i16) -> FetchResponse {
        self.load(version, |_| false).0
    }

    /// The frame with its records; long ranges of files are left where they are.
    pub(super) fn into_parts(self, ticket: &Ticket) -> Vec<Part> {
        let version = ticket.version;
        let (response, left) = self.load(version, |found| found.stays_in_files(version));
        let frame = encode_response(ApiKey::Fetch, &response, version, ticket.correlation_id);
        let mut left = left.into_iter();
        let mut parts = Vec::with_capacity(frame.chunks.len());
        for chunk in frame.chunks {
            if chunk.is_empty() {
                let slices = left.next().unwrap_or_default().into_iter();
                parts.extend(slices.map(Part::from));
            } else {
                parts.push(Part::Bytes(chunk));
            }
        }
        parts
    }

    /// The response with its records, and in order those for which `stays`, which are elsewhere for it.
    fn load(
        self,
        version: i16,
        stays: impl Fn(&Found) -> bool,
    ) -> (FetchResponse, Vec<Vec<Slice>>) {
        let Self {
            mut response,
            found,
            bytes_max,
        } = self;
        let mut left = Vec::new();
        for found in found {
            let data = &mut response.responses[found.topic].partitions[found.partition];
            let records = if stays(&found) {
                let records = Records::elsewhere(found.len());
                left.push(found.slices);
                Ok(records)
            } else {
                found.load(version, bytes_max)
            };
            data.error_code = records.as_ref().err().map_or(0, |code| code.code());
            data.records = Some(records.unwrap_or_default());
        }
        (response, left)
    }
}

impl Found {
    fn len(&self) -> usize {
        self.slices.iter().map(Slice::len).sum()
    }

    /// Whether the records go out as the files hold them, without being read here.
    fn stays_in_files(&self, version: i16) -> bool {
        let is_long = |slice: &Slice| matches!(slice, Slice::File(file) if file.len >= PART_FROM);
        version >= BATCHES_FROM && self.slices.iter().any(is_long)
    }

    fn load(self, version: i16, bytes_max: usize) -> Result<Records, ErrorCode> {
        let slices: Result<Vec<Bytes>, _> = self.slices.iter().map(Slice::read).collect();
        let slices = slices.map_err(|error| {
            tracing::error!(%error, "records cannot be read");
            ErrorCode::KAFKA_STORAGE_ERROR
        })?;
        let records = Records::from(slices);
        let format = match version {
            0 | 1 => MessageFormat::V0,
            2 | 3 => MessageFormat::V1,
            _ => return Ok(records),
        };
        let how = DownConvert {
            format,
            first_offset: self.offset,
            bytes_max,
        };
        let converted = down_convert(&records.into_bytes(), &how).map_err(|error| {
            tracing::warn!(%error, "records cannot be converted for an old client");
            ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT
        })?;
        Ok(converted.into())
    }
}

/// A piece of an answer: in memory, or in a file.
#[derive(Debug)]
pub enum Part {
    /// Bytes to send.
    Bytes(Bytes),
    /// Bytes of a file to send.
    File(FileSlice),
}

impl Part {
    /// How many bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::File(slice) => slice.len,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Slice> for Part {
    fn from(slice: Slice) -> Self {
        match slice {
            Slice::Cached(bytes) => Self::Bytes(bytes),
            Slice::File(slice) => Self::File(slice),
        }
    }
}

impl From<FetchAnswer> for Response {
    fn from(answer: FetchAnswer) -> Self {
        Self::Fetch(Box::new(answer))
    }
}

const TOPIC_IDS_FROM: i16 = 13;
/// From here on records go out as they are.
const BATCHES_FROM: i16 = 4;
/// A range of a file that is shorter is read: it costs less than a part of its own.
const PART_FROM: usize = 32 * 1024;
const READ_COMMITTED: i8 = 1;
