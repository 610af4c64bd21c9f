//! AlterConfigs (key 33): replaces all settings of topics, brokers, groups and client metrics.
//!
//! * What a resource is not given any more goes back to its default; see [`super::config_resources`] for what can be set.
//! * A null value is INVALID_REQUEST (deleting is what leaving out does), a resource named twice too.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResource, AlterConfigsResourceResponse, AlterConfigsResponse,
};

use super::Reply;
use super::config_resources::{Base, Change, Refusal, Wanted, alter_each};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: AlterConfigsRequest,
    now: Now,
) -> Reply<AlterConfigsResponse> {
    let wanted = request.resources.iter().map(|resource| Wanted {
        id: (resource.resource_type, &resource.resource_name),
        changes: changes(resource),
    });
    let wanted: Vec<_> = wanted.collect();
    let validate_only = request.validate_only;
    let outcomes = alter_each(shard, context, &wanted, Base::Nothing, validate_only, now);
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
    Reply::Ready(AlterConfigsResponse {
        responses: responses.collect(),
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
