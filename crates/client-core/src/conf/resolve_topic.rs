//! Deciding the configuration of a topic: its own properties against those of its client.

use rdkafka_conf::Values;

use super::Compression;
use super::choices::{OffsetReset, OffsetStoreMethod, QueuingStrategy};
use super::client_config::{ClientConfig, ClientKind, TopicConfig};
use super::error::ConfError;
use super::resolve::{bounded, positive};
use super::settings::TopicConf;
use super::support;
use super::topic::{
    ACKS_ALL, AUTO_COMMIT_ENABLE, AUTO_COMMIT_INTERVAL_MS, AUTO_OFFSET_RESET, COMPRESSION_CODEC,
    COMPRESSION_INHERIT, COMPRESSION_LEVEL, CONSUME_CALLBACK_MAX_MESSAGES, MESSAGE_TIMEOUT_MS,
    OFFSET_STORE_METHOD, OFFSET_STORE_PATH, OFFSET_STORE_SYNC_INTERVAL_MS, PARTITIONER,
    QUEUING_STRATEGY, REQUEST_REQUIRED_ACKS, REQUEST_TIMEOUT_MS,
};
use crate::producer::partitioner::Partitioner;

/// What a client's own configuration means for its topics.
#[derive(Debug, Clone)]
pub(super) struct TopicRules {
    pub(super) kind: ClientKind,
    pub(super) is_idempotent: bool,
    /// `transaction.timeout.ms` of a transactional producer.
    pub(super) transaction_timeout_ms: Option<u32>,
    /// `linger.ms`, and whether it was set rather than left at its default.
    pub(super) linger_ms: f64,
    pub(super) is_linger_set: bool,
    /// The global `compression.codec`.
    pub(super) compression: Compression,
    pub(super) default_topic: TopicConf,
}

impl ClientConfig {
    /// Decides the configuration of a topic that has `conf`, or the default topic configuration.
    ///
    /// # Errors
    ///
    /// Properties that do not go together with each other or with the client's.
    pub fn topic_config(&self, conf: Option<&TopicConf>) -> Result<TopicConfig, ConfError> {
        let rules = &self.topic_rules;
        resolve_topic(rules, conf.unwrap_or(&rules.default_topic))
    }
}

/// Decides the configuration of a topic.
fn resolve_topic(rules: &TopicRules, conf: &TopicConf) -> Result<TopicConfig, ConfError> {
    let values = &conf.values;
    let mut config = as_set(rules, conf);
    if rules.kind == ClientKind::Producer {
        if rules.is_idempotent {
            apply_idempotence(rules, values, &mut config)?;
        }
        let timeout = config.message_timeout_ms.map(f64::from);
        if rules.is_linger_set && timeout.is_some_and(|timeout| timeout <= rules.linger_ms) {
            let text = "`message.timeout.ms` must be greater than `linger.ms`";
            return Err(ConfError::incompatible(text));
        }
    }
    support::check_topic(rules.kind, &config)?;
    Ok(config)
}

/// Every property by itself.
pub(super) fn as_set(rules: &TopicRules, conf: &TopicConf) -> TopicConfig {
    let values = &conf.values;
    let compression = match values.get(COMPRESSION_CODEC) {
        COMPRESSION_INHERIT => rules.compression,
        codec => compression(codec),
    };
    TopicConfig {
        required_acks: i16::try_from(values.get(REQUEST_REQUIRED_ACKS)).unwrap_or(ACKS_ALL),
        request_timeout_ms: bounded(values.get(REQUEST_TIMEOUT_MS)),
        message_timeout_ms: positive(values.get(MESSAGE_TIMEOUT_MS)),
        queuing_strategy: QueuingStrategy::from_value(values.get(QUEUING_STRATEGY)),
        partitioner: conf.partitioner.unwrap_or_else(|| {
            values
                .get(PARTITIONER)
                .and_then(Partitioner::from_name)
                .unwrap_or_default()
        }),
        compression,
        compression_level: compression_level(compression, values.get(COMPRESSION_LEVEL)),
        auto_commit_enable: values.get(AUTO_COMMIT_ENABLE),
        auto_commit_interval_ms: bounded(values.get(AUTO_COMMIT_INTERVAL_MS)),
        auto_offset_reset: OffsetReset::from_value(values.get(AUTO_OFFSET_RESET)),
        offset_store_method: OffsetStoreMethod::from_value(values.get(OFFSET_STORE_METHOD)),
        offset_store_path: values.get(OFFSET_STORE_PATH).unwrap_or(".").into(),
        offset_store_sync_interval_ms: u32::try_from(values.get(OFFSET_STORE_SYNC_INTERVAL_MS))
            .ok(),
        consume_callback_max_messages: positive(values.get(CONSUME_CALLBACK_MAX_MESSAGES)),
    }
}

/// An idempotent producer's topics wait for all replicas, keep their order, and are done before their
/// transaction is.
fn apply_idempotence(
    rules: &TopicRules,
    values: &Values,
    config: &mut TopicConfig,
) -> Result<(), ConfError> {
    if values.is_set(REQUEST_REQUIRED_ACKS) && config.required_acks != ACKS_ALL {
        let text = "`acks` must be set to `all` when `enable.idempotence` is true";
        return Err(ConfError::incompatible(text));
    }
    if config.queuing_strategy != QueuingStrategy::Fifo {
        let text = "`queuing.strategy` must be set to `fifo` when `enable.idempotence` is true";
        return Err(ConfError::incompatible(text));
    }
    if let Some(transaction_timeout_ms) = rules.transaction_timeout_ms {
        if !values.is_set(MESSAGE_TIMEOUT_MS) {
            config.message_timeout_ms = Some(transaction_timeout_ms);
        } else if config
            .message_timeout_ms
            .is_some_and(|timeout| timeout > transaction_timeout_ms)
        {
            let text = "`message.timeout.ms` must be set <= `transaction.timeout.ms`";
            return Err(ConfError::incompatible(text));
        }
    }
    Ok(())
}

/// The codec of a number of the property tables: they are the ids of the wire.
pub(super) fn compression(codec: i32) -> Compression {
    u8::try_from(codec)
        .ok()
        .and_then(Compression::from_id)
        .unwrap_or_default()
}

/// The level within what the codec has; `None` for its default.
fn compression_level(compression: Compression, level: i64) -> Option<i32> {
    let most = match compression {
        Compression::Gzip => 9,
        Compression::Lz4 => 12,
        Compression::Zstd => 22,
        Compression::None | Compression::Snappy => return None,
    };
    let level = i32::try_from(level).ok().filter(|level| *level >= 0)?;
    Some(level.min(most))
}
