//! DeleteAcls, API key 31: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DeleteAcls (API key 31).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+", key = 31, response = DeleteAclsResponse)]
pub struct DeleteAclsRequest {
    #[field(versions = "0+")]
    pub filters: Vec<DeleteAclsFilter>,
}

/// Part of [`DeleteAclsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteAclsFilter {
    #[field(versions = "0+")]
    pub resource_type_filter: i8,
    #[field(versions = "0+", nullable = "0+")]
    pub resource_name_filter: Option<StrBytes>,
    #[field(versions = "1+", default = "3")]
    pub pattern_type_filter: i8,
    #[field(versions = "0+", nullable = "0+")]
    pub principal_filter: Option<StrBytes>,
    #[field(versions = "0+", nullable = "0+")]
    pub host_filter: Option<StrBytes>,
    #[field(versions = "0+")]
    pub operation: i8,
    #[field(versions = "0+")]
    pub permission_type: i8,
}

/// Response of DeleteAcls (API key 31).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+")]
pub struct DeleteAclsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub filter_results: Vec<DeleteAclsFilterResult>,
}

/// Part of [`DeleteAclsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteAclsFilterResult {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub matching_acls: Vec<DeleteAclsMatchingAcl>,
}

/// Part of [`DeleteAclsFilterResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteAclsMatchingAcl {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub resource_type: i8,
    #[field(versions = "0+")]
    pub resource_name: StrBytes,
    #[field(versions = "1+", default = "3")]
    pub pattern_type: i8,
    #[field(versions = "0+")]
    pub principal: StrBytes,
    #[field(versions = "0+")]
    pub host: StrBytes,
    #[field(versions = "0+")]
    pub operation: i8,
    #[field(versions = "0+")]
    pub permission_type: i8,
}
