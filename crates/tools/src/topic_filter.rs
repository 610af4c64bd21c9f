//! Which topics an option means: a name, a list, or a regular expression, as Kafka's tools take them.

use anyhow::{Context, Result};
use regex_lite::Regex;

/// Topics by expression: `a,b` or `a|b` or `orders-.*`; it must match the whole name.
#[derive(Debug)]
pub(crate) struct TopicFilter(Regex);

impl TopicFilter {
    pub(crate) fn new(expression: &str) -> Result<Self> {
        let cleaned = expression
            .trim()
            .trim_matches('"')
            .replace(',', "|")
            .replace(' ', "");
        let regex = Regex::new(&format!("^(?:{cleaned})$")).with_context(|| {
            format!("{expression:?} is no name, list or regular expression of topics")
        })?;
        Ok(Self(regex))
    }

    pub(crate) fn matches(&self, topic: &str) -> bool {
        self.0.is_match(topic)
    }
}

/// Topics that Kafka keeps for itself.
pub(crate) fn is_internal(topic: &str) -> bool {
    matches!(
        topic,
        "__consumer_offsets" | "__transaction_state" | "__share_group_state"
    )
}

/// `topic`, `topic:1`, or `topic:1,2`: a topic, and which partitions of it.
pub(crate) fn topic_and_partitions(text: &str) -> Result<(String, Option<Vec<i32>>)> {
    let Some((topic, partitions)) = text.split_once(':') else {
        return Ok((text.to_owned(), None));
    };
    let partitions = partitions
        .split(',')
        .map(|number| number.trim().parse::<i32>())
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("{text:?} is not TOPIC or TOPIC:PARTITION,..."))?;
    Ok((topic.to_owned(), Some(partitions)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_and_an_expression_match_whole_names() {
        let list = TopicFilter::new("a, b").unwrap();
        assert!(list.matches("a") && list.matches("b") && !list.matches("ab"));
        let expression = TopicFilter::new("orders-.*").unwrap();
        assert!(expression.matches("orders-eu") && !expression.matches("all-orders-eu"));
    }

    #[test]
    fn partitions_follow_a_colon() {
        assert_eq!(topic_and_partitions("t").unwrap(), ("t".to_owned(), None));
        assert_eq!(
            topic_and_partitions("t:0,2").unwrap(),
            ("t".to_owned(), Some(vec![0, 2]))
        );
        assert!(topic_and_partitions("t:x").is_err());
    }
}
