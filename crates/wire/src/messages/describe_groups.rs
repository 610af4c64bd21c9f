//! DescribeGroups, API key 15: request and response.

use bytes::Bytes;

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeGroups (API key 15).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-6", flexible = "5+", key = 15, response = DescribeGroupsResponse)]
pub struct DescribeGroupsRequest {
    #[field(versions = "0+")]
    pub groups: Vec<StrBytes>,
    #[field(versions = "3+")]
    pub include_authorized_operations: bool,
}

/// Response of DescribeGroups (API key 15).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-6", flexible = "5+")]
pub struct DescribeGroupsResponse {
    #[field(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub groups: Vec<DescribedGroup>,
}

/// Part of [`DescribeGroupsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedGroup {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "6+", nullable = "6+", default = "null")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub group_state: StrBytes,
    #[field(versions = "0+")]
    pub protocol_type: StrBytes,
    #[field(versions = "0+")]
    pub protocol_data: StrBytes,
    #[field(versions = "0+")]
    pub members: Vec<DescribedGroupMember>,
    #[field(versions = "3+", default = "-2147483648")]
    pub authorized_operations: i32,
}

/// Part of [`DescribedGroup`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedGroupMember {
    #[field(versions = "0+")]
    pub member_id: StrBytes,
    #[field(versions = "4+", nullable = "4+", default = "null", ignorable)]
    pub group_instance_id: Option<StrBytes>,
    #[field(versions = "0+")]
    pub client_id: StrBytes,
    #[field(versions = "0+")]
    pub client_host: StrBytes,
    #[field(versions = "0+")]
    pub member_metadata: Bytes,
    #[field(versions = "0+")]
    pub member_assignment: Bytes,
}
