//! ApiVersions, API key 18: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of ApiVersions (API key 18).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "3+", key = 18, response = ApiVersionsResponse)]
pub struct ApiVersionsRequest {
    #[field(versions = "3+", ignorable)]
    pub client_software_name: StrBytes,
    #[field(versions = "3+", ignorable)]
    pub client_software_version: StrBytes,
}

/// Response of ApiVersions (API key 18).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-4", flexible = "3+")]
pub struct ApiVersionsResponse {
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+")]
    pub api_keys: Vec<ApiVersion>,
    #[field(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[field(versions = "3+", tag = 0, tagged = "3+", ignorable)]
    pub supported_features: Vec<SupportedFeatureKey>,
    #[field(versions = "3+", tag = 1, tagged = "3+", default = "-1", ignorable)]
    pub finalized_features_epoch: i64,
    #[field(versions = "3+", tag = 2, tagged = "3+", ignorable)]
    pub finalized_features: Vec<FinalizedFeatureKey>,
    #[field(versions = "3+", tag = 3, tagged = "3+", ignorable)]
    pub zk_migration_ready: bool,
}

/// Part of [`ApiVersionsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ApiVersion {
    #[field(versions = "0+")]
    pub api_key: i16,
    #[field(versions = "0+")]
    pub min_version: i16,
    #[field(versions = "0+")]
    pub max_version: i16,
}

/// Part of [`ApiVersionsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct SupportedFeatureKey {
    #[field(versions = "3+")]
    pub name: StrBytes,
    #[field(versions = "3+")]
    pub min_version: i16,
    #[field(versions = "3+")]
    pub max_version: i16,
}

/// Part of [`ApiVersionsResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FinalizedFeatureKey {
    #[field(versions = "3+")]
    pub name: StrBytes,
    #[field(versions = "3+")]
    pub max_version_level: i16,
    #[field(versions = "3+")]
    pub min_version_level: i16,
}
