//! Quotas of users, client ids and addresses, for `kafka-configs.sh`: entities of one or two parts, shown and changed.

use anyhow::{Context, Result, bail};
use rdkafka_client::Target;
use rdkafka_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, EntityData, EntryData, OpData,
};
use rdkafka_wire::messages::describe_client_quotas::{
    ComponentData, DescribeClientQuotasRequest, EntryData as Described,
};
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::output::say;

/// What a quota can belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    User,
    Client,
    Address,
}

impl Owner {
    /// In the order Kafka names them.
    const ALL: [Self; 3] = [Self::User, Self::Client, Self::Address];

    const fn wire_name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Client => "client-id",
            Self::Address => "ip",
        }
    }

    const fn shown(self) -> &'static str {
        match self {
            Self::User => "user-principal",
            other => other.wire_name(),
        }
    }
}

/// A part of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) owner: Owner,
    pub(crate) name: Name,
}

/// Which of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Any,
    Default,
    Of(String),
}

impl Name {
    const fn as_wire(&self) -> Option<&String> {
        match self {
            Self::Of(name) => Some(name),
            Self::Any | Self::Default => None,
        }
    }
}

/// Whether a setting is a quota.
pub(crate) fn is_quota(key: &str) -> bool {
    KEYS.contains(&key)
}

/// Shows the quotas of an entity and, with `Any`, of all like it.
pub(crate) fn describe(
    cluster: &Cluster,
    entity: &[Part],
    as_json: bool,
) -> Result<Vec<serde_json::Value>> {
    let components = entity.iter().map(|part| ComponentData {
        entity_type: part.owner.wire_name().into(),
        match_type: match part.name {
            Name::Of(_) => 0,
            Name::Default => 1,
            Name::Any => 2,
        },
        r#match: part.name.as_wire().map(|name| name.as_str().into()),
    });
    let request = DescribeClientQuotasRequest {
        components: components.collect(),
        strict: true,
    };
    let response = cluster.ask(Target::Any, request)?;
    checked(response.error_code, response.error_message.as_ref())?;
    let mut objects = Vec::new();
    for entry in response.entries.unwrap_or_default() {
        if as_json {
            objects.push(entry_json(&entry));
            continue;
        }
        let values = entry
            .values
            .iter()
            .map(|it| format!("{}={}", it.key.as_str(), java_double(it.value)));
        say!(
            "Quota configs for {} are {}",
            shown_entity(&entry),
            values.collect::<Vec<_>>().join(", ")
        );
    }
    Ok(objects)
}

/// Sets and takes back quotas of one entity.
pub(crate) fn alter(
    cluster: &Cluster,
    entity: &[Part],
    additions: &[(String, String)],
    deletions: &[&str],
) -> Result<()> {
    let mut ops = Vec::new();
    for (key, value) in additions {
        let value: f64 = value.parse().with_context(|| {
            format!("Cannot parse quota configuration value for {key}: {value}")
        })?;
        ops.push(OpData {
            key: key.as_str().into(),
            value,
            remove: false,
        });
    }
    ops.extend(deletions.iter().map(|key| OpData {
        key: (*key).into(),
        value: 0.0,
        remove: true,
    }));
    if ops.is_empty() {
        bail!("--alter needs --add-config, --add-config-file or --delete-config");
    }
    let parts = entity.iter().map(|part| EntityData {
        entity_type: part.owner.wire_name().into(),
        entity_name: part.name.as_wire().map(|name| name.as_str().into()),
    });
    let request = AlterClientQuotasRequest {
        entries: vec![EntryData {
            entity: parts.collect(),
            ops,
        }],
        validate_only: false,
    };
    for entry in cluster.ask(Target::Controller, request)?.entries {
        checked(entry.error_code, entry.error_message.as_ref())?;
    }
    Ok(())
}

fn shown_entity(entry: &Described) -> String {
    let parts = Owner::ALL.into_iter().filter_map(|owner| {
        let part = entry
            .entity
            .iter()
            .find(|it| it.entity_type.as_str() == owner.wire_name())?;
        Some(match &part.entity_name {
            Some(name) => format!("{} '{}'", owner.shown(), name.as_str()),
            None => format!("the default {}", owner.shown()),
        })
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn entry_json(entry: &Described) -> serde_json::Value {
    let entity = entry.entity.iter().map(|it| {
        let name = it.entity_name.as_ref().map(|name| name.as_str());
        (it.entity_type.as_str().to_owned(), json!(name))
    });
    let values = entry
        .values
        .iter()
        .map(|it| (it.key.as_str().to_owned(), json!(it.value)));
    json!({
        "entity": entity.collect::<serde_json::Map<_, _>>(),
        "quotas": values.collect::<serde_json::Map<_, _>>(),
    })
}

/// A number as Java prints it: large and small ones with an exponent.
fn java_double(value: f64) -> String {
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

const KEYS: [&str; 5] = [
    "producer_byte_rate",
    "consumer_byte_rate",
    "request_percentage",
    "controller_mutation_rate",
    "connection_creation_rate",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_java_prints_them() {
        for (value, text) in [
            (1024.0, "1024.0"),
            (0.5, "0.5"),
            (1e7, "1.0E7"),
            (12_345_678.0, "1.2345678E7"),
            (1e-4, "1.0E-4"),
        ] {
            assert_eq!(java_double(value), text);
        }
    }
}
