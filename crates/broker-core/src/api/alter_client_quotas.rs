//! AlterClientQuotas (key 49): quotas of users, client ids and addresses (KIP-546).
//!
//! * Entities: `user`, `client-id`, both, or `ip`; a null name is the default of its kind. Keys: `producer_byte_rate`,
//!   `consumer_byte_rate`, `request_percentage`, `controller_mutation_rate`; for addresses `connection_creation_rate`. Anything
//!   else, an entity named twice, a value that is not positive or a host's name is INVALID_REQUEST.
//! * What they come to is in [`crate::quota`]; rates of connections (`ip`) are the shell's to keep to.

use std::net::IpAddr;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, AlterClientQuotasResponse, EntryData, ResponseEntityData,
    ResponseEntryData,
};
use rdkafka_wire::types::StrBytes;

use super::create_topics::Refusal;
use super::{Reply, log_failure};
use crate::quota::addresses::{AddressRates, CONNECTION_CREATION_RATE, IP};
use crate::quota::entity::{Entity, key_of};
use crate::request::{Now, RequestContext};
use crate::settings::SettingsKind;
use crate::shard::{Output, Shard};

pub(super) fn handle(
    shard: &mut Shard,
    _: &RequestContext,
    request: AlterClientQuotasRequest,
    now: Now,
) -> Reply<AlterClientQuotasResponse> {
    let mut entries = Vec::with_capacity(request.entries.len());
    for entry in request.entries {
        let outcome = alter(shard, &entry, request.validate_only, now);
        let (code, message) = match outcome {
            Ok(()) => (ErrorCode::NONE, None),
            Err((code, message)) => (code, Some(message.into())),
        };
        let entity = entry.entity.into_iter().map(|it| ResponseEntityData {
            entity_type: it.entity_type,
            entity_name: it.entity_name,
        });
        entries.push(ResponseEntryData {
            error_code: code.code(),
            error_message: message,
            entity: entity.collect(),
        });
    }
    shard.quotas.set(shard.topics.settings());
    let rates = AddressRates::new(shard.topics.settings());
    shard.push_output(Output::AddressRates(rates));
    shard.flush_cluster_log();
    Reply::Ready(AlterClientQuotasResponse {
        entries,
        ..AlterClientQuotasResponse::default()
    })
}

fn alter(
    shard: &mut Shard,
    entry: &EntryData,
    validate_only: bool,
    now: Now,
) -> Result<(), Refusal> {
    let invalid = |message: String| (ErrorCode::INVALID_REQUEST, message);
    let parts = entry.entity.iter().map(|it| {
        let name = it.entity_name.as_deref().map(str::to_owned);
        (it.entity_type.to_string(), name)
    });
    let mut entity: Entity = parts.collect();
    entity.sort();
    let kinds: Vec<&str> = entity.iter().map(|(kind, _)| kind.as_str()).collect();
    let keys: &[&str] = match kinds[..] {
        ["user"] | ["client-id"] | ["client-id", "user"] => CLIENT_KEYS,
        [IP] => match entity[0].1.as_deref().map(str::parse::<IpAddr>) {
            None | Some(Ok(_)) => ADDRESS_KEYS,
            Some(Err(_)) => {
                return Err(invalid(format!(
                    "{} is not a valid IP address; names of hosts are not resolved here",
                    entity[0].1.as_deref().unwrap_or_default()
                )));
            }
        },
        [] => return Err(invalid("Invalid empty client quota entity".into())),
        _ => {
            return Err(invalid(format!(
                "Invalid client quota entity: {}",
                kinds.join(", ")
            )));
        }
    };
    let name = StrBytes::from(key_of(&entity));
    let settings = shard.topics.settings();
    let mut map = settings
        .get(SettingsKind::Quota, &name)
        .cloned()
        .unwrap_or_default();
    for op in &entry.ops {
        if !keys.contains(&&*op.key) {
            return Err(invalid(format!("Invalid configuration key {}", op.key)));
        }
        if op.remove {
            map.remove(&*op.key);
        } else if op.value.is_finite() && op.value > 0.0 {
            map.insert(op.key.to_string(), format!("{:?}", op.value));
        } else {
            return Err(invalid(format!("Quota {} must be greater than 0", op.key)));
        }
    }
    if validate_only {
        return Ok(());
    }
    let written = shard
        .topics
        .set_settings(SettingsKind::Quota, name, map, now);
    written.map_err(|error| (log_failure("alter quotas", &error), error.to_string()))
}

const CLIENT_KEYS: &[&str] = &[
    "producer_byte_rate",
    "consumer_byte_rate",
    "request_percentage",
    "controller_mutation_rate",
];
const ADDRESS_KEYS: &[&str] = &[CONNECTION_CREATION_RATE];
