//! Bytes that Kafka's own Java client (kafka-clients 3.9.1, `MemoryRecordsBuilder`) wrote: they must be read,
//! and where nothing is left to taste, written the same.

use bytes::Bytes;
use rdkafka_records::legacy::{DownConvert, MessageFormat, UpConvert, down_convert, up_convert};
use rdkafka_records::{
    BatchHeader, Compression, EndTxnMarker, RecordBatch, RecordBatches, Seal, TimestampType,
    TransactionResult, patch_base_offset, patch_log_append_time, patch_partition_leader_epoch,
};

use crate::sample::{BYTES_MAX, Sample, golden, read_all, sealed};

const FILE: &str = include_str!("golden/kafka-clients-3.9.1.txt");

fn vectors() -> impl Iterator<Item = (&'static str, Bytes)> {
    FILE.lines().map(|line| {
        let (name, hex) = line.split_once(' ').unwrap();
        let bytes = hex.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).unwrap();
            u8::from_str_radix(pair, 16).unwrap()
        });
        (name, bytes.collect())
    })
}

pub(crate) fn vector(name: &str) -> Bytes {
    vectors()
        .find(|(candidate, _)| *candidate == name)
        .unwrap()
        .1
}

/// What a vector holds: message format v0 has no timestamps, log-append time one for all.
fn expected(name: &str) -> Vec<Sample> {
    let mut samples = golden(name.starts_with("v2"));
    for sample in &mut samples {
        if name.starts_with("v0") {
            sample.timestamp_ms = -1;
        } else if name.contains("append") {
            sample.timestamp_ms = 1_800_000_000_000;
        }
    }
    samples
}

#[test]
fn every_format_and_codec_of_the_java_client_is_read() {
    let mut seen = 0;
    let is_marker = |name: &str| name == "v2-commit" || name == "v2-abort";
    for (name, bytes) in vectors().filter(|(name, _)| !is_marker(name)) {
        assert_eq!(read_all(&bytes), expected(name), "{name}");
        let codec = name.rsplit('-').next().unwrap();
        let first = RecordBatches::new(bytes).next().unwrap().unwrap();
        let compression = Compression::from_name(codec).unwrap_or_default();
        assert_eq!(first.compression(), Ok(compression), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 16);
}

#[test]
fn the_clock_of_each_format_is_told() {
    for (name, expected) in [
        ("v0-gzip", TimestampType::NotAvailable),
        ("v1-gzip", TimestampType::CreateTime),
        ("v1-append-gzip", TimestampType::LogAppendTime),
        ("v2-gzip", TimestampType::CreateTime),
        ("v2-append-transactional", TimestampType::LogAppendTime),
    ] {
        let batch = RecordBatch::parse(vector(name)).unwrap();
        assert_eq!(batch.timestamp_type(), expected, "{name}");
        assert_eq!(
            batch.decompress(BYTES_MAX).unwrap().timestamp_type(),
            expected,
            "{name}"
        );
    }
}

#[test]
fn an_uncompressed_batch_is_the_java_clients_byte_by_byte() {
    let mut ours = sealed(&golden(true), &Seal::default()).to_vec();
    patch_base_offset(&mut ours, 5).unwrap();
    assert_eq!(ours, vector("v2-none"));
}

#[test]
fn a_transactional_batch_with_append_time_is_the_java_clients_byte_by_byte() {
    let seal = Seal {
        producer_id: 77,
        producer_epoch: 3,
        base_sequence: 41,
        transactional: true,
        ..Seal::default()
    };
    let mut ours = sealed(&golden(true), &seal).to_vec();
    patch_base_offset(&mut ours, 5).unwrap();
    patch_partition_leader_epoch(&mut ours, 9).unwrap();
    patch_log_append_time(&mut ours, 1_800_000_000_000).unwrap();
    assert_eq!(ours, vector("v2-append-transactional"));
}

#[test]
fn a_transaction_marker_is_the_java_clients_byte_by_byte_and_read_back() {
    for (name, result) in [
        ("v2-commit", TransactionResult::Commit),
        ("v2-abort", TransactionResult::Abort),
    ] {
        let marker = EndTxnMarker {
            producer_id: 77,
            producer_epoch: 3,
            coordinator_epoch: 6,
            result,
        };
        let mut ours = marker.to_batch(1_700_000_000_000).unwrap().to_vec();
        assert_eq!(ours.len(), EndTxnMarker::BATCH_LEN);
        patch_base_offset(&mut ours, 12).unwrap();
        patch_partition_leader_epoch(&mut ours, 4).unwrap();
        assert_eq!(ours, vector(name));
        let batch = RecordBatch::parse(vector(name)).unwrap();
        assert_eq!(EndTxnMarker::from_batch(&batch), Some(marker));
    }
}

#[test]
fn a_header_is_written_as_it_was_read() {
    for (name, bytes) in vectors().filter(|(name, _)| name.starts_with("v2")) {
        let header = BatchHeader::parse(&bytes).unwrap();
        assert_eq!(header.to_bytes()[..], bytes[..61], "{name}");
    }
}

#[test]
fn down_conversion_writes_the_java_clients_messages_byte_by_byte() {
    for (format, name) in [
        (MessageFormat::V0, "v0-none"),
        (MessageFormat::V1, "v1-none"),
    ] {
        let how = DownConvert {
            format,
            first_offset: 0,
            bytes_max: BYTES_MAX,
        };
        assert_eq!(
            down_convert(&vector("v2-none"), &how).unwrap(),
            vector(name)
        );
    }
}

#[test]
fn lz4_in_messages_of_format_v0_has_the_header_checksum_that_old_clients_expect() {
    // Behind the wrapper's header and value length lies the frame: magic, two descriptor bytes, checksum.
    const FRAME: usize = 26;
    let java = vector("v0-lz4");
    let how = DownConvert {
        format: MessageFormat::V0,
        first_offset: 0,
        bytes_max: BYTES_MAX,
    };
    let ours = down_convert(&vector("v2-lz4"), &how).unwrap();
    assert_eq!(ours[FRAME..FRAME + 7], java[FRAME..FRAME + 7]);
    // The frame of a record batch differs in the checksum alone.
    let standard = vector("v2-lz4");
    assert_eq!(standard[61..67], java[FRAME..FRAME + 6]);
    assert_ne!(standard[67], java[FRAME + 6]);
}

#[test]
fn up_conversion_of_the_java_clients_messages_keeps_all_they_hold() {
    for (name, bytes) in vectors().filter(|(name, _)| !name.starts_with("v2")) {
        let how = UpConvert {
            compression: None,
            level: None,
            bytes_max: BYTES_MAX,
        };
        let mut batch = up_convert(&bytes, &how).unwrap().to_vec();
        patch_base_offset(&mut batch, 5).unwrap();
        assert_eq!(read_all(&batch.into()), expected(name), "{name}");
    }
}
