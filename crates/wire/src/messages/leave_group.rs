//! LeaveGroup, API key 13: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of LeaveGroup (API key 13).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "4+", key = 13, response = LeaveGroupResponse)]
pub struct LeaveGroupRequest {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0-2")]
    pub member_id: StrBytes,
    #[field(versions = "3+")]
    pub members: Vec<MemberIdentity>,
}

/// Part of [`LeaveGroupRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MemberIdentity {
    #[field(versions = "3+")]
    pub member_id: StrBytes,
    #[field(versions = "3+", nullable = "3+", default = "null")]
    pub group_instance_id: Option<StrBytes>,
    #[field(versions = "5+", nullable = "5+", default = "null", ignorable)]
    pub reason: Option<StrBytes>,
}

/// Response of LeaveGroup (API key 13).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "4+")]
pub struct LeaveGroupResponse {
    #[field(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "3+")]
    pub members: Vec<MemberResponse>,
}

/// Part of [`LeaveGroupResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MemberResponse {
    #[field(versions = "3+")]
    pub member_id: StrBytes,
    #[field(versions = "3+", nullable = "3+")]
    pub group_instance_id: Option<StrBytes>,
    #[field(versions = "3+")]
    pub error_code: i16,
}
