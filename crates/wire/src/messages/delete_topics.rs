//! DeleteTopics, API key 20: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of DeleteTopics (API key 20).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-6", flexible = "4+", key = 20, response = DeleteTopicsResponse)]
pub struct DeleteTopicsRequest {
    #[field(versions = "6+")]
    pub topics: Vec<DeleteTopicState>,
    #[field(versions = "0-5", ignorable)]
    pub topic_names: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub timeout_ms: i32,
}

/// Part of [`DeleteTopicsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteTopicState {
    #[field(versions = "6+", nullable = "6+", default = "null")]
    pub name: Option<StrBytes>,
    #[field(versions = "6+")]
    pub topic_id: Uuid,
}

/// Response of DeleteTopics (API key 20).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-6", flexible = "4+")]
pub struct DeleteTopicsResponse {
    #[field(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub responses: Vec<DeletableTopicResult>,
}

/// Part of [`DeleteTopicsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeletableTopicResult {
    #[field(versions = "0+", nullable = "6+")]
    pub name: Option<StrBytes>,
    #[field(versions = "6+", ignorable)]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "5+", nullable = "5+", default = "null", ignorable)]
    pub error_message: Option<StrBytes>,
}
