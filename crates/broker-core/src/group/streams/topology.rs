//! Whether the topics are there that an application needs, how many partitions its own are to have, and how many tasks that makes.
//!
//! Pure functions of a topology and the topics. Kafka calls this the internal topic manager.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::streams_group_heartbeat::{
    KeyValue, Status, Subtopology, TopicInfo, Topology,
};
use rdkafka_wire::types::StrBytes;
use rdkafka_wire::{FrameReader, FrameWriter, Message};

use super::super::TopicView;
use super::Refusal;
use super::records::TopologyValue;

/// What the coordinator tells a member beside its tasks; the numbers are Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusCode {
    StaleTopology = 0,
    MissingSourceTopics = 1,
    IncorrectlyPartitionedTopics = 2,
    MissingInternalTopics = 3,
    ShutdownApplication = 4,
    AssignmentDelayed = 5,
}

impl StatusCode {
    pub(super) fn with(self, detail: impl Into<StrBytes>) -> Status {
        Status {
            status_code: self as i8,
            status_detail: detail.into(),
        }
    }
}

/// A topic that the application needs and does not have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InternalTopic {
    pub(crate) name: StrBytes,
    pub(crate) partitions: i32,
    /// 0 for the broker's default.
    pub(crate) replication_factor: i16,
    pub(crate) configs: Vec<KeyValue>,
}

/// A topology with the topics as they are.
#[derive(Debug, Clone, Default)]
pub(super) struct Configured {
    /// How many tasks each subtopology has; empty when that cannot be said.
    pub(super) tasks: BTreeMap<StrBytes, i32>,
    /// How many partitions topics are to have that the topology does not say it of.
    counts: BTreeMap<StrBytes, i32>,
    /// Topics to be created.
    pub(super) missing: Vec<InternalTopic>,
    /// Why the application cannot run.
    pub(super) problem: Option<Status>,
}

impl Configured {
    pub(super) const fn is_ready(&self) -> bool {
        self.problem.is_none()
    }

    /// A topic of the application as it is to be.
    pub(super) fn decided(&self, topic: &TopicInfo) -> TopicInfo {
        let partitions = match topic.partitions {
            0 => self.counts.get(&topic.name).copied().unwrap_or(0),
            fixed => fixed,
        };
        TopicInfo {
            partitions,
            ..topic.clone()
        }
    }
}

/// A topology as it is stored: in an order of its own, and apart from the frame it came in.
pub(super) fn stored(topology: &Topology) -> Result<TopologyValue, Refusal> {
    if topology.epoch < 0 {
        return Err(invalid("Topology epoch must be non-negative."));
    }
    let mut value = TopologyValue {
        epoch: topology.epoch,
        subtopologies: topology.subtopologies.clone(),
    };
    value
        .subtopologies
        .sort_by(|a, b| a.subtopology_id.cmp(&b.subtopology_id));
    for pair in value.subtopologies.windows(2) {
        if pair[0].subtopology_id == pair[1].subtopology_id {
            let id = &pair[0].subtopology_id;
            return Err(invalid(format!("Subtopology {id} is there twice.")));
        }
    }
    for subtopology in &value.subtopologies {
        copartitioned(subtopology)?;
    }
    let mut writer = FrameWriter::new();
    value.encode(&mut writer, 0);
    TopologyValue::decode(&mut FrameReader::new(writer.into_bytes()), 0)
        .map_err(|error| invalid(error.to_string()))
}

/// The topics that a subtopology reads.
pub(super) fn sources(subtopology: &Subtopology) -> impl Iterator<Item = &StrBytes> {
    let repartitioned = subtopology.repartition_source_topics.iter();
    subtopology
        .source_topics
        .iter()
        .chain(repartitioned.map(|it| &it.name))
}

/// The topics that an application has to itself.
fn internal(topology: &TopologyValue) -> impl Iterator<Item = &TopicInfo> {
    topology.subtopologies.iter().flat_map(|it| {
        let repartitioned = it.repartition_source_topics.iter();
        repartitioned.chain(&it.state_changelog_topics)
    })
}

/// Every topic that has to be there.
pub(super) fn required(topology: &TopologyValue) -> BTreeSet<StrBytes> {
    let sources = topology.subtopologies.iter().flat_map(sources);
    let internal = internal(topology).map(|it| &it.name);
    sources.chain(internal).cloned().collect()
}

/// Holds a topology against the topics. An error is one of the topology itself.
pub(super) fn configure(
    topology: &TopologyValue,
    topics: &(impl TopicView + ?Sized),
) -> Result<Configured, Refusal> {
    let mut counts = Counts {
        topology,
        topics,
        decided: BTreeMap::new(),
    };
    match counts.configure() {
        Ok(configured) => Ok(configured),
        Err(Trouble::Topology(reason)) => Err(invalid(reason)),
        Err(Trouble::Topics(problem)) => Ok(Configured {
            problem: Some(problem),
            ..Configured::default()
        }),
    }
}

/// What is wrong.
enum Trouble {
    /// With the topology: no topics would help.
    Topology(String),
    /// With the topics.
    Topics(Status),
}

fn invalid(reason: impl Into<String>) -> Refusal {
    (ErrorCode::STREAMS_INVALID_TOPOLOGY, reason.into())
}

fn incorrectly_partitioned(detail: String) -> Trouble {
    Trouble::Topics(StatusCode::IncorrectlyPartitionedTopics.with(detail))
}

struct Counts<'a, T: ?Sized> {
    topology: &'a TopologyValue,
    topics: &'a T,
    /// Of topics that need not be there yet.
    decided: BTreeMap<StrBytes, i32>,
}

impl<T: TopicView + ?Sized> Counts<'_, T> {
    fn configure(&mut self) -> Result<Configured, Trouble> {
        let sources = self.topology.subtopologies.iter();
        let missing: BTreeSet<&StrBytes> = sources
            .flat_map(|it| &it.source_topics)
            .filter(|name| self.topics.topic(name).is_none())
            .collect();
        if !missing.is_empty() {
            let detail = format!("Source topics {} are missing.", summary(missing));
            return Err(Trouble::Topics(
                StatusCode::MissingSourceTopics.with(detail),
            ));
        }
        self.decide_repartitioned()?;
        self.enforce_copartitioning()?;
        let mut tasks = BTreeMap::new();
        for subtopology in &self.topology.subtopologies {
            let widest = self.widest(subtopology)?;
            for changelog in &subtopology.state_changelog_topics {
                self.decided.insert(changelog.name.clone(), widest);
            }
            tasks.insert(subtopology.subtopology_id.clone(), widest);
        }
        let mut configured = Configured {
            tasks,
            counts: self.decided.clone(),
            ..Configured::default()
        };
        configured.missing = self.missing(&configured)?;
        if !configured.missing.is_empty() {
            let names = configured.missing.iter().map(|it| &it.name);
            let detail = format!("Internal topics are missing: {}", summary(names));
            configured.problem = Some(StatusCode::MissingInternalTopics.with(detail));
        }
        Ok(configured)
    }

    fn count(&self, topic: &StrBytes) -> Option<i32> {
        let there = self.topics.topic(topic).map(|(_, partitions)| partitions);
        there.or_else(|| self.decided.get(topic).copied())
    }

    /// The widest of what a subtopology reads.
    fn widest(&self, subtopology: &Subtopology) -> Result<i32, Trouble> {
        let counts = sources(subtopology).filter_map(|it| self.count(it));
        counts.max().ok_or_else(|| {
            let id = &subtopology.subtopology_id;
            Trouble::Topology(format!("No source topics found for subtopology {id}"))
        })
    }

    /// A topic that records pass through is as wide as what they come from, unless the application says how wide it is.
    fn decide_repartitioned(&mut self) -> Result<(), Trouble> {
        let subtopologies = &self.topology.subtopologies;
        let mut decided: BTreeMap<StrBytes, i32> = subtopologies
            .iter()
            .flat_map(|it| &it.repartition_source_topics)
            .filter(|it| it.partitions != 0)
            .map(|it| (it.name.clone(), it.partitions))
            .collect();
        loop {
            let (mut is_stuck, mut has_moved) = (false, false);
            for subtopology in subtopologies {
                let repartitioned = subtopology.repartition_source_topics.iter();
                let through = repartitioned.filter_map(|it| decided.get(&it.name).copied());
                let from = subtopology.source_topics.iter();
                let from = from.filter_map(|it| self.count(it));
                let widest = through.chain(from).max();
                for sink in &subtopology.repartition_sink_topics {
                    match widest {
                        _ if decided.contains_key(sink) => {}
                        Some(widest) => {
                            decided.insert(sink.clone(), widest);
                            has_moved = true;
                        }
                        None => is_stuck = true,
                    }
                }
            }
            if !is_stuck {
                break;
            }
            if !has_moved {
                return Err(Trouble::Topology(
                    "Failed to compute number of partitions for all repartition topics. There may be loops in the topology that cannot be resolved.".into(),
                ));
            }
        }
        let mut read = subtopologies
            .iter()
            .flat_map(|it| &it.repartition_source_topics);
        if read.any(|it| !decided.contains_key(&it.name)) {
            return Err(Trouble::Topology(
                "Failed to compute number of partitions for all repartition topics, because a repartition source topic is never used as a sink topic.".into(),
            ));
        }
        self.decided = decided;
        Ok(())
    }

    /// What is joined must be equally wide; what the application has to itself is made so.
    fn enforce_copartitioning(&mut self) -> Result<(), Trouble> {
        let own = self.topology.subtopologies.iter();
        let own: BTreeMap<StrBytes, bool> = own
            .flat_map(|it| &it.repartition_source_topics)
            .map(|it| (it.name.clone(), it.partitions != 0))
            .collect();
        for subtopology in &self.topology.subtopologies {
            let groups = copartitioned(subtopology);
            for group in groups.map_err(|(_, reason)| Trouble::Topology(reason))? {
                self.enforce(&group, &own)?;
            }
        }
        Ok(())
    }

    /// `own` are the topics the application has to itself, and whether it says how wide they are.
    fn enforce(
        &mut self,
        group: &BTreeSet<StrBytes>,
        own: &BTreeMap<StrBytes, bool>,
    ) -> Result<(), Trouble> {
        let counted = |it: &StrBytes| Some((it.clone(), self.count(it)?));
        let (own_counts, others): (Vec<_>, Vec<_>) = group
            .iter()
            .filter_map(counted)
            .partition(|(name, _)| own.contains_key(name));
        let is_fixed = |name: &StrBytes| own.get(name).copied().unwrap_or(false);
        let fixed = own_counts.iter().filter(|(name, _)| is_fixed(name));
        let fixed: Vec<_> = fixed.cloned().collect();
        let leading = match (others.is_empty(), fixed.is_empty()) {
            (false, _) => &others,
            (true, false) => &fixed,
            (true, true) => &own_counts,
        };
        let Some(width) = leading.iter().map(|(_, count)| *count).max() else {
            return Ok(());
        };
        let may_differ = others.is_empty() && fixed.is_empty();
        if !may_differ && leading.iter().any(|(_, count)| *count != width) {
            let shown = leading
                .iter()
                .map(|(name, count)| format!("{name}={count}"));
            let shown = shown.collect::<Vec<_>>().join(", ");
            return Err(incorrectly_partitioned(format!(
                "Following topics do not have the same number of partitions: [{{{shown}}}]"
            )));
        }
        for (name, count) in &own_counts {
            if is_fixed(name) && *count != width {
                return Err(incorrectly_partitioned(format!(
                    "Number of partitions [{count}] of repartition topic [{name}] doesn't match number of partitions [{width}] of the source topic."
                )));
            }
            self.decided.insert(name.clone(), width);
        }
        Ok(())
    }

    /// The application's own topics that are not there; one that is there as it should not be is a problem.
    fn missing(&self, configured: &Configured) -> Result<Vec<InternalTopic>, Trouble> {
        let mut missing: BTreeMap<StrBytes, InternalTopic> = BTreeMap::new();
        for topic in internal(self.topology) {
            let wanted = configured.decided(topic);
            match self.topics.topic(&topic.name) {
                Some((_, found)) if found == wanted.partitions => {}
                Some((_, found)) => {
                    return Err(incorrectly_partitioned(format!(
                        "Existing topic {} has different number of partitions: expected {}, found {found}",
                        topic.name, wanted.partitions
                    )));
                }
                None => {
                    let topic = InternalTopic {
                        name: wanted.name,
                        partitions: wanted.partitions,
                        replication_factor: wanted.replication_factor,
                        configs: wanted.topic_configs,
                    };
                    missing.insert(topic.name.clone(), topic);
                }
            }
        }
        Ok(missing.into_values().collect())
    }
}

/// The groups of topics that must be equally wide.
fn copartitioned(subtopology: &Subtopology) -> Result<Vec<BTreeSet<StrBytes>>, Refusal> {
    let at = |place: &i16| usize::try_from(*place).ok();
    let groups = subtopology.copartition_groups.iter().map(|group| {
        let read = group.source_topics.iter();
        let read = read.map(|place| subtopology.source_topics.get(at(place)?));
        let own = group.repartition_source_topics.iter();
        let own = own.map(|place| {
            let topic = subtopology.repartition_source_topics.get(at(place)?);
            topic.map(|it| &it.name)
        });
        let names = read.chain(own).map(Option::<&StrBytes>::cloned);
        names.collect::<Option<_>>()
    });
    groups.collect::<Option<_>>().ok_or_else(|| {
        let id = &subtopology.subtopology_id;
        invalid(format!(
            "A copartition group of subtopology {id} names a topic that it does not have."
        ))
    })
}

/// At most three names, and how many more there are.
fn summary<'a>(names: impl IntoIterator<Item = &'a StrBytes>) -> String {
    let names: Vec<&str> = names.into_iter().map(|it| &**it).collect();
    let shown = &names[..names.len().min(SHOWN)];
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} additional topics", shown.join(", ")),
    }
}

const SHOWN: usize = 3;
