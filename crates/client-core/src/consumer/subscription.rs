//! What a group consumer asked for: topic names, and patterns that start with `^`.
//!
//! Owns the list as the application gave it and the patterns compiled from it; resolves it against the topics of the
//! cluster. Pure code; made on the application's thread (where a bad pattern is told), used on the driver's.

use std::collections::BTreeSet;

use rdkafka_wire::types::StrBytes;
use regex_lite::Regex;

use crate::conf::pattern;

/// A subscription. Never empty, without duplicates.
#[derive(Debug, Clone)]
pub struct Subscription {
    list: Vec<StrBytes>,
    patterns: Vec<Regex>,
}

/// Why a list of topics is no subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionError {
    /// There is no topic in it.
    Empty,
    /// A topic has no name, or one that no topic can have.
    InvalidName,
    /// A topic comes twice.
    Duplicate(StrBytes),
    /// A pattern is no regular expression.
    InvalidPattern(StrBytes),
}

impl Subscription {
    /// Checks a list as `subscribe()` gets it.
    ///
    /// # Errors
    /// When it is empty, or a name is empty, comes twice, or is a pattern that does not compile.
    pub fn new(list: Vec<StrBytes>) -> Result<Self, SubscriptionError> {
        if list.is_empty() {
            return Err(SubscriptionError::Empty);
        }
        let mut seen = BTreeSet::new();
        let mut patterns = Vec::new();
        for topic in &list {
            if topic.is_empty() || topic.len() > StrBytes::MAX_LEN {
                return Err(SubscriptionError::InvalidName);
            }
            if !seen.insert(topic) {
                return Err(SubscriptionError::Duplicate(topic.clone()));
            }
            if topic.starts_with('^') {
                let compiled = pattern::compile(topic);
                patterns
                    .push(compiled.map_err(|_| SubscriptionError::InvalidPattern(topic.clone()))?);
            }
        }
        Ok(Self { list, patterns })
    }

    /// The list as it was given.
    #[must_use]
    pub fn list(&self) -> &[StrBytes] {
        &self.list
    }

    /// Whether all topics of the cluster have to be known.
    #[must_use]
    pub fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// The topics named literally.
    pub fn names(&self) -> impl Iterator<Item = &StrBytes> {
        self.list.iter().filter(|topic| !topic.starts_with('^'))
    }

    /// The patterns as one, for a coordinator that resolves them itself (KIP-848); empty without any.
    #[must_use]
    pub fn combined_pattern(&self) -> StrBytes {
        let patterns = self.list.iter().filter(|topic| topic.starts_with('^'));
        let patterns: Vec<String> = patterns.map(|topic| format!("({topic})")).collect();
        patterns.join("|").into()
    }

    /// Whether a topic of the cluster is meant.
    #[must_use]
    pub fn matches(&self, topic: &str) -> bool {
        self.names().any(|name| *name == *topic)
            || self.patterns.iter().any(|pattern| pattern.is_match(topic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(list: &[&str]) -> Result<Subscription, SubscriptionError> {
        Subscription::new(list.iter().map(|topic| StrBytes::from(*topic)).collect())
    }

    fn matching<'a>(list: &[&str], cluster: &[&'a str]) -> Vec<&'a str> {
        let subscription = subscription(list).unwrap();
        cluster
            .iter()
            .copied()
            .filter(|topic| subscription.matches(topic))
            .collect()
    }

    #[test]
    fn names_and_patterns_pick_the_topics_that_exist() {
        let picked = matching(
            &["plain", "^log-.*"],
            &["log-b", "other", "log-a", "catalog-x"],
        );
        assert_eq!(picked, ["log-b", "log-a"]);
    }

    #[test]
    fn patterns_are_combined_for_the_coordinator() {
        let patterns = subscription(&["^a", "plain", "^b.*"]).unwrap();
        assert_eq!(patterns.combined_pattern(), "(^a)|(^b.*)");
        assert_eq!(subscription(&["plain"]).unwrap().combined_pattern(), "");
    }

    #[test]
    fn a_name_is_no_pattern() {
        assert_eq!(matching(&["a.c"], &["abc", "a.c"]), ["a.c"]);
    }

    #[test]
    fn a_pattern_matches_a_beginning_unless_it_says_where_to_end() {
        assert_eq!(matching(&["^ab"], &["abc", "ab", "cab"]), ["abc", "ab"]);
        assert_eq!(matching(&["^ab$"], &["abc", "ab"]), ["ab"]);
    }

    #[test]
    fn a_list_that_is_no_subscription_is_refused() {
        assert_eq!(subscription(&[]).unwrap_err(), SubscriptionError::Empty);
        assert_eq!(
            subscription(&["a", ""]).unwrap_err(),
            SubscriptionError::InvalidName
        );
        assert_eq!(
            subscription(&["a", "a"]).unwrap_err(),
            SubscriptionError::Duplicate("a".into())
        );
        assert_eq!(
            subscription(&["^("]).unwrap_err(),
            SubscriptionError::InvalidPattern("^(".into())
        );
    }
}
