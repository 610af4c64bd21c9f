//! Several data folders: where partitions go, and what happens when a folder is not there.

use std::path::Path;
use std::sync::Arc;

use rdkafka_broker_core::Shard;
use rdkafka_log::LogDir;
use rdkafka_log::fs::{Fault, Fs, Operation};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_replica_log_dirs::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use rdkafka_wire::messages::delete_topics::DeleteTopicsRequest;
use rdkafka_wire::messages::describe_log_dirs::{DescribeLogDirsRequest, DescribeLogDirsResult};

use crate::harness::{Cluster, batch, fetch_request, produce_request};
use crate::topics::create_topic;

/// Asks for a partition of `t` to be in a folder.
fn alter(cluster: &mut Cluster, folder: &str, partition: i32) -> ErrorCode {
    let topic = AlterReplicaLogDirTopic {
        name: "t".into(),
        partitions: vec![partition],
    };
    let dir = AlterReplicaLogDir {
        path: folder.into(),
        topics: vec![topic],
    };
    let request = AlterReplicaLogDirsRequest { dirs: vec![dir] };
    let response = cluster.call(2, &request);
    ErrorCode::from(response.results[0].partitions[0].error_code)
}

/// Which partitions each folder says it has.
fn folders(cluster: &mut Cluster) -> Vec<(String, Vec<i32>)> {
    let response = cluster.call(4, &DescribeLogDirsRequest { topics: None });
    let partitions = |it: &DescribeLogDirsResult| {
        let topic = it.topics.iter().find(|topic| &*topic.name == "t");
        let partitions = topic.map(|topic| topic.partitions.iter().map(|it| it.partition_index));
        partitions.into_iter().flatten().collect()
    };
    let results = response.results.iter();
    results
        .map(|it| (it.log_dir.to_string(), partitions(it)))
        .collect()
}

#[test]
fn partitions_are_spread_over_the_data_folders_and_found_again() {
    let mut cluster = Cluster::with(&[("log.dirs", "/one,/two")]);
    create_topic(&mut cluster, "t", 4, &[]);
    for partition in 0..4 {
        let request = produce_request("t", partition, -1, batch(&["x"]));
        cluster.call(9, &request);
    }
    let spread = vec![
        ("/one".to_owned(), vec![0, 2]),
        ("/two".to_owned(), vec![1, 3]),
    ];
    assert_eq!(folders(&mut cluster), spread);
    let id = |root: &str| {
        let meta = LogDir::read_meta(&cluster.fs, root.as_ref())
            .unwrap()
            .unwrap();
        (meta.cluster_id, meta.directory_id.unwrap())
    };
    let (one, two) = (id("/one"), id("/two"));
    assert_eq!(one.0, two.0);
    assert_ne!(one.1, two.1);
    cluster.stop_and_restart();
    assert_eq!(folders(&mut cluster), spread);
    // The order is the operator's affair.
    cluster.config.set("log.dirs", "/two,/one").unwrap();
    cluster.stop_and_restart();
    assert_eq!(
        folders(&mut cluster),
        spread.into_iter().rev().collect::<Vec<_>>()
    );
}

#[test]
fn a_data_folder_that_is_left_out_or_empty_is_an_error_that_names_it() {
    let mut cluster = Cluster::with(&[("log.dirs", "/one,/two")]);
    create_topic(&mut cluster, "t", 2, &[]);
    for (dirs, is_named) in [
        ("/one", "/two"),
        ("/two,/three", "/one"),
        ("/one,/three", "/two"),
    ] {
        cluster.config.set("log.dirs", dirs).unwrap();
        let error = cluster.start_error();
        assert!(
            error.contains(&format!("the data folder {is_named} ")),
            "{error}"
        );
    }
    cluster.config.set("log.dirs", "/one,/two,/three").unwrap();
    assert_eq!(cluster.start_error(), "");
}

#[test]
fn a_partition_without_records_goes_where_it_is_asked_to_be() {
    let mut cluster = Cluster::with(&[("log.dirs", "/one,/two")]);
    create_topic(&mut cluster, "t", 3, &[]);
    assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
    assert_eq!(alter(&mut cluster, "/two", 1), ErrorCode::NONE);
    for partition in 0..3 {
        let request = produce_request("t", partition, -1, batch(&["x"]));
        cluster.call(9, &request);
    }
    let placed = [
        ("/one".to_owned(), vec![2]),
        ("/two".to_owned(), vec![0, 1]),
    ];
    assert_eq!(folders(&mut cluster), placed);
    assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
    assert_eq!(
        alter(&mut cluster, "/elsewhere", 0),
        ErrorCode::LOG_DIR_NOT_FOUND
    );
    assert_eq!(
        alter(&mut cluster, "/two", 9),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
    cluster.stop_and_restart();
    assert_eq!(folders(&mut cluster), placed);
}

/// What DescribeLogDirs says of partition 0 of `t`: folder, size, lag, whether it is the future one.
fn places(cluster: &mut Cluster) -> Vec<(String, i64, i64, bool)> {
    let response = cluster.call(4, &DescribeLogDirsRequest { topics: None });
    let mut places = Vec::new();
    for dir in &response.results {
        let topics = dir.topics.iter().filter(|it| &*it.name == "t");
        for it in topics.flat_map(|topic| &topic.partitions) {
            let place = dir.log_dir.to_string();
            places.push((place, it.partition_size, it.offset_lag, it.is_future_key));
        }
    }
    places
}

/// A topic with a hundred records in `/one`.
fn with_records(properties: &[(&str, &str)]) -> Cluster {
    let properties = [&[("log.dirs", "/one,/two,/three")], properties].concat();
    let mut cluster = Cluster::with(&properties);
    create_topic(&mut cluster, "t", 1, &[("segment.bytes", "1024")]);
    for number in 0..100 {
        assert_eq!(write(&mut cluster), number);
    }
    assert_eq!(folders(&mut cluster)[0], ("/one".to_owned(), vec![0]));
    cluster
}

/// Appends a record whose value is the offset that it gets.
fn write(cluster: &mut Cluster) -> i64 {
    let offset = cluster.fetch("t", 0).high_watermark;
    let answer = cluster.produce("t", batch(&[offset.to_string().as_str()]));
    assert_eq!((answer.error_code, answer.base_offset), (0, offset));
    offset
}

fn assert_holds(cluster: &mut Cluster, folder: &str, count: i64) {
    assert_eq!(places(cluster).len(), 1);
    assert_eq!(places(cluster)[0].0, folder);
    let mut found = Vec::new();
    while let Some(last) = cluster.values("t", found.len() as i64).last().cloned() {
        found.extend(cluster.values("t", found.len() as i64));
        assert_eq!(found.last(), Some(&last));
    }
    let expected: Vec<_> = (0..count).map(|it| (it, it.to_string())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_partition_with_records_moves_while_it_is_written_and_read() {
    let mut cluster = with_records(&[]);
    cluster.held_copies = Some(Vec::new());
    assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
    write(&mut cluster);
    let shown = places(&mut cluster);
    assert_eq!(shown[1], ("/two".to_owned(), 0, 101, true));
    assert_eq!((shown.len(), shown[0].2, shown[0].3), (2, 0, false));
    let waiting = cluster.send(7, 11, &fetch_request("t", 101, 1, 60_000));
    assert!(!cluster.is_answered(waiting));
    cluster.run_held_copies();
    assert_holds(&mut cluster, "/two", 101);
    write(&mut cluster);
    assert!(cluster.is_answered(waiting));
    assert_holds(&mut cluster, "/two", 102);
    let left = cluster.fs.list(Path::new("/one")).unwrap();
    assert_eq!(left.iter().find(|it| it.name.starts_with("t-")), None);
    cluster.kill_and_restart();
    assert_holds(&mut cluster, "/two", 102);
    // And back.
    assert_eq!(alter(&mut cluster, "/one", 0), ErrorCode::NONE);
    write(&mut cluster);
    cluster.stop_and_restart();
    assert_holds(&mut cluster, "/one", 103);
}

#[test]
fn a_move_that_a_kill_interrupts_leaves_the_partition_where_it_was() {
    let mut cluster = with_records(&[]);
    cluster.held_copies = Some(Vec::new());
    assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
    let (_, task) = cluster.held_copies.take().unwrap().remove(0);
    drop(task.run(&mut |_| std::ops::ControlFlow::Continue(())));
    write(&mut cluster);
    cluster.kill_and_restart();
    assert_holds(&mut cluster, "/one", 101);
    assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
    assert_holds(&mut cluster, "/two", 101);
}

#[test]
fn a_move_is_given_up_or_turned_elsewhere() {
    let mut cluster = with_records(&[]);
    cluster.held_copies = Some(Vec::new());
    assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
    assert_eq!(alter(&mut cluster, "/one", 0), ErrorCode::NONE);
    assert_eq!(places(&mut cluster).len(), 1);
    cluster.run_held_copies();
    assert_holds(&mut cluster, "/one", 100);
    cluster.held_copies = Some(Vec::new());
    for folder in ["/two", "/three", "/two", "/three"] {
        assert_eq!(alter(&mut cluster, folder, 0), ErrorCode::NONE);
    }
    cluster.run_held_copies();
    assert_holds(&mut cluster, "/three", 100);
    let left = cluster.fs.list(Path::new("/two")).unwrap();
    assert_eq!(left.iter().find(|it| it.name.starts_with("t-")), None);
}

#[test]
fn a_topic_that_is_deleted_while_it_moves_is_gone() {
    let mut cluster = with_records(&[]);
    cluster.held_copies = Some(Vec::new());
    assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
    let delete = DeleteTopicsRequest {
        topic_names: vec!["t".into()],
        ..DeleteTopicsRequest::default()
    };
    assert_eq!(cluster.call(5, &delete).responses[0].error_code, 0);
    cluster.run_held_copies();
    cluster.advance_ms(120_000);
    for folder in ["/one", "/two"] {
        let left = cluster.fs.list(Path::new(folder)).unwrap();
        assert_eq!(left.iter().find(|it| it.name.starts_with("t-")), None);
    }
}

#[test]
fn a_move_under_a_flush_policy_waits_for_the_fsync_and_answers_who_waits_for_it() {
    let mut cluster = with_records(&[("log.flush.interval.messages", "1")]);
    cluster.held_copies = Some(Vec::new());
    assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
    cluster.held_flushes = Some(Vec::new());
    let produce = |value: &str| produce_request("t", 0, -1, batch(&[value]));
    let first = cluster.send(1, 9, &produce("100"));
    cluster.run_held_copies();
    assert_eq!(places(&mut cluster).len(), 2, "an fsync is under way");
    let second = cluster.send(2, 9, &produce("101"));
    assert!(!cluster.is_answered(first) && !cluster.is_answered(second));
    cluster.run_held_flushes();
    assert!(cluster.is_answered(first) && cluster.is_answered(second));
    assert_holds(&mut cluster, "/two", 102);
    cluster.held_flushes = None;
    assert_eq!(write(&mut cluster), 102);
}

#[test]
fn a_move_that_the_disk_refuses_changes_nothing() {
    for at in 0.. {
        let mut cluster = with_records(&[]);
        cluster.fs.inject(Operation::Any, at, Fault::Error);
        cluster.trust_disk_not();
        assert_eq!(alter(&mut cluster, "/two", 0), ErrorCode::NONE);
        let is_over = cluster.fs.clear_faults() > 0;
        let folder = places(&mut cluster)[0].0.clone();
        assert!(!is_over || folder == "/two");
        write(&mut cluster);
        assert_holds(&mut cluster, &folder, 101);
        cluster.kill_and_restart();
        assert_holds(&mut cluster, &folder, 101);
        if is_over {
            break;
        }
    }
}

#[test]
fn each_folder_says_how_large_its_volume_is() {
    let mut cluster = Cluster::with(&[("log.dirs", "/one,/two")]);
    let sizes = |cluster: &mut Cluster| {
        let response = cluster.call(4, &DescribeLogDirsRequest { topics: None });
        let results = response.results.into_iter();
        results
            .map(|it| (it.total_bytes, it.usable_bytes))
            .collect::<Vec<_>>()
    };
    assert_eq!(sizes(&mut cluster), [(-1, -1); 2], "not known");
    cluster.fs.set_capacity(Some(1 << 20));
    let known = sizes(&mut cluster)[1];
    assert_eq!(known.0, 1 << 20);
    assert!((1..1 << 20).contains(&known.1), "{known:?}");
}

#[test]
fn each_folder_is_locked_and_recovers_its_own_partitions() {
    let mut cluster = Cluster::with(&[("log.dirs", "/one,/two")]);
    create_topic(&mut cluster, "t", 2, &[]);
    for partition in 0..2 {
        let request = produce_request("t", partition, -1, batch(&["x"]));
        cluster.call(9, &request);
    }
    assert!(
        Shard::open(
            Arc::new(cluster.fs.clone()),
            &["/two".into(), "/one".into()],
            Arc::default(),
            1,
            cluster.now()
        )
        .unwrap_err()
        .to_string()
        .contains("another process")
    );
    // Checkpoints are each folder's own.
    cluster.advance_ms(120_000);
    for (folder, partition) in [("/one", 0), ("/two", 1)] {
        let path = Path::new(folder).join("log-offsets-checkpoint");
        let content = String::from_utf8(cluster.fs.read_all(&path).unwrap()).unwrap();
        assert!(content.contains(&format!("t {partition} 1 ")), "{content}");
        assert!(
            !content.contains(&format!("t {} ", 1 - partition)),
            "{content}"
        );
    }
    cluster.kill_and_restart();
    for partition in 0..2 {
        let request = produce_request("t", partition, -1, batch(&["y"]));
        let answer = cluster.call(9, &request).responses[0].partition_responses[0].clone();
        assert_eq!((answer.error_code, answer.base_offset), (0, 1));
    }
}
