//! Carrying out what the member of the group wants: requests to the coordinator, offers and revocations.
//!
//! With a rebalance callback, an offer or a revocation goes to the application as an event, and its `assign()` comes
//! back as a call; without one the consumer answers itself. Driver thread.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use rdkafka_wire::messages::sync_group::SyncGroupRequest;
use rdkafka_wire::types::{StrBytes, Uuid};

use super::assignment::id_of;
use super::group::assignor::Assignment;
use super::group::member_io::{Action, Input, State};
use super::io::{Event, Rebalance, RebalanceKind, Reply};
use super::offset::OFFSET_INVALID;
use super::{Consumer, emit, without_partition};
use crate::conf::DebugContexts;
use crate::context::Cx;
use crate::coordinator::CoordinatorKind;
use crate::io::{ErrorEvent, TopicPartitionOffset};
use crate::request::{Request, RequestError, Response};

/// How long the coordinator has to answer that we leave.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(5);

/// As the leader: what each member was dealt.
fn tell_dealt(request: &SyncGroupRequest, cx: &mut Cx<'_>) {
    for dealt in &request.assignments {
        cx.debug(DebugContexts::ASSIGNOR, "ASSIGN", || {
            let strategy = request.protocol_name.as_deref().unwrap_or_default();
            let (member, bytes) = (&dealt.member_id, dealt.assignment.len());
            format!("Strategy {strategy}: an assignment of {bytes} bytes for member {member}")
        });
    }
}

/// What a join may take longer than the slowest member.
const JOIN_MARGIN_MS: u32 = 3000;

/// The facility of the line that tells of an action.
fn facility(action: &Action) -> &'static str {
    match action {
        Action::Join(..) => "JOINGROUP",
        Action::Sync(..) => "SYNCGROUP",
        Action::Heartbeat(..) => "HEARTBEAT",
        Action::Leave(..) => "LEAVE",
        Action::Beat(..) => "HEARTBEAT",
        Action::LeaveBeat(..) => "LEAVE",
        Action::NeedMetadata(..) | Action::NeedNames(_) => "CGRPMETADATA",
        Action::FindCoordinator(_) => "CGRPCOORD",
        Action::Assign(_) => "ASSIGN",
        Action::Revoke { .. } => "REVOKE",
        Action::Error(..) | Action::Fatal(..) => "CGRPERR",
        Action::OutOfGroup => "CGRPTERM",
    }
}

/// The same in words.
fn story(action: &Action) -> String {
    let count = |assignment: &Assignment| listed(assignment.clone()).len();
    match action {
        Action::Join(..) => "joining".to_owned(),
        Action::Sync(..) => "synchronizing".to_owned(),
        Action::Heartbeat(..) => "heartbeat".to_owned(),
        Action::Leave(..) | Action::LeaveBeat(..) => "leaving".to_owned(),
        Action::Beat(_, request) => format!("heartbeat of epoch {}", request.member_epoch),
        Action::NeedNames(ids) => format!("needs the names of {} topics", ids.len()),
        Action::NeedMetadata(_, topics) => {
            format!("leader, needs metadata of {} topics", topics.len())
        }
        Action::FindCoordinator(code) => format!("coordinator lost: {}", code.text()),
        Action::Assign(assignment) => format!("{} partitions assigned", count(assignment)),
        Action::Revoke { partitions, lost } => {
            let how = if *lost { "lost" } else { "revoked" };
            format!("{} partitions {how}", count(partitions))
        }
        Action::Error(code, text) => format!("{}: {text}", code.name()),
        Action::Fatal(_, text) => format!("fatal: {text}"),
        Action::OutOfGroup => "out of the group".to_owned(),
    }
}

impl Consumer {
    /// Does what the member wants, until it wants nothing more. Ends: every round takes an action off the machine, and
    /// what it is told in return is answered by requests, events, or its next state.
    pub(super) fn follow_member(&mut self, cx: &mut Cx<'_>) {
        loop {
            let is_idle = self.committer.is_idle();
            let Some(membership) = &mut self.membership else {
                return;
            };
            if let Some(action) = membership.member.poll_action() {
                self.carry_out(action, cx);
            } else if matches!(membership.member.state(), State::Unassigning(_)) && is_idle {
                membership.is_lost = false;
                membership.member.handle(Input::UnassignDone, cx.now.mono);
            } else {
                return;
            }
        }
    }

    fn carry_out(&mut self, action: Action, cx: &mut Cx<'_>) {
        let Some(membership) = &mut self.membership else {
            return;
        };
        let group = membership.group.clone();
        let kind = CoordinatorKind::Group;
        let conf = &cx.conf().group;
        // The coordinator holds answers back while others join, for as long as the slowest may take.
        let rebalance = u64::from(conf.max_poll_interval_ms.saturating_add(JOIN_MARGIN_MS));
        let rebalance = Duration::from_millis(rebalance);
        let session = Duration::from_millis(conf.session_timeout_ms.into());
        self.counters.saw(&action, cx.now.mono);
        cx.debug(DebugContexts::CGRP, facility(&action), || {
            let state = membership.member.state();
            format!(
                "Group \"{group}\": {} (member state {state:?})",
                story(&action)
            )
        });
        match action {
            Action::Join(attempt, request) => {
                cx.send_coordinator(kind, &group, request, Reply::Join(attempt), rebalance);
            }
            Action::Sync(attempt, request) => {
                tell_dealt(&request, cx);
                cx.send_coordinator(kind, &group, request, Reply::Sync(attempt), rebalance);
            }
            Action::Heartbeat(attempt, request) => {
                cx.send_coordinator(kind, &group, request, Reply::Heartbeat(attempt), session);
            }
            Action::Beat(attempt, request) => {
                cx.send_coordinator(kind, &group, request, Reply::Beat(attempt), session);
            }
            Action::Leave(attempt, request) => self.leave(attempt, request, cx),
            Action::LeaveBeat(attempt, request) => self.leave(attempt, request, cx),
            Action::NeedNames(ids) => ask_names(ids, cx),
            Action::NeedMetadata(attempt, topics) => membership.lead(attempt, &topics, cx),
            Action::FindCoordinator(_) => {
                cx.forget_coordinator(kind, &group);
            }
            Action::Assign(assignment) => self.offer(assignment, cx),
            Action::Revoke { partitions, lost } => self.revoke(partitions, lost, cx),
            Action::Error(code, text) => emit(cx, without_partition(None, code, text)),
            Action::Fatal(code, text) => self.fail(code, text, cx),
            Action::OutOfGroup => {}
        }
    }

    fn leave(&mut self, attempt: u32, request: impl Into<Request>, cx: &mut Cx<'_>) {
        let Some(membership) = &mut self.membership else {
            return;
        };
        let (kind, group) = (CoordinatorKind::Group, membership.group.clone());
        if cx.coordinator(kind, &group).is_some() {
            let reply = Reply::Leave(attempt);
            cx.send_coordinator(kind, &group, request, reply, LEAVE_TIMEOUT);
        } else {
            membership.member.handle(Input::Left(attempt), cx.now.mono);
        }
    }

    /// The consumer is of no use from now on: where messages come, the application hears why.
    fn fail(&mut self, code: ErrorCode, text: String, cx: &mut Cx<'_>) {
        self.is_fatal = true;
        let words = format!("Fatal error: {}: {text}", code.text());
        if cx.conf().callbacks.error {
            cx.log(0, "FATAL", || words.clone());
        }
        emit(cx, without_partition(None, ErrorCode::_FATAL, words));
        let fatal = true;
        cx.emit(crate::io::Event::Error(ErrorEvent { code, text, fatal }));
    }

    /// The group gave partitions.
    fn offer(&mut self, assignment: Assignment, cx: &mut Cx<'_>) {
        let partitions = listed(assignment);
        if cx.conf().callbacks.rebalance {
            let kind = RebalanceKind::Assign;
            return emit(cx, Event::Rebalance(Rebalance { kind, partitions }));
        }
        if !self.is_cooperative() {
            self.unassign_all(cx);
        }
        self.assign(partitions, cx);
        self.tell_member(Input::Assigned, cx);
    }

    fn is_cooperative(&self) -> bool {
        let membership = self.membership.as_ref();
        membership.is_some_and(|membership| membership.member.is_cooperative())
    }

    /// The group takes partitions (all of them, unless it is cooperative): nothing of them is handed out from now on.
    fn revoke(&mut self, assignment: Assignment, is_lost: bool, cx: &mut Cx<'_>) {
        if let Some(membership) = &mut self.membership {
            membership.is_lost = is_lost;
            if is_lost {
                let group = &membership.group;
                cx.log(4, "LOST", || {
                    let why = "the coordinator or the clock ended this membership";
                    format!("Group \"{group}\": assigned partitions are lost: {why}")
                });
            }
        }
        let partitions = listed(assignment);
        let revoked = if self.is_cooperative() {
            partitions.iter().map(id_of).collect()
        } else {
            self.partitions.assigned_ids()
        };
        for id in &revoked {
            if let Some(partition) = self.partitions.get_mut(id) {
                partition.is_revoked = true;
                partition.rewind();
            }
        }
        if cx.conf().callbacks.rebalance {
            let kind = RebalanceKind::Revoke;
            return emit(cx, Event::Rebalance(Rebalance { kind, partitions }));
        }
        self.unassign(&revoked, cx);
        self.tell_member(Input::Unassigned, cx);
    }

    pub(super) fn tell_member(&mut self, input: Input, cx: &Cx<'_>) {
        if let Some(membership) = &mut self.membership {
            membership.member.handle(input, cx.now.mono);
        }
    }

    pub(super) fn membership_answered(
        &mut self,
        reply: &Reply,
        result: Result<Response, RequestError>,
        cx: &Cx<'_>,
    ) {
        let result = result.map_err(RequestError::code);
        let failure = result
            .as_ref()
            .err()
            .copied()
            .unwrap_or(ErrorCode::_BAD_MSG);
        let input = match (reply, result) {
            (Reply::Join(attempt), Ok(Response::JoinGroup(response))) => {
                Input::Join(*attempt, Ok(response))
            }
            (Reply::Join(attempt), _) => Input::Join(*attempt, Err(failure)),
            (Reply::Sync(attempt), Ok(Response::SyncGroup(response))) => {
                Input::Sync(*attempt, Ok(response))
            }
            (Reply::Sync(attempt), _) => Input::Sync(*attempt, Err(failure)),
            (Reply::Heartbeat(attempt), Ok(Response::Heartbeat(response))) => {
                let code = ErrorCode(response.error_code);
                Input::Heartbeat(*attempt, if code.is_error() { Err(code) } else { Ok(()) })
            }
            (Reply::Heartbeat(attempt), _) => Input::Heartbeat(*attempt, Err(failure)),
            (Reply::Leave(attempt), _) => Input::Left(*attempt),
            (Reply::Beat(attempt), Ok(Response::ConsumerGroupHeartbeat(response))) => {
                Input::Beat(*attempt, Ok(response))
            }
            (Reply::Beat(attempt), _) => Input::Beat(*attempt, Err(failure)),
            (Reply::TopicNames, Ok(Response::Metadata(response))) => Input::Names(names(response)),
            (Reply::TopicNames, _) => Input::Names(BTreeMap::new()),
            _ => return,
        };
        self.tell_member(input, cx);
    }
}

/// Asks any broker what these topics are called.
fn ask_names(ids: Vec<Uuid>, cx: &mut Cx<'_>) {
    let topics = ids.into_iter().map(|topic_id| MetadataRequestTopic {
        topic_id,
        name: None,
    });
    let request = MetadataRequest {
        topics: Some(topics.collect()),
        ..Default::default()
    };
    let timeout = Duration::from_millis(cx.conf().socket.timeout_ms.into());
    cx.send_any(request, Reply::TopicNames, timeout);
}

fn names(response: MetadataResponse) -> BTreeMap<Uuid, StrBytes> {
    let found = response.topics.into_iter().filter_map(|topic| {
        let name = topic.name.filter(|_| topic.error_code == 0)?;
        Some((topic.topic_id, name.copy_out_of_frame()))
    });
    found.collect()
}

/// The partitions of an assignment as a list, without offsets.
fn listed(assignment: Assignment) -> Vec<TopicPartitionOffset> {
    let list = assignment.into_iter().flat_map(|(topic, partitions)| {
        let at =
            move |partition| TopicPartitionOffset::new(topic.clone(), partition, OFFSET_INVALID);
        partitions.into_iter().map(at)
    });
    list.collect()
}
