//! The admin keys that are about nodes, disks and rules, as one node answers them; records and offsets that are deleted.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::add_raft_voter::{AddRaftVoterRequest, Listener};
use rdkafka_wire::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use rdkafka_wire::messages::alter_replica_log_dirs::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use rdkafka_wire::messages::create_acls::{AclCreation, CreateAclsRequest};
use rdkafka_wire::messages::delete_acls::{DeleteAclsFilter, DeleteAclsRequest};
use rdkafka_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use rdkafka_wire::messages::describe_acls::DescribeAclsRequest;
use rdkafka_wire::messages::describe_log_dirs::DescribeLogDirsRequest;
use rdkafka_wire::messages::describe_quorum as quorum;
use rdkafka_wire::messages::describe_quorum::DescribeQuorumRequest;
use rdkafka_wire::messages::elect_leaders::{ElectLeadersRequest, TopicPartitions};
use rdkafka_wire::messages::list_partition_reassignments::ListPartitionReassignmentsRequest;
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use rdkafka_wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use rdkafka_wire::messages::remove_raft_voter::RemoveRaftVoterRequest;
use rdkafka_wire::messages::unregister_broker::UnregisterBrokerRequest;
use rdkafka_wire::messages::update_features::{FeatureUpdateKey, UpdateFeaturesRequest};

use rdkafka_wire::types::Uuid;

use crate::harness::{Cluster, batch};
use crate::topics::create_topic;

fn delete_records(cluster: &mut Cluster, topic: &str, offset: i64) -> (ErrorCode, i64) {
    let request = DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: topic.into(),
            partitions: vec![DeleteRecordsPartition {
                partition_index: 0,
                offset,
            }],
        }],
        timeout_ms: 1000,
    };
    let answer = &cluster.call(2, &request).topics[0].partitions[0];
    (ErrorCode(answer.error_code), answer.low_watermark)
}

#[test]
fn deleted_records_stay_deleted_after_a_kill() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    for value in ["a", "b", "c"] {
        cluster.produce("t", batch(&[value]));
    }
    assert_eq!(delete_records(&mut cluster, "t", 2), (ErrorCode::NONE, 2));
    assert_eq!(delete_records(&mut cluster, "t", 1), (ErrorCode::NONE, 2));
    assert_eq!(
        ErrorCode(cluster.fetch("t", 1).error_code),
        ErrorCode::OFFSET_OUT_OF_RANGE
    );
    cluster.kill_and_restart();
    assert_eq!(
        ErrorCode(cluster.fetch("t", 1).error_code),
        ErrorCode::OFFSET_OUT_OF_RANGE
    );
    assert_eq!(cluster.values("t", 2), [(2, "c".to_owned())]);
    assert_eq!(delete_records(&mut cluster, "t", -1), (ErrorCode::NONE, 3));
    assert_eq!(cluster.fetch("t", 3).log_start_offset, 3);
}

#[test]
fn what_cannot_be_deleted_says_why() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    create_topic(&mut cluster, "k", 1, &[("cleanup.policy", "compact")]);
    let cases = [
        (("t", 5), ErrorCode::OFFSET_OUT_OF_RANGE),
        (("t", -2), ErrorCode::OFFSET_OUT_OF_RANGE),
        (("k", 0), ErrorCode::POLICY_VIOLATION),
        (("nowhere", 0), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
    ];
    for ((topic, offset), code) in cases {
        assert_eq!(
            delete_records(&mut cluster, topic, offset),
            (code, -1),
            "{topic} {offset}"
        );
    }
}

#[test]
fn single_offsets_of_a_group_are_forgotten() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 2, &[]);
    let commit = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetCommitRequestPartition::default()],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    };
    cluster.call(2, &commit);
    let delete = |group: &str, partitions: &[i32]| OffsetDeleteRequest {
        group_id: group.into(),
        topics: vec![OffsetDeleteRequestTopic {
            name: "t".into(),
            partitions: partitions
                .iter()
                .map(|it| OffsetDeleteRequestPartition {
                    partition_index: *it,
                })
                .collect(),
        }],
    };
    let answer = cluster.call(0, &delete("g", &[0, 1, 7]));
    let codes: Vec<_> = answer.topics[0]
        .partitions
        .iter()
        .map(|it| it.error_code)
        .collect();
    assert_eq!((answer.error_code, codes), (0, vec![0, 0, 3]));
    // It was the last, so the group is gone too.
    let gone = cluster.call(0, &delete("g", &[0]));
    assert_eq!(ErrorCode(gone.error_code), ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn acls_are_answered_one_by_one_without_an_authorizer() {
    let mut cluster = Cluster::new();
    let disabled = ErrorCode::SECURITY_DISABLED.code();
    assert_eq!(
        cluster.call(3, &DescribeAclsRequest::default()).error_code,
        disabled
    );
    let create = CreateAclsRequest {
        creations: vec![AclCreation::default(), AclCreation::default()],
    };
    let results = cluster.call(3, &create).results;
    assert_eq!(
        results.iter().map(|it| it.error_code).collect::<Vec<_>>(),
        [disabled; 2]
    );
    let delete = DeleteAclsRequest {
        filters: vec![DeleteAclsFilter::default()],
    };
    assert_eq!(
        cluster.call(3, &delete).filter_results[0].error_code,
        disabled
    );
}

#[test]
fn the_one_node_leads_and_holds_everything() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    let elect = ElectLeadersRequest {
        topic_partitions: Some(vec![TopicPartitions {
            topic: "t".into(),
            partitions: vec![0, 9],
        }]),
        ..ElectLeadersRequest::default()
    };
    let results = cluster.call(2, &elect).replica_election_results;
    let codes = results[0]
        .partition_result
        .iter()
        .map(|it| ErrorCode(it.error_code));
    let expected = [
        ErrorCode::ELECTION_NOT_NEEDED,
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
    ];
    assert_eq!(codes.collect::<Vec<_>>(), expected);
    let mut reassign = |replicas: Option<Vec<i32>>| {
        let request = AlterPartitionReassignmentsRequest {
            topics: vec![ReassignableTopic {
                name: "t".into(),
                partitions: vec![ReassignablePartition {
                    partition_index: 0,
                    replicas,
                }],
            }],
            ..AlterPartitionReassignmentsRequest::default()
        };
        ErrorCode(cluster.call(0, &request).responses[0].partitions[0].error_code)
    };
    assert_eq!(reassign(Some(vec![1])), ErrorCode::NONE);
    assert_eq!(
        reassign(Some(vec![1, 2])),
        ErrorCode::INVALID_REPLICA_ASSIGNMENT
    );
    assert_eq!(reassign(None), ErrorCode::NO_REASSIGNMENT_IN_PROGRESS);
    let moving = cluster.call(0, &ListPartitionReassignmentsRequest::default());
    assert!(moving.topics.is_empty());
    let describe = DescribeQuorumRequest {
        topics: vec![quorum::TopicData {
            topic_name: "__cluster_metadata".into(),
            partitions: vec![quorum::PartitionData::default()],
        }],
    };
    let metadata = &cluster.call(2, &describe).topics[0].partitions[0];
    assert_eq!((metadata.leader_id, metadata.current_voters.len()), (1, 1));
}

#[test]
fn the_data_folder_shows_the_size_of_each_partition() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    cluster.produce("t", batch(&["x"]));
    let dir = cluster
        .call(4, &DescribeLogDirsRequest { topics: None })
        .results
        .remove(0);
    assert_eq!((&*dir.log_dir, dir.total_bytes), ("/data", -1));
    assert!(dir.topics[0].partitions[0].partition_size > 60);
    let mut moved = |path: &str| {
        let request = AlterReplicaLogDirsRequest {
            dirs: vec![AlterReplicaLogDir {
                path: path.into(),
                topics: vec![AlterReplicaLogDirTopic {
                    name: "t".into(),
                    partitions: vec![0],
                }],
            }],
        };
        ErrorCode(cluster.call(2, &request).results[0].partitions[0].error_code)
    };
    assert_eq!(moved("/data"), ErrorCode::NONE);
    assert_eq!(moved("/elsewhere"), ErrorCode::LOG_DIR_NOT_FOUND);
}

#[test]
fn features_stay_at_their_level() {
    let mut cluster = Cluster::new();
    let mut update = |feature: &str, level: i16| {
        let request = UpdateFeaturesRequest {
            feature_updates: vec![FeatureUpdateKey {
                feature: feature.into(),
                max_version_level: level,
                ..FeatureUpdateKey::default()
            }],
            ..UpdateFeaturesRequest::default()
        };
        ErrorCode(cluster.call(2, &request).error_code)
    };
    assert_eq!(update("transaction.version", 2), ErrorCode::NONE);
    assert_eq!(
        update("transaction.version", 1),
        ErrorCode::INVALID_UPDATE_VERSION
    );
    assert_eq!(update("no.such", 1), ErrorCode::INVALID_UPDATE_VERSION);
}

#[test]
fn brokers_and_voters_of_one_node_do_not_come_and_go() {
    let mut cluster = Cluster::new();
    for (broker_id, code) in [
        (7, ErrorCode::BROKER_ID_NOT_REGISTERED),
        (-1, ErrorCode::BROKER_ID_NOT_REGISTERED),
        (1, ErrorCode::INVALID_REQUEST),
    ] {
        let response = cluster.call(0, &UnregisterBrokerRequest { broker_id });
        assert_eq!(ErrorCode(response.error_code), code, "{broker_id}");
        assert!(response.error_message.is_some());
    }
    let own = cluster.cluster_id();
    let directory = Uuid([1; 16]);
    for (id, voter_id, directory, listener, add, remove) in [
        (None, 2, directory, "controller", 35, 35),
        (Some(&*own), 2, directory, "CONTROLLER", 35, 35),
        (Some(&*own), 2, directory, "OTHER", 42, 35),
        (None, -1, directory, "CONTROLLER", 42, 42),
        (None, 2, Uuid::default(), "CONTROLLER", 42, 42),
        (Some("other"), -1, directory, "OTHER", 104, 104),
    ] {
        let cluster_id = id.map(Into::into);
        let request = AddRaftVoterRequest {
            cluster_id: cluster_id.clone(),
            voter_id,
            voter_directory_id: directory,
            listeners: vec![Listener {
                name: listener.into(),
                host: "localhost".into(),
                port: 9093,
            }],
            ..AddRaftVoterRequest::default()
        };
        assert_eq!(
            cluster.call(1, &request).error_code,
            add,
            "{id:?} {voter_id} {listener}"
        );
        let request = RemoveRaftVoterRequest {
            cluster_id,
            voter_id,
            voter_directory_id: directory,
        };
        assert_eq!(
            cluster.call(0, &request).error_code,
            remove,
            "{id:?} {voter_id}"
        );
    }
}
