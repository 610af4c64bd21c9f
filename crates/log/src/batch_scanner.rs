//! Walks the batches of a segment's file, header by header.
//!
//! Two ways: looking at headers only (finding a position, replaying producer state), where bodies that
//! lie outside of the block at hand are never read; and looking at whole batches, CRC included
//! (recovery). Nothing in the file is trusted: lengths are checked against the bytes that are there.

use std::io;

use rdkafka_records::{BATCH_HEADER_LEN, BatchHeader, verify_crc};

use crate::fs::File;

/// Read at once when only headers are looked at: about one index interval and a header.
const HEADERS_BLOCK: usize = 8 << 10;
/// Read at once when whole batches are looked at.
const WHOLE_BLOCK: usize = 1 << 20;

/// A batch in a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScannedBatch {
    pub(crate) position: u64,
    pub(crate) header: BatchHeader,
}

impl ScannedBatch {
    /// Position after the batch.
    pub(crate) fn end(&self) -> u64 {
        self.position + self.header.encoded_len() as u64
    }
}

/// Why the scan cannot go on.
#[derive(Debug)]
pub(crate) enum ScanError {
    /// The disk failed.
    Io(io::Error),
    /// There is no valid batch at the scanner's position.
    Invalid(String),
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct BatchScanner<'a> {
    file: &'a dyn File,
    /// Where the next batch starts.
    position: u64,
    /// Where the bytes to look at end.
    end: u64,
    verify: bool,
    block: Vec<u8>,
    block_position: u64,
}

impl<'a> BatchScanner<'a> {
    /// Looks at headers from `position` to `end`.
    pub(crate) fn headers(file: &'a dyn File, position: u64, end: u64) -> Self {
        Self {
            file,
            position,
            end,
            verify: false,
            block: Vec::new(),
            block_position: 0,
        }
    }

    /// Looks at whole batches from `position` to `end` and verifies their CRCs.
    pub(crate) fn whole(file: &'a dyn File, position: u64, end: u64) -> Self {
        Self {
            file,
            position,
            end,
            verify: true,
            block: Vec::new(),
            block_position: 0,
        }
    }

    /// Where the next batch starts; after an error, where the invalid bytes start.
    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    /// The next batch; `None` exactly at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<ScannedBatch>, ScanError> {
        let left = self.end - self.position.min(self.end);
        if left == 0 {
            return Ok(None);
        }
        if left < BATCH_HEADER_LEN as u64 {
            return Err(ScanError::Invalid(format!(
                "{left} bytes are too few for a header"
            )));
        }
        let header = BatchHeader::parse(self.bytes(BATCH_HEADER_LEN)?)
            .map_err(|error| ScanError::Invalid(error.to_string()))?;
        let size = header.encoded_len();
        if size as u64 > left {
            return Err(ScanError::Invalid(format!(
                "a batch of {size} bytes, {left} are left"
            )));
        }
        if header.base_offset < 0 || header.next_offset() <= header.base_offset {
            return Err(ScanError::Invalid(format!(
                "impossible base offset {}",
                header.base_offset
            )));
        }
        if self.verify {
            verify_crc(self.bytes(size)?).map_err(|error| ScanError::Invalid(error.to_string()))?;
        }
        let batch = ScannedBatch {
            position: self.position,
            header,
        };
        self.position = batch.end();
        Ok(Some(batch))
    }

    /// `len` bytes at the position; the caller knows that they lie before the end.
    fn bytes(&mut self, len: usize) -> Result<&[u8], ScanError> {
        let inside = self.position >= self.block_position
            && self.position + len as u64 <= self.block_position + self.block.len() as u64;
        if !inside {
            let block = if self.verify {
                WHOLE_BLOCK
            } else {
                HEADERS_BLOCK
            };
            let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
            self.block.resize(block.max(len).min(left), 0);
            self.block_position = self.position;
            if let Err(error) = self.file.read_exact_at(&mut self.block, self.position) {
                self.block.clear();
                return Err(match error.kind() {
                    io::ErrorKind::UnexpectedEof => {
                        ScanError::Invalid("the file ends early".to_owned())
                    }
                    _ => ScanError::Io(error),
                });
            }
        }
        let from = (self.position - self.block_position) as usize;
        Ok(&self.block[from..from + len])
    }
}
