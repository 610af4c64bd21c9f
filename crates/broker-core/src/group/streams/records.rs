//! What `__consumer_offsets` holds of streams groups: Kafka's own keys and values (key versions 17, 19-23; values version 0).
//!
//! Owns: the record layouts and [`StreamsRecord`]. Where the layout is that of a heartbeat's part or of a consumer group's record,
//! its struct is used. Key version 18, the partition metadata of Kafka's previews, is read past.

use rdkafka_wire::Message;
use rdkafka_wire::messages::streams_group_heartbeat::{Endpoint, KeyValue, Subtopology, TaskIds};
use rdkafka_wire::types::StrBytes;

use super::super::consumer_records::TargetEpochValue;
use super::super::typed_records::records_of;

/// The group itself.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct GroupValue {
    #[field(versions = "0+")]
    pub(crate) epoch: i32,
    /// Of the topics that the topology needs, so that a change of them is noticed.
    #[field(versions = "0+")]
    pub(crate) metadata_hash: i64,
    /// Of which epoch the topology is that all topics are there for; -1 for none.
    #[field(versions = "0+", tag = 0, tagged = "0+", default = "-1")]
    pub(crate) validated_topology_epoch: i32,
    /// The settings that the last assignment followed.
    #[field(
        versions = "0+",
        nullable = "0+",
        default = "null",
        tag = 1,
        tagged = "0+"
    )]
    pub(crate) assignment_configs: Option<Vec<KeyValue>>,
}

/// What a member says about itself.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct MemberValue {
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub(crate) instance_id: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub(crate) rack_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub(crate) client_id: StrBytes,
    #[field(versions = "0+")]
    pub(crate) client_host: StrBytes,
    #[field(versions = "0+", default = "-1")]
    pub(crate) rebalance_timeout_ms: i32,
    #[field(versions = "0+")]
    pub(crate) topology_epoch: i32,
    #[field(versions = "0+")]
    pub(crate) process_id: StrBytes,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub(crate) user_endpoint: Option<Endpoint>,
    #[field(versions = "0+")]
    pub(crate) client_tags: Vec<KeyValue>,
}

/// What a member is to have.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct TargetValue {
    #[field(versions = "0+")]
    pub(crate) active: Vec<TaskIds>,
    #[field(versions = "0+")]
    pub(crate) standby: Vec<TaskIds>,
    #[field(versions = "0+")]
    pub(crate) warmup: Vec<TaskIds>,
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
    pub(crate) active: Vec<CurrentTasks>,
    #[field(versions = "0+")]
    pub(crate) standby: Vec<CurrentTasks>,
    #[field(versions = "0+")]
    pub(crate) warmup: Vec<CurrentTasks>,
    #[field(versions = "0+")]
    pub(crate) revoking_active: Vec<CurrentTasks>,
    #[field(versions = "0+")]
    pub(crate) revoking_standby: Vec<CurrentTasks>,
    #[field(versions = "0+")]
    pub(crate) revoking_warmup: Vec<CurrentTasks>,
}

/// Part of [`CurrentValue`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct CurrentTasks {
    #[field(versions = "0+")]
    pub(crate) subtopology_id: StrBytes,
    #[field(versions = "0+")]
    pub(crate) partitions: Vec<i32>,
    /// Since which epoch the member has each active task (KIP-1251).
    #[field(
        versions = "0+",
        nullable = "0+",
        default = "null",
        tag = 0,
        tagged = "0+"
    )]
    pub(crate) assignment_epochs: Option<Vec<i32>>,
}

/// What the application reads, writes and keeps.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct TopologyValue {
    #[field(versions = "0+")]
    pub(crate) epoch: i32,
    #[field(versions = "0+")]
    pub(crate) subtopologies: Vec<Subtopology>,
}

records_of! {
    /// One change of one group; without a value the thing is gone.
    StreamsRecord
    of a group {
        Group = 17: GroupValue;
        TargetEpoch = 20: TargetEpochValue;
        Topology = 23: TopologyValue;
    }
    of a member {
        Member = 19: MemberValue;
        Target = 21: TargetValue;
        Current = 22: CurrentValue;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::records::{GroupRecord, RecordError, split_version};

    fn round_trip(record: &StreamsRecord) {
        let (key, value) = record.encode(&"g".into());
        let read = GroupRecord::decode(key, value).unwrap();
        let record = record.clone();
        let group = "g".into();
        assert_eq!(read, GroupRecord::Streams { group, record });
    }

    #[test]
    fn every_record_of_a_streams_group_reads_back_as_written() {
        let key_value = KeyValue {
            key: "num.standby.replicas".into(),
            value: "1".into(),
        };
        let tasks = CurrentTasks {
            subtopology_id: "0".into(),
            partitions: vec![0, 2],
            assignment_epochs: Some(vec![4, 5]),
        };
        round_trip(&StreamsRecord::Group(Some(GroupValue {
            epoch: 3,
            metadata_hash: 77,
            validated_topology_epoch: 0,
            assignment_configs: Some(vec![key_value.clone()]),
        })));
        round_trip(&StreamsRecord::Member(
            "m".into(),
            Some(MemberValue {
                process_id: "p".into(),
                user_endpoint: Some(Endpoint {
                    host: "h".into(),
                    port: 65_535,
                }),
                client_tags: vec![key_value],
                ..MemberValue::default()
            }),
        ));
        round_trip(&StreamsRecord::Current(
            "m".into(),
            Some(CurrentValue {
                epoch: 5,
                active: vec![tasks.clone()],
                revoking_active: vec![tasks],
                ..CurrentValue::default()
            }),
        ));
        round_trip(&StreamsRecord::Target("m".into(), None));
        round_trip(&StreamsRecord::TargetEpoch(None));
        round_trip(&StreamsRecord::Topology(Some(TopologyValue {
            epoch: 1,
            subtopologies: vec![Subtopology {
                subtopology_id: "0".into(),
                source_topics: vec!["t".into()],
                ..Subtopology::default()
            }],
        })));
    }

    #[test]
    fn a_streams_group_record_has_kafkas_bytes() {
        let record = StreamsRecord::Group(Some(GroupValue {
            epoch: 3,
            metadata_hash: 1,
            validated_topology_epoch: 0,
            assignment_configs: None,
        }));
        let (key, value) = record.encode(&"g".into());
        assert_eq!(&key[..], b"\x00\x11\x00\x01g");
        let expected =
            b"\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x01\x01\x00\x04\x00\x00\x00\x00";
        assert_eq!(value.as_deref(), Some(&expected[..]));
    }

    #[test]
    fn the_partition_metadata_of_previews_says_nothing_any_more() {
        let (key, value) = StreamsRecord::Group(None).encode(&"g".into());
        let (_, rest) = split_version(key).unwrap();
        let key = [&b"\x00\x12"[..], &rest].concat();
        let read = GroupRecord::decode(key.into(), value);
        assert_eq!(read, Err(RecordError::Outdated));
    }
}
