//! What AlterConfigs and IncrementalAlterConfigs have in common: the resources whose settings can be changed.
//!
//! * Topics: their own settings, in force from the next request on. Brokers: what [`crate::conf`] lists as dynamic, for
//!   this node or (empty name) for all. Groups: settings of the new protocol. Client metrics: subscriptions (KIP-714).
//! * A resource is changed as a whole or not at all; each is judged for itself.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use super::log_failure;
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::conf::{BrokerConfig, ConfError, ConfigType, Dynamic, GroupProperties, TopicOverrides};
use crate::request::{Now, RequestContext};
use crate::settings::{SettingsKind, SettingsMap};
use crate::shard::Shard;

/// A refusal with its reason.
pub(super) type Refusal = (ErrorCode, String);

/// The types of resources that have settings, as they travel.
pub(super) mod types {
    pub(in super::super) const TOPIC: i8 = 2;
    pub(in super::super) const BROKER: i8 = 4;
    pub(in super::super) const BROKER_LOGGER: i8 = 8;
    pub(in super::super) const CLIENT_METRICS: i8 = 16;
    pub(in super::super) const GROUP: i8 = 32;
}

/// One change of one setting.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    Set(String),
    Delete,
    Append(String),
    Subtract(String),
}

/// What settings a change starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// Those that are there (IncrementalAlterConfigs).
    Current,
    /// None: what is not named is gone (AlterConfigs).
    Nothing,
}

/// What a request wants to be changed, by type and name of the resource.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) id: (i8, &'a StrBytes),
    pub(super) changes: Result<Vec<(StrBytes, Change)>, Refusal>,
}

/// Changes the settings of resources; says for each what became of it.
pub(super) fn alter_each(
    shard: &mut Shard,
    context: &RequestContext,
    wanted: &[Wanted<'_>],
    base: Base,
    validate_only: bool,
    now: Now,
) -> Vec<(ErrorCode, Option<StrBytes>)> {
    let grants = shard.grants(context);
    let mut outcomes = Vec::with_capacity(wanted.len());
    for Wanted { id, changes } in wanted {
        let outcome = if wanted.iter().filter(|it| it.id == *id).count() > 1 {
            let message = "Each resource must appear at most once.";
            Err((ErrorCode::INVALID_REQUEST, message.into()))
        } else {
            may(&grants, Operation::AlterConfigs, *id).and_then(|()| match changes {
                Ok(changes) => alter(shard, context, *id, changes, base, validate_only, now),
                Err(refusal) => Err(refusal.clone()),
            })
        };
        outcomes.push(match outcome {
            Ok(()) => (ErrorCode::NONE, None),
            Err((code, message)) => (code, Some(message.into())),
        });
    }
    shard.flush_cluster_log();
    outcomes
}

/// Whether that may be done to the settings of a resource.
pub(super) fn may(
    grants: &Grants,
    operation: Operation,
    (kind, name): (i8, &StrBytes),
) -> Result<(), Refusal> {
    let allowed = match kind {
        types::TOPIC => grants.topic(operation, name),
        types::GROUP => grants.group(operation, name),
        _ => grants.cluster(operation),
    };
    allowed.map_err(|code| (code, code.text().into_owned()))
}

/// Changes the settings of one resource.
fn alter(
    shard: &mut Shard,
    context: &RequestContext,
    resource: (i8, &StrBytes),
    changes: &[(StrBytes, Change)],
    base: Base,
    validate_only: bool,
    now: Now,
) -> Result<(), Refusal> {
    let mut names: Vec<&str> = changes.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        let message = "Error due to duplicate config keys";
        return Err((ErrorCode::INVALID_REQUEST, message.into()));
    }
    let (kind, name) = resource;
    match kind {
        types::TOPIC => alter_topic(shard, name, changes, base, validate_only, now),
        types::BROKER => {
            check_broker_name(context, name)?;
            let check = |shard: &Shard, map: &SettingsMap| check_broker(shard, map, changes);
            alter_map(
                shard,
                SettingsKind::Broker,
                name,
                changes,
                base,
                validate_only,
                check,
                now,
            )
        }
        types::GROUP => {
            if name.is_empty() {
                return Err((
                    ErrorCode::INVALID_REQUEST,
                    "Default group resources are not allowed.".into(),
                ));
            }
            let check = |shard: &Shard, map: &SettingsMap| {
                GroupProperties::check(&shard.config, map).map_err(|error| invalid(&error, "group"))
            };
            alter_map(
                shard,
                SettingsKind::Group,
                name,
                changes,
                base,
                validate_only,
                check,
                now,
            )
        }
        types::CLIENT_METRICS => {
            if name.is_empty() {
                let message = "Subscription name can't be empty";
                return Err((ErrorCode::INVALID_REQUEST, message.into()));
            }
            let check = |_: &Shard, map: &SettingsMap| check_client_metrics(map);
            alter_map(
                shard,
                SettingsKind::ClientMetrics,
                name,
                changes,
                base,
                validate_only,
                check,
                now,
            )
        }
        types::BROKER_LOGGER => Err((
            ErrorCode::INVALID_CONFIG,
            "This broker's loggers are set at its start (RUST_LOG)".into(),
        )),
        other => Err((
            ErrorCode::INVALID_REQUEST,
            format!("Unexpected resource type {other}."),
        )),
    }
}

fn alter_topic(
    shard: &mut Shard,
    name: &StrBytes,
    changes: &[(StrBytes, Change)],
    base: Base,
    validate_only: bool,
    now: Now,
) -> Result<(), Refusal> {
    let found = shard
        .topics
        .find(name)
        .and_then(|index| Some((index, shard.topics.get(index)?)));
    let Some((index, topic)) = found else {
        let message = format!("The topic '{name}' does not exist.");
        return Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, message));
    };
    let mut overrides = match base {
        Base::Current => topic.overrides.clone(),
        Base::Nothing => TopicOverrides::default(),
    };
    for (property, change) in changes {
        let current = || {
            topic
                .config
                .entries()
                .into_iter()
                .find(|it| *it.name == **property)
        };
        let value = match change {
            Change::Set(value) => Some(value.clone()),
            Change::Delete => None,
            Change::Append(items) | Change::Subtract(items) => {
                let Some(entry) = current() else {
                    return Err((
                        ErrorCode::INVALID_CONFIG,
                        format!("Unknown topic config name: {property}"),
                    ));
                };
                check_list(property, entry.config_type)?;
                Some(edit_list(
                    entry.value.as_deref().unwrap_or_default(),
                    items,
                    change,
                ))
            }
        };
        match value {
            Some(value) => overrides
                .set(property, &value)
                .map_err(|error| invalid(&error, "topic"))?,
            None if current().is_none() => {
                return Err((
                    ErrorCode::INVALID_CONFIG,
                    format!("Unknown topic config name: {property}"),
                ));
            }
            None => overrides.remove(property),
        }
    }
    overrides
        .check(&shard.config)
        .map_err(|error| invalid(&error, "topic"))?;
    if validate_only || overrides == topic.overrides {
        return Ok(());
    }
    shard
        .topics
        .set_overrides(index, overrides, now)
        .map_err(|error| (log_failure("alter configs", &error), error.to_string()))
}

/// Changes settings that are not a topic's.
#[allow(clippy::too_many_arguments, reason = "what, how, and what is legal")]
fn alter_map(
    shard: &mut Shard,
    kind: SettingsKind,
    name: &StrBytes,
    changes: &[(StrBytes, Change)],
    base: Base,
    validate_only: bool,
    check: impl Fn(&Shard, &SettingsMap) -> Result<(), Refusal>,
    now: Now,
) -> Result<(), Refusal> {
    let before = shard
        .topics
        .settings()
        .get(kind, name)
        .cloned()
        .unwrap_or_default();
    let mut map = match base {
        Base::Current => before.clone(),
        Base::Nothing => SettingsMap::new(),
    };
    for (property, change) in changes {
        let value = match change {
            Change::Set(value) => Some(value.clone()),
            Change::Delete => None,
            Change::Append(items) | Change::Subtract(items) => {
                let current = list_value(shard, kind, property, &map)?;
                Some(edit_list(&current, items, change))
            }
        };
        match value {
            Some(value) => map.insert(property.to_string(), value),
            None => map.remove(&**property),
        };
    }
    check(shard, &map)?;
    if validate_only || map == before {
        return Ok(());
    }
    shard
        .topics
        .set_settings(kind, name.copy_out_of_frame(), map, now)
        .map_err(|error| (log_failure("alter configs", &error), error.to_string()))?;
    shard.settings_changed();
    Ok(())
}

/// The present value of a setting that must be a list.
fn list_value(
    shard: &Shard,
    kind: SettingsKind,
    property: &str,
    map: &SettingsMap,
) -> Result<String, Refusal> {
    let (config_type, fallback) = match kind {
        SettingsKind::Broker => {
            let entries = shard.config.entries();
            let entry = entries.into_iter().find(|it| it.name == property);
            entry.map_or((None, None), |it| (Some(it.config_type), it.value))
        }
        SettingsKind::ClientMetrics if matches!(property, "metrics" | "match") => {
            (Some(ConfigType::List), None)
        }
        _ => (None, None),
    };
    check_list(property, config_type.unwrap_or(ConfigType::String))?;
    Ok(map.get(property).cloned().or(fallback).unwrap_or_default())
}

fn check_list(property: &str, config_type: ConfigType) -> Result<(), Refusal> {
    if config_type == ConfigType::List {
        return Ok(());
    }
    let message =
        format!("Can't APPEND to or SUBTRACT from key {property} because its type is not LIST.");
    Err((ErrorCode::INVALID_CONFIG, message))
}

/// A list with items added at its end, each once, or taken out.
fn edit_list(current: &str, items: &str, change: &Change) -> String {
    let split = |text: &str| -> Vec<String> {
        let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        parts.map(str::to_owned).collect()
    };
    let mut list = split(current);
    let items = split(items);
    if matches!(change, Change::Subtract(_)) {
        list.retain(|it| !items.contains(it));
    } else {
        for item in items {
            if !list.contains(&item) {
                list.push(item);
            }
        }
    }
    list.join(",")
}

/// A broker resource is this node, or with the empty name all brokers.
pub(super) fn check_broker_name(context: &RequestContext, name: &str) -> Result<(), Refusal> {
    let nodes = context.peer.endpoints.nodes();
    let is_node = |id: i32| nodes.iter().any(|node| node.node_id == id);
    if name.is_empty() || name.parse().is_ok_and(is_node) {
        return Ok(());
    }
    let own = context.peer.endpoints.controller().node_id;
    let message = match name.parse::<i32>() {
        Ok(id) => format!("Unexpected broker id, expected {own}, but received {id}"),
        Err(_) => format!("Node id must be an integer, but it is: {name}"),
    };
    Err((ErrorCode::INVALID_REQUEST, message))
}

fn check_broker(
    _: &Shard,
    map: &SettingsMap,
    changes: &[(StrBytes, Change)],
) -> Result<(), Refusal> {
    BrokerConfig::check_dynamic(map).map_err(|error| invalid(&error, "broker"))?;
    let fixed: Vec<&str> = changes
        .iter()
        .map(|(name, _)| &**name)
        .filter(|name| BrokerConfig::dynamic(name) == Dynamic::ReadOnly)
        .collect();
    if fixed.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Cannot update these configs dynamically: Set({})",
        fixed.join(", ")
    );
    Err((ErrorCode::INVALID_REQUEST, message))
}

/// `interval.ms`, `metrics` and `match` of a subscription.
fn check_client_metrics(map: &SettingsMap) -> Result<(), Refusal> {
    const SELECTORS: &[&str] = &[
        "client_instance_id",
        "client_id",
        "client_software_name",
        "client_software_version",
        "client_source_address",
        "client_source_port",
    ];
    for (name, value) in map {
        let problem = match name.as_str() {
            "metrics" => None,
            "interval.ms" => match value.parse::<i32>() {
                Ok(100..=3_600_000) => None,
                _ => Some(format!(
                    "Invalid value {value} for interval.ms, interval must be between 100 and 3600000 (1 hour)"
                )),
            },
            "match" => value
                .split(',')
                .map(str::trim)
                .filter(|it| !it.is_empty())
                .find(|it| {
                    it.split_once('=')
                        .is_none_or(|(selector, _)| !SELECTORS.contains(&selector))
                })
                .map(|bad| format!("Illegal client matching pattern: {bad}")),
            _ => Some(format!("Unknown client metrics configuration: {name}")),
        };
        if let Some(message) = problem {
            return Err((ErrorCode::INVALID_CONFIG, message));
        }
    }
    Ok(())
}

fn invalid(error: &ConfError, of: &str) -> Refusal {
    let message = match error {
        ConfError::Unknown { name, .. } => format!("Unknown {of} config name: {name}"),
        other => other.to_string(),
    };
    (ErrorCode::INVALID_CONFIG, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_edited_item_by_item() {
        let append = Change::Append(String::new());
        let subtract = Change::Subtract(String::new());
        assert_eq!(
            edit_list("delete", "compact,delete", &append),
            "delete,compact"
        );
        assert_eq!(edit_list("compact,delete", "delete", &subtract), "compact");
        assert_eq!(edit_list("", "a", &append), "a");
    }

    #[test]
    fn every_dynamic_setting_of_the_broker_exists() {
        let names: Vec<_> = BrokerConfig::default()
            .entries()
            .into_iter()
            .map(|it| it.name)
            .collect();
        let dynamic = names
            .iter()
            .filter(|it| BrokerConfig::dynamic(it) == Dynamic::Yes);
        assert_eq!(dynamic.count(), crate::conf::DYNAMIC.len());
    }
}
