//! `partition.metadata`: which incarnation of a topic a folder belongs to, and in which layout it is.
//!
//! Kafka's two lines (`version: 0`, `topic_id: …`) and a third of ours, `layout: 1`, that Kafka's
//! readers skip.

use std::{fmt, str::FromStr};

/// The layout of a partition's folder that this version writes, and the newest one it reads.
pub(crate) const LAYOUT_VERSION: u32 = 1;

/// Identity of one incarnation of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct TopicId(pub [u8; 16]);

/// The URL-safe alphabet of RFC 4648.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl fmt::Display for TopicId {
    /// Kafka's form: base64, URL-safe, without padding.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 128 bits and 4 bits of zeros make 22 digits.
        let bits = u128::from_be_bytes(self.0);
        for digit in 0..22_u32 {
            let shift = 122 - 6 * digit as i32;
            let value = if shift >= 0 {
                bits >> shift
            } else {
                bits << -shift
            };
            write!(f, "{}", char::from(ALPHABET[(value & 63) as usize]))?;
        }
        Ok(())
    }
}

/// The text is not a topic id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTopicId;

impl fmt::Display for InvalidTopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a topic id is 22 digits of URL-safe base64")
    }
}

impl std::error::Error for InvalidTopicId {}

impl FromStr for TopicId {
    type Err = InvalidTopicId;

    fn from_str(text: &str) -> Result<Self, InvalidTopicId> {
        if text.len() != 22 {
            return Err(InvalidTopicId);
        }
        let mut bits = 0_u128;
        for (digit, byte) in text.bytes().enumerate() {
            let value = ALPHABET
                .iter()
                .position(|known| *known == byte)
                .ok_or(InvalidTopicId)? as u128;
            bits = match digit {
                21 => bits << 2 | value >> 4,
                _ => bits << 6 | value,
            };
        }
        Ok(Self(bits.to_be_bytes()))
    }
}

/// The file's content.
pub(crate) fn format(topic_id: TopicId) -> String {
    format!("version: 0\ntopic_id: {topic_id}\nlayout: {LAYOUT_VERSION}\n")
}

/// Why a `partition.metadata` cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum MetadataError {
    /// It cannot be read.
    Damaged(&'static str),
    /// It is of a layout that is not known.
    Layout(String),
}

/// Reads the file's content. A file without our line (Kafka's own) is of layout 1.
pub(crate) fn parse(content: &str) -> Result<TopicId, MetadataError> {
    let mut topic_id = None;
    let mut version = None;
    for line in content.lines() {
        match line.split_once(": ") {
            Some(("version", value)) => version = Some(value),
            Some(("topic_id", value)) => topic_id = value.parse().ok(),
            Some(("layout", value)) if value.parse() != Ok(LAYOUT_VERSION) => {
                return Err(MetadataError::Layout(value.to_owned()));
            }
            _ => {}
        }
    }
    match version {
        Some("0") => topic_id.ok_or(MetadataError::Damaged("it has no topic id")),
        Some(other) => Err(MetadataError::Layout(other.to_owned())),
        None => Err(MetadataError::Damaged("it has no version")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_id_prints_as_kafka_prints_it_and_reads_back() {
        assert_eq!(TopicId::default().to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        let one = TopicId([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(one.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        let id = TopicId([0xfb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("short".parse::<TopicId>(), Err(InvalidTopicId));
    }

    #[test]
    fn the_file_reads_back() {
        let id = TopicId([7; 16]);
        assert_eq!(parse(&format(id)), Ok(id));
    }

    #[test]
    fn another_layout_is_named() {
        let content = format(TopicId([7; 16])).replace("layout: 1", "layout: 2");
        assert_eq!(parse(&content), Err(MetadataError::Layout("2".to_owned())));
        assert_eq!(
            parse("version: 1\n"),
            Err(MetadataError::Layout("1".to_owned()))
        );
        assert!(matches!(parse(""), Err(MetadataError::Damaged(_))));
    }
}
