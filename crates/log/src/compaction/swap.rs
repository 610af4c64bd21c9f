//! Putting compacted segments in the place of the old ones, so that a crash at any moment leaves either.
//!
//! Order in the folder, which every journalling file system keeps: `.log.cleaned` becomes `.log.swap` - from here on the
//! new segment counts -, the old segments' files become `.deleted`, the new indexes get their names, `.log.swap` becomes
//! `.log`. What is found at open: `.cleaned` goes; a `.swap` replaces every segment that begins within its offsets.

use std::{io, path::Path, sync::Arc};

use super::task::{Cleaned, Replacement, cleaned_files};
use crate::{
    Cleanup, Log, LogError,
    batch_scanner::{BatchScanner, ScanError},
    file_names,
    fs::{DirEntry, Fs, OpenMode},
    log::Condition,
    segment::Segment,
};

/// What [`Log::cleaned`] did.
#[derive(Debug)]
pub struct Compacted {
    /// Bytes of the segments that were replaced.
    pub bytes_before: u64,
    /// Bytes of those that took their place.
    pub bytes_after: u64,
    /// Removes the old files; run it on a thread that may block.
    pub cleanup: Cleanup,
}

impl Log {
    /// Takes in a finished run: puts the new segments in place. Segments that were deleted or cut meanwhile are left
    /// as they are now.
    ///
    /// # Errors
    /// The run's failure, which changes nothing; or a rename's, after which the log is offline until it is opened
    /// again, which completes what was begun.
    pub fn cleaned(&mut self, cleaned: Cleaned) -> Result<Compacted, LogError> {
        let replacements = match cleaned.result {
            Ok(replacements) => replacements,
            Err(error) => {
                self.drop_cleaned(cleaned.begun.iter().copied());
                return Err(error);
            }
        };
        let mut compacted = Compacted {
            bytes_before: 0,
            bytes_after: 0,
            cleanup: Cleanup::new(&self.fs),
        };
        let all_there = replacements.iter().all(|it| self.position_of(it).is_some());
        for replacement in replacements {
            let Some(at) = self.position_of(&replacement) else {
                self.drop_cleaned([replacement.base_offset]);
                continue;
            };
            if let Err(error) = self.swap(at, &replacement, &mut compacted) {
                self.condition = Condition::Offline(error.to_string().into());
                return Err(error);
            }
        }
        self.producers.forget_markers(&cleaned.markers);
        self.cursors.clear();
        self.cache.drop_below(cleaned.up_to);
        self.unflushed.change_dir();
        if all_there {
            self.cleaned_up_to = self.cleaned_up_to.max(cleaned.up_to);
        }
        Ok(compacted)
    }

    /// Number of the first segment that is replaced, if all are still there as they were.
    fn position_of(&self, replacement: &Replacement) -> Option<usize> {
        let first = replacement.sources.first()?.0;
        let at = self
            .segments
            .partition_point(|segment| segment.base_offset() < first);
        // The active segment is never replaced.
        let sealed = &self.segments[..self.segments.len() - 1];
        let now = sealed.get(at..at + replacement.sources.len())?;
        let same = now
            .iter()
            .zip(&replacement.sources)
            .all(|(segment, source)| (segment.base_offset(), segment.size()) == *source);
        same.then_some(at)
    }

    fn swap(
        &mut self,
        at: usize,
        replacement: &Replacement,
        compacted: &mut Compacted,
    ) -> Result<(), LogError> {
        let rename = |from: &Path, to: &Path| {
            let renamed = self.fs.rename(from, to);
            renamed.map_err(|error| LogError::io("rename", from, error))
        };
        let [time, offset, log] = cleaned_files(&self.dir, replacement.base_offset);
        let swap = file_names::with_suffix(&log.1, file_names::SWAP_SUFFIX);
        rename(&log.0, &swap)?;
        let old = at..at + replacement.sources.len();
        for segment in &self.segments[old.clone()] {
            compacted.cleanup.add_files(segment.take_out()?);
            compacted.bytes_before += segment.size();
        }
        rename(&time.0, &time.1)?;
        rename(&offset.0, &offset.1)?;
        rename(&swap, &log.1)?;
        let mut segment = Segment::existing(
            &self.fs,
            &self.dir,
            replacement.base_offset,
            replacement.size,
            self.config.index_interval_bytes,
        );
        segment.set_max_timestamp(replacement.max_timestamp);
        compacted.bytes_after += replacement.size;
        self.segments.splice(old, [segment]);
        Ok(())
    }

    /// What cannot be removed now is removed by the next run or open.
    fn drop_cleaned(&self, bases: impl IntoIterator<Item = i64>) {
        for base_offset in bases {
            for (cleaned, _) in cleaned_files(&self.dir, base_offset) {
                let _ = self.fs.remove_file(&cleaned);
            }
        }
    }
}

/// What a segment consists of.
const SEGMENT_FILES: [&str; 4] = [
    file_names::LOG,
    file_names::OFFSET_INDEX,
    file_names::TIME_INDEX,
    file_names::TXN_INDEX,
];

/// Completes swaps that were begun before the log was last left; the folder is as if they had been done. Whether there was one:
/// then `entries`, what the folder was found to hold, is not true any more.
pub(crate) fn complete_swaps(
    fs: &Arc<dyn Fs>,
    dir: &Path,
    entries: &[DirEntry],
) -> Result<bool, LogError> {
    let mut has_changed = false;
    for entry in entries {
        let Some(name) = entry.name.strip_suffix(file_names::SWAP_SUFFIX) else {
            continue;
        };
        has_changed = true;
        let path = dir.join(&entry.name);
        let Some((base_offset, file_names::LOG)) = file_names::parse(name) else {
            remove(fs, &path)?;
            continue;
        };
        let end_offset = end_of(fs, &path)?;
        let others = fs.list(dir);
        for other in others.map_err(|error| LogError::io("list", dir, error))? {
            let Some((base, extension)) = file_names::parse(&other.name) else {
                continue;
            };
            let is_segments = SEGMENT_FILES.contains(&extension);
            if is_segments && base >= base_offset && base < end_offset {
                remove(fs, &dir.join(&other.name))?;
            }
        }
        let log = file_names::of_offset(dir, base_offset, file_names::LOG);
        fs.rename(&path, &log)
            .map_err(|error| LogError::io("rename", &path, error))?;
    }
    Ok(has_changed)
}

/// The offset after the last batch of a file.
fn end_of(fs: &Arc<dyn Fs>, path: &Path) -> Result<i64, LogError> {
    let file = fs.open(path, OpenMode::Read);
    let file = file.map_err(|error| LogError::io("open", path, error))?;
    let size = file.len();
    let size = size.map_err(|error| LogError::io("look at", path, error))?;
    let mut scanner = BatchScanner::headers(&*file, 0, size);
    let mut end_offset = i64::MIN;
    loop {
        match scanner.next_batch() {
            Ok(Some(batch)) => end_offset = batch.header.next_offset(),
            Ok(None) => return Ok(end_offset),
            Err(ScanError::Io(error)) => return Err(LogError::io("read", path, error)),
            Err(ScanError::Invalid(reason)) => return Err(LogError::corrupt(path, reason)),
        }
    }
}

fn remove(fs: &Arc<dyn Fs>, path: &Path) -> Result<(), LogError> {
    match fs.remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LogError::io("remove", path, error))
        }
        _ => Ok(()),
    }
}
