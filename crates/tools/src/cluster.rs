//! The cluster as a tool sees it: questions and answers, with errors in words.
//!
//! Owns the retries: an answer that says "not now" (a coordinator that loads, a leader that moves) is asked for again
//! until the time is over.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use rdkafka_client::conf::ClientKind;
use rdkafka_client::{
    Client, CoordinatorKind, ErrorCode, Event, Flow, MetadataScope, NodeId, Target,
};
use rdkafka_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use rdkafka_wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseTopic,
};
use rdkafka_wire::types::StrBytes;

use crate::connect::Connect;

/// How long to wait before the same question is asked again.
const RETRY_AFTER: Duration = Duration::from_millis(100);
/// How often to look whether a broker answers.
const ASK_EVERY_MS: i32 = 300;
/// How long brokers that refuse connections are tried again.
const HOPE: Duration = Duration::from_secs(2);

/// Kafka's special times of ListOffsets.
pub(crate) const LATEST: i64 = -1;
/// The first offset there is.
pub(crate) const EARLIEST: i64 = -2;

/// A cluster one can ask.
#[derive(Debug)]
pub(crate) struct Cluster {
    client: Client,
    timeout_ms: i32,
    reasons: RefCell<Vec<String>>,
    /// Every broker has failed once.
    is_down: Cell<bool>,
}

/// An offset and its time, or why there is none.
pub(crate) type FoundOffset = Result<(i64, i64), ErrorCode>;

/// A partition by name and number.
pub(crate) type Partition = (String, i32);

impl Cluster {
    pub(crate) fn connect(connect: &Connect) -> Result<Self> {
        let client = connect.client(ClientKind::Producer, &[], &[])?;
        let cluster = Self::of(client, connect.timeout_ms);
        cluster.wait_until_reachable()?;
        Ok(cluster)
    }

    /// Until some broker answers, for as long as there is hope: when all refuse, that is not very long.
    pub(crate) fn wait_until_reachable(&self) -> Result<()> {
        let (begin, end) = (Instant::now(), self.end());
        loop {
            let slice_ms = ASK_EVERY_MS.min(self.timeout_ms);
            let interrupted = &crate::signals::is_stopped;
            let Err(code) = self
                .client
                .metadata(MetadataScope::Known, slice_ms, interrupted)
            else {
                return Ok(());
            };
            let failure = self.failure("Metadata", code);
            let is_hopeless = self.is_down.get() && begin.elapsed() >= HOPE;
            if is_hopeless || Instant::now() >= end || crate::signals::is_stopped() {
                return Err(failure);
            }
        }
    }

    /// Over a client that is there already.
    pub(crate) fn of(client: Client, timeout_ms: i32) -> Self {
        Self {
            client,
            timeout_ms,
            reasons: RefCell::default(),
            is_down: Cell::new(false),
        }
    }

    /// Ask; what the answer says is the caller's.
    pub(crate) fn ask<R>(&self, target: Target, request: R) -> Result<R::Response>
    where
        R: rdkafka_wire::Request + std::fmt::Debug + Send + Sync + 'static,
    {
        self.try_ask(target, request)
            .map_err(|code| self.failure(R::NAME, code))
    }

    /// Ask, and look at the code oneself.
    pub(crate) fn try_ask<R>(&self, target: Target, request: R) -> Result<R::Response, ErrorCode>
    where
        R: rdkafka_wire::Request + std::fmt::Debug + Send + Sync + 'static,
    {
        self.client.request(
            target,
            request,
            self.timeout_ms,
            &crate::signals::is_stopped,
        )
    }

    /// Ask the coordinator of a group, again while `code_of` its answer says "not now".
    pub(crate) fn ask_group<R>(
        &self,
        group: &str,
        request: R,
        code_of: impl Fn(&R::Response) -> i16,
    ) -> Result<R::Response>
    where
        R: rdkafka_wire::Request + std::fmt::Debug + Clone + Send + Sync + 'static,
    {
        self.ask_group_up_to(group, request, *R::VERSIONS.end(), code_of)
    }

    /// The same in a version not newer than `version_max`.
    pub(crate) fn ask_group_up_to<R>(
        &self,
        group: &str,
        request: R,
        version_max: i16,
        code_of: impl Fn(&R::Response) -> i16,
    ) -> Result<R::Response>
    where
        R: rdkafka_wire::Request + std::fmt::Debug + Clone + Send + Sync + 'static,
    {
        let end = self.end();
        loop {
            let target = Target::Coordinator(CoordinatorKind::Group, group.into());
            let response = self
                .client
                .request_up_to(
                    target,
                    request.clone(),
                    version_max,
                    self.timeout_ms,
                    &crate::signals::is_stopped,
                )
                .map_err(|code| self.failure(R::NAME, code))?;
            let code = ErrorCode(code_of(&response));
            if !is_not_now(code) || Instant::now() >= end {
                return Ok(response);
            }
            std::thread::sleep(RETRY_AFTER);
        }
    }

    /// The moment at which nobody waits any longer.
    pub(crate) fn end(&self) -> Instant {
        Instant::now()
            + Duration::from_millis(u64::try_from(self.timeout_ms).unwrap_or(u64::MAX >> 1))
    }

    pub(crate) fn timeout_ms(&self) -> i32 {
        self.timeout_ms
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Everything about these topics (`None`: all), without creating any.
    pub(crate) fn metadata(&self, topics: Option<&[String]>) -> Result<MetadataResponse> {
        let topics = topics.map(|topics| {
            let by_name = |topic: &String| MetadataRequestTopic {
                name: Some(topic.as_str().into()),
                ..Default::default()
            };
            topics.iter().map(by_name).collect()
        });
        let request = MetadataRequest {
            topics,
            allow_auto_topic_creation: false,
            ..Default::default()
        };
        self.ask(Target::Any, request)
    }

    /// All topics that are there, by name.
    pub(crate) fn topics(&self) -> Result<BTreeMap<String, MetadataResponseTopic>> {
        let named = |topic: MetadataResponseTopic| {
            topic
                .name
                .clone()
                .map(|name| (name.as_str().to_owned(), topic))
        };
        Ok(self
            .metadata(None)?
            .topics
            .into_iter()
            .filter_map(named)
            .collect())
    }

    /// The brokers' ids.
    pub(crate) fn nodes(&self) -> Result<Vec<NodeId>> {
        // Metadata of no topic at all; the client's own cache knows the nodes from then on.
        let brokers = self.metadata(Some(&[]))?.brokers;
        Ok(brokers
            .iter()
            .map(|broker| NodeId(broker.node_id))
            .collect())
    }

    /// The partitions of these topics with their leaders.
    pub(crate) fn leaders(&self, topics: &[String]) -> Result<BTreeMap<Partition, NodeId>> {
        let mut leaders = BTreeMap::new();
        for topic in self.metadata(Some(topics))?.topics {
            let name = topic.name.as_ref().map_or("", StrBytes::as_str).to_owned();
            checked(topic.error_code, None).map_err(|error| anyhow!("topic {name}: {error}"))?;
            for partition in &topic.partitions {
                leaders.insert(
                    (name.clone(), partition.partition_index),
                    NodeId(partition.leader_id),
                );
            }
        }
        Ok(leaders)
    }

    /// The offset and its time for each partition at `time` (milliseconds, or [`LATEST`] and its kin); -1 for none.
    pub(crate) fn offsets(
        &self,
        times: &BTreeMap<Partition, i64>,
    ) -> Result<BTreeMap<Partition, FoundOffset>> {
        let mut topics: Vec<String> = times.keys().map(|(topic, _)| topic.clone()).collect();
        topics.dedup();
        let leaders = self.leaders(&topics)?;
        let mut by_leader: BTreeMap<i32, BTreeMap<&str, Vec<ListOffsetsPartition>>> =
            BTreeMap::new();
        let mut found = BTreeMap::new();
        for ((topic, partition), time) in times {
            let key = (topic.clone(), *partition);
            let Some(leader) = leaders.get(&key).filter(|leader| leader.0 >= 0) else {
                let code = if leaders.contains_key(&key) {
                    ErrorCode::LEADER_NOT_AVAILABLE
                } else {
                    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
                };
                found.insert(key, Err(code));
                continue;
            };
            let asked = ListOffsetsPartition {
                partition_index: *partition,
                timestamp: *time,
                ..Default::default()
            };
            by_leader
                .entry(leader.0)
                .or_default()
                .entry(topic)
                .or_default()
                .push(asked);
        }
        for (leader, topics) in by_leader {
            let topics = topics
                .into_iter()
                .map(|(name, partitions)| ListOffsetsTopic {
                    name: name.into(),
                    partitions,
                });
            let request = ListOffsetsRequest {
                replica_id: -1,
                topics: topics.collect(),
                timeout_ms: self.timeout_ms,
                ..Default::default()
            };
            for topic in self.ask(Target::Node(NodeId(leader)), request)?.topics {
                for partition in topic.partitions {
                    let key = (topic.name.as_str().to_owned(), partition.partition_index);
                    let code = ErrorCode(partition.error_code);
                    let result = if code.is_error() {
                        Err(code)
                    } else {
                        Ok((partition.offset, partition.timestamp))
                    };
                    found.insert(key, result);
                }
            }
        }
        Ok(found)
    }

    /// Why nobody answered, in words.
    pub(crate) fn failure(&self, what: &str, code: ErrorCode) -> anyhow::Error {
        let mut reasons = self.reasons.borrow_mut();
        self.client.poll(
            0,
            &mut |event| {
                if let Event::Error(error) = event {
                    let is_all = error.code == ErrorCode::_ALL_BROKERS_DOWN;
                    self.is_down.set(self.is_down.get() || is_all);
                    if !is_all {
                        reasons.push(error.text);
                    }
                }
                Flow::Continue
            },
            &|| false,
        );
        let what = what.strip_suffix("Request").unwrap_or(what);
        match reasons.first() {
            Some(reason) => anyhow!("{what}: {}: {reason}", code.text()),
            None => anyhow!("{what}: {}", code.text()),
        }
    }
}

/// What a broker says in an answer, as an error with its own words where it has some.
pub(crate) fn checked(code: i16, message: Option<&StrBytes>) -> Result<()> {
    let code = ErrorCode(code);
    if !code.is_error() {
        return Ok(());
    }
    match message {
        Some(message) if !message.as_str().is_empty() => bail!("{}", message.as_str()),
        _ => bail!("{}", code.text()),
    }
}

/// Whether the same question may be answered a little later.
pub(crate) fn is_not_now(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS
            | ErrorCode::COORDINATOR_NOT_AVAILABLE
            | ErrorCode::NOT_COORDINATOR
    )
}
