//! Listener addresses as Kafka writes them: `NAME://host:port`.

use std::fmt;

/// `NAME://host:port`; an empty host is every interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListenerAddress {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl ListenerAddress {
    /// Reads one address.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, address) = text
            .split_once("://")
            .ok_or_else(|| format!("{text:?} is not of the form NAME://host:port"))?;
        let (host, port) =
            split_host_port(address).ok_or_else(|| format!("{text:?} has no host:port"))?;
        if name.is_empty() {
            return Err(format!("{text:?} has no listener name"));
        }
        Ok(Self {
            name: name.to_ascii_uppercase(),
            host,
            port,
        })
    }

    /// Whether it stands for every interface, so that it cannot be what clients are told.
    pub(crate) fn is_wildcard(&self) -> bool {
        matches!(self.host.as_str(), "" | "0.0.0.0" | "::")
    }
}

impl fmt::Display for ListenerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.name, self.host, self.port)
    }
}

/// `host:port`, `[v6]:port` or `:port`.
pub(crate) fn split_host_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    Some((host.to_owned(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hosts_and_ports_are_told_apart() {
        let address = ListenerAddress::parse("client://127.0.0.1:9092").unwrap();
        assert_eq!(
            (address.name.as_str(), address.host.as_str(), address.port),
            ("CLIENT", "127.0.0.1", 9092)
        );
        assert!(
            ListenerAddress::parse("PLAINTEXT://:9092")
                .unwrap()
                .is_wildcard()
        );
        assert_eq!(ListenerAddress::parse("A://[::1]:1").unwrap().host, "::1");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["localhost:9092", "A://host", "A://host:99999", "://h:1", ""] {
            assert!(ListenerAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
