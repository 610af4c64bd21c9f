//! `Memory`: a file system in memory, which can be told to fail.
//!
//! Serves the broker that keeps nothing ([`Memory::new`]) and the tests ([`Memory::with_crashes`]), where
//! it also remembers what was made durable, so that [`Memory::crash`] can lose the rest. Faults are
//! injected by operation and count, or by a capacity; all randomness comes from the seed.

mod content;
mod crash;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashSet},
    io::{self, IoSlice},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use self::content::Content;
use self::crash::{Journal, NamespaceOp};
use super::{DirEntry, File, Fs, LockGuard, OpenMode, Volume};

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The operation fails and does nothing.
    Error,
    /// The operation does a part of what it should (an append writes a prefix), then fails.
    Partial,
    /// As [`Fault::Partial`], and every later operation fails: the machine is down.
    Down,
    /// The disk is full from here on, until [`Memory::set_capacity`] says otherwise: nothing can be appended.
    Full,
}

/// What a fault happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Any of the following but [`Operation::Read`].
    Any,
    /// Creating a file or folder.
    Create,
    /// Appending to a file.
    Append,
    /// Cutting a file.
    Truncate,
    /// Making a file or folder durable.
    Sync,
    /// Renaming.
    Rename,
    /// Removing a file or folder.
    Remove,
    /// Reading a file.
    Read,
}

/// A file system in memory; clones share it.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Clone)]
enum Node {
    Dir,
    File(Arc<Mutex<Content>>),
}

#[derive(Debug)]
struct State {
    nodes: BTreeMap<PathBuf, Node>,
    locks: HashSet<PathBuf>,
    /// Bytes that all files may hold together.
    capacity: Option<u64>,
    /// How many files may be open.
    open_max: Option<usize>,
    /// Every open file holds a share.
    open: Arc<()>,
    /// Bytes of the files that exist or are open.
    used: u64,
    /// Counts operations other than reads.
    operations: u64,
    planned: Vec<PlannedFault>,
    is_down: bool,
    /// What is durable; only kept if crashes are simulated.
    journal: Option<Journal>,
    random: fastrand::Rng,
}

#[derive(Debug)]
struct PlannedFault {
    operation: Operation,
    /// Operations of that kind that still succeed.
    skip: u64,
    fault: Fault,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// An empty one that never fails.
    #[must_use]
    pub fn new() -> Self {
        Self::from_nodes(BTreeMap::new(), None, 0)
    }

    /// An empty one that remembers what is durable, for [`Memory::crash`].
    #[must_use]
    pub fn with_crashes(seed: u64) -> Self {
        Self::from_nodes(BTreeMap::new(), Some(Journal::default()), seed)
    }

    fn from_nodes(nodes: BTreeMap<PathBuf, Node>, journal: Option<Journal>, seed: u64) -> Self {
        let used = nodes.values().map(Node::len).sum();
        Self(Arc::new(Mutex::new(State {
            nodes,
            locks: HashSet::new(),
            capacity: None,
            open_max: None,
            open: Arc::default(),
            used,
            operations: 0,
            planned: Vec::new(),
            is_down: false,
            journal,
            random: fastrand::Rng::with_seed(seed),
        })))
    }

    /// Bounds the bytes of all files together; beyond it writes fail as on a full disk, after a part
    /// was written. `None` takes the bound away.
    pub fn set_capacity(&self, capacity: Option<u64>) {
        self.state().capacity = capacity;
    }

    /// Bounds how many files may be open at once, as systems do. `None` takes the bound away.
    pub fn set_open_max(&self, files: Option<usize>) {
        self.state().open_max = files;
    }

    /// Bytes of all files together.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.state().used
    }

    /// Lets one operation fail, after `skip` more of its kind.
    pub fn inject(&self, operation: Operation, skip: u64, fault: Fault) {
        self.state().planned.push(PlannedFault {
            operation,
            skip,
            fault,
        });
    }

    /// Operations so far, reads not counted: the points at which a crash can happen.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Forgets the faults that did not happen yet; returns how many.
    pub fn clear_faults(&self) -> usize {
        self.state().planned.drain(..).count()
    }

    /// What a power failure at this moment leaves: everything that was made durable, and by chance some
    /// of what was not. Handles of the old file system see nothing of the new one.
    #[must_use]
    pub fn crash(&self) -> Self {
        let mut state = self.state();
        let seed = state.random.u64(..);
        let nodes = crash::survivors(&mut state);
        Self::from_nodes(nodes.clone(), Some(Journal::starting_from(nodes)), seed)
    }

    /// What the death of the process at this moment leaves: everything that was written.
    #[must_use]
    pub fn kill(&self) -> Self {
        let mut state = self.state();
        let seed = state.random.u64(..);
        let nodes: BTreeMap<_, _> = state
            .nodes
            .iter()
            .map(|(path, node)| (path.clone(), node.deep_copy()))
            .collect();
        let journal = state
            .journal
            .as_ref()
            .map(|_| Journal::starting_from(nodes.clone()));
        Self::from_nodes(nodes, journal, seed)
    }

    /// The content of a file.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn read_all(&self, path: &Path) -> io::Result<Vec<u8>> {
        Ok(lock(self.state().file(path)?).to_vec())
    }

    /// Puts a file there as it is, durable.
    pub fn put(&self, path: &Path, content: &[u8]) {
        let mut state = self.state();
        let mut inode = Content::default();
        inode.append(content);
        inode.sync(state.journal.is_some());
        state.used += content.len() as u64;
        let node = Node::File(Arc::new(Mutex::new(inode)));
        if let Some(Node::File(old)) = state.nodes.insert(path.to_owned(), node.clone()) {
            state.used -= lock(&old).len();
        }
        if let Some(journal) = &mut state.journal {
            journal.put(path, node);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

/// Nothing here panics with a lock held, so poison says nothing about the data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

fn io_error() -> io::Error {
    io::Error::other("injected fault")
}

impl Node {
    fn len(&self) -> u64 {
        match self {
            Self::Dir => 0,
            Self::File(content) => lock(content).len(),
        }
    }

    fn deep_copy(&self) -> Self {
        match self {
            Self::Dir => Self::Dir,
            Self::File(content) => Self::File(Arc::new(Mutex::new(lock(content).synced_copy()))),
        }
    }
}

impl State {
    /// Counts an operation; says whether and how it has to fail.
    fn fault(&mut self, operation: Operation) -> Option<Fault> {
        if operation != Operation::Read {
            self.operations += 1;
        }
        if self.is_down {
            return Some(Fault::Error);
        }
        let mut hit = None;
        self.planned.retain_mut(|planned| {
            let matches = planned.operation == operation
                || (planned.operation == Operation::Any && operation != Operation::Read);
            if !matches || hit.is_some() {
                return true;
            }
            if planned.skip > 0 {
                planned.skip -= 1;
                return true;
            }
            hit = Some(planned.fault);
            false
        });
        self.is_down |= hit == Some(Fault::Down);
        if hit == Some(Fault::Full) {
            self.capacity = Some(self.used);
            return None;
        }
        hit
    }

    /// As [`Self::fault`] for operations that cannot be done in part.
    fn check(&mut self, operation: Operation) -> io::Result<()> {
        match self.fault(operation) {
            None => Ok(()),
            Some(_) => Err(io_error()),
        }
    }

    fn file(&self, path: &Path) -> io::Result<&Arc<Mutex<Content>>> {
        match self.nodes.get(path) {
            Some(Node::File(content)) => Ok(content),
            _ => Err(not_found()),
        }
    }

    fn is_dir(&self, path: &Path) -> bool {
        matches!(self.nodes.get(path), Some(Node::Dir)) || path.parent().is_none()
    }

    /// Changes the tree, and remembers the change until it is durable.
    fn change(&mut self, op: NamespaceOp) {
        for removed in op.apply(&mut self.nodes) {
            self.used -= removed.len();
        }
        if let Some(journal) = &mut self.journal {
            journal.push(op);
        }
    }
}

impl Fs for Memory {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        let mut state = self.state();
        if state.is_down {
            return Err(io_error());
        }
        if state
            .open_max
            .is_some_and(|max| Arc::strong_count(&state.open) > max)
        {
            return Err(io::Error::from_raw_os_error(OUT_OF_FILES));
        }
        let content = match (state.file(path), mode) {
            (Ok(content), _) => Arc::clone(content),
            (Err(error), OpenMode::Read) => return Err(error),
            (Err(_), OpenMode::Append) => {
                if !state.is_dir(path.parent().unwrap_or(path)) {
                    return Err(not_found());
                }
                state.check(Operation::Create)?;
                let content = Arc::new(Mutex::new(Content::default()));
                let node = Node::File(Arc::clone(&content));
                state.change(NamespaceOp::Add(path.to_owned(), node));
                content
            }
        };
        Ok(Arc::new(MemoryFile {
            fs: self.clone(),
            content,
            _open: Arc::clone(&state.open),
        }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let state = self.state();
        if state.is_down {
            return Err(io_error());
        }
        if !state.is_dir(dir) {
            return Err(not_found());
        }
        let below = state.nodes.range(dir.to_owned()..);
        Ok(below
            .take_while(|(path, _)| path.starts_with(dir))
            .filter(|(path, _)| path.parent() == Some(dir))
            .filter_map(|(path, node)| {
                Some(DirEntry {
                    name: path.file_name()?.to_str()?.to_owned(),
                    is_dir: matches!(node, Node::Dir),
                })
            })
            .collect())
    }

    fn len_of(&self, path: &Path) -> io::Result<u64> {
        let state = self.state();
        if state.is_down {
            return Err(io_error());
        }
        state.nodes.get(path).map(Node::len).ok_or_else(not_found)
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        let mut missing: Vec<_> = dir
            .ancestors()
            .take_while(|path| !state.is_dir(path))
            .collect();
        while let Some(path) = missing.pop() {
            state.check(Operation::Create)?;
            state.change(NamespaceOp::Add(path.to_owned(), Node::Dir));
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.nodes.contains_key(from) {
            return Err(not_found());
        }
        state.check(Operation::Rename)?;
        state.change(NamespaceOp::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.file(path)?;
        state.check(Operation::Remove)?;
        state.change(NamespaceOp::Remove(path.to_owned()));
        Ok(())
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.is_dir(dir) {
            return Err(not_found());
        }
        state.check(Operation::Remove)?;
        state.change(NamespaceOp::Remove(dir.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.check(Operation::Sync)?;
        if let Some(journal) = &mut state.journal {
            journal.sync(dir);
        }
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn LockGuard>>> {
        if !self.state().locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(MemoryLock {
            fs: self.clone(),
            path: path.to_owned(),
        })))
    }

    /// Without a capacity the size is not known.
    fn volume(&self, _: &Path) -> io::Result<Volume> {
        let state = self.state();
        let total = state.capacity.ok_or(io::ErrorKind::Unsupported)?;
        Ok(Volume {
            total,
            usable: total.saturating_sub(state.used),
        })
    }
}

#[derive(Debug)]
struct MemoryLock {
    fs: Memory,
    path: PathBuf,
}

impl LockGuard for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.fs.state().locks.remove(&self.path);
    }
}

/// An open file: lives on when its name is removed.
struct MemoryFile {
    fs: Memory,
    content: Arc<Mutex<Content>>,
    _open: Arc<()>,
}

/// EMFILE: the process has as many files open as it may.
const OUT_OF_FILES: i32 = 24;

impl std::fmt::Debug for MemoryFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryFile({} bytes)", lock(&self.content).len())
    }
}

impl File for MemoryFile {
    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.content).len())
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.fs.state().check(Operation::Read)?;
        Ok(lock(&self.content).read_at(buffer, position))
    }

    fn append(&self, chunks: &mut [IoSlice<'_>]) -> io::Result<()> {
        let mut state = self.fs.state();
        let wanted: u64 = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        let (mut allowed, error) = match state.fault(Operation::Append) {
            None => (wanted, None),
            Some(Fault::Error | Fault::Full) => (0, Some(io_error())),
            Some(Fault::Partial | Fault::Down) => (state.random.u64(0..=wanted), Some(io_error())),
        };
        let free = state
            .capacity
            .map_or(u64::MAX, |capacity| capacity.saturating_sub(state.used));
        let mut error = error;
        if allowed > free {
            allowed = free;
            error = Some(io::ErrorKind::StorageFull.into());
        }
        let mut content = lock(&self.content);
        state.used += allowed;
        for chunk in chunks {
            let part = chunk
                .len()
                .min(usize::try_from(allowed).unwrap_or(usize::MAX));
            content.append(&chunk[..part]);
            allowed -= part as u64;
        }
        error.map_or(Ok(()), Err)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut state = self.fs.state();
        state.check(Operation::Truncate)?;
        let mut content = lock(&self.content);
        state.used -= content.len().saturating_sub(len);
        content.truncate(len);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.fs.state();
        state.check(Operation::Sync)?;
        lock(&self.content).sync(state.journal.is_some());
        Ok(())
    }
}
