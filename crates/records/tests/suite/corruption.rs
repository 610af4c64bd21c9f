//! Bytes from a broken peer or disk: an error, never a panic, never much memory.

use bytes::Bytes;
use rdkafka_records::legacy::{DownConvert, MessageFormat, UpConvert, down_convert, up_convert};
use rdkafka_records::{
    BatchBuilder, BatchError, Compression, CompressionError, EndTxnMarker, RecordBatch,
    RecordBatches, RecordError, RecordFault, Seal, patch_log_append_time, patch_producer,
    validate_produced, verify_crc,
};

use crate::golden::vector;
use crate::sample::{BYTES_MAX, golden, sealed};

const VECTORS: [&str; 14] = [
    "v0-none",
    "v0-gzip",
    "v0-snappy",
    "v0-lz4",
    "v1-none",
    "v1-gzip",
    "v1-snappy",
    "v1-lz4",
    "v2-none",
    "v2-gzip",
    "v2-snappy",
    "v2-lz4",
    "v2-zstd",
    "v2-commit",
];

/// Everything that can be asked of bytes; returns the records that came out.
fn exercise(bytes: &Bytes) -> usize {
    let mut records = 0;
    let _ = validate_produced(bytes);
    let _ = verify_crc(bytes);
    let _ = RecordBatch::parse(bytes.clone());
    let _ = patch_log_append_time(&mut bytes.to_vec(), 1);
    let _ = patch_producer(&mut bytes.to_vec(), 1, 2, 3);
    for batch in RecordBatches::new(bytes.clone()) {
        let Ok(batch) = batch else { break };
        let _ = (
            batch.verify_crc(),
            batch.compression(),
            batch.record_count(),
        );
        let _ = (
            batch.base_offset(),
            batch.next_offset(),
            batch.max_timestamp_ms(),
        );
        let _ = EndTxnMarker::from_batch(&batch);
        let _ = batch.recompress(Compression::Lz4, None, 1 << 20);
        let Ok(plain) = batch.decompress(1 << 20) else {
            continue;
        };
        let _ = plain.validate();
        for record in plain.records().flatten() {
            records += 1 + record.headers.count();
        }
    }
    for format in [MessageFormat::V0, MessageFormat::V1] {
        let _ = down_convert(
            bytes,
            &DownConvert {
                format,
                first_offset: 6,
                bytes_max: 1 << 20,
            },
        );
    }
    let how = UpConvert {
        compression: None,
        level: None,
        bytes_max: 1 << 20,
    };
    let _ = up_convert(bytes, &how);
    records
}

#[test]
fn bytes_cut_off_anywhere_end_the_walk_without_a_panic() {
    for name in VECTORS {
        let whole = vector(name);
        let mut two = whole.to_vec();
        two.extend_from_slice(&whole);
        let (one, two) = (exercise(&whole), Bytes::from(two));
        assert!(one > 0, "{name}");
        for cut in 0..two.len() {
            let records = exercise(&two.slice(..cut));
            assert!(records <= 2 * one, "{name} cut at {cut}");
        }
    }
}

#[test]
fn a_partial_batch_at_the_end_is_passed_over_in_silence() {
    let whole = vector("v2-none");
    let mut fetched = whole.to_vec();
    fetched.extend_from_slice(&whole[..whole.len() - 1]);
    let mut batches = RecordBatches::new(fetched.into());
    assert!(batches.next().unwrap().is_ok());
    assert!(batches.next().is_none());
    assert_eq!(batches.position(), whole.len());
    assert_eq!(batches.remaining(), whole.len() - 1);
}

#[test]
fn any_single_bit_may_flip() {
    for name in VECTORS {
        let whole = vector(name);
        for position in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.to_vec();
                bytes[position] ^= 1 << bit;
                exercise(&bytes.into());
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_the_records_is_found_by_the_crc() {
    for name in VECTORS {
        let mut bytes = vector(name).to_vec();
        // Behind the CRC in every format.
        bytes[21] ^= 1;
        let batch = RecordBatches::new(bytes.into()).next().unwrap().unwrap();
        assert!(
            matches!(batch.verify_crc(), Err(BatchError::CrcMismatch { .. })),
            "{name}"
        );
    }
}

/// A batch of three records that announces `count`; the CRC does not matter to the walk.
fn with_record_count(count: u32) -> RecordBatch {
    let mut bytes = sealed(&golden(true), &Seal::default()).to_vec();
    bytes[57..61].copy_from_slice(&count.to_be_bytes());
    bytes[23..27].copy_from_slice(&9_u32.to_be_bytes());
    RecordBatch::parse(bytes.into()).unwrap()
}

#[test]
fn fewer_records_than_announced_are_an_error_at_the_first_one_missing() {
    let plain = with_record_count(4).decompress(0).unwrap();
    let mut records = plain.records();
    for _ in 0..3 {
        assert!(records.next().unwrap().is_ok());
    }
    let error = RecordError {
        offset: 3,
        cause: RecordFault::MissingRecords,
    };
    assert_eq!(records.next().unwrap().unwrap_err(), error);
    assert!(records.next().is_none());
}

#[test]
fn more_records_than_announced_are_an_error_behind_the_last_one() {
    let plain = with_record_count(2).decompress(0).unwrap();
    let mut records = plain.records();
    for _ in 0..2 {
        assert!(records.next().unwrap().is_ok());
    }
    let error = RecordError {
        offset: 2,
        cause: RecordFault::TrailingBytes,
    };
    assert_eq!(records.next().unwrap().unwrap_err(), error);
    assert!(records.next().is_none());
}

#[test]
fn records_that_decompress_beyond_the_limit_are_refused_by_every_codec() {
    let mut builder = BatchBuilder::new();
    builder
        .append(0, None, Some(&vec![0; 3 << 20]), [])
        .unwrap();
    let plain = RecordBatch::parse(builder.seal(&Seal::default()).unwrap()).unwrap();
    let body_len = plain.raw().len() - 61;
    for compression in &Compression::ALL[1..] {
        let packed = plain.recompress(*compression, None, BYTES_MAX).unwrap();
        assert!(packed.len() < 200_000, "{compression}: {}", packed.len());
        let batch = RecordBatch::parse(packed).unwrap();
        for bytes_max in [0, 1, 1000, 65_536, 1 << 20, body_len - 1] {
            let error = batch.decompress(bytes_max).unwrap_err();
            assert_eq!(
                error,
                CompressionError::TooLarge { bytes_max },
                "{compression}"
            );
        }
        assert_eq!(
            batch.decompress(body_len).unwrap().body().len(),
            body_len,
            "{compression}"
        );
    }
}

#[test]
fn a_batch_that_a_broker_must_refuse_is_refused_by_name() {
    let good = sealed(&golden(true), &Seal::default());
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.to_vec();
        change(&mut bytes);
        validate_produced(&bytes).unwrap_err()
    };
    assert!(validate_produced(&good).is_ok());
    assert_eq!(
        refused(&|b| b.truncate(60)),
        BatchError::Truncated {
            needed: 61,
            available: 60
        }
    );
    assert_eq!(refused(&|b| b[16] = 1), BatchError::UnsupportedMagic(1));
    assert!(matches!(
        refused(&|b| b[8] = 0xff),
        BatchError::InvalidLength(..0)
    ));
    assert!(matches!(
        refused(&|b| b.push(0)),
        BatchError::LengthMismatch { .. }
    ));
    assert_eq!(refused(&|b| b[22] = 5), BatchError::UnknownCompression(5));
    assert!(matches!(
        refused(&|b| b[60] = 2),
        BatchError::InvalidRecordCount { .. }
    ));
    assert!(matches!(
        refused(&|b| b[57] = 0x80),
        BatchError::InvalidRecordCount { .. }
    ));
    assert!(matches!(
        refused(&|b| b[100] ^= 1),
        BatchError::CrcMismatch { .. }
    ));
}

#[test]
fn records_numbered_out_of_order_are_found() {
    let mut builder = BatchBuilder::new();
    builder.append_at(0, 0, None, None, []).unwrap();
    builder.append_at(2, 0, None, None, []).unwrap();
    let batch = RecordBatch::parse(builder.seal(&Seal::default()).unwrap()).unwrap();
    let error = RecordError {
        offset: 2,
        cause: RecordFault::OffsetOutOfOrder,
    };
    assert_eq!(batch.decompress(0).unwrap().validate(), Err(error));
}
