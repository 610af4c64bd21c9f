//! Making a TCP connection: resolve the name, try its addresses.
//!
//! Happy eyeballs (RFC 8305): addresses of both families in turn, the next one a quarter of a second after the last, or
//! as soon as that has failed; whoever answers first is taken. While none answers, fresh attempts are made each second:
//! a network that comes back is found then, not when the system repeats what was lost. Guarantees an end: the core's own
//! deadline (`socket.connection.setup.timeout.ms`) aborts the task. Runs on a connection's task.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use rdkafka_client_core::conf::{AddressFamily, SocketConfig};
use rdkafka_client_core::io::{DisconnectReason, Endpoint};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::task::JoinSet;

/// How long one address is tried alone.
const HEAD_START: Duration = Duration::from_millis(250);
/// How long after a whole round the next begins.
const ROUND: Duration = Duration::from_secs(1);
/// Attempts at the same time.
const ATTEMPTS_MAX: usize = 8;

/// Names and their addresses, remembered for `broker.address.ttl`.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    known: Mutex<HashMap<Endpoint, (Instant, Vec<SocketAddr>)>>,
}

impl Resolver {
    /// Connect to the first address of an endpoint that answers.
    pub(crate) async fn connect(
        &self,
        endpoint: &Endpoint,
        conf: &SocketConfig,
    ) -> Result<TcpStream, DisconnectReason> {
        let addresses = self.resolve(endpoint, conf).await?;
        let result = race(addresses, conf).await;
        if result.is_err() {
            // They may have moved.
            self.lock().remove(endpoint);
        }
        result
    }

    async fn resolve(
        &self,
        endpoint: &Endpoint,
        conf: &SocketConfig,
    ) -> Result<Vec<SocketAddr>, DisconnectReason> {
        let ttl = Duration::from_millis(u64::from(conf.broker_address_ttl_ms));
        if let Some((at, addresses)) = self.lock().get(endpoint)
            && at.elapsed() < ttl
        {
            return Ok(addresses.clone());
        }
        let found = lookup_host((&*endpoint.host, endpoint.port)).await;
        let found = found.map_err(|error| DisconnectReason::Resolve(resolver_words(&error)))?;
        let is_wanted = |address: &SocketAddr| match conf.broker_address_family {
            AddressFamily::Any => true,
            AddressFamily::V4 => address.is_ipv4(),
            AddressFamily::V6 => address.is_ipv6(),
        };
        let addresses = in_turn(found.filter(is_wanted).collect());
        if addresses.is_empty() {
            let words = "No address of the wanted family (see broker.address.family)";
            return Err(DisconnectReason::Resolve(words.to_owned()));
        }
        let entry = (Instant::now(), addresses.clone());
        self.lock().insert(endpoint.clone(), entry);
        Ok(addresses)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Endpoint, (Instant, Vec<SocketAddr>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both families in turn, the one the resolver named first in front.
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_family = addresses.first().map(SocketAddr::is_ipv4);
    let (ours, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| Some(address.is_ipv4()) == first_family);
    let (mut ours, mut others) = (ours.into_iter(), others.into_iter());
    let mut mixed = Vec::new();
    loop {
        let pair = (ours.next(), others.next());
        if pair == (None, None) {
            return mixed;
        }
        mixed.extend(pair.0);
        mixed.extend(pair.1);
    }
}

/// Try all addresses until one answers or each was refused.
async fn race(
    addresses: Vec<SocketAddr>,
    conf: &SocketConfig,
) -> Result<TcpStream, DisconnectReason> {
    let mut attempts = JoinSet::new();
    let mut refused = 0;
    let mut next = 0;
    let mut is_due = true;
    loop {
        if is_due
            && attempts.len() < ATTEMPTS_MAX
            && let Some(&address) = addresses.get(next % addresses.len().max(1))
        {
            let conf = conf.clone();
            attempts.spawn(async move { (address, open(address, &conf).await) });
            next += 1;
        }
        let pause = if next < addresses.len() {
            HEAD_START
        } else {
            ROUND
        };
        match tokio::time::timeout(pause, attempts.join_next()).await {
            Ok(Some(Ok((_, Ok(stream))))) => return Ok(stream),
            Ok(Some(Ok((address, Err(error))))) => {
                refused += 1;
                is_due = next < addresses.len();
                if refused >= addresses.len() && attempts.is_empty() {
                    return Err(DisconnectReason::Connect {
                        address: describe(address),
                        error: words(&error),
                    });
                }
            }
            // Cannot be: attempts do not panic, and there is one.
            Ok(Some(Err(_)) | None) => {
                return Err(DisconnectReason::Io("Connection attempt ended".to_owned()));
            }
            Err(_) => is_due = true,
        }
    }
}

async fn open(address: SocketAddr, conf: &SocketConfig) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if conf.keepalive_enable {
        socket.set_keepalive(true)?;
    }
    if let Some(bytes) = conf.send_buffer_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    if let Some(bytes) = conf.receive_buffer_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    let stream = socket.connect(address).await?;
    if conf.nagle_disable {
        stream.set_nodelay(true)?;
    }
    Ok(stream)
}

/// An address as librdkafka writes it.
fn describe(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => format!("ipv4#{address}"),
        SocketAddr::V6(address) => format!("ipv6#{address}"),
    }
}

/// The system's words for an error, without Rust's additions.
pub(crate) fn words(error: &io::Error) -> String {
    error.raw_os_error().map_or_else(
        || error.to_string(),
        |code| Errno::from_raw(code).desc().to_owned(),
    )
}

/// The resolver's words, which the standard library wraps in its own.
fn resolver_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("failed to lookup address information: ")
        .unwrap_or(&text)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_errors_are_written_as_librdkafka_writes_them() {
        assert_eq!(
            describe(([127, 0, 0, 1], 9092).into()),
            "ipv4#127.0.0.1:9092"
        );
        assert_eq!(describe("[::1]:9092".parse().unwrap()), "ipv6#[::1]:9092");
        assert_eq!(
            words(&io::Error::from_raw_os_error(111)),
            "Connection refused"
        );
    }

    #[test]
    fn families_take_turns() {
        let parse = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|it| it.parse().unwrap()).collect()
        };
        let found = parse(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let mixed = parse(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(in_turn(found), mixed);
    }

    #[test]
    fn a_silent_or_unreachable_address_does_not_keep_the_next_from_being_tried() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let wanted = listener.local_addr().unwrap();
            let conf = rdkafka_client_core::conf::Conf::new();
            let conf = conf
                .resolve(rdkafka_client_core::conf::ClientKind::Producer)
                .unwrap();
            // Of TEST-NET-1, which nobody routes.
            let addresses = vec!["192.0.2.1:9".parse().unwrap(), wanted];
            let stream = race(addresses, &conf.socket).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), wanted);
        });
    }
}
