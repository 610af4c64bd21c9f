//! The checkpoint file of a data folder: where each log starts and up to where it is durable.
//!
//! Text, replaced as a whole: a version line, a line with the number of entries, then one line
//! `topic partition recovery-point start-offset topic-id cleaned-up-to` each. Version 1 has no last word. The topic id keeps a new topic from
//! inheriting the offsets of a deleted one of the same name.

use std::{collections::HashMap, fmt::Write};

use crate::TopicId;

/// What [`crate::LogDir::checkpoint`] stores of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionCheckpoint {
    /// Name of the topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The topic's incarnation.
    pub topic_id: TopicId,
    /// Everything below is durable ([`crate::Log::recovery_point`]).
    pub recovery_point: i64,
    /// First offset of the log.
    pub start_offset: i64,
    /// Everything below was compacted ([`crate::Log::cleaned_up_to`]).
    pub cleaned_up_to: i64,
}

/// Checkpoints by topic and partition.
pub(crate) type Checkpoints = HashMap<(String, i32), PartitionCheckpoint>;

/// By topic and partition.
pub(crate) fn index(checkpoints: impl IntoIterator<Item = PartitionCheckpoint>) -> Checkpoints {
    checkpoints
        .into_iter()
        .map(|entry| ((entry.topic.clone(), entry.partition), entry))
        .collect()
}

/// Reads the file's content; `None` if it is damaged.
pub(crate) fn parse(content: &str) -> Option<Checkpoints> {
    let mut lines = content.lines();
    let has_cleaned = match lines.next()? {
        "1" => false,
        "2" => true,
        _ => return None,
    };
    let count: usize = lines.next()?.parse().ok()?;
    let checkpoints = index(
        lines
            .map(|line| parse_line(line, has_cleaned))
            .collect::<Option<Vec<_>>>()?,
    );
    (checkpoints.len() == count).then_some(checkpoints)
}

fn parse_line(line: &str, has_cleaned: bool) -> Option<PartitionCheckpoint> {
    let mut words = line.split(' ');
    let entry = PartitionCheckpoint {
        topic: words.next()?.to_owned(),
        partition: words.next()?.parse().ok()?,
        recovery_point: words.next()?.parse().ok()?,
        start_offset: words.next()?.parse().ok()?,
        topic_id: words.next()?.parse().ok()?,
        cleaned_up_to: match has_cleaned {
            true => words.next()?.parse().ok()?,
            false => 0,
        },
    };
    let is_valid = words.next().is_none()
        && entry.recovery_point >= 0
        && entry.start_offset >= 0
        && entry.cleaned_up_to >= 0;
    is_valid.then_some(entry)
}

/// The file's content.
pub(crate) fn format(checkpoints: &[PartitionCheckpoint]) -> String {
    let mut content = format!("2\n{}\n", checkpoints.len());
    for entry in checkpoints {
        let PartitionCheckpoint {
            topic,
            partition,
            topic_id,
            recovery_point,
            start_offset,
            cleaned_up_to,
        } = entry;
        let _ = writeln!(
            content,
            "{topic} {partition} {recovery_point} {start_offset} {topic_id} {cleaned_up_to}"
        );
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let entry = PartitionCheckpoint {
            topic: "b.c".to_owned(),
            partition: 12,
            topic_id: TopicId([0; 16]),
            recovery_point: 7,
            start_offset: 5,
            cleaned_up_to: 6,
        };
        let content = format(std::slice::from_ref(&entry));
        assert_eq!(content, "2\n1\nb.c 12 7 5 AAAAAAAAAAAAAAAAAAAAAA 6\n");
        assert_eq!(parse(&content).unwrap(), index([entry.clone()]));
        let version_1 = "1\n1\nb.c 12 7 5 AAAAAAAAAAAAAAAAAAAAAA\n";
        let cleaned_up_to = 0;
        let known = PartitionCheckpoint {
            cleaned_up_to,
            ..entry
        };
        assert_eq!(parse(version_1).unwrap(), index([known]));
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let id = TopicId([0; 16]);
        for content in [
            String::new(),
            "1\n".to_owned(),
            format!("1\n2\na 0 5 0 {id}\n"),
            "1\n1\na 0 5 0\n".to_owned(),
            format!("1\n1\na 0 -5 0 {id}\n"),
            format!("1\n1\na 0 5 0 {id} x\n"),
            "9\n0\n".to_owned(),
        ] {
            assert!(parse(&content).is_none(), "{content:?}");
        }
    }
}
