//! Whatever goes in comes out: random records, every codec, every format that can hold them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rdkafka_records::legacy::{DownConvert, MessageFormat, UpConvert, down_convert, up_convert};
use rdkafka_records::{Compression, RecordBatch, Seal, patch_base_offset, validate_produced};

use crate::sample::{BYTES_MAX, Sample, numbered, read_all, sealed};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        // Something that compresses, across a block border of snappy's or LZ4's now and then.
        (any::<u8>(), 0..70_000_usize).prop_map(|(byte, len)| vec![byte; len]),
    ]
}

fn sample() -> impl Strategy<Value = Sample> {
    let timestamp_ms = prop_oneof![Just(-1), 0..2_000_000_000_000_i64, any::<i64>()];
    let headers = vec(
        (vec(any::<u8>(), 0..9), option::of(vec(any::<u8>(), 0..9))),
        0..4,
    );
    (
        timestamp_ms,
        option::of(bytes()),
        option::of(bytes()),
        headers,
    )
        .prop_map(|(timestamp_ms, key, value, headers)| Sample {
            offset: 0,
            timestamp_ms,
            key,
            value,
            headers,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn records_survive_every_codec(samples in vec(sample(), 1..20)) {
        let expected = numbered(&samples, 0);
        for compression in Compression::ALL {
            let batch = sealed(&samples, &Seal { compression, ..Seal::default() });
            prop_assert!(validate_produced(&batch).is_ok());
            prop_assert_eq!(&read_all(&batch), &expected);
            let plain = RecordBatch::parse(batch).unwrap().decompress(BYTES_MAX).unwrap();
            prop_assert!(plain.validate().is_ok());
        }
    }

    #[test]
    fn records_survive_a_change_of_codec(samples in vec(sample(), 1..8)) {
        let expected = numbered(&samples, 9);
        let seal = Seal { producer_id: 3, producer_epoch: 1, base_sequence: 8, ..Seal::default() };
        let mut batch = sealed(&samples, &seal).to_vec();
        patch_base_offset(&mut batch, 9).unwrap();
        let mut batch = RecordBatch::parse(batch.into()).unwrap();
        let original = batch.raw().clone();
        for compression in [Compression::Gzip, Compression::Lz4, Compression::Zstd, Compression::None] {
            let recompressed = batch.recompress(compression, None, BYTES_MAX).unwrap();
            prop_assert_eq!(&read_all(&recompressed), &expected);
            batch = RecordBatch::parse(recompressed).unwrap();
        }
        prop_assert_eq!(batch.raw(), &original);
    }

    #[test]
    fn keys_and_values_survive_the_old_formats(samples in vec(sample(), 1..8)) {
        for compression in Compression::ALL {
            let batch = sealed(&samples, &Seal { compression, ..Seal::default() });
            for format in [MessageFormat::V0, MessageFormat::V1] {
                let mut expected = numbered(&samples, 0);
                for sample in &mut expected {
                    sample.headers.clear();
                    if format == MessageFormat::V0 {
                        sample.timestamp_ms = -1;
                    }
                }
                let how = DownConvert { format, first_offset: 0, bytes_max: BYTES_MAX };
                let old = down_convert(&batch, &how).unwrap();
                prop_assert_eq!(&read_all(&old), &expected);
                let how = UpConvert { compression: None, level: None, bytes_max: BYTES_MAX };
                prop_assert_eq!(&read_all(&up_convert(&old, &how).unwrap()), &expected);
            }
        }
    }
}
