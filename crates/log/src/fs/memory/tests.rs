//! Tests of the crash model: the tests of the log are worth what it is worth.

use std::io::IoSlice;

use super::*;

fn file(fs: &Memory, path: &str) -> Arc<dyn File> {
    fs.open(Path::new(path), OpenMode::Append).unwrap()
}

fn append(file: &Arc<dyn File>, bytes: &[u8]) -> io::Result<()> {
    file.append(&mut [IoSlice::new(bytes)])
}

/// What many crashes of the same file system leave of a file.
fn after_crashes(fs: &Memory, path: &str) -> Vec<Option<Vec<u8>>> {
    (0..100)
        .map(|_| fs.crash().read_all(Path::new(path)).ok())
        .collect()
}

fn dir_with_crashes() -> Memory {
    let fs = Memory::with_crashes(1);
    fs.create_dir_all(Path::new("/d")).unwrap();
    fs.sync_dir(Path::new("/")).unwrap();
    fs
}

#[test]
fn synced_bytes_under_a_synced_name_always_survive_and_others_sometimes() {
    let fs = dir_with_crashes();
    let log = file(&fs, "/d/a");
    append(&log, b"durable").unwrap();
    log.sync().unwrap();
    fs.sync_dir(Path::new("/d")).unwrap();
    append(&log, b" hope").unwrap();
    let left = after_crashes(&fs, "/d/a");
    assert!(
        left.iter()
            .all(|left| left.as_ref().unwrap().starts_with(b"durable"))
    );
    assert!(left.contains(&Some(b"durable".to_vec())));
    assert!(left.contains(&Some(b"durable hope".to_vec())));
    assert!(
        left.iter()
            .flatten()
            .any(|left| (8..12).contains(&left.len())),
        "torn"
    );
    assert!(
        left.iter().flatten().any(|left| left.ends_with(&[0])),
        "a lost sector"
    );
}

#[test]
fn a_name_that_was_not_synced_may_be_lost_with_its_synced_bytes() {
    let fs = dir_with_crashes();
    let log = file(&fs, "/d/a");
    append(&log, b"bytes").unwrap();
    log.sync().unwrap();
    let left = after_crashes(&fs, "/d/a");
    assert!(left.contains(&None) && left.contains(&Some(b"bytes".to_vec())));
}

#[test]
fn a_replaced_file_has_the_old_content_or_the_new_one() {
    let fs = dir_with_crashes();
    let path = Path::new("/d/state");
    crate::fs::replace_file(&fs, path, b"old").unwrap();
    fs.inject(Operation::Sync, 1, Fault::Error);
    assert!(crate::fs::replace_file(&fs, path, b"new").is_err());
    let left = after_crashes(&fs, "/d/state");
    assert!(left.contains(&Some(b"old".to_vec())) && left.contains(&Some(b"new".to_vec())));
    assert!(
        left.iter()
            .flatten()
            .all(|left| left == b"old" || left == b"new")
    );
}

#[test]
fn a_removal_that_was_not_synced_may_be_undone() {
    let fs = dir_with_crashes();
    fs.put(Path::new("/d/a"), b"bytes");
    fs.remove_file(Path::new("/d/a")).unwrap();
    let left = after_crashes(&fs, "/d/a");
    assert!(left.contains(&None) && left.contains(&Some(b"bytes".to_vec())));
    fs.sync_dir(Path::new("/d")).unwrap();
    assert!(after_crashes(&fs, "/d/a").iter().all(Option::is_none));
}

#[test]
fn everything_written_survives_the_death_of_the_process() {
    let fs = dir_with_crashes();
    let log = file(&fs, "/d/a");
    append(&log, b"bytes").unwrap();
    assert_eq!(fs.kill().read_all(Path::new("/d/a")).unwrap(), b"bytes");
}

#[test]
fn a_full_disk_takes_what_fits() {
    let fs = Memory::new();
    let log = file(&fs, "/a");
    fs.set_capacity(Some(7));
    append(&log, b"12345").unwrap();
    let error = append(&log, b"67890").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(fs.read_all(Path::new("/a")).unwrap(), b"1234567");
    log.truncate(5).unwrap();
    append(&log, b"xy").unwrap();
    assert_eq!(fs.used(), 7);
}

#[test]
fn a_large_file_reads_back_at_any_position() {
    let fs = Memory::new();
    let log = file(&fs, "/a");
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|at| (at % 251) as u8).collect();
    for chunk in bytes.chunks(333_333) {
        append(&log, chunk).unwrap();
    }
    let mut buffer = vec![0; 1_200_000];
    for position in [0, 1, 1_048_575, 1_048_576, 3_000_000] {
        log.read_exact_at(&mut buffer, position as u64).unwrap();
        assert_eq!(buffer, bytes[position..position + buffer.len()]);
    }
    for len in [4_000_000, 2_097_152, 1_048_577, 1_048_576, 0] {
        log.truncate(len).unwrap();
        assert_eq!(fs.read_all(Path::new("/a")).unwrap(), bytes[..len as usize]);
    }
}
