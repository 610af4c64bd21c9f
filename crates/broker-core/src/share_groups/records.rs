//! What `__consumer_offsets` holds of share groups: Kafka's own keys and values (key versions 10-15; values version 0).
//!
//! Owns: the record layouts and [`ShareRecord`]. Where the layout is that of a consumer group's record, its struct is used.

use rdkafka_wire::Message;
use rdkafka_wire::types::{StrBytes, Uuid};

use crate::group::consumer_records::{TargetEpochValue, TargetTopicValue, TargetValue};
use crate::group::typed_records::records_of;

/// The group itself.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct GroupValue {
    #[field(versions = "0+")]
    pub(crate) epoch: i32,
    /// Of the topics that members are subscribed to, so that a change of them is noticed.
    #[field(versions = "0+")]
    pub(crate) metadata_hash: i64,
}

/// What a member says about itself.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct MemberValue {
    #[field(versions = "0+", nullable = "0+")]
    pub(crate) rack_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub(crate) client_id: StrBytes,
    #[field(versions = "0+")]
    pub(crate) client_host: StrBytes,
    #[field(versions = "0+")]
    pub(crate) topics: Vec<StrBytes>,
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
    pub(crate) assigned: Vec<TargetTopicValue>,
}

/// The partitions whose state is kept for the group.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct InitializedValue {
    /// Kafka's, while its two coordinators agree; never any here.
    #[field(versions = "0+")]
    pub(crate) initializing: Vec<InitializedTopicValue>,
    #[field(versions = "0+")]
    pub(crate) initialized: Vec<InitializedTopicValue>,
    /// As `initializing`.
    #[field(versions = "0+")]
    pub(crate) deleting: Vec<DeletingTopicValue>,
}

/// Part of [`InitializedValue`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct InitializedTopicValue {
    #[field(versions = "0+")]
    pub(crate) topic_id: Uuid,
    #[field(versions = "0+")]
    pub(crate) topic_name: StrBytes,
    #[field(versions = "0+")]
    pub(crate) partitions: Vec<i32>,
}

/// Part of [`InitializedValue`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct DeletingTopicValue {
    #[field(versions = "0+")]
    pub(crate) topic_id: Uuid,
    #[field(versions = "0+")]
    pub(crate) topic_name: StrBytes,
}

records_of! {
    /// One change of one group; without a value the thing is gone.
    ShareRecord
    of a group {
        Group = 11: GroupValue;
        TargetEpoch = 12: TargetEpochValue;
        Initialized = 15: InitializedValue;
    }
    of a member {
        Member = 10: MemberValue;
        Target = 13: TargetValue;
        Current = 14: CurrentValue;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::records::split_version;

    #[test]
    fn every_record_of_a_share_group_reads_back_as_written() {
        let topic = InitializedTopicValue {
            topic_id: Uuid([3; 16]),
            topic_name: "t".into(),
            partitions: vec![0, 2],
        };
        let target = TargetTopicValue {
            topic_id: Uuid([3; 16]),
            partitions: vec![0, 2],
        };
        let member = MemberValue {
            rack_id: Some("r".into()),
            client_id: "c".into(),
            client_host: "/127.0.0.1".into(),
            topics: vec!["t".into()],
        };
        let records = [
            ShareRecord::Member("m".into(), Some(member)),
            ShareRecord::Group(Some(GroupValue {
                epoch: 3,
                metadata_hash: 77,
            })),
            ShareRecord::Group(None),
            ShareRecord::TargetEpoch(Some(TargetEpochValue {
                assignment_epoch: 4,
                assignment_timestamp: 5,
            })),
            ShareRecord::Target("m".into(), None),
            ShareRecord::Current(
                "m".into(),
                Some(CurrentValue {
                    epoch: 5,
                    previous_epoch: 4,
                    state: 0,
                    assigned: vec![target],
                }),
            ),
            ShareRecord::Initialized(Some(InitializedValue {
                initializing: Vec::new(),
                initialized: vec![topic],
                deleting: Vec::new(),
            })),
        ];
        for record in records {
            let (key, value) = record.encode(&"g".into());
            let (version, key) = split_version(key).unwrap();
            let read = ShareRecord::decode(version, key, value).unwrap();
            assert_eq!(read, ("g".into(), record));
        }
    }

    #[test]
    fn a_share_group_record_has_kafkas_bytes() {
        let record = ShareRecord::Group(Some(GroupValue {
            epoch: 3,
            metadata_hash: 1,
        }));
        let (key, value) = record.encode(&"g".into());
        assert_eq!(&key[..], b"\x00\x0b\x00\x01g");
        let expected = b"\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x01\x00";
        assert_eq!(value.as_deref(), Some(&expected[..]));
    }
}
