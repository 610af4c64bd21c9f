//! Batches to append, and ways to look at what came of it.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use rdkafka_log::{
    AppendInfo, AppendOptions, Log, LogConfig, LogError, LogRead, OpenOptions, ReadOptions,
    Recovered,
    fs::{Fs, Memory},
};
use rdkafka_records::{BatchBuilder, RecordBatches, Seal};

/// Where the logs of the tests lie.
pub(crate) const DIR: &str = "/data/t-0";

/// Reads everything.
pub(crate) const ALL: ReadOptions = ReadOptions {
    max_bytes: usize::MAX,
    min_one_batch: true,
    upper_offset: i64::MAX,
};

/// A configuration under which a few kilobytes make many segments and index entries.
pub(crate) fn small() -> LogConfig {
    LogConfig {
        segment_bytes: 2000,
        index_interval_bytes: 150,
        ..LogConfig::default()
    }
}

/// The same without a tail cache, so that reads come from files.
pub(crate) fn uncached() -> LogConfig {
    LogConfig {
        tail_cache_bytes: 0,
        ..small()
    }
}

/// A batch of records with these values and timestamps.
pub(crate) fn batch_of(values: &[(&str, i64)], seal: &Seal) -> Bytes {
    let mut builder = BatchBuilder::new();
    for (value, timestamp_ms) in values {
        builder
            .append(*timestamp_ms, None, Some(value.as_bytes()), [])
            .unwrap();
    }
    builder.seal(seal).unwrap()
}

/// A batch of one record.
pub(crate) fn batch(value: &str) -> Bytes {
    batch_of(&[(value, 1_000)], &Seal::default())
}

/// A batch of one record from an idempotent producer.
pub(crate) fn produced(producer_id: i64, sequence: i32, value: &str) -> Bytes {
    let seal = Seal {
        producer_id,
        producer_epoch: 0,
        base_sequence: sequence,
        ..Seal::default()
    };
    batch_of(&[(value, 1_000)], &seal)
}

/// Opens a log of which nothing is known.
pub(crate) fn open(fs: &Memory, config: LogConfig) -> (Log, Recovered) {
    Log::open(Arc::new(fs.clone()), DIR, config).unwrap()
}

/// Opens a log that is durable up to `recovery_point`.
pub(crate) fn open_from(fs: &Memory, config: LogConfig, recovery_point: i64) -> (Log, Recovered) {
    let options = OpenOptions {
        recovery_point,
        ..OpenOptions::default()
    };
    Log::open_with(Arc::new(fs.clone()), DIR, config, &options).unwrap()
}

/// Appends as a producer does.
pub(crate) fn append(log: &mut Log, batches: Bytes) -> Result<AppendInfo, LogError> {
    log.append(batches, &AppendOptions::default())
}

/// Appends `count` batches of one record, whose value is its offset.
pub(crate) fn fill(log: &mut Log, count: usize) {
    for _ in 0..count {
        let value = log.offsets().end.to_string();
        append(log, batch(&value)).unwrap();
    }
}

/// Offsets and values of the records in what was read.
pub(crate) fn records(read: &LogRead) -> Vec<(i64, String)> {
    let mut bytes = Vec::new();
    for slice in &read.slices {
        bytes.extend_from_slice(&slice.read().unwrap());
    }
    assert_eq!(bytes.len(), read.bytes);
    let mut records = Vec::new();
    for batch in RecordBatches::new(bytes.into()) {
        let batch = batch.unwrap();
        batch.verify_crc().unwrap();
        let plain = batch.decompress(1 << 20).unwrap();
        for record in plain.records() {
            let record = record.unwrap();
            let value = String::from_utf8(record.value.unwrap_or_default().to_vec()).unwrap();
            records.push((record.offset, value));
        }
    }
    records
}

/// All records of a log, read the way a consumer does.
pub(crate) fn read_all(log: &mut Log) -> Vec<(i64, String)> {
    let mut all = Vec::new();
    let mut offset = log.offsets().start;
    while offset < log.offsets().end {
        let read = log.read(offset, &ALL).unwrap();
        assert!(
            read.next_offset > offset,
            "a read at {offset} did not get on"
        );
        all.extend(records(&read));
        offset = read.next_offset;
    }
    all.retain(|(offset, _)| *offset >= log.offsets().start);
    all
}

/// Asserts that a log filled by [`fill`] holds exactly the offsets of `range`.
pub(crate) fn assert_holds(log: &mut Log, range: std::ops::Range<i64>) {
    let offsets = log.offsets();
    assert_eq!((offsets.start, offsets.end), (range.start, range.end));
    let expected: Vec<_> = range.map(|offset| (offset, offset.to_string())).collect();
    assert_eq!(read_all(log), expected);
}

/// Names of the files in a log's folder that end in `suffix`.
pub(crate) fn files(fs: &dyn Fs, suffix: &str) -> Vec<String> {
    let mut names: Vec<_> = fs
        .list(Path::new(DIR))
        .unwrap()
        .into_iter()
        .map(|e| e.name)
        .collect();
    names.retain(|name| name.ends_with(suffix));
    names.sort();
    names
}
