//! Reads an internal log from its start to its end, record by record, and the ends of transactions.

use bytes::Bytes;
use rdkafka_log::{Log, LogError, ReadOptions};
use rdkafka_records::{EndTxnMarker, RecordBatches};

/// How many bytes are read at a time, and what a compressed batch may grow to.
const CHUNK_BYTES: usize = 1 << 20;
const BATCH_BYTES_MAX: usize = 256 << 20;

/// What a log holds.
pub(crate) enum Replayed {
    /// A record that has a key.
    Record {
        key: Bytes,
        value: Option<Bytes>,
        /// The producer whose transaction it belongs to: it counts once that is committed.
        in_transaction_of: Option<i64>,
    },
    /// The end of a transaction.
    Marker(EndTxnMarker),
}

/// Calls `take` with key and value of every record that has a key, of logs without transactions.
pub(crate) fn replay(
    log: &mut Log,
    mut take: impl FnMut(Bytes, Option<Bytes>),
) -> Result<(), LogError> {
    replay_all(log, |replayed| {
        if let Replayed::Record { key, value, .. } = replayed {
            take(key, value);
        }
    })
}

/// Calls `take` with every record that has a key and every marker. A batch that cannot be read is an error: internal
/// state with a hole in it is worse than a broker that says so.
pub(crate) fn replay_all(log: &mut Log, mut take: impl FnMut(Replayed)) -> Result<(), LogError> {
    let offsets = log.offsets();
    let mut offset = offsets.start;
    let dir = log.dir().to_path_buf();
    let corrupt = |reason: String| LogError::Corrupt {
        path: dir.clone(),
        reason,
    };
    while offset < offsets.end {
        let options = ReadOptions {
            max_bytes: CHUNK_BYTES,
            min_one_batch: true,
            upper_offset: offsets.end,
        };
        let read = log.read(offset, &options)?;
        let before = offset;
        for slice in read.slices {
            let bytes = slice.read().map_err(|error| corrupt(error.to_string()))?;
            for batch in RecordBatches::new(bytes) {
                let batch = batch.map_err(|error| corrupt(error.to_string()))?;
                let plain = batch
                    .decompress(BATCH_BYTES_MAX)
                    .map_err(|error| corrupt(error.to_string()))?;
                offset = plain.next_offset();
                if batch.is_control() {
                    if let Some(marker) = EndTxnMarker::from_batch(&batch) {
                        take(Replayed::Marker(marker));
                    }
                    continue;
                }
                let header = batch.header();
                let in_transaction_of = header
                    .filter(|it| it.attributes.is_transactional())
                    .map(|it| it.producer_id);
                for record in plain.records() {
                    let record = record.map_err(|error| corrupt(error.to_string()))?;
                    if let Some(key) = record.key {
                        take(Replayed::Record {
                            key: Bytes::copy_from_slice(key),
                            value: record.value.map(Bytes::copy_from_slice),
                            in_transaction_of,
                        });
                    }
                }
            }
        }
        if offset == before {
            return Err(corrupt(format!("nothing can be read at offset {offset}")));
        }
    }
    Ok(())
}
