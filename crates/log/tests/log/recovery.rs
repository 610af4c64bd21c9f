//! Opening a log after it was not closed, or was damaged.

use std::path::{Path, PathBuf};

use rdkafka_log::{Log, LogConfig, LogError, OpenOptions, ReadOptions, fs::Memory};
use rdkafka_records::Seal;

use crate::support::{
    DIR, append, assert_holds, batch, batch_of, files, fill, open, open_from, read_all, small,
    uncached,
};

/// A log of one segment.
fn one_segment() -> LogConfig {
    LogConfig {
        index_interval_bytes: 150,
        tail_cache_bytes: 0,
        ..LogConfig::default()
    }
}

fn last_log(fs: &Memory) -> PathBuf {
    Path::new(DIR).join(files(fs, ".log").pop().unwrap())
}

#[test]
fn a_closed_log_opens_without_looking_at_more_than_its_last_batches() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, LogConfig::default());
    fill(&mut log, 5_000);
    let size = log.size();
    let recovery_point = log.close().unwrap();
    assert_eq!(recovery_point, 5_000);
    let (mut log, recovered) = open_from(&fs, LogConfig::default(), recovery_point);
    assert!(
        recovered.scanned_bytes < 5_000,
        "{} of {size}",
        recovered.scanned_bytes
    );
    assert_eq!(recovered.truncated_bytes, 0);
    assert_holds(&mut log, 0..5_000);
}

#[test]
fn a_log_that_is_in_order_is_opened_without_a_change_on_the_disk() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, one_segment());
    fill(&mut log, 5_000);
    let recovery_point = log.close().unwrap();
    let before = fs.operations();
    let (mut log, recovered) = open_from(&fs, one_segment(), recovery_point);
    assert_eq!(fs.operations(), before);
    assert!(recovered.scanned_bytes > 0);
    assert_holds(&mut log, 0..5_000);
    // What was found is what the log goes on from.
    fill(&mut log, 5_000);
    let recovery_point = log.close().unwrap();
    let (mut log, recovered) = open_from(&fs, one_segment(), recovery_point);
    assert_eq!(recovered.rebuilt_indexes, 0);
    assert_holds(&mut log, 0..10_000);
}

#[test]
fn only_what_lies_above_the_recovery_point_is_checked() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, one_segment());
    fill(&mut log, 1_000);
    let recovery_point = log.flush().unwrap();
    fill(&mut log, 10_000);
    let tail = log.size() * 10 / 11;
    drop(log);
    let (mut log, recovered) = open_from(&fs, one_segment(), recovery_point);
    // The index lags behind what was appended; a block of 512 entries is not written yet.
    assert!(
        recovered.scanned_bytes <= tail + 512 * 300,
        "{} of {tail}",
        recovered.scanned_bytes
    );
    assert_holds(&mut log, 0..11_000);
}

#[test]
fn a_log_that_was_killed_keeps_all_that_was_appended() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 300);
    let killed = fs.kill();
    let (mut log, recovered) = open(&killed, small());
    assert_eq!(recovered.truncated_bytes, 0);
    assert_holds(&mut log, 0..300);
    fill(&mut log, 100);
    assert_holds(&mut log, 0..400);
}

#[test]
fn a_tail_torn_at_any_byte_of_the_last_batch_is_cut() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 45);
    let before = log.size();
    let last = batch_of(&[("45", 1), ("46", 2), ("47", 3)], &Seal::default());
    append(&mut log, last.clone()).unwrap();
    assert_eq!(log.size(), before + last.len() as u64);
    drop(log);
    let path = last_log(&fs);
    let whole = fs.read_all(&path).unwrap();
    for lost in 1..=last.len() {
        let torn = fs.kill();
        torn.put(&path, &whole[..whole.len() - lost]);
        let (mut log, recovered) = open(&torn, small());
        assert_eq!(
            recovered.truncated_bytes as usize,
            last.len() - lost,
            "lost {lost}"
        );
        assert_eq!(recovered.truncated_reason.is_some(), lost < last.len());
        fill(&mut log, 3);
        assert_holds(&mut log, 0..48);
    }
}

#[test]
fn a_tail_with_any_byte_damaged_is_cut() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 45);
    append(&mut log, batch("45")).unwrap();
    let len = batch("45").len();
    drop(log);
    let path = last_log(&fs);
    let whole = fs.read_all(&path).unwrap();
    // The leader epoch (bytes 12 to 15) is not covered by the CRC, nor are the base offset's low bytes.
    for at in (8..12).chain(16..len) {
        let damaged = fs.kill();
        let mut content = whole.clone();
        let from = content.len() - len;
        content[from + at] ^= 0x10;
        damaged.put(&path, &content);
        let (mut log, recovered) = open(&damaged, small());
        assert_eq!(recovered.truncated_bytes as usize, len, "byte {at}");
        assert_holds(&mut log, 0..45);
    }
}

#[test]
fn nothing_behind_a_damaged_batch_is_kept_above_the_recovery_point() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 200);
    drop(log);
    let logs = files(&fs, ".log");
    assert!(logs.len() > 4);
    let second = Path::new(DIR).join(&logs[1]);
    let mut content = fs.read_all(&second).unwrap();
    let len = batch("30").len();
    content[len * 10 - 1] ^= 1;
    fs.put(&second, &content);
    let (mut log, recovered) = open(&fs, small());
    assert!(recovered.truncated_reason.unwrap().contains("CRC"));
    assert_eq!(files(&fs, ".log").len(), 2);
    let end = log.offsets().end;
    assert!(end > 20 && end < 80);
    assert_holds(&mut log, 0..end);
}

#[test]
fn a_segment_that_does_not_continue_the_one_before_is_dropped() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 200);
    drop(log);
    let logs = files(&fs, ".log");
    let second = Path::new(DIR).join(&logs[1]);
    let content = fs.read_all(&second).unwrap();
    // Cut between two batches: every byte that is left is valid.
    let len = batch("30").len();
    fs.put(&second, &content[..content.len() - len]);
    let (mut log, recovered) = open(&fs, small());
    assert!(
        recovered
            .truncated_reason
            .unwrap()
            .contains("does not start at")
    );
    let end = log.offsets().end;
    assert_holds(&mut log, 0..end);
    fill(&mut log, 50);
    assert_holds(&mut log, 0..end + 50);
}

#[test]
fn missing_indexes_are_built_again() {
    for suffix in [".index", ".timeindex"] {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, uncached());
        fill(&mut log, 200);
        let recovery_point = log.close().unwrap();
        let before: Vec<_> = contents(&fs, suffix);
        for name in files(&fs, suffix) {
            rdkafka_log::fs::Fs::remove_file(&fs, &Path::new(DIR).join(name)).unwrap();
        }
        let (mut log, recovered) = open_from(&fs, uncached(), recovery_point);
        // The last segment has too few bytes to need an index.
        assert_eq!(recovered.rebuilt_indexes, log.segment_count() - 1);
        assert_holds(&mut log, 0..200);
        log.close().unwrap();
        assert_eq!(contents(&fs, suffix), before);
    }
}

fn contents(fs: &Memory, suffix: &str) -> Vec<Vec<u8>> {
    let names = files(fs, suffix);
    names
        .iter()
        .map(|name| fs.read_all(&Path::new(DIR).join(name)).unwrap())
        .collect()
}

#[test]
fn damaged_indexes_never_give_a_wrong_answer() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, uncached());
    fill(&mut log, 200);
    let recovery_point = log.close().unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    for round in 0..200 {
        let damaged = fs.kill();
        let names = files(&damaged, ".index");
        let path = Path::new(DIR).join(&names[random.usize(..names.len())]);
        let mut content = damaged.read_all(&path).unwrap();
        match round % 4 {
            0 => random.fill(&mut content),
            1 => content.fill(0),
            2 => content.truncate(random.usize(..content.len())),
            _ => {
                let at = random.usize(..content.len());
                content[at] ^= 1 << random.u8(0..8);
            }
        }
        damaged.put(&path, &content);
        let recovery_point = if round % 8 < 4 { recovery_point } else { 0 };
        let (mut log, _) = open_from(&damaged, uncached(), recovery_point);
        for _ in 0..20 {
            let offset = random.i64(0..200);
            let read = log.read(offset, &crate::support::ALL).unwrap();
            assert_eq!(
                crate::support::records(&read)[0],
                (offset, offset.to_string())
            );
        }
        assert_holds(&mut log, 0..200);
    }
}

#[test]
fn damaged_time_indexes_never_give_a_wrong_answer() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, uncached());
    for timestamp_ms in 0..200 {
        append(&mut log, batch_of(&[("x", timestamp_ms)], &Seal::default())).unwrap();
    }
    let recovery_point = log.close().unwrap();
    for name in files(&fs, ".timeindex") {
        let path = Path::new(DIR).join(name);
        let len = fs.read_all(&path).unwrap().len();
        for recovery_point in [0, recovery_point] {
            let damaged = fs.kill();
            damaged.put(&path, &vec![0; len]);
            let (mut log, _) = open_from(&damaged, uncached(), recovery_point);
            for timestamp_ms in 0..200 {
                let found = log.offset_for_timestamp(timestamp_ms).unwrap().unwrap();
                assert_eq!(found.offset, timestamp_ms);
            }
        }
    }
}

#[test]
fn a_damaged_time_index_does_not_hide_an_early_maximum() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, one_segment());
    for timestamp_ms in (0..200).rev() {
        append(&mut log, batch_of(&[("x", timestamp_ms)], &Seal::default())).unwrap();
    }
    let recovery_point = log.close().unwrap();
    let path = Path::new(DIR).join(&files(&fs, ".timeindex")[0]);
    let len = fs.read_all(&path).unwrap().len();
    fs.put(&path, &vec![0; len]);
    let (mut log, _) = open_from(&fs, one_segment(), recovery_point);
    assert_eq!(log.offset_of_max_timestamp().unwrap().unwrap().offset, 0);
}

#[test]
fn damage_where_the_check_begins_cuts_the_log_there() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, one_segment());
    fill(&mut log, 90);
    let recovery_point = log.close().unwrap();
    let index = fs
        .read_all(&Path::new(DIR).join(&files(&fs, ".index")[0]))
        .unwrap();
    let [.., a, b, c, d, e, f, g, h] = index[..] else {
        panic!("there is no entry")
    };
    let offset = i64::from(u32::from_be_bytes([a, b, c, d]));
    let position = u32::from_be_bytes([e, f, g, h]) as usize;
    let path = last_log(&fs);
    let mut content = fs.read_all(&path).unwrap();
    content[position + 65] ^= 1;
    fs.put(&path, &content);
    let (mut log, recovered) = open_from(&fs, one_segment(), recovery_point);
    assert!(recovered.truncated_bytes > 0);
    assert_holds(&mut log, 0..offset);
    fill(&mut log, 10);
    assert_holds(&mut log, 0..offset + 10);
}

#[test]
fn timestamps_are_found_after_index_blocks_were_lost_with_the_process() {
    let fs = Memory::new();
    let config = LogConfig {
        index_interval_bytes: 60,
        ..one_segment()
    };
    let (mut log, _) = open(&fs, config.clone());
    for timestamp_ms in 0..2_000 {
        append(&mut log, batch_of(&[("x", timestamp_ms)], &Seal::default())).unwrap();
    }
    let recovery_point = log.flush().unwrap();
    for timestamp_ms in 2_000..2_100 {
        append(&mut log, batch_of(&[("x", timestamp_ms)], &Seal::default())).unwrap();
    }
    let (mut log, _) = open_from(&fs.kill(), config, recovery_point);
    for timestamp_ms in (0..2_100).step_by(13) {
        let found = log.offset_for_timestamp(timestamp_ms).unwrap().unwrap();
        assert_eq!(found.offset, timestamp_ms);
    }
}

#[test]
fn a_log_starts_where_its_checkpoint_says() {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, small());
    fill(&mut log, 100);
    drop(log);
    let at = |start_offset| OpenOptions {
        start_offset,
        ..OpenOptions::default()
    };
    let fs_ref = || std::sync::Arc::new(fs.clone());
    let (mut log, _) = Log::open_with(fs_ref(), DIR, small(), &at(42)).unwrap();
    assert_holds(&mut log, 42..100);
    drop(log);
    // Records below the start were deleted, those above were lost: it goes on where it started.
    let (mut log, _) = Log::open_with(fs_ref(), DIR, small(), &at(150)).unwrap();
    assert_holds(&mut log, 150..150);
    fill(&mut log, 5);
    assert_holds(&mut log, 150..155);
}

/// A log of 200 records in several segments after a clean stop: its recovery point, and its first segment's path and content.
fn closed_log() -> (Memory, i64, PathBuf, Vec<u8>) {
    let fs = Memory::new();
    let (mut log, _) = open(&fs, uncached());
    fill(&mut log, 200);
    let recovery_point = log.close().unwrap();
    let first = Path::new(DIR).join(&files(&fs, ".log")[0]);
    let content = fs.read_all(&first).unwrap();
    (fs, recovery_point, first, content)
}

#[test]
fn damage_below_the_recovery_point_is_an_error_when_it_is_met() {
    let (fs, recovery_point, first, content) = closed_log();
    fs.put(&first, &content[..content.len() / 2]);
    let (mut log, _) = open_from(&fs, uncached(), recovery_point);
    assert_eq!(log.offsets().end, 200);
    // Records that are there can be read; those that are not are skipped over to the next segment.
    assert_eq!(
        crate::support::records(&log.read(199, &crate::support::ALL).unwrap()).len(),
        1
    );
    match log.read(3, &crate::support::ALL) {
        Ok(read) => assert_eq!(crate::support::records(&read)[0].0, 3),
        Err(error) => assert!(matches!(error, LogError::Corrupt { .. }), "{error}"),
    }
}

#[test]
fn offsets_that_run_backwards_below_the_recovery_point_do_not_make_a_reader_run_in_a_circle() {
    let (fs, recovery_point, first, content) = closed_log();
    let ends: Vec<usize> = rdkafka_records::RecordBatches::new(content.clone().into())
        .scan(0, |end, batch| {
            *end += batch.unwrap().raw().len();
            Some(*end)
        })
        .collect();
    // Batches 0 to 9, and then 0 to 9 once more.
    fs.put(&first, &content[..ends[9]].repeat(2));
    let (mut log, _) = open_from(&fs, uncached(), recovery_point);
    let one = ReadOptions {
        max_bytes: 1,
        ..crate::support::ALL
    };
    let mut offset = 0;
    let error = loop {
        match log.read(offset, &one) {
            Ok(read) => assert!(read.next_offset > offset, "no progress at {offset}"),
            Err(error) => break error,
        }
        offset += 1;
    };
    assert_eq!(offset, 10);
    assert!(
        error
            .to_string()
            .contains("offset 1 follows where 10 was read"),
        "{error}"
    );
}

#[test]
fn any_bytes_in_the_files_of_a_log_are_survived() {
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..300 {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, small());
        fill(&mut log, 60);
        log.close().unwrap();
        let entries = rdkafka_log::fs::Fs::list(&fs, Path::new(DIR)).unwrap();
        let name = &entries[random.usize(..entries.len())].name;
        let path = Path::new(DIR).join(name);
        let mut content = fs.read_all(&path).unwrap();
        for _ in 0..random.usize(1..4) {
            if !content.is_empty() {
                let at = random.usize(..content.len());
                content[at] = random.u8(..);
            }
        }
        fs.put(&path, &content);
        let (mut log, _) = open(&fs, small());
        // Offsets themselves are not covered by a CRC: all that can be asked of them is their order.
        assert!(
            read_all(&mut log).is_sorted_by(|(a, _), (b, _)| a < b),
            "{name}"
        );
        fill(&mut log, 10);
    }
}
