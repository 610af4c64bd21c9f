//! What members of a classic group tell each other, for the fuzzer.

use bytes::Bytes;
use rdkafka_wire::messages::join_group::JoinGroupResponseMember;

use crate::consumer::group::assignor::{Assignment, Member};
use crate::consumer::group::protocol;

/// A member, from what it told when it joined.
pub fn member(id: &str, metadata: Bytes) -> Option<Member> {
    protocol::decode_member(JoinGroupResponseMember {
        member_id: id.into(),
        metadata,
        ..JoinGroupResponseMember::default()
    })
}

/// A member's share, from what its leader wrote.
pub fn assignment(bytes: Bytes) -> Option<Assignment> {
    protocol::decode_assignment(bytes)
}

/// A member's share, as its leader writes it.
pub fn encode_assignment(assignment: &Assignment) -> Bytes {
    protocol::encode_assignment(assignment)
}
