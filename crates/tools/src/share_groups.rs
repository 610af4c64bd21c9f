//! `kafka-share-groups.sh`: what there is of share groups (KIP-932), how far they are, and where they go on.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use clap::{ArgGroup, Args};
use rdkafka_client::{CoordinatorKind, ErrorCode, Target};
use rdkafka_wire::messages::alter_share_group_offsets::{
    AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequestPartition,
    AlterShareGroupOffsetsRequestTopic, AlterShareGroupOffsetsResponse,
};
use rdkafka_wire::messages::delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse};
use rdkafka_wire::messages::delete_share_group_offsets::{
    DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequestTopic,
};
use rdkafka_wire::messages::describe_share_group_offsets::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequestGroup,
    DescribeShareGroupOffsetsResponse,
};
use rdkafka_wire::messages::share_group_describe::{
    DescribedGroup, Member, ShareGroupDescribeRequest,
};
use serde_json::{Value, json};

use crate::cluster::{Cluster, EARLIEST, LATEST, Partition, checked};
use crate::connect::{Connect, note};
use crate::consumer_groups::{
    Offsets, assignment, chosen_partitions, coordinator, list_of, offsets_at,
};
use crate::date_time::instant_ms;
use crate::output::{or_dash, print_columns, say};

/// List, describe, delete and reset share groups.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("action").required(true)
    .args(["list", "describe", "delete", "reset_offsets", "delete_offsets"])))]
pub struct ShareGroups {
    #[command(flatten)]
    connect: Connect,
    /// List the groups.
    #[arg(long)]
    list: bool,
    /// Show how far groups are, and how far behind.
    #[arg(long)]
    describe: bool,
    /// Delete groups that have no members.
    #[arg(long)]
    delete: bool,
    /// Have a group go on elsewhere; it must have no members.
    #[arg(long)]
    reset_offsets: bool,
    /// Forget how far a group is in topics; it must have no members.
    #[arg(long)]
    delete_offsets: bool,
    /// The group. May be repeated.
    #[arg(long)]
    group: Vec<String>,
    /// All share groups.
    #[arg(long, conflicts_with = "group")]
    all_groups: bool,
    /// With --describe: offsets, which is what is shown anyway.
    #[arg(long)]
    offsets: bool,
    /// With --describe: the members.
    #[arg(long)]
    members: bool,
    /// With --describe: the state; with --list: a column of it, or only groups in these states.
    #[arg(long, num_args = 0..=1, default_missing_value = "", value_name = "STATES")]
    state: Option<String>,
    /// More columns.
    #[arg(long)]
    verbose: bool,
    /// TOPIC or TOPIC:0,1. May be repeated.
    #[arg(long)]
    topic: Vec<String>,
    /// All topics the group has to do with.
    #[arg(long, conflicts_with = "topic")]
    all_topics: bool,
    /// The first offset there is.
    #[arg(long)]
    to_earliest: bool,
    /// The next offset of the log.
    #[arg(long)]
    to_latest: bool,
    /// The first record at or after this time: YYYY-MM-DDTHH:mm:ss.sss, with Z or an offset like +02:00; UTC without.
    #[arg(long, value_name = "TIME")]
    to_datetime: Option<String>,
    /// Show what would be done; this is what is done without --execute.
    #[arg(long)]
    dry_run: bool,
    /// Do it.
    #[arg(long, conflicts_with = "dry_run")]
    execute: bool,
}

/// How far a group is in a partition; no offset where it has not begun.
struct Progress {
    partition: Partition,
    start: Option<i64>,
    leader_epoch: i32,
    lag: Option<i64>,
}

impl ShareGroups {
    pub(crate) fn run(self) -> Result<()> {
        let cluster = Cluster::connect(&self.connect)?;
        if self.list {
            self.print_list(&cluster)
        } else if self.describe {
            self.print_groups(&cluster)
        } else if self.delete {
            self.delete_groups(&cluster)
        } else if self.delete_offsets {
            self.forget(&cluster)
        } else {
            self.reset(&cluster)
        }
    }

    fn groups(&self, cluster: &Cluster) -> Result<Vec<String>> {
        if self.all_groups {
            let groups = list_of(cluster, &[], &["share"], &["share"])?;
            return Ok(groups.iter().map(|it| it.group_id.to_string()).collect());
        }
        if self.group.is_empty() {
            bail!("name the group with --group, or say --all-groups");
        }
        Ok(self.group.clone())
    }

    fn only_group(&self) -> Result<&str> {
        match self.group.as_slice() {
            [group] => Ok(group),
            _ => bail!("name one group with --group"),
        }
    }

    fn print_list(&self, cluster: &Cluster) -> Result<()> {
        let states = self.state.as_deref().unwrap_or_default().split(',');
        let states: Vec<&str> = states.map(str::trim).filter(|it| !it.is_empty()).collect();
        let groups = list_of(cluster, &states, &["share"], &["share"])?;
        if self.connect.json {
            let rows = groups.iter().map(
                |it| json!({ "group": it.group_id.as_str(), "state": it.group_state.as_str() }),
            );
            say!("{}", json!(rows.collect::<Vec<_>>()));
        } else if self.state.is_some() {
            let rows = groups.iter();
            let rows = rows.map(|it| vec![it.group_id.to_string(), it.group_state.to_string()]);
            print_columns(&[("GROUP", 15), ("STATE", 0)], &rows.collect::<Vec<_>>());
        } else {
            for group in groups {
                say!("{}", group.group_id.as_str());
            }
        }
        Ok(())
    }

    fn print_groups(&self, cluster: &Cluster) -> Result<()> {
        let mut objects = Vec::new();
        for id in self.groups(cluster)? {
            let group = described(cluster, &id)?;
            if self.connect.json {
                objects.push(group_json(cluster, &group)?);
                continue;
            }
            if group.members.is_empty() {
                eprintln!("\nShare group '{id}' has no active members.");
            }
            if self.members {
                print_members(&group, self.verbose);
            } else if self.state.is_some() {
                print_state(cluster, &group, self.verbose)?;
            } else {
                print_offsets(&id, &progress(cluster, &id)?, self.verbose);
            }
        }
        if self.connect.json {
            say!("{}", json!(objects));
        }
        Ok(())
    }

    fn delete_groups(&self, cluster: &Cluster) -> Result<()> {
        let (mut deleted, mut failed) = (Vec::new(), Vec::new());
        for group in self.groups(cluster)? {
            // Kafka's tool looks first, too: the answer to a deletion does not tell one type from another.
            described(cluster, &group)?;
            let request = DeleteGroupsRequest {
                groups_names: vec![group.as_str().into()],
            };
            let first = |answer: &DeleteGroupsResponse| {
                answer.results.first().map_or(0, |it| it.error_code)
            };
            let answer = cluster.ask_group(&group, request, first)?;
            match ErrorCode(first(&answer)) {
                code if code.is_error() => failed.push(format!(
                    "* Group '{group}' could not be deleted due to: {}",
                    code.text()
                )),
                _ => deleted.push(format!("'{group}'")),
            }
        }
        if !deleted.is_empty() {
            say!(
                "Deletion of requested share groups ({}) was successful.",
                deleted.join(", ")
            );
        }
        match failed.as_slice() {
            [] => Ok(()),
            lines => bail!(
                "Deletion of some share groups failed:\n{}",
                lines.join("\n")
            ),
        }
    }

    fn forget(&self, cluster: &Cluster) -> Result<()> {
        let group = self.only_group()?;
        if self.topic.is_empty() {
            bail!("--delete-offsets needs --topic");
        }
        let topics = self.topic.iter();
        let request = DeleteShareGroupOffsetsRequest {
            group_id: group.into(),
            topics: topics
                .map(|topic| DeleteShareGroupOffsetsRequestTopic {
                    topic_name: topic.as_str().into(),
                })
                .collect(),
        };
        let answer = cluster.ask_group(group, request, |answer| answer.error_code)?;
        checked(answer.error_code, answer.error_message.as_ref())?;
        let rows = answer.responses.iter().map(|topic| {
            let status = match (topic.error_code, &topic.error_message) {
                (0, _) => "Successful".to_owned(),
                (_, Some(message)) => format!("Error: {message}"),
                (code, None) => format!("Error: {}", ErrorCode(code).text()),
            };
            vec![topic.topic_name.to_string(), status]
        });
        say!("");
        print_columns(&[("TOPIC", 15), ("STATUS", 0)], &rows.collect::<Vec<_>>());
        if answer.responses.iter().any(|it| it.error_code != 0) {
            bail!("some offsets could not be deleted");
        }
        Ok(())
    }

    fn reset(&self, cluster: &Cluster) -> Result<()> {
        let group = self.only_group()?;
        let time = match &self.to_datetime {
            Some(text) => instant_ms(text)?,
            None if self.to_earliest => EARLIEST,
            None if self.to_latest => LATEST,
            None => bail!("say where to: --to-earliest, --to-latest or --to-datetime"),
        };
        let partitions = if self.all_topics {
            let known = progress(cluster, group)?.into_iter();
            known.map(|it| it.partition).collect()
        } else if self.topic.is_empty() {
            bail!("name topics with --topic, or say --all-topics");
        } else {
            chosen_partitions(cluster, &self.topic)?
        };
        let offsets = offsets_at(cluster, &partitions, time)?;
        if self.execute {
            alter(cluster, group, &offsets)?;
        } else if !self.dry_run {
            note("nothing is changed without --execute");
        }
        if self.connect.json {
            let rows = offsets.iter().map(|((topic, partition), offset)| {
                json!({ "group": group, "topic": topic, "partition": partition, "newOffset": offset })
            });
            say!("{}", json!(rows.collect::<Vec<_>>()));
            return Ok(());
        }
        let rows = offsets.iter().map(|((topic, partition), offset)| {
            let numbers = [partition.to_string(), offset.to_string()];
            [vec![group.to_owned(), topic.clone()], numbers.to_vec()].concat()
        });
        let header = [
            ("GROUP", 15),
            ("TOPIC", 15),
            ("PARTITION", 10),
            ("NEW-OFFSET", 0),
        ];
        say!("");
        print_columns(&header, &rows.collect::<Vec<_>>());
        Ok(())
    }
}

fn alter(cluster: &Cluster, group: &str, offsets: &Offsets) -> Result<()> {
    let names: BTreeSet<&String> = offsets.keys().map(|(topic, _)| topic).collect();
    let topics = names.into_iter().map(|name| {
        let of_topic = offsets.iter().filter(|((topic, _), _)| topic == name);
        AlterShareGroupOffsetsRequestTopic {
            topic_name: name.into(),
            partitions: of_topic
                .map(
                    |((_, index), offset)| AlterShareGroupOffsetsRequestPartition {
                        partition_index: *index,
                        start_offset: *offset,
                    },
                )
                .collect(),
        }
    });
    let request = AlterShareGroupOffsetsRequest {
        group_id: group.into(),
        topics: topics.collect(),
    };
    let code = |answer: &AlterShareGroupOffsetsResponse| answer.error_code;
    let answer = cluster.ask_group(group, request, code)?;
    checked(answer.error_code, answer.error_message.as_ref())?;
    let mut partitions = answer.responses.iter().flat_map(|it| &it.partitions);
    let failed = partitions.find(|it| it.error_code != 0);
    failed.map_or(Ok(()), |it| {
        checked(it.error_code, it.error_message.as_ref())
    })
}

fn described(cluster: &Cluster, group: &str) -> Result<DescribedGroup> {
    let target = Target::Coordinator(CoordinatorKind::Group, group.into());
    let request = ShareGroupDescribeRequest {
        group_ids: vec![group.into()],
        include_authorized_operations: false,
    };
    let group = cluster.ask(target, request)?.groups.into_iter().next();
    let group = group.unwrap_or_default();
    checked(group.error_code, group.error_message.as_ref())?;
    Ok(group)
}

fn progress(cluster: &Cluster, group: &str) -> Result<Vec<Progress>> {
    let request = DescribeShareGroupOffsetsRequest {
        groups: vec![DescribeShareGroupOffsetsRequestGroup {
            group_id: group.into(),
            topics: None,
        }],
    };
    let code = |answer: &DescribeShareGroupOffsetsResponse| {
        answer.groups.first().map_or(0, |it| it.error_code)
    };
    let answer = cluster.ask_group(group, request, code)?;
    checked(code(&answer), None)?;
    let topics = answer.groups.into_iter().flat_map(|it| it.topics);
    let rows = topics.flat_map(|topic| {
        let name = topic.topic_name.to_string();
        topic.partitions.into_iter().map(move |it| Progress {
            partition: (name.clone(), it.partition_index),
            start: Some(it.start_offset).filter(|it| *it >= 0),
            leader_epoch: it.leader_epoch,
            lag: Some(it.lag).filter(|it| *it >= 0),
        })
    });
    let mut rows: Vec<Progress> = rows.collect();
    rows.sort_by(|a, b| a.partition.cmp(&b.partition));
    Ok(rows)
}

fn print_offsets(group: &str, rows: &[Progress], is_verbose: bool) {
    if rows.is_empty() {
        say!("\nShare group '{group}' has no offset information.");
        return;
    }
    let mut header = vec![("GROUP", 15), ("TOPIC", 15), ("PARTITION", 10)];
    header.extend(is_verbose.then_some(("LEADER-EPOCH", 13)));
    header.extend([("START-OFFSET", 13), ("LAG", 0)]);
    let rows = rows.iter().map(|it| {
        let mut row = vec![
            group.to_owned(),
            it.partition.0.clone(),
            it.partition.1.to_string(),
        ];
        row.extend(is_verbose.then(|| or_dash(it.start.map(|_| it.leader_epoch))));
        row.extend([or_dash(it.start), or_dash(it.lag)]);
        row
    });
    say!("");
    print_columns(&header, &rows.collect::<Vec<_>>());
}

fn print_members(group: &DescribedGroup, is_verbose: bool) {
    let mut header = vec![("GROUP", 15), ("CONSUMER-ID", 15), ("HOST", 15)];
    header.extend([("CLIENT-ID", 15), ("#PARTITIONS", 12)]);
    header.extend(is_verbose.then_some(("MEMBER-EPOCH", 13)));
    header.push(("ASSIGNMENT", 0));
    let rows = group.members.iter().map(|member| {
        let assigned = assigned(member);
        let count: usize = assigned.iter().map(|(_, numbers)| numbers.len()).sum();
        let mut row = vec![group.group_id.to_string(), member.member_id.to_string()];
        row.extend([member.client_host.to_string(), member.client_id.to_string()]);
        row.push(count.to_string());
        row.extend(is_verbose.then(|| member.member_epoch.to_string()));
        row.push(assignment(&assigned));
        row
    });
    say!("");
    print_columns(&header, &rows.collect::<Vec<_>>());
}

fn assigned(member: &Member) -> Vec<(String, Vec<i32>)> {
    let topics = member.assignment.topic_partitions.iter();
    topics
        .map(|topic| (topic.topic_name.to_string(), topic.partitions.clone()))
        .collect()
}

fn print_state(cluster: &Cluster, group: &DescribedGroup, is_verbose: bool) -> Result<()> {
    let mut header = vec![("GROUP", 15), ("COORDINATOR (ID)", 25), ("STATE", 15)];
    let id = group.group_id.to_string();
    let mut row = vec![
        id.clone(),
        coordinator(cluster, &id)?,
        group.group_state.to_string(),
    ];
    if is_verbose {
        header.extend([("GROUP-EPOCH", 12), ("ASSIGNMENT-EPOCH", 17)]);
        row.extend([
            group.group_epoch.to_string(),
            group.assignment_epoch.to_string(),
        ]);
    }
    header.push(("#MEMBERS", 0));
    row.push(group.members.len().to_string());
    say!("");
    print_columns(&header, &[row]);
    Ok(())
}

fn group_json(cluster: &Cluster, group: &DescribedGroup) -> Result<Value> {
    let offsets = progress(cluster, &group.group_id)?.into_iter().map(|it| {
        json!({
            "topic": it.partition.0, "partition": it.partition.1, "startOffset": it.start, "lag": it.lag,
        })
    });
    let members = group.members.iter().map(|it| {
        json!({
            "consumerId": it.member_id.as_str(), "host": it.client_host.as_str(),
            "clientId": it.client_id.as_str(), "epoch": it.member_epoch, "assignment": assignment(&assigned(it)),
        })
    });
    Ok(json!({
        "group": group.group_id.as_str(),
        "state": group.group_state.as_str(),
        "offsets": offsets.collect::<Vec<_>>(),
        "members": members.collect::<Vec<_>>(),
    }))
}
