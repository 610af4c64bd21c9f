//! Produce (key 0): records into partitions.
//!
//! * acks 0 gets no answer, and when something fails the connection is closed, so that the client notices; acks 1 and -1
//!   are answered when the records are written (with `flush.messages=1`: when they are on the disk); other values are
//!   INVALID_REQUIRED_ACKS for every partition.
//! * Versions 0-2 carry message sets of format 0 or 1, which are converted to record batches; from 3 on exactly one record
//!   batch per partition (INVALID_RECORD otherwise). A CRC that does not match is CORRUPT_MESSAGE.
//! * zstd is known from version 7 on (UNSUPPORTED_COMPRESSION_TYPE before).
//! * A batch larger than `max.message.bytes` is MESSAGE_TOO_LARGE; a timestamp too far off is INVALID_TIMESTAMP; a record
//!   without a key in a compacted topic is INVALID_RECORD with the index of each such record (KIP-467).
//! * `message.timestamp.type=LogAppendTime` stamps the batch and answers the time.
//! * Idempotent producers: a batch that was written before is answered with its first offset again, a gap is
//!   OUT_OF_ORDER_SEQUENCE_NUMBER, an old epoch INVALID_PRODUCER_EPOCH.
//! * Transactional batches are taken in an open transaction only: the partition must have been added to it
//!   (INVALID_TXN_STATE, from version 11 on TRANSACTION_ABORTABLE); from version 12 on the batch itself adds it (KIP-890).
//! * With an authorizer: TRANSACTIONAL_ID_AUTHORIZATION_FAILED for all of a transactional request, TOPIC_AUTHORIZATION_FAILED
//!   topic by topic; a topic that may not be written to is not looked for, unless its id says that it is there.
//! * Version 13 names topics by id (UNKNOWN_TOPIC_ID). Internal topics take no records from clients.

use bytes::{Bytes, BytesMut};
use rdkafka_log::{AppendInfo, AppendOptions, LogError};
use rdkafka_records::legacy::{UpConvert, up_convert};
use rdkafka_records::{
    BatchError, BatchHeader, Compression, RecordBatch, patch_log_append_time, validate_produced,
};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::produce::{
    BatchIndexAndErrorMessage, PartitionProduceResponse, ProduceRequest, ProduceResponse,
    TopicProduceResponse,
};
use rdkafka_wire::types::{Records, StrBytes, Uuid};

use super::{Reply, log_failure};
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::conf::{TimestampType, TopicConfig};
use crate::partition::LEADER_EPOCH;
use crate::purgatory::ParkedProduce;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::{PartitionKey, TopicIndex};
use crate::transaction::Producer;

/// A produce request whose records were checked byte by byte.
#[derive(Debug)]
pub struct CheckedProduce {
    acks: i16,
    transactional_id: Option<StrBytes>,
    pub(super) records_bytes_max: usize,
    pub(super) topics: Vec<CheckedTopic>,
}

#[derive(Debug)]
pub(super) struct CheckedTopic {
    name: StrBytes,
    id: Uuid,
    pub(super) partitions: Vec<(i32, Result<CheckedBatch, Refusal>)>,
}

/// One whole batch of magic 2 with a good CRC.
#[derive(Debug)]
pub(super) struct CheckedBatch {
    pub(super) raw: Bytes,
    pub(super) header: BatchHeader,
    /// It was written already, together with others.
    pub(super) appended: Option<AppendInfo>,
}

/// Why a partition's records are not taken.
#[derive(Debug)]
pub(super) struct Refusal {
    code: ErrorCode,
    message: Option<String>,
    records: Vec<BatchIndexAndErrorMessage>,
}

impl Refusal {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: Some(message.into()),
            records: Vec::new(),
        }
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            message: None,
            records: Vec::new(),
        }
    }
}

impl CheckedProduce {
    /// Checks every batch; the only place that looks at all bytes. For connection tasks.
    pub(super) fn check(request: ProduceRequest, version: i16, records_bytes_max: usize) -> Self {
        let topics = request.topic_data.into_iter().map(|topic| CheckedTopic {
            name: topic.name,
            id: topic.topic_id,
            partitions: topic
                .partition_data
                .into_iter()
                .map(|it| {
                    (
                        it.index,
                        check_records(it.records, version, records_bytes_max),
                    )
                })
                .collect(),
        });
        Self {
            acks: request.acks,
            transactional_id: request.transactional_id,
            records_bytes_max,
            topics: topics.collect(),
        }
    }

    pub(super) const fn has_valid_acks(&self) -> bool {
        matches!(self.acks, -1..=1)
    }

    fn is_transactional(&self) -> bool {
        let batches = self.topics.iter().flat_map(|topic| &topic.partitions);
        batches
            .filter_map(|(_, batch)| batch.as_ref().ok())
            .any(|batch| batch.header.attributes.is_transactional())
    }
}

impl CheckedTopic {
    /// The topic that a request of this version means, if its client may write to it.
    pub(super) fn find_for(
        &self,
        shard: &Shard,
        grants: &Grants,
        version: i16,
    ) -> Result<TopicIndex, ErrorCode> {
        let topics = &shard.topics;
        if version >= TOPIC_IDS_FROM {
            topics.find_id_for(grants, Operation::Write, self.id)
        } else {
            topics.find_for(grants, Operation::Write, &self.name)
        }
    }
}

fn check_records(
    records: Option<Records>,
    version: i16,
    bytes_max: usize,
) -> Result<CheckedBatch, Refusal> {
    let raw = records.unwrap_or_default().into_bytes();
    let magic = raw.get(MAGIC_AT).copied().unwrap_or(2);
    let raw = match magic {
        0 | 1 if version < 3 => {
            let how = UpConvert {
                compression: None,
                level: None,
                bytes_max,
            };
            up_convert(&raw, &how)
                .map_err(|error| Refusal::new(ErrorCode::CORRUPT_MESSAGE, error.to_string()))?
        }
        0 | 1 => {
            let message = format!(
                "Produce requests with version {version} are only allowed to contain record batches with magic version 2"
            );
            return Err(Refusal::new(ErrorCode::INVALID_RECORD, message));
        }
        _ => raw,
    };
    let header = validate_produced(&raw).map_err(|error| refuse_batch(&error))?;
    if header.attributes.is_control() {
        return Err(Refusal::new(
            ErrorCode::INVALID_RECORD,
            "Clients are not allowed to write control records",
        ));
    }
    if header.attributes.is_transactional() && !header.has_producer_id() {
        return Err(Refusal::new(
            ErrorCode::INVALID_RECORD,
            "A transactional batch without a producer id",
        ));
    }
    if header.has_producer_id() && (header.base_sequence < 0 || header.producer_epoch < 0) {
        return Err(Refusal::new(
            ErrorCode::INVALID_RECORD,
            "An idempotent batch without a sequence number",
        ));
    }
    if version < ZSTD_FROM && header.attributes.compression() == Ok(Compression::Zstd) {
        let message = format!(
            "Produce requests with version {version} are not allowed to use ZStandard compression"
        );
        return Err(Refusal::new(
            ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
            message,
        ));
    }
    Ok(CheckedBatch {
        raw,
        header,
        appended: None,
    })
}

fn refuse_batch(error: &BatchError) -> Refusal {
    let code = match error {
        BatchError::CrcMismatch { .. } | BatchError::Truncated { .. } => ErrorCode::CORRUPT_MESSAGE,
        BatchError::UnknownCompression(_) => ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
        _ => ErrorCode::INVALID_RECORD,
    };
    Refusal::new(code, error.to_string())
}

/// What was appended to one partition.
struct Appended {
    answer: PartitionProduceResponse,
    /// The partition must reach the disk up to here before the answer goes out.
    sync: Option<(PartitionKey, i64)>,
}

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: CheckedProduce,
    now: Now,
) -> Reply<ProduceResponse> {
    let grants = shard.grants(context);
    let refusal = if !request.has_valid_acks() {
        Some(ErrorCode::INVALID_REQUIRED_ACKS)
    } else if request.is_transactional() {
        let id = request.transactional_id.as_deref().unwrap_or_default();
        grants.transactional_id(Operation::Write, id).err()
    } else {
        None
    };
    let origin = Origin {
        transactional_id: request.transactional_id,
        version: context.ticket.version,
        records_bytes_max: request.records_bytes_max,
    };
    let mut syncs = Vec::new();
    let mut responses = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let index = topic.find_for(shard, &grants, context.ticket.version);
        let mut partition_responses = Vec::with_capacity(topic.partitions.len());
        for (partition, batch) in topic.partitions {
            let outcome = match refusal {
                Some(code) => Err(code.into()),
                None => append(shard, &origin, index, partition, batch, now),
            };
            let appended = outcome.unwrap_or_else(|refusal| refused(partition, refusal));
            syncs.extend(appended.sync);
            partition_responses.push(appended.answer);
        }
        responses.push(TopicProduceResponse {
            name: topic.name,
            topic_id: topic.id,
            partition_responses,
        });
    }
    let response = ProduceResponse {
        responses,
        ..ProduceResponse::default()
    };
    if request.acks == 0 {
        return answer_acks_0(&response);
    }
    if syncs.is_empty() {
        Reply::Ready(response)
    } else {
        park(shard, context, response, syncs)
    }
}

/// What all batches of a request have in common.
struct Origin {
    transactional_id: Option<StrBytes>,
    version: i16,
    records_bytes_max: usize,
}

fn append(
    shard: &mut Shard,
    origin: &Origin,
    topic: Result<TopicIndex, ErrorCode>,
    partition: i32,
    batch: Result<CheckedBatch, Refusal>,
    now: Now,
) -> Result<Appended, Refusal> {
    let key = PartitionKey {
        topic: topic?,
        partition,
    };
    let topic = shard
        .topics
        .get(key.topic)
        .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    if topic.partition(partition).is_none() {
        return Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.into());
    }
    if topic.is_internal() {
        return Err(Refusal::new(
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            "Internal topics take no records from clients",
        ));
    }
    let batch = batch?;
    check_against_topic(&topic.config, &batch, origin.records_bytes_max, now)?;
    let batch = recompress(batch, &topic.config, origin.records_bytes_max)?;
    let stamps = topic.config.message_timestamp_type == TimestampType::LogAppendTime;
    if batch.header.attributes.is_transactional() {
        let place = (topic.name.clone(), partition);
        admit_transactional(shard, origin, &batch.header, place, now)?;
    }
    let info = match batch.appended {
        Some(info) => info,
        None => {
            let raw = if stamps {
                stamp(&batch, now)?
            } else {
                batch.raw
            };
            write(shard, key, &[raw], now)
                .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?
                .map_err(|error| Refusal::new(log_failure("append", &error), error.to_string()))?
        }
    };
    let Some(partition) = shard.topics.partition_mut(key) else {
        return Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.into());
    };
    let end = info.last_offset + 1;
    let sync = (partition.must_flush() && end > partition.durable_offset()).then_some((key, end));
    let is_stable = !partition.has_open_transaction();
    if !info.duplicate {
        let stable = if is_stable { info.bytes } else { 0 };
        shard.data_arrived(key, info.bytes, stable);
    }
    let answer = PartitionProduceResponse {
        index: key.partition,
        base_offset: info.base_offset,
        log_append_time_ms: if stamps { now.unix_ms } else { -1 },
        log_start_offset: info.log_start_offset,
        ..PartitionProduceResponse::default()
    };
    Ok(Appended { answer, sync })
}

/// Writes batches of clients; `None` if there is no such partition.
pub(super) fn write(
    shard: &mut Shard,
    key: PartitionKey,
    batches: &[Bytes],
    now: Now,
) -> Option<Result<AppendInfo, LogError>> {
    let options = AppendOptions {
        leader_epoch: LEADER_EPOCH,
        now_ms: now.unix_ms,
        ..AppendOptions::default()
    };
    shard
        .topics
        .with_files(key, |it, home| it.append_all(batches, &options, home))
}

/// Whether a transactional batch belongs to an open transaction of its producer.
fn admit_transactional(
    shard: &mut Shard,
    origin: &Origin,
    header: &BatchHeader,
    place: (StrBytes, i32),
    now: Now,
) -> Result<(), ErrorCode> {
    let Some(id) = &origin.transactional_id else {
        return Err(ErrorCode::INVALID_TXN_STATE);
    };
    let producer = Producer {
        id: header.producer_id,
        epoch: header.producer_epoch,
    };
    let verified = shard.transactions.verify(id, producer, &place.0, place.1);
    let outcome = match verified {
        Err(ErrorCode::INVALID_TXN_STATE) if origin.version >= ADDS_PARTITIONS_FROM => shard
            .with_transactions(now, |transactions, journal| {
                transactions.add_partitions(id, producer, &[place], 2, now, journal)
            }),
        outcome => outcome,
    };
    outcome.map_err(|code| match code {
        ErrorCode::PRODUCER_FENCED => ErrorCode::INVALID_PRODUCER_EPOCH,
        ErrorCode::INVALID_TXN_STATE if origin.version >= ABORTABLE_FROM => {
            ErrorCode::TRANSACTION_ABORTABLE
        }
        // Clients know it from Produce since they add partitions by it; before, they retry this one.
        ErrorCode::CONCURRENT_TRANSACTIONS if origin.version < ADDS_PARTITIONS_FROM => {
            ErrorCode::NOT_ENOUGH_REPLICAS
        }
        code => code,
    })
}

pub(super) fn check_against_topic(
    config: &TopicConfig,
    batch: &CheckedBatch,
    bytes_max: usize,
    now: Now,
) -> Result<(), Refusal> {
    let size_max = usize::try_from(config.max_message_bytes).unwrap_or(0);
    if batch.raw.len() > size_max {
        let message = format!(
            "The record batch size is {} bytes which exceeds the maximum configured value of {size_max}",
            batch.raw.len()
        );
        return Err(Refusal::new(ErrorCode::MESSAGE_TOO_LARGE, message));
    }
    if config.message_timestamp_type == TimestampType::CreateTime {
        check_timestamps(config, &batch.header, now)?;
    }
    if config.cleanup_policy.compact {
        check_keys(batch, bytes_max)
    } else {
        Ok(())
    }
}

fn check_timestamps(config: &TopicConfig, header: &BatchHeader, now: Now) -> Result<(), Refusal> {
    let too_new = header.max_timestamp_ms
        > now
            .unix_ms
            .saturating_add(config.message_timestamp_after_max_ms);
    let oldest = now
        .unix_ms
        .saturating_sub(config.message_timestamp_before_max_ms);
    let too_old = header.base_timestamp_ms >= 0 && header.base_timestamp_ms < oldest;
    if too_new || too_old {
        let message = format!(
            "Timestamp {} of a message is out of range",
            header.max_timestamp_ms
        );
        return Err(Refusal::new(ErrorCode::INVALID_TIMESTAMP, message));
    }
    Ok(())
}

/// Compaction knows records by their key: each must have one.
fn check_keys(batch: &CheckedBatch, bytes_max: usize) -> Result<(), Refusal> {
    let corrupt = |message: String| Refusal::new(ErrorCode::CORRUPT_MESSAGE, message);
    let plain = RecordBatch::parse(batch.raw.clone())
        .map_err(|error| corrupt(error.to_string()))?
        .decompress(bytes_max)
        .map_err(|error| corrupt(error.to_string()))?;
    let mut records = Vec::new();
    for (record, batch_index) in plain.records().zip(0..) {
        let record = record.map_err(|error| corrupt(error.to_string()))?;
        if record.key.is_none() {
            let message = "Compacted topic cannot accept message without key";
            records.push(BatchIndexAndErrorMessage {
                batch_index,
                batch_index_error_message: Some(message.into()),
            });
        }
    }
    if records.is_empty() {
        return Ok(());
    }
    let message = Some("One or more records have been rejected due to invalid records".into());
    Err(Refusal {
        code: ErrorCode::INVALID_RECORD,
        message,
        records,
    })
}

/// The codec that the topic wants instead of the batch's (`compression.type`); `producer` takes it as it comes.
pub(super) fn wanted_codec(batch: &CheckedBatch, config: &TopicConfig) -> Option<Compression> {
    let wanted = Compression::from_name(&config.compression_type)?;
    (batch.header.attributes.compression() != Ok(wanted)).then_some(wanted)
}

/// The batch in the codec that the topic wants.
fn recompress(
    batch: CheckedBatch,
    config: &TopicConfig,
    bytes_max: usize,
) -> Result<CheckedBatch, Refusal> {
    let Some(wanted) = wanted_codec(&batch, config) else {
        return Ok(batch);
    };
    let level = match wanted {
        Compression::Gzip => Some(config.compression_gzip_level).filter(|it| *it > 0),
        Compression::Zstd => Some(config.compression_zstd_level),
        _ => None,
    };
    let corrupt = |reason: String| Refusal::new(ErrorCode::CORRUPT_MESSAGE, reason);
    let parsed = RecordBatch::parse(batch.raw).map_err(|error| corrupt(error.to_string()))?;
    let raw = parsed
        .recompress(wanted, level, bytes_max)
        .map_err(|error| corrupt(error.to_string()))?;
    let header = BatchHeader::parse(&raw).map_err(|error| corrupt(error.to_string()))?;
    let size_max = usize::try_from(config.max_message_bytes).unwrap_or(0);
    if raw.len() > size_max {
        let message = format!(
            "The record batch size in codec {wanted} is {} bytes which exceeds the maximum configured value of {size_max}",
            raw.len()
        );
        return Err(Refusal::new(ErrorCode::MESSAGE_TOO_LARGE, message));
    }
    Ok(CheckedBatch {
        raw,
        header,
        appended: None,
    })
}

/// The batch with the broker's time; the one case in which a batch is copied, as its CRC changes.
fn stamp(batch: &CheckedBatch, now: Now) -> Result<Bytes, Refusal> {
    let mut copy = BytesMut::from(&batch.raw[..]);
    patch_log_append_time(&mut copy, now.unix_ms)
        .map_err(|error| Refusal::new(ErrorCode::CORRUPT_MESSAGE, error.to_string()))?;
    Ok(copy.freeze())
}

fn refused(index: i32, refusal: Refusal) -> Appended {
    let answer = PartitionProduceResponse {
        index,
        error_code: refusal.code.code(),
        base_offset: -1,
        record_errors: refusal.records,
        error_message: refusal.message.map(StrBytes::from),
        ..PartitionProduceResponse::default()
    };
    Appended { answer, sync: None }
}

fn answer_acks_0(response: &ProduceResponse) -> Reply<ProduceResponse> {
    let answers = response
        .responses
        .iter()
        .flat_map(|topic| &topic.partition_responses);
    match answers.into_iter().find(|answer| answer.error_code != 0) {
        Some(failed) => Reply::Close(format!(
            "a produce request with acks=0 failed with error {}",
            failed.error_code
        )),
        None => Reply::Silent,
    }
}

/// Answers when every partition is on the disk.
fn park(
    shard: &mut Shard,
    context: &RequestContext,
    response: ProduceResponse,
    syncs: Vec<(PartitionKey, i64)>,
) -> Reply<ProduceResponse> {
    let parked = ParkedProduce {
        ticket: context.ticket,
        response,
        missing: syncs.len(),
    };
    let id = shard.purgatory.park_produce(parked);
    for (key, end) in syncs {
        if let Some(partition) = shard.topics.partition_mut(key) {
            partition.syncs.push((end, id));
        }
        shard.flush(key);
    }
    Reply::Parked
}

/// Where the format's number stands in every format.
const MAGIC_AT: usize = 16;
const ZSTD_FROM: i16 = 7;
const TOPIC_IDS_FROM: i16 = 13;
const ADDS_PARTITIONS_FROM: i16 = 12;
const ABORTABLE_FROM: i16 = 11;
