//! Against another implementation: what kafka-protocol encodes we read, what we seal it reads.

use bytes::{Bytes, BytesMut};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression as Codec, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions,
    TimestampType,
};
use rdkafka_records::{Compression, Seal};

use crate::sample::{Sample, numbered, read_all, sealed};

const CODECS: [(Compression, Codec); 5] = [
    (Compression::None, Codec::None),
    (Compression::Gzip, Codec::Gzip),
    (Compression::Snappy, Codec::Snappy),
    (Compression::Lz4, Codec::Lz4),
    (Compression::Zstd, Codec::Zstd),
];

/// Records of all sizes; header keys are unique and UTF-8, as that implementation knows no others.
fn samples() -> Vec<Sample> {
    let samples: Vec<Sample> = (0..300_usize)
        .map(|index| Sample {
            offset: 0,
            timestamp_ms: 1_700_000_000_000 + (index as i64 * 7919) % 1000,
            key: (index % 3 != 0).then(|| index.to_string().into_bytes()),
            value: (index % 11 != 0).then(|| format!("{index} ").repeat(index).into_bytes()),
            headers: (0..index % 4)
                .map(|header| {
                    let value = (header != 2).then(|| vec![0xff, header as u8]);
                    (format!("header-{header}").into_bytes(), value)
                })
                .collect(),
        })
        .collect();
    numbered(&samples, 0)
}

fn theirs(samples: &[Sample]) -> Vec<Record> {
    let bytes = |bytes: &Option<Vec<u8>>| bytes.clone().map(Bytes::from);
    samples
        .iter()
        .map(|sample| Record {
            transactional: true,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: -1,
            producer_id: 42,
            producer_epoch: 7,
            timestamp_type: TimestampType::Creation,
            offset: sample.offset,
            sequence: 100 + sample.offset as i32,
            timestamp: sample.timestamp_ms,
            key: bytes(&sample.key),
            value: bytes(&sample.value),
            headers: sample
                .headers
                .iter()
                .map(|(key, value)| {
                    let key = StrBytes::from_string(String::from_utf8(key.clone()).unwrap());
                    (key, bytes(value))
                })
                .collect(),
        })
        .collect()
}

#[test]
fn kafka_protocol_reads_what_we_seal() {
    let samples = samples();
    for (compression, codec) in CODECS {
        let seal = Seal {
            compression,
            producer_id: 42,
            producer_epoch: 7,
            base_sequence: 100,
            transactional: true,
            ..Seal::default()
        };
        let decoded = RecordBatchDecoder::decode(&mut sealed(&samples, &seal)).unwrap();
        assert_eq!(decoded.compression as u8, codec as u8);
        assert_eq!(decoded.records, theirs(&samples), "{compression}");
    }
}

#[test]
fn we_read_what_kafka_protocol_encodes() {
    let samples = samples();
    for (compression, codec) in CODECS {
        let mut buffer = BytesMut::new();
        let options = RecordEncodeOptions {
            version: 2,
            compression: codec,
        };
        RecordBatchEncoder::encode(&mut buffer, &theirs(&samples), &options).unwrap();
        assert_eq!(read_all(&buffer.freeze()), samples, "{compression}");
    }
}
