//! For tests: a proxy between a Kafka client and a broker that knows where frames begin and end, which API a request
//! is of, and which request an answer belongs to; and that fails as it is told.
//!
//! [`Proxy::bind`] gives an address before there is a broker, so that the broker can advertise it. What
//! [`Proxy::set`] says holds for connections that stand and for those to come. Owns a runtime of its own: it works
//! while the test's thread blocks.

mod cable;
mod link;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka_wire::ApiKey;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// What goes wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// A connection ends after this many bytes of answers, in the middle of a frame or not.
    pub cut_after_bytes: Option<usize>,
    /// Answers to requests of an API are held back for so long, and those behind them.
    pub delays: BTreeMap<ApiKey, Duration>,
    /// Answers to requests of these APIs never arrive; the broker did what it was asked.
    pub drops: BTreeSet<ApiKey>,
    /// The connection ends instead of the answer to a request of these APIs; the broker did what it was asked.
    pub cuts_instead_of_answer: BTreeSet<ApiKey>,
    /// Bytes travel in pieces of this size, each in a packet of its own.
    pub piece_bytes: Option<usize>,
    /// Neither direction is faster than this.
    pub bytes_per_second: Option<u32>,
    /// New connections are closed as soon as they are made.
    pub refuses: bool,
    /// Nothing passes, and nobody is told; what was sent passes later.
    pub is_silent: bool,
    /// What is sent is taken, and lost: something on the way forgot the connection. New ones are made, and fare the same.
    pub swallows: bool,
    /// A cut cable: no packet of a client is acknowledged, no connection made. Answers made meanwhile come late, as TCP
    /// repeats them ever more seldom: after as long again.
    pub is_cut: bool,
}

/// A proxy in front of one broker.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Ends with the proxy, and everything that runs on it.
    _runtime: Runtime,
}

/// What the proxy and its connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    target: Mutex<Option<SocketAddr>>,
    pub(crate) faults: watch::Sender<Faults>,
    /// Changes when every connection is to end.
    pub(crate) cuts: watch::Sender<u64>,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    connections: usize,
    requests: BTreeMap<i16, usize>,
}

impl Proxy {
    /// A proxy on a free port of 127.0.0.1; connections are closed until [`Self::forward_to`] says whereto.
    ///
    /// # Errors
    /// Those of the system: no port, no thread.
    pub fn bind() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("fault-proxy")
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target: Mutex::new(None),
            faults: watch::Sender::new(Faults::default()),
            cuts: watch::Sender::new(0),
            counts: Mutex::new(Counts::default()),
        });
        runtime.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            _runtime: runtime,
        })
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The broker.
    pub fn forward_to(&self, broker: SocketAddr) {
        *lock(&self.shared.target) = Some(broker);
    }

    /// From now on, this goes wrong and nothing else.
    pub fn set(&self, faults: Faults) {
        self.shared.faults.send_replace(faults);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.set(Faults::default());
    }

    /// End every connection now.
    pub fn cut_all(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// How many connections were made so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.shared.counts).connections
    }

    /// How many requests of this API came so far.
    #[must_use]
    pub fn requests(&self, key: ApiKey) -> usize {
        let counts = lock(&self.shared.counts);
        counts.requests.get(&key.code()).copied().unwrap_or(0)
    }
}

impl Shared {
    /// Wait until things are as wished.
    pub(crate) async fn until(&self, wish: impl FnMut(&Faults) -> bool) {
        // Fails only when the proxy is gone, and with it this connection.
        let _ = self.faults.subscribe().wait_for(wish).await;
    }

    pub(crate) fn count_request(&self, api_key: i16) {
        *lock(&self.counts).requests.entry(api_key).or_insert(0) += 1;
    }
}

/// Nothing can be half done under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut cable = cable::Cable::new(&shared);
    loop {
        let client = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => client,
                Err(_) => return,
            },
            () = cable.changed(&listener) => continue,
        };
        lock(&shared.counts).connections += 1;
        let target = *lock(&shared.target);
        let is_refused = shared.faults.borrow().refuses;
        if let Some(target) = target.filter(|_| !is_refused) {
            tokio::spawn(link::run(client, target, Arc::clone(&shared)));
        }
    }
}
