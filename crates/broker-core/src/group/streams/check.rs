//! What can be said of a StreamsGroupHeartbeat alone; what Kafka does not support yet is refused in its words.

use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::streams_group_heartbeat::{
    StreamsGroupHeartbeatRequest, TaskIds, Topology,
};

use super::Refusal;
use super::heartbeat::LEAVE_STATIC;

/// Whether a request makes sense.
pub(super) fn check(request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    supported(request)?;
    let is_blank = |it: &str| it.trim().is_empty();
    rule(!is_blank(&request.member_id), "MemberId can't be empty.")?;
    rule(!is_blank(&request.group_id), "GroupId can't be empty.")?;
    let rack = request.rack_id.as_deref();
    rule(!rack.is_some_and(is_blank), "RackId can't be empty.")?;
    match request.member_epoch {
        0 => joins(request)?,
        LEAVE_STATIC => rule(false, "InstanceId can't be null.")?,
        epoch => {
            let message =
                format!("MemberEpoch is {epoch}, but must be greater than or equal to -2.");
            rule(epoch > LEAVE_STATIC, &message)?;
        }
    }
    let kinds = [
        &request.active_tasks,
        &request.standby_tasks,
        &request.warmup_tasks,
    ];
    let said = kinds.iter().filter(|it| it.is_some()).count();
    rule(
        said == 0 || said == kinds.len(),
        "If one task-type is non-null, all must be non-null.",
    )?;
    rule(
        request.member_epoch == 0 || request.topology.is_none(),
        "Topology can only be provided when (re-)joining.",
    )
}

fn rule(holds: bool, otherwise: &str) -> Result<(), Refusal> {
    match holds {
        true => Ok(()),
        false => Err((ErrorCode::INVALID_REQUEST, otherwise.to_owned())),
    }
}

fn supported(request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    let subtopologies = request.topology.iter().flat_map(|it| &it.subtopologies);
    let mut expressions = subtopologies.flat_map(|it| &it.source_topic_regex);
    let warmup = request.warmup_tasks.as_ref();
    rule(
        request.instance_id.is_none(),
        "Static membership is not yet supported.",
    )?;
    rule(
        request.task_offsets.is_none(),
        "TaskOffsets are not supported yet.",
    )?;
    rule(
        request.task_end_offsets.is_none(),
        "TaskEndOffsets are not supported yet.",
    )?;
    rule(
        warmup.is_none_or(Vec::is_empty),
        "WarmupTasks are not supported yet.",
    )?;
    rule(
        expressions.next().is_none(),
        "Regular expressions for source topics are not supported yet.",
    )
}

fn joins(request: &StreamsGroupHeartbeatRequest) -> Result<(), Refusal> {
    let is_empty = |it: &Option<Vec<TaskIds>>| it.as_ref().is_some_and(Vec::is_empty);
    rule(
        request.rebalance_timeout_ms != -1,
        "RebalanceTimeoutMs must be provided in first request.",
    )?;
    rule(
        is_empty(&request.active_tasks),
        "ActiveTasks must be empty when (re-)joining.",
    )?;
    rule(
        is_empty(&request.standby_tasks),
        "StandbyTasks must be empty when (re-)joining.",
    )?;
    rule(
        is_empty(&request.warmup_tasks),
        "WarmupTasks must be empty when (re-)joining.",
    )?;
    rule(
        request.topology.is_some(),
        "Topology must be non-null when (re-)joining.",
    )?;
    request.topology.as_ref().map_or(Ok(()), unsized_changelogs)
}

/// A changelog is as wide as what its subtopology reads.
fn unsized_changelogs(topology: &Topology) -> Result<(), Refusal> {
    let subtopologies = topology.subtopologies.iter();
    let mut changelogs = subtopologies.flat_map(|it| &it.state_changelog_topics);
    changelogs
        .find(|it| it.partitions != 0)
        .map_or(Ok(()), |topic| {
            let message = format!(
                "Changelog topic {} must have an undefined partition count, but it is set to {}.",
                topic.name, topic.partitions
            );
            Err((ErrorCode::STREAMS_INVALID_TOPOLOGY, message))
        })
}
