//! DescribeAcls, API key 29: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeAcls (API key 29).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+", key = 29, response = DescribeAclsResponse)]
pub struct DescribeAclsRequest {
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

/// Response of DescribeAcls (API key 29).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+")]
pub struct DescribeAclsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub resources: Vec<DescribeAclsResource>,
}

/// Part of [`DescribeAclsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeAclsResource {
    #[field(versions = "0+")]
    pub resource_type: i8,
    #[field(versions = "0+")]
    pub resource_name: StrBytes,
    #[field(versions = "1+", default = "3")]
    pub pattern_type: i8,
    #[field(versions = "0+")]
    pub acls: Vec<AclDescription>,
}

/// Part of [`DescribeAclsResource`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AclDescription {
    #[field(versions = "0+")]
    pub principal: StrBytes,
    #[field(versions = "0+")]
    pub host: StrBytes,
    #[field(versions = "0+")]
    pub operation: i8,
    #[field(versions = "0+")]
    pub permission_type: i8,
}
