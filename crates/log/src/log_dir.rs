//! The data folder: its lock, its identity, its partitions, its checkpoints.
//!
//! Owns the files beside the partitions' folders: `.lock`, `meta.properties` (Kafka's keys and
//! `layout.version`) and `log-offsets-checkpoint`. Names of partitions'
//! folders are Kafka's, `<topic>-<partition>`. Other files and folders are left alone, so that the
//! broker may keep its own beside the logs.
//!
//! Leaves opening logs to [`crate::opening`] and [`crate::recovery`], and knows nothing of logs that are open.

use std::{
    collections::HashSet,
    fmt::Write,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    Cleanup, Log, LogConfig, LogError, PartitionCheckpoint, TopicId,
    checkpoint::{self, Checkpoints},
    file_names,
    fs::{self, Fs, LockGuard, Volume},
    partition_metadata::{self, MetadataError},
};

const LOCK: &str = ".lock";
const META: &str = "meta.properties";
const CHECKPOINT: &str = "log-offsets-checkpoint";

/// The layout of the data folder that this version writes, and the newest one it reads.
const LAYOUT_VERSION: u32 = 1;
/// Larger files are not read.
const FILE_MAX: u64 = 64 << 20;
/// Kafka's longest topic name.
const TOPIC_NAME_MAX: usize = 249;
/// What a file system allows for one name.
const FILE_NAME_MAX: usize = 255;

/// How to open a data folder.
#[derive(Debug, Clone, Default)]
pub struct LogDirOptions {
    /// Id that a folder without identity gets; a folder that has one keeps it.
    pub proposed_cluster_id: String,
    /// Id that the folder must have, if the operator set one.
    pub required_cluster_id: Option<String>,
    /// Id of the broker, stored for the tools that show it.
    pub node_id: i32,
    /// Id that the folder itself gets if it has none; empty for none.
    pub proposed_directory_id: String,
}

/// `meta.properties`: whose folder it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaProperties {
    /// Id of the cluster.
    pub cluster_id: String,
    /// Id of the broker.
    pub node_id: i32,
    /// Id of the folder, which stays when it is moved or mounted elsewhere. Old folders had none.
    pub directory_id: Option<String>,
    /// Layout of the folder.
    pub layout_version: u32,
}

/// A partition's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionDir {
    /// Name of the topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The topic's incarnation.
    pub topic_id: TopicId,
    /// The folder.
    pub path: PathBuf,
}

/// Which partition of which topic.
#[derive(Debug, Clone, Copy)]
pub struct PartitionName<'a> {
    /// Name of the topic.
    pub topic: &'a str,
    /// The partition.
    pub partition: i32,
    /// The topic's incarnation.
    pub topic_id: TopicId,
}

/// The checkpoint file.
#[derive(Debug)]
struct Stored {
    checkpoints: Checkpoints,
    /// Number of the newest task, and of the newest one that was run.
    newest: u64,
    written: u64,
}

/// A checkpoint to be stored, on any thread. One that was overtaken by a newer one does nothing.
#[derive(Debug)]
pub struct CheckpointTask {
    fs: Arc<dyn Fs>,
    path: PathBuf,
    stored: Arc<Mutex<Stored>>,
    number: u64,
    partitions: Vec<PartitionCheckpoint>,
}

impl CheckpointTask {
    /// Does it; blocks on the disk.
    ///
    /// # Errors
    /// The disk's; the old checkpoint is then still in place.
    pub fn run(self) -> Result<(), LogError> {
        let mut stored = lock(&self.stored);
        if self.number < stored.written {
            return Ok(());
        }
        let content = checkpoint::format(&self.partitions);
        fs::replace_file(&*self.fs, &self.path, content.as_bytes())
            .map_err(|error| LogError::io("write", self.path, error))?;
        stored.checkpoints = checkpoint::index(self.partitions);
        stored.written = self.number;
        Ok(())
    }
}

/// It is replaced as a whole, so a panic of another holder has spoilt nothing.
fn lock(stored: &Mutex<Stored>) -> MutexGuard<'_, Stored> {
    stored.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A data folder, locked for as long as the value lives. May be shared between threads.
#[derive(Debug)]
pub struct LogDir {
    fs: Arc<dyn Fs>,
    root: PathBuf,
    meta: MetaProperties,
    /// What the checkpoint file says. Locked while it is written.
    checkpoints: Arc<Mutex<Stored>>,
    _lock: Box<dyn LockGuard>,
}

impl LogDir {
    /// Locks and opens a data folder; creates it if it is missing. Folders left by an interrupted
    /// deletion are removed.
    ///
    /// # Errors
    /// [`LogError::Locked`], [`LogError::UnsupportedLayout`], [`LogError::ClusterIdMismatch`],
    /// [`LogError::Corrupt`] for an identity that cannot be read, or the disk's.
    pub fn open(
        fs: Arc<dyn Fs>,
        root: impl Into<PathBuf>,
        options: &LogDirOptions,
    ) -> Result<Self, LogError> {
        let root = root.into();
        fs.create_dir_all(&root)
            .map_err(|error| LogError::io("create", &root, error))?;
        let path = root.join(LOCK);
        let lock = fs
            .lock(&path)
            .map_err(|error| LogError::io("lock", &path, error))?;
        let lock = lock.ok_or(LogError::Locked { path })?;
        let meta = read_or_create_meta(&*fs, &root, options)?;
        let checkpoints = read_checkpoints(&*fs, &root.join(CHECKPOINT))?;
        let checkpoints = Arc::new(Mutex::new(Stored {
            checkpoints,
            newest: 0,
            written: 0,
        }));
        let dir = Self {
            fs,
            root,
            meta,
            checkpoints,
            _lock: lock,
        };
        dir.finish_deletions()?;
        Ok(dir)
    }

    /// Whose folder one is that is not open; `None` if it is missing or nobody's. Creates nothing.
    ///
    /// # Errors
    /// As [`Self::open`], but for the lock.
    pub fn read_meta(fs: &dyn Fs, root: &Path) -> Result<Option<MetaProperties>, LogError> {
        let path = root.join(META);
        match fs::read_file(fs, &path, FILE_MAX) {
            Ok(content) => parse_meta(&String::from_utf8_lossy(&content), &path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LogError::io("read", path, error)),
        }
    }

    /// Whose folder it is.
    #[must_use]
    pub const fn meta(&self) -> &MetaProperties {
        &self.meta
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How large the volume is that it is on.
    ///
    /// # Errors
    /// What the system says.
    pub fn volume(&self) -> io::Result<Volume> {
        self.fs.volume(&self.root)
    }

    /// The file system it is on; for the broker's own files beside the logs.
    #[must_use]
    pub const fn fs(&self) -> &Arc<dyn Fs> {
        &self.fs
    }

    /// The partitions in the folder, by topic and number.
    ///
    /// # Errors
    /// The disk's, [`LogError::UnsupportedLayout`], or [`LogError::Corrupt`] for a folder whose identity
    /// cannot be read.
    pub fn partitions(&self) -> Result<Vec<PartitionDir>, LogError> {
        let entries = self.fs.list(&self.root);
        let entries = entries.map_err(|error| LogError::io("list", &self.root, error))?;
        let folders = entries.into_iter().filter(|entry| entry.is_dir);
        let named = folders.filter_map(|entry| {
            let (topic, partition) = parse_dir_name(&entry.name)?;
            Some(PartitionDir {
                topic: topic.to_owned(),
                partition,
                topic_id: TopicId([0; 16]),
                path: self.root.join(&entry.name),
            })
        });
        // A folder without identity is one whose creation was not finished: nobody was told of it.
        let mut partitions = self.read_topic_ids(named.collect())?;
        partitions.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
        Ok(partitions)
    }

    /// Creates a partition's folder and its empty log, durably. A folder of that name with another topic's id (a topic
    /// that power was lost under before anybody was told of it, or one of another broker) is kept under a name that
    /// ends in `-stray`.
    ///
    /// # Errors
    /// [`LogError::InvalidName`], [`LogError::AlreadyExists`], or the disk's.
    pub fn create_log(
        &self,
        topic: &str,
        partition: i32,
        topic_id: TopicId,
        config: LogConfig,
    ) -> Result<Log, LogError> {
        let path = self.partition_path(topic, partition)?;
        self.fs
            .create_dir_all(&path)
            .map_err(|error| LogError::io("create", &path, error))?;
        match self.read_topic_id(&path)? {
            None => {}
            Some(id) if id == topic_id => return Err(LogError::AlreadyExists { path }),
            Some(stray) => {
                self.rename_away(topic, partition, stray, file_names::STRAY_DIR_SUFFIX)?;
                self.fs
                    .create_dir_all(&path)
                    .map_err(|error| LogError::io("create", &path, error))?;
            }
        }
        let (log, _) = Log::open(Arc::clone(&self.fs), &path, config)?;
        // The identity comes last: with it the folder counts.
        let metadata = path.join(file_names::PARTITION_METADATA);
        let content = partition_metadata::format(topic_id);
        fs::replace_file(&*self.fs, &metadata, content.as_bytes())
            .map_err(|error| LogError::io("write", metadata, error))?;
        self.sync_root()?;
        Ok(log)
    }

    /// What the checkpoint knows of a log; nothing if it is of an earlier topic of that name.
    pub(crate) fn checkpoint_of(&self, found: &PartitionDir) -> Option<PartitionCheckpoint> {
        let stored = lock(&self.checkpoints);
        let known = stored
            .checkpoints
            .get(&(found.topic.clone(), found.partition));
        known
            .filter(|known| known.topic_id == found.topic_id)
            .cloned()
    }

    /// Renames a partition's folder out of the way; what is left to do may be done on another thread.
    /// Readers that hold file ranges keep reading. Drop the [`Log`] first.
    ///
    /// # Errors
    /// [`LogError::NotFound`], or the disk's.
    pub fn delete_log(&self, topic: &str, partition: i32) -> Result<Cleanup, LogError> {
        let path = self.partition_path(topic, partition)?;
        let Some(topic_id) = self.read_topic_id(&path)? else {
            return Err(LogError::NotFound { path });
        };
        let to = self.rename_away(topic, partition, topic_id, file_names::DELETED_DIR_SUFFIX)?;
        Ok(Cleanup::of_dir(&self.fs, to))
    }

    /// Gives a partition's folder a name that is no partition's.
    fn rename_away(
        &self,
        topic: &str,
        partition: i32,
        topic_id: TopicId,
        end: &str,
    ) -> Result<PathBuf, LogError> {
        let path = self.partition_path(topic, partition)?;
        let to = self.path_with(topic, partition, topic_id.0, end)?;
        self.fs
            .rename(&path, &to)
            .map_err(|error| LogError::io("rename", &path, error))?;
        self.sync_root()?;
        Ok(to)
    }

    /// Stores recovery points and start offsets. `partitions` is complete: what is missing is forgotten,
    /// and a log that was forgotten is checked from its start at the next open.
    ///
    /// # Errors
    /// The disk's; the old checkpoint is then still in place.
    pub fn checkpoint(&self, partitions: &[PartitionCheckpoint]) -> Result<(), LogError> {
        self.new_task(partitions.to_vec()).run()
    }

    /// As [`Self::checkpoint`], for another thread; `None` if the file says so already.
    #[must_use]
    pub fn checkpoint_task(&self, partitions: Vec<PartitionCheckpoint>) -> Option<CheckpointTask> {
        let stored = lock(&self.checkpoints);
        let is_same = stored.checkpoints.len() == partitions.len()
            && partitions.iter().all(|it| {
                let known = stored.checkpoints.get(&(it.topic.clone(), it.partition));
                known == Some(it)
            });
        drop(stored);
        (!is_same).then(|| self.new_task(partitions))
    }

    fn new_task(&self, partitions: Vec<PartitionCheckpoint>) -> CheckpointTask {
        let mut stored = lock(&self.checkpoints);
        stored.newest += 1;
        CheckpointTask {
            fs: Arc::clone(&self.fs),
            path: self.root.join(CHECKPOINT),
            stored: Arc::clone(&self.checkpoints),
            number: stored.newest,
            partitions,
        }
    }

    /// A name beside a partition's own that no partition has.
    pub(crate) fn path_with(
        &self,
        topic: &str,
        partition: i32,
        id: [u8; 16],
        end: &str,
    ) -> Result<PathBuf, LogError> {
        self.partition_path(topic, partition)?;
        // The id is unique, so a second topic of that name can be deleted before the first is gone.
        let mut suffix = format!("-{partition}.");
        for byte in id {
            let _ = write!(suffix, "{byte:02x}");
        }
        suffix.push_str(end);
        let kept = topic.len().min(FILE_NAME_MAX - suffix.len());
        // Topic names are ASCII, so any length is a boundary.
        Ok(self.root.join(format!("{}{suffix}", &topic[..kept])))
    }

    pub(crate) fn sync_root(&self) -> Result<(), LogError> {
        self.fs
            .sync_dir(&self.root)
            .map_err(|error| LogError::io("sync", &self.root, error))
    }

    pub(crate) fn partition_path(&self, topic: &str, partition: i32) -> Result<PathBuf, LogError> {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_valid = !topic.is_empty()
            && topic.len() <= TOPIC_NAME_MAX
            && topic.bytes().all(is_known)
            && topic != "."
            && topic != ".."
            && partition >= 0;
        let name = format!("{topic}-{partition}");
        if !is_valid || name.len() > FILE_NAME_MAX {
            return Err(LogError::InvalidName { name });
        }
        Ok(self.root.join(name))
    }

    /// The topic id in a partition's folder; `None` if the folder or the file is missing.
    pub(crate) fn read_topic_id(&self, dir: &Path) -> Result<Option<TopicId>, LogError> {
        let path = dir.join(file_names::PARTITION_METADATA);
        let content = match fs::read_file(&*self.fs, &path, FILE_MAX) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LogError::io("read", path, error)),
        };
        match partition_metadata::parse(&String::from_utf8_lossy(&content)) {
            Ok(topic_id) => Ok(Some(topic_id)),
            Err(MetadataError::Damaged(reason)) => Err(LogError::corrupt(path, reason)),
            Err(MetadataError::Layout(version)) => {
                Err(LogError::UnsupportedLayout { path, version })
            }
        }
    }

    /// Removes the folders of partitions that were deleted, or not copied to their end.
    fn finish_deletions(&self) -> Result<(), LogError> {
        let entries = self.fs.list(&self.root);
        let entries = entries.map_err(|error| LogError::io("list", &self.root, error))?;
        for entry in entries
            .into_iter()
            .filter(|entry| entry.is_dir && is_deleted(&entry.name))
        {
            let path = self.root.join(&entry.name);
            self.fs
                .remove_dir_all(&path)
                .map_err(|error| LogError::io("remove", path, error))?;
        }
        Ok(())
    }
}

/// Topic and partition of a folder's name.
fn parse_dir_name(name: &str) -> Option<(&str, i32)> {
    let (topic, partition) = name.rsplit_once('-')?;
    if topic.is_empty() || !partition.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((topic, partition.parse().ok()?))
}

/// Whether a folder is one that [`LogDir::delete_log`] renamed.
fn is_deleted(name: &str) -> bool {
    name.strip_suffix(file_names::DELETED_DIR_SUFFIX)
        .or_else(|| name.strip_suffix(file_names::FUTURE_DIR_SUFFIX))
        .and_then(|name| name.rsplit_once('.'))
        .is_some_and(|(rest, id)| {
            id.len() == 32
                && id.bytes().all(|byte| byte.is_ascii_hexdigit())
                && parse_dir_name(rest).is_some()
        })
}

/// A damaged or missing checkpoint costs time at open, not data.
fn read_checkpoints(fs: &dyn Fs, path: &Path) -> Result<Checkpoints, LogError> {
    match fs::read_file(fs, path, FILE_MAX) {
        Ok(content) => {
            Ok(checkpoint::parse(&String::from_utf8_lossy(&content)).unwrap_or_default())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Checkpoints::new()),
        Err(error) => Err(LogError::io("read", path, error)),
    }
}

fn read_or_create_meta(
    fs: &dyn Fs,
    root: &Path,
    options: &LogDirOptions,
) -> Result<MetaProperties, LogError> {
    let path = root.join(META);
    let proposed = Some(options.proposed_directory_id.clone()).filter(|id| !id.is_empty());
    let Some(mut meta) = LogDir::read_meta(fs, root)? else {
        let required = options.required_cluster_id.clone();
        let meta = MetaProperties {
            cluster_id: required.unwrap_or_else(|| options.proposed_cluster_id.clone()),
            node_id: options.node_id,
            directory_id: proposed,
            layout_version: LAYOUT_VERSION,
        };
        write_meta(fs, path, &meta)?;
        // The folder may be new itself. Its parent may be closed to us; then it is an old one's.
        if let Some(parent) = root.parent() {
            let _ = fs.sync_dir(parent);
        }
        return Ok(meta);
    };
    match &options.required_cluster_id {
        Some(wanted) if *wanted != meta.cluster_id => Err(LogError::ClusterIdMismatch {
            stored: meta.cluster_id,
            wanted: wanted.clone(),
        }),
        _ => {
            if meta.directory_id.is_none() && proposed.is_some() {
                meta.directory_id = proposed;
                write_meta(fs, path, &meta)?;
            }
            Ok(meta)
        }
    }
}

fn write_meta(fs: &dyn Fs, path: PathBuf, meta: &MetaProperties) -> Result<(), LogError> {
    let mut content = format!(
        "version=1\nlayout.version={}\ncluster.id={}\nnode.id={}\n",
        meta.layout_version, meta.cluster_id, meta.node_id
    );
    if let Some(id) = &meta.directory_id {
        let _ = writeln!(content, "directory.id={id}");
    }
    fs::replace_file(fs, &path, content.as_bytes())
        .map_err(|error| LogError::io("write", path, error))
}

pub(crate) fn parse_meta(content: &str, path: &Path) -> Result<MetaProperties, LogError> {
    let mut seen = HashSet::new();
    let (mut cluster_id, mut node_id, mut layout) = (None, 0, None);
    let mut directory_id = None;
    for line in content
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
    {
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        if !seen.insert(key) {
            return Err(LogError::corrupt(path, format!("{key} is there twice")));
        }
        match key {
            "cluster.id" => cluster_id = Some(value.to_owned()),
            "layout.version" => layout = Some(value),
            "directory.id" => directory_id = Some(value.to_owned()),
            "node.id" => {
                node_id = value
                    .parse()
                    .map_err(|_| LogError::corrupt(path, format!("node.id is {value:?}")))?;
            }
            _ => {}
        }
    }
    let version = layout.unwrap_or("none");
    let known = version
        .parse()
        .ok()
        .filter(|version| *version == LAYOUT_VERSION);
    let Some(layout_version) = known else {
        let (path, version) = (path.to_owned(), version.to_owned());
        return Err(LogError::UnsupportedLayout { path, version });
    };
    let cluster_id = cluster_id.ok_or_else(|| LogError::corrupt(path, "it has no cluster.id"))?;
    Ok(MetaProperties {
        cluster_id,
        node_id,
        directory_id,
        layout_version,
    })
}
