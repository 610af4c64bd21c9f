//! Reading by offset.

use std::sync::Arc;

use rdkafka_log::{
    Log, LogConfig, LogError, ReadOptions, Slice,
    fs::{Disk, Memory},
};
use rdkafka_records::{BatchHeader, Seal};

use crate::support::{
    ALL, append, assert_holds, batch, batch_of, fill, open, records, small, uncached,
};

/// Both ways a read can go.
fn both() -> [LogConfig; 2] {
    [small(), uncached()]
}

#[test]
fn a_read_starts_with_the_batch_that_holds_the_offset() {
    for config in both() {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, config);
        for _ in 0..10 {
            append(
                &mut log,
                batch_of(&[("a", 1), ("b", 1), ("c", 1)], &Seal::default()),
            )
            .unwrap();
        }
        let read = log.read(16, &ALL).unwrap();
        assert_eq!(records(&read)[0].0, 15);
        assert_eq!(read.next_offset, 30);
    }
}

#[test]
fn a_read_gives_whole_batches_up_to_max_bytes() {
    for config in both() {
        let fs = Memory::new();
        let (mut log, _) = open(
            &fs,
            LogConfig {
                segment_bytes: 1 << 20,
                ..config
            },
        );
        fill(&mut log, 1_000);
        let size = |offset: usize| batch(&offset.to_string()).len();
        for offset in [0, 1, 7, 500, 990] {
            for max_bytes in [1, 69, 70, 71, 300, 4_096, 20_000] {
                let options = ReadOptions { max_bytes, ..ALL };
                let read = log.read(offset as i64, &options).unwrap();
                let mut expected = size(offset);
                let mut next = offset + 1;
                while next < 1_000 && expected + size(next) <= max_bytes {
                    expected += size(next);
                    next += 1;
                }
                assert_eq!(read.bytes, expected, "offset {offset}, {max_bytes} bytes");
                assert_eq!(read.next_offset, next as i64);
            }
            let options = ReadOptions {
                max_bytes: 10,
                min_one_batch: false,
                ..ALL
            };
            assert_eq!(log.read(offset as i64, &options).unwrap().bytes, 0);
        }
    }
}

#[test]
fn a_read_stops_below_the_upper_offset() {
    for config in both() {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, config);
        fill(&mut log, 60);
        for upper_offset in [0, 1, 10, 25, 59, 60] {
            let options = ReadOptions {
                upper_offset,
                ..ALL
            };
            let mut offset = 0;
            while offset < upper_offset {
                let read = log.read(offset, &options).unwrap();
                assert!(read.next_offset > offset);
                assert!(
                    records(&read)
                        .iter()
                        .all(|(offset, _)| *offset < upper_offset)
                );
                offset = read.next_offset;
            }
            assert_eq!(log.read(upper_offset, &options).unwrap().bytes, 0);
        }
    }
}

#[test]
fn the_end_of_the_log_is_empty_and_beyond_is_out_of_range() {
    for config in both() {
        let fs = Memory::new();
        let (mut log, _) = open(&fs, config);
        assert_eq!(log.read(0, &ALL).unwrap().bytes, 0);
        fill(&mut log, 40);
        assert_eq!(log.read(40, &ALL).unwrap().bytes, 0);
        for offset in [-1, 41] {
            assert!(matches!(
                log.read(offset, &ALL),
                Err(LogError::OffsetOutOfRange {
                    start: 0,
                    end: 40,
                    ..
                })
            ));
        }
    }
}

#[test]
fn the_tail_is_read_from_memory_and_the_rest_from_files() {
    let fs = Memory::new();
    let (mut log, _) = open(
        &fs,
        LogConfig {
            tail_cache_bytes: 500,
            ..small()
        },
    );
    for _ in 0..40 {
        // Only what somebody reads is kept.
        let end = log.offsets().end;
        log.read(end, &ALL).unwrap();
        fill(&mut log, 1);
    }
    assert!(matches!(
        log.read(39, &ALL).unwrap().slices[..],
        [Slice::Cached(_)]
    ));
    assert!(matches!(
        log.read(0, &ALL).unwrap().slices[..],
        [Slice::File(_)]
    ));
    assert_holds(&mut log, 0..40);
}

#[test]
fn a_file_range_can_be_read_after_its_segment_was_deleted() {
    for fs in [
        Arc::new(Memory::new()) as Arc<dyn rdkafka_log::fs::Fs>,
        Arc::new(Disk),
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let (mut log, _) = Log::open(fs, temporary.path().join("t-0"), uncached()).unwrap();
        fill(&mut log, 100);
        let read = log.read(0, &ALL).unwrap();
        log.delete_records(100).unwrap().cleanup.run().unwrap();
        assert_eq!(records(&read)[0], (0, "0".to_owned()));
    }
}

#[test]
fn each_of_a_hundred_thousand_batches_is_found_by_its_offset() {
    let fs = Memory::new();
    let config = LogConfig {
        segment_bytes: 1 << 20,
        index_interval_bytes: 4096,
        tail_cache_bytes: 0,
        ..LogConfig::default()
    };
    let (mut log, _) = open(&fs, config.clone());
    let one = batch_of(&[("a", 1), ("b", 1)], &Seal::default());
    let ten: Vec<u8> = (0..10).flat_map(|_| one.to_vec()).collect();
    let ten = bytes::Bytes::from(ten);
    for _ in 0..10_000 {
        append(&mut log, ten.clone()).unwrap();
    }
    log.close().unwrap();
    let (mut log, _) = crate::support::open_from(&fs, config, 200_000);
    assert!(log.segment_count() > 5);
    let options = ReadOptions {
        max_bytes: 1,
        ..ALL
    };
    // A stride that visits offsets in no order, so that no cursor of an earlier read helps.
    for step in 0..100_000_i64 {
        let offset = step * 77_777 % 200_000;
        let read = log.read(offset, &options).unwrap();
        let header = BatchHeader::parse(&read.slices[0].read().unwrap()).unwrap();
        assert_eq!(header.base_offset, offset / 2 * 2);
    }
}

#[test]
fn what_was_just_written_is_known_to_be_in_memory_and_what_is_not_there_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(Arc::new(Disk), folder.path(), uncached()).unwrap();
    fill(&mut log, 10);
    let read = log.read(0, &ALL).unwrap();
    let [Slice::File(slice)] = &read.slices[..] else {
        panic!("{read:?}");
    };
    // Not every file system can say so.
    let written = std::fs::File::open(folder.path().join("00000000000000000000.log")).unwrap();
    let mut byte = [0];
    let buffers = &mut [std::io::IoSliceMut::new(&mut byte)];
    let asked = rustix::io::preadv2(&written, buffers, 0, rustix::io::ReadWriteFlags::NOWAIT);
    assert_eq!(
        slice.is_in_memory(),
        asked != Err(rustix::io::Errno::OPNOTSUPP)
    );
    let mut longer = slice.clone();
    longer.len += 1;
    assert!(!longer.is_in_memory());
}
