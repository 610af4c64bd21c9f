//! What a start makes of the partitions' folders that it finds.
//!
//! Owns nothing of its own: it fills [`Topics`] once the log of changes was replayed. Guarantees: a folder of a topic that was deleted
//! goes, one of an unknown topic is left alone. Leaves opening the logs, several at a time, to [`rdkafka_log::open_logs`].

use rdkafka_log::{FoundLog, LogError, PartitionDir, open_logs};
use rdkafka_wire::types::StrBytes;

use super::{PartitionKey, Topic, Topics};
use crate::cluster_log::{CLUSTER_METADATA_TOPIC, ClusterState, TopicRecord};
use crate::conf::TopicOverrides;
use crate::partition::Partition;
use crate::request::Now;

impl Topics {
    /// A topic with its stored settings, without its logs.
    pub(super) fn restore(&mut self, name: &StrBytes, record: &TopicRecord) {
        let mut overrides = TopicOverrides::default();
        for config in &record.configs {
            if let Err(error) = overrides.set(&config.name, &config.value) {
                tracing::warn!(topic = %name, %error, "a stored topic setting is ignored");
            }
        }
        let topic = self.new_topic(name.clone(), record.topic_id, overrides, record.partitions);
        self.insert(topic);
    }

    /// Opens the logs of all topics.
    pub(super) fn restore_partitions(
        &mut self,
        folders: &[PartitionDir],
        state: &ClusterState,
        now: Now,
    ) -> Result<(), LogError> {
        let mut keys = Vec::with_capacity(folders.len());
        let mut logs = Vec::with_capacity(folders.len());
        for found in folders {
            if found.topic == CLUSTER_METADATA_TOPIC {
                continue;
            }
            let Some((key, topic)) = self.owner_of(found) else {
                self.settle_unowned(found, state)?;
                continue;
            };
            // More partitions than the topic has: left alone.
            if topic.partition(found.partition).is_some() {
                let dir = self.dirs.of(&found.path);
                let config = topic.log_config.clone();
                keys.push((key, self.dirs.position(&found.path)));
                logs.push(FoundLog { dir, found, config });
            }
        }
        let opened = open_logs(&logs, now.unix_ms);
        for (folder, opened) in logs.iter().zip(&opened) {
            let Ok((_, recovered)) = opened else { continue };
            if recovered.truncated_bytes > 0 {
                tracing::warn!(
                    folder = %folder.found.path.display(),
                    bytes = recovered.truncated_bytes,
                    reason = recovered.truncated_reason.as_deref().unwrap_or("unknown"),
                    "a torn tail was cut off"
                );
            }
        }
        for ((key, dir), opened) in keys.into_iter().zip(opened) {
            let (log, _) = opened?;
            if let Some(partition) = self.partition_mut(key) {
                *partition = Partition::with_log(log, dir);
            }
        }
        Ok(())
    }

    /// The topic that a folder belongs to.
    fn owner_of(&self, folder: &PartitionDir) -> Option<(PartitionKey, &Topic)> {
        let topic = self.find(&folder.topic)?;
        let partition = folder.partition;
        let found = self.get(topic)?;
        (found.id.0 == folder.topic_id.0).then_some((PartitionKey { topic, partition }, found))
    }

    /// A folder that is no topic's goes if its topic was deleted.
    fn settle_unowned(&self, folder: &PartitionDir, state: &ClusterState) -> Result<(), LogError> {
        let name = folder.topic.as_str();
        if !state.deleted.contains(name) && !state.topics.contains_key(name) {
            tracing::warn!(folder = %folder.path.display(), "no topic of this broker; left alone");
            return Ok(());
        }
        tracing::info!(folder = %folder.path.display(), "removing what a deleted topic left");
        let dir = self.dirs.of(&folder.path);
        dir.delete_log(name, folder.partition)?.run()
    }
}
