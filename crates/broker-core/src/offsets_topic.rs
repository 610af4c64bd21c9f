//! The internal topic `__consumer_offsets`: where the group coordinator's records live.
//!
//! Owns: how a group finds its partition (Kafka's hash), how records become a batch, and the replay at start.
//! Guarantees: records of one call are one batch, so all or none. Leaves to others: what the records mean (`group/`).

use rdkafka_log::{AppendOptions, AppendOrigin};
use rdkafka_records::{BatchBuilder, Seal};
use rdkafka_wire::ErrorCode;

use crate::conf::{BrokerConfig, TopicOverrides};
use crate::group::Journal;
use crate::group::records::GroupRecord;
use crate::log_replay;
use crate::partition::LEADER_EPOCH;
use crate::request::Now;
use crate::topics::{OFFSETS_TOPIC, PartitionKey, TopicIndex, Topics};

/// The coordinator's way to the disk.
pub(crate) struct OffsetsTopic<'a> {
    topics: &'a mut Topics,
    config: &'a BrokerConfig,
    rng: &'a mut fastrand::Rng,
    now: Now,
}

impl<'a> OffsetsTopic<'a> {
    pub(crate) fn new(
        topics: &'a mut Topics,
        config: &'a BrokerConfig,
        rng: &'a mut fastrand::Rng,
        now: Now,
    ) -> Self {
        Self {
            topics,
            config,
            rng,
            now,
        }
    }

    /// The topic; the first use creates it.
    pub(crate) fn ensure(&mut self) -> Result<TopicIndex, ErrorCode> {
        if let Some(index) = self.topics.find(OFFSETS_TOPIC) {
            return Ok(index);
        }
        let mut overrides = TopicOverrides::default();
        let segment_bytes = self.config.offsets_topic_segment_bytes.to_string();
        let settings = [
            ("cleanup.policy", "compact"),
            ("compression.type", "producer"),
            ("segment.bytes", &segment_bytes),
        ];
        for (name, value) in settings {
            if let Err(error) = overrides.set(name, value) {
                tracing::warn!(%error, "a setting of {OFFSETS_TOPIC} is left at its default");
            }
        }
        let partitions = self.config.offsets_topic_num_partitions;
        self.topics
            .create(OFFSETS_TOPIC, partitions, overrides, self.rng, self.now)
            .map_err(|error| {
                tracing::error!(%error, "{OFFSETS_TOPIC} cannot be created");
                ErrorCode::COORDINATOR_NOT_AVAILABLE
            })
    }
}

impl Journal for OffsetsTopic<'_> {
    fn append(&mut self, group: &str, records: &[GroupRecord]) -> Result<(), ErrorCode> {
        let topic = self.ensure()?;
        let count = self
            .topics
            .get(topic)
            .map_or(1, |topic| topic.partitions.len());
        let key = PartitionKey {
            topic,
            partition: partition_of(group, count),
        };
        let batch = batch(records, self.now).ok_or(ErrorCode::INVALID_COMMIT_OFFSET_SIZE)?;
        let options = AppendOptions {
            origin: AppendOrigin::Coordinator,
            leader_epoch: LEADER_EPOCH,
            now_ms: self.now.unix_ms,
        };
        let Some((partition, home)) = self.topics.partition_at_home(key) else {
            return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
        };
        match partition.append(batch, &options, &home) {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::error!(group, %error, "group records cannot be written");
                Err(ErrorCode::COORDINATOR_NOT_AVAILABLE)
            }
        }
    }
}

/// Reads everything back at start.
pub(crate) fn replay(
    topics: &mut Topics,
    mut take: impl FnMut(GroupRecord),
) -> Result<(), rdkafka_log::LogError> {
    let Some(topic) = topics
        .find(OFFSETS_TOPIC)
        .and_then(|index| topics.get_mut(index))
    else {
        return Ok(());
    };
    for partition in &mut topic.partitions {
        let Some(log) = partition.log_mut() else {
            continue;
        };
        log_replay::replay(log, |key, value| match GroupRecord::decode(key, value) {
            Ok(record) => take(record),
            Err(error) => tracing::warn!(?error, "a record of {OFFSETS_TOPIC} is skipped"),
        })?;
    }
    Ok(())
}

fn batch(records: &[GroupRecord], now: Now) -> Option<bytes::Bytes> {
    let mut batch = BatchBuilder::new();
    for record in records {
        let (key, value) = record.encode();
        batch
            .append(now.unix_ms, Some(&key), value.as_deref(), [])
            .ok()?;
    }
    batch.seal(&Seal::default()).ok()
}

/// Kafka's place for a group: Java's hash of its name, without the sign.
fn partition_of(group: &str, partitions: usize) -> i32 {
    let hash = group.encode_utf16().fold(0i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(unit.into())
    });
    let partitions = i32::try_from(partitions).unwrap_or(i32::MAX).max(1);
    (hash & i32::MAX) % partitions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_lies_where_kafka_puts_it() {
        // Java: "my-group".hashCode() & 0x7fffffff, and so on.
        assert_eq!(partition_of("a", 50), 97 % 50);
        assert_eq!(partition_of("ab", 50), (97 * 31 + 98) % 50);
        assert_eq!(partition_of("", 50), 0);
        assert!((0..50).contains(&partition_of(
            "a-name-long-enough-to-overflow-thirty-two-bits",
            50
        )));
    }
}
