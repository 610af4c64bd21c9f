//! Why a connection failed, in words: close to librdkafka's, since people search for them.

use rdkafka_wire::ErrorCode;

use super::{Broker, State};
use crate::effects::Effects;
use crate::io::{DisconnectReason, Moment};

/// A connection that ends so soon after it came up was not welcome.
const SOON_MS: u128 = 2_000;

impl Broker {
    /// The code and the words for a connection that ended.
    pub(super) fn words(
        &self,
        now: Moment,
        reason: &DisconnectReason,
        fx: &Effects,
    ) -> (ErrorCode, String) {
        match reason {
            DisconnectReason::Resolve(error) => (
                ErrorCode::_RESOLVE,
                format!("Failed to resolve '{}': {error}", self.endpoint),
            ),
            DisconnectReason::Connect { address, error } => (
                ErrorCode::_TRANSPORT,
                format!("Connect to {address} failed: {error}"),
            ),
            DisconnectReason::Closed => (
                ErrorCode::_TRANSPORT,
                format!("Disconnected{}", self.hint(now, fx)),
            ),
            DisconnectReason::Io(error) => {
                (ErrorCode::_TRANSPORT, format!("Disconnected: {error}"))
            }
            DisconnectReason::Tls {
                error,
                closed: true,
            } => {
                let words = format!(
                    "SSL handshake failed: {error}: connecting to a PLAINTEXT broker listener?"
                );
                (ErrorCode::_TRANSPORT, words)
            }
            DisconnectReason::Tls { error, .. } => {
                (ErrorCode::_SSL, format!("SSL handshake failed: {error}"))
            }
            DisconnectReason::FrameSize(size) => {
                if is_tls_alert(*size) && !fx.conf.security.protocol.uses_tls() {
                    let words = "The broker answered with a TLS alert: security.protocol must be ssl or \
                                 sasl_ssl for this listener";
                    return (ErrorCode::_SSL, words.to_owned());
                }
                let max = fx.conf.receive_message_max_bytes;
                let words = format!(
                    "Invalid response size {size} (0..{max}): increase receive.message.max.bytes"
                );
                (ErrorCode::_BAD_MSG, words)
            }
        }
    }

    /// What may have made the peer go away, behind a colon.
    fn hint(&self, now: Moment, fx: &Effects) -> String {
        let protocol = fx.conf.security.protocol;
        match &self.state {
            State::Negotiating { .. } if protocol.uses_tls() => {
                ": requesting ApiVersion: might be caused by broker version < 0.10 (see \
                 api.version.request)"
                    .to_owned()
            }
            State::Negotiating { .. } => {
                ": requesting ApiVersion: might be caused by incorrect security.protocol configuration \
                 (connecting to a SSL listener?) or broker version is < 0.10 (see api.version.request)"
                    .to_owned()
            }
            State::Authenticating { .. } => {
                let mechanism = &fx.conf.security.sasl.mechanism;
                format!(": check client {mechanism} credentials and broker logs")
            }
            State::Up { since, .. }
                if now.since(*since).as_millis() < SOON_MS && !protocol.uses_sasl() =>
            {
                ": verify that security.protocol is correctly configured, broker might require SASL \
                 authentication"
                    .to_owned()
            }
            _ => String::new(),
        }
    }
}

/// Whether what was read as a length is the head of a TLS alert record: type 21, version 3.x.
fn is_tls_alert(size: i64) -> bool {
    size & !0xff_ffff == 0x1500_0000 && (size >> 16) & 0xff == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_tls_alert_is_told_from_lengths() {
        assert!(is_tls_alert(0x1503_0300));
        assert!(is_tls_alert(0x1503_0100));
        assert!(!is_tls_alert(0x1603_0100));
        assert!(!is_tls_alert(-1));
        assert!(!is_tls_alert(1_000_000));
    }
}
