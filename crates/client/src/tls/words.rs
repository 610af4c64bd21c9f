//! Failures of TLS in words: what OpenSSL would say, where people search for that, and what to do about it.

use std::io;

use rdkafka_client_core::io::DisconnectReason;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

/// What to do about a certificate that is not believed.
const CA_HINT: &str = "broker certificate could not be verified, verify that ssl.ca.location is correctly configured \
                       or root CA certificates are installed (install ca-certificates package)";
/// What to do when the broker does not believe us.
const CLIENT_HINT: &str = "client SSL authentication might be required (see ssl.key.location and \
                           ssl.certificate.location and consult the broker logs for more information)";

/// Why a handshake failed.
pub(super) fn of_handshake(error: &io::Error) -> DisconnectReason {
    if let Some(reason) = reason(error) {
        return reason;
    }
    let words = match error.kind() {
        io::ErrorKind::UnexpectedEof => "Disconnected: connection closed by peer".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            "Disconnected: connection reset by peer".to_owned()
        }
        _ => {
            let error = format!("SSL transport error: {}", crate::connect::words(error));
            return DisconnectReason::Tls {
                error,
                closed: false,
            };
        }
    };
    DisconnectReason::Tls {
        error: words,
        closed: true,
    }
}

/// The reason, when TLS itself complains; in TLS 1.3 a broker refuses a client's certificate after the handshake.
pub(crate) fn reason(error: &io::Error) -> Option<DisconnectReason> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    Some(DisconnectReason::Tls {
        error: words(error),
        closed: false,
    })
}

fn words(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate_words(error),
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::MessageTooLarge,
        ) => "wrong version number: connecting to a PLAINTEXT broker listener?".to_owned(),
        Error::AlertReceived(alert) => {
            let name = alert_name(*alert);
            let wants_certificate = matches!(
                alert,
                AlertDescription::CertificateRequired
                    | AlertDescription::BadCertificate
                    | AlertDescription::CertificateUnknown
                    | AlertDescription::UnknownCA
                    | AlertDescription::HandshakeFailure
                    | AlertDescription::CertificateExpired
                    | AlertDescription::AccessDenied
            );
            if wants_certificate {
                format!("alert {name} from the broker: {CLIENT_HINT}")
            } else {
                format!("alert {name} from the broker")
            }
        }
        error => error.to_string(),
    }
}

fn certificate_words(error: &CertificateError) -> String {
    let what = match error {
        CertificateError::UnknownIssuer => "unable to get local issuer certificate".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            return "certificate verify failed: certificate has expired: renew the broker's certificate, or its \
                    authority's"
                .to_owned();
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            return "certificate verify failed: certificate is not yet valid: is the clock right?"
                .to_owned();
        }
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            return format!(
                "certificate verify failed: hostname mismatch: the broker is {}, its certificate is for {} (see \
                 ssl.endpoint.identification.algorithm)",
                expected.to_str(),
                if presented.is_empty() {
                    "nobody".to_owned()
                } else {
                    let names: Vec<_> = presented.iter().map(|name| bare_name(name)).collect();
                    names.join(", ")
                }
            );
        }
        CertificateError::NotValidForName => {
            return "certificate verify failed: hostname mismatch (see ssl.endpoint.identification.algorithm)".to_owned();
        }
        CertificateError::Revoked => {
            return "certificate verify failed: certificate revoked (see ssl.crl.location)"
                .to_owned();
        }
        error => error.to_string(),
    };
    format!("certificate verify failed: {what}: {CA_HINT}")
}

/// The name within `DnsName("...")`, as the library writes those of certificates.
fn bare_name(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner);
    inner.trim_matches(['"', ')'])
}

/// `CertificateRequired` as `certificate required`.
fn alert_name(alert: AlertDescription) -> String {
    let camel = format!("{alert:?}");
    let mut words = String::new();
    let mut was_lower = false;
    for character in camel.chars() {
        if character.is_ascii_uppercase() && was_lower {
            words.push(' ');
        }
        was_lower = character.is_ascii_lowercase();
        words.push(character.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_certificates_are_written_bare() {
        assert_eq!(bare_name("DnsName(\"a.example\")"), "a.example");
        assert_eq!(bare_name("IpAddress(127.0.0.1)"), "127.0.0.1");
        assert_eq!(bare_name("a.example"), "a.example");
    }

    #[test]
    fn alerts_are_named_in_words() {
        assert_eq!(
            alert_name(AlertDescription::CertificateRequired),
            "certificate required"
        );
        assert_eq!(alert_name(AlertDescription::UnknownCA), "unknown ca");
    }
}
