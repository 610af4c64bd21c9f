//! A `.log`: its batches, one after the other, and their records.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use rdkafka_records::{EndTxnMarker, Record, RecordBatch, TimestampType, TransactionResult};
use serde_json::{Value, json};

use super::decoders::Decoder;
use super::fields::Fields;
use crate::output::{say, text};

/// Offset and length, which every batch begins with.
const LENGTH_PREFIX: u64 = 12;
/// A batch is not read where there is less left than this.
const HEADER_MIN: u64 = 17;
/// What a compressed batch may grow to.
const BATCH_BYTES_MAX: usize = i32::MAX as usize;

/// A segment that is read from its front.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    path: PathBuf,
    len: u64,
}

impl Segment {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let len = file
            .metadata()
            .with_context(|| format!("cannot look at {}", path.display()))?
            .len();
        Ok(Self {
            file,
            path: path.to_owned(),
            len,
        })
    }

    /// Read no further than so many bytes.
    pub(super) fn limit(&mut self, bytes: u64) {
        self.len = self.len.min(bytes);
    }

    /// The whole batch at this position, and where the next one is; `None` where there is none.
    pub(super) fn batch_at(&self, position: u64) -> Result<Option<(RecordBatch, u64)>> {
        let at = || format!("{}: the batch at position {position}", self.path.display());
        if position.saturating_add(HEADER_MIN) > self.len {
            return Ok(None);
        }
        let mut prefix = [0; LENGTH_PREFIX as usize];
        self.file
            .read_exact_at(&mut prefix, position)
            .with_context(at)?;
        let [.., a, b, c, d] = prefix;
        let length = i32::from_be_bytes([a, b, c, d]);
        let Ok(length) = u64::try_from(length) else {
            bail!("{} has the length {length}", at());
        };
        let next = position + LENGTH_PREFIX + length;
        // A batch that is cut off is none; so no more is read than is there.
        if next > self.len {
            return Ok(None);
        }
        let mut raw = vec![0; usize::try_from(LENGTH_PREFIX + length)?];
        self.file
            .read_exact_at(&mut raw, position)
            .with_context(at)?;
        let batch = RecordBatch::parse(Bytes::from(raw)).with_context(at)?;
        Ok(Some((batch, next)))
    }
}

/// What is wanted of a segment.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) has_records: bool,
    pub(super) has_contents: bool,
    pub(super) skips_metadata: bool,
    pub(super) bytes_max: u64,
    pub(super) decoder: Decoder,
    pub(super) is_json: bool,
}

/// Prints the segment; answers the offsets that do not follow each other.
pub(super) fn dump(path: &Path, options: &Options) -> Result<Vec<(i64, i64)>> {
    let mut segment = Segment::open(path)?;
    let whole = segment.len;
    segment.limit(options.bytes_max);
    let (mut position, mut last, mut gaps) = (0, None, Vec::new());
    while let Some((batch, next)) = segment.batch_at(position)? {
        let fields = batch_fields(&batch, position);
        let mut records = Vec::new();
        if !options.is_json {
            say!("{}", fields.line());
        }
        if options.has_records {
            let at = || format!("{}: the batch at position {position}", path.display());
            let plain = batch.decompress(BATCH_BYTES_MAX).with_context(at)?;
            for record in plain.records() {
                let record = record.with_context(at)?;
                if let Some(last) = last.filter(|it| it + 1 != record.offset) {
                    gaps.push((last, record.offset));
                }
                last = Some(record.offset);
                let fields = record_fields(&batch, &record, plain.timestamp_type(), options);
                if options.is_json {
                    records.push(fields.json());
                } else if fields.is_empty() {
                    say!("");
                } else {
                    say!("| {}", fields.line());
                }
            }
        }
        if options.is_json {
            let records = options
                .has_records
                .then_some(("records", Value::Array(records)));
            say!("{}", fields.json_with(records));
        }
        position = next;
    }
    let rest = segment.len - position;
    if rest > 0 && segment.len == whole {
        let name = path.file_name().unwrap_or_default().display();
        let words = format!("Found {rest} invalid bytes at the end of {name}");
        if options.is_json {
            say!("{}", json!({ "invalidBytes": rest }));
        } else {
            say!("{words}");
        }
    }
    Ok(gaps)
}

fn batch_fields(batch: &RecordBatch, position: u64) -> Fields {
    let mut fields = Fields::default();
    let raw = batch.raw();
    let crc = if let Some(header) = batch.header() {
        let last_sequence = match header.base_sequence {
            ..0 => -1,
            base => sequence(base, header.last_offset_delta),
        };
        fields.add("baseOffset", header.base_offset);
        fields.add("lastOffset", header.last_offset());
        fields.add("count", header.record_count);
        fields.add("baseSequence", header.base_sequence);
        fields.add("lastSequence", last_sequence);
        fields.add("producerId", header.producer_id);
        fields.add("producerEpoch", header.producer_epoch);
        fields.add("partitionLeaderEpoch", header.partition_leader_epoch);
        fields.add("isTransactional", batch.is_transactional());
        fields.add("isControl", batch.is_control());
        let horizon = header.attributes.has_delete_horizon();
        fields.add_optional(
            "deleteHorizonMs",
            horizon.then_some(header.base_timestamp_ms),
        );
        header.crc
    } else {
        fields.add("offset", batch.last_offset());
        let crc = raw.get(12..).and_then(<[u8]>::first_chunk);
        crc.map_or(0, |it| u32::from_be_bytes(*it))
    };
    fields.add("position", position);
    fields.add(clock(batch.timestamp_type()), batch.max_timestamp_ms());
    fields.add("size", raw.len());
    fields.add("magic", batch.magic());
    let codec = batch.compression();
    fields.add(
        "compresscodec",
        codec.map_or_else(|it| it.to_string(), |it| it.name().to_owned()),
    );
    fields.add("crc", crc);
    fields.add("isvalid", batch.verify_crc().is_ok());
    fields
}

fn record_fields(
    batch: &RecordBatch,
    record: &Record<'_>,
    timestamp_type: TimestampType,
    options: &Options,
) -> Fields {
    let mut fields = Fields::default();
    if !options.skips_metadata {
        let size =
            |it: Option<&[u8]>| it.map_or(-1, |it| i64::try_from(it.len()).unwrap_or(i64::MAX));
        fields.add("offset", record.offset);
        fields.add(clock(timestamp_type), record.timestamp_ms);
        fields.add("keySize", size(record.key));
        fields.add("valueSize", size(record.value));
        if let Some(header) = batch.header() {
            let delta = record.offset - header.base_offset;
            let sequence = match header.base_sequence {
                ..0 => -1,
                base => sequence(base, i32::try_from(delta).unwrap_or(0)),
            };
            fields.add("sequence", sequence);
            let keys = record.headers.clone().map(|(key, _)| text(key));
            fields.add("headerKeys", keys.collect::<Vec<_>>());
        }
        if batch.is_control() {
            add_marker(&mut fields, batch, record);
        }
    }
    if options.has_contents && !batch.is_control() {
        let (key, payload) = options.decoder.show(record);
        key.into_iter().for_each(|it| fields.add("key", it));
        payload.into_iter().for_each(|it| fields.add("payload", it));
    }
    fields
}

fn add_marker(fields: &mut Fields, batch: &RecordBatch, record: &Record<'_>) {
    if let Some(marker) = EndTxnMarker::from_batch(batch) {
        let result = match marker.result {
            TransactionResult::Abort => "ABORT",
            TransactionResult::Commit => "COMMIT",
        };
        fields.add("endTxnMarker", result);
        fields.add("coordinatorEpoch", marker.coordinator_epoch);
        return;
    }
    let kind = record
        .key
        .and_then(|it| it.get(2..))
        .and_then(<[u8]>::first_chunk);
    let kind = kind.map_or(-1, |it| i16::from_be_bytes(*it));
    let name = match kind {
        2 => "LEADER_CHANGE",
        3 => "SNAPSHOT_HEADER",
        4 => "SNAPSHOT_FOOTER",
        5 => "KRAFT_VERSION",
        6 => "KRAFT_VOTERS",
        _ => "UNKNOWN",
    };
    fields.add("controlType", format!("{name}({kind})"));
}

/// Sequences go from the largest back to 0.
fn sequence(base: i32, delta: i32) -> i32 {
    base.wrapping_add(delta) & i32::MAX
}

fn clock(kind: TimestampType) -> &'static str {
    match kind {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
        TimestampType::NotAvailable => "NoTimestampType",
    }
}
