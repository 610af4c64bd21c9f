//! The JSON that says which brokers are to have which partitions, and in which of their folders; and one to propose.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::cluster::Partition;

/// The word for a folder that the broker is to choose.
const ANY: &str = "any";

/// Which brokers have each partition.
pub(super) type Assignment = BTreeMap<Partition, Vec<i32>>;

/// The partition that a broker has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Replica {
    pub(super) broker: i32,
    pub(super) partition: Partition,
}

impl std::fmt::Display for Replica {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (topic, partition) = &self.partition;
        write!(f, "{topic}-{partition}-{}", self.broker)
    }
}

/// In which folder each replica is.
pub(super) type Folders = BTreeMap<Replica, String>;

/// What is to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) partitions: Assignment,
    pub(super) folders: Folders,
}

impl Plan {
    /// Reads the file of `--reassignment-json-file`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let file = parse_versioned(text)?;
        let rows = file.get("partitions").and_then(Value::as_array);
        let rows = rows.context("the list \"partitions\" is missing")?;
        if rows.is_empty() {
            bail!("Partition reassignment list cannot be empty");
        }
        let mut plan = Self::default();
        for row in rows {
            plan.take(row).with_context(|| row.to_string())?;
        }
        Ok(plan)
    }

    fn take(&mut self, row: &Value) -> Result<()> {
        let topic = row.get("topic").and_then(Value::as_str);
        let topic = topic.context("\"topic\" is missing or no string")?;
        let index = row.get("partition").and_then(Value::as_i64);
        let index = index.context("\"partition\" is missing or no number")?;
        let partition = (topic.to_owned(), i32::try_from(index)?);
        let replicas = row.get("replicas").and_then(Value::as_array);
        let replicas = replicas.context("\"replicas\" is missing or no list")?;
        let id = |it: &Value| it.as_i64().and_then(|it| i32::try_from(it).ok());
        let ids: Option<Vec<i32>> = replicas.iter().map(id).collect();
        let ids = ids.context("\"replicas\" are numbers of brokers")?;
        if ids.is_empty() {
            bail!("Partition replica list cannot be empty");
        }
        if let Some(twice) = duplicate(&ids) {
            bail!(
                "Partition replica lists may not contain duplicate entries: {topic}-{index} contains multiple entries for {twice}"
            );
        }
        if let Some(folders) = row.get("log_dirs") {
            let folders = folders.as_array().context("\"log_dirs\" is no list")?;
            if folders.len() != ids.len() {
                bail!(
                    "Size of replicas list {replicas:?} is different from size of log dirs list {folders:?} for partition {topic}-{index}"
                );
            }
            for (broker, folder) in ids.iter().zip(folders) {
                let folder = folder.as_str().context("\"log_dirs\" are folders")?;
                let replica = Replica {
                    broker: *broker,
                    partition: partition.clone(),
                };
                if folder != ANY {
                    self.folders.insert(replica, folder.to_owned());
                }
            }
        }
        if self.partitions.insert(partition, ids).is_some() {
            bail!("Partition reassignment contains duplicate topic partitions: {topic}-{index}");
        }
        Ok(())
    }
}

/// The topics of `--topics-to-move-json-file`.
pub(super) fn parse_topics(text: &str) -> Result<Vec<String>> {
    let file = parse_versioned(text)?;
    let rows = file.get("topics").and_then(Value::as_array);
    let rows = rows.context("the list \"topics\" is missing")?;
    let name = |row: &Value| row.get("topic")?.as_str().map(str::to_owned);
    let topics: Option<Vec<String>> = rows.iter().map(name).collect();
    let topics = topics.context("a topic without a name \"topic\"")?;
    if let Some(twice) = duplicate(&topics) {
        bail!("List of topics to reassign contains duplicate entries: {twice}");
    }
    Ok(topics)
}

fn parse_versioned(text: &str) -> Result<Value> {
    let file: Value = serde_json::from_str(text).context("not JSON")?;
    match file.get("version").map(Value::as_i64) {
        None | Some(Some(1)) => Ok(file),
        Some(_) => bail!("Not supported version field value {}", file["version"]),
    }
}

/// One that comes again.
pub(super) fn duplicate<T: Ord>(list: &[T]) -> Option<&T> {
    let mut seen = BTreeSet::new();
    list.iter().find(|it| !seen.insert(*it))
}

/// The file that says this, its keys in Kafka's order.
pub(super) fn to_json(assignment: &Assignment, folders: &Folders) -> String {
    let rows = assignment.iter().map(|(partition, brokers)| {
        let folders = brokers.iter().map(|broker| {
            let replica = Replica {
                broker: *broker,
                partition: partition.clone(),
            };
            folders.get(&replica).map_or(ANY, String::as_str)
        });
        let (topic, index) = partition;
        format!(
            "{{\"topic\":{},\"partition\":{index},\"replicas\":{},\"log_dirs\":{}}}",
            json!(topic),
            json!(brokers),
            json!(folders.collect::<Vec<_>>())
        )
    });
    let rows: Vec<String> = rows.collect();
    format!("{{\"version\":1,\"partitions\":[{}]}}", rows.join(","))
}

/// A broker that may be given partitions, and the rack it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) id: i32,
    pub(super) rack: Option<String>,
}

/// Spreads the partitions of one topic over the brokers: first replicas in turn, the others shifted against them, and
/// in racks that the partition is not in yet as long as there are any. `start` and `shift` are where to begin.
pub(super) fn spread(
    partitions: usize,
    replicas: usize,
    brokers: &[Candidate],
    (start, mut shift): (usize, usize),
) -> Result<Vec<Vec<i32>>> {
    if replicas > brokers.len() {
        bail!(
            "Replication factor: {replicas} larger than available brokers: {}.",
            brokers.len()
        );
    }
    let brokers = by_racks_in_turn(brokers);
    let racks: BTreeSet<_> = brokers.iter().filter_map(|it| it.rack.as_ref()).collect();
    let mut lists = Vec::with_capacity(partitions);
    for index in 0..partitions {
        if index > 0 && index.is_multiple_of(brokers.len()) {
            shift += 1;
        }
        let first = (start + index) % brokers.len();
        let mut chosen = vec![first];
        // Each broker comes up once, the shift apart from the first.
        let others = (0..brokers.len().saturating_sub(1))
            .map(|at| (first + 1 + (shift + at) % (brokers.len() - 1)) % brokers.len());
        let others: Vec<usize> = others.collect();
        while chosen.len() < replicas {
            let used: BTreeSet<_> = chosen
                .iter()
                .filter_map(|at| brokers[*at].rack.as_ref())
                .collect();
            let is_free = |at: &&usize| !chosen.contains(at);
            let is_elsewhere = |at: &&usize| {
                brokers[**at]
                    .rack
                    .as_ref()
                    .is_none_or(|it| !used.contains(it))
            };
            let mut free = others.iter().filter(is_free);
            let next = if used.len() < racks.len() {
                free.clone().find(is_elsewhere).or_else(|| free.next())
            } else {
                free.next()
            };
            chosen.push(*next.context("there are as many brokers as replicas")?);
        }
        lists.push(chosen.into_iter().map(|at| brokers[at].id).collect());
    }
    Ok(lists)
}

/// One of each rack, then the next of each.
fn by_racks_in_turn(brokers: &[Candidate]) -> Vec<Candidate> {
    let mut racks: BTreeMap<Option<&String>, Vec<&Candidate>> = BTreeMap::new();
    for broker in brokers {
        racks.entry(broker.rack.as_ref()).or_default().push(broker);
    }
    let most = racks.values().map(Vec::len).max().unwrap_or(0);
    let turns = (0..most).flat_map(|at| racks.values().filter_map(move |it| it.get(at)));
    turns.map(|it| (*it).clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_and_written_with_kafkas_keys() {
        let text = r#"{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1,2],"log_dirs":["any","/b"]}]}"#;
        let plan = Plan::parse(text).unwrap();
        assert_eq!(plan.folders.len(), 1);
        assert_eq!(plan.folders.keys().next().unwrap().to_string(), "t-0-2");
        assert_eq!(to_json(&plan.partitions, &plan.folders), text);
    }

    #[test]
    fn what_is_wrong_with_a_plan_is_said() {
        for (rows, reason) in [
            ("", "cannot be empty"),
            (r#"{"partition":0,"replicas":[1]}"#, "\"topic\""),
            (
                r#"{"topic":"t","partition":0,"replicas":[]}"#,
                "cannot be empty",
            ),
            (
                r#"{"topic":"t","partition":0,"replicas":[1,1]}"#,
                "multiple entries for 1",
            ),
            (
                r#"{"topic":"t","partition":0,"replicas":[1],"log_dirs":[]}"#,
                "different from size",
            ),
            (
                r#"{"topic":"t","partition":0,"replicas":[1]},{"topic":"t","partition":0,"replicas":[2]}"#,
                "duplicate topic partitions: t-0",
            ),
        ] {
            let error = Plan::parse(&format!("{{\"partitions\":[{rows}]}}")).unwrap_err();
            assert!(format!("{error:#}").contains(reason), "{error:#}");
        }
        let version = Plan::parse(r#"{"version":2,"partitions":[]}"#).unwrap_err();
        assert!(version.to_string().contains("version field value 2"));
        let twice = parse_topics(r#"{"topics":[{"topic":"a"},{"topic":"a"}]}"#).unwrap_err();
        assert!(twice.to_string().contains("duplicate entries: a"));
    }

    fn brokers(racks: &[Option<&str>]) -> Vec<Candidate> {
        let candidates = (1..).zip(racks);
        candidates
            .map(|(id, rack)| Candidate {
                id,
                rack: rack.map(str::to_owned),
            })
            .collect()
    }

    #[test]
    fn partitions_are_spread_evenly_and_no_broker_has_one_twice() {
        let lists = spread(6, 2, &brokers(&[None, None, None]), (1, 0)).unwrap();
        for id in 1..=3 {
            assert_eq!(
                lists.iter().filter(|it| it[0] == id).count(),
                2,
                "{lists:?}"
            );
            assert_eq!(
                lists.iter().flatten().filter(|it| **it == id).count(),
                4,
                "{lists:?}"
            );
        }
        assert!(lists.iter().all(|it| duplicate(it).is_none()));
        let error = spread(1, 2, &brokers(&[None]), (0, 0))
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "Replication factor: 2 larger than available brokers: 1."
        );
    }

    #[test]
    fn replicas_are_in_different_racks_while_there_are_any() {
        let racks = [Some("a"), Some("a"), Some("b"), Some("b")];
        for start in 0..4 {
            for list in spread(8, 2, &brokers(&racks), (start, start)).unwrap() {
                assert_ne!(list[0] <= 2, list[1] <= 2, "{list:?}");
            }
        }
        let lists = spread(4, 3, &brokers(&racks), (0, 0)).unwrap();
        assert!(
            lists
                .iter()
                .all(|it| it.len() == 3 && duplicate(it).is_none())
        );
    }
}
