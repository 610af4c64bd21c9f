//! Finding offsets by time.

use rdkafka_log::{LogConfig, TimestampOffset, fs::Memory};
use rdkafka_records::{Compression, Seal, TimestampType};

use crate::support::{append, batch_of, open, small};

fn found(timestamp_ms: i64, offset: i64) -> Option<TimestampOffset> {
    Some(TimestampOffset {
        timestamp_ms,
        offset,
        leader_epoch: 0,
    })
}

/// The first record that is late enough, the slow way.
fn expected(timestamps: &[i64], timestamp_ms: i64) -> Option<TimestampOffset> {
    let offset = timestamps.iter().position(|known| *known >= timestamp_ms)?;
    found(timestamps[offset], offset as i64)
}

#[test]
fn the_first_record_that_is_late_enough_is_found_even_if_time_jumps() {
    let fs = Memory::new();
    let mut random = fastrand::Rng::with_seed(7);
    let (mut log, _) = open(&fs, small());
    let mut timestamps = Vec::new();
    for batch in 0..300 {
        let values: Vec<_> = (0..random.usize(1..5))
            .map(|_| ("x", batch * 10 + random.i64(0..200)))
            .collect();
        timestamps.extend(values.iter().map(|(_, timestamp_ms)| *timestamp_ms));
        append(&mut log, batch_of(&values, &Seal::default())).unwrap();
    }
    for _ in 0..2 {
        for timestamp_ms in (0..3_300).step_by(7) {
            assert_eq!(
                log.offset_for_timestamp(timestamp_ms).unwrap(),
                expected(&timestamps, timestamp_ms),
                "at {timestamp_ms}"
            );
        }
        let max = *timestamps.iter().max().unwrap();
        assert_eq!(
            log.offset_of_max_timestamp().unwrap(),
            expected(&timestamps, max)
        );
        // And once more after a restart.
        log.close().unwrap();
        log = open(&fs, small()).0;
    }
}

#[test]
fn compressed_batches_are_looked_into() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    for compression in [
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ] {
        let long = "abc".repeat(100);
        let base = log.offsets().end * 100;
        let values: Vec<_> = (0..10).map(|n| (&*long, base + n * 10)).collect();
        append(
            &mut log,
            batch_of(
                &values,
                &Seal {
                    compression,
                    ..Seal::default()
                },
            ),
        )
        .unwrap();
    }
    for batch in 0..4 {
        let timestamp_ms = batch * 1_000 + 35;
        let offset = batch * 10 + 4;
        assert_eq!(
            log.offset_for_timestamp(timestamp_ms).unwrap(),
            found(batch * 1_000 + 40, offset)
        );
    }
}

#[test]
fn all_records_of_a_batch_have_its_append_time() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    let seal = Seal {
        timestamp_type: TimestampType::LogAppendTime,
        ..Seal::default()
    };
    append(&mut log, batch_of(&[("a", 5), ("b", 900)], &seal)).unwrap();
    assert_eq!(log.offset_for_timestamp(6).unwrap(), found(900, 0));
}

#[test]
fn deleted_records_are_not_found() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, LogConfig::default());
    append(
        &mut log,
        batch_of(&[("a", 10), ("b", 20), ("c", 30)], &Seal::default()),
    )
    .unwrap();
    log.delete_records(2).unwrap();
    assert_eq!(log.offset_for_timestamp(0).unwrap(), found(30, 2));
    assert_eq!(log.offset_for_timestamp(31).unwrap(), None);
}

#[test]
fn an_empty_log_has_no_record_at_any_time() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    assert_eq!(log.offset_for_timestamp(0).unwrap(), None);
    assert_eq!(log.offset_of_max_timestamp().unwrap(), None);
}
