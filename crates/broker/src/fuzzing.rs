//! The broker's shell for the fuzzer: connections without sockets, and the parsers of what users and HTTP clients write.
//!
//! Owns [`Connections`]: a broker in memory whose connections are byte strings. Runs on the caller's thread, which drives
//! the shard itself, as connection tasks do.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rdkafka_broker_core::conf::{BrokerConfig, ListenerProperties};
use rdkafka_broker_core::{Endpoints, Peer};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::address::{ListenerAddress, split_host_port};
use crate::broker::connection_conf;
use crate::connection::{ConnectionConf, serve};
use crate::memory::MemoryPool;
use crate::metrics::Metrics;
use crate::principal::PrincipalRules;
use crate::sasl::SaslConf;
use crate::{Broker, BrokerConf, ScramUser, StartError, http};

/// A broker, and two listeners of it: one without SASL and one with.
#[derive(Debug)]
pub struct Connections {
    broker: Broker,
    runtime: Runtime,
    plain: Arc<ConnectionConf>,
    sasl: Arc<ConnectionConf>,
}

impl Connections {
    /// Starts a broker in memory with these settings.
    ///
    /// # Errors
    /// As for any broker.
    pub fn start(config: BrokerConfig, user: &ScramUser) -> Result<Self, StartError> {
        let metrics = Arc::new(Metrics::new());
        let memory = MemoryPool::new(config.memory_bytes_max());
        let sasl = SaslConf::new(&config, "SASL", &config.listener("SASL"));
        let sasl = Arc::new(sasl.map_err(StartError::Listeners)?);
        let plain = Arc::new(connection_conf(&config, &memory, &metrics, None));
        let sasl = Arc::new(connection_conf(&config, &memory, &metrics, Some(sasl)));
        let mut conf = BrokerConf::embedded(1);
        conf.scram_users = vec![user.clone()];
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Self {
            broker: Broker::start(conf)?,
            runtime: runtime.map_err(StartError::Thread)?,
            plain,
            sasl,
        })
    }

    /// A connection that sends these bytes, so many at a time, and closes; what the broker wrote on it.
    pub fn serve(&self, bytes: &[u8], chunk: usize, has_sasl: bool) -> Vec<u8> {
        let conf = if has_sasl { &self.sasl } else { &self.plain };
        let endpoints = Endpoints::of(1, "127.0.0.1", 9092);
        let peer = Peer::anonymous("/127.0.0.1", "SASL", endpoints);
        let mut written = Vec::new();
        let router = self.broker.router().clone();
        self.runtime.block_on(async {
            let known_by = Instant::now() + Duration::from_secs(60);
            let reader = Chunks(bytes, chunk.max(1));
            let (peer, conf) = (Arc::new(peer), Arc::clone(conf));
            serve(reader, &mut written, peer, router, conf, known_by).await;
        });
        written
    }

    /// Whether the shard has survived so far.
    pub fn is_alive(&self) -> bool {
        self.broker.is_alive()
    }
}

/// Bytes that arrive a few at a time.
struct Chunks<'a>(&'a [u8], usize);

impl AsyncRead for Chunks<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let len = self.1.min(self.0.len()).min(buffer.remaining());
        let (now, later) = self.0.split_at(len);
        buffer.put_slice(now);
        self.0 = later;
        Poll::Ready(Ok(()))
    }
}

/// The head of a request to the HTTP listener, and what its first line asks for.
pub fn http_head(bytes: &[u8], chunk: usize) -> Option<(String, String)> {
    let runtime = Builder::new_current_thread().build().ok()?;
    let mut socket = Chunks(bytes, chunk.max(1));
    let head = runtime.block_on(http::read_head(&mut socket)).ok()?;
    let (method, path) = http::request_line(&head)?;
    Some((method.to_owned(), path.to_owned()))
}

/// A listener's address, as it is written again.
pub fn listener_address(text: &str) -> Option<String> {
    let _ = split_host_port(text);
    Some(ListenerAddress::parse(text).ok()?.to_string())
}

/// Rules of `ssl.principal.mapping.rules`, used on the name of a certificate.
pub fn principal(rules: &str, name: &str) -> Option<String> {
    PrincipalRules::parse(rules).ok()?.map(name).ok()
}

/// A certificate, for its principal.
pub fn certificate(der: &[u8]) -> Option<String> {
    PrincipalRules::parse("DEFAULT").ok()?.principal(der).ok()
}

/// TLS of a listener, from its properties.
pub fn tls(properties: &ListenerProperties) -> bool {
    crate::tls::server_config(properties).is_ok()
}
