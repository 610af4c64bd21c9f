//! Calls of the application that wait for an answer: metadata, watermarks, offsets by time, controller.
//!
//! Owns the calls that are under way and their deadlines: the core answers `_TIMED_OUT` itself when a deadline
//! passes, whichever sub-machine has the call. Driver thread.

use rdkafka_wire::types::StrBytes;

use crate::consumer;
use crate::io::{CallId, TopicPartition, TopicPartitionOffset};
use crate::metadata::ClusterMetadata;

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
    /// Of the consumer.
    Consumer(consumer::Call),
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
    /// Of the consumer.
    Consumer(consumer::CallReply),
}

/// Which question of which call an answer belongs to.
#[derive(Debug)]
pub enum Reply {
    /// The metadata of a call.
    Metadata(CallId),
    /// The offsets of a call; the number tells its questions apart.
    Offsets(CallId, u32),
}
