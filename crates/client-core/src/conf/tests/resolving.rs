//! What configurations come to, and which come to nothing.

use crate::conf::{
    AssignmentStrategy, Callback, ClientConfig, ClientKind, Compression, Conf, ConfError,
    ConfErrorKind, OffsetReset, SecurityProtocol, TopicConf,
};
use crate::producer::partitioner::Partitioner;

fn conf(properties: &[(&str, &str)]) -> Conf {
    let mut conf = Conf::new();
    for (name, value) in properties {
        conf.set(name, value).unwrap();
    }
    conf
}

fn producer(properties: &[(&str, &str)]) -> Result<ClientConfig, ConfError> {
    conf(properties).resolve(ClientKind::Producer)
}

fn consumer(properties: &[(&str, &str)]) -> Result<ClientConfig, ConfError> {
    conf(properties).resolve(ClientKind::Consumer)
}

fn refused(outcome: Result<ClientConfig, ConfError>) -> String {
    let error = outcome.unwrap_err();
    assert!(matches!(
        error.kind,
        ConfErrorKind::Incompatible | ConfErrorKind::Missing
    ));
    error.text
}

#[test]
fn properties_become_typed_fields() {
    let config = producer(&[
        ("bootstrap.servers", "a:1,b"),
        ("linger.ms", "0.5"),
        ("queue.buffering.max.kbytes", "2"),
        ("queue.buffering.max.messages", "0"),
        ("statistics.interval.ms", "1000"),
        ("compression.type", "lz4"),
        ("acks", "1"),
        ("partitioner", "murmur2_random"),
    ])
    .unwrap();
    let brokers = config
        .bootstrap_servers
        .iter()
        .map(|broker| (&*broker.host, broker.port));
    assert_eq!(brokers.collect::<Vec<_>>(), [("a", 1), ("b", 9092)]);
    assert_eq!(config.producer.linger_us, 500);
    assert_eq!(config.producer.queue_max_bytes, 2048);
    assert_eq!(config.producer.queue_max_messages, None);
    assert_eq!(config.statistics_interval_ms, Some(1000));
    assert_eq!(config.default_topic.required_acks, 1);
    assert_eq!(config.default_topic.compression, Compression::Lz4);
    assert_eq!(config.default_topic.partitioner, Partitioner::Murmur2Random);
}

#[test]
fn any_debug_context_turns_debugging_on() {
    assert_eq!(producer(&[("log_level", "3")]).unwrap().log.level, 3);
    assert_eq!(
        producer(&[("log_level", "3"), ("debug", "msg")])
            .unwrap()
            .log
            .level,
        7
    );
}

#[test]
fn an_idempotent_producer_gets_what_it_needs() {
    let config = producer(&[("enable.idempotence", "true")]).unwrap();
    assert_eq!(config.max_in_flight_requests, 5);
    assert_eq!(config.default_topic.required_acks, -1);
    assert_eq!(config.producer.max_retries, i32::MAX.unsigned_abs());
}

#[test]
fn an_idempotent_producer_refuses_what_contradicts_it() {
    let cases = [
        (
            "acks",
            "1",
            "`acks` must be set to `all` when `enable.idempotence` is true",
        ),
        (
            "max.in.flight",
            "6",
            "`max.in.flight` must be set <= 5 when `enable.idempotence` is true",
        ),
        (
            "retries",
            "0",
            "`retries` must be set >= 1 when `enable.idempotence` is true",
        ),
        (
            "queue.buffering.backpressure.threshold",
            "2",
            "`queue.buffering.backpressure.threshold` must be set to 1 when `enable.idempotence` is true",
        ),
        (
            "queuing.strategy",
            "lifo",
            "`queuing.strategy` must be set to `fifo` when `enable.idempotence` is true",
        ),
    ];
    for (name, value, expected) in cases {
        let outcome = producer(&[("enable.idempotence", "true"), (name, value)]);
        assert_eq!(refused(outcome), expected);
    }
}

#[test]
fn a_transactional_producer_is_idempotent_and_keeps_within_its_transaction() {
    let config = producer(&[("transactional.id", "t"), ("acks", "all")]).unwrap();
    assert!(config.producer.enable_idempotence);
    assert_eq!(config.socket.timeout_ms, 59_900);
    assert_eq!(config.default_topic.message_timeout_ms, Some(60_000));
    assert_eq!(
        refused(producer(&[
            ("transactional.id", "t"),
            ("enable.idempotence", "false")
        ])),
        "`transactional.id` requires `enable.idempotence=true`"
    );
    assert_eq!(
        refused(producer(&[
            ("transactional.id", "t"),
            ("message.timeout.ms", "60001")
        ])),
        "`message.timeout.ms` must be set <= `transaction.timeout.ms`"
    );
    assert_eq!(
        refused(producer(&[
            ("transactional.id", "t"),
            ("socket.timeout.ms", "60101")
        ])),
        "`socket.timeout.ms` must be set <= `transaction.timeout.ms` + 100"
    );
}

#[test]
fn the_linger_is_shorter_than_the_message_timeout() {
    let config = producer(&[("message.timeout.ms", "3")]).unwrap();
    assert_eq!(config.producer.linger_us, 2900);
    assert_eq!(
        refused(producer(&[
            ("message.timeout.ms", "1000"),
            ("linger.ms", "1000")
        ])),
        "`message.timeout.ms` must be greater than `linger.ms`"
    );
}

#[test]
fn a_long_linger_is_an_error_only_of_topics_that_time_out_before() {
    let config = producer(&[("linger.ms", "400000")]).unwrap();
    assert!(config.topic_config(None).is_err());
    let mut patient = TopicConf::new();
    patient.set("message.timeout.ms", "500000").unwrap();
    assert_eq!(
        config
            .topic_config(Some(&patient))
            .unwrap()
            .message_timeout_ms,
        Some(500_000)
    );
}

#[test]
fn a_topic_inherits_the_default_topic_configuration_unless_it_has_its_own() {
    let config = consumer(&[("auto.offset.reset", "earliest")]).unwrap();
    assert_eq!(
        config.topic_config(None).unwrap().auto_offset_reset,
        OffsetReset::Earliest
    );
    let own = TopicConf::new();
    assert_eq!(
        config.topic_config(Some(&own)).unwrap().auto_offset_reset,
        OffsetReset::Latest
    );
}

#[test]
fn a_topic_inherits_the_global_codec_and_keeps_levels_within_it() {
    let config = producer(&[("compression.codec", "gzip")]).unwrap();
    let mut topic = TopicConf::new();
    topic.set("compression.level", "12").unwrap();
    let resolved = config.topic_config(Some(&topic)).unwrap();
    assert_eq!(
        (resolved.compression, resolved.compression_level),
        (Compression::Gzip, Some(9))
    );
    topic.set("compression.codec", "snappy").unwrap();
    let resolved = config.topic_config(Some(&topic)).unwrap();
    assert_eq!(
        (resolved.compression, resolved.compression_level),
        (Compression::Snappy, None)
    );
}

#[test]
fn a_partitioner_set_by_code_goes_before_the_property() {
    let config = producer(&[]).unwrap();
    let mut topic = TopicConf::new();
    topic.set("partitioner", "random").unwrap();
    topic.set_partitioner(Partitioner::Consistent);
    let resolved = config.topic_config(Some(&topic)).unwrap();
    assert_eq!(resolved.partitioner, Partitioner::Consistent);
}

#[test]
fn a_consumer_must_poll_at_least_as_rarely_as_its_session_lasts() {
    let outcome = consumer(&[
        ("session.timeout.ms", "10000"),
        ("max.poll.interval.ms", "9999"),
    ]);
    assert_eq!(
        refused(outcome),
        "`max.poll.interval.ms`must be >= `session.timeout.ms`"
    );
}

#[test]
fn fetch_sizes_fit_each_other() {
    let config = consumer(&[("message.max.bytes", "200000000")]).unwrap();
    assert_eq!(config.consumer.fetch_max_bytes, 200_000_000);
    assert_eq!(config.receive_message_max_bytes, 200_000_512);
    assert_eq!(
        refused(consumer(&[("fetch.max.bytes", "1000")])),
        "`fetch.max.bytes` must be >= `message.max.bytes`"
    );
    assert_eq!(
        refused(consumer(&[("receive.message.max.bytes", "1000")])),
        "`receive.message.max.bytes` must be >= `fetch.max.bytes` + 512"
    );
    assert_eq!(
        refused(consumer(&[("fetch.min.bytes", "0")])),
        "Configuration property \"fetch.min.bytes\" value is outside allowed range 1..100000000"
    );
}

#[test]
fn assignors_are_known_and_of_one_kind() {
    let config = consumer(&[(
        "partition.assignment.strategy",
        "roundrobin, range,roundrobin",
    )]);
    let expected = [AssignmentStrategy::RoundRobin, AssignmentStrategy::Range];
    assert_eq!(config.unwrap().group.assignors, expected);
    assert_eq!(
        refused(consumer(&[(
            "partition.assignment.strategy",
            "range,sticky"
        )])),
        "Unsupported partition.assignment.strategy: sticky"
    );
    assert_eq!(
        refused(consumer(&[("group.protocol.type", "connect")])),
        "Unsupported partition.assignment.strategy: range"
    );
    assert!(
        refused(consumer(&[(
            "partition.assignment.strategy",
            "range,cooperative-sticky"
        )]))
        .starts_with("All partition.assignment.strategy (range,cooperative-sticky) assignors must")
    );
}

#[test]
fn defaults_follow_the_properties_they_depend_on() {
    let config = producer(&[
        ("topic.metadata.refresh.interval.ms", "1000"),
        ("retry.backoff.ms", "50"),
        ("linger.ms", "7"),
        ("bootstrap.servers", "x.servicebus.Azure.net:9093"),
    ])
    .unwrap();
    assert_eq!(config.metadata.max_age_ms, 3000);
    assert_eq!(config.metadata.refresh_fast_interval_ms, 50);
    assert_eq!(config.producer.sticky_partitioning_linger_ms, Some(14));
    assert_eq!(config.socket.connections_max_idle_ms, Some(230_000));
    assert!(config.metadata.allow_auto_create_topics);
    assert!(!consumer(&[]).unwrap().metadata.allow_auto_create_topics);
    assert_eq!(
        consumer(&[("metadata.max.age.ms", "5")])
            .unwrap()
            .metadata
            .max_age_ms,
        5
    );
}

#[test]
fn the_embedded_broker_replaces_brokers_and_security() {
    let config = producer(&[
        ("test.mock.num.brokers", "3"),
        ("bootstrap.servers", "elsewhere"),
        ("security.protocol", "ssl"),
    ])
    .unwrap();
    assert_eq!(config.mock_brokers, 3);
    assert_eq!(config.security.protocol, SecurityProtocol::Plaintext);
    assert!(config.bootstrap_servers.is_empty());
}

#[test]
fn what_cannot_be_honoured_is_an_error_rather_than_skipped() {
    let sasl = ("security.protocol", "sasl_plaintext");
    assert!(refused(producer(&[sasl])).starts_with("`sasl.mechanism=GSSAPI` cannot be honoured"));
    assert_eq!(
        refused(producer(&[sasl, ("sasl.mechanism", "DIGEST")])),
        "Unsupported SASL mechanism: DIGEST"
    );
    assert_eq!(
        refused(producer(&[sasl, ("sasl.mechanism", "PLAIN")])),
        "sasl.username and sasl.password must be set"
    );
    for (name, value) in [
        ("plugin.library.paths", "monitoring-interceptor"),
        (
            "client.dns.lookup",
            "resolve_canonical_bootstrap_servers_only",
        ),
        ("queuing.strategy", "lifo"),
        ("ssl.engine.location", "/engine.so"),
        ("ssl.sigalgs.list", "RSA+SHA256"),
    ] {
        let tls = ("security.protocol", "ssl");
        let text = refused(producer(&[tls, (name, value)]));
        assert!(
            text.contains(name) && text.contains("cannot be honoured"),
            "{text}"
        );
    }
}

#[test]
fn oauthbearer_needs_what_its_method_needs() {
    let oidc = [
        ("sasl.mechanism", "OAUTHBEARER"),
        ("sasl.oauthbearer.method", "oidc"),
    ];
    assert_eq!(
        refused(producer(&oidc)),
        "`sasl.oauthbearer.token.endpoint.url` is mandatory when `sasl.oauthbearer.method=oidc` is set"
    );
    let mut with_url = oidc.to_vec();
    with_url.push(("sasl.oauthbearer.token.endpoint.url", "https://example.com"));
    assert_eq!(
        refused(producer(&with_url)),
        "`sasl.oauthbearer.client.id` is mandatory when `sasl.oauthbearer.method=oidc` is set"
    );
    with_url.push((
        "sasl.oauthbearer.grant.type",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ));
    with_url.push(("sasl.oauthbearer.assertion.file", "/a"));
    with_url.push(("sasl.oauthbearer.assertion.claim.exp.seconds", "5"));
    assert_eq!(
        refused(producer(&with_url)),
        "Mutually exclusive properties set. `sasl.oauthbearer.assertion.file` and \
         `sasl.oauthbearer.assertion.claim.exp.seconds` cannot both be set"
    );
}

#[test]
fn the_software_name_is_made_safe_for_brokers() {
    let config = producer(&[("client.software.name", "-my client!")]).unwrap();
    assert_eq!(config.client_software_name, "my-client");
    assert_eq!(config.client_software_version, "2.15.0");
}

#[test]
fn properties_of_the_other_kind_of_client_are_warned_about() {
    let texts = |config: ClientConfig| {
        config
            .warnings
            .into_iter()
            .map(|warning| warning.text)
            .collect::<Vec<_>>()
    };
    let warned = texts(producer(&[("bootstrap.servers", "a"), ("group.id", "g")]).unwrap());
    assert_eq!(
        warned,
        [
            "Configuration property group.id is a consumer property and will be ignored by this producer \
          instance"
        ]
    );
    let warned = texts(consumer(&[("acks", "1")]).unwrap());
    assert_eq!(
        warned,
        [
            "Configuration property request.required.acks is a producer property and will be ignored by \
             this consumer instance",
            "No `bootstrap.servers` configured: client will not be able to connect to Kafka cluster",
        ]
    );
}

#[test]
fn brokers_that_make_no_sense_are_warned_about() {
    let config = producer(&[("bootstrap.servers", "://")]).unwrap();
    assert!(config.bootstrap_is_set && config.bootstrap_servers.is_empty());
    assert_eq!(config.warnings[0].facility, "BROKER");
}

#[test]
fn callbacks_are_known_to_the_client() {
    let mut conf = Conf::new();
    conf.set_callback(Callback::DeliveryMessage, true);
    conf.set_callback(Callback::Rebalance, true);
    let callbacks = conf.resolve(ClientKind::Consumer).unwrap().callbacks;
    assert!(callbacks.delivery_report && callbacks.rebalance && !callbacks.error);
}
