//! Starting and stopping a broker.
//!
//! Owns: [`Broker`], its threads and tasks, and the order in which they come and go.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka_broker_core::conf::BrokerConfig;
use rdkafka_broker_core::{Endpoint, Endpoints, Shard};
use rdkafka_log::LogError;
use rdkafka_log::fs::{Disk, Fs, Memory};
use rdkafka_wire::ErrorCode;
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::task::AbortHandle;

use crate::address::ListenerAddress;
use crate::connection::ConnectionConf;
use crate::flusher;
use crate::http::{self, Page};
use crate::limits::ConnectionLimits;
use crate::listener::{self, Acceptor, ListenerConf, View};
use crate::memory::MemoryPool;
use crate::metrics::Metrics;
use crate::router::{Post, Router};
use crate::sasl::SaslConf;
use crate::scram_user::ScramUser;
use crate::shard_thread::{self, Clock, block_signals};

/// Where a broker keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In memory: gone when the broker stops.
    Memory,
    /// In one or more folders, which are created if they are missing.
    Disk(Vec<PathBuf>),
}

/// What to start.
#[derive(Debug, Clone)]
pub struct BrokerConf {
    /// Kafka's properties.
    pub config: BrokerConfig,
    /// Where the data is kept.
    pub storage: Storage,
    /// Topics that exist from the start, with their number of partitions.
    pub topics: Vec<(String, i32)>,
    /// Users of SCRAM that get these passwords at the start.
    pub scram_users: Vec<ScramUser>,
    /// As how many nodes this one broker appears, each on a port of its own on 127.0.0.1 (ids from 1 on). With 1 the
    /// `listeners` hold; with more they do not: it is a test cluster.
    pub nodes: u16,
    /// The runtime for connections; `None` starts one.
    pub runtime: Option<Handle>,
}

impl BrokerConf {
    /// A broker as `config` says, on the data folders it names.
    pub fn new(config: BrokerConfig) -> Self {
        let mut folders: Vec<PathBuf> = config.data_dirs().into_iter().map(PathBuf::from).collect();
        if folders.is_empty() {
            folders.push(DEFAULT_DATA_DIR.into());
        }
        Self {
            config,
            storage: Storage::Disk(folders),
            topics: Vec::new(),
            scram_users: Vec::new(),
            nodes: 1,
            runtime: None,
        }
    }

    /// A broker for tests: in memory, on free ports of 127.0.0.1, appearing as `nodes` nodes.
    /// Topics have four partitions by default, as those of librdkafka's mock cluster have.
    pub fn embedded(nodes: u16) -> Self {
        let mut config = BrokerConfig::default();
        config.listeners = vec!["PLAINTEXT://127.0.0.1:0".into()];
        config.offsets_topic_num_partitions = 1;
        config.transaction_state_log_num_partitions = 1;
        config.num_partitions = 4;
        Self {
            config,
            storage: Storage::Memory,
            topics: Vec::new(),
            scram_users: Vec::new(),
            nodes: nodes.max(1),
            runtime: None,
        }
    }
}

/// Why a broker did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// A property about listeners is wrong, or asks for what cannot be served.
    Listeners(String),
    /// An address cannot be listened on.
    Bind {
        /// The address.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// The data folder cannot be opened.
    Storage(LogError),
    /// A topic that should exist from the start cannot be created.
    Topic {
        /// Its name.
        name: String,
        /// Why.
        code: ErrorCode,
    },
    /// The system gives no thread.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listeners(reason) => f.write_str(reason),
            Self::Bind { address, source } => write!(f, "cannot listen on {address}: {source}"),
            Self::Storage(error) => write!(f, "cannot open the data folder: {error}"),
            Self::Topic { name, code } => {
                write!(f, "cannot create topic {name:?}: {}", code.text())
            }
            Self::Thread(source) => write!(f, "cannot start a thread: {source}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind { source, .. } | Self::Thread(source) => Some(source),
            Self::Storage(error) => Some(error),
            Self::Listeners(_) | Self::Topic { .. } => None,
        }
    }
}

/// A running broker. Dropping it stops it.
#[derive(Debug)]
pub struct Broker {
    addresses: Vec<SocketAddr>,
    cluster_id: String,
    router: Router,
    acceptors: Vec<AbortHandle>,
    shard: Option<JoinHandle<()>>,
    flusher: Option<JoinHandle<()>>,
    runtime: Option<Runtime>,
    http: Option<SocketAddr>,
}

impl Broker {
    /// Starts a broker; when this returns, it serves.
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left running.
    pub fn start(conf: BrokerConf) -> Result<Self, StartError> {
        let plan = listeners(&conf)?;
        let mut bound = Vec::with_capacity(plan.len());
        for listener in &plan {
            let bind = listener::bind(&listener.address);
            bound.push(bind.map_err(|source| bind_error(&listener.address, source))?);
        }
        let addresses: io::Result<Vec<SocketAddr>> =
            bound.iter().map(|it| it.local_addr()).collect();
        let addresses = addresses.map_err(|source| bind_error(&plan[0].address, source))?;

        let clock = Clock::start();
        let config = Arc::new(conf.config);
        let (fs, roots): (Arc<dyn Fs>, Vec<PathBuf>) = match conf.storage {
            Storage::Memory => (Arc::new(Memory::new()), vec!["/memory".into()]),
            Storage::Disk(folders) => (Arc::new(Disk), folders),
        };
        let seed = fastrand::u64(..);
        let mut shard = Shard::open(fs, &roots, Arc::clone(&config), seed, clock.now())
            .map_err(StartError::Storage)?;
        for (name, partitions) in conf.topics {
            let created = shard.ensure_topic(&name, partitions, clock.now());
            created.map_err(|code| StartError::Topic { name, code })?;
        }
        for user in &conf.scram_users {
            user.add(&mut shard, clock.now())
                .map_err(StartError::Storage)?;
        }
        let cluster_id = shard.cluster_id().to_owned();

        let runtime = if conf.runtime.is_none() {
            Some(new_runtime().map_err(StartError::Thread)?)
        } else {
            None
        };
        let (sender, mailbox) = mpsc::channel();
        let router = Router::new(sender);
        let (disk, flusher) = flusher::start(router.clone()).map_err(StartError::Thread)?;
        let shard = shard_thread::start(shard, clock, mailbox, disk, router.clone())
            .map_err(StartError::Thread)?;
        let mut broker = Self {
            cluster_id,
            router,
            acceptors: Vec::new(),
            shard: Some(shard),
            flusher: Some(flusher),
            addresses,
            runtime,
            http: None,
        };
        let handle = conf
            .runtime
            .or_else(|| broker.runtime.as_ref().map(|it| it.handle().clone()));
        if let Some(handle) = handle {
            broker.accept(&handle, plan, bound, &config, conf.nodes)?;
        }
        Ok(broker)
    }

    fn accept(
        &mut self,
        runtime: &Handle,
        plan: Vec<ListenerConf>,
        bound: Vec<std::net::TcpListener>,
        config: &BrokerConfig,
        nodes: u16,
    ) -> Result<(), StartError> {
        let _entered = runtime.enter();
        let limits = Arc::new(ConnectionLimits::new(config));
        let memory = MemoryPool::new(config.memory_bytes_max());
        let metrics = Arc::new(Metrics::new());
        if let Some(address) = &config.rdkafka_http_listener {
            let page = Page {
                metrics: Arc::clone(&metrics),
                router: self.router.clone(),
            };
            let (bound, task) =
                http::start(runtime, address, page).map_err(|source| StartError::Bind {
                    address: address.clone(),
                    source,
                })?;
            self.http = Some(bound);
            self.acceptors.push(task);
        }
        for (listener, socket) in plan.into_iter().zip(bound) {
            let socket = TcpListener::from_std(socket);
            let view = if nodes > 1 {
                View::Fixed(test_cluster(&self.addresses))
            } else {
                View::OneNode {
                    node_id: config.node_id,
                    advertised: listener.advertised,
                }
            };
            let own_limits =
                ConnectionLimits::of_listener(listener.connections_max, listener.creation_rate);
            let acceptor = Acceptor {
                listener: socket.map_err(|source| bind_error(&listener.address, source))?,
                name: listener.address.name,
                view,
                tls: listener.tls,
                router: self.router.clone(),
                conf: Arc::new(connection_conf(config, &memory, &metrics, listener.sasl)),
                limits: Arc::clone(&limits),
                own_limits: Arc::new(own_limits),
            };
            self.acceptors
                .push(runtime.spawn(acceptor.run()).abort_handle());
        }
        Ok(())
    }

    /// The address of the first listener, with the port it really has.
    pub fn local_addr(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// The addresses of all listeners.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What to give a client as `bootstrap.servers`.
    pub fn bootstrap_servers(&self) -> String {
        let reachable = self.addresses.iter().map(|address| {
            let ip = address.ip();
            if ip.is_unspecified() {
                format!("localhost:{}", address.port())
            } else {
                address.to_string()
            }
        });
        reachable.collect::<Vec<_>>().join(",")
    }

    #[cfg(feature = "fuzzing")]
    pub(crate) fn router(&self) -> &Router {
        &self.router
    }

    /// Where metrics and health are served, if they are (`rdkafka.http.listener`).
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http
    }

    /// The id of the cluster.
    pub fn cluster_id(&self) -> &str {
        &self.cluster_id
    }

    /// Whether the broker still serves; `false` after it failed.
    pub fn is_alive(&self) -> bool {
        self.shard
            .as_ref()
            .is_some_and(|shard| !shard.is_finished())
    }

    /// Stops: no new connections, answers what was asked, everything to the disk.
    pub fn stop(self) {
        drop(self);
    }

    fn shut_down(&mut self) {
        for acceptor in self.acceptors.drain(..) {
            acceptor.abort();
        }
        // Fails only if the shard is gone already.
        let _ = self.router.post(Post::Stop);
        for thread in [self.shard.take(), self.flusher.take()]
            .into_iter()
            .flatten()
        {
            if thread.join().is_err() {
                tracing::error!("a thread of the broker has panicked");
            }
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(LAST_WORDS);
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// The listeners to bind: those of the configuration, or one for each node of a test cluster.
fn listeners(conf: &BrokerConf) -> Result<Vec<ListenerConf>, StartError> {
    if conf.nodes <= 1 {
        return listener::plan(&conf.config).map_err(StartError::Listeners);
    }
    let address = ListenerAddress {
        name: "PLAINTEXT".into(),
        host: "127.0.0.1".into(),
        port: 0,
    };
    Ok((0..conf.nodes)
        .map(|_| ListenerConf::plaintext(address.clone()))
        .collect())
}

/// One broker that appears as a node for each of its addresses.
fn test_cluster(addresses: &[SocketAddr]) -> Endpoints {
    let mut nodes = addresses
        .iter()
        .zip(1..)
        .map(|(address, node_id)| Endpoint {
            node_id,
            host: address.ip().to_string().into(),
            port: address.port().into(),
        });
    let first = nodes.next().unwrap_or(Endpoint {
        node_id: 1,
        host: "127.0.0.1".into(),
        port: 0,
    });
    Endpoints::new(first, nodes)
}

pub(crate) fn connection_conf(
    config: &BrokerConfig,
    memory: &MemoryPool,
    metrics: &Arc<Metrics>,
    sasl: Option<Arc<SaslConf>>,
) -> ConnectionConf {
    let millis = |ms: i32| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    ConnectionConf {
        request_bytes_max: usize::try_from(config.socket_request_max_bytes).unwrap_or(0),
        requests_max: usize::try_from(config.queued_max_requests).unwrap_or(1),
        idle: u64::try_from(config.connections_max_idle_ms)
            .ok()
            .map(Duration::from_millis),
        read_patience: millis(config.rdkafka_request_read_timeout_ms),
        stall: millis(config.rdkafka_response_stall_timeout_ms),
        authentication: millis(config.rdkafka_authentication_timeout_ms),
        send_buffer: usize::try_from(config.socket_send_buffer_bytes).ok(),
        receive_buffer: usize::try_from(config.socket_receive_buffer_bytes).ok(),
        memory: memory.clone(),
        metrics: Arc::clone(metrics),
        sasl,
    }
}

fn bind_error(address: &ListenerAddress, source: io::Error) -> StartError {
    StartError::Bind {
        address: address.to_string(),
        source,
    }
}

fn new_runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("broker-io")
        .on_thread_start(block_signals)
        .enable_all()
        .build()
}

/// Kafka's own default lies in /tmp, where data does not survive a restart of the machine.
const DEFAULT_DATA_DIR: &str = "rdkafka-broker-data";
/// How long connections have to send what is already answered.
const LAST_WORDS: Duration = Duration::from_millis(200);
