//! DeleteTopics (key 20): topics with all their records, by name or (version 6 and later) by id.
//!
//! * UNKNOWN_TOPIC_OR_PARTITION or UNKNOWN_TOPIC_ID for what does not exist, INVALID_REQUEST for a topic named twice or
//!   by both, TOPIC_DELETION_DISABLED with `delete.topic.enable=false`. Internal topics stay: INVALID_TOPIC_EXCEPTION.
//! * THROTTLING_QUOTA_EXCEEDED (version 5 and later) while the quota `controller_mutation_rate` is used up.
//! * TOPIC_AUTHORIZATION_FAILED for what may not be deleted; nothing is told about what may not even be seen.
//! * Waiting fetches are answered, committed offsets of the topic go, files are removed in the background.

use std::collections::HashSet;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::create_topics::may_change;
use super::{Reply, log_failure};
use crate::acl::grants::Grants;
use crate::acl::{CLUSTER, Operation, ResourceType};
use crate::request::{Now, RequestContext, Ticket};
use crate::shard::Shard;
use crate::topics::TopicIndex;

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: DeleteTopicsRequest,
    now: Now,
) -> Reply<DeleteTopicsResponse> {
    let wanted = if context.ticket.version >= TOPIC_IDS_FROM {
        request.topics
    } else {
        let names = request.topic_names.into_iter();
        names
            .map(|name| DeleteTopicState {
                name: Some(name),
                topic_id: Uuid::ZERO,
            })
            .collect()
    };
    let grants = shard.grants(context);
    let mut seen = HashSet::new();
    let mut responses = Vec::with_capacity(wanted.len());
    for topic in wanted {
        let found = find(shard, &topic, &grants);
        let outcome = found.and_then(|index| {
            if !seen.insert(index) {
                return Err(ErrorCode::INVALID_REQUEST);
            }
            delete(shard, index, context.ticket, now)
        });
        responses.push(answer(topic, outcome));
    }
    Reply::Ready(DeleteTopicsResponse {
        responses,
        ..DeleteTopicsResponse::default()
    })
}

fn find(shard: &Shard, topic: &DeleteTopicState, grants: &Grants) -> Result<TopicIndex, ErrorCode> {
    if grants.allows(Operation::Delete, ResourceType::Cluster, CLUSTER) {
        return find_any(shard, topic);
    }
    if let Some(name) = &topic.name {
        grants.topic(Operation::Describe, name)?;
    }
    let index = find_any(shard, topic)?;
    let found = shard.topics.get(index);
    let name = found.map(|topic| &*topic.name).unwrap_or_default();
    grants.topic(Operation::Delete, name).map(|()| index)
}

fn find_any(shard: &Shard, topic: &DeleteTopicState) -> Result<TopicIndex, ErrorCode> {
    match &topic.name {
        Some(_) if !topic.topic_id.is_zero() => Err(ErrorCode::INVALID_REQUEST),
        Some(name) => shard
            .topics
            .find(name)
            .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        None => shard
            .topics
            .find_id(topic.topic_id)
            .ok_or(ErrorCode::UNKNOWN_TOPIC_ID),
    }
}

fn delete(
    shard: &mut Shard,
    index: TopicIndex,
    ticket: Ticket,
    now: Now,
) -> Result<(StrBytes, Uuid), ErrorCode> {
    if !shard.config.delete_topic_enable {
        return Err(ErrorCode::TOPIC_DELETION_DISABLED);
    }
    let topic = shard
        .topics
        .get(index)
        .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    if topic.is_internal() {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    let identity = (topic.name.clone(), topic.id);
    let partitions = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
    may_change(shard, ticket, partitions, STRICT_FROM, now).map_err(|(code, _)| code)?;
    let deleted = shard
        .topics
        .delete(index, now)
        .map_err(|error| log_failure("delete topic", &error))?;
    if let Some(deleted) = deleted {
        shard.topic_deleted(deleted, now);
    }
    Ok(identity)
}

fn answer(
    topic: DeleteTopicState,
    outcome: Result<(StrBytes, Uuid), ErrorCode>,
) -> DeletableTopicResult {
    match outcome {
        Ok((name, topic_id)) => DeletableTopicResult {
            name: Some(name),
            topic_id,
            ..DeletableTopicResult::default()
        },
        Err(code) => DeletableTopicResult {
            name: topic.name,
            topic_id: topic.topic_id,
            error_code: code.code(),
            error_message: Some(code.text().into_owned().into()),
        },
    }
}

const TOPIC_IDS_FROM: i16 = 6;
const STRICT_FROM: i16 = 5;
