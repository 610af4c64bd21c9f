//! The file system as the log sees it: append-only files, atomic replacement, explicit durability.
//!
//! Owns the traits [`Fs`] and [`File`]. Files only grow at their end or are cut; small files are
//! replaced as a whole ([`replace_file`]). That is all the log needs, and it makes the crash model of
//! [`Memory`] small enough to be believed. Handles may be used from any thread.

mod disk;
mod memory;

use std::{
    fmt,
    io::{self, IoSlice},
    os::fd::BorrowedFd,
    path::Path,
    sync::Arc,
};

pub use self::disk::Disk;
pub use self::memory::{Fault, Memory, Operation};

/// How [`Fs::open`] opens a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// For reading; an error of kind `NotFound` if it is missing.
    Read,
    /// For reading and appending; created empty if it is missing.
    Append,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirEntry {
    /// The name without its folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

/// How large the volume of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    /// Bytes in all.
    pub total: u64,
    /// Bytes that this process may still write.
    pub usable: u64,
}

/// Held for as long as the value lives; see [`Fs::lock`].
pub trait LockGuard: Send + Sync + fmt::Debug {}

/// A file system. Implementors: [`Disk`], [`Memory`].
pub trait Fs: Send + Sync + fmt::Debug {
    /// Opens a file.
    ///
    /// # Errors
    /// What the system says; `NotFound` for a missing file in [`OpenMode::Read`].
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>>;

    /// Lists a folder, in no particular order. Names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// What the system says.
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>>;

    /// Length in bytes of a file that need not be open.
    ///
    /// # Errors
    /// What the system says; `NotFound` for a missing file.
    fn len_of(&self, path: &Path) -> io::Result<u64>;

    /// How many threads that work at once are faster than one.
    fn concurrency(&self) -> usize {
        1
    }

    /// Creates a folder and its missing parents; fine if it exists.
    ///
    /// # Errors
    /// What the system says.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Renames a file or folder within one folder, replacing an existing file.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Open handles keep working.
    ///
    /// # Errors
    /// What the system says.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder and what is in it.
    ///
    /// # Errors
    /// What the system says.
    fn remove_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Makes creations, renames and removals in `dir` durable.
    ///
    /// # Errors
    /// What the system says.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Takes an exclusive lock on a file (created if missing); `None` if another holder has it.
    /// The lock ends with the guard or the process.
    ///
    /// # Errors
    /// What the system says.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn LockGuard>>>;

    /// The volume that `dir` is on.
    ///
    /// # Errors
    /// What the system says.
    fn volume(&self, dir: &Path) -> io::Result<Volume>;
}

/// An open file. All methods work through a shared reference, from any thread.
#[allow(
    clippy::len_without_is_empty,
    reason = "a length that can fail has no cheap is_empty"
)]
pub trait File: Send + Sync + fmt::Debug {
    /// Length in bytes.
    ///
    /// # Errors
    /// What the system says.
    fn len(&self) -> io::Result<u64>;

    /// The system's name for the file, with which the kernel can send from it; `None` for what is in memory anyway.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Whether the byte at `position` can be read without waiting for a disk.
    fn is_in_memory(&self, _position: u64) -> bool {
        self.descriptor().is_none()
    }

    /// Reads up to `buffer.len()` bytes at `position`; 0 at the end of the file.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes all of `chunks` at the end of the file, in one system call where that is possible.
    ///
    /// # Errors
    /// What the system says; then any prefix of the bytes may have been written.
    fn append(&self, chunks: &mut [IoSlice<'_>]) -> io::Result<()>;

    /// Cuts the file.
    ///
    /// # Errors
    /// What the system says.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Makes the content durable.
    ///
    /// # Errors
    /// What the system says. After an error nothing is known about what was written since the last
    /// success, and a later success does not change that.
    fn sync(&self) -> io::Result<()>;

    /// Fills `buffer` from `position`.
    ///
    /// # Errors
    /// `UnexpectedEof` if the file ends before that, else what the system says.
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        let mut done = 0;
        while done < buffer.len() {
            match self.read_at(&mut buffer[done..], position + done as u64) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Reads a small file as a whole.
///
/// # Errors
/// `NotFound` if it is missing, `InvalidData` if it is larger than `limit`, else what the system says.
pub fn read_file(fs: &dyn Fs, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = fs.open(path, OpenMode::Read)?;
    let len = file.len()?;
    if len > limit {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{len} bytes where at most {limit} are expected"),
        ));
    }
    // Bounded by `limit`, so the cast cannot lose anything that matters.
    let mut content = vec![0; len as usize];
    file.read_exact_at(&mut content, 0)?;
    Ok(content)
}

/// Replaces a small file as a whole: after a crash it has the old content or the new one.
///
/// # Errors
/// What the system says; the old content is then still in place.
pub fn replace_file(fs: &dyn Fs, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = Path::new(&temporary);
    let file = fs.open(temporary, OpenMode::Append)?;
    file.truncate(0)?;
    file.append(&mut [IoSlice::new(content)])?;
    file.sync()?;
    drop(file);
    fs.rename(temporary, path)?;
    fs.sync_dir(path.parent().unwrap_or_else(|| Path::new(".")))
}
