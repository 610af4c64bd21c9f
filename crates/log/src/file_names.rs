//! How the files of a log are called.
//!
//! The names are Apache Kafka's. A segment's files share the segment's base offset in 20 digits.

use std::path::{Path, PathBuf};

/// The records.
pub(crate) const LOG: &str = "log";
/// Offsets to positions.
pub(crate) const OFFSET_INDEX: &str = "index";
/// Timestamps to offsets.
pub(crate) const TIME_INDEX: &str = "timeindex";
/// Aborted transactions; written once transactions are served, deleted with its segment from the start.
pub(crate) const TXN_INDEX: &str = "txnindex";
/// The state of producers as of the offset in its name.
pub(crate) const PRODUCER_SNAPSHOT: &str = "snapshot";

/// Leader epochs and their start offsets.
pub(crate) const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
/// Topic id and layout version.
pub(crate) const PARTITION_METADATA: &str = "partition.metadata";

/// Appended to the name of a segment's file that waits to be removed.
pub(crate) const DELETED_SUFFIX: &str = ".deleted";
/// Appended to the name of a compacted segment's file that is being written.
pub(crate) const CLEANED_SUFFIX: &str = ".cleaned";
/// Appended to the name of a compacted segment that counts and waits for its name.
pub(crate) const SWAP_SUFFIX: &str = ".swap";
/// Appended to the name of a file that is about to replace another.
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";
/// Ends the name of a partition's folder that waits to be removed.
pub(crate) const DELETED_DIR_SUFFIX: &str = "-delete";
/// Ends the name of a partition's folder that belonged to no topic when its name was needed.
pub(crate) const STRAY_DIR_SUFFIX: &str = "-stray";

/// Ends the name of a folder that a partition of another data folder is being copied to.
pub(crate) const FUTURE_DIR_SUFFIX: &str = "-future";

/// Path of a file that belongs to `offset`.
pub(crate) fn of_offset(dir: &Path, offset: i64, extension: &str) -> PathBuf {
    dir.join(format!("{offset:020}.{extension}"))
}

/// Offset and extension of a name, if it is one of [`of_offset`]'s.
pub(crate) fn parse(name: &str) -> Option<(i64, &str)> {
    let (digits, extension) = name.split_once('.')?;
    if digits.len() != 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, extension))
}

/// `path` with `suffix` at its end.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_offset_in_twenty_digits_and_reads_back() {
        let path = of_offset(Path::new("/d"), 42, LOG);
        assert_eq!(path, Path::new("/d/00000000000000000042.log"));
        assert_eq!(parse("00000000000000000042.log"), Some((42, "log")));
    }

    #[test]
    fn names_of_other_files_are_not_taken_for_a_segments() {
        for name in [
            "42.log",
            "leader-epoch-checkpoint",
            "0000000000000000004x.log",
            "",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
        // Too large for an offset.
        assert_eq!(parse("99999999999999999999.log"), None);
    }
}
