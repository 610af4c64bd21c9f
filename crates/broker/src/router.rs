//! The way to the shard that answers: the only file that knows there could be more than one.
//!
//! Owns [`Router`], which connection tasks, the flusher and the cleaner hold. Leaves to `shard_thread` what happens behind it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use bytes::Bytes;
use rdkafka_broker_core::{
    AddressRates, CheckedProduce, ConnectionId, FlushTarget, Report, Request, RequestContext,
    Response, Ticket, TokenLogin,
};
use rdkafka_log::{Cleaned, Copied, Flushed};
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_sasl::scram::server::ScramCredential;
use tokio::sync::oneshot;

use crate::answers::Answers;
use crate::shard_thread::{Attempt, Seat};
use crate::toll::Toll;

/// What reaches the shard thread.
#[derive(Debug)]
pub(crate) enum Post {
    /// A new connection, where its answers go, and what quotas want of it.
    Connected(ConnectionId, Answers, Toll),
    Request(Box<RequestContext>, Request),
    /// What came together.
    Produce(Vec<(Box<RequestContext>, CheckedProduce)>),
    Disconnected(ConnectionId),
    Flushed(FlushTarget, Flushed),
    Cleaned(FlushTarget, Cleaned),
    Copied(FlushTarget, Copied),
    /// What proves that a user knows a password.
    ScramCredential(
        ScramMechanism,
        String,
        oneshot::Sender<Option<ScramCredential>>,
    ),
    /// What a login with a delegation token must prove.
    TokenLogin(String, oneshot::Sender<Option<TokenLogin>>),
    /// Tell how things are.
    Report(oneshot::Sender<Report>),
    /// The shard thread looks at the time again.
    Wake,
    /// Write everything down and end.
    Stop,
}

/// What reaches a connection task.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The answer to a request; `None` keeps its place in the order empty (acks=0).
    Reply(Ticket, Option<Response>),
    /// A SASL message without a header, in the place of an answer (after SaslHandshake of version 0).
    Token(u64, Bytes),
    /// Close the connection once the answer in this place is sent, for this reason.
    CloseAfter(u64, String),
    /// Close the connection, for this reason.
    Close(String),
}

/// The broker is stopping: nobody takes posts any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

/// A handle on the shards.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    shard: mpsc::Sender<Post>,
    seat: Arc<Seat>,
    next_connection: Arc<AtomicU64>,
    /// Whether it matters how long requests take.
    wants_time: Arc<AtomicBool>,
    address_rates: Arc<Mutex<AddressRates>>,
}

impl Router {
    pub(crate) fn new(shard: mpsc::Sender<Post>) -> Self {
        Self {
            shard,
            seat: Arc::default(),
            next_connection: Arc::default(),
            wants_time: Arc::default(),
            address_rates: Arc::default(),
        }
    }

    /// Introduces a connection.
    pub(crate) fn connect(&self, answers: Answers, toll: Toll) -> Result<ConnectionId, Stopped> {
        let id = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        self.post(Post::Connected(id, answers, toll))?;
        Ok(id)
    }

    /// What proves that a user knows a password; `None` also when the broker stops.
    pub(crate) async fn scram_credential(
        &self,
        mechanism: ScramMechanism,
        user: String,
    ) -> Option<ScramCredential> {
        let (sender, credential) = oneshot::channel();
        self.post(Post::ScramCredential(mechanism, user, sender))
            .ok()?;
        credential.await.ok()?
    }

    /// What a login with a delegation token must prove; `None` also when the broker stops.
    pub(crate) async fn token_login(&self, id: String) -> Option<TokenLogin> {
        let (sender, login) = oneshot::channel();
        self.post(Post::TokenLogin(id, sender)).ok()?;
        login.await.ok()?
    }

    /// Hands something to the shard, which may have dealt with it when this returns.
    pub(crate) fn post(&self, post: Post) -> Result<(), Stopped> {
        // Whoever stops the shard waits for its thread to end, so the thread is who has to know.
        if matches!(post, Post::Stop) {
            return self.send(post);
        }
        match self.seat.attempt(post) {
            Attempt::Done => Ok(()),
            Attempt::Busy(post) => self.send(post),
            Attempt::Stopped => {
                // If it panicked just now, its thread does not know yet.
                self.wake();
                Err(Stopped)
            }
        }
    }

    /// Lets the shard thread look at the time again.
    pub(crate) fn wake(&self) {
        // Without the thread there is nobody to wake.
        let _ = self.send(Post::Wake);
    }

    /// Whether connections are to say how long requests keep threads busy.
    pub(crate) fn wants_time(&self) -> bool {
        self.wants_time.load(Ordering::Relaxed)
    }

    pub(crate) fn set_wants_time(&self, wants_time: bool) {
        self.wants_time.store(wants_time, Ordering::Relaxed);
    }

    /// How many connections a second may come from an address; `None` is any number.
    pub(crate) fn rate_of(&self, ip: IpAddr) -> Option<f64> {
        let rates = self.address_rates.lock();
        rates.unwrap_or_else(PoisonError::into_inner).of(ip)
    }

    pub(crate) fn set_address_rates(&self, rates: AddressRates) {
        let place = self.address_rates.lock();
        *place.unwrap_or_else(PoisonError::into_inner) = rates;
    }

    pub(crate) fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }

    fn send(&self, post: Post) -> Result<(), Stopped> {
        self.seat.wait();
        self.shard.send(post).map_err(|_| Stopped)
    }
}
