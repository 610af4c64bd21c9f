//! What `__share_group_state` holds: how far a share group is in each partition, in Kafka's layout of a snapshot.
//!
//! Owns: [`PartitionId`], [`PartitionState`] and their bytes. Every change is written as a whole snapshot: what is under way in
//! a partition is bounded, neighbours of the same state are one batch, and so the log can be compacted by key.

use bytes::Bytes;
use rdkafka_wire::Message;
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::group::records::{RecordError, read, split_version, versioned};
use crate::group::typed_records::decoded;

/// A partition as one share group sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartitionId {
    pub(crate) group: StrBytes,
    pub(crate) topic: Uuid,
    pub(crate) partition: i32,
}

impl PartitionId {
    /// The name that decides in which partition of the internal topic its state lies.
    pub(crate) fn coordinator_key(&self) -> String {
        format!("{}:{}:{}", self.group, self.topic, self.partition)
    }

    /// Whether a text is such a name.
    pub(crate) fn is_coordinator_key(text: &str) -> bool {
        let mut parts = text.rsplitn(3, ':');
        let partition = parts.next().map(str::parse::<i32>);
        let topic = parts.next();
        let group = parts.next();
        matches!(partition, Some(Ok(0..)))
            && topic.is_some_and(|it| it.len() == UUID_TEXT_LEN)
            && group.is_some_and(|it| !it.is_empty())
    }
}

const UUID_TEXT_LEN: usize = 22;

#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "none")]
struct SnapshotKey {
    #[field(versions = "0+")]
    group: StrBytes,
    #[field(versions = "0+")]
    topic_id: Uuid,
    #[field(versions = "0+")]
    partition: i32,
}

/// How far a share group is in a partition.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct PartitionState {
    #[field(versions = "0+")]
    pub(crate) snapshot_epoch: i32,
    /// The group's epoch when the partition was begun with.
    #[field(versions = "0+")]
    pub(crate) state_epoch: i32,
    #[field(versions = "0+")]
    pub(crate) leader_epoch: i32,
    /// Everything below is done with; -1 where the group has not begun.
    #[field(versions = "0+")]
    pub(crate) start_offset: i64,
    /// How many records from there on are done with.
    #[field(versions = "0+", tag = 0, tagged = "0+", default = "-1")]
    pub(crate) delivery_complete_count: i32,
    #[field(versions = "0+")]
    pub(crate) create_timestamp: i64,
    #[field(versions = "0+")]
    pub(crate) write_timestamp: i64,
    /// By offset, without overlaps; a record in none of them was never delivered.
    #[field(versions = "0+")]
    pub(crate) batches: Vec<StateBatch>,
}

/// Part of [`PartitionState`].
#[derive(Debug, Clone, PartialEq, Eq, Message)]
pub(crate) struct StateBatch {
    #[field(versions = "0+")]
    pub(crate) first_offset: i64,
    #[field(versions = "0+")]
    pub(crate) last_offset: i64,
    #[field(versions = "0+")]
    pub(crate) delivery_state: i8,
    #[field(versions = "0+")]
    pub(crate) delivery_count: i16,
}

/// Kafka's numbers of the states that are stored.
pub(crate) mod delivery_state {
    pub(crate) const AVAILABLE: i8 = 0;
    pub(crate) const ACKNOWLEDGED: i8 = 2;
    pub(crate) const ARCHIVED: i8 = 4;
}

/// The key of a state and, unless it is gone, the state, as they are stored.
pub(crate) fn encode(id: &PartitionId, state: Option<&PartitionState>) -> (Bytes, Option<Bytes>) {
    let key = SnapshotKey {
        group: id.group.clone(),
        topic_id: id.topic,
        partition: id.partition,
    };
    (versioned(&key, 0), state.map(|it| versioned(it, 0)))
}

/// Reads a stored record.
pub(crate) fn decode(
    key: Bytes,
    value: Option<Bytes>,
) -> Result<(PartitionId, Option<PartitionState>), RecordError> {
    let (version, key) = split_version(key)?;
    if version != 0 {
        return Err(RecordError::UnknownVersion(version));
    }
    let key: SnapshotKey = read(key, 0)?;
    let id = PartitionId {
        group: key.group,
        topic: key.topic_id,
        partition: key.partition,
    };
    Ok((id, decoded(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_as_written() {
        let id = PartitionId {
            group: "g".into(),
            topic: Uuid([7; 16]),
            partition: 2,
        };
        let state = PartitionState {
            snapshot_epoch: 1,
            state_epoch: 4,
            leader_epoch: 0,
            start_offset: 11,
            delivery_complete_count: 2,
            create_timestamp: 5,
            write_timestamp: 6,
            batches: vec![StateBatch {
                first_offset: 12,
                last_offset: 13,
                delivery_state: delivery_state::ACKNOWLEDGED,
                delivery_count: 1,
            }],
        };
        for state in [Some(state), None] {
            let (key, value) = encode(&id, state.as_ref());
            assert_eq!(&key[..6], b"\x00\x00\x00\x01g\x07");
            assert_eq!(decode(key, value).unwrap(), (id.clone(), state));
        }
        assert!(decode(Bytes::from_static(b"\x00\x01"), None).is_err());
    }

    #[test]
    fn the_name_of_a_state_is_known_by_its_form() {
        let id = PartitionId {
            group: "a:b".into(),
            topic: Uuid([7; 16]),
            partition: 2,
        };
        assert!(PartitionId::is_coordinator_key(&id.coordinator_key()));
        for text in [
            "g",
            "g:t:0",
            ":BwcHBwcHBwcHBwcHBwcHBw:0",
            "g:BwcHBwcHBwcHBwcHBwcHBw:-1",
        ] {
            assert!(!PartitionId::is_coordinator_key(text), "{text}");
        }
    }
}
