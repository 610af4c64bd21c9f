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
        let mut rest = list;
        loop {
            rest = rest.trim_start_matches([',', ' ']);
            if rest.is_empty() {
                break;
            }
            let (entry, after) = rest.split_once(',').unwrap_or((rest, ""));
            match parse_entry(entry, protocol) {
                Ok(endpoint) => {
                    if !brokers.endpoints.contains(&endpoint) {
                        brokers.endpoints.push(endpoint);
                    }
                }
                Err(problem) => {
                    // librdkafka shows the list from here on.
                    let text = format!("Broker name \"{rest}\" parse error: {problem}");
                    let facility = "BROKER";
                    brokers.warnings.push(ConfWarning {
                        level: WARNING,
                        facility,
                        text,
                    });
                    break;
                }
            }
            rest = after;
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
    let unbracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host = match unbracketed.unwrap_or(host) {
        "" => "localhost",
        host => host,
    };
    Ok(Endpoint {
        host: host.into(),
        port,
    })
}

fn check_scheme(scheme: &str, protocol: SecurityProtocol) -> Result<(), String> {
    if scheme.is_empty() {
        return Err("empty protocol name".into());
    }
    let scheme = scheme.to_uppercase();
    let known = SecurityProtocol::ALL
        .iter()
        .find(|known| known.name().eq_ignore_ascii_case(&scheme));
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
    let digits = port
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    (host, digits.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brokers(list: &str) -> Vec<String> {
        let parsed = BrokerList::parse(list, SecurityProtocol::Plaintext);
        assert_eq!(parsed.warnings, []);
        parsed
            .endpoints
            .iter()
            .map(|broker| format!("{}|{}", broker.host, broker.port))
            .collect()
    }

    fn warning(list: &str) -> (usize, String) {
        let parsed = BrokerList::parse(list, SecurityProtocol::Plaintext);
        (parsed.endpoints.len(), parsed.warnings[0].text.clone())
    }

    #[test]
    fn a_port_left_out_is_9092() {
        assert_eq!(brokers("kafka"), ["kafka|9092"]);
        assert_eq!(brokers("kafka:1,other"), ["kafka|1", "other|9092"]);
    }

    #[test]
    fn empty_entries_and_spaces_between_entries_do_not_count() {
        assert_eq!(brokers(" ,a:1,, b:2,"), ["a|1", "b|2"]);
        assert_eq!(brokers(""), Vec::<String>::new());
    }

    #[test]
    fn a_broker_named_twice_is_one_broker() {
        assert_eq!(brokers("a:1,a:1,a"), ["a|1", "a|9092"]);
    }

    #[test]
    fn addresses_of_ipv6_are_understood() {
        assert_eq!(brokers("[::1]:19092"), ["::1|19092"]);
        assert_eq!(brokers("[::1]"), ["::1|9092"]);
        assert_eq!(brokers("fe80::1"), ["fe80::1|9092"]);
    }

    #[test]
    fn a_missing_host_is_localhost() {
        assert_eq!(brokers(":9093"), ["localhost|9093"]);
    }

    #[test]
    fn a_protocol_and_a_path_are_understood() {
        assert_eq!(
            brokers("plaintext://kafka:1/path,PLAINTEXT://b"),
            ["kafka|1", "b|9092"]
        );
    }

    #[test]
    fn reading_stops_at_an_entry_of_another_protocol() {
        let expected = "Broker name \"ssl://b,c\" parse error: protocol \"SSL\" does not match \
                        security.protocol setting \"plaintext\"";
        assert_eq!(warning("a,ssl://b,c"), (1, expected.into()));
        let expected = "Broker name \"foo://b\" parse error: unsupported protocol \"FOO\"";
        assert_eq!(warning("foo://b"), (0, expected.into()));
        let expected = "Broker name \"://b\" parse error: empty protocol name";
        assert_eq!(warning("://b"), (0, expected.into()));
    }

    #[test]
    fn what_is_no_port_is_port_0() {
        assert_eq!(brokers("a:b,c:99999,d:12x"), ["a|0", "c|0", "d|12"]);
    }
}
