//! Crashes at every point of a life of a data folder.
//!
//! A script of appends, flushes, checkpoints and deletions runs until the machine goes down in the
//! middle of operation number `n`; then the folder is opened again. For every `n`: what was flushed is
//! there, what is there is a prefix of what was appended, offsets are dense, the log goes on, and
//! producers are remembered.

use std::sync::Arc;

use rdkafka_log::{
    Log, LogConfig, LogDir, LogDirOptions, LogError, PartitionCheckpoint, TopicId,
    fs::{Fault, Memory, Operation},
};

use crate::support::{append, produced, read_all};

const TOPIC_ID: TopicId = TopicId([3; 16]);

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 900,
        index_interval_bytes: 150,
        ..LogConfig::default()
    }
}

/// What a client was told.
#[derive(Debug, Default)]
struct Told {
    created: bool,
    /// Offset after the last acknowledged append, if any was acknowledged.
    appended: i64,
    /// The flushed part of it.
    flushed: i64,
    /// The start of the log, as checkpointed, and as asked for last.
    start: i64,
    start_asked: i64,
}

fn open_dir(fs: &Memory) -> Result<LogDir, LogError> {
    LogDir::open(Arc::new(fs.clone()), "/data", &LogDirOptions::default())
}

/// The value of the record at an offset: it has the offset and some length.
fn value(offset: i64) -> String {
    format!("{offset}:{}", "x".repeat((offset * 37 % 90) as usize))
}

fn append_next(log: &mut Log) -> Result<i64, LogError> {
    let offset = log.offsets().end;
    append(log, produced(7, offset as i32, &value(offset)))?;
    Ok(offset + 1)
}

fn checkpoint(dir: &LogDir, log: &Log) -> Result<(), LogError> {
    dir.checkpoint(&[PartitionCheckpoint {
        topic: "t".to_owned(),
        partition: 0,
        topic_id: TOPIC_ID,
        recovery_point: log.recovery_point(),
        start_offset: log.offsets().start,
        cleaned_up_to: log.cleaned_up_to(),
    }])
}

/// Lives until something fails.
fn live(fs: &Memory, seed: u64, told: &mut Told) -> Result<(), LogError> {
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = open_dir(fs)?;
    let mut log = dir.create_log("t", 0, TOPIC_ID, config())?;
    told.created = true;
    for _ in 0..60 {
        match random.u8(0..20) {
            0..=14 => told.appended = append_next(&mut log)?,
            15 | 16 => told.flushed = log.flush()?,
            17 => {
                checkpoint(&dir, &log)?;
                told.start = log.offsets().start;
            }
            18 if told.flushed > 10 => {
                let offset = random.i64(0..told.flushed / 2);
                told.start_asked = told.start_asked.max(offset);
                log.delete_records(offset)?.cleanup.run()?;
            }
            _ => log.retain(0).map(|_| ())?,
        }
    }
    told.flushed = log.close()?;
    Ok(())
}

/// Opens what survived and compares it with what clients were told.
fn check(fs: &Memory, told: &Told, at_least: i64, what: &str) {
    let dir = open_dir(fs).unwrap_or_else(|error| panic!("{what}: {error}"));
    let (mut log, _) = match dir.open_log("t", 0, config(), 0) {
        Ok(opened) => opened,
        Err(LogError::NotFound { .. }) if !told.created => return,
        Err(error) => panic!("{what}: {error}"),
    };
    let offsets = log.offsets();
    assert!(offsets.end >= at_least, "{what}: {offsets:?}, {told:?}");
    // One append may have been written but not acknowledged.
    assert!(
        offsets.end <= told.appended + 1,
        "{what}: {offsets:?}, {told:?}"
    );
    assert!(offsets.start >= told.start, "{what}: {offsets:?}, {told:?}");
    assert!(
        offsets.start <= told.start.max(told.start_asked),
        "{what}: {offsets:?}, {told:?}"
    );
    let expected: Vec<_> = (offsets.start..offsets.end)
        .map(|offset| (offset, value(offset)))
        .collect();
    assert_eq!(read_all(&mut log), expected, "{what}");
    let end = offsets.end;
    for offset in (end - 5).max(offsets.start)..end {
        let again = append(&mut log, produced(7, offset as i32, &value(offset))).unwrap();
        assert!(
            again.duplicate && again.base_offset == offset,
            "{what}: {again:?}"
        );
    }
    for _ in 0..15 {
        append_next(&mut log).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    log.close().unwrap();
}

/// Runs the script with the machine going down in each of its operations.
fn every_crash(seed: u64, survivor: impl Fn(&Memory) -> Memory, at_least: impl Fn(&Told) -> i64) {
    let whole = Memory::with_crashes(seed);
    live(&whole, seed, &mut Told::default()).unwrap();
    for operation in 0..whole.operations() {
        let fs = Memory::with_crashes(seed ^ operation << 32);
        fs.inject(Operation::Any, operation, Fault::Down);
        let mut told = Told::default();
        let _ = live(&fs, seed, &mut told);
        let what = format!("seed {seed}, operation {operation}");
        let survived = survivor(&fs);
        check(&survived, &told, at_least(&told), &what);
        // Recovery itself may be interrupted, too: once more from what the first one left.
        let again = survived.kill();
        assert!(open_dir(&again).is_ok(), "{what}");
    }
}

#[test]
fn what_was_flushed_survives_a_power_failure_at_any_point() {
    for seed in 0..12 {
        every_crash(seed, Memory::crash, |told| told.flushed);
    }
}

#[test]
fn what_was_appended_survives_the_death_of_the_process_at_any_point() {
    for seed in 100..106 {
        every_crash(seed, Memory::kill, |told| told.appended);
    }
}

#[test]
fn recovery_that_is_interrupted_by_another_power_failure_loses_nothing_more() {
    for seed in 200..204 {
        let fs = Memory::with_crashes(seed);
        let whole = fs.clone();
        live(&whole, seed, &mut Told::default()).unwrap();
        let crash_at = whole.operations() * 2 / 3;
        let fs = Memory::with_crashes(seed);
        fs.inject(Operation::Any, crash_at, Fault::Down);
        let mut told = Told::default();
        let _ = live(&fs, seed, &mut told);
        for operation in 0..30 {
            let first = fs.crash();
            first.inject(Operation::Any, operation, Fault::Down);
            if let Ok(dir) = open_dir(&first) {
                let _ = dir.open_log("t", 0, config(), 0);
            }
            let what = format!("seed {seed}, operation {operation} of the recovery");
            check(&first.crash(), &told, told.flushed, &what);
        }
    }
}
