//! Logs that move to another data folder while they are written to, and machines that go down meanwhile.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use rdkafka_log::{
    Copied, Log, LogConfig, LogCopy, LogDir, LogDirOptions, LogError, PartitionCheckpoint,
    PartitionName, TopicId,
    fs::{Fault, Fs, Memory, Operation},
    settle_moves,
};

use crate::support::{append, produced, read_all, small};

const NAME: PartitionName<'static> = PartitionName {
    topic: "t",
    partition: 0,
    topic_id: TopicId([3; 16]),
};

/// What a client was told: up to where it was written, and up to where for good.
#[derive(Debug, Default)]
struct Told {
    created: bool,
    appended: i64,
    flushed: i64,
    deleted: i64,
}

fn open_dirs(fs: &Memory) -> Result<[LogDir; 2], LogError> {
    let options = LogDirOptions {
        required_cluster_id: Some("c".into()),
        ..LogDirOptions::default()
    };
    let open = |root: &str| LogDir::open(Arc::new(fs.clone()), root, &options);
    let dirs = [open("/one")?, open("/two")?];
    settle_moves(dirs.iter())?;
    Ok(dirs)
}

fn value(offset: i64) -> String {
    format!("{offset}:{}", "x".repeat((offset * 37 % 90) as usize))
}

fn append_some(log: &mut Log, count: usize, told: &mut Told) -> Result<(), LogError> {
    for _ in 0..count {
        let offset = log.offsets().end;
        append(log, produced(7, offset as i32, &value(offset)))?;
        told.appended = offset + 1;
    }
    Ok(())
}

fn checkpoint(dir: &LogDir, log: &Log) -> Result<(), LogError> {
    dir.checkpoint(&[PartitionCheckpoint {
        topic: NAME.topic.to_owned(),
        partition: NAME.partition,
        topic_id: NAME.topic_id,
        recovery_point: log.recovery_point(),
        start_offset: log.offsets().start,
        cleaned_up_to: log.cleaned_up_to(),
    }])
}

fn copy_on(log: &mut Log, copy: LogCopy) -> Result<LogCopy, LogError> {
    let task = log.copy_task(copy)?;
    let Copied { copy, result } = task.run(&mut |_| ControlFlow::Continue(()));
    result.map(|()| copy)
}

/// Moves a log, with appends before, between and after the steps.
fn relocate(mut log: Log, from: &LogDir, to: &LogDir, told: &mut Told) -> Result<Log, LogError> {
    let copy = copy_on(
        &mut log,
        to.begin_copy(NAME.topic, NAME.partition, [1; 16])?,
    )?;
    append_some(&mut log, 12, told)?;
    let copy = copy_on(&mut log, copy)?;
    told.deleted += 5;
    log.delete_records(told.deleted)?.cleanup.run()?;
    checkpoint(from, &log)?;
    append_some(&mut log, 5, told)?;
    assert!(log.missing_in(&copy) > 0);
    let moved = to.take_over(&mut log, copy, &NAME, small(), 0)?;
    told.flushed = moved.recovery_point();
    drop(log);
    checkpoint(to, &moved)?;
    from.delete_log(NAME.topic, NAME.partition)?.run()?;
    to.forget_move(NAME.topic, NAME.partition)?;
    Ok(moved)
}

/// There and back.
fn live(fs: &Memory, told: &mut Told) -> Result<(), LogError> {
    let [one, two] = open_dirs(fs)?;
    let mut log = one.create_log(NAME.topic, NAME.partition, NAME.topic_id, small())?;
    told.created = true;
    append_some(&mut log, 25, told)?;
    told.flushed = log.flush()?;
    log = relocate(log, &one, &two, told)?;
    append_some(&mut log, 3, told)?;
    told.flushed = log.flush()?;
    append_some(&mut log, 3, told)?;
    log = relocate(log, &two, &one, told)?;
    append_some(&mut log, 3, told)?;
    told.flushed = log.flush()?;
    Ok(())
}

/// Opens what survived: exactly one folder has the log, with everything that it must have.
fn check(fs: &Memory, told: &Told, at_least: i64, what: &str) {
    let dirs = open_dirs(fs).unwrap_or_else(|error| panic!("{what}: {error}"));
    let has_log = |dir: &&LogDir| !dir.partitions().unwrap().is_empty();
    let places: Vec<_> = dirs.iter().filter(has_log).collect();
    if places.is_empty() && !told.created {
        return;
    }
    let [dir] = places[..] else {
        panic!("{what}: in {} folders", places.len());
    };
    let (mut log, _) = dir
        .open_log(NAME.topic, NAME.partition, small(), 0)
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let offsets = log.offsets();
    assert!(
        (at_least..=told.appended + 1).contains(&offsets.end),
        "{what}: {offsets:?}, {told:?}"
    );
    assert!(
        offsets.start <= told.deleted,
        "{what}: {offsets:?}, {told:?}"
    );
    // A deletion whose checkpoint was under way may have been for nothing.
    assert!(offsets.start + 5 >= told.deleted, "{what}: {offsets:?}");
    let expected: Vec<_> = (offsets.start..offsets.end)
        .map(|offset| (offset, value(offset)))
        .collect();
    assert_eq!(read_all(&mut log), expected, "{what}");
    let last = offsets.end - 1;
    if last >= offsets.start {
        let again = append(&mut log, produced(7, last as i32, &value(last))).unwrap();
        assert!(again.duplicate, "{what}: producers are remembered");
    }
    let mut after = Told::default();
    append_some(&mut log, 5, &mut after).unwrap();
    log.close().unwrap();
    let folders = ["/one", "/two", "/one/t-0", "/two/t-0"];
    let entries = folders
        .iter()
        .flat_map(|it| fs.list(Path::new(it)).unwrap_or_default());
    let names: Vec<_> = entries.map(|entry| entry.name).collect();
    let is_left =
        |name: &&String| name.ends_with("-future") || name.ends_with("-delete") || *name == "moved";
    assert_eq!(names.iter().find(is_left), None, "{what}");
}

fn every_crash(seed: u64, survivor: fn(&Memory) -> Memory, at_least: fn(&Told) -> i64) {
    let whole = Memory::with_crashes(seed);
    let mut told = Told::default();
    live(&whole, &mut told).unwrap();
    check(&whole.kill(), &told, told.appended, "without a crash");
    for operation in 0..whole.operations() {
        let fs = Memory::with_crashes(seed ^ operation << 32);
        fs.inject(Operation::Any, operation, Fault::Down);
        let mut told = Told::default();
        let _ = live(&fs, &mut told);
        let what = format!("seed {seed}, operation {operation}");
        check(&survivor(&fs), &told, at_least(&told), &what);
    }
}

#[test]
fn a_power_failure_at_any_point_of_a_move_leaves_one_good_copy() {
    for seed in 0..6 {
        every_crash(seed, Memory::crash, |told| told.flushed);
    }
}

#[test]
fn the_death_of_the_process_at_any_point_of_a_move_loses_nothing() {
    every_crash(100, Memory::kill, |told| told.appended);
}

#[test]
fn a_move_that_fails_leaves_the_log_where_it_was() {
    for operation in 0.. {
        let fs = Memory::with_crashes(9);
        let [one, two] = open_dirs(&fs).unwrap();
        let create = one.create_log(NAME.topic, NAME.partition, NAME.topic_id, small());
        let mut log = create.unwrap();
        let mut told = Told::default();
        append_some(&mut log, 25, &mut told).unwrap();
        let begun = two.begin_copy(NAME.topic, NAME.partition, [1; 16]).unwrap();
        let copy = copy_on(&mut log, begun).unwrap();
        append_some(&mut log, 4, &mut told).unwrap();
        fs.inject(Operation::Any, operation, Fault::Error);
        let moved = two.take_over(&mut log, copy, &NAME, LogConfig::default(), 0);
        if fs.clear_faults() > 0 {
            assert_eq!(moved.unwrap().offsets().end, 29);
            assert!(operation > 10, "it did something");
            return;
        }
        drop(moved);
        append_some(&mut log, 4, &mut told).unwrap();
        log.flush().unwrap();
        drop((log, one, two));
        check(&fs.kill(), &told, 33, &format!("an error at {operation}"));
    }
}
