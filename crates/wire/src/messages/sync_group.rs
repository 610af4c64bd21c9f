//! SyncGroup, API key 14: request and response.

use bytes::Bytes;

use crate::Message;
use crate::types::StrBytes;

/// Request of SyncGroup (API key 14).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "4+", key = 14, response = SyncGroupResponse)]
pub struct SyncGroupRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub generation_id: i32,
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "3+", nullable = "3+", default = "null")]
    pub group_instance_id: Option<StrBytes>,
    #[field(versions = "5+", nullable = "5+", default = "null", ignorable)]
    pub protocol_type: Option<StrBytes>,
    #[field(versions = "5+", nullable = "5+", default = "null", ignorable)]
    pub protocol_name: Option<StrBytes>,
    #[field(versions = "0+")]
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

/// Part of [`SyncGroupRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct SyncGroupRequestAssignment {
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "0+")]
    pub assignment: Bytes,
}

/// Response of SyncGroup (API key 14).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "4+")]
pub struct SyncGroupResponse {
    #[field(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "5+", nullable = "5+", default = "null", ignorable)]
    pub protocol_type: Option<StrBytes>,
    #[field(versions = "5+", nullable = "5+", default = "null", ignorable)]
    pub protocol_name: Option<StrBytes>,
    #[field(versions = "0+")]
    pub assignment: Bytes,
}
