//! CreateAcls, API key 30: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of CreateAcls (API key 30).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+", key = 30, response = CreateAclsResponse)]
pub struct CreateAclsRequest {
    #[field(versions = "0+")]
    pub creations: Vec<AclCreation>,
}

/// Part of [`CreateAclsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AclCreation {
    #[field(versions = "0+")]
    pub resource_type: i8,
    #[field(versions = "0+")]
    pub resource_name: StrBytes,
    #[field(versions = "1+", default = "3")]
    pub resource_pattern_type: i8,
    #[field(versions = "0+")]
    pub principal: StrBytes,
    #[field(versions = "0+")]
    pub host: StrBytes,
    #[field(versions = "0+")]
    pub operation: i8,
    #[field(versions = "0+")]
    pub permission_type: i8,
}

/// Response of CreateAcls (API key 30).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-3", flexible = "2+")]
pub struct CreateAclsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub results: Vec<AclCreationResult>,
}

/// Part of [`CreateAclsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AclCreationResult {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
}
