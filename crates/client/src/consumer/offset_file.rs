//! The files that `offset.store.method=file` keeps offsets in: a decimal number and a line feed.
//!
//! `offset.store.path` is the file, or a folder of one file per partition, named as librdkafka names them
//! (`<topic>-<partition>[-<group>].offset`). Reading happens on the application's thread when a partition is started,
//! writing on a worker of the driver. A file is written in place, number first and cut to length after, so that a crash
//! in between leaves a number that can be read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rdkafka_client_core::consumer::OffsetToKeep;
use rdkafka_client_core::io::TopicPartition;

/// More than any 64-bit number has.
const DIGITS_MAX: u64 = 24;

/// The file of a partition.
fn file_of(path: &str, id: &TopicPartition, group: Option<&str>) -> PathBuf {
    let folder = Path::new(path);
    if !folder.is_dir() {
        return folder.to_owned();
    }
    let TopicPartition { topic, partition } = id;
    let name = match group {
        Some(group) => format!("{topic}-{partition}-{group}.offset"),
        None => format!("{topic}-{partition}.offset"),
    };
    let name = name
        .replace('/', "%2F")
        .replace(':', "%3A")
        .replace('\\', "%5C");
    folder.join(name)
}

fn open(path: &Path) -> Result<File, String> {
    let mut options = OpenOptions::new();
    let opened = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    opened.map_err(|error| format!("Failed to open offset file {}: {error}", path.display()))
}

/// The offset in a partition's file; `None` when there is none yet.
///
/// # Errors
/// In words for people: the file cannot be opened or read, or holds no number.
pub(super) fn read(
    path: &str,
    id: &TopicPartition,
    group: Option<&str>,
) -> Result<Option<i64>, String> {
    let path = file_of(path, id, group);
    let mut text = String::new();
    let read = open(&path)?.take(DIGITS_MAX).read_to_string(&mut text);
    read.map_err(|error| format!("Failed to read offset file {}: {error}", path.display()))?;
    if text.is_empty() {
        return Ok(None);
    }
    let offset =
        parse(&text).ok_or_else(|| format!("Unable to parse offset in {}", path.display()));
    offset.map(Some)
}

/// The number in a file. As librdkafka reads it: what follows it does not matter.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let number = text.trim_start();
    let end = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    number[..end].parse().ok()
}

/// Writes an offset to its file.
///
/// # Errors
/// In words for people.
pub(crate) fn write(offset: &OffsetToKeep, group: Option<&str>) -> Result<(), String> {
    let path = file_of(&offset.path, &offset.id, group);
    let mut file = open(&path)?;
    put(&mut file, offset).map_err(|error| {
        let path = path.display();
        format!(
            "Failed to write offset {} to offset file {path}: {error}",
            offset.offset
        )
    })
}

fn put(file: &mut File, offset: &OffsetToKeep) -> io::Result<()> {
    let line = format!("{}\n", offset.offset);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(line.as_bytes())?;
    file.set_len(line.len() as u64)?;
    if offset.sync {
        file.sync_data()
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> String {
        let folder =
            std::env::temp_dir().join(format!("rdkafka-offsets-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder.to_str().unwrap().to_owned()
    }

    fn partition() -> TopicPartition {
        TopicPartition {
            topic: "t".into(),
            partition: 3,
        }
    }

    fn to_keep(path: &str, offset: i64) -> OffsetToKeep {
        OffsetToKeep {
            id: partition(),
            path: path.to_owned(),
            offset,
            sync: true,
        }
    }

    #[test]
    fn an_offset_is_read_as_it_was_written() {
        let path = folder("round-trip");
        assert_eq!(read(&path, &partition(), None), Ok(None));
        for offset in [1_000_000, 7] {
            write(&to_keep(&path, offset), None).unwrap();
            assert_eq!(read(&path, &partition(), None), Ok(Some(offset)));
        }
        let file = Path::new(&path).join("t-3.offset");
        assert_eq!(std::fs::read_to_string(file).unwrap(), "7\n");
        std::fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn files_are_named_as_librdkafka_names_them() {
        let path = folder("names");
        write(&to_keep(&path, 1), Some("a/b:c\\d")).unwrap();
        assert!(Path::new(&path).join("t-3-a%2Fb%3Ac%5Cd.offset").exists());
        let file = format!("{path}/own");
        write(&to_keep(&file, 5), None).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "5\n");
        std::fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_is_no_number_is_told() {
        let path = folder("garbage");
        std::fs::write(Path::new(&path).join("t-3.offset"), "what").unwrap();
        let error = read(&path, &partition(), None).unwrap_err();
        assert!(error.starts_with("Unable to parse offset in "), "{error}");
        std::fs::remove_dir_all(path).unwrap();
        assert!(write(&to_keep("/nowhere/at/all", 1), None).is_err());
    }
}
