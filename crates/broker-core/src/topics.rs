//! The topics of this broker: names, ids, settings, partitions.
//!
//! Owns: [`Topics`], the data folder and the log of changes behind it. Guarantees: a topic has one random id for its
//! life; a name that was deleted and created again is another topic and never shows the old one's records; what is
//! acknowledged is written. Leaves to others: what a request may do (`api/`). Runs on the shard thread.

mod restore;

use std::collections::HashMap;
use std::sync::Arc;

use rdkafka_log::{
    CacheBudget, CheckpointTask, Cleanup, CompactionConfig, LogConfig, LogError,
    PartitionCheckpoint, TopicId,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::acl::Acls;
use crate::cluster_log::{
    CLUSTER_METADATA_TOPIC, ClusterLog, ClusterRecord, TopicRecord, TopicRecordConfig,
};
use crate::conf::{BrokerConfig, TopicConfig, TopicOverrides};
use crate::data_dirs::{DataDirs, DirIndex};
use crate::delegation_token::DelegationTokens;
use crate::partition::{Home, Partition};
use crate::request::Now;
use crate::scram::ScramUsers;
use crate::settings::{Settings, SettingsKind, SettingsMap};

/// The internal topic that holds groups and their offsets.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The internal topic that holds transactional ids.
pub(crate) const TRANSACTIONS_TOPIC: &str = "__transaction_state";

/// Where the coordinator of share groups keeps how far they are.
pub(crate) const SHARE_STATE_TOPIC: &str = "__share_group_state";

/// One topic of this process's life; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TopicIndex(usize);

/// One partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartitionKey {
    pub(crate) topic: TopicIndex,
    pub(crate) partition: i32,
}

/// One topic.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: StrBytes,
    pub(crate) id: Uuid,
    pub(crate) overrides: TopicOverrides,
    pub(crate) config: TopicConfig,
    pub(crate) partitions: Vec<Partition>,
    log_config: LogConfig,
}

impl Topic {
    pub(crate) fn is_internal(&self) -> bool {
        is_internal(&self.name)
    }

    pub(crate) fn partition(&self, index: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index).ok()?)
    }

    pub(crate) fn partition_mut(&mut self, index: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(usize::try_from(index).ok()?)
    }

    /// The numbers of its partitions.
    pub(crate) fn indexes(&self) -> impl Iterator<Item = i32> + use<> {
        0..i32::try_from(self.partitions.len()).unwrap_or(i32::MAX)
    }

    fn record(&self, partitions: i32) -> ClusterRecord {
        let configs = self
            .overrides
            .iter()
            .map(|(name, value)| TopicRecordConfig {
                name: name.into(),
                value: value.into(),
            });
        let value = TopicRecord {
            topic_id: self.id,
            partitions,
            configs: configs.collect(),
        };
        ClusterRecord::Topic {
            name: self.name.clone(),
            value: Some(value),
        }
    }
}

/// All topics.
#[derive(Debug)]
pub(crate) struct Topics {
    dirs: DataDirs,
    /// What the file says.
    static_config: Arc<BrokerConfig>,
    /// What holds: the file's settings with the dynamic ones on top.
    broker: Arc<BrokerConfig>,
    settings: Settings,
    /// Counts changes of what there is: topics, their ids, how many partitions.
    version: u64,
    cache: CacheBudget,
    slots: Vec<Option<Topic>>,
    by_name: HashMap<StrBytes, TopicIndex>,
    by_id: HashMap<Uuid, TopicIndex>,
    pub(crate) cluster: ClusterLog,
    pub(crate) users: ScramUsers,
    pub(crate) tokens: DelegationTokens,
    pub(crate) acls: Arc<Acls>,
    next_producer_id: i64,
    reserved_producer_ids: i64,
    /// Where coordinators appended what must be on the disk before anybody is told of it.
    unsynced: Vec<PartitionKey>,
}

impl Topics {
    /// Opens everything in the data folders.
    pub(crate) fn open(
        dirs: DataDirs,
        broker: Arc<BrokerConfig>,
        now: Now,
    ) -> Result<Self, LogError> {
        let folders = dirs.partitions()?;
        let has_cluster_log = folders
            .iter()
            .any(|folder| folder.topic == CLUSTER_METADATA_TOPIC);
        let flush_messages = flush_messages(broker.log_flush_interval_messages);
        let (cluster, state) = ClusterLog::open(
            dirs.of_cluster_log(&folders),
            has_cluster_log,
            flush_messages,
            now.unix_ms,
        )?;
        // A loss of power may have taken the record of the last block of ids: nobody gets an id twice.
        let next_producer_id = match state.next_producer_id {
            0 => 0,
            next => next.saturating_add(PRODUCER_ID_BLOCK),
        };
        let tokens =
            DelegationTokens::new(broker.delegation_token_secret_key.as_ref(), &state.tokens);
        let mut topics = Self {
            dirs,
            broker: Arc::new(broker.with_dynamic(&state.settings)),
            static_config: broker,
            settings: state.settings.clone(),
            version: 0,
            cache: CacheBudget::default(),
            slots: Vec::new(),
            by_name: HashMap::new(),
            by_id: HashMap::new(),
            cluster,
            users: state.users.clone(),
            tokens,
            acls: Arc::new(state.acls.clone()),
            next_producer_id,
            reserved_producer_ids: next_producer_id,
            unsynced: Vec::new(),
        };
        for (name, record) in &state.topics {
            topics.restore(name, record);
        }
        topics.restore_partitions(&folders, &state, now)?;
        Ok(topics)
    }

    /// The broker's settings as they hold now.
    pub(crate) fn config(&self) -> &Arc<BrokerConfig> {
        &self.broker
    }

    /// The broker's settings without what was set while it runs.
    pub(crate) fn static_config(&self) -> &BrokerConfig {
        &self.static_config
    }

    /// Everything that was set while the broker runs, topics apart.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes whenever a topic appears, grows or goes.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The data folders.
    pub(crate) fn dirs(&self) -> &DataDirs {
        &self.dirs
    }

    /// Sets what holds for something that is no topic, durably; settings of brokers take effect at once.
    pub(crate) fn set_settings(
        &mut self,
        kind: SettingsKind,
        name: StrBytes,
        map: SettingsMap,
        now: Now,
    ) -> Result<(), LogError> {
        let record = ClusterRecord::Settings {
            kind,
            name: name.clone(),
            map: map.clone(),
        };
        self.cluster.append(&record, now.unix_ms)?;
        self.settings.replay(kind, name, map);
        if kind == SettingsKind::Broker {
            self.broker = Arc::new(self.static_config.with_dynamic(&self.settings));
            for index in 0..self.slots.len() {
                self.reconfigure(TopicIndex(index));
            }
        }
        Ok(())
    }

    /// Gives a topic other settings of its own, durably; they hold from the next request on.
    pub(crate) fn set_overrides(
        &mut self,
        index: TopicIndex,
        overrides: TopicOverrides,
        now: Now,
    ) -> Result<(), LogError> {
        let Some(topic) = self.slots.get_mut(index.0).and_then(Option::as_mut) else {
            return Ok(());
        };
        let before = std::mem::replace(&mut topic.overrides, overrides);
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        let record = topic.record(count);
        if let Err(error) = self.cluster.append(&record, now.unix_ms) {
            topic.overrides = before;
            return Err(error);
        }
        self.reconfigure(index);
        Ok(())
    }

    /// Brings a topic's effective settings, and those of its logs, up to date.
    fn reconfigure(&mut self, index: TopicIndex) {
        let Some(topic) = self.slots.get_mut(index.0).and_then(Option::as_mut) else {
            return;
        };
        topic.config = TopicConfig::resolve(&self.broker, &topic.overrides);
        topic.log_config = log_config(&topic.config, &self.broker, &self.cache);
        for log in topic.partitions.iter_mut().filter_map(Partition::log_mut) {
            log.set_config(topic.log_config.clone());
        }
    }

    pub(crate) fn cluster_id(&self) -> &str {
        self.dirs.cluster_id()
    }

    pub(crate) fn find(&self, name: &str) -> Option<TopicIndex> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn find_id(&self, id: Uuid) -> Option<TopicIndex> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn get(&self, index: TopicIndex) -> Option<&Topic> {
        self.slots.get(index.0)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, index: TopicIndex) -> Option<&mut Topic> {
        self.slots.get_mut(index.0)?.as_mut()
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<&Topic> {
        self.get(self.find(name)?)
    }

    pub(crate) fn partition_mut(&mut self, key: PartitionKey) -> Option<&mut Partition> {
        self.get_mut(key.topic)?.partition_mut(key.partition)
    }

    /// A partition with the place where its log is, or is to be, so that it can be appended to.
    pub(crate) fn partition_at_home(
        &mut self,
        key: PartitionKey,
    ) -> Option<(&mut Partition, Home<'_>)> {
        let dir_index = self.dir_for(key);
        self.partition_in(key, dir_index)
    }

    /// The same with the place that it has, or would have, in a folder.
    pub(crate) fn partition_in(
        &mut self,
        key: PartitionKey,
        dir_index: DirIndex,
    ) -> Option<(&mut Partition, Home<'_>)> {
        let Self { dirs, slots, .. } = self;
        let Topic {
            name,
            id,
            log_config,
            partitions,
            ..
        } = slots.get_mut(key.topic.0)?.as_mut()?;
        let partition = partitions.get_mut(usize::try_from(key.partition).ok()?)?;
        let home = Home {
            dir: dirs.get(dir_index),
            dir_index,
            topic: name,
            topic_id: TopicId(id.0),
            partition: key.partition,
            config: log_config,
        };
        Some((partition, home))
    }

    /// Which folder a partition has, or is to have with its first append.
    fn dir_for(&self, key: PartitionKey) -> DirIndex {
        if self.dirs.is_single() {
            return DirIndex::default();
        }
        let partition = self
            .get(key.topic)
            .and_then(|it| it.partition(key.partition));
        partition.and_then(Partition::dir).unwrap_or_else(|| {
            let all = self.slots.iter().flatten();
            let others = all.flat_map(|topic| topic.partitions.iter().filter_map(Partition::dir));
            self.dirs.emptiest(others)
        })
    }

    /// A coordinator appended to a partition: if the flush policy asks for it, answers wait for the disk.
    pub(crate) fn appended(&mut self, key: PartitionKey) {
        if self
            .partition_mut(key)
            .is_some_and(|partition| partition.must_flush())
            && !self.unsynced.contains(&key)
        {
            self.unsynced.push(key);
        }
    }

    /// What a start found above the last fsync is brought to the disk where the flush policy wants it there before
    /// anybody sees it.
    pub(crate) fn flush_found(&mut self) {
        for topic in self.slots.iter_mut().flatten() {
            for partition in topic.partitions.iter_mut().filter(|it| it.must_flush()) {
                if let Err(error) = partition.flush_now() {
                    tracing::error!(topic = %topic.name, %error, "records that were found stay invisible");
                }
            }
        }
    }

    /// The partitions of [`Self::appended`] since the last call.
    pub(crate) fn take_unsynced(&mut self) -> Vec<PartitionKey> {
        std::mem::take(&mut self.unsynced)
    }

    /// All topics, by name.
    pub(crate) fn sorted(&self) -> Vec<&Topic> {
        let mut topics: Vec<&Topic> = self.slots.iter().flatten().collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        topics
    }

    /// Every partition there is.
    pub(crate) fn keys(&self) -> Vec<PartitionKey> {
        let topics = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(at, topic)| Some((TopicIndex(at), topic.as_ref()?)));
        topics
            .flat_map(|(index, topic)| {
                topic.indexes().map(move |partition| PartitionKey {
                    topic: index,
                    partition,
                })
            })
            .collect()
    }

    /// Creates a topic whose name, settings and number of partitions were checked.
    pub(crate) fn create(
        &mut self,
        name: &str,
        partitions: i32,
        overrides: TopicOverrides,
        rng: &mut fastrand::Rng,
        now: Now,
    ) -> Result<TopicIndex, LogError> {
        let topic = self.new_topic(
            name.to_owned().into(),
            random_uuid(rng),
            overrides,
            partitions,
        );
        self.cluster
            .append(&topic.record(partitions), now.unix_ms)?;
        tracing::info!(topic = name, partitions, id = %topic.id, "topic created");
        Ok(self.insert(topic))
    }

    /// Gives a topic more partitions; there never are fewer.
    pub(crate) fn grow(
        &mut self,
        index: TopicIndex,
        partitions: i32,
        now: Now,
    ) -> Result<(), LogError> {
        let Some(topic) = self.slots.get_mut(index.0).and_then(Option::as_mut) else {
            return Ok(());
        };
        self.cluster
            .append(&topic.record(partitions), now.unix_ms)?;
        let count = usize::try_from(partitions)
            .unwrap_or(0)
            .max(topic.partitions.len());
        topic.partitions.resize_with(count, Partition::default);
        self.version += 1;
        Ok(())
    }

    /// Deletes a topic. Its partitions come back for those that wait on them; the files are out of the way and are
    /// removed by running the [`Cleanup`]s.
    pub(crate) fn delete(
        &mut self,
        index: TopicIndex,
        now: Now,
    ) -> Result<Option<Deleted>, LogError> {
        let Some(topic) = self.slots.get(index.0).and_then(Option::as_ref) else {
            return Ok(None);
        };
        let tombstone = ClusterRecord::Topic {
            name: topic.name.clone(),
            value: None,
        };
        self.cluster.append(&tombstone, now.unix_ms)?;
        let Some(mut topic) = self.slots[index.0].take() else {
            return Ok(None);
        };
        self.by_name.remove(&topic.name);
        self.by_id.remove(&topic.id);
        self.version += 1;
        let mut cleanups = Vec::new();
        for (partition, number) in topic.partitions.iter_mut().zip(0..) {
            let log = partition.take_log();
            let (Some(_), Some(dir)) = (log, partition.dir()) else {
                continue;
            };
            match self.dirs.get(dir).delete_log(&topic.name, number) {
                Ok(cleanup) => cleanups.push(cleanup),
                // The next start finds the folder and removes it.
                Err(error) => {
                    tracing::warn!(topic = %topic.name, partition = number, %error, "files stay for now")
                }
            }
        }
        tracing::info!(topic = %topic.name, id = %topic.id, "topic deleted");
        Ok(Some(Deleted {
            name: topic.name,
            id: topic.id,
            partitions: topic.partitions,
            cleanups,
            delay_ms: topic.config.file_delete_delay_ms,
        }))
    }

    /// A producer id that nobody has or had.
    pub(crate) fn new_producer_id(&mut self, now: Now) -> Result<i64, LogError> {
        if self.next_producer_id >= self.reserved_producer_ids {
            let next = self.next_producer_id.saturating_add(PRODUCER_ID_BLOCK);
            self.cluster
                .append(&ClusterRecord::ProducerIds { next }, now.unix_ms)?;
            self.reserved_producer_ids = next;
        }
        let id = self.next_producer_id;
        self.next_producer_id += 1;
        Ok(id)
    }

    /// The work to store recovery points and start offsets of everything, for each folder where they changed.
    pub(crate) fn checkpoint_tasks(&self) -> Vec<CheckpointTask> {
        let tasks = self.dirs.indexed().map(|(at, _)| self.checkpoint_task(at));
        tasks.flatten().collect()
    }

    fn checkpoint_task(&self, at: DirIndex) -> Option<CheckpointTask> {
        let mut checkpoints = Vec::new();
        if self.dirs.position(self.cluster.dir()) == at {
            checkpoints.push(self.cluster.checkpoint());
        }
        for topic in self.slots.iter().flatten() {
            let partitions = topic.partitions.iter().zip(0..);
            let here = partitions.filter(|(partition, _)| partition.dir() == Some(at));
            checkpoints.extend(here.filter_map(|(partition, index)| {
                partition.checkpoint(&topic.name, TopicId(topic.id.0), index)
            }));
        }
        self.dirs.get(at).checkpoint_task(checkpoints)
    }

    /// Stores those of one folder now.
    pub(crate) fn checkpoint_in(&self, at: DirIndex) -> Result<(), LogError> {
        self.checkpoint_task(at).map_or(Ok(()), CheckpointTask::run)
    }

    /// Stores them now.
    pub(crate) fn checkpoint(&self) -> Result<(), LogError> {
        self.checkpoint_tasks()
            .into_iter()
            .try_for_each(CheckpointTask::run)
    }

    /// Everything to the disk, and a checkpoint that says so.
    pub(crate) fn close(&mut self) -> Result<(), LogError> {
        self.cluster.flush()?;
        let mut checkpoints: HashMap<DirIndex, Vec<PartitionCheckpoint>> = HashMap::new();
        let of_cluster = self.dirs.position(self.cluster.dir());
        let cluster = self.cluster.checkpoint();
        checkpoints.entry(of_cluster).or_default().push(cluster);
        for topic in self.slots.iter_mut().flatten() {
            for (partition, index) in topic.partitions.iter_mut().zip(0..) {
                let checkpoint = partition.checkpoint(&topic.name, TopicId(topic.id.0), index);
                let (Some(mut checkpoint), Some(dir)) = (checkpoint, partition.dir()) else {
                    continue;
                };
                if let Some(log) = partition.take_log() {
                    checkpoint.recovery_point = log.close()?;
                }
                checkpoints.entry(dir).or_default().push(checkpoint);
            }
        }
        for (at, dir) in self.dirs.indexed() {
            dir.checkpoint(&checkpoints.remove(&at).unwrap_or_default())?;
        }
        Ok(())
    }

    fn new_topic(
        &self,
        name: StrBytes,
        id: Uuid,
        overrides: TopicOverrides,
        partitions: i32,
    ) -> Topic {
        let config = TopicConfig::resolve(&self.broker, &overrides);
        let log_config = log_config(&config, &self.broker, &self.cache);
        let mut topic = Topic {
            name,
            id,
            overrides,
            config,
            partitions: Vec::new(),
            log_config,
        };
        topic
            .partitions
            .resize_with(usize::try_from(partitions).unwrap_or(0), Partition::default);
        topic
    }

    fn insert(&mut self, topic: Topic) -> TopicIndex {
        self.version += 1;
        let index = TopicIndex(self.slots.len());
        self.by_name.insert(topic.name.clone(), index);
        self.by_id.insert(topic.id, index);
        self.slots.push(Some(topic));
        index
    }
}

/// What is left of a deleted topic.
#[derive(Debug)]
pub(crate) struct Deleted {
    pub(crate) name: StrBytes,
    pub(crate) id: Uuid,
    pub(crate) partitions: Vec<Partition>,
    pub(crate) cleanups: Vec<Cleanup>,
    /// How long its files stay.
    pub(crate) delay_ms: i64,
}

/// The bound of `flush.messages`; its default is none.
fn flush_messages(value: i64) -> Option<u64> {
    u64::try_from(value).ok().filter(|_| value != i64::MAX)
}

/// Topic settings as the log wants them.
fn log_config(topic: &TopicConfig, broker: &BrokerConfig, cache: &CacheBudget) -> LogConfig {
    let non_negative = |value: i64| u64::try_from(value).ok();
    let deletes = topic.cleanup_policy.delete;
    LogConfig {
        segment_bytes: u64::try_from(topic.segment_bytes).unwrap_or(u64::MAX),
        // Only sealed segments are compacted.
        segment_ms: match topic.cleanup_policy.compact {
            true => topic.segment_ms.min(topic.max_compaction_lag_ms),
            false => topic.segment_ms,
        },
        segment_jitter_ms: topic.segment_jitter_ms,
        segment_index_bytes: u64::try_from(topic.segment_index_bytes).unwrap_or(u64::MAX),
        index_interval_bytes: u32::try_from(topic.index_interval_bytes).unwrap_or(4096),
        retention_ms: Some(topic.retention_ms).filter(|ms| deletes && *ms >= 0),
        retention_bytes: non_negative(topic.retention_bytes).filter(|_| deletes),
        flush_messages: flush_messages(topic.flush_messages),
        compaction: topic.cleanup_policy.compact.then_some(CompactionConfig {
            min_lag_ms: topic.min_compaction_lag_ms,
            max_lag_ms: topic.max_compaction_lag_ms,
            min_dirty_ratio: topic.min_cleanable_dirty_ratio,
            delete_retention_ms: topic.delete_retention_ms,
        }),
        flush_ms: Some(topic.flush_ms).filter(|ms| *ms != i64::MAX),
        max_message_bytes: u32::try_from(topic.max_message_bytes).unwrap_or(0),
        cache_budget: cache.clone(),
        producer_id_expiration_ms: broker.producer_id_expiration_ms.into(),
        ..LogConfig::default()
    }
}

/// Whether a topic of this name is the broker's own.
pub(crate) fn is_internal(name: &str) -> bool {
    matches!(name, OFFSETS_TOPIC | TRANSACTIONS_TOPIC | SHARE_STATE_TOPIC)
}

/// Whether a name may be a topic's; says what is wrong with it.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("the empty string is not allowed".into());
    }
    if name == "." || name == ".." {
        return Err(format!("'{name}' is not allowed"));
    }
    if name.len() > NAME_LEN_MAX {
        return Err(format!(
            "the length of '{name}' is longer than the max allowed length {NAME_LEN_MAX}"
        ));
    }
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !name.bytes().all(is_legal) {
        return Err(format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ));
    }
    if name == CLUSTER_METADATA_TOPIC {
        return Err(format!("'{name}' is reserved"));
    }
    Ok(())
}

/// A random UUID (version 4), as Kafka gives to topics. Its first character is never `-`, so that it can be an argument.
pub(crate) fn random_uuid(rng: &mut fastrand::Rng) -> Uuid {
    loop {
        let mut bytes = rng.u128(..).to_be_bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let id = Uuid(bytes);
        if !id.to_string().starts_with('-') {
            return id;
        }
    }
}

/// Names of topics that differ only in `.` and `_` collide in metric names; one of them is refused.
pub(crate) fn collision<'a>(
    name: &str,
    existing: impl IntoIterator<Item = &'a StrBytes>,
) -> Option<&'a StrBytes> {
    let unified = name.replace('.', "_");
    let is_other = |it: &&StrBytes| &***it != name;
    existing
        .into_iter()
        .filter(is_other)
        .find(|it| it.replace('.', "_") == unified)
}

impl Topics {
    /// The names of all topics, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &StrBytes> {
        self.by_name.keys()
    }
}

pub(crate) const NAME_LEN_MAX: usize = 249;
/// How many producer ids are taken from the cluster log at a time.
const PRODUCER_ID_BLOCK: i64 = 1000;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_follow_kafkas_rules() {
        for good in ["a", "A.b_c-9", &"x".repeat(249)] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "a b",
            "ä",
            "a/b",
            &"x".repeat(250),
            CLUSTER_METADATA_TOPIC,
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_that_differ_in_dot_and_underscore_collide() {
        let existing = ["a.b".into(), "c".into()];
        assert_eq!(collision("a_b", &existing), Some(&"a.b".into()));
        assert_eq!(collision("a.b", &existing), None);
        assert_eq!(collision("d", &existing), None);
    }

    #[test]
    fn ids_are_random_version_4_uuids() {
        let mut rng = fastrand::Rng::with_seed(1);
        let ids: BTreeSet<_> = (0..1000).map(|_| random_uuid(&mut rng).0).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id[6] >> 4 == 4 && id[8] >> 6 == 2));
    }
}
