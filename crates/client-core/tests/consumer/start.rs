//! Where partitions start.

use rdkafka_client_core::consumer::{
    Call, OFFSET_BEGINNING, OFFSET_END, OFFSET_INVALID, OFFSET_STORED, OFFSET_TAIL_BASE,
};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::cluster::{Cluster, at};
use crate::support::{SECOND, assign, grouped, list};

#[test]
fn an_assigned_partition_is_read_from_the_offset_given() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b", "c"]);
    assign(&mut cluster, vec![at("t", 0, 1)]);
    assert_eq!(cluster.records(), ["t/0@1=b", "t/0@2=c"]);
}

#[test]
fn logical_offsets_are_looked_up() {
    let mut cluster = grouped(&[]);
    for partition in 0..3 {
        cluster.append("t", partition, &["a", "b", "c"]);
    }
    let places = vec![
        at("t", 0, OFFSET_BEGINNING),
        at("t", 1, OFFSET_END),
        at("t", 2, OFFSET_TAIL_BASE - 2),
    ];
    assign(&mut cluster, places);
    cluster.append("t", 1, &["d"]);
    let mut records = cluster.records();
    records.sort();
    let wanted = [
        "t/0@0=a", "t/0@1=b", "t/0@2=c", "t/1@3=d", "t/2@1=b", "t/2@2=c",
    ];
    assert_eq!(records, wanted);
}

#[test]
fn more_than_there_is_before_the_end_is_everything() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, OFFSET_TAIL_BASE - 100)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
}

#[test]
fn the_committed_offset_is_where_a_group_goes_on() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b", "c"]);
    cluster.broker.committed.insert(("t".into(), 0), 2);
    assign(&mut cluster, vec![at("t", 0, OFFSET_STORED)]);
    assert_eq!(cluster.records(), ["t/0@2=c"]);
}

#[test]
fn without_a_committed_offset_the_reset_policy_decides() {
    for (policy, wanted) in [
        ("earliest", vec!["t/0@0=a", "t/0@1=b"]),
        ("latest", vec!["t/0@1=b"]),
    ] {
        let mut cluster = Cluster::new(&[("group.id", "g"), ("auto.offset.reset", policy)], &[]);
        cluster.append("t", 0, &["a"]);
        assign(&mut cluster, vec![at("t", 0, OFFSET_INVALID)]);
        cluster.append("t", 0, &["b"]);
        assert_eq!(cluster.records(), wanted, "{policy}");
    }
}

#[test]
fn the_policy_error_tells_the_application_and_halts() {
    let mut cluster = Cluster::new(&[("group.id", "g"), ("auto.offset.reset", "error")], &[]);
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, OFFSET_STORED)]);
    cluster.pass(10 * SECOND);
    assert_eq!(cluster.error_items(), [ErrorCode::_AUTO_OFFSET_RESET]);
    assert_eq!(cluster.broker.counts.get(&ApiKey::Fetch), None);
}

#[test]
fn an_offset_out_of_range_is_reset() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a", "b"]);
    assign(&mut cluster, vec![at("t", 0, 17)]);
    assert_eq!(cluster.records(), ["t/0@0=a", "t/0@1=b"]);
}

#[test]
fn questions_that_fail_for_a_passing_reason_are_asked_again() {
    let mut cluster = grouped(&[]);
    cluster.append("t", 0, &["a"]);
    let passing = ErrorCode::COORDINATOR_LOAD_IN_PROGRESS;
    cluster
        .broker
        .errors
        .entry(ApiKey::OffsetFetch)
        .or_default()
        .push_back(passing);
    let moved = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    cluster
        .broker
        .errors
        .entry(ApiKey::ListOffsets)
        .or_default()
        .push_back(moved);
    cluster
        .broker
        .errors
        .entry(ApiKey::Fetch)
        .or_default()
        .push_back(moved);
    assign(&mut cluster, vec![at("t", 0, OFFSET_STORED)]);
    assert_eq!(cluster.records(), Vec::<String>::new());
    cluster.pass(5 * SECOND);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
    assert_eq!(cluster.error_items(), []);
}

#[test]
fn brokers_that_give_topics_no_ids_are_asked_by_name() {
    let mut cluster = grouped(&[]);
    cluster.broker.has_no_topic_ids = true;
    cluster.append("t", 0, &["a"]);
    assign(&mut cluster, vec![at("t", 0, 0)]);
    assert_eq!(cluster.records(), ["t/0@0=a"]);
}

#[test]
fn an_assignment_shows_the_offsets_it_was_made_with() {
    let mut cluster = grouped(&[]);
    cluster.topic("t", 2);
    assign(
        &mut cluster,
        vec![at("t", 0, 5), at("t", 1, OFFSET_INVALID)],
    );
    let shown = list(cluster.call(Call::Assignment));
    let none = ErrorCode::NONE;
    assert_eq!(shown, [(0, 5, none), (1, OFFSET_STORED, none)]);
}
