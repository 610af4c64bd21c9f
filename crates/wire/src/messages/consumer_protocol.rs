//! The embedded subscription and assignment messages of the classic `consumer` group protocol.

use bytes::Bytes;

use crate::Message;
use crate::types::StrBytes;

/// Embedded message `ConsumerProtocolSubscription` of the classic consumer group protocol.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "none")]
pub struct ConsumerProtocolSubscription {
    #[field(versions = "0+")]
    pub topics: Vec<StrBytes>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub user_data: Option<Bytes>,
    #[field(versions = "1+", ignorable)]
    pub owned_partitions: Vec<TopicPartition>,
    #[field(versions = "2+", default = "-1", ignorable)]
    pub generation_id: i32,
    #[field(versions = "3+", nullable = "3+", default = "null", ignorable)]
    pub rack_id: Option<StrBytes>,
}

/// Part of [`ConsumerProtocolSubscription`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartition {
    #[field(versions = "1+")]
    pub topic: StrBytes,
    #[field(versions = "1+")]
    pub partitions: Vec<i32>,
}

/// Embedded message `ConsumerProtocolAssignment` of the classic consumer group protocol.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "none")]
pub struct ConsumerProtocolAssignment {
    #[field(versions = "0+")]
    pub assigned_partitions: Vec<AssignedTopicPartitions>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub user_data: Option<Bytes>,
}

/// Part of [`ConsumerProtocolAssignment`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AssignedTopicPartitions {
    #[field(versions = "0+")]
    pub topic: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}
