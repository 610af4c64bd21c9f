//! The bytes of a file in memory, and which of them are durable.

/// Bytes of a chunk: large files grow by these and are never copied as a whole.
const CHUNK: usize = 1 << 20;
/// What a disk writes at once.
const SECTOR: usize = 512;

/// Bytes in chunks; all but the last are full.
#[derive(Debug, Default)]
pub(super) struct Content {
    chunks: Vec<Vec<u8>>,
    len: u64,
    /// The bytes as they were when they were last made durable, if that is remembered.
    durable: Option<Vec<u8>>,
    /// The first bytes, which were not changed since.
    unchanged: u64,
}

impl Content {
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn append(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        while !bytes.is_empty() {
            match self.chunks.last_mut() {
                Some(chunk) if chunk.len() < CHUNK => {
                    let (now, later) = bytes.split_at(bytes.len().min(CHUNK - chunk.len()));
                    chunk.extend_from_slice(now);
                    bytes = later;
                }
                _ => self.chunks.push(Vec::new()),
            }
        }
    }

    pub(super) fn read_at(&self, buffer: &mut [u8], position: u64) -> usize {
        if position >= self.len {
            return 0;
        }
        let mut done = 0;
        // Below the length, so it fits into memory.
        let mut position = position as usize;
        while done < buffer.len() {
            let Some(chunk) = self.chunks.get(position / CHUNK) else {
                break;
            };
            let rest = &chunk[position % CHUNK..];
            let part = rest.len().min(buffer.len() - done);
            if part == 0 {
                break;
            }
            buffer[done..done + part].copy_from_slice(&rest[..part]);
            done += part;
            position += part;
        }
        done
    }

    pub(super) fn truncate(&mut self, len: u64) {
        if len >= self.len {
            return;
        }
        self.len = len;
        self.unchanged = self.unchanged.min(len);
        let len = len as usize;
        self.chunks.truncate(len.div_ceil(CHUNK));
        if let Some(last) = self.chunks.last_mut() {
            last.truncate(len - (len - 1) / CHUNK * CHUNK);
        }
    }

    pub(super) fn sync(&mut self, remember: bool) {
        if remember {
            self.durable = Some(self.to_vec());
            self.unchanged = self.len;
        }
    }

    pub(super) fn to_vec(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    /// A copy whose bytes are all durable.
    pub(super) fn synced_copy(&self) -> Self {
        Self::of(self.to_vec())
    }

    fn of(bytes: Vec<u8>) -> Self {
        let mut content = Self::default();
        content.append(&bytes);
        content.unchanged = content.len;
        content.durable = Some(bytes);
        content
    }

    /// What a power failure leaves: the durable bytes, or those that did not change since and some of
    /// what was appended to them, of which some sectors may have stayed empty.
    pub(super) fn survivor(&self, random: &mut fastrand::Rng) -> Self {
        if random.bool() {
            return Self::of(self.durable.clone().unwrap_or_default());
        }
        let mut bytes = self.to_vec();
        let unchanged = self.unchanged as usize;
        bytes.truncate(random.usize(unchanged..=bytes.len()));
        if random.bool() {
            for at in (unchanged / SECTOR * SECTOR..bytes.len()).step_by(SECTOR) {
                if random.u8(0..4) == 0 {
                    let end = (at + SECTOR).min(bytes.len());
                    bytes[at.max(unchanged)..end].fill(0);
                }
            }
        }
        Self::of(bytes)
    }
}
