//! The client's parsers of what a token endpoint, a disk and a user write, for the fuzzer.

use rdkafka_client_core::conf::TlsConfig;

use crate::tls::Tls;
use crate::{consumer, http};

/// An answer of a token endpoint: status and body.
pub fn http_answer(bytes: &[u8]) -> Option<(u16, Vec<u8>)> {
    http::parse(bytes)
}

/// Whether a text is a URL of a token endpoint.
pub fn url(text: &str) -> bool {
    http::Url::parse(text).is_ok()
}

/// The offset in a file of `offset.store.method=file`.
pub fn offset_file(text: &str) -> Option<i64> {
    consumer::offset_file::parse(text)
}

/// Certificates and keys in PEM.
pub fn tls(conf: &TlsConfig) -> bool {
    Tls::new(conf).is_ok()
}

/// The common names in a subject.
pub fn common_names(subject: &[u8]) -> usize {
    crate::tls::common_names(subject)
}
