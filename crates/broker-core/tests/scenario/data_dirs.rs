//! Several data folders: where partitions go, and what happens when a folder is not there.

use std::path::Path;
use std::sync::Arc;

use rdkafka_broker_core::Shard;
use rdkafka_log::LogDir;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_replica_log_dirs::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use rdkafka_wire::messages::describe_log_dirs::{DescribeLogDirsRequest, DescribeLogDirsResult};

use crate::harness::{Cluster, batch, produce_request};
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
