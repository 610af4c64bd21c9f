//! DescribeQuorum, API key 55: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of DescribeQuorum (API key 55).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "0+", key = 55, response = DescribeQuorumResponse)]
pub struct DescribeQuorumRequest {
    #[field(versions = "0+")]
    pub topics: Vec<TopicData>,
}

/// Part of [`DescribeQuorumRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<PartitionData>,
}

/// Part of [`TopicData`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    #[field(versions = "0+")]
    pub partition_index: i32,
}

/// Response of DescribeQuorum (API key 55).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "0+")]
pub struct DescribeQuorumResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "2+", nullable = "2+", ignorable)]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub topics: Vec<ResponseTopicData>,
    #[field(versions = "2+")]
    pub nodes: Vec<Node>,
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ResponseTopicData {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<ResponsePartitionData>,
}

/// Part of [`ResponseTopicData`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ResponsePartitionData {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "2+", nullable = "2+", ignorable)]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub leader_id: i32,
    #[field(versions = "0+")]
    pub leader_epoch: i32,
    #[field(versions = "0+")]
    pub high_watermark: i64,
    #[field(versions = "0+")]
    pub current_voters: Vec<ReplicaState>,
    #[field(versions = "0+")]
    pub observers: Vec<ReplicaState>,
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Node {
    #[field(versions = "2+")]
    pub node_id: i32,
    #[field(versions = "2+")]
    pub listeners: Vec<Listener>,
}

/// Part of [`Node`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Listener {
    #[field(versions = "2+")]
    pub name: StrBytes,
    #[field(versions = "2+")]
    pub host: StrBytes,
    #[field(versions = "2+")]
    pub port: u16,
}

/// Shared part of [`DescribeQuorumResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReplicaState {
    #[field(versions = "0+")]
    pub replica_id: i32,
    #[field(versions = "2+")]
    pub replica_directory_id: Uuid,
    #[field(versions = "0+")]
    pub log_end_offset: i64,
    #[field(versions = "1+", default = "-1", ignorable)]
    pub last_fetch_timestamp: i64,
    #[field(versions = "1+", default = "-1", ignorable)]
    pub last_caught_up_timestamp: i64,
}
