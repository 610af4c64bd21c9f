//! Reads an internal log from its start to its end, record by record.

use bytes::Bytes;
use rdkafka_log::{Log, LogError, ReadOptions};
use rdkafka_records::RecordBatches;

/// How many bytes are read at a time, and what a compressed batch may grow to.
const CHUNK_BYTES: usize = 1 << 20;
const BATCH_BYTES_MAX: usize = 256 << 20;

/// Calls `take` with key and value of every record that has a key. A batch that cannot be read is an error: internal
/// state with a hole in it is worse than a broker that says so.
pub(crate) fn replay(
    log: &mut Log,
    mut take: impl FnMut(Bytes, Option<Bytes>),
) -> Result<(), LogError> {
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
                for record in plain.records() {
                    let record = record.map_err(|error| corrupt(error.to_string()))?;
                    if let Some(key) = record.key.filter(|_| !batch.is_control()) {
                        take(
                            Bytes::copy_from_slice(key),
                            record.value.map(Bytes::copy_from_slice),
                        );
                    }
                }
                offset = plain.next_offset();
            }
        }
        if offset == before {
            return Err(corrupt(format!("nothing can be read at offset {offset}")));
        }
    }
    Ok(())
}
