//! Metadata (key 3): the nodes, the topics and who leads them.
//!
//! * All topics: version 0 with an empty list, later versions with null; an empty list then is no topic.
//! * An unknown topic is created on the spot when the request allows it (always before version 4) and
//!   `auto.create.topics.enable` does: the answer already has its partitions, no LEADER_NOT_AVAILABLE in between.
//! * A name that cannot be a topic is INVALID_TOPIC_EXCEPTION; an unknown one UNKNOWN_TOPIC_OR_PARTITION; from version 10
//!   on topics can be asked for by id (UNKNOWN_TOPIC_ID).
//! * A topic that may not be described, or created, is TOPIC_AUTHORIZATION_FAILED, and not in the list of all.
//! * The addresses are those this client can reach: of the connection it came in by, or `advertised.listeners`.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use rdkafka_wire::types::{StrBytes, Uuid};

use super::Reply;
use super::create_topics::may_create;
use crate::acl::grants::Grants;
use crate::acl::{Operation, ResourceType};
use crate::offsets_topic::OffsetsTopic;
use crate::partition::LEADER_EPOCH;
use crate::request::{Endpoints, Now, RequestContext};
use crate::shard::Shard;
use crate::topics::{self, OFFSETS_TOPIC, SHARE_STATE_TOPIC, TRANSACTIONS_TOPIC, Topic};

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: MetadataRequest,
    now: Now,
) -> Reply<MetadataResponse> {
    let version = context.ticket.version;
    let endpoints = &context.peer.endpoints;
    let grants = shard.grants(context);
    let wants_all = request
        .topics
        .as_ref()
        .is_none_or(|topics| version == 0 && topics.is_empty());
    let mut answers = if wants_all {
        shard
            .topics
            .sorted()
            .into_iter()
            .filter(|topic| grants.sees_topic(&topic.name))
            .map(|topic| describe(topic, endpoints))
            .collect()
    } else {
        let asker = Asker {
            endpoints,
            creates: version < 4 || request.allow_auto_topic_creation,
            grants: &grants,
        };
        let wanted = request.topics.unwrap_or_default();
        wanted
            .into_iter()
            .map(|it| one(shard, it, &asker, now))
            .collect::<Vec<_>>()
    };
    for answer in &mut answers {
        let denied = answer.error_code == ErrorCode::TOPIC_AUTHORIZATION_FAILED.code();
        let wants = request.include_topic_authorized_operations && !denied;
        let name = answer.name.as_deref().unwrap_or_default();
        answer.topic_authorized_operations = grants.operations_if(wants, ResourceType::Topic, name);
    }
    let cluster_operations =
        grants.cluster_operations_if(request.include_cluster_authorized_operations);
    let rack = shard.config.rack.as_deref().map(StrBytes::from);
    let brokers = endpoints.nodes().iter().map(|node| MetadataResponseBroker {
        node_id: node.node_id,
        host: node.host.clone(),
        port: node.port,
        rack: rack.clone(),
    });
    Reply::Ready(MetadataResponse {
        brokers: brokers.collect(),
        cluster_id: Some(shard.cluster_id().into()),
        controller_id: endpoints.controller().node_id,
        topics: answers,
        cluster_authorized_operations: cluster_operations,
        ..MetadataResponse::default()
    })
}

/// Who asks about a topic, and what the answer may cause.
struct Asker<'a> {
    endpoints: &'a Endpoints,
    creates: bool,
    grants: &'a Grants,
}

fn one(
    shard: &mut Shard,
    wanted: MetadataRequestTopic,
    asker: &Asker<'_>,
    now: Now,
) -> MetadataResponseTopic {
    let (endpoints, grants) = (asker.endpoints, asker.grants);
    // Java's client says both, an id and an empty name.
    let by_name = wanted.name.filter(|_| wanted.topic_id == Uuid::ZERO);
    let Some(name) = by_name else {
        let found = shard
            .topics
            .find_id(wanted.topic_id)
            .and_then(|index| shard.topics.get(index));
        return match found {
            None => failed(None, wanted.topic_id, ErrorCode::UNKNOWN_TOPIC_ID),
            Some(topic) => match grants.topic(Operation::Describe, &topic.name) {
                Ok(()) => describe(topic, endpoints),
                Err(code) => failed(None, wanted.topic_id, code),
            },
        };
    };
    if let Err(code) = grants.topic(Operation::Describe, &name) {
        return failed(Some(name), Uuid::ZERO, code);
    }
    if shard.topics.find(&name).is_none() {
        let created = if topics::check_name(&name).is_err() {
            Err(ErrorCode::INVALID_TOPIC_EXCEPTION)
        } else if asker.creates && shard.config.auto_create_topics_enable {
            may_create(grants, &name).and_then(|()| create(shard, &name, now))
        } else {
            Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
        };
        if let Err(code) = created {
            return failed(Some(name), Uuid::ZERO, code);
        }
    }
    shard.topics.by_name(&name).map_or_else(
        || {
            failed(
                Some(name.clone()),
                Uuid::ZERO,
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            )
        },
        |topic| describe(topic, endpoints),
    )
}

/// Creates a topic because somebody asked for it.
fn create(shard: &mut Shard, name: &str, now: Now) -> Result<(), ErrorCode> {
    if name == OFFSETS_TOPIC {
        return shard.with_groups(now, |_, offsets| OffsetsTopic::ensure(offsets).map(|_| ()));
    }
    if name == TRANSACTIONS_TOPIC {
        return shard.with_transactions(now, |_, topic| topic.ensure().map(|_| ()));
    }
    if name == SHARE_STATE_TOPIC {
        return shard.with_groups(now, |_, topic| topic.ensure_share_state().map(|_| ()));
    }
    if topics::collision(name, shard.topics.names()).is_some() {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    let partitions = shard.config.num_partitions;
    shard.ensure_topic(name, partitions, now)
}

fn failed(name: Option<StrBytes>, topic_id: Uuid, code: ErrorCode) -> MetadataResponseTopic {
    MetadataResponseTopic {
        error_code: code.code(),
        // Null is known from version 12 on, which is also when ids can be asked for by clients.
        name: name.or_else(|| Some(StrBytes::default())),
        topic_id,
        ..MetadataResponseTopic::default()
    }
}

fn describe(topic: &Topic, endpoints: &Endpoints) -> MetadataResponseTopic {
    let partitions = topic.indexes().map(|partition_index| {
        let leader_id = endpoints.leader(partition_index).node_id;
        MetadataResponsePartition {
            partition_index,
            leader_id,
            leader_epoch: LEADER_EPOCH,
            replica_nodes: vec![leader_id],
            isr_nodes: vec![leader_id],
            ..MetadataResponsePartition::default()
        }
    });
    MetadataResponseTopic {
        name: Some(topic.name.clone()),
        topic_id: topic.id,
        is_internal: topic.is_internal(),
        partitions: partitions.collect(),
        ..MetadataResponseTopic::default()
    }
}
