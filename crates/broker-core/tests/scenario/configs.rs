//! Settings that are changed while the broker runs: they hold at once, and after a restart.

use rdkafka_records::{Compression, RecordBatches, Seal};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_configs as replace;
use rdkafka_wire::messages::alter_configs::AlterConfigsRequest;
use rdkafka_wire::messages::api_versions::ApiVersionsRequest;
use rdkafka_wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
};
use rdkafka_wire::messages::get_telemetry_subscriptions::GetTelemetrySubscriptionsRequest;
use rdkafka_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use rdkafka_wire::messages::list_config_resources::ListConfigResourcesRequest;
use rdkafka_wire::messages::push_telemetry::PushTelemetryRequest;

use crate::harness::{Cluster, batch, sealed, values_of};
use crate::topics::create_topic;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

fn alter(
    cluster: &mut Cluster,
    resource_type: i8,
    name: &str,
    changes: &[(&str, i8, &str)],
) -> ErrorCode {
    let configs = changes
        .iter()
        .map(|(name, operation, value)| AlterableConfig {
            name: (*name).into(),
            config_operation: *operation,
            value: (*operation != DELETE).then(|| (*value).into()),
        });
    let resource = AlterConfigsResource {
        resource_type,
        resource_name: name.into(),
        configs: configs.collect(),
    };
    let request = IncrementalAlterConfigsRequest {
        resources: vec![resource],
        validate_only: false,
    };
    let answer = cluster.call(1, &request).responses.remove(0);
    assert_eq!(answer.error_code == 0, answer.error_message.is_none());
    ErrorCode(answer.error_code)
}

fn describe(
    cluster: &mut Cluster,
    resource_type: i8,
    name: &str,
    key: &str,
) -> DescribeConfigsResourceResult {
    let resource = DescribeConfigsResource {
        resource_type,
        resource_name: name.into(),
        configuration_keys: Some(vec![key.into()]),
    };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: true,
        include_documentation: true,
    };
    let mut answer = cluster.call(4, &request).results.remove(0);
    assert_eq!(answer.error_code, 0);
    assert_eq!(answer.configs.len(), 1, "{key}");
    answer.configs.remove(0)
}

fn value(cluster: &mut Cluster, resource_type: i8, name: &str, key: &str) -> String {
    describe(cluster, resource_type, name, key)
        .value
        .unwrap()
        .to_string()
}

#[test]
fn a_topics_setting_holds_from_the_next_request_on_and_after_a_kill() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    assert_eq!(
        cluster.produce("t", batch(&[&"x".repeat(500)])).error_code,
        0
    );
    assert_eq!(
        alter(
            &mut cluster,
            TOPIC,
            "t",
            &[("max.message.bytes", SET, "300")]
        ),
        ErrorCode::NONE
    );
    for _ in 0..2 {
        let refused = cluster.produce("t", batch(&[&"x".repeat(500)]));
        assert_eq!(ErrorCode(refused.error_code), ErrorCode::MESSAGE_TOO_LARGE);
        cluster.kill_and_restart();
    }
    assert_eq!(
        alter(
            &mut cluster,
            TOPIC,
            "t",
            &[("max.message.bytes", DELETE, "")]
        ),
        ErrorCode::NONE
    );
    assert_eq!(
        cluster.produce("t", batch(&[&"x".repeat(500)])).error_code,
        0
    );
}

#[test]
fn a_shorter_retention_deletes_at_the_next_check() {
    let mut cluster = Cluster::with(&[("log.retention.check.interval.ms", "1000")]);
    create_topic(&mut cluster, "t", 1, &[]);
    cluster.produce("t", batch(&["old"]));
    cluster.advance_ms(5_000);
    assert_eq!(cluster.values("t", 0).len(), 1);
    assert_eq!(
        alter(&mut cluster, TOPIC, "t", &[("retention.ms", SET, "1000")]),
        ErrorCode::NONE
    );
    cluster.advance_ms(2_000);
    assert_eq!(cluster.fetch("t", 1).log_start_offset, 1);
}

#[test]
fn the_timestamp_type_changes_under_a_producer() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    assert_eq!(cluster.produce("t", batch(&["a"])).log_append_time_ms, -1);
    let change = [("message.timestamp.type", SET, "LogAppendTime")];
    assert_eq!(alter(&mut cluster, TOPIC, "t", &change), ErrorCode::NONE);
    let now = cluster.unix_ms();
    assert_eq!(cluster.produce("t", batch(&["b"])).log_append_time_ms, now);
}

#[test]
fn a_topics_codec_is_the_one_its_records_are_stored_in() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[("compression.type", "gzip")]);
    let text = "again and again ".repeat(50);
    let codecs = [Compression::None, Compression::Zstd, Compression::Gzip];
    for (codec, offset) in codecs.into_iter().zip(0..) {
        let seal = Seal {
            compression: codec,
            ..Seal::default()
        };
        let produced = cluster.produce("t", sealed(&[&text], cluster.unix_ms(), &seal));
        assert_eq!((produced.error_code, produced.base_offset), (0, offset));
    }
    let data = cluster.fetch("t", 0);
    let records = data.records.clone().unwrap().into_bytes();
    let stored = RecordBatches::new(records).map(|it| it.unwrap().compression().unwrap());
    assert_eq!(stored.collect::<Vec<_>>(), [Compression::Gzip; 3]);
    assert_eq!(values_of(&data).len(), 3);
    let plain = [("compression.type", SET, "uncompressed")];
    assert_eq!(alter(&mut cluster, TOPIC, "t", &plain), ErrorCode::NONE);
    let seal = Seal {
        compression: Compression::Lz4,
        ..Seal::default()
    };
    cluster.produce("t", sealed(&[&text], cluster.unix_ms(), &seal));
    let records = cluster.fetch("t", 3).records.unwrap().into_bytes();
    let batch = RecordBatches::new(records).next().unwrap().unwrap();
    assert_eq!(batch.compression(), Ok(Compression::None));
}

#[test]
fn lists_are_appended_to_and_subtracted_from() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    let key = "cleanup.policy";
    assert_eq!(
        alter(&mut cluster, TOPIC, "t", &[(key, APPEND, "compact")]),
        ErrorCode::NONE
    );
    assert_eq!(value(&mut cluster, TOPIC, "t", key), "delete,compact");
    assert_eq!(
        alter(&mut cluster, TOPIC, "t", &[(key, SUBTRACT, "delete")]),
        ErrorCode::NONE
    );
    assert_eq!(value(&mut cluster, TOPIC, "t", key), "compact");
    let not_a_list = alter(&mut cluster, TOPIC, "t", &[("retention.ms", APPEND, "1")]);
    assert_eq!(not_a_list, ErrorCode::INVALID_CONFIG);
}

#[test]
fn what_cannot_be_set_is_refused_with_kafkas_codes() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[]);
    let cases = [
        (
            (TOPIC, "nowhere", "retention.ms", "1"),
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        ),
        ((TOPIC, "t", "no.such", "1"), ErrorCode::INVALID_CONFIG),
        (
            (TOPIC, "t", "retention.ms", "long"),
            ErrorCode::INVALID_CONFIG,
        ),
        (
            (TOPIC, "t", "remote.storage.enable", "true"),
            ErrorCode::INVALID_CONFIG,
        ),
        (
            (BROKER, "1", "listeners", "X://:1"),
            ErrorCode::INVALID_REQUEST,
        ),
        (
            (BROKER, "7", "message.max.bytes", "1"),
            ErrorCode::INVALID_REQUEST,
        ),
        (
            (GROUP, "g", "consumer.session.timeout.ms", "5"),
            ErrorCode::INVALID_CONFIG,
        ),
        (
            (GROUP, "", "consumer.session.timeout.ms", "50000"),
            ErrorCode::INVALID_REQUEST,
        ),
        (
            (CLIENT_METRICS, "m", "interval.ms", "1"),
            ErrorCode::INVALID_CONFIG,
        ),
        ((99, "x", "y", "z"), ErrorCode::INVALID_REQUEST),
    ];
    for ((kind, name, key, value), code) in cases {
        assert_eq!(
            alter(&mut cluster, kind, name, &[(key, SET, value)]),
            code,
            "{name} {key}"
        );
    }
    let twice = [("retention.ms", SET, "1"), ("retention.ms", DELETE, "")];
    assert_eq!(
        alter(&mut cluster, TOPIC, "t", &twice),
        ErrorCode::INVALID_REQUEST
    );
    let contradiction = [
        ("min.compaction.lag.ms", SET, "9"),
        ("max.compaction.lag.ms", SET, "8"),
    ];
    assert_eq!(
        alter(&mut cluster, TOPIC, "t", &contradiction),
        ErrorCode::INVALID_CONFIG
    );
    assert_eq!(
        alter(&mut cluster, TOPIC, "t", &[("retention.ms", 9, "1")]),
        ErrorCode::INVALID_REQUEST
    );
}

#[test]
fn replacing_all_settings_forgets_those_that_are_not_named() {
    let mut cluster = Cluster::new();
    create_topic(&mut cluster, "t", 1, &[("retention.ms", "77")]);
    let request = AlterConfigsRequest {
        resources: vec![replace::AlterConfigsResource {
            resource_type: TOPIC,
            resource_name: "t".into(),
            configs: vec![replace::AlterableConfig {
                name: "segment.ms".into(),
                value: Some("5000".into()),
            }],
        }],
        validate_only: true,
    };
    assert_eq!(cluster.call(2, &request).responses[0].error_code, 0);
    assert_eq!(value(&mut cluster, TOPIC, "t", "retention.ms"), "77");
    let request = AlterConfigsRequest {
        validate_only: false,
        ..request
    };
    assert_eq!(cluster.call(0, &request).responses[0].error_code, 0);
    assert_eq!(value(&mut cluster, TOPIC, "t", "retention.ms"), "604800000");
    assert_eq!(value(&mut cluster, TOPIC, "t", "segment.ms"), "5000");
}

#[test]
fn a_brokers_setting_reaches_its_topics_and_shows_where_it_comes_from() {
    let mut cluster = Cluster::with(&[("log.retention.hours", "2")]);
    create_topic(&mut cluster, "t", 1, &[]);
    let retention = describe(&mut cluster, TOPIC, "t", "retention.ms");
    assert_eq!(
        (retention.value.as_deref(), retention.config_source),
        (Some("7200000"), 4)
    );
    let limit = [("message.max.bytes", SET, "300")];
    assert_eq!(alter(&mut cluster, BROKER, "", &limit), ErrorCode::NONE);
    let refused = cluster.produce("t", batch(&[&"x".repeat(500)]));
    assert_eq!(ErrorCode(refused.error_code), ErrorCode::MESSAGE_TOO_LARGE);
    cluster.kill_and_restart();
    let shown = describe(&mut cluster, TOPIC, "t", "max.message.bytes");
    assert_eq!(
        (shown.value.as_deref(), shown.config_source),
        (Some("300"), 3)
    );
    let own = [("message.max.bytes", SET, "5000")];
    assert_eq!(alter(&mut cluster, BROKER, "1", &own), ErrorCode::NONE);
    let shown = describe(&mut cluster, BROKER, "1", "message.max.bytes");
    let sources: Vec<i8> = shown.synonyms.iter().map(|it| it.source).collect();
    assert_eq!((shown.read_only, sources), (false, vec![2, 3, 5]));
    assert_eq!(
        cluster.produce("t", batch(&[&"x".repeat(500)])).error_code,
        0
    );
    assert!(describe(&mut cluster, BROKER, "1", "listeners").read_only);
}

#[test]
fn the_paces_that_tools_set_for_a_move_and_take_back_can_be_set() {
    let mut cluster = Cluster::new();
    for key in [
        "leader.replication.throttled.rate",
        "follower.replication.throttled.rate",
        "replica.alter.log.dirs.io.max.bytes.per.second",
    ] {
        let set = alter(&mut cluster, BROKER, "1", &[(key, SET, "1000")]);
        assert_eq!(set, ErrorCode::NONE);
        assert_eq!(value(&mut cluster, BROKER, "1", key), "1000");
        let taken_back = alter(&mut cluster, BROKER, "1", &[(key, DELETE, "")]);
        assert_eq!(taken_back, ErrorCode::NONE);
    }
}

#[test]
fn groups_have_settings_of_their_own() {
    let mut cluster = Cluster::new();
    let key = "consumer.session.timeout.ms";
    assert_eq!(value(&mut cluster, GROUP, "g", key), "45000");
    assert_eq!(
        alter(&mut cluster, GROUP, "g", &[(key, SET, "50000")]),
        ErrorCode::NONE
    );
    cluster.kill_and_restart();
    let shown = describe(&mut cluster, GROUP, "g", key);
    assert_eq!(
        (shown.value.as_deref(), shown.config_source),
        (Some("50000"), 8)
    );
    let list = ListConfigResourcesRequest {
        resource_types: vec![GROUP],
    };
    let resources = cluster.call(1, &list).config_resources;
    assert_eq!(resources.len(), 1);
    assert_eq!(
        (&*resources[0].resource_name, resources[0].resource_type),
        ("g", GROUP)
    );
}

#[test]
fn telemetry_is_offered_only_while_somebody_wants_it() {
    let mut cluster = Cluster::new();
    let offers = |cluster: &mut Cluster| {
        let keys = cluster.call(2, &ApiVersionsRequest::default()).api_keys;
        keys.iter()
            .filter(|it| matches!(it.api_key, 71 | 72))
            .count()
    };
    assert_eq!(offers(&mut cluster), 0);
    let subscription = [
        ("metrics", SET, "org.apache.kafka.consumer."),
        ("interval.ms", SET, "1000"),
        ("match", SET, "client_id=test.*"),
    ];
    assert_eq!(
        alter(&mut cluster, CLIENT_METRICS, "m", &subscription),
        ErrorCode::NONE
    );
    assert_eq!(offers(&mut cluster), 2);
    let wanted = cluster.call(0, &GetTelemetrySubscriptionsRequest::default());
    assert_eq!(
        (wanted.push_interval_ms, wanted.requested_metrics.len()),
        (1000, 1)
    );
    let push = PushTelemetryRequest {
        client_instance_id: wanted.client_instance_id,
        subscription_id: wanted.subscription_id,
        ..PushTelemetryRequest::default()
    };
    assert_eq!(cluster.call(0, &push).error_code, 0);
    let outdated = PushTelemetryRequest {
        subscription_id: wanted.subscription_id + 1,
        ..push
    };
    assert_eq!(
        ErrorCode(cluster.call(0, &outdated).error_code),
        ErrorCode::UNKNOWN_SUBSCRIPTION_ID
    );
    let gone = [
        ("metrics", DELETE, ""),
        ("interval.ms", DELETE, ""),
        ("match", DELETE, ""),
    ];
    assert_eq!(
        alter(&mut cluster, CLIENT_METRICS, "m", &gone),
        ErrorCode::NONE
    );
    assert_eq!(offers(&mut cluster), 0);
}
