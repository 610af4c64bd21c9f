//! IncrementalAlterConfigs (key 44): changes single settings of topics, brokers, groups and client metrics (KIP-339).
//!
//! * Operations: 0 set, 1 delete (back to the default), 2 append and 3 subtract (of lists). Another one, a null value
//!   where one is needed, a setting or a resource named twice: INVALID_REQUEST. What can be set:
//!   [`super::config_resources`].

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::incremental_alter_configs::{
    AlterConfigsResourceResponse, AlterableConfig, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use super::config_resources::{Base, Change, Refusal, Wanted, alter_each};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: IncrementalAlterConfigsRequest,
    now: Now,
) -> Reply<IncrementalAlterConfigsResponse> {
    let wanted = request.resources.iter().map(|resource| Wanted {
        id: (resource.resource_type, &resource.resource_name),
        changes: resource.configs.iter().map(change).collect(),
    });
    let wanted: Vec<_> = wanted.collect();
    let validate_only = request.validate_only;
    let outcomes = alter_each(shard, context, &wanted, Base::Current, validate_only, now);
    let responses = request
        .resources
        .iter()
        .zip(outcomes)
        .map(|(resource, outcome)| AlterConfigsResourceResponse {
            error_code: outcome.0.code(),
            error_message: outcome.1,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
        });
    Reply::Ready(IncrementalAlterConfigsResponse {
        responses: responses.collect(),
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
