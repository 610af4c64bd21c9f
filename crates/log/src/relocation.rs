//! Moving a log to another data folder while it is appended to and read.
//!
//! A [`CopyTask`] copies what the log has so far into a folder beside its future place, on any thread; the next one
//! copies what came meanwhile. [`LogDir::take_over`], on the log's thread, copies the last of it, brings all to the disk
//! and gives the folder its name. Until then nothing but the source counts: an interrupted copy is removed at the next
//! open of its data folder.
//!
//! Guarantees: the copy has every byte that the source had when it got its name, on the disk. A crash right then leaves
//! two folders; the copy carries a mark ([`LogDir::came_by_move`]), and the one with the higher end is the log: all that
//! was appended after the move went to one of them. Leaves to others: keeping compaction away meanwhile, the choice after
//! such a crash, the removal of the source.

use std::{
    collections::BTreeMap,
    io::{self, IoSlice},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    Cleanup, Log, LogConfig, LogDir, LogError, OpenOptions, TopicId, file_names,
    fs::{self, File, Fs, OpenMode},
    log_dir::PartitionName,
    partition_metadata,
};

/// How far a copy is.
#[derive(Debug, Clone)]
pub struct LogCopy {
    fs: Arc<dyn Fs>,
    dir: PathBuf,
    /// Bytes of each segment that are in the copy.
    sizes: BTreeMap<i64, u64>,
    end_offset: i64,
    bytes: Arc<AtomicU64>,
}

impl LogCopy {
    /// Everything below this offset is in the copy.
    #[must_use]
    pub const fn end_offset(&self) -> i64 {
        self.end_offset
    }

    /// How many bytes were copied, also by a task that is under way.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether both are states of one copy.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.bytes, &other.bytes)
    }

    /// Gives it up.
    #[must_use]
    pub fn give_up(self) -> Cleanup {
        Cleanup::of_dir(&self.fs, self.dir)
    }
}

/// What a log had more than its copy.
#[derive(Debug)]
pub struct CopyTask {
    copy: LogCopy,
    pieces: Vec<Piece>,
    end_offset: i64,
}

/// A part of a segment, and the segment's indexes as a whole.
#[derive(Debug)]
struct Piece {
    base_offset: i64,
    file: Arc<dyn File>,
    from: u64,
    to: u64,
    indexes: [(PathBuf, &'static str); 2],
}

/// What became of a [`CopyTask`].
#[derive(Debug)]
#[must_use]
pub struct Copied {
    /// The copy, as far as it came.
    pub copy: LogCopy,
    /// Why it came no further.
    pub result: Result<(), LogError>,
}

impl CopyTask {
    /// Does it; blocks on the disk. `pace` is told of bytes as they are copied, and may end it.
    pub fn run(self, pace: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Copied {
        let Self {
            mut copy,
            pieces,
            end_offset,
        } = self;
        let result = copy_pieces(&mut copy, &pieces, pace);
        if result.is_ok() {
            copy.end_offset = end_offset;
        }
        Copied { copy, result }
    }

    /// What it adds to.
    #[must_use]
    pub const fn copy(&self) -> &LogCopy {
        &self.copy
    }
}

fn copy_pieces(
    copy: &mut LogCopy,
    pieces: &[Piece],
    pace: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<(), LogError> {
    let dir = copy.dir.clone();
    let failed = |error| LogError::io("copy to", &dir, error);
    for piece in pieces {
        let path = file_names::of_offset(&dir, piece.base_offset, file_names::LOG);
        let to = copy.fs.open(&path, OpenMode::Append).map_err(failed)?;
        to.truncate(piece.from).map_err(failed)?;
        let mut counted = |bytes: usize| {
            copy.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            pace(bytes)
        };
        let range = piece.from..piece.to;
        copy_range(&*piece.file, range, &*to, &mut counted).map_err(failed)?;
        for (from, extension) in &piece.indexes {
            let path = file_names::of_offset(&dir, piece.base_offset, extension);
            copy_index(&*copy.fs, from, &path).map_err(failed)?;
        }
        copy.sizes.insert(piece.base_offset, piece.to);
    }
    Ok(())
}

fn copy_range(
    from: &dyn File,
    range: std::ops::Range<u64>,
    to: &dyn File,
    pace: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut at = range.start;
    let mut buffer = vec![0; CHUNK.min(range.end - range.start) as usize];
    while at < range.end {
        let len = CHUNK.min(range.end - at) as usize;
        from.read_exact_at(&mut buffer[..len], at)?;
        to.append(&mut [IoSlice::new(&buffer[..len])])?;
        at += len as u64;
        if pace(len).is_break() {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    to.sync()
}

/// An index that is missing is built again where it is needed.
fn copy_index(fs: &dyn Fs, from: &Path, to: &Path) -> io::Result<()> {
    let source = match fs.open(from, OpenMode::Read) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let target = fs.open(to, OpenMode::Append)?;
    target.truncate(0)?;
    copy_range(&*source, 0..source.len()?, &*target, &mut |_| {
        ControlFlow::Continue(())
    })
}

impl Log {
    /// The work to bring a copy up to what the log has now.
    ///
    /// # Errors
    /// The disk's; a log that is offline is not copied.
    pub fn copy_task(&mut self, copy: LogCopy) -> Result<CopyTask, LogError> {
        self.heal()?;
        // What was the active segment may have got its last index entries since.
        let last_known = copy.sizes.last_key_value().map(|(base, _)| *base);
        let mut pieces = Vec::new();
        for segment in &mut self.segments {
            let base_offset = segment.base_offset();
            let from = copy.sizes.get(&base_offset).copied();
            let to = segment.size();
            if from == Some(to) && last_known != Some(base_offset) {
                continue;
            }
            segment.write_indexes()?;
            pieces.push(Piece {
                base_offset,
                file: segment.file()?,
                from: from.unwrap_or(0),
                to,
                indexes: [file_names::OFFSET_INDEX, file_names::TIME_INDEX]
                    .map(|extension| (segment.path_of(extension), extension)),
            });
        }
        Ok(CopyTask {
            copy,
            pieces,
            end_offset: self.end_offset,
        })
    }

    /// How much a copy lacks, in bytes.
    #[must_use]
    pub fn missing_in(&self, copy: &LogCopy) -> u64 {
        let missing = self.segments.iter().map(|segment| {
            let copied = copy.sizes.get(&segment.base_offset()).copied();
            segment.size().saturating_sub(copied.unwrap_or(0))
        });
        missing.sum()
    }

    /// Writes down what is not in the segments, and lets go of copied ones that the log has no more.
    fn complete(&self, copy: &LogCopy, topic_id: TopicId) -> Result<(), LogError> {
        let write = |path: PathBuf, content: &[u8]| {
            fs::replace_file(&*copy.fs, &path, content)
                .map_err(|error| LogError::io("write", path, error))
        };
        let is_gone = |base: &&i64| {
            let found = self
                .segments
                .binary_search_by_key(*base, crate::segment::Segment::base_offset);
            found.is_err()
        };
        for base in copy.sizes.keys().filter(is_gone) {
            for extension in [
                file_names::LOG,
                file_names::OFFSET_INDEX,
                file_names::TIME_INDEX,
            ] {
                let path = file_names::of_offset(&copy.dir, *base, extension);
                match copy.fs.remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(LogError::io("remove", path, error));
                    }
                    _ => {}
                }
            }
        }
        let snapshot = file_names::PRODUCER_SNAPSHOT;
        let snapshot = file_names::of_offset(&copy.dir, self.end_offset, snapshot);
        write(snapshot, &self.producers.encode())?;
        write(
            copy.dir.join(file_names::LEADER_EPOCHS),
            self.epochs.encode().as_bytes(),
        )?;
        let identity = partition_metadata::format(topic_id);
        write(
            copy.dir.join(file_names::PARTITION_METADATA),
            identity.as_bytes(),
        )?;
        write(copy.dir.join(MOVED), b"")
    }

    /// The folder has another name now.
    fn renamed(&mut self, dir: PathBuf) {
        let dir: Arc<Path> = dir.into();
        for segment in &mut self.segments {
            segment.renamed(&dir);
        }
        self.dir = dir;
    }
}

impl LogDir {
    /// Begins to copy a log of another folder into this one. `id` tells this copy from others, which may not be removed yet.
    ///
    /// # Errors
    /// The disk's.
    pub fn begin_copy(
        &self,
        topic: &str,
        partition: i32,
        id: [u8; 16],
    ) -> Result<LogCopy, LogError> {
        let dir = self.path_with(topic, partition, id, file_names::FUTURE_DIR_SUFFIX)?;
        let fs = Arc::clone(self.fs());
        fs.create_dir_all(&dir)
            .map_err(|error| LogError::io("create", &dir, error))?;
        Ok(LogCopy {
            fs,
            dir,
            sizes: BTreeMap::new(),
            end_offset: 0,
            bytes: Arc::default(),
        })
    }

    /// Copies the last of a log and makes the copy the log: it is in this folder now. Its checkpoint is to be stored
    /// next, then the source to be removed, and then the mark ([`Self::forget_move`]).
    ///
    /// # Errors
    /// The disk's; the source is still the log then, and the copy is worth nothing.
    pub fn take_over(
        &self,
        source: &mut Log,
        copy: LogCopy,
        name: &PartitionName<'_>,
        config: LogConfig,
        now_ms: i64,
    ) -> Result<Log, LogError> {
        let Copied { copy, result } = source
            .copy_task(copy)?
            .run(&mut |_| ControlFlow::Continue(()));
        result?;
        source.complete(&copy, name.topic_id)?;
        copy.fs
            .sync_dir(&copy.dir)
            .map_err(|error| LogError::io("sync", &copy.dir, error))?;
        let options = OpenOptions {
            recovery_point: source.end_offset,
            start_offset: source.start_offset,
            // Another compaction may look at it from the start; what was copied may be from before the last one.
            cleaned_up_to: 0,
            now_ms,
        };
        let (mut log, _) = Log::open_with(Arc::clone(&copy.fs), &copy.dir, config, &options)?;
        if log.end_offset != source.end_offset {
            let reason = format!("it ends at {}, not {}", log.end_offset, source.end_offset);
            return Err(LogError::corrupt(copy.dir, reason));
        }
        let path = self.partition_path(name.topic, name.partition)?;
        copy.fs
            .rename(&copy.dir, &path)
            .map_err(|error| LogError::io("rename", &copy.dir, error))?;
        if let Err(error) = self.sync_root() {
            // Either name may be on the disk. Should both be there at the next start, the source is longer, or the same.
            let _ = copy.fs.rename(&path, &copy.dir);
            return Err(error);
        }
        log.renamed(path);
        Ok(log)
    }

    /// Whether a partition's folder came from another data folder, whose copy may not be removed yet.
    ///
    /// # Errors
    /// The disk's.
    pub fn came_by_move(&self, topic: &str, partition: i32) -> Result<bool, LogError> {
        let path = self.partition_path(topic, partition)?.join(MOVED);
        match self.fs().open(&path, OpenMode::Read) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(LogError::io("open", path, error)),
        }
    }

    /// The other copy is gone for good: nothing is special about this one any more.
    ///
    /// # Errors
    /// The disk's.
    pub fn forget_move(&self, topic: &str, partition: i32) -> Result<(), LogError> {
        let dir = self.partition_path(topic, partition)?;
        let removed = self.fs().remove_file(&dir.join(MOVED));
        removed
            .and_then(|()| self.fs().sync_dir(&dir))
            .map_err(|error| LogError::io("remove the mark in", dir, error))
    }
}

/// After a crash in the middle of a move a partition may be in two of the folders: one of them goes. Others that are there
/// twice are left alone. To be called before anything is opened.
///
/// # Errors
/// The disk's.
pub fn settle_moves<'a>(dirs: impl Iterator<Item = &'a LogDir>) -> Result<(), LogError> {
    let mut places: BTreeMap<(String, i32), Vec<Place<'a>>> = BTreeMap::new();
    for dir in dirs {
        for found in dir.partitions()? {
            let is_marked = dir.came_by_move(&found.topic, found.partition)?;
            let place = Place {
                dir,
                topic_id: found.topic_id,
                is_marked,
            };
            let key = (found.topic, found.partition);
            places.entry(key).or_default().push(place);
        }
    }
    for ((topic, partition), places) in places {
        let kept = match &places[..] {
            [only] => only,
            [a, b] if a.topic_id == b.topic_id && (a.is_marked || b.is_marked) => {
                let (kept, other) = match a.rank(&topic, partition)? > b.rank(&topic, partition)? {
                    true => (a, b),
                    false => (b, a),
                };
                other.dir.delete_log(&topic, partition)?.run()?;
                kept
            }
            _ => continue,
        };
        if kept.is_marked {
            kept.dir.forget_move(&topic, partition)?;
        }
    }
    Ok(())
}

/// A folder that has a partition.
#[derive(Debug)]
struct Place<'a> {
    dir: &'a LogDir,
    topic_id: TopicId,
    is_marked: bool,
}

impl Place<'_> {
    /// The higher one is the log. Where nothing was appended since the move both have the same, and the source has its
    /// checkpoint besides.
    fn rank(&self, topic: &str, partition: i32) -> Result<(i64, bool), LogError> {
        let config = LogConfig::default();
        let (log, _) = self.dir.open_log(topic, partition, config, 0)?;
        Ok((log.offsets().end, !self.is_marked))
    }
}

/// The mark of a folder that came by a move.
const MOVED: &str = "moved";
const CHUNK: u64 = 1 << 20;
