//! Appending.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use bytes::Bytes;
use rdkafka_log::{
    AppendOptions, Log, LogConfig, LogError,
    fs::{Disk, Memory},
};
use rdkafka_records::{BatchHeader, Seal};

use crate::support::{
    ALL, DIR, append, assert_holds, batch, batch_of, files, fill, open, open_from, read_all, small,
    uncached,
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
fn a_segment_is_closed_when_its_indexes_are_full() {
    let fs = Memory::new();
    let config = LogConfig {
        index_interval_bytes: 1,
        segment_index_bytes: 10 * 12,
        ..LogConfig::default()
    };
    let (mut log, _) = open(&fs, config.clone());
    // The first batch has no entry; the time index keeps room for the one that sealing adds.
    fill(&mut log, 10);
    assert_eq!(log.segment_count(), 1);
    fill(&mut log, 1);
    assert_eq!(log.segment_count(), 2);
    for (suffix, entry) in [(".index", 8), (".timeindex", 12)] {
        let path = Path::new(DIR).join(&files(&fs, suffix)[0]);
        let len = fs.read_all(&path).unwrap().len();
        assert!((9 * entry..=120).contains(&len), "{suffix}: {len}");
    }
    // Also after a restart.
    drop(log);
    let (mut log, _) = open(&fs, config);
    fill(&mut log, 10);
    assert_eq!(log.segment_count(), 3);
}

#[test]
fn jitter_lets_segments_be_closed_earlier_and_not_all_at_once() {
    let ages: BTreeSet<i64> = (0..20)
        .map(|partition| {
            let config = LogConfig {
                segment_ms: 1_000,
                segment_jitter_ms: 400,
                ..LogConfig::default()
            };
            let dir = format!("/data/t-{partition}");
            let (mut log, _) = Log::open(Arc::new(Memory::new()), dir, config).unwrap();
            let mut age = -1;
            while log.segment_count() == 1 && age < 2_000 {
                age += 1;
                append(&mut log, batch_of(&[("x", 5_000 + age)], &Seal::default())).unwrap();
            }
            age
        })
        .collect();
    assert!(ages.len() > 10, "{ages:?}");
    assert!(
        ages.iter().all(|age| (601..=1_001).contains(age)),
        "{ages:?}"
    );
}

#[test]
fn where_each_append_waits_for_the_disk_readers_see_what_is_there() {
    let fs = Memory::new();
    let each = LogConfig {
        flush_messages: Some(1),
        ..LogConfig::default()
    };
    let (mut log, _) = open(&fs, each.clone());
    fill(&mut log, 2);
    let visible = |log: &Log| (log.offsets().stable, log.offsets().high_watermark);
    assert_eq!((visible(&log), log.offsets().end), ((0, 0), 2));
    let task = log.flush_task().unwrap().unwrap();
    fill(&mut log, 1);
    assert_eq!(log.flushed(task.run()).unwrap(), 2);
    assert_eq!(visible(&log), (2, 2));
    assert!(matches!(
        log.delete_records(3),
        Err(LogError::OffsetOutOfRange { .. })
    ));
    // What was seen once stays visible.
    log.set_config(LogConfig::default());
    assert_eq!(visible(&log), (3, 3));
    log.set_config(each.clone());
    fill(&mut log, 1);
    assert_eq!(visible(&log), (3, 3));
    // What a start finds was perhaps never there for good.
    drop(log);
    let (mut log, _) = open_from(&fs, each, 1);
    assert_eq!(visible(&log), (1, 1));
    log.flush().unwrap();
    assert_eq!(visible(&log), (4, 4));
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
