//! Which settings of the broker can be changed while it runs, and what they then come to.
//!
//! A setting is listed if the code reads it from the live configuration each time; what a thread, a socket or a file was
//! made with is not, and changing it is refused instead of being without effect.

use std::collections::BTreeMap;

use super::{BrokerConfig, ConfError};
use crate::settings::{Settings, SettingsKind};

/// How far a setting can be changed while the broker runs (KIP-226).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dynamic {
    /// Not at all.
    ReadOnly,
    /// For this broker and for all.
    Yes,
}

impl BrokerConfig {
    /// Whether a setting can be changed while the broker runs.
    pub(crate) fn dynamic(name: &str) -> Dynamic {
        if DYNAMIC.contains(&name) {
            Dynamic::Yes
        } else {
            Dynamic::ReadOnly
        }
    }

    /// These settings with those on top that were made while the broker runs: for all brokers, then for this one.
    pub(crate) fn with_dynamic(&self, settings: &Settings) -> Self {
        let mut config = self.clone();
        let own = self.node_id.to_string();
        for name in ["", own.as_str()] {
            for (name, value) in settings
                .get(SettingsKind::Broker, name)
                .into_iter()
                .flatten()
            {
                // Checked when it was set; a row that a later version dropped is simply no longer there.
                let _ = config.set_row(name, value);
            }
        }
        config
    }

    /// Checks settings that are to hold while the broker runs.
    pub(crate) fn check_dynamic(map: &BTreeMap<String, String>) -> Result<(), ConfError> {
        let mut config = Self::default();
        for (name, value) in map {
            config.set_row(name, value).unwrap_or_else(|| {
                Err(ConfError::Unknown {
                    name: name.to_owned(),
                    meant: None,
                })
            })?;
        }
        Ok(())
    }
}

/// The settings that can be changed.
pub(crate) const DYNAMIC: &[&str] = &[
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "fetch.max.bytes",
    "follower.replication.throttled.rate",
    "group.consumer.heartbeat.interval.ms",
    "group.consumer.max.size",
    "group.consumer.migration.policy",
    "group.consumer.session.timeout.ms",
    "group.initial.rebalance.delay.ms",
    "group.max.session.timeout.ms",
    "group.max.size",
    "group.min.session.timeout.ms",
    "group.share.delivery.count.limit",
    "group.share.heartbeat.interval.ms",
    "group.share.max.share.sessions",
    "group.share.max.size",
    "group.share.partition.max.record.locks",
    "group.share.record.lock.duration.ms",
    "group.share.session.timeout.ms",
    "group.streams.assignment.interval.ms",
    "group.streams.heartbeat.interval.ms",
    "group.streams.initial.rebalance.delay.ms",
    "group.streams.max.size",
    "group.streams.num.standby.replicas",
    "group.streams.session.timeout.ms",
    "leader.replication.throttled.rate",
    "log.cleaner.delete.retention.ms",
    "log.cleaner.max.compaction.lag.ms",
    "log.cleaner.min.cleanable.ratio",
    "log.cleaner.min.compaction.lag.ms",
    "log.cleanup.policy",
    "log.flush.interval.messages",
    "log.flush.interval.ms",
    "log.index.interval.bytes",
    "log.index.size.max.bytes",
    "log.message.timestamp.after.max.ms",
    "log.message.timestamp.before.max.ms",
    "log.message.timestamp.type",
    "log.preallocate",
    "log.retention.bytes",
    "log.retention.hours",
    "log.retention.minutes",
    "log.retention.ms",
    "log.roll.hours",
    "log.roll.jitter.hours",
    "log.roll.jitter.ms",
    "log.roll.ms",
    "log.segment.bytes",
    "log.segment.delete.delay.ms",
    "max.incremental.fetch.session.cache.slots",
    "message.max.bytes",
    "min.insync.replicas",
    "offset.metadata.max.bytes",
    "offsets.retention.minutes",
    "producer.id.expiration.ms",
    "replica.alter.log.dirs.io.max.bytes.per.second",
    "transaction.max.timeout.ms",
    "transactional.id.expiration.ms",
    "unclean.leader.election.enable",
];
