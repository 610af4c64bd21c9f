//! AlterConfigs (key 33): replaces all settings of topics, brokers, groups and client metrics.
//!
//! * What a resource is not given any more goes back to its default; see [`super::config_resources`] for what can be set.
//! * A null value is INVALID_REQUEST (deleting is what leaving out does), a resource named twice too.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResource, AlterConfigsResourceResponse, AlterConfigsResponse,
};

use super::Reply;
use super::config_resources::{Base, Change, Refusal, alter};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: AlterConfigsRequest,
    now: Now,
) -> Reply<AlterConfigsResponse> {
    let named = |resource: &AlterConfigsResource| {
        let is_same = |it: &&AlterConfigsResource| {
            it.resource_type == resource.resource_type && it.resource_name == resource.resource_name
        };
        request.resources.iter().filter(is_same).count()
    };
    let mut responses = Vec::with_capacity(request.resources.len());
    for resource in &request.resources {
        let outcome = if named(resource) > 1 {
            let message = "Each resource must appear at most once.";
            Err((ErrorCode::INVALID_REQUEST, message.into()))
        } else {
            changes(resource).and_then(|changes| {
                let id = (resource.resource_type, &resource.resource_name);
                alter(
                    shard,
                    context,
                    id,
                    &changes,
                    Base::Nothing,
                    request.validate_only,
                    now,
                )
            })
        };
        let (code, message) = match outcome {
            Ok(()) => (ErrorCode::NONE, None),
            Err((code, message)) => (code, Some(message.into())),
        };
        responses.push(AlterConfigsResourceResponse {
            error_code: code.code(),
            error_message: message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
        });
    }
    shard.flush_cluster_log();
    Reply::Ready(AlterConfigsResponse {
        responses,
        ..AlterConfigsResponse::default()
    })
}

fn changes(
    resource: &AlterConfigsResource,
) -> Result<Vec<(rdkafka_wire::types::StrBytes, Change)>, Refusal> {
    let changes = resource.configs.iter().map(|config| match &config.value {
        Some(value) => Ok((config.name.clone(), Change::Set(value.to_string()))),
        None => {
            let message = format!("Null value not supported for : {}", config.name);
            Err((ErrorCode::INVALID_REQUEST, message))
        }
    });
    changes.collect()
}
