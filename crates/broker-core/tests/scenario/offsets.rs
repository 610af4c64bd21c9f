//! Committed offsets: who may commit what, and how long it lasts.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::find_coordinator::FindCoordinatorRequest;
use rdkafka_wire::messages::list_groups::ListGroupsRequest;
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};

use crate::groups::{Client, one_member};
use crate::harness::Cluster;
use crate::topics::delete_topic;

fn commit_request(topic: &str, offset: i64, metadata: &str) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition {
        committed_offset: offset,
        committed_metadata: Some(metadata.into()),
        ..OffsetCommitRequestPartition::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: topic.into(),
        partitions: vec![partition],
        ..Default::default()
    };
    OffsetCommitRequest {
        group_id: "g".into(),
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    }
}

fn commit(cluster: &mut Cluster, version: i16, request: &OffsetCommitRequest) -> ErrorCode {
    ErrorCode(cluster.call(version, request).topics[0].partitions[0].error_code)
}

pub(crate) fn commit_simple(cluster: &mut Cluster, offset: i64) {
    assert_eq!(
        commit(cluster, 8, &commit_request("t", offset, "note")),
        ErrorCode::NONE
    );
}

fn commit_as(cluster: &mut Cluster, client: &Client, offset: i64) -> ErrorCode {
    let request = OffsetCommitRequest {
        member_id: client.member_id.clone(),
        generation_id_or_member_epoch: client.generation,
        ..commit_request("t", offset, "")
    };
    commit(cluster, 7, &request)
}

/// Offset and metadata of partition 0 of topic `t`.
pub(crate) fn committed(cluster: &mut Cluster) -> (i64, String) {
    let topic = OffsetFetchRequestTopic {
        name: "t".into(),
        partition_indexes: vec![0],
    };
    let request = OffsetFetchRequest {
        group_id: "g".into(),
        topics: Some(vec![topic]),
        ..OffsetFetchRequest::default()
    };
    let answer = cluster.call(5, &request).topics[0].partitions[0].clone();
    assert_eq!(answer.error_code, 0);
    (
        answer.committed_offset,
        answer.metadata.unwrap().to_string(),
    )
}

#[test]
fn what_was_committed_is_fetched_in_every_version() {
    let mut cluster = Cluster::new();
    let topic_id = cluster.topic("t").topic_id;
    for version in 0..=10 {
        let mut request = commit_request("t", i64::from(version), "note");
        request.topics[0].topic_id = topic_id;
        assert_eq!(
            commit(&mut cluster, version, &request),
            ErrorCode::NONE,
            "{version}"
        );
        assert_eq!(
            committed(&mut cluster),
            (i64::from(version), "note".to_owned())
        );
    }
    for version in 0..8 {
        let topic = OffsetFetchRequestTopic {
            name: "t".into(),
            partition_indexes: vec![0, 1],
        };
        let request = OffsetFetchRequest {
            group_id: "g".into(),
            topics: Some(vec![topic]),
            ..OffsetFetchRequest::default()
        };
        let answer = cluster.call(version, &request);
        let offsets: Vec<i64> = answer.topics[0]
            .partitions
            .iter()
            .map(|it| it.committed_offset)
            .collect();
        assert_eq!(offsets, [10, -1], "{version}");
    }
    for version in 8..=10 {
        let topic = OffsetFetchRequestTopics {
            name: "t".into(),
            topic_id,
            partition_indexes: vec![0],
        };
        let groups = ["g", "nobody"].map(|group| OffsetFetchRequestGroup {
            group_id: group.into(),
            topics: Some(vec![topic.clone()]),
            ..OffsetFetchRequestGroup::default()
        });
        let answer = cluster.call(
            version,
            &OffsetFetchRequest {
                groups: groups.to_vec(),
                ..Default::default()
            },
        );
        let offsets: Vec<i64> = answer
            .groups
            .iter()
            .map(|it| it.topics[0].partitions[0].committed_offset)
            .collect();
        assert_eq!(offsets, [10, -1], "{version}");
    }
}

#[test]
fn without_a_list_of_topics_everything_is_fetched() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    commit_simple(&mut cluster, 3);
    let request = OffsetFetchRequest {
        group_id: "g".into(),
        topics: None,
        ..OffsetFetchRequest::default()
    };
    let answer = cluster.call(7, &request);
    assert_eq!((answer.topics.len(), &*answer.topics[0].name), (1, "t"));
}

#[test]
fn unknown_partitions_and_long_metadata_are_refused_each_for_itself() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let long = "x".repeat(4097);
    let mut request = commit_request("t", 1, "");
    request
        .topics
        .push(commit_request("nowhere", 1, "").topics.remove(0));
    request
        .topics
        .push(commit_request("t", 2, &long).topics.remove(0));
    let answer = cluster.call(8, &request);
    let codes: Vec<ErrorCode> = answer
        .topics
        .iter()
        .map(|it| ErrorCode(it.partitions[0].error_code))
        .collect();
    let expected = [
        ErrorCode::NONE,
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode::OFFSET_METADATA_TOO_LARGE,
    ];
    assert_eq!(codes, expected);
    assert_eq!(committed(&mut cluster).0, 1);
}

#[test]
fn only_members_of_the_generation_may_commit_while_there_are_members() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let client = one_member(&mut cluster);
    assert_eq!(commit_as(&mut cluster, &client, 1), ErrorCode::NONE);
    let old = Client {
        generation: 0,
        ..client.clone()
    };
    assert_eq!(
        commit_as(&mut cluster, &old, 2),
        ErrorCode::ILLEGAL_GENERATION
    );
    let stranger = Client {
        member_id: "nobody".into(),
        ..client
    };
    assert_eq!(
        commit_as(&mut cluster, &stranger, 2),
        ErrorCode::UNKNOWN_MEMBER_ID
    );
    assert_eq!(
        commit(&mut cluster, 8, &commit_request("t", 2, "")),
        ErrorCode::UNKNOWN_MEMBER_ID
    );
    assert_eq!(committed(&mut cluster).0, 1);
}

#[test]
fn members_may_commit_during_a_rebalance_but_not_before_their_assignment() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut first = one_member(&mut cluster);
    let mut second = Client::new(2);
    let second_join = second.join(&mut cluster);
    assert_eq!(commit_as(&mut cluster, &first, 1), ErrorCode::NONE);
    let first_join = first.join(&mut cluster);
    first.joined(&mut cluster, first_join);
    second.joined(&mut cluster, second_join);
    assert_eq!(
        commit_as(&mut cluster, &first, 2),
        ErrorCode::REBALANCE_IN_PROGRESS
    );
}

#[test]
fn a_commit_keeps_a_member_alive() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let client = one_member(&mut cluster);
    for _ in 0..3 {
        cluster.advance_ms(9_000);
        assert_eq!(commit_as(&mut cluster, &client, 1), ErrorCode::NONE);
    }
    assert_eq!(client.heartbeat(&mut cluster), ErrorCode::NONE);
}

#[test]
fn a_commit_for_a_generation_of_a_group_that_does_not_exist_is_refused() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let client = Client {
        generation: 4,
        member_id: "m".into(),
        ..Client::new(1)
    };
    assert_eq!(
        commit_as(&mut cluster, &client, 1),
        ErrorCode::ILLEGAL_GENERATION
    );
}

#[test]
fn offsets_of_an_empty_group_expire_and_the_group_with_them() {
    let mut cluster = Cluster::with(&[("offsets.retention.minutes", "60")]);
    cluster.topic("t");
    commit_simple(&mut cluster, 5);
    cluster.advance_ms(59 * 60_000);
    assert_eq!(committed(&mut cluster).0, 5);
    cluster.advance_ms(20 * 60_000);
    assert_eq!(committed(&mut cluster).0, -1);
    assert!(
        cluster
            .call(4, &ListGroupsRequest::default())
            .groups
            .is_empty()
    );
    cluster.kill_and_restart();
    assert_eq!(committed(&mut cluster).0, -1);
}

#[test]
fn a_retention_time_of_the_client_wins_over_the_brokers() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let request = OffsetCommitRequest {
        retention_time_ms: 1_000,
        ..commit_request("t", 5, "")
    };
    assert_eq!(commit(&mut cluster, 2, &request), ErrorCode::NONE);
    cluster.kill_and_restart();
    assert_eq!(committed(&mut cluster).0, 5);
    cluster.advance_ms(11 * 60_000);
    assert_eq!(committed(&mut cluster).0, -1);
}

#[test]
fn offsets_of_a_deleted_topic_go_with_it() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    commit_simple(&mut cluster, 5);
    delete_topic(&mut cluster, "t");
    cluster.topic("t");
    assert_eq!(committed(&mut cluster).0, -1);
}

#[test]
fn the_coordinator_of_a_group_is_this_broker_in_every_version() {
    let mut cluster = Cluster::new();
    for version in 0..=6 {
        let request = FindCoordinatorRequest {
            key: "g".into(),
            coordinator_keys: vec!["g".into(), "h".into()],
            ..FindCoordinatorRequest::default()
        };
        let answer = cluster.call(version, &request);
        if version < 4 {
            assert_eq!(
                (answer.error_code, answer.node_id, answer.port),
                (0, 1, 9092)
            );
        } else {
            assert_eq!(answer.coordinators.len(), 2);
            assert!(
                answer
                    .coordinators
                    .iter()
                    .all(|it| (it.error_code, it.node_id) == (0, 1))
            );
        }
    }
}
