//! `Disk`: the operating system's file system through `std::fs`.
//!
//! Files are opened for appending, so a write always lands at the end, and reads are positional, so
//! no handle has a cursor that two threads could fight about.

use std::{
    fs::{self, File as StdFile, OpenOptions, TryLockError},
    io::{self, IoSlice, IoSliceMut, Write},
    num::NonZero,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::FileExt,
    },
    path::Path,
    sync::Arc,
    thread,
};

use rustix::io::{ReadWriteFlags, preadv2};

use super::{DirEntry, File, Fs, LockGuard, OpenMode, Volume};

/// The real disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Fs for Disk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn File>> {
        let mut options = OpenOptions::new();
        options.read(true);
        if mode == OpenMode::Append {
            options.append(true).create(true);
        }
        Ok(Arc::new(DiskFile(options.open(path)?)))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // Most file systems say it in the listing; where one does not, the entry may be gone by now.
            let is_dir = match entry.file_type() {
                Ok(kind) => kind.is_dir(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            entries.push(DirEntry { name, is_dir });
        }
        Ok(entries)
    }

    fn len_of(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn concurrency(&self) -> usize {
        thread::available_parallelism().map_or(1, NonZero::get)
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir_all(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        StdFile::open(dir)?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn LockGuard>>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(DiskLock { _file: file }))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn volume(&self, dir: &Path) -> io::Result<Volume> {
        let stat = nix::sys::statvfs::statvfs(dir)?;
        // The types of its fields differ between systems.
        let block = stat.fragment_size() as u64;
        Ok(Volume {
            total: (stat.blocks() as u64).saturating_mul(block),
            usable: (stat.blocks_available() as u64).saturating_mul(block),
        })
    }
}

/// The lock lives as long as the open file.
#[derive(Debug)]
struct DiskLock {
    _file: StdFile,
}

impl LockGuard for DiskLock {}

#[derive(Debug)]
struct DiskFile(StdFile);

impl File for DiskFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }

    /// A file system that cannot say so is taken for one that waits.
    fn is_in_memory(&self, position: u64) -> bool {
        let mut byte = [0];
        let buffers = &mut [IoSliceMut::new(&mut byte)];
        preadv2(&self.0, buffers, position, ReadWriteFlags::NOWAIT).is_ok_and(|read| read > 0)
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.0.read_at(buffer, position)
    }

    fn append(&self, mut chunks: &mut [IoSlice<'_>]) -> io::Result<()> {
        // Empty slices are skipped first, or a vector of only those would read as "wrote nothing".
        IoSlice::advance_slices(&mut chunks, 0);
        while !chunks.is_empty() {
            match (&self.0).write_vectored(chunks) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => IoSlice::advance_slices(&mut chunks, n),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}
