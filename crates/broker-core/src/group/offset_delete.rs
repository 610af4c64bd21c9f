//! OffsetDelete: forgetting single offsets of a group.

use std::collections::BTreeSet;

use super::classic::State;
use super::*;

impl GroupCoordinator {
    /// Removes offsets; returns the topics whose offsets stay because members are subscribed to them.
    pub(crate) fn delete_offsets(
        &mut self,
        group_id: &StrBytes,
        wanted: &[(StrBytes, i32)],
        now: Now,
        journal: &mut dyn Journal,
    ) -> Result<BTreeSet<StrBytes>, ErrorCode> {
        let outcome = self.with_group(group_id, now, journal, |group, turn| {
            let subscribed = group.subscribed_topics()?;
            let records = wanted
                .iter()
                .filter(|(topic, partition)| {
                    !subscribed.contains(topic) && group.offsets.get(topic, *partition).is_some()
                })
                .map(|(topic, partition)| GroupRecord::Offset {
                    group: group.id.clone(),
                    topic: topic.copy_out_of_frame(),
                    partition: *partition,
                    value: None,
                });
            let records = records.collect();
            group.persist(records, turn)?;
            Ok(subscribed)
        });
        outcome.unwrap_or(Err(ErrorCode::GROUP_ID_NOT_FOUND))
    }
}

impl Group {
    /// The topics that members read; a group whose members are no consumers cannot say.
    pub(super) fn subscribed_topics(&self) -> Result<BTreeSet<StrBytes>, ErrorCode> {
        if let Some(group) = &self.consumer {
            return Ok(group.subscribed_topics());
        }
        if let Some(group) = &self.streams {
            return Ok(group.subscribed_topics());
        }
        if self.state == State::Empty {
            return Ok(BTreeSet::new());
        }
        if self.protocol_type.as_deref() != Some(CONSUMER) {
            return Err(ErrorCode::NON_EMPTY_GROUP);
        }
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            for protocol in &member.protocols {
                if let Some(subscription) = subscription::parse(&protocol.metadata) {
                    topics.extend(subscription.topics.iter().map(StrBytes::copy_out_of_frame));
                }
            }
        }
        Ok(topics)
    }
}

/// The protocol type of consumers.
pub(super) const CONSUMER: &str = "consumer";
