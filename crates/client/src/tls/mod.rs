//! TLS: what `ssl.*` says, as a rustls configuration; the handshake; its failures in words.
//!
//! Everything is read once, when the client is made: a file that is missing or a key that does not fit is an error of
//! construction. [`identity`] reads certificates and keys, [`verify`] decides about the broker's certificate, [`words`]
//! says what went wrong. The handshake runs on a connection's task.

mod identity;
mod verify;
mod words;

use std::sync::Arc;

use rdkafka_client_core::conf::TlsConfig;
use rdkafka_client_core::io::{DisconnectReason, Endpoint};
use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub(crate) use words::reason;

#[cfg(feature = "fuzzing")]
pub(crate) fn common_names(subject: &[u8]) -> usize {
    verify::common_names(subject).count()
}

/// Why TLS cannot be set up, in words that name the property.
#[derive(Debug)]
pub(crate) struct TlsError(pub(crate) String);

/// Ready to secure connections.
#[derive(Debug, Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Read what the properties name.
    pub(crate) fn new(conf: &TlsConfig) -> Result<Self, TlsError> {
        let provider = Arc::new(provider(conf)?);
        let roots = identity::roots(conf.ca_location.as_deref(), conf.ca_pem.as_ref())?;
        let verifier = verify::verifier(conf, roots, &provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError(format!("ssl.cipher.suites: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match identity::own(conf)? {
            Some(own) => builder
                .with_client_auth_cert(own.chain, own.key)
                .map_err(|error| {
                    TlsError(format!(
                        "ssl.certificate and ssl.key cannot be used: {error}"
                    ))
                })?,
            None => builder.with_no_client_auth(),
        };
        Ok(Self(Arc::new(config)))
    }

    /// For the token endpoint: `https.ca.location`, `https.ca.pem`, else the system's certificates.
    pub(crate) fn for_https(location: Option<&str>, pem: Option<&str>) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let pem = pem.map(rdkafka_client_core::conf::Secret::new);
        let roots = identity::roots(location, pem.as_ref())?;
        let verifier = verify::strict(roots, &provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// Shake hands.
    pub(crate) async fn secure(
        &self,
        endpoint: &Endpoint,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, DisconnectReason> {
        let name =
            ServerName::try_from(endpoint.host.to_string()).map_err(|_| DisconnectReason::Tls {
                error: format!("{} is not a name a certificate can be for", endpoint.host),
                closed: false,
            })?;
        let connector = TlsConnector::from(Arc::clone(&self.0));
        let secured = connector.connect(name, stream).await;
        secured.map_err(|error| words::of_handshake(&error))
    }
}

/// The algorithms, as far as `ssl.cipher.suites` and `ssl.curves.list` choose among them.
fn provider(conf: &TlsConfig) -> Result<CryptoProvider, TlsError> {
    let mut provider = rustls::crypto::ring::default_provider();
    if let Some(list) = non_empty(conf.cipher_suites.as_deref()) {
        let known = provider.cipher_suites.clone();
        provider
            .cipher_suites
            .retain(|suite| names(list).any(|name| is_suite(name, suite.suite())));
        if provider.cipher_suites.is_empty() {
            let known: Vec<_> = known.iter().map(|it| suite_name(it.suite())).collect();
            return Err(TlsError(format!(
                "ssl.cipher.suites failed: no cipher match in `{list}`; there are {}",
                known.join(", ")
            )));
        }
    }
    if let Some(list) = non_empty(conf.curves_list.as_deref()) {
        let is_wanted = |group: rustls::NamedGroup| {
            names(list).any(|name| match name.to_ascii_lowercase().as_str() {
                "x25519" => group == rustls::NamedGroup::X25519,
                "p-256" | "prime256v1" | "secp256r1" => group == rustls::NamedGroup::secp256r1,
                "p-384" | "secp384r1" => group == rustls::NamedGroup::secp384r1,
                _ => false,
            })
        };
        provider.kx_groups.retain(|group| is_wanted(group.name()));
        if provider.kx_groups.is_empty() {
            return Err(TlsError(format!(
                "ssl.curves.list failed: none of `{list}` is known; there are X25519, P-256, P-384"
            )));
        }
    }
    Ok(provider)
}

fn non_empty(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split([':', ',', ' '])
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// A suite's name in the standards.
fn suite_name(suite: rustls::CipherSuite) -> String {
    format!("{suite:?}").replace("TLS13_", "TLS_")
}

/// Whether a suite is meant by a name: TLS's (`TLS_AES_128_GCM_SHA256`) or OpenSSL's (`ECDHE-RSA-AES128-GCM-SHA256`).
fn is_suite(name: &str, suite: rustls::CipherSuite) -> bool {
    let known = suite_name(suite);
    let plain = |text: &str| {
        text.to_ascii_uppercase()
            .replace("TLS_", "")
            .replace("_WITH_", "_")
            .replace("POLY1305_SHA256", "POLY1305")
            .replace(['-', '_'], "")
    };
    plain(name) == plain(&known)
}

/// Whether a location of authorities may be one: that all are right is seen when they are wanted.
pub(crate) fn is_there(location: &str) -> bool {
    matches!(location, "" | "probe") || std::path::Path::new(location).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_found_by_both_names() {
        use rustls::CipherSuite as Suite;
        let rsa = Suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
        assert!(is_suite("ECDHE-RSA-AES128-GCM-SHA256", rsa));
        assert!(is_suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", rsa));
        assert!(is_suite(
            "TLS_AES_256_GCM_SHA384",
            Suite::TLS13_AES_256_GCM_SHA384
        ));
        let chacha = Suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
        assert!(is_suite("ECDHE-ECDSA-CHACHA20-POLY1305", chacha));
        assert!(!is_suite("RC4-SHA", rsa));
    }
}
