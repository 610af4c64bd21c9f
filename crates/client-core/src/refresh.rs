//! When metadata is asked for, and about which topics.
//!
//! At once for a topic nobody wanted before; soon when something is wrong (a leader is missing or moved, a topic is not
//! there yet), paced from `topic.metadata.refresh.fast.interval.ms` up to a second; else every
//! `topic.metadata.refresh.interval.ms`. One request is under way at a time; what is wanted meanwhile is asked next.
//! Driver thread.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use rdkafka_wire::types::StrBytes;

use crate::backoff;
use crate::conf::DebugContexts;
use crate::context::Route;
use crate::effects::{Notice, earlier};
use crate::io::{Moment, Now};
use crate::network::Network;
use crate::request::Request;

/// Missing topics and leaders are looked for at least this often.
const FAST_INTERVAL_MAX: Duration = Duration::from_secs(1);

/// The schedule.
#[derive(Debug, Default)]
pub(crate) struct Refresh {
    wanted: HashMap<StrBytes, u32>,
    wants_all: bool,
    is_asked: bool,
    answered_at: Option<Moment>,
    /// When the first question was asked since the last answer.
    pub(crate) unanswered_since: Option<Moment>,
    due: Option<Moment>,
    /// Something was wanted while a request was under way that did not ask for it.
    is_stale: bool,
    /// Rounds in a row that found something wrong.
    rounds_wrong: u32,
}

impl Refresh {
    /// When to ask next; `None` while an answer is awaited.
    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        if self.is_asked { None } else { self.due }
    }

    /// The topics whose metadata is kept.
    pub(crate) fn wanted_topics(&self) -> impl Iterator<Item = &StrBytes> {
        self.wanted.keys()
    }

    /// How old what is known is, in milliseconds; 0 before anything is.
    pub(crate) fn age_ms(&self, now: Moment) -> u128 {
        self.answered_at.map_or(0, |at| now.since(at).as_millis())
    }

    fn due_by(&mut self, at: Moment) {
        self.due = earlier(self.due, Some(at));
    }
}

impl Network {
    pub(crate) fn want_topic(&mut self, now: Now, topic: &StrBytes) {
        let count = self.refresh.wanted.entry(topic.clone()).or_insert(0);
        *count += 1;
        if *count == 1
            && self
                .metadata
                .topic(topic)
                .is_none_or(|topic| topic.error.is_error())
        {
            self.ask_soon(now.mono);
        }
    }

    pub(crate) fn drop_topic(&mut self, topic: &StrBytes) {
        if let Some(count) = self.refresh.wanted.get_mut(topic) {
            *count -= 1;
            if *count == 0 {
                self.refresh.wanted.remove(topic);
            }
        }
    }

    pub(crate) fn want_all_topics(&mut self, now: Now, all: bool) {
        if all && !self.refresh.wants_all {
            self.ask_soon(now.mono);
        }
        self.refresh.wants_all = all;
    }

    /// Ask now, for what is wanted by now.
    pub(crate) fn ask_soon(&mut self, now: Moment) {
        self.refresh.is_stale |= self.refresh.is_asked;
        self.refresh.due_by(now);
    }

    /// Something is wrong with what is known.
    pub(crate) fn refresh_metadata(&mut self, now: Now, why: &'static str) {
        if self.refresh.is_asked {
            return;
        }
        self.fx.debug(DebugContexts::METADATA, "METADATA", || {
            format!("Refreshing metadata soon: {why}")
        });
        let delay = self.fast_delay();
        self.refresh.due_by(now.mono + delay);
    }

    pub(crate) fn refresh_on_timeout(&mut self, now: Now) {
        if self
            .refresh
            .next_deadline()
            .is_none_or(|due| due > now.mono)
        {
            return;
        }
        self.refresh.is_asked = true;
        self.refresh.unanswered_since.get_or_insert(now.mono);
        self.refresh.due = None;
        let request = self.metadata_request();
        let timeout = Duration::from_millis(u64::from(self.fx.conf.socket.timeout_ms));
        self.send_any(now, request, Route::Metadata, timeout);
    }

    /// A question about all that is wanted by now.
    pub(crate) fn metadata_request(&mut self) -> Request {
        self.refresh.is_stale = false;
        let topics = (!self.refresh.wants_all).then(|| {
            let name = |name: &StrBytes| MetadataRequestTopic {
                name: Some(name.clone()),
                ..Default::default()
            };
            self.refresh.wanted.keys().map(name).collect()
        });
        let request = MetadataRequest {
            topics,
            allow_auto_topic_creation: self.fx.conf.metadata.allow_auto_create_topics,
            ..Default::default()
        };
        self.fx.debug(DebugContexts::METADATA, "METADATA", || {
            let count = request.topics.as_ref().map(Vec::len);
            let count = count.map_or_else(|| "all".to_owned(), |count| count.to_string());
            format!("Requesting metadata for {count} topics")
        });
        request.into()
    }

    /// The answer, or `None` when there was none.
    pub(crate) fn on_metadata_reply(&mut self, now: Now, response: Option<&MetadataResponse>) {
        self.refresh.is_asked = false;
        let Some(response) = response else {
            let delay = self.fast_delay();
            self.refresh.due_by(now.mono + delay);
            return;
        };
        if ErrorCode(response.error_code) == ErrorCode::REBOOTSTRAP_REQUIRED {
            let delay = self.fast_delay();
            self.refresh.due_by(now.mono + delay);
            self.start_over_as_told(now);
            return;
        }
        self.refresh.answered_at = Some(now.mono);
        self.refresh.unanswered_since = None;
        self.fx.debug(DebugContexts::METADATA, "METADATA", || {
            let (brokers, topics) = (response.brokers.len(), response.topics.len());
            let cluster = response.cluster_id.as_deref().unwrap_or_default();
            let controller = response.controller_id;
            format!(
                "ClusterId: {cluster}, ControllerId: {controller}: {brokers} brokers, {topics} topics"
            )
        });
        let propagation =
            Duration::from_millis(u64::from(self.fx.conf.metadata.propagation_max_ms));
        self.metadata.update(response, now.mono, propagation);
        let refresh = &mut self.refresh;
        if !refresh.wants_all {
            self.metadata
                .retain_topics(|name| refresh.wanted.contains_key(name));
        }
        let is_wrong = refresh.wanted.keys().any(|name| {
            // What no retry helps is left to the ordinary interval.
            self.metadata.topic(name).is_none_or(|topic| {
                topic.error.is_retriable()
                    || topic
                        .partitions
                        .iter()
                        .any(|partition| partition.leader.is_none())
            })
        });
        refresh.rounds_wrong = if is_wrong {
            refresh.rounds_wrong.saturating_add(1)
        } else {
            0
        };
        if refresh.is_stale {
            refresh.due = Some(now.mono);
        } else if is_wrong {
            let delay = self.fast_delay();
            self.refresh.due = Some(now.mono + delay);
        } else {
            let interval = self.fx.conf.metadata.refresh_interval_ms;
            refresh.due = interval.map(|ms| now.mono + Duration::from_millis(u64::from(ms)));
        }
        self.follow_nodes();
        self.fx.notices.push_back(Notice::Metadata);
    }

    fn fast_delay(&mut self) -> Duration {
        let base = Duration::from_millis(u64::from(self.fx.conf.metadata.refresh_fast_interval_ms));
        let rounds = self.refresh.rounds_wrong.saturating_sub(1);
        backoff::delay(base, FAST_INTERVAL_MAX, rounds, &mut self.fx.rng)
    }
}
