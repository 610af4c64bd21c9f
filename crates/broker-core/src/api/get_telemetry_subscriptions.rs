//! GetTelemetrySubscriptions (key 71): which metrics clients are to push (KIP-714).
//!
//! * Listed in ApiVersions only while there is a subscription (a `client-metrics` resource): clients log a line about it.
//! * A client without an id gets one. Subscriptions whose `match` fits the client are put together; their number changes
//!   with them, so that a push for older ones is refused (UNKNOWN_SUBSCRIPTION_ID).

use rdkafka_wire::messages::get_telemetry_subscriptions::{
    GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::Reply;
use crate::request::{Now, RequestContext};
use crate::settings::{SettingsKind, SettingsMap};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: GetTelemetrySubscriptionsRequest,
    _: Now,
) -> Reply<GetTelemetrySubscriptionsResponse> {
    let id = match request.client_instance_id {
        Uuid::ZERO => crate::topics::random_uuid(&mut shard.rng),
        id => id,
    };
    let subscribed = subscription(shard, context, id);
    Reply::Ready(GetTelemetrySubscriptionsResponse {
        client_instance_id: id,
        subscription_id: subscribed.id,
        // zstd, lz4, gzip, snappy: in Kafka's order of preference.
        accepted_compression_types: vec![4, 3, 1, 2],
        push_interval_ms: subscribed.interval_ms,
        telemetry_max_bytes: TELEMETRY_BYTES_MAX,
        delta_temporality: true,
        requested_metrics: subscribed.metrics,
        ..GetTelemetrySubscriptionsResponse::default()
    })
}

/// What one client is to push, and how often.
pub(super) struct Subscription {
    pub(super) id: i32,
    interval_ms: i32,
    metrics: Vec<StrBytes>,
}

/// Whether anybody subscribed to clients' metrics.
pub(super) fn is_configured(shard: &Shard) -> bool {
    let mut subscriptions = shard.topics.settings().of_kind(SettingsKind::ClientMetrics);
    subscriptions.any(|(_, map)| map.contains_key("metrics"))
}

pub(super) fn subscription(shard: &Shard, context: &RequestContext, id: Uuid) -> Subscription {
    let mut interval_ms = DEFAULT_INTERVAL_MS;
    let mut metrics: Vec<StrBytes> = Vec::new();
    for (_, map) in shard.topics.settings().of_kind(SettingsKind::ClientMetrics) {
        if !fits(map, context, id) {
            continue;
        }
        let list = map.get("metrics").map_or("", String::as_str);
        let names = list.split(',').map(str::trim).filter(|it| !it.is_empty());
        // `*` is every metric: an empty prefix.
        metrics.extend(names.map(|name| StrBytes::from(if name == "*" { "" } else { name })));
        let interval = map.get("interval.ms").and_then(|it| it.parse().ok());
        interval_ms = interval_ms.min(interval.unwrap_or(DEFAULT_INTERVAL_MS));
    }
    metrics.sort();
    metrics.dedup();
    let sum = metrics.iter().flat_map(|it| it.bytes().chain([0]));
    let hash = sum.fold(interval_ms, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(i32::from(byte))
    });
    Subscription {
        id: hash,
        interval_ms,
        metrics,
    }
}

/// Whether a subscription's selectors take in this client. What is not known of a client does not match.
fn fits(map: &SettingsMap, context: &RequestContext, id: Uuid) -> bool {
    let selectors = map.get("match").map_or("", String::as_str);
    let selectors = selectors
        .split(',')
        .map(str::trim)
        .filter(|it| !it.is_empty());
    selectors
        .filter_map(|it| it.split_once('='))
        .all(|(name, pattern)| {
            let value = match name {
                "client_instance_id" => Some(id.to_string()),
                "client_id" => context.client_id.as_ref().map(ToString::to_string),
                "client_source_address" => {
                    Some(context.peer.host.trim_start_matches('/').to_owned())
                }
                _ => None,
            };
            let pattern = regex_lite::Regex::new(&format!("^(?:{pattern})$"));
            value.is_some_and(|value| pattern.is_ok_and(|it| it.is_match(&value)))
        })
}

const DEFAULT_INTERVAL_MS: i32 = 300_000;
/// Kafka's `telemetry.max.bytes`.
pub(super) const TELEMETRY_BYTES_MAX: i32 = 1_048_576;
