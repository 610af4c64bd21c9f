//! `kafka-reassign-partitions.sh`: which brokers have which partitions, and in which of their folders.
//!
//! Owns the options and what each action does; [`plan`] knows the JSON, [`folders`] the moves within a broker,
//! [`throttles`] the settings that slow them down.

mod folders;
mod plan;
mod throttles;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{ArgGroup, Args};
use rdkafka_client::Target;
use rdkafka_wire::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use rdkafka_wire::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, OngoingPartitionReassignment,
};
use serde_json::json;

use crate::cluster::{Cluster, Partition, checked};
use crate::cluster_tool;
use crate::connect::Connect;
use crate::output::say;
use plan::{Assignment, Candidate, Folders, Plan, Replica};

/// Move partitions between brokers and between the folders of a broker.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("action").required(true).args(["generate", "execute", "verify", "cancel", "list"])))]
pub struct ReassignPartitions {
    #[command(flatten)]
    connect: Connect,
    /// Propose a plan; nothing is changed.
    #[arg(long, requires = "topics_to_move_json_file")]
    generate: bool,
    /// Carry a plan out.
    #[arg(long, requires = "reassignment_json_file")]
    execute: bool,
    /// Look how far a plan is; when it is done, throttles go.
    #[arg(long, requires = "reassignment_json_file")]
    verify: bool,
    /// Stop carrying a plan out.
    #[arg(long, requires = "reassignment_json_file")]
    cancel: bool,
    /// The reassignments that are going on.
    #[arg(long)]
    list: bool,
    /// A plan: {"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1],"log_dirs":["any"]}]}.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["generate", "list"])]
    reassignment_json_file: Option<PathBuf>,
    /// With --generate, the topics: {"version":1,"topics":[{"topic":"t"}]}.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["execute", "verify", "cancel", "list"])]
    topics_to_move_json_file: Option<PathBuf>,
    /// With --generate: the brokers that may have the partitions; --broker-list means the same here.
    #[arg(long = "brokers", value_name = "ID,...", value_delimiter = ',', conflicts_with_all = ["execute", "verify", "cancel", "list"])]
    brokers: Vec<i32>,
    /// With --generate: do not look at racks.
    #[arg(long, requires = "generate")]
    disable_rack_aware: bool,
    /// With --execute: begin although other reassignments are going on.
    #[arg(long, requires = "execute")]
    additional: bool,
    /// With --execute: refuse a plan that gives a partition more or fewer replicas.
    #[arg(long, requires = "execute")]
    disallow_replication_factor_change: bool,
    /// With --execute: bytes a second between brokers.
    #[arg(long, value_name = "BYTES", requires = "execute")]
    throttle: Option<i64>,
    /// With --execute: bytes a second between folders.
    #[arg(long, value_name = "BYTES", requires = "execute")]
    replica_alter_log_dirs_throttle: Option<i64>,
    /// With --verify and --cancel: leave throttles as they are.
    #[arg(long, conflicts_with_all = ["generate", "execute", "list"])]
    preserve_throttles: bool,
}

/// The reassignments that are going on.
type Ongoing = BTreeMap<Partition, OngoingPartitionReassignment>;

impl ReassignPartitions {
    pub(crate) fn run(mut self) -> Result<()> {
        self.brokers.extend(self.connect.take_broker_ids());
        // What is wrong with a file is said before anybody is asked.
        let plan = match &self.reassignment_json_file {
            Some(path) => Plan::parse(&read(path)?).with_context(|| path.display().to_string())?,
            None => Plan::default(),
        };
        if self.generate {
            return self.print_proposal();
        }
        let cluster = Cluster::connect(&self.connect)?;
        if self.list {
            self.print_ongoing(&ongoing(&cluster)?);
            return Ok(());
        }
        if self.execute {
            self.carry_out(&cluster, &plan)
        } else if self.verify {
            self.print_states(&cluster, &plan)
        } else {
            self.stop(&cluster, &plan)
        }
    }

    fn print_proposal(&self) -> Result<()> {
        let path = self.topics_to_move_json_file.as_ref();
        let path = path.context("--topics-to-move-json-file is missing")?;
        let topics =
            plan::parse_topics(&read(path)?).with_context(|| path.display().to_string())?;
        if self.brokers.is_empty() {
            bail!("--generate needs --broker-list");
        }
        if let Some(twice) = plan::duplicate(&self.brokers) {
            bail!("Broker list contains duplicate entries: {twice}");
        }
        let cluster = Cluster::connect(&self.connect)?;
        let candidates = self.candidates(&cluster)?;
        let now = replicas(&cluster, topics.iter())?;
        let mut proposal = Assignment::new();
        for topic in &topics {
            let of_topic = now.iter().filter(|((name, _), _)| name == topic);
            let factor = of_topic.clone().map(|(_, it)| it.len()).next().unwrap_or(0);
            let bounds = 0..candidates.len().max(1);
            let begin = (fastrand::usize(bounds.clone()), fastrand::usize(bounds));
            let lists = plan::spread(of_topic.clone().count(), factor, &candidates, begin)?;
            proposal.extend(of_topic.map(|(partition, _)| partition.clone()).zip(lists));
        }
        let current = plan::to_json(&now, &current_folders(&cluster, &now)?);
        let proposed = plan::to_json(&proposal, &Folders::new());
        if self.connect.json {
            say!("{{\"current\":{current},\"proposed\":{proposed}}}");
        } else {
            say!("Current partition replica assignment\n{current}\n");
            say!("Proposed partition reassignment configuration\n{proposed}");
        }
        Ok(())
    }

    fn candidates(&self, cluster: &Cluster) -> Result<Vec<Candidate>> {
        let brokers = cluster_tool::describe(cluster, false)?.brokers;
        let wanted = brokers
            .iter()
            .filter(|it| self.brokers.contains(&it.broker_id));
        let mut candidates: Vec<Candidate> = wanted
            .map(|it| Candidate {
                id: it.broker_id,
                rack: it
                    .rack
                    .as_deref()
                    .filter(|_| !self.disable_rack_aware)
                    .map(str::to_owned),
            })
            .collect();
        candidates.sort_by_key(|it| it.id);
        let without = candidates.iter().filter(|it| it.rack.is_none()).count();
        if !self.disable_rack_aware && without != 0 && without != candidates.len() {
            bail!(
                "Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information."
            );
        }
        Ok(candidates)
    }

    fn print_ongoing(&self, ongoing: &Ongoing) {
        if self.connect.json {
            let rows = ongoing.iter().map(|((topic, partition), it)| {
                json!({
                    "topic": topic, "partition": partition, "replicas": it.replicas,
                    "adding": it.adding_replicas, "removing": it.removing_replicas,
                })
            });
            say!("{}", json!(rows.collect::<Vec<_>>()));
            return;
        }
        if ongoing.is_empty() {
            say!("No partition reassignments found.");
            return;
        }
        say!("Current partition reassignments:");
        for (partition, it) in ongoing {
            let list = |what: &str, ids: &[i32]| match ids {
                [] => String::new(),
                ids => format!(" {what}: {}.", comma(ids)),
            };
            say!(
                "{}:{}{}{}",
                name(partition),
                list("replicas", &it.replicas),
                list("adding", &it.adding_replicas),
                list("removing", &it.removing_replicas)
            );
        }
    }

    fn carry_out(&self, cluster: &Cluster, plan: &Plan) -> Result<()> {
        if !self.additional && !ongoing(cluster)?.is_empty() {
            bail!(
                "Cannot execute because there is an existing partition assignment.  Use --additional to override this and create a new partition assignment in addition to the existing one. The --additional flag can also be used to change the throttle by resubmitting the current reassignment."
            );
        }
        let nodes: BTreeSet<i32> = cluster.nodes()?.iter().map(|it| it.0).collect();
        let mut ids = plan.partitions.values().flatten();
        if let Some(unknown) = ids.find(|id| !nodes.contains(id)) {
            bail!("Unknown broker id {unknown}");
        }
        let mut now = replicas(cluster, plan.partitions.keys().map(|(topic, _)| topic))?;
        now.retain(|partition, _| plan.partitions.contains_key(partition));
        let missing = plan.partitions.keys().filter(|it| !now.contains_key(*it));
        let missing: Vec<String> = missing.map(name).collect();
        if !missing.is_empty() {
            bail!("Unable to find partition: {}", missing.join(", "));
        }
        say!(
            "Current partition replica assignment\n\n{}\n\nSave this to use as the --reassignment-json-file option during rollback",
            plan::to_json(&now, &current_folders(cluster, &now)?)
        );
        self.limit(cluster, plan, &now)?;
        let wanted = plan
            .partitions
            .iter()
            .map(|(partition, it)| (partition, Some(it)));
        let change = !self.disallow_replication_factor_change;
        reassign(cluster, wanted, change).context("Error reassigning partition(s)")?;
        let names: Vec<String> = plan.partitions.keys().map(name).collect();
        let s = if names.len() == 1 { "" } else { "s" };
        say!(
            "Successfully started partition reassignment{s} for {}",
            names.join(",")
        );
        folders::start(cluster, &plan.folders)
    }

    fn limit(&self, cluster: &Cluster, plan: &Plan, now: &Assignment) -> Result<()> {
        // -1 is Kafka's word for none.
        let rate = self.throttle.filter(|it| *it >= 0);
        let folder_rate = self.replica_alter_log_dirs_throttle.filter(|it| *it >= 0);
        if rate.or(folder_rate).is_some() {
            say!(
                "Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed."
            );
        }
        if let Some(rate) = rate {
            throttles::limit_brokers(cluster, now, &plan.partitions, rate)?;
        }
        if let Some(rate) = folder_rate {
            throttles::limit_folders(cluster, plan.folders.keys(), rate)?;
        }
        Ok(())
    }

    fn print_states(&self, cluster: &Cluster, plan: &Plan) -> Result<()> {
        let ongoing = ongoing(cluster)?;
        let topics = cluster.topics()?;
        say!("Status of partition reassignment:");
        for (partition, wanted) in &plan.partitions {
            let shown = name(partition);
            if ongoing.contains_key(partition) {
                say!("Reassignment of partition {shown} is still in progress.");
                continue;
            }
            let topic = topics
                .get(&partition.0)
                .map_or(&[][..], |it| &it.partitions);
            let found = topic.iter().find(|it| it.partition_index == partition.1);
            let now = found.map_or(&[][..], |it| &it.replica_nodes);
            if now == wanted.as_slice() {
                say!("Reassignment of partition {shown} is completed.");
            } else {
                say!(
                    "There is no active reassignment of partition {shown}, but replica set is {} rather than {}.",
                    comma(now),
                    comma(wanted)
                );
            }
        }
        let places = folders::places(cluster, plan.folders.keys())?;
        for (replica, place) in &places {
            let target = plan.folders.get(replica).map_or("", String::as_str);
            say!("{}", folders::state(replica, place, target));
        }
        if places.is_empty() {
            say!("");
        }
        let is_moving = places.values().any(|it| it.future.is_some());
        if ongoing.is_empty() && !is_moving && !self.preserve_throttles {
            throttles::clear(cluster, &plan.partitions)?;
        }
        Ok(())
    }

    fn stop(&self, cluster: &Cluster, plan: &Plan) -> Result<()> {
        let mut ongoing = ongoing(cluster)?;
        ongoing.retain(|partition, _| plan.partitions.contains_key(partition));
        if ongoing.is_empty() {
            say!("None of the specified partition reassignments are active.");
        } else {
            let names: Vec<String> = ongoing.keys().map(name).collect();
            let s = if names.len() == 1 { "" } else { "s" };
            let none = ongoing.keys().map(|partition| (partition, None));
            reassign(cluster, none, true)
                .with_context(|| format!("Error cancelling partition reassignment{s}"))?;
            say!(
                "Successfully cancelled partition reassignment{s} for: {}",
                names.join(",")
            );
        }
        let places = folders::places(cluster, plan.folders.keys())?.into_iter();
        let moving = places.filter(|(_, it)| it.future.is_some());
        let back: Folders = moving
            .filter_map(|(replica, it)| Some((replica, it.current?)))
            .collect();
        if back.is_empty() {
            say!("None of the specified partition moves are active.");
        } else {
            folders::start(cluster, &back)?;
        }
        if !self.preserve_throttles {
            throttles::clear(cluster, &plan.partitions)?;
        }
        Ok(())
    }
}

fn read(path: &PathBuf) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn name((topic, partition): &Partition) -> String {
    format!("{topic}-{partition}")
}

fn comma(ids: &[i32]) -> String {
    let ids: Vec<String> = ids.iter().map(i32::to_string).collect();
    ids.join(",")
}

fn ongoing(cluster: &Cluster) -> Result<Ongoing> {
    let request = ListPartitionReassignmentsRequest {
        timeout_ms: cluster.timeout_ms(),
        topics: None,
    };
    let response = cluster.ask(Target::Controller, request)?;
    checked(response.error_code, response.error_message.as_ref())?;
    let topics = response.topics.into_iter().flat_map(|topic| {
        let name = topic.name.to_string();
        let partitions = topic.partitions.into_iter();
        partitions.map(move |it| ((name.clone(), it.partition_index), it))
    });
    Ok(topics.collect())
}

/// Which brokers have the partitions of these topics, all of which must be there.
fn replicas<'a>(cluster: &Cluster, topics: impl Iterator<Item = &'a String>) -> Result<Assignment> {
    let known = cluster.topics()?;
    let mut assignment = Assignment::new();
    for name in topics {
        let Some(topic) = known.get(name) else {
            bail!("Topic {name} not found.");
        };
        let partitions = topic.partitions.iter();
        assignment.extend(
            partitions.map(|it| ((name.clone(), it.partition_index), it.replica_nodes.clone())),
        );
    }
    Ok(assignment)
}

/// In which folders all the replicas are.
fn current_folders(cluster: &Cluster, assignment: &Assignment) -> Result<Folders> {
    let all = assignment.iter().flat_map(|(partition, brokers)| {
        brokers.iter().map(|broker| Replica {
            broker: *broker,
            partition: partition.clone(),
        })
    });
    let all: Vec<Replica> = all.collect();
    let places = folders::places(cluster, all.iter())?.into_iter();
    Ok(places
        .filter_map(|(replica, it)| Some((replica, it.current?)))
        .collect())
}

/// Asks for these replicas; `None` cancels what is going on. All failures are told.
fn reassign<'a>(
    cluster: &Cluster,
    wanted: impl Iterator<Item = (&'a Partition, Option<&'a Vec<i32>>)>,
    allow_replication_factor_change: bool,
) -> Result<()> {
    let mut topics: BTreeMap<&str, Vec<ReassignablePartition>> = BTreeMap::new();
    for ((topic, index), replicas) in wanted {
        topics
            .entry(topic)
            .or_default()
            .push(ReassignablePartition {
                partition_index: *index,
                replicas: replicas.cloned(),
            });
    }
    let topics = topics
        .into_iter()
        .map(|(name, partitions)| ReassignableTopic {
            name: name.into(),
            partitions,
        });
    let request = AlterPartitionReassignmentsRequest {
        timeout_ms: cluster.timeout_ms(),
        allow_replication_factor_change,
        topics: topics.collect(),
    };
    let response = cluster.ask(Target::Controller, request)?;
    checked(response.error_code, response.error_message.as_ref())?;
    let results = response.responses.iter().flat_map(|topic| {
        let partitions = topic.partitions.iter();
        partitions.map(|it| (topic.name.as_str(), it))
    });
    let failures = results.filter_map(|(topic, it)| {
        let error = checked(it.error_code, it.error_message.as_ref()).err()?;
        Some(format!("{topic}-{}: {error}", it.partition_index))
    });
    let failures: Vec<String> = failures.collect();
    if !failures.is_empty() {
        bail!("{}", failures.join("\n"));
    }
    Ok(())
}
