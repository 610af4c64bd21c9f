//! The log on its disk: folders whose files were cut, damaged, swapped or made up, opened and used.
//!
//! Laws: opening ends in a log or in an error. A log that opened can be read from its start to its end, each read getting
//! further or saying what is wrong; it takes a record, gives it back, and after a clean stop opens with the same end.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use rdkafka_log::fs::{Fs, Memory};
use rdkafka_log::{
    AppendOptions, AppendOrigin, Log, LogConfig, LogDir, LogDirOptions, LogError, OpenOptions,
    PartitionCheckpoint, ReadOptions, TopicId, fuzzing,
};
use rdkafka_records::{
    Compression, EndTxnMarker, RecordBatches, Seal, TransactionResult, patch_base_offset,
};

use crate::input::{Input, Seed};
use crate::records::batch;
use crate::target::{Budget, Target};

/// The table.
pub const TARGETS: &[Target] = &[
    Target {
        name: "log-recovery",
        covers: "a partition's folder (segments, both indexes, producer snapshots, leader epochs) damaged, then opened, \
                 read, appended to, compacted or cut, and opened again",
        run: recovery,
        seeds: recovery_seeds,
        budget: BUDGET,
        input_bytes_max: 512,
    },
    Target {
        name: "log-folder",
        covers: "a data folder: meta.properties, the checkpoint file, partition.metadata, names of folders",
        run: folder,
        seeds: folder_seeds,
        budget: BUDGET,
        input_bytes_max: 1024,
    },
    Target {
        name: "log-files",
        covers: "the parsers of producer snapshots, leader epochs, checkpoints, partition.metadata, meta.properties and \
                 file names, and what they write",
        run: files,
        seeds: file_seeds,
        budget: BUDGET,
        input_bytes_max: 1024,
    },
];

const BUDGET: Budget = Budget {
    bytes: 16 << 20,
    per_input_byte: 1024,
};

const DIR: &str = "/data/t-0";

fn config(how: u8) -> LogConfig {
    LogConfig {
        segment_bytes: 700,
        index_interval_bytes: 100,
        tail_cache_bytes: usize::from(how & 1) * 4096,
        producer_id_expiration_ms: i64::MAX,
        ..LogConfig::default()
    }
}

/// The files of a folder with several segments, producers, a transaction that is open and one that was aborted, and
/// several epochs, after a clean stop.
fn template() -> Vec<(PathBuf, Vec<u8>)> {
    let fs = Memory::new();
    let opened = Log::open(Arc::new(fs.clone()), DIR, config(0));
    let (mut log, _) = opened.unwrap_or_else(|error| panic!("{error}"));
    for number in 0..12_i32 {
        let seal = Seal {
            producer_id: i64::from(number % 3) * 10 - 10,
            producer_epoch: 0,
            base_sequence: number / 3 * 2,
            transactional: number % 3 == 2,
            ..Seal::default()
        };
        let seal = match number % 3 {
            0 => Seal::default(),
            _ => seal,
        };
        let options = AppendOptions {
            leader_epoch: number / 4,
            ..AppendOptions::default()
        };
        let codec = Compression::ALL[number as usize % 5];
        let appended = log.append(batch(codec, &seal, 2), &options);
        appended.unwrap_or_else(|error| panic!("{error}"));
        if number == 5 {
            append_marker(&mut log, 10);
        }
    }
    log.close().unwrap_or_else(|error| panic!("{error}"));
    let mut files = Vec::new();
    collect(&fs, Path::new(DIR), &mut files);
    files
}

fn append_marker(log: &mut Log, producer_id: i64) {
    let marker = EndTxnMarker {
        producer_id,
        producer_epoch: 0,
        coordinator_epoch: 0,
        result: TransactionResult::Abort,
    };
    let options = AppendOptions {
        origin: AppendOrigin::Coordinator,
        ..AppendOptions::default()
    };
    let marker = marker.to_batch(1).unwrap_or_default();
    let _ = log.append(marker, &options);
}

fn collect(fs: &Memory, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs.list(folder).unwrap_or_default() {
        let path = folder.join(&entry.name);
        match fs.read_all(&path) {
            Ok(content) => files.push((path, content)),
            Err(_) => collect(fs, &path, files),
        }
    }
    files.sort();
}

fn with_folder(folder: &str) -> Memory {
    let fs = Memory::new();
    fs.create_dir_all(Path::new(folder))
        .unwrap_or_else(|error| panic!("{error}"));
    fs
}

thread_local! {
    static TEMPLATE: Vec<(PathBuf, Vec<u8>)> = template();
}

/// A byte of how to open, then what to do to the files: which, what, where, with what.
fn recovery(input: &[u8]) {
    let mut input = Input::new(input);
    let how = input.byte();
    let fs = with_folder(DIR);
    let mut files = TEMPLATE.with(Clone::clone);
    while !input.is_empty() && !files.is_empty() {
        damage(&mut files, &mut input);
    }
    for (path, content) in &files {
        fs.put(path, content);
    }
    let options = OpenOptions {
        recovery_point: i64::from(how >> 4 & 3) * 9,
        start_offset: i64::from(how >> 6) * 5,
        ..OpenOptions::default()
    };
    let open = |fs: &Memory, options: &OpenOptions| {
        Log::open_with(Arc::new(fs.clone()), DIR, config(how), options)
    };
    let Ok((mut log, _)) = open(&fs, &options) else {
        return;
    };
    read(&mut log);
    let Ok(end) = append_one(&mut log) else {
        return;
    };
    let Ok(recovery_point) = log.close() else {
        return;
    };
    assert_eq!(recovery_point, end);
    let options = OpenOptions {
        recovery_point,
        ..options
    };
    let (mut log, recovered) =
        open(&fs, &options).unwrap_or_else(|error| panic!("closed, but does not open: {error}"));
    assert_eq!(log.offsets().end, end, "after a clean stop: {recovered:?}");
    read(&mut log);
}

/// One change of one file, of which there is at least one.
fn damage(files: &mut Vec<(PathBuf, Vec<u8>)>, input: &mut Input<'_>) {
    let index = usize::from(input.byte()) % files.len();
    let (what, at) = (input.byte(), usize::from(input.short()));
    let content = &mut files[index].1;
    let at = at % (content.len() + 1);
    match what % 8 {
        0 => content.truncate(at),
        1 => {
            if let Some(byte) = content.get_mut(at) {
                *byte ^= input.byte().max(1);
            }
        }
        2 => content.extend_from_slice(input.piece()),
        3 => *content = input.piece().to_vec(),
        4 => drop(files.remove(index)),
        5 => {
            let piece = input.piece();
            let room = content[at..].len().min(piece.len());
            content[at..at + room].copy_from_slice(&piece[..room]);
        }
        // A block that was never written.
        6 => content[at..].iter_mut().take(64).for_each(|it| *it = 0),
        // A whole batch whose CRC is right, where the log does not expect it.
        _ => {
            let mut made_up = batch(Compression::None, &Seal::default(), 1 + at % 3).to_vec();
            let _ = patch_base_offset(&mut made_up, i64::from(input.byte()) * 3);
            content.extend_from_slice(&made_up);
        }
    }
}

/// Reads from the start to the end, in small bites.
fn read(log: &mut Log) {
    let offsets = log.offsets();
    assert!(offsets.start <= offsets.end, "{offsets:?}");
    let options = ReadOptions {
        max_bytes: 300,
        min_one_batch: true,
        upper_offset: offsets.end,
    };
    let mut offset = offsets.start;
    while offset < offsets.end {
        let Ok(read) = log.read(offset, &options) else {
            break;
        };
        for slice in &read.slices {
            for batch in RecordBatches::new(slice.read().unwrap_or_default()).flatten() {
                let _ = batch.decompress(1 << 20).map(|it| it.records().count());
            }
        }
        if read.slices.is_empty() {
            break;
        }
        assert!(
            read.next_offset > offset,
            "no progress at {offset}: {read:?}"
        );
        offset = read.next_offset;
    }
    for timestamp in [0, 1_700_000_000_001, i64::MAX] {
        let _ = log.offset_for_timestamp(timestamp);
    }
    let _ = log.offset_of_max_timestamp();
    let _ = log.aborted_between(offsets.start, offsets.end);
    let _ = log.end_offset_for_epoch(1);
    let _ = log.producers().count();
}

/// Appends a record and reads it back; the end after it.
fn append_one(log: &mut Log) -> Result<i64, LogError> {
    let one = batch(Compression::None, &Seal::default(), 1);
    let options = AppendOptions {
        leader_epoch: log.leader_epoch().max(0),
        ..AppendOptions::default()
    };
    let info = log.append(one, &options)?;
    let end = log.offsets().end;
    assert_eq!(info.last_offset + 1, end);
    let options = ReadOptions {
        max_bytes: 1 << 20,
        min_one_batch: true,
        upper_offset: end,
    };
    let read = log.read(info.base_offset, &options)?;
    let bytes: Vec<u8> = read
        .slices
        .iter()
        .flat_map(|slice| slice.read().unwrap_or_default())
        .collect();
    let last = RecordBatches::new(bytes.into()).flatten().last();
    assert_eq!(
        last.map(|it| it.last_offset()),
        Some(info.last_offset),
        "what was appended cannot be read"
    );
    Ok(end)
}

fn recovery_seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![0], vec![0x31], vec![0x61]];
    let count = TEMPLATE.with(Vec::len);
    for file in 0..count as u8 {
        for what in 0..8 {
            let seed = Seed::new().byte(what << 4 | what & 1).byte(file).byte(what);
            let seed = seed.short(37 * u16::from(what + 1));
            seeds.push(match what {
                2 | 3 | 5 => seed.piece(b"\0\0\0\0\0\0\0\x05").done(),
                _ => seed.byte(4).done(),
            });
        }
    }
    seeds
}

const TOPIC_ID: TopicId = TopicId([7; 16]);

/// The contents of three files, then names of folders.
fn folder(input: &[u8]) {
    let mut input = Input::new(input);
    let fs = with_folder("/data/t-0");
    let root = Path::new("/data");
    let kept = input.byte();
    for (bit, name) in [
        (1, "meta.properties"),
        (2, "log-offsets-checkpoint"),
        (4, "t-0/partition.metadata"),
    ] {
        let content = input.piece();
        if kept & bit == 0 {
            fs.put(&root.join(name), content);
        }
    }
    while !input.is_empty() {
        let name = String::from_utf8_lossy(input.piece()).replace(['/', '\0'], "_");
        if !name.is_empty() && name != "." && name != ".." {
            let folder = root.join(name);
            let _ = fs.create_dir_all(&folder);
            fs.put(&folder.join("partition.metadata"), METADATA);
        }
    }
    let options = LogDirOptions {
        proposed_cluster_id: "fuzz".to_owned(),
        required_cluster_id: None,
        node_id: 1,
        proposed_directory_id: String::new(),
    };
    let Ok(dir) = LogDir::open(Arc::new(fs.clone()), root, &options) else {
        return;
    };
    let Ok(partitions) = dir.partitions() else {
        return;
    };
    for found in &partitions {
        let opened = dir.open_log(&found.topic, found.partition, config(0), 0);
        let Ok((mut log, _)) = opened else { continue };
        read(&mut log);
        let _ = append_one(&mut log);
    }
    let checkpoints = partitions.iter().map(|found| PartitionCheckpoint {
        topic: found.topic.clone(),
        partition: found.partition,
        topic_id: found.topic_id,
        recovery_point: 1,
        start_offset: 0,
        cleaned_up_to: 0,
    });
    let checkpoints: Vec<_> = checkpoints.collect();
    assert!(dir.checkpoint(&checkpoints).is_ok());
    drop(dir);
    let again = LogDir::open(Arc::new(fs), root, &options);
    assert!(again.is_ok(), "opened once: {again:?}");
}

const METADATA: &[u8] = b"version: 0\ntopic_id: BwcHBwcHBwcHBwcHBwcHBw\nlayout: 1\n";
const META: &[u8] = b"version=1\nlayout.version=1\ncluster.id=fuzz\nnode.id=1\n";
const CHECKPOINT: &[u8] = b"2\n1\nt 0 3 0 BwcHBwcHBwcHBwcHBwcHBw 0\n";

fn folder_seeds() -> Vec<Vec<u8>> {
    let pieces = |kept: u8| {
        let seed = Seed::new().byte(kept).piece(META).piece(CHECKPOINT);
        seed.piece(METADATA)
    };
    vec![
        pieces(0).done(),
        pieces(7).piece(b"t-1").done(),
        pieces(1)
            .piece(b"a.b-7.0123456789abcdef0123456789abcdef-delete")
            .done(),
        pieces(2).piece(b"x-99999999999").piece(b"-1").done(),
        pieces(4).piece(b"x-3-stray").done(),
    ]
}

fn files(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    if kind.is_multiple_of(6) {
        return producer_snapshot(input.rest(), !(kind / 6).is_multiple_of(4));
    }
    let epoch = input.byte();
    let text = input.text();
    let again = |parse: fn(&str) -> Option<String>| {
        if let Some(written) = parse(&text) {
            assert_eq!(parse(&written).as_ref(), Some(&written));
        }
    };
    match kind % 6 {
        1 => _ = fuzzing::leader_epochs(&text, epoch.into()),
        2 => again(fuzzing::checkpoints),
        3 => again(fuzzing::partition_metadata),
        4 => _ = fuzzing::meta_properties(&text),
        _ => {
            _ = fuzzing::file_name(&text);
            if let Ok(id) = text.parse::<TopicId>() {
                assert_eq!(id.to_string().parse(), Ok(id));
            }
        }
    }
}

/// The CRC is mended, or nothing behind it would ever be reached.
fn producer_snapshot(content: &[u8], mends: bool) {
    let mut content = content.to_vec();
    if mends && content.len() >= 6 {
        let crc = fuzzing::crc(&content[6..]);
        content[2..6].copy_from_slice(&crc.to_be_bytes());
    }
    if let Some(written) = fuzzing::producer_snapshot(&content) {
        let again = fuzzing::producer_snapshot(&written).unwrap_or_default();
        // Producers are in no order, and the CRC follows it.
        let sorted = |snapshot: &[u8]| {
            let mut bytes = snapshot.get(6..).unwrap_or_default().to_vec();
            bytes.sort_unstable();
            bytes
        };
        assert_eq!(sorted(&again), sorted(&written));
    }
}

fn file_seeds() -> Vec<Vec<u8>> {
    let text = |kind: u8, text: &[u8]| Seed::new().byte(kind).byte(2).rest(text).done();
    let mut seeds = vec![
        text(1, b"0\n2\n0 0\n3 17\n"),
        text(2, CHECKPOINT),
        text(2, b"1\n1\nt 0 3 0 BwcHBwcHBwcHBwcHBwcHBw\n"),
        text(3, METADATA),
        text(4, META),
        text(5, b"00000000000000000012.timeindex"),
        text(5, TOPIC_ID.to_string().as_bytes()),
    ];
    TEMPLATE.with(|files| {
        for (path, content) in files {
            if path.extension().is_some_and(|it| it == "snapshot") {
                seeds.push(Seed::new().byte(6).rest(content).done());
            }
        }
    });
    let empty = Bytes::from_static(b"\0\x66\0\0\0\0\0\0\0\0\0\0\0\x01");
    seeds.push(Seed::new().byte(6).rest(&empty).rest(&[1; 32]).done());
    seeds
}
