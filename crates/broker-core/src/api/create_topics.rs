//! CreateTopics (key 19): topics with partitions and settings.
//!
//! * Each topic is judged for itself: INVALID_TOPIC_EXCEPTION (name), TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS,
//!   INVALID_REPLICATION_FACTOR (one node has one replica), INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG; a topic named
//!   twice in one request is INVALID_REQUEST.
//! * -1 partitions or replicas (version 4 and later) are the broker's defaults. `validate_only` checks without creating.
//! * THROTTLING_QUOTA_EXCEEDED (version 6 and later) while the quota `controller_mutation_rate` is used up.
//! * Who may not create topics in general, nor this one, gets TOPIC_AUTHORIZATION_FAILED; who may, but not see its settings,
//!   gets none of them.
//! * From version 5 on the answer carries the topic's settings, from 7 on its id.

use std::collections::HashMap;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreatableTopicConfigs,
    CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::{Reply, log_failure};
use crate::acl::grants::Grants;
use crate::acl::{CLUSTER, Operation, ResourceType};
use crate::conf::{ConfigEntry, TopicConfig, TopicOverrides};
use crate::request::{Endpoints, Now, RequestContext, Ticket};
use crate::shard::Shard;
use crate::topics::{check_name, collision};

/// A refusal with its reason.
pub(super) type Refusal = (ErrorCode, String);

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: CreateTopicsRequest,
    now: Now,
) -> Reply<CreateTopicsResponse> {
    let grants = shard.grants(context);
    let mut named: HashMap<StrBytes, usize> = HashMap::new();
    for topic in &request.topics {
        *named.entry(topic.name.clone()).or_default() += 1;
    }
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let outcome = if named.get(&topic.name).is_some_and(|count| *count > 1) {
            Err((ErrorCode::INVALID_REQUEST, "Duplicate topic name.".into()))
        } else {
            may_create(&grants, &topic.name)
                .map_err(|code| (code, "Authorization failed.".into()))
                .and_then(|()| create(shard, &topic, request.validate_only, context, now))
                .map(|created| without_secrets(&grants, created))
        };
        topics.push(
            outcome.unwrap_or_else(|(code, message)| CreatableTopicResult {
                name: topic.name,
                error_code: code.code(),
                error_message: Some(message.into()),
                configs: Some(Vec::new()),
                ..CreatableTopicResult::default()
            }),
        );
    }
    shard.flush_cluster_log();
    Reply::Ready(CreateTopicsResponse {
        topics,
        ..CreateTopicsResponse::default()
    })
}

/// Creates a topic, or says why not; leaves to the caller whether its client may, and that the cluster log is flushed.
pub(super) fn create(
    shard: &mut Shard,
    topic: &CreatableTopic,
    validate_only: bool,
    context: &RequestContext,
    now: Now,
) -> Result<CreatableTopicResult, Refusal> {
    check_name(&topic.name).map_err(|reason| {
        (
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            format!("Topic name is invalid: {reason}"),
        )
    })?;
    if shard.topics.find(&topic.name).is_some() {
        return Err((
            ErrorCode::TOPIC_ALREADY_EXISTS,
            format!("Topic '{}' already exists.", topic.name),
        ));
    }
    if let Some(other) = collision(&topic.name, shard.topics.names()) {
        let message = format!(
            "Topic '{}' collides with existing topic: {other}",
            topic.name
        );
        return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, message));
    }
    let endpoints = &context.peer.endpoints;
    let partitions = partition_count(topic, shard.config.num_partitions, endpoints)?;
    let overrides = overrides(&topic.configs)?;
    overrides
        .check(&shard.config)
        .map_err(|error| (ErrorCode::INVALID_CONFIG, error.to_string()))?;
    let config = TopicConfig::resolve(&shard.config, &overrides);
    may_change(shard, context.ticket, partitions, STRICT_FROM, now)?;
    let mut topic_id = Uuid::ZERO;
    if !validate_only {
        let created = shard
            .topics
            .create(&topic.name, partitions, overrides, &mut shard.rng, now);
        let index =
            created.map_err(|error| (log_failure("create topic", &error), error.to_string()))?;
        topic_id = shard.topics.get(index).map_or(Uuid::ZERO, |topic| topic.id);
    }
    Ok(CreatableTopicResult {
        name: topic.name.clone(),
        topic_id,
        num_partitions: partitions,
        replication_factor: 1,
        configs: Some(config.entries().into_iter().map(config_row).collect()),
        ..CreatableTopicResult::default()
    })
}

/// Whether a topic of this name may be created.
pub(super) fn may_create(grants: &Grants, name: &str) -> Result<(), ErrorCode> {
    if grants.allows(Operation::Create, ResourceType::Cluster, CLUSTER) {
        return Ok(());
    }
    grants.topic(Operation::Create, name)
}

/// What was created, for who may see as much of it.
fn without_secrets(grants: &Grants, created: CreatableTopicResult) -> CreatableTopicResult {
    let name = &created.name;
    if grants.allows(Operation::DescribeConfigs, ResourceType::Topic, name) {
        return created;
    }
    CreatableTopicResult {
        topic_config_error_code: ErrorCode::TOPIC_AUTHORIZATION_FAILED.code(),
        num_partitions: -1,
        replication_factor: -1,
        configs: None,
        ..created
    }
}

/// Counts partitions that come or go against who asks for it (KIP-599). Clients of versions that know of such a refusal
/// are refused while they must wait; older ones wait afterwards.
pub(super) fn may_change(
    shard: &mut Shard,
    ticket: Ticket,
    partitions: i32,
    strict_from: i16,
    now: Now,
) -> Result<(), Refusal> {
    let is_strict = ticket.version >= strict_from;
    if shard.quotas.mutates(ticket, partitions, is_strict, now) {
        return Ok(());
    }
    let message = "The throttling quota has been exceeded.";
    Err((ErrorCode::THROTTLING_QUOTA_EXCEEDED, message.into()))
}

fn partition_count(
    topic: &CreatableTopic,
    default: i32,
    endpoints: &Endpoints,
) -> Result<i32, Refusal> {
    if !topic.assignments.is_empty() {
        if topic.num_partitions != -1 || topic.replication_factor != -1 {
            let message = "Both partitions or replication factor and assignments were given.";
            return Err((ErrorCode::INVALID_REQUEST, message.into()));
        }
        return assigned_count(&topic.assignments, endpoints);
    }
    let partitions = if topic.num_partitions == -1 {
        default
    } else {
        topic.num_partitions
    };
    if !(1..=PARTITIONS_MAX).contains(&partitions) {
        return Err((
            ErrorCode::INVALID_PARTITIONS,
            "Number of partitions must be larger than 0.".into(),
        ));
    }
    match topic.replication_factor {
        -1 | 1 => Ok(partitions),
        ..=0 => Err((
            ErrorCode::INVALID_REPLICATION_FACTOR,
            "Replication factor must be larger than 0.".into(),
        )),
        wanted => {
            let message = format!(
                "Unable to replicate the partition {wanted} time(s): this cluster has 1 broker."
            );
            Err((ErrorCode::INVALID_REPLICATION_FACTOR, message))
        }
    }
}

/// Replicas laid down by the client: partitions 0 to n-1, each on a node of this cluster.
fn assigned_count(
    assignments: &[CreatableReplicaAssignment],
    endpoints: &Endpoints,
) -> Result<i32, Refusal> {
    let mut indexes: Vec<i32> = assignments.iter().map(|it| it.partition_index).collect();
    indexes.sort_unstable();
    if !indexes
        .iter()
        .copied()
        .eq(0..i32::try_from(indexes.len()).unwrap_or(i32::MAX))
    {
        let message = "Partitions should be a consecutive 0-based integer sequence.";
        return Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, message.into()));
    }
    let is_node = |id: &i32| endpoints.nodes().iter().any(|node| node.node_id == *id);
    if assignments
        .iter()
        .any(|it| it.broker_ids.len() != 1 || !it.broker_ids.iter().all(is_node))
    {
        let message = "Each partition has exactly one replica, on a broker of this cluster.";
        return Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, message.into()));
    }
    i32::try_from(indexes.len())
        .map_err(|_| (ErrorCode::INVALID_PARTITIONS, "Too many partitions.".into()))
}

fn overrides(configs: &[CreatableTopicConfig]) -> Result<TopicOverrides, Refusal> {
    let mut overrides = TopicOverrides::default();
    for config in configs {
        let Some(value) = &config.value else {
            let message = format!(
                "Null value not supported for topic configs: {}",
                config.name
            );
            return Err((ErrorCode::INVALID_CONFIG, message));
        };
        overrides
            .set(&config.name, value)
            .map_err(|error| (ErrorCode::INVALID_CONFIG, error.to_string()))?;
    }
    Ok(overrides)
}

fn config_row(entry: ConfigEntry) -> CreatableTopicConfigs {
    CreatableTopicConfigs {
        name: entry.name.into(),
        value: entry.value.map(StrBytes::from),
        read_only: false,
        config_source: if entry.is_set {
            DYNAMIC_TOPIC_CONFIG
        } else {
            DEFAULT_CONFIG
        },
        is_sensitive: entry.is_sensitive,
    }
}

const STRICT_FROM: i16 = 6;
const DYNAMIC_TOPIC_CONFIG: i8 = 1;
const DEFAULT_CONFIG: i8 = 5;
/// A bound on what one request can make this broker create.
pub(super) const PARTITIONS_MAX: i32 = 100_000;
