//! Disks that fill up or fail.

use rdkafka_log::{
    LogConfig, LogError,
    fs::{Fault, Memory, Operation},
};

use crate::support::{append, assert_holds, batch, fill, open, open_from, produced, small};

#[test]
fn a_full_disk_refuses_appends_and_heals_when_space_returns() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 40);
    // At every number of bytes that are still free.
    for free in 0..200 {
        fs.set_capacity(Some(fs.used() + free));
        let end = log.offsets().end;
        let mut refused = false;
        for _ in 0..4 {
            let value = log.offsets().end.to_string();
            match append(&mut log, batch(&value)) {
                Ok(_) => {}
                Err(LogError::NoSpace { .. }) => refused = true,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(refused, "{free} bytes were enough");
        assert!(log.offsets().end < end + 4);
        fs.set_capacity(None);
        fill(&mut log, 1);
    }
    let end = log.offsets().end;
    assert_holds(&mut log, 0..end);
    drop(log);
    let (mut log, recovered) = open(&fs, small());
    assert_eq!(recovered.truncated_bytes, 0);
    assert_holds(&mut log, 0..end);
}

#[test]
fn a_failed_write_leaves_the_log_as_it_was() {
    for fault in [Fault::Error, Fault::Partial] {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, small());
        append(&mut log, produced(9, 0, "0")).unwrap();
        fs.inject(Operation::Append, 0, fault);
        assert!(matches!(
            append(&mut log, produced(9, 1, "1")),
            Err(LogError::Io { .. })
        ));
        // The producer tries again and is no duplicate.
        let info = append(&mut log, produced(9, 1, "1")).unwrap();
        assert_eq!((info.base_offset, info.duplicate), (1, false));
        assert_holds(&mut log, 0..2);
        drop(log);
        assert_holds(&mut open(&fs, small()).0, 0..2);
    }
}

#[test]
fn a_write_that_cannot_be_undone_stops_appends_until_it_can() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 3);
    fs.inject(Operation::Append, 0, Fault::Partial);
    fs.inject(Operation::Truncate, 0, Fault::Error);
    fs.inject(Operation::Truncate, 0, Fault::Error);
    assert!(matches!(
        append(&mut log, batch("3")),
        Err(LogError::Io { .. })
    ));
    let Err(LogError::Offline { reason }) = append(&mut log, batch("3")) else {
        panic!("the log must refuse");
    };
    assert!(reason.contains("injected fault"), "{reason}");
    assert_holds(&mut log, 0..3);
    fill(&mut log, 1);
    assert_holds(&mut log, 0..4);
}

#[test]
fn a_failed_fsync_takes_the_log_offline_until_it_is_opened_again() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 3);
    fs.inject(Operation::Sync, 0, Fault::Error);
    assert!(matches!(
        log.flush(),
        Err(LogError::Io {
            operation: "sync",
            ..
        })
    ));
    assert_eq!(log.recovery_point(), 0);
    assert!(matches!(
        append(&mut log, batch("3")),
        Err(LogError::Offline { .. })
    ));
    assert_holds(&mut log, 0..3);
    drop(log);
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 1);
    assert_eq!(log.flush().unwrap(), 4);
}

#[test]
fn a_snapshot_that_cannot_be_written_fails_the_flush_but_not_the_log() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 3);
    fs.set_capacity(Some(fs.used()));
    assert!(matches!(log.flush(), Err(LogError::NoSpace { .. })));
    assert_eq!(log.recovery_point(), 0);
    fs.set_capacity(None);
    fill(&mut log, 1);
    assert_eq!(log.flush().unwrap(), 4);
}

#[test]
fn a_segment_that_cannot_be_created_leaves_the_log_as_it_was() {
    for skip in 0..3 {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, small());
        fs.inject(Operation::Create, skip, Fault::Error);
        let mut failures = 0;
        while log.offsets().end < 100 {
            let value = log.offsets().end.to_string();
            failures += usize::from(append(&mut log, batch(&value)).is_err());
        }
        assert_eq!(failures, 1);
        assert_holds(&mut log, 0..100);
        log.close().unwrap();
        assert_holds(&mut open(&fs, small()).0, 0..100);
    }
}

#[test]
fn a_read_that_fails_is_an_error_and_the_next_one_works() {
    let fs = Memory::new();
    let config = LogConfig {
        tail_cache_bytes: 0,
        ..small()
    };
    let (mut log, _) = open(&fs, config);
    fill(&mut log, 50);
    fs.inject(Operation::Read, 0, Fault::Error);
    assert!(matches!(
        log.read(20, &crate::support::ALL),
        Err(LogError::Io { .. })
    ));
    assert_holds(&mut log, 0..50);
}

#[test]
fn a_flush_is_due_after_so_many_records_or_so_long() {
    let fs = Memory::new();
    let config = LogConfig {
        flush_messages: Some(3),
        flush_ms: Some(1_000),
        ..LogConfig::default()
    };
    let (mut log, _) = open(&fs, config);
    assert!(!log.needs_flush(i64::MAX));
    fill(&mut log, 2);
    assert!(!log.needs_flush(999) && log.needs_flush(1_000));
    fill(&mut log, 1);
    assert!(log.needs_flush(0));
    assert_eq!(log.flush().unwrap(), 3);
    assert!(!log.needs_flush(i64::MAX));
}

#[test]
fn a_sealed_segment_asks_for_a_flush_by_itself() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    while log.segment_count() == 1 {
        assert!(!log.needs_flush(i64::MAX));
        fill(&mut log, 1);
    }
    assert!(log.needs_flush(0));
    log.flush().unwrap();
    fill(&mut log, 1);
    assert!(!log.needs_flush(i64::MAX));
}

#[test]
fn flush_tasks_may_finish_in_any_order_and_after_more_appends() {
    let fs = Memory::with_crashes(3);
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 60);
    let first = log.flush_task().unwrap().unwrap();
    fill(&mut log, 60);
    let second = log.flush_task().unwrap().unwrap();
    fill(&mut log, 10);
    assert_eq!((first.offset(), second.offset()), (60, 120));
    let second = second.run();
    assert_eq!(log.flushed(second).unwrap(), 120);
    let crashed = fs.crash();
    assert_eq!(log.flushed(first.run()).unwrap(), 120);
    let (log, _) = open_from(&crashed, small(), 120);
    assert!(log.offsets().end >= 120);
}

#[test]
fn a_flush_from_before_a_truncation_vouches_for_nothing_after_it() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 60);
    let task = log.flush_task().unwrap().unwrap();
    log.truncate(10).unwrap();
    fill(&mut log, 40);
    assert!(log.flushed(task.run()).unwrap() <= 10);
}
