//! `--reset-offsets`: what a group will read next, for a group that has no members.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Args;
use rdkafka_client::ErrorCode;
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    OffsetCommitResponse,
};
use serde_json::json;

use super::ConsumerGroups;
use super::group::{Group, committed};
use crate::cluster::{Cluster, EARLIEST, LATEST, Partition, checked};
use crate::connect::note;
use crate::date_time::{duration_ms, instant_ms};
use crate::get_offsets::at;
use crate::output::{print_columns, say};
use crate::topic_filter::topic_and_partitions;

/// Where to, and whether for real.
#[derive(Debug, Default, Args)]
pub(super) struct Reset {
    /// The first offset there is.
    #[arg(long)]
    to_earliest: bool,
    /// The next offset of the log.
    #[arg(long)]
    to_latest: bool,
    /// What is committed now: to write it down with --export.
    #[arg(long)]
    to_current: bool,
    /// This offset.
    #[arg(long, value_name = "OFFSET")]
    to_offset: Option<i64>,
    /// So much further than committed; backwards when negative.
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    shift_by: Option<i64>,
    /// The first record at or after this time: YYYY-MM-DDTHH:mm:ss.sss, with Z or an offset like +02:00; UTC without.
    #[arg(long, value_name = "TIME")]
    to_datetime: Option<String>,
    /// The first record of the last so long: PnDTnHnMnS.
    #[arg(long, value_name = "DURATION")]
    by_duration: Option<String>,
    /// Offsets out of a CSV file: topic,partition,offset, or group,topic,partition,offset.
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    /// Show what would be done; this is what is done without --execute.
    #[arg(long)]
    dry_run: bool,
    /// Do it.
    #[arg(long, conflicts_with = "dry_run")]
    execute: bool,
    /// Print CSV, for --from-file.
    #[arg(long)]
    export: bool,
}

/// An offset for each partition.
pub(crate) type Offsets = BTreeMap<Partition, i64>;

pub(super) fn reset(cluster: &Cluster, options: &ConsumerGroups) -> Result<()> {
    let reset = &options.reset;
    if !reset.execute && !reset.dry_run && !reset.export {
        note("nothing is changed without --execute");
    }
    let mut shown: Vec<(String, Offsets)> = Vec::new();
    let groups = options.groups(cluster)?;
    for id in &groups {
        let group = Group::describe(cluster, id)?;
        if !matches!(group.state.as_str(), "Empty" | "Dead") {
            bail!(
                "Assignments can only be reset if the group '{id}' is inactive, but the current state is {}.",
                group.state
            );
        }
        let offsets = reset.offsets(cluster, options, id)?;
        if reset.execute {
            commit(cluster, id, &offsets)?;
        }
        shown.push((id.clone(), offsets));
    }
    if options.connect.json {
        print_json(&shown);
    } else if reset.export {
        print_csv(&shown);
    } else {
        say!("");
        let rows = shown.iter().flat_map(|(group, offsets)| {
            offsets.iter().map(move |((topic, partition), offset)| {
                vec![
                    group.clone(),
                    topic.clone(),
                    partition.to_string(),
                    offset.to_string(),
                ]
            })
        });
        let header = [
            ("GROUP", 15),
            ("TOPIC", 15),
            ("PARTITION", 10),
            ("NEW-OFFSET", 0),
        ];
        print_columns(&header, &rows.collect::<Vec<_>>());
    }
    Ok(())
}

impl Reset {
    fn offsets(&self, cluster: &Cluster, options: &ConsumerGroups, group: &str) -> Result<Offsets> {
        if let Some(path) = &self.from_file {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let offsets = parse_csv(&text, group).with_context(|| path.display().to_string())?;
            return within_log(cluster, offsets);
        }
        let committed = committed(cluster, group)?;
        let partitions = if options.all_topics {
            committed.keys().cloned().collect()
        } else if options.topic.is_empty() {
            bail!("name topics with --topic, or say --all-topics");
        } else {
            chosen_partitions(cluster, &options.topic)?
        };
        if let Some(offset) = self.to_offset {
            return within_log(cluster, at(&partitions, offset));
        }
        if let Some(count) = self.shift_by {
            let shifted = partitions.into_iter().map(|partition| {
                let now = committed.get(&partition).copied().with_context(|| {
                    format!("Cannot shift offset for partition {}-{} since there is no current committed offset", partition.0, partition.1)
                })?;
                Ok((partition, now + count))
            });
            return within_log(cluster, shifted.collect::<Result<Offsets>>()?);
        }
        if self.to_current {
            let ends = ask(cluster, &partitions, LATEST)?;
            let current = ends.into_iter().map(|(partition, end)| {
                let offset = committed.get(&partition).copied().unwrap_or(end);
                (partition, offset)
            });
            return Ok(current.collect());
        }
        offsets_at(cluster, &partitions, self.time()?)
    }

    fn time(&self) -> Result<i64> {
        if self.to_earliest {
            Ok(EARLIEST)
        } else if self.to_latest {
            Ok(LATEST)
        } else if let Some(text) = &self.to_datetime {
            instant_ms(text)
        } else if let Some(text) = &self.by_duration {
            let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
            Ok(i64::try_from(now_ms)? - duration_ms(text)?)
        } else {
            bail!(
                "say where to: --to-earliest, --to-latest, --to-current, --to-offset, --shift-by, --to-datetime, --by-duration or --from-file"
            )
        }
    }
}

/// The offsets of a time; the end of the log where nothing is as late.
pub(crate) fn offsets_at(
    cluster: &Cluster,
    partitions: &[Partition],
    time: i64,
) -> Result<Offsets> {
    let found = ask(cluster, partitions, time)?;
    if matches!(time, EARLIEST | LATEST) {
        return Ok(found);
    }
    let ends = ask(cluster, partitions, LATEST)?;
    let or_end = |(partition, offset): (Partition, i64)| {
        let end = ends.get(&partition).copied().unwrap_or_default();
        (partition, if offset < 0 { end } else { offset })
    };
    Ok(found.into_iter().map(or_end).collect())
}

/// The partitions that `--topic` names.
pub(crate) fn chosen_partitions(cluster: &Cluster, topics: &[String]) -> Result<Vec<Partition>> {
    let mut chosen = Vec::new();
    for topic in topics {
        let (name, partitions) = topic_and_partitions(topic)?;
        let there = cluster.leaders(std::slice::from_ref(&name))?;
        match partitions {
            None => chosen.extend(there.into_keys()),
            Some(partitions) => chosen.extend(
                partitions
                    .into_iter()
                    .map(|partition| (name.clone(), partition)),
            ),
        }
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

fn ask(cluster: &Cluster, partitions: &[Partition], time: i64) -> Result<Offsets> {
    let found = cluster
        .offsets(&at(partitions, time))?
        .into_iter()
        .map(|(partition, found)| {
            let (offset, _) = found.map_err(|code| {
                anyhow::anyhow!("{}-{}: {}", partition.0, partition.1, code.text())
            })?;
            Ok((partition, offset))
        });
    found.collect()
}

/// Offsets beyond the ends of the log become the ends, as Kafka's tool does it.
fn within_log(cluster: &Cluster, offsets: Offsets) -> Result<Offsets> {
    let partitions: Vec<Partition> = offsets.keys().cloned().collect();
    let first = ask(cluster, &partitions, EARLIEST)?;
    let end = ask(cluster, &partitions, LATEST)?;
    let clamped = offsets.into_iter().map(|(partition, offset)| {
        let low = first.get(&partition).copied().unwrap_or_default();
        let high = end.get(&partition).copied().unwrap_or(low).max(low);
        let inside = offset.clamp(low, high);
        if inside != offset {
            note(&format!(
                "the offset {offset} of {}-{} is outside of the log ({low} to {high}): {inside} it is",
                partition.0, partition.1
            ));
        }
        (partition, inside)
    });
    Ok(clamped.collect())
}

fn commit(cluster: &Cluster, group: &str, offsets: &Offsets) -> Result<()> {
    let mut topics: Vec<OffsetCommitRequestTopic> = Vec::new();
    for ((topic, partition), offset) in offsets {
        let partition = OffsetCommitRequestPartition {
            partition_index: *partition,
            committed_offset: *offset,
            committed_metadata: Some("".into()),
            ..Default::default()
        };
        match topics.last_mut().filter(|last| last.name.as_str() == topic) {
            Some(last) => last.partitions.push(partition),
            None => topics.push(OffsetCommitRequestTopic {
                name: topic.as_str().into(),
                partitions: vec![partition],
                ..Default::default()
            }),
        }
    }
    let request = OffsetCommitRequest {
        group_id: group.into(),
        generation_id_or_member_epoch: -1,
        retention_time_ms: -1,
        topics,
        ..Default::default()
    };
    let first_error = |response: &OffsetCommitResponse| {
        let codes = response.topics.iter().flat_map(|topic| &topic.partitions);
        codes
            .map(|partition| partition.error_code)
            .find(|code| ErrorCode(*code).is_error())
            .unwrap_or(0)
    };
    // Version 10 names topics by id, which is one more question.
    let response = cluster.ask_group_up_to(group, request, 9, first_error)?;
    checked(first_error(&response), None)
}

fn print_csv(groups: &[(String, Offsets)]) {
    for (group, offsets) in groups {
        for ((topic, partition), offset) in offsets {
            if groups.len() > 1 {
                say!("{group},{topic},{partition},{offset}");
            } else {
                say!("{topic},{partition},{offset}");
            }
        }
    }
}

fn print_json(groups: &[(String, Offsets)]) {
    let rows = groups.iter().flat_map(|(group, offsets)| {
        offsets.iter().map(move |((topic, partition), offset)| {
            json!({ "group": group, "topic": topic, "partition": partition, "newOffset": offset })
        })
    });
    say!("{}", json!(rows.collect::<Vec<_>>()));
}

/// Lines of `topic,partition,offset`, or of `group,topic,partition,offset` of which those of `group` count.
fn parse_csv(text: &str, group: &str) -> Result<Offsets> {
    let mut offsets = Offsets::new();
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let wrong = || format!("line {}: {line:?} is not TOPIC,PARTITION,OFFSET", index + 1);
        let cells: Vec<&str> = line
            .split(',')
            .map(|cell| cell.trim().trim_matches('"'))
            .collect();
        let (topic, partition, offset) = match cells.as_slice() {
            [topic, partition, offset] => (topic, partition, offset),
            [of, topic, partition, offset] => {
                if *of != group {
                    continue;
                }
                (topic, partition, offset)
            }
            _ => bail!("{}", wrong()),
        };
        let partition = partition.parse().with_context(wrong)?;
        offsets.insert(
            ((*topic).to_owned(), partition),
            offset.parse().with_context(wrong)?,
        );
    }
    Ok(offsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_of_one_group_and_of_several_is_read() {
        let one = parse_csv("\"t\",0,5\nt,1,6\n", "g").unwrap();
        assert_eq!(one.get(&("t".to_owned(), 0)), Some(&5));
        assert_eq!(one.len(), 2);
        let several = parse_csv("g,t,0,5\nother,t,0,9\n", "g").unwrap();
        assert_eq!(several.into_values().collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn a_bad_line_of_csv_is_named() {
        let error = parse_csv("t,0,5\nt,zero,5\n", "g").unwrap_err();
        assert!(error.to_string().contains("line 2"));
    }
}
