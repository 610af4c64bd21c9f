//! The resolved configuration: everything the client has to know, decided.
//!
//! [`super::Conf::resolve`] makes it out of what the application set. Nothing in here is a string that
//! still has to be parsed, defaults that depend on other properties are filled in, and values that mean
//! *off* (`0` or `-1` in the properties) are `None`. Milliseconds are `u32` and say so in their name.
//! Shared as `Arc<ClientConfig>`; read by every thread, changed by none.

use super::choices::{
    AddressFamily, AssertionAlgorithm, AssignmentStrategy, DebugContexts, DnsLookup,
    EndpointIdentification, GroupProtocol, IsolationLevel, MetadataAuthentication,
    MetadataRecovery, OauthbearerGrantType, OauthbearerMethod, OffsetReset, OffsetStoreMethod,
    QueuingStrategy, SecurityProtocol,
};
use super::{Compression, TopicPatterns};
use crate::io::Endpoint;
use crate::producer::partitioner::Partitioner;

/// Which kind of client a configuration is resolved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// `RD_KAFKA_PRODUCER`.
    Producer,
    /// `RD_KAFKA_CONSUMER`: both the high-level and the legacy consumer.
    Consumer,
}

impl ClientKind {
    /// `producer` or `consumer`, as client names and log lines spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// Everything a client was configured with.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Producer or consumer.
    pub kind: ClientKind,
    /// `client.id`.
    pub client_id: String,
    /// `client.software.name`, made safe for KIP-511.
    pub client_software_name: String,
    /// `client.software.version`, made safe for KIP-511.
    pub client_software_version: String,
    /// `client.rack`; `None` when empty.
    pub client_rack: Option<String>,
    /// The brokers of `bootstrap.servers` that could be parsed.
    pub bootstrap_servers: Vec<Endpoint>,
    /// Whether `bootstrap.servers` was set at all. Set, but with an empty list above, is the error
    /// "No brokers configured" (`_ALL_BROKERS_DOWN`); not set is only a notice.
    pub bootstrap_is_set: bool,
    /// `test.mock.num.brokers`: how many brokers the embedded broker of this process shall show.
    /// When not 0, `bootstrap_servers` is ignored and the security protocol is plaintext.
    pub mock_brokers: u32,
    /// `test.mock.broker.rtt`.
    pub mock_broker_rtt_ms: u32,
    /// `message.max.bytes`: the largest request.
    pub message_max_bytes: usize,
    /// `message.copy.max.bytes`.
    pub message_copy_max_bytes: usize,
    /// `receive.message.max.bytes`: the largest response.
    pub receive_message_max_bytes: usize,
    /// `max.in.flight.requests.per.connection`, at most 5 for an idempotent producer.
    pub max_in_flight_requests: u32,
    /// `retry.backoff.ms`.
    pub retry_backoff_ms: u32,
    /// `retry.backoff.max.ms`.
    pub retry_backoff_max_ms: u32,
    /// `statistics.interval.ms`; `None`: no statistics.
    pub statistics_interval_ms: Option<u32>,
    /// `enable.metrics.push` (KIP-714).
    pub enable_metrics_push: bool,
    /// Metadata.
    pub metadata: MetadataConfig,
    /// Connections.
    pub socket: SocketConfig,
    /// Logging.
    pub log: LogConfig,
    /// TLS and SASL.
    pub security: SecurityConfig,
    /// Group membership.
    pub group: GroupConfig,
    /// Consuming.
    pub consumer: ConsumerConfig,
    /// Producing.
    pub producer: ProducerConfig,
    /// Topics without a configuration of their own.
    pub default_topic: TopicConfig,
    /// The callbacks the application has set.
    pub callbacks: Callbacks,
    /// What the client logs once it is made (facility `CONFWARN`).
    pub warnings: Vec<ConfWarning>,
    /// What topics inherit: kept to resolve configurations of topics made later.
    pub(super) topic_rules: super::resolve_topic::TopicRules,
}

/// Metadata: how topics, partitions and brokers are learned.
#[derive(Debug, Clone)]
pub struct MetadataConfig {
    /// `metadata.recovery.strategy`.
    pub recovery: MetadataRecovery,
    /// `metadata.recovery.rebootstrap.trigger.ms`.
    pub rebootstrap_trigger_ms: u32,
    /// `topic.metadata.refresh.interval.ms`; `None`: never by itself.
    pub refresh_interval_ms: Option<u32>,
    /// `topic.metadata.refresh.fast.interval.ms`; by default `retry.backoff.ms`.
    pub refresh_fast_interval_ms: u32,
    /// `topic.metadata.refresh.sparse`: ask for known topics only.
    pub refresh_sparse: bool,
    /// `metadata.max.age.ms`; by default three refresh intervals.
    pub max_age_ms: u32,
    /// `topic.metadata.propagation.max.ms`: how long an unknown topic may still appear.
    pub propagation_max_ms: u32,
    /// `topic.blacklist`: topics treated as if they were not there.
    pub topic_blacklist: TopicPatterns,
    /// `allow.auto.create.topics`; by default true for producers, false for consumers.
    pub allow_auto_create_topics: bool,
}

/// Connections to brokers.
#[derive(Debug, Clone)]
pub struct SocketConfig {
    /// `socket.timeout.ms`: how long a request may take.
    pub timeout_ms: u32,
    /// `socket.connection.setup.timeout.ms`: TCP, TLS and SASL together.
    pub connection_setup_timeout_ms: u32,
    /// `socket.send.buffer.bytes`; `None`: as the system has it.
    pub send_buffer_bytes: Option<u32>,
    /// `socket.receive.buffer.bytes`; `None`: as the system has it.
    pub receive_buffer_bytes: Option<u32>,
    /// `socket.keepalive.enable`.
    pub keepalive_enable: bool,
    /// `socket.nagle.disable`.
    pub nagle_disable: bool,
    /// `socket.max.fails`: failed requests until the connection is dropped; `None`: never.
    pub max_fails: Option<u32>,
    /// `connections.max.idle.ms`; `None`: never closed for being idle.
    pub connections_max_idle_ms: Option<u32>,
    /// `broker.address.ttl`, in milliseconds.
    pub broker_address_ttl_ms: u32,
    /// `broker.address.family`.
    pub broker_address_family: AddressFamily,
    /// `client.dns.lookup`.
    pub dns_lookup: DnsLookup,
    /// `reconnect.backoff.ms`.
    pub reconnect_backoff_ms: u32,
    /// `reconnect.backoff.max.ms`.
    pub reconnect_backoff_max_ms: u32,
    /// The same for a broker that cannot be reached: a second, unless `reconnect.backoff.max.ms` was set.
    pub reconnect_backoff_unreachable_max_ms: u32,
    /// `enable.sparse.connections`: connect only to brokers that are needed.
    pub sparse_connections: bool,
    /// `api.version.request`.
    pub api_version_request: bool,
    /// `api.version.request.timeout.ms`.
    pub api_version_request_timeout_ms: u32,
    /// `api.version.fallback.ms`.
    pub api_version_fallback_ms: u32,
    /// `broker.version.fallback`.
    pub broker_version_fallback: String,
}

/// Logging.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `log_level` (syslog levels), raised to 7 when a debug context is enabled.
    pub level: u8,
    /// `debug`.
    pub debug: DebugContexts,
    /// `log.queue`: log lines travel through the log queue.
    pub queue: bool,
    /// `log.thread.name`.
    pub thread_name: bool,
    /// `log.connection.close`.
    pub connection_close: bool,
}

/// A secret. It shows itself only to who asks for it by name, never in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// TLS and SASL.
#[derive(Debug, Clone)]
pub struct SecurityConfig {
    /// `security.protocol`.
    pub protocol: SecurityProtocol,
    /// TLS; looked at only when [`SecurityProtocol::uses_tls`].
    pub tls: TlsConfig,
    /// SASL; looked at only when [`SecurityProtocol::uses_sasl`].
    pub sasl: SaslConfig,
}

/// TLS.
#[derive(Debug, Clone)]
pub struct TlsConfig {
    /// `ssl.ca.location`: a PEM file or a directory of them; `None` or `probe`: the system's.
    pub ca_location: Option<String>,
    /// `ssl.ca.pem`.
    pub ca_pem: Option<Secret>,
    /// `ssl.certificate.location`.
    pub certificate_location: Option<String>,
    /// `ssl.certificate.pem`.
    pub certificate_pem: Option<String>,
    /// `ssl.key.location`.
    pub key_location: Option<Secret>,
    /// `ssl.key.pem`.
    pub key_pem: Option<Secret>,
    /// `ssl.key.password`.
    pub key_password: Option<Secret>,
    /// `ssl.keystore.location` (PKCS#12).
    pub keystore_location: Option<String>,
    /// `ssl.keystore.password`.
    pub keystore_password: Option<Secret>,
    /// `ssl.crl.location`.
    pub crl_location: Option<String>,
    /// `ssl.cipher.suites`.
    pub cipher_suites: Option<String>,
    /// `ssl.curves.list`.
    pub curves_list: Option<String>,
    /// `enable.ssl.certificate.verification`.
    pub verify_certificate: bool,
    /// `ssl.endpoint.identification.algorithm`.
    pub endpoint_identification: EndpointIdentification,
}

/// SASL.
#[derive(Debug, Clone)]
pub struct SaslConfig {
    /// `sasl.mechanism`.
    pub mechanism: String,
    /// `sasl.username`.
    pub username: Option<Secret>,
    /// `sasl.password`.
    pub password: Option<Secret>,
    /// `enable.sasl.oauthbearer.unsecure.jwt`.
    pub unsecure_jwt: bool,
    /// OAUTHBEARER.
    pub oauthbearer: OauthbearerConfig,
}

/// SASL/OAUTHBEARER.
#[derive(Debug, Clone)]
pub struct OauthbearerConfig {
    /// `sasl.oauthbearer.method`.
    pub method: OauthbearerMethod,
    /// `sasl.oauthbearer.config`.
    pub config: Option<Secret>,
    /// `sasl.oauthbearer.client.id`.
    pub client_id: Option<String>,
    /// `sasl.oauthbearer.client.secret`.
    pub client_secret: Option<Secret>,
    /// `sasl.oauthbearer.scope`.
    pub scope: Option<String>,
    /// `sasl.oauthbearer.extensions`.
    pub extensions: Option<String>,
    /// `sasl.oauthbearer.token.endpoint.url`.
    pub token_endpoint_url: Option<String>,
    /// `sasl.oauthbearer.sub.claim.name`.
    pub sub_claim_name: String,
    /// `sasl.oauthbearer.grant.type`.
    pub grant_type: OauthbearerGrantType,
    /// `sasl.oauthbearer.metadata.authentication.type`.
    pub metadata_authentication: MetadataAuthentication,
    /// `https.ca.location`.
    pub https_ca_location: Option<String>,
    /// `https.ca.pem`.
    pub https_ca_pem: Option<String>,
    /// The JWT assertion.
    pub assertion: AssertionConfig,
}

/// The JWT assertion of the `jwt-bearer` grant (`sasl.oauthbearer.assertion.*`).
#[derive(Debug, Clone)]
pub struct AssertionConfig {
    /// `….algorithm`.
    pub algorithm: AssertionAlgorithm,
    /// `….file`.
    pub file: Option<String>,
    /// `….private.key.file`.
    pub private_key_file: Option<Secret>,
    /// `….private.key.pem`.
    pub private_key_pem: Option<Secret>,
    /// `….private.key.passphrase`.
    pub private_key_passphrase: Option<Secret>,
    /// `….jwt.template.file`.
    pub jwt_template_file: Option<String>,
    /// `….claim.aud`.
    pub claim_aud: Option<String>,
    /// `….claim.iss`.
    pub claim_iss: Option<String>,
    /// `….claim.sub`.
    pub claim_sub: Option<String>,
    /// `….claim.jti.include`.
    pub claim_jti_include: bool,
    /// `….claim.exp.seconds`.
    pub claim_exp_seconds: u32,
    /// `….claim.nbf.seconds`.
    pub claim_nbf_seconds: u32,
}

/// Group membership.
#[derive(Debug, Clone)]
pub struct GroupConfig {
    /// `group.id`; `None` when unset or empty.
    pub id: Option<String>,
    /// `group.instance.id`: static membership.
    pub instance_id: Option<String>,
    /// `group.protocol`.
    pub protocol: GroupProtocol,
    /// `group.protocol.type`.
    pub protocol_type: String,
    /// `group.remote.assignor`.
    pub remote_assignor: Option<String>,
    /// `partition.assignment.strategy`, in order of preference, none twice, all of one kind.
    pub assignors: Vec<AssignmentStrategy>,
    /// `session.timeout.ms`.
    pub session_timeout_ms: u32,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval_ms: u32,
    /// `max.poll.interval.ms`.
    pub max_poll_interval_ms: u32,
    /// `coordinator.query.interval.ms`.
    pub coordinator_query_interval_ms: u32,
}

/// Consuming.
#[derive(Debug, Clone)]
pub struct ConsumerConfig {
    /// `enable.auto.commit`.
    pub enable_auto_commit: bool,
    /// `auto.commit.interval.ms`; `None`: no commits by time.
    pub auto_commit_interval_ms: Option<u32>,
    /// `enable.auto.offset.store`.
    pub enable_auto_offset_store: bool,
    /// `queued.min.messages`.
    pub queued_min_messages: u32,
    /// `queued.max.messages.kbytes`, in bytes (a kbyte is 1000 bytes here, as in librdkafka).
    pub queued_max_bytes: u64,
    /// `fetch.wait.max.ms`.
    pub fetch_wait_max_ms: u32,
    /// `fetch.queue.backoff.ms`.
    pub fetch_queue_backoff_ms: u32,
    /// `fetch.error.backoff.ms`.
    pub fetch_error_backoff_ms: u32,
    /// `fetch.message.max.bytes`: per partition.
    pub fetch_message_max_bytes: u32,
    /// `fetch.max.bytes`: per response, at least `message.max.bytes`.
    pub fetch_max_bytes: u32,
    /// `fetch.min.bytes`.
    pub fetch_min_bytes: u32,
    /// `offset.store.method`.
    pub offset_store_method: OffsetStoreMethod,
    /// `isolation.level`.
    pub isolation_level: IsolationLevel,
    /// `enable.partition.eof`.
    pub enable_partition_eof: bool,
    /// `check.crcs`.
    pub check_crcs: bool,
}

/// Producing.
#[derive(Debug, Clone)]
pub struct ProducerConfig {
    /// `transactional.id`.
    pub transactional_id: Option<String>,
    /// `transaction.timeout.ms`.
    pub transaction_timeout_ms: u32,
    /// `enable.idempotence`; always true with a `transactional.id`.
    pub enable_idempotence: bool,
    /// `enable.gapless.guarantee`.
    pub enable_gapless_guarantee: bool,
    /// `queue.buffering.max.messages`; `None`: no limit.
    pub queue_max_messages: Option<u32>,
    /// `queue.buffering.max.kbytes`, in bytes.
    pub queue_max_bytes: u64,
    /// `linger.ms`, in microseconds (the property has fractions).
    pub linger_us: u64,
    /// `message.send.max.retries`.
    pub max_retries: u32,
    /// `queue.buffering.backpressure.threshold`.
    pub backpressure_threshold: u32,
    /// `batch.num.messages`.
    pub batch_max_messages: u32,
    /// `batch.size`.
    pub batch_max_bytes: u32,
    /// `delivery.report.only.error`.
    pub delivery_report_only_error: bool,
    /// `sticky.partitioning.linger.ms`; by default twice the linger; `None`: not sticky.
    pub sticky_partitioning_linger_ms: Option<u32>,
}

/// Everything one topic was configured with.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicConfig {
    /// `request.required.acks`: -1 all in-sync replicas, 0 none, 1 the leader.
    pub required_acks: i16,
    /// `request.timeout.ms`: how long the broker may wait for acknowledgements.
    pub request_timeout_ms: u32,
    /// `message.timeout.ms`; `None`: for ever.
    pub message_timeout_ms: Option<u32>,
    /// `queuing.strategy`.
    pub queuing_strategy: QueuingStrategy,
    /// `partitioner`, or the one given to `setPartitioner()`.
    pub partitioner: Partitioner,
    /// `compression.codec`, never *inherit*.
    pub compression: Compression,
    /// `compression.level`, within what the codec has; `None`: the codec's default.
    pub compression_level: Option<i32>,
    /// `auto.commit.enable` (legacy consumer).
    pub auto_commit_enable: bool,
    /// `auto.commit.interval.ms` of the topic (legacy consumer).
    pub auto_commit_interval_ms: u32,
    /// `auto.offset.reset`.
    pub auto_offset_reset: OffsetReset,
    /// `offset.store.method` of the topic (legacy consumer).
    pub offset_store_method: OffsetStoreMethod,
    /// `offset.store.path` (legacy consumer).
    pub offset_store_path: String,
    /// `offset.store.sync.interval.ms`; `None`: no syncing, 0: after each write.
    pub offset_store_sync_interval_ms: Option<u32>,
    /// `consume.callback.max.messages`; `None`: no limit.
    pub consume_callback_max_messages: Option<u32>,
}

/// The callbacks the application has set on the configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a set of independent facts")]
pub struct Callbacks {
    /// `dr_cb` or `dr_msg_cb`: delivery reports are wanted.
    pub delivery_report: bool,
    /// `error_cb`.
    pub error: bool,
    /// `throttle_cb`.
    pub throttle: bool,
    /// `stats_cb`.
    pub stats: bool,
    /// `consume_cb`.
    pub consume: bool,
    /// `rebalance_cb`.
    pub rebalance: bool,
    /// `offset_commit_cb`.
    pub offset_commit: bool,
    /// `oauthbearer_token_refresh_cb`.
    pub oauthbearer_token_refresh: bool,
}

/// Something the client should say in its log when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfWarning {
    /// Syslog level: 4 warning, 5 notice.
    pub level: u8,
    /// The facility of the log line, e.g. `CONFWARN`.
    pub facility: &'static str,
    /// The text.
    pub text: String,
}
