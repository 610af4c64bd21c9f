//! Whose certificates are believed.

use std::process::Command;

use rcgen::{BasicConstraints, IsCa, SanType, SerialNumber, date_time_ymd};
use rdkafka_client::ErrorCode;

use crate::certificates::{self, Authority, Certified, Folder, self_signed, subject};
use crate::front::Front;
use crate::{connect, refused, serving, with_tls};

/// Where the child of a test connects to.
const CHILD_ADDRESS: &str = "RDKAFKA_TEST_TLS_ADDRESS";

#[test]
fn authorities_come_from_a_file_a_folder_or_a_string() {
    let authority = Authority::new("CA");
    let front = Front::start("127.0.0.1", serving(&authority.issue_local()));
    let folder = Folder::new();
    let file = folder.file("ca.pem", authority.pem());
    folder.file("readme.txt", "not a certificate");
    let der = folder.file("ca.der", authority.der());
    let (pem, path) = (authority.pem(), folder.path());
    for property in [
        ("ssl.ca.location", &file),
        ("ssl.ca.location", &path),
        ("ssl.ca.location", &der),
        ("ssl.ca.pem", &pem),
    ] {
        let properties = with_tls(&[(property.0, property.1)]);
        assert_eq!(
            connect(&front.address(), &properties),
            Ok(()),
            "{property:?}"
        );
    }
}

#[test]
fn the_systems_authorities_are_believed_when_none_are_named() {
    if let Ok(address) = std::env::var(CHILD_ADDRESS) {
        assert_eq!(connect(&address, &with_tls(&[])), Ok(()));
        return;
    }
    let authority = Authority::new("CA");
    let front = Front::start("127.0.0.1", serving(&authority.issue_local()));
    let folder = Folder::new();
    let name = "believe::the_systems_authorities_are_believed_when_none_are_named";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(CHILD_ADDRESS, front.address())
        .env("SSL_CERT_FILE", folder.file("system.pem", authority.pem()))
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && output.contains("1 passed"),
        "{output}"
    );
}

/// A client that believes `roots` at a broker that shows `certified`: what it is told, if it does not connect.
fn meet(certified: &Certified, roots: &str, host: &str, more: &[(&str, &str)]) -> Option<String> {
    let front = Front::start(host, serving(certified));
    let address = if host == "localhost" {
        front.localhost()
    } else {
        front.address()
    };
    let mut properties = with_tls(&[("ssl.ca.pem", roots)]);
    properties.extend(more);
    if connect(&address, &properties).is_ok() {
        return None;
    }
    let (code, text, asked) = refused(&address, &properties);
    assert_eq!((code, asked), (ErrorCode::_SSL, ErrorCode::_SSL), "{text}");
    Some(text)
}

#[track_caller]
fn assert_told(told: Option<String>, words: &str) {
    let told = told.unwrap_or_else(|| "it connected".to_owned());
    assert!(told.contains(words), "{told}");
}

#[test]
fn certificates_of_unknown_authorities_are_not_believed_unless_nothing_is_verified() {
    let (authority, other) = (Authority::new("CA"), Authority::new("other"));
    let certified = authority.issue_local();
    let words = "certificate verify failed: unable to get local issuer certificate";
    assert_told(meet(&certified, &other.pem(), "127.0.0.1", &[]), words);
    // One that calls itself by the name of the authority is not it.
    let impostor = Authority::new("CA");
    let told = meet(&certified, &impostor.pem(), "127.0.0.1", &[]);
    assert_told(told, "certificate verify failed");
    let off = [("enable.ssl.certificate.verification", "false")];
    assert_eq!(meet(&certified, &other.pem(), "127.0.0.1", &off), None);
}

#[test]
fn names_are_compared_unless_told_not_to() {
    let authority = Authority::new("CA");
    let roots = authority.pem();
    let mut params = subject("localhost");
    params.subject_alt_names = vec![SanType::DnsName("elsewhere.example".try_into().unwrap())];
    let certified = authority.issue(&params);
    for host in ["localhost", "127.0.0.1"] {
        let told = meet(&certified, &roots, host, &[]);
        assert_told(told.clone(), "hostname mismatch");
        assert_told(told, "elsewhere.example");
    }
    let off = [("ssl.endpoint.identification.algorithm", "none")];
    assert_eq!(meet(&certified, &roots, "localhost", &off), None);
    // Not comparing names is not believing everybody.
    let other = Authority::new("other").pem();
    assert_told(
        meet(&certified, &other, "localhost", &off),
        "certificate verify failed",
    );
}

#[test]
fn a_common_name_counts_where_there_are_no_alternative_names() {
    let authority = Authority::new("CA");
    let roots = authority.pem();
    let named = authority.issue(&subject("localhost"));
    assert_eq!(meet(&named, &roots, "localhost", &[]), None);
    // An address is not a name.
    let address = authority.issue(&subject("127.0.0.1"));
    assert_told(
        meet(&address, &roots, "127.0.0.1", &[]),
        "hostname mismatch",
    );
    let other = authority.issue(&subject("elsewhere"));
    assert_told(meet(&other, &roots, "localhost", &[]), "hostname mismatch");
}

#[test]
fn dates_and_revocations_are_heeded() {
    let authority = Authority::new("CA");
    let roots = authority.pem();
    let dated = |from: i32, to: i32| {
        let mut params = certificates::local();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params
    };
    let expired = authority.issue(&dated(2000, 2001));
    assert_told(
        meet(&expired, &roots, "127.0.0.1", &[]),
        "certificate has expired",
    );
    let early = authority.issue(&dated(2200, 2300));
    assert_told(meet(&early, &roots, "127.0.0.1", &[]), "not yet valid");
    let mut params = certificates::local();
    params.serial_number = Some(SerialNumber::from(77));
    let certified = authority.issue(&params);
    let folder = Folder::new();
    let list = folder.file("crl.pem", authority.revoke(77));
    let told = meet(
        &certified,
        &roots,
        "127.0.0.1",
        &[("ssl.crl.location", &list)],
    );
    assert_told(told, "certificate revoked");
    let list = folder.file("other.pem", authority.revoke(78));
    let told = meet(
        &certified,
        &roots,
        "127.0.0.1",
        &[("ssl.crl.location", &list)],
    );
    assert_eq!(told, None);
}

#[test]
fn a_certificate_that_is_trusted_itself_may_be_the_brokers() {
    let mut authority = certificates::local();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for params in [certificates::local(), authority.clone()] {
        let certified = self_signed(&params);
        assert_eq!(meet(&certified, &certified.pem, "127.0.0.1", &[]), None);
        // Another one like it is not.
        let other = self_signed(&params);
        let told = meet(&certified, &other.pem, "127.0.0.1", &[]);
        assert_told(told, "certificate verify failed");
    }
    // It has to be for the host, and its dates have to be right.
    authority.subject_alt_names = vec![SanType::DnsName("elsewhere.example".try_into().unwrap())];
    let certified = self_signed(&authority);
    let told = meet(&certified, &certified.pem, "127.0.0.1", &[]);
    assert_told(told, "hostname mismatch");
    authority.subject_alt_names = certificates::local().subject_alt_names;
    authority.not_after = date_time_ymd(2001, 1, 1);
    let certified = self_signed(&authority);
    let told = meet(&certified, &certified.pem, "127.0.0.1", &[]);
    assert_told(told, "certificate has expired");
}

#[test]
fn an_authority_that_is_not_trusted_itself_is_no_broker() {
    let root = Authority::new("CA");
    let mut params = certificates::local();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certified = root.issue(&params);
    let told = meet(&certified, &root.pem(), "127.0.0.1", &[]);
    assert_told(told, "certificate verify failed");
}
