//! DeleteShareGroupOffsets, API key 92: request and response.

use crate::Message;
use crate::types::{StrBytes, Uuid};

/// Request of DeleteShareGroupOffsets (API key 92).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+", key = 92, response = DeleteShareGroupOffsetsResponse)]
pub struct DeleteShareGroupOffsetsRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub topics: Vec<DeleteShareGroupOffsetsRequestTopic>,
}

/// Part of [`DeleteShareGroupOffsetsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteShareGroupOffsetsRequestTopic {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
}

/// Response of DeleteShareGroupOffsets (API key 92).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub struct DeleteShareGroupOffsetsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub responses: Vec<DeleteShareGroupOffsetsResponseTopic>,
}

/// Part of [`DeleteShareGroupOffsetsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteShareGroupOffsetsResponseTopic {
    #[field(versions = "0+")]
    pub topic_name: StrBytes,
    #[field(versions = "0+")]
    pub topic_id: Uuid,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+", default = "null")]
    pub error_message: Option<StrBytes>,
}
