//! The bytes inside JoinGroup and SyncGroup of the classic `consumer` group protocol.
//!
//! Subscriptions and assignments carry their version in two leading bytes. Members of a group may run different client
//! versions, so a reader takes what it knows of a newer version and ignores the rest.

use bytes::Bytes;

use crate::message::Message;
use crate::messages::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use crate::reader::{DecodeError, FrameReader};
use crate::writer::FrameWriter;

/// A subscription as the metadata of a JoinGroup protocol.
pub fn encode_subscription(subscription: &ConsumerProtocolSubscription, version: i16) -> Bytes {
    encode(subscription, version)
}

/// Reads the metadata of a JoinGroup protocol; also answers the version the member wrote.
pub fn decode_subscription(
    bytes: Bytes,
) -> Result<(i16, ConsumerProtocolSubscription), DecodeError> {
    decode(bytes)
}

/// An assignment as SyncGroup carries it.
pub fn encode_assignment(assignment: &ConsumerProtocolAssignment, version: i16) -> Bytes {
    encode(assignment, version)
}

/// Reads the assignment of SyncGroup; also answers the version the leader wrote.
/// No bytes at all are an empty assignment: the leader had nothing for this member.
pub fn decode_assignment(bytes: Bytes) -> Result<(i16, ConsumerProtocolAssignment), DecodeError> {
    if bytes.is_empty() {
        return Ok((0, ConsumerProtocolAssignment::default()));
    }
    decode(bytes)
}

fn encode<M: Message>(message: &M, version: i16) -> Bytes {
    let mut w = FrameWriter::new();
    w.put_i16(version);
    message.encode(&mut w, version);
    w.into_bytes()
}

fn decode<M: Message>(bytes: Bytes) -> Result<(i16, M), DecodeError> {
    let mut r = FrameReader::new(bytes);
    let version = r.i16()?;
    if version < *M::VERSIONS.start() {
        return Err(DecodeError::new("the version is not supported", 0));
    }
    let message = M::decode(&mut r, version.min(*M::VERSIONS.end()))?;
    Ok((version, message))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::messages::consumer_protocol::{AssignedTopicPartitions, TopicPartition};

    fn subscription() -> ConsumerProtocolSubscription {
        ConsumerProtocolSubscription {
            topics: vec!["a".into(), "b".into()],
            user_data: Some(Bytes::from_static(b"u")),
            owned_partitions: vec![TopicPartition {
                topic: "a".into(),
                partitions: vec![0, 2],
            }],
            generation_id: 7,
            rack_id: Some("r".into()),
        }
    }

    #[test]
    fn a_subscription_of_version_0_is_topics_and_user_data() {
        let bytes = encode_subscription(&subscription(), 0);
        assert_eq!(bytes, &b"\0\0\0\0\0\x02\0\x01a\0\x01b\0\0\0\x01u"[..]);
        let (version, read) = decode_subscription(bytes).unwrap();
        assert_eq!(version, 0);
        assert_eq!(read.topics, subscription().topics);
        assert_eq!(read.generation_id, -1);
        assert!(read.owned_partitions.is_empty());
    }

    #[test]
    fn every_version_of_a_subscription_reads_back() {
        for version in ConsumerProtocolSubscription::VERSIONS {
            let (read_version, read) =
                decode_subscription(encode_subscription(&subscription(), version)).unwrap();
            assert_eq!(read_version, version);
            assert_eq!(read.owned_partitions.is_empty(), version < 1);
            assert_eq!(read.rack_id.is_some(), version >= 3);
        }
    }

    #[test]
    fn a_newer_subscription_is_read_as_far_as_it_is_known() {
        let mut bytes = encode_subscription(&subscription(), 3).to_vec();
        bytes[..2].copy_from_slice(&9_i16.to_be_bytes());
        bytes.extend(b"fields of the future");
        let (version, read) = decode_subscription(bytes.into()).unwrap();
        assert_eq!(version, 9);
        assert_eq!(read, subscription());
    }

    #[test]
    fn a_negative_version_is_an_error() {
        let error = decode_subscription(Bytes::from_static(b"\xff\xff\0\0\0\0")).unwrap_err();
        assert_eq!(error.what, "the version is not supported");
    }

    #[test]
    fn an_assignment_reads_back() {
        let assignment = ConsumerProtocolAssignment {
            assigned_partitions: vec![AssignedTopicPartitions {
                topic: "a".into(),
                partitions: vec![1, 3],
            }],
            user_data: None,
        };
        let bytes = encode_assignment(&assignment, 1);
        assert_eq!(decode_assignment(bytes), Ok((1, assignment)));
    }

    #[test]
    fn no_bytes_are_an_assignment_of_nothing() {
        let (_, assignment) = decode_assignment(Bytes::new()).unwrap();
        assert!(assignment.assigned_partitions.is_empty());
    }
}
