//! What `__consumer_offsets` holds of groups of the next-generation protocol: Kafka's own keys and values.
//!
//! Owns: the record layouts (key versions 3 and 5-8, 16; values version 0) and [`ConsumerRecord`].

use bytes::Bytes;
use rdkafka_wire::Message;
use rdkafka_wire::types::{StrBytes, Uuid};

use super::super::typed_records::records_of;

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

records_of! {
    /// One change of one group; without a value the thing is gone. A regular expression stands where others have a member.
    ConsumerRecord
    of a group {
        Group = 3: GroupValue;
        TargetEpoch = 6: TargetEpochValue;
    }
    of a member {
        Member = 5: MemberValue;
        Target = 7: TargetValue;
        Current = 8: CurrentValue;
        Regex = 16: RegexValue;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::records::split_version;

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
            let read = ConsumerRecord::decode(version, key, value).unwrap();
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
