//! `Memory`: a file system in memory.
use std::{io, path::Path, sync::Arc};

use super::{DirEntry, File, Fs, LockGuard, OpenMode};

/// A fault to inject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk answers `EIO`.
    Io,
}

/// A file system in memory; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Memory {}

impl Memory {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Fs for Memory {
    fn open(&self, _path: &Path, _mode: OpenMode) -> io::Result<Arc<dyn File>> {
        todo!()
    }
    fn list(&self, _dir: &Path) -> io::Result<Vec<DirEntry>> {
        todo!()
    }
    fn create_dir_all(&self, _dir: &Path) -> io::Result<()> {
        todo!()
    }
    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        todo!()
    }
    fn remove_file(&self, _path: &Path) -> io::Result<()> {
        todo!()
    }
    fn remove_dir_all(&self, _dir: &Path) -> io::Result<()> {
        todo!()
    }
    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        todo!()
    }
    fn lock(&self, _path: &Path) -> io::Result<Option<Box<dyn LockGuard>>> {
        todo!()
    }
}
