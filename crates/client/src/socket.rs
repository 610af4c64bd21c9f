//! One connection's tasks: reading frames, and writing them.
//!
//! The reader cuts the stream into frames, each one `Bytes` without a copy, and hands them to the driver; memory grows
//! with the bytes that arrived, never with what a length announces. The writer gathers the chunks of all waiting frames
//! into vectored writes. Both end when the driver drops its [`Connection`]; what was handed over before is still written.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use rdkafka_client_core::conf::ClientConfig;
use rdkafka_client_core::io::{BrokerId, DisconnectReason, Endpoint, Input};
use rdkafka_wire::Frame;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;

use crate::connect::{Resolver, words};
use crate::driver::Message;
use crate::progress;
use crate::tls::{self, Tls};

/// The first piece of memory for reading, and the least that is read at once.
const READ_BYTES: usize = 64 * 1024;
/// The most memory taken for a frame ahead of its bytes.
const READ_AHEAD_BYTES: usize = 1024 * 1024;
/// Slices given to one vectored write.
const SLICES_MAX: usize = 64;
/// How often the driver hears that a long frame is coming in.
const TELL_PARTS: Duration = Duration::from_millis(250);
/// The bytes of a frame's length.
const LENGTH_BYTES: usize = 4;

/// The driver's end of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Tells this connection from earlier ones of the same broker.
    pub(crate) serial: u64,
    outgoing: UnboundedSender<Outgoing>,
    reader: AbortHandle,
    /// What the system calls the socket; 0 while there is none.
    inode: Arc<AtomicU64>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Connection {
    /// Write a frame; with `notify`, tell the driver once it is written. Lost when the connection is ending.
    pub(crate) fn write(&self, frame: Frame, notify: Option<i32>) {
        _ = self.outgoing.send(Outgoing { frame, notify });
    }

    /// What the system calls the socket.
    pub(crate) fn inode(&self) -> u64 {
        self.inode.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
struct Outgoing {
    frame: Frame,
    notify: Option<i32>,
}

/// Who a connection's tasks talk to.
#[derive(Debug, Clone)]
struct Driver {
    broker: BrokerId,
    serial: u64,
    inbox: UnboundedSender<Message>,
}

impl Driver {
    fn tell(&self, input: Input) {
        // The driver may have ended: then nobody wants to know.
        _ = self.inbox.send(Message::Socket {
            broker: self.broker,
            serial: self.serial,
            input,
        });
    }
}

/// What every connection of a client needs.
#[derive(Debug)]
pub(crate) struct Connector {
    pub(crate) conf: Arc<ClientConfig>,
    pub(crate) resolver: Resolver,
    /// Where connections are secured.
    pub(crate) tls: Option<Tls>,
}

/// Connect to a broker and serve the connection; must be called on the runtime.
pub(crate) fn open(
    broker: BrokerId,
    serial: u64,
    endpoint: Endpoint,
    connector: Arc<Connector>,
    inbox: UnboundedSender<Message>,
) -> Connection {
    let (outgoing, waiting) = unbounded_channel();
    let inode = Arc::default();
    let told = Arc::clone(&inode);
    let driver = Driver {
        broker,
        serial,
        inbox,
    };
    let task = tokio::spawn(async move {
        let reason = run(&driver, &endpoint, &connector, &told, waiting).await;
        driver.tell(Input::Disconnected(broker, reason));
    });
    Connection {
        serial,
        outgoing,
        reader: task.abort_handle(),
        inode,
    }
}

async fn run(
    driver: &Driver,
    endpoint: &Endpoint,
    connector: &Connector,
    inode: &AtomicU64,
    waiting: UnboundedReceiver<Outgoing>,
) -> DisconnectReason {
    let conf = &connector.conf;
    let stream = match connector.resolver.connect(endpoint, &conf.socket).await {
        Ok(stream) => stream,
        Err(reason) => return reason,
    };
    inode.store(progress::inode(&stream), Ordering::Relaxed);
    let Some(tls) = &connector.tls else {
        let (reading, writing) = stream.into_split();
        return serve(driver, conf, reading, writing, waiting).await;
    };
    driver.tell(Input::Securing(driver.broker));
    match tls.secure(endpoint, stream).await {
        Ok(stream) => {
            let (reading, writing) = tokio::io::split(stream);
            serve(driver, conf, reading, writing, waiting).await
        }
        Err(reason) => reason,
    }
}

async fn serve(
    driver: &Driver,
    conf: &ClientConfig,
    reading: impl AsyncRead + Unpin,
    writing: impl AsyncWrite + Unpin + Send + 'static,
    waiting: UnboundedReceiver<Outgoing>,
) -> DisconnectReason {
    let broker = driver.broker;
    driver.tell(Input::Connected(broker));
    // Not aborted with the reader: it ends by itself when the driver lets go.
    tokio::spawn(write_frames(writing, waiting, driver.clone()));
    let mut told_at = Instant::now();
    read_frames(
        reading,
        conf.receive_message_max_bytes,
        |received| match received {
            Received::Frame(frame) => driver.tell(Input::Frame(broker, frame)),
            Received::Part => {
                if told_at.elapsed() >= TELL_PARTS {
                    told_at = Instant::now();
                    driver.tell(Input::Receiving(broker));
                }
            }
        },
    )
    .await
}

/// What a read gave.
enum Received {
    Frame(Bytes),
    /// Bytes of a frame that is not complete.
    Part,
}

/// Read frames until the stream ends or makes no sense.
async fn read_frames(
    mut stream: impl AsyncRead + Unpin,
    frame_bytes_max: usize,
    mut deliver: impl FnMut(Received),
) -> DisconnectReason {
    let mut buffer = BytesMut::with_capacity(READ_BYTES);
    loop {
        let missing = loop {
            let Some(length) = buffer.first_chunk::<LENGTH_BYTES>() else {
                break READ_BYTES;
            };
            let announced = i64::from(i32::from_be_bytes(*length));
            let Some(length) = usize::try_from(announced)
                .ok()
                .filter(|&length| length <= frame_bytes_max)
            else {
                return DisconnectReason::FrameSize(announced);
            };
            let needed = LENGTH_BYTES + length;
            if buffer.len() < needed {
                deliver(Received::Part);
                break needed - buffer.len();
            }
            buffer.advance(LENGTH_BYTES);
            deliver(Received::Frame(buffer.split_to(length).freeze()));
        };
        buffer.reserve(missing.clamp(READ_BYTES, READ_AHEAD_BYTES.max(buffer.len())));
        match stream.read_buf(&mut buffer).await {
            Ok(0) => return DisconnectReason::Closed,
            Ok(_) => {}
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof
                ) =>
            {
                return DisconnectReason::Closed;
            }
            Err(error) => {
                return tls::reason(&error).unwrap_or_else(|| DisconnectReason::Io(words(&error)));
            }
        }
    }
}

/// Write frames until the driver lets go and all are written. A failure is left to the reader to find.
async fn write_frames(
    mut stream: impl AsyncWrite + Unpin,
    mut waiting: UnboundedReceiver<Outgoing>,
    driver: Driver,
) {
    while let Some(first) = waiting.recv().await {
        let mut batch = VecDeque::from(first.frame.chunks);
        let mut written: Vec<i32> = first.notify.into_iter().collect();
        while let Ok(next) = waiting.try_recv() {
            batch.extend(next.frame.chunks);
            written.extend(next.notify);
        }
        // TLS keeps what the socket does not take at once.
        if write_all(&mut stream, &mut batch).await.is_err() || stream.flush().await.is_err() {
            driver.tell(Input::WriteFailed(driver.broker));
            return;
        }
        for correlation_id in written {
            driver.tell(Input::Written(driver.broker, correlation_id));
        }
    }
    _ = stream.shutdown().await;
}

async fn write_all(
    stream: &mut (impl AsyncWrite + Unpin),
    chunks: &mut VecDeque<Bytes>,
) -> io::Result<()> {
    while !chunks.is_empty() {
        let slices: Vec<_> = chunks
            .iter()
            .take(SLICES_MAX)
            .map(|chunk| IoSlice::new(chunk))
            .collect();
        let mut count = stream.write_vectored(&slices).await?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        while let Some(first) = chunks.front_mut() {
            if first.len() > count {
                first.advance(count);
                break;
            }
            count -= first.len();
            chunks.pop_front();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], frame_bytes_max: usize) -> (Vec<Bytes>, DisconnectReason) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut frames = Vec::new();
        let reason = runtime.block_on(read_frames(bytes, frame_bytes_max, |received| {
            if let Received::Frame(frame) = received {
                frames.push(frame);
            }
        }));
        (frames, reason)
    }

    #[test]
    fn a_stream_is_cut_into_frames() {
        let (frames, reason) = read(b"\0\0\0\x02ab\0\0\0\0\0\0\0\x01c\0\0", 10);
        assert_eq!(frames, ["ab", "", "c"].map(Bytes::from));
        assert_eq!(reason, DisconnectReason::Closed);
    }

    #[test]
    fn a_length_beyond_the_limit_ends_the_connection() {
        assert_eq!(
            read(b"\0\0\0\x0bhello world", 10).1,
            DisconnectReason::FrameSize(11)
        );
        assert_eq!(
            read(b"\xff\xff\xff\xff", 10).1,
            DisconnectReason::FrameSize(-1)
        );
    }

    #[test]
    fn chunks_are_written_whole_and_in_order_however_small_the_writes() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (mut ours, mut theirs) = tokio::io::duplex(3);
        let written = runtime.block_on(async {
            let chunks = ["hello", "", " ", "world"].map(Bytes::from);
            let writing = tokio::spawn(async move {
                let result = write_all(&mut ours, &mut chunks.into()).await;
                drop(ours);
                result.is_ok()
            });
            let mut all = Vec::new();
            theirs.read_to_end(&mut all).await.unwrap();
            (all, writing.await.unwrap())
        });
        assert_eq!(written, (b"hello world".to_vec(), true));
    }
}
