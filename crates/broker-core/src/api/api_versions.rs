//! ApiVersions (key 18): which APIs and versions this broker serves.
//!
//! * Every served key is listed from version 0, so that clients which Kafka 4 no longer accepts are served too; the
//!   maxima are those of Kafka 4.3.
//! * An unknown version is answered with a version 0 body, error UNSUPPORTED_VERSION and the key list (KIP-511), so that
//!   a newer client can go on; it is never a reason to close.
//! * Version 3 and later carry the client's name, which must look like one, else INVALID_REQUEST.
//! * The feature transaction.version is finalized at 2 (KIP-890), so that clients of Kafka 4 end each transaction with a
//!   new epoch; group.version at 1 (KIP-848), so that they may use the new group protocol. Without `consumer` in
//!   `group.coordinator.rebalance.protocols` its keys are not listed.
//! * share.version is finalized at 1 (KIP-932): clients may use share groups; streams.version at 1 (KIP-1071), as consumer groups are.
//! * GetTelemetrySubscriptions and PushTelemetry are listed only while somebody subscribed to clients' metrics.

use rdkafka_wire::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use rdkafka_wire::{ApiKey, ErrorCode};

use super::{Reply, SERVED, get_telemetry_subscriptions};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ApiVersionsRequest,
    _: Now,
) -> Reply<ApiVersionsResponse> {
    let named = is_software_name(&request.client_software_name)
        && is_software_name(&request.client_software_version);
    if context.ticket.version >= 3 && !named {
        let error_code = ErrorCode::INVALID_REQUEST.code();
        return Reply::Ready(ApiVersionsResponse {
            error_code,
            ..ApiVersionsResponse::default()
        });
    }
    let features = FEATURES.iter();
    let supported = features.clone().map(|(name, level)| SupportedFeatureKey {
        name: (*name).into(),
        min_version: 0,
        max_version: *level,
    });
    let finalized = features.map(|(name, level)| FinalizedFeatureKey {
        name: (*name).into(),
        max_version_level: *level,
        min_version_level: *level,
    });
    Reply::Ready(ApiVersionsResponse {
        api_keys: served(|key| is_offered(shard, key)),
        supported_features: supported.collect(),
        finalized_features_epoch: 0,
        finalized_features: finalized.collect(),
        ..ApiVersionsResponse::default()
    })
}

/// Whether an API that is served is listed too.
fn is_offered(shard: &Shard, key: ApiKey) -> bool {
    match key {
        ApiKey::GetTelemetrySubscriptions | ApiKey::PushTelemetry => {
            get_telemetry_subscriptions::is_configured(shard)
        }
        ApiKey::ConsumerGroupHeartbeat | ApiKey::ConsumerGroupDescribe => {
            shard.config.serves_groups_of("consumer")
        }
        ApiKey::StreamsGroupHeartbeat | ApiKey::StreamsGroupDescribe => {
            shard.config.serves_groups_of("streams")
        }
        _ => true,
    }
}

/// The answer to a version that is not known here; written in version 0.
pub(super) fn unsupported() -> ApiVersionsResponse {
    ApiVersionsResponse {
        error_code: ErrorCode::UNSUPPORTED_VERSION.code(),
        api_keys: served(|key| {
            !matches!(
                key,
                ApiKey::GetTelemetrySubscriptions | ApiKey::PushTelemetry
            )
        }),
        ..ApiVersionsResponse::default()
    }
}

/// The version an answer is written in.
pub(super) fn answer_version(asked: i16) -> i16 {
    if ApiKey::ApiVersions.versions().contains(&asked) {
        asked
    } else {
        0
    }
}

fn served(is_offered: impl Fn(ApiKey) -> bool) -> Vec<ApiVersion> {
    let mut keys: Vec<_> = SERVED
        .iter()
        .filter(|key| is_offered(**key))
        .map(|key| {
            let versions = key.versions();
            ApiVersion {
                api_key: key.code(),
                min_version: *versions.start(),
                max_version: *versions.end(),
            }
        })
        .collect();
    keys.sort_by_key(|key| key.api_key);
    keys
}

/// Letters, digits, dots and dashes, with a letter or digit at both ends.
fn is_software_name(text: &str) -> bool {
    let is_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    is_end(text.bytes().next())
        && is_end(text.bytes().next_back())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// The features of this broker, with their level.
pub(super) const FEATURES: &[(&str, i16)] = &[
    ("group.version", 1),
    ("share.version", 1),
    ("streams.version", 1),
    ("transaction.version", 2),
];
