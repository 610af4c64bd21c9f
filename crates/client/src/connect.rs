//! Making a TCP connection: resolve the name, try its addresses in turn.
//!
//! Guarantees an end: the core's own deadline (`socket.connection.setup.timeout.ms`) aborts the task. Runs on a
//! connection's task.

use std::io;
use std::net::SocketAddr;

use nix::errno::Errno;
use rdkafka_client_core::conf::{AddressFamily, SocketConfig};
use rdkafka_client_core::io::{DisconnectReason, Endpoint};
use tokio::net::{TcpSocket, TcpStream, lookup_host};

/// Connect to the first address of an endpoint that answers.
pub(crate) async fn connect(
    endpoint: &Endpoint,
    conf: &SocketConfig,
) -> Result<TcpStream, DisconnectReason> {
    let addresses = resolve(endpoint, conf.broker_address_family).await?;
    let mut failure = DisconnectReason::Resolve("No address of the wanted family".to_owned());
    for address in addresses {
        match open(address, conf).await {
            Ok(stream) => return Ok(stream),
            Err(error) => {
                failure = DisconnectReason::Connect {
                    address: describe(address),
                    error: words(&error),
                };
            }
        }
    }
    Err(failure)
}

async fn resolve(
    endpoint: &Endpoint,
    family: AddressFamily,
) -> Result<Vec<SocketAddr>, DisconnectReason> {
    let found = lookup_host((&*endpoint.host, endpoint.port)).await;
    let addresses = found.map_err(|error| DisconnectReason::Resolve(resolver_words(&error)))?;
    let is_wanted = |address: &SocketAddr| match family {
        AddressFamily::Any => true,
        AddressFamily::V4 => address.is_ipv4(),
        AddressFamily::V6 => address.is_ipv6(),
    };
    Ok(addresses.filter(is_wanted).collect())
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
}
