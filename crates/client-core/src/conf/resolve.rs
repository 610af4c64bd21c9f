//! Deciding a client's configuration: rules between properties, in librdkafka's order and words.

use rdkafka_conf::Values;

use super::bootstrap::BrokerList;
use super::choices::{
    AddressFamily, AssignmentStrategy, DebugContexts, DnsLookup, GroupProtocol, IsolationLevel,
    MetadataRecovery, OffsetStoreMethod, SecurityProtocol,
};
use super::client_config::{
    Callbacks, ClientConfig, ClientKind, ConsumerConfig, GroupConfig, LogConfig, MetadataConfig,
    ProducerConfig, SocketConfig,
};
use super::error::ConfError;
use super::global as g;
use super::pattern::TopicPatterns;
use super::resolve_security;
use super::resolve_topic::{self, TopicRules, compression};
use super::settings::Conf;
use super::topic::MESSAGE_TIMEOUT_MS;
use super::{LIBRDKAFKA_VERSION, support, warn};

/// The most requests in flight that keep their order when one has to be sent again (KIP-98).
const IDEMPOTENT_MAX_IN_FLIGHT: u32 = 5;
/// A bootstrap server of Azure's: idle connections are closed before Azure drops them.
const AZURE_MAX_IDLE_MS: u32 = 230_000;
/// Room for the frame around `fetch.max.bytes` of records.
const RESPONSE_OVERHEAD_BYTES: u32 = 512;
const DEBUG_LEVEL: u8 = 7;

/// How long a broker that cannot be reached is left alone at most, unless the application says otherwise: so that it is
/// found again within two seconds of its return.
const UNREACHABLE_BACKOFF_MAX_MS: u32 = 1_000;

/// A number that its range keeps within 32 bits and above zero.
pub(super) fn bounded(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// As [`bounded`]; zero and less mean *off*.
pub(super) fn positive(number: i64) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}

fn text(values: &Values, key: rdkafka_conf::Key<rdkafka_conf::Text>) -> String {
    values.get(key).unwrap_or_default().into()
}

/// Text, where none and empty are the same.
pub(super) fn non_empty(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(Into::into)
}

fn refuse(text: &str) -> Result<(), ConfError> {
    Err(ConfError::incompatible(text))
}

/// Decides everything.
pub(super) fn resolve(conf: &Conf, kind: ClientKind) -> Result<ClientConfig, ConfError> {
    let values = &conf.values;
    let rules = topic_rules(conf, kind);
    let mut config = as_set(conf, kind, rules);
    resolve_security::check_stores(values, &config.security)?;
    resolve_security::check_oauthbearer(values, &config)?;
    match kind {
        ClientKind::Consumer => apply_consumer_rules(values, &mut config)?,
        ClientKind::Producer => apply_producer_rules(values, &mut config)?,
    }
    apply_common_rules(values, &mut config)?;
    apply_default_topic(conf, &mut config)?;
    let strategies = text(values, g::PARTITION_ASSIGNMENT_STRATEGY);
    config.group.assignors = assignors(&strategies, &config.group.protocol_type)?;
    apply_bootstrap(values, &mut config);
    support::check(&config)?;
    if non_empty(values.get(g::PLUGIN_LIBRARY_PATHS)).is_some() {
        return Err(support::PLUGINS.error());
    }
    resolve_security::check_protocol(values, &config)?;
    let mut warnings = warn::warnings(conf, &config);
    config.warnings.append(&mut warnings);
    Ok(config)
}

fn topic_rules(conf: &Conf, kind: ClientKind) -> TopicRules {
    TopicRules {
        kind,
        is_idempotent: false,
        transaction_timeout_ms: None,
        linger_ms: conf.values.get(g::QUEUE_BUFFERING_MAX_MS),
        is_linger_set: conf.values.is_set(g::QUEUE_BUFFERING_MAX_MS),
        compression: compression(conf.values.get(g::COMPRESSION_CODEC)),
        default_topic: conf.default_topic.clone().unwrap_or_default(),
    }
}

/// Every property by itself; what others decide is put right by the rules below.
fn as_set(conf: &Conf, kind: ClientKind, topic_rules: TopicRules) -> ClientConfig {
    let values = &conf.values;
    let size = |number: i64| usize::try_from(number).unwrap_or(0);
    ClientConfig {
        kind,
        client_id: text(values, g::CLIENT_ID),
        client_software_name: software(values.get(g::CLIENT_SOFTWARE_NAME), "librdkafka"),
        client_software_version: software(
            values.get(g::CLIENT_SOFTWARE_VERSION),
            LIBRDKAFKA_VERSION,
        ),
        client_rack: non_empty(values.get(g::CLIENT_RACK)),
        bootstrap_servers: Vec::new(),
        bootstrap_is_set: values.get(g::METADATA_BROKER_LIST).is_some(),
        mock_brokers: bounded(values.get(g::TEST_MOCK_NUM_BROKERS)),
        mock_broker_rtt_ms: bounded(values.get(g::TEST_MOCK_BROKER_RTT)),
        message_max_bytes: size(values.get(g::MESSAGE_MAX_BYTES)),
        message_copy_max_bytes: size(values.get(g::MESSAGE_COPY_MAX_BYTES)),
        receive_message_max_bytes: size(values.get(g::RECEIVE_MESSAGE_MAX_BYTES)),
        max_in_flight_requests: bounded(values.get(g::MAX_IN_FLIGHT)),
        retry_backoff_ms: bounded(values.get(g::RETRY_BACKOFF_MS)),
        retry_backoff_max_ms: bounded(values.get(g::RETRY_BACKOFF_MAX_MS)),
        statistics_interval_ms: positive(values.get(g::STATISTICS_INTERVAL_MS)),
        enable_metrics_push: values.get(g::ENABLE_METRICS_PUSH),
        metadata: metadata(values, kind),
        socket: socket(values),
        log: log(values),
        security: resolve_security::security(values),
        group: group(values),
        consumer: consumer(values),
        producer: producer(values),
        default_topic: resolve_topic::as_set(&topic_rules, &topic_rules.default_topic),
        callbacks: callbacks(values),
        warnings: Vec::new(),
        topic_rules,
    }
}

fn metadata(values: &Values, kind: ClientKind) -> MetadataConfig {
    let refresh_interval_ms = positive(values.get(g::TOPIC_METADATA_REFRESH_INTERVAL_MS));
    let max_age_ms = match refresh_interval_ms {
        Some(interval_ms) if !values.is_set(g::METADATA_MAX_AGE_MS) => interval_ms * 3,
        _ => bounded(values.get(g::METADATA_MAX_AGE_MS)),
    };
    let fast_key = g::TOPIC_METADATA_REFRESH_FAST_INTERVAL_MS;
    let fast_key = if values.is_set(fast_key) {
        fast_key
    } else {
        g::RETRY_BACKOFF_MS
    };
    MetadataConfig {
        recovery: MetadataRecovery::from_value(values.get(g::METADATA_RECOVERY_STRATEGY)),
        rebootstrap_trigger_ms: bounded(values.get(g::METADATA_RECOVERY_REBOOTSTRAP_TRIGGER_MS)),
        refresh_interval_ms,
        refresh_fast_interval_ms: bounded(values.get(fast_key)),
        refresh_sparse: values.get(g::TOPIC_METADATA_REFRESH_SPARSE),
        max_age_ms,
        propagation_max_ms: bounded(values.get(g::TOPIC_METADATA_PROPAGATION_MAX_MS)),
        // Checked when it was set.
        topic_blacklist: TopicPatterns::parse(values.get(g::TOPIC_BLACKLIST).unwrap_or_default())
            .unwrap_or_default(),
        allow_auto_create_topics: if values.is_set(g::ALLOW_AUTO_CREATE_TOPICS) {
            values.get(g::ALLOW_AUTO_CREATE_TOPICS)
        } else {
            kind == ClientKind::Producer
        },
    }
}

fn socket(values: &Values) -> SocketConfig {
    let fallback = text(values, g::BROKER_VERSION_FALLBACK);
    let asks_anyway = !["0.9.0", "0.8.2", "0.8.1", "0.8.0"]
        .iter()
        .any(|old| fallback.starts_with(old));
    SocketConfig {
        timeout_ms: bounded(values.get(g::SOCKET_TIMEOUT_MS)),
        connection_setup_timeout_ms: bounded(values.get(g::SOCKET_CONNECTION_SETUP_TIMEOUT_MS)),
        send_buffer_bytes: positive(values.get(g::SOCKET_SEND_BUFFER_BYTES)),
        receive_buffer_bytes: positive(values.get(g::SOCKET_RECEIVE_BUFFER_BYTES)),
        keepalive_enable: values.get(g::SOCKET_KEEPALIVE_ENABLE),
        nagle_disable: values.get(g::SOCKET_NAGLE_DISABLE),
        max_fails: positive(values.get(g::SOCKET_MAX_FAILS)),
        connections_max_idle_ms: positive(values.get(g::CONNECTIONS_MAX_IDLE_MS)),
        broker_address_ttl_ms: bounded(values.get(g::BROKER_ADDRESS_TTL)),
        broker_address_family: AddressFamily::from_value(values.get(g::BROKER_ADDRESS_FAMILY)),
        dns_lookup: DnsLookup::from_value(values.get(g::CLIENT_DNS_LOOKUP)),
        reconnect_backoff_ms: bounded(values.get(g::RECONNECT_BACKOFF_MS)),
        reconnect_backoff_max_ms: bounded(values.get(g::RECONNECT_BACKOFF_MAX_MS)),
        reconnect_backoff_unreachable_max_ms: if values.is_set(g::RECONNECT_BACKOFF_MAX_MS) {
            bounded(values.get(g::RECONNECT_BACKOFF_MAX_MS))
        } else {
            UNREACHABLE_BACKOFF_MAX_MS.max(bounded(values.get(g::RECONNECT_BACKOFF_MS)))
        },
        sparse_connections: values.get(g::ENABLE_SPARSE_CONNECTIONS),
        // A fallback from 0.10 on says that the brokers know the question.
        api_version_request: values.get(g::API_VERSION_REQUEST) || asks_anyway,
        api_version_request_timeout_ms: bounded(values.get(g::API_VERSION_REQUEST_TIMEOUT_MS)),
        api_version_fallback_ms: bounded(values.get(g::API_VERSION_FALLBACK_MS)),
        broker_version_fallback: fallback,
    }
}

fn log(values: &Values) -> LogConfig {
    let debug = DebugContexts(values.get(g::DEBUG));
    let level = u8::try_from(values.get(g::LOG_LEVEL)).unwrap_or(DEBUG_LEVEL);
    LogConfig {
        level: if debug.is_empty() { level } else { DEBUG_LEVEL },
        debug,
        queue: values.get(g::LOG_QUEUE),
        thread_name: values.get(g::LOG_THREAD_NAME),
        connection_close: values.get(g::LOG_CONNECTION_CLOSE),
    }
}

fn group(values: &Values) -> GroupConfig {
    GroupConfig {
        id: non_empty(values.get(g::GROUP_ID)),
        instance_id: values.get(g::GROUP_INSTANCE_ID).map(Into::into),
        protocol: GroupProtocol::from_value(values.get(g::GROUP_PROTOCOL)),
        protocol_type: text(values, g::GROUP_PROTOCOL_TYPE),
        remote_assignor: non_empty(values.get(g::GROUP_REMOTE_ASSIGNOR)),
        assignors: Vec::new(),
        session_timeout_ms: bounded(values.get(g::SESSION_TIMEOUT_MS)),
        heartbeat_interval_ms: bounded(values.get(g::HEARTBEAT_INTERVAL_MS)),
        max_poll_interval_ms: bounded(values.get(g::MAX_POLL_INTERVAL_MS)),
        coordinator_query_interval_ms: bounded(values.get(g::COORDINATOR_QUERY_INTERVAL_MS)),
    }
}

fn consumer(values: &Values) -> ConsumerConfig {
    ConsumerConfig {
        enable_auto_commit: values.get(g::ENABLE_AUTO_COMMIT),
        auto_commit_interval_ms: positive(values.get(g::AUTO_COMMIT_INTERVAL_MS)),
        enable_auto_offset_store: values.get(g::ENABLE_AUTO_OFFSET_STORE),
        queued_min_messages: bounded(values.get(g::QUEUED_MIN_MESSAGES)),
        queued_max_bytes: u64::from(bounded(values.get(g::QUEUED_MAX_MESSAGES_KBYTES))) * 1000,
        fetch_wait_max_ms: bounded(values.get(g::FETCH_WAIT_MAX_MS)),
        fetch_queue_backoff_ms: bounded(values.get(g::FETCH_QUEUE_BACKOFF_MS)),
        fetch_error_backoff_ms: bounded(values.get(g::FETCH_ERROR_BACKOFF_MS)),
        fetch_message_max_bytes: bounded(values.get(g::FETCH_MESSAGE_MAX_BYTES)),
        fetch_max_bytes: bounded(values.get(g::FETCH_MAX_BYTES)),
        fetch_min_bytes: bounded(values.get(g::FETCH_MIN_BYTES)),
        offset_store_method: OffsetStoreMethod::from_value(values.get(g::OFFSET_STORE_METHOD)),
        isolation_level: IsolationLevel::from_value(values.get(g::ISOLATION_LEVEL)),
        enable_partition_eof: values.get(g::ENABLE_PARTITION_EOF),
        check_crcs: values.get(g::CHECK_CRCS),
    }
}

fn producer(values: &Values) -> ProducerConfig {
    ProducerConfig {
        transactional_id: values.get(g::TRANSACTIONAL_ID).map(Into::into),
        transaction_timeout_ms: bounded(values.get(g::TRANSACTION_TIMEOUT_MS)),
        enable_idempotence: values.get(g::ENABLE_IDEMPOTENCE),
        enable_gapless_guarantee: values.get(g::ENABLE_GAPLESS_GUARANTEE),
        queue_max_messages: positive(values.get(g::QUEUE_BUFFERING_MAX_MESSAGES)),
        queue_max_bytes: u64::from(bounded(values.get(g::QUEUE_BUFFERING_MAX_KBYTES))) * 1024,
        linger_us: microseconds(values.get(g::QUEUE_BUFFERING_MAX_MS)),
        max_retries: bounded(values.get(g::MESSAGE_SEND_MAX_RETRIES)),
        backpressure_threshold: bounded(values.get(g::QUEUE_BUFFERING_BACKPRESSURE_THRESHOLD)),
        batch_max_messages: bounded(values.get(g::BATCH_NUM_MESSAGES)),
        batch_max_bytes: bounded(values.get(g::BATCH_SIZE)),
        delivery_report_only_error: values.get(g::DELIVERY_REPORT_ONLY_ERROR),
        sticky_partitioning_linger_ms: positive(values.get(g::STICKY_PARTITIONING_LINGER_MS)),
    }
}

fn callbacks(values: &Values) -> Callbacks {
    Callbacks {
        delivery_report: values.get(g::DR_CB) || values.get(g::DR_MSG_CB),
        error: values.get(g::ERROR_CB),
        throttle: values.get(g::THROTTLE_CB),
        stats: values.get(g::STATS_CB),
        consume: values.get(g::CONSUME_CB),
        rebalance: values.get(g::REBALANCE_CB),
        offset_commit: values.get(g::OFFSET_COMMIT_CB),
        oauthbearer_token_refresh: values.get(g::OAUTHBEARER_TOKEN_REFRESH_CB),
    }
}

fn apply_consumer_rules(values: &Values, config: &mut ClientConfig) -> Result<(), ConfError> {
    if !(1..=100_000_000).contains(&config.consumer.fetch_min_bytes) {
        let text = "Configuration property \"fetch.min.bytes\" value is outside allowed range \
                    1..100000000";
        return refuse(text);
    }
    match config.group.protocol {
        GroupProtocol::Classic => {
            if config.group.max_poll_interval_ms < config.group.session_timeout_ms {
                return refuse("`max.poll.interval.ms`must be >= `session.timeout.ms`");
            }
        }
        GroupProtocol::Consumer => check_consumer_protocol(values)?,
    }
    let message_max_bytes = u32::try_from(config.message_max_bytes).unwrap_or(u32::MAX);
    let fetch_max_bytes = &mut config.consumer.fetch_max_bytes;
    if values.is_set(g::FETCH_MAX_BYTES) {
        if *fetch_max_bytes < message_max_bytes {
            return refuse("`fetch.max.bytes` must be >= `message.max.bytes`");
        }
    } else {
        let queued_max = bounded(values.get(g::QUEUED_MAX_MESSAGES_KBYTES)).saturating_mul(1024);
        *fetch_max_bytes = (*fetch_max_bytes).min(queued_max).max(message_max_bytes);
    }
    let needed = fetch_max_bytes.saturating_add(RESPONSE_OVERHEAD_BYTES) as usize;
    if values.is_set(g::RECEIVE_MESSAGE_MAX_BYTES) {
        if config.receive_message_max_bytes < needed {
            return refuse("`receive.message.max.bytes` must be >= `fetch.max.bytes` + 512");
        }
    } else {
        config.receive_message_max_bytes = config.receive_message_max_bytes.max(needed);
    }
    config.producer.enable_idempotence = false;
    Ok(())
}

/// With KIP-848 the broker decides what these used to.
fn check_consumer_protocol(values: &Values) -> Result<(), ConfError> {
    if values.is_set(g::SESSION_TIMEOUT_MS) {
        return refuse(
            "`session.timeout.ms` is not supported for `group.protocol=consumer` or share consumer. It \
             is defined broker side",
        );
    }
    if values.is_set(g::PARTITION_ASSIGNMENT_STRATEGY) {
        return refuse(
            "`partition.assignment.strategy` is not supported for `group.protocol=consumer`. Use \
             `group.remote.assignor` instead",
        );
    }
    if values.is_set(g::GROUP_PROTOCOL_TYPE) {
        return refuse(
            "`group.protocol.type` is not supported for `group.protocol=consumer` or share consumer",
        );
    }
    if values.is_set(g::HEARTBEAT_INTERVAL_MS) {
        return refuse(
            "`heartbeat.interval.ms` is not supported for `group.protocol=consumer` or share consumer. \
             It is defined broker side",
        );
    }
    Ok(())
}

fn apply_producer_rules(values: &Values, config: &mut ClientConfig) -> Result<(), ConfError> {
    let transaction_timeout_ms = config.producer.transaction_timeout_ms;
    if config.producer.transactional_id.is_some() {
        if !config.producer.enable_idempotence {
            if values.is_set(g::ENABLE_IDEMPOTENCE) {
                return refuse("`transactional.id` requires `enable.idempotence=true`");
            }
            config.producer.enable_idempotence = true;
        }
        // At least one request must fit into a transaction.
        if !values.is_set(g::SOCKET_TIMEOUT_MS) {
            config.socket.timeout_ms = transaction_timeout_ms.saturating_sub(100).max(900);
        } else if transaction_timeout_ms.saturating_add(100) < config.socket.timeout_ms {
            return refuse("`socket.timeout.ms` must be set <= `transaction.timeout.ms` + 100");
        }
        config.topic_rules.transaction_timeout_ms = Some(transaction_timeout_ms);
    }
    if config.producer.enable_idempotence {
        apply_idempotence(values, config)?;
    } else if config.producer.enable_gapless_guarantee {
        return refuse("`enable.gapless.guarantee` requires `enable.idempotence` to be enabled");
    }
    if !values.is_set(g::STICKY_PARTITIONING_LINGER_MS) {
        let twice = 2.0 * config.topic_rules.linger_ms;
        config.producer.sticky_partitioning_linger_ms = positive(twice.min(900_000.0) as i64);
    }
    Ok(())
}

fn apply_idempotence(values: &Values, config: &mut ClientConfig) -> Result<(), ConfError> {
    if values.is_set(g::MAX_IN_FLIGHT) {
        if config.max_in_flight_requests > IDEMPOTENT_MAX_IN_FLIGHT {
            return refuse("`max.in.flight` must be set <= 5 when `enable.idempotence` is true");
        }
    } else {
        config.max_in_flight_requests = IDEMPOTENT_MAX_IN_FLIGHT;
    }
    if values.is_set(g::MESSAGE_SEND_MAX_RETRIES) && config.producer.max_retries < 1 {
        return refuse("`retries` must be set >= 1 when `enable.idempotence` is true");
    }
    if config.producer.backpressure_threshold > 1 {
        return refuse(
            "`queue.buffering.backpressure.threshold` must be set to 1 when `enable.idempotence` is true",
        );
    }
    config.topic_rules.is_idempotent = true;
    Ok(())
}

fn apply_common_rules(values: &Values, config: &mut ClientConfig) -> Result<(), ConfError> {
    let socket = &mut config.socket;
    if socket.reconnect_backoff_max_ms < socket.reconnect_backoff_ms {
        return refuse("`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`");
    }
    let brokers = values.get(g::METADATA_BROKER_LIST).unwrap_or_default();
    if !values.is_set(g::CONNECTIONS_MAX_IDLE_MS) && brokers.to_ascii_lowercase().contains("azure")
    {
        socket.connections_max_idle_ms = Some(AZURE_MAX_IDLE_MS);
    }
    Ok(())
}

/// Decides the default topic configuration; a short `message.timeout.ms` in it shortens the linger.
fn apply_default_topic(conf: &Conf, config: &mut ClientConfig) -> Result<(), ConfError> {
    let rules = &mut config.topic_rules;
    if rules.kind == ClientKind::Producer && conf.default_topic.is_some() {
        let timeout = f64::from(bounded(rules.default_topic.values.get(MESSAGE_TIMEOUT_MS)));
        if timeout != 0.0 && timeout <= rules.linger_ms {
            if rules.is_linger_set {
                return refuse("`message.timeout.ms` must be greater than `linger.ms`");
            }
            rules.linger_ms = timeout - 0.1;
            config.producer.linger_us = microseconds(rules.linger_ms);
        }
    }
    match config.topic_config(None) {
        Ok(resolved) => config.default_topic = resolved,
        Err(error) if conf.default_topic.is_some() => return Err(error),
        // Nobody has asked for it yet; a topic that does gets the error.
        Err(_) => {}
    }
    Ok(())
}

/// The embedded broker replaces whatever brokers and security were configured.
fn apply_bootstrap(values: &Values, config: &mut ClientConfig) {
    if config.mock_brokers > 0 {
        config.security.protocol = SecurityProtocol::Plaintext;
        return;
    }
    let list = values.get(g::METADATA_BROKER_LIST).unwrap_or_default();
    let brokers = BrokerList::parse(list, config.security.protocol);
    config.bootstrap_servers = brokers.endpoints;
    config.warnings = brokers.warnings;
}

/// Reads a comma-separated list of assignors; they are for groups of consumers only.
fn assignors(list: &str, protocol_type: &str) -> Result<Vec<AssignmentStrategy>, ConfError> {
    let mut assignors = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        rest = rest.trim_start_matches([' ', ',']);
        let (name, after) = rest.split_once(',').unwrap_or((rest, ""));
        let name = name.trim_end_matches(rdkafka_conf::number::is_c_space);
        let known = AssignmentStrategy::ALL
            .iter()
            .find(|strategy| strategy.name() == name)
            .filter(|_| protocol_type == "consumer");
        let Some(&strategy) = known else {
            let text = format!("Unsupported partition.assignment.strategy: {name}");
            return Err(ConfError::incompatible(text));
        };
        if !assignors.contains(&strategy) {
            assignors.push(strategy);
        }
        rest = after;
    }
    let cooperative = assignors
        .iter()
        .filter(|strategy| strategy.is_cooperative())
        .count();
    if cooperative != 0 && cooperative != assignors.len() {
        return Err(ConfError::incompatible(format!(
            "All partition.assignment.strategy ({list}) assignors must have the same protocol type, online \
             migration between assignors with different protocol types is not supported"
        )));
    }
    Ok(assignors)
}

/// Whole microseconds of milliseconds with a fraction.
fn microseconds(ms: f64) -> u64 {
    (ms * 1000.0).max(0.0) as u64
}

/// A software name or version as KIP-511 allows it.
fn software(set: Option<&str>, default: &str) -> String {
    let is_edge = |c: char| !c.is_ascii_alphanumeric();
    let name = set.unwrap_or(default).trim_matches(is_edge);
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' || c == '.' {
            c
        } else {
            '-'
        }
    };
    name.chars().map(allowed).collect()
}
