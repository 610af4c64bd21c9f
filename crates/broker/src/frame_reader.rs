//! Cuts frames out of a socket's bytes.
//!
//! Owns the read buffer of one connection. Guarantees: a frame is one `Bytes` without a copy where it fits the buffer; a
//! length from the peer never makes more memory be taken than a bounded step ahead of the bytes that arrived; what a large
//! frame takes is counted in the [`MemoryPool`] before it is read; a connection without traffic holds no buffer to speak of;
//! a frame that has begun arrives within a bounded time or is an error.

use std::io;
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

    /// A connection without traffic needs no room for it.
    pub(crate) fn rest(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
            self.read_bytes = READ_BYTES_MIN;
        }
    }

    async fn read(&mut self, missing: usize) -> io::Result<usize> {
        self.make_room(missing).await;
        let room = self.buffer.capacity() - self.buffer.len();
        let read = self.socket.read_buf(&mut self.buffer).await?;
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

    async fn make_room(&mut self, missing: usize) {
        let room = self.buffer.capacity() - self.buffer.len();
        if room >= missing.min(self.read_bytes) {
            return;
        }
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
}
