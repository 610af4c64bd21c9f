//! What this client cannot do, in one place: setting such a thing is an error when a client is made.
//!
//! A property whose meaning is missing is never skipped silently. The part of the client that learns one
//! of these takes its entry out (or switches its constant on); the page and `builtin.features` follow.

use super::choices::{DnsLookup, GroupProtocol, QueuingStrategy};
use super::client_config::{ClientConfig, ClientKind, TopicConfig};
use super::error::ConfError;

/// TLS connections.
pub(super) const TLS: bool = true;
/// SASL authentication by PLAIN, SCRAM and OAUTHBEARER.
pub(super) const SASL: bool = true;
/// Tokens from OpenID Connect endpoints.
pub(super) const OIDC: bool = true;
/// The group protocol of KIP-848.
const CONSUMER_PROTOCOL: bool = true;

/// A setting that nothing here gives a meaning to.
pub(super) struct Missing {
    setting: &'static str,
    why: &'static str,
}

impl Missing {
    pub(super) fn error(&self) -> ConfError {
        let Self { setting, why } = self;
        ConfError::missing(format!(
            "`{setting}` cannot be honoured by this client: {why}"
        ))
    }
}

const CONSUMER_GROUPS: Missing = Missing {
    setting: "group.protocol=consumer",
    why: "it knows the `classic` protocol only",
};
const CANONICAL_NAMES: Missing = Missing {
    setting: "client.dns.lookup=resolve_canonical_bootstrap_servers_only",
    why: "it serves Kerberos, which is not part of it; use `use_all_dns_ips`",
};
const LIFO: Missing = Missing {
    setting: "queuing.strategy=lifo",
    why: "records are encoded in the order they come",
};
pub(super) const GSSAPI: Missing = Missing {
    setting: "sasl.mechanism=GSSAPI",
    why: "Kerberos is not part of it; use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
};
pub(super) const JWT_BEARER: Missing = Missing {
    setting: "sasl.oauthbearer.grant.type=urn:ietf:params:oauth:grant-type:jwt-bearer",
    why: "it asks token endpoints by `client_credentials`; make the token yourself and hand it over in \
          setOauthbearerTokenRefreshCb()",
};
pub(super) const METADATA_AUTHENTICATION: Missing = Missing {
    setting: "sasl.oauthbearer.metadata.authentication.type",
    why: "it knows no cloud's metadata service; get the token yourself and hand it over in \
          setOauthbearerTokenRefreshCb()",
};
pub(super) const PLUGINS: Missing = Missing {
    setting: "plugin.library.paths",
    why: "it loads no foreign libraries",
};
pub(super) const PROVIDERS: Missing = Missing {
    setting: "ssl.providers",
    why: "it has no OpenSSL",
};
pub(super) const SIGALGS: Missing = Missing {
    setting: "ssl.sigalgs.list",
    why: "its TLS library offers those that are considered safe, and no others",
};
pub(super) const ENGINE: Missing = Missing {
    setting: "ssl.engine.location",
    why: "it has no OpenSSL",
};

/// Everything missing, as lines of a Markdown list.
pub(super) fn page() -> String {
    let always = [
        CANONICAL_NAMES,
        LIFO,
        GSSAPI,
        JWT_BEARER,
        METADATA_AUTHENTICATION,
        PLUGINS,
        PROVIDERS,
        ENGINE,
        SIGALGS,
    ];
    let for_now = [(CONSUMER_PROTOCOL, CONSUMER_GROUPS)];
    let for_now = for_now
        .into_iter()
        .filter(|(is_here, _)| !is_here)
        .map(|(_, missing)| missing);
    for_now
        .chain(always)
        .map(|Missing { setting, why }| format!("* `{setting}`: {why}.\n"))
        .collect()
}

/// Refuses what no part of the client can do, security and topics left aside.
pub(super) fn check(config: &ClientConfig) -> Result<(), ConfError> {
    if config.socket.dns_lookup == DnsLookup::ResolveCanonicalBootstrapServersOnly {
        return Err(CANONICAL_NAMES.error());
    }
    let is_new_group = config.group.protocol == GroupProtocol::Consumer;
    if config.kind == ClientKind::Consumer && is_new_group && !CONSUMER_PROTOCOL {
        return Err(CONSUMER_GROUPS.error());
    }
    Ok(())
}

/// Refuses what cannot be done for a topic.
pub(super) fn check_topic(kind: ClientKind, config: &TopicConfig) -> Result<(), ConfError> {
    match kind {
        ClientKind::Producer if config.queuing_strategy == QueuingStrategy::Lifo => {
            Err(LIFO.error())
        }
        _ => Ok(()),
    }
}
