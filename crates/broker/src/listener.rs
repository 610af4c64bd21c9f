//! Listeners: which addresses to listen on, what clients are told, and the accept loops.
//!
//! Owns: the plan that `listeners`, `advertised.listeners`, `listener.security.protocol.map` and the `ssl.` and `sasl.`
//! properties add up to, the bound sockets and one accept task each. Guarantees: a listener whose security protocol
//! cannot be served is an error at start, never a plaintext listener. Leaves to others: how many connections there may be
//! (`limits`), what is said on a socket (`connection`).

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};
use rdkafka_broker_core::conf::BrokerConfig;
use rdkafka_broker_core::{Endpoint, Endpoints, KnownBy, Peer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::address::ListenerAddress;
use crate::connection::{self, ConnectionConf};
use crate::limits::{Admission, ConnectionLimits};
use crate::principal::PrincipalRules;
use crate::router::Router;
use crate::sasl::SaslConf;
use crate::tls;

/// One listener of the plan.
#[derive(Debug, Clone)]
pub(crate) struct ListenerConf {
    pub(crate) address: ListenerAddress,
    /// What clients of this listener are told, if not the address they connected to.
    pub(crate) advertised: Option<(String, u16)>,
    pub(crate) tls: Option<Tls>,
    pub(crate) sasl: Option<Arc<SaslConf>>,
    /// How many connections this listener may have open, and accept a second.
    pub(crate) connections_max: usize,
    pub(crate) creation_rate: usize,
}

impl ListenerConf {
    /// A listener without security and limits of its own.
    pub(crate) fn plaintext(address: ListenerAddress) -> Self {
        Self {
            address,
            advertised: None,
            tls: None,
            sasl: None,
            connections_max: usize::MAX,
            creation_rate: usize::MAX,
        }
    }

    fn new(
        config: &BrokerConfig,
        address: ListenerAddress,
        advertised: Option<(String, u16)>,
        protocol: &str,
    ) -> Result<Self, String> {
        let properties = config.listener(&address.name);
        let (has_tls, has_sasl) = match protocol {
            "PLAINTEXT" => (false, false),
            "SSL" => (true, false),
            "SASL_PLAINTEXT" => (false, true),
            "SASL_SSL" => (true, true),
            other => {
                return Err(format!(
                    "listener.security.protocol.map: {other} is no security protocol; there are PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"
                ));
            }
        };
        let tls = if has_tls {
            Some(Tls {
                acceptor: TlsAcceptor::from(tls::server_config(&properties)?),
                rules: PrincipalRules::parse(&properties.ssl_principal_mapping_rules)
                    .map_err(|reason| format!("ssl.principal.mapping.rules: {reason}"))?,
            })
        } else {
            None
        };
        let sasl = if has_sasl {
            Some(Arc::new(SaslConf::new(config, &address.name, &properties)?))
        } else {
            None
        };
        let count = |value: i32| usize::try_from(value).unwrap_or(0);
        Ok(Self {
            address,
            advertised,
            tls,
            sasl,
            connections_max: count(properties.max_connections),
            creation_rate: count(properties.max_connection_creation_rate),
        })
    }
}

/// TLS of a listener.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    /// Who a certificate says a client is.
    rules: PrincipalRules,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// What the properties about listeners add up to.
///
/// # Errors
/// A text that says which property is wrong.
pub(crate) fn plan(config: &BrokerConfig) -> Result<Vec<ListenerConf>, String> {
    let protocols = protocols(config)?;
    let mut advertised = HashMap::new();
    for text in &config.advertised_listeners {
        let address = ListenerAddress::parse(text)
            .map_err(|reason| format!("advertised.listeners: {reason}"))?;
        if address.is_wildcard() {
            return Err(format!(
                "advertised.listeners: clients cannot connect to {address}"
            ));
        }
        advertised.insert(address.name.clone(), (address.host, address.port));
    }
    let mut listeners = Vec::new();
    for text in &config.listeners {
        let address =
            ListenerAddress::parse(text).map_err(|reason| format!("listeners: {reason}"))?;
        if is_controller(config, &address.name) {
            tracing::info!(listener = %address, "controller listeners are not needed on one node");
            continue;
        }
        let Some(protocol) = protocols.get(&address.name) else {
            return Err(format!(
                "listener.security.protocol.map: there is no protocol for {0}; add {0}:PLAINTEXT",
                address.name
            ));
        };
        if listeners
            .iter()
            .any(|other: &ListenerConf| other.address.name == address.name)
        {
            return Err(format!("listeners: the name {} comes twice", address.name));
        }
        let advertised = advertised.remove(&address.name);
        let place = address.to_string();
        let listener = ListenerConf::new(config, address, advertised, protocol);
        listeners.push(listener.map_err(|reason| in_listener(&place, protocol, &reason))?);
    }
    for name in config.listeners_with_properties() {
        let is_there = |it: &ListenerConf| it.address.name.eq_ignore_ascii_case(name);
        if !listeners.iter().any(is_there) && !is_controller(config, name) {
            tracing::warn!(
                "listener.name.{name}: there is no such listener; its properties are not used"
            );
        }
    }
    if let Some(name) = advertised
        .into_keys()
        .find(|name| !is_controller(config, name))
    {
        return Err(format!("advertised.listeners: there is no listener {name}"));
    }
    if listeners.is_empty() {
        Err("listeners: there is none".into())
    } else {
        Ok(listeners)
    }
}

/// `property: reason` with the listener it is about.
fn in_listener(listener: &str, protocol: &str, reason: &str) -> String {
    match reason.split_once(": ") {
        Some((property, reason)) => format!("{property}: {listener} is {protocol}: {reason}"),
        None => reason.to_owned(),
    }
}

fn is_controller(config: &BrokerConfig, name: &str) -> bool {
    config
        .controller_listener_names
        .iter()
        .any(|it| it.eq_ignore_ascii_case(name))
}

fn protocols(config: &BrokerConfig) -> Result<HashMap<String, String>, String> {
    let pairs = config.listener_security_protocol_map.iter().map(|pair| {
        let (name, protocol) = pair.split_once(':').ok_or_else(|| {
            format!("listener.security.protocol.map: {pair:?} is not of the form NAME:PROTOCOL")
        })?;
        Ok((
            name.trim().to_ascii_uppercase(),
            protocol.trim().to_ascii_uppercase(),
        ))
    });
    pairs.collect()
}

/// Binds a listener. A wildcard is both IPv6 and IPv4 where the system has both.
pub(crate) fn bind(address: &ListenerAddress) -> io::Result<StdListener> {
    let listener = if address.is_wildcard() {
        let v6 = (address.host != "0.0.0.0")
            .then(|| StdListener::bind((IpAddr::from([0u16; 8]), address.port)));
        match v6 {
            Some(Ok(listener)) => listener,
            _ => StdListener::bind((IpAddr::from([0u8; 4]), address.port))?,
        }
    } else {
        let addresses: Vec<SocketAddr> = (address.host.as_str(), address.port)
            .to_socket_addrs()?
            .collect();
        StdListener::bind(&addresses[..])?
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// What clients of a listener see as the cluster.
#[derive(Debug, Clone)]
pub(crate) enum View {
    /// This one node, at the address they connected to or at an advertised one.
    OneNode {
        node_id: i32,
        advertised: Option<(String, u16)>,
    },
    /// The nodes of an embedded test cluster.
    Fixed(Endpoints),
}

impl View {
    fn endpoints(&self, local: SocketAddr) -> Endpoints {
        match self {
            Self::Fixed(endpoints) => endpoints.clone(),
            Self::OneNode {
                node_id,
                advertised,
            } => {
                let (host, port) = match advertised {
                    // Port 0 was resolved when the listener was bound: the clients' way in is its port.
                    Some((host, port)) => {
                        (host.clone(), if *port == 0 { local.port() } else { *port })
                    }
                    None => (local.ip().to_canonical().to_string(), local.port()),
                };
                let endpoint = Endpoint {
                    node_id: *node_id,
                    host: host.into(),
                    port: port.into(),
                };
                Endpoints::new(endpoint, [])
            }
        }
    }
}

/// A bound listener, ready to accept.
#[derive(Debug)]
pub(crate) struct Acceptor {
    pub(crate) listener: TcpListener,
    pub(crate) name: String,
    pub(crate) view: View,
    pub(crate) tls: Option<Tls>,
    pub(crate) router: Router,
    pub(crate) conf: Arc<ConnectionConf>,
    pub(crate) limits: Arc<ConnectionLimits>,
    /// Those of this listener alone.
    pub(crate) own_limits: Arc<ConnectionLimits>,
}

impl Acceptor {
    /// Accepts until it is aborted. Running out of file descriptors is survived.
    pub(crate) async fn run(self) {
        loop {
            match self.listener.accept().await {
                Ok((stream, remote)) => {
                    let wait = self.limits.pace().max(self.own_limits.pace());
                    self.accepted(stream, remote.ip().to_canonical());
                    if !wait.is_zero() {
                        tokio::time::sleep(wait).await;
                    }
                }
                Err(error) => {
                    self.limits
                        .complain(&format!("a connection could not be accepted: {error}"));
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }

    fn accepted(&self, stream: TcpStream, remote: IpAddr) {
        let both = self
            .limits
            .admit(remote)
            .and_then(|all| Ok((all, self.own_limits.admit(remote)?)));
        let admissions = match both {
            Ok(admissions) => admissions,
            Err(limit) => {
                self.limits.complain(&format!(
                    "a connection from {remote} to {} is refused: {limit} is reached",
                    self.name
                ));
                return;
            }
        };
        let rate = self.router.rate_of(remote);
        if let Some(wait) = rate.and_then(|rate| self.limits.throttle(remote, rate)) {
            self.limits.complain(&format!(
                "a connection from {remote} to {} is refused: its connection_creation_rate is reached",
                self.name
            ));
            // Closed at once, it would be here again at once.
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                drop((stream, admissions));
            });
            return;
        }
        let Ok(local) = stream.local_addr() else {
            return;
        };
        set_options(&stream, &self.conf);
        let peer = Peer::anonymous(
            format!("/{remote}"),
            self.name.as_str(),
            self.view.endpoints(local),
        );
        let incoming = Incoming {
            peer,
            router: self.router.clone(),
            conf: Arc::clone(&self.conf),
            known_by: Instant::now() + self.conf.authentication,
            _admissions: admissions,
        };
        match self.tls.clone() {
            None => tokio::spawn(incoming.serve(stream)),
            Some(tls) => tokio::spawn(incoming.serve_tls(stream, tls)),
        };
    }
}

/// A connection that was let in.
struct Incoming {
    peer: Peer,
    router: Router,
    conf: Arc<ConnectionConf>,
    known_by: Instant,
    _admissions: (Admission, Admission),
}

impl Incoming {
    async fn serve(self, stream: TcpStream) {
        let (reader, writer) = stream.into_split();
        let peer = Arc::new(self.peer);
        connection::serve(reader, writer, peer, self.router, self.conf, self.known_by).await;
    }

    async fn serve_tls(mut self, stream: TcpStream, tls: Tls) {
        let host = self.peer.host.clone();
        let shaken = tokio::time::timeout_at(self.known_by, tls.acceptor.accept(stream)).await;
        let stream = match shaken {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::info!(peer = %host, %error, "TLS handshake failed");
                return;
            }
            Err(_) => {
                tracing::info!(peer = %host, "TLS handshake took too long");
                return;
            }
        };
        let certificates = stream.get_ref().1.peer_certificates();
        if let Some(certificate) = certificates.and_then(<[_]>::first) {
            match tls.rules.principal(certificate) {
                Ok(name) => {
                    self.peer.principal = format!("User:{name}").into();
                    self.peer.known_by = KnownBy::Certificate;
                }
                Err(reason) => {
                    tracing::warn!(peer = %host, reason, "connection refused");
                    return;
                }
            }
        }
        let (reader, writer) = tokio::io::split(stream);
        let peer = Arc::new(self.peer);
        connection::serve(reader, writer, peer, self.router, self.conf, self.known_by).await;
    }
}

const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// A socket that does not take an option is served without it.
fn set_options(stream: &TcpStream, conf: &ConnectionConf) {
    // Answers are whole frames in one write: nothing to gain from waiting for more.
    let _ = stream.set_nodelay(true);
    // A peer that vanished without a word is found out, some day.
    let _ = setsockopt(stream, sockopt::KeepAlive, &true);
    if let Some(bytes) = conf.send_buffer {
        let _ = setsockopt(stream, sockopt::SndBuf, &bytes);
    }
    if let Some(bytes) = conf.receive_buffer {
        let _ = setsockopt(stream, sockopt::RcvBuf, &bytes);
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::socket::getsockopt;

    use super::*;
    use crate::broker::connection_conf;
    use crate::memory::MemoryPool;
    use crate::metrics::Metrics;

    fn config(properties: &[(&str, &str)]) -> BrokerConfig {
        let mut config = BrokerConfig::default();
        for (name, value) in properties {
            config.set(name, value).unwrap();
        }
        config
    }

    #[test]
    fn by_default_there_is_one_plaintext_listener_on_every_interface() {
        let listeners = plan(&BrokerConfig::default()).unwrap();
        assert_eq!(listeners.len(), 1);
        assert!(listeners[0].address.is_wildcard());
        assert_eq!(listeners[0].address.port, 9092);
        assert_eq!(listeners[0].advertised, None);
    }

    #[test]
    fn named_listeners_find_their_protocol_and_advertised_address() {
        let listeners = plan(&config(&[
            (
                "listeners",
                "broker://127.0.0.1:9093,client://127.0.0.1:9092",
            ),
            (
                "advertised.listeners",
                "broker://127.0.0.1:9093,client://kafka.example:19092",
            ),
            (
                "listener.security.protocol.map",
                "client:PLAINTEXT,broker:PLAINTEXT",
            ),
        ]));
        let listeners = listeners.unwrap();
        assert_eq!(listeners[1].address.name, "CLIENT");
        assert_eq!(
            listeners[1].advertised,
            Some(("kafka.example".into(), 19092))
        );
    }

    #[test]
    fn a_listener_that_lacks_what_its_protocol_needs_is_an_error_and_never_plaintext() {
        for (listener, properties, reason) in [
            ("SSL", &[][..], "ssl.keystore.location"),
            ("SASL_SSL", &[][..], "ssl.keystore.location"),
            ("SASL_PLAINTEXT", &[][..], "sasl.enabled.mechanisms"),
            (
                "SASL_PLAINTEXT",
                &[("sasl.enabled.mechanisms", "PLAIN")][..],
                "listener.name.sasl_plaintext.plain.sasl.jaas.config",
            ),
            (
                "SASL_PLAINTEXT",
                &[
                    ("sasl.enabled.mechanisms", "OAUTHBEARER"),
                    (
                        "sasl.server.callback.handler.class",
                        "a.OAuthBearerValidatorCallbackHandler",
                    ),
                ][..],
                "sasl.oauthbearer.jwks.endpoint.url",
            ),
        ] {
            let mut config = config(properties);
            config
                .set("listeners", &format!("{listener}://:9093"))
                .unwrap();
            let error = plan(&config).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (name, value) in [
            ("listeners", "NOBODY://:1"),
            ("listeners", "PLAINTEXT://:1,PLAINTEXT://:2"),
            ("listeners", "localhost"),
            ("advertised.listeners", "PLAINTEXT://0.0.0.0:9092"),
            ("advertised.listeners", "OTHER://h:9092"),
            ("listener.security.protocol.map", "PLAINTEXT"),
        ] {
            let reason = plan(&config(&[(name, value)])).unwrap_err();
            assert!(reason.contains("listener"), "{reason}");
        }
    }

    #[test]
    fn a_controller_listener_is_left_out() {
        let listeners = plan(&config(&[
            ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
            ("controller.listener.names", "CONTROLLER"),
        ]));
        assert_eq!(listeners.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn buffers_of_sockets_are_as_configured_or_left_to_the_system() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _peer = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let sizes = |properties: &[(&str, &str)]| {
            let memory = MemoryPool::new(1 << 20);
            let metrics = Arc::new(Metrics::new());
            let conf = connection_conf(&config(properties), &memory, &metrics, None);
            set_options(&stream, &conf);
            let send = getsockopt(&stream, sockopt::SndBuf).unwrap();
            (send, getsockopt(&stream, sockopt::RcvBuf).unwrap())
        };
        // A system counts its own part too, which makes twice as much.
        let (send, receive) = ("socket.send.buffer.bytes", "socket.receive.buffer.bytes");
        let set = sizes(&[(send, "50000"), (receive, "60000")]);
        assert_eq!(set, (100_000, 120_000));
        let left = sizes(&[(send, "-1"), (receive, "-1")]);
        assert_eq!(left, set);
        assert_eq!(sizes(&[]), (204_800, 204_800));
    }
}
