//! What the log costs: appending, reading at the tail, catching up, opening.
//!
//! `cargo bench -p rdkafka-log` writes 2 GiB into the temporary folder; `LOG_BENCH_GIB` changes that.
//! Prints nanoseconds a batch, the median of the rounds.
#![allow(clippy::unwrap_used, reason = "a program that may stop at any failure")]

use std::{
    hint::black_box,
    io::{self, IoSlice},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use rdkafka_log::{
    AppendOptions, Log, LogConfig, LogDir, LogDirOptions, OpenOptions, PartitionCheckpoint,
    ReadOptions, TopicId,
    fs::{DirEntry, Disk, File, Fs, LockGuard, Memory, OpenMode, Volume},
};
use rdkafka_records::{BatchBuilder, Seal};

const READ: ReadOptions = ReadOptions {
    max_bytes: 1 << 20,
    min_one_batch: true,
    upper_offset: i64::MAX,
};

fn batch(records: usize, payload: usize, producer_id: i64, base_sequence: i32) -> Bytes {
    let mut builder = BatchBuilder::new();
    let value = vec![b'x'; payload];
    for _ in 0..records {
        builder.append(1_000, None, Some(&value), []).unwrap();
    }
    let producer_epoch = if producer_id < 0 { -1 } else { 0 };
    builder
        .seal(&Seal {
            producer_id,
            producer_epoch,
            base_sequence,
            ..Seal::default()
        })
        .unwrap()
}

fn report(what: &str, mut rounds: Vec<Duration>, batches: usize, bytes: usize) {
    rounds.sort_unstable();
    let median = rounds[rounds.len() / 2];
    let per_batch = median.as_nanos() as f64 / batches as f64;
    let rate = bytes as f64 / median.as_secs_f64() / 1e6;
    println!("{what:<44} {per_batch:>9.0} ns/batch {rate:>8.0} MB/s");
}

fn append(what: &str, fs: &Arc<dyn Fs>, dir: &Path, one: &Bytes, config: &LogConfig) {
    let batches = (256 << 20) / one.len().max(1_000);
    let rounds = (0..5)
        .map(|round| {
            let dir = dir.join(format!("append-{round}-0"));
            let (mut log, _) = Log::open(Arc::clone(fs), &dir, config.clone()).unwrap();
            let start = Instant::now();
            for _ in 0..batches {
                log.append(one.clone(), &AppendOptions::default()).unwrap();
            }
            let elapsed = start.elapsed();
            drop(log);
            fs.remove_dir_all(&dir).unwrap();
            elapsed
        })
        .collect();
    report(what, rounds, batches, batches * one.len());
}

/// An append and the read of a consumer that waited for it.
fn tail_read(what: &str, fs: &Arc<dyn Fs>, dir: &Path, one: &Bytes, config: &LogConfig) {
    let batches = (64 << 20) / one.len();
    let dir = dir.join("tail-0");
    let rounds = (0..5)
        .map(|_| {
            let (mut log, _) = Log::open(Arc::clone(fs), &dir, config.clone()).unwrap();
            let mut reading = Duration::ZERO;
            for _ in 0..batches {
                let info = log.append(one.clone(), &AppendOptions::default()).unwrap();
                let start = Instant::now();
                let read = log.read(info.base_offset, &READ).unwrap();
                for slice in &read.slices {
                    black_box(slice.read().unwrap());
                }
                reading += start.elapsed();
            }
            drop(log);
            fs.remove_dir_all(&dir).unwrap();
            reading
        })
        .collect();
    report(what, rounds, batches, batches * one.len());
}

/// A consumer that reads from the start, a mebibyte at a time.
fn catch_up(fs: &Arc<dyn Fs>, dir: &Path, gib: usize) {
    let one = batch(16, 1_000, -1, -1);
    let batches = (gib << 30) / one.len();
    let root = dir.join("data");
    let options = LogDirOptions::default();
    let log_dir = LogDir::open(Arc::clone(fs), &root, &options).unwrap();
    let config = LogConfig::default();
    let mut log = log_dir
        .create_log("t", 0, TopicId([1; 16]), config)
        .unwrap();
    for _ in 0..batches {
        log.append(one.clone(), &AppendOptions::default()).unwrap();
    }
    let end = log.offsets().end;
    let rounds = (0..3)
        .map(|_| {
            let start = Instant::now();
            let mut offset = 0;
            while offset < end {
                let read = log.read(offset, &READ).unwrap();
                for slice in &read.slices {
                    black_box(slice.read().unwrap());
                }
                offset = read.next_offset;
            }
            start.elapsed()
        })
        .collect();
    report(
        "catch up, 1 MiB a read, from the page cache",
        rounds,
        batches,
        batches * one.len(),
    );

    let lookups = 100_000;
    let start = Instant::now();
    for lookup in 0..lookups {
        let offset = lookup * 7_919_003 % end;
        black_box(
            log.read(
                offset,
                &ReadOptions {
                    max_bytes: 1,
                    ..READ
                },
            )
            .unwrap(),
        );
    }
    let each = start.elapsed().as_nanos() / lookups as u128;
    println!("{:<44} {each:>9} ns/lookup", "find a random offset");
    opening(fs, log_dir, log, &root, gib);
}

/// Opening after a clean stop, and after a kill with everything since the last roll unflushed.
fn opening(fs: &Arc<dyn Fs>, log_dir: LogDir, log: Log, root: &Path, gib: usize) {
    let recovery_point = log.close().unwrap();
    let checkpoint = PartitionCheckpoint {
        cleaned_up_to: 0,
        topic: "t".to_owned(),
        partition: 0,
        topic_id: TopicId([1; 16]),
        recovery_point,
        start_offset: 0,
    };
    log_dir.checkpoint(&[checkpoint]).unwrap();
    drop(log_dir);
    let start = Instant::now();
    let log_dir = LogDir::open(Arc::clone(fs), root, &LogDirOptions::default()).unwrap();
    let (log, _) = log_dir.open_log("t", 0, LogConfig::default(), 0).unwrap();
    println!(
        "{:<44} {:>9.0?}",
        format!("open {gib} GiB after a clean stop"),
        start.elapsed()
    );
    drop(log);
    for unflushed in [64 << 20, 1 << 30] {
        let records = unflushed / 1_000;
        let options = OpenOptions {
            recovery_point: (recovery_point - records).max(0),
            ..OpenOptions::default()
        };
        let start = Instant::now();
        let dir = root.join("t-0");
        let opened = Log::open_with(Arc::clone(fs), dir, LogConfig::default(), &options);
        let (_, recovered) = opened.unwrap();
        let what = format!("open with {} MiB to check", recovered.scanned_bytes >> 20);
        println!("{what:<44} {:>9.0?}", start.elapsed());
    }
}

/// A disk that costs nothing and keeps nothing: what is left is this crate's own work.
#[derive(Debug, Default)]
struct Nowhere {
    memory: Memory,
}

#[derive(Debug, Default)]
struct NoFile {
    len: AtomicU64,
}

impl File for NoFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.len.load(Ordering::Relaxed))
    }

    fn read_at(&self, buffer: &mut [u8], _: u64) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn append(&self, chunks: &mut [IoSlice<'_>]) -> io::Result<()> {
        let bytes: usize = chunks.iter().map(|chunk| chunk.len()).sum();
        self.len.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.len.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Fs for Nowhere {
    fn open(&self, _: &Path, _: OpenMode) -> io::Result<Arc<dyn File>> {
        Ok(Arc::new(NoFile::default()))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        self.memory.list(dir)
    }

    fn len_of(&self, path: &Path) -> io::Result<u64> {
        self.memory.len_of(path)
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.memory.create_dir_all(dir)
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove_file(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.memory.remove_dir_all(dir)
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn LockGuard>>> {
        self.memory.lock(path)
    }

    fn volume(&self, dir: &Path) -> io::Result<Volume> {
        self.memory.volume(dir)
    }
}

fn main() {
    let gib = std::env::var("LOG_BENCH_GIB")
        .ok()
        .and_then(|gib| gib.parse().ok())
        .unwrap_or(2);
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let config = LogConfig::default();
    let disk: Arc<dyn Fs> = Arc::new(Disk);
    let memory: Arc<dyn Fs> = Arc::new(Memory::new());
    let nowhere: Arc<dyn Fs> = Arc::new(Nowhere::default());
    let sixteen = batch(16, 1_000, -1, -1);
    let here = Path::new("/d");
    append(
        "append 16 x 1 KB, no disk",
        &nowhere,
        here,
        &sixteen,
        &config,
    );
    append(
        "append 17 x 1 KB, no disk, not copied",
        &nowhere,
        here,
        &batch(17, 1_000, -1, -1),
        &config,
    );
    append(
        "append 1 x 100 B, no disk",
        &nowhere,
        here,
        &batch(1, 100, -1, -1),
        &config,
    );
    append("append 16 x 1 KB, disk", &disk, dir, &sixteen, &config);
    append("append 16 x 1 KB, memory", &memory, here, &sixteen, &config);
    append(
        "append 1 x 100 B, disk",
        &disk,
        dir,
        &batch(1, 100, -1, -1),
        &config,
    );
    append(
        "append 1000 x 1 KB, disk",
        &disk,
        dir,
        &batch(950, 1_000, -1, -1),
        &config,
    );
    tail_read("tail read 16 x 1 KB, cached", &disk, dir, &sixteen, &config);
    let uncached = LogConfig {
        tail_cache_bytes: 0,
        ..config
    };
    tail_read(
        "tail read 16 x 1 KB, from the page cache",
        &disk,
        dir,
        &sixteen,
        &uncached,
    );
    catch_up(&disk, dir, gib);
}
