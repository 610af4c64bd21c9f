//! CreateTopics, API key 19: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of CreateTopics (API key 19).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-7", flexible = "5+", key = 19, response = CreateTopicsResponse)]
pub struct CreateTopicsRequest {
    #[field(versions = "0+")]
    pub topics: Vec<CreatableTopic>,
    #[field(versions = "0+", default = "60000")]
    pub timeout_ms: i32,
    #[field(versions = "1+")]
    pub validate_only: bool,
}

/// Part of [`CreateTopicsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableTopic {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub num_partitions: i32,
    #[field(versions = "0+")]
    pub replication_factor: i16,
    #[field(versions = "0+")]
    pub assignments: Vec<CreatableReplicaAssignment>,
    #[field(versions = "0+")]
    pub configs: Vec<CreatableTopicConfig>,
}

/// Part of [`CreatableTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableReplicaAssignment {
    #[field(versions = "0+")]
    pub partition_index: i32,
    #[field(versions = "0+")]
    pub broker_ids: Vec<i32>,
}

/// Part of [`CreatableTopic`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableTopicConfig {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+", nullable = "0+")]
    pub value: Option<StrBytes>,
}

/// Response of CreateTopics (API key 19).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-7", flexible = "5+")]
pub struct CreateTopicsResponse {
    #[field(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub topics: Vec<CreatableTopicResult>,
}

/// Part of [`CreateTopicsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableTopicResult {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "7+", ignorable)]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "1+", nullable = "0+", ignorable)]
    pub error_message: Option<StrBytes>,
    #[field(versions = "5+", tag = 0, tagged = "5+", ignorable)]
    pub topic_config_error_code: i16,
    #[field(versions = "5+", default = "-1", ignorable)]
    pub num_partitions: i32,
    #[field(versions = "5+", default = "-1", ignorable)]
    pub replication_factor: i16,
    #[field(versions = "5+", nullable = "5+", ignorable)]
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

/// Part of [`CreatableTopicResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableTopicConfigs {
    #[field(versions = "5+")]
    pub name: StrBytes,
    #[field(versions = "5+", nullable = "5+")]
    pub value: Option<StrBytes>,
    #[field(versions = "5+")]
    pub read_only: bool,
    #[field(versions = "5+", default = "-1", ignorable)]
    pub config_source: i8,
    #[field(versions = "5+")]
    pub is_sensitive: bool,
}
