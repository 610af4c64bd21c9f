//! A file of fixed-size entries that only grows: what both indexes of a segment are made of.
//!
//! New entries gather in memory and reach the file in blocks, because a system call per entry would
//! cost as much as the append it belongs to. Losing those in memory loses nothing: recovery scans the
//! log from the last entry it finds, and every lookup is checked against the log. An index is a hint.

use std::{io::IoSlice, path::PathBuf, sync::Arc};

use crate::{
    LogError,
    fs::{File, Fs, OpenMode},
    segment::OpenFile,
};

/// Entries that gather before they are written.
const BLOCK: usize = 512;

/// Entries of `N` bytes.
#[derive(Debug)]
pub(crate) struct IndexFile<const N: usize> {
    path: PathBuf,
    file: Arc<dyn File>,
    /// Entries in the file.
    stored: usize,
    /// Entries of the file behind those, which do not count any more.
    outdated: usize,
    /// Entries after the stored ones, not yet in the file.
    pending: Vec<[u8; N]>,
}

impl<const N: usize> IndexFile<N> {
    /// Opens the file, which is created if missing; an entry that was half written is cut off.
    pub(crate) fn open(fs: &dyn Fs, path: PathBuf) -> Result<Self, LogError> {
        let file = fs
            .open(&path, OpenMode::Append)
            .map_err(|error| LogError::io("open", &path, error))?;
        let len = file
            .len()
            .map_err(|error| LogError::io("look at", &path, error))?;
        let mut index = Self {
            path,
            file,
            stored: len as usize / N,
            outdated: 0,
            pending: Vec::new(),
        };
        if len % N as u64 != 0 {
            index.cut_file()?;
        }
        Ok(index)
    }

    /// Number of entries.
    pub(crate) fn len(&self) -> usize {
        self.stored + self.pending.len()
    }

    /// How large it would be with so many entries more.
    pub(crate) fn bytes_with(&self, more: usize) -> u64 {
        ((self.len() + more) * N) as u64
    }

    /// The file, to be made durable.
    pub(crate) fn open_file(&self) -> OpenFile {
        OpenFile {
            path: self.path.clone(),
            file: Arc::clone(&self.file),
        }
    }

    /// Entry number `at`.
    pub(crate) fn get(&self, at: usize) -> Result<[u8; N], LogError> {
        if let Some(entry) = at
            .checked_sub(self.stored)
            .and_then(|at| self.pending.get(at))
        {
            return Ok(*entry);
        }
        let mut entry = [0; N];
        self.read(at, &mut entry)?;
        Ok(entry)
    }

    /// Reads entries of the file, from number `from` on.
    fn read(&self, from: usize, entries: &mut [u8]) -> Result<(), LogError> {
        self.file
            .read_exact_at(entries, (from * N) as u64)
            .map_err(|error| LogError::io("read", &self.path, error))
    }

    /// Adds an entry, in memory.
    pub(crate) fn push(&mut self, entry: [u8; N]) {
        self.pending.push(entry);
    }

    /// Whether a block of entries has gathered since the last write, or the last try of it.
    pub(crate) fn has_block(&self) -> bool {
        !self.pending.is_empty() && self.pending.len().is_multiple_of(BLOCK)
    }

    /// Writes the entries that are in memory only.
    pub(crate) fn write_pending(&mut self) -> Result<(), LogError> {
        self.drop_outdated()?;
        if self.pending.is_empty() {
            return Ok(());
        }
        let written = self
            .file
            .append(&mut [IoSlice::new(self.pending.as_flattened())]);
        if let Err(error) = written {
            let _ = self.cut_file();
            return Err(LogError::io("write", &self.path, error));
        }
        self.stored += self.pending.len();
        self.pending.clear();
        Ok(())
    }

    /// Keeps the first `len` entries.
    pub(crate) fn truncate(&mut self, len: usize) -> Result<(), LogError> {
        self.rewind(len);
        self.drop_outdated()
    }

    /// Keeps the first `len` entries; the file is not touched before the next write. If the same entries come again, which is
    /// what recovery mostly finds, it is not touched at all.
    pub(crate) fn rewind(&mut self, len: usize) {
        self.pending.truncate(len.saturating_sub(self.stored));
        if len < self.stored {
            self.outdated += self.stored - len;
            self.stored = len;
        }
    }

    /// Takes what the file has of the entries that are to be written; the rest behind the stored ones is cut off.
    fn drop_outdated(&mut self) -> Result<(), LogError> {
        if self.outdated == 0 {
            return Ok(());
        }
        let mut known = vec![[0; N]; self.outdated.min(self.pending.len())];
        self.read(self.stored, known.as_flattened_mut())?;
        let both = known.iter().zip(&self.pending);
        let same = both.take_while(|(a, b)| a == b).count();
        self.pending.drain(..same);
        self.stored += same;
        self.outdated -= same;
        if self.outdated > 0 {
            self.cut_file()?;
        }
        Ok(())
    }

    /// Number of leading entries for which `holds`; entries must be ordered that way.
    pub(crate) fn partition_point(
        &self,
        mut holds: impl FnMut(&[u8; N]) -> bool,
    ) -> Result<usize, LogError> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            if high <= self.stored && high - low <= BLOCK {
                let mut block = vec![[0; N]; high - low];
                self.read(low, block.as_flattened_mut())?;
                return Ok(low + block.partition_point(holds));
            }
            let middle = low + (high - low) / 2;
            if holds(&self.get(middle)?) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Cuts the file behind the entries it is known to hold.
    fn cut_file(&mut self) -> Result<(), LogError> {
        self.file
            .truncate((self.stored * N) as u64)
            .map_err(|error| LogError::io("cut", &self.path, error))?;
        self.outdated = 0;
        Ok(())
    }
}
