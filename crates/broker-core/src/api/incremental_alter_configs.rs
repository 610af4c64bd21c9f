//! IncrementalAlterConfigs (key 44): changes single settings of topics, brokers, groups and client metrics (KIP-339).
//!
//! * Operations: 0 set, 1 delete (back to the default), 2 append and 3 subtract (of lists). Another one, a null value
//!   where one is needed, a setting or a resource named twice: INVALID_REQUEST. What can be set:
//!   [`super::config_resources`].

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterConfigsResourceResponse, AlterableConfig,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use super::config_resources::{Base, Change, Refusal, alter};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: IncrementalAlterConfigsRequest,
    now: Now,
) -> Reply<IncrementalAlterConfigsResponse> {
    let named = |resource: &AlterConfigsResource| {
        let is_same = |it: &&AlterConfigsResource| {
            it.resource_type == resource.resource_type && it.resource_name == resource.resource_name
        };
        request.resources.iter().filter(is_same).count()
    };
    let mut responses = Vec::with_capacity(request.resources.len());
    for resource in &request.resources {
        let changes: Result<Vec<_>, _> = resource.configs.iter().map(change).collect();
        let outcome = if named(resource) > 1 {
            let message = "Each resource must appear at most once.";
            Err((ErrorCode::INVALID_REQUEST, message.into()))
        } else {
            changes.and_then(|changes| {
                let id = (resource.resource_type, &resource.resource_name);
                alter(
                    shard,
                    context,
                    id,
                    &changes,
                    Base::Current,
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
    Reply::Ready(IncrementalAlterConfigsResponse {
        responses,
        ..IncrementalAlterConfigsResponse::default()
    })
}

fn change(config: &AlterableConfig) -> Result<(StrBytes, Change), Refusal> {
    let value = || match &config.value {
        Some(value) => Ok(value.to_string()),
        None => {
            let message = format!("Null value not supported for : {}", config.name);
            Err((ErrorCode::INVALID_REQUEST, message))
        }
    };
    let change = match config.config_operation {
        0 => Change::Set(value()?),
        1 => Change::Delete,
        2 => Change::Append(value()?),
        3 => Change::Subtract(value()?),
        other => {
            let message = format!("Unknown operation type {other}");
            return Err((ErrorCode::INVALID_REQUEST, message));
        }
    };
    Ok((config.name.clone(), change))
}
