//! Topics: Metadata, creation, deletion, more partitions.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use rdkafka_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreatableTopicResult, CreateTopicsRequest,
};
use rdkafka_wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use rdkafka_wire::messages::fetch::FetchRequest;
use rdkafka_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use rdkafka_wire::types::Uuid;

use crate::harness::{Cluster, batch, fetch_request};

fn creatable(name: &str, partitions: i32, configs: &[(&str, &str)]) -> CreatableTopic {
    let configs = configs.iter().map(|(name, value)| CreatableTopicConfig {
        name: (*name).into(),
        value: Some((*value).into()),
    });
    CreatableTopic {
        name: name.into(),
        num_partitions: partitions,
        replication_factor: -1,
        configs: configs.collect(),
        ..CreatableTopic::default()
    }
}

pub(crate) fn create_topic(
    cluster: &mut Cluster,
    name: &str,
    partitions: i32,
    configs: &[(&str, &str)],
) -> CreatableTopicResult {
    let request = CreateTopicsRequest {
        topics: vec![creatable(name, partitions, configs)],
        ..CreateTopicsRequest::default()
    };
    cluster.call(7, &request).topics.remove(0)
}

pub(crate) fn delete_topic(cluster: &mut Cluster, name: &str) -> ErrorCode {
    let request = DeleteTopicsRequest {
        topic_names: vec![name.into()],
        ..DeleteTopicsRequest::default()
    };
    ErrorCode(cluster.call(5, &request).responses[0].error_code)
}

fn names(
    cluster: &mut Cluster,
    version: i16,
    topics: Option<Vec<MetadataRequestTopic>>,
) -> Vec<String> {
    let request = MetadataRequest {
        topics,
        ..MetadataRequest::default()
    };
    let answer = cluster.call(version, &request);
    assert_eq!((answer.brokers.len(), answer.brokers[0].node_id), (1, 1));
    answer
        .topics
        .into_iter()
        .map(|topic| topic.name.unwrap().to_string())
        .collect()
}

#[test]
fn all_topics_are_an_empty_list_at_first_and_null_later() {
    let mut cluster = Cluster::new();
    cluster.topic("b");
    cluster.topic("a");
    assert_eq!(names(&mut cluster, 0, Some(vec![])), ["a", "b"]);
    for version in 1..=13 {
        assert_eq!(names(&mut cluster, version, None), ["a", "b"]);
        assert!(names(&mut cluster, version, Some(vec![])).is_empty());
    }
}

#[test]
fn asking_for_a_topic_creates_it_at_once_with_its_partitions() {
    let mut cluster = Cluster::with(&[("num.partitions", "3")]);
    let topic = cluster.topic("t");
    assert_eq!(topic.error_code, 0);
    assert_eq!(topic.partitions.len(), 3);
    assert!(
        topic
            .partitions
            .iter()
            .all(|it| it.error_code == 0 && it.leader_id == 1)
    );
    assert!(!topic.topic_id.is_zero());
    assert_eq!(cluster.topic("t").topic_id, topic.topic_id);
}

#[test]
fn nothing_is_created_when_the_client_or_the_broker_forbids_it() {
    let ask = |cluster: &mut Cluster, version, allow| {
        let wanted = MetadataRequestTopic {
            name: Some("t".into()),
            ..MetadataRequestTopic::default()
        };
        let request = MetadataRequest {
            topics: Some(vec![wanted]),
            allow_auto_topic_creation: allow,
            ..MetadataRequest::default()
        };
        ErrorCode(cluster.call(version, &request).topics[0].error_code)
    };
    assert_eq!(
        ask(&mut Cluster::new(), 4, false),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
    assert_eq!(ask(&mut Cluster::new(), 3, true), ErrorCode::NONE);
    let mut strict = Cluster::with(&[("auto.create.topics.enable", "false")]);
    assert_eq!(
        ask(&mut strict, 9, true),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
}

#[test]
fn names_that_cannot_be_topics_are_refused() {
    let mut cluster = Cluster::new();
    for bad in ["a b", "", "..", "__cluster_metadata"] {
        assert_eq!(
            ErrorCode(cluster.topic(bad).error_code),
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            "{bad}"
        );
    }
}

#[test]
fn metadata_finds_topics_by_id() {
    let mut cluster = Cluster::new();
    let id = cluster.topic("t").topic_id;
    let mut ask = |topic_id| {
        let wanted = MetadataRequestTopic {
            name: None,
            topic_id,
        };
        let request = MetadataRequest {
            topics: Some(vec![wanted]),
            ..MetadataRequest::default()
        };
        cluster.call(12, &request).topics.remove(0)
    };
    assert_eq!(ask(id).name.as_deref(), Some("t"));
    assert_eq!(
        ErrorCode(ask(Uuid([1; 16])).error_code),
        ErrorCode::UNKNOWN_TOPIC_ID
    );
}

#[test]
fn topics_are_created_with_their_settings() {
    let mut cluster = Cluster::new();
    let created = create_topic(&mut cluster, "t", 4, &[("retention.ms", "1000")]);
    assert_eq!(
        (
            created.error_code,
            created.num_partitions,
            created.replication_factor
        ),
        (0, 4, 1)
    );
    let configs = created.configs.unwrap();
    let retention = configs
        .iter()
        .find(|config| &*config.name == "retention.ms")
        .unwrap();
    assert_eq!(
        (retention.value.as_deref(), retention.config_source),
        (Some("1000"), 1)
    );
    assert_eq!(cluster.topic("t").topic_id, created.topic_id);
}

#[test]
fn bad_creations_are_refused_each_for_itself() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "exists.already", 1, &[]);
    let topics = vec![
        creatable("good", 1, &[]),
        creatable("exists.already", 1, &[]),
        creatable("exists_already", 1, &[]),
        creatable("bad name", 1, &[]),
        creatable("none", 0, &[]),
        CreatableTopic {
            replication_factor: 3,
            ..creatable("replicated", 1, &[])
        },
        creatable("settings", 1, &[("no.such.setting", "1")]),
        creatable("values", 1, &[("retention.ms", "soon")]),
        creatable("twice", 1, &[]),
        creatable("twice", 1, &[]),
    ];
    let answer = cluster.call(
        7,
        &CreateTopicsRequest {
            topics,
            ..CreateTopicsRequest::default()
        },
    );
    let codes: Vec<ErrorCode> = answer
        .topics
        .iter()
        .map(|topic| ErrorCode(topic.error_code))
        .collect();
    let expected = [
        ErrorCode::NONE,
        ErrorCode::TOPIC_ALREADY_EXISTS,
        ErrorCode::INVALID_TOPIC_EXCEPTION,
        ErrorCode::INVALID_TOPIC_EXCEPTION,
        ErrorCode::INVALID_PARTITIONS,
        ErrorCode::INVALID_REPLICATION_FACTOR,
        ErrorCode::INVALID_CONFIG,
        ErrorCode::INVALID_CONFIG,
        ErrorCode::INVALID_REQUEST,
        ErrorCode::INVALID_REQUEST,
    ];
    assert_eq!(codes, expected);
}

#[test]
fn validate_only_creates_nothing() {
    let mut cluster = Cluster::new();
    let request = CreateTopicsRequest {
        topics: vec![creatable("t", 1, &[])],
        validate_only: true,
        ..CreateTopicsRequest::default()
    };
    assert_eq!(cluster.call(7, &request).topics[0].error_code, 0);
    assert!(names(&mut cluster, 9, None).is_empty());
}

#[test]
fn a_deleted_topic_is_gone_and_its_name_is_free() {
    let mut cluster = Cluster::new();
    let old = cluster.topic("t").topic_id;
    cluster.produce("t", batch(&["old"]));
    assert_eq!(delete_topic(&mut cluster, "t"), ErrorCode::NONE);
    assert_eq!(
        delete_topic(&mut cluster, "t"),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
    let new = cluster.topic("t").topic_id;
    assert_ne!(new, old);
    assert_eq!(cluster.values("t", 0), []);
    cluster.kill_and_restart();
    assert_eq!(cluster.values("t", 0), []);
    cluster.produce("t", batch(&["new"]));
    assert_eq!(cluster.values("t", 0), [(0, "new".to_owned())]);
}

#[test]
fn topics_are_deleted_by_id_from_version_6_on() {
    let mut cluster = Cluster::new();
    let topic_id = cluster.topic("t").topic_id;
    let mut delete = |topic_id| {
        let topics = vec![DeleteTopicState {
            name: None,
            topic_id,
        }];
        cluster
            .call(
                6,
                &DeleteTopicsRequest {
                    topics,
                    ..DeleteTopicsRequest::default()
                },
            )
            .responses
            .remove(0)
    };
    assert_eq!(
        ErrorCode(delete(Uuid([1; 16])).error_code),
        ErrorCode::UNKNOWN_TOPIC_ID
    );
    let deleted = delete(topic_id);
    assert_eq!(
        (deleted.error_code, deleted.name.as_deref()),
        (0, Some("t"))
    );
}

#[test]
fn a_fetch_that_waits_learns_that_its_topic_is_gone() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let sent = cluster.send(1, 11, &fetch_request("t", 0, 1, 60_000));
    delete_topic(&mut cluster, "t");
    let answer = cluster.answer::<FetchRequest>(sent).unwrap();
    assert_eq!(
        ErrorCode(answer.responses[0].partitions[0].error_code),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
}

#[test]
fn topics_grow_and_never_shrink() {
    let mut cluster = Cluster::new();
    cluster.topic("t");
    let mut grow = |name: &str, count| {
        let topics = vec![CreatePartitionsTopic {
            name: name.into(),
            count,
            assignments: None,
        }];
        ErrorCode(
            cluster
                .call(
                    3,
                    &CreatePartitionsRequest {
                        topics,
                        ..CreatePartitionsRequest::default()
                    },
                )
                .results[0]
                .error_code,
        )
    };
    assert_eq!(grow("t", 5), ErrorCode::NONE);
    assert_eq!(grow("t", 5), ErrorCode::INVALID_PARTITIONS);
    assert_eq!(grow("t", 2), ErrorCode::INVALID_PARTITIONS);
    assert_eq!(grow("nowhere", 2), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(cluster.topic("t").partitions.len(), 5);
    cluster.kill_and_restart();
    assert_eq!(cluster.topic("t").partitions.len(), 5);
}
