//! DescribeClientQuotas (key 48): the quotas that were set (KIP-546).
//!
//! * Components filter by entity type: 0 exactly this name, 1 the default, 2 any. `strict`: entities with other parts do not
//!   match. A type named twice or an unknown match is INVALID_REQUEST.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_client_quotas::{
    ComponentData, DescribeClientQuotasRequest, DescribeClientQuotasResponse, EntityData,
    EntryData, ValueData,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::quota::entity::{Entity, entity_of};
use crate::request::{Now, RequestContext};
use crate::settings::SettingsKind;
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: DescribeClientQuotasRequest,
    _: Now,
) -> Reply<DescribeClientQuotasResponse> {
    let components = &request.components;
    let is_twice = |it: &ComponentData| {
        components
            .iter()
            .filter(|other| other.entity_type == it.entity_type)
            .count()
            > 1
    };
    let problem = components.iter().find_map(|it| match it.match_type {
        _ if is_twice(it) => Some(format!(
            "Duplicate filter component entity type: {}",
            it.entity_type
        )),
        EXACT if it.r#match.is_none() => {
            Some("Request specified MATCH_TYPE_EXACT, but set the match string to null.".into())
        }
        EXACT | DEFAULT | ANY => None,
        other => Some(format!("Unknown match type {other}")),
    });
    if let Some(message) = problem {
        return Reply::Ready(DescribeClientQuotasResponse {
            error_code: ErrorCode::INVALID_REQUEST.code(),
            error_message: Some(message.into()),
            entries: None,
            ..DescribeClientQuotasResponse::default()
        });
    }
    let quotas = shard.topics.settings().of_kind(SettingsKind::Quota);
    let entries = quotas
        .map(|(key, values)| (entity_of(key), values))
        .filter(|(entity, _)| matches(entity, components, request.strict))
        .map(|(entity, values)| EntryData {
            entity: entity
                .into_iter()
                .map(|(kind, name)| EntityData {
                    entity_type: kind.into(),
                    entity_name: name.map(StrBytes::from),
                })
                .collect(),
            values: values
                .iter()
                .map(|(key, value)| ValueData {
                    key: key.as_str().into(),
                    value: value.parse().unwrap_or(0.0),
                })
                .collect(),
        });
    Reply::Ready(DescribeClientQuotasResponse {
        entries: Some(entries.collect()),
        ..DescribeClientQuotasResponse::default()
    })
}

fn matches(entity: &Entity, components: &[ComponentData], strict: bool) -> bool {
    let has = |component: &ComponentData| {
        let part = entity
            .iter()
            .find(|(kind, _)| **kind == *component.entity_type);
        part.is_some_and(|(_, name)| match component.match_type {
            EXACT => name.as_deref() == component.r#match.as_deref(),
            DEFAULT => name.is_none(),
            _ => true,
        })
    };
    components.iter().all(has) && (!strict || entity.len() == components.len())
}

const EXACT: i8 = 0;
const DEFAULT: i8 = 1;
const ANY: i8 = 2;
