//! A data folder written by layout 1 must keep opening.
//!
//! `tests/fixtures/layout-1` was written by [`write_fixture`]; to make a fixture of a new layout, run
//! the test once with `WRITE_FIXTURE` set to the folder to write.

use std::{fs, path::Path, sync::Arc};

use rdkafka_log::{
    AppendOptions, LogConfig, LogDir, LogDirOptions, PartitionCheckpoint, TopicId, fs::Disk,
};
use rdkafka_records::{Compression, Seal};

use crate::support::{append, batch_of, read_all};

const TOPIC_ID: TopicId = TopicId([0xab; 16]);

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 1_500,
        index_interval_bytes: 200,
        ..LogConfig::default()
    }
}

fn open(root: &Path) -> LogDir {
    let options = LogDirOptions {
        proposed_cluster_id: "golden".to_owned(),
        ..LogDirOptions::default()
    };
    LogDir::open(Arc::new(Disk), root, &options).unwrap()
}

fn value(offset: i64) -> String {
    format!("value {offset}")
}

/// Two epochs, an idempotent producer, a compressed batch, deleted records, an unflushed tail.
fn write_fixture(root: &Path) {
    let dir = open(root);
    let mut log = dir
        .create_log("golden.topic", 3, TOPIC_ID, config())
        .unwrap();
    for offset in 0..30 {
        let seal = Seal {
            producer_id: 1_000,
            producer_epoch: 2,
            base_sequence: offset as i32,
            ..Seal::default()
        };
        let options = AppendOptions {
            leader_epoch: if offset < 10 { 0 } else { 4 },
            ..AppendOptions::default()
        };
        let batch = batch_of(&[(&value(offset), 1_700_000_000_000 + offset)], &seal);
        log.append(batch, &options).unwrap();
    }
    let texts: Vec<_> = (30..40).map(value).collect();
    let values: Vec<_> = texts
        .iter()
        .map(|text| (&**text, 1_700_000_000_100))
        .collect();
    let options = AppendOptions {
        leader_epoch: 4,
        ..AppendOptions::default()
    };
    let seal = Seal {
        compression: Compression::Gzip,
        ..Seal::default()
    };
    log.append(batch_of(&values, &seal), &options).unwrap();
    log.delete_records(2).unwrap();
    log.flush().unwrap();
    dir.checkpoint(&[PartitionCheckpoint {
        topic: "golden.topic".to_owned(),
        partition: 3,
        topic_id: TOPIC_ID,
        recovery_point: log.recovery_point(),
        start_offset: log.offsets().start,
        cleaned_up_to: log.cleaned_up_to(),
    }])
    .unwrap();
    log.append(
        batch_of(&[(&value(40), 1_700_000_000_200)], &Seal::default()),
        &options,
    )
    .unwrap();
    // Not closed: the tail is as a killed process leaves it, with half a batch behind it.
    let names = fs::read_dir(log.dir())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let active = names
        .filter(|path| path.extension().is_some_and(|e| e == "log"))
        .max()
        .unwrap();
    let mut content = fs::read(&active).unwrap();
    content.extend_from_slice(&[0; 40]);
    fs::write(&active, content).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_folder_of_layout_1_opens_with_everything_that_was_in_it() {
    if let Some(root) = std::env::var_os("WRITE_FIXTURE") {
        write_fixture(Path::new(&root));
    }
    let temporary = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/layout-1");
    copy(&fixture, temporary.path());
    let dir = open(temporary.path());
    assert_eq!(dir.meta().cluster_id, "golden");
    let partitions = dir.partitions().unwrap();
    assert_eq!(partitions.len(), 1);
    assert_eq!(
        (&*partitions[0].topic, partitions[0].partition),
        ("golden.topic", 3)
    );
    assert_eq!(partitions[0].topic_id, TOPIC_ID);
    let (mut log, recovered) = dir.open_log("golden.topic", 3, config(), 0).unwrap();
    assert_eq!(recovered.truncated_bytes, 40);
    assert_eq!(recovered.rebuilt_indexes, 0);
    assert_eq!((log.offsets().start, log.offsets().end), (2, 41));
    let expected: Vec<_> = (2..41).map(|offset| (offset, value(offset))).collect();
    assert_eq!(read_all(&mut log), expected);
    assert_eq!(log.end_offset_for_epoch(0), Some((0, 10)));
    assert_eq!(log.leader_epoch(), 4);
    let found = log
        .offset_for_timestamp(1_700_000_000_015)
        .unwrap()
        .unwrap();
    assert_eq!((found.offset, found.leader_epoch), (15, 4));
    assert_eq!(
        log.offset_for_timestamp(1_700_000_000_101)
            .unwrap()
            .unwrap()
            .offset,
        40
    );
    let seal = Seal {
        producer_id: 1_000,
        producer_epoch: 2,
        base_sequence: 29,
        ..Seal::default()
    };
    let again = append(
        &mut log,
        batch_of(&[(&value(29), 1_700_000_000_029)], &seal),
    )
    .unwrap();
    assert_eq!((again.duplicate, again.base_offset), (true, 29));
}
