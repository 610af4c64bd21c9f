//! What this client cannot do, in one place: setting such a thing is an error when a client is made.
//!
//! A property whose meaning is missing is never skipped silently. A part of the client that learns one
//! of these switches its constant on; the property page and `builtin.features` follow.

use super::choices::{DnsLookup, GroupProtocol, OffsetStoreMethod, QueuingStrategy};
use super::client_config::{ClientConfig, ClientKind, TopicConfig};
use super::error::ConfError;

/// TLS connections.
pub(super) const TLS: bool = false;
/// SASL authentication by PLAIN, SCRAM and OAUTHBEARER.
pub(super) const SASL: bool = false;
/// Tokens from OpenID Connect endpoints.
pub(super) const OIDC: bool = false;
/// The cooperative assignor.
const COOPERATIVE_STICKY: bool = false;
/// The group protocol of KIP-848.
const CONSUMER_PROTOCOL: bool = false;

/// An error about a setting that nothing here gives a meaning to.
fn cannot(setting: &str, why: &str) -> ConfError {
    ConfError::incompatible(format!(
        "`{setting}` cannot be honoured by this client: {why}"
    ))
}

/// Refuses what no part of the client can do, security left aside.
pub(super) fn check(config: &ClientConfig) -> Result<(), ConfError> {
    if config.socket.dns_lookup == DnsLookup::ResolveCanonicalBootstrapServersOnly {
        let why = "it serves Kerberos, which is not part of it; use `use_all_dns_ips`";
        return Err(cannot(
            "client.dns.lookup=resolve_canonical_bootstrap_servers_only",
            why,
        ));
    }
    if config.kind == ClientKind::Consumer {
        check_group(config)?;
    }
    Ok(())
}

fn check_group(config: &ClientConfig) -> Result<(), ConfError> {
    let group = &config.group;
    if !CONSUMER_PROTOCOL && group.protocol == GroupProtocol::Consumer {
        return Err(cannot(
            "group.protocol=consumer",
            "it knows the `classic` protocol only",
        ));
    }
    if !COOPERATIVE_STICKY
        && group
            .assignors
            .iter()
            .any(|assignor| assignor.is_cooperative())
    {
        let why = "it knows `range` and `roundrobin` only";
        return Err(cannot(
            "partition.assignment.strategy=cooperative-sticky",
            why,
        ));
    }
    Ok(())
}

/// Refuses what cannot be done for a topic.
pub(super) fn check_topic(kind: ClientKind, config: &TopicConfig) -> Result<(), ConfError> {
    match kind {
        ClientKind::Producer if config.queuing_strategy == QueuingStrategy::Lifo => Err(cannot(
            "queuing.strategy=lifo",
            "records are encoded in the order they come",
        )),
        ClientKind::Consumer if config.offset_store_method == OffsetStoreMethod::File => {
            Err(cannot(
                "offset.store.method=file",
                "offsets are kept on the broker only; use `broker` and a `group.id`",
            ))
        }
        _ => Ok(()),
    }
}

/// Refuses TLS and SASL while they are missing.
pub(super) fn check_security(config: &ClientConfig) -> Result<(), ConfError> {
    let protocol = config.security.protocol;
    let setting = format!("security.protocol={}", protocol.name());
    if !TLS && protocol.uses_tls() {
        return Err(cannot(&setting, "TLS is not part of it"));
    }
    if !SASL && protocol.uses_sasl() {
        return Err(cannot(&setting, "SASL is not part of it"));
    }
    Ok(())
}

/// Refuses OpenSSL's and librdkafka's ways to load foreign code.
pub(super) fn no_foreign_code(setting: &str) -> ConfError {
    cannot(setting, "it loads no foreign libraries")
}
