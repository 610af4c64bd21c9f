//! Listeners: which addresses to listen on, what clients are told, and the accept loops.
//!
//! Owns: the plan that `listeners`, `advertised.listeners` and `listener.security.protocol.map` add up to, the bound
//! sockets and one accept task each. Guarantees: a listener whose security protocol cannot be served is an error at
//! start, never a plaintext listener. Leaves to `connection` what is said on a socket.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka_broker_core::conf::BrokerConfig;
use rdkafka_broker_core::{Endpoint, Endpoints, Peer};
use tokio::net::{TcpListener, TcpStream};

use crate::address::ListenerAddress;
use crate::connection::{self, ConnectionConf};
use crate::router::Router;

/// One listener of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListenerConf {
    pub(crate) address: ListenerAddress,
    /// What clients of this listener are told, if not the address they connected to.
    pub(crate) advertised: Option<(String, u16)>,
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
        match protocols.get(&address.name).map(String::as_str) {
            Some("PLAINTEXT") => {}
            Some(protocol) => {
                return Err(format!(
                    "listeners: {address} uses {protocol}, which this broker does not serve; remove the listener or map it to \
                     PLAINTEXT in listener.security.protocol.map"
                ));
            }
            None => {
                return Err(format!(
                    "listener.security.protocol.map: there is no protocol for {0}; add {0}:PLAINTEXT",
                    address.name
                ));
            }
        }
        if listeners
            .iter()
            .any(|other: &ListenerConf| other.address.name == address.name)
        {
            return Err(format!("listeners: the name {} comes twice", address.name));
        }
        let advertised = advertised.remove(&address.name);
        listeners.push(ListenerConf {
            address,
            advertised,
        });
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

/// The limits on connections.
#[derive(Debug)]
pub(crate) struct ConnectionLimits {
    max: usize,
    max_per_ip: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl ConnectionLimits {
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        let count = |value: i32| usize::try_from(value).unwrap_or(0);
        Self {
            max: count(config.max_connections),
            max_per_ip: count(config.max_connections_per_ip),
            open: Mutex::default(),
        }
    }

    /// Counts a connection, if there is room for it.
    fn admit(self: &Arc<Self>, ip: IpAddr) -> Option<Admission> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_ip = open.get(&ip).copied().unwrap_or(0);
        if of_ip >= self.max_per_ip || open.values().sum::<usize>() >= self.max {
            return None;
        }
        open.insert(ip, of_ip + 1);
        Some(Admission {
            limits: Arc::clone(self),
            ip,
        })
    }
}

/// A counted connection; dropping it makes room.
struct Admission {
    limits: Arc<ConnectionLimits>,
    ip: IpAddr,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self
            .limits
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.ip);
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
    pub(crate) router: Router,
    pub(crate) conf: ConnectionConf,
    pub(crate) limits: Arc<ConnectionLimits>,
}

impl Acceptor {
    /// Accepts until it is aborted. Running out of file descriptors is survived.
    pub(crate) async fn run(self) {
        loop {
            match self.listener.accept().await {
                Ok((stream, remote)) => self.accepted(stream, remote.ip().to_canonical()),
                Err(error) => {
                    tracing::warn!(listener = %self.name, %error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }

    fn accepted(&self, stream: TcpStream, remote: IpAddr) {
        let Some(admission) = self.limits.admit(remote) else {
            tracing::warn!(%remote, "too many connections");
            return;
        };
        let Ok(local) = stream.local_addr() else {
            return;
        };
        // Answers are whole frames in one write: nothing to gain from waiting for more.
        let _ = stream.set_nodelay(true);
        let peer = Peer {
            host: format!("/{remote}").into(),
            listener: self.name.as_str().into(),
            principal: Peer::ANONYMOUS.into(),
            endpoints: self.view.endpoints(local),
        };
        let (reader, writer) = stream.into_split();
        let serve = connection::serve(
            reader,
            writer,
            Arc::new(peer),
            self.router.clone(),
            self.conf,
        );
        tokio::spawn(async move {
            serve.await;
            drop(admission);
        });
    }
}

const ACCEPT_RETRY: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_protocol_that_is_not_served_is_an_error_and_never_plaintext() {
        let reason = plan(&config(&[("listeners", "SSL://:9093")])).unwrap_err();
        assert!(reason.contains("SSL"), "{reason}");
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

    #[test]
    fn connections_are_counted_by_address_and_in_all() {
        let limits = Arc::new(ConnectionLimits::new(&config(&[
            ("max.connections", "2"),
            ("max.connections.per.ip", "1"),
        ])));
        let [a, b, c] = [1, 2, 3].map(|last| IpAddr::from([127, 0, 0, last]));
        let first = limits.admit(a).unwrap();
        assert!(limits.admit(a).is_none());
        let _second = limits.admit(b).unwrap();
        assert!(limits.admit(c).is_none());
        drop(first);
        assert!(limits.admit(c).is_some());
    }
}
