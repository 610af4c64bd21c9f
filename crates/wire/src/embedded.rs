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
