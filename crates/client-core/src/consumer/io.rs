//! What crosses the edge of the consumer: commands and calls of the application, events for it, and the routes by
//! which answers of brokers find back. Plain data; both threads.

use std::sync::Arc;

use rdkafka_records::RecordBatch;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::position::{ConsumedPartition, FetchQueue, PollWatch, QueueId};
use super::subscription::Subscription;
use super::topic_ids::TopicIds;
use crate::conf::TopicConfig;
use crate::io::{CallId, NodeId, TopicPartition, TopicPartitionOffset};
use crate::producer::GroupMetadata;

/// What the application wants of the consumer, without waiting for an answer.
#[derive(Debug)]
pub enum Command {
    /// There is room again in a queue that was full (see [`FetchQueue::take`]).
    Resume,
    /// Whose polls `max.poll.interval.ms` is about; without it that is not watched.
    Watch(Arc<PollWatch>),
    /// The application polls again (see [`PollWatch::begin`]).
    Polled,
    /// A topic handle was made: keep metadata of its topic.
    Want(StrBytes),
    /// Commit these offsets, or what is stored; the result comes as [`Event::Committed`].
    Commit(Option<Vec<TopicPartitionOffset>>),
    /// Give everything back, commit, leave the group; the end comes as [`Event::Closed`].
    Close,
}

/// What the application asks the consumer and waits for.
#[derive(Debug)]
pub enum Call {
    /// Be a member of the group for these topics. Answer: `Done`.
    Subscribe(Subscription),
    /// Leave the group. Answer: `Done`.
    Unsubscribe,
    /// The subscription as it was given. Answer: `Topics`.
    Subscription,
    /// Consume exactly these partitions; `None` or empty for none. Answer: `Done` or `Refused`.
    Assign(Option<Vec<TopicPartitionOffset>>),
    /// Consume these too. Answer: `Done` or `Refused`.
    IncrementalAssign(Vec<TopicPartitionOffset>),
    /// Do not consume these any more. Answer: `Done` or `Refused`.
    IncrementalUnassign(Vec<TopicPartition>),
    /// What is being consumed, at the offsets it was assigned with. Answer: `Partitions`.
    Assignment,
    /// Commit these offsets, or what is stored. Answer: `Partitions` with each one's result.
    Commit(Option<Vec<TopicPartitionOffset>>),
    /// Ask the group's coordinator for committed offsets. Answer: `Partitions`.
    Committed(Vec<TopicPartition>),
    /// Offsets after the last records handed out. Answer: `Partitions`.
    Positions(Vec<TopicPartition>),
    /// Remember these offsets for the next commit. Answer: `Partitions` with each one's result.
    StoreOffsets(Vec<TopicPartitionOffset>),
    /// Whether metadata knows the partition. Answer: `Done` or the error `_UNKNOWN_PARTITION`.
    Knows(TopicPartition),
    /// Go on elsewhere. Answer: `Partitions` with each one's result.
    Seek(Vec<TopicPartitionOffset>),
    /// Its place in the group, for the offsets of a producer's transaction. Answer: `Group`.
    GroupMetadata,
    /// Legacy consumer: consume a partition into a queue. Answer: `Done`.
    Start {
        /// The partition.
        id: TopicPartition,
        /// Where to start.
        offset: i64,
        /// The topic's settings.
        conf: Arc<TopicConfig>,
        /// Where its records go.
        queue: Arc<FetchQueue>,
    },
    /// Legacy consumer: stop consuming a partition, commit what is stored. Answer: `Done`.
    Stop(TopicPartition),
}

/// The answer to a [`Call`].
#[derive(Debug)]
pub enum CallReply {
    /// Done, nothing to tell.
    Done,
    /// Names of topics, or patterns.
    Topics(Vec<StrBytes>),
    /// Partitions with offsets and results.
    Partitions(Vec<TopicPartitionOffset>),
    /// A place in a group.
    Group(GroupMetadata),
    /// Not done, for a reason worth a sentence.
    Refused(ErrorCode, String),
}

/// What the consumer tells the application.
#[derive(Debug)]
pub enum Event {
    /// Records.
    Fetched(FetchedBatch),
    /// Something that is handed out like a message: an error, or the end of a partition.
    Error(QueuedError),
    /// The group gave or takes partitions; only when there is a rebalance callback. Answer with `Assign`.
    Rebalance(Rebalance),
    /// A commit was answered; only when there is a commit callback.
    Committed {
        /// What became of it as a whole.
        result: ErrorCode,
        /// The offsets, with each one's result.
        offsets: Vec<TopicPartitionOffset>,
    },
    /// `Command::Close` is done; `_FATAL` for a consumer that met a fatal error before.
    Closed(ErrorCode),
}

impl Event {
    /// The queue the event belongs to.
    #[must_use]
    pub fn queue(&self) -> QueueId {
        match self {
            Self::Fetched(batch) => batch.queue.id(),
            Self::Error(error) => error.queue,
            Self::Rebalance(_) | Self::Committed { .. } | Self::Closed(_) => QueueId::MAIN,
        }
    }
}

/// Records of one partition out of one response, untouched: whoever walks them decompresses.
#[derive(Debug)]
pub struct FetchedBatch {
    /// Where they come from.
    pub partition: Arc<ConsumedPartition>,
    /// The partition's version they were fetched under; outdated when it is another by now.
    pub version: u32,
    /// Records before this offset are not wanted.
    pub from_offset: i64,
    /// The batches, none of them empty.
    pub batches: Vec<RecordBatch>,
    /// The place behind a transaction's marker that ends them, with the leader epoch that wrote it: the position steps
    /// over it, so that nothing seems to be left.
    pub passed: Option<(i64, i32)>,
    /// Where they count; give `messages` and `bytes` back with [`FetchQueue::take`].
    pub queue: Arc<FetchQueue>,
    /// What they count as records.
    pub messages: u64,
    /// What they count as bytes.
    pub bytes: u64,
}

/// An error or an end of partition, on its way to where messages go.
#[derive(Debug)]
pub struct QueuedError {
    /// The queue it goes to.
    pub queue: QueueId,
    /// The partition it comes from, and its version then: outdated when it is another by now.
    pub origin: Option<(Arc<ConsumedPartition>, u32)>,
    /// The topic, when there is one but no partition.
    pub topic: Option<StrBytes>,
    /// What happened.
    pub code: ErrorCode,
    /// The story, for people.
    pub text: String,
    /// The offset, or [`super::OFFSET_INVALID`].
    pub offset: i64,
}

/// What the group wants the application to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebalanceKind {
    /// Consume these partitions (`_ASSIGN_PARTITIONS`).
    Assign,
    /// Stop consuming (`_REVOKE_PARTITIONS`).
    Revoke,
}

impl RebalanceKind {
    /// The error code rebalance callbacks get.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Assign => ErrorCode::_ASSIGN_PARTITIONS,
            Self::Revoke => ErrorCode::_REVOKE_PARTITIONS,
        }
    }
}

/// A rebalance, for the rebalance callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebalance {
    /// What to do.
    pub kind: RebalanceKind,
    /// With these partitions, without offsets.
    pub partitions: Vec<TopicPartitionOffset>,
}

/// Which question an answer belongs to.
#[derive(Debug)]
pub enum Reply {
    /// JoinGroup of that attempt.
    Join(u32),
    /// SyncGroup of that attempt.
    Sync(u32),
    /// Heartbeat of that attempt.
    Heartbeat(u32),
    /// LeaveGroup of that attempt.
    Leave(u32),
    /// ConsumerGroupHeartbeat of that membership.
    Beat(u32),
    /// Names of topics known by id.
    TopicNames,
    /// The Fetch standing at that node.
    Fetch(NodeId),
    /// Start offsets of partitions, each with the version that asked.
    ListOffsets(Vec<(TopicPartition, u32)>),
    /// Ends of leader epochs, asked at that node for partitions, each with the version that asked.
    EndOfEpochs(NodeId, Vec<(TopicPartition, u32)>),
    /// Committed offsets of partitions, each with the version that asked.
    StartOffsets(Vec<(TopicPartition, u32)>, TopicIds),
    /// Committed offsets for the application.
    Committed(CallId, Vec<TopicPartition>, TopicIds),
    /// The commit of that number.
    Commit(u64),
}
