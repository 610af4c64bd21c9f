//! The records of the broker's own topics, for the fuzzer: each is read, and written again.
//!
//! Owns nothing. What comes back must read back as the same; the fuzzer says so.

use bytes::Bytes;

use crate::cluster_log::ClusterRecord;
use crate::group::records::GroupRecord;
use crate::transaction::records;

/// A record: key and value, or a tombstone.
pub type Stored = (Bytes, Option<Bytes>);

/// A record of `__consumer_offsets`.
pub fn group_record((key, value): Stored) -> Option<Stored> {
    let record = GroupRecord::decode(key, value).ok()?;
    let _ = record.group();
    Some(record.encode())
}

/// A record of `__transaction_state`.
pub fn transaction_record((key, value): Stored) -> Option<Stored> {
    let (id, state) = records::decode(key, value).ok()?;
    Some(records::encode(&id, state.as_ref()))
}

/// A record of `__cluster_metadata`.
pub fn cluster_record((key, value): Stored) -> Option<Stored> {
    Some(ClusterRecord::decode(key, value)?.encode())
}
