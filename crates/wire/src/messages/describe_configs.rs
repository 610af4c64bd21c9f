//! DescribeConfigs, API key 32: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of DescribeConfigs (API key 32).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "4+", key = 32, response = DescribeConfigsResponse)]
pub struct DescribeConfigsRequest {
    #[field(versions = "0+")]
    pub resources: Vec<DescribeConfigsResource>,
    #[field(versions = "1+")]
    pub include_synonyms: bool,
    #[field(versions = "3+")]
    pub include_documentation: bool,
}

/// Part of [`DescribeConfigsRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeConfigsResource {
    #[field(versions = "0+")]
    pub resource_type: i8,
    #[field(versions = "0+")]
    pub resource_name: StrBytes,
    #[field(versions = "0+", nullable = "0+")]
    pub configuration_keys: Option<Vec<StrBytes>>,
}

/// Response of DescribeConfigs (API key 32).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "4+")]
pub struct DescribeConfigsResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub results: Vec<DescribeConfigsResult>,
}

/// Part of [`DescribeConfigsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeConfigsResult {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0+")]
    pub resource_type: i8,
    #[field(versions = "0+")]
    pub resource_name: StrBytes,
    #[field(versions = "0+")]
    pub configs: Vec<DescribeConfigsResourceResult>,
}

/// Part of [`DescribeConfigsResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeConfigsResourceResult {
    #[field(versions = "0+")]
    pub name: StrBytes,
    #[field(versions = "0+", nullable = "0+")]
    pub value: Option<StrBytes>,
    #[field(versions = "0+")]
    pub read_only: bool,
    #[field(versions = "1+", default = "-1", ignorable)]
    pub config_source: i8,
    #[field(versions = "0")]
    pub is_default: bool,
    #[field(versions = "0+")]
    pub is_sensitive: bool,
    #[field(versions = "1+", ignorable)]
    pub synonyms: Vec<DescribeConfigsSynonym>,
    #[field(versions = "3+", ignorable)]
    pub config_type: i8,
    #[field(versions = "3+", nullable = "0+", ignorable)]
    pub documentation: Option<StrBytes>,
}

/// Part of [`DescribeConfigsResourceResult`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeConfigsSynonym {
    #[field(versions = "1+")]
    pub name: StrBytes,
    #[field(versions = "1+", nullable = "0+")]
    pub value: Option<StrBytes>,
    #[field(versions = "1+")]
    pub source: i8,
}
