//! StreamsGroupHeartbeat, API key 88: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of StreamsGroupHeartbeat (API key 88).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 88, response = StreamsGroupHeartbeatResponse)]
pub struct StreamsGroupHeartbeatRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "0+")]
    pub member_epoch: i32,
    #[field(versions = "0+")]
    pub endpoint_information_epoch: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub instance_id: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub rack_id: Option<StrBytes>,
    #[field(versions = "0+", default = "-1")]
    pub rebalance_timeout_ms: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub topology: Option<Topology>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub active_tasks: Option<Vec<TaskIds>>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub standby_tasks: Option<Vec<TaskIds>>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub warmup_tasks: Option<Vec<TaskIds>>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub process_id: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub user_endpoint: Option<Endpoint>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub client_tags: Option<Vec<KeyValue>>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub task_offsets: Option<Vec<TaskOffset>>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    #[field(versions = "0+")]
    pub shutdown_application: bool,
}

/// Part of [`StreamsGroupHeartbeatRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Topology {
    #[field(versions = "0+")]
    pub epoch: i32,
    #[field(versions = "0+")]
    pub subtopologies: Vec<Subtopology>,
}

/// Part of [`Topology`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Subtopology {
    #[field(versions = "0+")]
    pub subtopology_id: StrBytes,
    #[field(versions = "0+")]
    pub source_topics: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub source_topic_regex: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub state_changelog_topics: Vec<TopicInfo>,
    #[field(versions = "0+")]
    pub repartition_sink_topics: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub repartition_source_topics: Vec<TopicInfo>,
    #[field(versions = "0+")]
    pub copartition_groups: Vec<CopartitionGroup>,
}

/// Part of [`Subtopology`]: places in its lists of topics.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CopartitionGroup {
    #[field(versions = "0+")]
    pub source_topics: Vec<i16>,
    #[field(versions = "0+")]
    pub source_topic_regex: Vec<i16>,
    #[field(versions = "0+")]
    pub repartition_source_topics: Vec<i16>,
}

/// Shared part of [`StreamsGroupHeartbeatRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct KeyValue {
    #[field(versions = "0+")]
    pub key: StrBytes,
    #[field(versions = "0+")]
    pub value: StrBytes,
}

/// Part of [`Subtopology`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicInfo {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub partitions: i32,
    #[field(versions = "0+")]
    pub replication_factor: i16,
    #[field(versions = "0+")]
    pub topic_configs: Vec<KeyValue>,
}

/// Shared part of request and response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Endpoint {
    #[field(versions = "0+")]
    pub host: StrBytes,
    #[field(versions = "0+")]
    pub port: u16,
}

/// Part of [`StreamsGroupHeartbeatRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskOffset {
    #[field(versions = "0+")]
    pub subtopology_id: StrBytes,
    #[field(versions = "0+")]
    pub partition: i32,
    #[field(versions = "0+")]
    pub offset: i64,
}

/// Shared part of request and response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskIds {
    #[field(versions = "0+")]
    pub subtopology_id: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}

/// Response of StreamsGroupHeartbeat (API key 88).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct StreamsGroupHeartbeatResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "0+")]
    pub member_epoch: i32,
    #[field(versions = "0+")]
    pub heartbeat_interval_ms: i32,
    #[field(versions = "0+")]
    pub acceptable_recovery_lag: i32,
    #[field(versions = "0+")]
    pub task_offset_interval_ms: i32,
    #[field(versions = "0+", nullable = "0+")]
    pub status: Option<Vec<Status>>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub active_tasks: Option<Vec<TaskIds>>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub standby_tasks: Option<Vec<TaskIds>>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub warmup_tasks: Option<Vec<TaskIds>>,
    #[field(versions = "0+")]
    pub endpoint_information_epoch: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
}

/// Part of [`StreamsGroupHeartbeatResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Status {
    #[field(versions = "0+")]
    pub status_code: i8,
    #[field(versions = "0+")]
    pub status_detail: StrBytes,
}

/// Part of [`StreamsGroupHeartbeatResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EndpointToPartitions {
    #[field(versions = "0+")]
    pub user_endpoint: Endpoint,
    #[field(versions = "0+")]
    pub active_partitions: Vec<TopicPartition>,
    #[field(versions = "0+")]
    pub standby_partitions: Vec<TopicPartition>,
}

/// Part of [`EndpointToPartitions`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartition {
    #[field(versions = "0+")]
    pub topic: StrBytes,
    #[field(versions = "0+")]
    pub partitions: Vec<i32>,
}
