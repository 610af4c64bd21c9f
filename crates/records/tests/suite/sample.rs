//! Records that own their bytes, to build batches from and to compare with.

use bytes::Bytes;
use rdkafka_records::{BatchBuilder, RecordBatches, Seal};

/// What a codec may make of a batch in these tests.
pub(crate) const BYTES_MAX: usize = 64 << 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    pub(crate) offset: i64,
    pub(crate) timestamp_ms: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Sample {
    pub(crate) fn append_to(&self, builder: &mut BatchBuilder) -> u32 {
        let headers = self
            .headers
            .iter()
            .map(|(key, value)| (&key[..], value.as_deref()));
        let (key, value) = (self.key.as_deref(), self.value.as_deref());
        let before = builder.encoded_len();
        let announced = builder.record_len(self.timestamp_ms, key, value, headers.clone());
        let index = builder
            .append(self.timestamp_ms, key, value, headers)
            .unwrap();
        assert_eq!(builder.encoded_len(), before + announced);
        index
    }
}

/// The three records that the golden bytes hold; headers only where the format has them.
pub(crate) fn golden(with_headers: bool) -> Vec<Sample> {
    let headers = vec![
        (b"k".to_vec(), Some(b"v".to_vec())),
        (b"k".to_vec(), None),
        (Vec::new(), Some(Vec::new())),
    ];
    vec![
        Sample {
            offset: 5,
            timestamp_ms: 1_700_000_000_000,
            key: Some(b"key".to_vec()),
            value: Some(b"value".to_vec()),
            headers: if with_headers { headers } else { Vec::new() },
        },
        Sample {
            offset: 6,
            timestamp_ms: 1_700_000_000_123,
            value: Some(b"abcdefgh".repeat(40)),
            ..Sample::default()
        },
        Sample {
            offset: 7,
            timestamp_ms: 1_699_999_999_999,
            key: Some(Vec::new()),
            ..Sample::default()
        },
    ]
}

/// A batch of `samples`, whose offsets are then 0, 1, 2, ...
pub(crate) fn sealed(samples: &[Sample], seal: &Seal) -> Bytes {
    let mut builder = BatchBuilder::new();
    for (index, sample) in samples.iter().enumerate() {
        assert_eq!(sample.append_to(&mut builder) as usize, index);
    }
    builder.seal(seal).unwrap()
}

/// All records of fetched bytes, every CRC checked.
pub(crate) fn read_all(fetched: &Bytes) -> Vec<Sample> {
    let mut samples = Vec::new();
    for batch in RecordBatches::new(fetched.clone()) {
        let batch = batch.unwrap();
        batch.verify_crc().unwrap();
        let plain = batch.decompress(BYTES_MAX).unwrap();
        assert_eq!(plain.records().count(), plain.record_count() as usize);
        assert_eq!(plain.next_offset(), batch.next_offset());
        samples.extend(plain.records().map(|record| {
            let record = record.unwrap();
            let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
            Sample {
                offset: record.offset,
                timestamp_ms: record.timestamp_ms,
                key: owned(record.key),
                value: owned(record.value),
                headers: record
                    .headers
                    .map(|(key, value)| (key.to_vec(), owned(value)))
                    .collect(),
            }
        }));
    }
    samples
}

/// The samples with offsets counting from `base`.
pub(crate) fn numbered(samples: &[Sample], base: i64) -> Vec<Sample> {
    let mut samples = samples.to_vec();
    for (sample, offset) in samples.iter_mut().zip(base..) {
        sample.offset = offset;
    }
    samples
}
