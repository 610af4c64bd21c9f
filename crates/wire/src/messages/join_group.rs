//! JoinGroup, API key 11: request and response.

use bytes::Bytes;

use crate::Message;
use crate::types::StrBytes;

/// Request of JoinGroup (API key 11).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-9", flexible = "6+", key = 11, response = JoinGroupResponse)]
pub struct JoinGroupRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub session_timeout_ms: i32,
    #[field(versions = "1+", default = "-1", ignorable)]
    pub rebalance_timeout_ms: i32,
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "5+", nullable = "5+", default = "null")]
    pub group_instance_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub protocol_type: StrBytes,
    #[field(versions = "0+")]
    pub protocols: Vec<JoinGroupRequestProtocol>,
    #[field(versions = "8+", nullable = "8+", default = "null", ignorable)]
    pub reason: Option<StrBytes>,
}

/// Part of [`JoinGroupRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct JoinGroupRequestProtocol {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+")]
    pub metadata: Bytes,
}

/// Response of JoinGroup (API key 11).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-9", flexible = "6+")]
pub struct JoinGroupResponse {
    #[field(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", default = "-1")]
    pub generation_id: i32,
    #[field(versions = "7+", nullable = "7+", default = "null", ignorable)]
    pub protocol_type: Option<StrBytes>,
    #[field(versions = "0+", nullable = "7+")]
    pub protocol_name: Option<StrBytes>,
    #[field(versions = "0+")]
    pub leader: StrBytes,
    #[field(versions = "9+")]
    pub skip_assignment: bool,
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "0+")]
    pub members: Vec<JoinGroupResponseMember>,
}

/// Part of [`JoinGroupResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct JoinGroupResponseMember {
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "5+", nullable = "5+", default = "null", ignorable)]
    pub group_instance_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub metadata: Bytes,
}
