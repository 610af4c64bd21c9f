//! ListConfigResources, API key 74: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of ListConfigResources (API key 74).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "0+", key = 74, response = ListConfigResourcesResponse)]
pub struct ListConfigResourcesRequest {
    #[field(versions = "1+")]
    pub resource_types: Vec<i8>,
}

/// Response of ListConfigResources (API key 74).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-1", flexible = "0+")]
pub struct ListConfigResourcesResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub config_resources: Vec<ConfigResource>,
}

/// Part of [`ListConfigResourcesResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ConfigResource {
    #[field(versions = "0+")]
    pub resource_name: StrBytes,
    #[field(versions = "1+", default = "16", ignorable)]
    pub resource_type: i8,
}
