//! StreamsGroupHeartbeat (key 88): a member of a streams group joins with its topology, stays, reports and leaves (KIP-1071).
//!
//! * Epoch 0 joins, -1 leaves; else it is the epoch the member was told. UNKNOWN_MEMBER_ID and FENCED_MEMBER_EPOCH say that a member
//!   must join again; GROUP_MAX_SIZE_REACHED that it cannot. A group of another type is GROUP_ID_NOT_FOUND.
//! * STREAMS_INVALID_TOPOLOGY: one that names internal topics, none, or whose partitions cannot be worked out.
//! * Topics that the application needs for itself are created for its client, if it may; until they are there, as while the topics
//!   it reads are missing, the status says so and nobody has tasks.
//! * Without `streams` in `group.coordinator.rebalance.protocols`: UNSUPPORTED_VERSION.

use std::collections::BTreeSet;

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::create_topics::{CreatableTopic, CreatableTopicConfig};
use rdkafka_wire::messages::streams_group_heartbeat::{
    StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, Topology,
};
use rdkafka_wire::types::StrBytes;

use super::Reply;
use super::create_topics::{create, may_create};
use crate::acl::Operation;
use crate::acl::grants::Grants;
use crate::group::{Caller, InternalTopic, Refusal};
use crate::request::{Now, RequestContext};
use crate::shard::Shard;
use crate::topics::{check_name, is_internal};

pub(super) fn handle(
    shard: &mut Shard,
    context: &RequestContext,
    request: StreamsGroupHeartbeatRequest,
    now: Now,
) -> Reply<StreamsGroupHeartbeatResponse> {
    let answer = heartbeat(shard, context, &request, now);
    Reply::Ready(
        answer.unwrap_or_else(|(code, message)| StreamsGroupHeartbeatResponse {
            error_code: code.code(),
            error_message: Some(message.into()),
            ..StreamsGroupHeartbeatResponse::default()
        }),
    )
}

fn heartbeat(
    shard: &mut Shard,
    context: &RequestContext,
    request: &StreamsGroupHeartbeatRequest,
    now: Now,
) -> Result<StreamsGroupHeartbeatResponse, Refusal> {
    if !shard.config.serves_groups_of("streams") {
        let code = ErrorCode::UNSUPPORTED_VERSION;
        return Err((code, code.text().into_owned()));
    }
    let grants = shard.grants(context);
    if let Some(topology) = &request.topology {
        check_topics(&grants, topology)?;
    }
    if shard.share.has_group(&request.group_id) {
        let message = format!("Group {} is not a streams group.", request.group_id);
        return Err((ErrorCode::GROUP_ID_NOT_FOUND, message));
    }
    let caller = Caller::of(context);
    let (mut answer, missing) = shard.with_groups(now, |groups, journal| {
        groups.streams_heartbeat(request, &caller, now, journal)
    })?;
    if !missing.is_empty() {
        let trouble = create_missing(shard, context, &grants, missing, now);
        let status = answer.status.iter_mut().flatten();
        let status = status.filter(|it| it.status_code == MISSING_INTERNAL_TOPICS);
        for status in status {
            status.status_detail = format!("{}{trouble}", status.status_detail).into();
        }
    }
    Ok(answer)
}

/// Whether the topics of a topology may be used by an application, and by this one.
fn check_topics(grants: &Grants, topology: &Topology) -> Result<(), Refusal> {
    let names: BTreeSet<&StrBytes> = topology
        .subtopologies
        .iter()
        .flat_map(|it| {
            let own = it.repartition_source_topics.iter();
            let own = own.chain(&it.state_changelog_topics).map(|it| &it.name);
            let others = it.source_topics.iter().chain(&it.repartition_sink_topics);
            others.chain(own)
        })
        .collect();
    let of = |is_bad: &dyn Fn(&str) -> bool| {
        let bad: Vec<&str> = names
            .iter()
            .map(|it| &***it)
            .filter(|it| is_bad(it))
            .collect();
        (!bad.is_empty()).then(|| bad.join(","))
    };
    let invalid = |message| Err((ErrorCode::STREAMS_INVALID_TOPOLOGY, message));
    if let Some(names) = of(&is_internal) {
        return invalid(format!(
            "Use of Kafka internal topics {names} in a Kafka Streams topology is prohibited."
        ));
    }
    if let Some(names) = of(&|it| check_name(it).is_err()) {
        return invalid(format!("Topic names {names} are not valid topic names."));
    }
    let mut seen = names
        .iter()
        .map(|name| grants.topic(Operation::Describe, name));
    let hidden = seen.find_map(Result::err);
    hidden.map_or(Ok(()), |code| Err((code, code.text().into_owned())))
}

/// Creates the topics that an application needs for itself, all or none of them if it is about rights; what went wrong.
fn create_missing(
    shard: &mut Shard,
    context: &RequestContext,
    grants: &Grants,
    missing: Vec<InternalTopic>,
    now: Now,
) -> String {
    let forbidden = missing
        .iter()
        .filter(|it| may_create(grants, &it.name).is_err());
    let forbidden: Vec<&str> = forbidden.map(|it| &*it.name).collect();
    if !forbidden.is_empty() {
        return format!(
            "; Unauthorized to CREATE on topics {}.",
            forbidden.join(", ")
        );
    }
    let mut failed = Vec::new();
    for topic in missing {
        let configs = topic.configs.into_iter().map(|it| CreatableTopicConfig {
            name: it.key,
            value: Some(it.value),
        });
        let topic = CreatableTopic {
            name: topic.name,
            num_partitions: topic.partitions,
            replication_factor: match topic.replication_factor {
                0 => -1,
                given => given,
            },
            configs: configs.collect(),
            ..CreatableTopic::default()
        };
        if let Err((_, reason)) = create(shard, &topic, false, context, now) {
            failed.push(format!("{} ({reason})", topic.name));
        }
    }
    shard.flush_cluster_log();
    let more = failed.len().saturating_sub(SHOWN);
    failed.truncate(SHOWN);
    match (failed.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!("; Creation failed: {}.", failed.join(", ")),
        (false, _) => format!("; Creation failed: {} and {more} more.", failed.join(", ")),
    }
}

const MISSING_INTERNAL_TOPICS: i8 = 3;
const SHOWN: usize = 3;
