//! What members tell each other through the coordinator: subscriptions and assignments of the classic protocol.
//!
//! A thin layer over the wire's embedded messages that speaks the group's own types. Pure code; driver task.

use bytes::Bytes;
use rdkafka_wire::embedded;
use rdkafka_wire::messages::consumer_protocol::{
    AssignedTopicPartitions, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
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

/// What this member wants, as JoinGroup metadata.
pub(crate) fn encode_subscription(
    topics: &[StrBytes],
    generation: i32,
    rack: Option<&StrBytes>,
) -> Bytes {
    let subscription = ConsumerProtocolSubscription {
        topics: topics.to_vec(),
        user_data: None,
        owned_partitions: Vec::new(),
        generation_id: generation,
        rack_id: rack.cloned(),
    };
    embedded::encode_subscription(&subscription, SUBSCRIPTION_VERSION)
}

/// A member as JoinGroup tells the leader. `None` when its metadata cannot be read: it gets nothing.
pub(crate) fn decode_member(member: JoinGroupResponseMember) -> Option<Member> {
    let (_, subscription) = embedded::decode_subscription(member.metadata).ok()?;
    Some(Member {
        id: member.member_id,
        instance_id: member.group_instance_id,
        topics: subscription.topics,
        rack: subscription.rack_id,
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
