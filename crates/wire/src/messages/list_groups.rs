//! ListGroups, API key 16: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of ListGroups (API key 16).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "3+", key = 16, response = ListGroupsResponse)]
pub struct ListGroupsRequest {
    #[field(versions = "4+")]
    pub states_filter: Vec<StrBytes>,
    #[field(versions = "5+")]
    pub types_filter: Vec<StrBytes>,
}

/// Response of ListGroups (API key 16).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-5", flexible = "3+")]
pub struct ListGroupsResponse {
    #[field(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub groups: Vec<ListedGroup>,
}

/// Part of [`ListGroupsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListedGroup {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub protocol_type: StrBytes,
    #[field(versions = "4+", ignorable)]
    pub group_state: StrBytes,
    #[field(versions = "5+", ignorable)]
    pub group_type: StrBytes,
}
