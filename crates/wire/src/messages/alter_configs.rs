//! AlterConfigs, API key 33: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of AlterConfigs (API key 33).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+", key = 33, response = AlterConfigsResponse)]
pub struct AlterConfigsRequest {
    #[field(versions = "0+")]
    pub resources: Vec<AlterConfigsResource>,
    #[field(versions = "0+")]
    pub validate_only: bool,
}

/// Part of [`AlterConfigsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterConfigsResource {
    #[field(versions = "0+")]
    pub resource_type: i8,
    #[field(versions = "0+")]
    pub resource_name: StrBytes,
    #[field(versions = "0+")]
    pub configs: Vec<AlterableConfig>,
}

/// Part of [`AlterConfigsResource`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterableConfig {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+", nullable = "0+")]
    pub value: Option<StrBytes>,
}

/// Response of AlterConfigs (API key 33).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "2+")]
pub struct AlterConfigsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub responses: Vec<AlterConfigsResourceResponse>,
}

/// Part of [`AlterConfigsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterConfigsResourceResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub resource_type: i8,
    #[field(versions = "0+")]
    pub resource_name: StrBytes,
}
