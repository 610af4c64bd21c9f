//! The global properties: librdkafka 2.15's, in its order, with its defaults and ranges.
//!
//! A table, and nothing else. Rows that librdkafka hides from its documentation are hidden here too.

use rdkafka_conf::{ChoiceName, FlagName, properties};

use super::{pattern, support};

/// A name of a choice.
const fn is(name: &'static str, value: i32) -> ChoiceName {
    ChoiceName { name, value }
}

/// A flag.
const fn bit(name: &'static str, bits: u32) -> FlagName {
    FlagName {
        name,
        bits,
        unsupported: None,
    }
}

const INT_MAX: i64 = i32::MAX as i64;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A feature that is there if `has` says so.
const fn feature(name: &'static str, bits: u32, has: bool) -> FlagName {
    let unsupported = if has {
        None
    } else {
        Some("not part of this client")
    };
    FlagName {
        name,
        bits,
        unsupported,
    }
}

const FEATURES: &[FlagName] = &[
    bit("gzip", 0x1),
    bit("snappy", 0x2),
    feature("ssl", 0x4, support::TLS),
    feature("sasl", 0x8, support::SASL),
    bit("regex", 0x10),
    bit("lz4", 0x20),
    feature("sasl_gssapi", 0x40, false),
    feature("sasl_plain", 0x80, support::SASL),
    feature("sasl_scram", 0x100, support::SASL),
    feature("plugins", 0x200, false),
    bit("zstd", 0x400),
    feature("sasl_oauthbearer", 0x800, support::SASL),
    feature("http", 0x1000, support::OIDC),
    feature("oidc", 0x2000, support::OIDC),
];

const DEBUG_CONTEXTS: &[FlagName] = &[
    bit("generic", 0x1),
    bit("broker", 0x2),
    bit("topic", 0x4),
    bit("metadata", 0x8),
    bit("feature", 0x10),
    bit("queue", 0x20),
    bit("msg", 0x40),
    bit("protocol", 0x80),
    bit("cgrp", 0x100),
    bit("security", 0x200),
    bit("fetch", 0x400),
    bit("interceptor", 0x800),
    bit("plugin", 0x1000),
    bit("consumer", 0x2000),
    bit("admin", 0x4000),
    bit("eos", 0x8000),
    bit("mock", 0x10000),
    bit("assignor", 0x20000),
    bit("conf", 0x40000),
    bit("telemetry", 0x80000),
    bit("all", 0xfffff),
];

const WINDOWS_ONLY: &str = "configuration only valid on Windows";

properties! {
    /// The global properties.
    pub static GLOBAL;

    /// What this build can do. Reading it lists the features; setting it to a list of features fails
    /// unless all of them are there.
    BUILTIN_FEATURES: Flags = flags("builtin.features", FEATURES, 0xffff);
    /// The name this client gives itself towards brokers, seen in their logs, metrics and quotas.
    CLIENT_ID: Text = text("client.id").or("rdkafka");
    /// The software name reported to brokers (KIP-511). Characters other than `a-zA-Z0-9.-` become `-`.
    CLIENT_SOFTWARE_NAME: Text = text("client.software.name").or("librdkafka").hidden();
    /// The software version reported to brokers (KIP-511).
    CLIENT_SOFTWARE_VERSION: Text = text("client.software.version").hidden();
    /// The brokers to ask first: a comma-separated list of `host` or `host:port` (port 9092 when left
    /// out). The others are learned from these.
    METADATA_BROKER_LIST: Text = text("metadata.broker.list").high();
    /// Another name of `metadata.broker.list`, and the usual one.
    BOOTSTRAP_SERVERS: Alias = alias("bootstrap.servers", "metadata.broker.list").high();
    /// The largest request the client sends. A batch can exceed it by one record; brokers and topics
    /// have limits of their own (`message.max.bytes`, `max.message.bytes`).
    MESSAGE_MAX_BYTES: Int = int("message.max.bytes", 1000..=1_000_000_000, 1_000_000).medium();
    /// Payloads up to this size are copied into the batch. Accepted for compatibility: records are
    /// always encoded straight into their batch.
    MESSAGE_COPY_MAX_BYTES: Int = int("message.copy.max.bytes", 0..=1_000_000_000, 0xffff);
    /// The largest response the client accepts, a guard against running out of memory. Raised to
    /// `fetch.max.bytes` + 512 unless set; if set it must be at least that.
    RECEIVE_MESSAGE_MAX_BYTES: Int =
        int("receive.message.max.bytes", 1000..=INT_MAX, 100_000_000).medium();
    /// How many requests may wait for their answer on one connection. An idempotent producer takes at
    /// most 5.
    MAX_IN_FLIGHT: Int =
        int("max.in.flight.requests.per.connection", 1..=1_000_000, 1_000_000);
    /// Another name of `max.in.flight.requests.per.connection`.
    MAX_IN_FLIGHT_ALIAS: Alias = alias("max.in.flight", "max.in.flight.requests.per.connection");
    /// What to do when no known broker can be reached: `rebootstrap` starts again from
    /// `bootstrap.servers`, `none` keeps trying the brokers last known.
    METADATA_RECOVERY_STRATEGY: Choice =
        choice("metadata.recovery.strategy", &[is("none", 0), is("rebootstrap", 1)], 1);
    /// With `metadata.recovery.strategy=rebootstrap`, how long metadata may fail to arrive before the
    /// client starts again from `bootstrap.servers`; 0: only when no known broker can be reached.
    METADATA_RECOVERY_REBOOTSTRAP_TRIGGER_MS: Int =
        int("metadata.recovery.rebootstrap.trigger.ms", 0..=INT_MAX, 300_000);
    /// Not used.
    METADATA_REQUEST_TIMEOUT_MS: Int =
        int("metadata.request.timeout.ms", 10..=900_000, 10).deprecated().hidden();
    /// How often metadata is refreshed, to find new brokers, topics, partitions and leaders; -1 turns
    /// it off. With no topic in use only the list of brokers is asked for, at most every 10 seconds.
    TOPIC_METADATA_REFRESH_INTERVAL_MS: Int =
        int("topic.metadata.refresh.interval.ms", -1..=HOUR_MS, 300_000);
    /// How long metadata is trusted. Three times `topic.metadata.refresh.interval.ms` unless set.
    METADATA_MAX_AGE_MS: Int = int("metadata.max.age.ms", 1..=DAY_MS, 900_000);
    /// When a partition has no leader, metadata is asked for at once and then again after this time,
    /// doubled each time up to `retry.backoff.max.ms`. `retry.backoff.ms` unless set.
    TOPIC_METADATA_REFRESH_FAST_INTERVAL_MS: Int =
        int("topic.metadata.refresh.fast.interval.ms", 1..=60_000, 100);
    /// No longer used.
    TOPIC_METADATA_REFRESH_FAST_CNT: Int =
        int("topic.metadata.refresh.fast.cnt", 0..=1000, 10).deprecated();
    /// Ask only for metadata of topics in use rather than of all.
    TOPIC_METADATA_REFRESH_SPARSE: Bool = boolean("topic.metadata.refresh.sparse", true);
    /// How long a topic that the cluster does not know may still appear, counted from its first use.
    /// Records for it wait meanwhile and then fail with `ERR__UNKNOWN_TOPIC`.
    TOPIC_METADATA_PROPAGATION_MAX_MS: Int =
        int("topic.metadata.propagation.max.ms", 0..=HOUR_MS, 30_000);
    /// Topics to treat as if they did not exist: a comma-separated list of regular expressions; a comma
    /// inside one is written twice.
    TOPIC_BLACKLIST: Patterns = patterns("topic.blacklist", pattern::check_list);
    /// What to write to the log in detail: a comma-separated list. For producers try
    /// `broker,topic,msg`, for consumers `consumer,cgrp,topic,fetch`. A `-` before a context takes it
    /// away again.
    DEBUG: Flags = flags("debug", DEBUG_CONTEXTS, 0).medium();
    /// How long an answer may take. Produce requests wait no longer than the first record of the batch
    /// has left of its `message.timeout.ms`; fetch requests get `fetch.wait.max.ms` on top.
    SOCKET_TIMEOUT_MS: Int = int("socket.timeout.ms", 10..=300_000, 60_000);
    /// No longer used.
    SOCKET_BLOCKING_MAX_MS: Int = int("socket.blocking.max.ms", 1..=60_000, 1000).deprecated();
    /// Size of a socket's send buffer; 0 leaves it to the system.
    SOCKET_SEND_BUFFER_BYTES: Int = int("socket.send.buffer.bytes", 0..=100_000_000, 0);
    /// Size of a socket's receive buffer; 0 leaves it to the system.
    SOCKET_RECEIVE_BUFFER_BYTES: Int = int("socket.receive.buffer.bytes", 0..=100_000_000, 0);
    /// Let the system probe idle connections (`SO_KEEPALIVE`).
    SOCKET_KEEPALIVE_ENABLE: Bool = boolean("socket.keepalive.enable", false);
    /// Send small packets at once (`TCP_NODELAY`).
    SOCKET_NAGLE_DISABLE: Bool = boolean("socket.nagle.disable", true);
    /// After how many failed requests, such as timed-out ones, a connection is closed and made anew; 0
    /// never does it. Leave it at 1.
    SOCKET_MAX_FAILS: Int = int("socket.max.fails", 0..=1_000_000, 1);
    /// How long the addresses of a broker's host name are remembered, in milliseconds.
    BROKER_ADDRESS_TTL: Int = int("broker.address.ttl", 0..=DAY_MS, 1000);
    /// Which addresses of brokers may be used: IPv4, IPv6 or both.
    BROKER_ADDRESS_FAMILY: Choice =
        choice("broker.address.family", &[is("any", 0), is("v4", 2), is("v6", 10)], 0);
    /// How long a new connection may take until it can be used, TLS and SASL included.
    SOCKET_CONNECTION_SETUP_TIMEOUT_MS: Int =
        int("socket.connection.setup.timeout.ms", 1000..=INT_MAX, 30_000).medium();
    /// Close connections that were idle for so long; 0 never does it. Unless set, 230000 when a
    /// bootstrap server is one of Azure's, which drops idle connections silently after 4 minutes.
    CONNECTIONS_MAX_IDLE_MS: Int = int("connections.max.idle.ms", 0..=INT_MAX, 0).medium();
    /// Connect only to brokers that are needed.
    ENABLE_SPARSE_CONNECTIONS: Bool = boolean("enable.sparse.connections", true).medium().hidden();
    /// No longer used. See `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
    RECONNECT_BACKOFF_JITTER_MS: Int =
        int("reconnect.backoff.jitter.ms", 0..=HOUR_MS, 0).deprecated();
    /// How long to wait before the first reconnect to a broker, doubled with each further one up to
    /// `reconnect.backoff.max.ms`, less 25 % to plus 50 % by chance; 0 reconnects at once.
    RECONNECT_BACKOFF_MS: Int = int("reconnect.backoff.ms", 0..=HOUR_MS, 100).medium();
    /// The longest wait before a reconnect to a broker.
    RECONNECT_BACKOFF_MAX_MS: Int = int("reconnect.backoff.max.ms", 0..=HOUR_MS, 10_000).medium();
    /// How often statistics are handed to the statistics callback, in steps of a second; 0 never.
    STATISTICS_INTERVAL_MS: Int = int("statistics.interval.ms", 0..=DAY_MS, 0).high();
    /// Bits of the event types to be queued. For bindings in C; accepted and not used here.
    ENABLED_EVENTS: Int = int("enabled_events", 0..=INT_MAX, 0);
    /// Called with errors of the client (`Conf::setErrorCb()`).
    ERROR_CB: Opaque = pointer("error_cb", false);
    /// Called when a broker throttles the client.
    THROTTLE_CB: Opaque = pointer("throttle_cb", false);
    /// Called with statistics (`Conf::setStatsCb()`).
    STATS_CB: Opaque = pointer("stats_cb", false);
    /// Called with log lines (`Conf::setLogCb()`); without it they go to standard error.
    LOG_CB: Opaque = pointer("log_cb", true);
    /// The least important log lines shown, as a syslog level: 3 errors, 4 warnings, 6 information, 7
    /// debugging. Any context in `debug` makes it 7.
    LOG_LEVEL: Int = int("log_level", 0..=7, 6);
    /// Hand log lines over when the application polls rather than at once.
    LOG_QUEUE: Bool = boolean("log.queue", false);
    /// Name the thread in log lines.
    LOG_THREAD_NAME: Bool = boolean("log.thread.name", true);
    /// Accepted for compatibility: the client's random numbers need no seed from outside.
    ENABLE_RANDOM_SEED: Bool = boolean("enable.random.seed", true);
    /// Say in the log when a broker closes a connection.
    LOG_CONNECTION_CLOSE: Bool = boolean("log.connection.close", true);
    /// Called with events in the background. For bindings in C.
    BACKGROUND_EVENT_CB: Opaque = pointer("background_event_cb", false);
    /// Called to make a socket. For bindings in C.
    SOCKET_CB: Opaque = pointer("socket_cb", true);
    /// Called to connect a socket. For bindings in C.
    CONNECT_CB: Opaque = pointer("connect_cb", false);
    /// Called to close a socket. For bindings in C.
    CLOSESOCKET_CB: Opaque = pointer("closesocket_cb", false);
    /// Called to open a file. For bindings in C.
    OPEN_CB: Opaque = pointer("open_cb", true);
    /// Called to resolve a host name. For bindings in C.
    RESOLVE_CB: Opaque = pointer("resolve_cb", false);
    /// A pointer handed to callbacks. For bindings in C.
    OPAQUE: Opaque = pointer("opaque", false);
    /// The configuration of topics that have none of their own (`Conf::setDefaultTopicConf()`). Setting a
    /// topic property on the global configuration makes one.
    DEFAULT_TOPIC_CONF: Opaque = pointer("default_topic_conf", false);
    /// The signal librdkafka wakes its threads with to end quickly. Accepted and not needed here: no
    /// thread of this client sleeps where it cannot be woken.
    INTERNAL_TERMINATION_SIGNAL: Int = int("internal.termination.signal", 0..=128, 0);
    /// Ask brokers which versions of requests they know, as all since Kafka 0.10 can tell. When false, what
    /// `broker.version.fallback` knew is assumed, if that is older; otherwise they are asked all the same.
    API_VERSION_REQUEST: Bool = boolean("api.version.request", true).high().deprecated();
    /// How long the answer to that question may take.
    API_VERSION_REQUEST_TIMEOUT_MS: Int =
        int("api.version.request.timeout.ms", 1..=300_000, 10_000);
    /// How long a broker that hung up on that question is taken for a `broker.version.fallback` before it is
    /// asked again; at least for the next connection.
    API_VERSION_FALLBACK_MS: Int =
        int("api.version.fallback.ms", 0..=7 * DAY_MS, 0).medium().deprecated();
    /// The release that a broker is taken for which cannot be asked or shall not be: 0.9.0, 0.8.2, 0.8.1 or
    /// 0.8.0. With a later one nothing is assumed.
    BROKER_VERSION_FALLBACK: Text = text("broker.version.fallback")
        .or("0.10.0").checked(super::checks::is_broker_version).medium().deprecated();
    /// Let the broker create topics that are subscribed to, assigned or produced to, if its
    /// `auto.create.topics.enable` allows it. Unless set, true for producers and false for consumers.
    ALLOW_AUTO_CREATE_TOPICS: Bool = boolean("allow.auto.create.topics", false);

    /// How to talk to brokers: plainly or over TLS (`ssl`), with or without SASL authentication.
    SECURITY_PROTOCOL: Choice = choice(
        "security.protocol",
        &[is("plaintext", 0), is("ssl", 1), is("sasl_plaintext", 2), is("sasl_ssl", 3)],
        0,
    ).high();
    /// The TLS cipher suites to offer, as OpenSSL names them, separated by `:`.
    SSL_CIPHER_SUITES: Text = text("ssl.cipher.suites");
    /// The elliptic curves to offer in TLS, separated by `:`.
    SSL_CURVES_LIST: Text = text("ssl.curves.list");
    /// The signature algorithms to offer in TLS. The TLS library here offers the safe ones and no others:
    /// setting it is an error when a client that uses TLS is made.
    SSL_SIGALGS_LIST: Text = text("ssl.sigalgs.list");
    /// Path of the client's private key (PEM).
    SSL_KEY_LOCATION: Text = text("ssl.key.location").sensitive();
    /// Passphrase of the client's private key.
    SSL_KEY_PASSWORD: Text = text("ssl.key.password").sensitive();
    /// The client's private key itself (PEM).
    SSL_KEY_PEM: Text = text("ssl.key.pem").sensitive();
    /// The client's private key as set by code. For bindings in C.
    SSL_KEY: Alias = internal("ssl_key").sensitive();
    /// Path of the client's certificate (PEM).
    SSL_CERTIFICATE_LOCATION: Text = text("ssl.certificate.location");
    /// The client's certificate itself (PEM).
    SSL_CERTIFICATE_PEM: Text = text("ssl.certificate.pem");
    /// The client's certificate as set by code. For bindings in C.
    SSL_CERTIFICATE: Alias = internal("ssl_certificate");
    /// File or directory of the CA certificates that brokers' certificates are checked against. Not set,
    /// or `probe`, means the system's.
    SSL_CA_LOCATION: Text = text("ssl.ca.location");
    /// File or directory of the CA certificates that HTTPS servers, such as an OIDC token endpoint, are
    /// checked against. Not set, or `probe`, means the system's. Not together with `https.ca.pem`.
    HTTPS_CA_LOCATION: Text = text("https.ca.location");
    /// CA certificates for HTTPS servers themselves (PEM). Not together with `https.ca.location`.
    HTTPS_CA_PEM: Text = text("https.ca.pem");
    /// CA certificates for brokers themselves (PEM).
    SSL_CA_PEM: Text = text("ssl.ca.pem").sensitive();
    /// The CA certificate as set by code. For bindings in C.
    SSL_CA: Alias = internal("ssl_ca");
    /// Windows certificate stores to take CA certificates from.
    SSL_CA_CERTIFICATE_STORES: Text =
        text("ssl.ca.certificate.stores").or("Root").unsupported(WINDOWS_ONLY);
    /// Path of a certificate revocation list that brokers' certificates are checked against.
    SSL_CRL_LOCATION: Text = text("ssl.crl.location");
    /// Path of the client's key store (PKCS#12).
    SSL_KEYSTORE_LOCATION: Text = text("ssl.keystore.location");
    /// Password of the client's key store.
    SSL_KEYSTORE_PASSWORD: Text = text("ssl.keystore.password").sensitive();
    /// OpenSSL providers to load. There is no OpenSSL here: setting it is an error when a client that
    /// uses TLS is made.
    SSL_PROVIDERS: Text = text("ssl.providers");
    /// Path of an OpenSSL engine. There is no OpenSSL here: setting it is an error when a client that
    /// uses TLS is made.
    SSL_ENGINE_LOCATION: Text = text("ssl.engine.location").deprecated();
    /// Name of the OpenSSL engine of `ssl.engine.location`. Not used: there is no OpenSSL here.
    SSL_ENGINE_ID: Text = text("ssl.engine.id").or("dynamic");
    /// Data for an OpenSSL engine. For bindings in C.
    SSL_ENGINE_CALLBACK_DATA: Opaque = pointer("ssl_engine_callback_data", false);
    /// Check brokers' certificates.
    ENABLE_SSL_CERTIFICATE_VERIFICATION: Bool = boolean("enable.ssl.certificate.verification", true);
    /// Whether the name in a broker's certificate must be its host name (`https`) or not (`none`).
    SSL_ENDPOINT_IDENTIFICATION_ALGORITHM: Choice = choice(
        "ssl.endpoint.identification.algorithm", &[is("none", 0), is("https", 1)], 1,
    );
    /// Called to check a broker's certificate. For bindings in C.
    SSL_CERTIFICATE_VERIFY_CB: Opaque = pointer("ssl.certificate.verify_cb", false);
    /// A property of the Java client.
    SSL_TRUSTSTORE_LOCATION: Alias = refused(
        "ssl.truststore.location",
        "Java TrustStores are not supported, use `ssl.ca.location` and a certificate file instead. See \
         https://github.com/confluentinc/librdkafka/wiki/Using-SSL-with-librdkafka for more information.",
    );
    /// A property of the Java client.
    SASL_JAAS_CONFIG: Alias = refused(
        "sasl.jaas.config",
        "Java JAAS configuration is not supported, see \
         https://github.com/confluentinc/librdkafka/wiki/Using-SASL-with-librdkafka for more information.",
    );
    /// How to authenticate: `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` or `OAUTHBEARER`, one of them.
    /// `GSSAPI` (Kerberos), the default for librdkafka's sake, is an error when a client that uses SASL
    /// is made.
    SASL_MECHANISMS: Text =
        text("sasl.mechanisms").or("GSSAPI").checked(super::checks::is_single_item).high();
    /// Another name of `sasl.mechanisms`, and the usual one.
    SASL_MECHANISM: Alias = alias("sasl.mechanism", "sasl.mechanisms").high();
    /// The Kerberos name of the brokers' service. Not used without Kerberos.
    SASL_KERBEROS_SERVICE_NAME: Text = text("sasl.kerberos.service.name").or("kafka");
    /// The Kerberos name of this client. Not used without Kerberos.
    SASL_KERBEROS_PRINCIPAL: Text = text("sasl.kerberos.principal").or("kafkaclient");
    /// The shell command that gets a Kerberos ticket. Never run: there is no Kerberos here.
    SASL_KERBEROS_KINIT_CMD: Text = text("sasl.kerberos.kinit.cmd").or(
        "kinit -R -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal} || \
         kinit -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal}",
    );
    /// Path of a Kerberos key table. Not used without Kerberos.
    SASL_KERBEROS_KEYTAB: Text = text("sasl.kerberos.keytab");
    /// The shortest time between two refreshes of the Kerberos ticket. Not used without Kerberos.
    SASL_KERBEROS_MIN_TIME_BEFORE_RELOGIN: Int =
        int("sasl.kerberos.min.time.before.relogin", 0..=DAY_MS, 60_000);
    /// User name for `PLAIN` and `SCRAM-SHA-…`.
    SASL_USERNAME: Text = text("sasl.username").high().sensitive();
    /// Password for `PLAIN` and `SCRAM-SHA-…`.
    SASL_PASSWORD: Text = text("sasl.password").high().sensitive();
    /// What OAUTHBEARER is told, in the format of the method that makes the tokens. The unsecured test
    /// tokens take `name=value` pairs separated by spaces: `principalClaimName` (`sub`), `principal`,
    /// `scopeClaimName` (`scope`), `scope` (comma-separated), `lifeSeconds` (3600) and
    /// `extension_NAME`, e.g. `principal=admin scope=role1,role2 lifeSeconds=600`.
    SASL_OAUTHBEARER_CONFIG: Text = text("sasl.oauthbearer.config").sensitive();
    /// Make unsecured tokens for OAUTHBEARER when no token callback is set. For tests only.
    ENABLE_SASL_OAUTHBEARER_UNSECURE_JWT: Bool =
        boolean("enable.sasl.oauthbearer.unsecure.jwt", false);
    /// Called when a new OAUTHBEARER token is needed (`Conf::setOauthbearerTokenRefreshCb()`).
    OAUTHBEARER_TOKEN_REFRESH_CB: Opaque = pointer("oauthbearer_token_refresh_cb", false);
    /// Hand token requests over on a queue of their own. For bindings in C.
    ENABLE_SASL_QUEUE: Bool = boolean("enable_sasl_queue", false).hidden();
    /// Where OAUTHBEARER tokens come from: the callback (`default`), or a token endpoint (`oidc`), which
    /// needs `sasl.oauthbearer.token.endpoint.url` and credentials.
    SASL_OAUTHBEARER_METHOD: Choice =
        choice("sasl.oauthbearer.method", &[is("default", 0), is("oidc", 1)], 0);
    /// The application's id at the token endpoint. With `sasl.oauthbearer.method=oidc` only.
    SASL_OAUTHBEARER_CLIENT_ID: Text = text("sasl.oauthbearer.client.id");
    /// Another name of `sasl.oauthbearer.client.id`.
    SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_ID: Alias =
        alias("sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id");
    /// Another name of `sasl.oauthbearer.client.secret`.
    SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_SECRET: Alias = alias(
        "sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret",
    );
    /// The application's secret at the token endpoint. With `sasl.oauthbearer.method=oidc` only.
    SASL_OAUTHBEARER_CLIENT_SECRET: Text = text("sasl.oauthbearer.client.secret").sensitive();
    /// The scope to ask tokens for. With `sasl.oauthbearer.method=oidc` only.
    SASL_OAUTHBEARER_SCOPE: Text = text("sasl.oauthbearer.scope");
    /// SASL extensions for the broker, `key=value` pairs separated by commas. With
    /// `sasl.oauthbearer.method=oidc` only.
    SASL_OAUTHBEARER_EXTENSIONS: Text = text("sasl.oauthbearer.extensions");
    /// The URL tokens are asked from. With `sasl.oauthbearer.method=oidc` only.
    SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL: Text = text("sasl.oauthbearer.token.endpoint.url");
    /// The claim of a token that names the principal; it must be in the token and not be empty, and
    /// should be the one the broker looks at. With `sasl.oauthbearer.method=oidc` only.
    SASL_OAUTHBEARER_SUB_CLAIM_NAME: Text = text("sasl.oauthbearer.sub.claim.name").or("sub");
    /// The OAuth grant tokens are asked with.
    SASL_OAUTHBEARER_GRANT_TYPE: Choice = choice(
        "sasl.oauthbearer.grant.type",
        &[is("client_credentials", 0), is("urn:ietf:params:oauth:grant-type:jwt-bearer", 1)],
        0,
    );
    /// How the JWT assertion is signed.
    SASL_OAUTHBEARER_ASSERTION_ALGORITHM: Choice =
        choice("sasl.oauthbearer.assertion.algorithm", &[is("RS256", 0), is("ES256", 1)], 0);
    /// Path of the private key (PEM) the JWT assertion is signed with.
    SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_FILE: Text =
        text("sasl.oauthbearer.assertion.private.key.file").sensitive();
    /// Passphrase of the private key the JWT assertion is signed with.
    SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_PASSPHRASE: Text =
        text("sasl.oauthbearer.assertion.private.key.passphrase").sensitive();
    /// The private key itself (PEM) the JWT assertion is signed with.
    SASL_OAUTHBEARER_ASSERTION_PRIVATE_KEY_PEM: Text =
        text("sasl.oauthbearer.assertion.private.key.pem").sensitive();
    /// Path of a ready-made JWT assertion, instead of signing one.
    SASL_OAUTHBEARER_ASSERTION_FILE: Text = text("sasl.oauthbearer.assertion.file");
    /// The audience claim of the JWT assertion.
    SASL_OAUTHBEARER_ASSERTION_CLAIM_AUD: Text = text("sasl.oauthbearer.assertion.claim.aud");
    /// For how many seconds the JWT assertion is valid.
    SASL_OAUTHBEARER_ASSERTION_CLAIM_EXP_SECONDS: Int =
        int("sasl.oauthbearer.assertion.claim.exp.seconds", 1..=INT_MAX, 300);
    /// The issuer claim of the JWT assertion.
    SASL_OAUTHBEARER_ASSERTION_CLAIM_ISS: Text = text("sasl.oauthbearer.assertion.claim.iss");
    /// Put a random id into the JWT assertion.
    SASL_OAUTHBEARER_ASSERTION_CLAIM_JTI_INCLUDE: Bool =
        boolean("sasl.oauthbearer.assertion.claim.jti.include", false);
    /// For how many seconds before now the JWT assertion is already valid.
    SASL_OAUTHBEARER_ASSERTION_CLAIM_NBF_SECONDS: Int =
        int("sasl.oauthbearer.assertion.claim.nbf.seconds", 0..=INT_MAX, 60);
    /// The subject claim of the JWT assertion.
    SASL_OAUTHBEARER_ASSERTION_CLAIM_SUB: Text = text("sasl.oauthbearer.assertion.claim.sub");
    /// Path of a template of the JWT assertion.
    SASL_OAUTHBEARER_ASSERTION_JWT_TEMPLATE_FILE: Text =
        text("sasl.oauthbearer.assertion.jwt.template.file");
    /// Get tokens from a cloud's metadata service: `azure_imds` (which has a token endpoint of its own)
    /// or `aws_iam`; details go into `sasl.oauthbearer.config`.
    SASL_OAUTHBEARER_METADATA_AUTHENTICATION_TYPE: Choice = choice(
        "sasl.oauthbearer.metadata.authentication.type",
        &[is("none", 0), is("azure_imds", 1), is("aws_iam", 2)],
        0,
    );

    /// Plugin libraries for librdkafka, separated by `;`. They cannot be loaded here: setting it is an
    /// error when the client is made.
    PLUGIN_LIBRARY_PATHS: Text = text("plugin.library.paths");
    /// Interceptors added by code. For bindings in C.
    INTERCEPTORS: Alias = internal("interceptors");

    /// How many brokers the embedded broker of this process shall have; 0 does not start it. Overrides
    /// `bootstrap.servers` and `security.protocol`.
    TEST_MOCK_NUM_BROKERS: Int = int("test.mock.num.brokers", 0..=10_000, 0).hidden();
    /// By how many milliseconds the embedded broker delays its answers.
    TEST_MOCK_BROKER_RTT: Int = int("test.mock.broker.rtt", 0..=HOUR_MS, 0).hidden();
    /// A hook of librdkafka's own tests.
    UT_HANDLE_PRODUCE_RESPONSE: Opaque = pointer("ut_handle_ProduceResponse", false).hidden();

    /// The consumer group to belong to. All clients with the same name share the partitions.
    GROUP_ID: Text = text("group.id").consumer().high();
    /// Makes this client a static member of its group: it may leave and come back within
    /// `session.timeout.ms` without a rebalance. Wants a longer `session.timeout.ms` and brokers from
    /// 2.3 on.
    GROUP_INSTANCE_ID: Text = text("group.instance.id").consumer().medium();
    /// How partitions are shared out: `range`, `roundrobin` or `cooperative-sticky`, or several in order
    /// of preference; the group takes one that all members know. Eager ones and the cooperative one do
    /// not mix. Not with `group.protocol=consumer`, which has `group.remote.assignor`.
    PARTITION_ASSIGNMENT_STRATEGY: Text =
        text("partition.assignment.strategy").or("range,roundrobin").consumer().medium();
    /// How long the group waits for a sign of life before it gives this member's partitions to others.
    /// The broker allows values from `group.min.session.timeout.ms` to `group.max.session.timeout.ms`.
    /// Not with `group.protocol=consumer`, where the broker decides.
    SESSION_TIMEOUT_MS: Int = int("session.timeout.ms", 1..=HOUR_MS, 45_000).consumer().high();
    /// How often to give a sign of life. Not with `group.protocol=consumer`, where the broker decides.
    HEARTBEAT_INTERVAL_MS: Int = int("heartbeat.interval.ms", 1..=HOUR_MS, 3000).consumer();
    /// The kind of group in the classic protocol. Only `consumer` makes sense.
    GROUP_PROTOCOL_TYPE: Text = verbatim("group.protocol.type").or("consumer").consumer();
    /// The protocol of groups: `classic`, or `consumer` for the newer one in which the broker shares out
    /// the partitions (KIP-848).
    GROUP_PROTOCOL: Choice =
        choice("group.protocol", &[is("classic", 0), is("consumer", 1)], 0).consumer().high();
    /// With `group.protocol=consumer`, how the broker shares out partitions: `uniform` or `range`. Not
    /// set, the broker chooses.
    GROUP_REMOTE_ASSIGNOR: Text = text("group.remote.assignor").consumer().medium();
    /// How often to ask which broker coordinates the group; ten times as often while it is gone.
    COORDINATOR_QUERY_INTERVAL_MS: Int =
        int("coordinator.query.interval.ms", 1..=HOUR_MS, 600_000).consumer();
    /// How long the application may take between two calls that consume before its partitions are given
    /// to other members. For long work set `enable.auto.offset.store=false` and store offsets when the
    /// work is done. Checked twice a second.
    MAX_POLL_INTERVAL_MS: Int = int("max.poll.interval.ms", 1..=DAY_MS, 300_000).consumer().high();
    /// Commit offsets in the background. False does not keep the consumer from starting at offsets
    /// committed earlier; only `assign()` with offsets does.
    ENABLE_AUTO_COMMIT: Bool = boolean("enable.auto.commit", true).consumer().high();
    /// How often offsets are committed in the background; 0 never. For the high-level consumer.
    AUTO_COMMIT_INTERVAL_MS: Int =
        int("auto.commit.interval.ms", 0..=DAY_MS, 5000).consumer().medium();
    /// Store the offset of each message handed to the application, for the next commit.
    ENABLE_AUTO_OFFSET_STORE: Bool = boolean("enable.auto.offset.store", true).consumer().high();
    /// How many messages per partition the client tries to have fetched in advance.
    QUEUED_MIN_MESSAGES: Int =
        int("queued.min.messages", 1..=10_000_000, 100_000).consumer().medium();
    /// How many kilobytes of messages may be fetched in advance: all partitions together for the
    /// high-level consumer, each partition for the legacy one. Goes before `queued.min.messages`, and
    /// may be exceeded by `fetch.message.max.bytes`.
    QUEUED_MAX_MESSAGES_KBYTES: Int =
        int("queued.max.messages.kbytes", 1..=INT_MAX / 1024, 0x10000).consumer().medium();
    /// How long the broker may wait for `fetch.min.bytes` to come together.
    FETCH_WAIT_MAX_MS: Int = int("fetch.wait.max.ms", 0..=300_000, 500).consumer();
    /// How long not to fetch a partition that has enough messages in advance. Accepted for
    /// compatibility: fetching goes on as soon as there is room.
    FETCH_QUEUE_BACKOFF_MS: Int =
        int("fetch.queue.backoff.ms", 0..=300_000, 1000).consumer().medium();
    /// How many bytes of a partition to ask for at once. A larger batch is still delivered.
    FETCH_MESSAGE_MAX_BYTES: Int =
        int("fetch.message.max.bytes", 1..=1_000_000_000, 1_048_576).consumer().medium();
    /// Another name of `fetch.message.max.bytes`.
    MAX_PARTITION_FETCH_BYTES: Alias =
        alias("max.partition.fetch.bytes", "fetch.message.max.bytes").consumer().medium();
    /// How many bytes a fetch response may have altogether. If the first batch alone is larger it is
    /// still delivered. Raised to `message.max.bytes` unless set; if set it must be at least that.
    FETCH_MAX_BYTES: Int =
        int("fetch.max.bytes", 0..=INT_MAX - 512, 52_428_800).consumer().medium();
    /// How many bytes the broker shall have together before it answers, unless `fetch.wait.max.ms` ends
    /// before. At most 100000000.
    FETCH_MIN_BYTES: Int = int("fetch.min.bytes", 0..=INT_MAX, 1).consumer();
    /// How long not to fetch a partition after an error.
    FETCH_ERROR_BACKOFF_MS: Int =
        int("fetch.error.backoff.ms", 0..=300_000, 500).consumer().medium();
    /// Where offsets are kept: on the `broker`, in a local `file` (legacy consumer), or nowhere.
    OFFSET_STORE_METHOD: Choice = choice(
        "offset.store.method", &[is("none", 0), is("file", 1), is("broker", 2)], 2,
    ).consumer().deprecated();
    /// Which messages of transactions to deliver: those of committed ones (`read_committed`), or all,
    /// those of aborted ones too (`read_uncommitted`).
    ISOLATION_LEVEL: Choice = choice(
        "isolation.level", &[is("read_uncommitted", 0), is("read_committed", 1)], 1,
    ).consumer().high();
    /// Called with each message (`Conf::setConsumeCb()`).
    CONSUME_CB: Opaque = pointer("consume_cb", false).consumer();
    /// Called when partitions are assigned or taken away (`Conf::setRebalanceCb()`).
    REBALANCE_CB: Opaque = pointer("rebalance_cb", false).consumer();
    /// Called with the outcome of offset commits (`Conf::setOffsetCommitCb()`).
    OFFSET_COMMIT_CB: Opaque = pointer("offset_commit_cb", false).consumer();
    /// Deliver `RD_KAFKA_RESP_ERR__PARTITION_EOF` each time the end of a partition is reached.
    ENABLE_PARTITION_EOF: Bool = boolean("enable.partition.eof", false).consumer();
    /// Check the CRC of consumed batches.
    CHECK_CRCS: Bool = boolean("check.crcs", false).consumer().medium();
    /// Where this client stands, in the sense of the brokers' `broker.rack`. Empty means nowhere.
    CLIENT_RACK: Text = verbatim("client.rack").or("");
    /// How many records a share consumer takes at once. Accepted and not used: there is no share
    /// consumer in the PHP API.
    MAX_POLL_RECORDS: Int = int("max.poll.records", 1..=INT_MAX, 500).consumer();
    /// How share consumers acknowledge. Accepted and not used: there is no share consumer in the PHP API.
    SHARE_ACKNOWLEDGEMENT_MODE: Text =
        text("share.acknowledgement.mode").or("implicit").consumer().medium();

    /// Makes the producer transactional. The name tells the same producer before and after a restart:
    /// what it left open is ended, and older instances are fenced off. Wants brokers from 0.11 on.
    TRANSACTIONAL_ID: Text = text("transactional.id").producer().high();
    /// How long a transaction may stay open before the broker aborts it; the broker limits it by
    /// `transaction.max.timeout.ms`. Unless set themselves, `message.timeout.ms` and `socket.timeout.ms`
    /// follow it. Also the time limit of transaction calls given none.
    TRANSACTION_TIMEOUT_MS: Int =
        int("transaction.timeout.ms", 1000..=INT_MAX, 60_000).producer().medium();
    /// Write each record exactly once and in order, whatever has to be sent again. Takes
    /// `max.in.flight.requests.per.connection` of at most 5, `retries` of at least 1 and `acks=all`, and
    /// sets them so unless they are set otherwise, which is an error.
    ENABLE_IDEMPOTENCE: Bool = boolean("enable.idempotence", false).producer().high();
    /// Treat a failed batch that would leave a gap in the order of records as a fatal error. Wants
    /// `enable.idempotence=true`. Records that fail by `message.timeout.ms` do not count.
    ENABLE_GAPLESS_GUARANTEE: Bool =
        boolean("enable.gapless.guarantee", false).producer().experimental();
    /// How many records may wait in the producer, all topics together; 0 means no limit.
    QUEUE_BUFFERING_MAX_MESSAGES: Int =
        int("queue.buffering.max.messages", 0..=INT_MAX, 100_000).producer().high();
    /// How many kilobytes of records may wait in the producer, all topics together.
    QUEUE_BUFFERING_MAX_KBYTES: Int =
        int("queue.buffering.max.kbytes", 1..=INT_MAX, 0x10_0000).producer().high();
    /// How long to wait for more records before a batch is sent, in milliseconds. Longer makes larger
    /// batches, and records arrive later.
    QUEUE_BUFFERING_MAX_MS: Float =
        float("queue.buffering.max.ms", 0.0..=900_000.0, 5.0).producer().high();
    /// Another name of `queue.buffering.max.ms`, and the usual one.
    LINGER_MS: Alias = alias("linger.ms", "queue.buffering.max.ms").producer().high();
    /// How often to send a failed batch again. Without `enable.idempotence` this can change the order of
    /// records.
    MESSAGE_SEND_MAX_RETRIES: Int =
        int("message.send.max.retries", 0..=INT_MAX, INT_MAX).producer().high();
    /// Another name of `message.send.max.retries`.
    RETRIES: Alias = alias("retries", "message.send.max.retries").producer();
    /// How long to wait before a failed request is sent again, doubled with each further time up to
    /// `retry.backoff.max.ms`.
    RETRY_BACKOFF_MS: Int = int("retry.backoff.ms", 1..=300_000, 100).medium();
    /// The longest wait before a failed request is sent again.
    RETRY_BACKOFF_MAX_MS: Int = int("retry.backoff.max.ms", 1..=300_000, 1000).medium();
    /// How many requests may wait to be written to a broker before batches are held back to grow. Less
    /// makes larger batches.
    QUEUE_BUFFERING_BACKPRESSURE_THRESHOLD: Int =
        int("queue.buffering.backpressure.threshold", 1..=1_000_000, 1).producer();
    /// How batches are compressed, unless the topic says otherwise.
    COMPRESSION_CODEC: Choice = choice(
        "compression.codec",
        &[is("none", 0), is("gzip", 1), is("snappy", 2), is("lz4", 3), is("zstd", 4)],
        0,
    ).producer().medium();
    /// Another name of `compression.codec`, and the usual one.
    COMPRESSION_TYPE: Alias = alias("compression.type", "compression.codec").producer().medium();
    /// How many records a batch may have. `batch.size` and `message.max.bytes` limit it too.
    BATCH_NUM_MESSAGES: Int = int("batch.num.messages", 1..=1_000_000, 10_000).producer().medium();
    /// How many bytes a batch may have. The first record always fits. `batch.num.messages` and
    /// `message.max.bytes` limit it too.
    BATCH_SIZE: Int = int("batch.size", 1..=INT_MAX, 1_000_000).producer().medium();
    /// Report only records that failed.
    DELIVERY_REPORT_ONLY_ERROR: Bool = boolean("delivery.report.only.error", false).producer();
    /// Called with the outcome of each record. For bindings in C.
    DR_CB: Opaque = pointer("dr_cb", false).producer();
    /// Called with the outcome of each record (`Conf::setDrMsgCb()`).
    DR_MSG_CB: Opaque = pointer("dr_msg_cb", false).producer();
    /// For how long records without a key stay with one partition before another is drawn; 0 draws one
    /// for each record. Twice `linger.ms` unless set. With `consistent_random` an empty key counts as
    /// none. Longer makes larger batches.
    STICKY_PARTITIONING_LINGER_MS: Int =
        int("sticky.partitioning.linger.ms", 0..=900_000, 10).producer();
    /// What is done with the addresses of a host name: try all of them, or replace bootstrap entries by
    /// their canonical names, which only Kerberos needs.
    CLIENT_DNS_LOOKUP: Choice = choice(
        "client.dns.lookup",
        &[is("use_all_dns_ips", 0), is("resolve_canonical_bootstrap_servers_only", 1)],
        0,
    );
    /// Send the client's metrics to the cluster if the cluster subscribes to them (KIP-714).
    ENABLE_METRICS_PUSH: Bool = boolean("enable.metrics.push", true);
}
