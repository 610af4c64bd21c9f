//! DeleteGroups, API key 42: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DeleteGroups (API key 42).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+", key = 42, response = DeleteGroupsResponse)]
pub struct DeleteGroupsRequest {
    #[field(versions = "0+")]
    pub groups_names: Vec<StrBytes>,
}

/// Response of DeleteGroups (API key 42).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct DeleteGroupsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub results: Vec<DeletableGroupResult>,
}

/// Part of [`DeleteGroupsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeletableGroupResult {
    #[field(versions = "0+")]
    pub group_id: StrBytes,
    #[field(versions = "0+")]
    pub error_code: i16,
}
