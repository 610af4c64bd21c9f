//! Placing a record: which partition, and into its open batch.
//!
//! Owns the sticky partition and a view of the topic's partitions. Runs on the application's thread, in `produce()`;
//! nothing here waits, allocates per record or talks to another thread. What it returns says whether the driver has
//! to be woken, which happens once per batch.

use std::num::NonZeroI32;
use std::sync::Arc;

use rdkafka_wire::ErrorCode;

use super::partitioner::{self, Partitioner};
use crate::conf::ClientConfig;
use crate::io::Moment;
use crate::shared::{
    Appended, BatchLimits, BatchSlot, NewRecord, PartitionView, TopicShared, TopicView,
};

/// Any partition will do: librdkafka's `RD_KAFKA_PARTITION_UA`.
pub const PARTITION_ANY: i32 = -1;

/// Chooses partitions for the records of one topic.
#[derive(Debug)]
pub struct Chooser {
    partitioner: Partitioner,
    /// For how long keyless records go to the same partition, in milliseconds; 0 for not at all.
    sticky_ms: i64,
    sticky: Option<Sticky>,
    rng: fastrand::Rng,
}

/// The partition that keyless records go to for a while.
#[derive(Debug, Clone, Copy)]
struct Sticky {
    partition: i32,
    since_unix_ms: i64,
}

impl Chooser {
    /// A chooser with a partitioner, `sticky.partitioning.linger.ms` and a seed.
    #[must_use]
    pub fn new(partitioner: Partitioner, sticky_linger_ms: Option<u32>, seed: u64) -> Self {
        Self {
            partitioner,
            sticky_ms: i64::from(sticky_linger_ms.unwrap_or(0)),
            sticky: None,
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// The partition of a record with this key among `partitions`, or `None` when there are none.
    pub fn choose(
        &mut self,
        key: Option<&[u8]>,
        partitions: &[PartitionView],
        unix_ms: i64,
    ) -> Option<i32> {
        let count = i32::try_from(partitions.len())
            .ok()
            .and_then(NonZeroI32::new)?;
        if self.sticky_ms > 0 && self.partitioner.is_sticky_for(key) {
            if let Some(sticky) = self.sticky
                && sticky.partition < count.get()
                && (sticky.since_unix_ms..sticky.since_unix_ms + self.sticky_ms).contains(&unix_ms)
            {
                return Some(sticky.partition);
            }
            let partition = self.random(key, partitions, count);
            self.sticky = Some(Sticky {
                partition,
                since_unix_ms: unix_ms,
            });
            return Some(partition);
        }
        if self.partitioner.is_random_for(key) {
            return Some(self.random(key, partitions, count));
        }
        Some(partitioner::partition(
            self.partitioner,
            key,
            count,
            &mut self.rng,
        ))
    }

    /// A random partition, with one more try when the first has no leader.
    fn random(
        &mut self,
        key: Option<&[u8]>,
        partitions: &[PartitionView],
        count: NonZeroI32,
    ) -> i32 {
        let mut chosen = partitioner::partition(self.partitioner, key, count, &mut self.rng);
        let is_available = usize::try_from(chosen)
            .ok()
            .and_then(|index| partitions.get(index))
            .is_some_and(|partition| partition.is_available);
        if !is_available {
            chosen = partitioner::partition(self.partitioner, key, count, &mut self.rng);
        }
        chosen
    }
}

/// What the driver has to be told about an append, if anything.
#[derive(Debug)]
pub enum Placed {
    /// Nothing.
    Quietly,
    /// A batch was opened in this slot.
    Opened(Arc<BatchSlot>),
    /// A batch of this slot is full.
    Filled(Arc<BatchSlot>),
    /// The first record waits for the topic's metadata.
    Waiting,
}

/// Appends records to one topic, for one thread.
#[derive(Debug)]
pub struct Appender {
    topic: Arc<TopicShared>,
    limits: BatchLimits,
    chooser: Chooser,
    view: Arc<TopicView>,
    version: u32,
}

impl Appender {
    /// An appender for a topic.
    #[must_use]
    pub fn new(topic: Arc<TopicShared>, limits: BatchLimits, chooser: Chooser) -> Self {
        let version = topic.version();
        let view = topic.view();
        Self {
            topic,
            limits,
            chooser,
            view,
            version,
        }
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &Arc<TopicShared> {
        &self.topic
    }

    /// Place a record in `partition`, or in the one the partitioner chooses ([`PARTITION_ANY`]). Room in the queue was
    /// taken before. `now` is asked only when a batch is opened.
    ///
    /// # Errors
    /// `_UNKNOWN_PARTITION` when the topic has no such partition, or why the topic is not there.
    pub fn place(
        &mut self,
        partition: i32,
        record: &NewRecord<'_>,
        unix_ms: i64,
        now: impl Fn() -> Moment,
    ) -> Result<Placed, ErrorCode> {
        let version = self.topic.version();
        if version != self.version {
            self.view = self.topic.view();
            self.version = version;
        }
        if matches!(*self.view, TopicView::Unknown) {
            match self
                .topic
                .wait_for_metadata(partition, record, &self.limits, &now)
            {
                Some(true) => return Ok(Placed::Waiting),
                Some(false) => return Ok(Placed::Quietly),
                // It became known between the two looks; it never becomes unknown again.
                None => self.view = self.topic.view(),
            }
        }
        match &*self.view {
            TopicView::Unknown => Err(ErrorCode::_STATE),
            TopicView::Missing(error) => Err(*error),
            TopicView::Partitions(partitions) => {
                let slot = slot_of(
                    &mut self.chooser,
                    partitions,
                    partition,
                    record.key,
                    unix_ms,
                )?;
                Ok(match slot.append(record, &self.limits, now) {
                    Appended::Joined => Placed::Quietly,
                    Appended::Opened => Placed::Opened(Arc::clone(slot)),
                    Appended::Filled => Placed::Filled(Arc::clone(slot)),
                })
            }
        }
    }
}

/// When a batch is full, by the configuration.
#[must_use]
pub fn batch_limits(conf: &ClientConfig) -> BatchLimits {
    let bytes = usize::try_from(conf.producer.batch_max_bytes).unwrap_or(usize::MAX);
    BatchLimits {
        bytes: bytes.min(conf.message_max_bytes),
        records: conf.producer.batch_max_messages,
        keep_opaques: conf.callbacks.delivery_report,
    }
}

/// The slot of a record: the partition asked for, or the chosen one.
pub(crate) fn slot_of<'p>(
    chooser: &mut Chooser,
    partitions: &'p [PartitionView],
    partition: i32,
    key: Option<&[u8]>,
    unix_ms: i64,
) -> Result<&'p Arc<BatchSlot>, ErrorCode> {
    let partition = if partition == PARTITION_ANY {
        chooser
            .choose(key, partitions, unix_ms)
            .ok_or(ErrorCode::_UNKNOWN_PARTITION)?
    } else {
        partition
    };
    usize::try_from(partition)
        .ok()
        .and_then(|index| partitions.get(index))
        .map(|view| &view.slot)
        .ok_or(ErrorCode::_UNKNOWN_PARTITION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partitions(available: &[bool]) -> Vec<PartitionView> {
        let view = |(&is_available, number): (&bool, i32)| PartitionView {
            slot: Arc::new(BatchSlot::new(0, number, Arc::default())),
            is_available,
        };
        available.iter().zip(0..).map(view).collect()
    }

    #[test]
    fn records_without_a_key_stick_to_a_partition_for_a_while() {
        let partitions = partitions(&[true; 100]);
        let mut chooser = Chooser::new(Partitioner::ConsistentRandom, Some(10), 7);
        let mut choose = |unix_ms| chooser.choose(None, &partitions, unix_ms);
        let first = choose(1000);
        assert!((1000..1010).all(|now| choose(now) == first));
        let others: Vec<_> = (1..20).map(|round| choose(1000 + round * 10)).collect();
        assert!(others.iter().any(|other| *other != first));
    }

    #[test]
    fn keys_are_not_sticky() {
        let partitions = partitions(&[true; 10]);
        let mut chooser = Chooser::new(Partitioner::ConsistentRandom, Some(10), 7);
        let mut choose = |key: &[u8]| chooser.choose(Some(key), &partitions, 0);
        assert_eq!(choose(b"354afe16-939a-4ea8-8e17-8bb0840b6886"), Some(9));
        assert_eq!(choose(b"f562ac3b-2224-4e25-a0ab-56094e10c239"), Some(6));
    }

    #[test]
    fn random_choices_avoid_partitions_without_a_leader() {
        let partitions = partitions(&[true, false]);
        let mut chooser = Chooser::new(Partitioner::Random, None, 7);
        let chosen = (0..1000)
            .filter(|_| chooser.choose(None, &partitions, 0) == Some(0))
            .count();
        assert!(
            (700..800).contains(&chosen),
            "three of four tries find it: {chosen}"
        );
    }

    #[test]
    fn a_topic_without_partitions_has_nothing_to_choose_from() {
        let mut chooser = Chooser::new(Partitioner::Random, None, 7);
        assert_eq!(chooser.choose(None, &[], 0), None);
    }
}
