//! `kafka-get-offsets.sh`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

use crate::cluster::{Cluster, EARLIEST, LATEST, Partition};
use crate::connect::Connect;
use crate::output::say;
use crate::topic_filter::{TopicFilter, is_internal, topic_and_partitions};

/// The offsets of partitions.
#[derive(Debug, Args)]
pub struct GetOffsets {
    #[command(flatten)]
    connect: Connect,
    /// Topics, by name or regular expression; all if it is not said.
    #[arg(long, conflicts_with = "topic_partitions")]
    topic: Option<String>,
    /// Topics with partitions: TOPIC:0,TOPIC:2-4 (the last one left out), :1.
    #[arg(long)]
    topic_partitions: Option<String>,
    /// Partitions of the topics: 0,1,2.
    #[arg(long, value_delimiter = ',')]
    partitions: Vec<i32>,
    /// Which offset: latest (-1), earliest (-2), max-timestamp (-3), earliest-local (-4), latest-tiered (-5), or that of
    /// the first record at or after this many milliseconds since 1970.
    #[arg(long, default_value = "latest", allow_hyphen_values = true)]
    time: String,
    /// Leave Kafka's own topics out.
    #[arg(long)]
    exclude_internal_topics: bool,
}

impl GetOffsets {
    pub(crate) fn run(self) -> Result<()> {
        let time = parse_time(&self.time)?;
        let cluster = Cluster::connect(&self.connect)?;
        let wanted = self.wanted(&cluster)?;
        if wanted.is_empty() {
            bail!("Could not match any topic-partitions with the specified filters");
        }
        let times = wanted
            .into_iter()
            .map(|partition| (partition, time))
            .collect();
        let mut objects = Vec::new();
        for ((topic, partition), found) in cluster.offsets(&times)? {
            match found {
                Ok((offset, _)) if self.connect.json => {
                    objects
                        .push(json!({ "topic": topic, "partition": partition, "offset": offset }));
                }
                // A time after the last record: Kafka's tool leaves the offset out too.
                Ok((-1, _)) => say!("{topic}:{partition}:"),
                Ok((offset, _)) => say!("{topic}:{partition}:{offset}"),
                Err(code) => eprintln!(
                    "Skip getting offsets for topic-partition {topic}-{partition} due to error: {}",
                    code.text()
                ),
            }
        }
        if self.connect.json {
            say!("{}", json!(objects));
        }
        Ok(())
    }

    fn wanted(&self, cluster: &Cluster) -> Result<Vec<Partition>> {
        let rules = match &self.topic_partitions {
            Some(list) => parse_rules(list)?,
            None => {
                let topic = self.topic.as_deref().unwrap_or(".*");
                vec![(TopicFilter::new(topic)?, None)]
            }
        };
        let mut wanted = Vec::new();
        for (name, topic) in cluster.topics()? {
            if self.exclude_internal_topics && is_internal(&name) {
                continue;
            }
            for partition in &topic.partitions {
                let index = partition.partition_index;
                let is_asked = self.partitions.is_empty() || self.partitions.contains(&index);
                let has_rule = rules.iter().any(|(filter, range)| {
                    filter.matches(&name)
                        && range.is_none_or(|(from, to)| from <= index && index < to)
                });
                if is_asked && has_rule {
                    wanted.push((name.clone(), index));
                }
            }
        }
        wanted.sort();
        Ok(wanted)
    }
}

/// A time as `--time` says it.
pub(crate) fn parse_time(text: &str) -> Result<i64> {
    Ok(match text {
        "latest" => LATEST,
        "earliest" => EARLIEST,
        "max-timestamp" => -3,
        "earliest-local" => -4,
        "latest-tiered" => -5,
        "earliest-pending-upload" => -6,
        number => number.parse().with_context(|| {
            format!("--time {number}: neither latest, earliest, max-timestamp nor milliseconds")
        })?,
    })
}

type Rule = (TopicFilter, Option<(i32, i32)>);

/// `t`, `t:1`, `t:1-3` (3 left out), `:2-` with commas between.
fn parse_rules(list: &str) -> Result<Vec<Rule>> {
    // Commas inside one rule would be two rules of the script as well.
    list.split(',')
        .map(|rule| {
            let (topic, range) = match rule.split_once(':') {
                None => (rule, None),
                Some((topic, range)) => (topic, Some(parse_range(range)?)),
            };
            let topic = if topic.is_empty() { ".*" } else { topic };
            // For its check of what is no number.
            _ = topic_and_partitions(topic)?;
            Ok((TopicFilter::new(topic)?, range))
        })
        .collect()
}

fn parse_range(text: &str) -> Result<(i32, i32)> {
    let number = |text: &str, default: i32| {
        if text.is_empty() {
            Ok(default)
        } else {
            text.parse::<i32>()
                .with_context(|| format!("{text:?} is no partition"))
        }
    };
    match text.split_once('-') {
        Some((from, to)) => Ok((number(from, 0)?, number(to, i32::MAX)?)),
        None => {
            let only = number(text, 0)?;
            Ok((only, if text.is_empty() { i32::MAX } else { only + 1 }))
        }
    }
}

/// Times for partitions, all the same.
pub(crate) fn at(partitions: &[Partition], time: i64) -> BTreeMap<Partition, i64> {
    partitions
        .iter()
        .map(|partition| (partition.clone(), time))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_leaves_its_end_out() {
        assert_eq!(parse_range("1-3").unwrap(), (1, 3));
        assert_eq!(parse_range("2").unwrap(), (2, 3));
        assert_eq!(parse_range("2-").unwrap(), (2, i32::MAX));
        assert!(parse_range("x").is_err());
    }

    #[test]
    fn times_have_names_and_numbers() {
        assert_eq!(parse_time("earliest").unwrap(), -2);
        assert_eq!(parse_time("-1").unwrap(), -1);
        assert_eq!(parse_time("1700000000000").unwrap(), 1_700_000_000_000);
        assert!(parse_time("soon").is_err());
    }
}
