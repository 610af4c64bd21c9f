//! What `__consumer_offsets` holds of groups of the next-generation protocol: Kafka's own keys and values.
//!
//! Owns: the record layouts (key versions 3 and 5-8, 16; values version 0) and [`ConsumerRecord`]. Key version 4, the partition metadata
//! of Kafka before 4.1, is read past. Bad bytes are an error, never a panic.

use bytes::Bytes;
use rdkafka_wire::Message;
use rdkafka_wire::types::{StrBytes, Uuid};

use super::super::records::{RecordError, known, read, split_version, versioned};

#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-16", flexible = "none")]
pub(crate) struct GroupKey {
    #[field(versions = "0+")]
    pub(crate) group: StrBytes,
}

#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-16", flexible = "none")]
pub(crate) struct MemberKey {
    #[field(versions = "0+")]
    pub(crate) group: StrBytes,
    /// The member, or for regular expressions the expression.
    #[field(versions = "0+")]
    pub(crate) member: StrBytes,
}

/// The group itself.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct GroupValue {
    #[field(versions = "0+")]
    pub(crate) epoch: i32,
    /// Of the topics that members are subscribed to, so that a change of them is noticed.
    #[field(versions = "0+", tag = 0, tagged = "0+", ignorable)]
    pub(crate) metadata_hash: i64,
}

/// What a member says about itself.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct MemberValue {
    #[field(versions = "0+", nullable = "0+")]
    pub(crate) instance_id: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+")]
    pub(crate) rack_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub(crate) client_id: StrBytes,
    #[field(versions = "0+")]
    pub(crate) client_host: StrBytes,
    #[field(versions = "0+")]
    pub(crate) topics: Vec<StrBytes>,
    #[field(versions = "0+", nullable = "0+")]
    pub(crate) regex: Option<StrBytes>,
    #[field(versions = "0+", default = "-1")]
    pub(crate) rebalance_timeout_ms: i32,
    #[field(versions = "0+", nullable = "0+")]
    pub(crate) assignor: Option<StrBytes>,
    /// Set while the member speaks the classic protocol.
    #[field(
        versions = "0+",
        nullable = "0+",
        default = "null",
        tag = 0,
        tagged = "0+",
        ignorable
    )]
    pub(crate) classic: Option<ClassicValue>,
}

/// Part of [`MemberValue`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct ClassicValue {
    #[field(versions = "0+")]
    pub(crate) session_timeout_ms: i32,
    #[field(versions = "0+")]
    pub(crate) protocols: Vec<ClassicProtocolValue>,
}

/// Part of [`ClassicValue`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct ClassicProtocolValue {
    #[field(versions = "0+")]
    pub(crate) name: StrBytes,
    #[field(versions = "0+")]
    pub(crate) metadata: Bytes,
}

/// Of which epoch the target assignment is.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct TargetEpochValue {
    #[field(versions = "0+")]
    pub(crate) assignment_epoch: i32,
    #[field(versions = "0+", tag = 0, tagged = "0+", ignorable)]
    pub(crate) assignment_timestamp: i64,
}

/// What a member is to have.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct TargetValue {
    #[field(versions = "0+")]
    pub(crate) topics: Vec<TargetTopicValue>,
}

/// Part of [`TargetValue`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct TargetTopicValue {
    #[field(versions = "0+")]
    pub(crate) topic_id: Uuid,
    #[field(versions = "0+")]
    pub(crate) partitions: Vec<i32>,
}

/// What a member has.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct CurrentValue {
    #[field(versions = "0+")]
    pub(crate) epoch: i32,
    #[field(versions = "0+")]
    pub(crate) previous_epoch: i32,
    #[field(versions = "0+")]
    pub(crate) state: i8,
    #[field(versions = "0+")]
    pub(crate) assigned: Vec<CurrentTopicValue>,
    #[field(versions = "0+")]
    pub(crate) revoking: Vec<CurrentTopicValue>,
}

/// Part of [`CurrentValue`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct CurrentTopicValue {
    #[field(versions = "0+")]
    pub(crate) topic_id: Uuid,
    #[field(versions = "0+")]
    pub(crate) partitions: Vec<i32>,
    /// Since which epoch the member has each of them (KIP-1251).
    #[field(versions = "0+", tag = 0, tagged = "0+", ignorable)]
    pub(crate) assignment_epochs: Vec<i32>,
}

/// What a regular expression came to.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct RegexValue {
    #[field(versions = "0+")]
    pub(crate) topics: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub(crate) version: i64,
    #[field(versions = "0+")]
    pub(crate) timestamp: i64,
}

/// One change of one group; without a value the thing is gone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ConsumerRecord {
    Group(Option<GroupValue>),
    Member(StrBytes, Option<MemberValue>),
    TargetEpoch(Option<TargetEpochValue>),
    Target(StrBytes, Option<TargetValue>),
    Current(StrBytes, Option<CurrentValue>),
    Regex(StrBytes, Option<RegexValue>),
}

const GROUP: i16 = 3;
const PARTITION_METADATA: i16 = 4;
const MEMBER: i16 = 5;
const TARGET_EPOCH: i16 = 6;
const TARGET: i16 = 7;
const CURRENT: i16 = 8;
const REGEX: i16 = 16;

impl ConsumerRecord {
    /// Whether it says that something is gone.
    pub(crate) fn is_tombstone(&self) -> bool {
        matches!(
            self,
            Self::Group(None)
                | Self::TargetEpoch(None)
                | Self::Member(_, None)
                | Self::Target(_, None)
                | Self::Current(_, None)
                | Self::Regex(_, None)
        )
    }

    /// Key and value as they are stored.
    pub(crate) fn encode(&self, group: &StrBytes) -> (Bytes, Option<Bytes>) {
        let of_group = |version| {
            versioned(
                &GroupKey {
                    group: group.clone(),
                },
                version,
            )
        };
        let of_member = |member: &StrBytes, version| {
            let key = MemberKey {
                group: group.clone(),
                member: member.clone(),
            };
            versioned(&key, version)
        };
        match self {
            Self::Group(value) => (of_group(GROUP), value.as_ref().map(|it| versioned(it, 0))),
            Self::TargetEpoch(value) => (
                of_group(TARGET_EPOCH),
                value.as_ref().map(|it| versioned(it, 0)),
            ),
            Self::Member(member, value) => (
                of_member(member, MEMBER),
                value.as_ref().map(|it| versioned(it, 0)),
            ),
            Self::Target(member, value) => (
                of_member(member, TARGET),
                value.as_ref().map(|it| versioned(it, 0)),
            ),
            Self::Current(member, value) => (
                of_member(member, CURRENT),
                value.as_ref().map(|it| versioned(it, 0)),
            ),
            Self::Regex(regex, value) => (
                of_member(regex, REGEX),
                value.as_ref().map(|it| versioned(it, 0)),
            ),
        }
    }

    /// Reads a record whose key has this version; `None` for one that says nothing any more.
    pub(crate) fn decode(
        version: i16,
        key: Bytes,
        value: Option<Bytes>,
    ) -> Result<Option<(StrBytes, Self)>, RecordError> {
        let (group, record) = match version {
            GROUP => (
                read::<GroupKey>(key, version)?.group,
                Self::Group(decoded(value)?),
            ),
            TARGET_EPOCH => (
                read::<GroupKey>(key, version)?.group,
                Self::TargetEpoch(decoded(value)?),
            ),
            PARTITION_METADATA => return Ok(None),
            MEMBER | TARGET | CURRENT | REGEX => {
                let MemberKey { group, member } = read(key, version)?;
                let record = match version {
                    MEMBER => Self::Member(member, decoded(value)?),
                    TARGET => Self::Target(member, decoded(value)?),
                    CURRENT => Self::Current(member, decoded(value)?),
                    _ => Self::Regex(member, decoded(value)?),
                };
                (group, record)
            }
            unknown => return Err(RecordError::UnknownVersion(unknown)),
        };
        Ok(Some((group, record)))
    }
}

/// A value of version 0.
pub(crate) fn decoded<M: Message>(value: Option<Bytes>) -> Result<Option<M>, RecordError> {
    let value = value.map(|value| {
        let (version, value) = split_version(value)?;
        known(version, 0)?;
        read::<M>(value, version)
    });
    value.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_reads_back_as_written() {
        let topic = CurrentTopicValue {
            topic_id: Uuid([3; 16]),
            partitions: vec![0, 2],
            assignment_epochs: vec![4, 5],
        };
        let member = MemberValue {
            instance_id: Some("one".into()),
            rack_id: None,
            client_id: "c".into(),
            client_host: "/127.0.0.1".into(),
            topics: vec!["t".into()],
            regex: Some("t.*".into()),
            rebalance_timeout_ms: 5,
            assignor: None,
            classic: Some(ClassicValue {
                session_timeout_ms: 9,
                protocols: vec![ClassicProtocolValue {
                    name: "range".into(),
                    metadata: Bytes::from_static(b"m"),
                }],
            }),
        };
        let records = [
            ConsumerRecord::Group(Some(GroupValue {
                epoch: 3,
                metadata_hash: 77,
            })),
            ConsumerRecord::Group(None),
            ConsumerRecord::Member("m".into(), Some(member)),
            ConsumerRecord::TargetEpoch(Some(TargetEpochValue {
                assignment_epoch: 4,
                assignment_timestamp: 5,
            })),
            ConsumerRecord::Target("m".into(), None),
            ConsumerRecord::Current(
                "m".into(),
                Some(CurrentValue {
                    epoch: 5,
                    previous_epoch: 4,
                    state: 1,
                    assigned: vec![topic.clone()],
                    revoking: vec![topic],
                }),
            ),
            ConsumerRecord::Regex(
                "t.*".into(),
                Some(RegexValue {
                    topics: vec!["t".into()],
                    version: 1,
                    timestamp: 2,
                }),
            ),
        ];
        for record in records {
            let (key, value) = record.encode(&"g".into());
            let (version, key) = split_version(key).unwrap();
            let read = ConsumerRecord::decode(version, key, value)
                .unwrap()
                .unwrap();
            assert_eq!(read, ("g".into(), record));
        }
    }

    #[test]
    fn a_group_record_has_kafkas_bytes() {
        let record = ConsumerRecord::Group(Some(GroupValue {
            epoch: 3,
            metadata_hash: 1,
        }));
        let (key, value) = record.encode(&"g".into());
        assert_eq!(&key[..], b"\x00\x03\x00\x01g");
        let expected = b"\x00\x00\x00\x00\x00\x03\x01\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01";
        assert_eq!(value.as_deref(), Some(&expected[..]));
    }
}
