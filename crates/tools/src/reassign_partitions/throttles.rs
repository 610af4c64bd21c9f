//! The settings that slow a reassignment down, and that must go when it is done.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::plan::{Assignment, Replica};
use crate::cluster::Cluster;
use crate::configs::{ResourceType, change};
use crate::output::say;

const LEADER_RATE: &str = "leader.replication.throttled.rate";
const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";
const FOLDER_RATE: &str = "replica.alter.log.dirs.io.max.bytes.per.second";
const LEADER_REPLICAS: &str = "leader.replication.throttled.replicas";
const FOLLOWER_REPLICAS: &str = "follower.replication.throttled.replicas";

/// Lets replicas that come be fetched no faster than so many bytes a second.
pub(super) fn limit_brokers(
    cluster: &Cluster,
    now: &Assignment,
    wanted: &Assignment,
    rate: i64,
) -> Result<()> {
    let mut brokers: BTreeSet<i32> = BTreeSet::new();
    let mut topics: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (partition, replicas) in wanted {
        let (topic, index) = partition;
        let sources = now.get(partition).map_or(&[][..], Vec::as_slice);
        let (leaders, followers) = topics.entry(topic).or_default();
        leaders.extend(sources.iter().map(|it| format!("{index}:{it}")));
        let coming = replicas.iter().filter(|it| !sources.contains(it));
        followers.extend(coming.clone().map(|it| format!("{index}:{it}")));
        brokers.extend(sources.iter().chain(coming));
    }
    for (topic, (leaders, followers)) in topics {
        let lists = [(LEADER_REPLICAS, leaders), (FOLLOWER_REPLICAS, followers)];
        let settings = lists.map(|(key, list)| {
            let list: Vec<_> = list.into_iter().collect();
            (key.to_owned(), list.join(","))
        });
        change(cluster, ResourceType::Topic, topic, &settings, &[])?;
    }
    let settings = [LEADER_RATE, FOLLOWER_RATE].map(|key| (key.to_owned(), rate.to_string()));
    set(cluster, &brokers, &settings)?;
    say!("The inter-broker throttle limit was set to {rate} B/s");
    Ok(())
}

/// Lets these replicas move between folders no faster than so many bytes a second.
pub(super) fn limit_folders<'a>(
    cluster: &Cluster,
    replicas: impl Iterator<Item = &'a Replica>,
    rate: i64,
) -> Result<()> {
    let brokers: BTreeSet<i32> = replicas.map(|it| it.broker).collect();
    let settings = [(FOLDER_RATE.to_owned(), rate.to_string())];
    set(cluster, &brokers, &settings)?;
    say!("The replica-alter-dir throttle limit was set to {rate} B/s");
    Ok(())
}

fn set(cluster: &Cluster, brokers: &BTreeSet<i32>, settings: &[(String, String)]) -> Result<()> {
    for broker in brokers {
        change(
            cluster,
            ResourceType::Broker,
            &broker.to_string(),
            settings,
            &[],
        )?;
    }
    Ok(())
}

/// All of them go: nobody remembers which brokers took part.
pub(super) fn clear(cluster: &Cluster, wanted: &Assignment) -> Result<()> {
    let is_one = |list: usize| if list == 1 { "" } else { "s" };
    // Brokers that are not there cannot be asked; Kafka's tool waits for them in vain.
    let brokers: Vec<String> = cluster.nodes()?.iter().map(|it| it.0.to_string()).collect();
    say!(
        "Clearing broker-level throttles on broker{} {}",
        is_one(brokers.len()),
        brokers.join(",")
    );
    for broker in &brokers {
        let names = [LEADER_RATE, FOLLOWER_RATE, FOLDER_RATE];
        change(cluster, ResourceType::Broker, broker, &[], &names)?;
    }
    let topics: BTreeSet<&str> = wanted.keys().map(|(topic, _)| topic.as_str()).collect();
    let topics: Vec<&str> = topics.into_iter().collect();
    say!(
        "Clearing topic-level throttles on topic{} {}",
        is_one(topics.len()),
        topics.join(",")
    );
    for topic in topics {
        change(
            cluster,
            ResourceType::Topic,
            topic,
            &[],
            &[LEADER_REPLICAS, FOLLOWER_REPLICAS],
        )?;
    }
    Ok(())
}
