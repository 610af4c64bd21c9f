//! The consumer's place in its group: the subscription, what it comes to in the cluster, and the watch over polling.
//!
//! Owns the subscription and the member's state machine, and feeds that machine: topics as metadata changes, time,
//! and whether the application still polls. What the machine wants done is done by the consumer (`mod.rs`), which owns
//! the partitions. Driver thread.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::{StrBytes, Uuid};

use super::committer::Identity;
use super::group::assignor::{Assignor, Topic};
use super::group::member::Member;
use super::group::member_io::{GroupConf, Input, State, Topics};
use super::position::PollWatch;
use super::start_offset::Group;
use super::subscription::Subscription;
use super::{emit, without_partition};
use crate::conf::{AssignmentStrategy, ClientConfig};
use crate::context::Cx;
use crate::io::{Moment, NodeId};
use crate::producer::GroupMetadata;

/// How often polling is looked at.
const POLL_CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// How long the leader waits for metadata of topics only other members subscribed to.
const LEADER_METADATA_TIMEOUT: Duration = Duration::from_secs(5);

/// The consumer's place in its group.
#[derive(Debug)]
pub(crate) struct Membership {
    pub(crate) group: StrBytes,
    pub(crate) member: Member,
    instance_id: Option<StrBytes>,
    subscription: Option<Subscription>,
    /// Topics the member was told, with their numbers of partitions.
    effective: BTreeMap<StrBytes, usize>,
    /// Subscribed topics whose absence was told to the application.
    unavailable: BTreeMap<StrBytes, ErrorCode>,
    /// Patterns cannot be resolved before all topics were learned.
    awaits_all_topics: bool,
    leading: Option<Leading>,
    watch: Watch,
    /// Ownership of what is assigned was lost: it must not be committed.
    pub(crate) is_lost: bool,
}

/// The leader of a rebalance, waiting for metadata.
#[derive(Debug)]
struct Leading {
    attempt: u32,
    topics: Vec<StrBytes>,
    until: Moment,
}

/// What was seen of the application's polling.
#[derive(Debug, Default)]
struct Watch {
    shared: Option<Arc<PollWatch>>,
    polls: u64,
    polled_at: Moment,
    look_at: Moment,
    is_exceeded: bool,
}

impl Membership {
    /// The membership for `group.id`, when there is one.
    pub(crate) fn new(conf: &ClientConfig) -> Option<Self> {
        let group: StrBytes = conf.group.id.as_ref()?.into();
        let instance_id = conf.group.instance_id.as_ref().map(StrBytes::from);
        let millis = |ms: u32| Duration::from_millis(ms.into());
        let group_conf = GroupConf {
            group_id: group.clone(),
            instance_id: instance_id.clone(),
            session_timeout: millis(conf.group.session_timeout_ms),
            rebalance_timeout: millis(conf.group.max_poll_interval_ms),
            heartbeat_interval: millis(conf.group.heartbeat_interval_ms),
            retry_backoff: millis(conf.retry_backoff_ms),
            assignors: conf.group.assignors.iter().map(assignor).collect(),
            rack: conf.client_rack.as_ref().map(StrBytes::from),
            remote_assignor: conf.group.remote_assignor.as_ref().map(StrBytes::from),
        };
        let member = Member::new(conf.group.protocol, group_conf);
        Some(Self {
            group,
            member,
            instance_id,
            subscription: None,
            effective: BTreeMap::new(),
            unavailable: BTreeMap::new(),
            awaits_all_topics: false,
            leading: None,
            watch: Watch::default(),
            is_lost: false,
        })
    }

    /// In whose name to commit now.
    pub(crate) fn identity(&self) -> Identity {
        Identity {
            generation: self.member.commit_generation(),
            member_id: self.member.member_id().clone(),
            instance_id: self
                .instance_id
                .clone()
                .filter(|_| self.member.generation() >= 0),
        }
    }

    /// The group, as committed offsets are asked for.
    pub(crate) fn asking(&self) -> Group {
        let epoch = self.member.generation();
        let is_named = self.member.is_next_gen() && epoch >= 0;
        Group {
            id: self.group.clone(),
            member: is_named.then(|| (self.member.member_id().clone(), epoch)),
        }
    }

    /// Its place in the group as it is now.
    pub(crate) fn metadata(&self) -> GroupMetadata {
        let identity = self.identity();
        GroupMetadata {
            group_id: self.group.clone(),
            generation: identity.generation,
            member_id: identity.member_id,
            instance_id: identity.instance_id,
        }
    }

    /// The subscription as it was given.
    pub(crate) fn subscription(&self) -> Option<&Subscription> {
        self.subscription.as_ref()
    }

    fn has_patterns(&self) -> bool {
        self.subscription
            .as_ref()
            .is_some_and(Subscription::has_patterns)
    }

    /// There is a new subscription, or none any more.
    pub(crate) fn subscribe(&mut self, subscription: Option<Subscription>, cx: &mut Cx<'_>) {
        self.watch.polled_at = cx.now.mono;
        if self.member.is_next_gen() {
            return self.subscribe_by_heartbeat(subscription, cx);
        }
        let had_patterns = self.has_patterns();
        let old = std::mem::replace(&mut self.subscription, subscription);
        for topic in self.subscription.iter().flat_map(Subscription::names) {
            cx.want_topic(topic);
        }
        for topic in old.iter().flat_map(Subscription::names) {
            cx.drop_topic(topic);
        }
        self.awaits_all_topics = self.has_patterns() && !had_patterns;
        cx.want_all_topics(self.has_patterns());
        self.unavailable.clear();
        if self.subscription.is_none() {
            self.effective.clear();
            self.member.handle(Input::Unsubscribe, cx.now.mono);
        } else {
            self.resolve(cx);
        }
    }

    /// The coordinator finds the topics, also those that patterns mean.
    fn subscribe_by_heartbeat(&mut self, subscription: Option<Subscription>, cx: &mut Cx<'_>) {
        self.subscription = subscription;
        let input = match &self.subscription {
            None => Input::Unsubscribe,
            Some(subscription) => {
                let names = subscription.names().cloned().collect();
                let regex = subscription.combined_pattern();
                Input::SubscribeTo(Topics { names, regex }, new_member_id(cx))
            }
        };
        self.member.handle(input, cx.now.mono);
    }

    /// New metadata arrived.
    pub(crate) fn on_metadata(&mut self, cx: &mut Cx<'_>) {
        if self.member.is_next_gen() {
            return;
        }
        self.awaits_all_topics = false;
        self.resolve(cx);
        self.lead_when_known(true, cx);
    }

    /// Finds out which topics are meant now, and tells the member when these are others than before.
    fn resolve(&mut self, cx: &mut Cx<'_>) {
        let Some(subscription) = &self.subscription else {
            return;
        };
        let metadata = cx.metadata();
        let is_unknown = |name: &StrBytes| metadata.topic(name).is_none();
        let is_open = !self.has_patterns() && subscription.names().any(is_unknown);
        if self.awaits_all_topics || is_open {
            return;
        }
        let blacklist = &cx.conf().metadata.topic_blacklist;
        let mut meant = BTreeMap::new();
        for (name, topic) in metadata.topics() {
            if !subscription.matches(name) || blacklist.matches(name) {
                continue;
            }
            if topic.error == ErrorCode::NONE && !topic.partitions.is_empty() {
                meant.insert(name.copy_out_of_frame(), topic.partitions.len());
            } else if will_pass(topic.error)
                && let Some((name, count)) = self.effective.get_key_value(name)
            {
                // It will be back in a moment; no reason for a rebalance.
                meant.insert(name.clone(), *count);
            }
        }
        let code = |name: &StrBytes| {
            metadata
                .topic(name)
                .map_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, |topic| topic.error)
        };
        let unavailable: BTreeMap<StrBytes, ErrorCode> = subscription
            .names()
            .filter(|name| !meant.contains_key(*name))
            .map(|name| (name.clone(), code(name)))
            .filter(|(_, code)| code.is_error() && !will_pass(*code))
            .collect();
        self.tell_unavailable(unavailable, cx);
        if meant == self.effective {
            return;
        }
        self.effective = meant;
        let topics: Vec<StrBytes> = self.effective.keys().cloned().collect();
        let input = if topics.is_empty() {
            Input::Unsubscribe
        } else {
            Input::Subscribe(topics)
        };
        self.member.handle(input, cx.now.mono);
    }

    fn tell_unavailable(&mut self, unavailable: BTreeMap<StrBytes, ErrorCode>, cx: &mut Cx<'_>) {
        for (topic, code) in &unavailable {
            if self.unavailable.get(topic) != Some(code) {
                let text = format!("Subscribed topic not available: {topic}: {}", code.text());
                emit(cx, without_partition(Some(topic.clone()), *code, text));
            }
        }
        self.unavailable = unavailable;
    }

    /// The member was elected leader and needs these topics' metadata.
    pub(crate) fn lead(&mut self, attempt: u32, topics: &[StrBytes], cx: &mut Cx<'_>) {
        self.stop_leading(cx);
        let topics: Vec<StrBytes> = topics.iter().map(StrBytes::copy_out_of_frame).collect();
        for topic in &topics {
            cx.want_topic(topic);
        }
        let until = cx.now.mono + LEADER_METADATA_TIMEOUT;
        self.leading = Some(Leading {
            attempt,
            topics,
            until,
        });
        self.lead_when_known(false, cx);
    }

    fn lead_when_known(&mut self, is_fresh: bool, cx: &mut Cx<'_>) {
        let Some(leading) = &self.leading else { return };
        let metadata = cx.metadata();
        let is_known = leading
            .topics
            .iter()
            .all(|topic| metadata.topic(topic).is_some());
        // Who asks for all topics gets no word about those that do not exist.
        let has_all = is_fresh && self.has_patterns();
        if !is_known && !has_all && cx.now.mono < leading.until {
            return;
        }
        let topics = leading
            .topics
            .iter()
            .filter_map(|name| topic_of(name, cx))
            .collect();
        let attempt = leading.attempt;
        self.stop_leading(cx);
        self.member
            .handle(Input::Metadata(attempt, topics), cx.now.mono);
    }

    fn stop_leading(&mut self, cx: &mut Cx<'_>) {
        for topic in self
            .leading
            .take()
            .iter()
            .flat_map(|leading| &leading.topics)
        {
            cx.drop_topic(topic);
        }
    }

    // ---- time ----

    /// The application's polls are seen here.
    pub(crate) fn watch(&mut self, shared: Arc<PollWatch>, now: Moment) {
        self.watch = Watch {
            shared: Some(shared),
            polled_at: now,
            ..Watch::default()
        };
    }

    /// Time has passed.
    pub(crate) fn on_timer(&mut self, cx: &mut Cx<'_>) {
        self.lead_when_known(false, cx);
        self.member.handle(Input::Timeout, cx.now.mono);
        if self.member.state() != State::Unsubscribed && self.watch.look_at <= cx.now.mono {
            self.look_at_polling(cx);
        }
    }

    /// Looks whether the application polls.
    pub(crate) fn look_at_polling(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now.mono;
        self.watch.look_at = now + POLL_CHECK_INTERVAL;
        let Some(shared) = &self.watch.shared else {
            return;
        };
        let (polls, is_polling) = shared.seen();
        if is_polling || polls != self.watch.polls {
            self.watch.polls = polls;
            self.watch.polled_at = now;
            if std::mem::take(&mut self.watch.is_exceeded) {
                shared.set_exceeded(false);
                self.member.handle(Input::Polled, now);
            }
            return;
        }
        let interval = Duration::from_millis(cx.conf().group.max_poll_interval_ms.into());
        let idle = now.since(self.watch.polled_at);
        if idle <= interval || self.watch.is_exceeded {
            return;
        }
        self.watch.is_exceeded = true;
        shared.set_exceeded(true);
        let text = format!(
            "Application maximum poll interval ({}ms) exceeded by {}ms",
            interval.as_millis(),
            idle.saturating_sub(interval).as_millis()
        );
        cx.log(4, "MAXPOLL", || {
            let advice = "adjust max.poll.interval.ms for long-running message processing";
            format!("{text} ({advice}): leaving group")
        });
        emit(
            cx,
            without_partition(None, ErrorCode::_MAX_POLL_EXCEEDED, text),
        );
        self.member.handle(Input::PollExceeded, now);
    }

    /// When [`Self::on_timer`] wants to be called.
    pub(crate) fn deadline(&self) -> Option<Moment> {
        let is_watched = self.watch.shared.is_some() && self.member.state() != State::Unsubscribed;
        let watch = is_watched.then_some(self.watch.look_at);
        let leading = self.leading.as_ref().map(|leading| leading.until);
        [watch, leading, self.member.deadline()]
            .into_iter()
            .flatten()
            .min()
    }
}

/// An id for a member that chooses its own (KIP-1082): a random UUID, as Kafka writes them.
fn new_member_id(cx: &mut Cx<'_>) -> StrBytes {
    let mut id = [0; 16];
    cx.rng().fill(&mut id);
    // Version 4, variant 1.
    id[6] = (id[6] & 0x0f) | 0x40;
    id[8] = (id[8] & 0x3f) | 0x80;
    Uuid(id).to_string().into()
}

/// Whether a topic's error says only that the cluster is busy with it.
fn will_pass(code: ErrorCode) -> bool {
    code.is_retriable() && code != ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
}

fn assignor(strategy: &AssignmentStrategy) -> Assignor {
    match strategy {
        AssignmentStrategy::Range => Assignor::Range,
        AssignmentStrategy::RoundRobin => Assignor::RoundRobin,
        AssignmentStrategy::CooperativeSticky => Assignor::CooperativeSticky,
    }
}

/// A topic for the assignors, when it exists.
fn topic_of(name: &StrBytes, cx: &Cx<'_>) -> Option<Topic> {
    let metadata = cx.metadata();
    let topic = metadata
        .topic(name)
        .filter(|topic| !topic.partitions.is_empty())?;
    let racks = |replicas: &[i32]| {
        let nodes = replicas.iter().filter_map(|id| metadata.node(NodeId(*id)));
        let racks: BTreeSet<StrBytes> = nodes.filter_map(|node| node.rack.clone()).collect();
        racks.into_iter().collect()
    };
    let partitions = topic
        .partitions
        .iter()
        .map(|partition| racks(&partition.replicas))
        .collect();
    Some(Topic {
        name: name.clone(),
        partitions,
    })
}
