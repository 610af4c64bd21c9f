//! The internal topic `__share_group_state`: how far share groups are in their partitions.
//!
//! Owns: how a state finds its partition (Kafka's hash), and the replay at start. Leaves to others: what the states mean
//! (`share_groups/`), the records of the groups themselves, which lie in `__consumer_offsets` (`offsets_topic`).

use rdkafka_log::LogError;
use rdkafka_records::{BatchBuilder, Seal};
use rdkafka_wire::ErrorCode;

use crate::log_replay;
use crate::offsets_topic::OffsetsTopic;
use crate::share_groups::state::{PartitionId, PartitionState, decode, encode};
use crate::share_groups::{ShareCoordinator, ShareJournal};
use crate::topics::{SHARE_STATE_TOPIC, TopicIndex, Topics};

impl OffsetsTopic<'_> {
    /// The topic of states; the first use creates it.
    pub(crate) fn ensure_share_state(&mut self) -> Result<TopicIndex, ErrorCode> {
        let partitions = self.config.share_coordinator_state_topic_num_partitions;
        let segment_bytes = self.config.share_coordinator_state_topic_segment_bytes;
        self.ensure_internal(SHARE_STATE_TOPIC, partitions, segment_bytes)
    }
}

impl ShareJournal for OffsetsTopic<'_> {
    fn append_state(
        &mut self,
        id: &PartitionId,
        state: Option<&PartitionState>,
    ) -> Result<(), ErrorCode> {
        let topic = self.ensure_share_state()?;
        let (key, value) = encode(id, state);
        let mut batch = BatchBuilder::new();
        let appended = batch.append(self.now.unix_ms, Some(&key), value.as_deref(), []);
        let batch = appended
            .ok()
            .and_then(|_| batch.seal(&Seal::default()).ok())
            .ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)?;
        self.append_to(topic, &id.coordinator_key(), batch)
            .map(|_| ())
    }
}

/// Reads everything back at start.
pub(crate) fn replay(topics: &mut Topics, share: &mut ShareCoordinator) -> Result<(), LogError> {
    let topic = topics.find(SHARE_STATE_TOPIC);
    let Some(topic) = topic.and_then(|index| topics.get_mut(index)) else {
        return Ok(());
    };
    for log in topic.partitions.iter_mut().filter_map(|it| it.log_mut()) {
        log_replay::replay(log, |key, value| match decode(key, value) {
            Ok((id, state)) => share.replay_state(id, state),
            Err(error) => {
                tracing::warn!(?error, "a record of {SHARE_STATE_TOPIC} is skipped");
            }
        })?;
    }
    Ok(())
}
