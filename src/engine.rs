//! What belongs to the process or the request, not to one object.
//!
//! Owns the embedded broker, the list of the request's clients (some of which outlive their PHP
//! object, to send what is left), and the hooks of module and request. No thread exists before the first client: server
//! interfaces fork after modules start. After a fork the child leaves everything inherited alone.

use std::cell::RefCell;
use std::ffi::CString;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka_broker::{Broker, BrokerConf};
use rdkafka_client::conf::{ClientKind, Conf, LIBRDKAFKA_VERSION};
use rdkafka_client::{Client, Endpoint, Event, Flow, Logs, Options};

use crate::callbacks::{Callbacks, Kind};
use crate::exception::throw_text;
use crate::zend::{
    Php, call_internal, generation, has_internal, ini_bool, ini_long, on_fork, sapi_name, warning,
};

/// How long a handle may take to close when nothing is left to send.
const CLOSE_BOUND: Duration = Duration::from_millis(500);

/// How long the client's threads may take to end with the process.
const STOP_BOUND: Duration = Duration::from_millis(500);

thread_local! {
    /// Every client that this request made and that is not closed yet.
    static CLIENTS: RefCell<Vec<Registered>> = const { RefCell::new(Vec::new()) };

    /// What failed after the last PHP object that could have been told of it was gone.
    static LOST: RefCell<Lost> = const { RefCell::new(Lost(Vec::new())) };
}

/// Counts the clients of the process.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

struct Registered {
    id: u64,
    client: Client,
    kind: ClientKind,
    generation: u64,
    /// A PHP object still stands for it.
    is_owned: bool,
}

/// The broker that `test.mock.num.brokers` starts; all clients of the process share it, and the
/// first one decides as how many brokers it appears.
static EMBEDDED: Mutex<Option<Embedded>> = Mutex::new(None);

struct Embedded {
    broker: Broker,
    generation: u64,
}

/// A client that a PHP object stands for; dropping it closes the client, or leaves it to the end of
/// the request while messages are on their way.
pub(crate) struct OwnedClient {
    id: u64,
    client: Client,
    generation: u64,
}

impl OwnedClient {
    /// Made before a fork: its threads, sockets and locks are the parent's, and nothing of it may
    /// be waited for here.
    pub(crate) fn is_inherited(&self) -> bool {
        self.generation != generation()
    }
}

impl Deref for OwnedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for OwnedClient {
    fn drop(&mut self) {
        leave(self.id);
    }
}

/// Makes a client.
pub(crate) fn start(kind: ClientKind, conf: &Conf, callbacks: &Callbacks) -> Php<OwnedClient> {
    let options = Options {
        logs: logs(callbacks),
        bootstrap: embedded_brokers(conf)?,
        generation,
    };
    let client = Client::new(kind, conf, options).map_err(|error| throw_text(&error.text, 0))?;
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let registered = Registered {
        id,
        client: client.clone(),
        kind,
        generation: generation(),
        is_owned: true,
    };
    CLIENTS.with_borrow_mut(|clients| clients.push(registered));
    Ok(OwnedClient {
        id,
        client,
        generation: generation(),
    })
}

/// Log lines go to the callback; without one to standard error, except under a web server.
fn logs(callbacks: &Callbacks) -> Logs {
    if callbacks.get(Kind::Log).is_some() {
        return Logs::Queue;
    }
    let is_command_line = matches!(sapi_name(), "cli" | "phpdbg" | "embed");
    if ini_bool(c"rdkafka.log_stderr", is_command_line) {
        Logs::Stderr
    } else {
        Logs::Off
    }
}

/// Where the embedded broker listens, if the configuration asks for it.
fn embedded_brokers(conf: &Conf) -> Php<Option<Vec<Endpoint>>> {
    let nodes = conf
        .get("test.mock.num.brokers")
        .and_then(|count| count.parse::<u32>().ok());
    let Some(nodes) = nodes.filter(|nodes| *nodes > 0) else {
        return Ok(None);
    };
    let mut embedded = EMBEDDED.lock().unwrap_or_else(PoisonError::into_inner);
    if embedded
        .as_ref()
        .is_none_or(|one| one.generation != generation())
    {
        let conf = BrokerConf::embedded(u16::try_from(nodes).unwrap_or(u16::MAX));
        let broker = Broker::start(conf).map_err(|error| {
            throw_text(&format!("Failed to start the embedded broker: {error}"), 0)
        })?;
        let inherited = embedded.replace(Embedded {
            broker,
            generation: generation(),
        });
        // A parent's broker has no threads here: stopping it would wait for ever.
        std::mem::forget(inherited);
    }
    let addresses = embedded.iter().flat_map(|one| one.broker.addresses());
    let endpoint = |address: &SocketAddr| Endpoint {
        host: address.ip().to_string().into(),
        port: address.port(),
    };
    Ok(Some(addresses.map(endpoint).collect()))
}

/// A PHP object let go of its client. What a producer has not sent yet is sent in the background,
/// at the latest when the request ends; nothing waits here for a broker.
fn leave(id: u64) {
    CLIENTS.with_borrow_mut(|clients| {
        if let Some(registered) = clients.iter_mut().find(|one| one.id == id) {
            registered.is_owned = false;
            if registered.kind == ClientKind::Producer && !registered.is_inherited() {
                registered.note_untold();
                registered.client.report_failures();
            }
        }
    });
    close_idle();
}

/// Closes what no PHP object stands for and has nothing left to send.
fn close_idle() {
    let idle = CLIENTS.with_borrow_mut(|clients| {
        let is_idle = |one: &mut Registered| !one.is_owned && !one.is_sending();
        clients.extract_if(.., is_idle).collect::<Vec<_>>()
    });
    for registered in idle {
        registered.close();
    }
}

impl Registered {
    /// Whether messages are on their way. Reports that nobody can see any more are dropped; the end
    /// of the request tells of those that failed.
    fn is_sending(&self) -> bool {
        if self.kind == ClientKind::Consumer || self.is_inherited() {
            return false;
        }
        let count = &mut |event| LOST.with_borrow_mut(|lost| lost.count(&event));
        self.client.poll(0, count, &|| false);
        self.client.out_queue_len() > 0
    }

    /// What failed so far without any callback to tell of it is to be told at the end.
    fn note_untold(&self) {
        LOST.with_borrow_mut(|lost| {
            for (topic, count) in self.client.take_untold() {
                lost.add(&topic, usize::try_from(count).unwrap_or(usize::MAX));
            }
        });
    }

    /// Made before a fork: the parent's.
    fn is_inherited(&self) -> bool {
        self.generation != generation()
    }

    fn close(self) {
        if self.is_inherited() {
            // Its threads and sockets are the parent's.
            std::mem::forget(self.client);
        } else {
            self.client.destroy(CLOSE_BOUND);
        }
    }
}

/// Sends what is left, all producers sharing `bound`; notes what was lost.
fn flush_all(bound: Duration) {
    let deadline = Instant::now() + bound;
    let producers: Vec<Client> = CLIENTS.with_borrow(|clients| {
        let sends = |one: &&Registered| one.kind == ClientKind::Producer && !one.is_inherited();
        clients
            .iter()
            .filter(sends)
            .map(|one| one.client.clone())
            .collect()
    });
    for client in producers {
        let left = deadline.saturating_duration_since(Instant::now());
        let left_ms = i32::try_from(left.as_millis()).unwrap_or(i32::MAX);
        let count = &mut |event| LOST.with_borrow_mut(|lost| lost.count(&event));
        client.report_failures();
        client.flush(left_ms, count, &|| false);
        if client.out_queue_len() > 0 {
            // Flags of purge(): what is queued, and what is on its way.
            _ = client.purge(1 | 2);
            client.flush(100, count, &|| false);
        }
    }
}

/// Messages that were never delivered, by topic.
#[derive(Default)]
struct Lost(Vec<(String, usize)>);

impl Lost {
    fn count(&mut self, event: &Event) -> Flow {
        if let Event::Delivered(batch) = event
            && batch.error().is_error()
        {
            self.add(batch.topic(), batch.len());
        }
        Flow::Continue
    }

    fn add(&mut self, topic: &str, more: usize) {
        match self.0.iter_mut().find(|(name, _)| name == topic) {
            Some((_, count)) => *count = count.saturating_add(more),
            None => self.0.push((topic.to_owned(), more)),
        }
    }

    fn report(self) {
        for (topic, count) in self.0 {
            let (messages, are) = if count == 1 {
                ("message", "is")
            } else {
                ("messages", "are")
            };
            // A user's error handler may throw or end: there is nothing left to end.
            _ = warning(&format!(
                "rdkafka: {count} {messages} for topic \"{topic}\" could not be delivered before \
                 the end of the request and {are} lost"
            ));
        }
    }
}

/// The module is loaded, in a process that may fork later.
pub(crate) fn module_started() {
    on_fork();
}

/// The process ends.
pub(crate) fn module_stopping() {
    let embedded = EMBEDDED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match embedded {
        Some(embedded) if embedded.generation == generation() => embedded.broker.stop(),
        inherited => std::mem::forget(inherited),
    }
    rdkafka_client::shutdown(generation(), STOP_BOUND);
}

/// A request ends, its PHP values still alive: the last moment to send, and to warn.
pub(crate) fn request_ending() {
    let is_left = |one: &Registered| {
        one.kind == ClientKind::Producer && !one.is_inherited() && one.client.out_queue_len() > 0
    };
    if CLIENTS.with_borrow(|clients| clients.iter().any(is_left)) {
        if ini_bool(c"rdkafka.finish_request", true) {
            finish_response();
        }
        flush_all(shutdown_bound());
    }
    CLIENTS.with_borrow(|clients| {
        for one in clients {
            if one.kind == ClientKind::Producer && !one.is_inherited() {
                one.note_untold();
            }
        }
    });
    LOST.take().report();
}

/// Completes the response, where the server interface can, so that nobody waits at the other end
/// while messages are sent. The session is written first: its next request may follow at once.
fn finish_response() {
    let finishers = [c"fastcgi_finish_request", c"litespeed_finish_request"];
    if finishers.iter().any(|name| has_internal(name)) {
        call_internal(c"session_write_close");
        finishers.iter().any(|name| call_internal(name));
    }
}

/// How long the end of a request, or of a consumer, may wait for brokers.
pub(crate) fn shutdown_bound() -> Duration {
    let bound_ms = ini_long(c"rdkafka.shutdown_flush_ms");
    Duration::from_millis(u64::try_from(bound_ms).unwrap_or(0))
}

/// The request is over and every PHP object freed, or lost in a fatal error.
pub(crate) fn request_ended() {
    for registered in CLIENTS.take() {
        registered.close();
    }
}

/// Number of threads of clients in this process; those of the runtime idle once all are closed and
/// then do not count.
pub(crate) fn thread_count() -> i64 {
    let is_any_open = CLIENTS.with_borrow(|clients| clients.iter().any(|one| !one.is_inherited()));
    if is_any_open {
        rdkafka_client::thread_count() as i64
    } else {
        0
    }
}

/// The rows of `php --ri rdkafka`.
pub(crate) fn info() -> Vec<(CString, CString)> {
    let rows = [
        ("rdkafka support", "enabled".to_owned()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("compatible with php-rdkafka", "6.0.4".to_owned()),
        ("compatible with librdkafka", LIBRDKAFKA_VERSION.to_owned()),
        ("build", env!("RDKAFKA_BUILD").to_owned()),
        ("embedded broker", "test.mock.num.brokers".to_owned()),
    ];
    let text = |text: &str| CString::new(text).unwrap_or_default();
    rows.iter()
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}
