//! The properties of a topic, and how they follow from the broker's.
//!
//! Owns: [`TopicConfig`], a topic's effective settings, and [`TopicOverrides`], what was said for that topic alone.
//! Guarantees: `TopicConfig` is the broker's values with the overrides on top.

use std::collections::BTreeMap;

use super::table::{any, at_least, compression, gzip_level, is_off, lz4_level, ratio, zstd_level};
use super::{BrokerConfig, CleanupPolicy, ConfError, ConfigEntry, TimestampType};

properties! {
    /// The effective settings of one topic.
    pub struct TopicConfig {
        "cleanup.policy" | "log.cleanup.policy" cleanup_policy: CleanupPolicy = CleanupPolicy::DELETE, any,
            "What happens to old data: delete, compact or both.";
        "compression.gzip.level" | "compression.gzip.level" compression_gzip_level: i32 = -1, gzip_level,
            "The level of gzip when the broker compresses; -1 is the codec's own default.";
        "compression.lz4.level" | "compression.lz4.level" compression_lz4_level: i32 = 9, lz4_level,
            "The level of lz4 when the broker compresses; accepted, there is one level.";
        "compression.zstd.level" | "compression.zstd.level" compression_zstd_level: i32 = 3, zstd_level,
            "The level of zstd when the broker compresses.";
        "compression.type" | "compression.type" compression_type: String = "producer".into(), compression,
            "The final compression of stored batches; producer keeps what the producer chose.";
        "delete.retention.ms" | "log.cleaner.delete.retention.ms" delete_retention_ms: i64 = 86_400_000, at_least::<0, i64>,
            "How long delete markers of compacted topics are kept.";
        "file.delete.delay.ms" | "log.segment.delete.delay.ms" file_delete_delay_ms: i64 = 60_000, at_least::<0, i64>,
            "How long a deleted segment stays on disk.";
        "flush.messages" | "log.flush.interval.messages" flush_messages: i64 = i64::MAX, at_least::<1, i64>,
            "How many messages may be written before they are forced to disk; 1 is an fsync for each produce request.";
        "flush.ms" | "log.flush.interval.ms" flush_ms: i64 = i64::MAX, at_least::<0, i64>,
            "How long a message may wait before it is forced to disk.";
        "follower.replication.throttled.replicas" follower_replication_throttled_replicas: Vec<String> = vec![], any,
            "Accepted, without meaning on one node.";
        "index.interval.bytes" | "log.index.interval.bytes" index_interval_bytes: i32 = 4096, at_least::<0, i32>,
            "How many bytes of log lie between two entries of the offset index.";
        "leader.replication.throttled.replicas" leader_replication_throttled_replicas: Vec<String> = vec![], any,
            "Accepted, without meaning on one node.";
        "local.retention.bytes" local_retention_bytes: i64 = -2, at_least::<-2, i64>,
            "Accepted, without meaning: there is no tiered storage.";
        "local.retention.ms" local_retention_ms: i64 = -2, at_least::<-2, i64>,
            "Accepted, without meaning: there is no tiered storage.";
        "max.compaction.lag.ms" | "log.cleaner.max.compaction.lag.ms" max_compaction_lag_ms: i64 = i64::MAX, at_least::<1, i64>,
            "The longest time a record stays ineligible for compaction.";
        "max.message.bytes" | "message.max.bytes" max_message_bytes: i32 = 1_048_588, at_least::<0, i32>,
            "The largest record batch (after compression) this topic takes.";
        "message.timestamp.after.max.ms" | "log.message.timestamp.after.max.ms" message_timestamp_after_max_ms: i64 = 3_600_000, at_least::<0, i64>,
            "How far in the future a record's timestamp may lie.";
        "message.timestamp.before.max.ms" | "log.message.timestamp.before.max.ms" message_timestamp_before_max_ms: i64 = i64::MAX, at_least::<0, i64>,
            "How far in the past a record's timestamp may lie.";
        "message.timestamp.type" | "log.message.timestamp.type" message_timestamp_type: TimestampType = TimestampType::CreateTime, any,
            "Whether records carry the producer's time or the time of the append.";
        "min.cleanable.dirty.ratio" | "log.cleaner.min.cleanable.ratio" min_cleanable_dirty_ratio: f64 = 0.5, ratio,
            "How dirty a log must be before it is compacted.";
        "min.compaction.lag.ms" | "log.cleaner.min.compaction.lag.ms" min_compaction_lag_ms: i64 = 0, at_least::<0, i64>,
            "The shortest time a record stays uncompacted.";
        "min.insync.replicas" | "min.insync.replicas" min_insync_replicas: i32 = 1, at_least::<1, i32>,
            "How many replicas must have a write that asks for acks=all; this broker is one replica.";
        "preallocate" | "log.preallocate" preallocate: bool = false, any,
            "Whether segments are preallocated; accepted, without effect.";
        "remote.log.copy.disable" remote_log_copy_disable: bool = false, any,
            "Accepted, without meaning: there is no tiered storage.";
        "remote.log.delete.on.disable" remote_log_delete_on_disable: bool = false, any,
            "Accepted, without meaning: there is no tiered storage.";
        "remote.storage.enable" remote_storage_enable: bool = false, is_off,
            "Tiered storage, which this broker does not have: only false is taken.";
        "retention.bytes" | "log.retention.bytes" retention_bytes: i64 = -1, at_least::<-1, i64>,
            "How large a partition may grow before old segments are deleted; -1 is without bound.";
        "retention.ms" | "log.retention.ms" retention_ms: i64 = 604_800_000, at_least::<-1, i64>,
            "How long data is kept; -1 is for ever.";
        "segment.bytes" | "log.segment.bytes" segment_bytes: i32 = 1_073_741_824, at_least::<14, i32>,
            "The size of a segment file.";
        "segment.index.bytes" | "log.index.size.max.bytes" segment_index_bytes: i32 = 10_485_760, at_least::<4, i32>,
            "The largest size of an index file.";
        "segment.jitter.ms" | "log.roll.jitter.ms" segment_jitter_ms: i64 = 0, at_least::<0, i64>,
            "Random time by which rolling a segment comes earlier.";
        "segment.ms" | "log.roll.ms" segment_ms: i64 = 604_800_000, at_least::<1, i64>,
            "After which time a segment is rolled even if it is not full.";
        "unclean.leader.election.enable" | "unclean.leader.election.enable" unclean_leader_election_enable: bool = false, any,
            "Accepted, without meaning on one node.";
    }
}

/// What was said for one topic alone: property name to value, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TopicOverrides(BTreeMap<String, String>);

impl TopicOverrides {
    /// Checks and sets one property.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ConfError> {
        match TopicConfig::default().set_row(name, value) {
            Some(Ok(())) => {
                self.0.insert(name.to_owned(), value.to_owned());
                Ok(())
            }
            Some(Err(error)) => Err(error),
            None => Err(ConfError::Unknown {
                name: name.to_owned(),
                meant: rdkafka_conf::nearest(
                    name,
                    TopicConfig::default().rows().iter().map(|row| row.name),
                ),
            }),
        }
    }

    /// One property as it was said.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Checks what single values cannot say.
    ///
    /// # Errors
    /// When two settings contradict each other.
    pub fn check(&self, broker: &BrokerConfig) -> Result<(), ConfError> {
        let config = TopicConfig::resolve(broker, self);
        if config.min_compaction_lag_ms > config.max_compaction_lag_ms {
            return Err(ConfError::Invalid {
                name: "min.compaction.lag.ms".into(),
                value: config.min_compaction_lag_ms.to_string(),
                reason: format!(
                    "it must not be larger than max.compaction.lag.ms, {}",
                    config.max_compaction_lag_ms
                ),
            });
        }
        Ok(())
    }

    /// Goes back to the broker's value.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Name and value of everything that was set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl TopicConfig {
    /// Every property with its effective value.
    pub fn entries(&self) -> Vec<ConfigEntry> {
        self.rows()
    }

    /// The broker's values with a topic's own on top.
    pub fn resolve(broker: &BrokerConfig, overrides: &TopicOverrides) -> Self {
        let mut config = Self {
            cleanup_policy: broker.log_cleanup_policy,
            compression_type: broker.compression_type.clone(),
            compression_gzip_level: broker.compression_gzip_level,
            compression_lz4_level: broker.compression_lz4_level,
            compression_zstd_level: broker.compression_zstd_level,
            delete_retention_ms: broker.log_cleaner_delete_retention_ms,
            file_delete_delay_ms: broker.log_segment_delete_delay_ms,
            flush_messages: broker.log_flush_interval_messages,
            flush_ms: broker.log_flush_interval_ms.unwrap_or(i64::MAX),
            index_interval_bytes: broker.log_index_interval_bytes,
            max_compaction_lag_ms: broker.log_cleaner_max_compaction_lag_ms,
            max_message_bytes: broker.message_max_bytes,
            message_timestamp_after_max_ms: broker.log_message_timestamp_after_max_ms,
            message_timestamp_before_max_ms: broker.log_message_timestamp_before_max_ms,
            message_timestamp_type: broker.log_message_timestamp_type,
            min_cleanable_dirty_ratio: broker.log_cleaner_min_cleanable_ratio,
            min_compaction_lag_ms: broker.log_cleaner_min_compaction_lag_ms,
            min_insync_replicas: broker.min_insync_replicas,
            preallocate: broker.log_preallocate,
            retention_bytes: broker.log_retention_bytes,
            retention_ms: broker.retention_ms(),
            segment_bytes: broker.log_segment_bytes,
            segment_index_bytes: broker.log_index_size_max_bytes,
            segment_jitter_ms: broker.roll_jitter_ms(),
            segment_ms: broker.roll_ms(),
            unclean_leader_election_enable: broker.unclean_leader_election_enable,
            ..Self::default()
        };
        for (name, value) in overrides.iter() {
            // Checked when it was set; a row that a later version dropped is simply no longer there.
            let _ = config.set_row(name, value);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_follows_the_broker_until_it_says_otherwise() {
        let mut broker = BrokerConfig::default();
        broker.set("log.retention.hours", "1").unwrap();
        let mut overrides = TopicOverrides::default();
        assert_eq!(
            TopicConfig::resolve(&broker, &overrides).retention_ms,
            3_600_000
        );
        overrides.set("retention.ms", "5").unwrap();
        let config = TopicConfig::resolve(&broker, &overrides);
        assert_eq!(config.retention_ms, 5);
        let entry = config
            .entries()
            .into_iter()
            .find(|entry| entry.name == "retention.ms")
            .unwrap();
        assert!(entry.is_set);
        assert_eq!(entry.broker_name, Some("log.retention.ms"));
    }

    #[test]
    fn an_unknown_topic_property_and_a_bad_value_are_told_apart() {
        let mut overrides = TopicOverrides::default();
        assert!(matches!(
            overrides.set("no.such", "1"),
            Err(ConfError::Unknown { .. })
        ));
        assert!(matches!(
            overrides.set("cleanup.policy", "shred"),
            Err(ConfError::Invalid { .. })
        ));
        assert!(matches!(
            overrides.set("segment.bytes", "1"),
            Err(ConfError::Invalid { .. })
        ));
    }

    #[test]
    fn every_broker_synonym_exists() {
        let broker = BrokerConfig::default();
        let names: Vec<_> = broker
            .entries()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        for entry in TopicConfig::default().entries() {
            let Some(synonym) = entry.broker_name else {
                continue;
            };
            assert!(names.contains(&synonym), "{synonym} of {}", entry.name);
        }
    }
}
