//! UpdateFeatures, API key 57: request and response.

use crate::Message;
use crate::types::StrBytes;

/// Request of UpdateFeatures (API key 57).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "0+", key = 57, response = UpdateFeaturesResponse)]
pub struct UpdateFeaturesRequest {
    #[field(versions = "0+", default = "60000")]
    pub timeout_ms: i32,
    #[field(versions = "0+")]
    pub feature_updates: Vec<FeatureUpdateKey>,
    #[field(versions = "1+")]
    pub validate_only: bool,
}

/// Part of [`UpdateFeaturesRequest`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FeatureUpdateKey {
    #[field(versions = "0+")]
    pub feature: StrBytes,
    #[field(versions = "0+")]
    pub max_version_level: i16,
    #[field(versions = "0")]
    pub allow_downgrade: bool,
    #[field(versions = "1+", default = "1")]
    pub upgrade_type: i8,
}

/// Response of UpdateFeatures (API key 57).
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0-2", flexible = "0+")]
pub struct UpdateFeaturesResponse {
    #[field(versions = "0+")]
    pub throttle_time_ms: i32,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
    #[field(versions = "0-1", ignorable)]
    pub results: Vec<UpdatableFeatureResult>,
}

/// Part of [`UpdateFeaturesResponse`].
#[derive(Debug, Clone, PartialEq, Message)]
pub struct UpdatableFeatureResult {
    #[field(versions = "0+")]
    pub feature: StrBytes,
    #[field(versions = "0+")]
    pub error_code: i16,
    #[field(versions = "0+", nullable = "0+")]
    pub error_message: Option<StrBytes>,
}
