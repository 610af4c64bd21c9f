//! Moves of partitions between the folders of a broker.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rdkafka_client::{ErrorCode, NodeId, Target};
use rdkafka_wire::messages::alter_replica_log_dirs::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use rdkafka_wire::messages::describe_log_dirs::{DescribableLogDirTopic, DescribeLogDirsRequest};

use super::plan::{Folders, Replica};
use crate::cluster::{Cluster, checked};
use crate::output::say;

/// How long to wait until a broker may have the partition whose folder is to be said.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Where a replica is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) current: Option<String>,
    /// Where it is being copied to.
    pub(super) future: Option<String>,
}

/// Where these replicas are; brokers that are not there have none.
pub(super) fn places<'a>(
    cluster: &Cluster,
    replicas: impl Iterator<Item = &'a Replica>,
) -> Result<BTreeMap<Replica, Place>> {
    let mut places: BTreeMap<Replica, Place> =
        replicas.map(|it| (it.clone(), Place::default())).collect();
    for node in cluster.nodes()? {
        let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
        for replica in places.keys().filter(|it| it.broker == node.0) {
            let (topic, index) = &replica.partition;
            topics.entry(topic).or_default().push(*index);
        }
        if topics.is_empty() {
            continue;
        }
        let topics = topics
            .into_iter()
            .map(|(topic, partitions)| DescribableLogDirTopic {
                topic: topic.into(),
                partitions,
            });
        let request = DescribeLogDirsRequest {
            topics: Some(topics.collect()),
        };
        let response = cluster.ask(Target::Node(node), request)?;
        checked(response.error_code, None)?;
        for folder in response.results.iter().filter(|it| it.error_code == 0) {
            for topic in &folder.topics {
                for found in &topic.partitions {
                    let replica = Replica {
                        broker: node.0,
                        partition: (topic.name.to_string(), found.partition_index),
                    };
                    let Some(place) = places.get_mut(&replica) else {
                        continue;
                    };
                    let folder = Some(folder.log_dir.to_string());
                    if found.is_future_key {
                        place.future = folder;
                    } else {
                        place.current = folder;
                    }
                }
            }
        }
    }
    Ok(places)
}

/// How a move goes, in words.
pub(super) fn state(replica: &Replica, place: &Place, target: &str) -> String {
    let ((topic, index), broker) = (&replica.partition, replica.broker);
    match (&place.current, &place.future) {
        (None, None) => format!(
            "Partition {topic}-{index} cannot be found in any live log directory on broker {broker}."
        ),
        (_, Some(future)) if future == target => {
            format!("Reassignment of replica {replica} is still in progress.")
        }
        (_, Some(future)) => format!(
            "Partition {topic}-{index} on broker {broker} is being moved to log dir {future} instead of {target}."
        ),
        (Some(current), None) if current == target => {
            format!("Reassignment of replica {replica} completed successfully.")
        }
        (Some(current), None) => format!(
            "Partition {topic}-{index} on broker {broker} is not being moved from log dir {current} to {target}."
        ),
    }
}

/// Has the brokers move the replicas; again while a broker has not got one yet.
pub(super) fn start(cluster: &Cluster, targets: &Folders) -> Result<()> {
    let (end, mut pending) = (cluster.end(), targets.clone());
    while !pending.is_empty() {
        let started = alter(cluster, &pending)?;
        for replica in started {
            let (topic, index) = &replica.partition;
            if let Some(folder) = pending.remove(&replica) {
                say!(
                    "Successfully started moving log directory to {folder} for replica {topic}-{index} with broker {} ",
                    replica.broker
                );
            }
        }
        if pending.is_empty() {
            break;
        }
        if Instant::now() >= end {
            let names: Vec<_> = pending.keys().map(Replica::to_string).collect();
            let s = if names.len() == 1 { "" } else { "s" };
            bail!(
                "Timed out before log directory move{s} could be started for: {}",
                names.join(",")
            );
        }
        std::thread::sleep(RETRY_AFTER);
    }
    Ok(())
}

/// The replicas that are on their way now.
fn alter(cluster: &Cluster, targets: &Folders) -> Result<Vec<Replica>> {
    let mut brokers: BTreeMap<i32, BTreeMap<&str, BTreeMap<&str, Vec<i32>>>> = BTreeMap::new();
    for (replica, folder) in targets {
        let (topic, index) = &replica.partition;
        let folders = brokers.entry(replica.broker).or_default();
        let topics = folders.entry(folder).or_default();
        topics.entry(topic).or_default().push(*index);
    }
    let mut started = Vec::new();
    for (broker, folders) in brokers {
        let topics = |topics: BTreeMap<&str, Vec<i32>>| {
            let topics = topics.into_iter();
            topics
                .map(|(name, partitions)| AlterReplicaLogDirTopic {
                    name: name.into(),
                    partitions,
                })
                .collect()
        };
        let dirs = folders.into_iter().map(|(path, it)| AlterReplicaLogDir {
            path: path.into(),
            topics: topics(it),
        });
        let request = AlterReplicaLogDirsRequest {
            dirs: dirs.collect(),
        };
        let response = cluster.ask(Target::Node(NodeId(broker)), request)?;
        for topic in response.results {
            for result in topic.partitions {
                let replica = Replica {
                    broker,
                    partition: (topic.topic_name.to_string(), result.partition_index),
                };
                if ErrorCode(result.error_code) == ErrorCode::REPLICA_NOT_AVAILABLE {
                    continue;
                }
                checked(result.error_code, None)
                    .with_context(|| format!("Failed to alter dir for {replica}"))?;
                started.push(replica);
            }
        }
    }
    Ok(started)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_move_is_told_by_where_the_replica_is() {
        let replica = Replica {
            broker: 1,
            partition: ("t".to_owned(), 0),
        };
        let words = |current: Option<&str>, future: Option<&str>| {
            let place = Place {
                current: current.map(str::to_owned),
                future: future.map(str::to_owned),
            };
            state(&replica, &place, "/b")
        };
        assert!(words(Some("/b"), None).ends_with("t-0-1 completed successfully."));
        assert!(words(Some("/a"), Some("/b")).ends_with("t-0-1 is still in progress."));
        assert!(words(Some("/a"), None).ends_with("is not being moved from log dir /a to /b."));
        assert!(
            words(Some("/a"), Some("/c")).ends_with("is being moved to log dir /c instead of /b.")
        );
        assert!(words(None, None).contains("cannot be found"));
    }
}
