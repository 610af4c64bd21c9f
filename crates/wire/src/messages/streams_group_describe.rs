//! StreamsGroupDescribe, API key 89: request and response.

use super::streams_group_heartbeat::{Endpoint, KeyValue, TaskIds, TaskOffset, TopicInfo};
use crate::Message;
use crate::types::StrBytes;

/// Request of StreamsGroupDescribe (API key 89).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 89, response = StreamsGroupDescribeResponse)]
pub struct StreamsGroupDescribeRequest {
    #[field(versions = "0+")]
    pub group_ids: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub include_authorized_operations: bool,
}

/// Response of StreamsGroupDescribe (API key 89).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct StreamsGroupDescribeResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub groups: Vec<DescribedGroup>,
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedGroup {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub group_state: StrBytes,
    #[field(versions = "0+")]
    pub group_epoch: i32,
    #[field(versions = "0+")]
    pub assignment_epoch: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub topology: Option<Topology>,
    #[field(versions = "0+")]
    pub members: Vec<Member>,
    #[field(versions = "0+", default = "-2147483648")]
    pub authorized_operations: i32,
}

/// Part of [`DescribedGroup`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Topology {
    #[field(versions = "0+")]
    pub epoch: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub subtopologies: Option<Vec<Subtopology>>,
}

/// Part of [`Topology`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Subtopology {
    #[field(versions = "0+")]
    pub subtopology_id: StrBytes,
    #[field(versions = "0+")]
    pub source_topics: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub repartition_sink_topics: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub state_changelog_topics: Vec<TopicInfo>,
    #[field(versions = "0+")]
    pub repartition_source_topics: Vec<TopicInfo>,
}

/// Part of [`DescribedGroup`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Member {
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "0+")]
    pub member_epoch: i32,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub instance_id: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub rack_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub client_id: StrBytes,
    #[field(versions = "0+")]
    pub client_host: StrBytes,
    #[field(versions = "0+")]
    pub topology_epoch: i32,
    #[field(versions = "0+")]
    pub process_id: StrBytes,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub user_endpoint: Option<Endpoint>,
    #[field(versions = "0+")]
    pub client_tags: Vec<KeyValue>,
    #[field(versions = "0+")]
    pub task_offsets: Vec<TaskOffset>,
    #[field(versions = "0+")]
    pub task_end_offsets: Vec<TaskOffset>,
    #[field(versions = "0+")]
    pub assignment: Assignment,
    #[field(versions = "0+")]
    pub target_assignment: Assignment,
    #[field(versions = "0+")]
    pub is_classic: bool,
}

/// Part of [`Member`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Assignment {
    #[field(versions = "0+")]
    pub active_tasks: Vec<TaskIds>,
    #[field(versions = "0+")]
    pub standby_tasks: Vec<TaskIds>,
    #[field(versions = "0+")]
    pub warmup_tasks: Vec<TaskIds>,
}
