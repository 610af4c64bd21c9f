//! Lists of brokers as users write them: `host`, `host:port`, `[::1]:9092`, `SASL_SSL://host:port`.

use super::choices::SecurityProtocol;
use super::client_config::ConfWarning;
use crate::io::Endpoint;

/// The port of a broker that was written without one.
pub const DEFAULT_PORT: u16 = 9092;

const WARNING: u8 = 4;

/// What a list of brokers came to.
#[derive(Debug, Clone, Default)]
pub struct BrokerList {
    /// The brokers, none twice.
    pub endpoints: Vec<Endpoint>,
    /// What was wrong with the entry the reading stopped at, if it stopped.
    pub warnings: Vec<ConfWarning>,
}

impl BrokerList {
    /// Reads a comma-separated list. As in librdkafka, reading stops at the first entry that makes no
    /// sense, and a protocol before `://` must be the one the client uses.
    #[must_use]
    pub fn parse(list: &str, protocol: SecurityProtocol) -> Self {
        let mut brokers = Self::default();
        for entry in list.split(',') {
            let entry = entry.trim_start_matches(' ');
            if entry.is_empty() {
                continue;
            }
            match parse_entry(entry, protocol) {
                Ok(endpoint) => {
                    if !brokers.endpoints.contains(&endpoint) {
                        brokers.endpoints.push(endpoint);
                    }
                }
                Err(problem) => {
                    let text = format!("Broker name \"{entry}\" parse error: {problem}");
                    let facility = "BROKER";
                    brokers.warnings.push(ConfWarning { level: WARNING, facility, text });
                    break;
                }
            }
        }
        brokers
    }
}

fn parse_entry(entry: &str, protocol: SecurityProtocol) -> Result<Endpoint, String> {
    let address = match entry.split_once("://") {
        None => entry,
        Some((scheme, rest)) => {
            check_scheme(scheme, protocol)?;
            rest.split('/').next().unwrap_or_default()
        }
    };
    let (host, port) = split_port(address);
    let unbracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = match unbracketed.unwrap_or(host) {
        "" => "localhost",
        host => host,
    };
    Ok(Endpoint { host: host.into(), port })
}

fn check_scheme(scheme: &str, protocol: SecurityProtocol) -> Result<(), String> {
    if scheme.is_empty() {
        return Err("empty protocol name".into());
    }
    let scheme = scheme.to_uppercase();
    let known = SecurityProtocol::ALL.iter().find(|known| known.name().eq_ignore_ascii_case(&scheme));
    match known {
        None => Err(format!("unsupported protocol \"{scheme}\"")),
        Some(&known) if known != protocol => Err(format!(
            "protocol \"{scheme}\" does not match security.protocol setting \"{}\"",
            protocol.name(),
        )),
        Some(_) => Ok(()),
    }
}

/// Splits the port off. Several colons without brackets before the last are an IPv6 address alone.
fn split_port(address: &str) -> (&str, u16) {
    let Some((host, port)) = address.rsplit_once(':') else {
        return (address, DEFAULT_PORT);
    };
    if host.contains(':') && !host.ends_with(']') {
        return (address, DEFAULT_PORT);
    }
    // Digits up to the first other character, as C reads them. No number, or one that is no port, gives
    // port 0, to which no connection can be made: the mistake shows as a connect error.
    let digits = port.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    (host, digits.parse().unwrap_or(0))
}
