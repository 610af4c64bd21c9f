//! Idempotent and transactional producers, over restarts.

use rdkafka_log::{AppendOptions, AppendOrigin, Log, LogConfig, LogError, fs::Memory};
use rdkafka_records::{EndTxnMarker, Seal, TransactionResult};

use crate::support::{
    append, batch, batch_of, files, fill, open, open_from, produced, read_all, small,
};

#[test]
fn a_batch_sent_again_is_not_written_twice() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 3);
    let first = append(&mut log, produced(9, 0, "a")).unwrap();
    let again = append(&mut log, produced(9, 0, "a")).unwrap();
    assert!(!first.duplicate && again.duplicate);
    assert_eq!((again.base_offset, again.last_offset), (3, 3));
    assert_eq!(again.max_timestamp_ms, first.max_timestamp_ms);
    assert_eq!(log.offsets().end, 4);
}

#[test]
fn a_gap_in_a_producers_sequence_is_refused() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    append(&mut log, produced(9, 0, "a")).unwrap();
    assert!(matches!(
        append(&mut log, produced(9, 2, "c")),
        Err(LogError::OutOfOrderSequence { expected: 1, .. })
    ));
    assert_eq!(log.offsets().end, 1);
}

#[test]
fn duplicates_are_recognised_after_a_restart_however_the_log_ended() {
    // The last five batches lie in the snapshot, in the log, or in both.
    for flush_at in [None, Some(0), Some(20), Some(38), Some(40)] {
        for is_clean in [true, false] {
            let fs = Memory::new();
            let (mut log, _) = open(&fs, small());
            let mut recovery_point = 0;
            for sequence in 0..40 {
                if flush_at == Some(sequence) {
                    recovery_point = log.flush().unwrap();
                }
                append(&mut log, produced(9, sequence, "value")).unwrap();
            }
            if is_clean {
                recovery_point = log.close().unwrap();
            }
            let (mut log, _) = open_from(&fs.kill(), small(), recovery_point);
            for sequence in 35..40 {
                let info = append(&mut log, produced(9, sequence, "value")).unwrap();
                assert!(info.duplicate, "flush at {flush_at:?}, sequence {sequence}");
                assert_eq!(info.base_offset, i64::from(sequence));
            }
            let info = append(&mut log, produced(9, 40, "value")).unwrap();
            assert_eq!((info.duplicate, info.base_offset), (false, 40));
        }
    }
}

#[test]
fn a_damaged_snapshot_is_replaced_by_replaying_the_log() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    for sequence in 0..40 {
        append(&mut log, produced(9, sequence, "value")).unwrap();
    }
    let recovery_point = log.close().unwrap();
    let snapshots = files(&fs, ".snapshot");
    assert!(!snapshots.is_empty());
    for name in snapshots {
        let path = std::path::Path::new(crate::support::DIR).join(name);
        let mut content = fs.read_all(&path).unwrap();
        *content.last_mut().unwrap() ^= 1;
        fs.put(&path, &content);
    }
    let (mut log, recovered) = open_from(&fs, small(), recovery_point);
    assert_eq!(recovered.replayed_batches, 40);
    assert!(
        append(&mut log, produced(9, 39, "value"))
            .unwrap()
            .duplicate
    );
}

#[test]
fn a_clean_restart_replays_nothing() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, LogConfig::default());
    for sequence in 0..1_000 {
        append(&mut log, produced(9, sequence, "value")).unwrap();
    }
    let recovery_point = log.close().unwrap();
    let (_, recovered) = open_from(&fs, LogConfig::default(), recovery_point);
    assert_eq!(recovered.replayed_batches, 0);
    assert!(recovered.scanned_bytes < 10_000, "{recovered:?}");
}

const COORDINATOR: AppendOptions = AppendOptions {
    origin: AppendOrigin::Coordinator,
    leader_epoch: 0,
    now_ms: 0,
};

fn transactional(producer_id: i64, sequence: i32) -> bytes::Bytes {
    let seal = Seal {
        producer_id,
        producer_epoch: 0,
        base_sequence: sequence,
        transactional: true,
        ..Seal::default()
    };
    batch_of(&[("x", 1_000)], &seal)
}

fn marker(producer_id: i64) -> bytes::Bytes {
    end_of(producer_id, TransactionResult::Commit)
}

fn end_of(producer_id: i64, result: TransactionResult) -> bytes::Bytes {
    let marker = EndTxnMarker {
        producer_id,
        producer_epoch: 0,
        coordinator_epoch: 1,
        result,
    };
    marker.to_batch(1_000).unwrap()
}

#[test]
fn the_stable_offset_waits_for_the_oldest_open_transaction() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    append(&mut log, batch("x")).unwrap();
    append(&mut log, transactional(7, 0)).unwrap();
    append(&mut log, transactional(8, 0)).unwrap();
    assert_eq!(log.offsets().stable, 1);
    log.append(marker(7), &COORDINATOR).unwrap();
    assert_eq!(log.offsets().stable, 2);
    // The same after a restart without a snapshot.
    drop(log);
    let (mut log, _) = open(&fs, small());
    assert_eq!(log.offsets().stable, 2);
    log.append(marker(8), &COORDINATOR).unwrap();
    assert_eq!(log.offsets().stable, 5);
    assert_eq!(log.offsets().high_watermark, 5);
}

#[test]
fn a_producer_may_not_write_markers() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    assert!(matches!(
        append(&mut log, marker(7)),
        Err(LogError::InvalidBatch { .. })
    ));
    assert!(read_all(&mut log).is_empty());
}

#[test]
fn producers_that_were_silent_too_long_are_forgotten() {
    let fs = Memory::new();
    let config = LogConfig {
        producer_id_expiration_ms: 100,
        retention_ms: None,
        ..small()
    };
    let (mut log, _) = open(&fs, config);
    let at = |now_ms| AppendOptions {
        now_ms,
        ..AppendOptions::default()
    };
    log.append(produced(9, 0, "a"), &at(5_000)).unwrap();
    log.retain(5_099).unwrap();
    assert_eq!(log.producers().count(), 1);
    log.retain(5_100).unwrap();
    assert_eq!(log.producers().count(), 0);
}

#[test]
fn aborted_transactions_are_known_after_a_start_that_looks_at_no_sealed_segment() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    for sequence in 0..200 {
        append(&mut log, transactional(7, sequence)).unwrap();
        let result = match sequence % 2 {
            0 => TransactionResult::Abort,
            _ => TransactionResult::Commit,
        };
        log.append(end_of(7, result), &COORDINATOR).unwrap();
    }
    assert!(log.segment_count() > 10);
    let offsets = |log: &Log, from, to| -> Vec<(i64, i64)> {
        let found = log.aborted_between(from, to);
        found
            .iter()
            .map(|it| (it.first_offset, it.last_offset))
            .collect()
    };
    let all = offsets(&log, 0, 400);
    assert_eq!(all.len(), 100);
    assert_eq!(offsets(&log, 10, 15), [(8, 9), (12, 13)][1..]);
    // A kill after a flush: what is above the newest snapshot is replayed, and no more.
    let recovery_point = log.flush().unwrap();
    drop(log);
    let (log, recovered) = open_from(&fs, small(), recovery_point);
    assert_eq!(offsets(&log, 0, 400), all);
    assert!(recovered.replayed_batches < 20, "{recovered:?}");
    assert!(recovered.scanned_bytes < 2_000, "{recovered:?}");
    // A clean stop: nothing is.
    let recovery_point = log.close().unwrap();
    let (mut log, recovered) = open_from(&fs, small(), recovery_point);
    assert_eq!(offsets(&log, 0, 400), all);
    assert_eq!(recovered.replayed_batches, 0);
    // What ended before the log's start is forgotten, in the files too.
    log.delete_records(300).unwrap().cleanup.run().unwrap();
    let recovery_point = log.close().unwrap();
    let (log, _) = open_from(&fs, small(), recovery_point);
    assert_eq!(offsets(&log, 0, 400), all[75..]);
}
