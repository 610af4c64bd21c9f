//! Cuts frames out of a socket's bytes.
//!
//! Owns the read buffer of one connection. Guarantees: a frame is one `Bytes` without a copy where it fits the buffer; a
//! length from the peer never makes more memory be taken than a bounded step ahead of the bytes that arrived; what a large
//! frame takes is counted in the [`MemoryPool`] before it is read; a connection that waits for bytes holds no buffer to speak
//! of; a frame that has begun arrives within a bounded time or is an error.
//! Buffers go round among the connections of a thread ([`Spare`]): one that was filled a moment ago is still in the processor's
//! cache, which makes it several times cheaper to fill than a new one.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::Instant;

use crate::memory::{MemoryPool, Share};

/// A request's bytes.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) bytes: Bytes,
    /// What it takes of the memory of all connections; `None` for a small one.
    pub(crate) share: Option<Share>,
}

/// The read side of a connection.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    socket: R,
    buffer: BytesMut,
    /// The buffer is a block of [`READ_BYTES_MAX`] that others may use when it is empty.
    is_block: bool,
    pub(crate) frame_len_max: usize,
    memory: MemoryPool,
    /// What the frame that is being read holds of it.
    share: Option<Share>,
    share_bytes: usize,
    /// How much is read at once: grows while reads fill what they were given.
    read_bytes: usize,
    /// How long a frame may take from its first byte to its last, not counting its size.
    patience: Duration,
    /// When the frame that is being read began.
    began: Option<Instant>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(
        socket: R,
        frame_len_max: usize,
        memory: MemoryPool,
        patience: Duration,
    ) -> Self {
        Self {
            socket,
            buffer: BytesMut::new(),
            is_block: false,
            frame_len_max,
            memory,
            share: None,
            share_bytes: 0,
            read_bytes: READ_BYTES_MIN,
            patience,
            began: None,
        }
    }

    /// The next frame without its length, or `None` when the peer closed between two frames. May be cancelled and called
    /// again: what was read stays in the buffer.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            let missing = match self.cut()? {
                Ok(frame) => return Ok(Some(frame)),
                Err(missing) => missing,
            };
            let Some(began) = self.began else {
                match self.read(missing).await? {
                    0 => return Ok(None),
                    _ => continue,
                }
            };
            // A second for each 16 KiB: slower than any line, faster than an attack by patience.
            let whole = self.buffer.len() + missing;
            let allowed = self.patience + Duration::from_secs((whole / 16_384) as u64);
            match tokio::time::timeout_at(began + allowed, self.read(missing)).await {
                Ok(Ok(0)) => return Err(bad_end()),
                Ok(read) => _ = read?,
                Err(_) => return Err(too_slow()),
            }
        }
    }

    /// Whether the next frame is there already, so that [`Self::next`] does not wait and is no error.
    pub(crate) fn has_next(&self) -> bool {
        let prefix = self.buffer.first_chunk::<LENGTH_LEN>();
        prefix
            .and_then(|prefix| usize::try_from(i32::from_be_bytes(*prefix)).ok())
            .filter(|len| *len <= self.frame_len_max)
            .is_some_and(|len| self.buffer.len() - LENGTH_LEN >= len)
    }

    /// A connection without traffic needs no room for it.
    pub(crate) fn rest(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
            self.read_bytes = READ_BYTES_MIN;
        }
    }

    async fn read(&mut self, missing: usize) -> io::Result<usize> {
        let mut room = 0;
        let read = if self.buffer.is_empty() {
            // Bytes may be long in coming: there is a buffer only while there are any.
            poll_fn(|cx| {
                self.take_empty();
                room = self.buffer.capacity();
                let poll = pin!(self.socket.read_buf(&mut self.buffer)).poll(cx);
                if poll.is_pending() {
                    self.let_go();
                }
                poll
            })
            .await?
        } else {
            self.make_room(missing).await;
            room = self.buffer.capacity() - self.buffer.len();
            self.socket.read_buf(&mut self.buffer).await?
        };
        if read >= room.min(self.read_bytes) {
            self.read_bytes = (self.read_bytes * 4).min(READ_BYTES_MAX);
        }
        if read > 0 && self.began.is_none() {
            self.began = Some(Instant::now());
        }
        Ok(read)
    }

    /// A whole frame from the buffer, or how much of it is missing.
    fn cut(&mut self) -> io::Result<Result<Frame, usize>> {
        let Some(prefix) = self.buffer.first_chunk::<LENGTH_LEN>() else {
            return Ok(Err(self.read_bytes));
        };
        let len = i32::from_be_bytes(*prefix);
        let len = usize::try_from(len)
            .ok()
            .filter(|len| *len <= self.frame_len_max)
            .ok_or_else(|| {
                let limit = self.frame_len_max;
                let reason = format!("a request of {len} bytes is not within 0 and the limit of {limit} (socket.request.max.bytes, or sasl.server.max.receive.size before authentication)");
                io::Error::new(io::ErrorKind::InvalidData, reason)
            })?;
        if self.buffer.len() < LENGTH_LEN + len {
            return Ok(Err(LENGTH_LEN + len - self.buffer.len()));
        }
        self.buffer.advance(LENGTH_LEN);
        let bytes = self.buffer.split_to(len).freeze();
        self.began = (!self.buffer.is_empty()).then(Instant::now);
        self.share_bytes = 0;
        let share = self.share.take();
        Ok(Ok(Frame { bytes, share }))
    }

    /// A buffer for a connection that has none: a whole block if it fills what it is given.
    fn take_empty(&mut self) {
        if self.read_bytes == READ_BYTES_MAX {
            self.let_go();
            self.buffer = Spare::take(READ_BYTES_MAX / 2);
            self.is_block = true;
        } else {
            self.buffer.reserve(self.read_bytes);
            self.is_block = false;
        }
    }

    /// Gives up the buffer, which is empty.
    fn let_go(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        if std::mem::take(&mut self.is_block) {
            Spare::give(buffer);
        }
    }

    async fn make_room(&mut self, missing: usize) {
        let room = self.buffer.capacity() - self.buffer.len();
        if room >= missing.min(self.read_bytes) {
            return;
        }
        let whole = self.buffer.len() + missing;
        if self.read_bytes == READ_BYTES_MAX && whole <= READ_BYTES_MAX {
            let mut block = Spare::take(whole);
            block.extend_from_slice(&self.buffer);
            self.buffer.clear();
            self.let_go();
            (self.buffer, self.is_block) = (block, true);
            return;
        }
        self.is_block = false;
        let step = missing.clamp(self.read_bytes, STEP_BYTES.max(self.buffer.len()));
        let wanted = self.buffer.len() + step;
        if wanted > FREE_BYTES && wanted > self.share_bytes {
            let more = self.memory.take(wanted - self.share_bytes).await;
            match (&mut self.share, more) {
                (Some(share), Some(more)) => share.merge(more),
                (share, more) => *share = more,
            }
            self.share_bytes = wanted;
        }
        self.buffer.reserve(step);
    }
}

/// Blocks of [`READ_BYTES_MAX`] that no connection of this thread reads into; frames in them may still be alive.
#[derive(Default)]
struct Spare(Vec<BytesMut>);

thread_local! {
    static SPARE: RefCell<Spare> = RefCell::default();
}

impl Spare {
    /// A block that is free, or the rest of one that has so much room; the one that was used last if possible.
    fn take(room: usize) -> BytesMut {
        let known = SPARE.with_borrow_mut(|Self(blocks)| {
            let at = blocks
                .iter_mut()
                .rposition(|block| block.try_reclaim(READ_BYTES_MAX) || block.capacity() >= room)?;
            Some(blocks.remove(at))
        });
        known.unwrap_or_else(|| BytesMut::with_capacity(READ_BYTES_MAX))
    }

    /// Takes back a block; the one that was given up longest ago has to make room.
    fn give(block: BytesMut) {
        SPARE.with_borrow_mut(|Self(blocks)| {
            if blocks.len() == SPARE_MAX {
                blocks.remove(0);
            }
            blocks.push(block);
        });
    }
}

fn bad_end() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the peer closed within a request",
    )
}

fn too_slow() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a request took too long to arrive (rdkafka.request.read.timeout.ms)",
    )
}

const LENGTH_LEN: usize = 4;
/// How much is read at once at first, and from a connection that has rested.
const READ_BYTES_MIN: usize = 4 * 1024;
/// How much is read at once at most: several small requests, or a usual batch.
const READ_BYTES_MAX: usize = 64 * 1024;
/// How much a connection may hold without asking. Equal to what is read at once, so that ordinary traffic never asks.
const FREE_BYTES: usize = READ_BYTES_MAX;
/// How many blocks a thread keeps.
const SPARE_MAX: usize = 8;
/// How much memory is taken on the word of a peer; beyond it the buffer doubles as bytes arrive.
const STEP_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(body: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend_from_slice(body);
        bytes
    }

    fn reader<R: AsyncRead + Unpin>(socket: R, frame_len_max: usize) -> FrameReader<R> {
        let memory = MemoryPool::new(64 << 20);
        FrameReader::new(socket, frame_len_max, memory, Duration::from_secs(30))
    }

    async fn read_all(bytes: &[u8], frame_len_max: usize) -> io::Result<Vec<Bytes>> {
        let mut reader = reader(bytes, frame_len_max);
        let mut frames = Vec::new();
        while let Some(frame) = reader.next().await? {
            frames.push(frame.bytes);
        }
        Ok(frames)
    }

    #[tokio::test]
    async fn frames_come_out_as_they_went_in() {
        let large = vec![7; 3_000_000];
        let bytes = [frame(b"one"), frame(b""), frame(&large), frame(b"two")].concat();
        let frames = read_all(&bytes, 4_000_000).await.unwrap();
        assert_eq!(frames, [&b"one"[..], b"", &large, b"two"]);
    }

    #[tokio::test]
    async fn a_length_beyond_the_limit_is_an_error() {
        let error = read_all(&frame(&[0; 11]), 10).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let error = read_all(&(-1i32).to_be_bytes(), 10).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn a_frame_that_ends_early_is_an_error() {
        let error = read_all(&frame(b"whole")[..6], 10).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_large_length_alone_takes_little_memory() {
        let mut reader = reader(&[0x05, 0xf5, 0xe1, 0x00][..], 200_000_000);
        assert!(reader.next().await.is_err());
        assert!(reader.buffer.capacity() <= 2 * STEP_BYTES);
    }

    #[tokio::test]
    async fn a_large_frame_holds_its_share_of_memory_and_gives_it_back() {
        let bytes = [frame(&[1; 1_000_000]), frame(b"small")].concat();
        let mut reader = reader(&bytes[..], 4_000_000);
        let pool = reader.memory.clone();
        let large = reader.next().await.unwrap().unwrap();
        assert!(large.share.as_ref().unwrap().num_permits() >= 1_000_000);
        assert!(reader.next().await.unwrap().unwrap().share.is_none());
        drop(large);
        assert!(!pool.is_short());
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_that_does_not_arrive_is_an_error_and_silence_between_frames_is_not() {
        let (mut peer, socket) = tokio::io::duplex(64);
        let mut reader = reader(socket, 1000);
        let silence = tokio::time::timeout(Duration::from_secs(3600), reader.next()).await;
        assert!(silence.is_err(), "nothing came, nothing is wrong");
        tokio::io::AsyncWriteExt::write_all(&mut peer, b"\0\0\0\x09half")
            .await
            .unwrap();
        let error = reader.next().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn an_idle_connection_holds_no_buffer() {
        let (mut peer, socket) = tokio::io::duplex(1 << 20);
        let mut reader = reader(socket, 1 << 20);
        let bytes = frame(&[0; 100_000]);
        tokio::io::AsyncWriteExt::write_all(&mut peer, &bytes)
            .await
            .unwrap();
        reader.next().await.unwrap();
        reader.rest();
        assert_eq!(reader.buffer.capacity(), 0);
    }

    #[tokio::test]
    async fn a_connection_that_waits_for_bytes_has_given_its_buffer_to_others() {
        let (mut peer, socket) = tokio::io::duplex(1 << 20);
        let mut reader = reader(socket, 1 << 20);
        let bytes = frame(&[7; 20_000]).repeat(20);
        let mut frames = Vec::new();
        for _ in 0..10 {
            tokio::io::AsyncWriteExt::write_all(&mut peer, &bytes)
                .await
                .unwrap();
            for _ in 0..20 {
                frames.push(reader.next().await.unwrap().unwrap().bytes);
            }
            let waiting = tokio::time::timeout(Duration::ZERO, reader.next()).await;
            assert!(waiting.is_err());
            assert_eq!(reader.buffer.capacity(), 0);
        }
        // Those in use are not written over.
        assert!(frames.iter().all(|it| it[..] == [7; 20_000]));
        SPARE.with_borrow(|Spare(blocks)| assert!((1..=SPARE_MAX).contains(&blocks.len())));
        drop(frames);
        let blocks: Vec<BytesMut> = (0..SPARE_MAX)
            .map(|_| Spare::take(READ_BYTES_MAX))
            .collect();
        assert!(blocks.iter().all(|it| it.capacity() == READ_BYTES_MAX));
    }
}
