//! What the key and the value of a record are shown as.

use anyhow::{Result, bail};
use bytes::Bytes;
use rdkafka_records::Record;
use rdkafka_wire::DecodeError;

use super::layouts::{
    ASSIGNMENT, RecordType, SUBSCRIPTION, group_record, share_record, transaction_record,
};
use super::schema::{Layout, Node};
use crate::output::text;

/// How bytes are shown: the classes that Kafka brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    Text,
    I32,
    I64,
    Hex,
}

impl Plain {
    /// By the name of Kafka's class, with its package or without.
    pub(super) fn of_class(class: &str) -> Result<Self> {
        match class.rsplit('.').next().unwrap_or_default() {
            "StringDecoder" => Ok(Self::Text),
            "IntegerDecoder" => Ok(Self::I32),
            "LongDecoder" => Ok(Self::I64),
            "DefaultDecoder" => Ok(Self::Hex),
            _ => bail!(
                "{class}: no such decoder; there are StringDecoder, IntegerDecoder, LongDecoder and DefaultDecoder"
            ),
        }
    }

    fn show(self, bytes: &[u8]) -> String {
        let number = match self {
            Self::Text => return text(bytes),
            Self::I32 => bytes
                .try_into()
                .ok()
                .map(|it| i32::from_be_bytes(it).into()),
            Self::I64 => bytes.try_into().ok().map(i64::from_be_bytes),
            Self::Hex => None,
        };
        number.map_or_else(
            || bytes.iter().map(|it| format!("{it:02x}")).collect(),
            |number| number.to_string(),
        )
    }
}

/// Which of them, or which internal topic the records are of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Decoder {
    Plain { key: Plain, value: Plain },
    Offsets,
    Transactions,
    ShareState,
}

impl Decoder {
    /// Key and payload as they are shown; `None` where there is nothing to show.
    pub(super) fn show(self, record: &Record<'_>) -> (Option<String>, Option<String>) {
        let types: fn(i16) -> Option<&'static RecordType> = match self {
            Self::Plain { key, value } => {
                return (
                    record.key.map(|it| key.show(it)),
                    record.value.map(|it| value.show(it)),
                );
            }
            Self::Offsets => group_record,
            Self::Transactions => transaction_record,
            Self::ShareState => share_record,
        };
        let offset = record.offset;
        let Some((kind, key)) = record.key.and_then(split_version) else {
            let what = format!("Error at offset {offset}, skipping. The key has no version.");
            return (Some(what), None);
        };
        let Some(known) = types(kind) else {
            let what = format!("Unknown record type {kind} at offset {offset}, skipping.");
            return (Some(what), None);
        };
        match decode(known, key, record.value) {
            Ok((key, value)) => {
                let key = format!("{{\"type\":\"{kind}\",\"data\":{key}}}");
                (Some(key), Some(value))
            }
            Err(error) => {
                let what = format!("Error at offset {offset}, skipping. {error}");
                (Some(what), None)
            }
        }
    }
}

fn decode(
    known: &RecordType,
    key: &[u8],
    value: Option<&[u8]>,
) -> Result<(Node, String), DecodeError> {
    // Keys have never been flexible.
    let layout = Layout {
        fields: known.key,
        newest: 0,
        flexible_since: 1,
    };
    let key = layout.read(0, Bytes::copy_from_slice(key))?;
    let Some(value) = value else {
        return Ok((key, "<DELETE>".to_owned()));
    };
    let (version, value) =
        split_version(value).ok_or_else(|| DecodeError::new("the value has no version", 0))?;
    let mut node = known.value.read(version, Bytes::copy_from_slice(value))?;
    open_members(&mut node);
    let value = format!("{{\"version\":\"{version}\",\"data\":{node}}}");
    Ok((key, value))
}

fn split_version(bytes: &[u8]) -> Option<(i16, &[u8])> {
    let (version, rest) = bytes.split_first_chunk()?;
    Some((i16::from_be_bytes(*version), rest))
}

/// In a classic group of consumers it is known what the bytes of its members mean.
fn open_members(group: &mut Node) {
    let is_consumers =
        matches!(group.part("protocolType"), Some(Node::Plain(it)) if *it == "consumer");
    let Some(Node::Array(members)) = group.part("members").filter(|_| is_consumers) else {
        return;
    };
    for member in members {
        for (name, layout) in [("subscription", SUBSCRIPTION), ("assignment", ASSIGNMENT)] {
            let Some(part) = member.part(name) else {
                continue;
            };
            let Node::Bytes(bytes) = &*part else { continue };
            let opened = split_version(bytes)
                .and_then(|(version, rest)| layout.read(version, bytes.slice_ref(rest)).ok());
            if let Some(opened) = opened {
                *part = opened;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka_records::Headers;

    use super::*;

    fn shown(
        decoder: Decoder,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> (Option<String>, Option<String>) {
        decoder.show(&Record {
            offset: 7,
            timestamp_ms: 0,
            key: Some(key),
            value,
            headers: Headers::default(),
        })
    }

    #[test]
    fn a_committed_offset_is_shown_with_kafkas_names() {
        let key = b"\0\x01\0\x01g\0\x01t\0\0\0\x02";
        let value = b"\0\x03\0\0\0\0\0\0\0\x05\0\0\0\x01\0\0\0\0\0\0\0\0\0\x09";
        let (key, value) = shown(Decoder::Offsets, key, Some(value));
        assert_eq!(
            key.unwrap(),
            r#"{"type":"1","data":{"group":"g","topic":"t","partition":2}}"#
        );
        assert_eq!(
            value.unwrap(),
            r#"{"version":"3","data":{"offset":5,"leaderEpoch":1,"metadata":"","commitTimestamp":9}}"#
        );
    }

    #[test]
    fn a_tombstone_is_shown_as_one_and_tagged_fields_where_they_belong() {
        let key = b"\0\0\0\x01x";
        assert_eq!(
            shown(Decoder::Transactions, key, None).1.unwrap(),
            "<DELETE>"
        );
        let mut value = vec![0, 1];
        value.extend([0; 8 + 2 + 4 + 1]);
        value.extend([0]); // no partitions
        value.extend([0; 16]);
        value.extend([1, 1, 8, 0, 0, 0, 0, 0, 0, 0, 3]);
        let value = shown(Decoder::Transactions, key, Some(&value)).1.unwrap();
        assert!(
            value.starts_with(
                r#"{"version":"1","data":{"producerId":0,"nextProducerId":3,"producerEpoch":0,"#
            ),
            "{value}"
        );
        assert!(value.contains(r#""transactionPartitions":null"#), "{value}");
    }

    #[test]
    fn what_cannot_be_read_is_said_and_never_a_panic() {
        let (what, none) = shown(Decoder::Offsets, b"\0\x09\0", None);
        assert_eq!(
            what.unwrap(),
            "Unknown record type 9 at offset 7, skipping."
        );
        assert_eq!(none, None);
        let cut = b"\0\x03\0";
        let key = b"\0\x01\0\x01g\0\x01t\0\0\0\x02";
        for (key, value) in [
            (&key[..4], None),
            (&key[..], Some(&cut[..])),
            (&b""[..], None),
        ] {
            let (what, none) = shown(Decoder::Offsets, key, value);
            assert!(what.unwrap().starts_with("Error at offset 7, skipping. "));
            assert_eq!(none, None);
        }
    }

    #[test]
    fn bytes_are_shown_as_the_class_says_and_as_hexadecimal_where_that_does_not_fit() {
        let long = Plain::of_class("org.apache.kafka.tools.api.LongDecoder").unwrap();
        assert_eq!(long.show(&(-3i64).to_be_bytes()), "-3");
        assert_eq!(long.show(&[1, 255]), "01ff");
        assert_eq!(Plain::I32.show(&5i32.to_be_bytes()), "5");
        assert!(
            Plain::of_class("com.example.Mine")
                .unwrap_err()
                .to_string()
                .contains("com.example.Mine")
        );
    }
}
