//! Whether a broker's certificate is believed.
//!
//! rustls' own verifier, softened where OpenSSL is softer and people rely on it: a certificate that was given as
//! trusted itself may be the broker's, even if it is an authority's; a certificate without alternative names may carry
//! the host as its common name. `ssl.endpoint.identification.algorithm=none` leaves the name out,
//! `enable.ssl.certificate.verification=false` everything but the proof that the broker holds its own key.

use std::sync::Arc;

use rdkafka_client_core::conf::{EndpointIdentification, TlsConfig};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::{TlsError, identity, non_empty};

#[derive(Debug)]
struct Verifier {
    /// `None`: nothing is verified, or nothing can be believed.
    chain: Option<Arc<WebPkiServerVerifier>>,
    verifies: bool,
    compares_names: bool,
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

/// As the properties say.
pub(super) fn verifier(
    conf: &TlsConfig,
    roots: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let revocations = match non_empty(conf.crl_location.as_deref()) {
        Some(location) => identity::revocations(location)?,
        None => Vec::new(),
    };
    Ok(Arc::new(Verifier {
        chain: chain(&roots, revocations, provider)?,
        verifies: conf.verify_certificate,
        compares_names: conf.endpoint_identification == EndpointIdentification::Https,
        roots,
        provider: Arc::clone(provider),
    }))
}

/// Everything is verified.
pub(super) fn strict(
    roots: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    Ok(Arc::new(Verifier {
        chain: chain(&roots, Vec::new(), provider)?,
        verifies: true,
        compares_names: true,
        roots,
        provider: Arc::clone(provider),
    }))
}

fn chain(
    roots: &[CertificateDer<'static>],
    revocations: Vec<rustls::pki_types::CertificateRevocationListDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<WebPkiServerVerifier>>, TlsError> {
    let mut store = RootCertStore::empty();
    let (taken, _) = store.add_parsable_certificates(roots.iter().cloned());
    if taken == 0 {
        return Ok(None);
    }
    let has_revocations = !revocations.is_empty();
    let mut builder =
        WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
            .with_crls(revocations);
    if has_revocations {
        builder = builder.allow_unknown_revocation_status();
    }
    let built = builder.build();
    built.map(Some).map_err(|error| {
        TlsError(format!(
            "ssl.ca.location or ssl.crl.location failed: {error}"
        ))
    })
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if !self.verifies {
            return Ok(ServerCertVerified::assertion());
        }
        let Some(chain) = &self.chain else {
            return Err(CertificateError::UnknownIssuer.into());
        };
        let result =
            chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        if let Err(Error::InvalidCertificate(error)) = &result {
            match error {
                // The chain was verified before the name.
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. }
                    if !self.compares_names || is_common_name(end_entity, server_name) =>
                {
                    return Ok(ServerCertVerified::assertion());
                }
                // Its dates were verified before that.
                CertificateError::Other(other)
                    if is_authority(other) && self.roots.iter().any(|root| root == end_entity) =>
                {
                    return self.verify_name(end_entity, server_name);
                }
                _ => {}
            }
        }
        result
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl Verifier {
    fn verify_name(
        &self,
        end_entity: &CertificateDer<'_>,
        server_name: &ServerName<'_>,
    ) -> Result<ServerCertVerified, Error> {
        if self.compares_names && !is_common_name(end_entity, server_name) {
            let parsed = rustls::server::ParsedCertificate::try_from(end_entity)?;
            rustls::client::verify_server_name(&parsed, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }
}

fn is_authority(error: &rustls::OtherError) -> bool {
    let error = error.0.downcast_ref::<webpki::Error>();
    matches!(error, Some(webpki::Error::CaUsedAsEndEntity))
}

/// Whether a certificate without alternative names has the host as its common name. Addresses are never looked for there.
fn is_common_name(certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    /// subjectAltName, as an object identifier in DER.
    const ALTERNATIVE_NAMES: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x11];
    let ServerName::DnsName(wanted) = name else {
        return false;
    };
    // Anywhere, even where it means something else: then the common name is not asked.
    let has_alternatives = certificate
        .windows(ALTERNATIVE_NAMES.len())
        .any(|window| window == ALTERNATIVE_NAMES);
    let Ok(parsed) = webpki::EndEntityCert::try_from(certificate) else {
        return false;
    };
    !has_alternatives && common_names(parsed.subject()).any(|it| is_for(it, wanted.as_ref()))
}

/// Whether a common name, perhaps `*.` and a domain of two labels or more, is for a host.
fn is_for(common_name: &str, host: &str) -> bool {
    let is_below = |domain: &str| {
        let rest = host.split_once('.').map(|(_, rest)| rest);
        domain.contains('.') && rest.is_some_and(|rest| rest.eq_ignore_ascii_case(domain))
    };
    common_name.eq_ignore_ascii_case(host) || common_name.strip_prefix("*.").is_some_and(is_below)
}

/// The common names in a subject (the contents of X.501's `Name`): sets of pairs of an object identifier and a string.
pub(super) fn common_names(subject: &[u8]) -> impl Iterator<Item = &str> {
    const SET: u8 = 0x31;
    const SEQUENCE: u8 = 0x30;
    const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    elements(subject)
        .filter(|&(tag, _)| tag == SET)
        .flat_map(|(_, set)| elements(set))
        .filter(|&(tag, _)| tag == SEQUENCE)
        .filter_map(|(_, pair)| {
            let mut pair = elements(pair);
            let (_, kind) = pair.next()?;
            let (_, text) = pair.next()?;
            (kind == COMMON_NAME).then(|| std::str::from_utf8(text).ok())?
        })
}

/// The elements of some DER, tag and contents, up to what makes no sense.
fn elements(mut der: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[tag, length], rest) = der.split_first_chunk::<2>()?;
        let (length, rest) = match length {
            0x81 => {
                let (&length, rest) = rest.split_first()?;
                (usize::from(length), rest)
            }
            0x82 => {
                let (&length, rest) = rest.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(length)), rest)
            }
            0x80.. => return None,
            length => (usize::from(length), rest),
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        der = rest;
        Some((tag, contents))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A set with one pair.
    fn named(kind: u8, text: &[u8]) -> Vec<u8> {
        let mut pair = vec![0x06, 0x03, 0x55, 0x04, kind, 0x0c, text.len() as u8];
        pair.extend(text);
        let mut set = vec![0x31, pair.len() as u8 + 2, 0x30, pair.len() as u8];
        set.extend(pair);
        set
    }

    #[test]
    fn every_common_name_of_a_subject_is_found() {
        let subject = [named(10, b"Org"), named(3, b"one"), named(3, b"two")].concat();
        assert_eq!(common_names(&subject).collect::<Vec<_>>(), ["one", "two"]);
    }

    #[test]
    fn what_looks_like_a_common_name_within_another_field_is_none() {
        let subject = named(10, b"\x06\x03\x55\x04\x03\x0c\x09localhost");
        assert_eq!(common_names(&subject).count(), 0);
    }

    #[test]
    fn a_subject_that_is_cut_short_has_no_names_and_no_panic() {
        let subject = [named(10, b"Org"), named(3, b"localhost")].concat();
        for length in 0..subject.len() {
            assert_eq!(common_names(&subject[..length]).count(), 0);
        }
        assert_eq!(
            common_names(&[0x31, 0x84, 0xff, 0xff, 0xff, 0xff]).count(),
            0
        );
    }

    #[test]
    fn stars_stand_for_one_label_below_a_domain() {
        assert!(is_for("Broker.Example.com", "broker.example.com"));
        assert!(is_for("*.example.com", "broker.example.com"));
        assert!(!is_for("*.example.com", "a.broker.example.com"));
        assert!(!is_for("*.example.com", "example.com"));
        assert!(!is_for("*.com", "example.com"));
        assert!(!is_for("*", "localhost"));
    }
}
