//! The consumer: subscription, group membership, fetching, positions and commits, as a sub-machine of the client.
//!
//! Lives on the driver's thread. Talks to the rest of the client through [`Cx`] only: each request it sends names a
//! [`Reply`], and comes back exactly once in [`Consumer::on_reply`]. Every entry ends in [`Consumer::work`], which lets
//! each part do what has become possible: carry out what the member of the group wants, look up start offsets,
//! commit, fetch.

mod assignment;
mod calls;
mod committer;
mod fetch_session;
mod fetched;
mod fetcher;
pub mod group;
mod io;
mod membership;
mod offset;
mod offset_file;
mod position;
mod rebalance;
mod start_offset;
mod stats;
mod subscription;
mod topic_ids;
mod validation;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

pub use self::io::{
    Call, CallReply, Command, Event, FetchedBatch, QueuedError, Rebalance, RebalanceKind, Reply,
};
pub use self::offset::{
    OFFSET_BEGINNING, OFFSET_END, OFFSET_INVALID, OFFSET_STORED, OFFSET_TAIL_BASE, is_start_offset,
};
pub use self::offset_file::{OffsetKept, OffsetToKeep};
pub use self::position::{ConsumedPartition, FetchQueue, PollWatch, QueueId, TopicName};
pub use self::subscription::{Subscription, SubscriptionError};

use self::assignment::{Owner, Partitions, at};
use self::committer::{Committer, Identity, Why};
use self::fetcher::Fetcher;
use self::group::member_io::{Input, State};
use self::membership::Membership;
use self::offset_file::{KeepWhy, OffsetFiles};
use crate::admin;
use crate::conf::{ClientConfig, OffsetStoreMethod};
use crate::context::Cx;
use crate::io::{CallId, Lane, Moment, NodeId, TopicPartition, TopicPartitionOffset};
use crate::request::{RequestError, Response};

/// How long closing may take before what is left undone is left undone.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The consumer's state.
#[derive(Debug)]
pub struct Consumer {
    /// Where records go that have no queue of their own.
    queue: Arc<FetchQueue>,
    partitions: Partitions,
    membership: Option<Membership>,
    fetcher: Fetcher,
    committer: Committer,
    offset_files: OffsetFiles,
    /// When stored offsets are committed next.
    commit_at: Option<Moment>,
    /// Questions for committed offsets that will be asked again.
    committed_calls: Vec<(Moment, CallId, Vec<TopicPartition>)>,
    closing: Closing,
    deadline: Option<Moment>,
    counters: stats::GroupCounters,
    /// A fatal error was told.
    is_fatal: bool,
    /// Topics that the application has handles of.
    wanted: BTreeSet<StrBytes>,
    /// Topics of which a partition was assigned at some time.
    assigned_once: BTreeSet<StrBytes>,
}

/// How far closing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    /// Not asked for.
    Open,
    /// Giving back, committing, leaving; at the moment named it ends anyhow.
    Until(Moment),
    /// Done.
    Closed,
}

impl Consumer {
    /// A consumer of nothing.
    #[must_use]
    pub fn new(conf: &Arc<ClientConfig>) -> Self {
        let limits = &conf.consumer;
        let wanted = limits.queued_min_messages.into();
        Self {
            queue: Arc::new(FetchQueue::new(
                QueueId::MAIN,
                wanted,
                limits.queued_max_bytes,
            )),
            partitions: Partitions::default(),
            membership: Membership::new(conf),
            fetcher: Fetcher::default(),
            committer: Committer::default(),
            offset_files: OffsetFiles::default(),
            commit_at: None,
            committed_calls: Vec::new(),
            closing: Closing::Open,
            deadline: None,
            counters: stats::GroupCounters::default(),
            is_fatal: false,
            wanted: BTreeSet::new(),
            assigned_once: BTreeSet::new(),
        }
    }

    /// The application wants something.
    pub fn handle_command(&mut self, command: Command, cx: &mut Cx<'_>) {
        match command {
            Command::Resume => {}
            Command::Watch(watch) => {
                if let Some(membership) = &mut self.membership {
                    membership.watch(watch, cx.now.mono);
                }
            }
            Command::Polled => {
                if let Some(membership) = &mut self.membership {
                    membership.look_at_polling(cx);
                }
            }
            Command::Want(topic) => {
                if self.wanted.insert(topic.clone()) {
                    cx.want_topic(&topic);
                }
            }
            Command::Commit(offsets) => self.commit(offsets, Why::Asked, cx),
            Command::Close => self.close(cx),
        }
        self.work(cx);
    }

    /// The application asks something; answer with `cx.reply(call, ..)` once, before `deadline` (afterwards the
    /// core answers `_TIMED_OUT` itself and later replies are dropped).
    pub fn handle_call(&mut self, id: CallId, call: Call, _deadline: Moment, cx: &mut Cx<'_>) {
        self.call(id, call, cx);
        self.work(cx);
    }

    /// A request sent with `reply` was answered, or never will be.
    pub fn on_reply(
        &mut self,
        reply: Reply,
        result: Result<Response, RequestError>,
        cx: &mut Cx<'_>,
    ) {
        let partitions = &mut self.partitions;
        match reply {
            Reply::Fetch(node) => self.fetcher.answered(node, result, partitions, cx),
            Reply::ListOffsets(asked) => start_offset::listed(asked, result, partitions, cx),
            Reply::EndOfEpochs(node, asked) => {
                validation::answered(node, asked, result, partitions, cx);
            }
            Reply::StartOffsets(asked, topic_ids) => {
                if let Some(membership) = &self.membership {
                    let answer = start_offset::committed_answer(&topic_ids, result);
                    start_offset::committed(asked, &membership.group, answer, partitions, cx);
                }
            }
            Reply::Committed(call, ids, topic_ids) => {
                let answer = start_offset::committed_answer(&topic_ids, result);
                self.committed_answered(call, ids, answer, cx);
            }
            Reply::Commit(number) => self.commit_answered(number, result, cx),
            Reply::Join(_)
            | Reply::Sync(_)
            | Reply::Heartbeat(_)
            | Reply::Leave(_)
            | Reply::Beat(_)
            | Reply::TopicNames => {
                self.membership_answered(&reply, result, cx);
            }
        }
        self.work(cx);
    }

    /// An offset was written to its file, or could not be.
    pub fn on_offset_kept(&mut self, kept: OffsetKept, cx: &mut Cx<'_>) {
        self.offset_files.kept(kept, &mut self.partitions, cx);
        self.work(cx);
    }

    /// [`Self::next_deadline`] has passed.
    pub fn on_timer(&mut self, cx: &mut Cx<'_>) {
        if let Some(membership) = &mut self.membership {
            membership.on_timer(cx);
        }
        self.commit_by_time(cx);
        if let Closing::Until(at) = self.closing
            && cx.now.mono >= at
        {
            self.closed(cx);
        }
        self.work(cx);
    }

    /// New metadata arrived.
    pub fn on_metadata(&mut self, cx: &mut Cx<'_>) {
        if let Some(membership) = &mut self.membership {
            membership.on_metadata(cx);
        }
        self.tell_missing_partitions(cx);
        self.work(cx);
    }

    /// The connection to a node ended (each of its requests has had its `on_reply`).
    pub fn on_disconnect(&mut self, _node: NodeId, _lane: Lane, _cx: &mut Cx<'_>) {}

    /// When [`Self::on_timer`] wants to be called.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        self.deadline
    }

    /// Lets each part do what has become possible.
    fn work(&mut self, cx: &mut Cx<'_>) {
        self.deadline = None;
        if self.closing == Closing::Closed {
            return;
        }
        self.follow_member(cx);
        let group = self.membership.as_ref().map(Membership::asking);
        let partitions = &mut self.partitions;
        let is_idle = self.committer.is_idle();
        let mut moments = vec![
            validation::work(partitions, cx),
            start_offset::work(partitions, group.as_ref(), is_idle, cx),
            self.fetcher.work(partitions, cx),
            self.committed_work(cx),
        ];
        self.finish_closing(cx);
        moments.push(self.offset_files.work(cx));
        if let Some(group) = &group {
            moments.push(self.committer.work(&group.id, cx));
        }
        moments.push(self.membership.as_ref().and_then(Membership::deadline));
        moments.push(self.next_commit());
        moments.push(match self.closing {
            Closing::Until(at) => Some(at),
            Closing::Open | Closing::Closed => None,
        });
        self.deadline = moments.into_iter().flatten().min();
    }

    // ---- committing ----

    fn identity(&self) -> Identity {
        self.membership
            .as_ref()
            .map_or_else(Identity::none, Membership::identity)
    }

    /// Commits `offsets`, or what is stored of the assigned partitions.
    fn commit(&mut self, offsets: Option<Vec<TopicPartitionOffset>>, why: Why, cx: &mut Cx<'_>) {
        let refusal = match &self.membership {
            None => Some(ErrorCode::_UNKNOWN_GROUP),
            Some(membership) if offsets.is_none() && membership.is_lost => {
                Some(ErrorCode::_ASSIGNMENT_LOST)
            }
            Some(_) => None,
        };
        if let Some(code) = refusal {
            if let Why::Call(call) = why {
                reply(cx, call, Err(code));
            }
            return;
        }
        let stored = || {
            let assigned = self.partitions.assigned();
            let stored = assigned.map(|(id, partition)| {
                let offset = partition.uncommitted(id);
                offset.unwrap_or_else(|| at(id, OFFSET_INVALID))
            });
            stored.collect()
        };
        let offsets = offsets.unwrap_or_else(stored);
        let identity = self.identity();
        self.committer.commit(offsets, why, identity, cx);
    }

    fn commit_answered(
        &mut self,
        number: u64,
        result: Result<Response, RequestError>,
        cx: &mut Cx<'_>,
    ) {
        let Some(membership) = &mut self.membership else {
            return;
        };
        let group = membership.group.clone();
        let identity = membership.identity();
        let answer = (number, result);
        let verdict = self
            .committer
            .answered(answer, &group, &identity, &mut self.partitions, cx);
        if let Some(verdict) = verdict
            && verdict.code.is_error()
            && verdict.identity == identity
        {
            membership
                .member
                .handle(Input::CommitFailed(verdict.code), cx.now.mono);
        }
    }

    fn commit_by_time(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now.mono;
        if self.commit_at.is_some_and(|at| at <= now) {
            let interval = cx.conf().consumer.auto_commit_interval_ms;
            self.commit_at = interval.map(|ms| now + Duration::from_millis(ms.into()));
            let stored = self.partitions.uncommitted();
            let is_lost = self
                .membership
                .as_ref()
                .is_none_or(|membership| membership.is_lost);
            if !stored.is_empty() && !is_lost && !self.committer.has_auto() {
                let identity = self.identity();
                self.committer.commit(stored, Why::Auto, identity, cx);
            }
        }
        let mut stored = Vec::new();
        let mut in_files = Vec::new();
        for (id, partition) in self.partitions.iter_mut() {
            let uncommitted = partition.uncommitted(id);
            let Owner::Started { conf, commit_at } = &mut partition.owner else {
                continue;
            };
            if commit_at.is_some_and(|at| at <= now) {
                let interval = Duration::from_millis(conf.auto_commit_interval_ms.into());
                *commit_at = Some(now + interval);
                match conf.offset_store_method {
                    OffsetStoreMethod::Broker => stored.extend(uncommitted),
                    OffsetStoreMethod::File => {
                        in_files.extend(uncommitted.map(|offset| (offset, Arc::clone(conf))));
                    }
                    OffsetStoreMethod::None => {}
                }
            }
        }
        for (offset, conf) in in_files {
            self.offset_files.keep(&offset, &conf, KeepWhy::ByTime, cx);
        }
        if !stored.is_empty() && self.membership.is_some() {
            self.committer
                .commit(stored, Why::Auto, Identity::none(), cx);
        }
    }

    fn next_commit(&self) -> Option<Moment> {
        let started = self
            .partitions
            .iter()
            .filter_map(|(_, partition)| match &partition.owner {
                Owner::Started { commit_at, .. } => *commit_at,
                Owner::Assignment => None,
            });
        started.chain(self.commit_at).min()
    }

    // ---- closing ----

    fn close(&mut self, cx: &mut Cx<'_>) {
        if self.closing != Closing::Open {
            return;
        }
        self.closing = Closing::Until(cx.now.mono + CLOSE_TIMEOUT);
        if let Some(membership) = &mut self.membership {
            membership.subscribe(None, cx);
        }
    }

    /// Out of the group: what is left is given back, and once its commits are answered, closing is done.
    fn finish_closing(&mut self, cx: &mut Cx<'_>) {
        let is_out = self
            .membership
            .as_ref()
            .is_none_or(|membership| membership.member.state() == State::Unsubscribed);
        if !matches!(self.closing, Closing::Until(_)) || !is_out {
            return;
        }
        let left = self.partitions.ids();
        self.unassign(&left, cx);
        if self.committer.is_idle() && self.offset_files.is_idle() {
            self.closed(cx);
        }
    }

    fn closed(&mut self, cx: &mut Cx<'_>) {
        if self.closing == Closing::Closed {
            return;
        }
        self.committer.abandon(ErrorCode::_TIMED_OUT, cx);
        self.closing = Closing::Closed;
        for id in self.partitions.ids() {
            self.partitions.remove(&id);
            cx.drop_topic(&id.topic);
        }
        let code = if self.is_fatal {
            ErrorCode::_FATAL
        } else {
            ErrorCode::NONE
        };
        emit(cx, Event::Closed(code));
    }
}

/// Tells the application.
fn emit(cx: &mut Cx<'_>, event: Event) {
    cx.emit(crate::io::Event::Consumer(event));
}

/// Answers a call.
fn reply(cx: &mut Cx<'_>, call: CallId, result: Result<CallReply, ErrorCode>) {
    cx.reply(call, result.map(admin::CallReply::Consumer));
}

/// An error item that belongs to no partition.
fn without_partition(topic: Option<StrBytes>, code: ErrorCode, text: String) -> Event {
    let queue = QueueId::MAIN;
    Event::Error(QueuedError {
        queue,
        origin: None,
        topic,
        code,
        text,
        offset: OFFSET_INVALID,
    })
}
