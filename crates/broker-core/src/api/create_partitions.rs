//! CreatePartitions (key 37): more partitions for a topic.
//!
//! * `count` is the new total: fewer or as many as there are is INVALID_PARTITIONS. Assignments, if given, name one
//!   node of this cluster for each new partition (INVALID_REPLICA_ASSIGNMENT). `validate_only` checks only.
//! * THROTTLING_QUOTA_EXCEEDED (version 3 and later) while the quota `controller_mutation_rate` is used up.

use std::collections::HashSet;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic,
    CreatePartitionsTopicResult,
};

use super::create_topics::{PARTITIONS_MAX, Refusal, may_change};
use super::{Reply, log_failure};
use crate::acl::Operation;
use crate::request::{Now, RequestContext};
use crate::shard::Shard;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: CreatePartitionsRequest,
    now: Now,
) -> Reply<CreatePartitionsResponse> {
    let grants = shard.grants(context);
    let mut seen = HashSet::new();
    let mut results = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let outcome = if seen.insert(topic.name.clone()) {
            grants
                .topic(Operation::Alter, &topic.name)
                .map_err(|code| (code, "The topic authorization is failed.".into()))
                .and_then(|()| grow(shard, &topic, request.validate_only, context, now))
        } else {
            Err((
                ErrorCode::INVALID_REQUEST,
                "Duplicate topic in request.".into(),
            ))
        };
        let mut result = CreatePartitionsTopicResult {
            name: topic.name,
            ..CreatePartitionsTopicResult::default()
        };
        if let Err((code, message)) = outcome {
            (result.error_code, result.error_message) = (code.code(), Some(message.into()));
        }
        results.push(result);
    }
    shard.flush_cluster_log();
    Reply::Ready(CreatePartitionsResponse {
        results,
        ..CreatePartitionsResponse::default()
    })
}

fn grow(
    shard: &mut Shard,
    wanted: &CreatePartitionsTopic,
    validate_only: bool,
    context: &RequestContext,
    now: Now,
) -> Result<(), Refusal> {
    let found = shard.topics.find(&wanted.name);
    let Some((index, topic)) = found.and_then(|index| Some((index, shard.topics.get(index)?)))
    else {
        return Err((
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            format!("The topic '{}' does not exist.", wanted.name),
        ));
    };
    let current = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
    if wanted.count <= current || wanted.count > PARTITIONS_MAX {
        let message = format!(
            "Topic currently has {current} partitions, {} would not be an increase.",
            wanted.count
        );
        return Err((ErrorCode::INVALID_PARTITIONS, message));
    }
    if topic.is_internal() {
        return Err((
            ErrorCode::INVALID_TOPIC_EXCEPTION,
            "Groups would be looked for in the wrong place.".into(),
        ));
    }
    if let Some(assignments) = &wanted.assignments {
        let added = usize::try_from(wanted.count - current).unwrap_or(0);
        let endpoints = &context.peer.endpoints;
        let is_node = |id: &i32| endpoints.nodes().iter().any(|node| node.node_id == *id);
        let is_legal = |ids: &[i32]| ids.len() == 1 && ids.iter().all(is_node);
        if assignments.len() != added || !assignments.iter().all(|it| is_legal(&it.broker_ids)) {
            let message =
                "Each new partition needs exactly one replica, on a broker of this cluster.";
            return Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, message.into()));
        }
    }
    may_change(
        shard,
        context.ticket,
        wanted.count - current,
        STRICT_FROM,
        now,
    )?;
    if validate_only {
        return Ok(());
    }
    let grown = shard.topics.grow(index, wanted.count, now);
    grown.map_err(|error| (log_failure("create partitions", &error), error.to_string()))
}

const STRICT_FROM: i16 = 3;
