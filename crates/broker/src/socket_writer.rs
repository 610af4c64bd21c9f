//! The write side of a connection: chunks of memory and ranges of files into a socket.
//!
//! Owns the socket's write half. Guarantees: no wait is longer than a client may leave its answers unread; a range of a
//! file goes from the page cache to a plain socket without passing through this process (`sendfile`), and elsewhere a
//! bounded piece at a time, so that an answer of any size takes little memory; a disk is waited for on a thread that
//! may wait, and what lies in memory is sent without one. Runs on the connection's task.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::sendfile::sendfile;
use rdkafka_log::FileSlice;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, Interest, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use crate::connection::ConnectionConf;

/// Where answers go.
pub(crate) trait Sink: AsyncWrite + Unpin {
    /// The socket itself, where what is written to it is what the peer gets.
    fn plain(&self) -> Option<&TcpStream> {
        None
    }
}

impl Sink for OwnedWriteHalf {
    fn plain(&self) -> Option<&TcpStream> {
        Some(self.as_ref())
    }
}

/// TLS encrypts what it is given.
impl<S: AsyncRead + AsyncWrite + Unpin> Sink for WriteHalf<S> {}

#[cfg(feature = "fuzzing")]
impl Sink for &mut Vec<u8> {}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct SocketWriter<W> {
    sink: W,
    conf: Arc<ConnectionConf>,
    /// Another handle on the socket, for threads that may wait; made for the first file.
    plain: Option<Arc<OwnedFd>>,
}

impl<W: Sink> SocketWriter<W> {
    pub(crate) const fn new(sink: W, conf: Arc<ConnectionConf>) -> Self {
        Self {
            sink,
            conf,
            plain: None,
        }
    }

    /// Writes chunks without joining them.
    pub(crate) async fn write_all(&mut self, mut chunks: VecDeque<Bytes>) -> io::Result<()> {
        if chunks.is_empty() {
            return Ok(());
        }
        while !chunks.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES_AT_ONCE];
            let count = chunks.len().min(SLICES_AT_ONCE);
            for (slice, chunk) in slices.iter_mut().zip(&chunks) {
                *slice = IoSlice::new(chunk);
            }
            let write = self.sink.write_vectored(&slices[..count]);
            let mut written = bounded(&self.conf, write).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            while let Some(first) = chunks.front_mut() {
                if first.len() > written {
                    first.advance(written);
                    break;
                }
                written -= first.len();
                chunks.pop_front();
            }
        }
        // TLS keeps what the socket did not take.
        bounded(&self.conf, self.sink.flush()).await
    }

    /// Writes a range of a file.
    ///
    /// # Errors
    /// Also when the file cannot be read: what was sent so far cannot be taken back, so the connection is at its end.
    pub(crate) async fn send_file(&mut self, mut slice: FileSlice) -> io::Result<()> {
        while slice.len > 0 {
            self.send_from_memory(&mut slice).await?;
            if slice.len == 0 {
                break;
            }
            let piece = if self.waits_for_disk(&slice) {
                let socket = self.socket()?;
                let sent = tokio::task::spawn_blocking(move || {
                    if let Some(socket) = socket {
                        send(&socket, &mut slice)?;
                    }
                    let piece = slice.split_to(PIECE_BYTES).read()?;
                    Ok::<_, io::Error>((piece, slice))
                });
                let piece;
                (piece, slice) = sent.await.map_err(io::Error::other)??;
                piece
            } else {
                slice.split_to(PIECE_BYTES).read()?
            };
            if !piece.is_empty() {
                self.write_all(VecDeque::from([piece])).await?;
            }
        }
        Ok(())
    }

    /// Whether the next piece is for a thread that may wait. What a file in memory holds never is, and what has to be
    /// encrypted is not either if the page cache has it.
    fn waits_for_disk(&self, slice: &FileSlice) -> bool {
        let is_plain = self.sink.plain().is_some();
        slice.file.descriptor().is_some()
            && (is_plain || !slice.clone().split_to(PIECE_BYTES).is_in_memory())
    }

    /// Has the kernel send from the front of the slice as long as no disk has to be waited for.
    async fn send_from_memory(&self, slice: &mut FileSlice) -> io::Result<()> {
        let file = Arc::clone(&slice.file);
        let (Some(stream), Some(descriptor)) = (self.sink.plain(), file.descriptor()) else {
            return Ok(());
        };
        let mut steps = 0_usize;
        while slice.len > 0 {
            let step = slice.clone().split_to(STEP_BYTES);
            if !step.is_in_memory() {
                return Ok(());
            }
            let sent = stream.try_io(Interest::WRITABLE, || {
                Ok(send_step(stream, descriptor, &step)?)
            });
            match sent {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(sent) => drop(slice.split_to(sent)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    bounded(&self.conf, stream.writable()).await?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A file system that does not do this.
                Err(error) if cannot_send(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
            // Others wait for this thread too, also where the client is as fast as the kernel.
            steps += 1;
            if steps.is_multiple_of(STEPS_IN_TURN) {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Says the last word: TLS tells an end from a cut.
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        self.sink.shutdown().await
    }

    fn socket(&mut self) -> io::Result<Option<Arc<OwnedFd>>> {
        if self.plain.is_none()
            && let Some(socket) = self.sink.plain()
        {
            self.plain = Some(Arc::new(socket.as_fd().try_clone_to_owned()?));
        }
        Ok(self.plain.clone())
    }
}

/// Has the kernel send from the front of the slice until the socket is full and stays so; the next bytes are to be written as
/// any others are, by somebody who can wait for room. A client that reads makes room within less than it costs to call
/// somebody else.
fn send(socket: &OwnedFd, slice: &mut FileSlice) -> io::Result<()> {
    let file = Arc::clone(&slice.file);
    let Some(file) = file.descriptor() else {
        return Ok(());
    };
    while slice.len > 0 {
        match send_step(socket, file, slice) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(sent) => drop(slice.split_to(sent)),
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) if has_room_soon(socket) => {}
            // Full, or a file system that does not do this.
            Err(Errno::EAGAIN | Errno::EINVAL | Errno::ENOSYS) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// One call of `sendfile`; how many bytes it sent.
fn send_step(socket: impl AsFd, file: BorrowedFd<'_>, slice: &FileSlice) -> Result<usize, Errno> {
    let mut from = i64::try_from(slice.position).map_err(|_| Errno::EOVERFLOW)?;
    sendfile(socket, file, Some(&mut from), slice.len)
}

/// Whether it is the file system that refused.
fn cannot_send(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw);
    matches!(errno, Some(Errno::EINVAL | Errno::ENOSYS))
}

/// Waits for a moment for room in a socket.
fn has_room_soon(socket: &OwnedFd) -> bool {
    let mut socket = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    poll(&mut socket, PATIENCE_MS).is_ok_and(|ready| ready > 0)
}

/// Waits for a write as long as it may stand still: while memory is short for others, not long.
async fn bounded<T>(
    conf: &ConnectionConf,
    write: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let mut write = pin!(write);
    let mut still = Duration::ZERO;
    loop {
        let nap = conf.idle.map_or(conf.stall, |idle| idle.min(conf.stall));
        match tokio::time::timeout(nap, &mut write).await {
            Ok(written) => return written,
            Err(_) => still += nap,
        }
        if conf.memory.is_short() || conf.idle.is_some_and(|idle| still >= idle) {
            let reason = "the client does not read its answers";
            return Err(io::Error::new(io::ErrorKind::TimedOut, reason));
        }
    }
}

const SLICES_AT_ONCE: usize = 64;
/// How long a thread that may wait, does so for a client; there are more clients than threads.
const PATIENCE_MS: u8 = 2;
/// How much is sent from memory before its presence there is asked for again: about what a system reads ahead.
const STEP_BYTES: usize = 256 * 1024;
/// How many steps a connection takes before others get their turn: about a millisecond's.
const STEPS_IN_TURN: usize = 16;
/// How much of a file is in memory at once.
const PIECE_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use rdkafka_broker_core::conf::BrokerConfig;
    use rdkafka_log::fs::{Disk, Fs, Memory, OpenMode};
    use tokio::io::AsyncReadExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::broker::connection_conf;
    use crate::memory::MemoryPool;
    use crate::metrics::Metrics;

    const LEN: usize = 5_000_000;

    fn content() -> Vec<u8> {
        (0..LEN).map(|at| (at / 7) as u8).collect()
    }

    /// All of the file but its first and last byte.
    fn range(fs: &dyn Fs, folder: &std::path::Path) -> FileSlice {
        fs.create_dir_all(folder).unwrap();
        let file = fs.open(&folder.join("file"), OpenMode::Append).unwrap();
        file.append(&mut [IoSlice::new(&content())]).unwrap();
        FileSlice {
            file,
            position: 1,
            len: LEN - 2,
        }
    }

    fn writer<W: Sink>(sink: W) -> SocketWriter<W> {
        let memory = MemoryPool::new(1 << 20);
        let metrics = Arc::new(Metrics::new());
        let conf = connection_conf(&BrokerConfig::default(), &memory, &metrics, None);
        SocketWriter::new(sink, Arc::new(conf))
    }

    /// Sends head, file and tail; what arrives at a peer that begins to read late.
    async fn through<W: Sink>(
        sink: W,
        slice: FileSlice,
        mut peer: impl AsyncRead + Unpin,
    ) -> Vec<u8> {
        let mut writer = writer(sink);
        let head = VecDeque::from([Bytes::from_static(b"head")]);
        let tail = VecDeque::from([Bytes::from_static(b"tail")]);
        let write = async {
            writer.write_all(head).await.unwrap();
            writer.send_file(slice).await.unwrap();
            writer.write_all(tail).await.unwrap();
            writer.shutdown().await.unwrap();
        };
        let mut arrived = Vec::new();
        let read = async {
            let mut piece = vec![0; 50_000];
            loop {
                tokio::task::yield_now().await;
                match peer.read(&mut piece).await.unwrap() {
                    0 => break,
                    len => arrived.extend_from_slice(&piece[..len]),
                }
            }
        };
        tokio::join!(write, read);
        arrived
    }

    fn expected() -> Vec<u8> {
        [b"head", &content()[1..LEN - 1], b"tail"].concat()
    }

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap());
        let (peer, accepted) = tokio::join!(peer, listener.accept());
        (accepted.unwrap().0, peer.unwrap())
    }

    #[tokio::test]
    async fn a_range_of_a_file_arrives_whole_and_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let on_disk = range(&Disk, folder.path());
        let in_memory = range(&Memory::new(), std::path::Path::new("/memory"));
        for slice in [on_disk.clone(), in_memory] {
            let (socket, peer) = pair().await;
            let (_reader, sink) = socket.into_split();
            assert!(through(sink, slice, peer).await == expected());
        }
        // As over TLS: through this process.
        let (socket, peer) = tokio::io::duplex(10_000);
        let (_reader, sink) = tokio::io::split(socket);
        assert!(through(sink, on_disk, peer).await == expected());
    }

    #[tokio::test]
    async fn a_file_that_was_cut_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let slice = range(&Disk, folder.path());
        slice.file.truncate(100).unwrap();
        let (socket, _peer) = pair().await;
        let mut plain = writer(socket.into_split().1);
        let error = plain.send_file(slice.clone()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        // As over TLS.
        let (socket, _peer) = tokio::io::duplex(10_000);
        let mut encrypting = writer(tokio::io::split(socket).1);
        let error = encrypting.send_file(slice).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
