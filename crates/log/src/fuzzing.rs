//! The parsers of the log's small files, for the fuzzer: each reads a content and writes what it understood.
//!
//! Owns nothing. What comes back must read back as the same; the fuzzer says so.

use std::path::Path;

use crate::leader_epoch::LeaderEpochs;
use crate::producer_state::ProducerStates;
use crate::{checkpoint, file_names, log_dir, partition_metadata};

/// The state of producers.
pub fn producer_snapshot(content: &[u8]) -> Option<Vec<u8>> {
    let states = ProducerStates::decode(content).ok()?;
    Some(states.encode())
}

/// Leader epochs, and in which one an offset lies.
pub fn leader_epochs(content: &str, epoch: i32) -> Option<(i32, i64)> {
    let mut epochs = LeaderEpochs::parse(content)?;
    epochs.set_unwritten();
    let written = epochs.take_unwritten()?;
    let again = LeaderEpochs::parse(&written)?;
    assert_eq!(again.latest(), epochs.latest());
    epochs.truncate_from_start(epoch.into());
    epochs.truncate_from_end(i64::from(epoch) * 2);
    again.end_offset(epoch, i64::MAX)
}

/// Recovery points of the partitions of a folder.
pub fn checkpoints(content: &str) -> Option<String> {
    let mut entries: Vec<_> = checkpoint::parse(content)?.into_values().collect();
    entries.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    Some(checkpoint::format(&entries))
}

/// The identity of a partition.
pub fn partition_metadata(content: &str) -> Option<String> {
    Some(partition_metadata::format(
        partition_metadata::parse(content).ok()?,
    ))
}

/// The identity of a folder.
pub fn meta_properties(content: &str) -> Option<crate::MetaProperties> {
    log_dir::parse_meta(content, Path::new("meta.properties")).ok()
}

/// What a file's name says of its offset.
pub fn file_name(name: &str) -> Option<i64> {
    file_names::parse(name).map(|(offset, _)| offset)
}

/// The CRC a snapshot has at its start, of what follows it.
pub fn crc(bytes: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(bytes)
}
