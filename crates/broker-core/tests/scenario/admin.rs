//! ApiVersions, DescribeCluster, DescribeConfigs, DescribeTopicPartitions; and requests that are none.

use rdkafka_broker_core::{Request, RequestError, SERVED};
use rdkafka_wire::frame::decode_request_header;
use rdkafka_wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use rdkafka_wire::messages::describe_cluster::DescribeClusterRequest;
use rdkafka_wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResult,
};
use rdkafka_wire::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, TopicRequest,
};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::harness::{Cluster, raw_request};
use crate::topics::create_topic;

fn api_versions(version: i16) -> ApiVersionsResponse {
    let request = ApiVersionsRequest {
        client_software_name: "tester".into(),
        client_software_version: "1.0".into(),
    };
    Cluster::new().call(version, &request)
}

#[test]
fn every_served_key_is_listed_from_version_0_to_kafkas_newest() {
    for version in 0..=4 {
        let answer = api_versions(version);
        assert_eq!(answer.error_code, 0);
        // The two of client metrics are listed only when somebody wants them.
        assert_eq!(answer.api_keys.len(), SERVED.len() - 2);
        // Kafka withdrew version 0 of the keys of share groups.
        let min = |key: i16| i16::from(matches!(key, 76..=79));
        let keys = &answer.api_keys;
        assert!(keys.iter().all(|key| key.min_version == min(key.api_key)));
        let max = |key: ApiKey| {
            answer
                .api_keys
                .iter()
                .find(|it| it.api_key == key.code())
                .unwrap()
                .max_version
        };
        assert_eq!(
            (
                max(ApiKey::Produce),
                max(ApiKey::Fetch),
                max(ApiKey::Metadata)
            ),
            (13, 18, 13)
        );
        assert!(
            answer
                .api_keys
                .iter()
                .all(|key| !matches!(key.api_key, 71 | 72))
        );
    }
}

#[test]
fn an_unknown_version_of_api_versions_is_answered_in_version_0() {
    let frame = raw_request(ApiKey::ApiVersions, 99, b"whatever");
    let (_, body) = decode_request_header(frame).unwrap();
    let request = Request::decode(ApiKey::ApiVersions, 99, body, 1000).unwrap();
    assert!(matches!(request, Request::UnknownApiVersions));
}

#[test]
fn a_client_must_have_a_name_from_version_3_on() {
    let answer = Cluster::new().call(3, &ApiVersionsRequest::default());
    assert_eq!(ErrorCode(answer.error_code), ErrorCode::INVALID_REQUEST);
}

#[test]
fn other_unknown_versions_and_malformed_bytes_are_errors_for_the_connection() {
    let decode = |key: ApiKey, version, body: &[u8]| {
        let (_, reader) = decode_request_header(raw_request(key, version, body)).unwrap();
        Request::decode(key, version, reader, 1000).unwrap_err()
    };
    assert!(matches!(
        decode(ApiKey::Metadata, 99, b""),
        RequestError::NotServed { version: 99, .. }
    ));
    assert!(matches!(
        decode(ApiKey::PushTelemetry, 9, b""),
        RequestError::NotServed { .. }
    ));
    assert!(matches!(
        decode(ApiKey::Metadata, 1, b"\x7f"),
        RequestError::Malformed { .. }
    ));
    assert!(matches!(
        decode(
            ApiKey::Produce,
            3,
            b"\xff\xff\0\x01\0\0\0\0\x7f\xff\xff\xff"
        ),
        RequestError::Malformed { .. }
    ));
}

#[test]
fn bytes_after_a_request_are_ignored() {
    let (_, reader) = decode_request_header(raw_request(ApiKey::Metadata, 13, &[0; 7])).unwrap();
    assert!(Request::decode(ApiKey::Metadata, 13, reader, 1000).is_ok());
}

#[test]
fn the_cluster_describes_itself() {
    let mut cluster = Cluster::new();
    for version in 0..=2 {
        let answer = cluster.call(version, &DescribeClusterRequest::default());
        assert_eq!(
            (
                answer.error_code,
                answer.controller_id,
                answer.brokers.len()
            ),
            (0, 1, 1)
        );
        assert_eq!(*answer.cluster_id, cluster.cluster_id());
    }
    let controllers = DescribeClusterRequest {
        endpoint_type: 2,
        ..DescribeClusterRequest::default()
    };
    assert_eq!(cluster.call(1, &controllers).error_code, 115);
}

fn describe(
    cluster: &mut Cluster,
    resource_type: i8,
    name: &str,
    keys: Option<&[&str]>,
) -> DescribeConfigsResult {
    let resource = DescribeConfigsResource {
        resource_type,
        resource_name: name.into(),
        configuration_keys: keys.map(|keys| keys.iter().map(|key| (*key).into()).collect()),
    };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: true,
        ..DescribeConfigsRequest::default()
    };
    cluster.call(4, &request).results.remove(0)
}

#[test]
fn a_topics_settings_show_where_they_come_from() {
    let mut cluster = Cluster::with(&[("message.max.bytes", "5000")]);
    create_topic(&mut cluster, "t", 1, &[("retention.ms", "77")]);
    let all = describe(&mut cluster, 2, "t", None);
    assert!(all.configs.len() > 20);
    let find = |name: &str| {
        all.configs
            .iter()
            .find(|config| &*config.name == name)
            .unwrap()
    };
    assert_eq!(
        (
            find("retention.ms").value.as_deref(),
            find("retention.ms").config_source
        ),
        (Some("77"), 1)
    );
    let from_broker = find("max.message.bytes");
    assert_eq!(
        (from_broker.value.as_deref(), from_broker.config_source),
        (Some("5000"), 4)
    );
    assert_eq!(from_broker.synonyms.len(), 2);
    assert_eq!(
        (
            find("segment.bytes").config_source,
            find("segment.bytes").config_type
        ),
        (5, 3)
    );
    let some = describe(&mut cluster, 2, "t", Some(&["retention.ms"]));
    assert_eq!(some.configs.len(), 1);
}

#[test]
fn the_brokers_settings_are_shown_by_its_id() {
    let mut cluster = Cluster::new();
    let answer = describe(&mut cluster, 4, "1", None);
    assert!(
        answer
            .configs
            .iter()
            .any(|config| &*config.name == "num.partitions" && config.read_only)
    );
    let codes = [(4, "9"), (2, "nowhere"), (77, "x")]
        .map(|(kind, name)| ErrorCode(describe(&mut cluster, kind, name, None).error_code));
    let expected = [
        ErrorCode::INVALID_REQUEST,
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode::INVALID_REQUEST,
    ];
    assert_eq!(codes, expected);
}

#[test]
fn topics_are_described_in_pages() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "a", 3, &[]);
    create_topic(&mut cluster, "b", 2, &[]);
    let mut cursor = None;
    let mut seen = Vec::new();
    for _ in 0..10 {
        let request = DescribeTopicPartitionsRequest {
            topics: vec![],
            response_partition_limit: 2,
            cursor: cursor.take(),
        };
        let answer = cluster.call(0, &request);
        for topic in &answer.topics {
            let name = topic.name.as_ref().unwrap().to_string();
            seen.extend(
                topic
                    .partitions
                    .iter()
                    .map(|it| (name.clone(), it.partition_index)),
            );
        }
        let Some(next) = answer.next_cursor else {
            break;
        };
        cursor = Some(Cursor {
            topic_name: next.topic_name,
            partition_index: next.partition_index,
        });
    }
    let expected =
        [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1)].map(|(name, at)| (name.to_owned(), at));
    assert_eq!(seen, expected);
    let unknown = DescribeTopicPartitionsRequest {
        topics: vec![TopicRequest {
            name: "nowhere".into(),
        }],
        ..DescribeTopicPartitionsRequest::default()
    };
    let answer = cluster.call(0, &unknown);
    assert_eq!(
        ErrorCode(answer.topics[0].error_code),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
    );
}
