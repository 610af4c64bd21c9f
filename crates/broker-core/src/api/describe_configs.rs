//! DescribeConfigs (key 32): the settings of topics and of this broker, as they are in force.
//!
//! * Topic resources show the topic's own value or the broker's, with the chain of synonyms (version 1 and later):
//!   DYNAMIC_TOPIC_CONFIG, STATIC_BROKER_CONFIG, DEFAULT_CONFIG. An unknown topic is UNKNOWN_TOPIC_OR_PARTITION.
//! * Broker resources are this node by id (or the empty name for defaults); another id is INVALID_REQUEST.
//! * A list of names filters; values of secrets are null. Other resource types are INVALID_REQUEST.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
    DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use crate::conf::{BrokerConfig, ConfigEntry};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DescribeConfigsRequest,
    _: Now,
) -> Reply<DescribeConfigsResponse> {
    let results = request.resources.into_iter().map(|resource| {
        let outcome = match resource.resource_type {
            TOPIC => topic_rows(shard, &resource.resource_name),
            BROKER => broker_rows(shard, context, &resource.resource_name),
            other => Err((
                ErrorCode::INVALID_REQUEST,
                format!("Unsupported resource type: {other}"),
            )),
        };
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

fn topic_rows(shard: &Shard, name: &str) -> Rows {
    let Some(topic) = shard.topics.by_name(name) else {
        return Err((
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            format!("Topic {name} does not exist."),
        ));
    };
    let broker = shard.config.entries();
    let defaults = BrokerConfig::default().entries();
    let rows = topic.config.entries().into_iter().map(|entry| {
        let mut synonyms = Vec::new();
        if entry.is_set {
            let value = entry.value.clone();
            synonyms.push(Synonym {
                name: entry.name,
                value,
                source: DYNAMIC_TOPIC_CONFIG,
            });
        }
        if let Some(name) = entry.broker_name {
            synonyms.extend(static_synonym(&broker, name));
            synonyms.extend(default_synonym(&defaults, name));
        }
        Row {
            entry,
            read_only: false,
            synonyms,
        }
    });
    Ok(rows.collect())
}

fn broker_rows(shard: &Shard, context: &RequestContext, name: &str) -> Rows {
    if name.is_empty() {
        // The cluster-wide dynamic defaults, of which there are none.
        return Ok(Vec::new());
    }
    let is_node = |id: i32| {
        context
            .peer
            .endpoints
            .nodes()
            .iter()
            .any(|node| node.node_id == id)
    };
    if !name.parse().is_ok_and(is_node) {
        return Err((
            ErrorCode::INVALID_REQUEST,
            format!("Unexpected broker id {name}"),
        ));
    }
    let broker = shard.config.entries();
    let defaults = BrokerConfig::default().entries();
    let rows = broker.iter().map(|entry| {
        let synonyms = static_synonym(&broker, entry.name)
            .into_iter()
            .chain(default_synonym(&defaults, entry.name));
        Row {
            entry: entry.clone(),
            read_only: true,
            synonyms: synonyms.collect(),
        }
    });
    Ok(rows.collect())
}

fn static_synonym(broker: &[ConfigEntry], name: &str) -> Option<Synonym> {
    let entry = broker
        .iter()
        .find(|entry| entry.name == name && entry.is_set)?;
    Some(Synonym {
        name: entry.name,
        value: entry.value.clone(),
        source: STATIC_BROKER_CONFIG,
    })
}

fn default_synonym(defaults: &[ConfigEntry], name: &str) -> Option<Synonym> {
    let entry = defaults.iter().find(|entry| entry.name == name)?;
    Some(Synonym {
        name: entry.name,
        value: entry.value.clone(),
        source: DEFAULT_CONFIG,
    })
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

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const DYNAMIC_TOPIC_CONFIG: i8 = 1;
const STATIC_BROKER_CONFIG: i8 = 4;
const DEFAULT_CONFIG: i8 = 5;
