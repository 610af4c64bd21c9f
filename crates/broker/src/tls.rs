//! TLS of a listener: from Kafka's `ssl.` properties to what rustls serves with.
//!
//! Owns: reading keys and certificates (PEM, PKCS12, as files or as text), the protocol versions and cipher suites, whether
//! clients show certificates. Guarantees: a listener whose TLS cannot be served as asked is an error at start. What a
//! store is is seen from its bytes, as its declared type is often the default JKS; a real JKS is refused.

use std::sync::Arc;

use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use rdkafka_broker_core::conf::{ClientAuth, ListenerProperties, Secret};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// A certificate chain and its key.
type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// What rustls needs to serve a listener.
///
/// # Errors
/// A text that begins with the property that is wrong.
pub(crate) fn server_config(properties: &ListenerProperties) -> Result<Arc<ServerConfig>, String> {
    let provider = Arc::new(provider(properties)?);
    let (chain, key) = identity(properties)?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions(properties)?)
        .map_err(|error| format!("ssl.enabled.protocols: {error}"))?;
    let builder = match properties.ssl_client_auth {
        ClientAuth::None => builder.with_no_client_auth(),
        auth => builder.with_client_cert_verifier(verifier(properties, auth, provider)?),
    };
    let config = builder
        .with_single_cert(chain, key)
        .map_err(|error| format!("ssl.keystore.location: {error}"))?;
    Ok(Arc::new(config))
}

fn provider(properties: &ListenerProperties) -> Result<CryptoProvider, String> {
    let mut provider = rustls::crypto::ring::default_provider();
    let wanted = &properties.ssl_cipher_suites;
    if !wanted.is_empty() {
        let name = |suite| format!("{suite:?}").replace("TLS13_", "TLS_");
        provider
            .cipher_suites
            .retain(|suite| wanted.contains(&name(suite.suite())));
        if provider.cipher_suites.is_empty() {
            let known = rustls::crypto::ring::ALL_CIPHER_SUITES.iter();
            let known: Vec<String> = known.map(|suite| name(suite.suite())).collect();
            return Err(format!(
                "ssl.cipher.suites: none of them is known; known are {}",
                known.join(", ")
            ));
        }
    }
    Ok(provider)
}

/// Versions this listener speaks. Older ones are left out: they are broken, and Kafka's own default has none of them.
fn versions(
    properties: &ListenerProperties,
) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let mut versions = Vec::new();
    for name in &properties.ssl_enabled_protocols {
        match name.as_str() {
            "TLSv1.3" => versions.push(&rustls::version::TLS13),
            "TLSv1.2" => versions.push(&rustls::version::TLS12),
            "TLSv1.1" | "TLSv1" | "SSLv3" => {
                tracing::warn!("ssl.enabled.protocols: {name} is not safe and is not spoken");
            }
            other => {
                return Err(format!(
                    "ssl.enabled.protocols: {other:?} is no TLS version"
                ));
            }
        }
    }
    if versions.is_empty() {
        return Err("ssl.enabled.protocols: neither TLSv1.2 nor TLSv1.3 is among them".into());
    }
    Ok(versions)
}

fn verifier(
    properties: &ListenerProperties,
    auth: ClientAuth,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted(properties)? {
        roots
            .add(certificate)
            .map_err(|error| format!("ssl.truststore.location: {error}"))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = match auth {
        ClientAuth::Required => builder,
        _ => builder.allow_unauthenticated(),
    };
    builder
        .build()
        .map_err(|error| format!("ssl.truststore.location: {error}"))
}

fn identity(properties: &ListenerProperties) -> Result<Identity, String> {
    let key_password = properties.ssl_key_password.as_ref();
    let chain = &properties.ssl_keystore_certificate_chain;
    let key = &properties.ssl_keystore_key;
    if let (Some(chain), Some(key)) = (chain, key) {
        let chain = pem_certificates(chain.reveal().as_bytes())
            .map_err(|reason| format!("ssl.keystore.certificate.chain: {reason}"))?;
        let key = pem_key(key.reveal(), key_password)
            .map_err(|reason| format!("ssl.keystore.key: {reason}"))?;
        return Ok((chain, key));
    }
    if chain.is_some() || key.is_some() {
        return Err(
            "ssl.keystore.key: it and ssl.keystore.certificate.chain belong together".into(),
        );
    }
    let Some(path) = &properties.ssl_keystore_location else {
        return Err(
            "ssl.keystore.location: a TLS listener needs a certificate and its key; set it, or \
                    ssl.keystore.certificate.chain and ssl.keystore.key"
                .into(),
        );
    };
    let place = |reason: String| format!("ssl.keystore.location: {path}: {reason}");
    let bytes = std::fs::read(path).map_err(|error| place(error.to_string()))?;
    match Store::of(&bytes, &properties.ssl_keystore_type).map_err(place)? {
        Store::Pem(text) => {
            let chain = pem_certificates(text.as_bytes()).map_err(place)?;
            Ok((chain, pem_key(text, key_password).map_err(place)?))
        }
        Store::Pkcs12 => {
            let store = pkcs12(&bytes, properties.ssl_keystore_password.as_ref()).map_err(place)?;
            let (_, chain) = store.private_key_chain().ok_or_else(|| {
                place("there is no private key with its certificate in it".into())
            })?;
            let key = PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec());
            let certificates = chain.certs().iter();
            let certificates = certificates.map(|it| it.as_der().to_vec().into());
            Ok((certificates.collect(), key.into()))
        }
    }
}

fn trusted(properties: &ListenerProperties) -> Result<Vec<CertificateDer<'static>>, String> {
    if let Some(text) = &properties.ssl_truststore_certificates {
        return pem_certificates(text.reveal().as_bytes())
            .map_err(|reason| format!("ssl.truststore.certificates: {reason}"));
    }
    let Some(path) = &properties.ssl_truststore_location else {
        return Err("ssl.truststore.location: ssl.client.auth asks for certificates, and nothing says which to trust; set it, or \
                    ssl.truststore.certificates".into());
    };
    let place = |reason: String| format!("ssl.truststore.location: {path}: {reason}");
    let bytes = std::fs::read(path).map_err(|error| place(error.to_string()))?;
    match Store::of(&bytes, &properties.ssl_truststore_type).map_err(place)? {
        Store::Pem(text) => pem_certificates(text.as_bytes()).map_err(place),
        Store::Pkcs12 => {
            let password = properties.ssl_truststore_password.as_ref();
            let store = pkcs12(&bytes, password).map_err(place)?;
            let certificates = store.entries().filter_map(|(_, entry)| match entry {
                KeyStoreEntry::Certificate(it) => Some(it.as_der().to_vec().into()),
                _ => None,
            });
            Ok(certificates.collect())
        }
    }
}

/// What a store is.
enum Store<'a> {
    Pem(&'a str),
    Pkcs12,
}

impl<'a> Store<'a> {
    fn of(bytes: &'a [u8], declared: &str) -> Result<Self, String> {
        if !["PEM", "PKCS12", "JKS"].contains(&declared.to_ascii_uppercase().as_str()) {
            return Err(format!("{declared} is no type of store; use PEM or PKCS12"));
        }
        match bytes {
            [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => Err(
                "this is a JKS file, which only Java reads; convert it with `keytool -importkeystore \
                 -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12`"
                    .into(),
            ),
            [0x30, ..] => Ok(Self::Pkcs12),
            _ => match std::str::from_utf8(bytes) {
                Ok(text) if text.contains("-----BEGIN") => Ok(Self::Pem(text)),
                _ => Err("this is neither PEM nor PKCS12".into()),
            },
        }
    }
}

fn pkcs12(bytes: &[u8], password: Option<&Secret>) -> Result<KeyStore, String> {
    let password = password.map(Secret::reveal).unwrap_or_default();
    KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed).map_err(|error| {
        format!("the PKCS12 store cannot be opened: {error}; is its password right?")
    })
}

fn pem_certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    let certificates = certificates.map_err(|error| format!("a certificate is broken: {error}"))?;
    if certificates.is_empty() {
        return Err("there is no certificate in it".into());
    }
    Ok(certificates)
}

fn pem_key(text: &str, password: Option<&Secret>) -> Result<PrivateKeyDer<'static>, String> {
    let Some(at) = text.find(ENCRYPTED_BEGIN) else {
        return PrivateKeyDer::from_pem_slice(text.as_bytes())
            .map_err(|_| "there is no private key in it".to_owned());
    };
    let end = text[at..]
        .find(ENCRYPTED_END)
        .ok_or("the private key does not end")?;
    let block = &text[at..at + end + ENCRYPTED_END.len()];
    let Some(password) = password else {
        return Err("the private key is encrypted; set ssl.key.password".into());
    };
    let (_, document) = pkcs8::SecretDocument::from_pem(block)
        .map_err(|error| format!("the encrypted private key is broken: {error}"))?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .map_err(|error| format!("the encrypted private key is not known: {error}"))?;
    let plain = encrypted.decrypt(password.reveal()).map_err(|_| {
        "the private key cannot be decrypted; is ssl.key.password right?".to_owned()
    })?;
    Ok(PrivatePkcs8KeyDer::from(plain.as_bytes().to_vec()).into())
}

const ENCRYPTED_BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const ENCRYPTED_END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
