//! One connection: frames in, requests to the shard, answers out in the order of the requests.
//!
//! Owns a socket, its read buffer and the answers that wait for their turn. Runs as one task; per-byte work happens here:
//! decoding, CRCs of produced batches, reading fetched records from files, encoding.
//! Guarantees: answers leave in the order of the requests, however the shard orders them; requests are taken on while
//! earlier ones wait, up to a bound in number (`queued.max.requests`) and, for all connections together, in bytes
//! (`memory`); bytes that are no request close this connection, with a logged reason, and harm no other one; on listeners
//! with SASL nothing reaches the shard but ApiVersions before the client is known (`authentication`); while a client is
//! throttled no request of it is taken (`toll`).

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use rdkafka_broker_core::{
    CheckedProduce, ConnectionId, KnownBy, Part, Peer, Request, RequestContext, Response, Ticket,
};
use rdkafka_wire::frame::decode_request_header;
use rdkafka_wire::messages::header::RequestHeader;
use rdkafka_wire::{ApiKey, FrameReader as BodyReader};
use tokio::io::AsyncRead;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::answers::Answers;
use crate::authentication::{Outcome, Session, Verdict};
use crate::frame_reader::{Frame, FrameReader};
use crate::memory::{MemoryPool, Share};
use crate::metrics::Metrics;
use crate::router::{Answer, Post, Router};
use crate::sasl::SaslConf;
use crate::socket_writer::{Sink, SocketWriter};
use crate::toll::Toll;

/// The settings of a listener's connections.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionConf {
    pub(crate) request_bytes_max: usize,
    /// How many requests may be unanswered.
    pub(crate) requests_max: usize,
    /// After which silence it is closed; `None` is never.
    pub(crate) idle: Option<Duration>,
    /// How long a request may take to arrive.
    pub(crate) read_patience: Duration,
    /// How long an answer may find no reader while memory is short.
    pub(crate) stall: Duration,
    /// How long a client may take to say who it is.
    pub(crate) authentication: Duration,
    /// How much the system keeps of what was written and not yet read by the other side; `None`: as it sees fit.
    pub(crate) send_buffer: Option<usize>,
    /// How much the system takes in before it is read; `None`: as it sees fit.
    pub(crate) receive_buffer: Option<usize>,
    pub(crate) memory: MemoryPool,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) sasl: Option<Arc<SaslConf>>,
}

/// Serves a connection until either side closes it. `known_by` is when the client must have said who it is.
pub(crate) async fn serve<R, W>(
    reader: R,
    writer: W,
    peer: Arc<Peer>,
    router: Router,
    conf: Arc<ConnectionConf>,
    known_by: Instant,
) where
    R: AsyncRead + Unpin,
    W: Sink,
{
    let answers = Answers::default();
    let toll = Toll::new();
    let Ok(id) = router.connect(answers.clone(), toll.clone()) else {
        return;
    };
    let _counted = conf.metrics.connected();
    let in_flight = Arc::new(Semaphore::new(conf.requests_max));
    let (permit_sender, permits) = std::sync::mpsc::channel();
    let session = conf.sasl.clone().map(Session::new);
    let frame_len_max = match &session {
        Some(session) => session.conf.receive_bytes_max,
        None => conf.request_bytes_max,
    };
    let mut input = Input {
        id,
        frames: FrameReader::new(
            reader,
            frame_len_max,
            conf.memory.clone(),
            conf.read_patience,
        ),
        peer: Arc::clone(&peer),
        router: router.clone(),
        conf: Arc::clone(&conf),
        session,
        known_by,
        answers: answers.clone(),
        in_flight,
        permits: permit_sender,
        toll: toll.clone(),
        next_slot: 0,
        together: Vec::new(),
    };
    let mut output = OutputSide {
        writer: SocketWriter::new(writer, Arc::clone(&conf)),
        answers: answers.clone(),
        permits,
        next_slot: 0,
        waiting: BTreeMap::new(),
        close_after: None,
        router: router.clone(),
        toll,
        conf,
    };
    let reason = {
        let (mut input, mut output) = (pin!(input.run()), pin!(output.run()));
        poll_fn(|cx| {
            // In this order: what the input side has answered on the spot leaves at once.
            answers.attend();
            match input.as_mut().poll(cx) {
                Poll::Ready(reason) => Poll::Ready(reason),
                Poll::Pending => output.as_mut().poll(cx),
            }
        })
        .await
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
    // TLS says goodbye, so that the peer can tell an end from a cut.
    let _ = tokio::time::timeout(GOODBYE, output.writer.shutdown()).await;
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

/// What a request holds until its answer is written.
struct Holding {
    key: ApiKey,
    bytes: usize,
    since: Instant,
    _in_flight: OwnedSemaphorePermit,
    _memory: Option<Share>,
}

/// From the socket to the shard.
struct Input<R> {
    id: ConnectionId,
    frames: FrameReader<R>,
    peer: Arc<Peer>,
    router: Router,
    conf: Arc<ConnectionConf>,
    /// On listeners with SASL.
    session: Option<Session>,
    known_by: Instant,
    /// The way of answers that need no shard.
    answers: Answers,
    /// How many requests may be unanswered.
    in_flight: Arc<Semaphore>,
    /// What each request holds, in the order of the requests; the output side drops it with the answer.
    permits: std::sync::mpsc::Sender<Holding>,
    toll: Toll,
    next_slot: u64,
    /// Produce requests that are handed over together: only while the next request is there already, and never while
    /// this side waits for anything.
    together: Vec<(Box<RequestContext>, CheckedProduce)>,
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
            if let Some(until) = self.toll.muted_until() {
                if let Err(end) = self.post_together() {
                    return end;
                }
                if let Err(end) = self.sit_out(until).await {
                    return end;
                }
            }
            let taken = self.take(frame).await;
            let goes_on = taken.is_ok() && self.frames.has_next();
            let posted = if goes_on && self.together.len() < TOGETHER_MAX {
                Ok(())
            } else {
                self.post_together()
            };
            if let Err(end) = taken.and(posted) {
                return end;
            }
        }
    }

    /// Hands over what was kept.
    fn post_together(&mut self) -> Result<(), End> {
        let mut kept = std::mem::take(&mut self.together);
        let post = match kept.len() {
            0 => return Ok(()),
            1 => {
                let (context, request) = kept.remove(0);
                Post::Request(context, Request::Produce(request))
            }
            _ => Post::Produce(kept),
        };
        self.router.post(post).map_err(|_| End::Closed)
    }

    /// Waits while the client is throttled; as in Kafka, no longer than a connection may be silent.
    async fn sit_out(&self, until: Instant) -> Result<(), End> {
        let idle_at = self
            .conf
            .idle
            .and_then(|idle| Instant::now().checked_add(idle));
        tokio::time::sleep_until(idle_at.map_or(until, |idle| until.min(idle))).await;
        match idle_at {
            Some(idle_at) if idle_at < until => Err(End::Closed),
            _ => Ok(()),
        }
    }

    /// The next request; a silent connection ends unless it waits for an answer.
    async fn next_frame(&mut self) -> io::Result<Option<Frame>> {
        if self.session.as_ref().is_some_and(|it| !it.is_known()) {
            let frame = tokio::time::timeout_at(self.known_by, self.frames.next()).await;
            return frame.unwrap_or_else(|_| {
                let reason =
                    "the client did not authenticate in time (rdkafka.authentication.timeout.ms)";
                Err(io::Error::new(io::ErrorKind::InvalidData, reason))
            });
        }
        let mut silent_since = Instant::now();
        loop {
            let left = self
                .conf
                .idle
                .map(|idle| idle.saturating_sub(silent_since.elapsed()));
            let nap = left.map_or(REST_AFTER, |left| left.min(REST_AFTER));
            match tokio::time::timeout(nap, self.frames.next()).await {
                Ok(frame) => return frame,
                Err(_) if self.in_flight.available_permits() < self.conf.requests_max => {
                    silent_since = Instant::now();
                }
                Err(_)
                    if self
                        .conf
                        .idle
                        .is_some_and(|it| silent_since.elapsed() >= it) =>
                {
                    return Ok(None);
                }
                Err(_) => self.frames.rest(),
            }
        }
    }

    async fn take(&mut self, frame: Frame) -> Result<(), End> {
        let Frame { bytes, share } = frame;
        if let Some(session) = &mut self.session
            && session.wants_bare_token()
        {
            let outcome = session.token(&bytes, &self.router).await;
            let slot = self
                .admit(ApiKey::SaslAuthenticate, bytes.len(), share)
                .await?;
            return self.answer_token(slot, None, outcome).await;
        }
        let begin = self.router.wants_time().then(Instant::now);
        let len = bytes.len();
        let (header, body) = decode_request_header(bytes)
            .map_err(|error| End::Refused(format!("bad request header: {error}")))?;
        let key = ApiKey::try_from(header.request_api_key)
            .map_err(|_| End::Refused(format!("unknown API key {}", header.request_api_key)))?;
        let version = header.request_api_version;
        let verdict = match &mut self.session {
            Some(session) => session.judge(key, version),
            None => Verdict::Pass,
        };
        if let Verdict::Refuse(reason) = verdict {
            return Err(End::Refused(reason));
        }
        let request = self.decode(key, version, body)?;
        if !matches!(request, Request::Produce(_)) {
            self.post_together()?;
        }
        tracing::trace!(
            connection = self.id.0,
            api = key.name(),
            version,
            bytes = len,
            "request"
        );
        if let Some(begin) = begin {
            self.toll.spend(begin.elapsed());
        }
        let slot = self.admit(key, len, share).await?;
        let ticket = self.ticket(slot, key, &header);
        match (verdict, request, &mut self.session) {
            (Verdict::Handshake, Request::SaslHandshake(request), Some(session)) => {
                let response = session.handshake(&request, version);
                let is_refused = response.error_code != 0;
                self.answers
                    .send(Answer::Reply(ticket, Some(response.into())));
                if is_refused {
                    let mechanism = &request.mechanism;
                    let reason = format!("the SASL mechanism {mechanism} is not offered");
                    return self.end_after(slot, reason).await;
                }
                Ok(())
            }
            (Verdict::Authenticate, Request::SaslAuthenticate(request), Some(session)) => {
                let outcome = session.token(&request.auth_bytes, &self.router).await;
                self.answer_token(slot, Some(ticket), outcome).await
            }
            (_, request, _) => {
                let context = RequestContext {
                    ticket,
                    client_id: header.client_id,
                    peer: Arc::clone(&self.peer),
                    bytes: len,
                    spent: begin.map_or(Duration::ZERO, |_| self.toll.take_spent()),
                };
                let context = Box::new(context);
                match request {
                    Request::Produce(request) => {
                        self.together.push((context, request));
                        Ok(())
                    }
                    request => {
                        let posted = self.router.post(Post::Request(context, request));
                        posted.map_err(|_| End::Closed)
                    }
                }
            }
        }
    }

    fn decode(&self, key: ApiKey, version: i16, body: BodyReader) -> Result<Request, End> {
        Request::decode(key, version, body, self.conf.request_bytes_max)
            .map_err(|error| End::Refused(error.to_string()))
    }

    fn ticket(&self, slot: u64, key: ApiKey, header: &RequestHeader) -> Ticket {
        Ticket {
            connection: self.id,
            slot,
            key,
            version: header.request_api_version,
            correlation_id: header.correlation_id,
        }
    }

    /// Answers a token, in a request (with a ticket) or bare.
    async fn answer_token(
        &mut self,
        slot: u64,
        ticket: Option<Ticket>,
        outcome: Outcome,
    ) -> Result<(), End> {
        let (response, failed) = match outcome {
            Outcome::Continue(response) => (response, None),
            Outcome::Known(response, identity) => {
                tracing::debug!(
                    connection = self.id.0,
                    principal = identity.name,
                    "authenticated"
                );
                let by_token = identity.has_token;
                self.peer = Arc::new(Peer {
                    principal: format!("User:{}", identity.name).into(),
                    known_by: if by_token {
                        KnownBy::DelegationToken
                    } else {
                        KnownBy::Sasl
                    },
                    ..Peer::clone(&self.peer)
                });
                self.frames.frame_len_max = self.conf.request_bytes_max;
                (response, None)
            }
            Outcome::Failed(response, reason) => {
                if let Some(session) = &self.session {
                    tokio::time::sleep(session.conf.failure_delay).await;
                }
                (response, Some(reason))
            }
        };
        match (ticket, &failed) {
            (Some(ticket), _) => self
                .answers
                .send(Answer::Reply(ticket, Some(response.into()))),
            (None, None) => self.answers.send(Answer::Token(slot, response.auth_bytes)),
            // Without a request there is no place for an error: the end says it.
            (None, Some(_)) => return Err(End::Refused(failed.unwrap_or_default())),
        }
        match failed {
            Some(reason) => self.end_after(slot, reason).await,
            None => Ok(()),
        }
    }

    /// Nothing more is read; the output side ends the connection when the answer is sent.
    async fn end_after(&self, slot: u64, reason: String) -> Result<(), End> {
        self.answers.send(Answer::CloseAfter(slot, reason));
        tokio::time::sleep(self.conf.authentication).await;
        Err(End::Closed)
    }

    /// Waits until earlier requests have left enough room; gives the request its place.
    async fn admit(&mut self, key: ApiKey, bytes: usize, share: Option<Share>) -> Result<u64, End> {
        let is_first = self.in_flight.available_permits() == self.conf.requests_max;
        let in_flight = match Arc::clone(&self.in_flight).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                self.post_together()?;
                let permit = Arc::clone(&self.in_flight).acquire_owned().await;
                permit.map_err(|_| End::Closed)?
            }
        };
        let memory = match share {
            None if !is_first => {
                let cost = bytes.max(REQUEST_COST_MIN);
                match self.conf.memory.try_take(cost) {
                    Some(share) => Some(share),
                    None => {
                        self.post_together()?;
                        self.conf.memory.take(cost).await
                    }
                }
            }
            share => share,
        };
        let holding = Holding {
            key,
            bytes,
            since: Instant::now(),
            _in_flight: in_flight,
            _memory: memory,
        };
        self.permits.send(holding).map_err(|_| End::Closed)?;
        self.next_slot += 1;
        Ok(self.next_slot - 1)
    }
}

/// An answer whose turn has not come.
enum Waiting {
    Response(Ticket, Option<Response>),
    Token(Bytes),
}

/// From the shard to the socket.
struct OutputSide<W> {
    writer: SocketWriter<W>,
    answers: Answers,
    permits: std::sync::mpsc::Receiver<Holding>,
    next_slot: u64,
    /// Answers whose turn has not come.
    waiting: BTreeMap<u64, Waiting>,
    /// After which answer the connection ends, and why.
    close_after: Option<(u64, String)>,
    router: Router,
    toll: Toll,
    conf: Arc<ConnectionConf>,
}

impl<W: Sink> OutputSide<W> {
    async fn run(&mut self) -> End {
        let mut arrived = Vec::new();
        loop {
            self.answers.take(&mut arrived).await;
            let mut refusal = None;
            for answer in arrived.drain(..) {
                match answer {
                    Answer::Reply(ticket, response) => {
                        let waiting = Waiting::Response(ticket, response);
                        self.waiting.insert(ticket.slot, waiting);
                    }
                    Answer::Token(slot, token) => {
                        self.waiting.insert(slot, Waiting::Token(token));
                    }
                    Answer::CloseAfter(slot, reason) => self.close_after = Some((slot, reason)),
                    Answer::Close(reason) => refusal = Some(reason),
                }
            }
            if let Err(error) = self.write_ready().await {
                return match error.kind() {
                    io::ErrorKind::TimedOut => End::Refused(error.to_string()),
                    _ => End::Failed(error),
                };
            }
            if let Some((_, reason)) = self.close_after.take_if(|it| it.0 < self.next_slot) {
                return End::Refused(reason);
            }
            if let Some(reason) = refusal {
                return End::Refused(reason);
            }
        }
    }

    /// Writes every answer whose turn it is: small ones together, large ones one at a time, each within its share of the
    /// memory of all connections.
    async fn write_ready(&mut self) -> io::Result<()> {
        let mut chunks = VecDeque::new();
        let mut done = Vec::new();
        let mut bytes = 0;
        while let Some(waiting) = self.waiting.remove(&self.next_slot) {
            self.next_slot += 1;
            // The request is done once its answer is written: what it held is room for another one.
            let holding = self.permits.try_recv().ok();
            let large = match &waiting {
                Waiting::Response(ticket, Some(response)) => response.records_len(ticket.version),
                _ => 0,
            };
            let mut share = None;
            if large > ANSWER_BYTES_FREE {
                self.writer.write_all(std::mem::take(&mut chunks)).await?;
                share = self.conf.memory.take(large).await;
            }
            let mut answered = 0;
            match waiting {
                Waiting::Response(ticket, Some(response)) => {
                    let begin = self.router.wants_time().then(Instant::now);
                    let parts = parts_of(ticket, response).await?;
                    if let Some(begin) = begin {
                        self.toll.spend(begin.elapsed());
                    }
                    answered = parts.iter().map(Part::len).sum();
                    self.write_files(parts, &mut chunks).await?;
                }
                Waiting::Response(_, None) => {}
                Waiting::Token(token) => {
                    let len = u32::try_from(token.len()).unwrap_or(u32::MAX);
                    chunks.push_back(Bytes::copy_from_slice(&len.to_be_bytes()));
                    chunks.push_back(token);
                }
            }
            if let Some(holding) = &holding {
                let metrics = &self.conf.metrics;
                metrics.answered(
                    holding.key,
                    holding.bytes,
                    answered,
                    holding.since.elapsed(),
                );
            }
            done.extend(holding);
            bytes += large;
            if share.is_some() || bytes > ANSWER_BYTES_FREE {
                self.writer.write_all(std::mem::take(&mut chunks)).await?;
                bytes = 0;
                done.clear();
            }
        }
        self.writer.write_all(chunks).await
    }

    /// Writes an answer up to the end of its last range of a file; what is behind that is left in `chunks`.
    async fn write_files(
        &mut self,
        parts: Vec<Part>,
        chunks: &mut VecDeque<Bytes>,
    ) -> io::Result<()> {
        for part in parts {
            match part {
                Part::Bytes(bytes) => chunks.push_back(bytes),
                Part::File(slice) => {
                    self.writer.write_all(std::mem::take(chunks)).await?;
                    self.writer.send_file(slice).await?;
                }
            }
        }
        Ok(())
    }
}

/// The parts of an answer. One for which a disk has to be read is made on a thread that may wait for it, so that a
/// reader of old records holds up nobody else.
async fn parts_of(ticket: Ticket, response: Response) -> io::Result<Vec<Part>> {
    if !response.waits_for_disk(ticket.version) {
        return Ok(response.into_parts(&ticket));
    }
    tokio::task::spawn_blocking(move || response.into_parts(&ticket))
        .await
        .map_err(io::Error::other)
}

/// What a small request counts as, so that their number is bounded too.
const REQUEST_COST_MIN: usize = 1024;
/// How many requests are handed over together at most.
const TOGETHER_MAX: usize = 16;
/// How much of answers is put together without asking for memory.
const ANSWER_BYTES_FREE: usize = 64 * 1024;
/// After which silence a connection gives its buffer back.
const REST_AFTER: Duration = Duration::from_secs(2);
/// How long the last words to a peer may take.
const GOODBYE: Duration = Duration::from_millis(100);
