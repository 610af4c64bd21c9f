//! The internal topic `__consumer_offsets`: where the group coordinator's records live.
//!
//! Owns: how a group finds its partition (Kafka's hash), how records become a batch, and the replay at start.
//! Guarantees: records of one call are one batch, so all or none. Leaves to others: what the records mean (`group/`).

use rdkafka_log::{AppendOptions, AppendOrigin};
use rdkafka_records::{BatchBuilder, Seal};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::conf::{BrokerConfig, TopicOverrides};
use crate::group::records::{GroupRecord, RecordError};
use crate::group::{GroupCoordinator, Journal, TopicView};
use crate::log_replay::{self, Replayed};
use crate::partition::LEADER_EPOCH;
use crate::request::Now;
use crate::share_groups::ShareCoordinator;
use crate::topics::{OFFSETS_TOPIC, PartitionKey, TopicIndex, Topics};
use crate::transaction::Producer;

/// The coordinator's way to the disk.
pub(crate) struct OffsetsTopic<'a> {
    pub(crate) topics: &'a mut Topics,
    pub(crate) config: &'a BrokerConfig,
    rng: &'a mut fastrand::Rng,
    pub(crate) now: Now,
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
        let partitions = self.config.offsets_topic_num_partitions;
        let segment_bytes = self.config.offsets_topic_segment_bytes;
        self.ensure_internal(OFFSETS_TOPIC, partitions, segment_bytes)
    }

    /// An internal topic of a coordinator of groups; the first use creates it.
    pub(crate) fn ensure_internal(
        &mut self,
        name: &str,
        partitions: i32,
        segment_bytes: i32,
    ) -> Result<TopicIndex, ErrorCode> {
        if let Some(index) = self.topics.find(name) {
            return Ok(index);
        }
        let mut overrides = TopicOverrides::default();
        let segment_bytes = segment_bytes.to_string();
        let settings = [
            ("cleanup.policy", "compact"),
            ("compression.type", "producer"),
            ("segment.bytes", &segment_bytes),
        ];
        for (setting, value) in settings {
            if let Err(error) = overrides.set(setting, value) {
                tracing::warn!(%error, "a setting of {name} is left at its default");
            }
        }
        self.topics
            .create(name, partitions, overrides, self.rng, self.now)
            .map_err(|error| {
                tracing::error!(%error, "{name} cannot be created");
                ErrorCode::COORDINATOR_NOT_AVAILABLE
            })
    }
}

impl OffsetsTopic<'_> {
    /// Appends records of a group, as a part of a producer's transaction if there is one; says to which partition.
    fn write(
        &mut self,
        group: &str,
        records: &[GroupRecord],
        seal: &Seal,
    ) -> Result<i32, ErrorCode> {
        let topic = self.ensure()?;
        let batch = batch(records, seal, self.now).ok_or(ErrorCode::INVALID_COMMIT_OFFSET_SIZE)?;
        self.append_to(topic, group, batch)
    }

    /// Appends a batch to the partition of an internal topic that a name belongs to; says which that is.
    pub(crate) fn append_to(
        &mut self,
        topic: TopicIndex,
        name: &str,
        batch: bytes::Bytes,
    ) -> Result<i32, ErrorCode> {
        let count = self
            .topics
            .get(topic)
            .map_or(1, |topic| topic.partitions.len());
        let key = PartitionKey {
            topic,
            partition: partition_of(name, count),
        };
        let options = AppendOptions {
            origin: AppendOrigin::Coordinator,
            leader_epoch: LEADER_EPOCH,
            now_ms: self.now.unix_ms,
        };
        let Some((partition, home)) = self.topics.partition_at_home(key) else {
            return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
        };
        match partition.append(batch, &options, &home) {
            Ok(_) => {
                self.topics.appended(key);
                Ok(key.partition)
            }
            Err(error) => {
                tracing::error!(name, %error, "group records cannot be written");
                Err(ErrorCode::COORDINATOR_NOT_AVAILABLE)
            }
        }
    }

    /// The partition of a group, in a topic that is created if it is missing.
    pub(crate) fn partition_for(&mut self, group: &str) -> Result<i32, ErrorCode> {
        let topic = self.ensure()?;
        let topic = self.topics.get(topic);
        Ok(partition_of(
            group,
            topic.map_or(1, |it| it.partitions.len()),
        ))
    }
}

impl TopicView for Topics {
    fn topics_version(&self) -> u64 {
        self.version()
    }

    fn topic(&self, name: &str) -> Option<(Uuid, i32)> {
        let topic = self.by_name(name)?;
        Some((topic.id, i32::try_from(topic.partitions.len()).ok()?))
    }

    fn topic_name(&self, id: Uuid) -> Option<StrBytes> {
        let index = self.find_id(id)?;
        Some(self.get(index)?.name.clone())
    }

    fn topic_names(&self) -> Vec<StrBytes> {
        self.sorted()
            .into_iter()
            .filter(|it| !it.is_internal())
            .map(|it| it.name.clone())
            .collect()
    }
}

impl TopicView for OffsetsTopic<'_> {
    fn topics_version(&self) -> u64 {
        self.topics.topics_version()
    }

    fn topic(&self, name: &str) -> Option<(Uuid, i32)> {
        self.topics.topic(name)
    }

    fn topic_name(&self, id: Uuid) -> Option<StrBytes> {
        self.topics.topic_name(id)
    }

    fn topic_names(&self) -> Vec<StrBytes> {
        self.topics.topic_names()
    }
}

impl Journal for OffsetsTopic<'_> {
    fn append(&mut self, group: &str, records: &[GroupRecord]) -> Result<(), ErrorCode> {
        self.write(group, records, &Seal::default()).map(|_| ())
    }

    fn append_pending(
        &mut self,
        group: &str,
        records: &[GroupRecord],
        producer: Producer,
    ) -> Result<i32, ErrorCode> {
        let seal = Seal {
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            transactional: true,
            ..Seal::default()
        };
        self.write(group, records, &seal)
    }
}

/// Reads everything back at start.
pub(crate) fn replay(
    topics: &mut Topics,
    groups: &mut GroupCoordinator,
    share: &mut ShareCoordinator,
    now: Now,
) -> Result<(), rdkafka_log::LogError> {
    let Some(topic) = topics
        .find(OFFSETS_TOPIC)
        .and_then(|index| topics.get_mut(index))
    else {
        return Ok(());
    };
    for (partition, number) in topic.partitions.iter_mut().zip(0..) {
        let Some(log) = partition.log_mut() else {
            continue;
        };
        log_replay::replay_all(log, |replayed| match replayed {
            Replayed::Record {
                key,
                value,
                in_transaction_of,
            } => match (GroupRecord::decode(key, value), in_transaction_of) {
                (Ok(GroupRecord::Share { group, record }), _) => share.replay_group(&group, record),
                (Ok(record), None) => groups.replay(record, now),
                (Ok(record), Some(producer)) => groups.replay_pending(number, producer, record),
                (Err(RecordError::Outdated), _) => {}
                (Err(error), _) => {
                    tracing::warn!(?error, "a record of {OFFSETS_TOPIC} is skipped");
                }
            },
            Replayed::Marker(marker) => groups.replay_marker(number, &marker, now),
        })?;
    }
    Ok(())
}

fn batch(records: &[GroupRecord], seal: &Seal, now: Now) -> Option<bytes::Bytes> {
    let mut batch = BatchBuilder::new();
    for record in records {
        let (key, value) = record.encode();
        batch
            .append(now.unix_ms, Some(&key), value.as_deref(), [])
            .ok()?;
    }
    batch.seal(seal).ok()
}

/// Kafka's place for a group: Java's hash of its name, without the sign.
pub(crate) fn partition_of(group: &str, partitions: usize) -> i32 {
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
