//! The topic properties: librdkafka 2.15's, in its order, with its defaults and ranges.
//!
//! A table, and nothing else. They can be set on a topic configuration, or on the global one, which
//! then has a default topic configuration.

use rdkafka_conf::{ChoiceName, properties};

/// A name of a choice.
const fn is(name: &'static str, value: i32) -> ChoiceName {
    ChoiceName { name, value }
}

/// What `acks=all` stands for.
pub const ACKS_ALL: i16 = -1;
/// The number `compression.codec=inherit` stands for.
pub const COMPRESSION_INHERIT: i32 = 5;

const INT_MAX: i64 = i32::MAX as i64;
const DAY_MS: i64 = 86_400_000;

properties! {
    /// The topic properties.
    pub static TOPIC;

    /// What the broker waits for before it answers a produce request: -1 or `all` for all in-sync
    /// replicas (at least `min.insync.replicas`), 1 for the leader alone, 0 for nothing, without any
    /// answer.
    REQUEST_REQUIRED_ACKS: Int =
        int("request.required.acks", -1..=1000, -1).named(&[is("all", -1)]).producer().high();
    /// Another name of `request.required.acks`, and the usual one.
    ACKS: Alias = alias("acks", "request.required.acks").producer().high();
    /// How long the broker may wait for the acknowledgements.
    REQUEST_TIMEOUT_MS: Int = int("request.timeout.ms", 1..=900_000, 30_000).producer().medium();
    /// How long a record may take to be delivered, all retries included, before it fails; 0 means for
    /// ever. Follows `transaction.timeout.ms` for a transactional producer.
    MESSAGE_TIMEOUT_MS: Int = int("message.timeout.ms", 0..=INT_MAX, 300_000).producer().high();
    /// Another name of `message.timeout.ms`.
    DELIVERY_TIMEOUT_MS: Alias = alias("delivery.timeout.ms", "message.timeout.ms").producer().high();
    /// Which records go first: the oldest (`fifo`) or the newest (`lifo`). `lifo` is an error when the
    /// topic is made: records are encoded in the order they come.
    QUEUING_STRATEGY: Choice = choice("queuing.strategy", &[is("fifo", 0), is("lifo", 1)], 0)
        .producer().deprecated().experimental();
    /// No longer used.
    PRODUCE_OFFSET_REPORT: Bool = boolean("produce.offset.report", false).producer().deprecated();
    /// Which partition a record goes to: `random`; by the CRC-32 of its key (`consistent`, or
    /// `consistent_random`, which draws one for empty and missing keys); by the hash of the Java
    /// producer (`murmur2`, or `murmur2_random`, which draws one for missing keys); or by that of Sarama
    /// (`fnv1a`, `fnv1a_random`).
    PARTITIONER: Text = text("partitioner")
        .or("consistent_random").checked(super::checks::is_partitioner).producer().high();
    /// A partitioner set by code (`TopicConf::setPartitioner()`); goes before `partitioner`.
    PARTITIONER_CB: Opaque = pointer("partitioner_cb", false).producer();
    /// An order of records set by code. For bindings in C.
    MSG_ORDER_CMP: Opaque = pointer("msg_order_cmp", false).producer().deprecated().experimental();
    /// A pointer handed to callbacks. For bindings in C.
    OPAQUE: Opaque = pointer("opaque", false);
    /// How batches of the topic are compressed; `inherit` takes the global `compression.codec`.
    COMPRESSION_CODEC: Choice = choice(
        "compression.codec",
        &[
            is("none", 0), is("gzip", 1), is("snappy", 2), is("lz4", 3), is("zstd", 4),
            is("inherit", COMPRESSION_INHERIT),
        ],
        COMPRESSION_INHERIT,
    ).producer().high();
    /// Another name of `compression.codec`, and the usual one.
    COMPRESSION_TYPE: Alias = alias("compression.type", "compression.codec").producer().high();
    /// How hard to compress, within what the codec has: 0 to 9 for gzip, 0 to 12 for lz4 and zstd,
    /// nothing for snappy; -1 is the codec's default.
    COMPRESSION_LEVEL: Int = int("compression.level", -1..=12, -1).producer().medium();
    /// Commit offsets in the background. For the legacy consumer; the high-level one has the global
    /// `enable.auto.commit`.
    AUTO_COMMIT_ENABLE: Bool = boolean("auto.commit.enable", true).consumer().deprecated();
    /// Another name of `auto.commit.enable`.
    ENABLE_AUTO_COMMIT: Alias = alias("enable.auto.commit", "auto.commit.enable").consumer();
    /// How often offsets are committed in the background. For the legacy consumer; the high-level one has
    /// the global `auto.commit.interval.ms`.
    AUTO_COMMIT_INTERVAL_MS: Int =
        int("auto.commit.interval.ms", 10..=DAY_MS, 60_000).consumer().high();
    /// Where to start when there is no committed offset, or none that still exists: at the first message
    /// (`earliest`), after the last (`latest`), or nowhere, with `ERR__AUTO_OFFSET_RESET` as the next
    /// message (`error`).
    AUTO_OFFSET_RESET: Choice = choice(
        "auto.offset.reset",
        &[
            is("smallest", -2), is("earliest", -2), is("beginning", -2),
            is("largest", -1), is("latest", -1), is("end", -1),
            is("error", -1001),
        ],
        -1,
    ).consumer().high();
    /// File or directory of locally kept offsets. For the legacy consumer.
    OFFSET_STORE_PATH: Text = text("offset.store.path").or(".").consumer().deprecated();
    /// How often that file is synced to disk; -1 never, 0 after each write. For the legacy consumer.
    OFFSET_STORE_SYNC_INTERVAL_MS: Int =
        int("offset.store.sync.interval.ms", -1..=DAY_MS, -1).consumer().deprecated();
    /// Where offsets are kept: on the `broker`, which needs a `group.id`, or in a local `file`. For the
    /// legacy consumer.
    OFFSET_STORE_METHOD: Choice =
        choice("offset.store.method", &[is("file", 1), is("broker", 2)], 2).consumer().deprecated();
    /// How many messages one call with a consume callback delivers at most; 0 means no limit.
    CONSUME_CALLBACK_MAX_MESSAGES: Int =
        int("consume.callback.max.messages", 0..=1_000_000, 0).consumer();
}
