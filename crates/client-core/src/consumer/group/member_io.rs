//! The words of the members, classic and new: settings, states, inputs and actions. Plain data; driver task.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use rdkafka_wire::messages::heartbeat::HeartbeatRequest;
use rdkafka_wire::messages::join_group::{JoinGroupRequest, JoinGroupResponse};
use rdkafka_wire::messages::leave_group::LeaveGroupRequest;
use rdkafka_wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::assignor::{Assignment, Assignor, Topic};

/// Settings of the membership, from the resolved configuration.
#[derive(Debug, Clone)]
pub(crate) struct GroupConf {
    /// `group.id`.
    pub(crate) group_id: StrBytes,
    /// `group.instance.id`; a static member when set.
    pub(crate) instance_id: Option<StrBytes>,
    /// `session.timeout.ms`.
    pub(crate) session_timeout: Duration,
    /// `max.poll.interval.ms`: how long the group waits for us in a rebalance.
    pub(crate) rebalance_timeout: Duration,
    /// `heartbeat.interval.ms`.
    pub(crate) heartbeat_interval: Duration,
    /// `retry.backoff.ms`: the wait before a join after a failed one.
    pub(crate) retry_backoff: Duration,
    /// `partition.assignment.strategy`, most wanted first.
    pub(crate) assignors: Vec<Assignor>,
    /// `client.rack`, for rack-aware assignors.
    pub(crate) rack: Option<StrBytes>,
    /// `group.remote.assignor`, for the new protocol.
    pub(crate) remote_assignor: Option<StrBytes>,
}

/// What the coordinator of the new protocol is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Topics {
    /// Topics by name; they need not exist.
    pub(crate) names: Vec<StrBytes>,
    /// A pattern of names in the coordinator's syntax (RE2), empty for none.
    pub(crate) regex: StrBytes,
}

/// Where the member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Action: none; nothing is subscribed. Transition: `Subscribe` → `Unjoined`.
    Unsubscribed,
    /// Action: waits for a back-off, or for the application to poll again. Transition: then → `Joining`.
    Unjoined,
    /// Action: JoinGroup (new protocol: the first heartbeat) is in flight. Transition: leader → `AwaitMetadata`, follower → `Syncing`,
    /// `MEMBER_ID_REQUIRED` → `Joining` with that id, error → `Unjoined`.
    Joining,
    /// Action: the leader waits for the metadata of all topics anyone subscribed to.
    /// Transition: `Metadata` → `Syncing`.
    AwaitMetadata,
    /// Action: SyncGroup is in flight. Transition: answer → `AwaitAssign`, error → `Unjoined`.
    Syncing,
    /// Action: partitions were offered to the application; heartbeats go on.
    /// Transition: `Assigned` or `Unassigned` (it declined) → `Steady`.
    AwaitAssign,
    /// Action: consuming, heartbeats go on. Transition: a rebalance → `AwaitUnassign`, or at once `Unjoined`
    /// when there is nothing to give back.
    Steady,
    /// Action: the application was told to give everything back; heartbeats go on.
    /// Transition: `Unassigned` (or `Assigned` of nothing) → `Unassigning`.
    AwaitUnassign(Next),
    /// Action: offsets of what was given back are being committed; heartbeats go on.
    /// Transition: `UnassignDone` → `Unjoined`, or `Leaving`.
    Unassigning(Next),
    /// Action: LeaveGroup is in flight. Transition: any answer → `Unsubscribed`, or `Unjoined` when there is a
    /// new subscription by then.
    Leaving,
}

/// What follows once everything was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Join again.
    Rejoin,
    /// Leave the group.
    Leave,
    /// Cooperative: take what the group gave, then join again.
    Take,
}

/// What the member is told.
#[derive(Debug)]
pub(crate) enum Input {
    /// The topics to consume, resolved and not empty. They, or their partitions, are others than before.
    Subscribe(Vec<StrBytes>),
    /// New protocol: the topics to consume, and the member's id if it has none.
    SubscribeTo(Topics, StrBytes),
    /// Nothing to consume any more.
    Unsubscribe,
    /// New protocol: answer to a heartbeat of that membership.
    Beat(u32, Result<ConsumerGroupHeartbeatResponse, ErrorCode>),
    /// New protocol: names of topics asked for, as far as they were found.
    Names(BTreeMap<Uuid, StrBytes>),
    /// Answer to the JoinGroup of that attempt.
    Join(u32, Result<JoinGroupResponse, ErrorCode>),
    /// Metadata the leader asked for in that attempt; topics that do not exist are left out.
    Metadata(u32, Vec<Topic>),
    /// Answer to the SyncGroup of that attempt.
    Sync(u32, Result<SyncGroupResponse, ErrorCode>),
    /// Answer to a heartbeat of that attempt.
    Heartbeat(u32, Result<(), ErrorCode>),
    /// Answer to the LeaveGroup of that attempt.
    Left(u32),
    /// The application assigned partitions.
    Assigned,
    /// The application unassigned everything.
    Unassigned,
    /// Nothing is assigned any more and the commits of that are answered.
    UnassignDone,
    /// A commit came back with an error that concerns the membership.
    CommitFailed(ErrorCode),
    /// The application did not poll for `max.poll.interval.ms`.
    PollExceeded,
    /// It polled again.
    Polled,
    /// Time has passed; see [`Classic::deadline`].
    Timeout,
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    /// Send to the coordinator, answer with [`Input::Join`].
    Join(u32, JoinGroupRequest),
    /// Look these topics up, answer with [`Input::Metadata`].
    NeedMetadata(u32, Vec<StrBytes>),
    /// Send to the coordinator, answer with [`Input::Sync`].
    Sync(u32, SyncGroupRequest),
    /// Send to the coordinator, answer with [`Input::Heartbeat`].
    Heartbeat(u32, HeartbeatRequest),
    /// Send to the coordinator if one is known, answer with [`Input::Left`].
    Leave(u32, LeaveGroupRequest),
    /// New protocol: send to the coordinator, answer with [`Input::Beat`].
    Beat(u32, ConsumerGroupHeartbeatRequest),
    /// New protocol: send to the coordinator if one is known, answer with [`Input::Left`].
    LeaveBeat(u32, ConsumerGroupHeartbeatRequest),
    /// New protocol: find out these topics' names, answer with [`Input::Names`].
    NeedNames(Vec<Uuid>),
    /// The coordinator is not the right one any more: forget it, the next request looks it up.
    FindCoordinator(ErrorCode),
    /// Offer these partitions to the application, or assign them when it has no rebalance callback. Cooperative: they
    /// come on top of what it has.
    Assign(Assignment),
    /// Have the application give back these partitions, or unassign when it has no rebalance callback. `lost`:
    /// somebody else may own them already, so nothing may be committed.
    Revoke {
        /// What the group had given.
        partitions: Assignment,
        /// Ownership is gone already.
        lost: bool,
    },
    /// Tell the application.
    Error(ErrorCode, String),
    /// Tell the application, and stop: this member was replaced, or can never be one.
    Fatal(ErrorCode, String),
    /// Nothing of the member is left in the group.
    OutOfGroup,
}

impl Next {
    /// Leaving wins over joining again.
    pub(super) fn and(self, other: Self) -> Self {
        if self == Self::Leave || other == Self::Leave {
            Self::Leave
        } else {
            Self::Rejoin
        }
    }
}

/// What is in `some` and not in `others`: partitions by their topic.
pub(crate) fn without<T: Ord + Clone>(
    some: &BTreeMap<T, Vec<i32>>,
    others: &BTreeMap<T, Vec<i32>>,
) -> BTreeMap<T, Vec<i32>> {
    let mut rest = some.clone();
    rest.retain(|topic, partitions| {
        let others = others.get(topic).map_or(&[][..], Vec::as_slice);
        partitions.retain(|partition| !others.contains(partition));
        !partitions.is_empty()
    });
    rest
}
