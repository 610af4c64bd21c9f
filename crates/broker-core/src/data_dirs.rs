//! The data folders of the broker (`log.dirs`): which partition is in which of them.
//!
//! Owns [`DataDirs`]. Guarantees: all folders carry one cluster id and an id each; each remembers the others, so that a
//! folder that is left out or whose disk is not mounted is an error at the start, not an empty topic; a partition is in one
//! folder. New partitions go to the folder with the fewest. Changes of the cluster are in the folder where they began, at
//! first the first one. Runs on the shard thread.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rdkafka_log::fs::{Fs, read_file, replace_file};
use rdkafka_log::{LogDir, LogDirOptions, LogError, PartitionDir, settle_moves};

use crate::cluster_log::CLUSTER_METADATA_TOPIC;
use crate::topics::random_uuid;

/// A folder: its place in the configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct DirIndex(usize);

/// The folders, each locked.
#[derive(Debug)]
pub(crate) struct DataDirs {
    dirs: Vec<LogDir>,
}

impl DataDirs {
    /// Locks and opens the folders; creates those that are missing and that no other folder remembers.
    pub(crate) fn open(
        disk: &Arc<dyn Fs>,
        roots: &[PathBuf],
        node_id: i32,
        rng: &mut fastrand::Rng,
    ) -> Result<Self, LogError> {
        check_known(&**disk, roots)?;
        let mut options = LogDirOptions {
            proposed_cluster_id: random_uuid(rng).to_string(),
            required_cluster_id: None,
            node_id,
            proposed_directory_id: String::new(),
        };
        // The id of the cluster is that of the folder that has one, whichever it is.
        for root in roots {
            if let Some(meta) = LogDir::read_meta(&**disk, root)? {
                options.required_cluster_id.get_or_insert(meta.cluster_id);
            }
        }
        let mut dirs = Vec::with_capacity(roots.len());
        for root in roots {
            options.proposed_directory_id = random_uuid(rng).to_string();
            let dir = LogDir::open(Arc::clone(disk), root, &options)?;
            let cluster_id = &dir.meta().cluster_id;
            options
                .required_cluster_id
                .get_or_insert_with(|| cluster_id.clone());
            dirs.push(dir);
        }
        let dirs = Self { dirs };
        dirs.remember()?;
        if !dirs.is_single() {
            settle_moves(dirs.dirs.iter())?;
        }
        Ok(dirs)
    }

    /// Each folder learns of the others. One folder alone has nothing to remember.
    fn remember(&self) -> Result<(), LogError> {
        if self.dirs.len() < 2 {
            return Ok(());
        }
        let mut content = String::from("version=1\n");
        for dir in &self.dirs {
            let id = dir.meta().directory_id.as_deref().unwrap_or_default();
            let _ = writeln!(content, "{id}={}", dir.root().display());
        }
        for dir in &self.dirs {
            let path = dir.root().join(FOLDERS);
            if read_folders(&**dir.fs(), &path)?.is_some_and(|it| it == content) {
                continue;
            }
            replace_file(&**dir.fs(), &path, content.as_bytes())
                .map_err(|error| LogError::io("write", path, error))?;
        }
        Ok(())
    }

    pub(crate) fn is_single(&self) -> bool {
        self.dirs.len() == 1
    }

    pub(crate) fn cluster_id(&self) -> &str {
        &self.dirs[0].meta().cluster_id
    }

    /// The partitions in all folders.
    pub(crate) fn partitions(&self) -> Result<Vec<PartitionDir>, LogError> {
        let mut all = BTreeMap::new();
        for dir in &self.dirs {
            for found in dir.partitions()? {
                let key = (found.topic.clone(), found.partition);
                if let Some(other) = all.insert(key, found.clone()) {
                    let other: PartitionDir = other;
                    let reason = format!(
                        "this partition is in {} too; move one of them away",
                        other.path.display()
                    );
                    return Err(LogError::corrupt(found.path, reason));
                }
            }
        }
        Ok(all.into_values().collect())
    }

    /// Which folder holds a partition's folder; the first one if none does.
    pub(crate) fn position(&self, partition: &Path) -> DirIndex {
        let found = self
            .dirs
            .iter()
            .position(|dir| partition.parent() == Some(dir.root()));
        DirIndex(found.unwrap_or(0))
    }

    /// A folder by its path.
    pub(crate) fn find(&self, root: &Path) -> Option<DirIndex> {
        let found = self.dirs.iter().position(|dir| dir.root() == root);
        found.map(DirIndex)
    }

    /// The folder that holds a partition's folder; the first one if none does.
    pub(crate) fn of(&self, partition: &Path) -> &LogDir {
        self.get(self.position(partition))
    }

    /// The folder of the cluster's changes.
    pub(crate) fn of_cluster_log(&self, folders: &[PartitionDir]) -> &LogDir {
        let found = folders
            .iter()
            .find(|folder| folder.topic == CLUSTER_METADATA_TOPIC);
        found.map_or(&self.dirs[0], |folder| self.of(&folder.path))
    }

    /// The folder for the next partition: the first of those with the fewest, given where the others are.
    pub(crate) fn emptiest(&self, others: impl Iterator<Item = DirIndex>) -> DirIndex {
        let mut counts = vec![0usize; self.dirs.len()];
        for other in others {
            if let Some(count) = counts.get_mut(other.0) {
                *count += 1;
            }
        }
        let least = counts.iter().zip(0..).min_by_key(|(count, _)| **count);
        DirIndex(least.map_or(0, |(_, at)| at))
    }

    /// All folders with their places.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = (DirIndex, &LogDir)> {
        self.dirs
            .iter()
            .enumerate()
            .map(|(at, dir)| (DirIndex(at), dir))
    }

    pub(crate) fn get(&self, at: DirIndex) -> &LogDir {
        self.dirs.get(at.0).unwrap_or_else(|| &self.dirs[0])
    }
}

/// Whether a folder that another one remembers is missing. Nothing is created before.
fn check_known(disk: &dyn Fs, roots: &[PathBuf]) -> Result<(), LogError> {
    let mut present = Vec::new();
    let mut remembered: BTreeMap<String, (String, PathBuf)> = BTreeMap::new();
    for root in roots {
        let Some(meta) = LogDir::read_meta(disk, root)? else {
            continue;
        };
        present.extend(meta.directory_id);
        let path = root.join(FOLDERS);
        let Some(content) = read_folders(disk, &path)? else {
            continue;
        };
        for line in content.lines().skip(1) {
            if let Some((id, folder)) = line.split_once('=') {
                remembered.insert(id.into(), (folder.into(), path.clone()));
            }
        }
    }
    for (id, (folder, path)) in remembered {
        if !present.contains(&id) {
            let reason = format!(
                "log.dirs: the data folder {folder} (directory.id {id}) is missing or empty; mount it or add it to log.dirs, or, to go on without its partitions, remove this file from every data folder"
            );
            return Err(LogError::corrupt(path, reason));
        }
    }
    Ok(())
}

/// What a folder remembers of the others; `None` if nothing.
fn read_folders(disk: &dyn Fs, path: &Path) -> Result<Option<String>, LogError> {
    match read_file(disk, path, FILE_MAX) {
        Ok(content) => Ok(Some(String::from_utf8_lossy(&content).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LogError::io("read", path, error)),
    }
}

/// What each folder knows of the others, when there are several.
const FOLDERS: &str = "data-folders";
const FILE_MAX: u64 = 1 << 20;
