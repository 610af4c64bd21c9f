//! The distinguished name of a certificate as Java writes it, for it is Java's text that rules and `super.users` were
//! written for.
//!
//! Owns [`text`]: RFC 2253 as `X500Principal.getName()` has it. What stands last comes first; nine types of attributes
//! have names, all others (an e-mail address, a serial number) are their number and their DER in hex.

use std::fmt::Write as _;

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Encode, Tag, Tagged};
use x509_cert::name::Name;

/// The name in Java's form.
pub(crate) fn text(name: &Name) -> String {
    let rdns: Vec<_> = name.iter_rdn().collect();
    let parts = rdns.into_iter().rev().map(|rdn| {
        let attributes: Vec<_> = rdn.iter().map(attribute).collect();
        attributes.join("+")
    });
    parts.collect::<Vec<_>>().join(",")
}

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let AttributeTypeAndValue { oid, value } = attribute;
    let named = NAMES.iter().find(|(known, _)| known == oid);
    match named {
        // Java takes all of these for UTF-8.
        Some((_, name)) if is_text(value.tag()) => {
            format!(
                "{name}={}",
                escaped(&String::from_utf8_lossy(value.value()))
            )
        }
        Some((_, name)) => format!("{name}={}", hex(attribute)),
        None => format!("{oid}={}", hex(attribute)),
    }
}

fn is_text(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Utf8String
            | Tag::PrintableString
            | Tag::TeletexString
            | Tag::Ia5String
            | Tag::BmpString
            | Tag::GeneralString
    )
}

fn hex(attribute: &AttributeTypeAndValue) -> String {
    let mut text = String::from("#");
    // What was read can be written.
    for byte in attribute.value.to_der().unwrap_or_default() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Spaces at the ends and what has a meaning in names get a backslash.
fn escaped(value: &str) -> String {
    let is_space = |character: char| character == ' ';
    let leading = value.len() - value.trim_start_matches(is_space).len();
    let trailing = value.trim_end_matches(is_space).len();
    let mut text = String::with_capacity(value.len());
    for (at, character) in value.char_indices() {
        match character {
            '\0' => text.push_str("\\00"),
            ' ' if at >= leading && at < trailing => text.push(' '),
            ' ' | ',' | '=' | '+' | '<' | '>' | '#' | ';' | '"' | '\\' => {
                text.extend(['\\', character]);
            }
            other => text.push(other),
        }
    }
    text
}

const NAMES: [(ObjectIdentifier, &str); 9] = [
    (ObjectIdentifier::new_unwrap("2.5.4.3"), "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("2.5.4.10"), "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (
        ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"),
        "DC",
    ),
    (
        ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"),
        "UID",
    ),
];

#[cfg(test)]
mod tests {
    use x509_cert::der::Decode;

    use super::*;

    /// The text of a name given as hex of its DER.
    fn of(hex: &str) -> String {
        let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let der: Vec<u8> = (0..hex.len()).step_by(2).map(digits).collect();
        text(&Name::from_der(&der).unwrap())
    }

    /// The text of a common name, of a string type given by its tag.
    fn common_name(tag: u8, value: &[u8]) -> String {
        let length = u8::try_from(value.len()).unwrap();
        let mut der = vec![0x30, length + 11, 0x31, length + 9, 0x30, length + 7];
        der.extend([0x06, 0x03, 0x55, 0x04, 0x03, tag, length]);
        der.extend(value);
        text(&Name::from_der(&der).unwrap())
    }

    // Everything expected here was printed by X500Principal.getName() of Java 17 for the same bytes.

    #[test]
    fn what_stands_last_comes_first() {
        let three = "3029310b3009060355040613024445310c300a060355040a0c034f7267310c300a06035504030c03416e6e";
        assert_eq!(of(three), "CN=Ann,O=Org,C=DE");
        let two_in_one = "301a3118300a06035504030c03416e6e300a060355040b0c03446576";
        assert_eq!(of(two_in_one), "CN=Ann+OU=Dev");
        assert_eq!(of("3000"), "");
    }

    #[test]
    fn types_without_a_name_are_numbers_and_hex() {
        let of_type = |oid: &str| of(&format!("300d310b30090603{oid}0c026162"));
        assert_eq!(of_type("550403"), "CN=ab");
        assert_eq!(of_type("550406"), "C=ab");
        assert_eq!(of_type("550407"), "L=ab");
        assert_eq!(of_type("550408"), "ST=ab");
        assert_eq!(of_type("550409"), "STREET=ab");
        assert_eq!(of_type("55040a"), "O=ab");
        assert_eq!(of_type("55040b"), "OU=ab");
        assert_eq!(of_type("550404"), "2.5.4.4=#0c026162");
        assert_eq!(of_type("550405"), "2.5.4.5=#0c026162");
        assert_eq!(of_type("55040c"), "2.5.4.12=#0c026162");
        assert_eq!(of_type("2a0304"), "1.2.3.4=#0c026162");
        let email = "30133111300f06092a864886f70d01090116026162";
        assert_eq!(of(email), "1.2.840.113549.1.9.1=#16026162");
        let domain = "301431123010060a0992268993f22c64011916026162";
        assert_eq!(of(domain), "DC=ab");
        let user = "301431123010060a0992268993f22c6401010c026162";
        assert_eq!(of(user), "UID=ab");
    }

    #[test]
    fn what_has_a_meaning_in_names_is_escaped() {
        let utf8 = |value: &str| common_name(0x0c, value.as_bytes());
        assert_eq!(utf8("a,b"), "CN=a\\,b");
        assert_eq!(utf8("a=b+c<d>e"), "CN=a\\=b\\+c\\<d\\>e");
        assert_eq!(utf8("#a#b"), "CN=\\#a\\#b");
        assert_eq!(utf8("a;\"b\\"), "CN=a\\;\\\"b\\\\");
        assert_eq!(utf8("  a  b  "), "CN=\\ \\ a  b\\ \\ ");
        assert_eq!(utf8(" "), "CN=\\ ");
        assert_eq!(utf8(""), "CN=");
        assert_eq!(utf8("a_b@c*!'(d)-./?:\n"), "CN=a_b@c*!'(d)-./?:\n");
        assert_eq!(utf8("é日本😀"), "CN=é日本😀");
        assert_eq!(utf8("a\0b"), "CN=a\\00b");
    }

    #[test]
    fn what_is_no_text_is_hex() {
        assert_eq!(common_name(0x13, b"Ann B"), "CN=Ann B");
        assert_eq!(common_name(0x16, b"a@b"), "CN=a@b");
        assert_eq!(common_name(0x14, b"\xe9"), "CN=\u{fffd}");
        assert_eq!(common_name(0x1b, b"abc"), "CN=abc");
        assert_eq!(common_name(0x12, b"123"), "CN=#1203313233");
        assert_eq!(common_name(0x1a, b"abc"), "CN=#1a03616263");
        assert_eq!(common_name(0x04, b"abc"), "CN=#0403616263");
        assert_eq!(common_name(0x02, b"\x05"), "CN=#020105");
    }
}
