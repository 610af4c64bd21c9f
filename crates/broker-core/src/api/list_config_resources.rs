//! ListConfigResources (key 74): the names of what has settings (KIP-1142).
//!
//! * Version 0 lists the subscriptions of client metrics. From 1 on the types that are asked for, or all: topics, brokers,
//!   broker loggers, client metrics, groups (those with settings of their own). Another type is UNSUPPORTED_VERSION.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::list_config_resources::{
    ConfigResource, ListConfigResourcesRequest, ListConfigResourcesResponse,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use super::config_resources::types;
use crate::request::{Now, RequestContext};
use crate::settings::SettingsKind;
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: ListConfigResourcesRequest,
    _: Now,
) -> Reply<ListConfigResourcesResponse> {
    let known = [
        types::TOPIC,
        types::BROKER,
        types::BROKER_LOGGER,
        types::CLIENT_METRICS,
        types::GROUP,
    ];
    let wanted = match request.resource_types {
        _ if context.ticket.version == 0 => vec![types::CLIENT_METRICS],
        types if types.is_empty() => known.to_vec(),
        types => types,
    };
    if wanted.iter().any(|it| !known.contains(it)) {
        return Reply::Ready(ListConfigResourcesResponse {
            error_code: ErrorCode::UNSUPPORTED_VERSION.code(),
            ..ListConfigResourcesResponse::default()
        });
    }
    let settings = |kind| {
        shard
            .topics
            .settings()
            .of_kind(kind)
            .map(|(name, _)| name.clone())
            .collect()
    };
    let nodes = || {
        let nodes = context.peer.endpoints.nodes().iter();
        nodes
            .map(|node| StrBytes::from(node.node_id.to_string()))
            .collect()
    };
    let resources = wanted.into_iter().flat_map(|kind| {
        let names: Vec<StrBytes> = match kind {
            types::TOPIC => shard
                .topics
                .sorted()
                .iter()
                .map(|topic| topic.name.clone())
                .collect(),
            types::GROUP => settings(SettingsKind::Group),
            types::CLIENT_METRICS => settings(SettingsKind::ClientMetrics),
            _ => nodes(),
        };
        names.into_iter().map(move |resource_name| ConfigResource {
            resource_name,
            resource_type: kind,
        })
    });
    Reply::Ready(ListConfigResourcesResponse {
        config_resources: resources.collect(),
        ..ListConfigResourcesResponse::default()
    })
}
