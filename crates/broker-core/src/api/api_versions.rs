//! ApiVersions (key 18): which APIs and versions this broker serves.
//!
//! * Every served key is listed from version 0, so that clients which Kafka 4 no longer accepts are served too; the
//!   maxima are those of Kafka 4.3.
//! * An unknown version is answered with a version 0 body, error UNSUPPORTED_VERSION and the key list (KIP-511), so that
//!   a newer client can go on; it is never a reason to close.
//! * Version 3 and later carry the client's name, which must look like one, else INVALID_REQUEST.
//! * The feature transaction.version is finalized at 2 (KIP-890), so that clients of Kafka 4 end each transaction with a
//!   new epoch; the new group protocol is not offered.
//! * GetTelemetrySubscriptions and PushTelemetry are not listed, as in Kafka without a metrics reporter.

use rdkafka_wire::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use rdkafka_wire::{ApiKey, ErrorCode};

use super::{Reply, SERVED};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
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
    Reply::Ready(ApiVersionsResponse {
        api_keys: served(),
        supported_features: vec![SupportedFeatureKey {
            name: TRANSACTION_VERSION.into(),
            min_version: 0,
            max_version: 2,
        }],
        finalized_features_epoch: 0,
        finalized_features: vec![FinalizedFeatureKey {
            name: TRANSACTION_VERSION.into(),
            max_version_level: 2,
            min_version_level: 2,
        }],
        ..ApiVersionsResponse::default()
    })
}

/// The answer to a version that is not known here; written in version 0.
pub(super) fn unsupported() -> ApiVersionsResponse {
    ApiVersionsResponse {
        error_code: ErrorCode::UNSUPPORTED_VERSION.code(),
        api_keys: served(),
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

fn served() -> Vec<ApiVersion> {
    let mut keys: Vec<_> = SERVED
        .iter()
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

const TRANSACTION_VERSION: &str = "transaction.version";
