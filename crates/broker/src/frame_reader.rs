//! Cuts frames out of a socket's bytes.
//!
//! Owns the read buffer of one connection. Guarantees: a frame is one `Bytes` without a copy where it fits the buffer; a
//! length from the peer never makes more memory be taken than a bounded step ahead of the bytes that arrived.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The read side of a connection.
#[derive(Debug)]
pub(crate) struct FrameReader<R> {
    socket: R,
    buffer: BytesMut,
    frame_len_max: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(socket: R, frame_len_max: usize) -> Self {
        Self {
            socket,
            buffer: BytesMut::new(),
            frame_len_max,
        }
    }

    /// The next frame without its length, or `None` when the peer closed between two frames. May be cancelled and called
    /// again: what was read stays in the buffer.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            if let Some(frame) = self.cut()? {
                return Ok(Some(frame));
            }
            if self.socket.read_buf(&mut self.buffer).await? == 0 {
                return match self.buffer.is_empty() {
                    true => Ok(None),
                    false => Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the peer closed within a request",
                    )),
                };
            }
        }
    }

    /// A whole frame from the buffer, or room for more of it.
    fn cut(&mut self) -> io::Result<Option<Bytes>> {
        let Some(prefix) = self.buffer.first_chunk::<LENGTH_LEN>() else {
            self.make_room(READ_BYTES);
            return Ok(None);
        };
        let len = i32::from_be_bytes(*prefix);
        let len = usize::try_from(len).ok().filter(|len| *len <= self.frame_len_max).ok_or_else(|| {
            let limit = self.frame_len_max;
            let reason = format!("a request of {len} bytes is not within 0 and socket.request.max.bytes ({limit})");
            io::Error::new(io::ErrorKind::InvalidData, reason)
        })?;
        if self.buffer.len() < LENGTH_LEN + len {
            self.make_room(LENGTH_LEN + len - self.buffer.len());
            return Ok(None);
        }
        self.buffer.advance(LENGTH_LEN);
        Ok(Some(self.buffer.split_to(len).freeze()))
    }

    fn make_room(&mut self, missing: usize) {
        let step = missing.clamp(READ_BYTES, STEP_BYTES.max(self.buffer.len()));
        if self.buffer.capacity() - self.buffer.len() < missing.min(READ_BYTES) {
            self.buffer.reserve(step);
        }
    }
}

const LENGTH_LEN: usize = 4;
/// How much is read at once: several small requests, or a usual batch.
const READ_BYTES: usize = 64 * 1024;
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

    async fn read_all(bytes: &[u8], frame_len_max: usize) -> io::Result<Vec<Bytes>> {
        let mut reader = FrameReader::new(bytes, frame_len_max);
        let mut frames = Vec::new();
        while let Some(frame) = reader.next().await? {
            frames.push(frame);
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
        let mut reader = FrameReader::new(&[0x05, 0xf5, 0xe1, 0x00][..], 200_000_000);
        assert!(reader.next().await.is_err());
        assert!(reader.buffer.capacity() <= 2 * STEP_BYTES);
    }
}
