//! `.snapshot`: what a log remembered of its producers, as Kafka writes it or as this project does.

use std::path::Path;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use rdkafka_log::{AbortedTxn, ProducerEntry, ProducerSnapshot};
use rdkafka_wire::{DecodeError, FrameReader};

use super::fields::Fields;
use super::indexes::read;
use crate::output::say;

/// What is said of an aborted transaction.
pub(super) const ABORTED_FIELDS: [&str; 4] = [
    "producerId",
    "firstOffset",
    "lastOffset",
    "lastStableOffset",
];

/// Prints a snapshot.
pub(super) fn dump(path: &Path, is_json: bool) -> Result<()> {
    let content = read(path)?;
    let Some(version) = content.first_chunk().map(|it| i16::from_be_bytes(*it)) else {
        bail!("{} is empty", path.display());
    };
    let lines = match version {
        1 | 2 => kafkas(path, &content)?,
        _ => {
            let snapshot = ProducerSnapshot::parse(&content);
            let snapshot = snapshot.with_context(|| path.display().to_string())?;
            let producers = snapshot.producers.iter().map(producer_fields);
            let aborted = snapshot.aborted.iter().map(aborted_fields);
            producers.chain(aborted).collect()
        }
    };
    for line in lines {
        if is_json {
            say!("{}", line.json());
        } else {
            say!("{}", line.line());
        }
    }
    Ok(())
}

fn producer_fields(entry: &ProducerEntry) -> Fields {
    let mut fields = Fields::default();
    fields.add("producerId", entry.producer_id);
    fields.add("producerEpoch", entry.epoch);
    fields.add("coordinatorEpoch", entry.coordinator_epoch);
    fields.add_optional("currentTxnFirstOffset", entry.txn_first_offset);
    fields.add("lastTimestamp", entry.last_timestamp_ms);
    if let Some(batch) = entry.batches.last() {
        fields.add("firstSequence", batch.first_sequence);
        fields.add("lastSequence", batch.last_sequence);
        fields.add("lastOffset", batch.last_offset);
        fields.add("offsetDelta", batch.last_offset - batch.first_offset);
        fields.add("timestamp", batch.timestamp_ms);
    }
    fields
}

fn aborted_fields(aborted: &AbortedTxn) -> Fields {
    let mut fields = Fields::default();
    let values = [
        aborted.producer_id,
        aborted.first_offset,
        aborted.last_offset,
        aborted.stable_offset,
    ];
    for (name, value) in ABORTED_FIELDS.into_iter().zip(values) {
        fields.add(name, value);
    }
    fields
}

/// Version 1 and 2 of Kafka's: its version, the CRC-32C of the rest, and an array of producers with their last batch.
fn kafkas(path: &Path, content: &[u8]) -> Result<Vec<Fields>> {
    let cut = || format!("{} is cut off", path.display());
    let (prefix, rest) = content.split_first_chunk::<6>().with_context(cut)?;
    let [_, _, crc @ ..] = *prefix;
    let (stored, computed) = (u32::from_be_bytes(crc), crc_fast::crc32_iscsi(rest));
    if stored != computed {
        bail!(
            "Snapshot file '{}' is corrupted (CRC is no longer valid). Stored crc: {stored}. Computed crc: {computed}",
            path.display()
        );
    }
    let mut reader = FrameReader::new(Bytes::copy_from_slice(rest));
    let producers = reader.elements(false, kafkas_producer).with_context(cut)?;
    Ok(producers.unwrap_or_default())
}

fn kafkas_producer(reader: &mut FrameReader) -> Result<Fields, DecodeError> {
    let (id, epoch) = (reader.i64()?, reader.i16()?);
    let (last_sequence, last_offset) = (reader.i32()?, reader.i64()?);
    let (delta, timestamp_ms) = (reader.i32()?, reader.i64()?);
    let (coordinator_epoch, first_offset) = (reader.i32()?, reader.i64()?);
    let mut fields = Fields::default();
    fields.add("producerId", id);
    fields.add("producerEpoch", epoch);
    fields.add("coordinatorEpoch", coordinator_epoch);
    fields.add_optional(
        "currentTxnFirstOffset",
        Some(first_offset).filter(|it| *it >= 0),
    );
    fields.add("lastTimestamp", timestamp_ms);
    if last_offset >= 0 {
        fields.add(
            "firstSequence",
            last_sequence.wrapping_sub(delta) & i32::MAX,
        );
        fields.add("lastSequence", last_sequence);
        fields.add("lastOffset", last_offset);
        fields.add("offsetDelta", delta);
        fields.add("timestamp", timestamp_ms);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Apache Kafka 4.3 wrote when it rolled a segment.
    const KAFKAS: [u8; 56] = [
        0x00, 0x01, 0x7b, 0x55, 0x08, 0x01, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0x77, 0, 0, 0, 0, 0, 0, 0, 0x79, 0, 0, 0, 0x27, 0, 0, 0x01, 0xa1, 0xff, 0xe0, 0x3b, 0x3f,
        0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ];

    #[test]
    fn a_snapshot_of_kafkas_is_read_and_its_crc_is_checked() {
        let path = Path::new("00000000000000000123.snapshot");
        let lines = kafkas(path, &KAFKAS).unwrap();
        let lines: Vec<_> = lines.iter().map(Fields::line).collect();
        assert_eq!(
            lines,
            [
                "producerId: 0 producerEpoch: 0 coordinatorEpoch: 0 currentTxnFirstOffset: OptionalLong.empty \
                 lastTimestamp: 1795294247743 firstSequence: 80 lastSequence: 119 lastOffset: 121 offsetDelta: 39 \
                 timestamp: 1795294247743"
            ]
        );
        let mut damaged = KAFKAS;
        damaged[23] ^= 1;
        let error = kafkas(path, &damaged).unwrap_err().to_string();
        assert!(error.contains("CRC is no longer valid"), "{error}");
        assert!(
            kafkas(path, &KAFKAS[..5])
                .unwrap_err()
                .to_string()
                .contains("cut off")
        );
    }
}
