//! Certificates and keys, from files and from properties.
//!
//! PEM and DER, PKCS#8 with or without a password, PKCS#12. Read once, on the application's thread.

use std::fs;
use std::path::Path;

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use rdkafka_client_core::conf::{Secret, TlsConfig};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer,
};

use super::{TlsError, non_empty};

/// The client's own certificate, its issuers behind it, and its key.
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// Who may have signed the broker's certificate: a file, a directory or PEM; the system's certificates otherwise.
pub(super) fn roots(
    location: Option<&str>,
    pem: Option<&Secret>,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let location = non_empty(location).filter(|location| *location != "probe");
    let mut roots = Vec::new();
    if let Some(location) = location {
        let path = Path::new(location);
        if path.is_dir() {
            roots.extend(directory(path)?);
        } else {
            roots.extend(certificates(
                "ssl.ca.location",
                &read("ssl.ca.location", location)?,
            )?);
        }
        if roots.is_empty() {
            return Err(TlsError(format!(
                "ssl.ca.location failed: no certificate in {location}"
            )));
        }
    }
    if let Some(pem) = pem {
        let found = certificates("ssl.ca.pem", pem.reveal().as_bytes())?;
        if found.is_empty() {
            return Err(TlsError(
                "ssl.ca.pem failed: no certificate in it".to_owned(),
            ));
        }
        roots.extend(found);
    }
    if location.is_none() && pem.is_none() {
        roots = rustls_native_certs::load_native_certs().certs;
    }
    Ok(roots)
}

/// Every certificate in a directory; what is none is left alone.
fn directory(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |error| {
        TlsError(format!(
            "ssl.ca.location failed: {}: {error}",
            path.display()
        ))
    };
    let mut roots = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if let Ok(bytes) = fs::read(&file) {
            roots.extend(certificates("ssl.ca.location", &bytes).unwrap_or_default());
        }
    }
    Ok(roots)
}

/// `ssl.crl.location`.
pub(super) fn revocations(
    location: &str,
) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let bytes = read("ssl.crl.location", location)?;
    let lists = CertificateRevocationListDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    match lists {
        Ok(lists) if !lists.is_empty() => Ok(lists),
        Ok(_) => Err(TlsError(format!(
            "ssl.crl.location failed: no revocation list in {location}"
        ))),
        Err(error) => Err(TlsError(format!("ssl.crl.location failed: {error}"))),
    }
}

/// What the client shows of itself, if anything.
pub(super) fn own(conf: &TlsConfig) -> Result<Option<Identity>, TlsError> {
    if let Some(location) = non_empty(conf.keystore_location.as_deref()) {
        return keystore(location, conf.keystore_password.as_ref()).map(Some);
    }
    let chain = if let Some(pem) = non_empty(conf.certificate_pem.as_deref()) {
        Some(certificates("ssl.certificate.pem", pem.as_bytes())?)
    } else if let Some(location) = non_empty(conf.certificate_location.as_deref()) {
        let name = "ssl.certificate.location";
        Some(certificates(name, &read(name, location)?)?)
    } else {
        None
    };
    let key = if let Some(pem) = &conf.key_pem {
        let bytes = pem.reveal().as_bytes();
        Some(key("ssl.key.pem", bytes, conf.key_password.as_ref())?)
    } else if let Some(location) = &conf.key_location {
        let name = "ssl.key.location";
        let bytes = read(name, location.reveal())?;
        Some(key(name, &bytes, conf.key_password.as_ref())?)
    } else {
        None
    };
    match (chain, key) {
        (None, None) => Ok(None),
        (Some(chain), Some(key)) if !chain.is_empty() => Ok(Some(Identity { chain, key })),
        (Some(_), Some(_)) => Err(TlsError(
            "ssl.certificate failed: no certificate in it".to_owned(),
        )),
        (Some(_), None) => Err(TlsError(
            "ssl.certificate.* is set without its key: set ssl.key.location or ssl.key.pem".to_owned(),
        )),
        (None, Some(_)) => Err(TlsError(
            "ssl.key.* is set without its certificate: set ssl.certificate.location or ssl.certificate.pem"
                .to_owned(),
        )),
    }
}

fn read(name: &str, location: &str) -> Result<Vec<u8>, TlsError> {
    fs::read(location).map_err(|error| {
        let words = crate::connect::words(&error);
        TlsError(format!("{name} failed: {location}: {words}"))
    })
}

/// Certificates in PEM, or one in DER.
fn certificates(name: &str, bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(bytes.to_vec())]);
    }
    CertificateDer::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError(format!("{name} failed: {error}")))
}

/// A private key in PEM: PKCS#8 with or without a password, PKCS#1 or SEC1 without.
fn key(
    name: &str,
    bytes: &[u8],
    password: Option<&Secret>,
) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = String::from_utf8_lossy(bytes);
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(TlsError(format!(
            "{name} failed: the key is encrypted the old way; convert it with `openssl pkcs8 -topk8`"
        )));
    }
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") {
        let Some(password) = password else {
            return Err(TlsError(format!(
                "{name} failed: the key is encrypted, and ssl.key.password is not set"
            )));
        };
        let wrong = |why: &dyn std::fmt::Display| {
            TlsError(format!(
                "{name} failed: the key cannot be decrypted with ssl.key.password: {why}"
            ))
        };
        let (_, der) =
            pkcs8::SecretDocument::from_pem(pem_part(&text)).map_err(|why| wrong(&why))?;
        let encrypted =
            EncryptedPrivateKeyInfoRef::try_from(der.as_bytes()).map_err(|why| wrong(&why))?;
        let clear = encrypted
            .decrypt(password.reveal())
            .map_err(|why| wrong(&why))?;
        return Ok(PrivatePkcs8KeyDer::from(clear.as_bytes().to_vec()).into());
    }
    PrivateKeyDer::from_pem_slice(bytes)
        .map_err(|error| TlsError(format!("{name} failed: {error}")))
}

/// From the first `-----BEGIN ENCRYPTED PRIVATE KEY` to its end.
fn pem_part(text: &str) -> &str {
    const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
    let start = text.find("-----BEGIN ENCRYPTED").unwrap_or(0);
    let rest = &text[start..];
    rest.find(END).map_or(rest, |end| &rest[..end + END.len()])
}

fn keystore(location: &str, password: Option<&Secret>) -> Result<Identity, TlsError> {
    let bytes = read("ssl.keystore.location", location)?;
    let password = password.map(Secret::reveal).unwrap_or_default();
    let failed = |why: &dyn std::fmt::Display| {
        TlsError(format!(
            "ssl.keystore.location failed: {location}: {why} (is ssl.keystore.password right, and the file PKCS#12?)"
        ))
    };
    let store = KeyStore::from_pkcs12(&bytes, password, Pkcs12ImportPolicy::Relaxed)
        .map_err(|why| failed(&why))?;
    let (_, entry) = store
        .private_key_chain()
        .ok_or_else(|| failed(&"no private key with a certificate in it"))?;
    let chain = entry.certs().iter();
    Ok(Identity {
        chain: chain
            .map(|certificate| CertificateDer::from(certificate.as_der().to_vec()))
            .collect(),
        key: PrivatePkcs8KeyDer::from(entry.key().as_der().to_vec()).into(),
    })
}
