//! One connection: frames in, requests to the shard, answers out in the order of the requests.
//!
//! Owns a socket, its read buffer and the answers that wait for their turn. Runs as one task; per-byte work happens here:
//! decoding, CRCs of produced batches, reading fetched records from files, encoding.
//! Guarantees: answers leave in the order of the requests, however the shard orders them; requests are taken on while
//! earlier ones wait, up to a bound in bytes; bytes that are no request close this connection, with a logged reason, and
//! harm no other one.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use rdkafka_broker_core::{ConnectionId, Peer, Request, RequestContext, Response, Ticket};
use rdkafka_wire::ApiKey;
use rdkafka_wire::frame::{Frame, decode_request_header};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::frame_reader::FrameReader;
use crate::router::{Answer, Post, Router};

/// The settings of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionConf {
    pub(crate) request_bytes_max: usize,
    /// After which silence it is closed; `None` is never.
    pub(crate) idle: Option<Duration>,
}

/// Serves a connection until either side closes it.
pub(crate) async fn serve<R, W>(
    reader: R,
    writer: W,
    peer: Arc<Peer>,
    router: Router,
    conf: ConnectionConf,
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (sender, answers) = unbounded_channel();
    let Ok(id) = router.connect(sender) else {
        return;
    };
    let in_flight = Arc::new(Semaphore::new(conf.request_bytes_max));
    let (permit_sender, permits) = std::sync::mpsc::channel();
    let mut input = Input {
        id,
        frames: FrameReader::new(reader, conf.request_bytes_max),
        peer: Arc::clone(&peer),
        router: router.clone(),
        conf,
        in_flight,
        permits: permit_sender,
        next_slot: 0,
    };
    let mut output = OutputSide {
        writer,
        answers,
        permits,
        next_slot: 0,
        waiting: BTreeMap::new(),
    };
    let reason = tokio::select! {
        reason = input.run() => reason,
        reason = output.run() => reason,
    };
    let _ = router.post(Post::Disconnected(id));
    match reason {
        End::Closed => tracing::debug!(connection = id.0, peer = %peer.host, "connection closed"),
        End::Failed(error) => {
            tracing::debug!(connection = id.0, peer = %peer.host, %error, "connection lost");
        }
        End::Refused(reason) => {
            tracing::warn!(connection = id.0, peer = %peer.host, %reason, "connection closed by the broker");
        }
    }
}

/// Why a connection ended.
enum End {
    /// The peer closed it, or the broker stops.
    Closed,
    /// The network did.
    Failed(io::Error),
    /// The broker had to.
    Refused(String),
}

/// From the socket to the shard.
struct Input<R> {
    id: ConnectionId,
    frames: FrameReader<R>,
    peer: Arc<Peer>,
    router: Router,
    conf: ConnectionConf,
    /// How many bytes of requests may be unanswered.
    in_flight: Arc<Semaphore>,
    /// One permit a request, in the order of the requests; the output side drops it with the answer.
    permits: std::sync::mpsc::Sender<OwnedSemaphorePermit>,
    next_slot: u64,
}

impl<R: AsyncRead + Unpin> Input<R> {
    async fn run(&mut self) -> End {
        loop {
            let frame = match self.next_frame().await {
                Ok(Some(frame)) => frame,
                Ok(None) => return End::Closed,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return End::Refused(error.to_string());
                }
                Err(error) => return End::Failed(error),
            };
            if let Err(end) = self.take(frame).await {
                return end;
            }
        }
    }

    /// The next request; a silent connection ends unless it waits for an answer.
    async fn next_frame(&mut self) -> io::Result<Option<Bytes>> {
        let Some(idle) = self.conf.idle else {
            return self.frames.next().await;
        };
        loop {
            match tokio::time::timeout(idle, self.frames.next()).await {
                Ok(frame) => return frame,
                Err(_) if self.in_flight.available_permits() < self.conf.request_bytes_max => {}
                Err(_) => return Ok(None),
            }
        }
    }

    async fn take(&mut self, frame: Bytes) -> Result<(), End> {
        let bytes = frame.len();
        let (header, body) = decode_request_header(frame)
            .map_err(|error| End::Refused(format!("bad request header: {error}")))?;
        let key = ApiKey::try_from(header.request_api_key)
            .map_err(|_| End::Refused(format!("unknown API key {}", header.request_api_key)))?;
        let version = header.request_api_version;
        let request = Request::decode(key, version, body, self.conf.request_bytes_max)
            .map_err(|error| End::Refused(error.to_string()))?;
        tracing::trace!(
            connection = self.id.0,
            api = key.name(),
            version,
            bytes,
            "request"
        );
        self.admit(bytes).await?;
        let ticket = Ticket {
            connection: self.id,
            slot: self.next_slot,
            key,
            version,
            correlation_id: header.correlation_id,
        };
        self.next_slot += 1;
        let context = RequestContext {
            ticket,
            client_id: header.client_id,
            peer: Arc::clone(&self.peer),
        };
        self.router
            .post(Post::Request(Box::new(context), request))
            .map_err(|_| End::Closed)
    }

    /// Waits until earlier requests have left enough room.
    async fn admit(&self, bytes: usize) -> Result<(), End> {
        let cost = bytes.max(REQUEST_COST_MIN).min(self.conf.request_bytes_max);
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.in_flight)
            .acquire_many_owned(cost)
            .await
            .map_err(|_| End::Closed)?;
        self.permits.send(permit).map_err(|_| End::Closed)
    }
}

/// From the shard to the socket.
struct OutputSide<W> {
    writer: W,
    answers: UnboundedReceiver<Answer>,
    permits: std::sync::mpsc::Receiver<OwnedSemaphorePermit>,
    next_slot: u64,
    /// Answers whose turn has not come.
    waiting: BTreeMap<u64, (Ticket, Option<Response>)>,
}

impl<W: AsyncWrite + Unpin> OutputSide<W> {
    async fn run(&mut self) -> End {
        let mut arrived = Vec::with_capacity(ANSWERS_AT_ONCE);
        loop {
            if self.answers.recv_many(&mut arrived, ANSWERS_AT_ONCE).await == 0 {
                return End::Closed;
            }
            let mut refusal = None;
            for answer in arrived.drain(..) {
                match answer {
                    Answer::Reply(ticket, response) => {
                        self.waiting.insert(ticket.slot, (ticket, response));
                    }
                    Answer::Close(reason) => refusal = Some(reason),
                }
            }
            if let Err(error) = self.write_ready().await {
                return End::Failed(error);
            }
            if let Some(reason) = refusal {
                return End::Refused(reason);
            }
        }
    }

    /// Writes every answer whose turn it is.
    async fn write_ready(&mut self) -> io::Result<()> {
        let mut chunks = VecDeque::new();
        while let Some((ticket, response)) = self.waiting.remove(&self.next_slot) {
            self.next_slot += 1;
            if let Some(response) = response {
                chunks.extend(frame(ticket, response).await?.chunks);
            }
            // The request is done: its bytes are room for another one.
            drop(self.permits.try_recv());
        }
        write_all(&mut self.writer, chunks).await
    }
}

/// The frame of an answer. One that has to be read from a disk is made on a thread that may wait for it, so that a
/// reader of old records holds up nobody else.
async fn frame(ticket: Ticket, response: Response) -> io::Result<Frame> {
    if !response.reads_files() {
        return Ok(response.into_frame(&ticket));
    }
    tokio::task::spawn_blocking(move || response.into_frame(&ticket))
        .await
        .map_err(io::Error::other)
}

/// Writes chunks without joining them.
async fn write_all<W: AsyncWrite + Unpin>(
    writer: &mut W,
    mut chunks: VecDeque<Bytes>,
) -> io::Result<()> {
    while !chunks.is_empty() {
        let mut slices = [IoSlice::new(&[]); SLICES_AT_ONCE];
        let count = chunks.len().min(SLICES_AT_ONCE);
        for (slice, chunk) in slices.iter_mut().zip(&chunks) {
            *slice = IoSlice::new(chunk);
        }
        let mut written = writer.write_vectored(&slices[..count]).await?;
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
    Ok(())
}

/// What a small request counts as, so that their number is bounded too.
const REQUEST_COST_MIN: usize = 64 * 1024;
const ANSWERS_AT_ONCE: usize = 64;
const SLICES_AT_ONCE: usize = 64;
