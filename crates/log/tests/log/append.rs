//! Appending.

use std::sync::Arc;

use bytes::Bytes;
use rdkafka_log::{
    AppendOptions, Log, LogConfig, LogError,
    fs::{Disk, Memory},
};
use rdkafka_records::{BatchHeader, Seal};

use crate::support::{
    ALL, append, assert_holds, batch, batch_of, fill, open, read_all, small, uncached,
};

#[test]
fn records_get_dense_offsets_over_batches_and_segments() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    let info = append(
        &mut log,
        batch_of(&[("a", 5), ("b", 9), ("c", 7)], &Seal::default()),
    )
    .unwrap();
    assert_eq!(
        (info.base_offset, info.last_offset, info.records),
        (0, 2, 3)
    );
    assert_eq!(
        (info.max_timestamp_ms, info.offset_of_max_timestamp),
        (9, 2)
    );
    let info = append(&mut log, batch("d")).unwrap();
    assert_eq!((info.base_offset, info.last_offset), (3, 3));
    fill(&mut log, 100);
    assert!(log.segment_count() > 3);
    let offsets: Vec<_> = read_all(&mut log)
        .into_iter()
        .map(|(offset, _)| offset)
        .collect();
    assert_eq!(offsets, (0..104).collect::<Vec<_>>());
}

#[test]
fn several_batches_may_come_in_one_append() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    let both = [
        batch_of(&[("a", 1), ("b", 1)], &Seal::default()),
        batch("c"),
    ]
    .concat();
    let info = append(&mut log, both.into()).unwrap();
    assert_eq!(
        (info.base_offset, info.last_offset, info.records),
        (0, 2, 3)
    );
    assert_eq!(read_all(&mut log).len(), 3);
}

#[test]
fn the_leader_epoch_is_written_into_each_batch_and_remembered() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    for (epoch, value) in [(3, "0"), (3, "1"), (5, "2")] {
        let options = AppendOptions {
            leader_epoch: epoch,
            ..AppendOptions::default()
        };
        log.append(batch(value), &options).unwrap();
    }
    let bytes = log.read(2, &ALL).unwrap().slices[0].read().unwrap();
    assert_eq!(
        BatchHeader::parse(&bytes).unwrap().partition_leader_epoch,
        5
    );
    assert_eq!(log.leader_epoch(), 5);
    assert_eq!(log.end_offset_for_epoch(3), Some((3, 2)));
    drop(log);
    let (log, _) = open(&fs, small());
    assert_eq!(log.end_offset_for_epoch(4), Some((3, 2)));
    assert_eq!(log.end_offset_for_epoch(5), Some((5, 3)));
}

#[test]
fn large_and_small_batches_read_back_alike() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, LogConfig::default());
    let mut expected = Vec::new();
    for (offset, len) in [10, 100_000, 16_000, 17_000, 5, 5].into_iter().enumerate() {
        let value = "x".repeat(len);
        append(&mut log, batch(&value)).unwrap();
        expected.push((offset as i64, value));
    }
    assert_eq!(read_all(&mut log), expected);
    drop(log);
    let (mut log, _) = open(&fs, LogConfig::default());
    assert_eq!(read_all(&mut log), expected);
}

#[test]
fn what_is_no_sequence_of_whole_batches_is_refused_and_changes_nothing() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 3);
    let good = batch("x");
    let cut = good.slice(..good.len() - 1);
    let trailing: Bytes = [&good[..], b"abc"].concat().into();
    let old_magic: Bytes = {
        let mut bytes = good.to_vec();
        bytes[16] = 1;
        bytes.into()
    };
    for bytes in [Bytes::new(), cut, trailing, old_magic] {
        let error = append(&mut log, bytes).unwrap_err();
        assert!(matches!(error, LogError::InvalidBatch { .. }), "{error}");
    }
    assert_holds(&mut log, 0..3);
}

#[test]
fn a_batch_larger_than_max_message_bytes_is_refused() {
    let fs = Memory::new();
    let (mut log, _) = open(
        &fs,
        LogConfig {
            max_message_bytes: 200,
            ..small()
        },
    );
    let error = append(&mut log, batch(&"x".repeat(200))).unwrap_err();
    assert!(
        matches!(error, LogError::BatchTooLarge { limit: 200, .. }),
        "{error}"
    );
    append(&mut log, batch("0")).unwrap();
    assert_holds(&mut log, 0..1);
}

#[test]
fn a_segment_is_closed_when_its_records_span_segment_ms() {
    let fs = Memory::new();
    let (mut log, _) = open(
        &fs,
        LogConfig {
            segment_ms: 1_000,
            ..LogConfig::default()
        },
    );
    for timestamp_ms in [5_000, 5_500, 6_000, 6_001, 6_500] {
        append(&mut log, batch_of(&[("x", timestamp_ms)], &Seal::default())).unwrap();
    }
    assert_eq!(log.segment_count(), 2);
    // The age counts from the first record also after a restart.
    drop(log);
    let (mut log, _) = open(
        &fs,
        LogConfig {
            segment_ms: 1_000,
            ..LogConfig::default()
        },
    );
    append(&mut log, batch_of(&[("x", 7_002)], &Seal::default())).unwrap();
    assert_eq!(log.segment_count(), 3);
}

#[test]
fn a_batch_larger_than_a_segment_gets_one_of_its_own() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    append(&mut log, batch(&"a".repeat(5_000))).unwrap();
    append(&mut log, batch(&"b".repeat(5_000))).unwrap();
    assert_eq!(log.segment_count(), 2);
    assert_eq!(read_all(&mut log).len(), 2);
}

#[test]
fn a_log_that_nobody_uses_holds_no_file_open_and_goes_on_when_somebody_does() {
    let folder = tempfile::tempdir().unwrap();
    let open_files = || {
        let handles = std::fs::read_dir("/proc/self/fd").unwrap();
        let targets = handles.filter_map(|it| std::fs::read_link(it.unwrap().path()).ok());
        targets
            .filter(|target| target.starts_with(folder.path()))
            .count()
    };
    let (mut log, _) = Log::open(Arc::new(Disk), folder.path().to_owned(), uncached()).unwrap();
    assert_eq!(open_files(), 0);
    fill(&mut log, 100);
    log.release_if_idle().unwrap();
    assert!(open_files() > 0);
    log.release_if_idle().unwrap();
    assert_eq!(open_files(), 0);
    assert_holds(&mut log, 0..100);
    fill(&mut log, 100);
    log.release_if_idle().unwrap();
    log.release_if_idle().unwrap();
    log.close().unwrap();
    let (mut log, recovered) =
        Log::open(Arc::new(Disk), folder.path().to_owned(), uncached()).unwrap();
    assert_eq!(recovered.truncated_bytes, 0);
    assert_holds(&mut log, 0..200);
}
