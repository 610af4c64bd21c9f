//! What members tell each other through the coordinator: subscriptions and assignments of the classic protocol.
//!
//! A thin layer over the wire's embedded messages that speaks the group's own types. Pure code; driver task.

use bytes::{BufMut, Bytes, BytesMut};
use rdkafka_wire::embedded;
use rdkafka_wire::messages::consumer_protocol::{
    AssignedTopicPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
    TopicPartition,
};
use rdkafka_wire::messages::join_group::JoinGroupResponseMember;
use rdkafka_wire::types::StrBytes;

use super::assignor::{Assignment, Member};

/// Protocol type of consumer groups.
pub(crate) const TYPE: &str = "consumer";
/// Subscriptions are written with owned partitions, generation and rack; readers skip what they do not know.
const SUBSCRIPTION_VERSION: i16 = 3;
/// Nothing was added to assignments since version 0.
const ASSIGNMENT_VERSION: i16 = 0;

/// What this member wants, as JoinGroup metadata; for a cooperative protocol with what it `owns`.
pub(crate) fn encode_subscription(
    topics: &[StrBytes],
    owns: Option<&Assignment>,
    generation: i32,
    rack: Option<&StrBytes>,
) -> Bytes {
    let owned_partitions = owns
        .into_iter()
        .flatten()
        .map(|(topic, partitions)| TopicPartition {
            topic: topic.clone(),
            partitions: partitions.clone(),
        });
    let subscription = ConsumerProtocolSubscription {
        topics: topics.to_vec(),
        user_data: owns
            .filter(|_| generation >= 0)
            .map(|owned| encode_sticky(owned, generation)),
        owned_partitions: owned_partitions.collect(),
        generation_id: generation,
        rack_id: rack.cloned(),
    };
    embedded::encode_subscription(&subscription, SUBSCRIPTION_VERSION)
}

/// What a sticky assignor's member was given last, and when: the user data librdkafka sends.
fn encode_sticky(owned: &Assignment, generation: i32) -> Bytes {
    let count = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    let mut data = BytesMut::new();
    data.put_i32(count(owned.len()));
    for (topic, partitions) in owned {
        data.put_i16(i16::try_from(topic.len()).unwrap_or(i16::MAX));
        data.put_slice(topic.as_bytes());
        data.put_i32(count(partitions.len()));
        partitions
            .iter()
            .for_each(|partition| data.put_i32(*partition));
    }
    data.put_i32(generation);
    data.freeze()
}

/// The generation in a sticky member's user data: the Java client's is nothing else, librdkafka's ends with it.
fn sticky_generation(data: &[u8]) -> Option<i32> {
    data.last_chunk().copied().map(i32::from_be_bytes)
}

/// A member as JoinGroup tells the leader. `None` when its metadata cannot be read: it gets nothing.
pub(crate) fn decode_member(member: JoinGroupResponseMember) -> Option<Member> {
    let (_, subscription) = embedded::decode_subscription(member.metadata).ok()?;
    let mut owned = Assignment::new();
    for TopicPartition { topic, partitions } in subscription.owned_partitions {
        owned.entry(topic).or_default().extend(partitions);
    }
    let generation = match subscription.generation_id {
        // Nothing said, or by a client that knows no such field yet.
        ..0 => subscription
            .user_data
            .as_deref()
            .and_then(sticky_generation),
        generation => Some(generation),
    };
    Some(Member {
        id: member.member_id,
        instance_id: member.group_instance_id,
        topics: subscription.topics,
        rack: subscription.rack_id,
        owned,
        generation: generation.unwrap_or(-1),
    })
}

/// One member's share, as SyncGroup carries it.
pub(crate) fn encode_assignment(assignment: &Assignment) -> Bytes {
    let assigned = assignment
        .iter()
        .map(|(topic, partitions)| AssignedTopicPartitions {
            topic: topic.clone(),
            partitions: partitions.clone(),
        });
    let message = ConsumerProtocolAssignment {
        assigned_partitions: assigned.collect(),
        user_data: None,
    };
    embedded::encode_assignment(&message, ASSIGNMENT_VERSION)
}

/// This member's share out of SyncGroup, in memory of its own. `None` when it cannot be read.
pub(crate) fn decode_assignment(bytes: Bytes) -> Option<Assignment> {
    let (_, message) = embedded::decode_assignment(bytes).ok()?;
    let mut assignment = Assignment::new();
    for AssignedTopicPartitions {
        topic,
        mut partitions,
    } in message.assigned_partitions
    {
        assignment
            .entry(topic.copy_out_of_frame())
            .or_default()
            .append(&mut partitions);
    }
    for partitions in assignment.values_mut() {
        partitions.sort_unstable();
        partitions.dedup();
    }
    assignment.retain(|_, partitions| !partitions.is_empty());
    Some(assignment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_survives_the_way_through_the_coordinator() {
        let assignment = Assignment::from([("a".into(), vec![0, 2]), ("b".into(), vec![1])]);
        assert_eq!(
            decode_assignment(encode_assignment(&assignment)),
            Some(assignment)
        );
    }

    fn member(metadata: Bytes) -> Option<Member> {
        decode_member(JoinGroupResponseMember {
            metadata,
            ..Default::default()
        })
    }

    #[test]
    fn what_a_cooperative_member_owns_reaches_the_leader() {
        let owned = Assignment::from([("t".into(), vec![0, 2])]);
        let told = member(encode_subscription(&["t".into()], Some(&owned), 7, None)).unwrap();
        assert_eq!((told.owned, told.generation), (owned, 7));
    }

    #[test]
    fn user_data_is_what_librdkafka_sends() {
        let owned = Assignment::from([("t".into(), vec![0, 2])]);
        assert_eq!(
            encode_sticky(&owned, 7),
            Bytes::from_static(b"\0\0\0\x01\0\x01t\0\0\0\x02\0\0\0\0\0\0\0\x02\0\0\0\x07")
        );
    }

    #[test]
    fn the_generation_of_an_older_client_is_in_its_user_data() {
        let subscription = ConsumerProtocolSubscription {
            user_data: Some(encode_sticky(&Assignment::new(), 5)),
            ..Default::default()
        };
        let told = member(embedded::encode_subscription(&subscription, 1)).unwrap();
        assert_eq!(told.generation, 5);
    }

    #[test]
    fn no_bytes_are_an_empty_assignment() {
        assert_eq!(decode_assignment(Bytes::new()), Some(Assignment::new()));
    }

    #[test]
    fn a_member_with_unreadable_metadata_is_left_out() {
        let member = JoinGroupResponseMember {
            metadata: Bytes::from_static(b"\0"),
            ..Default::default()
        };
        assert_eq!(decode_member(member), None);
    }
}
