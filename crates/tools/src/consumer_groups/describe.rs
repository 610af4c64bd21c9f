//! `--describe`: offsets and lag, members, state.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use rdkafka_client::{CoordinatorKind, Target};
use rdkafka_wire::messages::find_coordinator::FindCoordinatorRequest;
use serde_json::{Value, json};

use super::ConsumerGroups;
use super::group::{Group, Member, committed};
use crate::cluster::{Cluster, LATEST, Partition};
use crate::get_offsets;
use crate::output::{or_dash, print_columns, say};

pub(super) fn describe(cluster: &Cluster, options: &ConsumerGroups) -> Result<()> {
    let mut objects = Vec::new();
    let mut missing = Vec::new();
    for id in options.groups(cluster)? {
        let group = Group::describe(cluster, &id)?;
        if group.state == "Dead" {
            missing.push(id);
            continue;
        }
        if options.connect.json {
            objects.push(group_json(cluster, &group)?);
        } else if options.members {
            print_members(&group, options.verbose);
        } else if options.state.is_some() {
            print_state(cluster, &group, options.verbose)?;
        } else {
            print_offsets(cluster, &group)?;
        }
    }
    if options.connect.json {
        say!("{}", json!(objects));
    }
    match missing.as_slice() {
        [] => Ok(()),
        groups => bail!(
            "Error: Executing consumer group command failed due to Group {} not found.",
            groups.join(", ")
        ),
    }
}

/// A partition of a group: what is committed, where the log ends, who has it.
struct Row<'a> {
    partition: Partition,
    committed: Option<i64>,
    end: Option<i64>,
    member: Option<&'a Member>,
}

impl Row<'_> {
    fn lag(&self) -> Option<i64> {
        Some(self.end? - self.committed?)
    }
}

fn rows<'a>(cluster: &Cluster, group: &'a Group) -> Result<Vec<Row<'a>>> {
    let committed = committed(cluster, &group.id)?;
    let mut owners: BTreeMap<Partition, &Member> = BTreeMap::new();
    for member in &group.members {
        for (topic, partitions) in &member.assignment {
            owners.extend(
                partitions
                    .iter()
                    .map(|partition| ((topic.clone(), *partition), member)),
            );
        }
    }
    let all: BTreeSet<Partition> = committed.keys().chain(owners.keys()).cloned().collect();
    let there = cluster.topics()?;
    let known: Vec<Partition> = all
        .iter()
        .filter(|(topic, _)| there.contains_key(topic))
        .cloned()
        .collect();
    let ends = cluster.offsets(&get_offsets::at(&known, LATEST))?;
    let rows = all.into_iter().map(|partition| {
        let end = ends.get(&partition).and_then(|found| found.as_ref().ok());
        Row {
            committed: committed.get(&partition).copied(),
            end: end.map(|(offset, _)| *offset),
            member: owners.get(&partition).copied(),
            partition,
        }
    });
    Ok(rows.collect())
}

fn print_offsets(cluster: &Cluster, group: &Group) -> Result<()> {
    let rows = rows(cluster, group)?;
    say_without_members(group);
    if rows.is_empty() {
        return Ok(());
    }
    say!("");
    let cells = rows.iter().map(|row| {
        vec![
            group.id.clone(),
            row.partition.0.clone(),
            row.partition.1.to_string(),
            or_dash(row.committed),
            or_dash(row.end),
            or_dash(row.lag()),
            or_dash(row.member.map(|member| &member.id)),
            or_dash(row.member.map(|member| &member.host)),
            or_dash(row.member.map(|member| &member.client_id)),
        ]
    });
    let header = [
        ("GROUP", 15),
        ("TOPIC", 15),
        ("PARTITION", 10),
        ("CURRENT-OFFSET", 15),
        ("LOG-END-OFFSET", 15),
        ("LAG", 15),
        ("CONSUMER-ID", 15),
        ("HOST", 15),
        ("CLIENT-ID", 0),
    ];
    print_columns(&header, &cells.collect::<Vec<_>>());
    Ok(())
}

fn say_without_members(group: &Group) {
    if group.members.is_empty() {
        eprintln!("\nConsumer group '{}' has no active members.", group.id);
    }
}

fn print_members(group: &Group, is_verbose: bool) {
    say_without_members(group);
    say!("");
    let has_instances = group
        .members
        .iter()
        .any(|member| member.instance_id.is_some());
    let mut header = vec![("GROUP", 15), ("CONSUMER-ID", 15)];
    header.extend(has_instances.then_some(("GROUP-INSTANCE-ID", 15)));
    header.extend([("HOST", 15), ("CLIENT-ID", 15), ("#PARTITIONS", 15)]);
    if is_verbose {
        header.extend([("CURRENT-EPOCH", 15), ("CURRENT-ASSIGNMENT", 20)]);
        header.extend([("TARGET-EPOCH", 15), ("TARGET-ASSIGNMENT", 20)]);
    }
    let rows = group.members.iter().map(|member| {
        let mut row = vec![group.id.clone(), member.id.clone()];
        row.extend(has_instances.then(|| member.instance_id.clone().unwrap_or_default()));
        let count: usize = member
            .assignment
            .iter()
            .map(|(_, partitions)| partitions.len())
            .sum();
        row.extend([
            member.host.clone(),
            member.client_id.clone(),
            count.to_string(),
        ]);
        if is_verbose {
            let target_epoch = (group.assignment_epoch >= 0).then_some(group.assignment_epoch);
            let target = member
                .target
                .as_deref()
                .map_or_else(|| "-".to_owned(), assignment);
            row.extend([or_dash(member.epoch), assignment(&member.assignment)]);
            row.extend([or_dash(target_epoch), target]);
        }
        row
    });
    print_columns(&header, &rows.collect::<Vec<_>>());
}

/// `topic:0,1;other:2`, as Kafka's tool has it.
pub(crate) fn assignment(topics: &[(String, Vec<i32>)]) -> String {
    if topics.is_empty() {
        return "-".to_owned();
    }
    let topics = topics.iter().map(|(topic, partitions)| {
        let mut partitions = partitions.clone();
        partitions.sort_unstable();
        let numbers: Vec<_> = partitions.iter().map(ToString::to_string).collect();
        format!("{topic}:{}", numbers.join(","))
    });
    topics.collect::<Vec<_>>().join(";")
}

fn print_state(cluster: &Cluster, group: &Group, is_verbose: bool) -> Result<()> {
    say_without_members(group);
    say!("");
    let mut header = vec![
        ("GROUP", 15),
        ("COORDINATOR (ID)", 25),
        ("ASSIGNMENT-STRATEGY", 20),
        ("STATE", 20),
    ];
    if is_verbose {
        header.extend([("GROUP-EPOCH", 15), ("TARGET-ASSIGNMENT-EPOCH", 25)]);
    }
    header.push(("#MEMBERS", 0));
    let mut row = vec![
        group.id.clone(),
        coordinator(cluster, &group.id)?,
        if group.assignor.is_empty() {
            "-".to_owned()
        } else {
            group.assignor.clone()
        },
        group.state.clone(),
    ];
    if is_verbose {
        row.push(or_dash((group.epoch >= 0).then_some(group.epoch)));
        row.push(or_dash(
            (group.assignment_epoch >= 0).then_some(group.assignment_epoch),
        ));
    }
    row.push(group.members.len().to_string());
    print_columns(&header, &[row]);
    Ok(())
}

/// `host:port  (id)`, with Kafka's two blanks.
pub(crate) fn coordinator(cluster: &Cluster, group: &str) -> Result<String> {
    let request = FindCoordinatorRequest {
        key: group.into(),
        key_type: 0,
        coordinator_keys: vec![group.into()],
    };
    let target = Target::Coordinator(CoordinatorKind::Group, group.into());
    let response = cluster.ask(target, request)?;
    let (host, port, id) = match response.coordinators.first() {
        Some(found) => (&found.host, found.port, found.node_id),
        None => (&response.host, response.port, response.node_id),
    };
    Ok(format!("{}:{port}  ({id})", host.as_str()))
}

fn group_json(cluster: &Cluster, group: &Group) -> Result<Value> {
    let rows = rows(cluster, group)?;
    let offsets = rows.iter().map(|row| {
        json!({
            "topic": row.partition.0, "partition": row.partition.1, "currentOffset": row.committed,
            "logEndOffset": row.end, "lag": row.lag(), "consumerId": row.member.map(|member| &member.id),
        })
    });
    let members = group.members.iter().map(|member| {
        json!({
            "consumerId": member.id, "instanceId": member.instance_id, "host": member.host,
            "clientId": member.client_id, "epoch": member.epoch, "assignment": assignment(&member.assignment),
        })
    });
    Ok(json!({
        "group": group.id,
        "state": group.state,
        "assignor": group.assignor,
        "offsets": offsets.collect::<Vec<_>>(),
        "members": members.collect::<Vec<_>>(),
    }))
}
