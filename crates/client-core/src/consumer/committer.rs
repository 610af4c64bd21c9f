//! Committing offsets.
//!
//! Owns the commits that wait and the one under way. One at a time and in order, so that a commit that is repeated
//! never overtakes a later one and offsets never go back. A commit carries the membership of the moment it was asked
//! for; the coordinator refuses it when the group has moved on. Commits that fail because the coordinator is away are
//! repeated until they are too old: after `session.timeout.ms` the membership they are made for is over, and whoever
//! waits is told that it timed out, whatever the coordinator does. Driver thread.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use rdkafka_wire::types::StrBytes;

use super::assignment::{Partitions, id_of};
use super::emit;
use super::group::classic::is_coordinator_lost;
use super::io::{CallReply, Event, Reply};
use super::topic_ids::TopicIds;
use crate::context::Cx;
use crate::coordinator::CoordinatorKind;
use crate::io::{CallId, Moment, TopicPartition, TopicPartitionOffset};
use crate::request::{RequestError, Response};

/// Why offsets are committed, and who wants to know the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// `auto.commit.interval.ms`.
    Auto,
    /// `commitAsync()`.
    Asked,
    /// `commit()`: this call waits.
    Call(CallId),
    /// The partitions were given back.
    Unassigned,
    /// The legacy consumer stopped a partition: this call waits.
    Stopped(CallId),
}

impl Why {
    fn reason(self) -> &'static str {
        match self {
            Self::Auto => "cgrp auto commit timer",
            Self::Asked | Self::Call(_) => "manual",
            Self::Unassigned => "unassigned partitions",
            Self::Stopped(_) => "offset store stop",
        }
    }

    /// Whether nobody wants to hear that there was nothing to commit.
    fn is_implicit(self) -> bool {
        matches!(self, Self::Auto | Self::Unassigned | Self::Stopped(_))
    }
}

/// In whose name a commit is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) generation: i32,
    pub(crate) member_id: StrBytes,
    pub(crate) instance_id: Option<StrBytes>,
}

impl Identity {
    /// Nobody's: a consumer outside any group's membership.
    pub(crate) fn none() -> Self {
        Self {
            generation: -1,
            member_id: StrBytes::default(),
            instance_id: None,
        }
    }
}

#[derive(Debug)]
struct Commit {
    offsets: Vec<TopicPartitionOffset>,
    why: Why,
    identity: Identity,
    give_up_at: Moment,
    /// What the last request called its topics.
    topic_ids: TopicIds,
}

/// A finished commit, for the membership.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The error of the commit as a whole.
    pub(crate) code: ErrorCode,
    /// In whose name it was made.
    pub(crate) identity: Identity,
}

/// The commits that wait and the one under way.
#[derive(Debug, Default)]
pub(crate) struct Committer {
    waiting: VecDeque<Commit>,
    under_way: Option<Commit>,
    /// The number of the one under way.
    number: u64,
    not_before: Moment,
}

impl Committer {
    /// Nothing waits and nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_none()
    }

    /// A commit by time is still on its way.
    pub(crate) fn has_auto(&self) -> bool {
        self.waiting
            .iter()
            .chain(&self.under_way)
            .any(|commit| commit.why == Why::Auto)
    }

    /// Commits these offsets; those that are not absolute are left out.
    pub(crate) fn commit(
        &mut self,
        offsets: Vec<TopicPartitionOffset>,
        why: Why,
        identity: Identity,
        cx: &mut Cx<'_>,
    ) {
        let patience = Duration::from_millis(cx.conf().group.session_timeout_ms.into());
        let commit = Commit {
            offsets,
            why,
            identity,
            give_up_at: cx.now.mono + patience,
            topic_ids: TopicIds::default(),
        };
        if commit.offsets.iter().all(|element| element.offset < 0) {
            return finish(commit, ErrorCode::_NO_OFFSET, cx);
        }
        self.waiting.push_back(commit);
    }

    /// Sends the next commit. Returns when to look again, if time alone can change something.
    pub(crate) fn work(&mut self, group: &StrBytes, cx: &mut Cx<'_>) -> Option<Moment> {
        if self.under_way.is_some() {
            return None;
        }
        let now = cx.now.mono;
        let is_late = |commit: &Commit| commit.give_up_at <= now;
        while self.waiting.front().is_some_and(is_late) {
            if let Some(commit) = self.waiting.pop_front() {
                finish(commit, ErrorCode::_TIMED_OUT, cx);
            }
        }
        if self.waiting.is_empty() {
            return None;
        }
        if cx.now.mono < self.not_before {
            return Some(self.not_before);
        }
        let mut commit = self.waiting.pop_front()?;
        commit.topic_ids = TopicIds::of(commit.absolute().map(|element| &element.topic), cx);
        let timeout = Duration::from_millis(cx.conf().socket.timeout_ms.into());
        let timeout = timeout.min(commit.give_up_at.since(cx.now.mono));
        let request = commit.request(group);
        self.under_way = Some(commit);
        self.number += 1;
        let reply = Reply::Commit(self.number);
        cx.send_coordinator(CoordinatorKind::Group, group, request, reply, timeout);
        None
    }

    /// A commit was answered. `None` when it will be repeated, or was given up before. What the client commits by itself
    /// is repeated in the name of `identity` when only the member's epoch had moved on (KIP-848).
    pub(crate) fn answered(
        &mut self,
        (number, result): (u64, Result<Response, RequestError>),
        group: &StrBytes,
        identity: &Identity,
        partitions: &mut Partitions,
        cx: &mut Cx<'_>,
    ) -> Option<Verdict> {
        if number != self.number {
            return None;
        }
        let mut commit = self.under_way.take()?;
        let code = commit.read(result);
        if is_coordinator_lost(code) {
            cx.forget_coordinator(CoordinatorKind::Group, group);
        }
        let is_unknown =
            |element: &TopicPartitionOffset| element.error == ErrorCode::UNKNOWN_TOPIC_ID;
        if commit.offsets.iter().any(is_unknown) {
            cx.refresh_metadata("the coordinator does not know a topic's id");
        }
        let is_same_member = commit.identity.member_id == identity.member_id;
        let is_stale = code == ErrorCode::STALE_MEMBER_EPOCH
            && is_same_member
            && identity.generation >= 0
            && commit.why.is_implicit();
        let stale = is_stale.then(|| commit.identity.clone());
        if is_stale {
            commit.identity = identity.clone();
        }
        let passes = is_coordinator_lost(code)
            || is_stale
            || code == ErrorCode::COORDINATOR_LOAD_IN_PROGRESS;
        if passes && cx.now.mono < commit.give_up_at {
            let pause = Duration::from_millis(cx.conf().retry_backoff_ms.into());
            self.not_before = cx.now.mono + pause;
            self.waiting.push_front(commit);
            return stale.map(|identity| Verdict { code, identity });
        }
        if code == ErrorCode::NONE {
            let committed = commit.offsets.iter().filter(|element| element.offset >= 0);
            for element in committed.filter(|element| element.error == ErrorCode::NONE) {
                if let Some(partition) = partitions.get_mut(&id_of(element)) {
                    partition.committed = element.offset;
                    partition.committed_epoch = element.leader_epoch;
                }
            }
        }
        let verdict = Verdict {
            code,
            identity: commit.identity.clone(),
        };
        finish(commit, code, cx);
        Some(verdict)
    }

    /// Gives everything up, because there is no time left.
    pub(crate) fn abandon(&mut self, code: ErrorCode, cx: &mut Cx<'_>) {
        for commit in self
            .under_way
            .take()
            .into_iter()
            .chain(std::mem::take(&mut self.waiting))
        {
            finish(commit, code, cx);
        }
    }
}

impl Commit {
    /// What can be committed: the others say where to start, not an offset.
    fn absolute(&self) -> impl Iterator<Item = &TopicPartitionOffset> {
        self.offsets.iter().filter(|element| element.offset >= 0)
    }

    fn request(&self, group: &StrBytes) -> OffsetCommitRequest {
        let mut topics: BTreeMap<&StrBytes, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
        for element in self.absolute() {
            let metadata = element.metadata.clone();
            let metadata = metadata.and_then(|bytes| StrBytes::from_utf8(bytes).ok());
            topics
                .entry(&element.topic)
                .or_default()
                .push(OffsetCommitRequestPartition {
                    partition_index: element.partition,
                    committed_offset: element.offset,
                    committed_leader_epoch: element.leader_epoch,
                    committed_metadata: Some(metadata.unwrap_or_default()),
                    ..OffsetCommitRequestPartition::default()
                });
        }
        let topics = topics
            .into_iter()
            .map(|(name, partitions)| OffsetCommitRequestTopic {
                name: name.clone(),
                topic_id: self.topic_ids.id(name),
                partitions,
            });
        OffsetCommitRequest {
            group_id: group.clone(),
            generation_id_or_member_epoch: self.identity.generation,
            member_id: self.identity.member_id.clone(),
            group_instance_id: self.identity.instance_id.clone(),
            topics: topics.collect(),
            ..OffsetCommitRequest::default()
        }
    }

    /// Notes each partition's result; the answer is the result of the whole: an error when no partition was committed.
    fn read(&mut self, result: Result<Response, RequestError>) -> ErrorCode {
        let response = match result {
            Ok(Response::OffsetCommit(response)) => response,
            Ok(_) => return ErrorCode::_BAD_MSG,
            Err(error) => return error.code(),
        };
        let mut codes: BTreeMap<TopicPartition, ErrorCode> = BTreeMap::new();
        for topic in response.topics {
            for answer in topic.partitions {
                let topic = self.topic_ids.name(topic.topic_id, &topic.name);
                let id = TopicPartition {
                    topic,
                    partition: answer.partition_index,
                };
                codes.insert(id, ErrorCode(answer.error_code));
            }
        }
        let mut last_error = ErrorCode::NONE;
        let mut has_success = false;
        for element in self
            .offsets
            .iter_mut()
            .filter(|element| element.offset >= 0)
        {
            element.error = codes
                .get(&id_of(element))
                .copied()
                .unwrap_or(ErrorCode::_BAD_MSG);
            if element.error == ErrorCode::NONE {
                has_success = true;
            } else {
                last_error = element.error;
            }
        }
        if has_success {
            ErrorCode::NONE
        } else {
            last_error
        }
    }
}

/// Tells whoever wants to know.
fn finish(commit: Commit, code: ErrorCode, cx: &mut Cx<'_>) {
    let Commit { offsets, why, .. } = commit;
    let is_empty = code == ErrorCode::_NO_OFFSET;
    let has_failed = code.is_error() || offsets.iter().any(|element| element.error.is_error());
    let has_callback = cx.conf().callbacks.offset_commit;
    if has_callback && !(is_empty && why.is_implicit()) {
        emit(
            cx,
            Event::Committed {
                result: code,
                offsets: offsets.clone(),
            },
        );
    }
    match why {
        Why::Call(call) => {
            let all = CallReply::Partitions(offsets);
            super::reply(cx, call, if code.is_error() { Err(code) } else { Ok(all) });
        }
        Why::Stopped(call) => super::reply(cx, call, Ok(CallReply::Done)),
        Why::Auto | Why::Asked | Why::Unassigned if has_failed && !is_empty && !has_callback => {
            cx.log(4, "COMMITFAIL", || {
                let (reason, count, code) = (why.reason(), offsets.len(), code.text());
                format!("Offset commit ({reason}) failed for {count} partition(s): {code}")
            });
        }
        Why::Auto | Why::Asked | Why::Unassigned => {}
    }
}
