//! Compaction: what stays, what goes, and when; and crashes at every point of it.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use bytes::Bytes;
use rdkafka_log::{
    AppendOptions, AppendOrigin, CleanLimits, Compacted, CompactionConfig, Log, LogConfig, LogDir,
    LogDirOptions, LogError, OpenOptions, TopicId,
    fs::{Fault, Memory, Operation},
};
use rdkafka_records::{
    BatchBuilder, Compression, EndTxnMarker, RecordBatches, Seal, TransactionResult,
};

use crate::support::{ALL, DIR, append, files, open};

const LIMITS: CleanLimits = CleanLimits {
    map_bytes: 1 << 20,
    batch_bytes: 1 << 20,
};
const RULES: CompactionConfig = CompactionConfig {
    min_lag_ms: 0,
    max_lag_ms: i64::MAX,
    min_dirty_ratio: 0.5,
    delete_retention_ms: 1_000,
};

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 1_000,
        index_interval_bytes: 150,
        tail_cache_bytes: 0,
        compaction: Some(RULES),
        ..LogConfig::default()
    }
}

/// A batch of keys and values; no value is a tombstone.
fn keyed(records: &[(&str, Option<&str>)], timestamp_ms: i64, seal: &Seal) -> Bytes {
    let mut builder = BatchBuilder::new();
    for (key, value) in records {
        let value = value.map(str::as_bytes);
        builder
            .append(timestamp_ms, Some(key.as_bytes()), value, [])
            .unwrap();
    }
    builder.seal(seal).unwrap()
}

fn put(log: &mut Log, key: &str, value: Option<&str>) {
    append(log, keyed(&[(key, value)], 1_000, &Seal::default())).unwrap();
}

/// Appends until a new segment begins, under keys of their own.
fn roll(log: &mut Log) {
    let before = log.segment_count();
    let mut filler = 0;
    while log.segment_count() == before {
        put(
            log,
            &format!("filler {} {filler}", log.offsets().end),
            Some(&"f".repeat(200)),
        );
        filler += 1;
    }
    log.flush().unwrap();
}

fn clean_at(
    log: &mut Log,
    now_ms: i64,
    limits: CleanLimits,
) -> Result<Option<Compacted>, LogError> {
    let Some(task) = log.clean_task(now_ms, limits)? else {
        return Ok(None);
    };
    let compacted = log.cleaned(task.run(&mut |_| ControlFlow::Continue(())))?;
    Ok(Some(compacted))
}

fn clean(log: &mut Log, now_ms: i64) -> Compacted {
    let compacted = clean_at(log, now_ms, LIMITS)
        .unwrap()
        .expect("nothing to clean");
    log.flush().unwrap();
    compacted
}

/// Offset, key and value of every record but fillers and markers.
fn contents(log: &mut Log) -> Vec<(i64, String, Option<String>)> {
    let mut all = Vec::new();
    let mut offset = log.offsets().start;
    while offset < log.offsets().end {
        let read = log.read(offset, &ALL).unwrap();
        assert!(
            read.next_offset > offset,
            "a read at {offset} did not get on"
        );
        for slice in &read.slices {
            for batch in RecordBatches::new(slice.read().unwrap()) {
                let batch = batch.unwrap();
                batch.verify_crc().unwrap();
                if batch.is_control() {
                    continue;
                }
                for record in batch.decompress(1 << 20).unwrap().records() {
                    let record = record.unwrap();
                    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                    let key = text(record.key.unwrap());
                    if !key.starts_with("filler") {
                        all.push((record.offset, key, record.value.map(text)));
                    }
                }
            }
        }
        offset = read.next_offset;
    }
    all
}

fn entry(offset: i64, key: &str, value: Option<&str>) -> (i64, String, Option<String>) {
    (offset, key.to_owned(), value.map(str::to_owned))
}

#[test]
fn the_last_record_of_each_key_stays_at_its_offset() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    for round in 0..50 {
        for key in ["a", "b", "c"] {
            put(&mut log, key, Some(&format!("{key}{round}")));
        }
    }
    roll(&mut log);
    let end = log.offsets().end;
    let size = log.size();
    let compacted = clean(&mut log, 0);
    assert!(
        compacted.bytes_after * 3 < compacted.bytes_before,
        "{compacted:?}"
    );
    assert!(log.size() < size);
    assert_eq!(log.offsets().end, end);
    let expected = [
        entry(147, "a", Some("a49")),
        entry(148, "b", Some("b49")),
        entry(149, "c", Some("c49")),
    ];
    assert_eq!(contents(&mut log), expected);
    compacted.cleanup.run().unwrap();
    let recovery_point = log.close().unwrap();
    // However little is known about it: the same.
    for recovery_point in [0, recovery_point] {
        let options = OpenOptions {
            recovery_point,
            ..OpenOptions::default()
        };
        let (mut log, recovered) =
            Log::open_with(Arc::new(fs.kill()), DIR, config(), &options).unwrap();
        assert_eq!(recovered.truncated_bytes, 0);
        assert_eq!(log.offsets().end, end);
        assert_eq!(contents(&mut log), expected);
    }
}

#[test]
fn batches_lose_records_and_keep_codec_offsets_and_headers() {
    for compression in Compression::ALL {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, config());
        let seal = Seal {
            compression,
            ..Seal::default()
        };
        let long = "v".repeat(100);
        let records = [
            ("a", Some(&*long)),
            ("b", Some(&*long)),
            ("c", None),
            ("b", Some("x")),
        ];
        append(&mut log, keyed(&records, 5, &seal)).unwrap();
        put(&mut log, "a", Some("new"));
        roll(&mut log);
        clean(&mut log, 0);
        let expected = [
            entry(2, "c", None),
            entry(3, "b", Some("x")),
            entry(4, "a", Some("new")),
        ];
        assert_eq!(contents(&mut log), expected, "{compression:?}");
    }
}

#[test]
fn a_tombstone_goes_after_delete_retention_ms() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    put(&mut log, "a", Some("1"));
    put(&mut log, "a", None);
    roll(&mut log);
    clean(&mut log, 10_000);
    assert_eq!(contents(&mut log), [entry(1, "a", None)]);
    roll(&mut log);
    clean(&mut log, 10_999);
    assert_eq!(contents(&mut log), [entry(1, "a", None)]);
    roll(&mut log);
    clean(&mut log, 11_000);
    assert_eq!(contents(&mut log), []);
}

#[test]
fn a_log_is_due_by_its_dirty_part_or_by_age() {
    let fs = Memory::new();
    let rules = CompactionConfig {
        max_lag_ms: 5_000,
        min_lag_ms: 500,
        ..RULES
    };
    let config = LogConfig {
        compaction: Some(rules),
        ..config()
    };
    let (mut log, _) = open(&fs, config);
    assert_eq!(log.dirtiness(2_000).unwrap(), None);
    roll(&mut log);
    // Its newest record is of time 1000.
    assert_eq!(log.dirtiness(1_499).unwrap(), None);
    assert!(log.clean_task(1_499, LIMITS).unwrap().is_none());
    let due = log.dirtiness(1_500).unwrap().unwrap();
    assert_eq!((due.is_overdue, due.ratio), (false, 1.0));
    for _ in 0..4 {
        roll(&mut log);
    }
    clean(&mut log, 2_000);
    roll(&mut log);
    assert_eq!(log.dirtiness(2_000).unwrap(), None);
    assert!(log.dirtiness(6_001).unwrap().unwrap().is_overdue);
}

#[test]
fn what_is_not_durable_or_active_or_of_an_open_transaction_is_left_alone() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    put(&mut log, "a", Some("1"));
    put(&mut log, "a", Some("2"));
    assert!(log.clean_task(0, LIMITS).unwrap().is_none());
    begin(&mut log, 9, 0, "t");
    roll(&mut log);
    assert!(log.clean_task(0, LIMITS).unwrap().is_none());
    end(&mut log, 9, TransactionResult::Commit);
    assert!(log.clean_task(0, LIMITS).unwrap().is_some());
}

/// Appends a transactional record.
fn begin(log: &mut Log, producer_id: i64, sequence: i32, key: &str) {
    let seal = Seal {
        producer_id,
        producer_epoch: 0,
        base_sequence: sequence,
        transactional: true,
        ..Seal::default()
    };
    append(log, keyed(&[(key, Some("txn"))], 1_000, &seal)).unwrap();
}

fn end(log: &mut Log, producer_id: i64, result: TransactionResult) {
    let marker = EndTxnMarker {
        producer_id,
        producer_epoch: 0,
        coordinator_epoch: 0,
        result,
    };
    let options = AppendOptions {
        origin: AppendOrigin::Coordinator,
        ..AppendOptions::default()
    };
    log.append(marker.to_batch(1_000).unwrap(), &options)
        .unwrap();
}

fn markers(log: &mut Log) -> usize {
    let mut count = 0;
    let mut offset = log.offsets().start;
    while offset < log.offsets().end {
        let read = log.read(offset, &ALL).unwrap();
        for slice in &read.slices {
            for batch in RecordBatches::new(slice.read().unwrap()) {
                count += usize::from(EndTxnMarker::from_batch(&batch.unwrap()).is_some());
            }
        }
        offset = read.next_offset;
    }
    count
}

#[test]
fn aborted_records_go_first_and_their_marker_later() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    put(&mut log, "a", Some("committed"));
    begin(&mut log, 9, 0, "a");
    end(&mut log, 9, TransactionResult::Abort);
    begin(&mut log, 9, 1, "b");
    end(&mut log, 9, TransactionResult::Commit);
    begin(&mut log, 9, 2, "c");
    end(&mut log, 9, TransactionResult::Commit);
    roll(&mut log);
    let everything = log.offsets().end;
    clean(&mut log, 10_000);
    let expected = [
        entry(0, "a", Some("committed")),
        entry(3, "b", Some("txn")),
        entry(5, "c", Some("txn")),
    ];
    assert_eq!(contents(&mut log), expected);
    // The aborted one's marker is needed by readers that saw its records before.
    assert_eq!(
        (markers(&mut log), log.aborted_between(0, everything).len()),
        (3, 1)
    );
    roll(&mut log);
    clean(&mut log, 10_001);
    roll(&mut log);
    clean(&mut log, 20_000);
    // Gone, and readers are not told of it, or they would wait for the marker.
    assert_eq!(
        (markers(&mut log), log.aborted_between(0, everything).len()),
        (2, 0)
    );
    assert_eq!(contents(&mut log), expected);
    // A snapshot of before would still know of it.
    let (mut log, _) = open(&fs.kill(), config());
    assert_eq!(log.aborted_between(0, everything).len(), 0);
    assert_eq!(contents(&mut log), expected);
}

#[test]
fn a_producer_goes_on_after_all_its_records_went() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    let of = |sequence: i32, value: &str| {
        let seal = Seal {
            producer_id: 3,
            producer_epoch: 0,
            base_sequence: sequence,
            ..Seal::default()
        };
        keyed(&[("k", Some(value))], 1_000, &seal)
    };
    append(&mut log, of(0, "x")).unwrap();
    append(&mut log, of(1, "y")).unwrap();
    put(&mut log, "k", Some("z"));
    roll(&mut log);
    clean(&mut log, 0);
    assert_eq!(contents(&mut log), [entry(2, "k", Some("z"))]);
    // No snapshot helps: the batch stayed, without its record.
    for name in files(&fs, ".snapshot") {
        rdkafka_log::fs::Fs::remove_file(&fs, &std::path::Path::new(DIR).join(name)).unwrap();
    }
    let (mut log, _) = open(&fs.kill(), config());
    assert!(append(&mut log, of(1, "y")).unwrap().duplicate);
    assert!(append(&mut log, of(3, "gap")).is_err());
    append(&mut log, of(2, "next")).unwrap();
}

#[test]
fn keys_beyond_the_bound_of_memory_wait_for_the_next_run() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    let mut expected = BTreeMap::new();
    for round in 0..3 {
        for key in 0..40 {
            let key = format!("key {key}");
            expected.insert(key.clone(), (log.offsets().end, format!("{round}")));
            put(&mut log, &key, Some(&round.to_string()));
        }
    }
    roll(&mut log);
    let limits = CleanLimits {
        map_bytes: 25 * 40,
        ..LIMITS
    };
    let mut runs = 0;
    while clean_at(&mut log, 0, limits).unwrap().is_some() {
        runs += 1;
        assert!(runs < 100);
        let latest: BTreeMap<_, _> = contents(&mut log)
            .into_iter()
            .map(|(offset, key, value)| (key, (offset, value.unwrap())))
            .collect();
        assert_eq!(latest, expected, "after run {runs}");
    }
    assert!(runs > 4, "{runs}");
    // A run sees the keys of its own part only, so an older record may stay below a newer one of the same run; not here.
    assert_eq!(contents(&mut log).len(), 40);
}

#[test]
fn segments_that_shrank_become_one() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    for round in 0..200 {
        put(&mut log, "only", Some(&round.to_string()));
    }
    roll(&mut log);
    clean(&mut log, 0);
    let once = log.segment_count();
    roll(&mut log);
    clean(&mut log, 0);
    assert!(
        log.segment_count() < once,
        "{} of {once}",
        log.segment_count()
    );
    assert_eq!(contents(&mut log), [entry(199, "only", Some("199"))]);
}

#[test]
fn a_run_is_thrown_away_where_the_log_changed_meanwhile() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    for round in 0..100 {
        put(&mut log, "k", Some(&round.to_string()));
    }
    roll(&mut log);
    let task = log.clean_task(0, LIMITS).unwrap().unwrap();
    log.delete_records(60).unwrap().cleanup.run().unwrap();
    let start = log.offsets().start;
    let _ = log
        .cleaned(task.run(&mut |_| ControlFlow::Continue(())))
        .unwrap();
    assert_eq!(log.offsets().start, start);
    assert_eq!(contents(&mut log).last(), Some(&entry(99, "k", Some("99"))));
    assert_eq!(files(&fs, ".cleaned"), [] as [String; 0]);
    clean(&mut log, 0);
    assert_eq!(contents(&mut log), [entry(99, "k", Some("99"))]);
}

#[test]
fn a_full_disk_stops_a_run_and_harms_nothing() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, config());
    for round in 0..60 {
        put(
            &mut log,
            &format!("{}", round % 20),
            Some(&round.to_string()),
        );
    }
    roll(&mut log);
    let before = contents(&mut log);
    fs.set_capacity(Some(fs.used() + 100));
    assert!(matches!(
        clean_at(&mut log, 0, LIMITS),
        Err(LogError::NoSpace { .. })
    ));
    assert_eq!(contents(&mut log), before);
    assert_eq!(files(&fs, ".cleaned"), [] as [String; 0]);
    fs.set_capacity(None);
    clean(&mut log, 0);
    assert_eq!(contents(&mut log).len(), 20);
}

/// The last value of each key, and whether it is a tombstone.
fn latest(log: &mut Log) -> BTreeMap<String, (i64, Option<String>)> {
    let records = contents(log).into_iter();
    records
        .map(|(offset, key, value)| (key, (offset, value)))
        .collect()
}

/// Appends, flushes and compacts until something fails; says what must be there afterwards.
fn live(
    fs: &Memory,
    seed: u64,
    flushed: &mut BTreeMap<String, (i64, Option<String>)>,
) -> Result<(), LogError> {
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = LogDir::open(Arc::new(fs.clone()), "/data", &LogDirOptions::default())?;
    let mut log = dir.create_log("t", 0, TopicId([3; 16]), config())?;
    let mut appended = BTreeMap::new();
    for step in 0..80 {
        let key = format!("k{}", random.u8(0..6));
        let value = format!("{step} {}", "x".repeat(random.usize(0..150)));
        let info = append(
            &mut log,
            keyed(&[(&key, Some(&value))], 1_000, &Seal::default()),
        )?;
        appended.insert(key, (info.base_offset, Some(value)));
        if random.u8(0..8) == 0 {
            log.flush()?;
            *flushed = appended.clone();
        }
        if random.u8(0..12) == 0
            && let Some(compacted) = clean_at(&mut log, 0, LIMITS)?
        {
            compacted.cleanup.run()?;
        }
    }
    log.flush()?;
    *flushed = appended;
    Ok(())
}

#[test]
fn a_crash_at_any_point_of_compaction_loses_no_key() {
    let survivors: [fn(&Memory) -> Memory; 2] = [Memory::crash, Memory::kill];
    for seed in 0..3 {
        let whole = Memory::with_crashes(seed);
        live(&whole, seed, &mut BTreeMap::new()).unwrap();
        for operation in 0..whole.operations() {
            let fs = Memory::with_crashes(seed ^ operation << 32);
            fs.inject(Operation::Any, operation, Fault::Down);
            let mut flushed = BTreeMap::new();
            let _ = live(&fs, seed, &mut flushed);
            for survivor in survivors {
                let what = format!("seed {seed}, operation {operation}");
                let survived = Arc::new(survivor(&fs));
                let dir = LogDir::open(survived, "/data", &LogDirOptions::default()).unwrap();
                let mut log = match dir.open_log("t", 0, config(), 0) {
                    Ok((log, _)) => log,
                    Err(LogError::NotFound { .. }) if flushed.is_empty() => continue,
                    Err(error) => panic!("{what}: {error}"),
                };
                let now = latest(&mut log);
                for (key, (offset, value)) in &flushed {
                    let found = now
                        .get(key)
                        .unwrap_or_else(|| panic!("{what}: {key} is gone"));
                    assert!(found.0 >= *offset, "{what}: {key} went back");
                    assert!(
                        found.0 > *offset || found.1 == *value,
                        "{what}: {key} changed"
                    );
                }
                append(&mut log, keyed(&[("k", Some("v"))], 1, &Seal::default())).unwrap();
            }
        }
    }
}
