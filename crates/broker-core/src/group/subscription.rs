//! What classic consumers say about themselves in JoinGroup, and are told in SyncGroup.
//!
//! The coordinator of a classic group need not look into it; it does where it must know topics (OffsetDelete, the way
//! from one protocol to the other). Bytes that are no subscription are `None`, never an error.

use bytes::Bytes;
use rdkafka_wire::messages::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use rdkafka_wire::{FrameReader, FrameWriter, Message};

/// A member's subscription. Versions this build does not know are read as the newest it does, as they only add to it.
pub(super) fn parse(metadata: &Bytes) -> Option<ConsumerProtocolSubscription> {
    let (mut reader, version) = versioned(metadata)?;
    ConsumerProtocolSubscription::decode(&mut reader, version).ok()
}

/// A member's assignment.
pub(super) fn parse_assignment(bytes: &Bytes) -> Option<ConsumerProtocolAssignment> {
    if bytes.is_empty() {
        return Some(ConsumerProtocolAssignment::default());
    }
    let (mut reader, version) = versioned(bytes)?;
    ConsumerProtocolAssignment::decode(&mut reader, version).ok()
}

/// An assignment as a member that sent `metadata` can read it.
pub(super) fn encode_assignment(
    assignment: &ConsumerProtocolAssignment,
    metadata: &Bytes,
) -> Bytes {
    let version = versioned(metadata).map_or(0, |(_, version)| version);
    let mut writer = FrameWriter::new();
    writer.put_i16(version);
    assignment.encode(&mut writer, version);
    writer.into_bytes()
}

fn versioned(bytes: &Bytes) -> Option<(FrameReader, i16)> {
    let mut reader = FrameReader::new(bytes.clone());
    let version = reader.i16().ok().filter(|it| *it >= 0)?;
    Some((reader, version.min(NEWEST)))
}

const NEWEST: i16 = 3;
