//! What the internal topic `__consumer_offsets` holds: Kafka's own keys and values.
//!
//! Owns: the record layouts (offset commit: key versions 0-1, value 0-4; group metadata: key version 2, value 0-4) and
//! [`GroupRecord`], the two of them decoded. Guarantees: what Kafka 0.9 to 4.x wrote can be read; what is written here
//! (offset value 3, group value 3) Kafka reads. Bad bytes are an error, never a panic.
//!
//! A key or value starts with its version (i16). A record without a value is a tombstone: the thing is gone.

use bytes::{Buf, Bytes};
use rdkafka_wire::types::{StrBytes, Uuid};
use rdkafka_wire::{DecodeError, FrameReader, FrameWriter, Message};

use super::consumer::ConsumerRecord;
use super::offsets::CommittedOffset;
use super::streams::StreamsRecord;
use crate::share_groups::records::ShareRecord;

/// The key of a committed offset.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "none")]
struct OffsetKey {
    #[field(versions = "0+")]
    group: StrBytes,
    #[field(versions = "0+")]
    topic: StrBytes,
    #[field(versions = "0+")]
    partition: i32,
}

/// The value of a committed offset.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "4+")]
struct OffsetValue {
    #[field(versions = "0+")]
    offset: i64,
    #[field(versions = "3+", default = "-1", ignorable)]
    leader_epoch: i32,
    #[field(versions = "0+")]
    metadata: StrBytes,
    #[field(versions = "0+")]
    commit_timestamp: i64,
    #[field(versions = "1", default = "-1", ignorable)]
    expire_timestamp: i64,
    #[field(versions = "4+", tag = 0, tagged = "4+", ignorable)]
    topic_id: Uuid,
}

/// The key of a group's metadata.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "2", flexible = "none")]
struct GroupKey {
    #[field(versions = "2+")]
    group: StrBytes,
}

/// The value of a group's metadata: its last complete generation.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "4+")]
pub(crate) struct GroupSnapshot {
    #[field(versions = "0+")]
    pub(crate) protocol_type: StrBytes,
    #[field(versions = "0+")]
    pub(crate) generation: i32,
    #[field(versions = "0+", nullable = "0+")]
    pub(crate) protocol: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+")]
    pub(crate) leader: Option<StrBytes>,
    #[field(versions = "2+", default = "-1", ignorable)]
    pub(crate) current_state_timestamp: i64,
    #[field(versions = "0+")]
    pub(crate) members: Vec<MemberSnapshot>,
}

/// Part of [`GroupSnapshot`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct MemberSnapshot {
    #[field(versions = "0+")]
    pub(crate) member_id: StrBytes,
    #[field(versions = "3+", nullable = "3+", default = "null", ignorable)]
    pub(crate) group_instance_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub(crate) client_id: StrBytes,
    #[field(versions = "0+")]
    pub(crate) client_host: StrBytes,
    #[field(versions = "1+", ignorable)]
    pub(crate) rebalance_timeout: i32,
    #[field(versions = "0+")]
    pub(crate) session_timeout: i32,
    #[field(versions = "0+")]
    pub(crate) subscription: Bytes,
    #[field(versions = "0+")]
    pub(crate) assignment: Bytes,
}

/// One record of the internal topic.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum GroupRecord {
    /// An offset was committed, or (without a value) removed.
    Offset {
        group: StrBytes,
        topic: StrBytes,
        partition: i32,
        value: Option<CommittedOffset>,
    },
    /// Something changed in a group of the next-generation protocol.
    Consumer {
        group: StrBytes,
        record: ConsumerRecord,
    },
    /// Something changed in a streams group.
    Streams {
        group: StrBytes,
        record: StreamsRecord,
    },
    /// Something changed in a share group.
    Share {
        group: StrBytes,
        record: ShareRecord,
    },
    /// A generation was completed, or (without a value) the group is gone.
    Group {
        group: StrBytes,
        value: Option<GroupSnapshot>,
    },
}

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RecordError {
    /// A key or value of a version that is not known here (a later Kafka).
    UnknownVersion(i16),
    /// Bytes that are not what their version says.
    Malformed(DecodeError),
    /// A record that says nothing any more.
    Outdated,
    /// No version, or no key.
    TooShort,
}

impl GroupRecord {
    /// Key and value as they are stored.
    pub(crate) fn encode(&self) -> (Bytes, Option<Bytes>) {
        match self {
            Self::Offset {
                group,
                topic,
                partition,
                value,
            } => {
                let key = OffsetKey {
                    group: group.clone(),
                    topic: topic.clone(),
                    partition: *partition,
                };
                (versioned(&key, 1), value.as_ref().map(encode_offset))
            }
            Self::Consumer { group, record } => record.encode(group),
            Self::Streams { group, record } => record.encode(group),
            Self::Share { group, record } => record.encode(group),
            Self::Group { group, value } => {
                let value = value
                    .as_ref()
                    .map(|value| versioned(value, GROUP_VALUE_VERSION));
                (
                    versioned(
                        &GroupKey {
                            group: group.clone(),
                        },
                        2,
                    ),
                    value,
                )
            }
        }
    }

    /// The group it is about.
    pub(crate) fn group(&self) -> &StrBytes {
        match self {
            Self::Offset { group, .. }
            | Self::Group { group, .. }
            | Self::Consumer { group, .. }
            | Self::Streams { group, .. }
            | Self::Share { group, .. } => group,
        }
    }

    /// Reads a stored record.
    pub(crate) fn decode(key: Bytes, value: Option<Bytes>) -> Result<Self, RecordError> {
        let (version, key) = split_version(key)?;
        match version {
            0 | 1 => {
                let OffsetKey {
                    group,
                    topic,
                    partition,
                } = read(key, version)?;
                let value = value.map(decode_offset).transpose()?;
                Ok(Self::Offset {
                    group,
                    topic,
                    partition,
                    value,
                })
            }
            2 => {
                let GroupKey { group } = read(key, version)?;
                let value = value.map(|value| {
                    let (version, value) = split_version(value)?;
                    known(version, 4)?;
                    read::<GroupSnapshot>(value, version)
                });
                Ok(Self::Group {
                    group,
                    value: value.transpose()?,
                })
            }
            10..=15 => {
                let (group, record) = ShareRecord::decode(version, key, value)?;
                Ok(Self::Share { group, record })
            }
            17 | 19..=23 => {
                let (group, record) = StreamsRecord::decode(version, key, value)?;
                Ok(Self::Streams { group, record })
            }
            // The partition metadata of Kafka before 4.1, of consumer and of streams groups.
            4 | 18 => Err(RecordError::Outdated),
            _ => {
                let (group, record) = ConsumerRecord::decode(version, key, value)?;
                Ok(Self::Consumer { group, record })
            }
        }
    }
}

/// Version 1 is the last that can say when an offset expires; version 3 has the leader epoch instead.
fn encode_offset(value: &CommittedOffset) -> Bytes {
    let version = if value.expire_timestamp.is_some() {
        1
    } else {
        OFFSET_VALUE_VERSION
    };
    let record = OffsetValue {
        offset: value.offset,
        leader_epoch: value.leader_epoch,
        metadata: value.metadata.clone(),
        commit_timestamp: value.commit_timestamp,
        expire_timestamp: value.expire_timestamp.unwrap_or(-1),
        topic_id: Uuid::ZERO,
    };
    versioned(&record, version)
}

fn decode_offset(value: Bytes) -> Result<CommittedOffset, RecordError> {
    let (version, value) = split_version(value)?;
    known(version, 4)?;
    let record: OffsetValue = read(value, version)?;
    Ok(CommittedOffset {
        offset: record.offset,
        leader_epoch: record.leader_epoch,
        metadata: record.metadata,
        commit_timestamp: record.commit_timestamp,
        expire_timestamp: (record.expire_timestamp >= 0).then_some(record.expire_timestamp),
    })
}

pub(crate) fn known(version: i16, newest: i16) -> Result<(), RecordError> {
    if (0..=newest).contains(&version) {
        Ok(())
    } else {
        Err(RecordError::UnknownVersion(version))
    }
}

pub(crate) fn split_version(mut bytes: Bytes) -> Result<(i16, Bytes), RecordError> {
    let version = bytes.try_get_i16().map_err(|_| RecordError::TooShort)?;
    Ok((version, bytes))
}

pub(crate) fn read<M: Message>(bytes: Bytes, version: i16) -> Result<M, RecordError> {
    M::decode(&mut FrameReader::new(bytes), version).map_err(RecordError::Malformed)
}

pub(crate) fn versioned<M: Message>(message: &M, version: i16) -> Bytes {
    let mut writer = FrameWriter::new();
    writer.put_i16(version);
    message.encode(&mut writer, version);
    writer.into_bytes()
}

/// The versions that are written: what Kafka 2.1 to 4.x writes.
const OFFSET_VALUE_VERSION: i16 = 3;
const GROUP_VALUE_VERSION: i16 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(expire_timestamp: Option<i64>) -> CommittedOffset {
        CommittedOffset {
            offset: 42,
            leader_epoch: if expire_timestamp.is_some() { -1 } else { 7 },
            metadata: "note".into(),
            commit_timestamp: 1_000,
            expire_timestamp,
        }
    }

    fn round_trip(record: &GroupRecord) {
        let (key, value) = record.encode();
        assert_eq!(GroupRecord::decode(key, value).as_ref(), Ok(record));
    }

    #[test]
    fn an_offset_record_has_kafkas_bytes() {
        let record = GroupRecord::Offset {
            group: "g".into(),
            topic: "t".into(),
            partition: 3,
            value: Some(offset(None)),
        };
        let (key, value) = record.encode();
        assert_eq!(&key[..], b"\x00\x01\x00\x01g\x00\x01t\x00\x00\x00\x03");
        let expected = b"\x00\x03\x00\x00\x00\x00\x00\x00\x00\x2a\x00\x00\x00\x07\x00\x04note\x00\x00\x00\x00\x00\x00\x03\xe8";
        assert_eq!(value.as_deref(), Some(&expected[..]));
        round_trip(&record);
    }

    #[test]
    fn an_offset_with_its_own_expiry_survives() {
        round_trip(&GroupRecord::Offset {
            group: "g".into(),
            topic: "t".into(),
            partition: 0,
            value: Some(offset(Some(99_000))),
        });
    }

    #[test]
    fn tombstones_survive() {
        round_trip(&GroupRecord::Offset {
            group: "g".into(),
            topic: "t".into(),
            partition: 0,
            value: None,
        });
        round_trip(&GroupRecord::Group {
            group: "g".into(),
            value: None,
        });
    }

    #[test]
    fn a_group_with_members_survives() {
        let member = MemberSnapshot {
            member_id: "m-1".into(),
            group_instance_id: Some("one".into()),
            client_id: "c".into(),
            client_host: "/127.0.0.1".into(),
            rebalance_timeout: 300_000,
            session_timeout: 45_000,
            subscription: Bytes::from_static(b"sub"),
            assignment: Bytes::from_static(b"asg"),
        };
        let value = GroupSnapshot {
            protocol_type: "consumer".into(),
            generation: 5,
            protocol: Some("range".into()),
            leader: Some("m-1".into()),
            current_state_timestamp: 12,
            members: vec![member],
        };
        round_trip(&GroupRecord::Group {
            group: "g".into(),
            value: Some(value),
        });
    }

    #[test]
    fn bad_bytes_are_errors() {
        assert_eq!(
            GroupRecord::decode(Bytes::new(), None),
            Err(RecordError::TooShort)
        );
        let unknown = Bytes::from_static(b"\x00\x09rest");
        assert_eq!(
            GroupRecord::decode(unknown, None),
            Err(RecordError::UnknownVersion(9))
        );
        let cut = Bytes::from_static(b"\x00\x01\x00\x05g");
        assert!(matches!(
            GroupRecord::decode(cut, None),
            Err(RecordError::Malformed(_))
        ));
    }
}
