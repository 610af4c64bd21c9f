//! What the application asks of the consumer, and the changes to what is consumed that follow.
//!
//! The only place partitions are added and removed. Answers every call once; those that need a broker are answered
//! where the broker's answer arrives. Driver thread.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::assignment::{Owner, Phase, at, id_of};
use super::committer::{Identity, Why};
use super::fetcher::about;
use super::group::classic::is_coordinator_lost;
use super::group::member::RebalanceProtocol;
use super::group::member_io::Input;
use super::io::{Call, CallReply, Event, Reply};
use super::offset::{OFFSET_INVALID, OFFSET_STORED, is_start_offset};
use super::offset_file::KeepWhy;
use super::position::FetchQueue;
use super::start_offset::Found;
use super::subscription::Subscription;
use super::topic_ids::TopicIds;
use super::{Closing, Consumer, emit, reply, start_offset};
use crate::admin;
use crate::conf::{DebugContexts, OffsetStoreMethod, TopicConfig};
use crate::context::Cx;
use crate::coordinator::CoordinatorKind;
use crate::io::{CallId, Moment, TopicPartition, TopicPartitionOffset};

/// Who is told of partitions that come and go.
const ASSIGN_CONTEXTS: DebugContexts = DebugContexts::CONSUMER
    .and(DebugContexts::CGRP)
    .and(DebugContexts::QUEUE);

impl Consumer {
    pub(super) fn call(&mut self, id: CallId, call: Call, cx: &mut Cx<'_>) {
        if self.closing == Closing::Closed {
            return reply(cx, id, Err(ErrorCode::_STATE));
        }
        let answer = match call {
            Call::Subscribe(subscription) => self.subscribe(Some(subscription), cx),
            Call::Unsubscribe => self.subscribe(None, cx),
            Call::Subscription => {
                let membership = self.membership.as_ref();
                let given = membership.and_then(|membership| membership.subscription());
                Ok(CallReply::Topics(
                    given.map(|given| given.list().to_vec()).unwrap_or_default(),
                ))
            }
            Call::Assign(list) => self.replace_assignment(list.unwrap_or_default(), cx),
            Call::IncrementalAssign(list) => self.incremental_assign(list, cx),
            Call::IncrementalUnassign(list) => self.incremental_unassign(&list, cx),
            Call::Assignment => {
                let assigned = self
                    .partitions
                    .assigned()
                    .map(|(id, partition)| at(id, partition.assigned_at));
                Ok(CallReply::Partitions(assigned.collect()))
            }
            Call::Commit(offsets) => return self.commit(offsets, Why::Call(id), cx),
            Call::Committed(ids) => return self.ask_committed(id, ids, cx),
            Call::Positions(ids) => Ok(CallReply::Partitions(self.positions(&ids))),
            Call::StoreOffsets(list) => Ok(CallReply::Partitions(self.store_offsets(list, cx))),
            Call::Knows(partition) => match is_known(&partition, cx) {
                true => Ok(CallReply::Done),
                false => Err(ErrorCode::_UNKNOWN_PARTITION),
            },
            Call::GroupMetadata => match &self.membership {
                Some(membership) => Ok(CallReply::Group(membership.metadata())),
                None => Err(ErrorCode::_UNKNOWN_GROUP),
            },
            Call::Seek(list) => Ok(CallReply::Partitions(self.seek(list))),
            Call::Start {
                id,
                offset,
                conf,
                queue,
            } => self.start(id, offset, conf, queue, cx),
            Call::Stop(partition) => return self.stop(id, &partition, cx),
        };
        reply(cx, id, answer);
    }

    /// Stops or goes on handing out records of these partitions, for [`admin::Call::Pause`].
    pub fn pause(
        &mut self,
        call: CallId,
        ids: Vec<TopicPartition>,
        is_paused: bool,
        cx: &mut Cx<'_>,
    ) {
        let mut list = Vec::with_capacity(ids.len());
        for id in ids {
            let mut element = at(&id, OFFSET_INVALID);
            // As librdkafka, which asks no more than whether the topic was ever used.
            let has_met = self.has_met(&id.topic);
            match self.partitions.get_mut(&id) {
                None if has_met => {}
                None => element.error = ErrorCode::_UNKNOWN_PARTITION,
                Some(partition) if partition.is_paused == is_paused => {}
                Some(partition) => {
                    partition.is_paused = is_paused;
                    if is_paused {
                        partition.rewind();
                    }
                }
            }
            list.push(element);
        }
        cx.reply(call, Ok(admin::CallReply::Partitions(list)));
        self.work(cx);
    }

    fn has_met(&self, topic: &StrBytes) -> bool {
        self.wanted.contains(topic) || self.assigned_once.contains(topic)
    }

    // ---- subscription and assignment ----

    fn subscribe(
        &mut self,
        subscription: Option<Subscription>,
        cx: &mut Cx<'_>,
    ) -> Result<CallReply, ErrorCode> {
        let membership = self.membership.as_mut().ok_or(ErrorCode::_UNKNOWN_GROUP)?;
        if self.closing != Closing::Open {
            return Err(ErrorCode::_STATE);
        }
        membership.subscribe(subscription, cx);
        Ok(CallReply::Done)
    }

    fn replace_assignment(
        &mut self,
        list: Vec<TopicPartitionOffset>,
        cx: &mut Cx<'_>,
    ) -> Result<CallReply, ErrorCode> {
        let list = if self.is_fatal { Vec::new() } else { list };
        if let Some(refusal) = self.out_of_turn(RebalanceProtocol::Eager, cx)? {
            return Ok(refusal);
        }
        if let Some(refusal) = refuse(&list) {
            // As librdkafka: what was assigned before is gone all the same.
            self.unassign_all(cx);
            return Ok(refusal);
        }
        let input = if list.is_empty() {
            Input::Unassigned
        } else {
            Input::Assigned
        };
        self.unassign_all(cx);
        self.assign(list, cx);
        self.tell_member(input, cx);
        Ok(CallReply::Done)
    }

    /// As in librdkafka, a group's protocol says which calls may change the assignment: those for differences, or those
    /// for everything. Nothing is refused before the group was joined, and after a fatal error.
    fn out_of_turn(
        &self,
        wanted: RebalanceProtocol,
        cx: &mut Cx<'_>,
    ) -> Result<Option<CallReply>, ErrorCode> {
        let membership = self.membership.as_ref().ok_or(ErrorCode::_UNKNOWN_GROUP)?;
        let protocol = membership.member.rebalance_protocol();
        let is_in_turn = protocol == RebalanceProtocol::None || protocol == wanted;
        if is_in_turn || self.is_fatal || self.closing != Closing::Open {
            return Ok(None);
        }
        let (calls, name) = match protocol {
            RebalanceProtocol::Cooperative => (
                "incremental_assign() or incremental_unassign()",
                "COOPERATIVE",
            ),
            _ => ("assign()", "EAGER"),
        };
        let text = format!(
            "Changes to the current assignment must be made using {calls} when rebalance protocol type is {name}"
        );
        cx.log(4, "ASSIGN", || {
            let group = &membership.group;
            format!("Group \"{group}\": application *assign() call failed: {text}")
        });
        Ok(Some(CallReply::Refused(ErrorCode::_STATE, text)))
    }

    fn incremental_assign(
        &mut self,
        list: Vec<TopicPartitionOffset>,
        cx: &mut Cx<'_>,
    ) -> Result<CallReply, ErrorCode> {
        if self.is_fatal {
            return self.replace_assignment(Vec::new(), cx);
        }
        if let Some(refusal) = self.out_of_turn(RebalanceProtocol::Cooperative, cx)? {
            return Ok(refusal);
        }
        if let Some(taken) = list
            .iter()
            .find(|one| self.partitions.get(&id_of(one)).is_some())
        {
            let (topic, partition) = (&taken.topic, taken.partition);
            let text = format!("{topic} [{partition}] is already part of the current assignment");
            return Ok(CallReply::Refused(ErrorCode::_CONFLICT, text));
        }
        if let Some(refusal) = refuse(&list) {
            return Ok(refusal);
        }
        self.assign(list, cx);
        self.tell_member(Input::Assigned, cx);
        Ok(CallReply::Done)
    }

    fn incremental_unassign(
        &mut self,
        list: &[TopicPartition],
        cx: &mut Cx<'_>,
    ) -> Result<CallReply, ErrorCode> {
        if self.is_fatal {
            return self.replace_assignment(Vec::new(), cx);
        }
        if let Some(refusal) = self.out_of_turn(RebalanceProtocol::Cooperative, cx)? {
            return Ok(refusal);
        }
        let assigned = self.partitions.assigned_ids();
        let refused = |text: String| Ok(CallReply::Refused(ErrorCode::_INVALID_ARG, text));
        if assigned.is_empty() && !list.is_empty() {
            return refused("Can't subtract from empty assignment".to_owned());
        }
        if let Some(TopicPartition { topic, partition }) =
            list.iter().find(|id| !assigned.contains(id))
        {
            let why = "can't be unassigned since it is not in the current assignment";
            return refused(format!("{topic} [{partition}] {why}"));
        }
        self.unassign(list, cx);
        self.tell_member(Input::Unassigned, cx);
        Ok(CallReply::Done)
    }

    /// Begins to consume the partitions of a checked list.
    pub(super) fn assign(&mut self, list: Vec<TopicPartitionOffset>, cx: &mut Cx<'_>) {
        if let Some(membership) = &mut self.membership {
            membership.is_lost = false;
        }
        let conf = &cx.conf().consumer;
        if conf.enable_auto_commit && self.commit_at.is_none() && !list.is_empty() {
            let interval = conf.auto_commit_interval_ms;
            self.commit_at = interval.map(|ms| cx.now.mono + Duration::from_millis(ms.into()));
        }
        for element in list {
            let id = id_of(&element);
            cx.debug(ASSIGN_CONTEXTS, "ASSIGN", || {
                format!(
                    "{} [{}] assigned at {}",
                    id.topic, id.partition, element.offset
                )
            });
            cx.want_topic(&id.topic);
            self.assigned_once.insert(id.topic.clone());
            let queue = Arc::clone(&self.queue);
            self.partitions.add(
                id,
                (element.offset, element.leader_epoch),
                queue,
                Owner::Assignment,
            );
        }
    }

    pub(super) fn unassign_all(&mut self, cx: &mut Cx<'_>) {
        let ids = self.partitions.assigned_ids();
        self.unassign(&ids, cx);
    }

    /// Stops consuming these partitions, and commits what is stored of them where the client commits by itself.
    pub(super) fn unassign(&mut self, ids: &[TopicPartition], cx: &mut Cx<'_>) {
        let is_lost = self
            .membership
            .as_ref()
            .is_none_or(|membership| membership.is_lost);
        let commits = !is_lost && cx.conf().consumer.enable_auto_commit;
        let mut assigned = Vec::new();
        let mut started = Vec::new();
        for id in ids {
            let Some(partition) = self.partitions.remove(id) else {
                continue;
            };
            cx.debug(ASSIGN_CONTEXTS, "UNASSIGN", || {
                let position = partition.shared.position();
                format!("{} [{}] given back at {position}", id.topic, id.partition)
            });
            cx.drop_topic(&id.topic);
            let Some(offset) = partition.uncommitted(id) else {
                continue;
            };
            match &partition.owner {
                Owner::Assignment => assigned.push(offset),
                Owner::Started { conf, .. } if stores_on_broker(conf) => started.push(offset),
                Owner::Started { conf, .. } if stores_in_file(conf) => {
                    self.offset_files.keep(&offset, conf, KeepWhy::Closed, cx);
                }
                Owner::Started { .. } => {}
            }
        }
        if !assigned.is_empty() && commits {
            let identity = self.identity();
            self.committer
                .commit(assigned, Why::Unassigned, identity, cx);
        }
        if !started.is_empty() && self.membership.is_some() {
            self.committer
                .commit(started, Why::Unassigned, Identity::none(), cx);
        }
        if self.partitions.assigned().next().is_none() {
            self.commit_at = None;
        }
    }

    // ---- positions ----

    /// As in librdkafka, a partition that is not consumed has no position, and that is no error.
    fn positions(&self, ids: &[TopicPartition]) -> Vec<TopicPartitionOffset> {
        let position = |id: &TopicPartition| {
            let partition = self.partitions.get(id);
            at(
                id,
                partition.map_or(OFFSET_INVALID, |partition| partition.shared.position()),
            )
        };
        ids.iter().map(position).collect()
    }

    /// A partition that is not consumed has no place for it: `_STATE`, or `_UNKNOWN_PARTITION` where metadata does
    /// not know it (yet).
    fn store_offsets(
        &self,
        mut list: Vec<TopicPartitionOffset>,
        cx: &Cx<'_>,
    ) -> Vec<TopicPartitionOffset> {
        for element in &mut list {
            element.error = match self.partitions.get(&id_of(element)) {
                Some(partition) => {
                    partition.shared.store(element.offset, element.leader_epoch);
                    ErrorCode::NONE
                }
                None if is_known(&id_of(element), cx) => ErrorCode::_STATE,
                None => ErrorCode::_UNKNOWN_PARTITION,
            };
        }
        list
    }

    fn seek(&mut self, mut list: Vec<TopicPartitionOffset>) -> Vec<TopicPartitionOffset> {
        for element in &mut list {
            element.error = match self.partitions.get_mut(&id_of(element)) {
                None => ErrorCode::_UNKNOWN_PARTITION,
                Some(_) if !is_start_offset(element.offset) => ErrorCode::_INVALID_ARG,
                Some(partition) => {
                    partition.start_at(element.offset, element.leader_epoch);
                    ErrorCode::NONE
                }
            };
        }
        list
    }

    // ---- the legacy consumer ----

    fn start(
        &mut self,
        id: TopicPartition,
        offset: i64,
        conf: Arc<TopicConfig>,
        queue: Arc<FetchQueue>,
        cx: &mut Cx<'_>,
    ) -> Result<CallReply, ErrorCode> {
        if id.partition < 0 {
            return Err(ErrorCode::_UNKNOWN_PARTITION);
        }
        let has_group = self.membership.is_some();
        let lacks_group = offset == OFFSET_STORED && stores_on_broker(&conf) && !has_group;
        if offset == OFFSET_INVALID || !is_start_offset(offset) || lacks_group {
            return Err(ErrorCode::_INVALID_ARG);
        }
        if self.partitions.get(&id).is_some() {
            return Err(ErrorCode::_CONFLICT);
        }
        let interval = conf.auto_commit_interval_ms;
        let commits = conf.auto_commit_enable
            && interval > 0
            && (stores_in_file(&conf) || stores_on_broker(&conf) && has_group);
        let commit_at = commits.then(|| cx.now.mono + Duration::from_millis(interval.into()));
        cx.want_topic(&id.topic);
        self.partitions
            .add(id, (offset, -1), queue, Owner::Started { conf, commit_at });
        self.counters.saw_start();
        Ok(CallReply::Done)
    }

    fn stop(&mut self, call: CallId, id: &TopicPartition, cx: &mut Cx<'_>) {
        let is_started = |owner: &Owner| matches!(owner, Owner::Started { .. });
        if !self
            .partitions
            .get(id)
            .is_some_and(|partition| is_started(&partition.owner))
        {
            return reply(cx, call, Err(ErrorCode::_UNKNOWN_PARTITION));
        }
        let Some(partition) = self.partitions.remove(id) else {
            return;
        };
        cx.drop_topic(&id.topic);
        let in_file = partition.topic_conf().filter(|conf| stores_in_file(conf));
        if let Some(conf) = in_file {
            return match partition.uncommitted(id) {
                Some(offset) => {
                    let why = KeepWhy::Stopped(call);
                    self.offset_files.keep(&offset, conf, why, cx);
                }
                None => reply(cx, call, Ok(CallReply::Done)),
            };
        }
        let commits = self.membership.is_some()
            && partition
                .topic_conf()
                .is_some_and(|conf| stores_on_broker(conf));
        match partition.uncommitted(id).filter(|_| commits) {
            Some(offset) => {
                let why = Why::Stopped(call);
                self.committer
                    .commit(vec![offset], why, Identity::none(), cx);
            }
            None => reply(cx, call, Ok(CallReply::Done)),
        }
    }

    // ---- committed offsets ----

    fn ask_committed(&self, call: CallId, ids: Vec<TopicPartition>, cx: &mut Cx<'_>) {
        let Some(membership) = &self.membership else {
            return reply(cx, call, Err(ErrorCode::_UNKNOWN_GROUP));
        };
        if ids.is_empty() {
            return reply(cx, call, Err(ErrorCode::_INVALID_ARG));
        }
        let group = membership.group.clone();
        let topic_ids = TopicIds::of(ids.iter().map(|id| &id.topic), cx);
        let request = start_offset::committed_request(&group, None, (ids.iter(), &topic_ids), cx);
        let timeout = Duration::from_millis(cx.conf().socket.timeout_ms.into());
        let route = Reply::Committed(call, ids, topic_ids);
        cx.send_coordinator(CoordinatorKind::Group, &group, request, route, timeout);
    }

    pub(super) fn committed_answered(
        &mut self,
        call: CallId,
        ids: Vec<TopicPartition>,
        answer: Result<Found, ErrorCode>,
        cx: &mut Cx<'_>,
    ) {
        let list = start_offset::committed_list(&ids, answer);
        if let Err(code) = list
            && (is_coordinator_lost(code) || code.is_retriable())
            && let Some(membership) = &self.membership
        {
            // Until the call's own deadline, after which its answer is nobody's business.
            cx.forget_coordinator(CoordinatorKind::Group, &membership.group);
            let pause = Duration::from_millis(cx.conf().retry_backoff_ms.into());
            self.committed_calls.push((cx.now.mono + pause, call, ids));
            return;
        }
        reply(cx, call, list.map(CallReply::Partitions));
    }

    pub(super) fn committed_work(&mut self, cx: &mut Cx<'_>) -> Option<Moment> {
        let now = cx.now.mono;
        let is_due = |(again, ..): &mut (Moment, CallId, Vec<TopicPartition>)| *again <= now;
        let due: Vec<_> = self.committed_calls.extract_if(.., is_due).collect();
        for (_, call, ids) in due {
            self.ask_committed(call, ids, cx);
        }
        self.committed_calls.iter().map(|(again, ..)| *again).min()
    }

    // ---- partitions that do not exist ----

    /// Tells, once each, which consumed partitions the cluster does not have.
    pub(super) fn tell_missing_partitions(&mut self, cx: &mut Cx<'_>) {
        let mut events = Vec::new();
        for (id, partition) in self.partitions.iter_mut() {
            let code = missing(id, cx);
            let is_told = partition.error_told == code || partition.phase == Phase::Halted;
            if code == ErrorCode::NONE || is_told {
                continue;
            }
            partition.error_told = code;
            let text = format!("{} [{}]: {}", id.topic, id.partition, code.text());
            events.push(Event::Error(about(partition, code, OFFSET_INVALID, text)));
        }
        events.into_iter().for_each(|event| emit(cx, event));
    }
}

/// Why a partition cannot be consumed, as far as metadata tells; `NONE` when it can, or when that is not known.
fn missing(id: &TopicPartition, cx: &Cx<'_>) -> ErrorCode {
    let Some(topic) = cx.metadata().topic(&id.topic) else {
        return ErrorCode::NONE;
    };
    let count = topic.partitions.len();
    match topic.error {
        ErrorCode::NONE
            if usize::try_from(id.partition).is_ok_and(|partition| partition < count) =>
        {
            ErrorCode::NONE
        }
        ErrorCode::NONE => ErrorCode::_UNKNOWN_PARTITION,
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => ErrorCode::_UNKNOWN_TOPIC,
        code if code.is_retriable() => ErrorCode::NONE,
        code => code,
    }
}

/// Whether committed offsets are in files.
pub(super) fn stores_in_file(conf: &TopicConfig) -> bool {
    conf.offset_store_method == OffsetStoreMethod::File
}

fn stores_on_broker(conf: &TopicConfig) -> bool {
    conf.offset_store_method == OffsetStoreMethod::Broker
}

/// Whether metadata has told of the partition.
fn is_known(partition: &TopicPartition, cx: &Cx<'_>) -> bool {
    cx.metadata()
        .partition(&partition.topic, partition.partition)
        .is_some()
}

/// What is wrong with a list for `assign()`: a place that is none, or a partition that comes twice.
fn refuse(list: &[TopicPartitionOffset]) -> Option<CallReply> {
    let mut seen = BTreeSet::new();
    for element in list {
        let TopicPartitionOffset {
            topic,
            partition,
            offset,
            ..
        } = element;
        let text = if !is_start_offset(*offset) {
            format!("{topic} [{partition}] has invalid start offset {offset}")
        } else if !seen.insert(id_of(element)) {
            format!("Duplicate {topic} [{partition}] in input list")
        } else {
            continue;
        };
        return Some(CallReply::Refused(ErrorCode::_INVALID_ARG, text));
    }
    None
}
