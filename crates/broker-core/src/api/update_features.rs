//! UpdateFeatures (key 57): the levels of features are fixed here; asking for the one that holds is fine, any other is
//! INVALID_UPDATE_VERSION.
//!
//! * Versions 0-1 answer each feature, from 2 on one error stands for all.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::update_features::{
    FeatureUpdateKey, UpdatableFeatureResult, UpdateFeaturesRequest, UpdateFeaturesResponse,
};

use super::Reply;
use super::api_versions::FEATURES;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    _: &mut Shard,
    context: &RequestContext,
    request: UpdateFeaturesRequest,
    _: Now,
) -> Reply<UpdateFeaturesResponse> {
    let mut answer = UpdateFeaturesResponse::default();
    for update in request.feature_updates {
        let refusal = refusal(&update);
        let (code, message) = match refusal {
            None => (ErrorCode::NONE, None),
            Some(message) => (ErrorCode::INVALID_UPDATE_VERSION, Some(message.into())),
        };
        if context.ticket.version >= ONE_ERROR_FROM {
            if code != ErrorCode::NONE && answer.error_code == 0 {
                (answer.error_code, answer.error_message) = (code.code(), message);
            }
            continue;
        }
        answer.results.push(UpdatableFeatureResult {
            feature: update.feature,
            error_code: code.code(),
            error_message: message,
        });
    }
    Reply::Ready(answer)
}

fn refusal(update: &FeatureUpdateKey) -> Option<String> {
    match FEATURES.iter().find(|(name, _)| **name == *update.feature) {
        None => Some(format!(
            "Invalid update version {} for feature {}. This broker does not support this feature.",
            update.max_version_level, update.feature
        )),
        Some((_, level)) if *level == update.max_version_level => None,
        Some((name, level)) => Some(format!(
            "Invalid update version {} for feature {name}. Its level on this broker is always {level}.",
            update.max_version_level
        )),
    }
}

const ONE_ERROR_FROM: i16 = 2;
