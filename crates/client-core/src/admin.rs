//! Calls of the application that wait for an answer: metadata, watermarks, offsets by time, controller.
//!
//! Owns the calls it answers itself; [`Calls`] holds the deadlines of all of them, so that each is answered exactly
//! once: by the sub-machine that has it, or with `_TIMED_OUT` when its deadline passes. Driver thread.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use rdkafka_wire::types::StrBytes;

use crate::consumer;
use crate::context::Cx;
use crate::coordinator::CoordinatorKind;
use crate::io::{
    BrokerId, CallId, Lane, Moment, NodeId, Output, TopicPartition, TopicPartitionOffset,
};
use crate::list_offsets::OffsetsCall;
use crate::metadata::ClusterMetadata;
use crate::producer::{TransactionCall, TransactionError, TransactionOffsets};
use crate::request::{ForeignRequest, ForeignResponse, Request, RequestError, Response};
use crate::timers::Timers;

/// What the application asks and waits for.
#[derive(Debug)]
pub enum Call {
    /// The cluster as a broker describes it now.
    Metadata(MetadataScope),
    /// The first and the next offset of a partition, as its leader says now.
    Watermarks(TopicPartition),
    /// The first offsets whose records are at or after the given times (in `offset`, milliseconds).
    OffsetsForTimes(Vec<TopicPartitionOffset>),
    /// The id of the controller.
    ControllerId,
    /// The id of the cluster.
    ClusterId,
    /// Stop or go on producing to (a producer) or fetching from (a consumer) these partitions.
    Pause {
        /// Which.
        partitions: Vec<TopicPartition>,
        /// Stop (true) or go on.
        paused: bool,
    },
    /// Fail the records that are queued (`queue`) and those that are on their way (`in_flight`).
    Purge {
        /// Records not yet sent.
        queue: bool,
        /// Records sent and not answered.
        in_flight: bool,
    },
    /// Of a transactional producer.
    Transaction(TransactionCall),
    /// Of a transactional producer: consumed offsets for its transaction. Answered as [`Self::Transaction`].
    SendOffsets(TransactionOffsets),
    /// Of the consumer.
    Consumer(consumer::Call),
    /// A request of any API, its answer undecoded: for administration.
    Foreign(Target, ForeignRequest),
}

/// Who a foreign request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Any broker.
    Any,
    /// The controller (a broker that hands on to it, where the cluster is built so).
    Controller,
    /// A node.
    Node(NodeId),
    /// The coordinator of a group or transactional id.
    Coordinator(CoordinatorKind, StrBytes),
}

/// Which topics a metadata call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataScope {
    /// All topics of the cluster.
    All,
    /// The topics this client uses.
    Known,
    /// One topic (created, where the cluster and `allow.auto.create.topics` allow it).
    Topic(StrBytes),
}

/// The answer to a [`Call`].
#[derive(Debug)]
pub enum CallReply {
    /// Done, nothing to tell.
    Done,
    /// Of [`Call::Metadata`].
    Metadata(ClusterMetadata),
    /// Of [`Call::Watermarks`].
    Watermarks {
        /// The first offset there is.
        low: i64,
        /// The offset the next record gets.
        high: i64,
    },
    /// Of [`Call::OffsetsForTimes`] and [`Call::Pause`]: the same partitions in the same order.
    Partitions(Vec<TopicPartitionOffset>),
    /// Of [`Call::ControllerId`].
    ControllerId(i32),
    /// Of [`Call::ClusterId`].
    ClusterId(Option<StrBytes>),
    /// Of [`Call::Transaction`].
    Transaction(Result<(), TransactionError>),
    /// Of the consumer.
    Consumer(consumer::CallReply),
    /// Of [`Call::Foreign`].
    Foreign(ForeignResponse),
}

/// Which question of which call an answer belongs to.
#[derive(Debug)]
pub enum Reply {
    /// The metadata of a call.
    Metadata(CallId),
    /// The offsets of a call; the number tells its questions apart.
    Offsets(CallId, u32),
    /// The answer to a foreign request.
    Foreign(CallId),
}

/// The deadlines of all calls that are under way.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    deadlines: Timers<CallId>,
    open: HashMap<CallId, Expiry>,
}

/// What a call that was not answered in time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// `_TIMED_OUT`.
    TimedOut,
    /// `_TRANSPORT` when no broker is up, else `_TIMED_OUT`.
    Transport,
    /// `_ALL_BROKERS_DOWN` when no broker is up, else `_TIMED_OUT`.
    AllDown,
}

impl Calls {
    pub(crate) fn begin(&mut self, id: CallId, deadline: Moment, expiry: Expiry) {
        self.deadlines.set(id, deadline);
        self.open.insert(id, expiry);
    }

    /// Whether this is the first and only answer.
    pub(crate) fn end(&mut self, id: CallId) -> bool {
        self.deadlines.cancel(id);
        self.open.remove(&id).is_some()
    }

    pub(crate) fn pop_due(&mut self, now: Moment) -> Option<(CallId, Expiry)> {
        let id = self.deadlines.pop_due(now)?;
        let expiry = self.open.remove(&id)?;
        Some((id, expiry))
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        self.deadlines.next()
    }

    pub(crate) fn is_open(&self, id: CallId) -> bool {
        self.open.contains_key(&id)
    }

    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = CallId> + use<> {
        self.deadlines = Timers::default();
        std::mem::take(&mut self.open).into_keys()
    }
}

/// The calls that are answered here.
#[derive(Debug, Default)]
pub(crate) struct Admin {
    calls: HashMap<CallId, State>,
}

#[derive(Debug)]
enum State {
    Metadata {
        scope: MetadataScope,
    },
    ControllerId,
    ClusterId,
    Offsets(OffsetsCall),
    Foreign {
        target: Target,
        request: ForeignRequest,
        is_sent: bool,
    },
}

impl Admin {
    pub(crate) fn handle_call(&mut self, id: CallId, call: Call, cx: &mut Cx<'_>) {
        let state = match call {
            Call::Metadata(scope) => {
                ask_metadata(id, &scope, cx);
                State::Metadata { scope }
            }
            Call::ControllerId => State::ControllerId,
            Call::ClusterId => State::ClusterId,
            Call::Watermarks(partition) => {
                State::Offsets(OffsetsCall::watermarks(id, partition, cx))
            }
            Call::OffsetsForTimes(times) => State::Offsets(OffsetsCall::for_times(id, times, cx)),
            Call::Foreign(target, request) => State::Foreign {
                target,
                request,
                is_sent: false,
            },
            Call::Pause { .. }
            | Call::Purge { .. }
            | Call::Transaction(_)
            | Call::SendOffsets(_)
            | Call::Consumer(_) => {
                cx.reply(id, Err(ErrorCode::_NOT_IMPLEMENTED));
                return;
            }
        };
        self.calls.insert(id, state);
        self.advance(cx);
    }

    /// Calls were answered by others: forget them.
    pub(crate) fn on_calls_ended(&mut self, cx: &mut Cx<'_>) {
        self.advance(cx);
    }

    pub(crate) fn on_reply(
        &mut self,
        reply: Reply,
        result: Result<Response, RequestError>,
        broker: Option<BrokerId>,
        cx: &mut Cx<'_>,
    ) {
        match reply {
            Reply::Metadata(id) => self.on_metadata_reply(id, result, broker, cx),
            Reply::Foreign(id) => self.on_foreign_reply(id, result, cx),
            Reply::Offsets(id, question) => {
                if let Some(State::Offsets(call)) = self.calls.get_mut(&id) {
                    call.on_reply(question, result, cx);
                }
            }
        }
        self.advance(cx);
    }

    fn on_metadata_reply(
        &mut self,
        id: CallId,
        result: Result<Response, RequestError>,
        broker: Option<BrokerId>,
        cx: &mut Cx<'_>,
    ) {
        let Some(State::Metadata { scope }) = self.calls.get(&id) else {
            return;
        };
        match result {
            Ok(Response::Metadata(response)) => {
                let (name, node) = broker
                    .map(|broker| cx.network.origin(broker))
                    .unwrap_or_default();
                let metadata = ClusterMetadata::new(&response, name, node);
                cx.reply(id, Ok(CallReply::Metadata(metadata)));
            }
            // The next broker may do better; without one, the deadline ends this.
            Err(RequestError::Disconnected { .. }) => ask_metadata(id, scope, cx),
            Err(RequestError::TimedOut { .. }) => {}
            Ok(_) => cx.reply(id, Err(ErrorCode::_BAD_MSG)),
            Err(error) => cx.reply(id, Err(error.code())),
        }
    }

    fn on_foreign_reply(
        &mut self,
        id: CallId,
        result: Result<Response, RequestError>,
        cx: &mut Cx<'_>,
    ) {
        match result {
            Ok(Response::Foreign(response)) => cx.reply(id, Ok(CallReply::Foreign(response))),
            Ok(_) => cx.reply(id, Err(ErrorCode::_BAD_MSG)),
            // Nobody has seen it, so it may be tried again; the call's deadline ends this.
            Err(RequestError::Disconnected { sent: false }) => {
                if let Some(State::Foreign { is_sent, .. }) = self.calls.get_mut(&id) {
                    *is_sent = false;
                }
            }
            Err(error) => cx.reply(id, Err(error.code())),
        }
    }

    pub(crate) fn on_metadata(&mut self, cx: &mut Cx<'_>) {
        self.advance(cx);
    }

    pub(crate) fn on_timer(&mut self, cx: &mut Cx<'_>) {
        let is_reachable = cx.network.has_broker_up();
        while let Some((id, expiry)) = cx.network.fx.calls.pop_due(cx.now.mono) {
            let code = match expiry {
                Expiry::Transport if !is_reachable => ErrorCode::_TRANSPORT,
                Expiry::AllDown if !is_reachable => ErrorCode::_ALL_BROKERS_DOWN,
                _ => ErrorCode::_TIMED_OUT,
            };
            cx.output(Output::Reply(id, Err(code)));
        }
        self.advance(cx);
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        let retries = self.calls.values().filter_map(|state| match state {
            State::Offsets(call) => call.next_deadline(),
            _ => None,
        });
        retries.min()
    }

    /// Answer what can be answered by now, and forget what was.
    fn advance(&mut self, cx: &mut Cx<'_>) {
        for (&id, state) in &mut self.calls {
            match state {
                State::Metadata { .. } => {}
                State::ControllerId => {
                    if let Some(controller) = cx.metadata().controller() {
                        cx.reply(id, Ok(CallReply::ControllerId(controller.0)));
                    }
                }
                State::ClusterId => {
                    if cx.metadata().nodes().next().is_some() {
                        let cluster_id = cx.metadata().cluster_id().cloned();
                        cx.reply(id, Ok(CallReply::ClusterId(cluster_id)));
                    }
                }
                State::Offsets(call) => call.advance(cx),
                State::Foreign {
                    target,
                    request,
                    is_sent,
                } => {
                    if !*is_sent {
                        *is_sent = send_foreign(id, target, request, cx);
                    }
                }
            }
        }
        self.calls.retain(|&id, state| {
            let is_open = cx.network.fx.calls.is_open(id);
            if let State::Offsets(call) = state
                && !is_open
            {
                call.end(cx);
            }
            is_open
        });
    }
}

fn ask_metadata(id: CallId, scope: &MetadataScope, cx: &mut Cx<'_>) {
    let name = |name: &StrBytes| MetadataRequestTopic {
        name: Some(name.clone()),
        ..Default::default()
    };
    let topics = match scope {
        MetadataScope::All => None,
        MetadataScope::Known => {
            let known: Vec<_> = cx.network.refresh.wanted_topics().map(name).collect();
            // Who uses no topic is told of all of them, as by librdkafka.
            (!known.is_empty()).then_some(known)
        }
        MetadataScope::Topic(topic) => Some(vec![name(topic)]),
    };
    let request = MetadataRequest {
        topics,
        allow_auto_topic_creation: cx.conf().metadata.allow_auto_create_topics,
        ..Default::default()
    };
    // Not the call's own deadline: a request that times out takes its connection with it.
    cx.send_any(request, Reply::Metadata(id), socket_timeout(cx));
}

/// Whether it could be sent; if not, it waits for metadata.
fn send_foreign(id: CallId, target: &Target, request: &ForeignRequest, cx: &mut Cx<'_>) -> bool {
    let timeout = socket_timeout(cx);
    let request = Request::Foreign(request.clone());
    let node = match target {
        Target::Any => {
            cx.send_any(request, Reply::Foreign(id), timeout);
            return true;
        }
        Target::Coordinator(kind, key) => {
            cx.send_coordinator(*kind, key, request, Reply::Foreign(id), timeout);
            return true;
        }
        Target::Controller => cx.metadata().controller(),
        Target::Node(node) => Some(*node).filter(|&node| cx.metadata().node(node).is_some()),
    };
    if let Some(node) = node {
        cx.send(node, Lane::Main, request, Reply::Foreign(id), timeout);
    }
    node.is_some()
}

/// `socket.timeout.ms`.
pub(crate) fn socket_timeout(cx: &Cx<'_>) -> Duration {
    Duration::from_millis(u64::from(cx.conf().socket.timeout_ms))
}
