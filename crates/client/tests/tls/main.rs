//! Clients over TLS, against a server within the test: whom they believe, what they show, how failures are told.
#![allow(clippy::unwrap_used, reason = "tests")]

mod believe;
mod certificates;
mod front;
#[path = "../support/mod.rs"]
mod support;
mod transfer;

use std::sync::Arc;

use rdkafka_client::conf::ClientKind;
use rdkafka_client::{Client, ErrorCode, MetadataScope};
use rustls::DEFAULT_VERSIONS;

use certificates::{Authority, Certified, Folder};
use front::{Front, Manner};
use support::{PATIENCE_MS, Seen, conf, never, options, poll_until, producer};

/// A server that shows a certificate.
fn serving(certified: &Certified) -> Manner {
    Manner::Serve(
        Arc::new(certified.server(None, DEFAULT_VERSIONS)),
        16 * 1024,
    )
}

/// The properties of a client that connects by TLS.
fn with_tls<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut properties = vec![("security.protocol", "ssl")];
    properties.extend(more);
    properties
}

/// Connect and ask for metadata.
fn connect(address: &str, properties: &[(&str, &str)]) -> Result<(), ErrorCode> {
    let client = producer(address, properties);
    let metadata = client.metadata(MetadataScope::All, PATIENCE_MS, &never);
    metadata.map(|metadata| assert_eq!(metadata.topics.len(), 1))
}

/// The first error a client of this address tells its application of, and what its questions end with.
fn refused(address: &str, properties: &[(&str, &str)]) -> (ErrorCode, String, ErrorCode) {
    let client = producer(address, properties);
    let asked = client
        .metadata(MetadataScope::All, PATIENCE_MS, &never)
        .unwrap_err();
    let mut seen = Seen::default();
    poll_until(&client, &mut seen, |seen| !seen.errors.is_empty());
    let first = seen.errors.swap_remove(0);
    (first.code, first.text, asked)
}

/// Why no client can be made.
fn not_made(properties: &[(&str, &str)]) -> String {
    let made = Client::new(
        ClientKind::Producer,
        &conf("127.0.0.1:1", properties),
        options(),
    );
    made.unwrap_err().text
}

#[test]
fn a_client_shows_its_certificate_from_files_strings_encrypted_keys_and_pkcs12() {
    let authority = Authority::new("CA");
    let own = authority.issue(&certificates::subject("client"));
    let folder = Folder::new();
    let ca = folder.file("ca.pem", authority.pem());
    let certificate = folder.file("client.pem", &own.pem);
    let key = folder.file("client.key", own.key.serialize_pem());
    let encrypted = folder.file("encrypted.key", own.encrypted_key("secret"));
    let store = folder.file("client.p12", own.pkcs12("secret"));
    let (pem, key_pem) = (own.pem.as_str(), own.key.serialize_pem());
    let (of_cert, of_key) = ("ssl.certificate.location", "ssl.key.location");
    let ways: [&[(&str, &str)]; 4] = [
        &[(of_cert, &certificate), (of_key, &key)],
        &[("ssl.certificate.pem", pem), ("ssl.key.pem", &key_pem)],
        &[
            (of_cert, &certificate),
            (of_key, &encrypted),
            ("ssl.key.password", "secret"),
        ],
        &[
            ("ssl.keystore.location", &store),
            ("ssl.keystore.password", "secret"),
        ],
    ];
    let broker = authority.issue_local();
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        let server = broker.server(Some(&authority), versions);
        let front = Front::start("127.0.0.1", Manner::Serve(Arc::new(server), 4096));
        for way in ways {
            let mut properties = with_tls(&[("ssl.ca.location", &ca)]);
            properties.extend(way);
            assert_eq!(connect(&front.address(), &properties), Ok(()), "{way:?}");
        }
    }
}

#[test]
fn a_client_without_the_certificate_that_is_required_learns_it() {
    let (authority, other) = (Authority::new("CA"), Authority::new("other"));
    let broker = authority.issue_local();
    let ca = authority.pem();
    let stranger = other.issue(&certificates::subject("client"));
    let key = stranger.key.serialize_pem();
    let nothing = with_tls(&[("ssl.ca.pem", &ca)]);
    let wrong = with_tls(&[
        ("ssl.ca.pem", &ca),
        ("ssl.certificate.pem", &stranger.pem),
        ("ssl.key.pem", &key),
    ]);
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        let server = broker.server(Some(&authority), versions);
        let front = Front::start("127.0.0.1", Manner::Serve(Arc::new(server), 4096));
        for properties in [&nothing, &wrong] {
            let (code, text, asked) = refused(&front.address(), properties);
            assert_eq!((code, asked), (ErrorCode::_SSL, ErrorCode::_SSL), "{text}");
            assert!(
                text.contains("client SSL authentication might be required"),
                "{text}"
            );
        }
    }
}

#[test]
fn what_cannot_be_used_is_an_error_of_the_property() {
    let authority = Authority::new("CA");
    let own = authority.issue(&certificates::subject("client"));
    let other = authority.issue(&certificates::subject("other"));
    let folder = Folder::new();
    let encrypted = own.encrypted_key("secret");
    let store = folder.file("client.p12", own.pkcs12("secret"));
    let empty = folder.file("empty.pem", "");
    let key = own.key.serialize_pem();
    let other_key = other.key.serialize_pem();
    let certificate = ("ssl.certificate.pem", own.pem.as_str());
    let cases: [(&[(&str, &str)], &str); 14] = [
        (&[("ssl.ca.location", "/nonexistent")], "ssl.ca.location"),
        (&[("ssl.ca.location", &empty)], "ssl.ca.location"),
        (&[("ssl.ca.pem", "hello")], "ssl.ca.pem"),
        (&[certificate], "ssl.key.location"),
        (&[("ssl.key.pem", &key)], "ssl.certificate.location"),
        (&[certificate, ("ssl.key.pem", "hello")], "ssl.key.pem"),
        (&[certificate, ("ssl.key.pem", &other_key)], "ssl.key"),
        (
            &[certificate, ("ssl.key.pem", &encrypted)],
            "ssl.key.password is not set",
        ),
        (
            &[
                certificate,
                ("ssl.key.pem", &encrypted),
                ("ssl.key.password", "wrong"),
            ],
            "ssl.key.password",
        ),
        (
            &[
                ("ssl.keystore.location", &store),
                ("ssl.keystore.password", "wrong"),
            ],
            "ssl.keystore.password",
        ),
        (
            &[("ssl.keystore.location", "/nonexistent")],
            "ssl.keystore.location",
        ),
        (&[("ssl.crl.location", &empty)], "ssl.crl.location"),
        (&[("ssl.cipher.suites", "RC4-SHA")], "ssl.cipher.suites"),
        (&[("ssl.curves.list", "brainpool")], "ssl.curves.list"),
    ];
    for (properties, words) in cases {
        let text = not_made(&with_tls(properties));
        assert!(text.contains(words), "{properties:?}: {text}");
    }
}

#[test]
fn a_plain_text_client_is_told_that_the_listener_speaks_tls() {
    let authority = Authority::new("CA");
    let front = Front::start("127.0.0.1", serving(&authority.issue_local()));
    let (code, text, asked) = refused(&front.address(), &[]);
    assert_eq!((code, asked), (ErrorCode::_SSL, ErrorCode::_SSL), "{text}");
    assert!(text.contains("security.protocol must be ssl"), "{text}");
}

#[test]
fn a_tls_client_is_told_that_the_listener_may_speak_plain_text() {
    let authority = Authority::new("CA");
    let front = Front::start("127.0.0.1", serving(&authority.issue_local()));
    let cut = Front::start("127.0.0.1", Manner::Cut);
    for address in [front.behind(), cut.address()] {
        let client = producer(&address, &with_tls(&[]));
        let mut seen = Seen::default();
        poll_until(&client, &mut seen, |seen| !seen.errors.is_empty());
        let text = &seen.errors[0].text;
        assert!(
            text.contains("connecting to a PLAINTEXT broker listener?"),
            "{text}"
        );
    }
}

#[test]
fn a_handshake_that_is_never_answered_ends_with_the_connections_setup() {
    let front = Front::start("127.0.0.1", Manner::Silent);
    let properties = with_tls(&[("socket.connection.setup.timeout.ms", "1000")]);
    let client = producer(&front.address(), &properties);
    let mut seen = Seen::default();
    poll_until(&client, &mut seen, |seen| !seen.errors.is_empty());
    let text = &seen.errors[0].text;
    assert!(text.contains("timed out in state SSL_HANDSHAKE"), "{text}");
}
