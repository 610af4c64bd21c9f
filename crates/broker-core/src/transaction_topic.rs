//! The internal topic `__transaction_state`, and what the transaction coordinator writes elsewhere: markers.
//!
//! Owns: how a transactional id finds its partition (Kafka's hash), how a record becomes a batch, the replay at start, and
//! where markers go. A marker in `__consumer_offsets` also tells the group coordinator. Leaves to others: what the records
//! mean (`transaction/`).

use rdkafka_log::{AppendOptions, AppendOrigin, LogError};
use rdkafka_records::{BatchBuilder, EndTxnMarker, Seal, TransactionResult};
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::conf::{BrokerConfig, TopicOverrides};
use crate::group::GroupCoordinator;
use crate::log_replay;
use crate::offsets_topic::partition_of;
use crate::partition::LEADER_EPOCH;
use crate::request::Now;
use crate::topics::{OFFSETS_TOPIC, PartitionKey, TRANSACTIONS_TOPIC, TopicIndex, Topics};
use crate::transaction::records::{Status, decode, encode};
use crate::transaction::{COORDINATOR_EPOCH, Journal, TransactionCoordinator, TransactionState};

/// The coordinator's way to the disk.
pub(crate) struct TransactionTopic<'a> {
    pub(crate) topics: &'a mut Topics,
    pub(crate) groups: &'a mut GroupCoordinator,
    pub(crate) config: &'a BrokerConfig,
    pub(crate) rng: &'a mut fastrand::Rng,
    pub(crate) now: Now,
    /// Partitions that got a marker, with its size: readers of committed records can go on there.
    pub(crate) marked: Vec<(PartitionKey, usize)>,
}

impl TransactionTopic<'_> {
    /// The topic; the first use creates it.
    pub(crate) fn ensure(&mut self) -> Result<TopicIndex, ErrorCode> {
        if let Some(index) = self.topics.find(TRANSACTIONS_TOPIC) {
            return Ok(index);
        }
        let mut overrides = TopicOverrides::default();
        let segment_bytes = self.config.transaction_state_log_segment_bytes.to_string();
        let settings = [
            ("cleanup.policy", "compact"),
            ("compression.type", "uncompressed"),
            ("segment.bytes", &segment_bytes),
        ];
        for (name, value) in settings {
            if let Err(error) = overrides.set(name, value) {
                tracing::warn!(%error, "a setting of {TRANSACTIONS_TOPIC} is left at its default");
            }
        }
        let partitions = self.config.transaction_state_log_num_partitions;
        self.topics
            .create(
                TRANSACTIONS_TOPIC,
                partitions,
                overrides,
                self.rng,
                self.now,
            )
            .map_err(|error| {
                tracing::error!(%error, "{TRANSACTIONS_TOPIC} cannot be created");
                ErrorCode::COORDINATOR_NOT_AVAILABLE
            })
    }

    fn options(&self) -> AppendOptions {
        AppendOptions {
            origin: AppendOrigin::Coordinator,
            leader_epoch: LEADER_EPOCH,
            now_ms: self.now.unix_ms,
        }
    }

    /// Ends a transaction in one partition; says whether there is such a partition.
    pub(crate) fn mark(
        &mut self,
        key: PartitionKey,
        marker: &EndTxnMarker,
    ) -> Result<bool, ErrorCode> {
        let batch = marker
            .to_batch(self.now.unix_ms)
            .map_err(|_| ErrorCode::UNKNOWN_SERVER_ERROR)?;
        let options = self.options();
        let is_offsets = self.topics.find(OFFSETS_TOPIC) == Some(key.topic);
        let Some((partition, home)) = self.topics.partition_at_home(key) else {
            return Ok(false);
        };
        let info = partition
            .append(batch, &options, &home)
            .map_err(|error| crate::api::log_failure("transaction marker", &error))?;
        self.marked.push((key, info.bytes));
        if is_offsets {
            self.groups.replay_marker(key.partition, marker, self.now);
        }
        Ok(true)
    }
}

/// What a record of a transactional id means for the disk, if the flush policy asks for it (`flush.messages`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// The answer waits until it is there.
    Answered,
    /// It must be there before the first marker: or one partition might show the end of a transaction that another never
    /// sees; and before the records of a partition that a Produce request adds. This and the next are the only times that the shard itself waits for the disk.
    Decision,
    /// The markers must be there before it: or nobody would write them again.
    Completion,
}

impl Weight {
    const fn of(state: &TransactionState) -> Self {
        match state.status {
            // Nobody waits for the answer before the records are written, as those that add partitions by a request of
            // their own do: records may not be on the disk before it is known there whose they are.
            Status::Ongoing if state.client_version >= 2 => Self::Decision,
            Status::PrepareCommit | Status::PrepareAbort => Self::Decision,
            Status::CompleteCommit | Status::CompleteAbort => Self::Completion,
            _ => Self::Answered,
        }
    }
}

impl TransactionTopic<'_> {
    /// Brings the markers that were written in this call to the disk, where the flush policy asks for it.
    fn flush_markers(&mut self) -> Result<(), ErrorCode> {
        for (key, _) in &self.marked {
            let Some(partition) = self.topics.partition_mut(*key) else {
                continue;
            };
            if partition.must_flush() {
                let flushed = partition.flush_now();
                flushed.map_err(|error| crate::api::log_failure("transaction marker", &error))?;
            }
        }
        Ok(())
    }
}

impl Journal for TransactionTopic<'_> {
    fn append(&mut self, id: &StrBytes, state: Option<&TransactionState>) -> Result<(), ErrorCode> {
        let topic = self.ensure()?;
        let count = self.topics.get(topic).map_or(1, |it| it.partitions.len());
        let key = PartitionKey {
            topic,
            partition: partition_of(id, count),
        };
        let (record_key, value) = encode(id, state);
        let mut batch = BatchBuilder::new();
        let appended = batch.append(self.now.unix_ms, Some(&record_key), value.as_deref(), []);
        let batch = appended
            .ok()
            .and_then(|_| batch.seal(&Seal::default()).ok());
        let batch = batch.ok_or(ErrorCode::INVALID_REQUEST)?;
        let options = self.options();
        let weight = state.map_or(Weight::Answered, Weight::of);
        if weight == Weight::Completion {
            self.flush_markers()?;
        }
        let Some((partition, home)) = self.topics.partition_at_home(key) else {
            return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
        };
        let appended = partition.append(batch, &options, &home);
        let durable = match weight {
            Weight::Decision if partition.must_flush() => partition.flush_now(),
            _ => Ok(()),
        };
        match appended.and(durable) {
            Ok(()) => {
                if weight == Weight::Answered {
                    self.topics.appended(key);
                }
                Ok(())
            }
            Err(error) => {
                tracing::error!(transactional_id = %id, %error, "a transaction cannot be written");
                Err(ErrorCode::COORDINATOR_NOT_AVAILABLE)
            }
        }
    }

    fn write_marker(
        &mut self,
        topic: &str,
        partition: i32,
        marker: &EndTxnMarker,
    ) -> Result<(), ErrorCode> {
        let Some(topic) = self.topics.find(topic) else {
            return Ok(());
        };
        match self.mark(PartitionKey { topic, partition }, marker) {
            // A later epoch has written there: its transaction is another one, and this one has ended.
            Ok(_) | Err(ErrorCode::INVALID_PRODUCER_EPOCH) => Ok(()),
            Err(code) => Err(code),
        }
    }

    fn new_producer_id(&mut self) -> Result<i64, ErrorCode> {
        let id = self.topics.new_producer_id(self.now);
        id.map_err(|error| crate::api::log_failure("producer id", &error))
    }
}

/// Reads everything back at start.
pub(crate) fn replay(
    topics: &mut Topics,
    transactions: &mut TransactionCoordinator,
) -> Result<(), LogError> {
    let Some(topic) = topics
        .find(TRANSACTIONS_TOPIC)
        .and_then(|index| topics.get_mut(index))
    else {
        return Ok(());
    };
    for partition in &mut topic.partitions {
        let Some(log) = partition.log_mut() else {
            continue;
        };
        log_replay::replay(log, |key, value| match decode(key, value) {
            Ok((id, state)) => transactions.replay(&id, state),
            Err(_) => tracing::warn!("a record of {TRANSACTIONS_TOPIC} is skipped"),
        })?;
    }
    Ok(())
}

/// Transactions that a partition shows as open and that nobody knows to be so: what a loss of power may leave behind. They
/// are aborted, as nobody would ever end them. Transactions under way elsewhere do not count: they end where they are.
pub(crate) fn abort_orphans(
    journal: &mut TransactionTopic<'_>,
    transactions: &TransactionCoordinator,
) {
    for key in journal.topics.keys() {
        let partition = journal.topics.partition_mut(key);
        let open = partition.and_then(|it| it.log_mut()).map(|log| {
            let open = log.producers().filter(|it| it.txn_first_offset.is_some());
            open.collect::<Vec<_>>()
        });
        let topic = journal.topics.get(key.topic).map(|it| it.name.clone());
        let topic = topic.unwrap_or_default();
        for producer in open.unwrap_or_default() {
            let id = (producer.producer_id, producer.epoch);
            if transactions.is_open(id, &topic, key.partition) {
                continue;
            }
            let marker = EndTxnMarker {
                producer_id: producer.producer_id,
                producer_epoch: producer.epoch,
                coordinator_epoch: COORDINATOR_EPOCH.max(producer.coordinator_epoch),
                result: TransactionResult::Abort,
            };
            tracing::warn!(
                ?key,
                producer_id = producer.producer_id,
                "an orphaned transaction is aborted"
            );
            if let Err(code) = journal.mark(key, &marker) {
                tracing::error!(error = %code.name(), "no marker");
            }
        }
    }
}
