//! `kafka-metadata-quorum.sh`: who keeps the metadata of the cluster, how far each is, and who joins or leaves them.

use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use rdkafka_client::Target;
use rdkafka_wire::messages::add_raft_voter::{AddRaftVoterRequest, Listener};
use rdkafka_wire::messages::describe_quorum::{
    DescribeQuorumRequest, DescribeQuorumResponse, PartitionData, ReplicaState,
    ResponsePartitionData, TopicData,
};
use rdkafka_wire::messages::remove_raft_voter::RemoveRaftVoterRequest;
use rdkafka_wire::types::Uuid;
use serde_json::{Value, json};

use crate::cluster::{Cluster, checked};
use crate::cluster_tool;
use crate::connect::{Connect, properties_of};
use crate::date_time::now_ms;
use crate::output::{print_tabbed, say};

/// The status of the metadata quorum; add and remove controllers.
#[derive(Debug, Args)]
pub struct MetadataQuorum {
    #[command(flatten)]
    connect: Connect,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// How the quorum is.
    Describe {
        /// A summary.
        #[arg(long, conflicts_with = "replication")]
        status: bool,
        /// How far each replica is.
        #[arg(long)]
        replication: bool,
        /// With --replication: how long ago instead of when.
        #[arg(long, requires = "replication")]
        human_readable: bool,
    },
    /// Add the controller whose configuration --command-config names.
    AddController {
        /// Show what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove a controller.
    RemoveController {
        /// Its id.
        #[arg(long, short = 'i')]
        controller_id: i32,
        /// The id of its folder.
        #[arg(long, short = 'd')]
        controller_directory_id: Uuid,
        /// Show what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

impl MetadataQuorum {
    pub(crate) fn run(self) -> Result<()> {
        match self.action {
            Action::Describe {
                replication: true,
                human_readable,
                ..
            } => self.print_replication(human_readable),
            Action::Describe { status: true, .. } => self.print_status(),
            Action::Describe { .. } => {
                bail!(
                    "One of --status or --replication must be specified with describe sub-command"
                )
            }
            Action::AddController { dry_run } => self.add(dry_run),
            Action::RemoveController {
                controller_id,
                controller_directory_id,
                dry_run,
            } => self.remove(controller_id, controller_directory_id, dry_run),
        }
    }

    fn print_status(&self) -> Result<()> {
        let cluster = Cluster::connect(&self.connect)?;
        let id = cluster_tool::describe(&cluster, false)?.cluster_id;
        let (answer, quorum) = quorum(&cluster)?;
        let leader = leader(&quorum)?;
        let slowest = quorum
            .current_voters
            .iter()
            .min_by_key(|it| it.log_end_offset);
        let slowest = slowest.unwrap_or(leader);
        let lag = leader.log_end_offset - slowest.log_end_offset;
        let lag_ms = match (
            leader.last_caught_up_timestamp,
            slowest.last_caught_up_timestamp,
        ) {
            _ if leader.replica_id == slowest.replica_id => 0,
            (leader_ms, slowest_ms) if leader_ms >= 0 && slowest_ms >= 0 => leader_ms - slowest_ms,
            _ => -1,
        };
        let names = |replicas: &[ReplicaState]| -> Vec<Value> {
            replicas
                .iter()
                .map(|it| replica_json(it, &answer))
                .collect()
        };
        let voters = names(&quorum.current_voters);
        let observers = names(&quorum.observers);
        if self.connect.json {
            say!(
                "{}",
                json!({
                    "clusterId": id.as_str(), "leaderId": quorum.leader_id, "leaderEpoch": quorum.leader_epoch,
                    "highWatermark": quorum.high_watermark, "maxFollowerLag": lag, "maxFollowerLagTimeMs": lag_ms,
                    "currentVoters": voters, "currentObservers": observers,
                })
            );
            return Ok(());
        }
        let words = |replicas: &[ReplicaState]| {
            let words: Vec<_> = replicas
                .iter()
                .map(|it| replica_words(it, &answer))
                .collect();
            format!("[{}]", words.join(", "))
        };
        for (title, value) in [
            ("ClusterId:", id.to_string()),
            ("LeaderId:", quorum.leader_id.to_string()),
            ("LeaderEpoch:", quorum.leader_epoch.to_string()),
            ("HighWatermark:", quorum.high_watermark.to_string()),
            ("MaxFollowerLag:", lag.to_string()),
            ("MaxFollowerLagTimeMs:", lag_ms.to_string()),
            ("CurrentVoters:", words(&quorum.current_voters)),
            ("CurrentObservers:", words(&quorum.observers)),
        ] {
            say!("{title:<23} {value}");
        }
        Ok(())
    }

    fn print_replication(&self, is_human_readable: bool) -> Result<()> {
        let cluster = Cluster::connect(&self.connect)?;
        let (_, quorum) = quorum(&cluster)?;
        let leader = leader(&quorum)?;
        let is_leader = |it: &&ReplicaState| it.replica_id == quorum.leader_id;
        let voters = quorum.current_voters.iter();
        let followers = voters
            .filter(|it| !is_leader(it))
            .map(|it| (it, "Follower"));
        let observers = quorum.observers.iter().map(|it| (it, "Observer"));
        let replicas = std::iter::once((leader, "Leader"))
            .chain(followers)
            .chain(observers);
        if self.connect.json {
            let rows = replicas.map(|(it, status)| {
                json!({
                    "nodeId": it.replica_id, "directoryId": it.replica_directory_id.to_string(),
                    "logEndOffset": it.log_end_offset, "lag": leader.log_end_offset - it.log_end_offset,
                    "lastFetchTimestamp": it.last_fetch_timestamp,
                    "lastCaughtUpTimestamp": it.last_caught_up_timestamp, "status": status,
                })
            });
            say!("{}", json!(rows.collect::<Vec<_>>()));
            return Ok(());
        }
        let now_ms = now_ms();
        let time = |at_ms: i64| match at_ms {
            ..0 => "-1".to_owned(),
            _ if is_human_readable => format!("{} ms ago", (now_ms - at_ms).max(0)),
            _ => at_ms.to_string(),
        };
        let rows = replicas.map(|(it, status)| {
            vec![
                it.replica_id.to_string(),
                it.replica_directory_id.to_string(),
                it.log_end_offset.to_string(),
                (leader.log_end_offset - it.log_end_offset).to_string(),
                time(it.last_fetch_timestamp),
                time(it.last_caught_up_timestamp),
                status.to_owned(),
            ]
        });
        let header = [
            "NodeId",
            "DirectoryId",
            "LogEndOffset",
            "Lag",
            "LastFetchTimestamp",
            "LastCaughtUpTimestamp",
            "Status",
        ];
        print_tabbed(&header, &rows.collect::<Vec<_>>());
        Ok(())
    }

    fn add(mut self, is_dry_run: bool) -> Result<()> {
        let Some(file) = self.connect.take_config() else {
            bail!(
                "You must supply the configuration file of the controller you are adding when using add-controller."
            );
        };
        let properties = properties_of(&file)?;
        let voter = Controller::of(&properties).with_context(|| file.display().to_string())?;
        // What is not the controller's is the client's.
        for (name, value) in &properties {
            if ["security.", "sasl.", "ssl."]
                .iter()
                .any(|it| name.starts_with(it))
            {
                self.connect.set(name, value);
            }
        }
        let endpoints: Vec<_> = voter.listeners.iter().map(endpoint).collect();
        let what = format!(
            "controller {} with directory id {} and endpoints: {}",
            voter.id,
            voter.directory,
            endpoints.join(", ")
        );
        if is_dry_run {
            say!("DRY RUN of adding {what}");
            return Ok(());
        }
        let cluster = Cluster::connect(&self.connect)?;
        let request = AddRaftVoterRequest {
            cluster_id: None,
            timeout_ms: cluster.timeout_ms(),
            voter_id: voter.id,
            voter_directory_id: voter.directory,
            listeners: voter.listeners,
            ..AddRaftVoterRequest::default()
        };
        let response = cluster.ask(Target::Controller, request)?;
        checked(response.error_code, response.error_message.as_ref())?;
        say!("Added {what}");
        Ok(())
    }

    fn remove(&self, voter_id: i32, directory: Uuid, is_dry_run: bool) -> Result<()> {
        if voter_id < 0 {
            bail!("Invalid negative --controller-id: {voter_id}");
        }
        let what = format!("KRaft controller {voter_id} with directory id {directory}");
        if is_dry_run {
            say!("DRY RUN of removing  {what}");
            return Ok(());
        }
        let cluster = Cluster::connect(&self.connect)?;
        let request = RemoveRaftVoterRequest {
            cluster_id: None,
            voter_id,
            voter_directory_id: directory,
        };
        let response = cluster.ask(Target::Controller, request)?;
        checked(response.error_code, response.error_message.as_ref())?;
        say!("Removed {what}");
        Ok(())
    }
}

/// What the cluster says of the partition its metadata is in.
fn quorum(cluster: &Cluster) -> Result<(DescribeQuorumResponse, ResponsePartitionData)> {
    let request = DescribeQuorumRequest {
        topics: vec![TopicData {
            topic_name: "__cluster_metadata".into(),
            partitions: vec![PartitionData { partition_index: 0 }],
        }],
    };
    let mut response = cluster.ask(Target::Any, request)?;
    checked(response.error_code, response.error_message.as_ref())?;
    let partitions = response.topics.iter_mut().flat_map(|it| &mut it.partitions);
    let Some(quorum) = partitions.map(std::mem::take).next() else {
        bail!("the cluster says nothing about its metadata");
    };
    checked(quorum.error_code, quorum.error_message.as_ref())?;
    Ok((response, quorum))
}

fn leader(quorum: &ResponsePartitionData) -> Result<&ReplicaState> {
    let mut voters = quorum.current_voters.iter();
    let leader = voters.find(|it| it.replica_id == quorum.leader_id);
    leader.context("the quorum has no leader at the moment")
}

/// Where a replica can be reached, as far as the answer says.
fn endpoints(replica: &ReplicaState, answer: &DescribeQuorumResponse) -> Vec<String> {
    let nodes = answer.nodes.iter();
    let listeners = nodes.filter(|it| it.node_id == replica.replica_id);
    let listeners = listeners.flat_map(|it| &it.listeners);
    listeners
        .map(|it| url(it.name.as_str(), it.host.as_str(), it.port))
        .collect()
}

fn replica_words(replica: &ReplicaState, answer: &DescribeQuorumResponse) -> String {
    let mut words = format!("{{\"id\": {}", replica.replica_id);
    if !replica.replica_directory_id.is_zero() {
        words += &format!(", \"directoryId\": \"{}\"", replica.replica_directory_id);
    }
    let endpoints = endpoints(replica, answer);
    if !endpoints.is_empty() {
        words += &format!(", \"endpoints\": [\"{}\"]", endpoints.join("\", \""));
    }
    words + "}"
}

fn replica_json(replica: &ReplicaState, answer: &DescribeQuorumResponse) -> Value {
    let directory = replica.replica_directory_id;
    json!({
        "id": replica.replica_id,
        "directoryId": (!directory.is_zero()).then(|| directory.to_string()),
        "endpoints": endpoints(replica, answer),
    })
}

fn endpoint(listener: &Listener) -> String {
    url(
        listener.name.as_str(),
        listener.host.as_str(),
        listener.port,
    )
}

fn url(name: &str, host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("{name}://[{host}]:{port}")
    } else {
        format!("{name}://{host}:{port}")
    }
}

/// A controller that is to join, as its own configuration describes it.
#[derive(Debug)]
struct Controller {
    id: i32,
    directory: Uuid,
    listeners: Vec<Listener>,
}

impl Controller {
    fn of(properties: &[(String, String)]) -> Result<Self> {
        let value = |name: &str| {
            let mut found = properties.iter().rev().filter(|(it, _)| it == name);
            found.next().map(|(_, value)| value.trim())
        };
        let hint = "Is this a valid controller configuration file?";
        let required = |name: &str| {
            value(name).with_context(|| format!("{name} not found in configuration file. {hint}"))
        };
        let id = required("node.id")?;
        let id: i32 = id.parse().with_context(|| format!("node.id={id}"))?;
        if id < 0 {
            bail!("node.id was negative in configuration file. {hint}");
        }
        if !value("process.roles")
            .unwrap_or_default()
            .contains("controller")
        {
            bail!("process.roles did not contain 'controller' in configuration file. {hint}");
        }
        let folder = value("metadata.log.dir").or_else(|| value("log.dirs")?.split(',').next());
        let folder = folder
            .with_context(|| format!("Neither metadata.log.dir nor log.dirs were found. {hint}"))?;
        let meta = properties_of(&Path::new(folder.trim()).join("meta.properties"))?;
        let directory = meta.iter().find(|(name, _)| name == "directory.id");
        let (_, directory) =
            directory.with_context(|| format!("No directory id found in {folder}"))?;
        let names = required("controller.listener.names")?;
        let listed = [value("advertised.listeners"), value("listeners")];
        let listed: Vec<&str> = listed
            .into_iter()
            .flatten()
            .flat_map(|it| it.split(','))
            .collect();
        let listeners = names.split(',').map(|name| listener(name.trim(), &listed));
        Ok(Self {
            id,
            directory: directory
                .trim()
                .parse()
                .with_context(|| format!("directory.id={directory}"))?,
            listeners: listeners.collect::<Result<_>>()?,
        })
    }
}

/// The first of `NAME://HOST:PORT` with this name.
fn listener(name: &str, listed: &[&str]) -> Result<Listener> {
    let found = listed.iter().find_map(|it| {
        let (listed_name, address) = it.trim().split_once("://")?;
        let (host, port) = address.rsplit_once(':')?;
        let is_it = listed_name.eq_ignore_ascii_case(name);
        is_it.then_some((host.trim_matches(['[', ']']), port))
    });
    let (host, port) = found.with_context(|| {
        format!("Cannot find information about controller listener name: {name}")
    })?;
    Ok(Listener {
        name: name.to_uppercase().into(),
        host: if host.is_empty() { "localhost" } else { host }.into(),
        port: port.parse().with_context(|| format!("port {port}"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = lines.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_file_that_is_no_controllers_is_refused_by_the_line_it_lacks() {
        let mut lines = vec![];
        for (missing, line) in [
            ("node.id", ("node.id", "3")),
            ("process.roles", ("process.roles", "broker,controller")),
            ("metadata.log.dir", ("log.dirs", "/nowhere,/else")),
            ("/nowhere/meta.properties", ("x", "")),
        ] {
            let error = Controller::of(&pairs(&lines)).unwrap_err();
            assert!(error.to_string().contains(missing), "{error:#}");
            lines.push(line);
        }
    }

    #[test]
    fn a_listener_is_found_by_its_name_and_advertised_first() {
        let listed = [
            "CONTROLLER://[::1]:9093",
            "PLAINTEXT://a:9092",
            "controller://b:1",
        ];
        let found = listener("controller", &listed).unwrap();
        assert_eq!(endpoint(&found), "CONTROLLER://[::1]:9093");
        assert_eq!(
            endpoint(&listener("controller", &["CONTROLLER://:7"]).unwrap()),
            "CONTROLLER://localhost:7"
        );
        assert!(
            listener("OTHER", &listed)
                .unwrap_err()
                .to_string()
                .contains("OTHER")
        );
    }
}
