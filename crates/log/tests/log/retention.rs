//! Retention, deleted records, truncation.

use rdkafka_log::{LogConfig, LogError, fs::Memory};
use rdkafka_records::Seal;

use crate::support::{
    ALL, append, assert_holds, batch_of, files, fill, open, open_from, produced, small, uncached,
};

#[test]
fn segments_whose_records_are_all_too_old_go() {
    let fs = Memory::new();
    let (mut log, _) = open(
        &fs,
        LogConfig {
            retention_ms: Some(1_000),
            ..small()
        },
    );
    for timestamp_ms in 0..100 {
        let value = timestamp_ms.to_string();
        append(
            &mut log,
            batch_of(&[(&value, timestamp_ms)], &Seal::default()),
        )
        .unwrap();
    }
    let segments = log.segment_count();
    let retained = log.retain(1_050).unwrap();
    assert!(retained.segments > 0 && retained.segments < segments);
    // The segment that holds the record of time 50 stays.
    assert!(retained.start_offset <= 50);
    assert_eq!(log.offsets().start, retained.start_offset);
    assert_eq!(files(&fs, ".deleted").len(), 3 * retained.segments);
    retained.cleanup.run().unwrap();
    assert!(files(&fs, ".deleted").is_empty());
    let (start, end) = (log.offsets().start, log.offsets().end);
    assert_holds(&mut log, start..end);
}

#[test]
fn a_log_whose_records_are_all_too_old_becomes_empty_and_goes_on() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 50);
    let retained = log.retain(i64::MAX).unwrap();
    retained.cleanup.run().unwrap();
    assert_holds(&mut log, 50..50);
    fill(&mut log, 1);
    assert_holds(&mut log, 50..51);
    let recovery_point = log.close().unwrap();
    let (mut log, _) = open_from(&fs, small(), recovery_point);
    assert_holds(&mut log, 50..51);
}

#[test]
fn the_oldest_segments_go_while_the_log_is_too_large() {
    let fs = Memory::new();
    let config = LogConfig {
        retention_bytes: Some(5_000),
        retention_ms: None,
        ..small()
    };
    let (mut log, _) = open(&fs, config);
    fill(&mut log, 200);
    log.retain(0).unwrap();
    assert!((5_000..7_000).contains(&log.size()), "{}", log.size());
    let start = log.offsets().start;
    assert_holds(&mut log, start..200);
}

#[test]
fn deleted_records_cannot_be_read_and_their_segments_go() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, uncached());
    fill(&mut log, 100);
    let size = log.size();
    let retained = log.delete_records(60).unwrap();
    assert!(retained.segments > 0 && log.size() < size);
    assert_holds(&mut log, 60..100);
    assert!(matches!(
        log.read(59, &ALL),
        Err(LogError::OffsetOutOfRange { start: 60, .. })
    ));
    // Moving back is no request to do anything.
    assert_eq!(log.delete_records(10).unwrap().start_offset, 60);
    for offset in [-1, 101] {
        assert!(matches!(
            log.delete_records(offset),
            Err(LogError::OffsetOutOfRange { .. })
        ));
    }
}

#[test]
fn deleting_all_records_leaves_an_empty_log_that_goes_on() {
    for count in [1, 100] {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, small());
        fill(&mut log, count);
        log.delete_records(count as i64)
            .unwrap()
            .cleanup
            .run()
            .unwrap();
        assert_eq!(log.size(), 0);
        fill(&mut log, 1);
        assert_holds(&mut log, count as i64..count as i64 + 1);
    }
}

#[test]
fn what_an_interrupted_deletion_left_is_removed_at_open() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 100);
    drop(log.delete_records(60).unwrap());
    assert!(!files(&fs, ".deleted").is_empty());
    let start = log.offsets().start;
    drop(log);
    let (mut log, _) = open(&fs, small());
    assert!(files(&fs, ".deleted").is_empty());
    // Nobody remembered the start, so it is the first segment's.
    let first = log.offsets().start;
    assert!(first <= start);
    assert_holds(&mut log, first..100);
}

#[test]
fn truncation_at_any_offset_leaves_exactly_what_was_before() {
    for offset in 0..=60 {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, small());
        fill(&mut log, 60);
        log.truncate(offset).unwrap();
        assert_holds(&mut log, 0..offset);
        fill(&mut log, 30);
        assert_holds(&mut log, 0..offset + 30);
        drop(log);
        let (mut log, recovered) = open(&fs, small());
        assert_eq!(recovered.truncated_bytes, 0);
        assert_holds(&mut log, 0..offset + 30);
    }
}

#[test]
fn truncation_takes_back_what_producers_did() {
    for has_snapshot in [false, true] {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, small());
        for sequence in 0..40 {
            append(&mut log, produced(9, sequence, "value")).unwrap();
        }
        if has_snapshot {
            log.flush().unwrap();
        }
        log.truncate(20).unwrap();
        assert!(
            append(&mut log, produced(9, 19, "value"))
                .unwrap()
                .duplicate
        );
        assert!(append(&mut log, produced(9, 39, "value")).is_err());
        assert_eq!(
            append(&mut log, produced(9, 20, "value"))
                .unwrap()
                .base_offset,
            20
        );
    }
}
