//! Nanoseconds a record takes on its way through this crate: append, seal, check, walk, and the codecs.
//!
//! `cargo bench -p rdkafka-records`; plain wall-clock medians, one thread. The figures that matter are
//! those of 100-byte values: there the cost of a record is not hidden behind the cost of its bytes.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use rdkafka_records::{BatchBuilder, Compression, RecordBatch, Seal, validate_produced};

const RECORDS: usize = 10_000;
const ROUNDS: usize = 61;

/// Median nanoseconds of one round, `setup` not counted.
fn median_ns<T, R>(mut setup: impl FnMut() -> T, mut round: impl FnMut(T) -> R) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let input = setup();
            let start = Instant::now();
            black_box(round(input));
            start.elapsed().as_secs_f64() * 1e9
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// Half words, half digits: text of the kind that logs and JSON are made of.
fn payload(len: usize, seed: &mut u64) -> Vec<u8> {
    const WORDS: [&str; 8] = [
        "user",
        "\"id\":",
        "timestamp",
        "order",
        "0.0.0.0",
        "status",
        "GET /index",
        "true",
    ];
    let mut text = Vec::with_capacity(len + 16);
    while text.len() < len {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let random = *seed >> 33;
        if random & 1 == 0 {
            text.extend_from_slice(WORDS[(random >> 1) as usize % WORDS.len()].as_bytes());
        } else {
            text.extend_from_slice(random.to_string().as_bytes());
        }
    }
    text.truncate(len);
    text
}

struct Workload {
    name: &'static str,
    key: Option<Vec<u8>>,
    values: Vec<Vec<u8>>,
    headers: &'static [(&'static [u8], Option<&'static [u8]>)],
}

impl Workload {
    fn new(name: &'static str, value_len: usize, key: Option<&[u8]>) -> Self {
        let mut seed = 42;
        let values = (0..RECORDS)
            .map(|_| payload(value_len, &mut seed))
            .collect();
        Self {
            name,
            key: key.map(<[u8]>::to_vec),
            values,
            headers: &[],
        }
    }

    fn fill(&self, builder: &mut BatchBuilder) {
        for (index, value) in self.values.iter().enumerate() {
            let timestamp_ms = 1_700_000_000_000 + (index / 100) as i64;
            let headers = self.headers.iter().copied();
            builder
                .append(timestamp_ms, self.key.as_deref(), Some(value), headers)
                .unwrap();
        }
    }

    fn batch(&self) -> Bytes {
        let mut builder = BatchBuilder::new();
        self.fill(&mut builder);
        builder.seal(&Seal::default()).unwrap()
    }
}

fn walk(batch: &RecordBatch) -> usize {
    let plain = batch.decompress(usize::MAX).unwrap();
    let mut bytes = 0;
    for record in plain.records() {
        let record = record.unwrap();
        bytes += record.key.map_or(0, <[u8]>::len) + record.value.map_or(0, <[u8]>::len);
        bytes += record.headers.map(|(key, _)| key.len()).sum::<usize>();
    }
    bytes
}

fn records(workload: &Workload) {
    let raw = workload.batch();
    let batch = RecordBatch::parse(raw.clone()).unwrap();
    let per_record = |ns: f64| ns / RECORDS as f64;
    let mut warm = BatchBuilder::with_capacity(2 * raw.len());

    let append = median_ns(
        || (),
        |()| {
            warm.reset();
            workload.fill(&mut warm);
        },
    );
    let cold = median_ns(BatchBuilder::new, |mut builder| {
        workload.fill(&mut builder);
        builder
    });
    let filled = || {
        let mut builder = BatchBuilder::with_capacity(2 * raw.len());
        workload.fill(&mut builder);
        builder
    };
    let seal = median_ns(filled, |mut builder| {
        builder.seal(&Seal::default()).unwrap()
    });
    let check = median_ns(|| (), |()| validate_produced(&raw).unwrap());
    let iterate = median_ns(|| (), |()| walk(&batch));
    println!(
        "{:<28} {:>9} B  append {:>5.1} (growing {:>5.1})  seal {:>5.2}  check {:>5.2}  iterate {:>5.1}",
        workload.name,
        raw.len(),
        per_record(append),
        per_record(cold),
        per_record(seal),
        per_record(check),
        per_record(iterate),
    );
}

fn codecs(workload: &Workload) {
    let plain = RecordBatch::parse(workload.batch()).unwrap();
    let len = plain.raw().len();
    let levels = |codec| match codec {
        Compression::Gzip => vec![Some(1), None],
        Compression::Zstd => vec![Some(1), None],
        _ => vec![None],
    };
    for codec in &Compression::ALL[1..] {
        for level in levels(*codec) {
            let compress = median_ns(|| (), |()| plain.recompress(*codec, level, len).unwrap());
            let packed = plain.recompress(*codec, level, len).unwrap();
            let batch = RecordBatch::parse(packed.clone()).unwrap();
            let decompress = median_ns(|| (), |()| batch.decompress(len).unwrap());
            println!(
                "{:<8} level {:<8} compress {:>5.2} GB/s  decompress {:>5.2} GB/s  ratio {:.2}",
                codec.name(),
                level.map_or_else(|| "default".to_owned(), |level| level.to_string()),
                len as f64 / compress,
                len as f64 / decompress,
                len as f64 / packed.len() as f64,
            );
        }
    }
}

fn main() {
    let plain = Workload::new("100 B values", 100, None);
    let mut with_headers = Workload::new("100 B, key, 2 headers", 100, Some(b"customer-17"));
    with_headers.headers = &[
        (
            b"traceparent",
            Some(b"00-4bf92f3577b34da6a3ce929d0e0e4736-01"),
        ),
        (b"retry", None),
    ];
    println!("ns per record, {RECORDS} records a batch");
    records(&plain);
    records(&Workload::new(
        "100 B values, 11 B key",
        100,
        Some(b"customer-17"),
    ));
    records(&with_headers);
    records(&Workload::new("1 KB values", 1024, None));
    println!("codecs, on the batch of 100 B values");
    codecs(&plain);
}
