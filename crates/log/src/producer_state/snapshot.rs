//! The file form of the producers' state: `<offset>.snapshot`, the state as of that offset.
//!
//! All numbers big-endian: a version (16 bits, 101: our numbers start above Kafka's), the CRC-32C of
//! the rest (32), the number of producers (32), then each producer: id (64), epoch (16), last timestamp
//! (64), coordinator epoch (32), first offset of the open transaction or -1 (64), number of batches (8),
//! and each batch: first and last sequence (32 each), first and last offset (64 each), timestamp (64). Version 102, written
//! when there are any, adds the aborted transactions: their number (32), and each: producer id, first offset, offset of
//! the marker, last stable offset after it (64 each).

use std::fmt;

use crate::txn_index::AbortedTxn;

use super::{Producer, ProducerEntry, ProducerStates, REMEMBERED_BATCHES, SequenceRange};

const VERSION: i16 = 101;
/// With aborted transactions.
const VERSION_WITH_ABORTED: i16 = 102;
/// Version, CRC.
const PREFIX: usize = 6;
/// A producer without batches.
const PRODUCER: usize = 31;

/// Why a snapshot cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotError {
    /// A version that is not known.
    Version(i16),
    /// The CRC or a length is wrong.
    Damaged,
}

impl std::error::Error for SnapshotError {}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "unknown version {version}"),
            Self::Damaged => f.write_str("damaged"),
        }
    }
}

impl ProducerStates {
    /// The snapshot's content.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(PREFIX + 4 + self.producers.len() * (PRODUCER + 160));
        let has_aborted = self.aborted.len() > 0;
        let version = if has_aborted {
            VERSION_WITH_ABORTED
        } else {
            VERSION
        };
        out.extend(version.to_be_bytes());
        out.extend([0; 4]);
        // Producer ids are given out one by one: there are fewer than 2^32.
        out.extend((self.producers.len() as u32).to_be_bytes());
        for (id, producer) in &self.producers {
            out.extend(id.to_be_bytes());
            out.extend(producer.epoch.to_be_bytes());
            out.extend(producer.last_timestamp_ms.to_be_bytes());
            out.extend(producer.coordinator_epoch.to_be_bytes());
            out.extend(producer.txn_first_offset.unwrap_or(-1).to_be_bytes());
            out.push(producer.batch_count as u8);
            for batch in producer.batches() {
                out.extend(batch.first_sequence.to_be_bytes());
                out.extend(batch.last_sequence.to_be_bytes());
                out.extend(batch.first_offset.to_be_bytes());
                out.extend(batch.last_offset.to_be_bytes());
                out.extend(batch.timestamp_ms.to_be_bytes());
            }
        }
        if has_aborted {
            // Each took bytes in the log: there are fewer than 2^32.
            out.extend((self.aborted.len() as u32).to_be_bytes());
        }
        for aborted in self.aborted.iter() {
            out.extend(aborted.producer_id.to_be_bytes());
            out.extend(aborted.first_offset.to_be_bytes());
            out.extend(aborted.last_offset.to_be_bytes());
            out.extend(aborted.stable_offset.to_be_bytes());
        }
        let crc = crc_fast::crc32_iscsi(&out[PREFIX..]);
        out[2..PREFIX].copy_from_slice(&crc.to_be_bytes());
        out
    }

    /// Reads a snapshot's content.
    pub(crate) fn decode(content: &[u8]) -> Result<Self, SnapshotError> {
        let mut input = Input(content);
        let version = i16::from_be_bytes(input.take()?);
        if version != VERSION && version != VERSION_WITH_ABORTED {
            return Err(SnapshotError::Version(version));
        }
        let crc = u32::from_be_bytes(input.take()?);
        if crc_fast::crc32_iscsi(input.0) != crc {
            return Err(SnapshotError::Damaged);
        }
        let count = u32::from_be_bytes(input.take()?);
        let mut states = Self::default();
        for _ in 0..count {
            let (id, producer) = input.producer()?;
            if let Some(offset) = producer.txn_first_offset {
                states.open_txns.insert(offset, id);
            }
            states.producers.insert(id, producer);
        }
        if version == VERSION_WITH_ABORTED {
            for _ in 0..u32::from_be_bytes(input.take()?) {
                states.aborted.push(AbortedTxn {
                    producer_id: i64::from_be_bytes(input.take()?),
                    first_offset: i64::from_be_bytes(input.take()?),
                    last_offset: i64::from_be_bytes(input.take()?),
                    stable_offset: i64::from_be_bytes(input.take()?),
                });
            }
        }
        if input.0.is_empty() {
            Ok(states)
        } else {
            Err(SnapshotError::Damaged)
        }
    }
}

/// A snapshot, to be shown to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducerSnapshot {
    /// The producers, by their ids.
    pub producers: Vec<ProducerEntry>,
    /// The aborted transactions, in the order of their markers.
    pub aborted: Vec<AbortedTxn>,
}

impl ProducerSnapshot {
    /// Reads the content of a `.snapshot` file as this crate writes it.
    ///
    /// # Errors
    /// When the version is another's (Kafka's are 1 and 2), or the content is damaged.
    pub fn parse(content: &[u8]) -> Result<Self, SnapshotError> {
        let states = ProducerStates::decode(content)?;
        Ok(Self {
            producers: states.entries().collect(),
            aborted: states.aborted.iter().copied().collect(),
        })
    }
}

/// What is left to read.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let (value, rest) = self.0.split_first_chunk().ok_or(SnapshotError::Damaged)?;
        self.0 = rest;
        Ok(*value)
    }

    fn producer(&mut self) -> Result<(i64, Producer), SnapshotError> {
        let id = i64::from_be_bytes(self.take()?);
        let mut producer = Producer::new(i16::from_be_bytes(self.take()?));
        producer.last_timestamp_ms = i64::from_be_bytes(self.take()?);
        producer.coordinator_epoch = i32::from_be_bytes(self.take()?);
        let txn_first_offset = i64::from_be_bytes(self.take()?);
        producer.txn_first_offset = (txn_first_offset >= 0).then_some(txn_first_offset);
        let [count] = self.take()?;
        if usize::from(count) > REMEMBERED_BATCHES {
            return Err(SnapshotError::Damaged);
        }
        for _ in 0..count {
            producer.push(SequenceRange {
                first_sequence: i32::from_be_bytes(self.take()?),
                last_sequence: i32::from_be_bytes(self.take()?),
                first_offset: i64::from_be_bytes(self.take()?),
                last_offset: i64::from_be_bytes(self.take()?),
                timestamp_ms: i64::from_be_bytes(self.take()?),
            });
        }
        Ok((id, producer))
    }
}
