//! The data folder.

use std::{path::Path, sync::Arc};

use rdkafka_log::{
    LogConfig, LogDir, LogDirOptions, LogError, PartitionCheckpoint, TopicId,
    fs::{Disk, Fs, Memory},
};

use crate::support::{assert_holds, fill, small};

const ID: TopicId = TopicId([1; 16]);
const OTHER: TopicId = TopicId([2; 16]);

fn options() -> LogDirOptions {
    LogDirOptions {
        proposed_cluster_id: "abc".to_owned(),
        node_id: 1,
        ..LogDirOptions::default()
    }
}

fn open(fs: &Memory) -> Result<LogDir, LogError> {
    LogDir::open(Arc::new(fs.clone()), "/data", &options())
}

fn checkpoint(
    topic: &str,
    topic_id: TopicId,
    recovery_point: i64,
    start_offset: i64,
) -> PartitionCheckpoint {
    PartitionCheckpoint {
        topic: topic.to_owned(),
        partition: 0,
        topic_id,
        recovery_point,
        start_offset,
        cleaned_up_to: 0,
    }
}

#[test]
fn a_folder_keeps_its_cluster_id() {
    let fs = Memory::new();
    assert_eq!(open(&fs).unwrap().meta().cluster_id, "abc");
    let proposed = LogDirOptions {
        proposed_cluster_id: "new".to_owned(),
        ..options()
    };
    let dir = LogDir::open(Arc::new(fs.clone()), "/data", &proposed).unwrap();
    assert_eq!(dir.meta().cluster_id, "abc");
    drop(dir);
    let required = LogDirOptions {
        required_cluster_id: Some("other".to_owned()),
        ..options()
    };
    assert!(matches!(
        LogDir::open(Arc::new(fs), "/data", &required),
        Err(LogError::ClusterIdMismatch { .. })
    ));
}

#[test]
fn a_second_owner_is_refused_on_both_file_systems() {
    let temporary = tempfile::tempdir().unwrap();
    for fs in [Arc::new(Memory::new()) as Arc<dyn Fs>, Arc::new(Disk)] {
        let root = temporary.path().join("data");
        let first = LogDir::open(Arc::clone(&fs), &root, &options()).unwrap();
        assert!(matches!(
            LogDir::open(Arc::clone(&fs), &root, &options()),
            Err(LogError::Locked { .. })
        ));
        drop(first);
        LogDir::open(fs, &root, &options()).unwrap();
    }
}

#[test]
fn a_layout_that_is_not_known_is_refused() {
    let fs = Memory::new();
    drop(open(&fs).unwrap());
    let path = Path::new("/data/meta.properties");
    let content = String::from_utf8(fs.read_all(path).unwrap()).unwrap();
    fs.put(
        path,
        content
            .replace("layout.version=1", "layout.version=2")
            .as_bytes(),
    );
    assert!(
        matches!(open(&fs), Err(LogError::UnsupportedLayout { version, .. }) if version == "2")
    );
    fs.put(path, b"layout.version=1\n");
    assert!(matches!(open(&fs), Err(LogError::Corrupt { .. })));
}

#[test]
fn partitions_are_listed_with_their_topics_and_ids() {
    let fs = Memory::new();
    let dir = open(&fs).unwrap();
    for (topic, partition, topic_id) in [
        ("b-1", 0, OTHER),
        ("a", 10, ID),
        ("a", 2, ID),
        ("__consumer_offsets", 0, OTHER),
    ] {
        dir.create_log(topic, partition, topic_id, small()).unwrap();
    }
    // The broker's own things are left alone.
    fs.create_dir_all(Path::new("/data/acls")).unwrap();
    fs.create_dir_all(Path::new("/data/not-a-partition-7x"))
        .unwrap();
    let found: Vec<_> = dir
        .partitions()
        .unwrap()
        .into_iter()
        .map(|found| (found.topic, found.partition, found.topic_id))
        .collect();
    assert_eq!(
        found,
        [
            ("__consumer_offsets".to_owned(), 0, OTHER),
            ("a".to_owned(), 2, ID),
            ("a".to_owned(), 10, ID),
            ("b-1".to_owned(), 0, OTHER),
        ]
    );
}

#[test]
fn a_partition_is_created_once_and_under_a_name_that_can_be_one() {
    let fs = Memory::new();
    let dir = open(&fs).unwrap();
    dir.create_log("t", 0, ID, small()).unwrap();
    assert!(matches!(
        dir.create_log("t", 0, ID, small()),
        Err(LogError::AlreadyExists { .. })
    ));
    let long = "x".repeat(250);
    for topic in ["", ".", "..", "a/b", "a b", "ä", &*long] {
        let created = dir.create_log(topic, 0, ID, small());
        assert!(
            matches!(created, Err(LogError::InvalidName { .. })),
            "{topic}"
        );
    }
    assert!(matches!(
        dir.create_log("t", -1, ID, small()),
        Err(LogError::InvalidName { .. })
    ));
    assert!(matches!(
        dir.open_log("u", 0, small(), 0),
        Err(LogError::NotFound { .. })
    ));
}

#[test]
fn a_folder_of_no_known_topic_does_not_keep_a_new_topic_from_its_name() {
    let fs = Memory::new();
    let dir = open(&fs).unwrap();
    let mut old = dir.create_log("t", 0, ID, small()).unwrap();
    fill(&mut old, 3);
    drop(old);
    let other = TopicId([9; 16]);
    let log = dir.create_log("t", 0, other, small()).unwrap();
    assert_eq!(log.offsets().end, 0);
    let partitions = dir.partitions().unwrap();
    assert_eq!((partitions.len(), partitions[0].topic_id), (1, other));
    let names = fs.list(Path::new("/data")).unwrap();
    assert!(names.iter().any(|entry| entry.name.ends_with("-stray")));
}

#[test]
fn a_checkpoint_says_where_a_log_starts_and_what_need_not_be_checked() {
    let fs = Memory::new();
    let dir = open(&fs).unwrap();
    let mut log = dir.create_log("t", 0, ID, LogConfig::default()).unwrap();
    fill(&mut log, 1_000);
    log.delete_records(5).unwrap();
    let recovery_point = log.close().unwrap();
    dir.checkpoint(&[checkpoint("t", ID, recovery_point, 5)])
        .unwrap();
    drop(dir);
    let dir = open(&fs).unwrap();
    let (mut log, recovered) = dir.open_log("t", 0, LogConfig::default(), 0).unwrap();
    assert!(recovered.scanned_bytes < 10_000);
    assert_holds(&mut log, 5..1_000);
}

#[test]
fn a_damaged_checkpoint_costs_a_check_but_no_records() {
    let fs = Memory::new();
    let dir = open(&fs).unwrap();
    let mut log = dir.create_log("t", 0, ID, small()).unwrap();
    fill(&mut log, 100);
    let recovery_point = log.close().unwrap();
    dir.checkpoint(&[checkpoint("t", ID, recovery_point, 0)])
        .unwrap();
    drop(dir);
    fs.put(
        Path::new("/data/log-offsets-checkpoint"),
        b"1\n2\nt 0 garbage",
    );
    let dir = open(&fs).unwrap();
    let (mut log, _) = dir.open_log("t", 0, small(), 0).unwrap();
    assert_holds(&mut log, 0..100);
}

#[test]
fn a_deleted_partition_is_gone_and_a_new_one_of_its_name_inherits_nothing() {
    let fs = Memory::new();
    let dir = open(&fs).unwrap();
    let mut log = dir.create_log("t", 0, ID, small()).unwrap();
    fill(&mut log, 100);
    log.delete_records(50).unwrap();
    let recovery_point = log.close().unwrap();
    dir.checkpoint(&[checkpoint("t", ID, recovery_point, 50)])
        .unwrap();
    let cleanup = dir.delete_log("t", 0).unwrap();
    assert!(dir.partitions().unwrap().is_empty());
    // The name is free before the files are removed.
    let mut log = dir.create_log("t", 0, OTHER, small()).unwrap();
    fill(&mut log, 10);
    cleanup.run().unwrap();
    drop((log, dir));
    let dir = open(&fs).unwrap();
    let (mut log, _) = dir.open_log("t", 0, small(), 0).unwrap();
    assert_holds(&mut log, 0..10);
}

#[test]
fn an_interrupted_deletion_is_finished_at_the_next_open() {
    let fs = Memory::new();
    let dir = open(&fs).unwrap();
    let long = "x".repeat(249);
    for topic in ["t", &long] {
        dir.create_log(topic, 0, ID, small()).unwrap();
        drop(dir.delete_log(topic, 0).unwrap());
    }
    assert!(matches!(
        dir.delete_log("t", 0),
        Err(LogError::NotFound { .. })
    ));
    let dirs = |fs: &Memory| {
        fs.list(Path::new("/data"))
            .unwrap()
            .iter()
            .filter(|e| e.is_dir)
            .count()
    };
    assert_eq!(dirs(&fs), 2);
    drop(dir);
    drop(open(&fs).unwrap());
    assert_eq!(dirs(&fs), 0);
}

#[test]
fn the_same_folder_works_on_a_disk() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("data");
    let dir = LogDir::open(Arc::new(Disk), &root, &options()).unwrap();
    let mut log = dir.create_log("t", 0, ID, small()).unwrap();
    fill(&mut log, 200);
    let recovery_point = log.close().unwrap();
    dir.checkpoint(&[checkpoint("t", ID, recovery_point, 0)])
        .unwrap();
    drop(dir);
    let dir = LogDir::open(Arc::new(Disk), &root, &options()).unwrap();
    let (mut log, recovered) = dir.open_log("t", 0, small(), 0).unwrap();
    assert_eq!(recovered.truncated_bytes, 0);
    assert_holds(&mut log, 0..200);
    log.retain(i64::MAX).unwrap().cleanup.run().unwrap();
    assert_holds(&mut log, 200..200);
    drop(log);
    dir.delete_log("t", 0).unwrap().run().unwrap();
    assert!(dir.partitions().unwrap().is_empty());
}
