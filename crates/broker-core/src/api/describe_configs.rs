//! DescribeConfigs (key 32): the settings of topics, of this broker, of groups and of client metrics, as they are in force.
//!
//! * Each setting shows the chain of where it could come from (version 1 and later), nearest first: a topic's or group's own, set for
//!   this broker or for all while it runs, its file, the default. An unknown topic is UNKNOWN_TOPIC_OR_PARTITION.
//! * Broker resources are this node by id, or the empty name for what was set for all brokers; another id is
//!   INVALID_REQUEST. Broker loggers are none. A group need not exist to have settings.
//! * A list of names filters; values of secrets are null; what cannot be changed while the broker runs is read-only.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
    DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use super::config_resources::{check_broker_name, may, types};
use crate::acl::Operation;
use crate::conf::{BrokerConfig, ConfigEntry, ConfigType, Dynamic, GroupProperties};
use crate::request::{Now, RequestContext};
use crate::settings::{SettingsKind, SettingsMap};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeConfigsRequest,
    _: Now,
) -> Reply<DescribeConfigsResponse> {
    let grants = shard.grants(context);
    let results = request.resources.into_iter().map(|resource| {
        let name = &resource.resource_name;
        let allowed = may(
            &grants,
            Operation::DescribeConfigs,
            (resource.resource_type, name),
        );
        let outcome = allowed.and_then(|()| match resource.resource_type {
            types::TOPIC => topic_rows(shard, name),
            types::BROKER => broker_rows(shard, context, name),
            types::BROKER_LOGGER => check_broker_name(context, name).map(|()| Vec::new()),
            types::CLIENT_METRICS => Ok(client_metrics_rows(shard, name)),
            types::GROUP => Ok(group_rows(shard, name)),
            other => Err((
                ErrorCode::INVALID_REQUEST,
                format!("Unsupported resource type: {other}"),
            )),
        });
        answer(
            resource,
            outcome,
            request.include_synonyms,
            request.include_documentation,
        )
    });
    Reply::Ready(DescribeConfigsResponse {
        results: results.collect(),
        ..DescribeConfigsResponse::default()
    })
}

/// A setting with where it comes from, nearest first.
struct Row {
    entry: ConfigEntry,
    read_only: bool,
    synonyms: Vec<Synonym>,
}

struct Synonym {
    name: &'static str,
    value: Option<String>,
    source: i8,
}

type Rows = Result<Vec<Row>, (ErrorCode, String)>;

/// The layers below a topic's or a group's own settings.
struct Layers {
    own: SettingsMap,
    all: SettingsMap,
    file: Vec<ConfigEntry>,
    defaults: Vec<ConfigEntry>,
}

impl Layers {
    fn new(shard: &Shard) -> Self {
        let dynamic = |name: &str| {
            let settings = shard.topics.settings().get(SettingsKind::Broker, name);
            settings.cloned().unwrap_or_default()
        };
        Self {
            own: dynamic(&shard.config.node_id.to_string()),
            all: dynamic(""),
            file: shard.topics.static_config().entries(),
            defaults: BrokerConfig::default().entries(),
        }
    }

    /// Where a broker's setting could come from, nearest first.
    fn synonyms(&self, name: &'static str) -> Vec<Synonym> {
        let names = match name {
            "log.retention.ms" => &[
                "log.retention.ms",
                "log.retention.minutes",
                "log.retention.hours",
            ][..],
            "log.roll.ms" => &["log.roll.ms", "log.roll.hours"],
            "log.roll.jitter.ms" => &["log.roll.jitter.ms", "log.roll.jitter.hours"],
            "log.flush.interval.ms" => &["log.flush.interval.ms"],
            _ => &[],
        };
        let one = [name];
        let names = if names.is_empty() { &one[..] } else { names };
        let dynamic = |map: &SettingsMap, source| {
            let found = names.iter().filter_map(|name| {
                let value = Some(map.get(*name)?.clone());
                Some(Synonym {
                    name,
                    value,
                    source,
                })
            });
            found.collect::<Vec<_>>()
        };
        let table = |entries: &[ConfigEntry], source| {
            let found = names.iter().filter_map(|name| {
                let entry = entries.iter().find(|it| {
                    it.name == *name
                        && it.value.is_some()
                        && (source == DEFAULT_CONFIG || it.is_set)
                })?;
                let value = entry.value.clone();
                Some(Synonym {
                    name,
                    value,
                    source,
                })
            });
            found.collect::<Vec<_>>()
        };
        let mut chain = dynamic(&self.own, DYNAMIC_BROKER_CONFIG);
        chain.extend(dynamic(&self.all, DYNAMIC_DEFAULT_BROKER_CONFIG));
        chain.extend(table(&self.file, STATIC_BROKER_CONFIG));
        chain.extend(table(&self.defaults, DEFAULT_CONFIG));
        chain
    }

    /// The rows of something that has settings of its own on top of the broker's.
    fn rows(&self, entries: Vec<ConfigEntry>, own_source: i8) -> Vec<Row> {
        let rows = entries.into_iter().map(|entry| {
            let mut synonyms = Vec::new();
            if entry.is_set {
                synonyms.push(Synonym {
                    name: entry.name,
                    value: entry.value.clone(),
                    source: own_source,
                });
            }
            match entry.broker_name {
                Some(name) => synonyms.extend(self.synonyms(name)),
                None if entry.is_set => {}
                None => synonyms.push(Synonym {
                    name: entry.name,
                    value: entry.value.clone(),
                    source: DEFAULT_CONFIG,
                }),
            }
            Row {
                entry,
                read_only: false,
                synonyms,
            }
        });
        rows.collect()
    }
}

fn topic_rows(shard: &Shard, name: &str) -> Rows {
    let Some(topic) = shard.topics.by_name(name) else {
        return Err((
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            format!("Topic {name} does not exist."),
        ));
    };
    Ok(Layers::new(shard).rows(topic.config.entries(), DYNAMIC_TOPIC_CONFIG))
}

fn group_rows(shard: &Shard, name: &str) -> Vec<Row> {
    let own = shard.topics.settings().get(SettingsKind::Group, name);
    let config = GroupProperties::resolve(&shard.config, own);
    Layers::new(shard).rows(config.entries(), DYNAMIC_GROUP_CONFIG)
}

fn broker_rows(shard: &Shard, context: &RequestContext, name: &str) -> Rows {
    check_broker_name(context, name)?;
    let layers = Layers::new(shard);
    let is_default = name.is_empty();
    let entries = shard.config.entries().into_iter();
    let entries = entries.filter(|entry| !is_default || layers.all.contains_key(entry.name));
    let rows = entries.map(|mut entry| {
        let mut synonyms = layers.synonyms(entry.name);
        if is_default {
            // What was set for all brokers, and nothing else.
            entry.value = layers.all.get(entry.name).cloned();
            synonyms.retain(|it| it.source == DYNAMIC_DEFAULT_BROKER_CONFIG);
        }
        Row {
            read_only: BrokerConfig::dynamic(entry.name) == Dynamic::ReadOnly,
            entry,
            synonyms,
        }
    });
    Ok(rows.collect())
}

fn client_metrics_rows(shard: &Shard, name: &str) -> Vec<Row> {
    let settings = shard.topics.settings();
    let map = settings
        .get(SettingsKind::ClientMetrics, name)
        .cloned()
        .unwrap_or_default();
    let rows = CLIENT_METRICS
        .iter()
        .map(|(name, config_type, default, doc)| {
            let own = map.get(*name).cloned();
            let entry = ConfigEntry {
                name,
                value: own.clone().or_else(|| Some((*default).to_owned())),
                config_type: *config_type,
                is_set: own.is_some(),
                is_sensitive: false,
                broker_name: None,
                doc,
            };
            let own = own.map(|value| Synonym {
                name,
                value: Some(value),
                source: DYNAMIC_CLIENT_METRICS_CONFIG,
            });
            Row {
                entry,
                read_only: false,
                synonyms: own.into_iter().collect(),
            }
        });
    rows.collect()
}

fn answer(
    resource: DescribeConfigsResource,
    rows: Rows,
    synonyms: bool,
    docs: bool,
) -> DescribeConfigsResult {
    let mut result = DescribeConfigsResult {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name,
        ..DescribeConfigsResult::default()
    };
    match rows {
        Ok(rows) => {
            let keys = resource.configuration_keys.filter(|keys| !keys.is_empty());
            let wants = |name: &str| {
                keys.as_ref()
                    .is_none_or(|keys| keys.iter().any(|key| &**key == name))
            };
            let rows = rows.into_iter().filter(|row| wants(row.entry.name));
            result.configs = rows.map(|row| config_row(row, synonyms, docs)).collect();
        }
        Err((code, message)) => {
            (result.error_code, result.error_message) = (code.code(), Some(message.into()));
        }
    }
    result
}

fn config_row(row: Row, synonyms: bool, docs: bool) -> DescribeConfigsResourceResult {
    let Row {
        entry,
        read_only,
        synonyms: chain,
    } = row;
    let shown = |value: Option<String>| value.filter(|_| !entry.is_sensitive).map(StrBytes::from);
    let source = chain
        .first()
        .map_or(DEFAULT_CONFIG, |nearest| nearest.source);
    let synonyms = chain
        .into_iter()
        .filter(|_| synonyms)
        .map(|synonym| DescribeConfigsSynonym {
            name: synonym.name.into(),
            value: shown(synonym.value),
            source: synonym.source,
        });
    DescribeConfigsResourceResult {
        name: entry.name.into(),
        synonyms: synonyms.collect(),
        value: shown(entry.value.clone()),
        read_only,
        config_source: source,
        is_default: source == DEFAULT_CONFIG,
        is_sensitive: entry.is_sensitive,
        config_type: entry.config_type as i8,
        documentation: docs.then(|| entry.doc.into()),
    }
}

const DYNAMIC_TOPIC_CONFIG: i8 = 1;
const DYNAMIC_BROKER_CONFIG: i8 = 2;
const DYNAMIC_DEFAULT_BROKER_CONFIG: i8 = 3;
const STATIC_BROKER_CONFIG: i8 = 4;
const DEFAULT_CONFIG: i8 = 5;
const DYNAMIC_CLIENT_METRICS_CONFIG: i8 = 7;
const DYNAMIC_GROUP_CONFIG: i8 = 8;

/// The settings of a subscription of client metrics: name, type, default, documentation.
const CLIENT_METRICS: &[(&str, ConfigType, &str, &str)] = &[
    (
        "interval.ms",
        ConfigType::Int,
        "300000",
        "How often clients push.",
    ),
    (
        "match",
        ConfigType::List,
        "",
        "Which clients: selector=pattern, comma-separated.",
    ),
    (
        "metrics",
        ConfigType::List,
        "",
        "Prefixes of the metrics to push; * is all.",
    ),
];
